//! Files that leave: whoever takes data along does so on record.

use axum::{
    extract::{MatchedPath, Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use db::{Channel, Origin};
use serde_json::json;
use web::{App, Problem};

use super::store;

/// The middleware inside of [`identity::resolve`]: an answer that is a file to keep is put on record
/// before it is sent, and not sent when that fails.
pub async fn note_downloads(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let is_file = response
        .headers()
        .get(header::CONTENT_DISPOSITION)
        .is_some_and(|value| value.as_bytes().starts_with(b"attachment"));
    let (true, true, Some(route)) = (is_file, response.status().is_success(), route) else {
        return response;
    };
    match note(&app, route.as_str()).await {
        Ok(()) => response,
        Err(error) => Problem::from(error).into_response(),
    }
}

async fn note(app: &App, route: &str) -> Result<(), db::Error> {
    let Some(origin) = Origin::current() else {
        return Ok(());
    };
    let Some(user_id) = origin.user_id else {
        return Ok(());
    };
    let is_api = route.starts_with("/api/");
    let channel = if is_api { Channel::Api } else { Channel::Page };
    let mut tx = app.db.write(user_id).await?;
    let ends = (origin.address.as_deref(), origin.agent.as_deref());
    let details = json!({ "route": route });
    store::insert(&mut tx, &kind(route), &details, channel.as_str(), ends).await?;
    tx.commit().await
}

/// `/api/v1/portfolio/transactions.csv` is `portfolio.transactions.export`.
fn kind(route: &str) -> String {
    let form = route.strip_prefix("/api/v1").unwrap_or(route);
    let mut parts = form.split('/').filter(|part| !part.is_empty());
    let area = parts.next().unwrap_or("bursar");
    let things = parts.next().unwrap_or(area);
    let things = things.split('.').next().unwrap_or(things);
    format!("{area}.{things}.export").replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn exports_are_named_after_their_addresses() {
        for (route, expected) in [
            (
                "/api/v1/portfolio/transactions.csv",
                "portfolio.transactions.export",
            ),
            ("/portfolio/holdings", "portfolio.holdings.export"),
            ("/record/account/export", "record.account.export"),
        ] {
            assert_eq!(kind(route), expected);
        }
    }
}
