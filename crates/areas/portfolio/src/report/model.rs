use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::CostBasis;
use money::Currency;
use performance::Summary;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::valuation::{Holding, PlacedFinding, Valuation};

/// A portfolio at the close of a day. Amounts are decimal strings in the portfolio's currency unless
/// they say otherwise; ratios are numbers, 0.12 being 12 %.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PortfolioReport {
    /// Its name.
    pub portfolio: String,
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub as_of: Date,
    /// The day at whose end the transactions were stored like this; absent: as they are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub known_on: Option<Date>,
    /// Whether what brokers state differs from the books, and nobody accepted it.
    pub is_unreconciled: bool,
    /// The first day of the performance figures.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// How the cost of sold shares was chosen.
    #[schema(value_type = String)]
    pub cost_basis_method: CostBasis,
    /// Holdings and cash.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// Balance per currency, in that currency.
    #[schema(value_type = BTreeMap<String, String>)]
    pub cash: BTreeMap<Currency, Decimal>,
    /// Deposits and transfers in less withdrawals and transfers out, since inception.
    #[schema(value_type = String)]
    pub net_invested: Decimal,
    /// One per instrument, largest value first; closed ones stay with quantity 0 when they have
    /// realised gains, dividends or fees.
    pub holdings: Vec<HoldingReport>,
    /// Sums of the holdings, and cash.
    pub totals: TotalsReport,
    /// Performance from `from` to `as_of`.
    pub performance: PerformanceReport,
    /// What does not add up.
    #[schema(value_type = Vec<Object>)]
    pub findings: Vec<PlacedFinding>,
}

/// One instrument of a report. Amounts are in the report's currency.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HoldingReport {
    /// Symbol of the instrument.
    pub symbol: String,
    /// Its name.
    pub name: String,
    /// The currency in which it is quoted.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// Shares held.
    #[schema(value_type = String)]
    pub quantity: Decimal,
    /// Cost of one share held, with fees.
    #[schema(value_type = String)]
    pub average_cost: Decimal,
    /// Cost of the shares held, with fees.
    #[schema(value_type = String)]
    pub cost_basis: Decimal,
    /// Value of one share; absent without a price.
    #[schema(value_type = Option<String>)]
    pub price: Option<Decimal>,
    /// Last close in the instrument's currency.
    #[schema(value_type = Option<String>)]
    pub local_price: Option<Decimal>,
    /// Day of that close.
    #[schema(value_type = Option<String>, format = Date)]
    pub price_on: Option<Date>,
    /// Value of the shares held; their cost when there is no price.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// Value in the instrument's currency.
    #[schema(value_type = String)]
    pub local_value: Decimal,
    /// Value less cost.
    #[schema(value_type = String)]
    pub unrealized_gain: Decimal,
    /// The part of it that the price made, at today's rate.
    #[schema(value_type = String)]
    pub price_gain: Decimal,
    /// The part of it that the exchange rate made.
    #[schema(value_type = String)]
    pub currency_gain: Decimal,
    /// Proceeds less cost of what was sold, net of fees.
    #[schema(value_type = String)]
    pub realized_gain: Decimal,
    /// The same in the instrument's currency.
    #[schema(value_type = String)]
    pub local_realized_gain: Decimal,
    /// Gross dividends.
    #[schema(value_type = String)]
    pub dividends: Decimal,
    /// The same in the instrument's currency.
    #[schema(value_type = String)]
    pub local_dividends: Decimal,
    /// Fees of its trades and charges booked on it; already within cost and gains.
    #[schema(value_type = String)]
    pub fees: Decimal,
    /// Taxes likewise.
    #[schema(value_type = String)]
    pub taxes: Decimal,
    /// Whether a broker states another number of shares, and nobody accepted it.
    pub is_unreconciled: bool,
}

/// Sums of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TotalsReport {
    /// Holdings and cash.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// Holdings.
    #[schema(value_type = String)]
    pub holdings_value: Decimal,
    /// Cash of all currencies.
    #[schema(value_type = String)]
    pub cash: Decimal,
    /// Cost of the shares held.
    #[schema(value_type = String)]
    pub cost_basis: Decimal,
    /// Value less cost.
    #[schema(value_type = String)]
    pub unrealized_gain: Decimal,
    /// The part of it that prices made.
    #[schema(value_type = String)]
    pub price_gain: Decimal,
    /// The part of it that exchange rates made.
    #[schema(value_type = String)]
    pub currency_gain: Decimal,
    /// Proceeds less cost of what was sold.
    #[schema(value_type = String)]
    pub realized_gain: Decimal,
    /// Gross dividends.
    #[schema(value_type = String)]
    pub dividends: Decimal,
    /// Interest.
    #[schema(value_type = String)]
    pub interest: Decimal,
    /// All fees, those that belong to no instrument too.
    #[schema(value_type = String)]
    pub fees: Decimal,
    /// All taxes.
    #[schema(value_type = String)]
    pub taxes: Decimal,
}

/// Performance figures of a period; what is not available is absent and explained.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct PerformanceReport {
    /// Time-weighted return, daily linked, not annualised.
    pub twr: Option<f64>,
    /// Money-weighted return per year (XIRR, actual/365).
    pub mwr: Option<f64>,
    /// Gain over start value and inflows.
    pub simple: Option<f64>,
    /// Depth of the deepest fall of the time-weighted index, zero or negative: -0.25 is a fall of 25 %.
    pub max_drawdown: Option<f64>,
    /// Standard deviation of the daily returns, annualised.
    pub volatility: Option<f64>,
    /// Why a figure is absent.
    pub not_available: BTreeMap<&'static str, String>,
}

impl PerformanceReport {
    /// The figures of a summary.
    pub fn new(summary: Option<&Summary>) -> Self {
        let Some(summary) = summary else {
            let why = "there are no transactions".to_owned();
            let figures = ["twr", "mwr", "simple", "max_drawdown", "volatility"];
            return Self {
                not_available: figures
                    .into_iter()
                    .map(|figure| (figure, why.clone()))
                    .collect(),
                ..Self::default()
            };
        };
        let mut not_available = BTreeMap::new();
        let mut take = |name, figure: Result<f64, String>| {
            figure.map_err(|why| not_available.insert(name, why)).ok()
        };
        let twr = take("twr", summary.twr.map_err(|e| e.to_string()));
        let mwr = match &summary.mwr {
            Ok(xirr) => take("mwr", Ok(xirr.rate)),
            Err(error) => take("mwr", Err(error.to_string())),
        };
        let simple = take("simple", summary.simple.map_err(|e| e.to_string()));
        let max_drawdown = match &summary.max_drawdown {
            Ok(drawdown) => take("max_drawdown", Ok(drawdown.depth)),
            Err(error) => take("max_drawdown", Err(error.to_string())),
        };
        let volatility = take("volatility", summary.volatility.map_err(|e| e.to_string()));
        Self {
            twr,
            mwr,
            simple,
            max_drawdown,
            volatility,
            not_available,
        }
    }
}

impl HoldingReport {
    /// One holding of a valuation.
    pub fn new(valuation: &Valuation, holding: &Holding) -> Self {
        let instrument = valuation.instrument(holding.asset);
        // A contract is quoted by the share.
        let units = holding.quantity.checked_mul(instrument.multiplier);
        let per_share = |amount: Decimal| {
            units
                .and_then(|units| amount.checked_div(units))
                .map_or(Decimal::ZERO, stored)
        };
        Self {
            symbol: instrument.symbol.clone(),
            name: instrument.name.clone(),
            currency: valuation.asset_currency(holding.asset),
            quantity: holding.quantity.normalize(),
            average_cost: per_share(holding.cost),
            cost_basis: stored(holding.cost),
            price: (holding.is_priced && !holding.quantity.is_zero())
                .then(|| per_share(holding.value)),
            local_price: holding.local_price.map(stored),
            price_on: holding.price_on,
            value: stored(holding.value),
            local_value: stored(holding.local_value),
            unrealized_gain: stored(holding.unrealized_gain),
            price_gain: stored(holding.price_gain),
            currency_gain: stored(holding.currency_gain),
            realized_gain: stored(holding.realized_gain),
            local_realized_gain: stored(holding.local_realized_gain),
            dividends: stored(holding.dividends),
            local_dividends: stored(holding.local_dividends),
            fees: stored(holding.fees),
            taxes: stored(holding.taxes),
            is_unreconciled: valuation.is_unreconciled_in(&instrument.symbol),
        }
    }
}

impl TotalsReport {
    /// The sums of a valuation.
    pub fn new(valuation: &Valuation) -> Self {
        let totals = &valuation.totals;
        Self {
            value: stored(totals.value),
            holdings_value: stored(totals.holdings_value),
            cash: stored(totals.cash),
            cost_basis: stored(totals.cost),
            unrealized_gain: stored(totals.unrealized_gain),
            price_gain: stored(totals.price_gain),
            currency_gain: stored(totals.currency_gain),
            realized_gain: stored(totals.realized_gain),
            dividends: stored(totals.dividends),
            interest: stored(totals.interest),
            fees: stored(totals.fees),
            taxes: stored(totals.taxes),
        }
    }
}

/// As stored: eight digits, without trailing zeros.
pub(crate) fn stored(amount: Decimal) -> Decimal {
    money::round_to_store(amount).normalize()
}
