//! Counters and durations of requests, in the format of Prometheus.

use std::{sync::OnceLock, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use record::logs::DroppedLines;

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The recorder of this process, installed on first use.
fn handle() -> Option<&'static PrometheusHandle> {
    HANDLE
        .get_or_init(|| PrometheusBuilder::new().install_recorder().ok())
        .as_ref()
}

/// The middleware around all routes. Paths are those of the routes, so their number is bounded.
pub(crate) async fn count(request: Request, next: Next) -> Response {
    handle();
    let started = Instant::now();
    let method = request.method().to_string();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let labels = [
        ("method", method),
        ("route", route),
        ("status", response.status().as_str().to_owned()),
    ];
    metrics::counter!("bursar_http_requests_total", &labels).increment(1);
    metrics::histogram!("bursar_http_request_duration_seconds", &labels)
        .record(started.elapsed().as_secs_f64());
    response
}

/// Notes the state of the connection pool.
pub(crate) fn connections(open: u32, idle: usize) {
    metrics::gauge!("bursar_db_connections_open").set(f64::from(open));
    metrics::gauge!("bursar_db_connections_idle").set(idle as f64);
}

static DROPPED: OnceLock<DroppedLines> = OnceLock::new();

/// Counts lines of the log that were lost, from now on.
pub(crate) fn watch_log(dropped: DroppedLines) {
    // There is one log.
    _ = DROPPED.set(dropped);
}

/// The present state of all metrics.
pub(crate) fn render() -> String {
    let handle = handle();
    if let Some(dropped) = DROPPED.get() {
        metrics::counter!("bursar_log_lines_dropped_total").absolute(dropped.count());
    }
    handle
        .map(|handle| {
            // Without it the histograms would keep every observation.
            handle.run_upkeep();
            handle.render()
        })
        .unwrap_or_default()
}
