-- Minutes that are a week old, packed: one row holds the minutes of an instrument on a day from one
-- source, as arrays that the server compresses. Readers see them in the view of all bars; whoever
-- corrects a packed day unpacks it first.
create table market.packed_bars (
    instrument_id uuid not null
        constraint packed_bars_instrument_id_fkey references market.instruments on delete cascade,
    day date not null,
    source text not null,
    -- Minutes since midnight UTC.
    minutes smallint[] not null,
    opens double precision[] not null,
    highs double precision[] not null,
    lows double precision[] not null,
    closes double precision[] not null,
    adjusted_closes double precision[],
    volumes double precision[],
    observed_ats timestamptz[] not null,
    constraint packed_bars_pkey primary key (instrument_id, day, source),
    constraint packed_bars_minutes_check check (
        cardinality(minutes) > 0 and cardinality(opens) = cardinality(minutes)
        and cardinality(highs) = cardinality(minutes) and cardinality(lows) = cardinality(minutes)
        and cardinality(closes) = cardinality(minutes) and cardinality(observed_ats) = cardinality(minutes)
    )
);
create index packed_bars_day_idx on market.packed_bars (day);
-- Compressed and kept in the row where that fits: a day of minutes is a few kilobytes.
alter table market.packed_bars set (toast_tuple_target = 256);
grant select on market.packed_bars to bursar_user;
grant select, insert, update, delete on market.packed_bars to bursar_system;

-- Packs the minutes of a day (UTC), except what begins at no full minute; returns how many.
create function market.pack_bars(on_day date) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    midnight constant timestamptz := on_day::timestamp at time zone 'UTC';
    packed bigint;
begin
    -- Whoever writes minutes has unpacked what is packed, and nothing is packed meanwhile.
    perform pg_advisory_xact_lock(hashtextextended('market.packed_bars:' || on_day, 0));
    with taken as (
        delete from market.bars_1m
        where at >= midnight and at < midnight + interval '1 day' and at = date_trunc('minute', at)
        returning *
    ), stored as (
        insert into market.packed_bars
            (instrument_id, day, source, minutes, opens, highs, lows, closes, adjusted_closes, volumes,
             observed_ats)
        select instrument_id, on_day, source,
               array_agg((extract(epoch from at - midnight) / 60)::smallint order by at),
               array_agg(open order by at), array_agg(high order by at), array_agg(low order by at),
               array_agg(close order by at),
               case when count(adjusted_close) > 0 then array_agg(adjusted_close order by at) end,
               case when count(volume) > 0 then array_agg(volume order by at) end,
               array_agg(observed_at order by at)
        from taken
        group by instrument_id, source
        returning cardinality(minutes) as minutes
    )
    select coalesce(sum(minutes), 0) into packed from stored;
    return packed;
end
$$;
revoke execute on function market.pack_bars(date) from public;
grant execute on function market.pack_bars(date) to bursar_system;

-- Makes rows again of the packed minutes of some instruments on some days.
create function market.unpack_bars(ids uuid[], days date[]) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    unpacked bigint;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('market.packed_bars:' || d.day, 0))
    from (select distinct day from unnest(days) as w (day) order by day) d;
    if not exists (
        select from unnest(ids, days) as w (id, day)
        join market.packed_bars p on p.instrument_id = w.id and p.day = w.day
    ) then
        return 0;
    end if;
    perform platform.ensure_partition('market.bars_1m', w.day::timestamp at time zone 'UTC')
    from (select distinct day from unnest(days) as d (day)) w;
    with taken as (
        delete from market.packed_bars p
        using (select distinct id, day from unnest(ids, days) as w (id, day)) w
        where p.instrument_id = w.id and p.day = w.day
        returning p.*
    )
    insert into market.bars_1m
        (instrument_id, at, open, high, low, close, adjusted_close, volume, source, observed_at)
    select t.instrument_id, (t.day::timestamp at time zone 'UTC') + b.minute * interval '1 minute',
           b.open, b.high, b.low, b.close, b.adjusted_close, b.volume, t.source, b.observed_at
    from taken t
    cross join lateral unnest(t.minutes, t.opens, t.highs, t.lows, t.closes, t.adjusted_closes,
                              t.volumes, t.observed_ats)
        as b (minute, open, high, low, close, adjusted_close, volume, observed_at);
    get diagnostics unpacked = row_count;
    return unpacked;
end
$$;
revoke execute on function market.unpack_bars(uuid[], date[]) from public;
grant execute on function market.unpack_bars(uuid[], date[]) to bursar_system;

create or replace view market.bars with (security_invoker = true) as
    select instrument_id, '1m'::text as interval, at, open, high, low, close, adjusted_close, volume,
           source, observed_at
    from market.bars_1m
    union all
    select p.instrument_id, '1m'::text,
           (p.day::timestamp at time zone 'UTC') + b.minute * interval '1 minute',
           b.open, b.high, b.low, b.close, b.adjusted_close, b.volume, p.source, b.observed_at
    from market.packed_bars p
    cross join lateral unnest(p.minutes, p.opens, p.highs, p.lows, p.closes, p.adjusted_closes,
                              p.volumes, p.observed_ats)
        as b (minute, open, high, low, close, adjusted_close, volume, observed_at)
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
