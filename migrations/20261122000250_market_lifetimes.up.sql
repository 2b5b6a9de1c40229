-- How minutes and ticks leave: only when what is computed from them is, and in a way that is remembered.

-- What the upkeep of bars did last, for whoever runs the instance.
create table market.upkeep (
    task text constraint upkeep_pkey primary key
        constraint upkeep_task_check check (task in ('ahead', 'pack', 'drop_1m', 'drop_15m', 'drop_ticks')),
    ran_at timestamptz not null,
    -- How many partitions or rows were concerned.
    done bigint not null,
    -- Why something had to stay; null where nothing did.
    kept text
);
grant select, insert, update, delete on market.upkeep to bursar_system;

-- Drops the minutes (kind 1m) or the ticks of a day (UTC); how many of them there were. Null where they have
-- to stay, because something of the day or of its neighbours is not computed yet: the session of an
-- exchange may reach over midnight.
create function market.drop_day(of_kind text, on_day date) returns bigint
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
revoke execute on function market.drop_day(text, date) from public;
grant execute on function market.drop_day(text, date) to bursar_system;

-- Drops the partition of a day whose minutes are all packed, so that its space comes back; whether it did.
create function market.drop_packed_day(on_day date) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
revoke execute on function market.drop_packed_day(date) from public;
grant execute on function market.drop_packed_day(date) to bursar_system;

-- Days (UTC) of minutes or ticks that are there, the oldest first.
create function market.days_of(of_kind text) returns setof date
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
revoke execute on function market.days_of(text) from public;
grant execute on function market.days_of(text) to bursar_system;
