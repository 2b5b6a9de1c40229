//! Figures that companies have reported, as sources state them: by concept, unit and period, with the report
//! they stand in. A restatement stands beside what it corrects; the latest report counts.

pub(crate) mod api;
mod model;
pub(crate) mod store;

pub use model::Fundamental;
