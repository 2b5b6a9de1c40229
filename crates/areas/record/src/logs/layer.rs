use std::{
    backtrace::{Backtrace, BacktraceStatus},
    fmt::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use db::{Clock, Origin};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Layer};

use super::{
    USAGE,
    model::{Line, Use, Waiting},
    scrub,
    writer::LogWriter,
};

/// Lines that wait to be written at most.
const WAITING: usize = 1_024;
/// Longer words are cut.
const MAX_CHARS: usize = 4_000;

/// Takes warnings and errors to the database, and what says which pages are used.
#[derive(Debug)]
pub struct LogLayer {
    sender: mpsc::Sender<Waiting>,
    dropped: Arc<AtomicU64>,
    clock: Clock,
}

/// The two ends of a queue: one for the subscriber, one for whoever has a database.
pub fn queue(clock: Clock) -> (LogLayer, LogWriter) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let dropped = Arc::new(AtomicU64::new(0));
    let layer = LogLayer {
        sender,
        dropped: Arc::clone(&dropped),
        clock: clock.clone(),
    };
    (layer, LogWriter::new(receiver, dropped, clock))
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let is_use = metadata.target() == USAGE;
        let level = match *metadata.level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            _ if is_use => "info",
            _ => return,
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let waiting = if is_use {
            self.usage(fields)
        } else {
            self.line(level, metadata.target(), fields)
        };
        // Full or closed: the program goes on, whatever becomes of its log.
        if self.sender.try_send(waiting).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl LogLayer {
    fn line(&self, level: &'static str, target: &str, fields: Fields) -> Waiting {
        let origin = Origin::current();
        let backtrace = (level == "error").then(Backtrace::capture);
        let stack_trace = backtrace
            .filter(|trace| trace.status() == BacktraceStatus::Captured)
            .map(|trace| cut(&trace.to_string()));
        Waiting::Line(Line {
            at: self.clock.now(),
            level,
            service: target.split("::").next().unwrap_or(target).to_owned(),
            message: fields.message,
            metadata: Value::Object(fields.others),
            user_id: origin.as_ref().and_then(|o| o.user_id).map(|user| user.0),
            request_id: origin.map(|origin| origin.request_id().to_owned()),
            stack_trace,
        })
    }

    fn usage(&self, mut fields: Fields) -> Waiting {
        let context = ["device"]
            .into_iter()
            .filter_map(|key| {
                fields
                    .others
                    .remove(key)
                    .map(|value| (key.to_owned(), value))
            })
            .collect();
        Waiting::Use(Use {
            at: self.clock.now(),
            event_type: fields.message,
            user_id: Origin::current().and_then(|o| o.user_id).map(|user| user.0),
            properties: Value::Object(fields.others),
            context: Value::Object(context),
        })
    }
}

/// The fields of an event, scrubbed.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn keep(&mut self, field: &Field, text: &str) {
        let text = cut(text);
        if field.name() == "message" {
            self.message = text;
        } else {
            self.others.insert(field.name().to_owned(), text.into());
        }
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.others.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.others.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.others.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a string fails only when the value refuses to be shown.
        if write!(text, "{value:?}").is_ok() {
            self.keep(field, &text);
        }
    }
}

/// Scrubbed, cut, and without the character that PostgreSQL does not take.
fn cut(text: &str) -> String {
    scrub(text)
        .chars()
        .filter(|c| *c != '\0')
        .take(MAX_CHARS)
        .collect()
}
