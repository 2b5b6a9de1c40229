-- Reference data shared by everybody: instruments, their bars, exchange rates.
create schema market;
grant usage on schema market to bursar_user, bursar_system;

create table market.instruments (
    id uuid primary key default gen_random_uuid(),
    symbol text not null constraint instruments_symbol_check check (length(symbol) between 1 and 50),
    -- Empty where the source did not say.
    exchange text not null default '',
    name text not null default '',
    asset_class text not null default 'equity' constraint instruments_asset_class_check check (
        asset_class in ('equity', 'etf', 'fund', 'bond', 'crypto', 'forex', 'commodity', 'cash', 'option',
            'alternative', 'index')
    ),
    -- Unknown until a source or the first trade tells.
    currency text constraint instruments_currency_check check (currency ~ '^[A-Z][A-Z0-9]{2,7}$'),
    sector text,
    country text,
    isin text constraint instruments_isin_check check (isin ~ '^[A-Z]{2}[A-Z0-9]{9}[0-9]$'),
    is_active boolean not null default true,
    is_simulated boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
-- Two securities may share a ticker where no source told their exchange; the ISIN tells them apart.
create unique index instruments_identity_key
    on market.instruments (symbol, exchange, isin) nulls not distinct;
create index instruments_symbol_idx on market.instruments (symbol, id);
create index instruments_isin_idx on market.instruments (isin) where isin is not null;
create trigger instruments_touch before update on market.instruments
    for each row execute function platform.touch_updated_at();
grant select on market.instruments to bursar_user;
grant select, insert, update, delete on market.instruments to bursar_system;

-- The sample data go when nobody keeps a booking in them. Whoever refers to an instrument says so by
-- a foreign key, so no table of another area needs to be named here.
create function market.delete_unused_simulated() returns bigint language plpgsql as $$
declare
    simulated uuid;
    deleted bigint := 0;
begin
    for simulated in select id from market.instruments where is_simulated order by id loop
        begin
            delete from market.instruments where id = simulated;
            deleted := deleted + 1;
        exception when foreign_key_violation then
            null;
        end;
    end loop;
    if not exists (select from market.instruments where is_simulated) then
        delete from market.simulated_fx_rates;
    end if;
    return deleted;
end
$$;
revoke execute on function market.delete_unused_simulated() from public;
grant execute on function market.delete_unused_simulated() to bursar_system;

-- Observations as the source stated them; a daily bar begins at midnight UTC of its trading day.
create table market.bars (
    instrument_id uuid not null references market.instruments on delete cascade,
    interval text not null default '1d'
        constraint bars_interval_check check (interval in ('1m', '5m', '15m', '1h', '1d')),
    at timestamptz not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    adjusted_close double precision,
    volume double precision,
    source text not null,
    primary key (instrument_id, interval, at),
    -- Sources round, so a high may fall short of the low by a millionth.
    constraint bars_price_check check (
        open > 0 and high > 0 and low > 0 and close > 0 and high >= low * 0.999999
    ),
    constraint bars_volume_check check (volume >= 0)
);
grant select on market.bars to bursar_user;
grant select, insert, update, delete on market.bars to bursar_system;

-- One unit of base costs rate units of quote.
create table market.fx_rates (
    base text not null,
    quote text not null,
    date date not null,
    rate double precision not null constraint fx_rates_rate_check check (rate > 0),
    source text not null,
    primary key (base, quote, date),
    constraint fx_rates_pair_check check (base <> quote)
);
-- For lists over all pairs, the newest first.
create index fx_rates_date_idx on market.fx_rates (date, base, quote);
grant select on market.fx_rates to bursar_user;
grant select, insert, update, delete on market.fx_rates to bursar_system;

-- The rates of the sample stand apart: no figure about real money may be made with them.
create table market.simulated_fx_rates (
    base text not null,
    quote text not null,
    date date not null,
    rate double precision not null constraint simulated_fx_rates_rate_check check (rate > 0),
    primary key (base, quote, date),
    constraint simulated_fx_rates_pair_check check (base <> quote)
);
grant select on market.simulated_fx_rates to bursar_user;
grant select, insert, update, delete on market.simulated_fx_rates to bursar_system;

-- Grows with every change of the tables above, so that derived figures know when they are stale.
create table market.revision (
    is_single boolean primary key default true check (is_single),
    revision bigint not null
);
insert into market.revision (revision) values (1);
grant select on market.revision to bursar_user;
grant select, update on market.revision to bursar_system;
