//! An instrument's prices as a picture: which bars a span of time is shown with, adjusted or as traded, with
//! indicators over them, and what happened meanwhile.

mod model;
pub(crate) mod pages;
mod service;

use db::UserTx;
use futures::future::BoxFuture;
use jiff::civil::Date;
use web::Problem;

pub(crate) use model::{Asked, Options};
pub(crate) use service::{History, history};

use crate::InstrumentId;

/// A purchase or a sale of the person who looks.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnTrade {
    /// When.
    pub date: Date,
    /// Bought, not sold.
    pub is_purchase: bool,
    /// In words that need not be hidden: `at $187.20`.
    pub label: String,
    /// Where it can be read in full.
    pub href: String,
}

/// What a person did with an instrument, the oldest first.
pub type Trades<'t> = BoxFuture<'t, Result<Vec<OwnTrade>, Problem>>;

/// Looks up a person's own trades in the unit of work of that person. The room that keeps them lends it to the
/// pages of this one as an extension; without it, charts show prices alone.
#[derive(Clone, Copy, Debug)]
pub struct OwnTrades(pub for<'t> fn(&'t mut UserTx, InstrumentId) -> Trades<'t>);
