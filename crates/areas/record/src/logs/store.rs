use db::{Error, SystemTx};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    LogEntry,
    model::{Line, LogQuery, PageDay, Use},
};

fn json_of<T: Serialize>(table: &'static str, rows: &[T]) -> Result<Value, Error> {
    serde_json::to_value(rows).map_err(|error| Error::Inconsistent {
        table,
        column: "metadata",
        row: "a batch".to_owned(),
        reason: error.to_string(),
    })
}

/// Makes the months of some instants, where they are missing.
async fn ensure(tx: &mut SystemTx, table: &str, at: &[Timestamp]) -> Result<(), Error> {
    let at: Vec<_> = at.iter().map(|at| at.to_sqlx()).collect();
    sqlx::query_scalar!(
        "select platform.ensure_partition($1, m.month)
         from (select distinct date_trunc('month', at) as month from unnest($2::timestamptz[]) at) m",
        table,
        &at as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_lines(tx: &mut SystemTx, lines: &[Line]) -> Result<(), Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let at: Vec<Timestamp> = lines.iter().map(|line| line.at).collect();
    ensure(tx, "system_logs", &at).await?;
    sqlx::query!(
        "insert into platform.system_logs
             (at, level, service, message, metadata, user_id, request_id, stack_trace)
         select at, level, service, message, metadata, user_id, request_id, stack_trace
         from jsonb_to_recordset($1) as line(at timestamptz, level text, service text, message text,
             metadata jsonb, user_id uuid, request_id text, stack_trace text)",
        json_of("platform.system_logs", lines)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_uses(tx: &mut SystemTx, uses: &[Use]) -> Result<(), Error> {
    if uses.is_empty() {
        return Ok(());
    }
    let at: Vec<Timestamp> = uses.iter().map(|page| page.at).collect();
    ensure(tx, "analytics_events", &at).await?;
    sqlx::query!(
        "insert into platform.analytics_events (at, event_type, user_id, properties, context)
         select at, event_type, user_id, properties, context
         from jsonb_to_recordset($1) as page(at timestamptz, event_type text, user_id uuid,
             properties jsonb, context jsonb)",
        json_of("platform.analytics_events", uses)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lines, the newest first, from after one on.
pub(super) async fn list(
    tx: &mut SystemTx,
    query: &LogQuery,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<LogEntry>, Error> {
    let (at, id) = after.unzip();
    let (level, service, request_id) = (query.level(), query.service(), query.request_id());
    let rows = sqlx::query!(
        "select id, at, level, service, message, metadata, user_id, request_id, stack_trace
         from platform.system_logs
         where ($1::text is null or level = $1)
             and ($2::text is null or service = $2)
             and ($3::text is null or request_id = $3)
             and ($4::timestamptz is null or (at, id) < ($4, $5))
         order by at desc, id desc
         limit $6",
        level.as_deref(),
        service.as_deref(),
        request_id.as_deref(),
        at.map(Timestamp::to_sqlx) as _,
        id,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LogEntry {
            id: row.id,
            at: row.at.to_jiff(),
            level: row.level,
            service: row.service,
            message: row.message,
            metadata: row.metadata,
            user_id: row.user_id,
            request_id: row.request_id,
            stack_trace: row.stack_trace,
        })
        .collect())
}

/// The rooms that have spoken.
pub(super) async fn services(tx: &mut SystemTx) -> Result<Vec<String>, Error> {
    Ok(
        sqlx::query_scalar!("select distinct service from platform.system_logs order by service")
            .fetch_all(tx.conn())
            .await?,
    )
}

/// How often each page was looked at on each day since one (UTC), the latest day and the most views
/// first.
pub(super) async fn page_days(
    tx: &mut SystemTx,
    since: Date,
    limit: i64,
) -> Result<Vec<PageDay>, Error> {
    let rows = sqlx::query!(
        r#"select (at at time zone 'UTC')::date as "day!: jiff_sqlx::Date",
                  properties ->> 'page' as "page!", count(*) as "views!",
                  count(distinct user_id) as "people!"
           from platform.analytics_events
           where event_type = 'page_view' and properties ? 'page'
               and at >= $1::date::timestamp at time zone 'UTC'
           group by 1, 2
           order by 1 desc, 3 desc, 2
           limit $2"#,
        since.to_sqlx() as _,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PageDay {
            day: row.day.to_jiff(),
            page: row.page,
            views: row.views,
            people: row.people,
        })
        .collect())
}
