use std::io::Cursor;

use axum::{
    extract::{FromRequest as _, Request, State},
    response::Response,
};
use identity::Viewer;
use market::{
    InstrumentId,
    imports::{
        pages::{ImportPage, Outcome},
        upload::Upload,
    },
};
use maud::{Markup, html};
use web::{App, Path, Problem};

use super::super::{Error, PrivateAsset, import, store};

pub(super) async fn new(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    Ok(Texts::of(&asset).page(&viewer, &asset).form(&[]))
}

pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    request: Request,
) -> Result<Response, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    drop(tx);
    // Only then the file: whoever has no such thing is told so, whatever was sent.
    let upload = Upload::from_request(request, &app).await?;
    let file = Cursor::new(upload.content);
    let outcome = match import::import(&app, viewer.user_id, id, file, viewer.today).await {
        Ok(report) => Outcome::Done(report),
        Err(Error::File(error)) => Outcome::of(Err(error))?,
        Err(other) => return Err(other.into()),
    };
    Ok(Texts::of(&asset).page(&viewer, &asset).answer(&outcome))
}

/// What the page says, which it borrows.
struct Texts {
    title: String,
    href: String,
    action: String,
}

impl Texts {
    fn of(asset: &PrivateAsset) -> Self {
        let href = super::href(asset.instrument_id);
        let what = if asset.kind.has_units() {
            "prices"
        } else {
            "values"
        };
        Self {
            title: format!("Import {what} of {}", asset.word()),
            action: format!("{href}/import"),
            href,
        }
    }

    fn page<'p>(&'p self, viewer: &'p Viewer, asset: &'p PrivateAsset) -> ImportPage<'p> {
        ImportPage {
            chrome: &viewer.chrome,
            title: &self.title,
            parent: (asset.word(), &self.href),
            action: &self.action,
            explanation: html! {
                p {
                    "A CSV file with the columns date and price, one line a day, in "
                    (asset.currency) ". Only you see what it says."
                }
                p {
                    "The same file twice adds nothing. What is stated of a day already is replaced; "
                    "lines that contradict another line, name something else or make no sense are "
                    "refused one by one."
                }
            },
            accept: ".csv,.txt",
            fields: html! {},
        }
    }
}
