-- Single trades with the quote of their moment, in days.
create table market.ticks (
    instrument_id uuid not null
        constraint ticks_instrument_id_fkey references market.instruments on delete cascade,
    at timestamptz not null,
    -- Tells the ticks of one instant apart and puts them in order.
    sequence bigint not null,
    price double precision not null constraint ticks_price_check check (price > 0),
    volume double precision constraint ticks_volume_check check (volume >= 0),
    bid double precision constraint ticks_bid_check check (bid >= 0),
    ask double precision constraint ticks_ask_check check (ask >= 0),
    source text not null,
    constraint ticks_pkey primary key (instrument_id, at, sequence)
) partition by range (at);
grant select on market.ticks to bursar_user;
grant select, insert, update, delete on market.ticks to bursar_system;
insert into platform.partitioned_tables (schema_name, name, step) values ('market', 'ticks', 'day');
