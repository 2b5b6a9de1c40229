-- Hypertables of TimescaleDB's Apache edition, which has neither columnstore nor continuous aggregates: their old
-- minutes become arrays, as those of partitions do.

-- Whether the rows of a table go into a columnstore when they are old. The edition of the server may change; what
-- was said of the table when it was made counts.
create function platform.has_columnstore(parent text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    enabled boolean;
begin
    if not platform.is_hypertable(parent) then
        return false;
    end if;
    execute $sql$
        select h.compression_enabled
        from timescaledb_information.hypertables h
        where format('%I.%I', h.hypertable_schema, h.hypertable_name)::regclass = $1
    $sql$ into strict enabled using parent::regclass;
    return enabled;
end
$$;
revoke execute on function platform.has_columnstore(text) from public;
grant execute on function platform.has_columnstore(text) to bursar_system;

-- Packs the minutes of a day (UTC); returns how many. They become arrays, except what begins at no full
-- minute; where the table has a columnstore, their chunk goes there.
create or replace function market.pack_bars(on_day date) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    midnight constant timestamptz := on_day::timestamp at time zone 'UTC';
    packed bigint;
begin
    -- Whoever writes minutes has unpacked what is packed, and nothing is packed meanwhile.
    perform pg_advisory_xact_lock(hashtextextended('market.packed_bars:' || on_day, 0));
    if platform.has_columnstore('market.bars_1m') then
        return platform.pack_partition('market.bars_1m', midnight);
    end if;
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

-- Makes rows again of the packed minutes of some instruments on some days. Of a columnstore nothing has to be
-- unpacked, because it takes corrections itself (since 2.11); it makes rows of what they touch, and of how many in
-- one transaction is the business of whoever writes.
create or replace function market.unpack_bars(ids uuid[], days date[]) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    unpacked bigint;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('market.packed_bars:' || d.day, 0))
    from (select distinct day from unnest(days) as w (day) order by day) d;
    if platform.has_columnstore('market.bars_1m') then
        perform set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
    end if;
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

-- Called after the migrations, where the extension is. Makes hypertables of all tables that are to be ones, with
-- the columnstore of minutes, the continuous aggregate and their policies where the edition has them. Nothing
-- goes by a policy: a policy of retention drops by age alone, and minutes and ticks stay here until they are
-- computed into longer bars; market.drop_day drops their chunks.
create or replace function platform.make_hypertables() returns integer
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    timescaledb constant text := platform.timescaledb_schema();
    parents text[];
begin
    select array_agg(named order by named) into parents
    from (select format('%I.%I', t.schema_name, t.name) as named
          from platform.partitioned_tables t where t.chunk is not null) n
    where not platform.is_hypertable(n.named);
    if parents is null then
        return 0;
    end if;
    perform platform.rebuild_with_views(parents, true);
    if current_setting('timescaledb.license') = 'apache' then
        return cardinality(parents);
    end if;
    perform market.unpack_bars(array_agg(instrument_id), array_agg(day)) from market.packed_bars;
    alter table market.bars_1m set (
        timescaledb.enable_columnstore, timescaledb.segmentby = 'instrument_id', timescaledb.orderby = 'at'
    );
    execute format('call %I.add_columnstore_policy(%L::regclass, after => interval %L)',
                   timescaledb, 'market.bars_1m', '7 days');
    -- Candles of hours, of whatever the minutes say and only of them: without the precedence of what a source
    -- states about the hour, and without the sessions of an exchange. They stay when the minutes go.
    execute format($sql$
        create materialized view market.minute_candles_1h
            with (timescaledb.continuous, timescaledb.materialized_only = false) as
        select instrument_id, %1$I.time_bucket(interval '1 hour', at) as at, %1$I.first(open, at) as open,
               max(high) as high, min(low) as low, %1$I.last(close, at) as close, sum(volume) as volume,
               count(*) as minutes
        from market.bars_1m
        group by instrument_id, %1$I.time_bucket(interval '1 hour', at)
        with no data
    $sql$, timescaledb);
    -- Within what is certainly there: minutes go after 30 days, and a refresh would take their candles along.
    execute format($sql$
        select %I.add_continuous_aggregate_policy(
            %L::regclass, start_offset => interval '29 days', end_offset => interval '1 hour',
            schedule_interval => interval '1 hour')
    $sql$, timescaledb, 'market.minute_candles_1h');
    grant select on market.minute_candles_1h to bursar_user, bursar_system;
    return cardinality(parents);
end
$$;
