create or replace function market.ingest_bars(
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

create or replace function market.ingest_ticks(
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
