//! What a broker's file states as the result, against what its transactions come to.
//!
//! Positions and balances that a file states are kept with its import, by account. Every valuation
//! compares the latest ones with the books of their day; what differs is a finding, and figures say
//! that they are unreconciled until it is gone or accepted.
//!
//! A portfolio may be fed from several accounts. Each is compared with its own transactions where
//! these can be told apart: by the account that they carry, or where a file names none by the kind of
//! file that they came from. Where they cannot, because some were entered by hand, all of the accounts
//! together are compared with all of the transactions.

pub(crate) mod store;
mod told_apart;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Entry, Finding, Rules, Severity};
use market::InstrumentId;
use money::{Currency, FxTable};
use rust_decimal::Decimal;
use statements::Statement;
use told_apart::{Claim, Who};
use uuid::Uuid;

use crate::portfolios::PortfolioId;

/// A position or a balance as a file states it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stated {
    pub(crate) portfolio_id: PortfolioId,
    pub(crate) what: What,
    /// The account in the file, where it names one.
    pub(crate) account: Option<String>,
    /// Whose word it is: the account, or the kind of file.
    pub(crate) origin: String,
    pub(crate) on: Date,
    pub(crate) quantity: Decimal,
}

/// Shares of an instrument, or cash of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Position(InstrumentId),
    Cash(Currency),
}

/// The books of one portfolio, and what they were made of.
#[derive(Clone, Copy)]
pub(crate) struct Booked<'a> {
    pub(crate) books: &'a Books,
    pub(crate) entries: &'a [Entry],
    pub(crate) rules: &'a Rules,
    pub(crate) assets: &'a [Asset],
    pub(crate) fx: &'a FxTable,
    /// Where transactions came from, in the words of [`Stated::origin`]; those that were entered by
    /// hand are absent.
    pub(crate) origins: &'a HashMap<Uuid, String>,
}

/// Shares that differ by less are the same.
const SHARES: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// Everything that a statement states, account by account.
pub(crate) fn stated(
    statement: &Statement,
    portfolio_id: PortfolioId,
    find: impl Fn(&statements::Security) -> Option<InstrumentId>,
) -> Vec<Stated> {
    let positions = statement.positions.iter().filter_map(|position| {
        let what = What::Position(find(&position.security)?);
        Some((what, &position.account, position.on, position.quantity))
    });
    let balances = statement.balances.iter().map(|balance| {
        let what = What::Cash(balance.currency);
        (what, &balance.account, balance.on, balance.amount)
    });
    let mut sums: BTreeMap<(What, Option<&String>, Date), Decimal> = BTreeMap::new();
    for (what, account, on, quantity) in positions.chain(balances) {
        *sums.entry((what, account.as_ref(), on)).or_default() += quantity;
    }
    sums.into_iter()
        .map(|((what, account, on), quantity)| Stated {
            portfolio_id,
            what,
            account: account.cloned(),
            origin: account
                .cloned()
                .unwrap_or_else(|| statement.format.as_str().to_owned()),
            on,
            quantity: money::round_to_store(quantity),
        })
        .collect()
}

/// What differs from the books of one portfolio. Takes the latest word of each account on each
/// position and balance.
pub(crate) fn findings(
    booked: Booked<'_>,
    stated: &[Stated],
    find: impl Fn(InstrumentId) -> Option<AssetIndex>,
) -> Vec<Finding> {
    let mut words: BTreeMap<What, Vec<&Stated>> = BTreeMap::new();
    for one in stated {
        let counts = match one.what {
            What::Position(_) => true,
            What::Cash(_) => booked.rules.tracks_cash,
        };
        if counts {
            words.entry(one.what).or_default().push(one);
        }
    }
    let mut findings = Vec::new();
    for (what, words) in words {
        let asset = match what {
            What::Position(id) => find(id),
            What::Cash(_) => None,
        };
        let mut found: Vec<Finding> = Vec::new();
        for claim in told_apart::claims(booked, (what, asset), &words) {
            let finding = match what {
                What::Position(_) => {
                    let asset = asset.and_then(|asset| booked.assets.get(asset.0 as usize));
                    position(asset.map_or("an instrument", |asset| &asset.symbol), &claim)
                }
                What::Cash(currency) => cash(currency, &claim),
            };
            // Of one day there is one finding, whichever accounts differ.
            match found.iter_mut().find(|other| other.date == finding.date) {
                Some(other) => {
                    other.message = format!("{} {}", other.message, finding.message);
                    other.remedy = format!("{} {}", other.remedy, finding.remedy);
                }
                None => found.push(finding),
            }
        }
        findings.extend(found);
    }
    findings
}

/// What is stated and what the transactions come to, in words.
fn words(claim: &Claim, says: &str, books: Decimal) -> String {
    let on = claim.on;
    match &claim.who {
        Who::Broker => format!(
            "The broker states {says} at the close of {on}, the transactions come to {books}."
        ),
        Who::Account(origin) => format!(
            "The broker states {says} for {origin} at the close of {on}, the transactions of {origin} come to {books}."
        ),
        Who::Together(origins) => format!(
            "{} together state {says} until {on}; which transactions belong to which of them cannot be told, and all of them come to {books}.",
            origins.join(" and ")
        ),
    }
}

fn position(symbol: &str, claim: &Claim) -> Finding {
    let gap = (claim.says - claim.computed).normalize();
    let says = format!("{} {symbol}", claim.says.normalize());
    let remedy = if gap > Decimal::ZERO {
        format!(
            "Record what brought {gap} {symbol}: a purchase, a transfer in, or a split that the file does not list."
        )
    } else {
        format!(
            "Record what took {} {symbol}: a sale, a transfer out, or a split that the file does not list.",
            -gap
        )
    };
    Finding {
        code: "unreconciled_position",
        severity: Severity::Warning,
        message: words(claim, &says, claim.computed.normalize()),
        remedy,
        transaction: None,
        symbol: Some(symbol.to_owned()),
        currency: None,
        date: Some(claim.on),
        gap: Some(gap),
    }
}

fn cash(currency: Currency, claim: &Claim) -> Finding {
    let round = |amount| money::round_to_currency(amount, currency);
    let says = format!("{} {currency} in cash", round(claim.says));
    let gap = round(claim.says - claim.computed);
    let remedy = if gap > Decimal::ZERO {
        format!(
            "Record the deposit or income of {gap} {currency} that is missing on or before this day."
        )
    } else {
        format!(
            "Record the withdrawal or charge of {} {currency} that is missing on or before this day.",
            -gap
        )
    };
    Finding {
        code: "unreconciled_cash",
        severity: Severity::Warning,
        message: words(claim, &says, round(claim.computed)),
        remedy,
        transaction: None,
        symbol: Some(currency.to_string()),
        currency: Some(currency),
        date: Some(claim.on),
        gap: Some(gap),
    }
}
