//! How a figure came about: its formula in words, the inputs with source, date, age and quality, and
//! the steps from them to the result.
//!
//! One mechanism for all figures: [`Figure`] names them, [`Way`] leads from a page to the trail of one,
//! [`TrailQuery`] reads the address, and [`service::trace`] asks the slice that shows the figure. The
//! result is always read from what the page itself reads, never computed another time.

pub(crate) mod api;
mod figure;
mod holding;
mod origin;
pub(crate) mod pages;
mod query;
mod service;
mod total;
mod whole;

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::AssetIndex;
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    scope::Scope,
    valuation::{Holding as HeldNow, Valuation},
};

pub(crate) use figure::{Figure, figures};
pub(crate) use holding::{Holding, priced};
pub(crate) use origin::{Origins, origins};
pub(crate) use query::{TrailQuery, Way};
pub(crate) use service::Asked;
pub(crate) use total::{Comparison, Total};
pub(crate) use whole::{Whole, cash_balances};

/// Inputs that a trail lists at most; the rest is summed, in one for each currency.
const MOST_INPUTS: usize = 200;
/// A price counts as current for so many days.
const CURRENT_DAYS: i32 = 7;
/// The source of what was recorded or imported.
const TRANSACTIONS: &str = "your transactions";

/// How a figure came about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Trail {
    /// What it is called.
    pub(crate) title: String,
    /// Its formula in words.
    pub(crate) formula: &'static str,
    /// The figure.
    pub(crate) result: Amount,
    /// What it was made of.
    pub(crate) inputs: Vec<Input>,
    /// From the inputs to the result.
    pub(crate) steps: Vec<Step>,
    /// Whether pages show it as a change, with its sign.
    #[serde(skip)]
    is_signed: bool,
}

impl Trail {
    /// A figure with its formula; inputs and steps follow.
    pub(crate) fn new(figure: impl Into<Figure>, result: Amount) -> Self {
        let figure = figure.into();
        Self {
            title: figure.title().to_owned(),
            formula: figure.formula(),
            result,
            inputs: Vec::new(),
            steps: Vec::new(),
            is_signed: false,
        }
    }

    /// What it is the figure of.
    pub(crate) fn about(self, what: &str) -> Self {
        Self {
            title: format!("{} · {what}", self.title),
            ..self
        }
    }

    /// It is a change.
    pub(crate) fn signed(self) -> Self {
        self.signed_if(true)
    }

    /// It is a change where `is_signed` says so.
    pub(crate) fn signed_if(self, is_signed: bool) -> Self {
        Self { is_signed, ..self }
    }

    /// Its inputs, the newest of many.
    pub(crate) fn inputs(self, inputs: Vec<Input>) -> Self {
        Self {
            inputs: newest(inputs),
            ..self
        }
    }

    /// Its inputs in an order that means something.
    pub(crate) fn ordered(self, inputs: Vec<Input>) -> Self {
        Self { inputs, ..self }
    }

    /// From the inputs to the result.
    pub(crate) fn steps(self, steps: Vec<Step>) -> Self {
        Self { steps, ..self }
    }
}

/// A figure with its unit.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "unit", rename_all = "snake_case")]
pub(crate) enum Amount {
    /// Money.
    Money {
        /// How much.
        #[schema(value_type = String)]
        amount: Decimal,
        /// Of which currency.
        #[schema(value_type = String)]
        currency: Currency,
    },
    /// A ratio, 0.12 being 12 %.
    Ratio {
        /// How much.
        value: f64,
    },
    /// A plain number, such as a ratio of two risks or a count of days.
    Number {
        /// How much.
        value: f64,
    },
    /// Not available, and why.
    Missing {
        /// Why.
        reason: String,
    },
}

impl Amount {
    /// A ratio, or why there is none.
    pub(crate) fn ratio<E: ToString>(value: Result<f64, E>) -> Self {
        value.map_or_else(
            |reason| Self::missing(reason.to_string()),
            |value| Self::Ratio { value },
        )
    }

    /// A number, or why there is none.
    pub(crate) fn number<E: ToString>(value: Result<f64, E>) -> Self {
        value.map_or_else(
            |reason| Self::missing(reason.to_string()),
            |value| Self::Number { value },
        )
    }

    pub(crate) fn missing(reason: impl Into<String>) -> Self {
        Self::Missing {
            reason: reason.into(),
        }
    }
}

/// One thing that went in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Input {
    /// What it is, in words with its figures.
    pub(crate) text: String,
    /// What it adds.
    pub(crate) amount: Amount,
    /// Where it comes from.
    pub(crate) source: String,
    /// Its day.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) on: Option<Date>,
    /// Days from then to the day of the valuation.
    pub(crate) age_days: Option<i32>,
    /// How good it is.
    pub(crate) quality: Quality,
    /// Where it can be seen.
    pub(crate) href: Option<String>,
}

/// How good an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quality {
    /// As recorded or observed.
    Good,
    /// Older than a week.
    Stale,
    /// Valued at its cost, for want of a price or rate.
    AtCost,
    /// A broker states something else.
    Unreconciled,
    /// Not there: something else stands in, as the text says.
    Missing,
    /// Of the simulated sample.
    Simulated,
}

/// A line of the computation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) text: String,
    /// What comes out.
    pub(crate) amount: Amount,
}

impl Input {
    /// What was chosen, in the address or in the settings.
    pub(crate) fn chosen(text: impl Into<String>, amount: Amount) -> Input {
        Input {
            text: text.into(),
            amount,
            source: "your choice".to_owned(),
            on: None,
            age_days: None,
            quality: Quality::Good,
            href: None,
        }
    }
}

impl Step {
    pub(crate) fn new(text: impl Into<String>, amount: Amount) -> Self {
        Self {
            text: text.into(),
            amount,
        }
    }
}

/// What a trail is made for.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) valuation: &'a Valuation,
    /// Who stated the prices, for trails into which prices go.
    origins: Option<&'a Origins>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(valuation: &'a Valuation, origins: Option<&'a Origins>) -> Self {
        Self { valuation, origins }
    }

    /// An amount in the currency of the totals.
    pub(crate) fn money(self, amount: Decimal) -> Amount {
        rounded(self.exact(amount))
    }

    /// An amount that is still to be summed with others; [`Trail::inputs`] rounds it.
    pub(crate) fn exact(self, amount: Decimal) -> Amount {
        Amount::Money {
            amount,
            currency: self.valuation.base,
        }
    }

    /// An amount of the daily series.
    pub(crate) fn float(self, amount: f64) -> Amount {
        match money::decimal_from_f64(amount) {
            Some(amount) => self.money(amount),
            None => Amount::Missing {
                reason: "the figure is too large to be stated".to_owned(),
            },
        }
    }

    pub(crate) fn age(self, on: Date) -> i32 {
        self.valuation
            .as_of
            .since(on)
            .map_or(0, |span| span.get_days())
    }

    /// The quality of an observation of a day.
    pub(crate) fn quality(self, on: Option<Date>) -> Quality {
        match on {
            None => Quality::Missing,
            Some(on) if self.age(on) > CURRENT_DAYS => Quality::Stale,
            Some(_) if self.valuation.is_simulated() => Quality::Simulated,
            Some(_) => Quality::Good,
        }
    }

    /// The quality of what was recorded.
    fn good(self) -> Quality {
        if self.valuation.is_simulated() {
            Quality::Simulated
        } else {
            Quality::Good
        }
    }

    /// The quality of a holding's value: of its price, unless a broker states another number of shares.
    pub(crate) fn quality_of(self, holding: &HeldNow) -> Quality {
        let symbol = &self.valuation.instrument(holding.asset).symbol;
        match holding.price_on.filter(|_| holding.is_priced) {
            None => Quality::AtCost,
            Some(_) if self.is_unreconciled("unreconciled_position", symbol) => {
                Quality::Unreconciled
            }
            on => self.quality(on),
        }
    }

    /// The quality of what a holding was worth at the close of a day: by its price of then.
    pub(crate) fn quality_at(self, asset: AssetIndex, on: Date) -> Quality {
        let prices = self.valuation.prices.get(asset.0 as usize);
        let price = prices
            .and_then(Option::as_ref)
            .and_then(|prices| prices.at(on));
        match price {
            None => Quality::AtCost,
            Some((day, _)) if (on - day).get_days() > CURRENT_DAYS => Quality::Stale,
            Some(_) => self.good(),
        }
    }

    /// Whether a broker states something else about shares or about a balance.
    pub(crate) fn is_unreconciled(self, code: &str, what: &str) -> bool {
        let mut findings = self.valuation.findings.iter().map(|placed| &placed.finding);
        findings.any(|finding| finding.code == code && finding.symbol.as_deref() == Some(what))
    }

    /// The gravest quality of everything that is held: what a value of all of it is worth.
    fn gravest(self) -> Quality {
        let all = self.valuation.open_holdings();
        let found: Vec<Quality> = all.map(|holding| self.quality_of(holding)).collect();
        let lacks_cash = self.valuation.cash.iter().any(|cash| cash.value.is_none());
        [
            Quality::Missing,
            Quality::AtCost,
            Quality::Unreconciled,
            Quality::Stale,
        ]
        .into_iter()
        .find(|one| found.contains(one) || (lacks_cash && *one == Quality::Missing))
        .unwrap_or_else(|| self.good())
    }

    /// What everything was worth at the close of a day.
    pub(crate) fn worth(
        self,
        text: String,
        amount: Amount,
        on: Date,
        href: Option<String>,
    ) -> Input {
        Input {
            text,
            amount,
            source: "your transactions, closes and exchange rates".to_owned(),
            on: Some(on),
            age_days: Some(self.age(on)),
            quality: if on == self.valuation.as_of {
                self.gravest()
            } else {
                self.good()
            },
            href,
        }
    }

    /// A sum of the books that has a trail of its own or needs none.
    pub(crate) fn booked(
        self,
        text: impl Into<String>,
        amount: Amount,
        href: Option<String>,
    ) -> Input {
        let as_of = self.valuation.as_of;
        Input {
            text: text.into(),
            amount,
            source: "the books".to_owned(),
            on: Some(as_of),
            age_days: Some(0),
            quality: self.good(),
            href,
        }
    }

    /// Where a holding is shown.
    pub(crate) fn holding_href(self, asset: AssetIndex) -> String {
        let only = match self.valuation.portfolios.as_slice() {
            [only] => Some(only.id),
            _ => None,
        };
        let scope = Scope::known(only, self.valuation.known_on);
        scope.holding_href(self.valuation.instrument(asset).id)
    }

    /// What somebody recorded or imported.
    pub(crate) fn recorded(
        self,
        text: String,
        amount: Amount,
        on: Date,
        id: Option<uuid::Uuid>,
    ) -> Input {
        Input {
            text,
            amount,
            source: TRANSACTIONS.to_owned(),
            on: Some(on),
            age_days: Some(self.age(on)),
            quality: self.good(),
            href: id.map(|id| Scope::known(None, self.valuation.known_on).transaction_href(id)),
        }
    }
}

/// A rate in words: inverted and crossed ones have more digits than anybody reads.
pub(crate) fn rate_text(rate: Decimal) -> Decimal {
    const DIGITS: u32 = 6;
    rate.round_sf(DIGITS).unwrap_or(rate).normalize()
}

/// The newest inputs, and the sum of the others: what is listed adds up to the whole.
fn newest(mut inputs: Vec<Input>) -> Vec<Input> {
    inputs.sort_by_key(|input| std::cmp::Reverse(input.on));
    let rest = inputs.split_off(inputs.len().min(MOST_INPUTS));
    let mut sums: BTreeMap<Currency, (usize, Decimal, Input)> = BTreeMap::new();
    for input in rest {
        let Amount::Money { amount, currency } = input.amount else {
            inputs.push(input);
            continue;
        };
        let (count, sum, newest) = sums
            .entry(currency)
            .or_insert_with(|| (0, Decimal::ZERO, input));
        *count += 1;
        *sum += amount;
        newest.href = None;
    }
    inputs.extend(
        sums.into_iter()
            .map(|(currency, (count, sum, newest))| Input {
                text: format!("{count} earlier ones together, the last of them of this day"),
                amount: Amount::Money {
                    amount: sum,
                    currency,
                },
                ..newest
            }),
    );
    for input in &mut inputs {
        input.amount = rounded(input.amount.clone());
    }
    inputs
}

/// Money in the digits of its currency.
fn rounded(amount: Amount) -> Amount {
    match amount {
        Amount::Money { amount, currency } => Amount::Money {
            amount: money::round_to_currency(amount, currency),
            currency,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(at: usize, amount: &str) -> Input {
        let start = jiff::civil::date(2026, 1, 1);
        Input {
            text: "Came in".to_owned(),
            amount: Amount::Money {
                amount: amount.parse().expect("a decimal"),
                currency: Currency::EUR,
            },
            source: TRANSACTIONS.to_owned(),
            on: Some(start.saturating_add(jiff::ToSpan::days(i64::try_from(at).expect("small")))),
            age_days: None,
            quality: Quality::Good,
            href: None,
        }
    }

    #[test]
    fn what_is_summed_is_rounded_once() {
        let inputs = (0..MOST_INPUTS + 50).map(|at| input(at, "0.333"));
        let listed = newest(inputs.collect());
        assert_eq!(listed.len(), MOST_INPUTS + 1);
        let amount = |input: &Input| match &input.amount {
            Amount::Money { amount, .. } => *amount,
            other => panic!("no money: {other:?}"),
        };
        assert_eq!(amount(&listed[0]), Decimal::new(33, 2));
        // 50 × 0.333, not 50 × 0.33.
        assert_eq!(amount(&listed[MOST_INPUTS]), Decimal::new(1665, 2));
    }
}
