-- What critical rows were before each change and deletion. Triggers write it, so no code can forget
-- to; nobody but the owner of the schema can change it.
create table platform.audit (
    -- Whose row it was.
    user_id uuid not null,
    id bigint generated always as identity,
    at timestamptz not null default now(),
    table_name text not null,
    operation text not null constraint audit_operation_check check (operation in ('update', 'delete')),
    row_id text not null,
    -- The row before and after; empty once the person is forgotten.
    former jsonb,
    later jsonb,
    -- Who did it; nobody where the system did.
    changed_by uuid,
    acting_role text not null,
    request_id text,
    transaction_id bigint not null,
    constraint audit_pkey primary key (user_id, id)
);
create index audit_row_idx on platform.audit (user_id, table_name, row_id);
alter table platform.audit enable row level security;
alter table platform.audit force row level security;
create policy audit_owner on platform.audit to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy audit_system on platform.audit to bursar_system using (true) with check (true);
create policy audit_writer on platform.audit to bursar_owner using (true) with check (true);
grant select on platform.audit to bursar_user, bursar_system;

create function platform.refuse_truncate() returns trigger language plpgsql as $$
begin
    raise exception '% is never emptied', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_refuse_truncate before truncate on platform.audit
    for each statement execute function platform.refuse_truncate();

-- A row without what proves identities: by the name of the column, and whatever is raw bytes.
create function platform.without_secrets(content jsonb) returns jsonb
language sql immutable strict parallel safe
return (
    select coalesce(jsonb_object_agg(key, value), '{}')
    from jsonb_each(content)
    where key !~ '(password|secret|hash|sealed|cipher|recovery)'
        and not (jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^\\x([0-9a-f]{2})*$')
);

grant execute on function platform.without_secrets(jsonb) to bursar_system;

-- Its arguments: the column that says whose a row is, the column that names it, and columns whose
-- change alone is not worth a row, separated by commas.
create function platform.audit_row() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
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

-- One line per critical table: select platform.audit_table('portfolio.transactions', …).
create function platform.audit_table(
    target regclass, owner_column text, key_column text, unremarkable text
) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    short constant text := (select relname from pg_class where oid = target);
begin
    execute format('create trigger %I after update or delete on %s
                    for each row execute function platform.audit_row(%L, %L, %L)',
                   short || '_audit', target, owner_column, key_column, unremarkable);
end
$$;

do $$
begin
    perform platform.audit_table('portfolio.transactions', 'user_id', 'id', 'updated_at');
    -- The revision moves with every transaction, which is on record itself.
    perform platform.audit_table('portfolio.portfolios', 'user_id', 'id', 'updated_at,revision');
    perform platform.audit_table('identity.users', 'id', 'id', 'updated_at,last_signed_in_at');
end
$$;
