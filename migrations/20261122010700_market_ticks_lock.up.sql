-- Ticks do not wait for a file of bars that is being loaded: of all that has a lock on bars, only the end of a day
-- concerns them.

-- Stores ticks likewise. Ticks of a day that has lost its ticks by age are `expired`.
create or replace function market.ingest_ticks(
    tick_source text, ids uuid[], ats timestamptz[], sequences bigint[], prices double precision[],
    volumes double precision[], bids double precision[], asks double precision[],
    out written bigint, out unchanged bigint, out expired bigint
) language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    -- A day is dropped by whoever has this alone.
    perform pg_advisory_xact_lock_shared(hashtextextended('market.ticks', 0));
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
    perform pg_advisory_xact_lock(hashtextextended('market.ticks', 0));
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
