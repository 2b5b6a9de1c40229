-- When each kind of data was last tried and last came, and for which instruments it is wanted: what a job
-- has to ask for follows from the two and the trading calendar.
create table market.refreshes (
    instrument_id uuid not null references market.instruments on delete cascade,
    want text not null constraint refreshes_want_check check (
        want in ('bars_1m', 'bars_5m', 'bars_15m', 'bars_1h', 'bars_1d', 'quote', 'option_chain',
            'fundamentals', 'index_values')
    ),
    tried_at timestamptz not null,
    -- When a source last gave something, or said that there is nothing new.
    fetched_at timestamptz,
    source text,
    constraint refreshes_pkey primary key (instrument_id, want)
);
grant select on market.refreshes to bursar_user;
grant select, insert, update, delete on market.refreshes to bursar_system;
insert into market.refreshes (instrument_id, want, tried_at)
select instrument_id, 'bars_1d', max(at) from market.fetches
where instrument_id is not null
group by instrument_id;

-- Somebody holds or watches an instrument. Other rooms say so again and again; what is not repeated lapses.
-- Who it is stays with them.
create table market.interests (
    instrument_id uuid not null references market.instruments on delete cascade,
    reason text not null constraint interests_reason_check check (reason in ('held', 'watched')),
    until timestamptz not null,
    constraint interests_pkey primary key (instrument_id, reason)
);
create index interests_until_idx on market.interests (until);
grant select on market.interests to bursar_user;
grant select, insert, update, delete on market.interests to bursar_system;
