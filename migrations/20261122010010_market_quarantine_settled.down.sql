update market.quarantine set state = 'rejected' where state = 'settled';
alter table market.quarantine
    drop constraint quarantine_state_check,
    add constraint quarantine_state_check check (state in ('open', 'accepted', 'rejected')),
    drop column observed_at;
