//! What programs of a person are told: that something happened, never the values.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use db::UserId;
use jiff::Timestamp;
use jobs::{Job, JobCtx, JobError};
use outbound::{Client, OutboundError, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use web::App;

use super::{Preferences, store};

/// Why a webhook was not called.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookError {
    #[error("No address is saved. Write one under Notifications and save it.")]
    NoAddress,
    #[error("The address was not reached: {0}")]
    Outbound(#[from] OutboundError),
    #[error("The address answered with status {status}, which is no success.")]
    Refused { status: StatusCode },
}

/// Tells the person's program that something happened, if there is one.
#[derive(Debug, Serialize, Deserialize)]
pub struct CallWebhook {
    pub(crate) user_id: UserId,
    /// What happened, such as `identity.details.update`.
    pub(crate) event: String,
    /// What it happened to, such as `phone`.
    pub(crate) subject: String,
    /// The same at every try, so that whoever is told twice can tell.
    #[serde(default = "Uuid::now_v7")]
    pub(crate) id: Uuid,
    /// When it happened, however late the address answers. Absent from what an earlier version had queued.
    pub(crate) at: Option<Timestamp>,
}

impl Job for CallWebhook {
    const NAME: &'static str = "identity.call_webhook";
    const MAX_ATTEMPTS: i32 = 5;

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let Some(client) = ctx.resource::<Client>() else {
            return Ok(());
        };
        let mut tx = ctx.db.read(self.user_id).await?;
        let preferences = store::require(&mut tx).await?.preferences;
        drop(tx);
        let event = json!({
            "id": self.id,
            "event": self.event,
            "subject": self.subject,
            "at": self.at.unwrap_or_else(|| ctx.clock.now()),
        });
        match call(client, &preferences, &event).await {
            Ok(_) | Err(WebhookError::NoAddress) => Ok(()),
            // What the guard refuses now it refuses later as well.
            Err(error @ WebhookError::Outbound(OutboundError::Refused(_))) => {
                Err(JobError::GiveUp(Box::new(error)))
            }
            Err(error) => Err(JobError::Retry(Box::new(error))),
        }
    }
}

/// Calls the address once, with nothing to tell.
pub(super) async fn test(app: &App, preferences: &Preferences) -> Result<StatusCode, WebhookError> {
    let event = json!({
        "id": Uuid::now_v7(),
        "event": "identity.webhook.test",
        "at": app.clock.now(),
    });
    call(&app.outbound, preferences, &event).await
}

async fn call(
    client: &Client,
    preferences: &Preferences,
    event: &Value,
) -> Result<StatusCode, WebhookError> {
    let url = preferences
        .webhook_url
        .as_ref()
        .ok_or(WebhookError::NoAddress)?;
    let json = HeaderValue::from_static("application/json");
    let answer = client
        .send(Request {
            method: Method::POST,
            url: url.clone(),
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
            body: event.to_string().into(),
        })
        .await?;
    if answer.status.is_success() {
        Ok(answer.status)
    } else {
        Err(WebhookError::Refused {
            status: answer.status,
        })
    }
}
