use axum::{Json, extract::State, http::StatusCode};
use identity::Admin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, ProblemBody};

use super::Spelling;
use crate::{InstrumentId, feeds::model};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(state, withdraw))
}

/// How a source writes an instrument.
#[derive(Debug, Serialize, ToSchema)]
struct SpellingView {
    /// Id of the source, such as `yahoo`.
    source: String,
    /// The symbol that it is asked for; absent where it is not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
    /// Whether that was stated, and does not follow from exchange and class.
    is_stated: bool,
    /// Why it is not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Spelling> for SpellingView {
    fn from(spelling: Spelling) -> Self {
        let is_stated = spelling.stated.is_some();
        let used = spelling.stated.map_or(spelling.computed, Ok);
        Self {
            source: spelling.provider.to_string(),
            is_stated,
            reason: used.as_ref().err().map(|why| (*why).to_owned()),
            symbol: used.ok(),
        }
    }
}

/// What is stated about a source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SpellingBody {
    /// The symbol as the source writes it, in 1 to 50 characters.
    symbol: String,
}

/// How sources write an instrument
///
/// Only an administrator of the instance may.
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/spellings", tag = "market",
    operation_id = "market_list_spellings",
    params(("id" = InstrumentId, Path, description = "Names the instrument")),
    responses(
        (status = 200, description = "Every source, and what it is asked for", body = Vec<SpellingView>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No instrument with prices of a source", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<InstrumentId>,
) -> ApiResult<Json<Vec<SpellingView>>> {
    let (_, spellings) = super::list(&app.db, id).await?;
    Ok(Json(
        spellings.into_iter().map(SpellingView::from).collect(),
    ))
}

/// State how a source writes an instrument
///
/// Only an administrator of the instance may. It counts in place of what follows from exchange and class, and the
/// instrument is asked for again.
#[utoipa::path(
    put, path = "/api/v1/market/instruments/{id}/spellings/{source}", tag = "market",
    operation_id = "market_put_spelling",
    params(
        ("id" = InstrumentId, Path, description = "Names the instrument"),
        ("source" = String, Path, description = "Id of the source, such as `yahoo`"),
    ),
    request_body = SpellingBody,
    responses(
        (status = 204, description = "Stated"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such source, or no instrument with prices of a source", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn state(
    State(app): State<App>,
    admin: Admin,
    Path((id, source)): Path<(InstrumentId, String)>,
    web::Json(body): web::Json<SpellingBody>,
) -> ApiResult<StatusCode> {
    let provider = model::named(&source)?;
    super::state(&app.db, id, provider, &body.symbol, admin.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraw how a source writes an instrument
///
/// Only an administrator of the instance may. What follows from exchange and class counts again.
#[utoipa::path(
    delete, path = "/api/v1/market/instruments/{id}/spellings/{source}", tag = "market",
    operation_id = "market_withdraw_spelling",
    params(
        ("id" = InstrumentId, Path, description = "Names the instrument"),
        ("source" = String, Path, description = "Id of the source, such as `yahoo`"),
    ),
    responses(
        (status = 204, description = "Withdrawn"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Nothing is stated for this source", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn withdraw(
    State(app): State<App>,
    admin: Admin,
    Path((id, source)): Path<(InstrumentId, String)>,
) -> ApiResult<StatusCode> {
    let provider = model::named(&source)?;
    super::withdraw(&app.db, id, provider, admin.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
