use db::UserTx;
use jiff::Timestamp;
use uuid::Uuid;

use super::{CreatedToken, NewToken, Token, TokenError, TokenId, store};
use crate::secret;

const PREFIX: &str = "bur_";
/// Characters of a secret by which a person recognises it; the other 39 stay unknown.
const SHOWN_CHARS: usize = PREFIX.len() + 4;

/// Makes a token for the person of the unit of work; the caller commits.
pub async fn create(
    tx: &mut UserTx,
    new: &NewToken,
    now: Timestamp,
) -> Result<CreatedToken, TokenError> {
    let expires_at = new.expires().ends_at(now)?;
    let secret = format!("{PREFIX}{}", secret::generate());
    let shown: String = secret.chars().take(SHOWN_CHARS).collect();
    let token = Token {
        id: TokenId(Uuid::now_v7()),
        name: new.name().to_owned(),
        prefix: shown,
        scope: new.scope(),
        created_at: now,
        expires_at,
        last_used_at: None,
    };
    store::insert(tx, &token, &secret::hash(&secret)).await?;
    Ok(CreatedToken { token, secret })
}

pub(super) async fn revoke(mut tx: UserTx, id: TokenId) -> Result<(), TokenError> {
    if !store::delete(&mut tx, id).await? {
        return Err(TokenError::NotFound);
    }
    Ok(tx.commit().await?)
}
