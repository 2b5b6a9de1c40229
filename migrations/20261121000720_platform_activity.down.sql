create or replace function platform.enqueue_job(
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
alter table platform.jobs drop column request_id;
drop table platform.analytics_events;
drop table platform.system_logs;
drop function platform.note_activity(text, text, text, jsonb, text, text, text);
drop function platform.add_activity(uuid, text, text, text, jsonb, text, text, text);
drop table platform.activity;
drop function platform.current_request_id();
drop function platform.drop_partitions(text, timestamptz);
drop function platform.ensure_partition(text, timestamptz);
drop table platform.monthly_tables;
