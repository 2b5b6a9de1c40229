drop function platform.enqueue_job(text, jsonb, text, integer);
drop index platform.jobs_unique_key;
-- Two runs of one key, one waiting, cannot stay under the older rule; the waiting one goes.
delete from platform.jobs waiting
where waiting.state = 'queued'
    and exists (
        select from platform.jobs running
        where running.name = waiting.name
            and running.unique_key = waiting.unique_key
            and running.state = 'running'
    );
create unique index jobs_unique_key on platform.jobs (name, unique_key)
    where unique_key is not null and state in ('queued', 'running');
