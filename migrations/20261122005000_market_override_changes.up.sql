-- Who stated and who withdrew a close against the sources: every change, the last of which stands in
-- market.overrides. Nothing here is written over.
create table market.override_changes (
    id bigint generated always as identity constraint override_changes_pkey primary key,
    instrument_id uuid not null references market.instruments on delete cascade,
    date date not null,
    -- Absent where the close was withdrawn.
    close double precision constraint override_changes_close_check check (close > 0),
    reason text,
    changed_at timestamptz not null,
    -- Absent where it was not kept yet. No reference: what somebody did stays when they have gone.
    changed_by uuid,
    constraint override_changes_reason_check check ((close is null) = (reason is null))
);
create index override_changes_instrument_idx on market.override_changes (instrument_id, id desc);
grant select on market.override_changes to bursar_user;
grant select, insert on market.override_changes to bursar_system;

insert into market.override_changes (instrument_id, date, close, reason, changed_at)
select instrument_id, date, close, reason, stated_at from market.overrides order by stated_at;
