-- A doubtful statement is settled without anybody's decision when the same bar is stored undoubted. When it was
-- written down is told by the clock that dates bars, so that the two can be compared.
alter table market.quarantine
    drop constraint quarantine_state_check,
    add constraint quarantine_state_check check (state in ('open', 'accepted', 'rejected', 'settled')),
    add column observed_at timestamptz not null default statement_timestamp();
update market.quarantine set observed_at = found_at;
