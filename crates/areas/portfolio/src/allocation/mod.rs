//! How everything that is owned and owed divides: by what kind of thing it is, where, in which currency
//! and account, and by own categories. The parts add up to the whole, to the last digit; what nobody
//! knows is a part of its own.

pub(crate) mod api;
mod model;
pub(crate) mod pages;
mod regions;
mod service;
pub(crate) mod trail;

pub(crate) use model::{Worth, worth};
pub(crate) use regions::{country, region};
