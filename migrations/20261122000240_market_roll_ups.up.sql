-- The doors by which bars and ticks are written, and the computation of longer bars from shorter ones.

-- Minutes whose ticks, and hours whose minutes, changed since their bars were computed. Marking
-- a bucket that is being computed waits for its end, so that no change is lost between the two.
create table market.dirty_minutes (
    instrument_id uuid not null
        constraint dirty_minutes_instrument_id_fkey references market.instruments on delete cascade,
    at timestamptz not null,
    marked_at timestamptz not null default clock_timestamp(),
    constraint dirty_minutes_pkey primary key (instrument_id, at)
);
create table market.dirty_hours (
    instrument_id uuid not null
        constraint dirty_hours_instrument_id_fkey references market.instruments on delete cascade,
    at timestamptz not null,
    marked_at timestamptz not null default clock_timestamp(),
    constraint dirty_hours_pkey primary key (instrument_id, at)
);
grant select on market.dirty_minutes, market.dirty_hours to bursar_user;
grant select, insert, update, delete on market.dirty_minutes, market.dirty_hours to bursar_system;

-- Days (UTC) of instruments that have lost their minutes or ticks by age: what was computed from them
-- stands, and nothing is added that it could not be computed from again.
create table market.dropped_days (
    kind text not null constraint dropped_days_kind_check check (kind in ('1m', 'ticks')),
    instrument_id uuid not null
        constraint dropped_days_instrument_id_fkey references market.instruments on delete cascade,
    day date not null,
    dropped_at timestamptz not null default now(),
    constraint dropped_days_pkey primary key (instrument_id, day, kind)
);
grant select on market.dropped_days to bursar_user;
grant select, insert, update, delete on market.dropped_days to bursar_system;

create function market.mark_hours(ids uuid[], hours timestamptz[]) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    insert into market.dirty_hours as d (instrument_id, at)
    select distinct m.id, date_trunc('hour', m.at, 'UTC')
    from unnest(ids, hours) as m (id, at)
    order by 1, 2
    on conflict (instrument_id, at) do update set marked_at = clock_timestamp()
$$;

-- Stores bars of one interval: what is new, and what differs from what is there. A value that is not
-- stated (adjusted close, volume) takes none away. Of several statements about one bar the last
-- counts. Minutes of a day that has lost its minutes by age are left out, because the longer bars could
-- not be computed from them any more: they are `expired`.
create function market.ingest_bars(
    bar_interval text, bar_source text, ids uuid[], ats timestamptz[], opens double precision[],
    highs double precision[], lows double precision[], closes double precision[],
    adjusted_closes double precision[], volumes double precision[],
    out inserted bigint, out replaced bigint, out unchanged bigint, out expired bigint
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    changed_ids uuid[];
    changed_ats timestamptz[];
begin
    -- Files that are loaded know what is there until their end.
    perform pg_advisory_xact_lock_shared(hashtextextended('market.bars', 0));
    perform platform.ensure_partition('market.bars_' || bar_interval, p.at)
    from (
        select distinct date_trunc(
            case bar_interval when '1m' then 'day' when '1d' then 'decade' else 'month' end, r.at, 'UTC') as at
        from unnest(ats) as r (at)
    ) p;
    if bar_interval = '1m' then
        perform market.unpack_bars(array_agg(d.id), array_agg(d.day))
        from (
            select distinct r.id, (r.at at time zone 'UTC')::date as day from unnest(ids, ats) as r (id, at)
        ) d;
    end if;
    -- Every part of the statement sees what was there before it.
    execute format($sql$
        with given as materialized (
            select distinct on (r.id, r.at) r.*,
                   $9 and exists (
                       select from market.dropped_days d
                       where d.instrument_id = r.id and d.day = (r.at at time zone 'UTC')::date
                           and d.kind = '1m') as is_expired
            from unnest($2, $3, $4, $5, $6, $7, $8, $10) with ordinality
                as r (id, at, open, high, low, close, adjusted_close, volume, place)
            order by r.id, r.at, r.place desc
        ), known as (
            select count(*) as count
            from given g
            join market.%1$I b on b.instrument_id = g.id and b.at = g.at
            where not g.is_expired
        ), written as (
            insert into market.%1$I as b
                (instrument_id, at, open, high, low, close, adjusted_close, volume, source)
            select id, at, open, high, low, close, adjusted_close, volume, $1
            from given
            where not is_expired
            order by id, at
            on conflict (instrument_id, at) do update
            set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
                adjusted_close = coalesce(excluded.adjusted_close, b.adjusted_close),
                volume = coalesce(excluded.volume, b.volume), source = excluded.source
            where (b.open, b.high, b.low, b.close)
                    is distinct from (excluded.open, excluded.high, excluded.low, excluded.close)
                or (excluded.volume is not null and b.volume is distinct from excluded.volume)
                or (excluded.adjusted_close is not null
                    and b.adjusted_close is distinct from excluded.adjusted_close)
                or b.source = 'rollup'
            returning instrument_id, at
        )
        select g.fresh - k.count, w.count - (g.fresh - k.count), g.fresh - w.count, g.expired, w.ids, w.ats
        from (select count(*) filter (where not is_expired) as fresh,
                     count(*) filter (where is_expired) as expired from given) g,
             known k,
             (select count(*) as count, array_agg(instrument_id) as ids, array_agg(at) as ats from written) w
    $sql$, 'bars_' || bar_interval)
        into inserted, replaced, unchanged, expired, changed_ids, changed_ats
        using bar_source, ids, ats, opens, highs, lows, closes, adjusted_closes, bar_interval = '1m', volumes;
    if bar_interval = '1m' and changed_ids is not null then
        perform market.mark_hours(changed_ids, changed_ats);
    end if;
end
$$;

-- Stores ticks likewise. Ticks of a day that has lost its ticks by age are `expired`.
create function market.ingest_ticks(
    tick_source text, ids uuid[], ats timestamptz[], sequences bigint[], prices double precision[],
    volumes double precision[], bids double precision[], asks double precision[],
    out written bigint, out unchanged bigint, out expired bigint
) language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform platform.ensure_partition('market.ticks', p.at)
    from (select distinct date_trunc('day', r.at, 'UTC') as at from unnest(ats) as r (at)) p;
    with given as materialized (
        select distinct on (r.id, r.at, r.sequence) r.*,
               exists (
                   select from market.dropped_days d
                   where d.instrument_id = r.id and d.day = (r.at at time zone 'UTC')::date) as is_expired
        from unnest(ids, ats, sequences, prices, volumes, bids, asks) with ordinality
            as r (id, at, sequence, price, volume, bid, ask, place)
        order by r.id, r.at, r.sequence, r.place desc
    ), stored as (
        insert into market.ticks as t (instrument_id, at, sequence, price, volume, bid, ask, source)
        select id, at, sequence, price, volume, bid, ask, tick_source
        from given
        where not is_expired
        order by id, at, sequence
        on conflict (instrument_id, at, sequence) do update
        set price = excluded.price, volume = excluded.volume, bid = excluded.bid, ask = excluded.ask,
            source = excluded.source
        where (t.price, t.volume, t.bid, t.ask)
            is distinct from (excluded.price, excluded.volume, excluded.bid, excluded.ask)
        returning instrument_id, at
    ), marked as (
        insert into market.dirty_minutes as d (instrument_id, at)
        select distinct instrument_id, date_trunc('minute', at) from stored
        order by 1, 2
        on conflict (instrument_id, at) do update set marked_at = clock_timestamp()
    )
    select (select count(*) from stored), count(*) filter (where not is_expired),
           count(*) filter (where is_expired)
        into written, unchanged, expired
    from given;
    unchanged := unchanged - written;
end
$$;

-- Bars of minutes from ticks: first and last price by time, the extremes, the sum of what was traded.
-- Minutes that a source stated itself stay. Returns how many bars are new or other than before.
create function market.roll_up_ticks(ids uuid[], minutes timestamptz[]) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    changed_ids uuid[];
    changed_ats timestamptz[];
begin
    perform platform.ensure_partition('market.bars_1m', p.at)
    from (select distinct date_trunc('day', m.at, 'UTC') as at from unnest(minutes) as m (at)) p;
    perform market.unpack_bars(array_agg(d.id), array_agg(d.day))
    from (
        select distinct m.id, (m.at at time zone 'UTC')::date as day from unnest(ids, minutes) as m (id, at)
    ) d;
    with computed as (
        select k.id, k.at,
               (array_agg(t.price order by t.at, t.sequence))[1] as open,
               max(t.price) as high, min(t.price) as low,
               (array_agg(t.price order by t.at desc, t.sequence desc))[1] as close,
               sum(t.volume order by t.at, t.sequence) as volume
        from (select distinct id, at from unnest(ids, minutes) as m (id, at)) k
        join market.ticks t
          on t.instrument_id = k.id and t.at >= k.at and t.at < k.at + interval '1 minute'
        group by k.id, k.at
    ), written as (
        insert into market.bars_1m as b (instrument_id, at, open, high, low, close, volume, source)
        select id, at, open, high, low, close, volume, 'rollup'
        from computed
        order by id, at
        on conflict (instrument_id, at) do update
        set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
            volume = excluded.volume
        where b.source = 'rollup'
            and (b.open, b.high, b.low, b.close, b.volume) is distinct from
                (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)
        returning instrument_id, at
    )
    select array_agg(instrument_id), array_agg(at) into changed_ids, changed_ats from written;
    if changed_ids is null then
        return 0;
    end if;
    perform market.mark_hours(changed_ids, changed_ats);
    return cardinality(changed_ids);
end
$$;

-- Longer bars from minutes. A bucket is [from, to) of an instrument; with a step it is cut into bars of
-- that length, without one it is one bar that bears the time `at`. Bars that a source stated itself stay,
-- and so do computed ones of days that have lost minutes by age. Returns how many bars
-- are new or other than before.
create function market.roll_up_bars(
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

do $$
declare
    callable regprocedure;
begin
    for callable in
        select p.oid from pg_proc p
        where p.pronamespace = 'market'::regnamespace
            and p.proname in ('mark_hours', 'ingest_bars', 'ingest_ticks', 'roll_up_ticks', 'roll_up_bars')
    loop
        execute format('revoke execute on function %s from public', callable);
        execute format('grant execute on function %s to bursar_system', callable);
    end loop;
end
$$;
