use std::io::Cursor;

use axum::{Router, extract::State, response::Response, routing::get};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use web::{
    App, Chrome, FieldError, Path, Problem,
    components::{Field, error_of, select_field, text_field},
};

use super::{ImportOptions, Interval, export, interval::UnknownInterval};
use crate::{
    InstrumentId,
    imports::{
        pages::{ImportPage, Outcome},
        upload::{self, Upload},
    },
    instruments,
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/market/bars/import", get(new).post(create))
        .layer(upload::body_limit())
        .route("/market/instruments/{id}/bars.csv", get(download))
}

async fn download(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Response, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let instrument = instruments::store::require(tx.conn(), id).await?;
    drop(tx);
    export::days(&app.db, viewer.user_id, &instrument).map_err(|error| Problem::internal(&error))
}

async fn new(_: Admin, viewer: Viewer) -> Markup {
    import_page(&viewer.chrome, &Stated::default(), &[]).form(&[])
}

async fn create(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    upload: Upload,
) -> Result<Response, Problem> {
    let field = |name: &str| {
        upload
            .fields
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    };
    let stated = Stated {
        symbol: field("symbol"),
        exchange: field("exchange"),
        currency: field("currency"),
        interval: field("interval"),
        time_zone: field("time_zone"),
    };
    let outcome = match stated.options(upload.file_name.as_deref()) {
        Ok(options) => {
            let reader = Cursor::new(upload.content.clone());
            Outcome::of(super::import(&app.db, reader, &options, app.clock.now(), |_| ()).await)?
        }
        Err(errors) => Outcome::Refused(errors),
    };
    let errors = match &outcome {
        Outcome::Done(_) => &[],
        Outcome::Refused(errors) => errors.as_slice(),
    };
    Ok(import_page(&viewer.chrome, &stated, errors).answer(&outcome))
}

/// What the form says beside the file.
#[derive(Default)]
struct Stated<'f> {
    symbol: &'f str,
    exchange: &'f str,
    currency: &'f str,
    interval: &'f str,
    time_zone: &'f str,
}

impl Stated<'_> {
    fn options(&self, file_name: Option<&str>) -> Result<ImportOptions, Vec<FieldError>> {
        let options = upload::options(
            Some(self.symbol),
            Some(self.exchange),
            Some(self.currency),
            file_name,
        );
        let interval = match self.interval {
            "" => Ok(Interval::Day),
            word => word.parse().map_err(|unknown: UnknownInterval| FieldError {
                pointer: "interval".into(),
                code: "unknown_interval".into(),
                detail: unknown.to_string(),
            }),
        };
        match (options, interval, upload::time_zone(self.time_zone)) {
            (Ok(options), Ok(interval), Ok(time_zone)) => Ok(ImportOptions {
                interval,
                time_zone,
                ..options
            }),
            (options, interval, time_zone) => {
                let mut errors = options.err().unwrap_or_default();
                errors.extend(interval.err());
                errors.extend(time_zone.err());
                Err(errors)
            }
        }
    }
}

/// What one bar spans, as the form offers it.
const INTERVALS: [(&str, &str); 5] = [
    ("1d", "A day"),
    ("1h", "An hour"),
    ("15m", "15 minutes"),
    ("5m", "5 minutes"),
    ("1m", "A minute"),
];

fn import_page<'p>(
    chrome: &'p Chrome,
    stated: &Stated<'_>,
    errors: &[FieldError],
) -> ImportPage<'p> {
    ImportPage {
        chrome,
        title: "Import prices",
        parent: ("Instruments", "/market/instruments"),
        action: "/market/bars/import",
        explanation: html! {
            p {
                "A CSV or Parquet file of bars with the columns date, open, high, low, close, in any \
                 order; adjusted close, volume and symbol where there are some. Prices are expected \
                 as they were traded, not adjusted for splits."
            }
            p {
                "The same file twice adds nothing. Lines that contradict a bar that is there \
                 already, or themselves, are refused one by one; among bars shorter than a day they \
                 correct what is there, and what was there is kept."
            }
        },
        accept: ".csv,.txt,.parquet",
        fields: html! {
            (select_field(
                &Field {
                    label: "One bar spans",
                    name: "interval",
                    value: stated.interval,
                    error: error_of(errors, "interval"),
                    required: true,
                    ..Field::default()
                },
                &INTERVALS,
            ))
            (text_field(&Field {
                label: "Time zone",
                name: "time_zone",
                value: stated.time_zone,
                error: error_of(errors, "time_zone"),
                hint: Some("Of times without one, in a file of bars shorter than a day; that of the exchange unless it is said."),
                placeholder: Some("America/New_York"),
                ..Field::default()
            }))
            (text_field(&Field {
                label: "Symbol",
                name: "symbol",
                value: stated.symbol,
                error: error_of(errors, "symbol"),
                hint: Some("For a file without a symbol column."),
                placeholder: Some("MSFT"),
                ..Field::default()
            }))
            (text_field(&Field {
                label: "Exchange",
                name: "exchange",
                value: stated.exchange,
                error: error_of(errors, "exchange"),
                hint: Some("Where several instruments share a symbol."),
                placeholder: Some("XNAS"),
                ..Field::default()
            }))
            (text_field(&Field {
                label: "Currency",
                name: "currency",
                value: stated.currency,
                error: error_of(errors, "currency"),
                hint: Some("Of the prices, GBX for pence; noted at instruments whose currency is not known yet."),
                placeholder: Some("USD"),
                ..Field::default()
            }))
        },
    }
}
