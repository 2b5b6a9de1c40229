create or replace function identity.erase_person(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    settings text;
begin
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
$$;
