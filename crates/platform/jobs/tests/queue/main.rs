//! The queue against real PostgreSQL: exactly once, taken over after a crash, dead at the end.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod failing;
mod harness;
mod queueing;
mod running;
