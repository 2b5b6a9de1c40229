use std::{collections::BTreeMap, ops::AddAssign};

use jiff::civil::Date;
use ledger::{AssetIndex, Income, TransactionKind};
use market::{AssetClass, InstrumentId};
use money::{Currency, f64_from_decimal};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    payers::Payer,
    projection::{self, Projection},
};
use crate::{
    portfolios::PortfolioId,
    valuation::{Holding, Valuation},
};

/// Income up to a day. Amounts are in `currency` unless they say otherwise, exact and unrounded:
/// payments add up to every subtotal and to the totals.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct IncomeReport {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(super) currency: Currency,
    /// The last day that counts.
    #[schema(value_type = String, format = Date)]
    pub(super) as_of: Date,
    /// The year of payments, instruments, currencies and totals; absent for all years.
    pub(super) year: Option<i16>,
    /// Oldest first.
    pub(super) payments: Vec<Payment>,
    /// Their sums.
    pub(super) totals: IncomeSums,
    /// The payments by instrument, highest net first; interest stands apart.
    pub(super) instruments: Vec<InstrumentIncome>,
    /// The payments by the currency in which they were made.
    pub(super) currencies: Vec<CurrencyIncome>,
    /// Every year with income, newest first, whatever year was asked for.
    pub(super) years: Vec<YearIncome>,
    /// Every month with income, newest first, whatever year was asked for.
    pub(super) months: Vec<MonthIncome>,
    /// What the next twelve months may bring.
    pub(super) projection: Projection,
}

/// Sums of payments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct IncomeSums {
    /// Gross dividends, paid in cash, reinvested or paid in shares.
    #[schema(value_type = String)]
    pub(super) dividends: Decimal,
    /// Interest; paid interest counts as negative.
    #[schema(value_type = String)]
    pub(super) interest: Decimal,
    /// Taxes withheld.
    #[schema(value_type = String)]
    pub(super) withheld: Decimal,
    /// Fees of the payments.
    #[schema(value_type = String)]
    pub(super) fees: Decimal,
    /// Dividends and interest less withheld taxes and fees.
    #[schema(value_type = String)]
    pub(super) net: Decimal,
    /// Capital that was given back: it reduced the cost of the shares and is no income.
    #[schema(value_type = String)]
    pub(super) return_of_capital: Decimal,
}

impl IncomeSums {
    fn of(paid: &Income) -> Self {
        let only = |is_it: bool| {
            if is_it {
                paid.amount_base
            } else {
                Decimal::ZERO
            }
        };
        let capital = only(paid.kind == TransactionKind::ReturnOfCapital);
        Self {
            dividends: only(is_dividend(paid.kind)).normalize(),
            interest: only(paid.kind == TransactionKind::Interest).normalize(),
            withheld: paid.taxes_base.normalize(),
            fees: paid.fees_base.normalize(),
            net: (paid.net_base() - capital).normalize(),
            return_of_capital: capital.normalize(),
        }
    }
}

impl AddAssign for IncomeSums {
    fn add_assign(&mut self, more: Self) {
        *self = Self {
            dividends: (self.dividends + more.dividends).normalize(),
            interest: (self.interest + more.interest).normalize(),
            withheld: (self.withheld + more.withheld).normalize(),
            fees: (self.fees + more.fees).normalize(),
            net: (self.net + more.net).normalize(),
            return_of_capital: (self.return_of_capital + more.return_of_capital).normalize(),
        };
    }
}

fn is_dividend(kind: TransactionKind) -> bool {
    matches!(
        kind,
        TransactionKind::Dividend
            | TransactionKind::ReinvestedDividend
            | TransactionKind::StockDividend
    )
}

/// One payment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = IncomePayment)]
pub(super) struct Payment {
    /// The portfolio.
    #[schema(value_type = Uuid)]
    pub(super) portfolio_id: PortfolioId,
    /// Its name.
    pub(super) portfolio: String,
    /// The transaction.
    pub(super) transaction_id: Uuid,
    /// `dividend`, `reinvested_dividend`, `stock_dividend`, `interest`, `return_of_capital`, or `tax`
    /// for tax withheld by a transaction of its own.
    #[schema(value_type = String)]
    pub(super) kind: TransactionKind,
    /// When.
    #[schema(value_type = String, format = Date)]
    pub(super) date: Date,
    /// Who paid; absent for interest.
    #[schema(value_type = Option<Uuid>)]
    pub(super) instrument_id: Option<InstrumentId>,
    /// Its symbol.
    pub(super) symbol: Option<String>,
    /// Shares held then.
    #[schema(value_type = String)]
    pub(super) quantity: Decimal,
    /// The currency of the payment.
    #[schema(value_type = String)]
    pub(super) paid_currency: Currency,
    /// Gross in that currency.
    #[schema(value_type = String)]
    pub(super) paid_amount: Decimal,
    /// Tax withheld in that currency.
    #[schema(value_type = String)]
    pub(super) paid_withheld: Decimal,
    /// Amounts in the currency of the report.
    #[serde(flatten)]
    pub(super) sums: IncomeSums,
}

/// What one instrument paid.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct InstrumentIncome {
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(super) instrument_id: InstrumentId,
    /// Its symbol.
    pub(super) symbol: String,
    /// Its name.
    pub(super) name: String,
    /// How many payments.
    pub(super) payments: usize,
    /// Their sums.
    #[serde(flatten)]
    pub(super) sums: IncomeSums,
    /// Gross dividends of the last twelve months per share over the cost per share, both in the
    /// instrument's currency; absent when nothing is held or the shares cost nothing.
    pub(super) yield_on_cost: Option<f64>,
    /// The same over the last close; absent without shares or price.
    pub(super) trailing_yield: Option<f64>,
}

/// What was paid in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct CurrencyIncome {
    /// Which.
    #[schema(value_type = String)]
    pub(super) paid_currency: Currency,
    /// Gross income in it, returned capital left out.
    #[schema(value_type = String)]
    pub(super) paid_amount: Decimal,
    /// Withheld tax in it.
    #[schema(value_type = String)]
    pub(super) paid_withheld: Decimal,
    /// Amounts in the currency of the report.
    #[serde(flatten)]
    pub(super) sums: IncomeSums,
}

/// What was paid in one calendar year.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct YearIncome {
    /// Which.
    pub(super) year: i16,
    /// Its sums.
    #[serde(flatten)]
    pub(super) sums: IncomeSums,
}

/// What was paid in one month.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct MonthIncome {
    /// The year.
    pub(super) year: i16,
    /// 1 to 12.
    pub(super) month: i8,
    /// Its sums.
    #[serde(flatten)]
    pub(super) sums: IncomeSums,
}

impl IncomeReport {
    /// Reads the report off a valuation.
    pub(super) fn new(valuation: &Valuation, year: Option<i16>) -> Self {
        let mut paid: Vec<(usize, &Income)> = valuation
            .parts
            .iter()
            .enumerate()
            .flat_map(|(part, p)| p.books.income.iter().map(move |paid| (part, paid)))
            .filter(|(_, paid)| !is_repayment(valuation, paid))
            .collect();
        paid.sort_by_key(|(_, paid)| paid.date);
        let all = || paid.iter().map(|(_, paid)| *paid);
        let years = sums_by(all(), |paid| paid.date.year());
        let months = sums_by(all(), |paid| (paid.date.year(), paid.date.month()));
        let wanted = |paid: &Income| year.is_none_or(|year| year == paid.date.year());
        let chosen: Vec<&Income> = all().filter(|paid| wanted(paid)).collect();
        let mut totals = IncomeSums::default();
        for paid in &chosen {
            totals += IncomeSums::of(paid);
        }
        Self {
            currency: valuation.base,
            as_of: valuation.as_of,
            year,
            payments: paid
                .iter()
                .filter(|(_, paid)| wanted(paid))
                .map(|(part, paid)| payment(valuation, *part, paid))
                .collect(),
            totals,
            instruments: instruments(valuation, &chosen),
            currencies: currencies(&chosen),
            years: years
                .into_iter()
                .rev()
                .map(|(year, sums)| YearIncome { year, sums })
                .collect(),
            months: months
                .into_iter()
                .rev()
                .map(|((year, month), sums)| MonthIncome { year, month, sums })
                .collect(),
            projection: projection::project(valuation),
        }
    }
}

/// What is paid back of a debt is booked as capital that is returned, and nobody's income.
fn is_repayment(valuation: &Valuation, paid: &Income) -> bool {
    let is_owed = |asset| valuation.instrument(asset).asset_class == AssetClass::Liability;
    paid.kind == TransactionKind::ReturnOfCapital && paid.asset.is_some_and(is_owed)
}

fn sums_by<'a, K: Ord>(
    paid: impl Iterator<Item = &'a Income>,
    key: impl Fn(&Income) -> K,
) -> BTreeMap<K, IncomeSums> {
    let mut sums: BTreeMap<K, IncomeSums> = BTreeMap::new();
    for paid in paid {
        *sums.entry(key(paid)).or_default() += IncomeSums::of(paid);
    }
    sums
}

fn payment(valuation: &Valuation, part: usize, paid: &Income) -> Payment {
    let portfolio = &valuation.portfolios[part];
    let instrument = paid.asset.map(|asset| valuation.instrument(asset));
    Payment {
        portfolio_id: portfolio.id,
        portfolio: portfolio.name.clone(),
        transaction_id: paid.entry,
        kind: paid.kind,
        date: paid.date,
        instrument_id: instrument.map(|i| i.id),
        symbol: instrument.map(|i| i.symbol.clone()),
        quantity: paid.quantity.normalize(),
        paid_currency: paid.currency,
        paid_amount: paid.amount.normalize(),
        paid_withheld: paid.taxes.normalize(),
        sums: IncomeSums::of(paid),
    }
}

fn instruments(valuation: &Valuation, paid: &[&Income]) -> Vec<InstrumentIncome> {
    let mut by_asset: BTreeMap<AssetIndex, (usize, IncomeSums)> = BTreeMap::new();
    for paid in paid {
        let Some(asset) = paid.asset else { continue };
        let (payments, sums) = by_asset.entry(asset).or_default();
        *payments += usize::from(paid.kind != TransactionKind::Tax);
        *sums += IncomeSums::of(paid);
    }
    let mut instruments: Vec<InstrumentIncome> = by_asset
        .into_iter()
        .map(|(asset, (payments, sums))| {
            let instrument = valuation.instrument(asset);
            let holding = valuation.open_holdings().find(|h| h.asset == asset);
            let (yield_on_cost, trailing_yield) =
                holding.map_or((None, None), |holding| yields(valuation, holding));
            InstrumentIncome {
                instrument_id: instrument.id,
                symbol: instrument.symbol.clone(),
                name: instrument.name.clone(),
                payments,
                sums,
                yield_on_cost,
                trailing_yield,
            }
        })
        .collect();
    instruments.sort_by(|a, b| {
        let by_net = b.sums.net.cmp(&a.sums.net);
        by_net.then_with(|| a.symbol.cmp(&b.symbol))
    });
    instruments
}

/// Yield on cost and trailing yield of what is held, by the payments of the last twelve months.
fn yields(valuation: &Valuation, holding: &Holding) -> (Option<f64>, Option<f64>) {
    let trailing = Payer::of(valuation, holding.asset).trailing(valuation.as_of);
    let income = trailing.checked_mul(holding.quantity);
    let over = |whole: Decimal| {
        let ratio = income?.checked_div(whole)?;
        Some(f64_from_decimal(ratio))
    };
    let value = Some(holding.local_value).filter(|_| holding.local_price.is_some());
    (over(holding.local_cost), value.and_then(over))
}

fn currencies(paid: &[&Income]) -> Vec<CurrencyIncome> {
    let mut by_currency: BTreeMap<Currency, CurrencyIncome> = BTreeMap::new();
    for paid in paid {
        let entry = by_currency
            .entry(paid.currency)
            .or_insert_with(|| CurrencyIncome {
                paid_currency: paid.currency,
                paid_amount: Decimal::ZERO,
                paid_withheld: Decimal::ZERO,
                sums: IncomeSums::default(),
            });
        if paid.kind != TransactionKind::ReturnOfCapital {
            entry.paid_amount = (entry.paid_amount + paid.amount).normalize();
        }
        entry.paid_withheld = (entry.paid_withheld + paid.taxes).normalize();
        entry.sums += IncomeSums::of(paid);
    }
    by_currency.into_values().collect()
}
