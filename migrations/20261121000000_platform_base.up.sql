-- The ground every area stands on: who is asking, repeated requests, background jobs.
-- The schema platform and its table migrations are made by the migrator itself.

-- Nobody gets anything by default: each table and function says who may use it.
alter default privileges revoke execute on functions from public;

-- The user of the running unit of work, or null. After its first use in a session an unset setting
-- reads as the empty string, hence nullif.
create function platform.current_user_id() returns uuid
language sql stable parallel safe
return nullif(current_setting('app.user_id', true), '')::uuid;

grant execute on function platform.current_user_id() to bursar_user, bursar_system;

-- For triggers `before update … for each row`: the time of the transaction that changed the row.
create function platform.touch_updated_at() returns trigger
language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end
$$;

-- Triggers check this privilege when they are created, which only the owner does.

-- Answers to creating requests, so that a repeated request gets the first answer again.
create table platform.idempotency_keys (
    user_id      uuid        not null,
    key          text        not null,
    -- Fingerprint of the request: the same key with another body is a mistake of the client.
    request_hash bytea       not null,
    -- Both are null while the first request is being worked on.
    status       smallint,
    body         bytea,
    created_at   timestamptz not null default now(),
    constraint idempotency_keys_pkey primary key (user_id, key),
    constraint idempotency_keys_key_check check (length(key) between 1 and 255),
    constraint idempotency_keys_status_check check (status between 100 and 599),
    constraint idempotency_keys_body_check check ((status is null) = (body is null))
);
create index idempotency_keys_created_at_idx on platform.idempotency_keys (created_at);

alter table platform.idempotency_keys enable row level security;
alter table platform.idempotency_keys force row level security;
create policy idempotency_keys_owner on platform.idempotency_keys to bursar_user
    using (user_id = platform.current_user_id())
    with check (user_id = platform.current_user_id());
create policy idempotency_keys_system on platform.idempotency_keys to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on platform.idempotency_keys to bursar_user, bursar_system;

-- Background jobs, claimed with `for update skip locked`. A running job holds a lease; when the
-- lease runs out because its process died, another process takes the job over.
create table platform.jobs (
    id           uuid        not null default gen_random_uuid(),
    -- Which code runs it, as area.imperative_verb.
    name         text        not null,
    payload      jsonb       not null default '{}',
    -- Among the jobs that wait or run, a name may hold each unique key once.
    unique_key   text,
    state        text        not null default 'queued',
    attempts     integer     not null default 0,
    max_attempts integer     not null default 5,
    run_at       timestamptz not null default now(),
    locked_until timestamptz,
    last_error   text,
    progress     jsonb,
    created_at   timestamptz not null default now(),
    finished_at  timestamptz,
    constraint jobs_pkey primary key (id),
    constraint jobs_state_check check (state in ('queued', 'running', 'done', 'dead')),
    constraint jobs_attempts_check check (attempts >= 0),
    constraint jobs_max_attempts_check check (max_attempts >= 1),
    constraint jobs_locked_until_check check ((state = 'running') = (locked_until is not null)),
    constraint jobs_finished_at_check check ((state in ('done', 'dead')) = (finished_at is not null))
);
create index jobs_due_idx on platform.jobs (run_at) where state = 'queued';
create index jobs_lease_idx on platform.jobs (locked_until) where state = 'running';
create index jobs_finished_at_idx on platform.jobs (finished_at) where finished_at is not null;
create unique index jobs_unique_key on platform.jobs (name, unique_key)
    where unique_key is not null and state in ('queued', 'running');

-- Of the system alone: a user's unit of work cannot see or make jobs.
grant select, insert, update, delete on platform.jobs to bursar_system;
