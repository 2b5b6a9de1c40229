//! Requests for mail: what a person, signed in or not, asks for by naming an address. The request is
//! written down and answered by a job. So the answer to the browser, and the time it takes, are the
//! same whether or not there is an account with the address.

mod jobs;
mod model;
mod store;

pub use self::jobs::AnswerMailRequest;
pub use model::RequestId;
pub(crate) use model::{MailRequest, Purpose};
pub(crate) use store::delete_all_of;

use db::{Clock, Db};

/// Writes a request down, with the job that answers it.
pub(crate) async fn ask(db: &Db, clock: &Clock, request: &MailRequest) -> Result<(), db::Error> {
    let mut tx = db.system("write a request for mail down").await?;
    let request_id = store::insert(&mut tx, request, clock.now()).await?;
    ::jobs::enqueue(&mut tx, &AnswerMailRequest { request_id }).await?;
    tx.commit().await
}
