-- Accounts that were closed: the person is forgotten at once, the bookings are kept without the
-- person for as long as books must be kept, and then go as well.
create table platform.closed_accounts (
    user_id uuid not null,
    closed_at timestamptz not null,
    purge_after timestamptz not null,
    constraint closed_accounts_pkey primary key (user_id),
    constraint closed_accounts_purge_check check (purge_after > closed_at)
);
create index closed_accounts_purge_idx on platform.closed_accounts (purge_after);
alter table platform.closed_accounts enable row level security;
alter table platform.closed_accounts force row level security;
create policy closed_accounts_system on platform.closed_accounts to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on platform.closed_accounts to bursar_system;

-- The tables whose rows outlive their person, without the person's words in them. Everything else
-- with a user_id is deleted when an account is closed.
create function platform.kept_tables() returns text[]
language sql immutable parallel safe
return array[
    'identity.users', 'portfolio.portfolios', 'portfolio.imports', 'portfolio.transactions',
    'portfolio.transaction_versions', 'platform.activity', 'platform.audit',
    'platform.chain_heads', 'platform.chain_entries', 'platform.closed_accounts'
];
grant execute on function platform.kept_tables() to bursar_system;

-- Each area says in a function of this name what becomes of the person's words in rows it keeps.
-- Every column of a person that is not listed goes back to its default, also one that comes later.
create function identity.erase_person(person uuid) returns void
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
create function portfolio.erase_person(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update portfolio.transactions t
    set note = null, account = null, external_id = null
    where t.user_id = person and (t.note is not null or t.account is not null or t.external_id is not null);
    update portfolio.imports i
    set file_name = 'erased', content = null, mapping = null, rejected = '[]'
    where i.user_id = person;
    update portfolio.portfolios p
    set name = 'Portfolio ' || n.place || ' of ' || p.id
    from (select id, row_number() over (order by created_at, id) as place
          from portfolio.portfolios where user_id = person) n
    where p.user_id = person and p.id = n.id;
end
$$;
create policy transaction_versions_writer on portfolio.transaction_versions to bursar_owner
    using (true) with check (true);

-- What only the owner of the schema may change: the traces of the person in history and record.
create function platform.erase_traces(person uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
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
create function platform.purge_traces(person uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from platform.activity a where a.user_id = person;
    delete from platform.audit a where a.user_id = person;
    delete from platform.chain_entries e where e.user_id = person;
    delete from platform.chain_heads h where h.user_id = person;
end
$$;

-- Deletes a person's rows of every table that is not kept, whatever refers to what.
create function platform.delete_rows_of(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
$$;

-- Forgets a person; the bookings stay.
create function platform.erase_person(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
$$;
-- Deletes what was kept, when its time is over.
create function platform.purge_person(person uuid) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from identity.users u where u.id = person and u.status = 'deleted';
    perform platform.purge_traces(person);
    delete from platform.closed_accounts c where c.user_id = person;
end
$$;
grant execute on function identity.erase_person(uuid), portfolio.erase_person(uuid),
    platform.erase_traces(uuid), platform.purge_traces(uuid), platform.delete_rows_of(uuid),
    platform.erase_person(uuid), platform.purge_person(uuid) to bursar_system;
