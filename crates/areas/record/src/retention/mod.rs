//! Tables that are kept in months: made ahead, dropped when their lifetime is over.

mod jobs;
mod store;

pub(crate) use jobs::KeepMonths;
