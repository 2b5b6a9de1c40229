-- What is known about a company or a fund, and how it was called before.
alter table market.instruments
    add column industry text,
    -- In US dollars, so that companies of all countries compare.
    add column market_cap numeric(30, 2) constraint instruments_market_cap_check check (market_cap > 0),
    -- Small below 2 billion, mid below 10 billion, large from there.
    add column market_cap_bucket text generated always as (
        case
            when market_cap is null then null
            when market_cap < 2000000000 then 'small'
            when market_cap < 10000000000 then 'mid'
            else 'large'
        end
    ) stored
        constraint instruments_market_cap_bucket_check check (market_cap_bucket in ('small', 'mid', 'large')),
    -- Price over the earnings of the last four quarters; negative where there was a loss.
    add column pe_ratio numeric(20, 4),
    -- Low below 15, medium up to 25, high above; a loss belongs to none.
    add column pe_bucket text generated always as (
        case
            when pe_ratio is null or pe_ratio <= 0 then null
            when pe_ratio < 15 then 'low'
            when pe_ratio <= 25 then 'medium'
            else 'high'
        end
    ) stored
        constraint instruments_pe_bucket_check check (pe_bucket in ('low', 'medium', 'high')),
    add column figi text
        constraint instruments_figi_check check (figi ~ '^[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]$'),
    add column cusip text constraint instruments_cusip_check check (cusip ~ '^[0-9A-Z*@#]{8}[0-9]$'),
    add column listed_on date,
    add column delisted_on date,
    add constraint instruments_listing_check check (delisted_on >= listed_on);
create index instruments_figi_idx on market.instruments (figi) where figi is not null;
create index instruments_cusip_idx on market.instruments (cusip) where cusip is not null;
create index instruments_sector_idx on market.instruments (sector, symbol, id) where sector is not null;
create index instruments_country_idx on market.instruments (country, symbol, id)
    where country is not null;

create table market.symbol_history (
    instrument_id uuid not null references market.instruments on delete cascade,
    symbol text not null,
    exchange text not null,
    -- The day on which it was replaced.
    until date not null,
    changed_at timestamptz not null default now(),
    constraint symbol_history_pkey primary key (instrument_id, changed_at, symbol, exchange)
);
create index symbol_history_symbol_idx on market.symbol_history (symbol, instrument_id);
grant select on market.symbol_history to bursar_user;
grant select, insert, update, delete on market.symbol_history to bursar_system;

-- Whoever changes a symbol keeps the former one.
create function market.keep_symbol() returns trigger language plpgsql as $$
begin
    insert into market.symbol_history (instrument_id, symbol, exchange, until, changed_at)
    values (old.id, old.symbol, old.exchange, (clock_timestamp() at time zone 'UTC')::date,
            clock_timestamp());
    return null;
end
$$;
create trigger instruments_keep_symbol after update of symbol, exchange on market.instruments
    for each row when (not old.is_private and (old.symbol, old.exchange) <> (new.symbol, new.exchange))
    execute function market.keep_symbol();
