use axum::{Json, extract::State};
use calendar::{Calendar, Session};
use identity::SignedIn;
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, ProblemBody, Query};

use super::{
    model::{Exchange, WITHOUT_CALENDAR, checked_span},
    store,
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(list_sessions))
}

/// An exchange on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExchangeView {
    #[serde(flatten)]
    exchange: Exchange,
    /// The last year whose holidays its calendar states, where they follow the moon or the sun or are
    /// decreed year by year; `null` where they follow rules alone.
    calendar_known_until: Option<i16>,
    /// What is done where it has no calendar.
    calendar_note: Option<String>,
}

impl From<Exchange> for ExchangeView {
    fn from(exchange: Exchange) -> Self {
        let calendar = exchange.calendar().ok();
        let note = calendar.is_none().then(|| WITHOUT_CALENDAR.to_owned());
        Self {
            calendar_known_until: calendar.and_then(|calendar| calendar.known_until()),
            calendar_note: note,
            exchange,
        }
    }
}

/// Exchanges
///
/// Operating markets with their ISO 10383 code and the code that people use.
#[utoipa::path(
    get, path = "/api/v1/market/exchanges", tag = "market",
    operation_id = "market_list_exchanges",
    responses(
        (status = 200, description = "All of them, by their MIC", body = [ExchangeView]),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(State(app): State<App>, who: SignedIn) -> ApiResult<Json<Vec<ExchangeView>>> {
    let mut tx = app.db.read(who.user_id).await?;
    let items = store::list(tx.conn()).await?;
    Ok(Json(items.into_iter().map(ExchangeView::from).collect()))
}

/// One exchange
#[utoipa::path(
    get, path = "/api/v1/market/exchanges/{mic}", tag = "market",
    operation_id = "market_show_exchange",
    params(("mic" = String, Path, description = "Its MIC or its common code")),
    responses(
        (status = 200, description = "The exchange", body = ExchangeView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such exchange", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(mic): Path<String>,
) -> ApiResult<Json<ExchangeView>> {
    let mut tx = app.db.read(who.user_id).await?;
    Ok(Json(store::require(tx.conn(), &mic).await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Span {
    /// First day; today unless given.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day; four weeks after the first unless given, at most 400 days after it.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// A session on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// The trading day on the exchange's clock.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// First instant of regular trading.
    #[schema(value_type = String, format = DateTime)]
    opens_at: Timestamp,
    /// When regular trading has ended.
    #[schema(value_type = String, format = DateTime)]
    closes_at: Timestamp,
    /// When a pause at midday begins, if there is one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pauses_at: Option<Timestamp>,
    /// When trading goes on after it.
    #[schema(value_type = Option<String>, format = DateTime)]
    resumes_at: Option<Timestamp>,
    /// Why it ends earlier than usual, if it does.
    early_close: Option<String>,
    /// Why its hours are its own, or why there is a session on such a day, if that is so.
    special: Option<String>,
    /// Whether all holidays of its year are known: if not, the exchange may be closed on this day.
    is_certain: bool,
}

impl SessionView {
    fn new(calendar: &Calendar, session: Session) -> Self {
        Self {
            date: session.date,
            opens_at: session.opens_at,
            closes_at: session.closes_at,
            pauses_at: session.pause.map(|(from, _)| from),
            resumes_at: session.pause.map(|(_, until)| until),
            early_close: session.early_close.map(str::to_owned),
            special: session.special.map(str::to_owned),
            is_certain: calendar.knows(session.date),
        }
    }
}

/// Sessions of an exchange
///
/// With opening and close in UTC; half days and sessions with hours of their own say why.
#[utoipa::path(
    get, path = "/api/v1/market/exchanges/{mic}/sessions", tag = "market",
    operation_id = "market_list_sessions",
    params(("mic" = String, Path, description = "Its MIC or its common code"), Span),
    responses(
        (status = 200, description = "The sessions, in the order of days", body = [SessionView]),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such exchange, or its calendar is not known", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list_sessions(
    State(app): State<App>,
    who: SignedIn,
    Path(mic): Path<String>,
    Query(span): Query<Span>,
) -> ApiResult<Json<Vec<SessionView>>> {
    let exchange = {
        let mut tx = app.db.read(who.user_id).await?;
        store::require(tx.conn(), &mic).await?
    };
    let calendar = exchange.calendar()?;
    let today = calendar.zone().to_datetime(app.clock.now()).date();
    let from = span.from.unwrap_or(today);
    let to = span.to.unwrap_or(from.saturating_add(27.days()));
    let (from, to) = checked_span(from, to)?;
    let sessions = calendar.sessions(from, to);
    Ok(Json(
        sessions
            .map(|session| SessionView::new(&calendar, session))
            .collect(),
    ))
}
