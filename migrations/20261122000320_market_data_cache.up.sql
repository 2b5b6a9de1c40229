-- What was fetched and how good it is, for as long as it may be used instead of asking again.
create table market.market_data_cache (
    id uuid primary key default gen_random_uuid(),
    ticker text not null constraint market_data_cache_ticker_check check (length(ticker) between 1 and 50),
    instrument_id uuid references market.instruments on delete cascade,
    data_type text not null constraint market_data_cache_data_type_check check (
        data_type in ('price_history', 'fundamentals', 'income_statement', 'balance_sheet', 'cash_flow',
            'options_chain', 'analyst_estimates', 'peers', 'news', 'quote', 'fx_rates', 'series')
    ),
    parameters jsonb,
    data jsonb not null,
    data_source text,
    data_quality_score numeric(3, 2) constraint market_data_cache_score_check check (
        data_quality_score >= 0 and data_quality_score <= 1
    ),
    -- By what the source recognises that we have it already.
    etag text,
    last_modified text,
    cached_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint market_data_cache_lifetime_check check (expires_at > cached_at),
    constraint market_data_cache_key
        unique nulls not distinct (ticker, data_type, parameters, instrument_id)
);
create index market_data_cache_instrument_id_idx on market.market_data_cache (instrument_id, data_type);
create index market_data_cache_expires_at_idx on market.market_data_cache (expires_at);
create index market_data_cache_cached_at_idx on market.market_data_cache (cached_at);
grant select on market.market_data_cache to bursar_user;
grant select, insert, update, delete on market.market_data_cache to bursar_system;

-- How often it helped, over all nodes.
create table market.cache_counters (
    data_type text primary key,
    hits bigint not null default 0,
    misses bigint not null default 0,
    expired bigint not null default 0,
    invalidated bigint not null default 0
);
grant select on market.cache_counters to bursar_user;
grant select, insert, update, delete on market.cache_counters to bursar_system;
