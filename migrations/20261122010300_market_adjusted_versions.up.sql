-- What a source adjusted is a statement like any other: its correction keeps what it was. And what a
-- source states while a person's close stands is kept, so that it counts when that close is withdrawn.
alter table market.bar_versions
    add column adjusted_close double precision,
    -- A statement that never counted, because a person's close stood: it is the present bar of no time.
    add column is_refused boolean not null default false;

-- The interval is the argument of the trigger. What was computed again from the same bars is no
-- correction by anybody, unless it is about a day that was over.
create or replace function market.keep_replaced_bars() returns trigger language plpgsql as $$
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
create or replace function market.keep_deleted_bars() returns trigger language plpgsql as $$
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
do $$
declare
    name text;
begin
    foreach name in array array['bars_1m', 'bars_5m', 'bars_15m', 'bars_1h', 'bars_1d'] loop
        execute format('drop trigger %I on market.%I', name || '_observe_again', name);
        execute format(
            'create trigger %I before update on market.%I
                 for each row when ((new.open, new.high, new.low, new.close)
                                    is distinct from (old.open, old.high, old.low, old.close)
                                    or new.volume <> old.volume
                                    or new.adjusted_close <> old.adjusted_close)
                 execute function market.observe_again()', name || '_observe_again', name);
    end loop;
end
$$;

-- A close that a person stated stays whatever a source says, by whichever door it comes. What it says is
-- kept once; saying it again is nothing new. An adjusted close that was not stated is the one that
-- stands, so it is none of the source.
create or replace function market.keep_override() returns trigger language plpgsql as $$
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

-- As before, and what comes for a day whose close a person stated always meets the trigger above.
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
                -- A stated close lets nothing in, but remembers what came.
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
        using bar_source, ids, ats, opens, highs, lows, closes, adjusted_closes, bar_interval = '1m', volumes;
    if bar_interval = '1m' and changed_ids is not null then
        perform market.mark_hours(changed_ids, changed_ats);
    end if;
end
$$;
