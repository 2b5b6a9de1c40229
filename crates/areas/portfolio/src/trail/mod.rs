//! How a figure came about: its formula in words, the inputs with source, date, age and quality, and
//! the steps from them to the result.

pub(crate) mod api;
mod holding;
mod origin;
pub(crate) mod pages;
mod performance;
mod whole;

use std::collections::BTreeMap;

use ::performance::{Period, PeriodError};
use jiff::civil::Date;
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::Valuation,
};

pub(crate) use origin::{Origins, origins};

/// Inputs that a trail lists at most; the rest is summed, in one for each currency.
const MOST_INPUTS: usize = 200;
/// A price counts as current for so many days.
const CURRENT_DAYS: i32 = 7;
/// The source of what was recorded or imported.
const TRANSACTIONS: &str = "your transactions";

/// A figure that can say how it came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Figure {
    /// Holdings and cash.
    Value,
    /// Money in all currencies.
    Cash,
    /// Deposits less withdrawals.
    NetInvested,
    /// Value less net invested.
    Gain,
    /// Value of one holding.
    HoldingValue,
    /// Cost of the open lots of one holding.
    HoldingCost,
    /// Value less cost of one holding.
    UnrealizedGain,
    /// Proceeds less cost of what was sold of one holding.
    RealizedGain,
    /// Dividends of one holding.
    Dividends,
    /// Time-weighted return of a period.
    Twr,
    /// Money-weighted return of a period.
    Mwr,
    /// Simple return of a period.
    Simple,
}

impl Figure {
    /// Whether it is about one instrument.
    fn is_of_holding(self) -> bool {
        matches!(
            self,
            Self::HoldingValue
                | Self::HoldingCost
                | Self::UnrealizedGain
                | Self::RealizedGain
                | Self::Dividends
        )
    }

    /// The figure of a return, by the name that the performance has for it.
    pub(crate) fn of_return(key: &str) -> Option<Self> {
        [Self::Twr, Self::Mwr, Self::Simple]
            .into_iter()
            .find(|figure| figure.as_str() == key)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Cash => "cash",
            Self::NetInvested => "net_invested",
            Self::Gain => "gain",
            Self::HoldingValue => "holding_value",
            Self::HoldingCost => "holding_cost",
            Self::UnrealizedGain => "unrealized_gain",
            Self::RealizedGain => "realized_gain",
            Self::Dividends => "dividends",
            Self::Twr => "twr",
            Self::Mwr => "mwr",
            Self::Simple => "simple",
        }
    }
}

/// Which figure, of what.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrailQuery {
    /// Which figure.
    #[param(inline)]
    pub(crate) figure: Figure,
    /// One portfolio; all together unless given.
    #[serde(default, alias = "portfolio", deserialize_with = "empty_is_none")]
    #[param(value_type = Option<Uuid>)]
    pub(crate) portfolio_id: Option<PortfolioId>,
    /// The instrument, for figures of one holding.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<Uuid>)]
    pub(crate) instrument_id: Option<InstrumentId>,
    /// The period of a return; one year unless given.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) period: String,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) known_on: Option<Date>,
}

impl TrailQuery {
    fn scope(&self) -> Scope {
        Scope::known(self.portfolio_id, self.known_on)
    }

    fn period(&self) -> Result<Period, PeriodError> {
        match self.period.trim() {
            "" => Ok(Period::default()),
            word => word.parse(),
        }
    }

    /// What else stands in the address of the page.
    fn rest(&self) -> Vec<(&'static str, String)> {
        let mut rest = vec![("figure", self.figure.as_str().to_owned())];
        rest.extend(
            self.instrument_id
                .map(|id| ("instrument_id", id.to_string())),
        );
        let period = Some(self.period.clone()).filter(|period| !period.is_empty());
        rest.extend(period.map(|period| ("period", period)));
        rest
    }
}

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
    /// Not available, and why.
    Missing {
        /// Why.
        reason: String,
    },
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

/// What a trail is made for.
pub(crate) struct Place<'a> {
    pub(crate) valuation: &'a Valuation,
    pub(crate) origins: &'a Origins,
    pub(crate) days: Option<::performance::Days>,
}

impl Place<'_> {
    fn money(&self, amount: Decimal) -> Amount {
        rounded(self.exact(amount))
    }

    fn float(&self, amount: f64) -> Amount {
        rounded(self.exact_float(amount))
    }

    /// An amount that is still to be summed with others; [`newest`] rounds it.
    fn exact(&self, amount: Decimal) -> Amount {
        Amount::Money {
            amount,
            currency: self.valuation.base,
        }
    }

    fn exact_float(&self, amount: f64) -> Amount {
        match money::decimal_from_f64(amount) {
            Some(amount) => self.exact(amount),
            None => Amount::Missing {
                reason: "the figure is too large to be stated".to_owned(),
            },
        }
    }

    fn age(&self, on: Date) -> i32 {
        self.valuation
            .as_of
            .since(on)
            .map_or(0, |span| span.get_days())
    }

    /// The quality of an observation of a day.
    fn quality(&self, on: Option<Date>) -> Quality {
        match on {
            None => Quality::Missing,
            Some(on) if self.age(on) > CURRENT_DAYS => Quality::Stale,
            Some(_) if self.valuation.is_simulated() => Quality::Simulated,
            Some(_) => Quality::Good,
        }
    }

    /// What somebody recorded or imported.
    fn recorded(&self, text: String, amount: Amount, on: Date, id: Option<uuid::Uuid>) -> Input {
        Input {
            text,
            amount,
            source: TRANSACTIONS.to_owned(),
            on: Some(on),
            age_days: Some(self.age(on)),
            quality: if self.valuation.is_simulated() {
                Quality::Simulated
            } else {
                Quality::Good
            },
            href: id.map(|id| Scope::known(None, self.valuation.known_on).transaction_href(id)),
        }
    }
}

/// A rate in words: inverted and crossed ones have more digits than anybody reads.
fn rate_text(rate: Decimal) -> Decimal {
    const DIGITS: u32 = 6;
    rate.round_sf(DIGITS).unwrap_or(rate).normalize()
}

/// As people read it.
fn rounded(amount: Amount) -> Amount {
    match amount {
        Amount::Money { amount, currency } => Amount::Money {
            amount: money::round_to_currency(amount, currency),
            currency,
        },
        other => other,
    }
}

/// The newest inputs, and the sum of the others: what is listed adds up to the whole, but for the
/// rounding of each line. Takes exact amounts, and rounds them last.
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

/// How a figure of a valuation came about; `None` when it is about an instrument that was never held.
pub(crate) fn trail(
    valuation: &Valuation,
    origins: &Origins,
    query: &TrailQuery,
    period: Period,
) -> Option<Trail> {
    let holding = query.instrument_id.and_then(|id| {
        valuation
            .holdings
            .iter()
            .find(|holding| valuation.instrument(holding.asset).id == id)
    });
    if query.figure.is_of_holding() && holding.is_none() {
        return None;
    }
    let place = Place {
        valuation,
        origins,
        days: valuation.days(period),
    };
    Some(match query.figure {
        Figure::Value => whole::value(&place),
        Figure::Cash => whole::cash(&place),
        Figure::NetInvested => whole::net_invested(&place),
        Figure::Gain => whole::gain(&place),
        Figure::HoldingValue => holding::value(&place, holding?),
        Figure::HoldingCost => holding::cost(&place, holding?),
        Figure::UnrealizedGain => holding::unrealized(&place, holding?),
        Figure::RealizedGain => holding::realized(&place, holding?),
        Figure::Dividends => holding::dividends(&place, holding?),
        Figure::Twr => performance::twr(&place),
        Figure::Mwr => performance::mwr(&place),
        Figure::Simple => performance::simple(&place),
    })
}

/// The address of a trail.
pub(crate) fn href(
    figure: Figure,
    scope: &Scope,
    instrument: Option<InstrumentId>,
    period: Option<String>,
) -> String {
    let mut query = web::QueryString::new();
    query.push("figure", Some(figure.as_str()));
    query.push("portfolio", scope.portfolio.map(|id| id.0));
    query.push("instrument_id", instrument.map(|id| id.0));
    query.push("period", period);
    query.push("known_on", scope.known_on);
    format!("/portfolio/trail{}", query.finish())
}

/// A figure that leads to its trail.
pub(crate) fn traced(href: &str, shown: &maud::Markup) -> maud::Markup {
    maud::html! {
        a.figure href=(href) title="How this figure came about" { (shown) }
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
