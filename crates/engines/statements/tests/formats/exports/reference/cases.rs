//! What the files of the reference data say.

pub(super) mod brokers;
pub(super) mod exchanges;
pub(super) mod programs;
pub(super) mod samples;
