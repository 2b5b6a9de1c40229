use db::{Clock, Db};
use web::App;

use super::{SetupError, model::NewAdmin};
use crate::{
    client::Client,
    links::{self, Purpose},
    secret, sessions,
    users::{self, password},
};

/// Makes the link under which the administrator sets the instance up; `None` when there is one in use.
/// Links of earlier starts end. `base_url` is where people reach the server.
pub async fn issue_link(
    db: &Db,
    clock: &Clock,
    base_url: &str,
) -> Result<Option<String>, db::Error> {
    let mut tx = db.system("issue the set-up link").await?;
    links::lock_setup(&mut tx).await?;
    if users::store::has_admin(&mut tx).await? {
        return Ok(None);
    }
    let link = links::issue(&mut tx, Purpose::Setup, None, clock.now()).await?;
    tx.commit().await?;
    Ok(Some(link.url(base_url)))
}

pub(super) async fn is_open(app: &App, link: &str) -> Result<bool, db::Error> {
    let hash = secret::hash(link);
    let mut tx = app.db.system("look at a set-up link").await?;
    let found = links::get(&mut tx, &hash, Purpose::Setup, app.clock.now()).await?;
    Ok(found.is_some())
}

/// Uses the link up, makes the administrator and signs them in. Returns the secret of the session.
pub(super) async fn create_admin(
    app: &App,
    link: &str,
    admin: NewAdmin,
    client: &Client,
) -> Result<String, SetupError> {
    if !is_open(app, link).await? {
        return Err(SetupError::LinkDead);
    }
    let password_hash = password::hash(admin.password)
        .await
        .map_err(users::UserError::from)?;
    let now = app.clock.now();
    let mut tx = app.db.system("set up the administrator").await?;
    links::lock_setup(&mut tx).await?;
    links::consume(&mut tx, &secret::hash(link), Purpose::Setup, now)
        .await?
        .ok_or(SetupError::LinkDead)?;
    let user_id =
        users::insert_first_admin(&mut tx, &admin.user, &password_hash, &admin.preferences)
            .await?
            .ok_or(SetupError::LinkDead)?;
    let token = sessions::open(&mut tx, user_id, None, client, now).await?;
    users::store::update_last_signed_in(&mut tx, user_id, now).await?;
    tx.commit().await?;
    token.ok_or(SetupError::LinkDead)
}
