//! From five answers to a risk profile. Each answer counts 1 (least risk) to 5 (most):
//!
//! ```text
//! score = a1 + a2 + a3 + a4 + a5                  5 to 25
//! tolerance: 5–8 very low, 9–12 low, 13–17 moderate, 18–21 high, 22–25 very high
//! profile: very low, low → conservative; moderate → moderate; high, very high → aggressive
//! ```
//!
//! Wanting risk does not mean that one can bear it: whoever needs the money within a year, or can lose
//! none of it, is at most moderate, whatever the sum.

use web::{Choice, choices};

use super::OnboardingError;

/// How many questions there are.
pub(super) const QUESTIONS: usize = 5;
/// The questions about what can be borne, counted from 0: when the money is needed, and how much of it
/// can be lost.
const BEARING: [usize; 2] = [1, 2];

/// A question with its answers, the least risky first.
pub(super) struct Question {
    pub(super) text: &'static str,
    pub(super) answers: [&'static str; 5],
}

pub(super) const ALL: [Question; QUESTIONS] = [
    Question {
        text: "Your investments lose a fifth of their value in a month. What do you do?",
        answers: [
            "Sell everything",
            "Sell a part",
            "Wait",
            "Buy a little more",
            "Buy a lot more",
        ],
    },
    Question {
        text: "When do you need most of this money?",
        answers: [
            "Within a year",
            "In one to three years",
            "In three to seven years",
            "In seven to fifteen years",
            "Later than that",
        ],
    },
    Question {
        text: "How much of it could you lose without living differently?",
        answers: [
            "Nothing",
            "Up to a tenth",
            "Up to a quarter",
            "Up to a half",
            "More than a half",
        ],
    },
    Question {
        text: "Which range of results for a year would you choose?",
        answers: [
            "Gain 2 percent, lose nothing",
            "Gain 6 percent or lose 4",
            "Gain 12 percent or lose 10",
            "Gain 20 percent or lose 18",
            "Gain 35 percent or lose 35",
        ],
    },
    Question {
        text: "How sure is your income in the coming years?",
        answers: [
            "Very unsure",
            "Rather unsure",
            "Neither",
            "Rather sure",
            "Very sure",
        ],
    },
];

choices! {
    /// How much risk somebody wants and can bear.
    RiskTolerance {
        /// 5 to 8 points.
        VeryLow = "very_low", "Very low";
        /// 9 to 12 points.
        Low = "low", "Low";
        /// 13 to 17 points.
        Moderate = "moderate", "Moderate";
        /// 18 to 21 points.
        High = "high", "High";
        /// 22 to 25 points.
        VeryHigh = "very_high", "Very high";
    }
}

choices! {
    /// What follows from the tolerance.
    RiskProfile {
        /// Preserve first.
        Conservative = "conservative", "Conservative";
        /// Preserve and grow.
        Moderate = "moderate", "Moderate";
        /// Grow first.
        Aggressive = "aggressive", "Aggressive";
    }
}

/// Five answers with what follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// 1 to 5 each.
    pub answers: [u8; QUESTIONS],
    /// Their sum.
    pub score: u8,
    /// What the score says, unless it cannot be borne.
    pub tolerance: RiskTolerance,
    /// What the tolerance says.
    pub profile: RiskProfile,
}

impl Assessment {
    /// Scores answers of 1 to 5.
    pub fn new(answers: [u8; QUESTIONS]) -> Result<Self, OnboardingError> {
        if let Some(at) = answers.iter().position(|answer| !(1..=5).contains(answer)) {
            return Err(OnboardingError::InvalidAnswer { question: at + 1 });
        }
        let score = answers.iter().sum();
        let wanted = match score {
            0..=8 => RiskTolerance::VeryLow,
            9..=12 => RiskTolerance::Low,
            13..=17 => RiskTolerance::Moderate,
            18..=21 => RiskTolerance::High,
            _ => RiskTolerance::VeryHigh,
        };
        let bears = BEARING.iter().all(|at| answers.get(*at) != Some(&1));
        let is_high = matches!(wanted, RiskTolerance::High | RiskTolerance::VeryHigh);
        let tolerance = if is_high && !bears {
            RiskTolerance::Moderate
        } else {
            wanted
        };
        Ok(Self {
            answers,
            score,
            tolerance,
            profile: tolerance.profile(),
        })
    }
}

impl RiskTolerance {
    /// The one of three profiles that it belongs to.
    pub fn profile(self) -> RiskProfile {
        match self {
            Self::VeryLow | Self::Low => RiskProfile::Conservative,
            Self::Moderate => RiskProfile::Moderate,
            Self::High | Self::VeryHigh => RiskProfile::Aggressive,
        }
    }
}

impl std::fmt::Display for RiskProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(answers: [u8; 5]) -> (u8, RiskTolerance, RiskProfile) {
        let found = Assessment::new(answers).expect("answers");
        (found.score, found.tolerance, found.profile)
    }

    #[test]
    fn the_sum_decides_at_every_border() {
        use RiskProfile::{Aggressive, Conservative, Moderate};
        use RiskTolerance as T;
        for (answers, expected) in [
            ([1, 1, 1, 1, 1], (5, T::VeryLow, Conservative)),
            ([2, 2, 2, 1, 1], (8, T::VeryLow, Conservative)),
            ([2, 2, 2, 2, 1], (9, T::Low, Conservative)),
            ([3, 2, 2, 2, 3], (12, T::Low, Conservative)),
            ([3, 3, 2, 2, 3], (13, T::Moderate, Moderate)),
            ([4, 4, 3, 3, 3], (17, T::Moderate, Moderate)),
            ([4, 4, 4, 3, 3], (18, T::High, Aggressive)),
            ([5, 4, 4, 4, 4], (21, T::High, Aggressive)),
            ([5, 5, 4, 4, 4], (22, T::VeryHigh, Aggressive)),
            ([5, 5, 5, 5, 5], (25, T::VeryHigh, Aggressive)),
        ] {
            assert_eq!(scored(answers), expected, "{answers:?}");
        }
    }

    #[test]
    fn who_cannot_bear_risk_is_at_most_moderate() {
        for answers in [[5, 1, 5, 5, 5], [5, 5, 1, 5, 5]] {
            let (score, tolerance, profile) = scored(answers);
            assert_eq!((score, tolerance), (21, RiskTolerance::Moderate));
            assert_eq!(profile, RiskProfile::Moderate);
        }
        // It raises nobody: a low sum stays low.
        assert_eq!(scored([1, 1, 2, 2, 3]).1, RiskTolerance::Low);
        // The other questions are about wishes and prospects.
        assert_eq!(scored([1, 5, 5, 5, 5]).1, RiskTolerance::High);
    }

    #[test]
    fn an_answer_that_is_none_is_named() {
        for (answers, question) in [([0, 1, 1, 1, 1], 1), ([1, 1, 1, 1, 6], 5)] {
            let refused = Assessment::new(answers).expect_err("refused");
            assert!(
                matches!(refused, OnboardingError::InvalidAnswer { question: at } if at == question)
            );
        }
    }
}
