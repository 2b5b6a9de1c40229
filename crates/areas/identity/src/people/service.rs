use db::{Clock, Db};
use serde_json::json;

use super::{Change, Filter, PeopleError, Person, PersonId, store};
use crate::{
    sessions,
    users::{self, Role, Status},
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
