-- What a source stated and the rules doubt: it is kept beside the bars until a person decides. Who decided
-- stands in that person's activity.
create table market.quarantine (
    id uuid primary key default gen_random_uuid(),
    instrument_id uuid not null references market.instruments on delete cascade,
    interval text not null
        constraint quarantine_interval_check check (interval in ('1m', '5m', '15m', '1h', '1d')),
    at timestamptz not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    adjusted_close double precision,
    volume double precision,
    source text not null,
    -- Rule and sentence of each doubt.
    findings jsonb not null,
    state text not null default 'open'
        constraint quarantine_state_check check (state in ('open', 'accepted', 'rejected')),
    found_at timestamptz not null,
    decided_at timestamptz,
    constraint quarantine_decided_check check ((state = 'open') = (decided_at is null)),
    -- The same statement is doubted once, and not again after a decision.
    constraint quarantine_statement_key
        unique nulls not distinct (instrument_id, interval, at, source, open, high, low, close, volume)
);
create index quarantine_state_idx on market.quarantine (state, found_at desc, id desc);
grant select, insert, update, delete on market.quarantine to bursar_system;

-- A close that a person stated: it wins over every source, and stays. Who did stands in their activity.
create table market.overrides (
    instrument_id uuid not null references market.instruments on delete cascade,
    date date not null,
    close double precision not null constraint overrides_close_check check (close > 0),
    reason text not null constraint overrides_reason_check check (length(reason) between 1 and 500),
    stated_at timestamptz not null,
    primary key (instrument_id, date)
);
grant select on market.overrides to bursar_user;
grant select, insert, update, delete on market.overrides to bursar_system;
