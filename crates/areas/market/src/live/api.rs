use axum::{
    Extension,
    extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use identity::SignedIn;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Problem, ProblemBody, Query};

use super::{Hub, MOST_STREAMS, TooManyStreams, socket, stream};
use crate::quotes::{Wanted, api::Symbols};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(live))
        .routes(routes!(connect))
}

impl From<TooManyStreams> for Problem {
    fn from(TooManyStreams: TooManyStreams) -> Self {
        Self {
            retry_after_s: Some(5),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-streams",
                "Too many streams",
                format!("A person may hold {MOST_STREAMS} streams open. Close one and try again."),
            )
        }
    }
}

/// Prices as they change
///
/// Server-sent events. The first, `subscribed`, says which symbols were found, which are `unknown`, and which
/// instruments are `left_out` because one connection follows 200 at most; then an event `quote` comes with
/// the latest quote of each, and again whenever it changes, within a second. A reader that is slow gets the
/// latest of each symbol and not all that were in between. Send the id of the last event as `Last-Event-ID`
/// to get only what has changed since. A stream ends after ten minutes; come back by then.
#[utoipa::path(
    get, path = "/api/v1/market/live", tag = "market",
    operation_id = "market_follow_quotes",
    params(
        Symbols,
        ("Last-Event-ID" = Option<i64>, Header, description = "The last event that was seen"),
    ),
    responses(
        (status = 200, description = "Events until either side ends them", body = String, content_type = "text/event-stream"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable, or no symbol is known", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many streams are open", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn live(
    Extension(hub): Extension<Hub>,
    who: SignedIn,
    headers: HeaderMap,
    Query(query): Query<Symbols>,
) -> ApiResult<Response> {
    let wanted = Wanted::parse(&query.symbols)?;
    let seen = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    let subscription = hub.open(who.user_id)?;
    let followed = subscription.follow(&wanted, seen).await?;
    if followed.found.is_empty() {
        return Err(Problem::invalid_field(
            "symbols",
            "unknown_symbol",
            "No instrument has one of these symbols.",
        ));
    }
    let events = stream::events(&hub, subscription, &followed.about(&wanted));
    // Proxies that gather answers before they pass them on are asked not to.
    Ok(([("x-accel-buffering", "no")], events).into_response())
}

/// Prices as they change, by WebSocket
///
/// For programs: the token goes into the header `Authorization`. Say
/// `{"type":"subscribe","symbols":["ACME"],"after":41}` (`after` may be left out) and
/// `{"type":"unsubscribe","symbols":["ACME"]}`. Answers are of the types `subscribed` (with `symbols`, `unknown`
/// and `left_out`), `unsubscribed`, `quote` (with the `quote`) and `error` (with its `detail`). What is said about
/// slow readers and about the end of a stream of events holds here too.
#[utoipa::path(
    get, path = "/api/v1/market/ws", tag = "market",
    operation_id = "market_connect_quotes",
    responses(
        (status = 101, description = "The connection is a WebSocket from here on"),
        (status = 400, description = "Not the handshake of a WebSocket", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "No token in the header", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many streams are open", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn connect(
    Extension(hub): Extension<Hub>,
    who: SignedIn,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let upgrade = upgrade.map_err(|rejection| Problem::unreadable(rejection.body_text()))?;
    // Pages of others can open WebSockets with the cookie of whoever looks at them.
    if !headers.contains_key(header::AUTHORIZATION) {
        return Err(Problem::forbidden(
            "WebSockets are for programs: send an API token as 'Authorization: Bearer <token>'.",
        ));
    }
    let subscription = hub.open(who.user_id)?;
    let upgrade = upgrade.max_message_size(socket::MOST_BYTES);
    Ok(upgrade.on_upgrade(move |socket| socket::serve(socket, hub, subscription)))
}
