use std::{collections::HashSet, time::Duration};

use db::{Error, SystemTx};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Scheduled;

/// One claim of a job. The number of the attempt tells it from every other claim of the same job:
/// a runner whose lease ran out cannot settle what somebody else took over.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) payload: Value,
    pub(crate) attempts: i32,
    pub(crate) max_attempts: i32,
    /// The request that caused it.
    pub(crate) request_id: Option<String>,
}

pub(crate) async fn insert(
    conn: &mut PgConnection,
    name: &str,
    payload: &Value,
    unique_key: Option<&str>,
    max_attempts: i32,
) -> Result<bool, Error> {
    let queued = sqlx::query_scalar!(
        r#"select platform.enqueue_job($1, $2, $3, $4) as "queued!""#,
        name,
        payload,
        unique_key,
        max_attempts,
    )
    .fetch_one(conn)
    .await?;
    Ok(queued)
}

pub(crate) async fn unfinished_keys(
    tx: &mut SystemTx,
    name: &str,
) -> Result<HashSet<String>, Error> {
    let keys = sqlx::query_scalar!(
        r#"select unique_key as "unique_key!" from platform.jobs
           where name = $1 and unique_key is not null and state in ('queued', 'running')"#,
        name,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(keys.into_iter().collect())
}

/// Queues a scheduled job unless some node did so in the current period, or its last run is not over.
pub(crate) async fn insert_scheduled(tx: &mut SystemTx, job: &Scheduled) -> Result<bool, Error> {
    // One node at a time: the look and the insert below must not interleave with another node's.
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtext('platform.jobs:' || $1))",
        job.name
    )
    .execute(tx.conn())
    .await?;
    let queued = sqlx::query_scalar!(
        r#"with slot as (
               select 'slot:' || floor(extract(epoch from now()) / $2::bigint) as key
           )
           select platform.enqueue_job($1, '{}', slot.key, $3)
           from slot
           where not exists (
               select from platform.jobs
               where name = $1
                   and unique_key like 'slot:%'
                   and (unique_key = slot.key or state in ('queued', 'running'))
           )"#,
        job.name,
        job.every_s,
        job.max_attempts,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(queued.flatten().unwrap_or(false))
}

/// Takes the job that waits longest: due, or left behind by a runner whose lease ran out.
pub(crate) async fn claim(
    tx: &mut SystemTx,
    names: &[String],
    lease: Duration,
) -> Result<Option<Claimed>, Error> {
    let claimed = sqlx::query_as!(
        Claimed,
        r#"update platform.jobs
           set state = 'running',
               attempts = attempts + 1,
               locked_until = now() + make_interval(secs => $2)
           where id = (
               select id
               from platform.jobs
               where name = any($1)
                   and (
                       (state = 'queued' and run_at <= now())
                       or (
                           state = 'running' and locked_until < now() and attempts < max_attempts
                       )
                   )
               order by run_at
               limit 1
               for update skip locked
           )
           returning id, name, payload, attempts, max_attempts, request_id"#,
        names,
        lease.as_secs_f64(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(claimed)
}

/// Declares dead what took its runner down at the last attempt, and forgets what ended long ago.
pub(crate) async fn bury(tx: &mut SystemTx) -> Result<u64, Error> {
    let buried = sqlx::query!(
        "update platform.jobs
         set state = 'dead', locked_until = null, finished_at = now(),
             last_error = coalesce(last_error || E'\n', '') || 'the process ended during the last attempt'
         where state = 'running' and locked_until < now() and attempts >= max_attempts"
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    sqlx::query!(
        "delete from platform.jobs
         where (state = 'done' and finished_at < now() - interval '7 days')
             or (state = 'dead' and finished_at < now() - interval '90 days')"
    )
    .execute(tx.conn())
    .await?;
    Ok(buried)
}

pub(crate) async fn extend(
    tx: &mut SystemTx,
    id: Uuid,
    attempt: i32,
    lease: Duration,
) -> Result<bool, Error> {
    let extended = sqlx::query!(
        "update platform.jobs set locked_until = now() + make_interval(secs => $3)
         where id = $1 and attempts = $2 and state = 'running'",
        id,
        attempt,
        lease.as_secs_f64(),
    )
    .execute(tx.conn())
    .await?;
    Ok(extended.rows_affected() == 1)
}

pub(crate) async fn finish(
    tx: &mut SystemTx,
    job: &Claimed,
    dead_because: Option<&str>,
) -> Result<(), Error> {
    sqlx::query!(
        "update platform.jobs
         set state = case when $3::text is null then 'done' else 'dead' end,
             last_error = $3, locked_until = null, finished_at = now()
         where id = $1 and attempts = $2 and state = 'running'",
        job.id,
        job.attempts,
        dead_because,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts a job back for another try. An equal job that was queued meanwhile takes its place.
pub(crate) async fn requeue(
    tx: &mut SystemTx,
    job: &Claimed,
    wait: Duration,
    error: Option<&str>,
) -> Result<(), Error> {
    sqlx::query!(
        "update platform.jobs job
         set state = case when twin.is_waiting then 'done' else 'queued' end,
             finished_at = case when twin.is_waiting then now() end,
             attempts = case when $4::text is null then attempts - 1 else attempts end,
             run_at = now() + make_interval(secs => $3),
             last_error = coalesce($4, last_error),
             locked_until = null
         from (
             select exists (
                 select from platform.jobs waiting
                 join platform.jobs self using (name, unique_key)
                 where self.id = $1 and waiting.state = 'queued'
             ) as is_waiting
         ) twin
         where job.id = $1 and job.attempts = $2 and job.state = 'running'",
        job.id,
        job.attempts,
        wait.as_secs_f64(),
        error,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn update_progress(
    tx: &mut SystemTx,
    id: Uuid,
    attempt: i32,
    progress: &Value,
) -> Result<(), Error> {
    sqlx::query!(
        "update platform.jobs set progress = $3
         where id = $1 and attempts = $2 and state = 'running'",
        id,
        attempt,
        progress,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
