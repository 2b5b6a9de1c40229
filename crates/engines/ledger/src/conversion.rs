//! What an entry moves, in the currencies in which it is booked; checked before anything is.

use jiff::civil::Date;
use money::{Currency, FxTable};
use rust_decimal::Decimal;

use crate::{
    Entry, Event, Ratio,
    fixed::{Amount, Both, Overflow, Quantity},
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
    /// An impossible exchange rate of the broker.
    SettlementRate(Decimal),
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
    /// Shares bought or sold; zero for other events.
    pub(crate) quantity: Quantity,
    pub(crate) gross: Both,
    pub(crate) fees: Both,
    pub(crate) taxes: Both,
    /// Effect on cash: gross with its sign, less fees and taxes.
    pub(crate) net: Both,
    /// The balance that changes, and by how much.
    pub(crate) cash: (Currency, Amount),
    /// Whether [`Both::asset`] is known.
    pub(crate) has_asset: bool,
    /// Whether [`Both::base`] is known.
    pub(crate) has_base: bool,
    /// Currencies into which no rate was found.
    pub(crate) missing: [Option<Currency>; 2],
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
    pub(crate) fn weigh(
        &mut self,
        entry: &Entry,
        asset: Option<Currency>,
    ) -> Result<Figures, Refusal> {
        let (quantity, gross) = check(&entry.event)?;
        let (fees, taxes) = (Amount::new(entry.fees)?, Amount::new(entry.taxes)?);
        let effect = (signed(&entry.event, gross) - fees - taxes).within_limit()?;
        let cash = match entry.settlement {
            Some(settlement) if !is_positive(settlement.fx_rate) => {
                return Err(Refusal::SettlementRate(settlement.fx_rate));
            }
            Some(settlement) => (settlement.currency, effect.times(settlement.fx_rate)?),
            None => (entry.currency, effect),
        };
        let to_base = self.rate_of(entry, self.base);
        let asset = asset.filter(|currency| *currency != self.base);
        let to_asset = asset.map_or(to_base, |currency| self.rate_of(entry, currency));
        let convert = |amount: Amount| -> Result<Both, Refusal> {
            let base = to_base.convert(amount)?;
            let asset = if asset.is_some() {
                to_asset.convert(amount)?
            } else {
                base
            };
            Ok(Both { asset, base })
        };
        let (gross, fees, taxes) = (convert(gross)?, convert(fees)?, convert(taxes)?);
        let net = Both {
            asset: signed(&entry.event, gross.asset),
            base: signed(&entry.event, gross.base),
        };
        Ok(Figures {
            quantity,
            net: net - fees - taxes,
            gross,
            fees,
            taxes,
            cash,
            has_asset: to_asset != Rate::Missing,
            has_base: to_base != Rate::Missing,
            missing: [
                (to_base == Rate::Missing).then_some(self.base),
                asset.filter(|_| to_asset == Rate::Missing),
            ],
        })
    }

    /// The rate from the entry's currency: the broker's own where it exchanged into exactly this
    /// currency, else the last one observed.
    fn rate_of(&mut self, entry: &Entry, to: Currency) -> Rate {
        if entry.currency == to {
            return Rate::Same;
        }
        if let Some(settlement) = entry.settlement
            && settlement.currency == to
        {
            return Rate::Of(settlement.fx_rate);
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
    fn convert(self, amount: Amount) -> Result<Amount, Refusal> {
        match self {
            Self::Of(rate) if !amount.is_zero() => Ok(amount.times(rate)?),
            Self::Same | Self::Of(_) => Ok(amount),
            Self::Missing => Ok(Amount::ZERO),
        }
    }
}

/// Quantity and gross amount, after checking that the event can be.
fn check(event: &Event) -> Result<(Quantity, Amount), Refusal> {
    match *event {
        Event::Buy {
            quantity, amount, ..
        }
        | Event::Sell {
            quantity, amount, ..
        } => {
            let (shares, gross) = (Quantity::new(quantity)?, Amount::new(amount)?);
            if shares <= Quantity::ZERO {
                return Err(Refusal::Quantity(quantity));
            }
            if gross < Amount::ZERO {
                return Err(Refusal::Amount(amount));
            }
            Ok((shares, gross))
        }
        Event::Split { ratio, .. } if !is_positive(ratio.to) || !is_positive(ratio.from) => {
            Err(Refusal::Ratio(ratio))
        }
        Event::Split { .. } => Ok((Quantity::ZERO, Amount::ZERO)),
        Event::Dividend { amount, .. }
        | Event::Interest { amount }
        | Event::Deposit { amount }
        | Event::Withdrawal { amount }
        | Event::Fee { amount, .. }
        | Event::Tax { amount, .. } => Ok((Quantity::ZERO, Amount::new(amount)?)),
    }
}

/// The gross amount as a change of cash: what is paid is negative.
fn signed(event: &Event, gross: Amount) -> Amount {
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

fn is_positive(figure: Decimal) -> bool {
    figure.is_sign_positive() && !figure.is_zero()
}
