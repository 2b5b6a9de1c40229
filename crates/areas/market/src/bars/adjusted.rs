//! Daily bars adjusted for what corporate actions did to the price. They are computed whenever they are
//! asked for, out of the bars as they were traded, which are never rewritten.

use jiff::civil::Date;
use ledger::TransactionKind;
use money::f64_from_decimal;
use serde::Deserialize;
use series::{Action, Adjustment, Basis, Unapplied};
use sqlx::PgConnection;

use super::{model::DailyBar, store};
use crate::{CorporateAction, Instrument, corporate_actions};

/// What bars are adjusted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Adjust {
    /// Nothing: as they were traded.
    #[default]
    None,
    /// Splits and stock dividends.
    Splits,
    /// These, and dividends and returned capital.
    Total,
}

impl Adjust {
    /// All of them, in the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::Splits, Self::Total, Self::None];

    /// The word on the wire and in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Splits => "splits",
            Self::Total => "total",
        }
    }

    /// The words for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::None => "As traded",
            Self::Splits => "Splits",
            Self::Total => "Splits and dividends",
        }
    }

    /// What a series is adjusted by; `None` where it stays as it is.
    pub(crate) fn basis(self) -> Option<Basis> {
        match self {
            Self::None => None,
            Self::Splits => Some(Basis::Splits),
            Self::Total => Some(Basis::SplitsAndCash),
        }
    }
}

/// All daily bars of an instrument, adjusted to the last of them, and what could not be
/// adjusted for.
pub(super) async fn all(
    conn: &mut PgConnection,
    instrument: &Instrument,
    adjust: Adjust,
) -> db::Result<(Vec<DailyBar>, Vec<String>)> {
    let mut bars = store::list_all(conn, instrument.id).await?;
    let Some(basis) = adjust.basis() else {
        return Ok((bars, Vec::new()));
    };
    let unit = instrument.quote_unit;
    let closes: Vec<_> = bars
        .iter()
        .map(|bar| (bar.date, unit.in_currency(bar.close)))
        .collect();
    let (adjustments, findings) = of_closes(conn, instrument, basis, &closes).await?;
    for (bar, adjustment) in bars.iter_mut().zip(adjustments) {
        *bar = adjusted(bar, adjustment);
    }
    Ok((bars, findings))
}

/// By what each of these closes of an instrument, in its currency and in the order of days, is adjusted to the
/// last of them, and what could not be adjusted for.
pub(crate) async fn of_closes(
    conn: &mut PgConnection,
    instrument: &Instrument,
    basis: Basis,
    closes: &[(Date, f64)],
) -> db::Result<(Vec<Adjustment>, Vec<String>)> {
    let stated = corporate_actions::of_instruments(conn, &[instrument.id]).await?;
    let mut findings = Vec::new();
    let mut actions = Vec::new();
    for action in &stated {
        match understood(action, instrument) {
            Understood::Action(action) => actions.push(action),
            Understood::Nothing => {}
            Understood::Unknown(why) => findings.push(why),
        }
    }
    let (adjustments, unapplied) = series::adjustments(closes, &actions, basis);
    findings.extend(unapplied.into_iter().map(told));
    Ok((adjustments, findings))
}

fn adjusted(bar: &DailyBar, by: Adjustment) -> DailyBar {
    DailyBar {
        date: bar.date,
        open: bar.open * by.price,
        high: bar.high * by.price,
        low: bar.low * by.price,
        close: bar.close * by.price,
        adjusted_close: None,
        volume: bar.volume.map(|volume| volume * by.volume),
    }
}

/// What an action is to a series of prices.
enum Understood {
    Action(Action),
    /// It does not move the price.
    Nothing,
    Unknown(String),
}

fn understood(stated: &CorporateAction, instrument: &Instrument) -> Understood {
    let terms = &stated.terms;
    let ex_date = terms.ex_date;
    let ratio = terms
        .ratio
        .map(|ratio| f64_from_decimal(ratio.to) / f64_from_decimal(ratio.from));
    let unknown =
        |why: &str| Understood::Unknown(format!("the {} of {ex_date} {why}", terms.kind.as_str()));
    match (terms.kind, ratio, terms.cash) {
        (TransactionKind::Split, Some(ratio), _) => {
            Understood::Action(Action::Split { ex_date, ratio })
        }
        (TransactionKind::StockDividend, Some(received), _) => Understood::Action(Action::Split {
            ex_date,
            ratio: 1.0 + received,
        }),
        (TransactionKind::Dividend | TransactionKind::ReturnOfCapital, _, Some(cash)) => {
            if Some(cash.currency) != instrument.currency {
                return unknown("is paid in another currency than the prices are in");
            }
            Understood::Action(Action::Cash {
                ex_date,
                amount: f64_from_decimal(cash.amount),
            })
        }
        (TransactionKind::SymbolChange, ..) => Understood::Nothing,
        _ => unknown("takes a part of the price that its terms do not tell"),
    }
}

fn told(unapplied: Unapplied) -> String {
    match unapplied {
        Unapplied::NoClose { ex_date } => {
            format!("the payment of {ex_date} has no close before it")
        }
        Unapplied::TooLarge {
            ex_date,
            amount,
            close,
        } => {
            format!("the payment of {ex_date}, {amount}, is not below the close before it, {close}")
        }
        Unapplied::Senseless { ex_date } => {
            format!("the action of {ex_date} has a ratio or an amount that is not above zero")
        }
    }
}
