//! The page on which the owner loads a file of corporate actions.

use std::io::Cursor;

use axum::{Router, extract::State, response::Response, routing::get};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use web::{App, Chrome, Problem};

use crate::imports::{
    pages::{ImportPage, Outcome},
    upload::{self, UNNAMED, Upload},
};

pub(super) const PATH: &str = "/market/corporate-actions/import";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(PATH, get(new).post(create))
        .layer(upload::body_limit())
}

async fn new(_: Admin, viewer: Viewer) -> Markup {
    import_page(&viewer.chrome).form(&[])
}

async fn create(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    upload: Upload,
) -> Result<Response, Problem> {
    let source = upload.file_name.unwrap_or_else(|| UNNAMED.to_owned());
    let reader = Cursor::new(upload.content);
    let outcome = Outcome::of(super::import(&app.db, reader, &source, |_| ()).await)?;
    Ok(import_page(&viewer.chrome).answer(&outcome))
}

fn import_page(chrome: &Chrome) -> ImportPage<'_> {
    ImportPage {
        chrome,
        title: "Import corporate actions",
        parent: ("Instruments", "/market/instruments"),
        action: PATH,
        explanation: html! {
            p {
                "A CSV file with a line for each split, spin-off, merger, symbol change, stock dividend, \
                 return of capital or dividend: the columns symbol, type and ex_date, and ratio, \
                 target_symbol, cost_share, cash_per_share, currency, pay_date and note where the type \
                 has them."
            }
            p {
                "The same file twice adds nothing. Everybody who held the shares on the day is asked, \
                 sees what would change, and applies it or not."
            }
        },
        accept: ".csv,.txt",
        fields: html! {},
    }
}
