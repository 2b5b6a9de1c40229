-- What people and programs did, and what the process had to say: tables in months, made ahead and
-- dropped by a job. Nobody needs a table of last year to be scanned for a row of today.

-- Which table is kept in months. Owned by the schema, so that nobody adds partitions elsewhere.
create table platform.monthly_tables (
    name text not null,
    constraint monthly_tables_pkey primary key (name)
);
insert into platform.monthly_tables (name) values ('activity'), ('system_logs'), ('analytics_events');
grant select on platform.monthly_tables to bursar_system;

-- Whether a partition had to be made for the month (UTC) of an instant.
create function platform.ensure_partition(parent text, moment timestamptz) returns boolean
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
grant execute on function platform.ensure_partition(text, timestamptz) to bursar_system;

-- Drops the months that ended before an instant; returns their names.
create function platform.drop_partitions(parent text, before timestamptz) returns setof text
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
grant execute on function platform.drop_partitions(text, timestamptz) to bursar_system;

-- The request, command or job that a unit of work belongs to; null where nobody said.
create function platform.current_request_id() returns text
language sql stable parallel safe
return nullif(current_setting('app.request_id', true), '');
grant execute on function platform.current_request_id() to bursar_user, bursar_system;

-- What each person and each program in a person's name did. No reference to the person: the rows of
-- attempts to sign in under an unknown address belong to the nil person, whom nobody is.
create table platform.activity (
    user_id uuid not null,
    at timestamptz not null default now(),
    id uuid not null default gen_random_uuid(),
    -- What was done, as area.things.deed.
    type text not null constraint activity_type_check check (type ~ '^[a-z0-9_.-]{1,100}$'),
    resource_type text,
    resource_id text,
    details jsonb not null default '{}',
    -- By which way in.
    channel text not null constraint activity_channel_check check (channel in ('page', 'api', 'command')),
    address text,
    agent text,
    request_id text,
    constraint activity_pkey primary key (user_id, at, id)
) partition by range (at);
create index activity_type_idx on platform.activity (user_id, type, at desc, id desc);
alter table platform.activity enable row level security;
alter table platform.activity force row level security;
create policy activity_owner on platform.activity to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy activity_system on platform.activity to bursar_system using (true) with check (true);
-- The functions below write as the owner of the schema; nobody else writes.
create policy activity_writer on platform.activity to bursar_owner using (true) with check (true);
grant select on platform.activity to bursar_user, bursar_system;

-- One deed. A person writes under the own name only.
create function platform.add_activity(
    owner uuid, deed text, of_resource_type text, of_resource_id text, what jsonb, via text,
    from_address text, with_agent text
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if current_setting('role') = 'bursar_user' and owner is distinct from platform.current_user_id() then
        raise exception 'activity is written under the own name' using errcode = 'insufficient_privilege';
    end if;
    perform platform.ensure_partition('activity', now());
    insert into platform.activity
        (user_id, type, resource_type, resource_id, details, channel, address, agent, request_id)
    values (owner, deed, of_resource_type, of_resource_id, coalesce(what, '{}'), via, from_address,
            with_agent, platform.current_request_id());
end
$$;
grant execute on function platform.add_activity(uuid, text, text, text, jsonb, text, text, text)
    to bursar_user, bursar_system;

-- Called when a person's unit of work ends well: a deed is on record when something was written, and
-- in the transaction that wrote it.
create function platform.note_activity(
    deed text, of_resource_type text, of_resource_id text, what jsonb, via text, from_address text,
    with_agent text
) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if pg_current_xact_id_if_assigned() is not null then
        perform platform.add_activity(platform.current_user_id(), deed, of_resource_type,
                                      of_resource_id, what, via, from_address, with_agent);
    end if;
end
$$;
grant execute on function platform.note_activity(text, text, text, jsonb, text, text, text) to bursar_user;

-- Warnings and errors of the process, for whoever runs it.
create table platform.system_logs (
    at timestamptz not null,
    id uuid not null default gen_random_uuid(),
    level text not null constraint system_logs_level_check check (level in ('info', 'warn', 'error')),
    -- The room that spoke.
    service text not null,
    message text not null,
    metadata jsonb not null default '{}',
    user_id uuid,
    request_id text,
    stack_trace text,
    constraint system_logs_pkey primary key (at, id)
) partition by range (at);
create index system_logs_service_idx on platform.system_logs (service, at desc);
create index system_logs_level_idx on platform.system_logs (level, at desc);
create index system_logs_user_idx on platform.system_logs (user_id, at desc);
create index system_logs_request_idx on platform.system_logs (request_id) where request_id is not null;
alter table platform.system_logs enable row level security;
alter table platform.system_logs force row level security;
create policy system_logs_system on platform.system_logs to bursar_system using (true) with check (true);
grant select, insert, delete on platform.system_logs to bursar_system;

-- Which pages are used: the form of the address, never what stands in it.
create table platform.analytics_events (
    at timestamptz not null,
    id uuid not null default gen_random_uuid(),
    event_type text not null,
    user_id uuid,
    session_id uuid,
    properties jsonb not null default '{}',
    context jsonb not null default '{}',
    constraint analytics_events_pkey primary key (at, id)
) partition by range (at);
create index analytics_events_type_idx on platform.analytics_events (event_type, at desc);
create index analytics_events_user_idx on platform.analytics_events (user_id, at desc);
alter table platform.analytics_events enable row level security;
alter table platform.analytics_events force row level security;
create policy analytics_events_system on platform.analytics_events to bursar_system
    using (true) with check (true);
grant select, insert, delete on platform.analytics_events to bursar_system;

-- A job belongs to the request that caused it.
alter table platform.jobs add column request_id text;
create or replace function platform.enqueue_job(
    job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer
) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into platform.jobs (name, payload, unique_key, max_attempts, request_id)
    values (job_name, job_payload, job_unique_key, job_max_attempts, platform.current_request_id())
    on conflict do nothing;
    if not found then
        return false;
    end if;
    perform pg_notify('bursar_jobs', job_name);
    return true;
end
$$;
