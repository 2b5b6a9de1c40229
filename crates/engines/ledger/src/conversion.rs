//! What an entry moves, in the currencies in which it is booked; checked before anything is.

use jiff::civil::Date;
use money::{Currency, FxTable};
use rust_decimal::Decimal;

use crate::{
    Asset, Entry, Event, Ratio,
    fixed::{Amount, Both, Overflow, Quantity},
    lots::DUST,
    stated::{Effect, Stated, is_positive},
};

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
    Ratio(Ratio),
    /// A part of the cost that is none.
    CostShare(Decimal),
    /// An impossible exchange rate of the broker.
    SettlementRate(Decimal),
    /// A conversion that does not say into what.
    NoSettlement,
    /// An exercise or assignment of something that is no option.
    NoOption,
    /// An option that stands for no shares.
    Multiplier(Decimal),
    /// An option is quoted in one currency, its underlying or its use stated in another one.
    OptionCurrency(Currency, Currency),
    /// A spin-off, merger or change of symbol into itself.
    SameInstrument,
    /// A figure that is too large.
    Overflow,
}

impl From<Overflow> for Refusal {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

/// All that an entry moves. A figure is zero where its rate is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Shares or contracts, without sign; zero for events that state none.
    pub(crate) quantity: Quantity,
    pub(crate) gross: Both,
    pub(crate) fees: Both,
    pub(crate) taxes: Both,
    /// Effect on cash: gross with its sign, less fees and taxes.
    pub(crate) net: Both,
    /// The balance that changes, and by how much.
    pub(crate) cash: (Currency, Amount),
    /// What arrives in another balance: for a conversion.
    pub(crate) received: Option<(Currency, Amount)>,
    /// What a conversion takes out of one balance and puts into another, base currency; zero for all
    /// other events, `None` without a rate.
    pub(crate) exchanged: Option<Amount>,
    /// Whether [`Both::asset`] is known.
    pub(crate) has_asset: bool,
    /// Whether [`Both::base`] is known.
    pub(crate) has_base: bool,
    /// Currencies into which no rate was found.
    pub(crate) missing: [Option<Currency>; 2],
}

impl Figures {
    /// More than there is, by more than dust.
    pub(crate) fn exceeds(&self, there: Quantity) -> bool {
        there.is_zero() || self.quantity - there >= DUST
    }
}

/// Dated rates, remembered for the day of the entries being read.
pub(crate) struct Rates<'a> {
    fx: &'a FxTable,
    base: Currency,
    day: Date,
    of_day: Vec<(Currency, Currency, Rate)>,
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
    ///
    /// `booked` is the currency of the instrument in whose lots the figures are booked.
    #[inline]
    pub(crate) fn weigh(
        &mut self,
        entry: &Entry,
        asset: Option<&Asset>,
        booked: Option<Currency>,
    ) -> Result<Figures, Refusal> {
        let stated = Stated::of(&entry.event, asset)?;
        let (quantity, gross) = (stated.quantity, stated.gross);
        let (fees, taxes) = (Amount::new(entry.fees)?, Amount::new(entry.taxes)?);
        let charges = match stated.cash {
            Effect::WithCharges(_) => fees + taxes,
            Effect::None => Amount::ZERO,
        };
        let effect = (stated.cash.of(gross) - charges).within_limit()?;
        let (cash, received) = moved(entry, effect, gross)?;
        let valued = match entry.event {
            // What leaves one balance arrives in another: only charges are worth something.
            Event::Conversion { .. } => Amount::ZERO,
            _ => gross,
        };
        let is_free = || valued.is_zero() && fees.is_zero() && taxes.is_zero();
        let to_base = self.rate_of(entry, self.base, is_free);
        let booked = booked.filter(|currency| *currency != self.base);
        let to_asset = booked.map_or(to_base, |currency| self.rate_of(entry, currency, is_free));
        let convert = |amount: Amount| -> Result<Both, Refusal> {
            let base = to_base.convert(amount)?;
            let asset = if booked.is_some() {
                to_asset.convert(amount)?
            } else {
                base
            };
            Ok(Both { asset, base })
        };
        let exchanged = received.map_or(Some(Amount::ZERO), |_| self.worth(entry, gross));
        let gross = valued;
        let (gross, fees, taxes) = (convert(gross)?, convert(fees)?, convert(taxes)?);
        let net = match stated.cash {
            Effect::None => Both::default(),
            effect @ Effect::WithCharges(_) => effect.of_both(gross) - fees - taxes,
        };
        Ok(Figures {
            quantity,
            net,
            gross,
            fees,
            taxes,
            cash,
            received,
            exchanged,
            has_asset: to_asset != Rate::Missing,
            has_base: to_base != Rate::Missing,
            missing: [
                (to_base == Rate::Missing).then_some(self.base),
                booked.filter(|_| to_asset == Rate::Missing),
            ],
        })
    }

    /// An amount of the entry in the base currency. Without a rate for it nothing is refused.
    fn worth(&mut self, entry: &Entry, amount: Amount) -> Option<Amount> {
        match self.rate_of(entry, self.base, || false) {
            Rate::Missing => None,
            rate => rate.convert(amount).ok(),
        }
    }

    /// What shares cost in the currency of another instrument that they have become: at the rate of
    /// the day on which they were bought, as the base currency has it. `None` without such a rate.
    pub(crate) fn restate(
        &self,
        cost: Both,
        (from, to): (Currency, Currency),
        acquired_on: Date,
    ) -> Option<Both> {
        if from == to {
            return Some(cost);
        }
        let asset = if to == self.base {
            cost.base
        } else {
            let rate = self.fx.rate(from, to, acquired_on)?.rate;
            cost.asset.times(rate).ok()?
        };
        Some(Both { asset, ..cost })
    }

    /// The rate from the entry's currency: the broker's own where it exchanged into exactly this
    /// currency, else the last one observed.
    ///
    /// Nothing is nothing in every currency: an entry without amounts needs no rate.
    fn rate_of(&mut self, entry: &Entry, to: Currency, is_free: impl Fn() -> bool) -> Rate {
        if entry.currency == to {
            return Rate::Same;
        }
        if let Some(settlement) = entry.settlement
            && settlement.currency == to
        {
            return Rate::Of(settlement.fx_rate);
        }
        if is_free() {
            return Rate::Same;
        }
        if entry.date != self.day {
            self.day = entry.date;
            self.of_day.clear();
        }
        let key = (entry.currency, to);
        if let Some(known) = self.of_day.iter().find(|(from, to, _)| (*from, *to) == key) {
            return known.2;
        }
        let found = self.fx.rate(key.0, key.1, entry.date);
        let rate = found.map_or(Rate::Missing, |found| Rate::Of(found.rate));
        self.of_day.push((key.0, key.1, rate));
        rate
    }
}

/// How an amount becomes one in another currency.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rate {
    /// The currencies are one.
    Same,
    Of(Decimal),
    /// What cannot be converted counts as zero.
    Missing,
}

impl Rate {
    #[inline]
    fn convert(self, amount: Amount) -> Result<Amount, Refusal> {
        match self {
            Self::Of(rate) if !amount.is_zero() => Ok(amount.times(rate)?),
            Self::Same | Self::Of(_) => Ok(amount),
            Self::Missing => Ok(Amount::ZERO),
        }
    }
}

/// The balance that changes, and what a conversion brings into another one.
type Moved = ((Currency, Amount), Option<(Currency, Amount)>);

fn moved(entry: &Entry, effect: Amount, gross: Amount) -> Result<Moved, Refusal> {
    let is_conversion = matches!(entry.event, Event::Conversion { .. });
    let Some(settlement) = entry.settlement else {
        return if is_conversion {
            Err(Refusal::NoSettlement)
        } else {
            Ok(((entry.currency, effect), None))
        };
    };
    if !is_positive(settlement.fx_rate) {
        return Err(Refusal::SettlementRate(settlement.fx_rate));
    }
    let (currency, rate) = (settlement.currency, settlement.fx_rate);
    if is_conversion {
        if settlement.currency == entry.currency {
            return Err(Refusal::NoSettlement);
        }
        let given = (entry.currency, effect - gross);
        return Ok((given, Some((currency, gross.times(rate)?))));
    }
    Ok(((currency, effect.times(rate)?), None))
}
