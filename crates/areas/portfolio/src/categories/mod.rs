//! Own categories with targets, what belongs to them, and how far what is held has drifted from them.
//!
//! An instrument belongs where its holder has put it, a suggestion that she accepted included; else
//! where the first rule puts it that she has not declined. Cash belongs where a rule puts the asset
//! class cash. There are two levels, and targets are percent of everything that is owned.

pub(crate) mod api;
mod drift;
mod error;
mod model;
pub(crate) mod pages;
mod rules;
pub(crate) mod service;
pub(crate) mod store;
mod suggestions;
pub(crate) mod trail;

pub(crate) use error::Error;
pub(crate) use model::{Category, CategoryId, Details};
pub(crate) use rules::{Condition, Field, top};
