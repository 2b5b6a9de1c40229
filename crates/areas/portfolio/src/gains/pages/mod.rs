//! The report of realised gains, and the page that sets all cost bases side by side.

mod methods;
mod report;

use axum::{Router, routing::get};
use ledger::CostBasis;
use serde::Deserialize;
use web::{App, QueryString};

use super::model::{LONG_TERM_MONTHS, Question};
use crate::{portfolios::PortfolioId, scope::empty_is_none};

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

    /// The address of `path` with this selection.
    fn href(&self, path: &str) -> String {
        let mut query = QueryString::new();
        query.push("portfolio", self.portfolio.map(|id| id.0));
        query.push("year", self.year.as_ref());
        query.push("method", self.method.map(CostBasis::as_str));
        let months = Some(self.months()).filter(|months| *months != LONG_TERM_MONTHS);
        query.push("months", months);
        format!("{path}{}", query.finish())
    }
}
