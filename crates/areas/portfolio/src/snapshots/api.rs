use axum::{Json, extract::State};
use identity::SignedIn;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, CsvFile, Page, PageQuery, Problem, ProblemBody, Query};

use super::{
    model::{Snapshot, SnapshotFilter, SummaryView},
    store,
};

/// Days that a CSV holds at most: three hundred portfolio years.
const MOST_ROWS: i64 = 110_000;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(export))
        .routes(routes!(summaries))
}

/// What portfolios were worth at the close of each day, the latest day first. A change shows here as
/// soon as the background job has run: a snapshot tells what is known today, never what was known on
/// an earlier day.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/snapshots",
    operation_id = "portfolio_list_snapshots",
    tag = "portfolio",
    params(SnapshotFilter, PageQuery),
    responses(
        (status = 200, body = Page<Snapshot>),
        (status = 401, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn list(
    State(app): State<App>,
    caller: SignedIn,
    Query(filter): Query<SnapshotFilter>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<Snapshot>>> {
    let (after, limit) = (page.after()?, page.limit());
    let mut tx = app.db.read(caller.user_id).await?;
    let rows = store::list(&mut tx, &filter, after, limit).await?;
    Ok(Json(Page::of(rows, limit, |row| {
        (row.date, row.portfolio_id.0)
    })))
}

/// The same as CSV, with exact figures.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/snapshots.csv",
    operation_id = "portfolio_export_snapshots",
    tag = "portfolio",
    params(SnapshotFilter),
    responses((status = 200, content_type = "text/csv", body = String), (status = 401, body = ProblemBody))
)]
async fn export(
    State(app): State<App>,
    caller: SignedIn,
    Query(filter): Query<SnapshotFilter>,
) -> ApiResult<CsvFile> {
    let mut tx = app.db.read(caller.user_id).await?;
    let rows = store::list(&mut tx, &filter, None, MOST_ROWS).await?;
    drop(tx);
    Ok(CsvFile {
        name: "snapshots.csv".to_owned(),
        bytes: csv(&rows)?,
    })
}

fn csv(rows: &[Snapshot]) -> Result<Vec<u8>, Problem> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |record: &[String]| {
        writer
            .write_record(record)
            .map_err(|error| Problem::internal(&error))
    };
    let header = [
        "date",
        "portfolio_id",
        "currency",
        "total_value",
        "cash_balance",
        "net_invested",
        "total_gain",
        "total_gain_percent",
        "day_change",
        "day_change_percent",
        "holdings_count",
        "asset_allocation",
    ];
    write(&header.map(str::to_owned))?;
    for row in rows {
        let ratio = |ratio: Option<rust_decimal::Decimal>| {
            ratio.map_or_else(String::new, |ratio| ratio.to_string())
        };
        let allocation = serde_json::to_string(&row.asset_allocation)
            .map_err(|error| Problem::internal(&error))?;
        write(&[
            row.date.to_string(),
            row.portfolio_id.0.to_string(),
            row.currency.to_string(),
            row.total_value.to_string(),
            row.cash_balance.to_string(),
            row.net_invested.to_string(),
            row.total_gain.to_string(),
            ratio(row.total_gain_percent),
            row.day_change.to_string(),
            ratio(row.day_change_percent),
            row.holdings_count.to_string(),
            allocation,
        ])?;
    }
    writer
        .into_inner()
        .map_err(|error| Problem::internal(&error))
}

/// The latest snapshot of each portfolio at once, as of the last refresh and by what is known today.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/summaries",
    operation_id = "portfolio_list_summaries",
    tag = "portfolio",
    responses((status = 200, body = Vec<SummaryView>), (status = 401, body = ProblemBody))
)]
async fn summaries(State(app): State<App>, caller: SignedIn) -> ApiResult<Json<Vec<SummaryView>>> {
    let mut tx = app.db.read(caller.user_id).await?;
    Ok(Json(store::summaries(&mut tx).await?))
}
