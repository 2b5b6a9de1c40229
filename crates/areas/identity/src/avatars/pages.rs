use axum::{
    Router,
    body::Bytes,
    extract::{Multipart, State},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use db::{Db, UserId};
use tokio::{sync::Semaphore, task::spawn_blocking};
use web::{App, Problem};

use super::{AvatarError, picture, store};
use crate::{
    SignedIn,
    sessions::Holder,
    settings::{Saved, Tab},
};

/// Pictures that are drawn anew at the same time: each takes tens of megabytes while it is.
static REDRAWS: Semaphore = Semaphore::const_new(2);

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/identity/avatar", get(show))
        .route("/identity/settings/avatar", post(replace))
        .route("/identity/settings/avatar/remove", post(remove))
}

async fn show(State(app): State<App>, who: SignedIn) -> Result<Response, Problem> {
    of_person(&app.db, who.user_id).await
}

/// The picture of a person, or their initials.
pub(crate) async fn of_person(db: &Db, user_id: UserId) -> Result<Response, Problem> {
    let mut tx = db.system("show the picture of a person").await?;
    let likeness = store::get(&mut tx, user_id)
        .await?
        .ok_or_else(|| Problem::not_found("person"))?;
    let (kind, body) = if let Some(png) = likeness.png {
        ("image/png", Bytes::from(png))
    } else {
        let seed = user_id.0.as_bytes()[15];
        let svg = picture::initials(&likeness.name, seed);
        ("image/svg+xml", Bytes::from(svg))
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    Ok((headers, body).into_response())
}

async fn replace(
    State(app): State<App>,
    Holder(who): Holder,
    form: Multipart,
) -> Result<Response, Problem> {
    let bytes = file_of(form).await?;
    let turn = REDRAWS.acquire().await;
    let png = spawn_blocking(move || picture::redraw(&bytes))
        .await
        .map_err(|_| AvatarError::Interrupted)??;
    drop(turn);
    let mut tx = app.db.write(who.user_id).await?;
    store::upsert(&mut tx, &png).await?;
    tx.commit().await?;
    Ok(Saved::redirect(Tab::Profile))
}

async fn file_of(mut form: Multipart) -> Result<Bytes, Problem> {
    let unreadable =
        |error: axum::extract::multipart::MultipartError| Problem::unreadable(error.body_text());
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() == Some("picture") {
            return field.bytes().await.map_err(unreadable);
        }
    }
    Err(AvatarError::Missing.into())
}

async fn remove(State(app): State<App>, Holder(who): Holder) -> Result<Response, Problem> {
    let mut tx = app.db.write(who.user_id).await?;
    store::delete(&mut tx).await?;
    tx.commit().await?;
    Ok(Saved::redirect(Tab::Profile))
}
