//! What does not add up, by severity, each with something that mends it or a way to accept it.

pub(crate) mod api;
pub(crate) mod pages;
pub(crate) mod store;

use std::collections::BTreeMap;

use identity::Viewer;
use ledger::{Finding, Severity};
use market::Instrument;
use money::{Currency, Quotation, QuoteUnit};
use performance::{PRICE_IN_MAJOR_UNIT, PRICE_IN_MINOR_UNIT, SUSPICIOUS_PRICE};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem};

use crate::{
    scope::Scope,
    valuation::{Valuation, Valuations},
};

/// A finding with what can be done about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct HealthEntry {
    /// Names the finding as long as it is there.
    pub(crate) id: String,
    /// The finding.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub(crate) finding: Finding,
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

/// What tells a finding from all others of a person.
pub(crate) fn key(finding: &Finding) -> String {
    let symbol = finding.symbol.as_deref().unwrap_or("");
    let date = finding
        .date
        .map_or_else(String::new, |date| date.to_string());
    let transaction = finding
        .transaction
        .map_or_else(String::new, |id| id.to_string());
    format!("{}~{symbol}~{date}~{transaction}", finding.code)
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
    let mut entries = entries(&valuation, &refused, accepted);
    if !is_admin {
        // Prices and rates are for everybody, so the owner of the installation loads them.
        let is_open = |repair: &Repair| !repair.href.starts_with("/market/");
        for entry in &mut entries {
            entry.repairs.retain(is_open);
        }
    }
    Ok(entries)
}

/// Every finding of a valuation, the gravest first, those that are accepted last.
fn entries(
    valuation: &Valuation,
    refused: &[store::Refused],
    mut accepted: BTreeMap<String, Accepted>,
) -> Vec<HealthEntry> {
    let mut entries: Vec<HealthEntry> = valuation
        .findings
        .iter()
        .chain(&valuation.accepted)
        .map(|finding| {
            let id = key(finding);
            HealthEntry {
                accepted: accepted.remove(&id),
                repairs: repairs(valuation, finding),
                finding: finding.clone(),
                id,
            }
        })
        .collect();
    entries.extend(refused.iter().map(|refused| {
        let finding = refused_lines(refused);
        let id = key(&finding);
        HealthEntry {
            accepted: accepted.remove(&id),
            repairs: vec![Repair {
                label: "Open the import",
                href: format!("/portfolio/imports/{}", refused.import_id),
            }],
            finding,
            id,
        }
    }));
    entries.sort_by_key(|entry| {
        let finding = &entry.finding;
        (entry.accepted.is_some(), finding.severity, finding.date)
    });
    entries
}

/// Lines of a file that are not in the books. They are kept with their import.
fn refused_lines(refused: &store::Refused) -> Finding {
    let (lines, file) = (refused.lines, &refused.file_name);
    Finding {
        code: "refused_lines",
        severity: Severity::Warning,
        message: if lines == 1 {
            format!("One line of {file} was refused and is in no figure.")
        } else {
            format!("{lines} lines of {file} were refused and are in no figure.")
        },
        remedy: "Open the import, read the reasons, and record by hand what is missing.".to_owned(),
        transaction: None,
        symbol: Some(refused.import_id.to_string()),
        date: Some(refused.on),
    }
}

/// Findings that nobody accepted.
pub(crate) fn open_count(entries: &[HealthEntry], severity: Severity) -> usize {
    entries
        .iter()
        .filter(|entry| entry.accepted.is_none() && entry.finding.severity == severity)
        .count()
}

fn instrument<'v>(valuation: &'v Valuation, finding: &Finding) -> Option<&'v Instrument> {
    let symbol = finding.symbol.as_deref()?;
    valuation
        .instruments
        .iter()
        .find(|instrument| instrument.symbol == symbol)
}

/// Where prices come from: what is private has only the values that its owner enters.
fn prices(valuation: &Valuation, finding: &Finding) -> Vec<Repair> {
    let load = Repair {
        label: "Load prices",
        href: "/market/bars/import".to_owned(),
    };
    match instrument(valuation, finding) {
        None => vec![load],
        Some(found) if found.is_private => vec![Repair {
            label: "Enter a value",
            href: format!("/portfolio/private-assets/{}", found.id),
        }],
        Some(found) => {
            let open = Repair {
                label: "Open the instrument",
                href: format!("/market/instruments/{}", found.id),
            };
            vec![open, load]
        }
    }
}

fn repairs(valuation: &Valuation, finding: &Finding) -> Vec<Repair> {
    let mut repairs = Vec::new();
    if let Some(id) = finding.transaction {
        repairs.push(Repair {
            label: "Open the transaction",
            href: format!("/portfolio/transactions/{id}/edit"),
        });
    }
    let symbol = finding.symbol.as_deref().unwrap_or("");
    match finding.code {
        "missing_price" | "stale_price" => repairs.extend(prices(valuation, finding)),
        SUSPICIOUS_PRICE | PRICE_IN_MINOR_UNIT | PRICE_IN_MAJOR_UNIT => {
            repairs.extend(suspicious(valuation, finding));
        }
        "missing_rate" => repairs.push(Repair {
            label: "Load exchange rates",
            href: "/market/fx/import".to_owned(),
        }),
        "oversell" | "exceeds_position" | "split_without_position" | "without_position" => {
            repairs.push(Repair {
                label: "Record a purchase",
                href: new_transaction("buy", symbol, finding),
            });
        }
        "unreconciled_position" => {
            repairs.push(Repair {
                label: "Record a transfer in",
                href: new_transaction("transfer_in", symbol, finding),
            });
            repairs.push(Repair {
                label: "Record a sale",
                href: new_transaction("sell", symbol, finding),
            });
        }
        "unreconciled_cash" | "negative_cash" => {
            for (label, kind) in [
                ("Record a deposit", "deposit"),
                ("Record a withdrawal", "withdrawal"),
            ] {
                repairs.push(Repair {
                    label,
                    href: new_transaction(kind, "", finding),
                });
            }
            repairs.push(Repair {
                label: "Open the cash ledger",
                href: "/portfolio/cash".to_owned(),
            });
        }
        _ => {}
    }
    repairs
}

/// The unit in which the prices would fit; the instrument itself where none does.
fn suspicious(valuation: &Valuation, finding: &Finding) -> Option<Repair> {
    let known = instrument(valuation, finding)?;
    let id = known.id;
    let now = known.quotation()?;
    let fitting = match (finding.code, now.unit) {
        (PRICE_IN_MINOR_UNIT, QuoteUnit::Major) => Quotation::minor(now.currency),
        (PRICE_IN_MAJOR_UNIT, QuoteUnit::Minor) => Some(Quotation::major(now.currency)),
        _ => None,
    };
    Some(match fitting {
        Some(quotation) => Repair {
            label: match (quotation.unit, quotation.currency) {
                (QuoteUnit::Major, _) => "It is quoted in the currency itself",
                (QuoteUnit::Minor, Currency::GBP) => "This instrument is quoted in pence",
                (QuoteUnit::Minor, _) => "It is quoted in a hundredth of the currency",
            },
            href: format!("/market/instruments/{id}/edit?currency={quotation}"),
        },
        None => Repair {
            label: "Open the instrument",
            href: format!("/market/instruments/{id}"),
        },
    })
}

fn new_transaction(kind: &str, symbol: &str, finding: &Finding) -> String {
    let mut query = web::QueryString::new();
    query.push("type", Some(kind));
    query.push("symbol", Some(symbol).filter(|symbol| !symbol.is_empty()));
    query.push("date", finding.date);
    format!("/portfolio/transactions/new{}", query.finish())
}
