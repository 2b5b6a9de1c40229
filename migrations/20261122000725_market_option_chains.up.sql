-- Option contracts and what they cost each time a chain was fetched. A contract that somebody holds is an
-- instrument of its own; these are all that can be traded on an underlying.
create table market.option_contracts (
    id uuid constraint option_contracts_pkey primary key default gen_random_uuid(),
    underlying_id uuid not null references market.instruments on delete cascade,
    -- After the OCC: root, expiration, right, strike.
    symbol text not null constraint option_contracts_symbol_check check (length(symbol) between 16 and 50),
    expiration_date date not null,
    strike_price numeric(12, 4) not null
        constraint option_contracts_strike_price_check check (strike_price > 0),
    option_type text not null
        constraint option_contracts_option_type_check check (option_type in ('call', 'put')),
    constraint option_contracts_symbol_key unique (underlying_id, symbol)
);
create index option_contracts_expiration_idx
    on market.option_contracts (underlying_id, expiration_date, strike_price, option_type);
grant select on market.option_contracts to bursar_user;
grant select, insert, update, delete on market.option_contracts to bursar_system;

-- One row per fetch of a chain; a job removes what is older than thirty days but for the last of each.
create table market.option_chains (
    underlying_id uuid not null references market.instruments on delete cascade,
    fetched_at timestamptz not null,
    -- When the prices were those, as the source says.
    at timestamptz,
    spot double precision constraint option_chains_spot_check check (spot > 0),
    source text not null,
    constraint option_chains_pkey primary key (underlying_id, fetched_at)
);
create index option_chains_fetched_at_idx on market.option_chains (fetched_at);
grant select on market.option_chains to bursar_user;
grant select, insert, update, delete on market.option_chains to bursar_system;

create table market.option_quotes (
    contract_id uuid not null references market.option_contracts on delete cascade,
    underlying_id uuid not null,
    fetched_at timestamptz not null,
    last_price double precision constraint option_quotes_last_price_check check (last_price >= 0),
    bid double precision constraint option_quotes_bid_check check (bid >= 0),
    ask double precision constraint option_quotes_ask_check check (ask >= 0),
    volume bigint constraint option_quotes_volume_check check (volume >= 0),
    open_interest bigint constraint option_quotes_open_interest_check check (open_interest >= 0),
    -- As a fraction a year.
    implied_volatility double precision
        constraint option_quotes_implied_volatility_check check (implied_volatility >= 0),
    delta double precision constraint option_quotes_delta_check check (delta between -1 and 1),
    gamma double precision,
    theta double precision,
    vega double precision,
    constraint option_quotes_pkey primary key (underlying_id, fetched_at, contract_id),
    constraint option_quotes_chain_fkey foreign key (underlying_id, fetched_at)
        references market.option_chains on delete cascade
);
create index option_quotes_contract_idx on market.option_quotes (contract_id, fetched_at desc);
grant select on market.option_quotes to bursar_user;
grant select, insert, update, delete on market.option_quotes to bursar_system;
