//! What the next twelve months may bring, if the last twelve are repeated.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use ledger::{AssetIndex, Income};
use market::InstrumentId;
use money::{Currency, round_computed};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::payers::{Frequency, Payer, year_before};
use crate::valuation::{Holding, Valuation};

/// How it is made, for everyone who sees it.
pub(super) const METHOD: &str = "Every payment of the last twelve months, per share and adjusted for splits, is repeated on the same day a year later for the shares held now, at today's exchange rate; tax is withheld at the rate of the last twelve months. Growth, cuts, special payments, trades to come and interest are not foreseen.";

/// A projection, not a promise: the dividends of the next twelve months. Amounts are in `currency`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = IncomeProjection)]
pub(super) struct Projection {
    /// How it is made.
    pub(super) method: &'static str,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub(super) from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub(super) to: Date,
    /// Sum of the instruments before tax.
    #[schema(value_type = String)]
    pub(super) gross: Decimal,
    /// Sum of the instruments after tax.
    #[schema(value_type = String)]
    pub(super) net: Decimal,
    /// The part of `gross` that comes from instruments with a doubt.
    #[schema(value_type = String)]
    pub(super) doubtful_gross: Decimal,
    /// By month, in order; months without a payment are left out.
    pub(super) months: Vec<ProjectedMonth>,
    /// By instrument, largest first.
    pub(super) instruments: Vec<ProjectedInstrument>,
}

/// One month to come.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct ProjectedMonth {
    /// The year.
    pub(super) year: i16,
    /// 1 to 12.
    pub(super) month: i8,
    /// Before tax.
    #[schema(value_type = String)]
    pub(super) gross: Decimal,
    /// After tax.
    #[schema(value_type = String)]
    pub(super) net: Decimal,
}

/// One instrument that is held and has paid.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct ProjectedInstrument {
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(super) instrument_id: InstrumentId,
    /// Its symbol.
    pub(super) symbol: String,
    /// Its name.
    pub(super) name: String,
    /// How often it pays.
    pub(super) frequency: Frequency,
    /// Payments of the last twelve months.
    pub(super) payments: usize,
    /// What they were for one share, gross, in `local_currency`.
    #[schema(value_type = String)]
    pub(super) per_share: Decimal,
    /// The currency in which the instrument is quoted.
    #[schema(value_type = String)]
    pub(super) local_currency: Currency,
    /// Shares held now.
    #[schema(value_type = String)]
    pub(super) quantity: Decimal,
    /// Before tax.
    #[schema(value_type = String)]
    pub(super) gross: Decimal,
    /// After tax.
    #[schema(value_type = String)]
    pub(super) net: Decimal,
    /// Why it may be far off.
    pub(super) doubts: Vec<Doubt>,
}

/// Why the projection of an instrument may be far off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProjectionDoubt)]
pub(super) enum Doubt {
    /// It pays at no regular interval, or has paid only once.
    Irregular,
    /// A payment at its interval has not come.
    Overdue,
    /// It was first bought within the last twelve months, so payments before are not known.
    ShortHistory,
    /// A payment came when no shares were held; it is left out.
    UnknownPerShare,
    /// No exchange rate leads to the currency of the report; it counts as nothing.
    MissingRate,
}

impl Doubt {
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Irregular => "It pays at no regular interval.",
            Self::Overdue => "A payment is overdue by its usual interval.",
            Self::ShortHistory => "Bought within the year: earlier payments are not known.",
            Self::UnknownPerShare => "A payment came when no shares were held and is left out.",
            Self::MissingRate => "No exchange rate: it counts as nothing.",
        }
    }
}

/// One payment to come.
pub(super) struct Expected {
    pub(super) date: Date,
    pub(super) gross: Decimal,
    pub(super) net: Decimal,
}

/// Every holding that may pay, with its payments.
pub(super) fn expected(valuation: &Valuation) -> Vec<(ProjectedInstrument, Vec<Expected>)> {
    valuation
        .open_holdings()
        .filter_map(|holding| instrument(valuation, holding))
        .collect()
}

/// The projection of all holdings.
pub(super) fn project(valuation: &Valuation) -> Projection {
    let projected = expected(valuation);
    let mut months: BTreeMap<(i16, i8), (Decimal, Decimal)> = BTreeMap::new();
    for expected in projected.iter().flat_map(|(_, expected)| expected) {
        let day = expected.date;
        let (gross, net) = months.entry((day.year(), day.month())).or_default();
        *gross += expected.gross;
        *net += expected.net;
    }
    let mut instruments: Vec<ProjectedInstrument> = projected
        .into_iter()
        .map(|(instrument, _)| instrument)
        .collect();
    instruments.sort_by(|a, b| {
        let by_gross = b.gross.cmp(&a.gross);
        by_gross.then_with(|| a.symbol.cmp(&b.symbol))
    });
    let doubtful = instruments.iter().filter(|i| !i.doubts.is_empty());
    let as_of = valuation.as_of;
    Projection {
        method: METHOD,
        from: as_of.saturating_add(1.day()),
        to: as_of.saturating_add(12.months()),
        gross: sum(instruments.iter().map(|i| i.gross)),
        net: sum(instruments.iter().map(|i| i.net)),
        doubtful_gross: sum(doubtful.map(|i| i.gross)),
        months: months
            .into_iter()
            .map(|((year, month), (gross, net))| ProjectedMonth {
                year,
                month,
                gross: gross.normalize(),
                net: net.normalize(),
            })
            .collect(),
        instruments,
    }
}

fn sum(amounts: impl Iterator<Item = Decimal>) -> Decimal {
    amounts.sum::<Decimal>().normalize()
}

/// `None` when nothing was paid in the last twelve months.
fn instrument(
    valuation: &Valuation,
    holding: &Holding,
) -> Option<(ProjectedInstrument, Vec<Expected>)> {
    let (asset, as_of) = (holding.asset, valuation.as_of);
    let payer = Payer::of(valuation, asset);
    let year_ago = year_before(as_of);
    let payments = payer.since(year_ago).count();
    if payments == 0 {
        return None;
    }
    let local = valuation.asset_currency(asset);
    let rate = valuation.fx.rate(local, valuation.base, as_of);
    let scale = rate.and_then(|rate| rate.rate.checked_mul(holding.quantity));
    let kept = Decimal::ONE - withheld(valuation, asset, year_ago);
    let expected: Vec<Expected> = payer
        .since(year_ago)
        .map(|paid| {
            let gross = scale.and_then(|scale| paid.amount.checked_mul(scale));
            let gross = round_computed(gross.unwrap_or_default());
            Expected {
                date: paid.date.saturating_add(12.months()),
                gross,
                net: round_computed(gross * kept),
            }
        })
        .collect();
    let details = valuation.instrument(asset);
    let projected = ProjectedInstrument {
        instrument_id: details.id,
        symbol: details.symbol.clone(),
        name: details.name.clone(),
        frequency: payer.frequency(as_of),
        payments,
        per_share: round_computed(payer.trailing(as_of)).normalize(),
        local_currency: local,
        quantity: holding.quantity.normalize(),
        gross: sum(expected.iter().map(|e| e.gross)),
        net: sum(expected.iter().map(|e| e.net)),
        doubts: doubts(valuation, asset, &payer, scale.is_some()),
    };
    Some((projected, expected))
}

/// The part of the dividends of the last twelve months that was withheld, 0 to 1.
fn withheld(valuation: &Valuation, asset: AssetIndex, year_ago: Date) -> Decimal {
    let parts = valuation.parts.iter();
    let paid: Vec<&Income> = parts
        .flat_map(|part| &part.books.income)
        .filter(|paid| paid.asset == Some(asset) && paid.date > year_ago)
        .collect();
    let gross: Decimal = paid.iter().map(|paid| paid.amount_base).sum();
    let taxes: Decimal = paid.iter().map(|paid| paid.taxes_base).sum();
    let part = taxes.checked_div(gross).unwrap_or_default();
    part.clamp(Decimal::ZERO, Decimal::ONE)
}

fn doubts(valuation: &Valuation, asset: AssetIndex, payer: &Payer, has_rate: bool) -> Vec<Doubt> {
    let as_of = valuation.as_of;
    let frequency = payer.frequency(as_of);
    let longest = frequency.longest_gap();
    let last = payer
        .payments
        .last()
        .map(|paid| (as_of - paid.date).get_days());
    let first = valuation
        .parts
        .iter()
        .filter_map(|part| part.books.positions.get(&asset))
        .map(|position| position.first_on)
        .min();
    let year_ago = year_before(as_of);
    [
        (Doubt::Irregular, longest.is_none()),
        (
            Doubt::Overdue,
            last.zip(longest)
                .is_some_and(|(last, longest)| last > longest),
        ),
        (
            Doubt::ShortHistory,
            first.is_some_and(|first| first > year_ago),
        ),
        (Doubt::UnknownPerShare, payer.has_unknown),
        (Doubt::MissingRate, !has_rate),
    ]
    .into_iter()
    .filter(|(_, applies)| *applies)
    .map(|(doubt, _)| doubt)
    .collect()
}
