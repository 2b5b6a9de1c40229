//! Server-sent events: `subscribed` once, then `quote` by `quote`.

use std::{convert::Infallible, time::Duration};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt, stream};
use serde_json::Value;

use super::{Hub, Subscription};

/// A sign of life where nothing else comes.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);
/// After this a stream ends and the reader comes back, so that whoever was signed out stays out.
pub(super) const LONGEST: Duration = Duration::from_mins(10);
/// How soon a reader should come back.
const RETRY: Duration = Duration::from_secs(2);

pub(super) fn events(
    hub: &Hub,
    subscription: Subscription,
    about: &Value,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let first = Event::default()
        .event("subscribed")
        .retry(RETRY)
        .data(about.to_string());
    let quotes = stream::unfold(subscription, |subscription| async move {
        let ticks = subscription.next().await;
        let events: Vec<Result<Event, Infallible>> = ticks
            .iter()
            .map(|tick| {
                let id = tick.sequence.to_string();
                Ok(Event::default().event("quote").id(id).data(&tick.json))
            })
            .collect();
        Some((stream::iter(events), subscription))
    });
    let stop = hub.stop().clone();
    let end = async move {
        tokio::select! {
            () = stop.cancelled_owned() => {}
            () = tokio::time::sleep(LONGEST) => {}
        }
    };
    let all = stream::iter([Ok(first)]).chain(quotes.flatten());
    Sse::new(all.take_until(Box::pin(end))).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}
