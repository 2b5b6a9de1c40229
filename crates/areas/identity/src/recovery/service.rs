use db::{UserId, UserTx};
use web::App;

use super::{COUNT, model, store};
use crate::{
    factors::{self, FactorError},
    secret,
};

/// Makes the codes of a person who has none left; the answer is the only time they are seen.
pub(crate) async fn ensure(app: &App, user_id: UserId) -> Result<Option<Vec<String>>, FactorError> {
    let mut tx = app.db.write(user_id).await?;
    if factors::store::get_own(&mut tx).await?.codes_left > 0 {
        return Ok(None);
    }
    let codes = replace(app, &mut tx).await?;
    tx.commit().await?;
    Ok(Some(codes))
}

/// Makes new codes in place of the old ones, which no longer work.
pub(super) async fn regenerate(app: &App, user_id: UserId) -> Result<Vec<String>, FactorError> {
    let mut tx = app.db.write(user_id).await?;
    if !factors::store::get_own(&mut tx).await?.needs_second_step() {
        return Err(FactorError::NothingToRecover);
    }
    let codes = replace(app, &mut tx).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn replace(app: &App, tx: &mut UserTx) -> Result<Vec<String>, FactorError> {
    let now = app.clock.now();
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
    tx.commit().await?;
    tracing::info!(user_id = %user_id, "a recovery code was used");
    Ok(())
}
