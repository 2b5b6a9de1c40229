use std::io::Cursor;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use identity::{Admin, SignedIn};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser};
use sqlx::PgConnection;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, Problem, ProblemBody, Query};

use super::{
    adjusted::{self, Adjust},
    interval::Interval,
    model::{self, Bar, DailyBar, EARLIEST, LATEST, midnight},
    store, thinned,
};
use crate::{
    ImportReport, InstrumentId,
    imports::upload::{self, Upload},
    instruments,
};

/// Bars of one answer unless the client says otherwise: forty years.
const DEFAULT_LIMIT: u16 = 10_000;
/// What a bar takes in an answer, about: an answer that grows is copied as often as it doubles.
const BYTES_OF_A_BAR: usize = 128;
/// More than there are days.
const ALL_DAYS: usize = 10_000_000;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(super::export::export))
        .merge(super::day_api::routes())
        .merge(
            OpenApiRouter::new()
                .routes(routes!(create))
                .layer(upload::body_limit()),
        )
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Range {
    /// What one bar spans: `1m`, `5m`, `15m`, `1h` or `1d` (also `daily`); `1d` unless given.
    #[param(inline)]
    interval: Option<Interval>,
    /// First day wanted; of bars shorter than a day also an instant, such as `2024-01-02T14:30:00Z`.
    #[param(value_type = Option<String>)]
    from: Option<Moment>,
    /// Last day wanted; of bars shorter than a day also an instant, at which nothing begins any more.
    #[param(value_type = Option<String>)]
    to: Option<Moment>,
    /// What daily bars are adjusted for, as of the last of them: `none`, `splits` (and stock dividends) or
    /// `total` (dividends and returned capital as well). `none` unless given; with `points` `splits`, since prices
    /// from before and after a split make no bar together.
    #[param(inline)]
    adjust: Option<Adjust>,
    /// Puts neighbouring bars of the whole range together until there are at most so many, for a chart; at least 1.
    #[param(minimum = 1)]
    #[serde(default, deserialize_with = "web::limit_within::<_, { u16::MAX }>")]
    points: Option<u16>,
    /// Bars wanted, 1 to 20000; 10000 unless given. The first ones of the range come first. With `points` those
    /// count that were put together.
    #[param(minimum = 1, maximum = 20_000)]
    #[serde(default, deserialize_with = "web::limit_within::<_, 20_000>")]
    limit: Option<u16>,
}

impl Range {
    fn adjustment(&self, interval: Interval) -> Adjust {
        let is_put_together = self.points.is_some() && interval == Interval::Day;
        let unless_given = if is_put_together {
            Adjust::Splits
        } else {
            Adjust::None
        };
        self.adjust.unwrap_or(unless_given)
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(DEFAULT_LIMIT).into()
    }

    /// How many bars are left when they are put together.
    fn points(&self) -> Option<usize> {
        let points = self.points?;
        Some(usize::from(points).min(self.limit()))
    }
}

/// A day, or an instant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    Day(Date),
    At(Timestamp),
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let day = text.parse().map(Self::Day);
        day.map_err(|_| {
            D::Error::custom("write a day (2024-01-31) or an instant (2024-01-31T14:30:00Z)")
        })
    }
}

impl Moment {
    fn day(self) -> Date {
        match self {
            Self::Day(day) => day,
            Self::At(at) => model::day(at),
        }
    }

    pub(super) fn start(self) -> Timestamp {
        match self {
            Self::Day(day) => midnight(day),
            Self::At(at) => at,
        }
    }

    pub(super) fn end(self) -> Timestamp {
        match self {
            Self::Day(day) => midnight(day.saturating_add(1.day())),
            Self::At(at) => at,
        }
    }
}

/// Bars of an instrument, in the order of time.
#[derive(Debug, Serialize, ToSchema)]
struct BarsView {
    /// Whose bars these are.
    instrument_id: InstrumentId,
    /// What one bar spans.
    interval: Interval,
    /// In the order of time.
    bars: Vec<BarView>,
    /// Send as `from` to read on; absent when this is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_from: Option<String>,
    /// What the prices could not be adjusted for, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<String>,
}

/// What a price did in the time of a bar, as the source stated it or as it follows from shorter bars.
#[derive(Debug, Serialize, ToSchema)]
struct BarView {
    /// Trading day; of shorter bars the day of UTC.
    #[serde(serialize_with = "iso_date")]
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// When the bar begins; absent from bars of a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// First price.
    open: f64,
    /// Highest price.
    high: f64,
    /// Lowest price.
    low: f64,
    /// Last price.
    close: f64,
    /// Last price as adjusted by the source for later splits and dividends.
    #[serde(skip_serializing_if = "Option::is_none")]
    adjusted_close: Option<f64>,
    /// Shares or units traded.
    #[serde(skip_serializing_if = "Option::is_none")]
    volume: Option<f64>,
}

impl From<DailyBar> for BarView {
    fn from(bar: DailyBar) -> Self {
        let DailyBar {
            date,
            open,
            high,
            low,
            close,
            adjusted_close,
            volume,
        } = bar;
        Self {
            date,
            at: None,
            open,
            high,
            low,
            close,
            adjusted_close,
            volume,
        }
    }
}

/// Dates are a third of the time in which an answer is written, unless they are written plainly.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that serde asks for"
)]
fn iso_date<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    let [hundreds, years] = [date.year() / 100, date.year() % 100].map(i16::unsigned_abs);
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    let digits = |number: u16| [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
    let ([y1, y2], [y3, y4]) = (digits(hundreds), digits(years));
    let ([m1, m2], [d1, d2]) = (digits(month.into()), digits(day.into()));
    let text = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2];
    match std::str::from_utf8(&text) {
        Ok(text) => serializer.serialize_str(text),
        Err(error) => Err(ser::Error::custom(error)),
    }
}

/// Bars of an instrument
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/bars", tag = "market",
    operation_id = "market_list_bars",
    params(("id" = InstrumentId, Path, description = "Names the instrument"), Range),
    responses(
        (status = 200, description = "The bars of the range", body = BarsView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
    Query(range): Query<Range>,
) -> ApiResult<Response> {
    let interval = range.interval.unwrap_or_default();
    let mut tx = app.db.read(who.user_id).await?;
    let mut findings = Vec::new();
    let mut bars: Vec<BarView> = if interval == Interval::Day {
        // One more than the limit, which tells where to read on; put together, the whole span.
        let most = range.points().map_or(range.limit() + 1, |_| ALL_DAYS);
        let (mut days, unapplied) = days(tx.conn(), id, &range, most).await?;
        findings = unapplied;
        if let Some(points) = range.points() {
            days = thinned::days(days, points);
        }
        days.into_iter().map(BarView::from).collect()
    } else {
        within_days(tx.conn(), id, interval, &range).await?
    };
    if bars.is_empty() {
        // Only now does it matter whether the instrument or its bars are missing.
        instruments::store::require(tx.conn(), id).await?;
    }
    let next_from = bars.get(range.limit()).map(|bar| match bar.at {
        Some(at) => at.to_string(),
        None => bar.date.to_string(),
    });
    bars.truncate(range.limit());
    let view = BarsView {
        instrument_id: id,
        interval,
        bars,
        next_from,
        findings,
    };
    let mut body = Vec::with_capacity(BYTES_OF_A_BAR * (view.bars.len() + 1));
    serde_json::to_writer(&mut body, &view).map_err(|error| Problem::internal(&error))?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], body).into_response())
}

/// The days of the range, or more than as many as are wanted, and what they could not be adjusted for.
async fn days(
    conn: &mut PgConnection,
    id: InstrumentId,
    range: &Range,
    most: usize,
) -> ApiResult<(Vec<DailyBar>, Vec<String>)> {
    let from = range.from.map_or(EARLIEST, Moment::day);
    let to = range.to.map_or(LATEST, Moment::day);
    let adjust = range.adjustment(Interval::Day);
    if adjust == Adjust::None {
        let bars = store::list(conn, id, from, to, most as i64).await?;
        return Ok((bars, Vec::new()));
    }
    let instrument = instruments::store::require(conn, id).await?;
    let (mut bars, findings) = adjusted::all(conn, &instrument, adjust).await?;
    bars.retain(|bar| from <= bar.date && bar.date <= to);
    bars.truncate(most);
    Ok((bars, findings))
}

async fn within_days(
    conn: &mut PgConnection,
    id: InstrumentId,
    interval: Interval,
    range: &Range,
) -> ApiResult<Vec<BarView>> {
    if range.adjustment(interval) != Adjust::None {
        let detail = "Only daily bars are adjusted.";
        return Err(Problem::invalid_field("adjust", "daily_only", detail));
    }
    let from = range.from.map_or_else(|| midnight(EARLIEST), Moment::start);
    let to = range.to.map_or_else(|| midnight(LATEST), Moment::end);
    let bars = match range.points() {
        Some(points) => thinned::within_days(conn, id, interval, (from, to), points).await?,
        None => store::between(conn, id, interval, from, to, range.limit() as i64 + 1).await?,
    };
    let view = |bar: Bar| BarView {
        at: Some(bar.at),
        ..BarView::from(DailyBar::from(bar))
    };
    Ok(bars.into_iter().map(view).collect())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Options {
    /// Symbol of the rows of a file without a symbol column.
    symbol: Option<String>,
    /// Exchange of the instruments: tells namesakes apart, and is noted at new ones.
    exchange: Option<String>,
    /// Currency of the prices: noted where it was unknown.
    currency: Option<String>,
    /// What one bar spans: `1m`, `5m`, `15m`, `1h` or `1d` (also `daily`); `1d` unless given.
    #[param(inline)]
    interval: Option<Interval>,
    /// Clock of times without a zone, such as `America/New_York`; that of the exchange unless given.
    time_zone: Option<String>,
}

/// Load bars from CSV or Parquet
///
/// Columns in any order and case: date (or time, timestamp), open, high, low, close, adj close,
/// volume, symbol. Parquet is told by its first bytes, whatever the content type says. Only an administrator of the instance may. Sending the same file twice adds nothing, so
/// no idempotency key is needed. Also takes a form with the file as its part `file`.
#[utoipa::path(
    post, path = "/api/v1/market/bars", tag = "market",
    operation_id = "market_import_bars",
    params(Options),
    request_body(content = String, content_type = "text/csv", description = "The file"),
    responses(
        (status = 200, description = "What became of every line", body = ImportReport),
        (status = 400, description = "The file could not be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable, or the symbol is missing", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(app): State<App>,
    _: Admin,
    Query(query): Query<Options>,
    upload: Upload,
) -> ApiResult<Json<ImportReport>> {
    let mut options = upload::options(
        query.symbol.as_deref(),
        query.exchange.as_deref(),
        query.currency.as_deref(),
        upload.file_name.as_deref(),
    )
    .map_err(Problem::invalid)?;
    options.interval = query.interval.unwrap_or_default();
    let zone = query.time_zone.as_deref().unwrap_or_default();
    options.time_zone = upload::time_zone(zone).map_err(|error| Problem::invalid(vec![error]))?;
    let reader = Cursor::new(upload.content);
    let report = super::import(&app.db, reader, &options, app.clock.now(), |_| ()).await?;
    Ok(Json(report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_date_is_the_date() {
        for date in [
            EARLIEST,
            jiff::civil::date(1987, 10, 19),
            jiff::civil::date(2024, 2, 29),
            LATEST,
        ] {
            let bar = DailyBar {
                date,
                open: 1.0,
                high: 1.0,
                low: 1.0,
                close: 1.0,
                adjusted_close: None,
                volume: None,
            };
            let json = serde_json::to_value(BarView::from(bar)).unwrap();
            assert_eq!(json["date"], date.to_string());
        }
    }
}
