use db::{Clock, Db, SystemTx};
use jiff::{SignedDuration, Timestamp};
use seal::{Place, Sealed, Sealer};
use uuid::Uuid;

use super::{
    DeliverMessage, Kind, Letter, Message, MessageId, NewMessage, OutboxError, State,
    store::{self, Row},
};

/// A message without a link is news for this long.
const NEWS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

fn place(id: MessageId) -> Place {
    Place::new(store::TABLE, "link", [id])
}

/// Puts a message into the outbox in the caller's unit of work, with the job that sends it. Its link is
/// sealed: whoever reads the database gets into no account by it.
pub(crate) async fn put(
    tx: &mut SystemTx,
    sealer: &Sealer,
    new: &NewMessage<'_>,
    now: Timestamp,
) -> Result<(), OutboxError> {
    let news_until = now.checked_add(NEWS_FOR).unwrap_or(now);
    let message_id = MessageId(Uuid::now_v7());
    let (link, expires_at) = match new.link {
        Some((path, ends_at)) => {
            let sealed = sealer.seal(&place(message_id), path.as_bytes())?;
            (Some(sealed), ends_at)
        }
        None => (None, news_until),
    };
    store::insert(tx, message_id, new, link.as_ref(), now, expires_at).await?;
    jobs::enqueue(tx, &DeliverMessage { message_id }).await?;
    Ok(())
}

/// Whether a message of a kind to a recipient was put in since an instant, and was not given up. Others
/// who ask the same wait until the unit of work has ended.
pub(crate) async fn was_put_since(
    tx: &mut SystemTx,
    kind: Kind,
    recipient: &str,
    since: Timestamp,
) -> Result<bool, OutboxError> {
    store::lock_recipient(tx, recipient).await?;
    Ok(store::was_inserted_since(tx, kind, recipient, since).await?)
}

/// All messages without their texts, the newest first.
pub async fn list(db: &Db) -> Result<Vec<Message>, OutboxError> {
    let mut tx = db.system("list the outbox").await?;
    let rows = store::list(&mut tx).await?;
    Ok(rows
        .into_iter()
        .map(Row::message)
        .collect::<Result<_, _>>()?)
}

/// One message with its text. `base_url` is where people reach the server.
pub async fn show(
    db: &Db,
    sealer: &Sealer,
    base_url: &str,
    id: MessageId,
) -> Result<Letter, OutboxError> {
    let mut tx = db.system("show a message of the outbox").await?;
    let row = require(&mut tx, id).await?;
    drop(tx);
    open(sealer, row, id, base_url)
}

/// A message with its text, out of its row.
pub(super) fn open(
    sealer: &Sealer,
    row: Row,
    id: MessageId,
    base_url: &str,
) -> Result<Letter, OutboxError> {
    let path = match &row.link {
        Some(bytes) => Some(sealer.open_text(&place(id), &Sealed::from_bytes(bytes.clone()))?),
        None => None,
    };
    let base_url = base_url.trim_end_matches('/');
    let link = path.map(|path| format!("{base_url}{path}"));
    let text = row.kind()?.text(link.as_deref(), row.detail.as_deref());
    Ok(Letter {
        message: row.message()?,
        text,
    })
}

async fn require(tx: &mut SystemTx, id: MessageId) -> Result<Row, OutboxError> {
    let row = store::get(tx, id).await?;
    row.ok_or(OutboxError::NotFound { id })
}

/// Has a message that waits or was given up sent by the running server.
pub async fn resend(db: &Db, clock: &Clock, id: MessageId) -> Result<(), OutboxError> {
    let mut tx = db.system("send a message again").await?;
    let message = require(&mut tx, id).await?.message()?;
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
