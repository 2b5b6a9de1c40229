use db::{Error, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::sessions::SessionId;

/// When the person of a session last proved who they are.
pub(super) async fn get(tx: &mut UserTx, session: SessionId) -> Result<Option<Timestamp>, Error> {
    let proved_at = sqlx::query_scalar!(
        "select proved_at from identity.sessions
         where user_id = platform.current_user_id() and id = $1",
        session.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(proved_at.map(jiff_sqlx::Timestamp::to_jiff))
}

pub(super) async fn update(
    tx: &mut UserTx,
    session: SessionId,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.sessions set proved_at = $2
         where user_id = platform.current_user_id() and id = $1",
        session.0,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
