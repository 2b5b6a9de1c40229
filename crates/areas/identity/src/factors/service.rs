use db::{Db, UserId, UserTx};
use serde_json::json;
use sqlx::postgres::PgConnection;
use uuid::Uuid;
use web::App;

use super::{FactorError, Factors, RemovedFactors, store};
use crate::{
    openid::OpenId,
    passkeys, recovery, sessions,
    users::{self, password::NO_PASSWORD},
};

pub(crate) async fn summary(db: &Db, user_id: UserId) -> Result<Factors, db::Error> {
    let mut tx = db.read(user_id).await?;
    store::get_own(&mut tx).await
}

/// Recovery codes go with the last factor.
pub(crate) async fn forget_unneeded_codes(tx: &mut UserTx) -> Result<(), db::Error> {
    if !store::get_own(tx).await?.needs_second_step() {
        recovery::store::delete_all(tx).await?;
    }
    Ok(())
}

/// Whether the account can be entered without this passkey or identity: by password, by another passkey,
/// or by the provider of this server. Locks the person until the unit of work ends: of two that are taken
/// away at the same moment, the second sees that the first is gone.
pub(crate) async fn has_other_way(
    app: &App,
    provider: Option<&OpenId>,
    connection: &mut PgConnection,
    user_id: UserId,
    without: Uuid,
) -> Result<bool, db::Error> {
    let password_hash = users::store::lock_password(connection, user_id).await?;
    let issuer = provider.map(OpenId::issuer);
    let left = store::ways_without(connection, user_id, without, issuer).await?;
    Ok(password_hash != NO_PASSWORD
        || left.passkey && passkeys::are_available(app)
        || left.identity)
}

/// For whoever lost every second factor: the operator, who knows the person, takes them all away, and the
/// password alone signs in again. All sessions end.
pub async fn reset(db: &Db, email: &str) -> Result<RemovedFactors, FactorError> {
    let user_id = users::resolve(db, Some(email)).await?;
    let mut tx = db.system("take second factors away").await?;
    let before = store::get(&mut tx, user_id).await?;
    let passkeys = store::delete_all(&mut tx, user_id).await?;
    let sessions = sessions::store::count(&mut tx, user_id).await?;
    sessions::store::delete_all_of(&mut tx, user_id).await?;
    tx.note_deed(Some(user_id), &json!({ "passkeys": passkeys.len() }))
        .await?;
    tx.commit().await?;
    Ok(RemovedFactors {
        authenticator_app: before.totp_since.is_some() || before.is_totp_pending,
        passkeys,
        recovery_codes: before.codes_left,
        sessions,
    })
}
