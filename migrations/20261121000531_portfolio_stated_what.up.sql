-- A stated position is of an instrument and a stated balance of a currency, never of both.
alter table portfolio.stated_balances alter column currency drop not null;
update portfolio.stated_balances set currency = null where instrument_id is not null;
alter table portfolio.stated_balances
    add constraint stated_balances_what_check check (num_nonnulls(instrument_id, currency) = 1);
