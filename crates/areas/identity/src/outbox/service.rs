use db::{Clock, Db, SystemTx};
use jiff::{SignedDuration, Timestamp};

use super::{DeliverMessage, Message, MessageId, NewMessage, OutboxError, State, store};

/// A message without a link is news for this long.
const NEWS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Puts a message into the outbox in the caller's unit of work, with the job that sends it.
pub(crate) async fn put(
    tx: &mut SystemTx,
    new: &NewMessage<'_>,
    now: Timestamp,
) -> Result<(), db::Error> {
    let news_until = now.checked_add(NEWS_FOR).unwrap_or(now);
    let expires_at = new.link.map_or(news_until, |(_, ends_at)| ends_at);
    let message_id = store::insert(tx, new, now, expires_at).await?;
    jobs::enqueue(tx, &DeliverMessage { message_id }).await?;
    Ok(())
}

/// All messages with their texts, the newest first. `base_url` is where people reach the server.
pub async fn list(db: &Db, base_url: &str) -> Result<Vec<Message>, OutboxError> {
    let mut tx = db.system("list the outbox").await?;
    let rows = store::list(&mut tx).await?;
    let base_url = base_url.trim_end_matches('/');
    let messages = rows.into_iter().map(|row| row.message(base_url));
    Ok(messages.collect::<Result<_, _>>()?)
}

/// One message.
pub async fn show(db: &Db, base_url: &str, id: MessageId) -> Result<Message, OutboxError> {
    let mut tx = db.system("show a message of the outbox").await?;
    require(&mut tx, base_url, id).await
}

async fn require(tx: &mut SystemTx, base_url: &str, id: MessageId) -> Result<Message, OutboxError> {
    let row = store::get(tx, id).await?;
    let row = row.ok_or(OutboxError::NotFound { id })?;
    Ok(row.message(base_url.trim_end_matches('/'))?)
}

/// Has a message that waits or was given up sent by the running server.
pub async fn resend(db: &Db, clock: &Clock, id: MessageId) -> Result<(), OutboxError> {
    let mut tx = db.system("send a message again").await?;
    let message = require(&mut tx, "", id).await?;
    if message.state == State::Sent {
        return Err(OutboxError::AlreadySent { id });
    }
    if message.expires_at <= clock.now() {
        return Err(OutboxError::Expired { id });
    }
    store::update_waiting(&mut tx, id).await?;
    jobs::enqueue(&mut tx, &DeliverMessage { message_id: id }).await?;
    Ok(tx.commit().await?)
}

/// Removes what was sent, was given up or has expired; with `waiting` everything. Returns how many.
pub async fn clear(db: &Db, clock: &Clock, waiting: bool) -> Result<u64, OutboxError> {
    let mut tx = db.system("clear the outbox").await?;
    let removed = store::delete(&mut tx, waiting, clock.now()).await?;
    tx.commit().await?;
    Ok(removed)
}
