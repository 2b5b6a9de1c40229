-- Minutes of years, out of a file: they are packed as they come instead of into a partition for each day, and
-- longer bars are computed out of packed minutes without unpacking them. A partition takes several locks until
-- the end of its transaction, and the locks of a server are counted for everybody together.

-- Those of these moments for which the bars of an interval have no partition or chunk.
create function market.without_partition(bar_interval text, moments timestamptz[]) returns setof timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
    select m.at
    from unnest(moments) as m (at)
    where not exists (
        select from platform.partitions_of('market.bars_' || bar_interval) p
        where p.from_at <= m.at and p.to_at > m.at
    )
    order by m.at
$$;
revoke execute on function market.without_partition(text, timestamptz[]) from public;
grant execute on function market.without_partition(text, timestamptz[]) to bursar_system;

-- Stores minutes of days that have no partition, packed. Otherwise as market.ingest_bars does it: what is
-- new and what differs; a value that is not stated takes none away; of several statements the last counts;
-- what a correction replaces is kept; `expired` is what belongs to a day that has lost its minutes by age.
create function market.ingest_packed(
    bar_source text, ids uuid[], ats timestamptz[], opens double precision[], highs double precision[],
    lows double precision[], closes double precision[], adjusted_closes double precision[],
    volumes double precision[],
    out inserted bigint, out replaced bigint, out unchanged bigint, out expired bigint
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    changed_ids uuid[];
    changed_ats timestamptz[];
begin
    -- Alone, so that nobody unpacks one of the days or makes its partition meanwhile. A lock for each day would
    -- fill the table of locks with years of them.
    perform pg_advisory_xact_lock(hashtextextended('market.bars', 0));
    -- Every part of the statement sees what was there before it.
    with given as materialized (
        select distinct on (r.id, r.at) r.*, (r.at at time zone 'UTC')::date as day,
               exists (
                   select from market.dropped_days d
                   where d.instrument_id = r.id and d.day = (r.at at time zone 'UTC')::date
                       and d.kind = '1m') as is_expired
        from unnest(ids, ats, opens, highs, lows, closes, adjusted_closes, volumes) with ordinality
            as r (id, at, open, high, low, close, adjusted_close, volume, place)
        order by r.id, r.at, r.place desc
    ), former as materialized (
        select p.instrument_id as id, p.day,
               (p.day::timestamp at time zone 'UTC') + b.minute * interval '1 minute' as at,
               b.open, b.high, b.low, b.close, b.adjusted_close, b.volume, p.source, b.observed_at
        from (select distinct g.id, g.day from given g where not g.is_expired) d
        join market.packed_bars p on p.instrument_id = d.id and p.day = d.day
        cross join lateral unnest(p.minutes, p.opens, p.highs, p.lows, p.closes, p.adjusted_closes,
                                  p.volumes, p.observed_ats)
            as b (minute, open, high, low, close, adjusted_close, volume, observed_at)
    ), merged as materialized (
        select coalesce(g.id, f.id) as id, coalesce(g.day, f.day) as day, coalesce(g.at, f.at) as at,
               coalesce(g.open, f.open) as open, coalesce(g.high, f.high) as high,
               coalesce(g.low, f.low) as low, coalesce(g.close, f.close) as close,
               coalesce(g.adjusted_close, f.adjusted_close) as adjusted_close,
               coalesce(g.volume, f.volume) as volume,
               case when c.is_written then bar_source else f.source end as source,
               case when f.id is null or c.is_other then statement_timestamp() else f.observed_at end
                   as observed_at,
               f.id is null as is_new, c.is_written
        from (select * from given where not given.is_expired) g
        full join former f on f.id = g.id and f.at = g.at
        cross join lateral (
            select g.id is not null and f.id is not null
                   and ((g.open, g.high, g.low, g.close) is distinct from (f.open, f.high, f.low, f.close)
                        or coalesce(g.volume <> f.volume, false)
                        or coalesce(g.adjusted_close <> f.adjusted_close, false)) as is_other,
                   g.id is not null
                   and (f.id is null
                        or (g.open, g.high, g.low, g.close) is distinct from (f.open, f.high, f.low, f.close)
                        or (g.volume is not null and f.volume is distinct from g.volume)
                        or (g.adjusted_close is not null
                            and f.adjusted_close is distinct from g.adjusted_close)
                        or f.source = 'rollup') as is_written
        ) c
    ), days as materialized (
        select m.id, m.day from merged m group by m.id, m.day having bool_or(m.is_written)
    ), stored as (
        insert into market.packed_bars
            (instrument_id, day, source, minutes, opens, highs, lows, closes, adjusted_closes, volumes,
             observed_ats)
        select m.id, m.day, m.source,
               array_agg((extract(epoch from m.at - (m.day::timestamp at time zone 'UTC')) / 60)::smallint
                         order by m.at),
               array_agg(m.open order by m.at), array_agg(m.high order by m.at),
               array_agg(m.low order by m.at), array_agg(m.close order by m.at),
               case when count(m.adjusted_close) > 0 then array_agg(m.adjusted_close order by m.at) end,
               case when count(m.volume) > 0 then array_agg(m.volume order by m.at) end,
               array_agg(m.observed_at order by m.at)
        from merged m
        join days d on d.id = m.id and d.day = m.day
        group by m.id, m.day, m.source
        on conflict (instrument_id, day, source) do update
        set minutes = excluded.minutes, opens = excluded.opens, highs = excluded.highs,
            lows = excluded.lows, closes = excluded.closes, adjusted_closes = excluded.adjusted_closes,
            volumes = excluded.volumes, observed_ats = excluded.observed_ats
    ), emptied as (
        -- Sources of which a correction has left no minute.
        delete from market.packed_bars p
        using days d
        where p.instrument_id = d.id and p.day = d.day
            and not exists (
                select from merged m where m.id = p.instrument_id and m.day = p.day and m.source = p.source)
    ), kept as (
        insert into market.bar_versions
            (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, adjusted_close,
             volume, source)
        select f.id, '1m', f.at, f.observed_at, m.observed_at, f.open, f.high, f.low, f.close,
               f.adjusted_close, f.volume, f.source
        from former f
        join merged m on m.id = f.id and m.at = f.at
        where ((f.open, f.high, f.low, f.close) is distinct from (m.open, m.high, m.low, m.close)
               or f.volume <> m.volume or f.adjusted_close <> m.adjusted_close)
            and (f.source <> 'rollup' or m.source <> 'rollup')
    )
    select w.fresh, w.count - w.fresh, g.taken - w.count, g.expired, w.ids, w.ats
        into inserted, replaced, unchanged, expired, changed_ids, changed_ats
    from (select count(*) filter (where not given.is_expired) as taken,
                 count(*) filter (where given.is_expired) as expired from given) g,
         (select count(*) as count, count(*) filter (where m.is_new) as fresh, array_agg(m.id) as ids,
                 array_agg(m.at) as ats
          from merged m where m.is_written) w;
    if changed_ids is not null then
        perform market.mark_hours(changed_ids, changed_ats);
    end if;
end
$$;
revoke execute on function market.ingest_packed(text, uuid[], timestamptz[], double precision[],
    double precision[], double precision[], double precision[], double precision[], double precision[])
    from public;
grant execute on function market.ingest_packed(text, uuid[], timestamptz[], double precision[],
    double precision[], double precision[], double precision[], double precision[], double precision[])
    to bursar_system;

-- Longer bars from minutes, packed ones included. A bucket is [from, to) of an instrument; with a step it is cut
-- into bars of that length, without one it is one bar that bears the time `at`. Bars that a source stated itself
-- stay, and so do computed ones of days that have lost minutes by age. Returns how many bars
-- are new or other than before.
create or replace function market.roll_up_bars(
    bar_interval text, step interval, ids uuid[], ats timestamptz[], froms timestamptz[], tos timestamptz[]
) returns bigint language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    changed bigint;
begin
    perform platform.ensure_partition('market.bars_' || bar_interval, p.at)
    from (
        select distinct date_trunc(case bar_interval when '1d' then 'decade' else 'month' end, k.at, 'UTC') as at
        from unnest(ats) as k (at)
    ) p;
    -- One statement sees one state: minutes that are being packed are in one of the two places.
    execute format($sql$
        with wanted as materialized (
            select distinct k.*
            from unnest($1, $2, $3, $4) as k (id, at, from_at, to_at)
            where not exists (
                select from market.dropped_days d
                where d.instrument_id = k.id and d.kind = '1m'
                    and d.day >= (k.from_at at time zone 'UTC')::date
                    and d.day <= ((k.to_at - interval '1 microsecond') at time zone 'UTC')::date)
        ), days as materialized (
            select w.*, f.first + o.after as day
            from wanted w
            cross join lateral (
                select (w.from_at at time zone 'UTC')::date as first,
                       ((w.to_at - interval '1 microsecond') at time zone 'UTC')::date as last
            ) f
            cross join lateral generate_series(0, f.last - f.first) as o (after)
        ), packed as materialized (
            -- Each day is unfolded once, however many bars are made of it.
            select p.instrument_id as id, p.day,
                   (p.day::timestamp at time zone 'UTC') + b.minute * interval '1 minute' as at,
                   b.open, b.high, b.low, b.close, b.volume
            from (select distinct d.id, d.day from days d) d
            join market.packed_bars p on p.instrument_id = d.id and p.day = d.day
            cross join lateral unnest(p.minutes, p.opens, p.highs, p.lows, p.closes, p.volumes)
                as b (minute, open, high, low, close, volume)
        ), minutes as (
            select k.id, k.at as bucket, m.at, m.open, m.high, m.low, m.close, m.volume
            from wanted k
            join market.bars_1m m
              on m.instrument_id = k.id and m.at >= k.from_at and m.at < k.to_at
            union all
            select k.id, k.at, m.at, m.open, m.high, m.low, m.close, m.volume
            from days k
            join packed m
              on m.id = k.id and m.day = k.day and m.at >= k.from_at and m.at < k.to_at
        ), computed as (
            select m.id, coalesce(date_bin($5, m.at, 'epoch'), m.bucket) as at,
                   (array_agg(m.open order by m.at))[1] as open,
                   max(m.high) as high, min(m.low) as low,
                   (array_agg(m.close order by m.at desc))[1] as close,
                   sum(m.volume order by m.at) as volume
            from minutes m
            group by 1, 2
        ), written as (
            insert into market.%I as b (instrument_id, at, open, high, low, close, volume, source)
            select id, at, open, high, low, close, volume, 'rollup'
            from computed
            order by id, at
            on conflict (instrument_id, at) do update
            set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
                volume = excluded.volume
            where b.source = 'rollup'
                and (b.open, b.high, b.low, b.close, b.volume) is distinct from
                    (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)
            returning 1
        )
        select count(*) from written
    $sql$, 'bars_' || bar_interval) into changed using ids, ats, froms, tos, step;
    return changed;
end
$$;

-- Drops the minutes (kind 1m) or the ticks of a day (UTC); how many of them there were. Null where they have
-- to stay, because something of the day or of its neighbours is not computed yet: the session of an
-- exchange may reach over midnight. Of packed minutes only those of the day are looked at.
create or replace function market.drop_day(of_kind text, on_day date) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    midnight constant timestamptz := on_day::timestamp at time zone 'UTC';
    dropped bigint := 0;
begin
    perform pg_advisory_xact_lock(hashtextextended('market.bars', 0));
    perform pg_advisory_xact_lock(hashtextextended('market.packed_bars:' || on_day, 0));
    if exists (select from market.dirty_minutes
               where at >= midnight - interval '1 day' and at < midnight + interval '2 days')
        or exists (select from market.dirty_hours
                   where at >= midnight - interval '1 day' and at < midnight + interval '2 days') then
        return null;
    end if;
    if of_kind = 'ticks' then
        select count(*) into dropped from market.ticks
        where at >= midnight and at < midnight + interval '1 day';
        insert into market.dropped_days (kind, instrument_id, day)
        select distinct 'ticks', instrument_id, on_day from market.ticks
        where at >= midnight and at < midnight + interval '1 day'
        on conflict do nothing;
        perform platform.drop_partition('market.ticks', midnight);
        return dropped;
    end if;
    insert into market.dropped_days (kind, instrument_id, day)
    select '1m', there.instrument_id, on_day
    from (
        select instrument_id from market.bars_1m where at >= midnight and at < midnight + interval '1 day'
        union
        select instrument_id from market.packed_bars where day = on_day
    ) there
    on conflict do nothing;
    select count(*) into dropped from market.bars_1m
    where at >= midnight and at < midnight + interval '1 day';
    with gone as (
        delete from market.packed_bars where day = on_day returning cardinality(minutes) as minutes
    )
    select dropped + coalesce(sum(minutes), 0) into dropped from gone;
    perform platform.drop_partition('market.bars_1m', midnight);
    return dropped;
end
$$;
