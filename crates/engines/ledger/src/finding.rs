//! What does not add up, and the sentences that say so.

use jiff::civil::Date;
use money::{Currency, round_to_currency};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Entry, TransactionKind, cash::Overdraft, conversion::Refusal, fixed::LIMIT};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Figures are wrong until it is mended.
    Error,
    /// Figures may be wrong.
    Warning,
    /// No figure is wrong; it is worth knowing.
    Information,
}

/// Something in the data that does not add up. The figures say what they leave out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name of the kind of finding, e.g. `oversell`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one sentence with the figures.
    pub message: String,
    /// What mends it, in one sentence.
    pub remedy: String,
    /// The transaction concerned.
    pub transaction: Option<Uuid>,
    /// The instrument concerned, or the currency of the balance concerned.
    pub symbol: Option<String>,
    /// The balance concerned, where it is one: an instrument may have the symbol of a currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The day concerned.
    pub date: Option<Date>,
    /// What is missing, in shares of the instrument or in money of the balance; below zero it is too much
    /// that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Decimal>,
}

fn of_entry(
    entry: &Entry,
    symbol: Option<&str>,
    (code, severity): (&'static str, Severity),
    message: String,
    remedy: &str,
) -> Finding {
    Finding {
        code,
        severity,
        message,
        remedy: remedy.to_owned(),
        transaction: Some(entry.id),
        symbol: symbol.map(str::to_owned),
        currency: None,
        date: Some(entry.date),
        gap: None,
    }
}

pub(crate) fn missing_rate(
    entry: &Entry,
    symbol: Option<&str>,
    (from, to): (Currency, Currency),
    date: Date,
) -> Finding {
    let what = title(entry, symbol);
    of_entry(
        entry,
        symbol,
        ("missing_rate", Severity::Error),
        format!(
            "There is no exchange rate from {from} to {to} on or before {date}: {what} counts as zero in all {to} figures."
        ),
        "Load exchange rates that reach back to this day with `bursar import fx FILE`.",
    )
}

pub(crate) fn oversell(
    entry: &Entry,
    symbol: Option<&str>,
    sold: Decimal,
    held: Decimal,
) -> Finding {
    let (sold, held, date) = (sold.normalize(), held.normalize(), entry.date);
    let name = symbol.unwrap_or_default();
    let applied = if held.is_zero() {
        "no gain is booked"
    } else {
        "only the shares held, with their part of the proceeds, are booked as sold"
    };
    let finding = of_entry(
        entry,
        symbol,
        ("oversell", Severity::Error),
        format!(
            "{sold} {name} were sold on {date} but only {held} were held: {applied}; the cash is booked in full."
        ),
        "Record the purchase, transfer or split that is missing before this sale, or correct its quantity.",
    );
    Finding {
        gap: sold.checked_sub(held),
        ..finding
    }
}

/// More shares leave than there are, otherwise than by a sale.
pub(crate) fn exceeds_position(
    entry: &Entry,
    symbol: Option<&str>,
    stated: Decimal,
    there: Decimal,
) -> Finding {
    let (stated, there, date) = (stated.normalize(), there.normalize(), entry.date);
    let what = title(entry, symbol);
    let name = symbol.unwrap_or_default();
    let (state, applied) = match entry.event.kind() {
        TransactionKind::Cover => ("short", "the gain is booked for these alone"),
        TransactionKind::Exercise => (
            "held",
            "the shares count in full, but with the premium of these alone",
        ),
        TransactionKind::Assignment => (
            "written",
            "the shares count in full, but with the premium of these alone",
        ),
        _ => ("held", "it is booked for these alone"),
    };
    let finding = of_entry(
        entry,
        symbol,
        ("exceeds_position", Severity::Error),
        format!(
            "{} states {stated} {name}, but only {there} were {state} on {date}: {applied}; cash is booked in full.",
            capitalized(&what)
        ),
        "Record what is missing before it, or correct its quantity.",
    );
    Finding {
        gap: stated.checked_sub(there),
        ..finding
    }
}

pub(crate) fn without_position(entry: &Entry, symbol: Option<&str>) -> Finding {
    let name = symbol.unwrap_or_default();
    let what = title(entry, symbol);
    of_entry(
        entry,
        symbol,
        ("without_position", Severity::Warning),
        format!(
            "{} came when no {name} was held: it changes no lot.",
            capitalized(&what)
        ),
        "Delete it, or record the purchase that is missing before it.",
    )
}

pub(crate) fn unmatched_transfer(
    entry: &Entry,
    symbol: Option<&str>,
    arrived: Decimal,
    left: Decimal,
) -> Finding {
    let (arrived, left) = (arrived.normalize(), left.normalize());
    let name = symbol.unwrap_or_default();
    let what = title(entry, symbol);
    let message = if left.is_zero() {
        format!(
            "{} has no transfer out that it continues: its {arrived} {name} count with the cost that it states.",
            capitalized(&what)
        )
    } else {
        format!(
            "{} states {arrived} {name}, but {left} left the other portfolio: the lots that left are booked.",
            capitalized(&what)
        )
    };
    of_entry(
        entry,
        symbol,
        ("unmatched_transfer", Severity::Error),
        message,
        "Correct the two sides of the transfer, or record it anew between the two portfolios.",
    )
}

pub(crate) fn missing_cost(entry: &Entry, symbol: Option<&str>) -> Finding {
    let what = title(entry, symbol);
    of_entry(
        entry,
        symbol,
        ("missing_cost", Severity::Warning),
        format!(
            "{} does not say what the shares cost: they count as free, and all they are worth as gain.",
            capitalized(&what)
        ),
        "Edit the transfer and state the total cost and the day of the purchase.",
    )
}

pub(crate) fn split_without_position(entry: &Entry, symbol: Option<&str>) -> Finding {
    let (name, date) = (symbol.unwrap_or_default(), entry.date);
    of_entry(
        entry,
        symbol,
        ("split_without_position", Severity::Warning),
        format!("{name} was split on {date} when none was held: the split changes nothing."),
        "Delete the split, or record the purchase that is missing before it.",
    )
}

/// Whether a finding is one of [`refused`].
pub(crate) fn is_refusal(finding: &Finding) -> bool {
    ["invalid_entry", "overflow"].contains(&finding.code)
}

pub(crate) fn refused(entry: &Entry, symbol: Option<&str>, refusal: Refusal) -> Finding {
    let what = title(entry, symbol);
    let (code, reason) = match refusal {
        Refusal::UnknownAsset => ("invalid_entry", "its instrument is unknown".to_owned()),
        Refusal::Quantity(quantity) => (
            "invalid_entry",
            format!("its quantity is {quantity}, which is not above zero"),
        ),
        Refusal::Amount(amount) => (
            "invalid_entry",
            format!("its amount is {amount}, which is below zero"),
        ),
        Refusal::Ratio(ratio) => (
            "invalid_entry",
            format!(
                "its ratio is {} for {}, and both must be above zero",
                ratio.to, ratio.from
            ),
        ),
        Refusal::CostShare(share) => (
            "invalid_entry",
            format!("its cost share is {share}, which is not from 0 to 1"),
        ),
        Refusal::NoSettlement => (
            "invalid_entry",
            "it does not say which other currency was received".to_owned(),
        ),
        Refusal::Multiplier(multiplier) => (
            "invalid_entry",
            format!("its option stands for {multiplier} shares, which is not above zero"),
        ),
        Refusal::OptionCurrency(option, other) => (
            "invalid_entry",
            format!("its option is quoted in {option}, which cannot be settled in {other}"),
        ),
        Refusal::SameInstrument => (
            "invalid_entry",
            "it makes an instrument into itself".to_owned(),
        ),
        Refusal::NoOption => ("invalid_entry", "its instrument is no option".to_owned()),
        Refusal::SettlementRate(rate) => (
            "invalid_entry",
            format!("its settlement has an exchange rate of {rate}, which is not above zero"),
        ),
        Refusal::Overflow => ("overflow", format!("one of its figures is beyond {LIMIT}")),
    };
    of_entry(
        entry,
        symbol,
        (code, Severity::Error),
        format!("{} is left out: {reason}.", capitalized(&what)),
        "Correct or delete the transaction.",
    )
}

pub(crate) fn negative_cash(overdraft: &Overdraft) -> Finding {
    let Overdraft {
        currency,
        first,
        deepest_on,
        ..
    } = *overdraft;
    let deepest = round_to_currency(overdraft.deepest, currency);
    let until = overdraft.ended.map_or_else(
        || " and has not recovered".to_owned(),
        |ended| format!(", until {ended}"),
    );
    Finding {
        code: "negative_cash",
        severity: Severity::Warning,
        message: format!(
            "The {currency} balance fell below zero on {first}{until}; it was lowest on {deepest_on} with {deepest} {currency}."
        ),
        remedy: format!(
            "Record the missing deposit in {currency}, or switch off cash tracking for this portfolio."
        ),
        transaction: None,
        symbol: Some(currency.to_string()),
        currency: Some(currency),
        date: Some(first),
        gap: Some(-deepest),
    }
}

/// The transaction in words: "the purchase of ACME on 2024-01-02".
fn title(entry: &Entry, symbol: Option<&str>) -> String {
    let noun = match entry.event.kind() {
        TransactionKind::Buy => "purchase",
        TransactionKind::Sell => "sale",
        TransactionKind::Short => "short sale",
        TransactionKind::Cover => "covering purchase",
        TransactionKind::Dividend => "dividend",
        TransactionKind::ReinvestedDividend => "reinvested dividend",
        TransactionKind::StockDividend => "stock dividend",
        TransactionKind::ReturnOfCapital => "return of capital",
        TransactionKind::Interest => "interest",
        TransactionKind::Deposit => "deposit",
        TransactionKind::Withdrawal => "withdrawal",
        TransactionKind::Conversion => "conversion",
        TransactionKind::TransferIn => "transfer in",
        TransactionKind::TransferOut => "transfer out",
        TransactionKind::Fee => "fee",
        TransactionKind::Tax => "tax",
        TransactionKind::Split => "split",
        TransactionKind::SpinOff => "spin-off",
        TransactionKind::Merger => "merger",
        TransactionKind::SymbolChange => "symbol change",
        TransactionKind::Exercise => "exercise",
        TransactionKind::Assignment => "assignment",
        TransactionKind::Expiry => "expiry",
    };
    let date = entry.date;
    match symbol {
        Some(symbol) => format!("the {noun} of {symbol} on {date}"),
        None => format!("the {noun} of {date}"),
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
