//! What an entry moves, in the currencies in which it is booked; checked before anything is.

use jiff::civil::Date;
use money::{Currency, FxTable};
use rust_decimal::Decimal;

use crate::{Entry, Event};

/// Decimal places of a computed amount. Beyond what is stored (eight), so that rounding never shows,
/// and few enough that sums of amounts up to [`LIMIT`] stay exact in a decimal of 28 digits.
pub(crate) const AMOUNT_DIGITS: u32 = 12;

/// No figure of an entry may be larger: a thousand times what the database can hold. The sum of
/// 10^13 such figures still fits a [`Decimal`], so that booking cannot overflow.
pub(crate) const LIMIT: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// Why an entry is not booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The instrument is not in the list.
    UnknownAsset,
    /// A purchase or sale of no or negative shares.
    Quantity(Decimal),
    /// A purchase or sale for a negative amount.
    Amount(Decimal),
    /// A split in an impossible ratio.
    Ratio(crate::Ratio),
    /// An impossible exchange rate of the broker.
    SettlementRate(Decimal),
    /// A figure beyond [`LIMIT`].
    Overflow,
}

/// One amount in the two currencies in which the books are kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Amount {
    /// In the instrument's currency; zero without an instrument or without a rate.
    pub(crate) asset: Decimal,
    /// In the portfolio's base currency; zero without a rate.
    pub(crate) base: Decimal,
}

/// All that an entry moves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) gross: Amount,
    pub(crate) fees: Amount,
    pub(crate) taxes: Amount,
    /// Effect on cash: gross with its sign, less fees and taxes.
    pub(crate) net: Amount,
    /// The balance that changes, and by how much.
    pub(crate) cash: (Currency, Decimal),
    /// Whether [`Amount::asset`] is known.
    pub(crate) has_asset: bool,
    /// Whether [`Amount::base`] is known.
    pub(crate) has_base: bool,
    /// Currencies into which no rate was found.
    pub(crate) missing: [Option<Currency>; 2],
}

/// Dated rates, remembered for the day of the entries being read.
pub(crate) struct Rates<'a> {
    fx: &'a FxTable,
    base: Currency,
    day: Date,
    of_day: Vec<(Currency, Currency, Option<Decimal>)>,
}

impl<'a> Rates<'a> {
    pub(crate) fn new(fx: &'a FxTable, base: Currency) -> Self {
        Self {
            fx,
            base,
            day: Date::ZERO,
            of_day: Vec::new(),
        }
    }

    /// Converts and checks every amount of an entry. A rate that is missing does not refuse the
    /// entry: its figures in that currency are zero and [`Figures::missing`] says so.
    pub(crate) fn weigh(
        &mut self,
        entry: &Entry,
        asset: Option<Currency>,
    ) -> Result<Figures, Refusal> {
        let gross = check_event(&entry.event)?;
        let effect = cash_effect(entry, gross)?;
        let cash = match entry.settlement {
            Some(settlement) if settlement.fx_rate <= Decimal::ZERO => {
                return Err(Refusal::SettlementRate(settlement.fx_rate));
            }
            Some(settlement) => (settlement.currency, times(effect, settlement.fx_rate)?),
            None => (entry.currency, effect),
        };
        let to_base = self.rate_of(entry, self.base);
        let to_asset = match asset {
            Some(currency) if currency == self.base => to_base,
            Some(currency) => self.rate_of(entry, currency),
            None => None,
        };
        let convert = |amount: Decimal| {
            let base = times(amount, to_base.unwrap_or_default())?;
            let same = to_asset == to_base;
            let asset = if same {
                base
            } else {
                times(amount, to_asset.unwrap_or_default())?
            };
            Ok(Amount { asset, base })
        };
        let (gross, fees, taxes) = (convert(gross)?, convert(entry.fees)?, convert(entry.taxes)?);
        let net = |gross, fees, taxes| signed(&entry.event, gross) - fees - taxes;
        Ok(Figures {
            net: Amount {
                asset: net(gross.asset, fees.asset, taxes.asset),
                base: net(gross.base, fees.base, taxes.base),
            },
            gross,
            fees,
            taxes,
            cash,
            has_asset: to_asset.is_some(),
            has_base: to_base.is_some(),
            missing: [
                to_base.is_none().then_some(self.base),
                asset.filter(|currency| to_asset.is_none() && *currency != self.base),
            ],
        })
    }

    /// The rate from the entry's currency: the broker's own where it exchanged into exactly this
    /// currency, else the last one observed.
    fn rate_of(&mut self, entry: &Entry, to: Currency) -> Option<Decimal> {
        if entry.currency == to {
            return Some(Decimal::ONE);
        }
        if let Some(settlement) = entry.settlement
            && settlement.currency == to
        {
            return Some(settlement.fx_rate);
        }
        if entry.date != self.day {
            self.day = entry.date;
            self.of_day.clear();
        }
        let key = (entry.currency, to);
        if let Some(known) = self.of_day.iter().find(|(from, to, _)| (*from, *to) == key) {
            return known.2;
        }
        let rate = self
            .fx
            .rate(key.0, key.1, entry.date)
            .map(|found| found.rate);
        self.of_day.push((key.0, key.1, rate));
        rate
    }
}

/// The gross amount, after checking that the event can be.
fn check_event(event: &Event) -> Result<Decimal, Refusal> {
    let gross = match *event {
        Event::Buy {
            quantity, amount, ..
        }
        | Event::Sell {
            quantity, amount, ..
        } => {
            if quantity <= Decimal::ZERO {
                return Err(Refusal::Quantity(quantity));
            }
            if amount < Decimal::ZERO {
                return Err(Refusal::Amount(amount));
            }
            within_limit(quantity)?;
            amount
        }
        Event::Split { ratio, .. } => {
            if ratio.to <= Decimal::ZERO || ratio.from <= Decimal::ZERO {
                return Err(Refusal::Ratio(ratio));
            }
            Decimal::ZERO
        }
        Event::Dividend { amount, .. }
        | Event::Interest { amount }
        | Event::Deposit { amount }
        | Event::Withdrawal { amount }
        | Event::Fee { amount, .. }
        | Event::Tax { amount, .. } => amount,
    };
    within_limit(gross)
}

/// What the entry does to cash, in its own currency.
fn cash_effect(entry: &Entry, gross: Decimal) -> Result<Decimal, Refusal> {
    let charges = within_limit(entry.fees)? + within_limit(entry.taxes)?;
    within_limit(signed(&entry.event, gross) - charges)
}

/// The gross amount as a change of cash: what is paid is negative.
fn signed(event: &Event, gross: Decimal) -> Decimal {
    match event {
        Event::Sell { .. }
        | Event::Dividend { .. }
        | Event::Interest { .. }
        | Event::Deposit { .. } => gross,
        Event::Buy { .. }
        | Event::Withdrawal { .. }
        | Event::Fee { .. }
        | Event::Tax { .. }
        | Event::Split { .. } => -gross,
    }
}

fn within_limit(figure: Decimal) -> Result<Decimal, Refusal> {
    if figure.abs() > LIMIT {
        Err(Refusal::Overflow)
    } else {
        Ok(figure)
    }
}

fn times(amount: Decimal, rate: Decimal) -> Result<Decimal, Refusal> {
    if rate == Decimal::ONE || amount.is_zero() {
        return Ok(amount);
    }
    let product = amount.checked_mul(rate).ok_or(Refusal::Overflow)?;
    within_limit(product.round_dp(AMOUNT_DIGITS))
}

/// `total * part / whole`, for `0 <= part <= whole`, rounded to [`AMOUNT_DIGITS`]. The difference to
/// `total` is the other part, so that nothing is lost.
pub(crate) fn share(total: Decimal, part: Decimal, whole: Decimal) -> Decimal {
    if part >= whole || whole.is_zero() {
        return total;
    }
    let exact = total
        .checked_mul(part)
        .and_then(|product| product.checked_div(whole));
    // The product may be out of range where the share is not; the quotient is at most one.
    exact
        .unwrap_or_else(|| total * (part / whole))
        .round_dp(AMOUNT_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_a_quadrillion() {
        assert_eq!(LIMIT, Decimal::from(1_000_000_000_000_000_u64));
    }

    #[test]
    fn a_share_of_large_figures_does_not_overflow() {
        let (third, whole) = (LIMIT / Decimal::from(4), LIMIT);
        assert_eq!(share(LIMIT, third, whole), LIMIT / Decimal::from(4));
        assert_eq!(
            share(Decimal::TEN, Decimal::ONE, Decimal::from(3)),
            Decimal::new(3_333_333_333_333, 12)
        );
    }
}
