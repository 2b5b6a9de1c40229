//! Guessing ids tells nothing: an id of somebody else is missed exactly like one that never was, by the
//! same statements in the same order.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt as _},
    registry,
};
use uuid::Uuid;

use crate::{
    site::{Seeds, Site},
    strangers::{Stranger, send, tries},
};

/// The statements that reach the database, as the driver tells them.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "sqlx::query" {
            return;
        }
        let mut text = Text::default();
        event.record(&mut text);
        // The batch that opens a unit of work names the request.
        let text = text.0.split("set local app.request_id").next();
        let text = text.unwrap_or_default().to_owned();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
    }
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        if ["summary", "db.statement"].contains(&field.name()) {
            self.0.push_str(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if ["summary", "db.statement"].contains(&field.name()) {
            write!(self.0, "{value:?}").expect("written");
        }
    }
}

/// The same addresses with ids that nobody has; what everybody sees keeps its own.
fn strange(seeds: &Seeds) -> Seeds {
    let id = || Uuid::now_v7().to_string();
    Seeds {
        portfolio: id(),
        transaction: id(),
        deleted: id(),
        preview: id(),
        import: id(),
        private_asset: id(),
        category: id(),
        rule: id(),
        token: id(),
        passkey: id(),
        session: id(),
        ..seeds.clone()
    }
}

fn told(body: &str) -> Value {
    let mut body: Value = serde_json::from_str(body).expect("a problem");
    body.as_object_mut()
        .expect("an object")
        .remove("request_id")
        .expect("an id");
    body
}

#[tokio::test]
async fn an_id_of_somebody_else_is_missed_like_one_that_never_was() {
    let (site, _, seeds, mut eve) = Site::peopled().await;
    let statements = Statements::default();
    let _guard = tracing::subscriber::set_default(registry().with(statements.clone()));
    let pairs = tries(&seeds).into_iter().zip(tries(&strange(&seeds)));
    let mut compared = 0;
    for (real, strange) in pairs {
        let id = real.operation.id.clone();
        if real.expected != Stranger::NotFound
            || (real.path == strange.path && real.body == strange.body)
        {
            continue;
        }
        // What is Eve's own is computed once and kept: the first of the two must not pay for it.
        send(&mut eve.api, &real).await;
        statements.take();
        let of_vera = send(&mut eve.api, &real).await;
        let for_vera = statements.take();
        let of_nobody = send(&mut eve.api, &strange).await;
        let for_nobody = statements.take();
        assert_eq!(of_vera.status, of_nobody.status, "{id}");
        assert_eq!(told(&of_vera.body), told(&of_nobody.body), "{id}");
        assert!(
            for_vera.len() > 1,
            "{id}: nothing was looked up: {for_vera:?}"
        );
        assert_eq!(for_vera, for_nobody, "{id}");
        compared += 1;
    }
    assert!(compared > 40, "only {compared}");
    drop(site);
}
