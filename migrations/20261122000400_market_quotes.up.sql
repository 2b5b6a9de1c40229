-- The latest known price of each instrument, as its source stated it. The sequence grows with every change,
-- in the order of commits, since writers take turns: whoever knows one number can ask for all that is newer.
create sequence market.quote_sequence;
grant usage on sequence market.quote_sequence to bursar_system;

create table market.quotes (
    instrument_id uuid primary key references market.instruments on delete cascade,
    sequence bigint not null default nextval('market.quote_sequence'),
    price double precision not null,
    previous_close double precision,
    change double precision generated always as (price - previous_close) stored,
    change_percent double precision generated always as ((price / previous_close - 1) * 100) stored,
    volume double precision,
    bid double precision,
    ask double precision,
    at timestamptz not null,
    source text not null,
    observed_at timestamptz not null default statement_timestamp(),
    constraint quotes_price_check check (
        price > 0 and price < 'infinity' and previous_close > 0 and previous_close < 'infinity'
        and bid > 0 and ask > 0
    ),
    constraint quotes_volume_check check (volume >= 0)
);
create unique index quotes_sequence_key on market.quotes (sequence);
grant select on market.quotes to bursar_user;
grant select, insert, update, delete on market.quotes to bursar_system;
