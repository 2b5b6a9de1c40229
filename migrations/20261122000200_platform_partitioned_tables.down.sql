drop function platform.drop_partition(text, timestamptz);
create table platform.monthly_tables (
    name text not null,
    constraint monthly_tables_pkey primary key (name)
);
insert into platform.monthly_tables (name)
select name from platform.partitioned_tables where schema_name = 'platform';
grant select on platform.monthly_tables to bursar_system;
drop table platform.partitioned_tables;

create or replace function platform.ensure_partition(parent text, moment timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    first constant timestamp := date_trunc('month', moment at time zone 'UTC');
    child constant text := parent || '_' || to_char(first, 'YYYYMM');
begin
    if to_regclass('platform.' || quote_ident(child)) is not null then
        return false;
    end if;
    if not exists (select from platform.monthly_tables m where m.name = parent) then
        raise exception 'platform.% is not kept in months', parent;
    end if;
    perform pg_advisory_xact_lock(hashtext('platform.ensure_partition:' || child));
    if to_regclass('platform.' || quote_ident(child)) is not null then
        return false;
    end if;
    -- Made beside and attached, because attaching lets others go on writing.
    execute format('create table platform.%I (like platform.%I including defaults including constraints)',
                   child, parent);
    execute format('alter table platform.%I enable row level security', child);
    execute format('alter table platform.%I force row level security', child);
    execute format('alter table platform.%I attach partition platform.%I for values from (%L) to (%L)',
                   parent, child, first at time zone 'UTC', (first + interval '1 month') at time zone 'UTC');
    return true;
end
$$;

create or replace function platform.drop_partitions(parent text, before timestamptz) returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    child text;
begin
    if not exists (select from platform.monthly_tables m where m.name = parent) then
        raise exception 'platform.% is not kept in months', parent;
    end if;
    for child in
        select c.relname
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        where i.inhparent = ('platform.' || quote_ident(parent))::regclass
            and (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') at time zone 'UTC' <= before
        order by c.relname
    loop
        execute format('drop table platform.%I', child);
        return next child;
    end loop;
end
$$;
