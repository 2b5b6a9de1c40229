use std::{collections::BTreeMap, iter::Sum, ops::AddAssign};

use jiff::{ToSpan, civil::Date};
use ledger::{AssetIndex, CostBasis, Realization, Side, TransactionKind};
use market::InstrumentId;
use money::{Currency, round_computed};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wash_sales::{self, WashSale};
use crate::{portfolios::PortfolioId, valuation::Valuation};

/// Months after which a gain is long-term, unless something else is asked for.
pub(super) const LONG_TERM_MONTHS: u16 = 12;

/// What a report of gains is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// Sales of this calendar year; all years unless given.
    pub(super) year: Option<i16>,
    /// A gain is long-term when the shares were sold later than this many months after their
    /// purchase.
    pub(super) long_term_months: u16,
    /// The cost basis asked for; each portfolio's own unless given.
    pub(super) cost_basis: Option<CostBasis>,
}

/// Realised gains, one line for every lot that a sale closed. Amounts are in `currency` unless they say
/// otherwise, exact and unrounded: lines add up to every subtotal and to the totals.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct GainsReport {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(super) currency: Currency,
    /// The last day that counts.
    #[schema(value_type = String, format = Date)]
    pub(super) as_of: Date,
    /// The year of the lines; absent for all years.
    pub(super) year: Option<i16>,
    /// The cost basis asked for; absent when it is each portfolio's own.
    #[schema(value_type = Option<String>)]
    pub(super) cost_basis: Option<CostBasis>,
    /// Months after which a gain is long-term.
    pub(super) long_term_months: u16,
    /// Oldest sale first.
    pub(super) lines: Vec<GainLine>,
    /// The lines by instrument, largest gain first.
    pub(super) instruments: Vec<InstrumentGains>,
    /// The lines by holding period.
    pub(super) terms: Vec<TermGains>,
    /// Their sum.
    pub(super) totals: GainSums,
    /// Every year with sales, newest first, whatever year was asked for.
    pub(super) years: Vec<YearGains>,
    /// Losses of the lines whose instrument was bought again within thirty days. For information: what
    /// a tax office makes of it depends on where one lives.
    pub(super) wash_sales: Vec<WashSale>,
}

/// Amounts of one or many sales in the currency of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct GainSums {
    /// What the sales brought, net of their charges, at the rate of the sale.
    #[schema(value_type = String)]
    pub(super) proceeds: Decimal,
    /// What the shares had cost, with charges, at the rate of the purchase.
    #[schema(value_type = String)]
    pub(super) cost: Decimal,
    /// Proceeds less cost.
    #[schema(value_type = String)]
    pub(super) gain: Decimal,
    /// The part of the gain that the price made, at the rate of the sale.
    #[schema(value_type = String)]
    pub(super) price_gain: Decimal,
    /// The part of the gain that the exchange rate made.
    #[schema(value_type = String)]
    pub(super) currency_gain: Decimal,
    /// Fees and taxes of purchase and sale, within proceeds and cost.
    #[schema(value_type = String)]
    pub(super) charges: Decimal,
}

impl GainSums {
    pub(super) fn of(realization: &Realization) -> Self {
        let gain = realization.gain_base();
        let currency_gain = round_computed(realization.currency_gain_base());
        Self {
            proceeds: realization.proceeds_base,
            cost: realization.cost_base,
            gain,
            price_gain: gain - currency_gain,
            currency_gain,
            charges: realization.charges_base,
        }
        .normalized()
    }

    fn normalized(self) -> Self {
        Self {
            proceeds: self.proceeds.normalize(),
            cost: self.cost.normalize(),
            gain: self.gain.normalize(),
            price_gain: self.price_gain.normalize(),
            currency_gain: self.currency_gain.normalize(),
            charges: self.charges.normalize(),
        }
    }
}

impl AddAssign for GainSums {
    fn add_assign(&mut self, more: Self) {
        *self = Self {
            proceeds: self.proceeds + more.proceeds,
            cost: self.cost + more.cost,
            gain: self.gain + more.gain,
            price_gain: self.price_gain + more.price_gain,
            currency_gain: self.currency_gain + more.currency_gain,
            charges: self.charges + more.charges,
        }
        .normalized();
    }
}

impl Sum for GainSums {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), |mut total, sums| {
            total += sums;
            total
        })
    }
}

/// How long shares were held, by the threshold of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Term {
    /// Up to the threshold, and every short position.
    Short,
    /// Longer than the threshold.
    Long,
    /// With average cost no date of purchase belongs to a sale.
    Unknown,
}

impl Term {
    const ALL: [Self; 3] = [Self::Short, Self::Long, Self::Unknown];

    /// Short positions are short-term however long they were open: the shares that closed them were
    /// held for no time.
    pub(super) fn of(realization: &Realization, long_term_months: u16) -> Self {
        let long_after = realization
            .acquired_on
            .map(|day| day.saturating_add(i32::from(long_term_months).months()));
        match (realization.side, long_after) {
            (_, None) => Self::Unknown,
            (Side::Short, _) => Self::Short,
            (Side::Long, Some(day)) if realization.sold_on > day => Self::Long,
            (Side::Long, Some(_)) => Self::Short,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
            Self::Unknown => "unknown",
        }
    }
}

/// What one sale took out of one lot.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct GainLine {
    /// The portfolio.
    #[schema(value_type = Uuid)]
    pub(super) portfolio_id: PortfolioId,
    /// Its name.
    pub(super) portfolio: String,
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(super) instrument_id: InstrumentId,
    /// Its symbol.
    pub(super) symbol: String,
    /// The type of the transaction that closed the lot.
    #[schema(value_type = String)]
    pub(super) kind: TransactionKind,
    /// `long`, or `short` where the sale came first.
    #[schema(value_type = String)]
    pub(super) side: Side,
    /// When the lot was opened; absent with average cost.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) acquired_on: Option<Date>,
    /// When it was closed.
    #[schema(value_type = String, format = Date)]
    pub(super) sold_on: Date,
    /// Days between the two; absent with average cost.
    pub(super) days: Option<i32>,
    /// `short`, `long` or, with average cost, `unknown`.
    pub(super) term: Term,
    /// Shares; zero where a return of capital exceeded the cost.
    #[schema(value_type = String)]
    pub(super) quantity: Decimal,
    /// Amounts in the currency of the report.
    #[serde(flatten)]
    pub(super) sums: GainSums,
    /// The currency in which the instrument is quoted.
    #[schema(value_type = String)]
    pub(super) local_currency: Currency,
    /// Proceeds in that currency.
    #[schema(value_type = String)]
    pub(super) local_proceeds: Decimal,
    /// Cost in that currency.
    #[schema(value_type = String)]
    pub(super) local_cost: Decimal,
    /// The transaction that opened the lot; absent with average cost.
    pub(super) opened_by: Option<Uuid>,
    /// The transaction that closed it.
    pub(super) closed_by: Uuid,
}

/// The sales of one instrument.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct InstrumentGains {
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(super) instrument_id: InstrumentId,
    /// Its symbol.
    pub(super) symbol: String,
    /// Its name.
    pub(super) name: String,
    /// How many lines.
    pub(super) lines: usize,
    /// Their sums.
    #[serde(flatten)]
    pub(super) sums: GainSums,
}

/// The sales of one holding period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct TermGains {
    /// Which.
    pub(super) term: Term,
    /// How many lines.
    pub(super) lines: usize,
    /// Their sums.
    #[serde(flatten)]
    pub(super) sums: GainSums,
}

/// The sales of one calendar year.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct YearGains {
    /// Which.
    pub(super) year: i16,
    /// How many lines.
    pub(super) lines: usize,
    /// Their sums.
    #[serde(flatten)]
    pub(super) sums: GainSums,
}

impl GainLine {
    /// `long` or `short`.
    pub(super) fn side_word(&self) -> &'static str {
        match self.side {
            Side::Long => "long",
            Side::Short => "short",
        }
    }
}

impl GainsReport {
    /// Reads the report off a valuation.
    pub(super) fn new(valuation: &Valuation, question: Question) -> Self {
        let mut sold: Vec<(usize, &Realization)> = valuation
            .parts
            .iter()
            .enumerate()
            .flat_map(|(part, p)| p.books.realizations.iter().map(move |sale| (part, sale)))
            .collect();
        sold.sort_by_key(|(_, sale)| sale.sold_on);
        let years = subtotals(sold.iter().map(|(_, sale)| (sale.sold_on.year(), *sale)));
        sold.retain(|(_, sale)| question.covers(sale.sold_on));
        let by_asset = subtotals(sold.iter().map(|(_, sale)| (sale.asset, *sale)));
        let term = |sale: &Realization| Term::of(sale, question.long_term_months);
        let by_term = subtotals(sold.iter().map(|(_, sale)| (term(sale), *sale)));
        let lines: Vec<GainLine> = sold
            .iter()
            .map(|(part, sale)| line(valuation, *part, sale, term(sale)))
            .collect();
        let wash_sales = wash_sales::wash_sales(valuation)
            .into_iter()
            .filter(|flag| question.covers(flag.sold_on))
            .collect();
        Self {
            currency: valuation.base,
            as_of: valuation.as_of,
            year: question.year,
            cost_basis: question.cost_basis,
            long_term_months: question.long_term_months,
            totals: lines.iter().map(|line| line.sums).sum(),
            instruments: instruments(valuation, by_asset),
            terms: Term::ALL
                .into_iter()
                .filter_map(|term| {
                    let (lines, sums) = *by_term.get(&term)?;
                    Some(TermGains { term, lines, sums })
                })
                .collect(),
            years: years
                .into_iter()
                .rev()
                .map(|(year, (lines, sums))| YearGains { year, lines, sums })
                .collect(),
            lines,
            wash_sales,
        }
    }
}

impl Question {
    fn covers(self, day: Date) -> bool {
        self.year.is_none_or(|year| year == day.year())
    }
}

/// How many lines, and their sums, by a property of each.
fn subtotals<'a, K: Ord>(
    sales: impl Iterator<Item = (K, &'a Realization)>,
) -> BTreeMap<K, (usize, GainSums)> {
    let mut subtotals: BTreeMap<K, (usize, GainSums)> = BTreeMap::new();
    for (key, sale) in sales {
        let (lines, sums) = subtotals.entry(key).or_default();
        *lines += 1;
        *sums += GainSums::of(sale);
    }
    subtotals
}

fn line(valuation: &Valuation, part: usize, sale: &Realization, term: Term) -> GainLine {
    let portfolio = &valuation.portfolios[part];
    let instrument = valuation.instrument(sale.asset);
    GainLine {
        portfolio_id: portfolio.id,
        portfolio: portfolio.name.clone(),
        instrument_id: instrument.id,
        symbol: instrument.symbol.clone(),
        kind: sale.kind,
        side: sale.side,
        acquired_on: sale.acquired_on,
        sold_on: sale.sold_on,
        days: sale.acquired_on.map(|day| (sale.sold_on - day).get_days()),
        term,
        quantity: sale.quantity.normalize(),
        sums: GainSums::of(sale),
        local_currency: valuation.asset_currency(sale.asset),
        local_proceeds: sale.proceeds.normalize(),
        local_cost: sale.cost.normalize(),
        opened_by: sale.lot,
        closed_by: sale.entry,
    }
}

fn instruments(
    valuation: &Valuation,
    by_asset: BTreeMap<AssetIndex, (usize, GainSums)>,
) -> Vec<InstrumentGains> {
    let mut instruments: Vec<InstrumentGains> = by_asset
        .into_iter()
        .map(|(asset, (lines, sums))| {
            let instrument = valuation.instrument(asset);
            InstrumentGains {
                instrument_id: instrument.id,
                symbol: instrument.symbol.clone(),
                name: instrument.name.clone(),
                lines,
                sums,
            }
        })
        .collect();
    instruments.sort_by(|a, b| {
        let by_gain = b.sums.gain.cmp(&a.sums.gain);
        by_gain.then_with(|| a.symbol.cmp(&b.symbol))
    });
    instruments
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn sale(side: Side, acquired_on: Option<Date>, sold_on: Date) -> Realization {
        Realization {
            entry: Uuid::from_u128(2),
            kind: TransactionKind::Sell,
            side,
            lot: None,
            asset: AssetIndex(0),
            acquired_on,
            sold_on,
            quantity: 10.into(),
            proceeds: 1200.into(),
            cost: 1000.into(),
            proceeds_base: 1080.into(),
            cost_base: 800.into(),
            charges_base: 3.into(),
        }
    }

    #[test]
    fn long_term_begins_the_day_after_the_months_have_passed() {
        let bought = Some(date(2024, 3, 1));
        let term = |side, acquired, sold| Term::of(&sale(side, acquired, sold), 12);
        assert_eq!(term(Side::Long, bought, date(2025, 3, 1)), Term::Short);
        assert_eq!(term(Side::Long, bought, date(2025, 3, 2)), Term::Long);
        // The leap day has its anniversary on the last of February.
        let leap = Some(date(2024, 2, 29));
        assert_eq!(term(Side::Long, leap, date(2025, 2, 28)), Term::Short);
        assert_eq!(term(Side::Long, leap, date(2025, 3, 1)), Term::Long);
        assert_eq!(term(Side::Short, bought, date(2030, 1, 1)), Term::Short);
        assert_eq!(term(Side::Long, None, date(2030, 1, 1)), Term::Unknown);
    }

    #[test]
    fn price_and_currency_are_all_of_a_gain() {
        // Long: 1000 dollars from 0.80 to 0.90. Short: the same amounts, but 1200 came first at 0.90
        // and 1000 went at 0.80, so 1200 dollars that were owed became cheaper by 0.10.
        let day = date(2025, 1, 1);
        let long = GainSums::of(&sale(Side::Long, None, day));
        assert_eq!(
            (long.gain, long.price_gain, long.currency_gain),
            (280.into(), 180.into(), 100.into())
        );
        let short = GainSums::of(&sale(Side::Short, None, day));
        assert_eq!(
            (short.gain, short.price_gain, short.currency_gain),
            (280.into(), 160.into(), 120.into())
        );
    }
}
