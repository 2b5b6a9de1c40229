-- Made by `cargo xtask gen` from a database at the newest migration.
CREATE SCHEMA extensions;

CREATE SCHEMA identity;

CREATE SCHEMA market;

CREATE SCHEMA platform;

CREATE SCHEMA portfolio;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA extensions;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE DOMAIN platform.sealed AS bytea
	CONSTRAINT sealed_check CHECK (((octet_length(VALUE) >= 45) AND (get_byte(VALUE, 0) = 1)));

CREATE FUNCTION identity.erase_person(person uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    settings text;
    address constant text := (select u.email from identity.users u where u.id = person);
begin
    delete from identity.outbox o where o.recipient = address or o.detail = address;
    delete from identity.mail_requests r where r.email = address;
    delete from identity.links l where l.email = address;
    delete from identity.invitations i where i.email = address;
    select string_agg(
        format('%I = %s', a.attname,
               case when a.attnotnull then pg_get_expr(d.adbin, d.adrelid) else 'null' end), ', ')
    into settings
    from pg_attribute a
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = 'identity.users'::regclass and a.attnum > 0 and not a.attisdropped
        and a.attgenerated = ''
        and (not a.attnotnull or d.adbin is not null)
        and a.attname not in ('id', 'email', 'password_hash', 'role', 'status', 'created_at', 'updated_at');
    execute format(
        'update identity.users
         set email = $2, password_hash = ''!'', role = ''user'', status = ''deleted'', %s
         where id = $1', settings)
    using person, 'closed-' || person || '@erased.invalid';
end
$_$;

CREATE FUNCTION identity.new_referral_code() RETURNS text
    LANGUAGE sql
    RETURN (SELECT string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ'::text, (1 + (floor((random() * (32)::double precision)))::integer), 1), ''::text) AS string_agg FROM generate_series(1, 10) generate_series(generate_series));

CREATE FUNCTION identity.tell_session_ended() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('bursar_sessions_ended', old.id::text);
    return null;
end
$$;

CREATE FUNCTION market.calendar_of_days(class text, exchange_mic text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select case when class = 'crypto' then '24/7'
                else (select calendar from market.exchanges where mic = exchange_mic) end
$$;

CREATE FUNCTION market.check_index_class() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (
        select from market.instruments where id = new.instrument_id and asset_class = 'index'
    ) then
        raise exception 'a value of an index needs an instrument of the class index' using
            errcode = 'check_violation', constraint = 'market_indices_class_check';
    end if;
    return new;
end
$$;

CREATE FUNCTION market.days_of(of_kind text) RETURNS SETOF date
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select (p.from_at at time zone 'UTC')::date
    from platform.partitions_of(case of_kind when 'ticks' then 'market.ticks' else 'market.bars_1m' end) p
    union
    select day from market.packed_bars where of_kind = '1m'
    order by 1
$$;

CREATE FUNCTION market.delete_unused_simulated() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    simulated uuid;
    deleted bigint := 0;
begin
    for simulated in
        select id from market.instruments where is_simulated order by underlying_id is null, id
    loop
        begin
            delete from market.instruments where id = simulated;
            deleted := deleted + 1;
        exception when foreign_key_violation then
            null;
        end;
    end loop;
    if not exists (select from market.instruments where is_simulated) then
        delete from market.simulated_fx_rates;
    end if;
    return deleted;
end
$$;

CREATE FUNCTION market.drop_day(of_kind text, on_day date) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE FUNCTION market.drop_packed_day(on_day date) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    midnight constant timestamptz := on_day::timestamp at time zone 'UTC';
begin
    perform pg_advisory_xact_lock(hashtextextended('market.bars', 0));
    if exists (select from market.bars_1m where at >= midnight and at < midnight + interval '1 day') then
        return false;
    end if;
    return platform.drop_partition('market.bars_1m', midnight);
end
$$;

CREATE FUNCTION market.ingest_bars(bar_interval text, bar_source text, ids uuid[], ats timestamp with time zone[], opens double precision[], highs double precision[], lows double precision[], closes double precision[], adjusted_closes double precision[], volumes double precision[], OUT inserted bigint, OUT replaced bigint, OUT unchanged bigint, OUT expired bigint) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    changed_ids uuid[];
    changed_ats timestamptz[];
    -- Months that ended before this have lost their quarters of an hour.
    gone_before timestamptz;
begin
    -- Files that are loaded know what is there until their end.
    perform pg_advisory_xact_lock_shared(hashtextextended('market.bars', 0));
    if bar_interval = '15m' then
        select u.ran_at - interval '30 days' into gone_before from market.upkeep u where u.task = 'drop_15m';
    end if;
    perform platform.ensure_partition('market.bars_' || bar_interval, p.at)
    from (
        select distinct date_trunc(
            case bar_interval when '1m' then 'day' when '1d' then 'decade' else 'month' end, r.at, 'UTC') as at
        from unnest(ats) as r (at)
    ) p
    where gone_before is null or p.at + interval '1 month' > gone_before;
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
                   ($9 and exists (
                       select from market.dropped_days d
                       where d.instrument_id = r.id and d.day = (r.at at time zone 'UTC')::date
                           and d.kind = '1m'))
                   or coalesce(date_trunc('month', r.at, 'UTC') + interval '1 month' <= $11, false)
                       as is_expired
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
                -- A stated close lets nothing in, but what came is kept beside it.
                or b.source in ('rollup', 'override')
            returning instrument_id, at
        )
        select g.fresh - k.count, w.count - (g.fresh - k.count), g.fresh - w.count, g.expired, w.ids, w.ats
        from (select count(*) filter (where not is_expired) as fresh,
                     count(*) filter (where is_expired) as expired from given) g,
             known k,
             (select count(*) as count, array_agg(instrument_id) as ids, array_agg(at) as ats from written) w
    $sql$, 'bars_' || bar_interval)
        into inserted, replaced, unchanged, expired, changed_ids, changed_ats
        using bar_source, ids, ats, opens, highs, lows, closes, adjusted_closes, bar_interval = '1m', volumes,
              gone_before;
    if bar_interval = '1m' and changed_ids is not null then
        perform market.mark_hours(changed_ids, changed_ats);
    end if;
end
$_$;

CREATE FUNCTION market.ingest_packed(bar_source text, ids uuid[], ats timestamp with time zone[], opens double precision[], highs double precision[], lows double precision[], closes double precision[], adjusted_closes double precision[], volumes double precision[], OUT inserted bigint, OUT replaced bigint, OUT unchanged bigint, OUT expired bigint) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE FUNCTION market.ingest_ticks(tick_source text, ids uuid[], ats timestamp with time zone[], sequences bigint[], prices double precision[], volumes double precision[], bids double precision[], asks double precision[], OUT written bigint, OUT unchanged bigint, OUT expired bigint) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE FUNCTION market.is_fetched(asset_class text, is_active boolean, is_private boolean) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (is_active AND (NOT is_private) AND (asset_class <> ALL (ARRAY['option'::text, 'cash'::text, 'liability'::text, 'alternative'::text])));

CREATE FUNCTION market.keep_deleted_bars() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into market.bar_versions
        (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, adjusted_close,
         volume, source)
    select f.instrument_id, tg_argv[0], f.at, f.observed_at, clock_timestamp(), f.open, f.high, f.low,
           f.close, f.adjusted_close, f.volume, f.source
    from former f
    where exists (select from market.instruments i where i.id = f.instrument_id);
    return null;
end
$$;

CREATE FUNCTION market.keep_name_words() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into market.name_words (word)
    select distinct w.word
    from changed c
    cross join lateral regexp_split_to_table(lower(c.name), '[^[:alpha:]]+') as w (word)
    where not c.is_private and length(w.word) between 4 and 50
    order by w.word
    on conflict do nothing;
    return null;
end
$$;

CREATE FUNCTION market.keep_override() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    adjusted constant double precision :=
        case when new.adjusted_close is distinct from old.adjusted_close then new.adjusted_close end;
begin
    if not exists (
        select from market.overrides o
        where o.instrument_id = old.instrument_id and o.date = (old.at at time zone 'UTC')::date
    ) then
        return new;
    end if;
    insert into market.bar_versions
        (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, adjusted_close,
         volume, source, is_refused)
    select new.instrument_id, '1d', new.at, clock_timestamp(), clock_timestamp(), new.open, new.high,
           new.low, new.close, adjusted, new.volume, new.source, true
    where not exists (
        select
        from (
            select v.*
            from market.bar_versions v
            where v.instrument_id = new.instrument_id and v.interval = '1d' and v.at = new.at
                and v.source <> 'override'
            order by v.replaced_at desc
            limit 1
        ) last
        where (last.open, last.high, last.low, last.close, last.volume, last.source)
            is not distinct from (new.open, new.high, new.low, new.close, new.volume, new.source)
          and (adjusted is null or last.adjusted_close is not distinct from adjusted)
    );
    return null;
end
$$;

CREATE FUNCTION market.keep_replaced_bars() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into market.bar_versions
        (instrument_id, interval, at, observed_at, replaced_at, open, high, low, close, adjusted_close,
         volume, source)
    select f.instrument_id, tg_argv[0], f.at, f.observed_at, c.observed_at, f.open, f.high, f.low,
           f.close, f.adjusted_close, f.volume, f.source
    from former f
    join current c using (instrument_id, at)
    where ((f.open, f.high, f.low, f.close) is distinct from (c.open, c.high, c.low, c.close)
           or f.volume <> c.volume or f.adjusted_close <> c.adjusted_close)
        and (f.source <> 'rollup' or c.source <> 'rollup'
             or (tg_argv[0] = '1d' and c.observed_at >= f.at + interval '1 day'));
    return null;
end
$$;

CREATE FUNCTION market.keep_replaced_rates() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into market.fx_rate_versions (base, quote, date, observed_at, replaced_at, rate, source)
    select f.base, f.quote, f.date, f.observed_at, c.observed_at, f.rate, f.source
    from former f
    join current c using (base, quote, date)
    where c.rate is distinct from f.rate;
    return null;
end
$$;

CREATE FUNCTION market.keep_symbol() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into market.symbol_history (instrument_id, symbol, exchange, until, changed_at)
    values (old.id, old.symbol, old.exchange, (clock_timestamp() at time zone 'UTC')::date,
            clock_timestamp());
    return null;
end
$$;

CREATE FUNCTION market.mark_changed_calendar() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    former constant text := market.calendar_of_days(old.asset_class, old.mic);
begin
    if former is distinct from market.calendar_of_days(new.asset_class, new.mic) then
        insert into market.changed_calendars (instrument_id, former) values (new.id, former)
        on conflict (instrument_id) do nothing;
    end if;
    return null;
end
$$;

CREATE FUNCTION market.mark_hours(ids uuid[], hours timestamp with time zone[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    insert into market.dirty_hours as d (instrument_id, at)
    select distinct m.id, date_trunc('hour', m.at, 'UTC')
    from unnest(ids, hours) as m (id, at)
    order by 1, 2
    on conflict (instrument_id, at) do update set marked_at = clock_timestamp()
$$;

CREATE FUNCTION market.match_exchange() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if new.exchange = '' then
        new.mic := null;
    else
        select w.mic into new.mic from market.exchange_words w where w.word = upper(new.exchange);
    end if;
    return new;
end
$$;

CREATE FUNCTION market.mic_of(word text) RETURNS text
    LANGUAGE sql STABLE
    AS $_$
    select w.mic from market.exchange_words w where w.word = upper($1)
$_$;

CREATE FUNCTION market.observe_again() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.observed_at := greatest(clock_timestamp(), old.observed_at);
    return new;
end
$$;

CREATE FUNCTION market.pack_bars(on_day date) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE FUNCTION market.roll_up_bars(bar_interval text, step interval, ids uuid[], ats timestamp with time zone[], froms timestamp with time zone[], tos timestamp with time zone[]) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION market.roll_up_ticks(ids uuid[], minutes timestamp with time zone[]) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE FUNCTION market.split_ratio(of_instrument uuid, close_day date, price_day date) RETURNS double precision
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select market.product(
        ((case when type = 'stock_dividend' then 1 else 0 end) + ratio_to / ratio_from)::double precision
        order by ex_date, id)
    from market.corporate_actions
    where instrument_id = of_instrument
        and type in ('split', 'stock_dividend')
        and withdrawn_at is null
        and ex_date > close_day
        and ex_date <= price_day
$$;

CREATE FUNCTION market.stored(ahead timestamp with time zone) RETURNS TABLE(name text, step text, partitions bigint, rows_about bigint, bytes bigint, is_ahead boolean, is_hypertable boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select t.name, case when h.is_hypertable then t.chunk::text else t.step end, count(p.name), coalesce(sum(p.rows_about), 0)::bigint,
           coalesce(sum(p.bytes), 0)::bigint,
           h.is_hypertable or coalesce(bool_or(p.from_at <= ahead and p.to_at > ahead), false), h.is_hypertable
    from platform.partitioned_tables t
    cross join lateral (select platform.is_hypertable(format('%I.%I', t.schema_name, t.name)) as is_hypertable) h
    left join lateral platform.partitions_of(format('%I.%I', t.schema_name, t.name)) p on true
    where t.schema_name = 'market'
    group by t.name, t.step, t.chunk, h.is_hypertable
    union all
    select c.relname, null, 0, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid), true, false
    from pg_class c
    where c.oid = any (array['market.packed_bars', 'market.bar_versions']::regclass[])
    order by 1
$$;

CREATE FUNCTION market.trading_calendar(asset_class text, of_exchange text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (asset_class = 'crypto'::text) THEN '24/7'::text ELSE COALESCE(of_exchange, '24/5'::text) END;

CREATE FUNCTION market.unpack_bars(ids uuid[], days date[]) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

CREATE FUNCTION market.without_partition(bar_interval text, moments timestamp with time zone[]) RETURNS SETOF timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select m.at
    from unnest(moments) as m (at)
    where not exists (
        select from platform.partitions_of('market.bars_' || bar_interval) p
        where p.from_at <= m.at and p.to_at > m.at
    )
    order by m.at
$$;

CREATE FUNCTION market.write_exchange_words() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    delete from market.exchange_words;
    insert into market.exchange_words (word, mic)
    select distinct on (named.word) named.word, named.mic
    from (
        select mic as word, mic, 1 as place from market.exchanges
        union all
        select code, mic, 2 from market.exchanges
        union all
        select alias, mic, 3 from market.exchanges, unnest(aliases) as alias
    ) named
    order by named.word, named.place, named.mic;
    return null;
end
$$;

CREATE FUNCTION platform.add_activity(owner uuid, deed text, of_resource_type text, of_resource_id text, what jsonb, via text, from_address text, with_agent text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if current_setting('role') = 'bursar_user' and owner is distinct from platform.current_user_id() then
        raise exception 'activity is written under the own name' using errcode = 'insufficient_privilege';
    end if;
    perform platform.ensure_partition('activity', now());
    insert into platform.activity
        (user_id, type, resource_type, resource_id, details, channel, address, agent, request_id)
    values (owner, deed, of_resource_type, of_resource_id, coalesce(what, '{}'), via, from_address,
            with_agent, platform.current_request_id());
end
$$;

CREATE FUNCTION platform.append_to_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO'
    SET bytea_output TO 'hex'
    SET extra_float_digits TO '1'
    AS $$
begin
    perform platform.extend_chain(
        added.user_id, tg_argv[0], tg_table_schema || '.' || tg_table_name, lower(tg_op),
        added.row_ids, added.contents
    )
    from (
        select c.user_id, array_agg(c.id::text order by c.id) as row_ids,
               array_agg(to_jsonb(c)::text order by c.id) as contents
        from changed c
        group by c.user_id
        order by c.user_id
    ) added;
    return null;
end
$$;

CREATE FUNCTION platform.audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
declare
    former constant jsonb := to_jsonb(old);
    later jsonb;
    unremarkable constant text[] := string_to_array(tg_argv[2], ',');
begin
    if tg_op = 'UPDATE' then
        later := to_jsonb(new);
        if former - unremarkable = later - unremarkable then
            return null;
        end if;
    end if;
    insert into platform.audit
        (user_id, table_name, operation, row_id, former, later, changed_by, acting_role, request_id,
         transaction_id)
    values ((former ->> tg_argv[0])::uuid, tg_table_schema || '.' || tg_table_name, lower(tg_op),
            former ->> tg_argv[1], platform.without_secrets(former), platform.without_secrets(later),
            platform.current_user_id(), current_setting('role'), platform.current_request_id(),
            pg_current_xact_id()::text::bigint);
    return null;
end
$$;

CREATE FUNCTION platform.audit_table(target regclass, owner_column text, key_column text, unremarkable text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    short constant text := (select relname from pg_class where oid = target);
begin
    execute format('create trigger %I after update or delete on %s
                    for each row execute function platform.audit_row(%L, %L, %L)',
                   short || '_audit', target, owner_column, key_column, unremarkable);
end
$$;

CREATE FUNCTION platform.chain_differences(owner uuid, chain_name text) RETURNS TABLE(seq bigint, table_name text, row_id text, difference text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO'
    SET bytea_output TO 'hex'
    SET extra_float_digits TO '1'
    AS $_$
declare
    target text;
begin
    for target in
        select t.table_name from platform.chained_tables t where t.chain = chain_name order by 1
    loop
        -- Closing an account changes every row that holds words, so that its last link holds none and
        -- keeps its content.
        return query execute format($query$
            select coalesce(l.seq, 0), %2$L::text, coalesce(l.row_id, t.id::text),
                   case when l.row_id is null then 'unchained'
                        when l.operation = 'delete' then 'returned'
                        when t.id is null then 'missing'
                        else 'changed' end
            from (
                select distinct on (e.row_id) e.row_id, e.seq, e.operation, e.content
                from platform.chain_entries e
                where e.user_id = $1 and e.chain = $2 and e.table_name = %2$L
                order by e.row_id, e.seq desc
            ) l
            full join (select * from %1$s where user_id = $1) t on t.id::text = l.row_id
            where l.row_id is null
                or (l.operation = 'delete') = (t.id is not null)
                or (l.operation <> 'delete'
                    and (l.content is null or platform.differs(l.content::jsonb, to_jsonb(t))))
            order by 1, 3
        $query$, target::regclass, target) using owner, chain_name;
    end loop;
    if chain_name = 'ledger' then
        return query select d.* from portfolio.history_differences(owner) d;
    end if;
end
$_$;

CREATE FUNCTION platform.chain_step(state text, previous text, link text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to(((COALESCE(state, previous) || '
'::text) || link), 'UTF8'::name)), 'hex'::text);

CREATE FUNCTION platform.chain_table(target regclass, chain_name text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    short constant text := (select relname from pg_class where oid = target);
    deed text;
begin
    foreach deed in array array['insert', 'update', 'delete'] loop
        execute format('create trigger %I after %s on %s referencing %s table as changed
                        for each statement execute function platform.append_to_chain(%L)',
                       short || '_written_' || deed, deed, target,
                       case deed when 'delete' then 'old' else 'new' end, chain_name);
    end loop;
    insert into platform.chained_tables (table_name, chain) values (target::text, chain_name);
end
$$;

CREATE FUNCTION platform.current_request_id() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('app.request_id'::text, true), ''::text);

CREATE FUNCTION platform.current_user_id() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid;

CREATE FUNCTION platform.delete_rows_of(person uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    waiting text[];
    refused text[];
    target text;
begin
    select array_agg(format('%I.%I', n.nspname, c.relname) order by c.oid desc) into waiting
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where a.attname = 'user_id' and not a.attisdropped and c.relkind in ('r', 'p')
        and not c.relispartition
        and n.nspname || '.' || c.relname <> all (platform.kept_tables());
    while cardinality(waiting) > 0 loop
        refused := '{}';
        foreach target in array waiting loop
            begin
                execute format('delete from %s where user_id = $1', target) using person;
            exception when foreign_key_violation then
                refused := refused || target;
            end;
        end loop;
        if cardinality(refused) = cardinality(waiting) then
            raise exception 'rows of a closed account are still referred to: %', refused;
        end if;
        waiting := refused;
    end loop;
end
$_$;

CREATE FUNCTION platform.differs(was jsonb, is_now jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (EXISTS (SELECT FROM jsonb_each(differs.was) former(key, value) WHERE ((differs.is_now -> former.key) IS DISTINCT FROM former.value)));

CREATE FUNCTION platform.drop_partition(parent text, moment timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    kept constant platform.partitioned_tables := platform.partitioned_table(parent);
    named constant text := format('%I.%I', kept.schema_name, kept.name);
    period record;
begin
    if kept.step = 'decade' then
        raise exception '% is kept in no partitions that go', parent;
    end if;
    select p.* into period
    from platform.partitions_of(parent) p
    where p.from_at <= moment and p.to_at > moment;
    if not found then
        return false;
    end if;
    if platform.is_hypertable(named) then
        -- Both bounds count: a chunk goes that lies within them as a whole.
        execute format('select count(*) from %I.drop_chunks($1, older_than => $2, newer_than => $3)',
                       platform.timescaledb_schema())
            using named::regclass, period.to_at, period.from_at;
    else
        execute format('drop table %I.%I', kept.schema_name, period.name);
    end if;
    return true;
end
$_$;

CREATE FUNCTION platform.drop_partitions(parent text, before timestamp with time zone) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    kept constant platform.partitioned_tables := platform.partitioned_table(parent);
    named constant text := format('%I.%I', kept.schema_name, kept.name);
    child text;
begin
    if kept.step = 'decade' then
        raise exception '% is kept for ever', parent;
    end if;
    if platform.is_hypertable(named) then
        return query execute format('select %I.drop_chunks($1, older_than => $2)', platform.timescaledb_schema())
            using named::regclass, before;
        return;
    end if;
    for child in
        select p.name from platform.partitions_of(parent) p where p.to_at <= before order by p.name
    loop
        execute format('drop table %I.%I', kept.schema_name, child);
        return next child;
    end loop;
end
$_$;

CREATE FUNCTION platform.enqueue_job(job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into platform.jobs (name, payload, unique_key, max_attempts, request_id)
    values (job_name, job_payload, job_unique_key, job_max_attempts, platform.current_request_id())
    on conflict do nothing;
    if not found then
        return false;
    end if;
    perform pg_notify('bursar_jobs', job_name);
    return true;
end
$$;

CREATE FUNCTION platform.ensure_partition(parent text, moment timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    kept constant platform.partitioned_tables := platform.partitioned_table(parent);
    first timestamp;
    next timestamp;
    child text;
begin
    if isfinite(moment) and moment < kept.since then
        return false;
    end if;
    if not isfinite(moment) or moment < '0001-01-01 00:00:00+00' then
        raise exception '% has no partition for %: the calendar begins with the year 1', parent, moment
            using errcode = 'datetime_field_overflow';
    end if;
    if platform.is_hypertable(format('%I.%I', kept.schema_name, kept.name)) then
        return false;
    end if;
    first := date_trunc(kept.step, moment at time zone 'UTC');
    next := first + case kept.step
        when 'day' then interval '1 day' when 'month' then interval '1 month' else interval '10 years' end;
    child := kept.name || '_' || to_char(first, case kept.step
        when 'day' then 'YYYYMMDD' when 'month' then 'YYYYMM' else 'YYYY"s"' end);
    if to_regclass(format('%I.%I', kept.schema_name, child)) is not null then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtext('platform.ensure_partition:' || kept.schema_name || '.' || child));
    -- Asked of the table itself: a session may go on believing that there is no such relation, since waiting
    -- for this lock lets no news of the catalogue in.
    if exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = kept.schema_name and c.relname = child
    ) then
        return false;
    end if;
    -- Made beside and attached, because attaching lets others go on writing.
    execute format('create table %I.%I (like %I.%I including defaults including constraints)',
                   kept.schema_name, child, kept.schema_name, kept.name);
    if (select relrowsecurity from pg_class
        where oid = format('%I.%I', kept.schema_name, kept.name)::regclass) then
        execute format('alter table %I.%I enable row level security', kept.schema_name, child);
        execute format('alter table %I.%I force row level security', kept.schema_name, child);
    end if;
    execute format('alter table %I.%I attach partition %I.%I for values from (%L) to (%L)',
                   kept.schema_name, kept.name, kept.schema_name, child,
                   first at time zone 'UTC', next at time zone 'UTC');
    return true;
end
$$;

CREATE FUNCTION platform.erase_person(person uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    area text;
begin
    perform platform.delete_rows_of(person);
    for area in
        select n.nspname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where p.proname = 'erase_person' and n.nspname <> 'platform'
        order by n.nspname
    loop
        execute format('select %I.erase_person($1)', area) using person;
    end loop;
    perform platform.erase_traces(person);
end
$_$;

CREATE FUNCTION platform.erase_traces(person uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not exists (select from identity.users u where u.id = person and u.status = 'deleted') then
        raise exception 'the traces of % stay: the account is not closed', person
            using errcode = 'insufficient_privilege';
    end if;
    update portfolio.transaction_versions v
    set former = v.former - array['note', 'account', 'external_id']
    where v.user_id = person;
    update platform.chain_entries e
    set content = null
    where e.user_id = person
        and (e.content::jsonb ->> 'note' is not null or e.content::jsonb ->> 'account' is not null
             or e.content::jsonb ->> 'external_id' is not null);
    update platform.audit a set former = null, later = null where a.user_id = person;
    delete from platform.activity a where a.user_id = person;
end
$$;

CREATE FUNCTION platform.extend_chain(owner uuid, chain_name text, of_table text, deed text, row_ids text[], contents text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    head platform.chain_heads;
begin
    insert into platform.chain_heads (user_id, chain) values (owner, chain_name) on conflict do nothing;
    select * into strict head from platform.chain_heads h
    where h.user_id = owner and h.chain = chain_name
    for update;
    insert into platform.chain_entries
        (user_id, chain, seq, table_name, operation, row_id, at, content_hash, content, hash)
    select owner, chain_name, link.seq, of_table, deed, link.row_id, now(),
           decode(link.content_hash, 'hex'), link.content,
           decode(platform.chained(
               encode(head.hash, 'hex'),
               concat_ws(E'\n', owner, chain_name, link.seq, of_table, deed, link.row_id,
                         to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                         link.content_hash)
           ) over (order by link.seq), 'hex')
    from (
        select head.length + added.place as seq, added.row_id, added.content,
               encode(sha256(convert_to(added.content, 'UTF8')), 'hex') as content_hash
        from unnest(row_ids, contents) with ordinality as added(row_id, content, place)
    ) link;
    update platform.chain_heads h
    set length = e.seq, hash = e.hash
    from platform.chain_entries e
    where h.user_id = owner and h.chain = chain_name
        and e.user_id = owner and e.chain = chain_name
        and e.seq = head.length + cardinality(row_ids);
end
$$;

CREATE FUNCTION platform.has_columnstore(parent text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION platform.is_hypertable(parent text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select c.relkind = 'r' from pg_class c where c.oid = parent::regclass
$$;

CREATE FUNCTION platform.kept_tables() RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY['identity.users'::text, 'portfolio.portfolios'::text, 'portfolio.imports'::text, 'portfolio.transactions'::text, 'portfolio.transaction_versions'::text, 'platform.activity'::text, 'platform.audit'::text, 'platform.chain_heads'::text, 'platform.chain_entries'::text, 'platform.closed_accounts'::text];

CREATE FUNCTION platform.make_hypertables() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION platform.note_activity(deed text, of_resource_type text, of_resource_id text, what jsonb, via text, from_address text, with_agent text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if pg_current_xact_id_if_assigned() is not null then
        perform platform.add_activity(platform.current_user_id(), deed, of_resource_type,
                                      of_resource_id, what, via, from_address, with_agent);
    end if;
end
$$;

CREATE FUNCTION platform.pack_partition(parent text, moment timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    kept constant platform.partitioned_tables := platform.partitioned_table(parent);
    chunk regclass;
    rows_apart bigint;
begin
    if not platform.is_hypertable(format('%I.%I', kept.schema_name, kept.name)) then
        raise exception '% is kept in partitions, which have no columnstore', parent;
    end if;
    execute $sql$
        select format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
        from timescaledb_information.chunks c
        where c.hypertable_schema = $1 and c.hypertable_name = $2
            and c.range_start <= $3 and c.range_end > $3
    $sql$ into chunk using kept.schema_name, kept.name, moment;
    if chunk is null then
        return 0;
    end if;
    -- `only` leaves out what the columnstore holds.
    execute format('select count(*) from only %s', chunk) into rows_apart;
    if rows_apart > 0 then
        execute format('call %I.convert_to_columnstore(%L::regclass)', platform.timescaledb_schema(), chunk);
    end if;
    return rows_apart;
end
$_$;

CREATE TABLE platform.partitioned_tables (
    schema_name text NOT NULL,
    name text NOT NULL,
    step text NOT NULL,
    since timestamp with time zone,
    chunk interval,
    CONSTRAINT partitioned_tables_step_check CHECK ((step = ANY (ARRAY['day'::text, 'month'::text, 'decade'::text])))
);

CREATE FUNCTION platform.partitioned_table(parent text) RETURNS platform.partitioned_tables
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    kept platform.partitioned_tables;
begin
    select * into kept
    from platform.partitioned_tables t
    where t.schema_name = case when strpos(parent, '.') > 0 then split_part(parent, '.', 1) else 'platform' end
        and t.name = split_part(parent, '.', case when strpos(parent, '.') > 0 then 2 else 1 end);
    if not found then
        raise exception '% is not kept in partitions', parent;
    end if;
    return kept;
end
$$;

CREATE FUNCTION platform.partitions_of(parent text) RETURNS TABLE(name text, from_at timestamp with time zone, to_at timestamp with time zone, rows_about bigint, bytes bigint, is_packed boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    kept constant platform.partitioned_tables := platform.partitioned_table(parent);
    named constant text := format('%I.%I', kept.schema_name, kept.name);
begin
    if platform.is_hypertable(named) then
        return query execute format($sql$
            select c.chunk_name::text, c.range_start, c.range_end,
                   coalesce(%1$I.approximate_row_count(
                       format('%%I.%%I', c.chunk_schema, c.chunk_name)::regclass), 0),
                   coalesce(s.total_bytes, 0)::bigint, c.is_compressed
            from timescaledb_information.chunks c
            join %1$I.chunks_detailed_size($1) s using (chunk_schema, chunk_name)
            where c.hypertable_schema = $2 and c.hypertable_name = $3
        $sql$, platform.timescaledb_schema()) using named::regclass, kept.schema_name, kept.name;
        return;
    end if;
    return query
        select c.relname::text,
               coalesce(p.first at time zone 'UTC', '-infinity'),
               coalesce((p.first + case kept.step when 'day' then interval '1 day'
                             when 'month' then interval '1 month' else interval '10 years' end)
                            at time zone 'UTC', kept.since),
               greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid), false
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        cross join lateral (
            select to_date(substring(c.relname from '_([0-9]+)s?$'), case kept.step
                when 'day' then 'YYYYMMDD' when 'month' then 'YYYYMM' else 'YYYY' end)::timestamp as first
        ) p
        where i.inhparent = named::regclass;
end
$_$;

CREATE FUNCTION platform.purge_person(person uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    delete from identity.users u where u.id = person and u.status = 'deleted';
    perform platform.purge_traces(person);
end
$$;

CREATE FUNCTION platform.purge_traces(person uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if exists (select from identity.users u where u.id = person and u.status <> 'deleted')
        or not exists (select from platform.closed_accounts c where c.user_id = person) then
        raise exception 'the traces of % stay: the account is not closed', person
            using errcode = 'insufficient_privilege';
    end if;
    delete from platform.activity a where a.user_id = person;
    delete from platform.audit a where a.user_id = person;
    delete from platform.chain_entries e where e.user_id = person;
    delete from platform.chain_heads h where h.user_id = person;
end
$$;

CREATE FUNCTION platform.rebuild(parent text, as_hypertable boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    kept constant platform.partitioned_tables := platform.partitioned_table(parent);
    named constant text := format('%I.%I', kept.schema_name, kept.name);
    former constant text := format('%I.%I', kept.schema_name, kept.name || '_former');
    keys text[];
    others text[];
    renamed text[];
    statement text;
begin
    execute format('lock table %s in access exclusive mode', named);
    if exists (
        select from pg_index i
        where i.indrelid = named::regclass
            and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    ) then
        raise exception '% has an index of its own, which would be lost', named
            using hint = 'platform.rebuild carries the indexes of keys alone';
    end if;
    select array_agg(format('alter table %s add constraint %I %s', named, c.conname, pg_get_constraintdef(c.oid)))
        into keys
    from pg_constraint c
    where c.conrelid = named::regclass and c.contype in ('p', 'u');
    -- The names of the table, of its partitions and of their keys become free.
    with members as (
        select named::regclass as oid
        union all
        select i.inhrelid from pg_inherits i where i.inhparent = named::regclass and not platform.is_hypertable(named)
    )
    select array_agg(r.statement order by r.place) into renamed
    from (
        select 1 as place, format('alter table %s rename constraint %I to %I', m.oid::regclass, c.conname,
                                  c.conname || '_former') as statement
        from members m join pg_constraint c on c.conrelid = m.oid and c.contype in ('p', 'u')
        union all
        select 2, format('alter table %s rename to %I', m.oid::regclass, c.relname || '_former')
        from members m join pg_class c on c.oid = m.oid
    ) r;
    select array_agg(o.statement order by o.place, o.within, o.statement) into others
    from (
        select 1 as place, 1::bigint as within,
               format('alter table %s add constraint %I %s', named, c.conname, pg_get_constraintdef(c.oid))
                   as statement
        from pg_constraint c
        where c.conrelid = named::regclass and c.contype = 'f'
        union all
        select 2, 1, pg_get_triggerdef(t.oid)
        from pg_trigger t join pg_proc p on p.oid = t.tgfoid
        -- The extension has triggers of its own, and makes them itself.
        where t.tgrelid = named::regclass and not t.tgisinternal
            and p.pronamespace::regnamespace::text !~ '^_timescaledb'
        union all
        select 3, a.place, format('grant %s on %s to %s', a.privilege_type, named, a.grantee::regrole)
        from pg_class c
        cross join lateral aclexplode(c.relacl) with ordinality
            as a (grantor, grantee, privilege_type, is_grantable, place)
        where c.oid = named::regclass and a.grantee <> c.relowner
    ) o;
    foreach statement in array coalesce(renamed, '{}') loop
        execute statement;
    end loop;
    execute format('create table %s (like %s including defaults including constraints including comments)%s',
                   named, former, case when not as_hypertable then ' partition by range (at)' else '' end);
    foreach statement in array coalesce(keys, '{}') loop
        execute statement;
    end loop;
    if as_hypertable then
        execute format('select %1$I.create_hypertable(%2$L::regclass, %1$I.by_range(%3$L, %4$L::interval),
                                                      create_default_indexes => false)',
                       platform.timescaledb_schema(), named, 'at', kept.chunk);
    else
        if kept.since is not null then
            execute format('create table %I.%I partition of %s for values from (minvalue) to (%L)',
                           kept.schema_name, kept.name || '_earlier', named, kept.since);
        end if;
        execute format($sql$
            select count(platform.ensure_partition(%L, p.at))
            from (select distinct date_trunc(%L, r.at, 'UTC') as at from %s r) p
        $sql$, parent, kept.step, former);
    end if;
    execute format('insert into %s select * from %s', named, former);
    execute format('drop table %s', former);
    -- Last, so that the references are checked at once and no trigger sees the copy.
    foreach statement in array coalesce(others, '{}') loop
        execute statement;
    end loop;
end
$_$;

CREATE FUNCTION platform.rebuild_with_views(parents text[], as_hypertables boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    parent text;
    statement text;
    dropped text[];
    made text[];
begin
    with readers as (
        select distinct v.oid, v.relowner, v.relacl, v.reloptions
        from pg_depend d
        join pg_rewrite r on r.oid = d.objid
        join pg_class v on v.oid = r.ev_class and v.relkind = 'v'
            and v.relnamespace::regnamespace::text !~ '^_timescaledb'
        where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
            and d.refobjid = any (parents::regclass[])
    )
    select array_agg(format('drop view %s', v.oid::regclass)),
           array_agg(format('create view %s%s as %s%s', v.oid::regclass,
                            ' with (' || array_to_string(v.reloptions, ', ') || ')',
                            pg_get_viewdef(v.oid), g.granted))
        into dropped, made
    from readers v
    cross join lateral (
        select string_agg(format(' grant %s on %s to %s;', a.privilege_type, v.oid::regclass, a.grantee::regrole),
                          '' order by a.place) as granted
        from aclexplode(v.relacl) with ordinality as a (grantor, grantee, privilege_type, is_grantable, place)
        where a.grantee <> v.relowner
    ) g;
    foreach statement in array coalesce(dropped, '{}') loop
        execute statement;
    end loop;
    foreach parent in array parents loop
        perform platform.rebuild(parent, as_hypertables);
    end loop;
    foreach statement in array coalesce(made, '{}') loop
        execute statement;
    end loop;
end
$$;

CREATE FUNCTION platform.refuse_truncate() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception '% is never emptied', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

CREATE FUNCTION platform.timescaledb_schema() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'timescaledb'
$$;

CREATE FUNCTION platform.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.updated_at := now();
    return new;
end
$$;

CREATE FUNCTION platform.without_secrets(content jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT COALESCE(jsonb_object_agg(jsonb_each.key, jsonb_each.value), '{}'::jsonb) AS "coalesce" FROM jsonb_each(without_secrets.content) jsonb_each(key, value) WHERE ((jsonb_each.key !~ '(password|secret|hash|sealed|cipher|recovery)'::text) AND (NOT ((jsonb_typeof(jsonb_each.value) = 'string'::text) AND ((jsonb_each.value #>> '{}'::text[]) ~ '^\\x([0-9a-f]{2})*$'::text)))));

CREATE FUNCTION portfolio.appraise_again() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.observed_at := greatest(clock_timestamp(), old.observed_at);
    return new;
end
$$;

CREATE FUNCTION portfolio.build_what_waited() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform platform.enqueue_job('portfolio.build_snapshots',
        jsonb_build_object('user_id', s.user_id, 'portfolio_id', s.portfolio_id), s.portfolio_id::text, 8)
    from portfolio.snapshot_states s
    where s.user_id = new.user_id and s.dirty_from is not null;
    return null;
end
$$;

CREATE FUNCTION portfolio.bump_revision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    update portfolio.portfolios p
    set revision = revision + 1
    from (select distinct user_id, portfolio_id from changed) c
    where p.user_id = c.user_id and p.id = c.portfolio_id;
    return null;
end
$$;

CREATE FUNCTION portfolio.bump_revision_of_holders() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    update portfolio.portfolios p
    set revision = revision + 1
    from (select t.user_id, t.portfolio_id
          from changed c
          join portfolio.transactions t
            on t.user_id = c.user_id and t.instrument_id = c.instrument_id
          union
          select t.user_id, t.portfolio_id
          from changed c
          join portfolio.transactions t
            on t.user_id = c.user_id and t.target_instrument_id = c.instrument_id) held
    where p.user_id = held.user_id and p.id = held.portfolio_id;
    return null;
end
$$;

CREATE FUNCTION portfolio.check_categories() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    person uuid;
begin
    for person in select distinct user_id from changed loop
        -- One edit at a time, so that two of them cannot pass each other unseen.
        perform pg_advisory_xact_lock(hashtextextended('portfolio.vault_categories ' || person, 0));
        if exists (
            select from portfolio.vault_categories child
            join portfolio.vault_categories parent
              on parent.user_id = child.user_id and parent.id = child.parent_id
            where child.user_id = person and parent.parent_id is not null
        ) then
            raise exception 'categories have two levels'
                using errcode = 'check_violation', constraint = 'vault_categories_levels_check';
        end if;
        if exists (
            select from portfolio.vault_categories c
            left join portfolio.vault_categories parent
              on parent.user_id = c.user_id and parent.id = c.parent_id
            where c.user_id = person
            group by parent.id, parent.target_allocation_percent
            having sum(c.target_allocation_percent) > coalesce(parent.target_allocation_percent, 100)
        ) then
            raise exception 'targets are more than the whole'
                using errcode = 'check_violation', constraint = 'vault_categories_targets_check';
        end if;
    end loop;
    return null;
end
$$;

CREATE FUNCTION portfolio.check_category_weights() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    person uuid;
begin
    for person in select distinct user_id from changed loop
        perform pg_advisory_xact_lock(
            hashtextextended('portfolio.asset_category_assignment ' || person, 0));
        if exists (
            select from portfolio.asset_category_assignment a
            where a.user_id = person and not a.is_declined
              and a.instrument_id in (select instrument_id from changed)
            group by a.instrument_id having sum(a.weight) > 100
        ) then
            raise exception 'an instrument is assigned to more than the whole' using
                errcode = 'check_violation', constraint = 'asset_category_assignment_sum_check';
        end if;
    end loop;
    return null;
end
$$;

CREATE FUNCTION portfolio.check_fund_weights() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    person uuid;
begin
    for person in select distinct user_id from changed loop
        perform pg_advisory_xact_lock(hashtextextended('portfolio.fund_weights ' || person, 0));
        if exists (
            select from portfolio.fund_weights w
            where w.user_id = person and w.instrument_id in (select instrument_id from changed)
            group by w.instrument_id, w.dimension having sum(w.percent) > 100
        ) then
            raise exception 'a fund is made of more than the whole'
                using errcode = 'check_violation', constraint = 'fund_weights_sum_check';
        end if;
    end loop;
    return null;
end
$$;

CREATE FUNCTION portfolio.check_private_instruments() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if exists (
        select from (
            select user_id, instrument_id from changed
            union select user_id, target_instrument_id from changed
        ) named
        join market.instruments i on i.id = named.instrument_id and i.is_private
        where not exists (
            select from portfolio.private_assets a
            where a.user_id = named.user_id and a.instrument_id = i.id and a.deleted_at is null
        )
    ) then
        raise exception 'the instrument belongs to another person, or is deleted' using
            errcode = 'foreign_key_violation', constraint = 'transactions_private_instrument_check';
    end if;
    return null;
end
$$;

CREATE TABLE portfolio.portfolio_snapshots (
    user_id uuid NOT NULL,
    portfolio_id uuid NOT NULL,
    "time" timestamp with time zone NOT NULL,
    currency text NOT NULL,
    total_value numeric(20,8) NOT NULL,
    cash_balance numeric(20,8) DEFAULT 0 NOT NULL,
    net_invested numeric(20,8) NOT NULL,
    total_gain numeric(20,8) NOT NULL,
    total_gain_percent numeric(20,8),
    day_change numeric(20,8) NOT NULL,
    day_change_percent numeric(20,8),
    holdings_count integer NOT NULL,
    asset_allocation jsonb NOT NULL,
    CONSTRAINT portfolio_snapshots_asset_allocation_check CHECK ((jsonb_typeof(asset_allocation) = 'object'::text)),
    CONSTRAINT portfolio_snapshots_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT portfolio_snapshots_holdings_count_check CHECK ((holdings_count >= 0)),
    CONSTRAINT portfolio_snapshots_time_check CHECK (("time" = date_trunc('day'::text, "time", 'UTC'::text)))
);

ALTER TABLE ONLY portfolio.portfolio_snapshots FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.portfolios (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    cost_basis text DEFAULT 'fifo'::text NOT NULL,
    tracks_cash boolean DEFAULT true NOT NULL,
    is_simulated boolean DEFAULT false NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT portfolios_cost_basis_check CHECK ((cost_basis = ANY (ARRAY['fifo'::text, 'lifo'::text, 'hifo'::text, 'average'::text, 'specific_lot'::text]))),
    CONSTRAINT portfolios_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT portfolios_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100)))
);

ALTER TABLE ONLY portfolio.portfolios FORCE ROW LEVEL SECURITY;

CREATE MATERIALIZED VIEW portfolio.portfolio_summary AS
 SELECT p.id,
    p.user_id,
    s."time",
    p.currency,
    COALESCE(s.holdings_count, 0) AS number_of_holdings,
    COALESCE(s.total_value, (0)::numeric) AS portfolio_value,
    COALESCE(s.cash_balance, (0)::numeric) AS cash_balance,
    COALESCE(s.net_invested, (0)::numeric) AS invested_amount,
    COALESCE(s.total_gain, (0)::numeric) AS total_gain_loss,
    s.total_gain_percent AS total_gain_loss_percent,
    COALESCE(s.day_change, (0)::numeric) AS day_gain_loss,
    s.day_change_percent AS day_gain_loss_percent,
    now() AS last_updated
   FROM (portfolio.portfolios p
     LEFT JOIN LATERAL ( SELECT x.user_id,
            x.portfolio_id,
            x."time",
            x.currency,
            x.total_value,
            x.cash_balance,
            x.net_invested,
            x.total_gain,
            x.total_gain_percent,
            x.day_change,
            x.day_change_percent,
            x.holdings_count,
            x.asset_allocation
           FROM portfolio.portfolio_snapshots x
          WHERE ((x.user_id = p.user_id) AND (x.portfolio_id = p.id))
          ORDER BY x."time" DESC
         LIMIT 1) s ON (true))
  WITH NO DATA;

CREATE FUNCTION portfolio.current_summaries() RETURNS SETOF portfolio.portfolio_summary
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 SELECT s.id,
     s.user_id,
     s."time",
     s.currency,
     s.number_of_holdings,
     s.portfolio_value,
     s.cash_balance,
     s.invested_amount,
     s.total_gain_loss,
     s.total_gain_loss_percent,
     s.day_gain_loss,
     s.day_gain_loss_percent,
     s.last_updated
    FROM portfolio.portfolio_summary s
   WHERE (s.user_id = platform.current_user_id());
END;

CREATE FUNCTION portfolio.erase_person(person uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update portfolio.transactions t
    set note = null, account = null, external_id = null
    where t.user_id = person and (t.note is not null or t.account is not null or t.external_id is not null);
    update portfolio.imports i
    set file_name = 'erased', content = null, mapping = null, rejected = '[]', skipped = '[]',
        first_rows = null, spool_path = null, stopped_because = null,
        -- Whoever books or takes back a file just now finds itself overtaken, and writes no more words.
        status = case i.status when 'running' then 'interrupted' when 'undoing' then 'undo_interrupted'
                               else i.status end,
        -- Recognises the file, and must be there where there was one.
        content_hash = case when i.content_hash is not null then sha256(i.id::text::bytea) end
    where i.user_id = person;
    update portfolio.portfolios p
    set name = 'Portfolio ' || n.place || ' of ' || p.id
    from (select id, row_number() over (order by created_at, id) as place
          from portfolio.portfolios where user_id = person) n
    where p.user_id = person and p.id = n.id;
end
$$;

CREATE FUNCTION portfolio.history_differences(owner uuid) RETURNS TABLE(seq bigint, table_name text, row_id text, difference text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO'
    SET bytea_output TO 'hex'
    SET extra_float_digits TO '1'
    AS $$
    select e.seq, 'portfolio.transaction_versions', e.row_id,
           case when e.content_before is not null and v.version is null then 'missing' else 'changed' end
    from (
        select l.*, lag(l.content) over rows_of as content_before
        from platform.chain_entries l
        where l.user_id = owner and l.chain = 'ledger' and l.table_name = 'portfolio.transactions'
        window rows_of as (partition by l.row_id order by l.seq)
    ) e
    left join portfolio.transaction_versions v
        on v.user_id = owner and v.transaction_id = e.row_id::uuid
        and v.version = (e.content_before::jsonb ->> 'version')::integer
    where e.operation in ('update', 'delete')
        and case
            when e.content_before is null then
                -- Words were forgotten with their person, and otherwise by nobody.
                not exists (select from identity.users u where u.id = owner and u.status = 'deleted')
            else
                -- With a portfolio its history goes.
                exists (
                    select from portfolio.portfolios p
                    where p.user_id = owner
                        and p.id = (e.content_before::jsonb ->> 'portfolio_id')::uuid
                )
                and (v.version is null
                     or platform.differs(
                         e.content_before::jsonb,
                         to_jsonb(jsonb_populate_record(null::portfolio.transactions, v.former))))
        end
    order by 1
$$;

CREATE FUNCTION portfolio.keep_deleted_appraisals() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into portfolio.appraisal_versions
        (user_id, instrument_id, date, price, known_from, changed_at, operation, changed_by)
    select f.user_id, f.instrument_id, f.date, f.price, f.observed_at,
           greatest(clock_timestamp(), f.observed_at), 'delete', platform.current_user_id()
    from former f
    -- With something that is forgotten, its values are.
    where exists (select from portfolio.private_assets a
                  where a.user_id = f.user_id and a.instrument_id = f.instrument_id);
    return null;
end
$$;

CREATE FUNCTION portfolio.keep_former() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into portfolio.transaction_versions
        (user_id, transaction_id, version, portfolio_id, operation, instrument_id,
         target_instrument_id, former, known_from, changed_at, changed_by, cause)
    select f.user_id, f.id, f.version, f.portfolio_id, lower(tg_op), f.instrument_id,
           f.target_instrument_id, to_jsonb(f),
           case when exists (select from portfolio.transaction_versions v
                             where v.user_id = f.user_id and v.transaction_id = f.id)
                then f.updated_at else f.created_at end,
           greatest(now(), f.updated_at),
           platform.current_user_id(),
           coalesce(nullif(current_setting('app.change_cause', true), ''),
                    case when platform.current_user_id() is null then 'system' else 'by_hand' end)
    from former f
    -- With a portfolio that goes, its history goes.
    where exists (select from portfolio.portfolios p
                  where p.user_id = f.user_id and p.id = f.portfolio_id);
    return null;
end
$$;

CREATE FUNCTION portfolio.keep_replaced_appraisals() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into portfolio.appraisal_versions
        (user_id, instrument_id, date, price, known_from, changed_at, operation, changed_by)
    select f.user_id, f.instrument_id, f.date, f.price, f.observed_at, c.observed_at, 'update',
           platform.current_user_id()
    from former f
    join current c using (user_id, instrument_id, date)
    where c.price is distinct from f.price;
    return null;
end
$$;

CREATE FUNCTION portfolio.mark_all_days() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform portfolio.mark_dirty(new.user_id, new.id, date '0001-01-01');
    return null;
end
$$;

CREATE FUNCTION portfolio.mark_appraised_days() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    one record;
begin
    for one in
        select held.user_id, held.portfolio_id, min(c.date) as day
        from changed c
        join lateral (
            select t.user_id, t.portfolio_id
            from portfolio.transactions t
            where t.user_id = c.user_id and t.instrument_id = c.instrument_id
            union
            select t.user_id, t.portfolio_id
            from portfolio.transactions t
            where t.user_id = c.user_id and t.target_instrument_id = c.instrument_id
        ) held on true
        group by held.user_id, held.portfolio_id
        order by held.user_id, held.portfolio_id
    loop
        perform portfolio.mark_dirty(one.user_id, one.portfolio_id, one.day);
    end loop;
    return null;
end
$$;

CREATE FUNCTION portfolio.mark_changed_days() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    one record;
begin
    for one in
        with touched as (
            select user_id, portfolio_id, min(date) as day from changed group by user_id, portfolio_id
        ),
        -- Lots move with a transfer, so what changes on one side changes the other.
        linked as (
            select distinct t.user_id, t.portfolio_id
            from portfolio.transactions t
            where t.transfer_id is not null and t.user_id in (select user_id from touched)
        )
        select d.user_id, d.portfolio_id, min(d.day) as day
        from (
            select * from touched
            union all
            select l.user_id, l.portfolio_id, t.day
            from linked l
            join touched t on t.user_id = l.user_id
            where exists (select from linked own
                          where own.user_id = t.user_id and own.portfolio_id = t.portfolio_id)
        ) d
        join portfolio.portfolios p on p.user_id = d.user_id and p.id = d.portfolio_id
        group by d.user_id, d.portfolio_id
        order by d.user_id, d.portfolio_id
    loop
        perform portfolio.mark_dirty(one.user_id, one.portfolio_id, one.day);
    end loop;
    return null;
end
$$;

CREATE FUNCTION portfolio.mark_dirty(of_user uuid, of_portfolio uuid, from_day date) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    insert into portfolio.snapshot_states as s (user_id, portfolio_id, dirty_from)
    values (of_user, of_portfolio, from_day)
    on conflict (user_id, portfolio_id) do update
        set dirty_from = least(s.dirty_from, excluded.dirty_from);
    -- Held until this commits, so that the end comes after it and sees the mark. Where somebody else is
    -- about to end a part, which may be the last, the job is queued, and it waits instead.
    perform i.id from portfolio.imports i
    where i.user_id = of_user and i.portfolio_id = of_portfolio and i.status in ('running', 'undoing')
    limit 1
    for share skip locked;
    if found then
        return;
    end if;
    perform platform.enqueue_job('portfolio.build_snapshots',
        jsonb_build_object('user_id', of_user, 'portfolio_id', of_portfolio), of_portfolio::text, 8);
end
$$;

CREATE FUNCTION portfolio.next_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.version := old.version + 1;
    new.updated_at := greatest(new.updated_at, old.updated_at);
    return new;
end
$$;

CREATE FUNCTION portfolio.pack_snapshots(before timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    packed bigint;
begin
    with free as materialized (
        select user_id, portfolio_id from portfolio.snapshot_states for update skip locked
    ), taken as (
        delete from portfolio.portfolio_snapshots s
        using free f
        where s.user_id = f.user_id and s.portfolio_id = f.portfolio_id
            and s.time < date_trunc('year', before, 'UTC')
        returning s.*
    ), stored as (
        insert into portfolio.packed_snapshots as p (user_id, portfolio_id, year, days)
        select user_id, portfolio_id, extract(year from time at time zone 'UTC')::integer,
               jsonb_agg(to_jsonb(taken) - 'user_id' - 'portfolio_id' order by time)
        from taken
        group by 1, 2, 3
        -- Of a year that is packed already only days that were added are left.
        on conflict (user_id, portfolio_id, year) do update set days = p.days || excluded.days
    )
    select count(*) into packed from taken;
    return packed;
end
$$;

CREATE FUNCTION portfolio.refresh_summary() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    refresh materialized view concurrently portfolio.portfolio_summary;
end
$$;

CREATE FUNCTION portfolio.unpack_snapshots(of_portfolio uuid, from_day date) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    unpacked bigint;
begin
    with taken as (
        delete from portfolio.packed_snapshots
        where portfolio_id = of_portfolio and year >= extract(year from from_day)
        returning *
    )
    insert into portfolio.portfolio_snapshots
        (user_id, portfolio_id, time, currency, total_value, cash_balance, net_invested, total_gain,
         total_gain_percent, day_change, day_change_percent, holdings_count, asset_allocation)
    select t.user_id, t.portfolio_id, d.*
    from taken t
    cross join lateral jsonb_to_recordset(t.days)
        as d (time timestamptz, currency text, total_value numeric, cash_balance numeric,
              net_invested numeric, total_gain numeric, total_gain_percent numeric, day_change numeric,
              day_change_percent numeric, holdings_count integer, asset_allocation jsonb);
    get diagnostics unpacked = row_count;
    return unpacked;
end
$$;

CREATE AGGREGATE market.product(double precision) (
    SFUNC = float8mul,
    STYPE = double precision,
    INITCOND = '1'
);

CREATE AGGREGATE platform.chained(previous text, link text) (
    SFUNC = platform.chain_step,
    STYPE = text
);

CREATE TABLE identity.avatars (
    user_id uuid NOT NULL,
    png bytea NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT avatars_png_check CHECK ((octet_length(png) <= 524288))
);

ALTER TABLE ONLY identity.avatars FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.ceremonies (
    token_hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    state jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT ceremonies_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'sign_in'::text, 'second_step'::text, 'confirm'::text]))),
    CONSTRAINT ceremonies_user_id_check CHECK (((purpose = 'sign_in'::text) = (user_id IS NULL)))
);

ALTER TABLE ONLY identity.ceremonies FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.consents (
    user_id uuid NOT NULL,
    document text NOT NULL,
    version text NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    CONSTRAINT consents_document_check CHECK ((document = ANY (ARRAY['terms'::text, 'privacy'::text, 'risk'::text]))),
    CONSTRAINT consents_version_check CHECK ((version ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'::text))
);

ALTER TABLE ONLY identity.consents FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.failed_attempts (
    subject bytea NOT NULL,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT failed_attempts_failures_check CHECK ((failures >= 0))
);

ALTER TABLE ONLY identity.failed_attempts FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.invitations (
    id uuid NOT NULL,
    token_hash bytea,
    email text,
    role text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    user_id uuid,
    accepted_at timestamp with time zone,
    CONSTRAINT invitations_email_check CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text))),
    CONSTRAINT invitations_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'user'::text, 'agent'::text]))),
    CONSTRAINT invitations_token_hash_check CHECK (((token_hash IS NULL) = (email IS NOT NULL)))
);

ALTER TABLE ONLY identity.invitations FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.links (
    token_hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    email text,
    invitation_id uuid,
    CONSTRAINT links_email_check CHECK (((purpose = ANY (ARRAY['email'::text, 'registration'::text])) = (email IS NOT NULL))),
    CONSTRAINT links_invitation_id_check CHECK (((purpose = 'registration'::text) OR (invitation_id IS NULL))),
    CONSTRAINT links_purpose_check CHECK ((purpose = ANY (ARRAY['setup'::text, 'password_reset'::text, 'email'::text, 'registration'::text])))
);

ALTER TABLE ONLY identity.links FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.mail_requests (
    id uuid NOT NULL,
    purpose text NOT NULL,
    email text NOT NULL,
    user_id uuid,
    invitation_id uuid,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT mail_requests_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'reset'::text, 'email'::text]))),
    CONSTRAINT mail_requests_user_id_check CHECK (((purpose = 'email'::text) = (user_id IS NOT NULL)))
);

ALTER TABLE ONLY identity.mail_requests FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.onboarding (
    user_id uuid NOT NULL,
    current_step text DEFAULT 'welcome'::text NOT NULL,
    completed_steps text[] DEFAULT '{}'::text[] NOT NULL,
    skipped_steps text[] DEFAULT '{}'::text[] NOT NULL,
    experience text,
    horizon text,
    tax_residency text,
    started_at timestamp with time zone NOT NULL,
    last_active_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone,
    dismissed_at timestamp with time zone,
    CONSTRAINT onboarding_completed_steps_check CHECK ((completed_steps <@ ARRAY['welcome'::text, 'experience'::text, 'risk'::text, 'horizon'::text, 'profile'::text, 'tax'::text, 'legal'::text])),
    CONSTRAINT onboarding_current_step_check CHECK ((current_step = ANY (ARRAY['welcome'::text, 'experience'::text, 'risk'::text, 'horizon'::text, 'profile'::text, 'tax'::text, 'legal'::text]))),
    CONSTRAINT onboarding_experience_check CHECK ((experience = ANY (ARRAY['none'::text, 'beginner'::text, 'intermediate'::text, 'advanced'::text, 'professional'::text]))),
    CONSTRAINT onboarding_horizon_check CHECK ((horizon = ANY (ARRAY['short_term'::text, 'medium_term'::text, 'long_term'::text]))),
    CONSTRAINT onboarding_skipped_steps_check CHECK (((skipped_steps <@ ARRAY['experience'::text, 'risk'::text, 'horizon'::text, 'profile'::text, 'tax'::text]) AND (NOT (skipped_steps && completed_steps)))),
    CONSTRAINT onboarding_tax_residency_check CHECK ((tax_residency ~ '^[A-Z]{2}$'::text))
);

ALTER TABLE ONLY identity.onboarding FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.openid_flows (
    token_hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    next text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT openid_flows_purpose_check CHECK ((purpose = ANY (ARRAY['sign_in'::text, 'link'::text, 'confirm'::text]))),
    CONSTRAINT openid_flows_user_id_check CHECK (((purpose = 'sign_in'::text) = (user_id IS NULL)))
);

ALTER TABLE ONLY identity.openid_flows FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.openid_identities (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT openid_identities_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 255)))
);

ALTER TABLE ONLY identity.openid_identities FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.outbox (
    id uuid NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL,
    detail text,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    last_error text,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    link platform.sealed,
    CONSTRAINT outbox_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT outbox_link_check CHECK (((state <> 'sent'::text) OR (link IS NULL))),
    CONSTRAINT outbox_sent_at_check CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL))),
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text])))
);

ALTER TABLE ONLY identity.outbox FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.passkeys (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    credential_id bytea NOT NULL,
    credential jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    suspected_at timestamp with time zone,
    CONSTRAINT passkeys_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100)))
);

ALTER TABLE ONLY identity.passkeys FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.pending_sign_ins (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY identity.pending_sign_ins FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.phones (
    user_id uuid NOT NULL,
    phone platform.sealed NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY identity.phones FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.preferences (
    user_id uuid NOT NULL,
    base_currency text DEFAULT 'EUR'::text NOT NULL,
    locale text DEFAULT 'en-US'::text NOT NULL,
    theme text DEFAULT 'system'::text NOT NULL,
    hide_amounts boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    number_format text DEFAULT 'locale'::text NOT NULL,
    date_format text DEFAULT 'locale'::text NOT NULL,
    time_format text DEFAULT '24h'::text NOT NULL,
    price_display text DEFAULT 'exact'::text NOT NULL,
    sign_colours text DEFAULT 'standard'::text NOT NULL,
    font_family text DEFAULT 'system'::text NOT NULL,
    font_size text DEFAULT 'medium'::text NOT NULL,
    density text DEFAULT 'comfortable'::text NOT NULL,
    animations boolean DEFAULT true NOT NULL,
    chart_type text DEFAULT 'candlestick'::text NOT NULL,
    chart_timeframe text DEFAULT '1Y'::text NOT NULL,
    history_range text DEFAULT '1y'::text NOT NULL,
    default_view text DEFAULT '/'::text NOT NULL,
    live_data boolean DEFAULT true NOT NULL,
    refresh_interval_s integer DEFAULT 30 NOT NULL,
    email_notifications boolean DEFAULT true NOT NULL,
    webhook_url text,
    alert_threshold_bps integer DEFAULT 500 NOT NULL,
    confirm_actions boolean DEFAULT false NOT NULL,
    show_risk_warnings boolean DEFAULT true NOT NULL,
    api_access boolean DEFAULT true NOT NULL,
    CONSTRAINT preferences_alert_threshold_bps_check CHECK (((alert_threshold_bps >= 0) AND (alert_threshold_bps <= 10000))),
    CONSTRAINT preferences_base_currency_check CHECK ((base_currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT preferences_chart_timeframe_check CHECK ((chart_timeframe = ANY (ARRAY['1M'::text, '3M'::text, 'YTD'::text, '1Y'::text, '5Y'::text, 'ALL'::text]))),
    CONSTRAINT preferences_chart_type_check CHECK ((chart_type = ANY (ARRAY['candlestick'::text, 'area'::text, 'line'::text, 'bar'::text]))),
    CONSTRAINT preferences_date_format_check CHECK ((date_format = ANY (ARRAY['locale'::text, 'YYYY-MM-DD'::text, 'DD.MM.YYYY'::text, 'DD/MM/YYYY'::text, 'MM/DD/YYYY'::text]))),
    CONSTRAINT preferences_default_view_check CHECK ((default_view ~ '^/[a-z/-]{0,100}$'::text)),
    CONSTRAINT preferences_density_check CHECK ((density = ANY (ARRAY['comfortable'::text, 'compact'::text]))),
    CONSTRAINT preferences_font_family_check CHECK ((font_family = ANY (ARRAY['system'::text, 'serif'::text, 'mono'::text]))),
    CONSTRAINT preferences_font_size_check CHECK ((font_size = ANY (ARRAY['small'::text, 'medium'::text, 'large'::text, 'extra_large'::text]))),
    CONSTRAINT preferences_history_range_check CHECK ((history_range = ANY (ARRAY['1m'::text, '3m'::text, 'ytd'::text, '1y'::text, '3y'::text, '5y'::text, 'all'::text]))),
    CONSTRAINT preferences_number_format_check CHECK ((number_format = ANY (ARRAY['locale'::text, 'en-US'::text, 'de-DE'::text, 'de-CH'::text, 'fr-FR'::text]))),
    CONSTRAINT preferences_price_display_check CHECK ((price_display = ANY (ARRAY['exact'::text, 'rounded'::text]))),
    CONSTRAINT preferences_refresh_interval_s_check CHECK (((refresh_interval_s >= 5) AND (refresh_interval_s <= 3600))),
    CONSTRAINT preferences_sign_colours_check CHECK ((sign_colours = ANY (ARRAY['standard'::text, 'colour_blind'::text, 'red_up'::text]))),
    CONSTRAINT preferences_theme_check CHECK ((theme = ANY (ARRAY['system'::text, 'light'::text, 'dark'::text]))),
    CONSTRAINT preferences_time_format_check CHECK ((time_format = ANY (ARRAY['24h'::text, '12h'::text]))),
    CONSTRAINT preferences_timezone_check CHECK (((length(timezone) >= 1) AND (length(timezone) <= 64))),
    CONSTRAINT preferences_webhook_url_check CHECK (((length(webhook_url) >= 1) AND (length(webhook_url) <= 500)))
);

ALTER TABLE ONLY identity.preferences FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.provider_keys (
    user_id uuid NOT NULL,
    provider text NOT NULL,
    api_key platform.sealed NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT provider_keys_provider_check CHECK ((provider ~ '^[a-z][a-z0-9_]{1,39}$'::text))
);

ALTER TABLE ONLY identity.provider_keys FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.recovery_codes (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    code_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE ONLY identity.recovery_codes FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.registration (
    only_row boolean DEFAULT true NOT NULL,
    policy text DEFAULT 'closed'::text NOT NULL,
    pinned text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT registration_only_row_check CHECK (only_row),
    CONSTRAINT registration_pinned_check CHECK ((pinned = ANY (ARRAY['open'::text, 'invitation'::text, 'closed'::text]))),
    CONSTRAINT registration_policy_check CHECK ((policy = ANY (ARRAY['open'::text, 'invitation'::text, 'closed'::text])))
);

CREATE TABLE identity.risk_assessments (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    answers smallint[] NOT NULL,
    score smallint NOT NULL,
    tolerance text NOT NULL,
    profile text NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    CONSTRAINT risk_assessments_answers_check CHECK (((cardinality(answers) = 5) AND (array_position(answers, NULL::smallint) IS NULL) AND (1 <= ALL (answers)) AND (5 >= ALL (answers)))),
    CONSTRAINT risk_assessments_profile_check CHECK ((profile =
CASE
    WHEN (tolerance = ANY (ARRAY['very_low'::text, 'low'::text])) THEN 'conservative'::text
    WHEN (tolerance = 'moderate'::text) THEN 'moderate'::text
    ELSE 'aggressive'::text
END)),
    CONSTRAINT risk_assessments_score_check CHECK (((score >= 5) AND (score <= 25))),
    CONSTRAINT risk_assessments_tolerance_check CHECK ((tolerance = ANY (ARRAY['very_low'::text, 'low'::text, 'moderate'::text, 'high'::text, 'very_high'::text])))
);

ALTER TABLE ONLY identity.risk_assessments FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.sessions (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    token_hash bytea,
    address text,
    agent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    proved_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY identity.sessions FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.tax_ids (
    user_id uuid NOT NULL,
    country text NOT NULL,
    tax_id platform.sealed NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT tax_ids_country_check CHECK ((country ~ '^[A-Z]{2}$'::text))
);

ALTER TABLE ONLY identity.tax_ids FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.token_pairs (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    access_hash bytea NOT NULL,
    access_expires_at timestamp with time zone NOT NULL,
    refresh_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT token_pairs_expires_at_check CHECK (((access_expires_at > created_at) AND (expires_at >= access_expires_at)))
);

ALTER TABLE ONLY identity.token_pairs FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.tokens (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    prefix text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    scope text DEFAULT 'full'::text NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT tokens_expires_at_check CHECK ((expires_at > created_at)),
    CONSTRAINT tokens_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100))),
    CONSTRAINT tokens_scope_check CHECK ((scope = ANY (ARRAY['full'::text, 'limited'::text, 'read'::text])))
);

ALTER TABLE ONLY identity.tokens FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.totp (
    user_id uuid NOT NULL,
    secret platform.sealed NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT totp_last_step_check CHECK ((last_step >= 0))
);

ALTER TABLE ONLY identity.totp FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    password_hash text NOT NULL,
    role text DEFAULT 'user'::text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_signed_in_at timestamp with time zone,
    username text,
    first_name text DEFAULT ''::text NOT NULL,
    last_name text DEFAULT ''::text NOT NULL,
    email_verified_at timestamp with time zone,
    tier text DEFAULT 'observer'::text NOT NULL,
    tier_expires_at timestamp with time zone,
    referral_code text DEFAULT identity.new_referral_code() NOT NULL,
    referred_by uuid,
    wallet_address text,
    CONSTRAINT users_email_check CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text))),
    CONSTRAINT users_referral_code_check CHECK ((referral_code ~ '^[2-9A-HJ-NP-Z]{6,10}$'::text)),
    CONSTRAINT users_referred_by_check CHECK ((referred_by <> id)),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'user'::text, 'agent'::text]))),
    CONSTRAINT users_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'suspended'::text, 'deleted'::text]))),
    CONSTRAINT users_tier_check CHECK ((tier = ANY (ARRAY['observer'::text, 'trader'::text, 'professional'::text, 'enterprise'::text]))),
    CONSTRAINT users_tier_expires_at_check CHECK (((tier <> 'observer'::text) OR (tier_expires_at IS NULL))),
    CONSTRAINT users_username_check CHECK ((username ~ '^[A-Za-z][A-Za-z0-9_.-]{2,29}$'::text)),
    CONSTRAINT users_wallet_address_check CHECK ((wallet_address ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'::text))
);

ALTER TABLE ONLY identity.users FORCE ROW LEVEL SECURITY;

CREATE TABLE market.bar_versions (
    instrument_id uuid NOT NULL,
    "interval" text NOT NULL,
    at timestamp with time zone NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    replaced_at timestamp with time zone NOT NULL,
    close double precision NOT NULL,
    source text NOT NULL,
    open double precision,
    high double precision,
    low double precision,
    volume double precision,
    adjusted_close double precision,
    is_refused boolean DEFAULT false NOT NULL
);

CREATE TABLE market.bars_15m (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
)
PARTITION BY RANGE (at);

CREATE TABLE market.bars_1d (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
)
PARTITION BY RANGE (at);

CREATE TABLE market.bars_1h (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
)
PARTITION BY RANGE (at);

CREATE TABLE market.bars_1m (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
)
PARTITION BY RANGE (at);

CREATE TABLE market.bars_5m (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
)
PARTITION BY RANGE (at);

CREATE TABLE market.packed_bars (
    instrument_id uuid NOT NULL,
    day date NOT NULL,
    source text NOT NULL,
    minutes smallint[] NOT NULL,
    opens double precision[] NOT NULL,
    highs double precision[] NOT NULL,
    lows double precision[] NOT NULL,
    closes double precision[] NOT NULL,
    adjusted_closes double precision[],
    volumes double precision[],
    observed_ats timestamp with time zone[] NOT NULL,
    CONSTRAINT packed_bars_minutes_check CHECK (((cardinality(minutes) > 0) AND (cardinality(opens) = cardinality(minutes)) AND (cardinality(highs) = cardinality(minutes)) AND (cardinality(lows) = cardinality(minutes)) AND (cardinality(closes) = cardinality(minutes)) AND (cardinality(observed_ats) = cardinality(minutes))))
)
WITH (toast_tuple_target='256');

CREATE VIEW market.bars WITH (security_invoker='true') AS
 SELECT bars_1m.instrument_id,
    '1m'::text AS "interval",
    bars_1m.at,
    bars_1m.open,
    bars_1m.high,
    bars_1m.low,
    bars_1m.close,
    bars_1m.adjusted_close,
    bars_1m.volume,
    bars_1m.source,
    bars_1m.observed_at
   FROM market.bars_1m
UNION ALL
 SELECT p.instrument_id,
    '1m'::text AS "interval",
    (((p.day)::timestamp without time zone AT TIME ZONE 'UTC'::text) + ((b.minute)::double precision * '00:01:00'::interval)) AS at,
    b.open,
    b.high,
    b.low,
    b.close,
    b.adjusted_close,
    b.volume,
    p.source,
    b.observed_at
   FROM (market.packed_bars p
     CROSS JOIN LATERAL UNNEST(p.minutes, p.opens, p.highs, p.lows, p.closes, p.adjusted_closes, p.volumes, p.observed_ats) b(minute, open, high, low, close, adjusted_close, volume, observed_at))
UNION ALL
 SELECT bars_5m.instrument_id,
    '5m'::text AS "interval",
    bars_5m.at,
    bars_5m.open,
    bars_5m.high,
    bars_5m.low,
    bars_5m.close,
    bars_5m.adjusted_close,
    bars_5m.volume,
    bars_5m.source,
    bars_5m.observed_at
   FROM market.bars_5m
UNION ALL
 SELECT bars_15m.instrument_id,
    '15m'::text AS "interval",
    bars_15m.at,
    bars_15m.open,
    bars_15m.high,
    bars_15m.low,
    bars_15m.close,
    bars_15m.adjusted_close,
    bars_15m.volume,
    bars_15m.source,
    bars_15m.observed_at
   FROM market.bars_15m
UNION ALL
 SELECT bars_1h.instrument_id,
    '1h'::text AS "interval",
    bars_1h.at,
    bars_1h.open,
    bars_1h.high,
    bars_1h.low,
    bars_1h.close,
    bars_1h.adjusted_close,
    bars_1h.volume,
    bars_1h.source,
    bars_1h.observed_at
   FROM market.bars_1h
UNION ALL
 SELECT bars_1d.instrument_id,
    '1d'::text AS "interval",
    bars_1d.at,
    bars_1d.open,
    bars_1d.high,
    bars_1d.low,
    bars_1d.close,
    bars_1d.adjusted_close,
    bars_1d.volume,
    bars_1d.source,
    bars_1d.observed_at
   FROM market.bars_1d;

CREATE TABLE market.bars_1d_1990s (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.bars_1d_2000s (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.bars_1d_2010s (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.bars_1d_2020s (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.bars_1d_2030s (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.bars_1d_earlier (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT bars_price_check CHECK (((open > (0)::double precision) AND (high > (0)::double precision) AND (low > (0)::double precision) AND (close > (0)::double precision) AND (high >= low))),
    CONSTRAINT bars_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.cache_counters (
    data_type text NOT NULL,
    hits bigint DEFAULT 0 NOT NULL,
    misses bigint DEFAULT 0 NOT NULL,
    expired bigint DEFAULT 0 NOT NULL,
    invalidated bigint DEFAULT 0 NOT NULL
);

CREATE TABLE market.changed_calendars (
    instrument_id uuid NOT NULL,
    former text,
    marked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE market.computed_days (
    instrument_id uuid NOT NULL,
    date date NOT NULL,
    until timestamp with time zone NOT NULL
);

CREATE TABLE market.corporate_actions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    instrument_id uuid NOT NULL,
    type text NOT NULL,
    ex_date date NOT NULL,
    pay_date date,
    ratio_to numeric(20,8),
    ratio_from numeric(20,8),
    target_instrument_id uuid,
    cost_share numeric(12,10),
    cash_per_share numeric(20,8),
    currency text,
    source text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    terms_version integer DEFAULT 1 NOT NULL,
    withdrawn_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT corporate_actions_cash_check CHECK ((((cash_per_share IS NULL) = (currency IS NULL)) AND ((type <> ALL (ARRAY['return_of_capital'::text, 'dividend'::text])) OR (cash_per_share IS NOT NULL)) AND ((type = ANY (ARRAY['return_of_capital'::text, 'dividend'::text, 'merger'::text])) OR (cash_per_share IS NULL)))),
    CONSTRAINT corporate_actions_cash_per_share_check CHECK ((cash_per_share > (0)::numeric)),
    CONSTRAINT corporate_actions_cost_check CHECK ((((type <> 'spin_off'::text) OR (cost_share IS NOT NULL)) AND ((type = ANY (ARRAY['spin_off'::text, 'merger'::text])) OR (cost_share IS NULL)))),
    CONSTRAINT corporate_actions_cost_share_check CHECK (((cost_share >= (0)::numeric) AND (cost_share <= (1)::numeric))),
    CONSTRAINT corporate_actions_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT corporate_actions_ex_date_check CHECK ((ex_date >= '1900-01-01'::date)),
    CONSTRAINT corporate_actions_other_target_check CHECK ((target_instrument_id <> instrument_id)),
    CONSTRAINT corporate_actions_pay_date_check CHECK ((pay_date >= ex_date)),
    CONSTRAINT corporate_actions_ratio_check CHECK ((((ratio_to IS NULL) = (ratio_from IS NULL)) AND ((type <> ALL (ARRAY['split'::text, 'spin_off'::text, 'stock_dividend'::text])) OR (ratio_to IS NOT NULL)) AND ((type <> ALL (ARRAY['symbol_change'::text, 'return_of_capital'::text, 'dividend'::text])) OR (ratio_to IS NULL)))),
    CONSTRAINT corporate_actions_ratio_from_check CHECK ((ratio_from > (0)::numeric)),
    CONSTRAINT corporate_actions_ratio_to_check CHECK ((ratio_to > (0)::numeric)),
    CONSTRAINT corporate_actions_target_check CHECK ((((type = ANY (ARRAY['spin_off'::text, 'symbol_change'::text])) AND (target_instrument_id IS NOT NULL)) OR ((type = 'merger'::text) AND ((target_instrument_id IS NULL) = (ratio_to IS NULL)) AND ((target_instrument_id IS NOT NULL) OR (cash_per_share IS NOT NULL))) OR ((type <> ALL (ARRAY['spin_off'::text, 'symbol_change'::text, 'merger'::text])) AND (target_instrument_id IS NULL)))),
    CONSTRAINT corporate_actions_type_check CHECK ((type = ANY (ARRAY['split'::text, 'spin_off'::text, 'merger'::text, 'symbol_change'::text, 'stock_dividend'::text, 'return_of_capital'::text, 'dividend'::text])))
);

CREATE TABLE market.daily_figures (
    instrument_id uuid NOT NULL,
    date date NOT NULL,
    close double precision NOT NULL,
    previous_close double precision,
    change_percent double precision,
    volume double precision,
    low_52w double precision NOT NULL,
    high_52w double precision NOT NULL,
    position_52w double precision,
    quoted_at timestamp with time zone
);

CREATE TABLE market.daily_figures_state (
    is_single boolean DEFAULT true NOT NULL,
    is_outdated boolean DEFAULT true NOT NULL,
    quote_sequence bigint DEFAULT 0 NOT NULL,
    CONSTRAINT daily_figures_state_is_single_check CHECK (is_single)
);

CREATE TABLE market.dirty_figures (
    instrument_id uuid NOT NULL
);

CREATE TABLE market.dirty_hours (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    marked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE market.dirty_minutes (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    marked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE market.dropped_days (
    kind text NOT NULL,
    instrument_id uuid NOT NULL,
    day date NOT NULL,
    dropped_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT dropped_days_kind_check CHECK ((kind = ANY (ARRAY['1m'::text, 'ticks'::text])))
);

CREATE TABLE market.exchange_words (
    word text NOT NULL,
    mic text NOT NULL
);

CREATE TABLE market.exchanges (
    mic text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    time_zone text NOT NULL,
    currency text NOT NULL,
    calendar text,
    aliases text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT exchanges_code_check CHECK ((code ~ '^[A-Z0-9-]{2,12}$'::text)),
    CONSTRAINT exchanges_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT exchanges_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT exchanges_mic_check CHECK ((mic ~ '^[A-Z0-9]{4}$'::text))
);

CREATE TABLE market.fetches (
    at timestamp with time zone NOT NULL,
    provider text NOT NULL,
    instrument_id uuid,
    request jsonb NOT NULL,
    outcome text NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    received integer DEFAULT 0 NOT NULL,
    stored integer DEFAULT 0 NOT NULL,
    quarantined integer DEFAULT 0 NOT NULL,
    id bigint NOT NULL,
    CONSTRAINT fetches_outcome_check CHECK ((outcome = ANY (ARRAY['fetched'::text, 'not_modified'::text, 'failed'::text, 'skipped'::text])))
);

ALTER TABLE market.fetches ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME market.fetches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE market.findings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    instrument_id uuid,
    want text NOT NULL,
    source text NOT NULL,
    rule text NOT NULL,
    sentence text NOT NULL,
    count integer NOT NULL,
    example text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    found_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    subject text,
    is_stored boolean DEFAULT false NOT NULL,
    CONSTRAINT findings_count_check CHECK ((count > 0)),
    CONSTRAINT findings_decided_check CHECK (((state = 'open'::text) = (decided_at IS NULL))),
    CONSTRAINT findings_state_check CHECK ((state = ANY (ARRAY['open'::text, 'dismissed'::text]))),
    CONSTRAINT findings_subject_check CHECK (((instrument_id IS NULL) <> (subject IS NULL))),
    CONSTRAINT findings_want_check CHECK ((want = ANY (ARRAY['option_chain'::text, 'fundamentals'::text, 'index_values'::text, 'rates'::text, 'bars_1m'::text, 'bars_5m'::text, 'bars_15m'::text, 'bars_1h'::text, 'bars_1d'::text])))
);

CREATE TABLE market.fundamentals (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    instrument_id uuid NOT NULL,
    taxonomy text NOT NULL,
    concept text NOT NULL,
    unit text NOT NULL,
    period_start date,
    period_end date NOT NULL,
    value numeric NOT NULL,
    fiscal_year smallint,
    fiscal_period text,
    form text NOT NULL,
    filed date,
    source text NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    CONSTRAINT fundamentals_concept_check CHECK (((length(concept) >= 1) AND (length(concept) <= 300))),
    CONSTRAINT fundamentals_period_check CHECK ((period_start <= period_end)),
    CONSTRAINT fundamentals_taxonomy_check CHECK (((length(taxonomy) >= 1) AND (length(taxonomy) <= 100))),
    CONSTRAINT fundamentals_unit_check CHECK (((length(unit) >= 1) AND (length(unit) <= 100)))
);

CREATE TABLE market.fx_rate_versions (
    base text NOT NULL,
    quote text NOT NULL,
    date date NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    replaced_at timestamp with time zone NOT NULL,
    rate double precision NOT NULL,
    source text NOT NULL
);

CREATE TABLE market.fx_rates (
    base text NOT NULL,
    quote text NOT NULL,
    date date NOT NULL,
    rate double precision NOT NULL,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT fx_rates_pair_check CHECK ((base <> quote)),
    CONSTRAINT fx_rates_rate_check CHECK ((rate > (0)::double precision))
);

CREATE TABLE market.instruments (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    symbol text NOT NULL,
    exchange text DEFAULT ''::text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    asset_class text DEFAULT 'equity'::text NOT NULL,
    currency text,
    sector text,
    country text,
    isin text,
    is_active boolean DEFAULT true NOT NULL,
    is_simulated boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    multiplier numeric(20,8) DEFAULT 1 NOT NULL,
    underlying_id uuid,
    strike numeric(20,8),
    option_right text,
    expires_on date,
    is_private boolean DEFAULT false NOT NULL,
    quote_unit text DEFAULT 'major'::text NOT NULL,
    mic text,
    industry text,
    market_cap numeric(30,2),
    market_cap_bucket text GENERATED ALWAYS AS (
CASE
    WHEN (market_cap IS NULL) THEN NULL::text
    WHEN (market_cap < (2000000000)::numeric) THEN 'small'::text
    WHEN (market_cap < ('10000000000'::bigint)::numeric) THEN 'mid'::text
    ELSE 'large'::text
END) STORED,
    pe_ratio numeric(20,4),
    pe_bucket text GENERATED ALWAYS AS (
CASE
    WHEN ((pe_ratio IS NULL) OR (pe_ratio <= (0)::numeric)) THEN NULL::text
    WHEN (pe_ratio < (15)::numeric) THEN 'low'::text
    WHEN (pe_ratio <= (25)::numeric) THEN 'medium'::text
    ELSE 'high'::text
END) STORED,
    figi text,
    cusip text,
    listed_on date,
    delisted_on date,
    CONSTRAINT instruments_asset_class_check CHECK ((asset_class = ANY (ARRAY['equity'::text, 'etf'::text, 'fund'::text, 'bond'::text, 'crypto'::text, 'forex'::text, 'commodity'::text, 'cash'::text, 'option'::text, 'alternative'::text, 'liability'::text, 'index'::text]))),
    CONSTRAINT instruments_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT instruments_cusip_check CHECK ((cusip ~ '^[0-9A-Z*@#]{8}[0-9]$'::text)),
    CONSTRAINT instruments_figi_check CHECK ((figi ~ '^[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]$'::text)),
    CONSTRAINT instruments_isin_check CHECK ((isin ~ '^[A-Z]{2}[A-Z0-9]{9}[0-9]$'::text)),
    CONSTRAINT instruments_listing_check CHECK ((delisted_on >= listed_on)),
    CONSTRAINT instruments_market_cap_bucket_check CHECK ((market_cap_bucket = ANY (ARRAY['small'::text, 'mid'::text, 'large'::text]))),
    CONSTRAINT instruments_market_cap_check CHECK ((market_cap > (0)::numeric)),
    CONSTRAINT instruments_multiplier_check CHECK ((multiplier > (0)::numeric)),
    CONSTRAINT instruments_option_right_check CHECK ((option_right = ANY (ARRAY['call'::text, 'put'::text]))),
    CONSTRAINT instruments_option_terms_check CHECK ((num_nulls(underlying_id, strike, option_right, expires_on) = ANY (ARRAY[0, 4]))),
    CONSTRAINT instruments_pe_bucket_check CHECK ((pe_bucket = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text]))),
    CONSTRAINT instruments_quote_unit_check CHECK (((quote_unit = 'major'::text) OR ((quote_unit = 'minor'::text) AND (currency IS NOT NULL) AND (currency = ANY (ARRAY['GBP'::text, 'ZAR'::text, 'ILS'::text]))))),
    CONSTRAINT instruments_strike_check CHECK ((strike > (0)::numeric)),
    CONSTRAINT instruments_symbol_check CHECK (((length(symbol) >= 1) AND (length(symbol) <= 50)))
);

CREATE TABLE market.interests (
    instrument_id uuid NOT NULL,
    reason text NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT interests_reason_check CHECK ((reason = ANY (ARRAY['held'::text, 'watched'::text, 'shown'::text])))
);

CREATE TABLE market.loaded_files (
    digest bytea NOT NULL,
    "interval" text NOT NULL,
    name text NOT NULL,
    imported bigint NOT NULL,
    loaded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT loaded_files_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT loaded_files_interval_check CHECK (("interval" = ANY (ARRAY['1m'::text, '5m'::text, '15m'::text, '1h'::text, '1d'::text])))
);

CREATE TABLE market.market_data_cache (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    ticker text NOT NULL,
    instrument_id uuid,
    data_type text NOT NULL,
    parameters jsonb,
    data jsonb NOT NULL,
    data_source text,
    data_quality_score numeric(3,2),
    etag text,
    last_modified text,
    cached_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    request text,
    CONSTRAINT market_data_cache_data_type_check CHECK ((data_type = ANY (ARRAY['price_history'::text, 'fundamentals'::text, 'income_statement'::text, 'balance_sheet'::text, 'cash_flow'::text, 'options_chain'::text, 'analyst_estimates'::text, 'peers'::text, 'news'::text, 'quote'::text, 'fx_rates'::text, 'series'::text]))),
    CONSTRAINT market_data_cache_lifetime_check CHECK ((expires_at > cached_at)),
    CONSTRAINT market_data_cache_score_check CHECK (((data_quality_score >= (0)::numeric) AND (data_quality_score <= (1)::numeric))),
    CONSTRAINT market_data_cache_ticker_check CHECK (((length(ticker) >= 1) AND (length(ticker) <= 50)))
);

CREATE TABLE market.market_indices (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    value double precision NOT NULL,
    change double precision,
    change_percent double precision,
    volume double precision,
    source text NOT NULL,
    CONSTRAINT market_indices_value_check CHECK ((value > (0)::double precision)),
    CONSTRAINT market_indices_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.name_words (
    word text NOT NULL,
    CONSTRAINT name_words_word_check CHECK (((word = lower(word)) AND ((length(word) >= 4) AND (length(word) <= 50))))
);

CREATE TABLE market.option_chains (
    underlying_id uuid NOT NULL,
    fetched_at timestamp with time zone NOT NULL,
    at timestamp with time zone,
    spot double precision,
    source text NOT NULL,
    pending date[] DEFAULT '{}'::date[] NOT NULL,
    CONSTRAINT option_chains_spot_check CHECK ((spot > (0)::double precision))
);

CREATE TABLE market.option_contracts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    underlying_id uuid NOT NULL,
    symbol text NOT NULL,
    expiration_date date NOT NULL,
    strike_price numeric(12,4) NOT NULL,
    option_type text NOT NULL,
    CONSTRAINT option_contracts_option_type_check CHECK ((option_type = ANY (ARRAY['call'::text, 'put'::text]))),
    CONSTRAINT option_contracts_strike_price_check CHECK ((strike_price > (0)::numeric)),
    CONSTRAINT option_contracts_symbol_check CHECK (((length(symbol) >= 16) AND (length(symbol) <= 50)))
);

CREATE TABLE market.option_quotes (
    contract_id uuid NOT NULL,
    underlying_id uuid NOT NULL,
    fetched_at timestamp with time zone NOT NULL,
    last_price double precision,
    bid double precision,
    ask double precision,
    volume bigint,
    open_interest bigint,
    implied_volatility double precision,
    delta double precision,
    gamma double precision,
    theta double precision,
    vega double precision,
    CONSTRAINT option_quotes_ask_check CHECK ((ask >= (0)::double precision)),
    CONSTRAINT option_quotes_bid_check CHECK ((bid >= (0)::double precision)),
    CONSTRAINT option_quotes_delta_check CHECK (((delta >= ('-1'::integer)::double precision) AND (delta <= (1)::double precision))),
    CONSTRAINT option_quotes_implied_volatility_check CHECK ((implied_volatility >= (0)::double precision)),
    CONSTRAINT option_quotes_last_price_check CHECK ((last_price >= (0)::double precision)),
    CONSTRAINT option_quotes_open_interest_check CHECK ((open_interest >= 0)),
    CONSTRAINT option_quotes_volume_check CHECK ((volume >= 0))
);

CREATE TABLE market.override_changes (
    id bigint NOT NULL,
    instrument_id uuid NOT NULL,
    date date NOT NULL,
    close double precision,
    reason text,
    changed_at timestamp with time zone NOT NULL,
    changed_by uuid,
    CONSTRAINT override_changes_close_check CHECK ((close > (0)::double precision)),
    CONSTRAINT override_changes_reason_check CHECK (((close IS NULL) = (reason IS NULL)))
);

ALTER TABLE market.override_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME market.override_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE market.overrides (
    instrument_id uuid NOT NULL,
    date date NOT NULL,
    close double precision NOT NULL,
    reason text NOT NULL,
    stated_at timestamp with time zone NOT NULL,
    CONSTRAINT overrides_close_check CHECK ((close > (0)::double precision)),
    CONSTRAINT overrides_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);

CREATE TABLE market.provider_keys (
    provider text NOT NULL,
    api_key platform.sealed NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE market.provider_orders (
    asset_class text NOT NULL,
    providers text[] NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT provider_orders_providers_check CHECK (((cardinality(providers) >= 1) AND (cardinality(providers) <= 12)))
);

CREATE TABLE market.provider_symbols (
    instrument_id uuid NOT NULL,
    provider text NOT NULL,
    symbol text NOT NULL,
    CONSTRAINT provider_symbols_symbol_check CHECK (((length(symbol) >= 1) AND (length(symbol) <= 50)))
);

CREATE TABLE market.providers (
    provider text NOT NULL,
    is_enabled boolean DEFAULT false NOT NULL,
    limit_count integer,
    limit_seconds integer,
    breaker jsonb DEFAULT '{}'::jsonb NOT NULL,
    last_success_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    last_failure text,
    fetched bigint DEFAULT 0 NOT NULL,
    not_modified bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    skipped bigint DEFAULT 0 NOT NULL,
    CONSTRAINT providers_limit_check CHECK (((limit_count IS NULL) = (limit_seconds IS NULL))),
    CONSTRAINT providers_limit_count_check CHECK (((limit_count >= 1) AND (limit_count <= 100000))),
    CONSTRAINT providers_limit_seconds_check CHECK (((limit_seconds >= 1) AND (limit_seconds <= 86400))),
    CONSTRAINT providers_provider_check CHECK ((provider ~ '^[a-z][a-z0-9_]{1,39}$'::text))
);

CREATE TABLE market.quarantine (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    instrument_id uuid NOT NULL,
    "interval" text NOT NULL,
    at timestamp with time zone NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    adjusted_close double precision,
    volume double precision,
    source text NOT NULL,
    findings jsonb NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    found_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT quarantine_decided_check CHECK (((state = 'open'::text) = (decided_at IS NULL))),
    CONSTRAINT quarantine_interval_check CHECK (("interval" = ANY (ARRAY['1m'::text, '5m'::text, '15m'::text, '1h'::text, '1d'::text, 'quote'::text]))),
    CONSTRAINT quarantine_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'rejected'::text, 'settled'::text])))
);

CREATE SEQUENCE market.quote_sequence
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE market.quotes (
    instrument_id uuid NOT NULL,
    sequence bigint DEFAULT nextval('market.quote_sequence'::regclass) NOT NULL,
    price double precision NOT NULL,
    previous_close double precision,
    change double precision GENERATED ALWAYS AS ((price - previous_close)) STORED,
    volume double precision,
    bid double precision,
    ask double precision,
    at timestamp with time zone NOT NULL,
    source text NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    change_percent double precision GENERATED ALWAYS AS ((((price - previous_close) / previous_close) * (100)::double precision)) STORED,
    day date,
    CONSTRAINT quotes_price_check CHECK (((price > (0)::double precision) AND (price < 'Infinity'::double precision) AND (previous_close > (0)::double precision) AND (previous_close < 'Infinity'::double precision) AND (bid > (0)::double precision) AND (ask > (0)::double precision))),
    CONSTRAINT quotes_volume_check CHECK ((volume >= (0)::double precision))
);

CREATE TABLE market.refreshes (
    instrument_id uuid NOT NULL,
    want text NOT NULL,
    tried_at timestamp with time zone NOT NULL,
    fetched_at timestamp with time zone,
    source text,
    misses integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone,
    reason text,
    CONSTRAINT refreshes_misses_check CHECK ((misses >= 0)),
    CONSTRAINT refreshes_want_check CHECK ((want = ANY (ARRAY['bars_1m'::text, 'bars_5m'::text, 'bars_15m'::text, 'bars_1h'::text, 'bars_1d'::text, 'quote'::text, 'option_chain'::text, 'fundamentals'::text, 'index_values'::text])))
);

CREATE TABLE market.revision (
    is_single boolean DEFAULT true NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT revision_is_single_check CHECK (is_single)
);

CREATE TABLE market.sent_requests (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    provider text NOT NULL,
    at timestamp with time zone NOT NULL,
    number integer NOT NULL,
    CONSTRAINT sent_requests_number_check CHECK ((number > 0))
);

CREATE TABLE market.simulated_fx_rates (
    base text NOT NULL,
    quote text NOT NULL,
    date date NOT NULL,
    rate double precision NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT simulated_fx_rates_pair_check CHECK ((base <> quote)),
    CONSTRAINT simulated_fx_rates_rate_check CHECK ((rate > (0)::double precision))
);

CREATE TABLE market.symbol_history (
    instrument_id uuid NOT NULL,
    symbol text NOT NULL,
    exchange text NOT NULL,
    until date NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE market.ticks (
    instrument_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    price double precision NOT NULL,
    volume double precision,
    bid double precision,
    ask double precision,
    source text NOT NULL,
    CONSTRAINT ticks_ask_check CHECK ((ask >= (0)::double precision)),
    CONSTRAINT ticks_bid_check CHECK ((bid >= (0)::double precision)),
    CONSTRAINT ticks_price_check CHECK ((price > (0)::double precision)),
    CONSTRAINT ticks_volume_check CHECK ((volume >= (0)::double precision))
)
PARTITION BY RANGE (at);

CREATE TABLE market.upkeep (
    task text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    done bigint NOT NULL,
    kept text,
    CONSTRAINT upkeep_task_check CHECK ((task = ANY (ARRAY['ahead'::text, 'pack'::text, 'drop_1m'::text, 'drop_15m'::text, 'drop_ticks'::text])))
);

CREATE TABLE platform.activity (
    user_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    type text NOT NULL,
    resource_type text,
    resource_id text,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    channel text NOT NULL,
    address text,
    agent text,
    request_id text,
    CONSTRAINT activity_channel_check CHECK ((channel = ANY (ARRAY['page'::text, 'api'::text, 'command'::text]))),
    CONSTRAINT activity_type_check CHECK ((type ~ '^[a-z0-9_.-]{1,100}$'::text))
)
PARTITION BY RANGE (at);

ALTER TABLE ONLY platform.activity FORCE ROW LEVEL SECURITY;

CREATE TABLE platform.analytics_events (
    at timestamp with time zone NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    event_type text NOT NULL,
    user_id uuid,
    properties jsonb DEFAULT '{}'::jsonb NOT NULL,
    context jsonb DEFAULT '{}'::jsonb NOT NULL
)
PARTITION BY RANGE (at);

ALTER TABLE ONLY platform.analytics_events FORCE ROW LEVEL SECURITY;

CREATE TABLE platform.audit (
    user_id uuid NOT NULL,
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    row_id text NOT NULL,
    former jsonb,
    later jsonb,
    changed_by uuid,
    acting_role text NOT NULL,
    request_id text,
    transaction_id bigint NOT NULL,
    CONSTRAINT audit_operation_check CHECK ((operation = ANY (ARRAY['update'::text, 'delete'::text])))
);

ALTER TABLE ONLY platform.audit FORCE ROW LEVEL SECURITY;

ALTER TABLE platform.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME platform.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE platform.chain_entries (
    user_id uuid NOT NULL,
    chain text NOT NULL,
    seq bigint NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    row_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    content_hash bytea NOT NULL,
    hash bytea NOT NULL,
    content text,
    CONSTRAINT chain_entries_operation_check CHECK ((operation = ANY (ARRAY['adopt'::text, 'insert'::text, 'update'::text, 'delete'::text])))
);

ALTER TABLE ONLY platform.chain_entries FORCE ROW LEVEL SECURITY;

CREATE TABLE platform.chain_heads (
    user_id uuid NOT NULL,
    chain text NOT NULL,
    length bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT decode(repeat('00'::text, 32), 'hex'::text) NOT NULL
);

ALTER TABLE ONLY platform.chain_heads FORCE ROW LEVEL SECURITY;

CREATE TABLE platform.chained_tables (
    table_name text NOT NULL,
    chain text NOT NULL
);

CREATE TABLE platform.closed_accounts (
    user_id uuid NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    purge_after timestamp with time zone NOT NULL,
    purged_at timestamp with time zone,
    CONSTRAINT closed_accounts_purge_check CHECK ((purge_after > closed_at))
);

ALTER TABLE ONLY platform.closed_accounts FORCE ROW LEVEL SECURITY;

CREATE TABLE platform.idempotency_keys (
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    body bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_keys_body_check CHECK (((status IS NULL) = (body IS NULL))),
    CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
    CONSTRAINT idempotency_keys_status_check CHECK (((status >= 100) AND (status <= 599)))
);

ALTER TABLE ONLY platform.idempotency_keys FORCE ROW LEVEL SECURITY;

CREATE TABLE platform.jobs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    unique_key text,
    state text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    max_attempts integer DEFAULT 5 NOT NULL,
    run_at timestamp with time zone DEFAULT now() NOT NULL,
    locked_until timestamp with time zone,
    last_error text,
    progress jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    request_id text,
    CONSTRAINT jobs_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT jobs_finished_at_check CHECK (((state = ANY (ARRAY['done'::text, 'dead'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT jobs_locked_until_check CHECK (((state = 'running'::text) = (locked_until IS NOT NULL))),
    CONSTRAINT jobs_max_attempts_check CHECK ((max_attempts >= 1)),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'dead'::text])))
);

CREATE TABLE platform.migrations (
    version bigint NOT NULL,
    name text NOT NULL,
    checksum bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE platform.system_logs (
    at timestamp with time zone NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    level text NOT NULL,
    service text NOT NULL,
    message text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    user_id uuid,
    request_id text,
    stack_trace text,
    CONSTRAINT system_logs_level_check CHECK ((level = ANY (ARRAY['info'::text, 'warn'::text, 'error'::text])))
)
PARTITION BY RANGE (at);

ALTER TABLE ONLY platform.system_logs FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.accepted_findings (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    finding text NOT NULL,
    note text,
    accepted_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT accepted_findings_finding_check CHECK (((length(finding) >= 1) AND (length(finding) <= 300)))
);

ALTER TABLE ONLY portfolio.accepted_findings FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.packed_snapshots (
    user_id uuid NOT NULL,
    portfolio_id uuid NOT NULL,
    year integer NOT NULL,
    days jsonb NOT NULL,
    CONSTRAINT packed_snapshots_days_check CHECK ((jsonb_typeof(days) = 'array'::text))
);

ALTER TABLE ONLY portfolio.packed_snapshots FORCE ROW LEVEL SECURITY;

CREATE VIEW portfolio.all_snapshots WITH (security_invoker='true') AS
 SELECT portfolio_snapshots.user_id,
    portfolio_snapshots.portfolio_id,
    portfolio_snapshots."time",
    portfolio_snapshots.currency,
    portfolio_snapshots.total_value,
    portfolio_snapshots.cash_balance,
    portfolio_snapshots.net_invested,
    portfolio_snapshots.total_gain,
    portfolio_snapshots.total_gain_percent,
    portfolio_snapshots.day_change,
    portfolio_snapshots.day_change_percent,
    portfolio_snapshots.holdings_count,
    portfolio_snapshots.asset_allocation
   FROM portfolio.portfolio_snapshots
UNION ALL
 SELECT p.user_id,
    p.portfolio_id,
    d."time",
    d.currency,
    d.total_value,
    d.cash_balance,
    d.net_invested,
    d.total_gain,
    d.total_gain_percent,
    d.day_change,
    d.day_change_percent,
    d.holdings_count,
    d.asset_allocation
   FROM (portfolio.packed_snapshots p
     CROSS JOIN LATERAL jsonb_to_recordset(p.days) d("time" timestamp with time zone, currency text, total_value numeric(20,8), cash_balance numeric(20,8), net_invested numeric(20,8), total_gain numeric(20,8), total_gain_percent numeric(20,8), day_change numeric(20,8), day_change_percent numeric(20,8), holdings_count integer, asset_allocation jsonb));

CREATE TABLE portfolio.appraisal_versions (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    instrument_id uuid NOT NULL,
    date date NOT NULL,
    price numeric(20,8) NOT NULL,
    known_from timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    operation text NOT NULL,
    changed_by uuid,
    CONSTRAINT appraisal_versions_known_check CHECK ((changed_at >= known_from)),
    CONSTRAINT appraisal_versions_operation_check CHECK ((operation = ANY (ARRAY['update'::text, 'delete'::text])))
);

ALTER TABLE ONLY portfolio.appraisal_versions FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.appraisals (
    user_id uuid NOT NULL,
    instrument_id uuid NOT NULL,
    date date NOT NULL,
    price numeric(20,8) NOT NULL,
    observed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT appraisals_price_check CHECK ((price >= (0)::numeric))
);

ALTER TABLE ONLY portfolio.appraisals FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.asset_category_assignment (
    user_id uuid NOT NULL,
    instrument_id uuid NOT NULL,
    category_id uuid NOT NULL,
    assignment_type text DEFAULT 'manual'::text NOT NULL,
    assignment_confidence numeric(5,4) DEFAULT 1 NOT NULL,
    weight numeric(7,4) DEFAULT 100 NOT NULL,
    is_declined boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT asset_category_assignment_confidence_check CHECK (((assignment_confidence >= (0)::numeric) AND (assignment_confidence <= (1)::numeric))),
    CONSTRAINT asset_category_assignment_type_check CHECK ((assignment_type = ANY (ARRAY['manual'::text, 'suggested'::text]))),
    CONSTRAINT asset_category_assignment_weight_check CHECK (((weight > (0)::numeric) AND (weight <= (100)::numeric)))
);

ALTER TABLE ONLY portfolio.asset_category_assignment FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.category_rules (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    category_id uuid NOT NULL,
    field text NOT NULL,
    operands text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT category_rules_field_check CHECK ((field = ANY (ARRAY['asset_class'::text, 'sector'::text, 'region'::text, 'country'::text, 'currency'::text, 'symbol'::text]))),
    CONSTRAINT category_rules_operands_check CHECK (((cardinality(operands) >= 1) AND (cardinality(operands) <= 500)))
);

ALTER TABLE ONLY portfolio.category_rules FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.corporate_action_decisions (
    user_id uuid NOT NULL,
    portfolio_id uuid NOT NULL,
    corporate_action_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY portfolio.corporate_action_decisions FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.fund_weights (
    user_id uuid NOT NULL,
    instrument_id uuid NOT NULL,
    dimension text NOT NULL,
    key text NOT NULL,
    percent numeric(9,6) NOT NULL,
    CONSTRAINT fund_weights_dimension_check CHECK ((dimension = ANY (ARRAY['asset_class'::text, 'sector'::text, 'country'::text]))),
    CONSTRAINT fund_weights_key_check CHECK (((length(btrim(key)) >= 1) AND (length(btrim(key)) <= 100))),
    CONSTRAINT fund_weights_percent_check CHECK (((percent > (0)::numeric) AND (percent <= (100)::numeric)))
);

ALTER TABLE ONLY portfolio.fund_weights FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.imports (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    portfolio_id uuid NOT NULL,
    file_name text NOT NULL,
    format text,
    mapping jsonb,
    status text DEFAULT 'preview'::text NOT NULL,
    content bytea,
    rejected jsonb DEFAULT '[]'::jsonb NOT NULL,
    imported_count integer DEFAULT 0 NOT NULL,
    duplicate_count integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    imported_at timestamp with time zone,
    undone_at timestamp with time zone,
    content_hash bytea,
    bytes_total bigint,
    bytes_done bigint DEFAULT 0 NOT NULL,
    records_done bigint DEFAULT 0 NOT NULL,
    rejected_count integer DEFAULT 0 NOT NULL,
    spool_path text,
    stopped_because text,
    first_rows json,
    skipped jsonb DEFAULT '[]'::jsonb NOT NULL,
    skipped_count integer DEFAULT 0 NOT NULL,
    undo_total bigint,
    undone_count bigint DEFAULT 0 NOT NULL,
    heard_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT imports_content_hash_check CHECK ((octet_length(content_hash) = 32)),
    CONSTRAINT imports_long_check CHECK ((((bytes_total IS NULL) = (content_hash IS NULL)) AND ((bytes_total IS NOT NULL) OR ((spool_path IS NULL) AND (status <> ALL (ARRAY['running'::text, 'interrupted'::text])))))),
    CONSTRAINT imports_status_check CHECK ((status = ANY (ARRAY['preview'::text, 'running'::text, 'interrupted'::text, 'imported'::text, 'undoing'::text, 'undo_interrupted'::text, 'undone'::text]))),
    CONSTRAINT imports_undo_check CHECK (((status <> ALL (ARRAY['undoing'::text, 'undo_interrupted'::text])) OR (undo_total IS NOT NULL)))
);

ALTER TABLE ONLY portfolio.imports FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.mappings (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    mapping jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT mappings_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100)))
);

ALTER TABLE ONLY portfolio.mappings FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.portfolio_sync_log (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    portfolio_id uuid,
    import_id uuid,
    sync_source text NOT NULL,
    status text NOT NULL,
    records_imported integer DEFAULT 0 NOT NULL,
    error_message text,
    filename text,
    sync_started timestamp with time zone NOT NULL,
    sync_completed timestamp with time zone NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT portfolio_sync_log_records_positive CHECK ((records_imported >= 0)),
    CONSTRAINT portfolio_sync_log_status_check CHECK ((status = ANY (ARRAY['success'::text, 'error'::text, 'partial'::text, 'pending'::text]))),
    CONSTRAINT portfolio_sync_log_sync_source_check CHECK ((sync_source = ANY (ARRAY['csv'::text, 'ibkr'::text, 'kucoin'::text, 'kraken'::text, 'tiger'::text, 'manual'::text])))
);

ALTER TABLE ONLY portfolio.portfolio_sync_log FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.private_assets (
    user_id uuid NOT NULL,
    instrument_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    note text,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    symbol text,
    asset_class text,
    sector text,
    industry text,
    country text,
    isin text,
    CONSTRAINT private_assets_asset_class_check CHECK ((asset_class = ANY (ARRAY['equity'::text, 'etf'::text, 'fund'::text, 'bond'::text, 'crypto'::text, 'commodity'::text, 'cash'::text, 'alternative'::text]))),
    CONSTRAINT private_assets_country_check CHECK (((length(country) >= 1) AND (length(country) <= 100))),
    CONSTRAINT private_assets_industry_check CHECK (((length(industry) >= 1) AND (length(industry) <= 100))),
    CONSTRAINT private_assets_instrument_check CHECK (
CASE
    WHEN (kind = 'instrument'::text) THEN (num_nonnulls(symbol, asset_class) = 2)
    ELSE (num_nonnulls(symbol, asset_class, sector, industry, country, isin) = 0)
END),
    CONSTRAINT private_assets_isin_check CHECK ((isin ~ '^[A-Z]{2}[A-Z0-9]{9}[0-9]$'::text)),
    CONSTRAINT private_assets_kind_check CHECK ((kind = ANY (ARRAY['property'::text, 'private_holding'::text, 'other'::text, 'liability'::text, 'instrument'::text]))),
    CONSTRAINT private_assets_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100))),
    CONSTRAINT private_assets_sector_check CHECK (((length(sector) >= 1) AND (length(sector) <= 100))),
    CONSTRAINT private_assets_symbol_check CHECK ((((length(symbol) >= 1) AND (length(symbol) <= 50)) AND (symbol !~ '\s'::text)))
);

ALTER TABLE ONLY portfolio.private_assets FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.snapshot_states (
    user_id uuid NOT NULL,
    portfolio_id uuid NOT NULL,
    dirty_from date,
    built_to date,
    market_revision bigint DEFAULT 0 NOT NULL,
    market_seen_at timestamp with time zone
);

ALTER TABLE ONLY portfolio.snapshot_states FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.stated_balances (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    portfolio_id uuid NOT NULL,
    import_id uuid NOT NULL,
    instrument_id uuid,
    currency text,
    stated_on date NOT NULL,
    quantity numeric(20,8) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    account text,
    CONSTRAINT stated_balances_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT stated_balances_what_check CHECK ((num_nonnulls(instrument_id, currency) = 1))
);

ALTER TABLE ONLY portfolio.stated_balances FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.transaction_versions (
    user_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    version integer NOT NULL,
    portfolio_id uuid NOT NULL,
    operation text NOT NULL,
    instrument_id uuid,
    target_instrument_id uuid,
    former jsonb NOT NULL,
    known_from timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by uuid,
    cause text NOT NULL,
    CONSTRAINT transaction_versions_cause_check CHECK ((cause = ANY (ARRAY['by_hand'::text, 'import'::text, 'import_undo'::text, 'transfer'::text, 'corporate_action'::text, 'sample'::text, 'system'::text]))),
    CONSTRAINT transaction_versions_known_check CHECK ((changed_at >= known_from)),
    CONSTRAINT transaction_versions_operation_check CHECK ((operation = ANY (ARRAY['update'::text, 'delete'::text])))
);

ALTER TABLE ONLY portfolio.transaction_versions FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.transactions (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    portfolio_id uuid NOT NULL,
    type text NOT NULL,
    date date NOT NULL,
    executed_at timestamp with time zone,
    instrument_id uuid,
    quantity numeric(20,8),
    price numeric(20,8),
    amount numeric(20,8) NOT NULL,
    fees numeric(20,8) DEFAULT 0 NOT NULL,
    taxes numeric(20,8) DEFAULT 0 NOT NULL,
    currency text NOT NULL,
    settlement_currency text,
    fx_rate numeric(20,10),
    split_to numeric(20,8),
    split_from numeric(20,8),
    note text,
    account text,
    external_id text,
    fingerprint bytea NOT NULL,
    edited_fingerprint bytea,
    import_id uuid,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    target_instrument_id uuid,
    cost_share numeric(12,10),
    acquired_on date,
    transfer_id uuid,
    lots jsonb DEFAULT '[]'::jsonb NOT NULL,
    corporate_action_id uuid,
    corporate_action_terms integer,
    CONSTRAINT transactions_cash_check CHECK (((type <> ALL (ARRAY['deposit'::text, 'withdrawal'::text, 'conversion'::text])) OR (amount > (0)::numeric))),
    CONSTRAINT transactions_conversion_check CHECK (((type <> 'conversion'::text) OR (settlement_currency IS NOT NULL))),
    CONSTRAINT transactions_corporate_action_check CHECK (((corporate_action_id IS NULL) = (corporate_action_terms IS NULL))),
    CONSTRAINT transactions_cost_share_check CHECK (((cost_share >= (0)::numeric) AND (cost_share <= (1)::numeric))),
    CONSTRAINT transactions_currency_check CHECK ((currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT transactions_fx_rate_check CHECK ((fx_rate > (0)::numeric)),
    CONSTRAINT transactions_instrument_check CHECK (((instrument_id IS NOT NULL) OR (type = ANY (ARRAY['interest'::text, 'deposit'::text, 'withdrawal'::text, 'conversion'::text, 'fee'::text, 'tax'::text])))),
    CONSTRAINT transactions_lots_check CHECK ((jsonb_typeof(lots) = 'array'::text)),
    CONSTRAINT transactions_quantity_check CHECK ((((type <> ALL (ARRAY['stock_dividend'::text, 'exercise'::text, 'assignment'::text, 'expiry'::text])) OR (quantity > (0)::numeric)) AND ((type <> ALL (ARRAY['transfer_in'::text, 'transfer_out'::text])) OR (quantity <> (0)::numeric)))),
    CONSTRAINT transactions_settlement_check CHECK (((settlement_currency IS NULL) = (fx_rate IS NULL))),
    CONSTRAINT transactions_settlement_currency_check CHECK ((settlement_currency ~ '^[A-Z][A-Z0-9]{2,7}$'::text)),
    CONSTRAINT transactions_split_check CHECK ((((split_to IS NULL) = (split_from IS NULL)) AND ((type <> ALL (ARRAY['split'::text, 'spin_off'::text])) OR (split_to IS NOT NULL)) AND ((type = ANY (ARRAY['split'::text, 'spin_off'::text, 'merger'::text])) OR (split_to IS NULL)))),
    CONSTRAINT transactions_split_from_check CHECK ((split_from > (0)::numeric)),
    CONSTRAINT transactions_split_to_check CHECK ((split_to > (0)::numeric)),
    CONSTRAINT transactions_target_check CHECK ((((type = ANY (ARRAY['spin_off'::text, 'symbol_change'::text])) AND (target_instrument_id IS NOT NULL)) OR (type = 'merger'::text) OR (target_instrument_id IS NULL))),
    CONSTRAINT transactions_trade_check CHECK (((type <> ALL (ARRAY['buy'::text, 'sell'::text, 'short'::text, 'cover'::text, 'reinvested_dividend'::text])) OR ((quantity > (0)::numeric) AND (price >= (0)::numeric) AND (amount >= (0)::numeric)))),
    CONSTRAINT transactions_transfer_check CHECK (((transfer_id IS NULL) OR (type = ANY (ARRAY['transfer_in'::text, 'transfer_out'::text])))),
    CONSTRAINT transactions_type_check CHECK ((type = ANY (ARRAY['buy'::text, 'sell'::text, 'short'::text, 'cover'::text, 'dividend'::text, 'reinvested_dividend'::text, 'stock_dividend'::text, 'return_of_capital'::text, 'interest'::text, 'deposit'::text, 'withdrawal'::text, 'conversion'::text, 'transfer_in'::text, 'transfer_out'::text, 'fee'::text, 'tax'::text, 'split'::text, 'spin_off'::text, 'merger'::text, 'symbol_change'::text, 'exercise'::text, 'assignment'::text, 'expiry'::text])))
);

ALTER TABLE ONLY portfolio.transactions FORCE ROW LEVEL SECURITY;

CREATE TABLE portfolio.vault_categories (
    user_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    parent_id uuid,
    category_name text NOT NULL,
    category_type text DEFAULT 'custom'::text NOT NULL,
    category_description text,
    category_color text DEFAULT '#3b82f6'::text NOT NULL,
    target_allocation_percent numeric(7,4),
    min_allocation_percent numeric(7,4),
    max_allocation_percent numeric(7,4),
    rebalance_threshold numeric(7,4) DEFAULT 5 NOT NULL,
    relative_threshold numeric(7,4),
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT vault_categories_color_check CHECK ((category_color ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT vault_categories_max_check CHECK (((max_allocation_percent >= (0)::numeric) AND (max_allocation_percent <= (100)::numeric))),
    CONSTRAINT vault_categories_min_check CHECK (((min_allocation_percent >= (0)::numeric) AND (min_allocation_percent <= (100)::numeric))),
    CONSTRAINT vault_categories_name_check CHECK (((length(btrim(category_name)) >= 1) AND (length(btrim(category_name)) <= 100))),
    CONSTRAINT vault_categories_range_check CHECK ((COALESCE((min_allocation_percent <= target_allocation_percent), true) AND COALESCE((target_allocation_percent <= max_allocation_percent), true) AND COALESCE((min_allocation_percent <= max_allocation_percent), true))),
    CONSTRAINT vault_categories_relative_check CHECK (((relative_threshold >= (0)::numeric) AND (relative_threshold <= (100)::numeric))),
    CONSTRAINT vault_categories_target_check CHECK (((target_allocation_percent >= (0)::numeric) AND (target_allocation_percent <= (100)::numeric))),
    CONSTRAINT vault_categories_threshold_check CHECK (((rebalance_threshold >= (0)::numeric) AND (rebalance_threshold <= (100)::numeric))),
    CONSTRAINT vault_categories_type_check CHECK ((category_type = ANY (ARRAY['asset_class'::text, 'sector'::text, 'geography'::text, 'strategy'::text, 'risk_level'::text, 'custom'::text])))
);

ALTER TABLE ONLY portfolio.vault_categories FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY market.bars_1d ATTACH PARTITION market.bars_1d_1990s FOR VALUES FROM ('1990-01-01 00:00:00+00') TO ('2000-01-01 00:00:00+00');

ALTER TABLE ONLY market.bars_1d ATTACH PARTITION market.bars_1d_2000s FOR VALUES FROM ('2000-01-01 00:00:00+00') TO ('2010-01-01 00:00:00+00');

ALTER TABLE ONLY market.bars_1d ATTACH PARTITION market.bars_1d_2010s FOR VALUES FROM ('2010-01-01 00:00:00+00') TO ('2020-01-01 00:00:00+00');

ALTER TABLE ONLY market.bars_1d ATTACH PARTITION market.bars_1d_2020s FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2030-01-01 00:00:00+00');

ALTER TABLE ONLY market.bars_1d ATTACH PARTITION market.bars_1d_2030s FOR VALUES FROM ('2030-01-01 00:00:00+00') TO ('2040-01-01 00:00:00+00');

ALTER TABLE ONLY market.bars_1d ATTACH PARTITION market.bars_1d_earlier FOR VALUES FROM (MINVALUE) TO ('1990-01-01 00:00:00+00');

ALTER TABLE ONLY identity.avatars
    ADD CONSTRAINT avatars_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY identity.ceremonies
    ADD CONSTRAINT ceremonies_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY identity.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (user_id, document, version);

ALTER TABLE ONLY identity.failed_attempts
    ADD CONSTRAINT failed_attempts_pkey PRIMARY KEY (subject);

ALTER TABLE ONLY identity.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.invitations
    ADD CONSTRAINT invitations_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY identity.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY identity.mail_requests
    ADD CONSTRAINT mail_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.onboarding
    ADD CONSTRAINT onboarding_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY identity.openid_flows
    ADD CONSTRAINT openid_flows_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY identity.openid_identities
    ADD CONSTRAINT openid_identities_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.openid_identities
    ADD CONSTRAINT openid_identities_subject_key UNIQUE (issuer, subject);

ALTER TABLE ONLY identity.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.passkeys
    ADD CONSTRAINT passkeys_credential_id_key UNIQUE (credential_id);

ALTER TABLE ONLY identity.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY identity.phones
    ADD CONSTRAINT phones_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY identity.preferences
    ADD CONSTRAINT preferences_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY identity.provider_keys
    ADD CONSTRAINT provider_keys_pkey PRIMARY KEY (user_id, provider);

ALTER TABLE ONLY identity.recovery_codes
    ADD CONSTRAINT recovery_codes_code_hash_key UNIQUE (user_id, code_hash);

ALTER TABLE ONLY identity.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.registration
    ADD CONSTRAINT registration_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY identity.risk_assessments
    ADD CONSTRAINT risk_assessments_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.tax_ids
    ADD CONSTRAINT tax_ids_pkey PRIMARY KEY (user_id, country);

ALTER TABLE ONLY identity.token_pairs
    ADD CONSTRAINT token_pairs_access_hash_key UNIQUE (access_hash);

ALTER TABLE ONLY identity.token_pairs
    ADD CONSTRAINT token_pairs_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.token_pairs
    ADD CONSTRAINT token_pairs_refresh_hash_key UNIQUE (refresh_hash);

ALTER TABLE ONLY identity.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY identity.totp
    ADD CONSTRAINT totp_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_referral_code_key UNIQUE (referral_code);

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_wallet_address_key UNIQUE (wallet_address);

ALTER TABLE ONLY market.bar_versions
    ADD CONSTRAINT bar_versions_pkey PRIMARY KEY (instrument_id, "interval", at, replaced_at);

ALTER TABLE ONLY market.bars_15m
    ADD CONSTRAINT bars_15m_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1d
    ADD CONSTRAINT bars_1d_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1d_1990s
    ADD CONSTRAINT bars_1d_1990s_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1d_2000s
    ADD CONSTRAINT bars_1d_2000s_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1d_2010s
    ADD CONSTRAINT bars_1d_2010s_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1d_2020s
    ADD CONSTRAINT bars_1d_2020s_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1d_2030s
    ADD CONSTRAINT bars_1d_2030s_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1d_earlier
    ADD CONSTRAINT bars_1d_earlier_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1h
    ADD CONSTRAINT bars_1h_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_1m
    ADD CONSTRAINT bars_1m_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.bars_5m
    ADD CONSTRAINT bars_5m_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.cache_counters
    ADD CONSTRAINT cache_counters_pkey PRIMARY KEY (data_type);

ALTER TABLE ONLY market.changed_calendars
    ADD CONSTRAINT changed_calendars_pkey PRIMARY KEY (instrument_id);

ALTER TABLE ONLY market.computed_days
    ADD CONSTRAINT computed_days_pkey PRIMARY KEY (instrument_id);

ALTER TABLE ONLY market.corporate_actions
    ADD CONSTRAINT corporate_actions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.daily_figures
    ADD CONSTRAINT daily_figures_pkey PRIMARY KEY (instrument_id);

ALTER TABLE ONLY market.daily_figures_state
    ADD CONSTRAINT daily_figures_state_pkey PRIMARY KEY (is_single);

ALTER TABLE ONLY market.dirty_hours
    ADD CONSTRAINT dirty_hours_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.dirty_minutes
    ADD CONSTRAINT dirty_minutes_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.dropped_days
    ADD CONSTRAINT dropped_days_pkey PRIMARY KEY (instrument_id, day, kind);

ALTER TABLE ONLY market.exchange_words
    ADD CONSTRAINT exchange_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY market.exchanges
    ADD CONSTRAINT exchanges_code_key UNIQUE (code);

ALTER TABLE ONLY market.exchanges
    ADD CONSTRAINT exchanges_mic_code_key UNIQUE (mic, code);

ALTER TABLE ONLY market.exchanges
    ADD CONSTRAINT exchanges_pkey PRIMARY KEY (mic);

ALTER TABLE ONLY market.fetches
    ADD CONSTRAINT fetches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.findings
    ADD CONSTRAINT findings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.findings
    ADD CONSTRAINT findings_rule_key UNIQUE NULLS NOT DISTINCT (instrument_id, subject, want, source, rule);

ALTER TABLE ONLY market.fundamentals
    ADD CONSTRAINT fundamentals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.fundamentals
    ADD CONSTRAINT fundamentals_statement_key UNIQUE NULLS NOT DISTINCT (instrument_id, source, taxonomy, concept, unit, period_end, period_start, filed);

ALTER TABLE ONLY market.fx_rate_versions
    ADD CONSTRAINT fx_rate_versions_pkey PRIMARY KEY (base, quote, date, replaced_at);

ALTER TABLE ONLY market.fx_rates
    ADD CONSTRAINT fx_rates_pkey PRIMARY KEY (base, quote, date);

ALTER TABLE ONLY market.instruments
    ADD CONSTRAINT instruments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.interests
    ADD CONSTRAINT interests_pkey PRIMARY KEY (instrument_id, reason);

ALTER TABLE ONLY market.loaded_files
    ADD CONSTRAINT loaded_files_pkey PRIMARY KEY (digest, "interval", name);

ALTER TABLE ONLY market.market_data_cache
    ADD CONSTRAINT market_data_cache_key UNIQUE NULLS NOT DISTINCT (ticker, data_type, parameters, instrument_id);

ALTER TABLE ONLY market.market_data_cache
    ADD CONSTRAINT market_data_cache_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.market_indices
    ADD CONSTRAINT market_indices_pkey PRIMARY KEY (instrument_id, at);

ALTER TABLE ONLY market.name_words
    ADD CONSTRAINT name_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY market.option_chains
    ADD CONSTRAINT option_chains_pkey PRIMARY KEY (underlying_id, fetched_at);

ALTER TABLE ONLY market.option_contracts
    ADD CONSTRAINT option_contracts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.option_contracts
    ADD CONSTRAINT option_contracts_symbol_key UNIQUE (underlying_id, symbol);

ALTER TABLE ONLY market.option_quotes
    ADD CONSTRAINT option_quotes_pkey PRIMARY KEY (underlying_id, fetched_at, contract_id);

ALTER TABLE ONLY market.override_changes
    ADD CONSTRAINT override_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.overrides
    ADD CONSTRAINT overrides_pkey PRIMARY KEY (instrument_id, date);

ALTER TABLE ONLY market.packed_bars
    ADD CONSTRAINT packed_bars_pkey PRIMARY KEY (instrument_id, day, source);

ALTER TABLE ONLY market.provider_keys
    ADD CONSTRAINT provider_keys_pkey PRIMARY KEY (provider);

ALTER TABLE ONLY market.provider_orders
    ADD CONSTRAINT provider_orders_pkey PRIMARY KEY (asset_class);

ALTER TABLE ONLY market.provider_symbols
    ADD CONSTRAINT provider_symbols_pkey PRIMARY KEY (instrument_id, provider);

ALTER TABLE ONLY market.providers
    ADD CONSTRAINT providers_pkey PRIMARY KEY (provider);

ALTER TABLE ONLY market.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.quarantine
    ADD CONSTRAINT quarantine_statement_key UNIQUE NULLS NOT DISTINCT (instrument_id, "interval", at, source, open, high, low, close, volume);

ALTER TABLE ONLY market.quotes
    ADD CONSTRAINT quotes_pkey PRIMARY KEY (instrument_id);

ALTER TABLE ONLY market.refreshes
    ADD CONSTRAINT refreshes_pkey PRIMARY KEY (instrument_id, want);

ALTER TABLE ONLY market.revision
    ADD CONSTRAINT revision_pkey PRIMARY KEY (is_single);

ALTER TABLE ONLY market.sent_requests
    ADD CONSTRAINT sent_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY market.simulated_fx_rates
    ADD CONSTRAINT simulated_fx_rates_pkey PRIMARY KEY (base, quote, date);

ALTER TABLE ONLY market.symbol_history
    ADD CONSTRAINT symbol_history_pkey PRIMARY KEY (instrument_id, changed_at, symbol, exchange);

ALTER TABLE ONLY market.ticks
    ADD CONSTRAINT ticks_pkey PRIMARY KEY (instrument_id, at, sequence);

ALTER TABLE ONLY market.upkeep
    ADD CONSTRAINT upkeep_pkey PRIMARY KEY (task);

ALTER TABLE ONLY platform.activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (user_id, at, id);

ALTER TABLE ONLY platform.analytics_events
    ADD CONSTRAINT analytics_events_pkey PRIMARY KEY (at, id);

ALTER TABLE ONLY platform.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY platform.chain_entries
    ADD CONSTRAINT chain_entries_pkey PRIMARY KEY (user_id, chain, seq);

ALTER TABLE ONLY platform.chain_heads
    ADD CONSTRAINT chain_heads_pkey PRIMARY KEY (user_id, chain);

ALTER TABLE ONLY platform.chained_tables
    ADD CONSTRAINT chained_tables_pkey PRIMARY KEY (table_name);

ALTER TABLE ONLY platform.closed_accounts
    ADD CONSTRAINT closed_accounts_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY platform.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key);

ALTER TABLE ONLY platform.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY platform.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY platform.partitioned_tables
    ADD CONSTRAINT partitioned_tables_pkey PRIMARY KEY (schema_name, name);

ALTER TABLE ONLY platform.system_logs
    ADD CONSTRAINT system_logs_pkey PRIMARY KEY (at, id);

ALTER TABLE ONLY portfolio.accepted_findings
    ADD CONSTRAINT accepted_findings_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.appraisal_versions
    ADD CONSTRAINT appraisal_versions_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.appraisals
    ADD CONSTRAINT appraisals_pkey PRIMARY KEY (user_id, instrument_id, date);

ALTER TABLE ONLY portfolio.asset_category_assignment
    ADD CONSTRAINT asset_category_assignment_pkey PRIMARY KEY (user_id, instrument_id, category_id);

ALTER TABLE ONLY portfolio.category_rules
    ADD CONSTRAINT category_rules_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.corporate_action_decisions
    ADD CONSTRAINT corporate_action_decisions_pkey PRIMARY KEY (user_id, portfolio_id, corporate_action_id);

ALTER TABLE ONLY portfolio.fund_weights
    ADD CONSTRAINT fund_weights_pkey PRIMARY KEY (user_id, instrument_id, dimension, key);

ALTER TABLE ONLY portfolio.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.mappings
    ADD CONSTRAINT mappings_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.packed_snapshots
    ADD CONSTRAINT packed_snapshots_pkey PRIMARY KEY (user_id, portfolio_id, year);

ALTER TABLE ONLY portfolio.portfolio_snapshots
    ADD CONSTRAINT portfolio_snapshots_pkey PRIMARY KEY (user_id, portfolio_id, "time");

ALTER TABLE ONLY portfolio.portfolio_sync_log
    ADD CONSTRAINT portfolio_sync_log_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.portfolios
    ADD CONSTRAINT portfolios_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.private_assets
    ADD CONSTRAINT private_assets_pkey PRIMARY KEY (user_id, instrument_id);

ALTER TABLE ONLY portfolio.snapshot_states
    ADD CONSTRAINT snapshot_states_pkey PRIMARY KEY (user_id, portfolio_id);

ALTER TABLE ONLY portfolio.stated_balances
    ADD CONSTRAINT stated_balances_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.transaction_versions
    ADD CONSTRAINT transaction_versions_pkey PRIMARY KEY (user_id, transaction_id, version);

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY portfolio.vault_categories
    ADD CONSTRAINT vault_categories_pkey PRIMARY KEY (user_id, id);

CREATE INDEX ceremonies_expires_at_idx ON identity.ceremonies USING btree (expires_at);

CREATE INDEX failed_attempts_last_at_idx ON identity.failed_attempts USING btree (last_at);

CREATE INDEX invitations_user_id_idx ON identity.invitations USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX links_invitation_id_idx ON identity.links USING btree (invitation_id) WHERE (invitation_id IS NOT NULL);

CREATE INDEX mail_requests_invitation_id_idx ON identity.mail_requests USING btree (invitation_id) WHERE (invitation_id IS NOT NULL);

CREATE INDEX mail_requests_user_id_idx ON identity.mail_requests USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX openid_flows_expires_at_idx ON identity.openid_flows USING btree (expires_at);

CREATE INDEX openid_flows_user_id_idx ON identity.openid_flows USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX outbox_expires_at_idx ON identity.outbox USING btree (expires_at);

CREATE INDEX outbox_waiting_idx ON identity.outbox USING btree (id) WHERE (state = 'waiting'::text);

CREATE INDEX pending_sign_ins_expires_at_idx ON identity.pending_sign_ins USING btree (expires_at);

CREATE INDEX sessions_expires_at_idx ON identity.sessions USING btree (expires_at);

CREATE UNIQUE INDEX sessions_token_hash_key ON identity.sessions USING btree (token_hash);

CREATE INDEX token_pairs_expires_at_idx ON identity.token_pairs USING btree (expires_at);

CREATE INDEX token_pairs_session_id_idx ON identity.token_pairs USING btree (user_id, session_id);

CREATE INDEX tokens_expires_at_idx ON identity.tokens USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE UNIQUE INDEX tokens_token_hash_key ON identity.tokens USING btree (token_hash);

CREATE UNIQUE INDEX users_email_key ON identity.users USING btree (email);

CREATE INDEX users_imported_hash_idx ON identity.users USING btree (substr(password_hash, 5, 2)) WHERE (password_hash ~~ '$2%'::text);

CREATE INDEX users_referred_by_idx ON identity.users USING btree (referred_by) WHERE (referred_by IS NOT NULL);

CREATE UNIQUE INDEX users_username_key ON identity.users USING btree (lower(username));

CREATE INDEX corporate_actions_ex_date_idx ON market.corporate_actions USING btree (ex_date DESC, id DESC);

CREATE UNIQUE INDEX corporate_actions_identity_key ON market.corporate_actions USING btree (instrument_id, type, ex_date) WHERE (withdrawn_at IS NULL);

CREATE INDEX corporate_actions_instrument_idx ON market.corporate_actions USING btree (instrument_id, ex_date DESC);

CREATE INDEX corporate_actions_target_idx ON market.corporate_actions USING btree (target_instrument_id) WHERE (target_instrument_id IS NOT NULL);

CREATE INDEX daily_figures_change_idx ON market.daily_figures USING btree (change_percent, instrument_id);

CREATE INDEX daily_figures_volume_idx ON market.daily_figures USING btree (volume, instrument_id);

CREATE INDEX dirty_figures_instrument_id_idx ON market.dirty_figures USING btree (instrument_id);

CREATE INDEX fetches_at_idx ON market.fetches USING btree (at DESC, id DESC);

CREATE INDEX fetches_instrument_id_idx ON market.fetches USING btree (instrument_id, at DESC);

CREATE INDEX fetches_provider_idx ON market.fetches USING btree (provider, at DESC);

CREATE INDEX findings_state_idx ON market.findings USING btree (state, seen_at DESC, id DESC);

CREATE INDEX fundamentals_concept_idx ON market.fundamentals USING btree (instrument_id, concept, period_end DESC, filed DESC);

CREATE INDEX fx_rates_date_idx ON market.fx_rates USING btree (date, base, quote);

CREATE INDEX instruments_country_idx ON market.instruments USING btree (country, symbol, id) WHERE (country IS NOT NULL);

CREATE INDEX instruments_cusip_idx ON market.instruments USING btree (cusip) WHERE (cusip IS NOT NULL);

CREATE INDEX instruments_figi_idx ON market.instruments USING btree (figi) WHERE (figi IS NOT NULL);

CREATE UNIQUE INDEX instruments_identity_key ON market.instruments USING btree (symbol, exchange, isin) NULLS NOT DISTINCT;

CREATE INDEX instruments_isin_idx ON market.instruments USING btree (isin) WHERE (isin IS NOT NULL);

CREATE INDEX instruments_mic_idx ON market.instruments USING btree (mic) WHERE (mic IS NOT NULL);

CREATE INDEX instruments_name_prefix_idx ON market.instruments USING btree (lower(name) text_pattern_ops);

CREATE INDEX instruments_name_trgm_idx ON market.instruments USING gin (lower(name) extensions.gin_trgm_ops);

CREATE INDEX instruments_sector_idx ON market.instruments USING btree (sector, symbol, id) WHERE (sector IS NOT NULL);

CREATE INDEX instruments_symbol_idx ON market.instruments USING btree (symbol, id);

CREATE INDEX instruments_symbol_prefix_idx ON market.instruments USING btree (symbol text_pattern_ops);

CREATE INDEX instruments_underlying_idx ON market.instruments USING btree (underlying_id) WHERE (underlying_id IS NOT NULL);

CREATE INDEX interests_until_idx ON market.interests USING btree (until);

CREATE INDEX market_data_cache_cached_at_idx ON market.market_data_cache USING btree (cached_at);

CREATE INDEX market_data_cache_expires_at_idx ON market.market_data_cache USING btree (expires_at);

CREATE INDEX market_data_cache_instrument_id_idx ON market.market_data_cache USING btree (instrument_id, data_type);

CREATE INDEX market_indices_at_idx ON market.market_indices USING btree (at DESC, instrument_id);

CREATE INDEX name_words_trgm_idx ON market.name_words USING gin (word extensions.gin_trgm_ops);

CREATE INDEX option_chains_fetched_at_idx ON market.option_chains USING btree (fetched_at);

CREATE INDEX option_contracts_expiration_idx ON market.option_contracts USING btree (underlying_id, expiration_date, strike_price, option_type);

CREATE INDEX option_quotes_contract_idx ON market.option_quotes USING btree (contract_id, fetched_at DESC);

CREATE INDEX override_changes_instrument_idx ON market.override_changes USING btree (instrument_id, id DESC);

CREATE INDEX packed_bars_day_idx ON market.packed_bars USING btree (day);

CREATE INDEX quarantine_state_idx ON market.quarantine USING btree (state, found_at DESC, id DESC);

CREATE UNIQUE INDEX quotes_sequence_key ON market.quotes USING btree (sequence);

CREATE INDEX sent_requests_provider_idx ON market.sent_requests USING btree (provider, at);

CREATE INDEX symbol_history_symbol_idx ON market.symbol_history USING btree (symbol, instrument_id);

CREATE INDEX activity_type_idx ON ONLY platform.activity USING btree (user_id, type, at DESC, id DESC);

CREATE INDEX analytics_events_type_idx ON ONLY platform.analytics_events USING btree (event_type, at DESC);

CREATE INDEX analytics_events_user_idx ON ONLY platform.analytics_events USING btree (user_id, at DESC);

CREATE INDEX audit_row_idx ON platform.audit USING btree (user_id, table_name, row_id);

CREATE INDEX chain_entries_row_idx ON platform.chain_entries USING btree (user_id, chain, table_name, row_id, seq DESC);

CREATE INDEX closed_accounts_purge_idx ON platform.closed_accounts USING btree (purge_after) WHERE (purged_at IS NULL);

CREATE INDEX idempotency_keys_created_at_idx ON platform.idempotency_keys USING btree (created_at);

CREATE INDEX jobs_due_idx ON platform.jobs USING btree (run_at) WHERE (state = 'queued'::text);

CREATE INDEX jobs_finished_at_idx ON platform.jobs USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX jobs_lease_idx ON platform.jobs USING btree (locked_until) WHERE (state = 'running'::text);

CREATE UNIQUE INDEX jobs_unique_key ON platform.jobs USING btree (name, unique_key) WHERE ((unique_key IS NOT NULL) AND (state = 'queued'::text));

CREATE INDEX system_logs_level_idx ON ONLY platform.system_logs USING btree (level, at DESC);

CREATE INDEX system_logs_request_idx ON ONLY platform.system_logs USING btree (request_id) WHERE (request_id IS NOT NULL);

CREATE INDEX system_logs_service_idx ON ONLY platform.system_logs USING btree (service, at DESC);

CREATE INDEX system_logs_user_idx ON ONLY platform.system_logs USING btree (user_id, at DESC);

CREATE UNIQUE INDEX accepted_findings_key ON portfolio.accepted_findings USING btree (user_id, finding);

CREATE INDEX appraisal_versions_asset_idx ON portfolio.appraisal_versions USING btree (user_id, instrument_id, date);

CREATE INDEX asset_category_assignment_category_idx ON portfolio.asset_category_assignment USING btree (user_id, category_id);

CREATE INDEX asset_category_assignment_instrument_idx ON portfolio.asset_category_assignment USING btree (instrument_id);

CREATE INDEX category_rules_category_idx ON portfolio.category_rules USING btree (user_id, category_id);

CREATE INDEX corporate_action_decisions_action_idx ON portfolio.corporate_action_decisions USING btree (corporate_action_id);

CREATE INDEX fund_weights_instrument_idx ON portfolio.fund_weights USING btree (instrument_id);

CREATE INDEX imports_busy_idx ON portfolio.imports USING btree (user_id, portfolio_id) WHERE (status = ANY (ARRAY['running'::text, 'undoing'::text]));

CREATE UNIQUE INDEX imports_open_key ON portfolio.imports USING btree (user_id, portfolio_id, content_hash) WHERE (status = ANY (ARRAY['running'::text, 'interrupted'::text]));

CREATE INDEX imports_portfolio_idx ON portfolio.imports USING btree (user_id, portfolio_id);

CREATE UNIQUE INDEX mappings_name_key ON portfolio.mappings USING btree (user_id, lower(name));

CREATE UNIQUE INDEX portfolio_summary_id_key ON portfolio.portfolio_summary USING btree (user_id, id);

CREATE INDEX portfolio_sync_log_created_idx ON portfolio.portfolio_sync_log USING btree (user_id, created_at DESC);

CREATE INDEX portfolio_sync_log_import_idx ON portfolio.portfolio_sync_log USING btree (user_id, import_id);

CREATE INDEX portfolio_sync_log_portfolio_idx ON portfolio.portfolio_sync_log USING btree (user_id, portfolio_id);

CREATE UNIQUE INDEX portfolios_name_key ON portfolio.portfolios USING btree (user_id, lower(name));

CREATE UNIQUE INDEX private_assets_instrument_key ON portfolio.private_assets USING btree (instrument_id);

CREATE UNIQUE INDEX private_assets_name_key ON portfolio.private_assets USING btree (user_id, lower(COALESCE(symbol, name))) WHERE (deleted_at IS NULL);

CREATE INDEX snapshot_states_dirty_idx ON portfolio.snapshot_states USING btree (user_id, portfolio_id) WHERE (dirty_from IS NOT NULL);

CREATE INDEX stated_balances_import_idx ON portfolio.stated_balances USING btree (user_id, import_id);

CREATE INDEX stated_balances_instrument_idx ON portfolio.stated_balances USING btree (instrument_id) WHERE (instrument_id IS NOT NULL);

CREATE INDEX stated_balances_portfolio_idx ON portfolio.stated_balances USING btree (user_id, portfolio_id, stated_on);

CREATE INDEX transaction_versions_deleted_idx ON portfolio.transaction_versions USING btree (user_id, changed_at DESC, transaction_id DESC) WHERE (operation = 'delete'::text);

CREATE INDEX transaction_versions_instrument_idx ON portfolio.transaction_versions USING btree (instrument_id) WHERE (instrument_id IS NOT NULL);

CREATE INDEX transaction_versions_portfolio_idx ON portfolio.transaction_versions USING btree (user_id, portfolio_id, changed_at);

CREATE INDEX transaction_versions_target_idx ON portfolio.transaction_versions USING btree (target_instrument_id) WHERE (target_instrument_id IS NOT NULL);

CREATE UNIQUE INDEX transactions_corporate_action_key ON portfolio.transactions USING btree (user_id, portfolio_id, corporate_action_id) WHERE (corporate_action_id IS NOT NULL);

CREATE INDEX transactions_corporate_action_reference_idx ON portfolio.transactions USING btree (corporate_action_id) WHERE (corporate_action_id IS NOT NULL);

CREATE INDEX transactions_date_idx ON portfolio.transactions USING btree (user_id, date DESC, id DESC);

CREATE INDEX transactions_edited_fingerprint_idx ON portfolio.transactions USING btree (user_id, portfolio_id, edited_fingerprint) WHERE (edited_fingerprint IS NOT NULL);

CREATE UNIQUE INDEX transactions_fingerprint_key ON portfolio.transactions USING btree (user_id, portfolio_id, fingerprint);

CREATE INDEX transactions_import_order_idx ON portfolio.transactions USING btree (user_id, import_id, id);

CREATE INDEX transactions_instrument_idx ON portfolio.transactions USING btree (user_id, instrument_id);

CREATE INDEX transactions_instrument_reference_idx ON portfolio.transactions USING btree (instrument_id);

CREATE INDEX transactions_portfolio_date_idx ON portfolio.transactions USING btree (user_id, portfolio_id, date DESC, id DESC);

CREATE INDEX transactions_target_idx ON portfolio.transactions USING btree (target_instrument_id) WHERE (target_instrument_id IS NOT NULL);

CREATE UNIQUE INDEX transactions_transfer_key ON portfolio.transactions USING btree (user_id, transfer_id, type) WHERE (transfer_id IS NOT NULL);

CREATE UNIQUE INDEX vault_categories_name_key ON portfolio.vault_categories USING btree (user_id, lower(category_name));

CREATE INDEX vault_categories_parent_idx ON portfolio.vault_categories USING btree (user_id, parent_id);

ALTER INDEX market.bars_1d_pkey ATTACH PARTITION market.bars_1d_1990s_pkey;

ALTER INDEX market.bars_1d_pkey ATTACH PARTITION market.bars_1d_2000s_pkey;

ALTER INDEX market.bars_1d_pkey ATTACH PARTITION market.bars_1d_2010s_pkey;

ALTER INDEX market.bars_1d_pkey ATTACH PARTITION market.bars_1d_2020s_pkey;

ALTER INDEX market.bars_1d_pkey ATTACH PARTITION market.bars_1d_2030s_pkey;

ALTER INDEX market.bars_1d_pkey ATTACH PARTITION market.bars_1d_earlier_pkey;

CREATE TRIGGER avatars_touch BEFORE UPDATE ON identity.avatars FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER preferences_touch BEFORE UPDATE ON identity.preferences FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER registration_touch BEFORE UPDATE ON identity.registration FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER sessions_tell_ended AFTER DELETE ON identity.sessions FOR EACH ROW EXECUTE FUNCTION identity.tell_session_ended();

CREATE TRIGGER users_audit AFTER DELETE OR UPDATE ON identity.users FOR EACH ROW EXECUTE FUNCTION platform.audit_row('id', 'id', 'updated_at,last_signed_in_at');

CREATE TRIGGER users_touch BEFORE UPDATE ON identity.users FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER bars_15m_keep_replaced AFTER UPDATE ON market.bars_15m REFERENCING OLD TABLE AS former NEW TABLE AS current FOR EACH STATEMENT EXECUTE FUNCTION market.keep_replaced_bars('15m');

CREATE TRIGGER bars_15m_observe_again BEFORE UPDATE ON market.bars_15m FOR EACH ROW WHEN ((((((new.open IS DISTINCT FROM old.open) OR (new.high IS DISTINCT FROM old.high)) OR (new.low IS DISTINCT FROM old.low)) OR (new.close IS DISTINCT FROM old.close)) OR (new.volume <> old.volume) OR (new.adjusted_close <> old.adjusted_close))) EXECUTE FUNCTION market.observe_again();

CREATE TRIGGER bars_1d_keep_deleted AFTER DELETE ON market.bars_1d REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION market.keep_deleted_bars('1d');

CREATE TRIGGER bars_1d_keep_override BEFORE UPDATE ON market.bars_1d FOR EACH ROW WHEN ((new.source <> 'override'::text)) EXECUTE FUNCTION market.keep_override();

CREATE TRIGGER bars_1d_keep_replaced AFTER UPDATE ON market.bars_1d REFERENCING OLD TABLE AS former NEW TABLE AS current FOR EACH STATEMENT EXECUTE FUNCTION market.keep_replaced_bars('1d');

CREATE TRIGGER bars_1d_observe_again BEFORE UPDATE ON market.bars_1d FOR EACH ROW WHEN ((((((new.open IS DISTINCT FROM old.open) OR (new.high IS DISTINCT FROM old.high)) OR (new.low IS DISTINCT FROM old.low)) OR (new.close IS DISTINCT FROM old.close)) OR (new.volume <> old.volume) OR (new.adjusted_close <> old.adjusted_close))) EXECUTE FUNCTION market.observe_again();

CREATE TRIGGER bars_1h_keep_replaced AFTER UPDATE ON market.bars_1h REFERENCING OLD TABLE AS former NEW TABLE AS current FOR EACH STATEMENT EXECUTE FUNCTION market.keep_replaced_bars('1h');

CREATE TRIGGER bars_1h_observe_again BEFORE UPDATE ON market.bars_1h FOR EACH ROW WHEN ((((((new.open IS DISTINCT FROM old.open) OR (new.high IS DISTINCT FROM old.high)) OR (new.low IS DISTINCT FROM old.low)) OR (new.close IS DISTINCT FROM old.close)) OR (new.volume <> old.volume) OR (new.adjusted_close <> old.adjusted_close))) EXECUTE FUNCTION market.observe_again();

CREATE TRIGGER bars_1m_keep_replaced AFTER UPDATE ON market.bars_1m REFERENCING OLD TABLE AS former NEW TABLE AS current FOR EACH STATEMENT EXECUTE FUNCTION market.keep_replaced_bars('1m');

CREATE TRIGGER bars_1m_observe_again BEFORE UPDATE ON market.bars_1m FOR EACH ROW WHEN ((((((new.open IS DISTINCT FROM old.open) OR (new.high IS DISTINCT FROM old.high)) OR (new.low IS DISTINCT FROM old.low)) OR (new.close IS DISTINCT FROM old.close)) OR (new.volume <> old.volume) OR (new.adjusted_close <> old.adjusted_close))) EXECUTE FUNCTION market.observe_again();

CREATE TRIGGER bars_5m_keep_replaced AFTER UPDATE ON market.bars_5m REFERENCING OLD TABLE AS former NEW TABLE AS current FOR EACH STATEMENT EXECUTE FUNCTION market.keep_replaced_bars('5m');

CREATE TRIGGER bars_5m_observe_again BEFORE UPDATE ON market.bars_5m FOR EACH ROW WHEN ((((((new.open IS DISTINCT FROM old.open) OR (new.high IS DISTINCT FROM old.high)) OR (new.low IS DISTINCT FROM old.low)) OR (new.close IS DISTINCT FROM old.close)) OR (new.volume <> old.volume) OR (new.adjusted_close <> old.adjusted_close))) EXECUTE FUNCTION market.observe_again();

CREATE TRIGGER corporate_actions_touch BEFORE UPDATE ON market.corporate_actions FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER exchanges_write_words AFTER INSERT OR DELETE OR UPDATE ON market.exchanges FOR EACH STATEMENT EXECUTE FUNCTION market.write_exchange_words();

CREATE TRIGGER fx_rates_keep_replaced AFTER UPDATE ON market.fx_rates REFERENCING OLD TABLE AS former NEW TABLE AS current FOR EACH STATEMENT EXECUTE FUNCTION market.keep_replaced_rates();

CREATE TRIGGER fx_rates_observe_again BEFORE UPDATE ON market.fx_rates FOR EACH ROW WHEN ((new.rate IS DISTINCT FROM old.rate)) EXECUTE FUNCTION market.observe_again();

CREATE TRIGGER instruments_inserted_words AFTER INSERT ON market.instruments REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION market.keep_name_words();

CREATE TRIGGER instruments_keep_symbol AFTER UPDATE OF symbol, exchange ON market.instruments FOR EACH ROW WHEN (((NOT old.is_private) AND ((old.symbol <> new.symbol) OR (old.exchange <> new.exchange)))) EXECUTE FUNCTION market.keep_symbol();

CREATE TRIGGER instruments_mark_changed_calendar AFTER UPDATE ON market.instruments FOR EACH ROW WHEN (((old.mic IS DISTINCT FROM new.mic) OR (old.asset_class <> new.asset_class))) EXECUTE FUNCTION market.mark_changed_calendar();

CREATE TRIGGER instruments_match_exchange BEFORE INSERT OR UPDATE OF exchange ON market.instruments FOR EACH ROW EXECUTE FUNCTION market.match_exchange();

CREATE TRIGGER instruments_touch BEFORE UPDATE ON market.instruments FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER instruments_updated_words AFTER UPDATE ON market.instruments REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION market.keep_name_words();

CREATE TRIGGER market_indices_class BEFORE INSERT OR UPDATE OF instrument_id ON market.market_indices FOR EACH ROW EXECUTE FUNCTION market.check_index_class();

CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON platform.audit FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_truncate();

CREATE TRIGGER chain_entries_refuse_truncate BEFORE TRUNCATE ON platform.chain_entries FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_truncate();

CREATE TRIGGER chain_heads_refuse_truncate BEFORE TRUNCATE ON platform.chain_heads FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_truncate();

CREATE TRIGGER appraisals_appraise_again BEFORE UPDATE ON portfolio.appraisals FOR EACH ROW WHEN ((new.price IS DISTINCT FROM old.price)) EXECUTE FUNCTION portfolio.appraise_again();

CREATE TRIGGER appraisals_deleted AFTER DELETE ON portfolio.appraisals REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision_of_holders();

CREATE TRIGGER appraisals_inserted AFTER INSERT ON portfolio.appraisals REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision_of_holders();

CREATE TRIGGER appraisals_keep_deleted AFTER DELETE ON portfolio.appraisals REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION portfolio.keep_deleted_appraisals();

CREATE TRIGGER appraisals_keep_replaced AFTER UPDATE ON portfolio.appraisals REFERENCING OLD TABLE AS former NEW TABLE AS current FOR EACH STATEMENT EXECUTE FUNCTION portfolio.keep_replaced_appraisals();

CREATE TRIGGER appraisals_mark_deleted AFTER DELETE ON portfolio.appraisals REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.mark_appraised_days();

CREATE TRIGGER appraisals_mark_former AFTER UPDATE ON portfolio.appraisals REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.mark_appraised_days();

CREATE TRIGGER appraisals_mark_inserted AFTER INSERT ON portfolio.appraisals REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.mark_appraised_days();

CREATE TRIGGER appraisals_mark_updated AFTER UPDATE ON portfolio.appraisals REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.mark_appraised_days();

CREATE TRIGGER appraisals_updated AFTER UPDATE ON portfolio.appraisals REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision_of_holders();

CREATE TRIGGER asset_category_assignment_inserted AFTER INSERT ON portfolio.asset_category_assignment REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.check_category_weights();

CREATE TRIGGER asset_category_assignment_touch BEFORE UPDATE ON portfolio.asset_category_assignment FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER asset_category_assignment_updated AFTER UPDATE ON portfolio.asset_category_assignment REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.check_category_weights();

CREATE TRIGGER category_rules_audit AFTER DELETE OR UPDATE ON portfolio.category_rules FOR EACH ROW EXECUTE FUNCTION platform.audit_row('user_id', 'id', '');

CREATE TRIGGER fund_weights_inserted AFTER INSERT ON portfolio.fund_weights REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.check_fund_weights();

CREATE TRIGGER imports_at_rest AFTER UPDATE OF status ON portfolio.imports FOR EACH ROW WHEN (((old.status = ANY (ARRAY['running'::text, 'undoing'::text])) AND (new.status <> ALL (ARRAY['running'::text, 'undoing'::text])))) EXECUTE FUNCTION portfolio.build_what_waited();

CREATE TRIGGER mappings_touch BEFORE UPDATE ON portfolio.mappings FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER portfolios_audit AFTER DELETE OR UPDATE ON portfolio.portfolios FOR EACH ROW EXECUTE FUNCTION platform.audit_row('user_id', 'id', 'updated_at,revision');

CREATE TRIGGER portfolios_mark_changed AFTER UPDATE OF currency, cost_basis, tracks_cash ON portfolio.portfolios FOR EACH ROW WHEN ((((new.currency IS DISTINCT FROM old.currency) OR (new.cost_basis IS DISTINCT FROM old.cost_basis)) OR (new.tracks_cash IS DISTINCT FROM old.tracks_cash))) EXECUTE FUNCTION portfolio.mark_all_days();

CREATE TRIGGER portfolios_touch BEFORE UPDATE ON portfolio.portfolios FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER private_assets_touch BEFORE UPDATE ON portfolio.private_assets FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER private_assets_updated AFTER UPDATE ON portfolio.private_assets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision_of_holders();

CREATE TRIGGER transactions_audit AFTER DELETE OR UPDATE ON portfolio.transactions FOR EACH ROW EXECUTE FUNCTION platform.audit_row('user_id', 'id', 'updated_at');

CREATE TRIGGER transactions_deleted AFTER DELETE ON portfolio.transactions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision();

CREATE TRIGGER transactions_inserted AFTER INSERT ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision();

CREATE TRIGGER transactions_inserted_private AFTER INSERT ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.check_private_instruments();

CREATE TRIGGER transactions_keep_deleted AFTER DELETE ON portfolio.transactions REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION portfolio.keep_former();

CREATE TRIGGER transactions_keep_updated AFTER UPDATE ON portfolio.transactions REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION portfolio.keep_former();

CREATE TRIGGER transactions_mark_deleted AFTER DELETE ON portfolio.transactions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.mark_changed_days();

CREATE TRIGGER transactions_mark_former AFTER UPDATE ON portfolio.transactions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.mark_changed_days();

CREATE TRIGGER transactions_mark_inserted AFTER INSERT ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.mark_changed_days();

CREATE TRIGGER transactions_mark_updated AFTER UPDATE ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.mark_changed_days();

CREATE TRIGGER transactions_moved AFTER UPDATE ON portfolio.transactions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision();

CREATE TRIGGER transactions_touch BEFORE UPDATE ON portfolio.transactions FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER transactions_updated AFTER UPDATE ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.bump_revision();

CREATE TRIGGER transactions_updated_private AFTER UPDATE ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.check_private_instruments();

CREATE TRIGGER transactions_version BEFORE UPDATE ON portfolio.transactions FOR EACH ROW EXECUTE FUNCTION portfolio.next_version();

CREATE TRIGGER transactions_written_delete AFTER DELETE ON portfolio.transactions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION platform.append_to_chain('ledger');

CREATE TRIGGER transactions_written_insert AFTER INSERT ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION platform.append_to_chain('ledger');

CREATE TRIGGER transactions_written_update AFTER UPDATE ON portfolio.transactions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION platform.append_to_chain('ledger');

CREATE TRIGGER vault_categories_inserted AFTER INSERT ON portfolio.vault_categories REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.check_categories();

CREATE TRIGGER vault_categories_touch BEFORE UPDATE ON portfolio.vault_categories FOR EACH ROW EXECUTE FUNCTION platform.touch_updated_at();

CREATE TRIGGER vault_categories_updated AFTER UPDATE ON portfolio.vault_categories REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION portfolio.check_categories();

ALTER TABLE ONLY identity.avatars
    ADD CONSTRAINT avatars_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.ceremonies
    ADD CONSTRAINT ceremonies_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.consents
    ADD CONSTRAINT consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.invitations
    ADD CONSTRAINT invitations_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY identity.links
    ADD CONSTRAINT links_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES identity.invitations(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.links
    ADD CONSTRAINT links_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.mail_requests
    ADD CONSTRAINT mail_requests_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES identity.invitations(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.mail_requests
    ADD CONSTRAINT mail_requests_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.onboarding
    ADD CONSTRAINT onboarding_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.openid_flows
    ADD CONSTRAINT openid_flows_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.openid_identities
    ADD CONSTRAINT openid_identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.passkeys
    ADD CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.phones
    ADD CONSTRAINT phones_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.preferences
    ADD CONSTRAINT preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.provider_keys
    ADD CONSTRAINT provider_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.recovery_codes
    ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.risk_assessments
    ADD CONSTRAINT risk_assessments_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.tax_ids
    ADD CONSTRAINT tax_ids_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.token_pairs
    ADD CONSTRAINT token_pairs_session_id_fkey FOREIGN KEY (user_id, session_id) REFERENCES identity.sessions(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.tokens
    ADD CONSTRAINT tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.totp
    ADD CONSTRAINT totp_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_referred_by_fkey FOREIGN KEY (referred_by) REFERENCES identity.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY market.bar_versions
    ADD CONSTRAINT bar_versions_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE market.bars_15m
    ADD CONSTRAINT bars_15m_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE market.bars_1d
    ADD CONSTRAINT bars_1d_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE market.bars_1h
    ADD CONSTRAINT bars_1h_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE market.bars_1m
    ADD CONSTRAINT bars_1m_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE market.bars_5m
    ADD CONSTRAINT bars_5m_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.changed_calendars
    ADD CONSTRAINT changed_calendars_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.computed_days
    ADD CONSTRAINT computed_days_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.corporate_actions
    ADD CONSTRAINT corporate_actions_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.corporate_actions
    ADD CONSTRAINT corporate_actions_target_instrument_id_fkey FOREIGN KEY (target_instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.daily_figures
    ADD CONSTRAINT daily_figures_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.dirty_figures
    ADD CONSTRAINT dirty_figures_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.dirty_hours
    ADD CONSTRAINT dirty_hours_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.dirty_minutes
    ADD CONSTRAINT dirty_minutes_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.dropped_days
    ADD CONSTRAINT dropped_days_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.exchange_words
    ADD CONSTRAINT exchange_words_mic_fkey FOREIGN KEY (mic) REFERENCES market.exchanges(mic) ON DELETE CASCADE;

ALTER TABLE ONLY market.fetches
    ADD CONSTRAINT fetches_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.fetches
    ADD CONSTRAINT fetches_provider_fkey FOREIGN KEY (provider) REFERENCES market.providers(provider) ON DELETE CASCADE;

ALTER TABLE ONLY market.findings
    ADD CONSTRAINT findings_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.fundamentals
    ADD CONSTRAINT fundamentals_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.instruments
    ADD CONSTRAINT instruments_mic_fkey FOREIGN KEY (mic) REFERENCES market.exchanges(mic);

ALTER TABLE ONLY market.instruments
    ADD CONSTRAINT instruments_underlying_id_fkey FOREIGN KEY (underlying_id) REFERENCES market.instruments(id);

ALTER TABLE ONLY market.interests
    ADD CONSTRAINT interests_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.market_data_cache
    ADD CONSTRAINT market_data_cache_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.market_indices
    ADD CONSTRAINT market_indices_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.option_chains
    ADD CONSTRAINT option_chains_underlying_id_fkey FOREIGN KEY (underlying_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.option_contracts
    ADD CONSTRAINT option_contracts_underlying_id_fkey FOREIGN KEY (underlying_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.option_quotes
    ADD CONSTRAINT option_quotes_chain_fkey FOREIGN KEY (underlying_id, fetched_at) REFERENCES market.option_chains(underlying_id, fetched_at) ON DELETE CASCADE;

ALTER TABLE ONLY market.option_quotes
    ADD CONSTRAINT option_quotes_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES market.option_contracts(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.override_changes
    ADD CONSTRAINT override_changes_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.overrides
    ADD CONSTRAINT overrides_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.packed_bars
    ADD CONSTRAINT packed_bars_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.provider_keys
    ADD CONSTRAINT provider_keys_provider_fkey FOREIGN KEY (provider) REFERENCES market.providers(provider) ON DELETE CASCADE;

ALTER TABLE ONLY market.provider_symbols
    ADD CONSTRAINT provider_symbols_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.provider_symbols
    ADD CONSTRAINT provider_symbols_provider_fkey FOREIGN KEY (provider) REFERENCES market.providers(provider) ON DELETE CASCADE;

ALTER TABLE ONLY market.quarantine
    ADD CONSTRAINT quarantine_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.quotes
    ADD CONSTRAINT quotes_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.refreshes
    ADD CONSTRAINT refreshes_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY market.sent_requests
    ADD CONSTRAINT sent_requests_provider_fkey FOREIGN KEY (provider) REFERENCES market.providers(provider) ON DELETE CASCADE;

ALTER TABLE ONLY market.symbol_history
    ADD CONSTRAINT symbol_history_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE market.ticks
    ADD CONSTRAINT ticks_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.accepted_findings
    ADD CONSTRAINT accepted_findings_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.appraisal_versions
    ADD CONSTRAINT appraisal_versions_asset_fkey FOREIGN KEY (user_id, instrument_id) REFERENCES portfolio.private_assets(user_id, instrument_id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.appraisals
    ADD CONSTRAINT appraisals_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.appraisals
    ADD CONSTRAINT appraisals_user_id_instrument_id_fkey FOREIGN KEY (user_id, instrument_id) REFERENCES portfolio.private_assets(user_id, instrument_id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.asset_category_assignment
    ADD CONSTRAINT asset_category_assignment_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.asset_category_assignment
    ADD CONSTRAINT asset_category_assignment_user_id_category_id_fkey FOREIGN KEY (user_id, category_id) REFERENCES portfolio.vault_categories(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.asset_category_assignment
    ADD CONSTRAINT asset_category_assignment_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.category_rules
    ADD CONSTRAINT category_rules_user_id_category_id_fkey FOREIGN KEY (user_id, category_id) REFERENCES portfolio.vault_categories(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.category_rules
    ADD CONSTRAINT category_rules_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.corporate_action_decisions
    ADD CONSTRAINT corporate_action_decisions_corporate_action_id_fkey FOREIGN KEY (corporate_action_id) REFERENCES market.corporate_actions(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.corporate_action_decisions
    ADD CONSTRAINT corporate_action_decisions_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.corporate_action_decisions
    ADD CONSTRAINT corporate_action_decisions_user_id_portfolio_id_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.fund_weights
    ADD CONSTRAINT fund_weights_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.fund_weights
    ADD CONSTRAINT fund_weights_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.imports
    ADD CONSTRAINT imports_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.imports
    ADD CONSTRAINT imports_user_id_portfolio_id_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.mappings
    ADD CONSTRAINT mappings_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.packed_snapshots
    ADD CONSTRAINT packed_snapshots_portfolio_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.portfolio_snapshots
    ADD CONSTRAINT portfolio_snapshots_portfolio_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.portfolio_sync_log
    ADD CONSTRAINT portfolio_sync_log_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.portfolio_sync_log
    ADD CONSTRAINT portfolio_sync_log_user_id_import_id_fkey FOREIGN KEY (user_id, import_id) REFERENCES portfolio.imports(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.portfolio_sync_log
    ADD CONSTRAINT portfolio_sync_log_user_id_portfolio_id_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.portfolios
    ADD CONSTRAINT portfolios_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.private_assets
    ADD CONSTRAINT private_assets_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE RESTRICT;

ALTER TABLE ONLY portfolio.private_assets
    ADD CONSTRAINT private_assets_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.snapshot_states
    ADD CONSTRAINT snapshot_states_portfolio_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.stated_balances
    ADD CONSTRAINT stated_balances_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.stated_balances
    ADD CONSTRAINT stated_balances_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.stated_balances
    ADD CONSTRAINT stated_balances_user_id_import_id_fkey FOREIGN KEY (user_id, import_id) REFERENCES portfolio.imports(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.stated_balances
    ADD CONSTRAINT stated_balances_user_id_portfolio_id_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.transaction_versions
    ADD CONSTRAINT transaction_versions_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE RESTRICT;

ALTER TABLE ONLY portfolio.transaction_versions
    ADD CONSTRAINT transaction_versions_portfolio_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.transaction_versions
    ADD CONSTRAINT transaction_versions_target_instrument_id_fkey FOREIGN KEY (target_instrument_id) REFERENCES market.instruments(id) ON DELETE RESTRICT;

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_corporate_action_id_fkey FOREIGN KEY (corporate_action_id) REFERENCES market.corporate_actions(id) ON DELETE RESTRICT;

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES market.instruments(id) ON DELETE RESTRICT;

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_target_instrument_id_fkey FOREIGN KEY (target_instrument_id) REFERENCES market.instruments(id) ON DELETE RESTRICT;

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_user_id_import_id_fkey FOREIGN KEY (user_id, import_id) REFERENCES portfolio.imports(user_id, id);

ALTER TABLE ONLY portfolio.transactions
    ADD CONSTRAINT transactions_user_id_portfolio_id_fkey FOREIGN KEY (user_id, portfolio_id) REFERENCES portfolio.portfolios(user_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.vault_categories
    ADD CONSTRAINT vault_categories_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY portfolio.vault_categories
    ADD CONSTRAINT vault_categories_user_id_parent_id_fkey FOREIGN KEY (user_id, parent_id) REFERENCES portfolio.vault_categories(user_id, id) ON DELETE SET NULL (parent_id);

ALTER TABLE identity.avatars ENABLE ROW LEVEL SECURITY;

CREATE POLICY avatars_owner ON identity.avatars TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY avatars_system ON identity.avatars TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.ceremonies ENABLE ROW LEVEL SECURITY;

CREATE POLICY ceremonies_system ON identity.ceremonies TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.consents ENABLE ROW LEVEL SECURITY;

CREATE POLICY consents_owner ON identity.consents TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY consents_system ON identity.consents TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.failed_attempts ENABLE ROW LEVEL SECURITY;

CREATE POLICY failed_attempts_system ON identity.failed_attempts TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.invitations ENABLE ROW LEVEL SECURITY;

CREATE POLICY invitations_system ON identity.invitations TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.links ENABLE ROW LEVEL SECURITY;

CREATE POLICY links_system ON identity.links TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.mail_requests ENABLE ROW LEVEL SECURITY;

CREATE POLICY mail_requests_system ON identity.mail_requests TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.onboarding ENABLE ROW LEVEL SECURITY;

CREATE POLICY onboarding_owner ON identity.onboarding TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY onboarding_system ON identity.onboarding TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.openid_flows ENABLE ROW LEVEL SECURITY;

CREATE POLICY openid_flows_system ON identity.openid_flows TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.openid_identities ENABLE ROW LEVEL SECURITY;

CREATE POLICY openid_identities_owner ON identity.openid_identities TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY openid_identities_system ON identity.openid_identities TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY outbox_system ON identity.outbox TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.passkeys ENABLE ROW LEVEL SECURITY;

CREATE POLICY passkeys_owner ON identity.passkeys TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY passkeys_system ON identity.passkeys TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.pending_sign_ins ENABLE ROW LEVEL SECURITY;

CREATE POLICY pending_sign_ins_system ON identity.pending_sign_ins TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.phones ENABLE ROW LEVEL SECURITY;

CREATE POLICY phones_owner ON identity.phones TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY phones_system ON identity.phones TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.preferences ENABLE ROW LEVEL SECURITY;

CREATE POLICY preferences_owner ON identity.preferences TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY preferences_system ON identity.preferences TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.provider_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY provider_keys_owner ON identity.provider_keys TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY provider_keys_system ON identity.provider_keys TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.recovery_codes ENABLE ROW LEVEL SECURITY;

CREATE POLICY recovery_codes_owner ON identity.recovery_codes TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY recovery_codes_system ON identity.recovery_codes TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.risk_assessments ENABLE ROW LEVEL SECURITY;

CREATE POLICY risk_assessments_owner ON identity.risk_assessments TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY risk_assessments_system ON identity.risk_assessments TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.sessions ENABLE ROW LEVEL SECURITY;

CREATE POLICY sessions_owner ON identity.sessions TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY sessions_system ON identity.sessions TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.tax_ids ENABLE ROW LEVEL SECURITY;

CREATE POLICY tax_ids_owner ON identity.tax_ids TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY tax_ids_system ON identity.tax_ids TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.token_pairs ENABLE ROW LEVEL SECURITY;

CREATE POLICY token_pairs_system ON identity.token_pairs TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.tokens ENABLE ROW LEVEL SECURITY;

CREATE POLICY tokens_owner ON identity.tokens TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY tokens_system ON identity.tokens TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.totp ENABLE ROW LEVEL SECURITY;

CREATE POLICY totp_owner ON identity.totp TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY totp_system ON identity.totp TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE identity.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY users_closing ON identity.users FOR SELECT TO bursar_owner USING (true);

CREATE POLICY users_owner ON identity.users TO bursar_user USING ((id = platform.current_user_id())) WITH CHECK ((id = platform.current_user_id()));

CREATE POLICY users_system ON identity.users TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE platform.activity ENABLE ROW LEVEL SECURITY;

CREATE POLICY activity_owner ON platform.activity TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY activity_system ON platform.activity TO bursar_system USING (true) WITH CHECK (true);

CREATE POLICY activity_writer ON platform.activity TO bursar_owner USING (true) WITH CHECK (true);

ALTER TABLE platform.analytics_events ENABLE ROW LEVEL SECURITY;

CREATE POLICY analytics_events_system ON platform.analytics_events TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE platform.audit ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_owner ON platform.audit TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY audit_system ON platform.audit TO bursar_system USING (true) WITH CHECK (true);

CREATE POLICY audit_writer ON platform.audit TO bursar_owner USING (true) WITH CHECK (true);

ALTER TABLE platform.chain_entries ENABLE ROW LEVEL SECURITY;

CREATE POLICY chain_entries_owner ON platform.chain_entries TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY chain_entries_system ON platform.chain_entries TO bursar_system USING (true) WITH CHECK (true);

CREATE POLICY chain_entries_writer ON platform.chain_entries TO bursar_owner USING (true) WITH CHECK (true);

ALTER TABLE platform.chain_heads ENABLE ROW LEVEL SECURITY;

CREATE POLICY chain_heads_owner ON platform.chain_heads TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY chain_heads_system ON platform.chain_heads TO bursar_system USING (true) WITH CHECK (true);

CREATE POLICY chain_heads_writer ON platform.chain_heads TO bursar_owner USING (true) WITH CHECK (true);

ALTER TABLE platform.closed_accounts ENABLE ROW LEVEL SECURITY;

CREATE POLICY closed_accounts_closing ON platform.closed_accounts FOR SELECT TO bursar_owner USING (true);

CREATE POLICY closed_accounts_system ON platform.closed_accounts TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE platform.idempotency_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotency_keys_owner ON platform.idempotency_keys TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY idempotency_keys_system ON platform.idempotency_keys TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE platform.system_logs ENABLE ROW LEVEL SECURITY;

CREATE POLICY system_logs_system ON platform.system_logs TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.accepted_findings ENABLE ROW LEVEL SECURITY;

CREATE POLICY accepted_findings_owner ON portfolio.accepted_findings TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY accepted_findings_system ON portfolio.accepted_findings TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.appraisal_versions ENABLE ROW LEVEL SECURITY;

CREATE POLICY appraisal_versions_owner ON portfolio.appraisal_versions TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY appraisal_versions_system ON portfolio.appraisal_versions TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.appraisals ENABLE ROW LEVEL SECURITY;

CREATE POLICY appraisals_owner ON portfolio.appraisals TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY appraisals_system ON portfolio.appraisals TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.asset_category_assignment ENABLE ROW LEVEL SECURITY;

CREATE POLICY asset_category_assignment_owner ON portfolio.asset_category_assignment TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY asset_category_assignment_system ON portfolio.asset_category_assignment TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.category_rules ENABLE ROW LEVEL SECURITY;

CREATE POLICY category_rules_owner ON portfolio.category_rules TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY category_rules_system ON portfolio.category_rules TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.corporate_action_decisions ENABLE ROW LEVEL SECURITY;

CREATE POLICY corporate_action_decisions_owner ON portfolio.corporate_action_decisions TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY corporate_action_decisions_system ON portfolio.corporate_action_decisions TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.fund_weights ENABLE ROW LEVEL SECURITY;

CREATE POLICY fund_weights_owner ON portfolio.fund_weights TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY fund_weights_system ON portfolio.fund_weights TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.imports ENABLE ROW LEVEL SECURITY;

CREATE POLICY imports_owner ON portfolio.imports TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY imports_system ON portfolio.imports TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.mappings ENABLE ROW LEVEL SECURITY;

CREATE POLICY mappings_owner ON portfolio.mappings TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY mappings_system ON portfolio.mappings TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.packed_snapshots ENABLE ROW LEVEL SECURITY;

CREATE POLICY packed_snapshots_owner ON portfolio.packed_snapshots TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY packed_snapshots_system ON portfolio.packed_snapshots TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.portfolio_snapshots ENABLE ROW LEVEL SECURITY;

CREATE POLICY portfolio_snapshots_owner ON portfolio.portfolio_snapshots TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY portfolio_snapshots_summary ON portfolio.portfolio_snapshots FOR SELECT TO bursar_owner USING (true);

CREATE POLICY portfolio_snapshots_system ON portfolio.portfolio_snapshots TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.portfolio_sync_log ENABLE ROW LEVEL SECURITY;

CREATE POLICY portfolio_sync_log_owner ON portfolio.portfolio_sync_log TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY portfolio_sync_log_system ON portfolio.portfolio_sync_log TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.portfolios ENABLE ROW LEVEL SECURITY;

CREATE POLICY portfolios_owner ON portfolio.portfolios TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY portfolios_summary ON portfolio.portfolios FOR SELECT TO bursar_owner USING (true);

CREATE POLICY portfolios_system ON portfolio.portfolios TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.private_assets ENABLE ROW LEVEL SECURITY;

CREATE POLICY private_assets_owner ON portfolio.private_assets TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY private_assets_system ON portfolio.private_assets TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.snapshot_states ENABLE ROW LEVEL SECURITY;

CREATE POLICY snapshot_states_owner ON portfolio.snapshot_states TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY snapshot_states_system ON portfolio.snapshot_states TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.stated_balances ENABLE ROW LEVEL SECURITY;

CREATE POLICY stated_balances_owner ON portfolio.stated_balances TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY stated_balances_system ON portfolio.stated_balances TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.transaction_versions ENABLE ROW LEVEL SECURITY;

CREATE POLICY transaction_versions_owner ON portfolio.transaction_versions TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY transaction_versions_system ON portfolio.transaction_versions TO bursar_system USING (true) WITH CHECK (true);

CREATE POLICY transaction_versions_writer ON portfolio.transaction_versions TO bursar_owner USING (true) WITH CHECK (true);

ALTER TABLE portfolio.transactions ENABLE ROW LEVEL SECURITY;

CREATE POLICY transactions_owner ON portfolio.transactions TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY transactions_system ON portfolio.transactions TO bursar_system USING (true) WITH CHECK (true);

ALTER TABLE portfolio.vault_categories ENABLE ROW LEVEL SECURITY;

CREATE POLICY vault_categories_owner ON portfolio.vault_categories TO bursar_user USING ((user_id = platform.current_user_id())) WITH CHECK ((user_id = platform.current_user_id()));

CREATE POLICY vault_categories_system ON portfolio.vault_categories TO bursar_system USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA extensions TO bursar_user;
GRANT USAGE ON SCHEMA extensions TO bursar_system;

GRANT USAGE ON SCHEMA identity TO bursar_user;
GRANT USAGE ON SCHEMA identity TO bursar_system;

GRANT USAGE ON SCHEMA market TO bursar_user;
GRANT USAGE ON SCHEMA market TO bursar_system;

GRANT USAGE ON SCHEMA platform TO bursar_user;
GRANT USAGE ON SCHEMA platform TO bursar_system;

GRANT USAGE ON SCHEMA portfolio TO bursar_user;
GRANT USAGE ON SCHEMA portfolio TO bursar_system;

REVOKE USAGE ON SCHEMA public FROM PUBLIC;

GRANT ALL ON TYPE platform.sealed TO bursar_user;
GRANT ALL ON TYPE platform.sealed TO bursar_system;

REVOKE ALL ON FUNCTION identity.erase_person(person uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION identity.erase_person(person uuid) TO bursar_system;

REVOKE ALL ON FUNCTION identity.new_referral_code() FROM PUBLIC;
GRANT ALL ON FUNCTION identity.new_referral_code() TO bursar_system;

REVOKE ALL ON FUNCTION identity.tell_session_ended() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.calendar_of_days(class text, exchange_mic text) FROM PUBLIC;
GRANT ALL ON FUNCTION market.calendar_of_days(class text, exchange_mic text) TO bursar_user;
GRANT ALL ON FUNCTION market.calendar_of_days(class text, exchange_mic text) TO bursar_system;

REVOKE ALL ON FUNCTION market.check_index_class() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.days_of(of_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION market.days_of(of_kind text) TO bursar_system;

REVOKE ALL ON FUNCTION market.delete_unused_simulated() FROM PUBLIC;
GRANT ALL ON FUNCTION market.delete_unused_simulated() TO bursar_system;

REVOKE ALL ON FUNCTION market.drop_day(of_kind text, on_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION market.drop_day(of_kind text, on_day date) TO bursar_system;

REVOKE ALL ON FUNCTION market.drop_packed_day(on_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION market.drop_packed_day(on_day date) TO bursar_system;

REVOKE ALL ON FUNCTION market.ingest_bars(bar_interval text, bar_source text, ids uuid[], ats timestamp with time zone[], opens double precision[], highs double precision[], lows double precision[], closes double precision[], adjusted_closes double precision[], volumes double precision[], OUT inserted bigint, OUT replaced bigint, OUT unchanged bigint, OUT expired bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION market.ingest_bars(bar_interval text, bar_source text, ids uuid[], ats timestamp with time zone[], opens double precision[], highs double precision[], lows double precision[], closes double precision[], adjusted_closes double precision[], volumes double precision[], OUT inserted bigint, OUT replaced bigint, OUT unchanged bigint, OUT expired bigint) TO bursar_system;

REVOKE ALL ON FUNCTION market.ingest_packed(bar_source text, ids uuid[], ats timestamp with time zone[], opens double precision[], highs double precision[], lows double precision[], closes double precision[], adjusted_closes double precision[], volumes double precision[], OUT inserted bigint, OUT replaced bigint, OUT unchanged bigint, OUT expired bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION market.ingest_packed(bar_source text, ids uuid[], ats timestamp with time zone[], opens double precision[], highs double precision[], lows double precision[], closes double precision[], adjusted_closes double precision[], volumes double precision[], OUT inserted bigint, OUT replaced bigint, OUT unchanged bigint, OUT expired bigint) TO bursar_system;

REVOKE ALL ON FUNCTION market.ingest_ticks(tick_source text, ids uuid[], ats timestamp with time zone[], sequences bigint[], prices double precision[], volumes double precision[], bids double precision[], asks double precision[], OUT written bigint, OUT unchanged bigint, OUT expired bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION market.ingest_ticks(tick_source text, ids uuid[], ats timestamp with time zone[], sequences bigint[], prices double precision[], volumes double precision[], bids double precision[], asks double precision[], OUT written bigint, OUT unchanged bigint, OUT expired bigint) TO bursar_system;

REVOKE ALL ON FUNCTION market.is_fetched(asset_class text, is_active boolean, is_private boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION market.is_fetched(asset_class text, is_active boolean, is_private boolean) TO bursar_user;
GRANT ALL ON FUNCTION market.is_fetched(asset_class text, is_active boolean, is_private boolean) TO bursar_system;

REVOKE ALL ON FUNCTION market.keep_deleted_bars() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.keep_name_words() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.keep_override() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.keep_replaced_bars() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.keep_replaced_rates() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.keep_symbol() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.mark_changed_calendar() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.mark_hours(ids uuid[], hours timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION market.mark_hours(ids uuid[], hours timestamp with time zone[]) TO bursar_system;

REVOKE ALL ON FUNCTION market.match_exchange() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.mic_of(word text) FROM PUBLIC;
GRANT ALL ON FUNCTION market.mic_of(word text) TO bursar_user;
GRANT ALL ON FUNCTION market.mic_of(word text) TO bursar_system;

REVOKE ALL ON FUNCTION market.observe_again() FROM PUBLIC;

REVOKE ALL ON FUNCTION market.pack_bars(on_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION market.pack_bars(on_day date) TO bursar_system;

REVOKE ALL ON FUNCTION market.roll_up_bars(bar_interval text, step interval, ids uuid[], ats timestamp with time zone[], froms timestamp with time zone[], tos timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION market.roll_up_bars(bar_interval text, step interval, ids uuid[], ats timestamp with time zone[], froms timestamp with time zone[], tos timestamp with time zone[]) TO bursar_system;

REVOKE ALL ON FUNCTION market.roll_up_ticks(ids uuid[], minutes timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION market.roll_up_ticks(ids uuid[], minutes timestamp with time zone[]) TO bursar_system;

REVOKE ALL ON FUNCTION market.split_ratio(of_instrument uuid, close_day date, price_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION market.split_ratio(of_instrument uuid, close_day date, price_day date) TO bursar_user;
GRANT ALL ON FUNCTION market.split_ratio(of_instrument uuid, close_day date, price_day date) TO bursar_system;

REVOKE ALL ON FUNCTION market.stored(ahead timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION market.stored(ahead timestamp with time zone) TO bursar_system;

REVOKE ALL ON FUNCTION market.trading_calendar(asset_class text, of_exchange text) FROM PUBLIC;
GRANT ALL ON FUNCTION market.trading_calendar(asset_class text, of_exchange text) TO bursar_user;
GRANT ALL ON FUNCTION market.trading_calendar(asset_class text, of_exchange text) TO bursar_system;

REVOKE ALL ON FUNCTION market.unpack_bars(ids uuid[], days date[]) FROM PUBLIC;
GRANT ALL ON FUNCTION market.unpack_bars(ids uuid[], days date[]) TO bursar_system;

REVOKE ALL ON FUNCTION market.without_partition(bar_interval text, moments timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION market.without_partition(bar_interval text, moments timestamp with time zone[]) TO bursar_system;

REVOKE ALL ON FUNCTION market.write_exchange_words() FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.add_activity(owner uuid, deed text, of_resource_type text, of_resource_id text, what jsonb, via text, from_address text, with_agent text) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.add_activity(owner uuid, deed text, of_resource_type text, of_resource_id text, what jsonb, via text, from_address text, with_agent text) TO bursar_user;
GRANT ALL ON FUNCTION platform.add_activity(owner uuid, deed text, of_resource_type text, of_resource_id text, what jsonb, via text, from_address text, with_agent text) TO bursar_system;

REVOKE ALL ON FUNCTION platform.append_to_chain() FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.audit_row() FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.audit_table(target regclass, owner_column text, key_column text, unremarkable text) FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.chain_differences(owner uuid, chain_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.chain_differences(owner uuid, chain_name text) TO bursar_system;

REVOKE ALL ON FUNCTION platform.chain_step(state text, previous text, link text) FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.chain_table(target regclass, chain_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.current_request_id() FROM PUBLIC;
GRANT ALL ON FUNCTION platform.current_request_id() TO bursar_user;
GRANT ALL ON FUNCTION platform.current_request_id() TO bursar_system;

REVOKE ALL ON FUNCTION platform.current_user_id() FROM PUBLIC;
GRANT ALL ON FUNCTION platform.current_user_id() TO bursar_user;
GRANT ALL ON FUNCTION platform.current_user_id() TO bursar_system;

REVOKE ALL ON FUNCTION platform.delete_rows_of(person uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.delete_rows_of(person uuid) TO bursar_system;

REVOKE ALL ON FUNCTION platform.differs(was jsonb, is_now jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.differs(was jsonb, is_now jsonb) TO bursar_system;

REVOKE ALL ON FUNCTION platform.drop_partition(parent text, moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.drop_partition(parent text, moment timestamp with time zone) TO bursar_system;

REVOKE ALL ON FUNCTION platform.drop_partitions(parent text, before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.drop_partitions(parent text, before timestamp with time zone) TO bursar_system;

REVOKE ALL ON FUNCTION platform.enqueue_job(job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.enqueue_job(job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer) TO bursar_user;
GRANT ALL ON FUNCTION platform.enqueue_job(job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer) TO bursar_system;

REVOKE ALL ON FUNCTION platform.ensure_partition(parent text, moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.ensure_partition(parent text, moment timestamp with time zone) TO bursar_system;

REVOKE ALL ON FUNCTION platform.erase_person(person uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.erase_person(person uuid) TO bursar_system;

REVOKE ALL ON FUNCTION platform.erase_traces(person uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.erase_traces(person uuid) TO bursar_system;

REVOKE ALL ON FUNCTION platform.extend_chain(owner uuid, chain_name text, of_table text, deed text, row_ids text[], contents text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.has_columnstore(parent text) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.has_columnstore(parent text) TO bursar_system;

REVOKE ALL ON FUNCTION platform.is_hypertable(parent text) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.is_hypertable(parent text) TO bursar_system;

REVOKE ALL ON FUNCTION platform.kept_tables() FROM PUBLIC;
GRANT ALL ON FUNCTION platform.kept_tables() TO bursar_system;

REVOKE ALL ON FUNCTION platform.make_hypertables() FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.note_activity(deed text, of_resource_type text, of_resource_id text, what jsonb, via text, from_address text, with_agent text) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.note_activity(deed text, of_resource_type text, of_resource_id text, what jsonb, via text, from_address text, with_agent text) TO bursar_user;

REVOKE ALL ON FUNCTION platform.pack_partition(parent text, moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.pack_partition(parent text, moment timestamp with time zone) TO bursar_system;

GRANT SELECT ON TABLE platform.partitioned_tables TO bursar_system;

REVOKE ALL ON FUNCTION platform.partitioned_table(parent text) FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.partitions_of(parent text) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.partitions_of(parent text) TO bursar_system;

REVOKE ALL ON FUNCTION platform.purge_person(person uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.purge_person(person uuid) TO bursar_system;

REVOKE ALL ON FUNCTION platform.purge_traces(person uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.purge_traces(person uuid) TO bursar_system;

REVOKE ALL ON FUNCTION platform.rebuild(parent text, as_hypertable boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.rebuild_with_views(parents text[], as_hypertables boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.refuse_truncate() FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.timescaledb_schema() FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.touch_updated_at() FROM PUBLIC;

REVOKE ALL ON FUNCTION platform.without_secrets(content jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION platform.without_secrets(content jsonb) TO bursar_system;

REVOKE ALL ON FUNCTION portfolio.appraise_again() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.build_what_waited() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.bump_revision() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.bump_revision_of_holders() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.check_categories() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.check_category_weights() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.check_fund_weights() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.check_private_instruments() FROM PUBLIC;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.portfolio_snapshots TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.portfolio_snapshots TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.portfolios TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.portfolios TO bursar_system;

REVOKE ALL ON FUNCTION portfolio.current_summaries() FROM PUBLIC;
GRANT ALL ON FUNCTION portfolio.current_summaries() TO bursar_user;

REVOKE ALL ON FUNCTION portfolio.erase_person(person uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION portfolio.erase_person(person uuid) TO bursar_system;

REVOKE ALL ON FUNCTION portfolio.history_differences(owner uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION portfolio.history_differences(owner uuid) TO bursar_system;

REVOKE ALL ON FUNCTION portfolio.keep_deleted_appraisals() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.keep_former() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.keep_replaced_appraisals() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.mark_all_days() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.mark_appraised_days() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.mark_changed_days() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.mark_dirty(of_user uuid, of_portfolio uuid, from_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION portfolio.mark_dirty(of_user uuid, of_portfolio uuid, from_day date) TO bursar_user;
GRANT ALL ON FUNCTION portfolio.mark_dirty(of_user uuid, of_portfolio uuid, from_day date) TO bursar_system;

REVOKE ALL ON FUNCTION portfolio.next_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION portfolio.pack_snapshots(before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION portfolio.pack_snapshots(before timestamp with time zone) TO bursar_system;

REVOKE ALL ON FUNCTION portfolio.refresh_summary() FROM PUBLIC;
GRANT ALL ON FUNCTION portfolio.refresh_summary() TO bursar_system;

REVOKE ALL ON FUNCTION portfolio.unpack_snapshots(of_portfolio uuid, from_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION portfolio.unpack_snapshots(of_portfolio uuid, from_day date) TO bursar_user;

REVOKE ALL ON FUNCTION market.product(double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION market.product(double precision) TO bursar_user;
GRANT ALL ON FUNCTION market.product(double precision) TO bursar_system;

REVOKE ALL ON FUNCTION platform.chained(text, text) FROM PUBLIC;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.avatars TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.avatars TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.ceremonies TO bursar_system;

GRANT SELECT,INSERT ON TABLE identity.consents TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.consents TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.failed_attempts TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.invitations TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.links TO bursar_system;

GRANT SELECT,INSERT,DELETE ON TABLE identity.mail_requests TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.onboarding TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.onboarding TO bursar_system;

GRANT SELECT,INSERT,DELETE ON TABLE identity.openid_flows TO bursar_system;

GRANT SELECT ON TABLE identity.openid_identities TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.openid_identities TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.outbox TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.passkeys TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.passkeys TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.pending_sign_ins TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.phones TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.phones TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.preferences TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.preferences TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.provider_keys TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.provider_keys TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.recovery_codes TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.recovery_codes TO bursar_system;

GRANT SELECT,UPDATE ON TABLE identity.registration TO bursar_system;

GRANT SELECT,INSERT ON TABLE identity.risk_assessments TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.risk_assessments TO bursar_system;

GRANT SELECT,DELETE ON TABLE identity.sessions TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.sessions TO bursar_system;

GRANT UPDATE(proved_at) ON TABLE identity.sessions TO bursar_user;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.tax_ids TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.tax_ids TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.token_pairs TO bursar_system;

GRANT SELECT,INSERT,DELETE ON TABLE identity.tokens TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.tokens TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.totp TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.totp TO bursar_system;

GRANT SELECT ON TABLE identity.users TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.users TO bursar_system;

GRANT UPDATE(name) ON TABLE identity.users TO bursar_user;

GRANT UPDATE(password_hash) ON TABLE identity.users TO bursar_user;

GRANT UPDATE(username) ON TABLE identity.users TO bursar_user;

GRANT UPDATE(first_name) ON TABLE identity.users TO bursar_user;

GRANT UPDATE(last_name) ON TABLE identity.users TO bursar_user;

GRANT UPDATE(wallet_address) ON TABLE identity.users TO bursar_user;

GRANT SELECT ON TABLE market.bar_versions TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.bar_versions TO bursar_system;

GRANT SELECT ON TABLE market.bars_15m TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.bars_15m TO bursar_system;

GRANT SELECT ON TABLE market.bars_1d TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.bars_1d TO bursar_system;

GRANT SELECT ON TABLE market.bars_1h TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.bars_1h TO bursar_system;

GRANT SELECT ON TABLE market.bars_1m TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.bars_1m TO bursar_system;

GRANT SELECT ON TABLE market.bars_5m TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.bars_5m TO bursar_system;

GRANT SELECT ON TABLE market.packed_bars TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.packed_bars TO bursar_system;

GRANT SELECT ON TABLE market.bars TO bursar_user;
GRANT SELECT ON TABLE market.bars TO bursar_system;

GRANT SELECT ON TABLE market.cache_counters TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.cache_counters TO bursar_system;

GRANT SELECT ON TABLE market.changed_calendars TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.changed_calendars TO bursar_system;

GRANT SELECT ON TABLE market.computed_days TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.computed_days TO bursar_system;

GRANT SELECT ON TABLE market.corporate_actions TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.corporate_actions TO bursar_system;

GRANT SELECT ON TABLE market.daily_figures TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.daily_figures TO bursar_system;

GRANT SELECT ON TABLE market.daily_figures_state TO bursar_user;
GRANT SELECT,UPDATE ON TABLE market.daily_figures_state TO bursar_system;

GRANT SELECT ON TABLE market.dirty_figures TO bursar_user;
GRANT SELECT,INSERT,DELETE ON TABLE market.dirty_figures TO bursar_system;

GRANT SELECT ON TABLE market.dirty_hours TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.dirty_hours TO bursar_system;

GRANT SELECT ON TABLE market.dirty_minutes TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.dirty_minutes TO bursar_system;

GRANT SELECT ON TABLE market.dropped_days TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.dropped_days TO bursar_system;

GRANT SELECT ON TABLE market.exchange_words TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.exchange_words TO bursar_system;

GRANT SELECT ON TABLE market.exchanges TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.exchanges TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.fetches TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.findings TO bursar_system;

GRANT SELECT ON TABLE market.fundamentals TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.fundamentals TO bursar_system;

GRANT SELECT ON TABLE market.fx_rate_versions TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.fx_rate_versions TO bursar_system;

GRANT SELECT ON TABLE market.fx_rates TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.fx_rates TO bursar_system;

GRANT SELECT ON TABLE market.instruments TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.instruments TO bursar_system;

GRANT SELECT ON TABLE market.interests TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.interests TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.loaded_files TO bursar_system;

GRANT SELECT ON TABLE market.market_data_cache TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.market_data_cache TO bursar_system;

GRANT SELECT ON TABLE market.market_indices TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.market_indices TO bursar_system;

GRANT SELECT ON TABLE market.name_words TO bursar_user;
GRANT SELECT,INSERT ON TABLE market.name_words TO bursar_system;

GRANT SELECT ON TABLE market.option_chains TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.option_chains TO bursar_system;

GRANT SELECT ON TABLE market.option_contracts TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.option_contracts TO bursar_system;

GRANT SELECT ON TABLE market.option_quotes TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.option_quotes TO bursar_system;

GRANT SELECT ON TABLE market.override_changes TO bursar_user;
GRANT SELECT,INSERT ON TABLE market.override_changes TO bursar_system;

GRANT SELECT ON TABLE market.overrides TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.overrides TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.provider_keys TO bursar_system;

GRANT SELECT ON TABLE market.provider_orders TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.provider_orders TO bursar_system;

GRANT SELECT ON TABLE market.provider_symbols TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.provider_symbols TO bursar_system;

GRANT SELECT ON TABLE market.providers TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.providers TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.quarantine TO bursar_system;

GRANT USAGE ON SEQUENCE market.quote_sequence TO bursar_system;

GRANT SELECT ON TABLE market.quotes TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.quotes TO bursar_system;

GRANT SELECT ON TABLE market.refreshes TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.refreshes TO bursar_system;

GRANT SELECT ON TABLE market.revision TO bursar_user;
GRANT SELECT,UPDATE ON TABLE market.revision TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.sent_requests TO bursar_system;

GRANT SELECT ON TABLE market.simulated_fx_rates TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.simulated_fx_rates TO bursar_system;

GRANT SELECT ON TABLE market.symbol_history TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.symbol_history TO bursar_system;

GRANT SELECT ON TABLE market.ticks TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.ticks TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE market.upkeep TO bursar_system;

GRANT SELECT ON TABLE platform.activity TO bursar_user;
GRANT SELECT ON TABLE platform.activity TO bursar_system;

GRANT SELECT,INSERT,DELETE ON TABLE platform.analytics_events TO bursar_system;

GRANT SELECT ON TABLE platform.audit TO bursar_user;
GRANT SELECT ON TABLE platform.audit TO bursar_system;

GRANT SELECT ON TABLE platform.chain_entries TO bursar_user;
GRANT SELECT ON TABLE platform.chain_entries TO bursar_system;

GRANT SELECT ON TABLE platform.chain_heads TO bursar_user;
GRANT SELECT ON TABLE platform.chain_heads TO bursar_system;

GRANT SELECT ON TABLE platform.chained_tables TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE platform.closed_accounts TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE platform.idempotency_keys TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE platform.idempotency_keys TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE platform.jobs TO bursar_system;

GRANT SELECT ON TABLE platform.migrations TO bursar_system;

GRANT SELECT,INSERT,DELETE ON TABLE platform.system_logs TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.accepted_findings TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.accepted_findings TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.packed_snapshots TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.packed_snapshots TO bursar_system;

GRANT SELECT ON TABLE portfolio.all_snapshots TO bursar_user;
GRANT SELECT ON TABLE portfolio.all_snapshots TO bursar_system;

GRANT SELECT,INSERT ON TABLE portfolio.appraisal_versions TO bursar_user;
GRANT SELECT,INSERT,DELETE ON TABLE portfolio.appraisal_versions TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.appraisals TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.appraisals TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.asset_category_assignment TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.asset_category_assignment TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.category_rules TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.category_rules TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.corporate_action_decisions TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.corporate_action_decisions TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.fund_weights TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.fund_weights TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.imports TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.imports TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.mappings TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.mappings TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.portfolio_sync_log TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.portfolio_sync_log TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.private_assets TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.private_assets TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.snapshot_states TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.snapshot_states TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.stated_balances TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.stated_balances TO bursar_system;

GRANT SELECT,INSERT ON TABLE portfolio.transaction_versions TO bursar_user;
GRANT SELECT,INSERT,DELETE ON TABLE portfolio.transaction_versions TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.transactions TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.transactions TO bursar_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.vault_categories TO bursar_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE portfolio.vault_categories TO bursar_system;

ALTER DEFAULT PRIVILEGES FOR ROLE bursar_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;
