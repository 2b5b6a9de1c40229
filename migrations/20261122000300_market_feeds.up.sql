-- Where prices come from: what the operator decided about each provider, how it behaves, and what
-- became of every attempt to ask it.
create table market.providers (
    provider text primary key,
    -- Nothing is asked outside until the operator says so; the two that are on ask nobody.
    is_enabled boolean not null default false,
    -- In place of the usual limit.
    limit_count integer constraint providers_limit_count_check check (limit_count between 1 and 100000),
    limit_seconds integer constraint providers_limit_seconds_check check (limit_seconds between 1 and 86400),
    -- State of the circuit breaker, shared by all nodes.
    breaker jsonb not null default '{}',
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_failure text,
    fetched bigint not null default 0,
    not_modified bigint not null default 0,
    failed bigint not null default 0,
    skipped bigint not null default 0,
    constraint providers_limit_check check ((limit_count is null) = (limit_seconds is null)),
    constraint providers_provider_check check (provider ~ '^[a-z][a-z0-9_]{1,39}$')
);
insert into market.providers (provider, is_enabled) values
    ('yahoo', false), ('stooq', false), ('alpha_vantage', false), ('twelve_data', false),
    ('kraken', false), ('coinbase', false), ('ecb', false), ('sec_edgar', false), ('fred', false),
    ('cboe', false), ('folder', true), ('simulator', true);
grant select on market.providers to bursar_user;
grant select, insert, update, delete on market.providers to bursar_system;

-- The operator's keys; a person's own stand in identity.provider_keys.
create table market.provider_keys (
    provider text primary key references market.providers on delete cascade,
    api_key platform.sealed not null,
    updated_at timestamptz not null
);
grant select, insert, update, delete on market.provider_keys to bursar_system;

-- Whom to ask first, by asset class; the usual order where there is no row.
create table market.provider_orders (
    asset_class text primary key,
    providers text[] not null
        constraint provider_orders_providers_check check (cardinality(providers) between 1 and 12),
    updated_at timestamptz not null default now()
);
grant select on market.provider_orders to bursar_user;
grant select, insert, update, delete on market.provider_orders to bursar_system;

-- How a provider spells an instrument, where that does not follow from symbol and exchange.
create table market.provider_symbols (
    instrument_id uuid not null references market.instruments on delete cascade,
    provider text not null references market.providers on delete cascade,
    symbol text not null constraint provider_symbols_symbol_check check (length(symbol) between 1 and 50),
    primary key (instrument_id, provider)
);
grant select on market.provider_symbols to bursar_user;
grant select, insert, update, delete on market.provider_symbols to bursar_system;

-- Every attempt with its reason; a job removes what is older than ninety days.
create table market.fetches (
    id uuid primary key default gen_random_uuid(),
    at timestamptz not null,
    provider text not null references market.providers on delete cascade,
    instrument_id uuid references market.instruments on delete cascade,
    request jsonb not null,
    outcome text not null constraint fetches_outcome_check check (
        outcome in ('fetched', 'not_modified', 'failed', 'skipped')
    ),
    -- A stable word, and the sentence for people.
    code text not null,
    reason text not null,
    tries integer not null default 0,
    received integer not null default 0,
    stored integer not null default 0,
    quarantined integer not null default 0
);
create index fetches_at_idx on market.fetches (at desc, id desc);
create index fetches_instrument_id_idx on market.fetches (instrument_id, at desc);
create index fetches_provider_idx on market.fetches (provider, at desc);
grant select, insert, update, delete on market.fetches to bursar_system;
