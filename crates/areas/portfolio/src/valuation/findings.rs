//! What does not add up in a valuation: findings of the engines and of the area, each once, with the
//! portfolio that it is about.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use ledger::{Asset, Finding, Severity, TransactionKind};
use market::Instrument;
use money::FxTable;
use performance::{PriceSeries, doubtful_prices};
use serde::Serialize;
use uuid::Uuid;

use super::compute::Outcome;
use crate::{
    portfolios::{Portfolio, PortfolioId},
    private_assets,
    reconciliation::{self, Booked, Stated},
    transactions::{Transaction, entry::Assets},
};

/// A finding and the portfolio that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlacedFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The portfolio; absent for a price or a rate, which all portfolios share.
    #[serde(flatten)]
    pub place: Option<Place>,
}

/// A portfolio by id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Names the portfolio.
    pub portfolio_id: PortfolioId,
    /// Its name.
    pub portfolio: String,
}

impl PlacedFinding {
    pub(crate) fn of(portfolio: &Portfolio, finding: Finding) -> Self {
        Self {
            finding,
            place: Some(Place {
                portfolio_id: portfolio.id,
                portfolio: portfolio.name.clone(),
            }),
        }
    }

    /// A finding about something that all portfolios share.
    fn shared(finding: Finding) -> Self {
        Self {
            finding,
            place: None,
        }
    }

    /// The portfolio.
    pub(crate) fn portfolio(&self) -> Option<PortfolioId> {
        self.place.as_ref().map(|place| place.portfolio_id)
    }
}

/// What portfolios are made of and valued with, as far as findings come from it.
pub(super) struct Sources<'a> {
    pub(super) portfolios: &'a [Portfolio],
    pub(super) transactions: &'a [Transaction],
    pub(super) stated: &'a [Stated],
    pub(super) origins: &'a HashMap<Uuid, String>,
    pub(super) index: &'a Assets,
    pub(super) assets: &'a [Asset],
    pub(super) prices: &'a [Option<&'a PriceSeries>],
    pub(super) fx: &'a FxTable,
}

/// All findings, the gravest and oldest first, each once, those of private things in their words.
pub(super) fn gather(
    sources: &Sources<'_>,
    outcomes: &[Outcome],
    instruments: &[Instrument],
    as_of: Date,
) -> Vec<PlacedFinding> {
    let mut findings: Vec<PlacedFinding> = Vec::new();
    for (portfolio, outcome) in sources.portfolios.iter().zip(outcomes) {
        let own = outcome.part.books.findings.iter().cloned();
        let own = own.chain(sources.unreconciled(portfolio, outcome));
        findings.extend(own.map(|finding| PlacedFinding::of(portfolio, finding)));
        let daily = outcome.daily.iter().flat_map(|daily| &daily.findings);
        let shared = outcome.closing.findings.iter().chain(daily).cloned();
        let entries = &outcome.part.entries;
        let doubts = doubtful_prices(entries, sources.assets, sources.prices, sources.fx);
        findings.extend(shared.chain(doubts).map(PlacedFinding::shared));
    }
    findings.extend(sources.spin_offs_without_share());
    findings.sort_by_key(|placed| (placed.finding.severity, placed.finding.date));
    let mut seen = HashSet::new();
    findings.retain(|placed| {
        let f = &placed.finding;
        // The close of the day says again what the days say: the first of them counts.
        let lasts = f.symbol.is_some() && matches!(f.code, "missing_price" | "missing_rate");
        let date = f.date.filter(|_| !lasts);
        let about = (f.symbol.clone(), f.currency, f.transaction);
        seen.insert((f.code, about, date, placed.portfolio()))
    });
    let told = findings
        .into_iter()
        .filter_map(|placed| private_assets::worded(placed, instruments, as_of));
    told.collect()
}

impl Sources<'_> {
    /// Where brokers' words differ from the books.
    fn unreconciled(&self, portfolio: &Portfolio, outcome: &Outcome) -> Vec<Finding> {
        let of_portfolio = |stated: &&Stated| stated.portfolio_id == portfolio.id;
        let own: Vec<Stated> = self.stated.iter().filter(of_portfolio).cloned().collect();
        let part = &outcome.part;
        let booked = Booked {
            books: &part.books,
            entries: &part.entries,
            rules: &part.rules,
            assets: self.assets,
            fx: self.fx,
            origins: self.origins,
        };
        reconciliation::findings(booked, &own, |id| self.index.get(id))
    }

    /// Brokers' files do not say which part of the cost goes with a spin-off: all of it stays until
    /// somebody does.
    fn spin_offs_without_share(&self) -> impl Iterator<Item = PlacedFinding> {
        let spin_offs = self.transactions.iter().filter(|transaction| {
            transaction.draft.kind == TransactionKind::SpinOff
                && transaction.draft.cost_share.is_none()
        });
        spin_offs.filter_map(|transaction| {
            let of = |portfolio: &&Portfolio| portfolio.id == transaction.portfolio_id;
            let portfolio = self.portfolios.iter().find(of)?;
            Some(PlacedFinding::of(
                portfolio,
                missing_cost_share(transaction),
            ))
        })
    }
}

fn missing_cost_share(spin_off: &Transaction) -> Finding {
    Finding {
        code: "missing_cost_share",
        severity: Severity::Warning,
        message: format!(
            "The spin-off of {} does not say which part of the cost goes with the new shares: all of it stays with the old ones.",
            spin_off.draft.date
        ),
        remedy: "Edit it and state the cost share; the company's form 8937 or the broker tells it."
            .to_owned(),
        transaction: Some(spin_off.id.0),
        symbol: None,
        currency: None,
        date: Some(spin_off.draft.date),
        gap: None,
    }
}
