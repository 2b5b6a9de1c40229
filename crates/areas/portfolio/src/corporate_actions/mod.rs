//! Corporate actions of the instruments that a portfolio holds: proposed, shown with what they would
//! change, applied once as a transaction, declined, and reversed. Transactions never change by
//! themselves: when an action is corrected or deleted after it was applied, the person is told.

pub(crate) mod api;
mod error;
mod judge;
mod model;
pub(crate) mod notice;
pub(crate) mod pages;
mod preview;
mod service;
mod store;

pub use error::Error;
pub use model::{Proposal, Status};

/// Applies everything that waits in a portfolio and can be applied.
pub(crate) async fn apply_all(
    app: &web::App,
    user: db::UserId,
    today: jiff::civil::Date,
    portfolio: crate::portfolios::PortfolioId,
) -> Result<(), Error> {
    service::apply_all(app, user, today, Some(portfolio)).await?;
    Ok(())
}
