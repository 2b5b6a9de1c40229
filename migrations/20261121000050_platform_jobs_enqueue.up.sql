-- Jobs are queued through one function, so that a user's unit of work can queue a job in the
-- transaction that causes it without any right on the table, and so that no insert forgets to wake
-- the runners.

-- A key is unique among waiting jobs only: what changes while a job already runs needs another run.
drop index platform.jobs_unique_key;
create unique index jobs_unique_key on platform.jobs (name, unique_key)
    where unique_key is not null and state = 'queued';

-- Whether a job was queued; false when an equal one waits already.
create function platform.enqueue_job(
    job_name text, job_payload jsonb, job_unique_key text, job_max_attempts integer
) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into platform.jobs (name, payload, unique_key, max_attempts)
    values (job_name, job_payload, job_unique_key, job_max_attempts)
    on conflict do nothing;
    if not found then
        return false;
    end if;
    perform pg_notify('bursar_jobs', job_name);
    return true;
end
$$;
grant execute on function platform.enqueue_job(text, jsonb, text, integer)
    to bursar_user, bursar_system;
