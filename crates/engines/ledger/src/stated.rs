//! What an entry states, after checking that it can be.

use rust_decimal::Decimal;

use crate::{
    Asset, Event, OptionRight, OptionTerms, Ratio,
    conversion::Refusal,
    fixed::{Amount, Both, Quantity},
};

/// What the gross amount does to the cash.
#[derive(Clone, Copy)]
pub(crate) enum Effect {
    /// Nothing at all, charges neither.
    None,
    /// It comes in (1), goes out (-1) or stays outside (0), and charges are paid.
    WithCharges(i8),
}

impl Effect {
    pub(crate) fn of_both(self, gross: Both) -> Both {
        Both {
            asset: self.of(gross.asset),
            base: self.of(gross.base),
        }
    }

    pub(crate) fn of(self, gross: Amount) -> Amount {
        match self {
            Self::WithCharges(1..) => gross,
            Self::WithCharges(..0) => -gross,
            Self::None | Self::WithCharges(0) => Amount::ZERO,
        }
    }
}

/// What an event states, after checking that it can be.
pub(crate) struct Stated {
    pub(crate) quantity: Quantity,
    pub(crate) gross: Amount,
    pub(crate) cash: Effect,
}

impl Stated {
    #[inline]
    pub(crate) fn of(event: &Event, asset: Option<&Asset>) -> Result<Self, Refusal> {
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
            Event::Split { .. }
            | Event::SpinOff { .. }
            | Event::Merger { .. }
            | Event::SymbolChange { .. } => Self::of_action(event),
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

    fn of_action(event: &Event) -> Result<Self, Refusal> {
        match *event {
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
            _ => Self::in_ratio(Ratio::ONE, Decimal::ZERO),
        }
    }

    fn cash(amount: Decimal, sign: i8) -> Result<Self, Refusal> {
        Ok(Self {
            quantity: Quantity::ZERO,
            gross: Amount::new(amount)?,
            cash: Effect::WithCharges(sign),
        })
    }

    #[inline]
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
        let units = units_of(quantity, asset).ok_or(Refusal::Overflow)?;
        let amount = units
            .decimal()
            .checked_mul(strike)
            .ok_or(Refusal::Overflow)?;
        let pays = is_holder == (right == OptionRight::Call);
        let effect = Effect::WithCharges(if pays { -1 } else { 1 });
        if units.is_zero() {
            return Err(Refusal::Quantity(quantity));
        }
        Self::shares(quantity, amount, effect)
    }

    fn in_ratio(ratio: Ratio, amount: Decimal) -> Result<Self, Refusal> {
        if !is_positive(ratio.to) || !is_positive(ratio.from) {
            return Err(Refusal::Ratio(ratio));
        }
        Self::cash(amount, 1)
    }
}

/// Shares that so many contracts stand for.
pub(crate) fn units_of(contracts: Decimal, option: &Asset) -> Option<Quantity> {
    let units = contracts.checked_mul(option.multiplier)?;
    Quantity::new(units).ok()
}

fn check_share(share: Decimal) -> Result<(), Refusal> {
    if (Decimal::ZERO..=Decimal::ONE).contains(&share) {
        Ok(())
    } else {
        Err(Refusal::CostShare(share))
    }
}

pub(crate) fn is_positive(figure: Decimal) -> bool {
    figure.is_sign_positive() && !figure.is_zero()
}
