use std::fmt::Write as _;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use db::{Db, UserId};
use futures::stream;
use identity::SignedIn;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use web::{ApiResult, App, Path, ProblemBody, Query};

use super::{
    api::Moment,
    interval::Interval,
    model::{Bar, EARLIEST, LATEST, day, midnight},
    store,
};
use crate::{InstrumentId, instruments};

/// Bars that are read, and sent, at once.
const CHUNK: i64 = 10_000;
const HEAD: &str = "time,open,high,low,close,adj close,volume\n";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// What one bar spans: `1m`, `5m`, `15m`, `1h` or `1d` (also `daily`); `1d` unless given.
    #[param(inline)]
    interval: Option<Interval>,
    /// First day or instant wanted.
    #[param(value_type = Option<String>)]
    from: Option<Moment>,
    /// Last day wanted, or an instant at which nothing begins any more.
    #[param(value_type = Option<String>)]
    to: Option<Moment>,
}

/// All bars of an instrument as CSV
///
/// A stream, however many there are, in the form that the import reads: days as dates, the
/// starts of shorter bars as instants.
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/bars/export", tag = "market",
    operation_id = "market_export_bars",
    params(("id" = InstrumentId, Path, description = "Names the instrument"), Wanted),
    responses(
        (status = 200, description = "The bars", body = String, content_type = "text/csv"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn export(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(who.user_id).await?;
    let instrument = instruments::store::require(tx.conn(), id).await?;
    drop(tx);
    let interval = wanted.interval.unwrap_or_default();
    let pages = Pages {
        db: app.db.clone(),
        user: who.user_id,
        id,
        interval,
        from: wanted
            .from
            .map_or_else(|| midnight(EARLIEST), Moment::start),
        to: wanted.to.map_or_else(|| midnight(LATEST), Moment::end),
    };
    let head = stream::once(async { Ok(Bytes::from_static(HEAD.as_bytes())) });
    let pages = stream::try_unfold(Some(pages), |pages| async move {
        let Some(pages) = pages else { return Ok(None) };
        pages.next().await
    });
    let body = Body::from_stream(futures::StreamExt::chain(head, pages));
    let symbol: String = instrument
        .symbol
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let disposition = format!("attachment; filename=\"{symbol}-{interval}.csv\"");
    let csv = HeaderValue::from_static("text/csv; charset=utf-8");
    let mut response = ([(header::CONTENT_TYPE, csv)], body).into_response();
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// What is still to be read. Each page is a unit of work of its own, so that a slow reader holds none.
struct Pages {
    db: Db,
    user: UserId,
    id: InstrumentId,
    interval: Interval,
    from: Timestamp,
    to: Timestamp,
}

impl Pages {
    async fn next(mut self) -> db::Result<Option<(Bytes, Option<Self>)>> {
        let mut tx = self.db.read(self.user).await?;
        let bars =
            store::between(tx.conn(), self.id, self.interval, self.from, self.to, CHUNK).await?;
        drop(tx);
        let Some(last) = bars.last() else {
            return Ok(None);
        };
        self.from = last.at + jiff::SignedDuration::from_micros(1);
        let text = lines(&bars, self.interval);
        let is_end = (bars.len() as i64) < CHUNK;
        Ok(Some((Bytes::from(text), (!is_end).then_some(self))))
    }
}

fn lines(bars: &[Bar], interval: Interval) -> String {
    let mut text = String::with_capacity(bars.len() * 64);
    for bar in bars {
        // Writing to a string cannot fail.
        let _ = match interval {
            Interval::Day => write!(text, "{}", day(bar.at)),
            _ => write!(text, "{}", bar.at),
        };
        let _ = write!(
            text,
            ",{},{},{},{},",
            bar.open, bar.high, bar.low, bar.close
        );
        for figure in [bar.adjusted_close, bar.volume] {
            if let Some(figure) = figure {
                let _ = write!(text, "{figure}");
            }
            text.push(',');
        }
        text.pop();
        text.push('\n');
    }
    text
}
