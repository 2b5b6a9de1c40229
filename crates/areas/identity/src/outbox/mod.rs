//! The outbox: mail that waits to be sent. A message is put in together with the link it carries, in
//! one unit of work, and sent by a job; without a mail server it waits until the operator reads it.
//!
//! The texts are rendered when a message is sent or read, so the database holds no address of the
//! server; the path of a link lies sealed, and is forgotten once its message was sent.

mod error;
mod jobs;
mod mailer;
mod model;
mod service;
mod store;
mod texts;

pub(crate) use self::jobs::sealer;
pub use self::jobs::{DeliverMessage, SWEEP_EVERY, SweepOutbox};
pub use error::OutboxError;
pub use mailer::{Mailer, MailerError};
pub(crate) use model::{Kind, NewMessage};
pub use model::{Letter, Message, MessageId, State};
pub use service::{clear, list, resend, show};
pub(crate) use service::{put, was_put_since};
