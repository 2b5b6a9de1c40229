drop table market.findings;
delete from market.quarantine where interval = 'quote';
alter table market.quarantine
    drop constraint quarantine_interval_check,
    add constraint quarantine_interval_check check (interval in ('1m', '5m', '15m', '1h', '1d'));
