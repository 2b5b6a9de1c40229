use db::UserId;
use jiff::Timestamp;
use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store;
use crate::{
    outbox::{self, Kind, NewMessage},
    preferences::{self, CallWebhook},
};

/// Tells the person that an entrusted detail was changed, by the channels they want: somebody else may
/// have done it.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfChange {
    user_id: UserId,
    /// `phone`, `tax_id` or `provider_key`.
    subject: String,
    /// Names the change to programs.
    #[serde(default = "Uuid::now_v7")]
    id: Uuid,
    /// Absent from what an earlier version had queued.
    at: Option<Timestamp>,
}

impl TellOfChange {
    pub(super) fn new(user_id: UserId, subject: &str, at: Timestamp) -> Self {
        Self {
            user_id,
            subject: subject.to_owned(),
            id: Uuid::now_v7(),
            at: Some(at),
        }
    }
}

impl Job for TellOfChange {
    const NAME: &'static str = "identity.tell_of_change";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let mut tx = ctx.db.read(self.user_id).await?;
        let preferences = preferences::get(&mut tx).await?;
        let email = store::get_email(&mut tx).await?;
        drop(tx);
        let mut tx = ctx.db.system("tell a person of a changed detail").await?;
        if preferences.email_notifications {
            let words = match self.subject.as_str() {
                "phone" => "phone number",
                "tax_id" => "tax number",
                _ => "key of a data provider",
            };
            let news = NewMessage {
                kind: Kind::DetailsChanged,
                recipient: &email,
                link: None,
                detail: Some(words),
            };
            outbox::put(&mut tx, outbox::sealer(&ctx)?, &news, ctx.clock.now()).await?;
        }
        if preferences.webhook_url.is_some() {
            let call = CallWebhook {
                user_id: self.user_id,
                event: "identity.details.update".to_owned(),
                subject: self.subject,
                id: self.id,
                at: self.at,
            };
            jobs::enqueue(&mut tx, &call).await?;
        }
        Ok(tx.commit().await?)
    }
}
