//! The first steps of a person: experience, risk, horizon, profile, tax and what they agree to. The steps
//! can be left and resumed, most can be skipped, and the questions about risk can be answered again at any
//! time. Answers are kept where they belong: names in the account, phone and tax number among the sealed
//! details, consents as lines that nobody changes.

pub(crate) mod api;
mod documents;
mod error;
mod model;
pub(crate) mod pages;
mod risk;
mod service;
mod store;
mod view;

pub use error::OnboardingError;
pub use pages::strip;
pub use risk::{Assessment, RiskProfile, RiskTolerance};
