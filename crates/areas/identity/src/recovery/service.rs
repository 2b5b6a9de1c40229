use db::{UserId, UserTx};
use jiff::Timestamp;
use serde_json::json;
use web::App;

use super::{COUNT, model, store};
use crate::{
    factors::{self, FactorError},
    secret, users,
};

/// Makes the codes of a person who has none left, in the unit of work that adds a factor; the answer is
/// the only time they are seen.
pub(crate) async fn ensure(
    tx: &mut UserTx,
    now: Timestamp,
) -> Result<Option<Vec<String>>, FactorError> {
    users::store::lock_own(tx).await?;
    if factors::store::get_own(tx).await?.codes_left > 0 {
        return Ok(None);
    }
    Ok(Some(replace(tx, now).await?))
}

/// Makes new codes in place of the old ones, which no longer work.
pub(super) async fn regenerate(app: &App, user_id: UserId) -> Result<Vec<String>, FactorError> {
    let mut tx = app.db.write(user_id).await?;
    users::store::lock_own(&mut tx).await?;
    if !factors::store::get_own(&mut tx).await?.needs_second_step() {
        return Err(FactorError::NothingToRecover);
    }
    let codes = replace(&mut tx, app.clock.now()).await?;
    tx.commit().await?;
    Ok(codes)
}

/// The caller has locked the person: otherwise two at the same moment would leave twenty codes.
async fn replace(tx: &mut UserTx, now: Timestamp) -> Result<Vec<String>, FactorError> {
    store::delete_all(tx).await?;
    let codes: Vec<String> = std::iter::repeat_with(model::generate)
        .take(COUNT)
        .collect();
    for code in &codes {
        let plain = code.replace('-', "");
        store::insert(tx, &secret::hash(&plain), now).await?;
    }
    Ok(codes)
}

/// Uses a code up.
pub(crate) async fn consume(app: &App, user_id: UserId, typed: &str) -> Result<(), FactorError> {
    let code = model::normalise(typed).ok_or(FactorError::WrongCode)?;
    let now = app.clock.now();
    let mut tx = app.db.system("use a recovery code up").await?;
    if !store::consume(&mut tx, user_id, &secret::hash(&code), now).await? {
        return Err(FactorError::WrongCode);
    }
    tx.note_activity(user_id, "identity.recovery.code_used", &json!({}))
        .await?;
    tx.commit().await?;
    tracing::info!(user_id = %user_id, "a recovery code was used");
    Ok(())
}
