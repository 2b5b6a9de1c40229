use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Choice, choices};

use super::{
    OnboardingError,
    documents::DOCUMENTS,
    risk::{Assessment, QUESTIONS},
    view::ConsentView,
};
use crate::{
    details::{Phone, TaxCountry, TaxId},
    users::clean_name,
};

choices! {
    /// A step, in the order in which they are taken.
    Step {
        /// What this is about.
        Welcome = "welcome", "Welcome";
        /// What the person has done so far.
        Experience = "experience", "Experience";
        /// Five questions.
        Risk = "risk", "Risk";
        /// For how long.
        Horizon = "horizon", "Horizon";
        /// Names and phone.
        Profile = "profile", "About you";
        /// Where taxes are paid.
        Tax = "tax", "Tax";
        /// What has to be agreed to.
        Legal = "legal", "Agreement";
    }
}

choices! {
    /// What somebody has done so far.
    Experience {
        /// Nothing.
        None = "none", "None so far";
        /// A little.
        Beginner = "beginner", "Beginner: some funds or shares";
        /// For some years.
        Intermediate = "intermediate", "Intermediate: for some years";
        /// Options, short positions or credit.
        Advanced = "advanced", "Advanced: options, short positions or credit too";
        /// For a living.
        Professional = "professional", "Professional";
    }
}

choices! {
    /// For how long money is invested.
    Horizon {
        /// Up to three years.
        Short = "short_term", "Up to three years";
        /// Three to ten years.
        Medium = "medium_term", "Three to ten years";
        /// More than ten years.
        Long = "long_term", "More than ten years";
    }
}

/// What a step is sent, by form and by body; every step reads its own fields.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box of its own that is ticked or not"
)]
pub(crate) struct StepBody {
    /// Whether the step is left out for now.
    pub(super) skip: bool,
    /// Step `experience`: `none`, `beginner`, `intermediate`, `advanced` or `professional`.
    pub(super) experience: String,
    /// Step `risk`: the answer to the first question, 1 to 5.
    pub(super) answer_1: String,
    /// The answer to the second question.
    pub(super) answer_2: String,
    /// The answer to the third question.
    pub(super) answer_3: String,
    /// The answer to the fourth question.
    pub(super) answer_4: String,
    /// The answer to the fifth question.
    pub(super) answer_5: String,
    /// Step `horizon`: `short_term`, `medium_term` or `long_term`.
    pub(super) horizon: String,
    /// Step `profile`.
    pub(super) first_name: String,
    /// Step `profile`.
    pub(super) last_name: String,
    /// Step `profile`: with the code of the country; empty keeps what there is.
    pub(super) phone: String,
    /// Step `tax`: ISO 3166-1 alpha-2.
    pub(super) tax_residency: String,
    /// Step `tax`: a number of that country; empty keeps what there is.
    pub(super) tax_id: String,
    /// Step `legal`: the terms are accepted.
    pub(super) terms: bool,
    /// Step `legal`: the privacy notice was read.
    pub(super) privacy: bool,
    /// Step `legal`: the risks are understood.
    pub(super) risk: bool,
}

/// A step as it may be stored.
pub(super) enum Taken {
    Skipped,
    Welcome,
    Experience(Experience),
    Risk(Assessment),
    Horizon(Horizon),
    Profile {
        first_name: String,
        last_name: String,
        phone: Option<Phone>,
    },
    Tax {
        residency: TaxCountry,
        tax_id: Option<TaxId>,
    },
    Legal,
}

/// Where a person is, as it is stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub(super) current: Step,
    pub(super) completed: Vec<Step>,
    pub(super) skipped: Vec<Step>,
    pub(super) experience: Option<Experience>,
    pub(super) horizon: Option<Horizon>,
    pub(super) tax_residency: Option<String>,
    pub(super) completed_at: Option<Timestamp>,
    pub(super) is_dismissed: bool,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) consents: Vec<ConsentView>,
    pub(super) risk: Option<(Assessment, Timestamp)>,
}

impl Step {
    /// Its page.
    pub(super) fn href(self) -> &'static str {
        match self {
            Self::Welcome => "/identity/onboarding/welcome",
            Self::Experience => "/identity/onboarding/experience",
            Self::Risk => "/identity/onboarding/risk",
            Self::Horizon => "/identity/onboarding/horizon",
            Self::Profile => "/identity/onboarding/profile",
            Self::Tax => "/identity/onboarding/tax",
            Self::Legal => "/identity/onboarding/legal",
        }
    }

    /// The one after it.
    pub(super) fn next(self) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .skip_while(|step| *step != self)
            .nth(1)
    }

    /// The one before it.
    pub(super) fn previous(self) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .take_while(|step| *step != self)
            .last()
    }

    /// What is told once, and what has to be agreed to, is not left out.
    pub(super) fn can_be_skipped(self) -> bool {
        !matches!(self, Self::Welcome | Self::Legal)
    }
}

impl StepBody {
    /// Reads the fields of a step, so that everything that is wrong with it is said at once.
    pub(super) fn read(&self, step: Step) -> Result<Taken, Vec<OnboardingError>> {
        if self.skip {
            return if step.can_be_skipped() {
                Ok(Taken::Skipped)
            } else {
                Err(vec![OnboardingError::NotSkippable])
            };
        }
        match step {
            Step::Welcome => Ok(Taken::Welcome),
            Step::Experience => one("experience", &self.experience).map(Taken::Experience),
            Step::Horizon => one("horizon", &self.horizon).map(Taken::Horizon),
            Step::Risk => self.assessment().map(Taken::Risk),
            Step::Profile => self.profile(),
            Step::Tax => self.tax().map_err(|error| vec![error]),
            Step::Legal => self.legal(),
        }
    }

    pub(super) fn answers(&self) -> [&str; QUESTIONS] {
        [
            &self.answer_1,
            &self.answer_2,
            &self.answer_3,
            &self.answer_4,
            &self.answer_5,
        ]
    }

    fn assessment(&self) -> Result<Assessment, Vec<OnboardingError>> {
        let read = self
            .answers()
            .map(|text| text.trim().parse().unwrap_or(0_u8));
        let wrong: Vec<OnboardingError> = read
            .iter()
            .enumerate()
            .filter(|(_, answer)| !(1..=5).contains(*answer))
            .map(|(at, _)| OnboardingError::InvalidAnswer { question: at + 1 })
            .collect();
        if wrong.is_empty() {
            Assessment::new(read).map_err(|error| vec![error])
        } else {
            Err(wrong)
        }
    }

    fn profile(&self) -> Result<Taken, Vec<OnboardingError>> {
        let mut errors = Vec::new();
        let mut name = |field: &'static str, text: &str| {
            clean_name(text).unwrap_or_else(|_| {
                errors.push(OnboardingError::InvalidName { field });
                String::new()
            })
        };
        let first_name = name("first_name", &self.first_name);
        let last_name = name("last_name", &self.last_name);
        let phone = given(&self.phone).map(str::parse).transpose();
        let phone = phone.unwrap_or_else(|error| {
            errors.push(OnboardingError::Details(error));
            None
        });
        if errors.is_empty() {
            Ok(Taken::Profile {
                first_name,
                last_name,
                phone,
            })
        } else {
            Err(errors)
        }
    }

    fn tax(&self) -> Result<Taken, OnboardingError> {
        let residency: TaxCountry = self.tax_residency.parse()?;
        let tax_id = given(&self.tax_id)
            .map(|text| TaxId::new(&residency, text))
            .transpose()?;
        Ok(Taken::Tax { residency, tax_id })
    }

    fn legal(&self) -> Result<Taken, Vec<OnboardingError>> {
        let ticked = [self.terms, self.privacy, self.risk];
        let missing: Vec<OnboardingError> = DOCUMENTS
            .iter()
            .zip(ticked)
            .filter(|(_, is_ticked)| !is_ticked)
            .map(|(document, _)| OnboardingError::NotAccepted {
                document: document.word,
            })
            .collect();
        if missing.is_empty() {
            Ok(Taken::Legal)
        } else {
            Err(missing)
        }
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn one<T: Choice>(field: &'static str, word: &str) -> Result<T, Vec<OnboardingError>> {
    T::parse(word.trim()).ok_or_else(|| {
        vec![OnboardingError::InvalidChoice {
            field,
            offered: T::words(),
        }]
    })
}

impl Progress {
    /// Whether every text was agreed to in its current version.
    pub(super) fn has_agreed(&self) -> bool {
        DOCUMENTS.iter().all(|document| {
            let same = |consent: &&ConsentView| {
                consent.document == document.word && consent.version == document.version
            };
            self.consents.iter().any(|consent| same(&consent))
        })
    }

    /// Whether a step needs nothing more; the agreement, as long as the texts are those that were agreed
    /// to.
    pub(super) fn is_behind(&self, step: Step) -> bool {
        let is_taken = self.completed.contains(&step) || self.skipped.contains(&step);
        is_taken && (step != Step::Legal || self.has_agreed())
    }

    pub(super) fn is_complete(&self) -> bool {
        Step::ALL.iter().all(|step| self.is_behind(*step))
    }

    /// How much is behind the person, in whole percent.
    pub(super) fn percent(&self) -> u8 {
        let behind = Step::ALL
            .iter()
            .filter(|step| self.is_behind(**step))
            .count();
        u8::try_from(behind * 100 / Step::ALL.len()).unwrap_or(100)
    }

    /// The form of a step as it was filled in before.
    pub(super) fn body(&self) -> StepBody {
        let answer = |at: usize| {
            let found = self
                .risk
                .as_ref()
                .and_then(|(found, _)| found.answers.get(at));
            found.map(ToString::to_string).unwrap_or_default()
        };
        let agreed = self.has_agreed();
        StepBody {
            skip: false,
            experience: self.experience.map_or("", Choice::as_str).to_owned(),
            answer_1: answer(0),
            answer_2: answer(1),
            answer_3: answer(2),
            answer_4: answer(3),
            answer_5: answer(4),
            horizon: self.horizon.map_or("", Choice::as_str).to_owned(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            phone: String::new(),
            tax_residency: self.tax_residency.clone().unwrap_or_default(),
            tax_id: String::new(),
            terms: agreed,
            privacy: agreed,
            risk: agreed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_to_each_other_and_back() {
        let mut walked = vec![Step::Welcome];
        while let Some(next) = walked.last().and_then(|step| step.next()) {
            assert_eq!(next.previous(), walked.last().copied());
            walked.push(next);
        }
        assert_eq!(walked, Step::ALL);
        assert_eq!(Step::Welcome.previous(), None);
        let fixed = Step::ALL.iter().filter(|step| !step.can_be_skipped());
        assert_eq!(fixed.count(), 2);
    }

    #[test]
    fn progress_counts_what_is_behind_and_asks_again_for_a_new_text() {
        let mut progress = Progress::default();
        assert_eq!(progress.percent(), 0);
        progress.completed = vec![Step::Welcome, Step::Legal];
        progress.skipped = vec![Step::Tax];
        assert_eq!(progress.percent(), 28, "agreed to nothing: two of seven");
        progress.consents = DOCUMENTS
            .iter()
            .map(|document| ConsentView {
                document: document.word.to_owned(),
                version: document.version.to_owned(),
                accepted_at: Timestamp::UNIX_EPOCH,
            })
            .collect();
        assert_eq!(progress.percent(), 42);
        progress.completed = Step::ALL.to_vec();
        assert!(progress.is_complete());
        "2020-01-01".clone_into(&mut progress.consents[0].version);
        assert!(!progress.is_complete(), "an older text");
    }

    #[test]
    fn everything_wrong_with_a_step_is_said_at_once() {
        let body = StepBody {
            answer_1: "3".to_owned(),
            answer_2: "six".to_owned(),
            terms: true,
            ..StepBody::default()
        };
        let count = |step| body.read(step).err().map_or(0, |errors| errors.len());
        assert_eq!(count(Step::Risk), 4);
        assert_eq!(count(Step::Legal), 2);
        assert_eq!(count(Step::Experience), 1);
        let skipped = StepBody {
            skip: true,
            ..StepBody::default()
        };
        assert!(matches!(skipped.read(Step::Risk), Ok(Taken::Skipped)));
        assert!(skipped.read(Step::Legal).is_err());
    }
}
