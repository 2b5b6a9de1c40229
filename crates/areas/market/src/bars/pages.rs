use std::io::Cursor;

use axum::{Router, extract::State, response::Response, routing::get};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use web::{
    App, Chrome, FieldError, Problem,
    components::{Field, error_of, text_field},
};

use crate::imports::{
    pages::{ImportPage, Outcome},
    upload::{self, Upload},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/market/bars/import", get(new).post(create))
        .layer(upload::body_limit())
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
    };
    let options = upload::options(
        Some(stated.symbol),
        Some(stated.exchange),
        Some(stated.currency),
        upload.file_name.as_deref(),
    );
    let outcome = match options {
        Ok(options) => {
            let reader = Cursor::new(upload.content.clone());
            Outcome::of(super::import(&app.db, reader, &options, |_| ()).await)?
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
}

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
                "A CSV file of daily bars with the columns date, open, high, low, close, in any \
                 order; adjusted close, volume and symbol where there are some. Prices are expected \
                 as they were traded, not adjusted for splits."
            }
            p {
                "The same file twice adds nothing. Lines that contradict a bar that is there \
                 already, or themselves, are refused one by one."
            }
        },
        fields: html! {
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
