use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::Choice;

use super::model::{Progress, Step};
use crate::details::DetailsView;

/// The first steps as a client reads them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnboardingView {
    /// Where the person is.
    #[schema(example = "risk")]
    current_step: &'static str,
    /// Taken, in order.
    completed_steps: Vec<&'static str>,
    /// Left out for now, in order.
    skipped_steps: Vec<&'static str>,
    /// How much is behind the person, in whole percent; skipped steps count.
    #[schema(example = 42)]
    completion_percent: u8,
    /// Whether nothing is left.
    is_complete: bool,
    /// When the last step was taken.
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// What the person has done so far.
    experience: Option<&'static str>,
    /// For how long money is invested.
    investment_horizon: Option<&'static str>,
    /// The newest answers to the questions about risk.
    risk: Option<RiskView>,
    /// Where the person is taxed.
    tax_residency: Option<String>,
    /// What was agreed to, with version and time.
    consents: Vec<ConsentView>,
    /// Phone and tax numbers, masked.
    details: DetailsView,
}

/// Answers about risk with what follows from them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RiskView {
    /// 1 to 5 each.
    answers: Vec<u8>,
    /// Their sum.
    #[schema(example = 15)]
    score: u8,
    /// `very_low`, `low`, `moderate`, `high` or `very_high`.
    tolerance: &'static str,
    /// `conservative`, `moderate` or `aggressive`.
    profile: &'static str,
    /// When the questions were answered.
    #[schema(value_type = String, format = DateTime)]
    taken_at: Timestamp,
}

/// A text that was agreed to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ConsentView {
    /// `terms`, `privacy` or `risk`.
    #[schema(example = "terms")]
    pub(super) document: String,
    /// The day on which the text was written.
    #[schema(example = "2026-11-21")]
    pub(super) version: String,
    /// When it was agreed to.
    #[schema(value_type = String, format = DateTime)]
    pub(super) accepted_at: Timestamp,
}

impl Progress {
    pub(super) fn view(&self, details: DetailsView) -> OnboardingView {
        let words = |kept: &dyn Fn(&Step) -> bool| {
            let steps = Step::ALL.iter().filter(|step| kept(step));
            steps.map(|step| step.as_str()).collect()
        };
        OnboardingView {
            current_step: self.current.as_str(),
            completed_steps: words(&|step| self.completed.contains(step) && self.is_behind(*step)),
            skipped_steps: words(&|step| self.skipped.contains(step)),
            completion_percent: self.percent(),
            is_complete: self.is_complete(),
            completed_at: self.completed_at,
            experience: self.experience.map(Choice::as_str),
            investment_horizon: self.horizon.map(Choice::as_str),
            risk: self.risk.as_ref().map(|(found, taken_at)| RiskView {
                answers: found.answers.to_vec(),
                score: found.score,
                tolerance: found.tolerance.as_str(),
                profile: found.profile.as_str(),
                taken_at: *taken_at,
            }),
            tax_residency: self.tax_residency.clone(),
            consents: self.consents.clone(),
            details,
        }
    }
}
