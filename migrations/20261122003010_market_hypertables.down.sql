-- Hypertables become partitions again; the extension itself stays.
drop materialized view if exists market.minute_candles_1h;
do $$
declare
    parents text[];
begin
    select array_agg(named order by named) into parents
    from (select format('%I.%I', t.schema_name, t.name) as named
          from platform.partitioned_tables t where t.chunk is not null) n
    where platform.is_hypertable(n.named);
    if parents is not null then
        perform platform.rebuild_with_views(parents, false);
        perform platform.ensure_partition('market.bars_1d', make_timestamptz(y, 1, 1, 0, 0, 0, 'UTC'))
        from generate_series(1990, 2030, 10) as y;
    end if;
end
$$;
drop function platform.make_hypertables();
drop function market.stored(timestamptz);
create function market.stored(ahead timestamptz) returns table (
    name text, step text, partitions bigint, rows_about bigint, bytes bigint, is_ahead boolean
)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select t.name, t.step, count(c.oid), coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint,
           coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint,
           coalesce(bool_or(c.relname = t.name || '_' || to_char(
               date_trunc(t.step, ahead at time zone 'UTC'),
               case t.step when 'day' then 'YYYYMMDD' when 'month' then 'YYYYMM' else 'YYYY"s"' end)), false)
    from platform.partitioned_tables t
    left join pg_inherits i on i.inhparent = format('%I.%I', t.schema_name, t.name)::regclass
    left join pg_class c on c.oid = i.inhrelid
    where t.schema_name = 'market'
    group by t.name, t.step
    union all
    select c.relname, null, 0, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid), true
    from pg_class c
    where c.oid = any (array['market.packed_bars', 'market.bar_versions']::regclass[])
    order by 1
$$;
revoke execute on function market.stored(timestamptz) from public;
grant execute on function market.stored(timestamptz) to bursar_system;

create or replace function market.days_of(of_kind text) returns setof date
language sql stable set search_path = pg_catalog, pg_temp as $$
    select to_date(right(c.relname, 8), 'YYYYMMDD')
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = (case of_kind when 'ticks' then 'market.ticks' else 'market.bars_1m' end)::regclass
        and c.relname ~ '_[0-9]{8}$'
    union
    select day from market.packed_bars where of_kind = '1m'
    order by 1
$$;

create or replace function market.unpack_bars(ids uuid[], days date[]) returns bigint
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

create or replace function market.pack_bars(on_day date) returns bigint
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

update platform.partitioned_tables set chunk = null where schema_name = 'market';
