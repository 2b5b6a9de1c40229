//! What an operator's machines ask: alive, ready, how much.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use db::migrations::Migrator;
use web::App;

use crate::metrics;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/metrics", get(measured))
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    match Migrator::embedded().is_current(&app.db).await {
        Ok(true) => (StatusCode::OK, "ready"),
        Ok(false) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database needs `bursar db migrate`",
        ),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer",
            )
        }
    }
}

async fn measured(State(app): State<App>) -> impl IntoResponse {
    let (open, idle) = app.db.connections();
    metrics::connections(open, idle);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        metrics::render(),
    )
}
