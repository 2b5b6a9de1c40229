create or replace function platform.ensure_partition(parent text, moment timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
