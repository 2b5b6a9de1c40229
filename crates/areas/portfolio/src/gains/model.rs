use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{AssetIndex, CostBasis, Realization, Side, TransactionKind};
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    sums::{GainSums, Term},
    wash_sales::{self, WashSale},
};
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
    /// Whether what brokers state differs from the books, and nobody accepted it.
    pub(super) is_unreconciled: bool,
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
            .iter()
            .filter(|flag| question.covers(flag.sold_on))
            .cloned()
            .collect();
        Self {
            currency: valuation.base,
            as_of: valuation.as_of,
            is_unreconciled: valuation.is_unreconciled(),
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
