use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError};
use seal::{SealError, Sealer};
use serde::{Deserialize, Serialize};

use super::{MessageId, OutboxError, State, mailer::Mailer, service, store};

/// How often the outbox is looked through.
pub const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// What was sent is kept for this long, so that an operator can see that it was.
const KEEP_SENT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Sends one message. Without a mail server it stays in the outbox; when the server does not answer,
/// the job is tried again later and later, and then given up.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeliverMessage {
    pub(super) message_id: MessageId,
}

/// Sends what waits although no job is on its way, as after a mail server was set up, and removes
/// what has expired or was sent a month ago.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SweepOutbox {}

impl Job for DeliverMessage {
    const NAME: &'static str = "identity.deliver_message";

    fn unique_key(&self) -> Option<String> {
        Some(self.message_id.to_string())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let Some(mailer) = ctx.resource::<Mailer>().filter(|mailer| mailer.can_send()) else {
            return Ok(());
        };
        let id = self.message_id;
        let mut tx = ctx.db.system("read a message to be sent").await?;
        let Some(row) = store::get(&mut tx, id).await? else {
            return Ok(());
        };
        drop(tx);
        let letter = match service::open(sealer(&ctx)?, row, id, mailer.base_url()) {
            Ok(letter) => letter,
            Err(error) => return given_up(&ctx, id, error).await,
        };
        let message = &letter.message;
        if message.state != State::Waiting || message.expires_at <= ctx.clock.now() {
            return Ok(());
        }
        let sent = mailer.send(&letter).await;
        let mut tx = ctx.db.system("write down what became of a message").await?;
        let Err(error) = sent else {
            store::update_sent(&mut tx, id, ctx.clock.now()).await?;
            return Ok(tx.commit().await?);
        };
        let is_last = !error.may_pass() || ctx.attempt >= Self::MAX_ATTEMPTS;
        store::update_failed(&mut tx, id, &error.to_string(), is_last).await?;
        tx.commit().await?;
        // What the server said may name people; it stands beside the message and goes with it.
        let undelivered = Box::new(error.undelivered());
        Err(if is_last {
            JobError::GiveUp(undelivered)
        } else {
            JobError::Retry(undelivered)
        })
    }
}

/// What seals and opens links, given to the jobs of a server.
pub(crate) fn sealer(ctx: &JobCtx) -> Result<&Sealer, JobError> {
    let sealer = ctx.resource::<Sealer>();
    sealer.ok_or_else(|| JobError::GiveUp(Box::new(SealError::NoKey)))
}

/// A message whose link does not open is not worth sending; its person asks for another one.
async fn given_up(ctx: &JobCtx, id: MessageId, error: OutboxError) -> Result<(), JobError> {
    let mut tx = ctx.db.system("give a message up").await?;
    store::update_failed(&mut tx, id, &error.to_string(), true).await?;
    tx.commit().await?;
    Err(JobError::GiveUp(Box::new(error)))
}

impl Job for SweepOutbox {
    const NAME: &'static str = "identity.sweep_outbox";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let sent_before = now.checked_sub(KEEP_SENT).unwrap_or(now);
        let mut tx = ctx.db.system("sweep the outbox").await?;
        store::delete_old(&mut tx, sent_before, now).await?;
        if ctx.resource::<Mailer>().is_some_and(Mailer::can_send) {
            for message_id in store::list_waiting(&mut tx, now).await? {
                jobs::enqueue(&mut tx, &DeliverMessage { message_id }).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
