use db::{SystemTx, UserId};
use jiff::{SignedDuration, Timestamp};
use jobs::{Job, JobCtx, JobError};
use seal::Sealer;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Purpose, RequestId, store};
use crate::{
    links::{self, Purpose as Link},
    outbox::{self, Kind, NewMessage, OutboxError},
    registration,
    users::{Status, store::Account, store::get_account, store::require_email},
};

/// Whoever asks again so soon gets no other message, and the link of the first stays good: a stranger
/// neither fills a mailbox nor keeps its owner from signing in.
const QUIET_FOR: SignedDuration = SignedDuration::from_mins(5);

fn quiet_since(now: Timestamp) -> Timestamp {
    now.checked_sub(QUIET_FOR).unwrap_or(now)
}

/// Answers one request for mail with a message to the address, or with none.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnswerMailRequest {
    pub(super) request_id: RequestId,
}

impl Job for AnswerMailRequest {
    const NAME: &'static str = "identity.answer_mail_request";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let sealer = outbox::sealer(&ctx)?;
        let mut tx = ctx.db.system("answer a request for mail").await?;
        // Taken in the unit of work that answers it, so it is answered once.
        let Some(request) = store::take(&mut tx, self.request_id).await? else {
            return Ok(());
        };
        let account = get_account(&mut tx, &request.email).await?;
        let email = request.email.as_str();
        match (request.purpose, account) {
            (Purpose::Register { .. }, Some(account)) => {
                reset(
                    &mut tx,
                    sealer,
                    &account,
                    email,
                    Kind::AlreadyRegistered,
                    now,
                )
                .await?;
            }
            (Purpose::Register { invitation_id }, None) => {
                register(&mut tx, sealer, email, invitation_id, now).await?;
            }
            (Purpose::Reset, Some(account)) => {
                reset(&mut tx, sealer, &account, email, Kind::PasswordReset, now).await?;
            }
            // Nobody is written to who has nothing to do with this server.
            (Purpose::Reset, None) => {}
            (Purpose::Email { user_id }, account) => {
                prove(&mut tx, sealer, user_id, account, email, now).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

/// A link for a new password, to an account that can be used.
async fn reset(
    tx: &mut SystemTx,
    sealer: &Sealer,
    account: &Account,
    email: &str,
    kind: Kind,
    now: Timestamp,
) -> Result<(), OutboxError> {
    if account.status != Status::Active {
        return Ok(());
    }
    for kind in [Kind::PasswordReset, Kind::AlreadyRegistered] {
        // Either message carries the link, which a new one would end.
        if outbox::was_put_since(tx, kind, email, quiet_since(now)).await? {
            return Ok(());
        }
    }
    let link = links::issue(tx, Link::PasswordReset, Some(account.id), now).await?;
    let message = NewMessage {
        kind,
        recipient: email,
        link: Some((link.path(), link.expires_at)),
        detail: None,
    };
    outbox::put(tx, sealer, &message, now).await
}

async fn register(
    tx: &mut SystemTx,
    sealer: &Sealer,
    email: &str,
    invitation_id: Option<Uuid>,
    now: Timestamp,
) -> Result<(), OutboxError> {
    // The door may have been closed since.
    if !registration::admits(tx, invitation_id, now).await? {
        return Ok(());
    }
    let kind = Kind::FinishRegistration;
    if outbox::was_put_since(tx, kind, email, quiet_since(now)).await? {
        return Ok(());
    }
    let link = links::issue_registration(tx, email, invitation_id, None, now).await?;
    let message = NewMessage {
        kind,
        recipient: email,
        link: Some((link.path(), link.expires_at)),
        detail: None,
    };
    outbox::put(tx, sealer, &message, now).await
}

/// Verifies the own address, or another one before it becomes the own; the old one is told.
async fn prove(
    tx: &mut SystemTx,
    sealer: &Sealer,
    user_id: UserId,
    holder: Option<Account>,
    email: &str,
    now: Timestamp,
) -> Result<(), OutboxError> {
    let old = require_email(tx, user_id).await?;
    let is_own = holder.as_ref().is_some_and(|holder| holder.id == user_id);
    if !is_own {
        let message = NewMessage {
            kind: Kind::EmailChangeAsked,
            recipient: &old,
            link: None,
            detail: Some(email),
        };
        outbox::put(tx, sealer, &message, now).await?;
    }
    if holder.is_some() && !is_own {
        let message = NewMessage {
            kind: Kind::EmailInUse,
            recipient: email,
            link: None,
            detail: None,
        };
        return outbox::put(tx, sealer, &message, now).await;
    }
    let link = links::issue_email(tx, user_id, email, now).await?;
    let kind = if is_own {
        Kind::VerifyEmail
    } else {
        Kind::ChangeEmail
    };
    let message = NewMessage {
        kind,
        recipient: email,
        link: Some((link.path(), link.expires_at)),
        detail: None,
    };
    outbox::put(tx, sealer, &message, now).await
}
