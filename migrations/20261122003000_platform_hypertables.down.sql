drop function platform.rebuild_with_views(text[], boolean);
drop function platform.rebuild(text, boolean);
drop function platform.pack_partition(text, timestamptz);

-- Whether a partition had to be made for an instant. The parent is named with its schema, which is
-- `platform` where it is left out; periods are those of UTC.
create or replace function platform.ensure_partition(parent text, moment timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    kept platform.partitioned_tables;
    first timestamp;
    next timestamp;
    child text;
begin
    select * into kept
    from platform.partitioned_tables t
    where t.schema_name = case when strpos(parent, '.') > 0 then split_part(parent, '.', 1) else 'platform' end
        and t.name = split_part(parent, '.', case when strpos(parent, '.') > 0 then 2 else 1 end);
    if not found then
        raise exception '% is not kept in partitions', parent;
    end if;
    if isfinite(moment) and moment < kept.since then
        return false;
    end if;
    if not isfinite(moment) or moment < '0001-01-01 00:00:00+00' then
        raise exception '% has no partition for %: the calendar begins with the year 1', parent, moment
            using errcode = 'datetime_field_overflow';
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
    if to_regclass(format('%I.%I', kept.schema_name, child)) is not null then
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

-- Drops the periods that ended before an instant; returns the names of their tables.
create or replace function platform.drop_partitions(parent text, before timestamptz) returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    kept platform.partitioned_tables;
    child text;
begin
    select * into kept
    from platform.partitioned_tables t
    where t.schema_name = case when strpos(parent, '.') > 0 then split_part(parent, '.', 1) else 'platform' end
        and t.name = split_part(parent, '.', case when strpos(parent, '.') > 0 then 2 else 1 end);
    if not found then
        raise exception '% is not kept in partitions', parent;
    end if;
    if kept.step = 'decade' then
        raise exception '% is kept for ever', parent;
    end if;
    for child in
        select c.relname
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        where i.inhparent = format('%I.%I', kept.schema_name, kept.name)::regclass
            and c.relname ~ '_[0-9]+$'
            and (case kept.step
                     when 'day' then to_date(right(c.relname, 8), 'YYYYMMDD') + interval '1 day'
                     else to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month'
                 end) at time zone 'UTC' <= before
        order by c.relname
    loop
        execute format('drop table %I.%I', kept.schema_name, child);
        return next child;
    end loop;
end
$$;

-- Drops the period in which an instant lies; whether there was one.
create or replace function platform.drop_partition(parent text, moment timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    kept platform.partitioned_tables;
    child text;
begin
    select * into kept
    from platform.partitioned_tables t
    where t.schema_name = case when strpos(parent, '.') > 0 then split_part(parent, '.', 1) else 'platform' end
        and t.name = split_part(parent, '.', case when strpos(parent, '.') > 0 then 2 else 1 end);
    if not found or kept.step = 'decade' then
        raise exception '% is kept in no partitions that go', parent;
    end if;
    child := kept.name || '_' || to_char(moment at time zone 'UTC', case kept.step
        when 'day' then 'YYYYMMDD' else 'YYYYMM' end);
    if to_regclass(format('%I.%I', kept.schema_name, child)) is null then
        return false;
    end if;
    execute format('drop table %I.%I', kept.schema_name, child);
    return true;
end
$$;

drop function platform.partitions_of(text);
drop function platform.is_hypertable(text);
drop function platform.partitioned_table(text);
drop function platform.timescaledb_schema();
alter table platform.partitioned_tables drop column chunk;
