-- Longer bars from minutes. A bucket is [from, to) of an instrument; with a step it is cut into bars of
-- that length, without one it is one bar that bears the time `at`. Bars that a source stated itself stay,
-- and so do computed ones of days that have lost minutes by age. Returns how many bars
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
    perform market.unpack_bars(array_agg(d.id), array_agg(d.day))
    from (
        select distinct k.id, (e.at at time zone 'UTC')::date as day
        from unnest(ids, froms, tos) as k (id, from_at, to_at)
        cross join lateral (values (k.from_at), (k.to_at - interval '1 microsecond')) as e (at)
    ) d;
    execute format($sql$
        with wanted as (
            select distinct k.*
            from unnest($1, $2, $3, $4) as k (id, at, from_at, to_at)
            where not exists (
                select from market.dropped_days d
                where d.instrument_id = k.id and d.kind = '1m'
                    and d.day >= (k.from_at at time zone 'UTC')::date
                    and d.day <= ((k.to_at - interval '1 microsecond') at time zone 'UTC')::date)
        ), computed as (
            select k.id, coalesce(date_bin($5, m.at, 'epoch'), k.at) as at,
                   (array_agg(m.open order by m.at))[1] as open,
                   max(m.high) as high, min(m.low) as low,
                   (array_agg(m.close order by m.at desc))[1] as close,
                   sum(m.volume order by m.at) as volume
            from wanted k
            join market.bars_1m m
              on m.instrument_id = k.id and m.at >= k.from_at and m.at < k.to_at
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
-- exchange may reach over midnight.
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
    select distinct '1m', instrument_id, on_day from market.bars
    where interval = '1m' and at >= midnight and at < midnight + interval '1 day'
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

drop function market.ingest_packed(text, uuid[], timestamptz[], double precision[], double precision[],
    double precision[], double precision[], double precision[], double precision[]);
drop function market.without_partition(text, timestamptz[]);
