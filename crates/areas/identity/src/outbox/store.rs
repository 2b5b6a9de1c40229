use db::{Error, SystemTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use seal::Sealed;
use uuid::Uuid;

use super::{Kind, Message, MessageId, NewMessage, State};

pub(super) const TABLE: &str = "identity.outbox";

/// A message as it is stored, without its text.
pub(super) struct Row {
    id: Uuid,
    kind: String,
    recipient: String,
    /// The path of its link, sealed.
    pub(super) link: Option<Vec<u8>>,
    pub(super) detail: Option<String>,
    state: String,
    attempts: i32,
    last_error: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    sent_at: Option<jiff_sqlx::Timestamp>,
    expires_at: jiff_sqlx::Timestamp,
}

impl Row {
    fn unknown(&self, column: &'static str, word: &str) -> Error {
        Error::Inconsistent {
            table: TABLE,
            column,
            row: self.id.to_string(),
            reason: format!("“{word}” is not known"),
        }
    }

    pub(super) fn kind(&self) -> Result<Kind, Error> {
        Kind::parse(&self.kind).ok_or_else(|| self.unknown("kind", &self.kind))
    }

    pub(super) fn message(self) -> Result<Message, Error> {
        let kind = self.kind()?;
        let state = State::parse(&self.state).ok_or_else(|| self.unknown("state", &self.state))?;
        Ok(Message {
            id: MessageId(self.id),
            kind: kind.as_str(),
            recipient: self.recipient,
            subject: kind.subject(),
            state,
            attempts: self.attempts,
            last_error: self.last_error,
            created_at: self.created_at.to_jiff(),
            sent_at: self.sent_at.map(jiff_sqlx::Timestamp::to_jiff),
            expires_at: self.expires_at.to_jiff(),
        })
    }
}

/// `link` is the sealed path of the link.
pub(super) async fn insert(
    tx: &mut SystemTx,
    id: MessageId,
    new: &NewMessage<'_>,
    link: Option<&Sealed>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity.outbox (id, kind, recipient, link, detail, created_at, expires_at)
         values ($1, $2, $3, $4::bytea, $5, $6, $7)",
        id.0,
        new.kind.as_str(),
        new.recipient,
        link.map(Sealed::as_bytes),
        new.detail,
        now.to_sqlx() as _,
        expires_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Until the end of the unit of work nobody else writes to the recipient after asking.
pub(super) async fn lock_recipient(tx: &mut SystemTx, recipient: &str) -> Result<(), Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('identity.outbox ' || $1::text, 0))",
        recipient,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn was_inserted_since(
    tx: &mut SystemTx,
    kind: Kind,
    recipient: &str,
    since: Timestamp,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from identity.outbox
               where kind = $1 and recipient = $2 and created_at > $3 and state <> 'failed'
           ) as "was!""#,
        kind.as_str(),
        recipient,
        since.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// All messages, the newest first.
pub(super) async fn list(tx: &mut SystemTx) -> Result<Vec<Row>, Error> {
    Ok(sqlx::query_as!(
        Row,
        r#"select id, kind, recipient, link::bytea as "link?", detail, state, attempts, last_error, created_at,
                  sent_at as "sent_at?", expires_at
           from identity.outbox
           order by id desc"#
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(super) async fn get(tx: &mut SystemTx, id: MessageId) -> Result<Option<Row>, Error> {
    Ok(sqlx::query_as!(
        Row,
        r#"select id, kind, recipient, link::bytea as "link?", detail, state, attempts, last_error, created_at,
                  sent_at as "sent_at?", expires_at
           from identity.outbox
           where id = $1"#,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Messages that are worth sending.
pub(super) async fn list_waiting(
    tx: &mut SystemTx,
    now: Timestamp,
) -> Result<Vec<MessageId>, Error> {
    let ids = sqlx::query_scalar!(
        "select id from identity.outbox where state = 'waiting' and expires_at > $1 order by id",
        now.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(MessageId).collect())
}

pub(super) async fn update_sent(
    tx: &mut SystemTx,
    id: MessageId,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.outbox
         set state = 'sent', sent_at = $2, attempts = attempts + 1, link = null, last_error = null
         where id = $1 and state = 'waiting'",
        id.0,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes a failed try down; `is_last` gives the message up.
pub(super) async fn update_failed(
    tx: &mut SystemTx,
    id: MessageId,
    error: &str,
    is_last: bool,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.outbox
         set attempts = attempts + 1, last_error = $2,
             state = case when $3 then 'failed' else 'waiting' end
         where id = $1 and state = 'waiting'",
        id.0,
        error,
        is_last,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_waiting(tx: &mut SystemTx, id: MessageId) -> Result<(), Error> {
    sqlx::query!(
        "update identity.outbox set state = 'waiting' where id = $1 and state = 'failed'",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes what was sent before an instant, and what has expired.
pub(super) async fn delete_old(
    tx: &mut SystemTx,
    sent_before: Timestamp,
    now: Timestamp,
) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.outbox
         where (state = 'sent' and sent_at <= $1) or (state <> 'sent' and expires_at <= $2)",
        sent_before.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}

/// Removes what is over; with `waiting` also what is not.
pub(super) async fn delete(tx: &mut SystemTx, waiting: bool, now: Timestamp) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.outbox where state <> 'waiting' or expires_at <= $2 or $1",
        waiting,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
