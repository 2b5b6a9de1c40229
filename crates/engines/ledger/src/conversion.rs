//! What an entry moves, in the currencies in which it is booked; checked before anything is.

use jiff::civil::Date;
use money::{Currency, FxTable};
use rust_decimal::Decimal;

use crate::{
    Asset, Entry, Event, OptionRight, OptionTerms, Ratio,
    fixed::{Amount, Both, Overflow, Quantity},
    lots::DUST,
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
    /// Shares that change hands when an option is used, else zero.
    pub(crate) delivered: Quantity,
    pub(crate) gross: Both,
    pub(crate) fees: Both,
    pub(crate) taxes: Both,
    /// Effect on cash: gross with its sign, less fees and taxes.
    pub(crate) net: Both,
    /// The balance that changes, and by how much.
    pub(crate) cash: (Currency, Amount),
    /// What arrives in another balance: for a conversion.
    pub(crate) received: Option<(Currency, Amount)>,
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
        let is_free = valued.is_zero() && fees.is_zero() && taxes.is_zero();
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
        let gross = valued;
        let (gross, fees, taxes) = (convert(gross)?, convert(fees)?, convert(taxes)?);
        let net = match stated.cash {
            Effect::None => Both::default(),
            effect @ Effect::WithCharges(_) => {
                let signed = Both {
                    asset: effect.of(gross.asset),
                    base: effect.of(gross.base),
                };
                signed - fees - taxes
            }
        };
        Ok(Figures {
            quantity,
            delivered: stated.delivered,
            net,
            gross,
            fees,
            taxes,
            cash,
            received,
            has_asset: to_asset != Rate::Missing,
            has_base: to_base != Rate::Missing,
            missing: [
                (to_base == Rate::Missing).then_some(self.base),
                booked.filter(|_| to_asset == Rate::Missing),
            ],
        })
    }

    /// The rate from the entry's currency: the broker's own where it exchanged into exactly this
    /// currency, else the last one observed.
    ///
    /// Nothing is nothing in every currency: an entry without amounts needs no rate.
    fn rate_of(&mut self, entry: &Entry, to: Currency, is_free: bool) -> Rate {
        if entry.currency == to || is_free {
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

/// What the gross amount does to the cash.
#[derive(Clone, Copy)]
enum Effect {
    /// Nothing at all, charges neither.
    None,
    /// It comes in (1), goes out (-1) or stays outside (0), and charges are paid.
    WithCharges(i8),
}

impl Effect {
    fn of(self, gross: Amount) -> Amount {
        match self {
            Self::WithCharges(1..) => gross,
            Self::WithCharges(..0) => -gross,
            Self::None | Self::WithCharges(0) => Amount::ZERO,
        }
    }
}

/// What an event states, after checking that it can be.
struct Stated {
    quantity: Quantity,
    delivered: Quantity,
    gross: Amount,
    cash: Effect,
}

impl Stated {
    fn of(event: &Event, asset: Option<&Asset>) -> Result<Self, Refusal> {
        match *event {
            Event::Buy {
                quantity, amount, ..
            }
            | Event::Cover {
                quantity, amount, ..
            } => Self::shares(quantity, amount, Effect::WithCharges(-1)),
            Event::Sell {
                quantity, amount, ..
            }
            | Event::Short {
                quantity, amount, ..
            } => Self::shares(quantity, amount, Effect::WithCharges(1)),
            Event::ReinvestedDividend {
                quantity, amount, ..
            } => Self::shares(quantity, amount, Effect::None),
            Event::StockDividend {
                quantity, amount, ..
            } => Self::shares(quantity, amount, Effect::WithCharges(0)),
            Event::TransferIn { quantity, cost, .. } => {
                Self::shares(quantity.abs(), cost, Effect::WithCharges(0))
            }
            Event::TransferOut { quantity, .. } => {
                Self::shares(quantity.abs(), Decimal::ZERO, Effect::WithCharges(0))
            }
            Event::Expiry { quantity, .. } => {
                Self::shares(quantity, Decimal::ZERO, Effect::WithCharges(0))
            }
            Event::Exercise { quantity, .. } => Self::of_option(quantity, asset, true),
            Event::Assignment { quantity, .. } => Self::of_option(quantity, asset, false),
            Event::Split { ratio, .. } => Self::in_ratio(ratio, Decimal::ZERO),
            Event::SpinOff {
                ratio, cost_share, ..
            } => {
                check_share(cost_share)?;
                Self::in_ratio(ratio, Decimal::ZERO)
            }
            Event::Merger {
                target,
                amount,
                cost_share,
                ..
            } => {
                check_share(cost_share.unwrap_or_default())?;
                Self::in_ratio(target.map_or(Ratio::ONE, |(_, ratio)| ratio), amount)
            }
            Event::SymbolChange { .. } => Self::in_ratio(Ratio::ONE, Decimal::ZERO),
            Event::Dividend { amount, .. }
            | Event::ReturnOfCapital { amount, .. }
            | Event::Interest { amount }
            | Event::Deposit { amount } => Self::cash(amount, 1),
            Event::Conversion { amount } => {
                let gross = Amount::new(amount)?;
                if gross <= Amount::ZERO {
                    return Err(Refusal::Amount(amount));
                }
                Self::cash(amount, 0)
            }
            Event::Withdrawal { amount }
            | Event::Fee { amount, .. }
            | Event::Tax { amount, .. } => Self::cash(amount, -1),
        }
    }

    fn cash(amount: Decimal, sign: i8) -> Result<Self, Refusal> {
        Ok(Self {
            quantity: Quantity::ZERO,
            delivered: Quantity::ZERO,
            gross: Amount::new(amount)?,
            cash: Effect::WithCharges(sign),
        })
    }

    fn shares(quantity: Decimal, amount: Decimal, cash: Effect) -> Result<Self, Refusal> {
        let (shares, gross) = (Quantity::new(quantity)?, Amount::new(amount)?);
        if shares <= Quantity::ZERO {
            return Err(Refusal::Quantity(quantity));
        }
        if gross < Amount::ZERO {
            return Err(Refusal::Amount(amount));
        }
        Ok(Self {
            quantity: shares,
            delivered: Quantity::ZERO,
            gross,
            cash,
        })
    }

    /// The strike is paid by whoever gets the shares.
    fn of_option(
        quantity: Decimal,
        asset: Option<&Asset>,
        is_holder: bool,
    ) -> Result<Self, Refusal> {
        let asset = asset.ok_or(Refusal::UnknownAsset)?;
        let OptionTerms { strike, right, .. } = asset.option.ok_or(Refusal::NoOption)?;
        if !is_positive(asset.multiplier) {
            return Err(Refusal::Multiplier(asset.multiplier));
        }
        let shares = quantity
            .checked_mul(asset.multiplier)
            .ok_or(Refusal::Overflow)?;
        let amount = shares.checked_mul(strike).ok_or(Refusal::Overflow)?;
        let pays = is_holder == (right == OptionRight::Call);
        let effect = Effect::WithCharges(if pays { -1 } else { 1 });
        let delivered = Self::shares(shares, amount, effect)?.quantity;
        let stated = Self::shares(quantity, amount, effect)?;
        Ok(Self {
            delivered,
            ..stated
        })
    }

    fn in_ratio(ratio: Ratio, amount: Decimal) -> Result<Self, Refusal> {
        if !is_positive(ratio.to) || !is_positive(ratio.from) {
            return Err(Refusal::Ratio(ratio));
        }
        Self::cash(amount, 1)
    }
}

fn check_share(share: Decimal) -> Result<(), Refusal> {
    if (Decimal::ZERO..=Decimal::ONE).contains(&share) {
        Ok(())
    } else {
        Err(Refusal::CostShare(share))
    }
}

fn is_positive(figure: Decimal) -> bool {
    figure.is_sign_positive() && !figure.is_zero()
}
