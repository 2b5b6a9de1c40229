use db::{Error, SystemTx, UserId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::{MailRequest, Purpose, RequestId};
use crate::users::Email;

/// A request as it is stored.
pub(super) struct Stored {
    pub(super) purpose: Purpose,
    pub(super) email: String,
}

pub(super) async fn insert(
    tx: &mut SystemTx,
    request: &MailRequest,
    now: Timestamp,
) -> Result<RequestId, Error> {
    let (purpose, user_id, invitation_id) = match request.purpose {
        Purpose::Register { invitation_id } => ("register", None, invitation_id),
        Purpose::Reset => ("reset", None, None),
        Purpose::Email { user_id } => ("email", Some(Uuid::from(user_id)), None),
    };
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into identity.mail_requests (id, purpose, email, user_id, invitation_id, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        id,
        purpose,
        request.email.as_str(),
        user_id,
        invitation_id,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(RequestId(id))
}

/// Ends what was asked for by a person or with their address, and was not answered yet.
pub(crate) async fn delete_all_of(
    tx: &mut SystemTx,
    user_id: UserId,
    email: &Email,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.mail_requests where user_id = $1 or email = $2",
        Uuid::from(user_id),
        email.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a request out; `None` when it was answered.
pub(super) async fn take(tx: &mut SystemTx, id: RequestId) -> Result<Option<Stored>, Error> {
    let row = sqlx::query!(
        "delete from identity.mail_requests where id = $1
         returning purpose, email, user_id, invitation_id",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let purpose = match (row.purpose.as_str(), row.user_id) {
        ("register", None) => Purpose::Register {
            invitation_id: row.invitation_id,
        },
        ("reset", None) => Purpose::Reset,
        ("email", Some(user_id)) => Purpose::Email {
            user_id: UserId(user_id),
        },
        (word, _) => {
            return Err(Error::Inconsistent {
                table: "identity.mail_requests",
                column: "purpose",
                row: id.0.to_string(),
                reason: format!("“{word}” is not known"),
            });
        }
    };
    Ok(Some(Stored {
        purpose,
        email: row.email,
    }))
}
