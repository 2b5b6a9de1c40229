//! The report of realised gains, and the page that sets all cost bases side by side.

mod methods;
mod report;

pub(crate) use report::sale_href;

use axum::{Router, routing::get};
use jiff::civil::Date;
use ledger::CostBasis;
use serde::Deserialize;
use web::App;

use super::model::{LONG_TERM_MONTHS, Question};
use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    trail::Way,
};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/portfolio/gains", get(report::show))
        .route("/portfolio/gains.csv", get(report::csv))
        .route("/portfolio/gains/methods", get(methods::show))
}

/// The word for all years in the address.
const ALL_YEARS: &str = "all";

/// What a page of gains shows; lives in the address. Without a year it is the last one with sales.
#[derive(Clone, Debug, Default, Deserialize)]
struct Selection {
    #[serde(default, deserialize_with = "empty_is_none")]
    portfolio: Option<PortfolioId>,
    year: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    method: Option<CostBasis>,
    months: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    known_on: Option<Date>,
}

impl Selection {
    /// The threshold asked for, or the usual one where what was typed is none.
    fn months(&self) -> u16 {
        let typed = self
            .months
            .as_deref()
            .and_then(|text| text.trim().parse().ok());
        typed
            .filter(|months| *months <= 1_200)
            .unwrap_or(LONG_TERM_MONTHS)
    }

    fn question(&self, last_year: Option<i16>) -> Question {
        let year = match self.year.as_deref() {
            Some(ALL_YEARS) => None,
            text => text.and_then(|year| year.parse().ok()).or(last_year),
        };
        Question {
            year,
            long_term_months: self.months(),
            cost_basis: self.method,
        }
    }

    fn scope(&self) -> Scope {
        Scope::known(self.portfolio, self.known_on)
    }

    /// What stands in the address besides the scope.
    fn rest(&self) -> Vec<(&'static str, String)> {
        let months = Some(self.months()).filter(|months| *months != LONG_TERM_MONTHS);
        [
            ("year", self.year.clone()),
            (
                "method",
                self.method.map(|method| method.as_str().to_owned()),
            ),
            ("months", months.map(|months| months.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// The way to the trails of the figures that are shown.
    fn way(&self, question: Question) -> Way {
        let months = Some(question.long_term_months).filter(|months| *months != LONG_TERM_MONTHS);
        Way::new(&self.scope())
            .with("year", question.year)
            .with("cost_basis", self.method.map(CostBasis::as_str))
            .with("months", months)
    }

    /// The address of `path` with this selection.
    fn href(&self, path: &str) -> String {
        self.scope().href_with(path, None, &self.rest())
    }
}
