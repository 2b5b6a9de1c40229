select market.unpack_bars(array_agg(instrument_id), array_agg(day)) from market.packed_bars;
create or replace view market.bars with (security_invoker = true) as
    select instrument_id, '1m'::text as interval, at, open, high, low, close, adjusted_close, volume,
           source, observed_at
    from market.bars_1m
    union all
    select instrument_id, '5m'::text, at, open, high, low, close, adjusted_close, volume, source,
           observed_at
    from market.bars_5m
    union all
    select instrument_id, '15m'::text, at, open, high, low, close, adjusted_close, volume, source,
           observed_at
    from market.bars_15m
    union all
    select instrument_id, '1h'::text, at, open, high, low, close, adjusted_close, volume, source,
           observed_at
    from market.bars_1h
    union all
    select instrument_id, '1d'::text, at, open, high, low, close, adjusted_close, volume, source,
           observed_at
    from market.bars_1d;
drop function market.unpack_bars(uuid[], date[]);
drop function market.pack_bars(date);
drop table market.packed_bars;
