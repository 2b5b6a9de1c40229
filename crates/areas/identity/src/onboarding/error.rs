use web::{FieldError, Problem};

use crate::details::DetailsError;

/// What can go wrong on the first steps.
#[derive(Debug, thiserror::Error)]
pub enum OnboardingError {
    /// Not one of the steps.
    #[error("there is no such step")]
    UnknownStep,
    /// A step that has to be taken.
    #[error("This step cannot be skipped.")]
    NotSkippable,
    /// Nothing was chosen, or something that is not offered.
    #[error("Choose one of {offered}.")]
    InvalidChoice {
        /// Where.
        field: &'static str,
        /// What is offered.
        offered: String,
    },
    /// Not answered, or not by a number of 1 to 5.
    #[error("Answer question {question} with one of its five answers.")]
    InvalidAnswer {
        /// Which one, from 1.
        question: usize,
    },
    /// Too long, or with characters that cannot be shown.
    #[error("A name has at most 100 characters, none of them line breaks or controls.")]
    InvalidName {
        /// Which one.
        field: &'static str,
    },
    /// What has to be agreed to was not.
    #[error("Tick this box to go on; without it the account cannot be used as intended.")]
    NotAccepted {
        /// Which text.
        document: &'static str,
    },
    /// Something about phone or tax number.
    #[error(transparent)]
    Details(#[from] DetailsError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

/// The name of the field of a question.
pub(super) const ANSWERS: [&str; 5] = ["answer_1", "answer_2", "answer_3", "answer_4", "answer_5"];

impl OnboardingError {
    /// What stands beside the field.
    pub(crate) fn field_error(&self) -> Option<FieldError> {
        let (pointer, code) = match self {
            Self::InvalidChoice { field, .. } => (*field, "unknown_choice"),
            Self::InvalidAnswer { question } => {
                let name = ANSWERS.get(question.saturating_sub(1));
                (name.copied().unwrap_or("answers"), "invalid_answer")
            }
            Self::InvalidName { field } => (*field, "invalid_name"),
            Self::NotAccepted { document } => (*document, "not_accepted"),
            Self::NotSkippable => ("skip", "not_skippable"),
            Self::Details(error) => {
                let mut field = error.field_error()?;
                if field.pointer == "country" {
                    "tax_residency".clone_into(&mut field.pointer);
                }
                return Some(field);
            }
            Self::UnknownStep | Self::Database(_) => return None,
        };
        Some(FieldError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail: self.to_string(),
        })
    }
}

impl From<OnboardingError> for Problem {
    fn from(error: OnboardingError) -> Self {
        if let Some(field) = error.field_error() {
            return Self::invalid(vec![field]);
        }
        match error {
            OnboardingError::Database(error) => error.into(),
            OnboardingError::Details(error) => error.into(),
            _ => Self::not_found("step"),
        }
    }
}

/// All that is wrong with a step, in one answer; what is no field's fault comes first.
pub(super) fn problem(errors: Vec<OnboardingError>) -> Problem {
    let fields: Vec<FieldError> = errors
        .iter()
        .filter_map(OnboardingError::field_error)
        .collect();
    let other = errors
        .into_iter()
        .find(|error| error.field_error().is_none());
    other.map_or_else(|| Problem::invalid(fields), Problem::from)
}
