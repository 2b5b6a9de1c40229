-- What the rules doubt and what no bar can hold: quotes wait in the quarantine as bars do, and of chains,
-- reported figures and series what was left out is told as one finding a rule.
alter table market.quarantine
    drop constraint quarantine_interval_check,
    add constraint quarantine_interval_check
        check (interval in ('1m', '5m', '15m', '1h', '1d', 'quote'));

create table market.findings (
    id uuid constraint findings_pkey primary key default gen_random_uuid(),
    instrument_id uuid not null references market.instruments on delete cascade,
    want text not null constraint findings_want_check check (
        want in ('option_chain', 'fundamentals', 'index_values')
    ),
    source text not null,
    -- A stable word, and the sentence for people.
    rule text not null,
    sentence text not null,
    -- Values that were left out the last time.
    count integer not null constraint findings_count_check check (count > 0),
    -- One of them, as it was stated.
    example text not null,
    state text not null default 'open'
        constraint findings_state_check check (state in ('open', 'dismissed')),
    found_at timestamptz not null,
    seen_at timestamptz not null,
    decided_at timestamptz,
    constraint findings_decided_check check ((state = 'open') = (decided_at is null)),
    constraint findings_rule_key unique (instrument_id, want, source, rule)
);
create index findings_state_idx on market.findings (state, seen_at desc, id desc);
grant select, insert, update, delete on market.findings to bursar_system;
