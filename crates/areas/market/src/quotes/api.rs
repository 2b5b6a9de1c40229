use axum::{Json, extract::State};
use identity::SignedIn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody, Query};

use super::{Quote, Wanted, keep, kept, store};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Whose prices are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Symbols {
    /// Symbols, or ids of instruments, with commas between them; 200 at most.
    #[serde(default)]
    #[param(required = true)]
    pub(crate) symbols: String,
}

/// The latest quotes.
#[derive(Debug, Serialize, ToSchema)]
struct QuotesView {
    /// By symbol. An instrument of which no price is known is absent.
    items: Vec<Quote>,
    /// What no instrument is called.
    unknown: Vec<String>,
}

/// Latest prices
///
/// May be a minute old where no stream is open; `at` says when the price was made. A symbol that several
/// exchanges use brings a quote of each.
#[utoipa::path(
    get, path = "/api/v1/market/quotes", tag = "market",
    operation_id = "market_list_quotes",
    params(Symbols),
    responses(
        (status = 200, description = "The quotes", body = QuotesView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<Symbols>,
) -> ApiResult<Json<QuotesView>> {
    let mut wanted = Wanted::parse(&query.symbols)?;
    let mut items = Vec::new();
    let mut missing = Vec::new();
    for symbol in std::mem::take(&mut wanted.symbols) {
        match kept(&app.cache, &symbol).await {
            Some(quotes) => items.extend(quotes),
            None => missing.push(symbol),
        }
    }
    wanted.symbols = missing;
    let mut unknown = Vec::new();
    if !wanted.symbols.is_empty() || !wanted.ids.is_empty() {
        let mut tx = app.db.read(who.user_id).await?;
        let found = store::find(tx.conn(), &wanted).await?;
        let read = store::list(tx.conn(), &wanted.symbols, &wanted.ids).await?;
        drop(tx);
        unknown = wanted.unknown(&found);
        for symbol in &wanted.symbols {
            let of_symbol: Vec<&Quote> = read.iter().filter(|q| q.symbol == *symbol).collect();
            keep(&app.cache, &of_symbol).await;
        }
        items.extend(read);
    }
    items.sort_by(|a, b| (&a.symbol, a.instrument_id).cmp(&(&b.symbol, b.instrument_id)));
    items.dedup_by_key(|quote| quote.instrument_id);
    Ok(Json(QuotesView { items, unknown }))
}
