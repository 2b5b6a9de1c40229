//! When exchanges trade: sessions, holidays and half days, as rules that hold for years.
//!
//! A [`Calendar`] is asked by day ([`Calendar::day`]) or by instant ([`Calendar::is_open`]). Days are
//! those of the exchange's own clock; instants are UTC. What the rules cannot know - storms, days of
//! mourning - stands in them as single closures, so the past is exact from 2000 on ([`FIRST_YEAR`])
//! and the future is what the exchanges' standing rules say. Holidays that follow the moon or the
//! equinox or are decreed year by year are tables; [`Calendar::known_until`] tells where such a table
//! ends, [`Calendar::known_from`] where one begins later, and [`Calendar::knows`] whether it has a day.
//!
//! The rules of time zones come with this crate's dependencies, not from the machine.
#![warn(missing_docs)]

mod calendar;
mod rule;
mod rules;
mod session;

pub use calendar::{Calendar, FIRST_YEAR};
pub use session::{Day, Session};
