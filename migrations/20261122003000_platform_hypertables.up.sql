-- What is kept in partitions of time may be hypertables of TimescaleDB instead, where the server has it.
-- Which of the two a table is stands in the catalogue: a hypertable is an ordinary table to PostgreSQL. What
-- is said to the extension here was written against the documentation of TimescaleDB 2.22. Its functions are
-- named with the schema in which it was created, which differs between servers.
alter table platform.partitioned_tables
    -- What one chunk spans where the table is a hypertable. Null: it is in partitions on every server, as
    -- tables with rows of people are, because there is no row-level security in a columnstore.
    add column chunk interval;

-- Where the extension lives in this database; null without it.
create function platform.timescaledb_schema() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'timescaledb'
$$;
revoke execute on function platform.timescaledb_schema() from public;

-- What is known of a table; it is named with its schema, which is `platform` where it is left out.
create function platform.partitioned_table(parent text) returns platform.partitioned_tables
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
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
revoke execute on function platform.partitioned_table(text) from public;

create function platform.is_hypertable(parent text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select c.relkind = 'r' from pg_class c where c.oid = parent::regclass
$$;
revoke execute on function platform.is_hypertable(text) from public;
grant execute on function platform.is_hypertable(text) to bursar_system;

-- Whether a partition had to be made for an instant. Hypertables make their chunks by themselves.
-- The parent is named with its schema, which is `platform` where it is left out; periods are those of UTC.
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

-- The partitions or chunks of a table. Rows are those that the server counted when it last looked
-- (analyze); what is before the first period begins at minus infinity. `is_packed`: in the columnstore.
create function platform.partitions_of(parent text) returns table (
    name text, from_at timestamptz, to_at timestamptz, rows_about bigint, bytes bigint, is_packed boolean
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
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
$$;
revoke execute on function platform.partitions_of(text) from public;
grant execute on function platform.partitions_of(text) to bursar_system;

-- Drops the periods that ended before an instant; returns the names of their tables.
create or replace function platform.drop_partitions(parent text, before timestamptz) returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
$$;

-- Drops the period in which an instant lies; whether there was one.
create or replace function platform.drop_partition(parent text, moment timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
$$;

-- Brings the chunk of an instant into the columnstore; how many rows of it were not in it. The rows stay
-- readable where they are, and those that are written later are taken along the next time.
create function platform.pack_partition(parent text, moment timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
$$;
revoke execute on function platform.pack_partition(text, timestamptz) from public;
grant execute on function platform.pack_partition(text, timestamptz) to bursar_system;

-- Makes a table anew, as a hypertable or in partitions, and copies its rows: an existing partitioned table
-- cannot become a hypertable. Columns, defaults, checks, keys, references, triggers, rights and comments go
-- along. Of the owner of the schema alone, who keeps everybody else out meanwhile.
create function platform.rebuild(parent text, as_hypertable boolean) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
$$;
revoke execute on function platform.rebuild(text, boolean) from public;

-- Makes tables anew, and with them the views that read them: a view would follow its table to its end.
create function platform.rebuild_with_views(parents text[], as_hypertables boolean) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
revoke execute on function platform.rebuild_with_views(text[], boolean) from public;
