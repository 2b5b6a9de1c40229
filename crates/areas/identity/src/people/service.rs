use db::{Clock, Db};
use serde_json::json;
use web::App;

use super::{Change, Filter, PeopleError, Person, PersonId, store};
use crate::{
    links::{self, Purpose},
    outbox::{self, Kind, NewMessage},
    sessions,
    users::{self, Email, Role, Status, UserError},
};

/// People who fit, the oldest account first, from after one on.
pub async fn list(
    db: &Db,
    clock: &Clock,
    filter: &Filter,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Person>, PeopleError> {
    let mut tx = db.system("list people").await?;
    Ok(store::list(&mut tx, filter, clock.now(), after, limit).await?)
}

/// One person.
pub(super) async fn show(db: &Db, clock: &Clock, id: PersonId) -> Result<Person, PeopleError> {
    let mut tx = db.system("show a person").await?;
    let person = store::get(&mut tx, id, clock.now()).await?;
    person.ok_or(PeopleError::NotFound)
}

/// The person with an email address.
pub async fn find(db: &Db, clock: &Clock, email: &str) -> Result<Person, PeopleError> {
    let id = users::resolve(db, Some(email)).await?;
    show(db, clock, id.into()).await
}

/// Gives a person another address, for whoever lost the mailbox: the operator, who knows the person, says
/// which. It counts as verified once its link was opened; links for a new password that went to the old
/// one end, and the old one is told.
pub async fn set_email(app: &App, id: PersonId, email: &Email) -> Result<Person, PeopleError> {
    let now = app.clock.now();
    let mut tx = app.db.system("give a person another address").await?;
    let person = store::get(&mut tx, id, now).await?;
    let person = person.ok_or(PeopleError::NotFound)?;
    if person.status == Status::Deleted {
        return Err(PeopleError::Closed {
            from: person.status,
            to: person.status,
        });
    }
    if person.email == email.as_str() {
        return Ok(person);
    }
    let user_id = id.into();
    store::update_email(&mut tx, id, email.as_str())
        .await
        .map_err(|error| UserError::of_insert(error, email.as_str()))?;
    links::delete_all(&mut tx, Purpose::PasswordReset, Some(user_id)).await?;
    let link = links::issue_email(&mut tx, user_id, email.as_str(), now).await?;
    let news = [
        NewMessage {
            kind: Kind::VerifyEmail,
            recipient: email.as_str(),
            link: Some((link.path(), link.expires_at)),
            detail: None,
        },
        NewMessage {
            kind: Kind::EmailChanged,
            recipient: &person.email,
            link: None,
            detail: Some(email.as_str()),
        },
    ];
    for message in &news {
        outbox::put(&mut tx, &app.sealer, message, now).await?;
    }
    tx.note_deed(Some(user_id), &json!({ "email": "changed" }))
        .await?;
    let changed = store::get(&mut tx, id, now).await?;
    tx.commit().await?;
    changed.ok_or(PeopleError::NotFound)
}

/// Changes what a person may do, whether the account may be used, and what it is entitled to. Sessions
/// of browsers and apps and API tokens end with the use of the account; an administrator in use always remains.
pub async fn change(
    db: &Db,
    clock: &Clock,
    id: PersonId,
    change: Change,
) -> Result<Person, PeopleError> {
    let now = clock.now();
    let mut tx = db.system("change what a person may do").await?;
    let admins = store::lock_admins(&mut tx).await?;
    let person = store::get(&mut tx, id, now).await?;
    let person = person.ok_or(PeopleError::NotFound)?;
    let role = change.role.unwrap_or(person.role);
    let status = change.status.unwrap_or(person.status);
    let goes = role != Role::Admin || status != Status::Active;
    if goes && admins == [id.0] {
        return Err(PeopleError::LastAdmin {
            email: person.email,
        });
    }
    let is_closing = person.status != status && [person.status, status].contains(&Status::Deleted);
    if is_closing {
        return Err(PeopleError::Closed {
            from: person.status,
            to: status,
        });
    }
    if role != person.role {
        store::update_role(&mut tx, id, role).await?;
    }
    if status != person.status {
        store::update_status(&mut tx, id, status).await?;
        if status != Status::Active {
            sessions::end_everything(&mut tx, id.into()).await?;
        }
    }
    if let Some(grant) = change.tier {
        store::update_tier(&mut tx, id, grant).await?;
    }
    let changed = store::get(&mut tx, id, now).await?;
    let changed = changed.ok_or(PeopleError::NotFound)?;
    let details = json!({
        "role": changed.role.as_str(),
        "status": changed.status.as_str(),
        "tier": changed.granted_tier.as_str(),
    });
    tx.note_deed(Some(id.into()), &details).await?;
    tx.commit().await?;
    Ok(changed)
}
