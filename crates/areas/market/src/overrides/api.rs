use axum::{Json, extract::State, http::StatusCode};
use identity::{Admin, SignedIn};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, ProblemBody};

use super::{Author, Change, FormerBar, Override};
use crate::{InstrumentId, instruments};

/// Changes and former bars that are told with the stated closes.
const HISTORY: i64 = 200;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(put, withdraw))
}

/// The closes of an instrument that persons stated, and what its bars were before corrections.
#[derive(Debug, Serialize, ToSchema)]
struct OverridesView {
    /// Closes that stand against every source, the latest day first.
    overrides: Vec<Override>,
    /// Who stated and withdrew closes, the latest first.
    changes: Vec<ChangeView>,
    /// The latest corrections of daily bars, by persons and by sources, and what was stated in vain against a
    /// person's close, the latest first.
    history: Vec<FormerBarView>,
}

/// A close was stated, or withdrawn.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeView {
    /// The trading day.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// What was stated; absent where it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<f64>,
    /// Why it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// Whether the person who asks did it.
    is_own: bool,
    /// Who did it, for administrators; absent for others, and where the account is closed or it was not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let is_own = change.by == Author::You;
        Self {
            date: change.date,
            close: change.close,
            reason: change.reason,
            changed_at: change.changed_at,
            is_own,
            by: match change.by {
                Author::Named(name) => Some(name),
                Author::You | Author::Gone | Author::Administrator | Author::Unknown => None,
            },
        }
    }
}

/// A daily bar before it was corrected.
#[derive(Debug, Serialize, ToSchema)]
struct FormerBarView {
    /// The trading day.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// Its close then.
    close: f64,
    /// That adjusted, where its source stated one.
    #[serde(skip_serializing_if = "Option::is_none")]
    adjusted_close: Option<f64>,
    /// Who stated it; `override` where a person did.
    source: String,
    /// Since when it was known.
    #[schema(value_type = String, format = DateTime)]
    observed_at: Timestamp,
    /// When it was corrected.
    #[schema(value_type = String, format = DateTime)]
    replaced_at: Timestamp,
    /// Whether it never counted, because a person's close stood against it.
    is_refused: bool,
    /// The close that took its place or stood against it; absent where the day has no bar any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_close: Option<f64>,
    /// That adjusted, where it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_adjusted_close: Option<f64>,
    /// Who stated that.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_source: Option<String>,
}

impl From<FormerBar> for FormerBarView {
    fn from(former: FormerBar) -> Self {
        let FormerBar {
            date,
            close,
            adjusted_close,
            source,
            observed_at,
            replaced_at,
            is_refused,
            next,
        } = former;
        Self {
            date,
            close,
            adjusted_close,
            source,
            observed_at,
            replaced_at,
            is_refused,
            next_close: next.as_ref().map(|next| next.close),
            next_adjusted_close: next.as_ref().and_then(|next| next.adjusted_close),
            next_source: next.map(|next| next.source),
        }
    }
}

/// A close that is stated against every source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OverrideBody {
    /// In the unit in which the instrument is quoted.
    close: f64,
    /// Why, in 1 to 500 characters.
    reason: String,
}

/// Stated closes and corrections of an instrument
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/overrides", tag = "market",
    operation_id = "market_list_overrides",
    params(("id" = InstrumentId, Path, description = "Names the instrument")),
    responses(
        (status = 200, description = "What stands against the sources, and the latest corrections", body = OverridesView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
) -> ApiResult<Json<OverridesView>> {
    let mut tx = app.db.read(who.user_id).await?;
    instruments::store::require(tx.conn(), id).await?;
    let history = super::history(tx.conn(), id, HISTORY).await?;
    let overrides = super::list(tx.conn(), id).await?;
    drop(tx);
    let changes = super::changes(&app.db, id, who, HISTORY).await?;
    Ok(Json(OverridesView {
        overrides,
        changes: changes.into_iter().map(ChangeView::from).collect(),
        history: history.into_iter().map(FormerBarView::from).collect(),
    }))
}

/// State the close of a day against every source
///
/// Only an administrator of the instance may. It wins over what is stored and over whatever a source says
/// later. Stated again, it is corrected.
#[utoipa::path(
    put, path = "/api/v1/market/instruments/{id}/overrides/{date}", tag = "market",
    operation_id = "market_put_override",
    params(
        ("id" = InstrumentId, Path, description = "Names the instrument"),
        ("date" = String, Path, description = "The trading day", format = Date),
    ),
    request_body = OverrideBody,
    responses(
        (status = 200, description = "The close as it stands", body = Override),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(app): State<App>,
    admin: Admin,
    Path((id, date)): Path<(InstrumentId, Date)>,
    web::Json(body): web::Json<OverrideBody>,
) -> ApiResult<Json<Override>> {
    let now = app.clock.now();
    let stated = Override {
        date,
        close: body.close,
        reason: body.reason.trim().to_owned(),
        stated_at: now,
    };
    super::put(&app.db, id, &stated, admin.user_id, now).await?;
    Ok(Json(stated))
}

/// Withdraw a stated close
///
/// Only an administrator of the instance may. The last that a source stated for the day counts again; if none
/// ever did, the bar of the day goes.
#[utoipa::path(
    delete, path = "/api/v1/market/instruments/{id}/overrides/{date}", tag = "market",
    operation_id = "market_withdraw_override",
    params(
        ("id" = InstrumentId, Path, description = "Names the instrument"),
        ("date" = String, Path, description = "The trading day", format = Date),
    ),
    responses(
        (status = 204, description = "Withdrawn"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No close is stated for this day", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn withdraw(
    State(app): State<App>,
    admin: Admin,
    Path((id, date)): Path<(InstrumentId, Date)>,
) -> ApiResult<StatusCode> {
    super::withdraw(&app.db, id, date, admin.user_id, app.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
