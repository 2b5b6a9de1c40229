//! What does not add up, by severity, each with something that mends it or a way to accept it.

pub(crate) mod api;
pub(crate) mod pages;
mod repairs;
pub(crate) mod store;

use std::collections::BTreeMap;

use identity::Viewer;
use ledger::{Finding, Severity};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem};

use crate::{
    gains,
    scope::Scope,
    valuation::{Place, PlacedFinding, Valuation, Valuations},
};

/// The name of the findings about imports of which lines were refused.
const REFUSED_LINES: &str = "refused_lines";

/// A finding with what can be done about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct HealthEntry {
    /// Names the finding as long as it is there.
    pub(crate) id: String,
    /// The finding, with the portfolio that it is about.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub(crate) placed: PlacedFinding,
    /// Where it can be mended.
    pub(crate) repairs: Vec<Repair>,
    /// Since when its owner lives with it, and why.
    pub(crate) accepted: Option<Accepted>,
}

/// A place that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Repair {
    /// What it does.
    pub(crate) label: &'static str,
    /// Its address.
    pub(crate) href: String,
}

/// Somebody's word that a finding is to stay.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: jiff::Timestamp,
    /// Why.
    pub(crate) note: Option<String>,
}

/// What tells a finding from all others of a person. A migration wrote anew what had been accepted when
/// balances and portfolios came into it.
pub(crate) fn key(placed: &PlacedFinding) -> String {
    let finding = &placed.finding;
    let what = match (finding.currency, &finding.symbol) {
        // Apart from an instrument with the symbol of a currency.
        (Some(currency), _) => format!("cash:{currency}"),
        (None, symbol) => symbol.clone().unwrap_or_default(),
    };
    let date = finding
        .date
        .map_or_else(String::new, |date| date.to_string());
    let transaction = finding
        .transaction
        .map_or_else(String::new, |id| id.to_string());
    let own = format!("{}~{what}~{date}~{transaction}", finding.code);
    // A transaction and an import are of one portfolio anyhow.
    let names_it = finding.transaction.is_some() || finding.code == REFUSED_LINES;
    match placed.portfolio().filter(|_| !names_it) {
        Some(portfolio) => format!("{own}~{}", portfolio.0),
        None => own,
    }
}

/// Where a finding stands on the health page.
pub(crate) fn anchor(id: &str) -> String {
    format!("finding-{}", id.replace(char::is_whitespace, "-"))
}

/// Everything that does not add up in a scope, and imports of which lines were refused.
pub(crate) async fn service_entries(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    is_admin: bool,
    scope: &Scope,
) -> Result<Vec<HealthEntry>, Problem> {
    let valuation = scope.value(app, valuations, viewer).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let accepted = store::list_accepted(&mut tx).await?;
    let mut refused = store::list_refused(&mut tx, scope.portfolio).await?;
    drop(tx);
    if let Some(day) = scope.known_on {
        refused.retain(|import| import.on <= day);
    }
    let told = valuation.clone();
    let wash_sales = off_thread(move || gains::findings(&told)).await?;
    let placed = valuation.findings.iter().chain(&valuation.accepted);
    let placed = placed.chain(&wash_sales);
    let mut entries = entries((&valuation, scope), placed, &refused, accepted);
    if !is_admin {
        // Prices and rates are for everybody, so the owner of the installation loads them.
        let is_open = |repair: &Repair| !repair.href.starts_with("/market/");
        for entry in &mut entries {
            entry.repairs.retain(is_open);
        }
    }
    Ok(entries)
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::internal(&error))
}

/// Every finding, the gravest first, those that are accepted last.
fn entries<'f>(
    (valuation, scope): (&Valuation, &Scope),
    placed: impl Iterator<Item = &'f PlacedFinding>,
    refused: &[store::Refused],
    mut accepted: BTreeMap<String, Accepted>,
) -> Vec<HealthEntry> {
    let mut entries: Vec<HealthEntry> = placed
        .map(|placed| {
            let id = key(placed);
            HealthEntry {
                accepted: accepted.remove(&id),
                repairs: repairs::repairs(valuation, scope, placed),
                placed: placed.clone(),
                id,
            }
        })
        .collect();
    entries.extend(refused.iter().map(|refused| {
        let placed = refused_lines(refused);
        let id = key(&placed);
        HealthEntry {
            accepted: accepted.remove(&id),
            repairs: vec![Repair {
                label: "Open the import",
                href: format!("/portfolio/imports/{}", refused.import_id),
            }],
            placed,
            id,
        }
    }));
    entries.sort_by_key(|entry| {
        let finding = &entry.placed.finding;
        // What is for information comes in its own order, the latest first.
        let is_told = finding.severity == Severity::Information;
        let date = finding.date.filter(|_| !is_told);
        (entry.accepted.is_some(), finding.severity, date)
    });
    entries
}

fn refused_lines(refused: &store::Refused) -> PlacedFinding {
    let (lines, file) = (refused.lines, &refused.file_name);
    let finding = Finding {
        code: REFUSED_LINES,
        severity: Severity::Warning,
        message: if lines == 1 {
            format!("One line of {file} was refused and is in no figure.")
        } else {
            format!("{lines} lines of {file} were refused and are in no figure.")
        },
        remedy: "Open the import, read the reasons, and record by hand what is missing.".to_owned(),
        transaction: None,
        symbol: Some(refused.import_id.to_string()),
        currency: None,
        date: Some(refused.on),
        gap: None,
    };
    PlacedFinding {
        finding,
        place: Some(Place {
            portfolio_id: refused.portfolio_id,
            portfolio: refused.portfolio.clone(),
        }),
    }
}

/// Findings that nobody accepted.
pub(crate) fn open_count(entries: &[HealthEntry], severity: Severity) -> usize {
    entries
        .iter()
        .filter(|entry| entry.accepted.is_none() && entry.placed.finding.severity == severity)
        .count()
}
