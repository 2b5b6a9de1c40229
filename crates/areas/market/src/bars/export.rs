use std::fmt::Write as _;

use axum::{
    BoxError,
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
use statements::{BarRow, BarTime, BarsWriter, with_guard};
use utoipa::{IntoParams, ToSchema};
use web::{ApiResult, App, Path, Problem, ProblemBody, Query};

use super::{
    api::Moment,
    interval::Interval,
    model::{Bar, EARLIEST, LATEST, day, midnight},
    store,
};
use crate::{Instrument, InstrumentId, imports::upload::PARQUET, instruments};

/// Bars that are read, and sent, at once.
const CHUNK: i64 = 10_000;
/// Bars of one group of a file in columns: readers want them large, and one is held at a time.
const GROUP: i64 = 100_000;
const HEAD: &str = "time,open,high,low,close,adj close,volume\n";
/// Goes before [`HEAD`] where each line names the instrument.
const SYMBOL_HEAD: &str = "symbol,";

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
    /// `csv` or `parquet`; `csv` unless given.
    #[param(inline)]
    format: Option<Format>,
}

/// How bars are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Lines of text.
    #[default]
    Csv,
    /// Columns, compressed by Snappy.
    Parquet,
}

/// All bars of an instrument as CSV or Parquet
///
/// A stream, however many there are, in the form that the import reads: days as dates, the
/// starts of shorter bars as instants.
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/bars/export", tag = "market",
    operation_id = "market_export_bars",
    params(("id" = InstrumentId, Path, description = "Names the instrument"), Wanted),
    responses(
        (status = 200, description = "The bars", content(
            (String = "text/csv"), (String = "application/vnd.apache.parquet"),
        )),
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
    let writer = match wanted.format.unwrap_or_default() {
        Format::Csv => Writer::Csv {
            symbol: String::new(),
        },
        Format::Parquet => {
            let writer = BarsWriter::new(interval == Interval::Day);
            Writer::Parquet(Box::new(writer.map_err(|error| Problem::internal(&error))?))
        }
    };
    let pages = Pages {
        db: app.db.clone(),
        user: who.user_id,
        id,
        interval,
        from: wanted
            .from
            .map_or_else(|| midnight(EARLIEST), Moment::start),
        to: wanted.to.map_or_else(|| midnight(LATEST), Moment::end),
        writer,
        is_first: true,
    };
    Ok(pages.file(&instrument))
}

/// All daily bars of an instrument as CSV, with its symbol in each line, so that the file needs no word
/// beside it when it goes back through the import.
pub(super) fn days(db: &Db, user: UserId, instrument: &Instrument) -> Result<Response, csv::Error> {
    let pages = Pages {
        db: db.clone(),
        user,
        id: instrument.id,
        interval: Interval::Day,
        from: midnight(EARLIEST),
        to: midnight(LATEST),
        writer: Writer::Csv {
            symbol: symbol_cell(&instrument.symbol)?,
        },
        is_first: true,
    };
    Ok(pages.file(instrument))
}

/// The symbol as the first cell of a line. Anybody's broker file may have named an instrument.
fn symbol_cell(symbol: &str) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b','))
        .from_writer(Vec::new());
    writer.write_record([with_guard(symbol)])?;
    let cell = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&cell).into_owned())
}

/// What is still to be read. Each page is a unit of work of its own, so that a slow reader holds none.
struct Pages {
    db: Db,
    user: UserId,
    id: InstrumentId,
    interval: Interval,
    from: Timestamp,
    to: Timestamp,
    writer: Writer,
    is_first: bool,
}

enum Writer {
    Csv {
        /// What each line begins with: nothing, or the symbol and a comma.
        symbol: String,
    },
    Parquet(Box<BarsWriter>),
}

impl Pages {
    /// The file, as a stream.
    fn file(self, instrument: &Instrument) -> Response {
        let (extension, media_type) = match &self.writer {
            Writer::Csv { .. } => ("csv", "text/csv; charset=utf-8"),
            Writer::Parquet(_) => ("parquet", PARQUET),
        };
        let symbol: String = instrument
            .symbol
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let interval = self.interval;
        let disposition = format!("attachment; filename=\"{symbol}-{interval}.{extension}\"");
        let pages = stream::try_unfold(Some(self), |pages| async move {
            let Some(pages) = pages else { return Ok(None) };
            pages.next().await.map(Some)
        });
        let media_type = HeaderValue::from_static(media_type);
        let body = Body::from_stream(pages);
        let mut response = ([(header::CONTENT_TYPE, media_type)], body).into_response();
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            response
                .headers_mut()
                .insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }

    /// The next part of the file, and what comes after it; `None` where that was the last.
    async fn next(mut self) -> Result<(Bytes, Option<Self>), BoxError> {
        let count = match self.writer {
            Writer::Csv { .. } => CHUNK,
            Writer::Parquet(_) => GROUP,
        };
        let mut tx = self.db.read(self.user).await?;
        let bars =
            store::between(tx.conn(), self.id, self.interval, self.from, self.to, count).await?;
        drop(tx);
        if let Some(last) = bars.last() {
            self.from = last.at + jiff::SignedDuration::from_micros(1);
        }
        let is_end = (bars.len() as i64) < count;
        let mut part = Vec::new();
        match &mut self.writer {
            Writer::Csv { symbol } => {
                if self.is_first {
                    let named = if symbol.is_empty() { "" } else { SYMBOL_HEAD };
                    part.extend_from_slice(named.as_bytes());
                    part.extend_from_slice(HEAD.as_bytes());
                }
                part.extend_from_slice(lines(symbol, &bars, self.interval).as_bytes());
            }
            Writer::Parquet(writer) => {
                if !bars.is_empty() {
                    part = writer.group(&rows(&bars, self.interval))?;
                }
            }
        }
        self.is_first = false;
        if !is_end {
            return Ok((Bytes::from(part), Some(self)));
        }
        if let Writer::Parquet(writer) = self.writer {
            part.extend(writer.finish()?);
        }
        Ok((Bytes::from(part), None))
    }
}

fn rows(bars: &[Bar], interval: Interval) -> Vec<BarRow> {
    let at = |at: Timestamp| match interval {
        Interval::Day => BarTime::Date(day(at)),
        _ => BarTime::Instant(at),
    };
    bars.iter()
        .map(|bar| BarRow {
            line: 0,
            symbol: None,
            at: at(bar.at),
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
            adjusted_close: bar.adjusted_close,
            volume: bar.volume,
        })
        .collect()
}

fn lines(symbol: &str, bars: &[Bar], interval: Interval) -> String {
    let mut text = String::with_capacity(bars.len() * (64 + symbol.len()));
    for bar in bars {
        text.push_str(symbol);
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
