//! The same expectations of both places in which things are kept, and what happens between them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong in the help of a test fails the test"
)]

mod both;
mod redis;
