-- How much of bars and ticks is kept, for whoever runs the instance: one row for each table. Rows are
-- those that the server counted when it last looked (analyze), not counted now. `is_ahead` says whether the
-- partition of an instant is there; what is kept in no partitions is always ready.
create function market.stored(ahead timestamptz) returns table (
    name text, step text, partitions bigint, rows_about bigint, bytes bigint, is_ahead boolean
)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select t.name, t.step, count(c.oid), coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint,
           coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint,
           coalesce(bool_or(c.relname = t.name || '_' || to_char(
               date_trunc(t.step, ahead at time zone 'UTC'),
               case t.step when 'day' then 'YYYYMMDD' when 'month' then 'YYYYMM' else 'YYYY"s"' end)), false)
    from platform.partitioned_tables t
    left join pg_inherits i on i.inhparent = format('%I.%I', t.schema_name, t.name)::regclass
    left join pg_class c on c.oid = i.inhrelid
    where t.schema_name = 'market'
    group by t.name, t.step
    union all
    select c.relname, null, 0, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid), true
    from pg_class c
    where c.oid = any (array['market.packed_bars', 'market.bar_versions']::regclass[])
    order by 1
$$;
revoke execute on function market.stored(timestamptz) from public;
grant execute on function market.stored(timestamptz) to bursar_system;
