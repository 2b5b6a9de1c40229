use std::io::Cursor;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use identity::{Admin, SignedIn};
use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer, ser::Error as _};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, Problem, ProblemBody, Query};

use super::{
    model::{DailyBar, EARLIEST, LATEST},
    store,
};
use crate::{
    ImportReport, InstrumentId,
    imports::upload::{self, Upload},
    instruments,
};

/// Bars of one answer unless the client says otherwise: forty years.
const DEFAULT_LIMIT: u16 = 10_000;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).merge(
        OpenApiRouter::new()
            .routes(routes!(create))
            .layer(upload::body_limit()),
    )
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Range {
    /// First day wanted.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day wanted.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Bars wanted, 1 to 20000; 10000 unless given. The first ones of the range come first.
    #[param(minimum = 1, maximum = 20_000)]
    #[serde(default, deserialize_with = "web::limit_within::<_, 20_000>")]
    limit: Option<u16>,
}

/// Daily bars of an instrument, in the order of days.
#[derive(Debug, Serialize, ToSchema)]
struct BarsView {
    /// Whose bars these are.
    instrument_id: InstrumentId,
    /// What one bar spans: `1d`.
    interval: &'static str,
    /// In the order of days.
    bars: Vec<BarView>,
    /// Send as `from` to read on; absent when this is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    next_from: Option<Date>,
}

/// What a price did in a day, as the source stated it.
#[derive(Debug, Serialize, ToSchema)]
struct BarView {
    /// Trading day.
    #[serde(serialize_with = "iso_date")]
    #[schema(value_type = String, format = Date)]
    date: Date,
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
        Err(error) => Err(S::Error::custom(error)),
    }
}

/// Daily bars of an instrument
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
    let from = range.from.unwrap_or(EARLIEST);
    let to = range.to.unwrap_or(LATEST);
    let limit = usize::from(range.limit.unwrap_or(DEFAULT_LIMIT));
    let mut tx = app.db.read(who.user_id).await?;
    let mut bars = store::list(tx.conn(), id, from, to, limit as i64 + 1).await?;
    if bars.is_empty() {
        // Only now does it matter whether the instrument or its bars are missing.
        instruments::store::require(tx.conn(), id).await?;
    }
    let next_from = bars.get(limit).map(|bar| bar.date);
    bars.truncate(limit);
    let bars = bars.into_iter().map(BarView::from).collect();
    let view = BarsView {
        instrument_id: id,
        interval: "1d",
        bars,
        next_from,
    };
    let body = serde_json::to_vec(&view).map_err(|error| Problem::internal(&error))?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], body).into_response())
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
}

/// Load daily bars from CSV
///
/// Columns in any order and case: date (or time, timestamp), open, high, low, close, adj close,
/// volume, symbol. Only an administrator of the instance may. Sending the same file twice adds nothing, so
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
    let options = upload::options(
        query.symbol.as_deref(),
        query.exchange.as_deref(),
        query.currency.as_deref(),
        upload.file_name.as_deref(),
    )
    .map_err(Problem::invalid)?;
    let report = super::import(&app.db, Cursor::new(upload.content), &options, |_| ()).await?;
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
