//! The WebSocket of programs: they follow and leave symbols as they like on one connection.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, WebSocket, close_code},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, interval, sleep_until, timeout};

use super::{
    Hub, Subscription,
    stream::{HEARTBEAT, LONGEST},
};
use crate::quotes::Wanted;

/// The longest message that is read.
pub(super) const MOST_BYTES: usize = 64 * 1024;
/// A reader that takes nothing for this long is given up.
const WRITE_WITHIN: Duration = Duration::from_secs(30);

/// What a program says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Said {
    /// Wants quotes of these symbols or ids.
    Subscribe {
        symbols: Vec<String>,
        /// The last sequence it has seen.
        #[serde(default)]
        after: Option<i64>,
    },
    /// Wants them no longer.
    Unsubscribe { symbols: Vec<String> },
}

/// Why a connection ends.
enum End {
    Gone,
    Stopping,
    Over,
}

pub(super) async fn serve(mut socket: WebSocket, hub: Hub, subscription: Subscription) {
    let end = converse(&mut socket, &hub, &subscription).await;
    let (code, reason) = match end {
        End::Gone => return,
        End::Stopping => (close_code::AWAY, "the server stops"),
        End::Over => (close_code::NORMAL, "connect again to go on"),
    };
    let close = CloseFrame {
        code,
        reason: reason.into(),
    };
    // Whether it is heard does not matter.
    _ = timeout(WRITE_WITHIN, socket.send(Message::Close(Some(close)))).await;
}

async fn converse(socket: &mut WebSocket, hub: &Hub, subscription: &Subscription) -> End {
    let over = sleep_until(Instant::now() + LONGEST);
    tokio::pin!(over);
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.reset();
    loop {
        let answers = tokio::select! {
            ticks = subscription.next() => ticks
                .iter()
                .map(|tick| Message::text(format!(r#"{{"type":"quote","quote":{}}}"#, tick.json)))
                .collect(),
            _ = heartbeat.tick() => vec![Message::Ping(Bytes::default())],
            said = socket.recv() => match said {
                Some(Ok(Message::Text(text))) => vec![text_of(&answer(subscription, &text).await)],
                Some(Ok(Message::Binary(_))) => {
                    vec![text_of(&refusal("Messages are JSON in text frames."))]
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Vec::new(),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Gone,
            },
            () = &mut over => return End::Over,
            () = hub.stop().cancelled() => return End::Stopping,
        };
        for message in answers {
            match timeout(WRITE_WITHIN, socket.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return End::Gone,
            }
        }
    }
}

async fn answer(subscription: &Subscription, text: &str) -> Value {
    let said = match serde_json::from_str::<Said>(text) {
        Ok(said) => said,
        Err(error) => return refusal(&format!("This message is not understood: {error}.")),
    };
    let (Said::Subscribe { symbols, .. } | Said::Unsubscribe { symbols }) = &said;
    let wanted = match Wanted::of(symbols.iter().map(String::as_str)) {
        Ok(wanted) => wanted,
        Err(problem) => return refusal(&problem.detail),
    };
    match said {
        Said::Unsubscribe { symbols } => {
            subscription.leave(&wanted);
            json!({"type": "unsubscribed", "symbols": symbols})
        }
        Said::Subscribe { after, .. } => match subscription.follow(&wanted, after).await {
            Ok(followed) => {
                let mut said = followed.about(&wanted);
                if let Some(said) = said.as_object_mut() {
                    said.insert("type".to_owned(), json!("subscribed"));
                }
                said
            }
            Err(error) => {
                tracing::warn!(%error, "a subscription was not read");
                refusal("The database does not answer at the moment; try again.")
            }
        },
    }
}

fn refusal(detail: &str) -> Value {
    json!({"type": "error", "detail": detail})
}

fn text_of(value: &Value) -> Message {
    Message::text(value.to_string())
}
