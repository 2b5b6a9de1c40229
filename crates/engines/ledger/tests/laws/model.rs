//! What entries do, told once more and independently of the engine.

use std::collections::BTreeMap;

use ledger::{AssetIndex, Entry, Event};
use money::Currency;
use rust_decimal::Decimal;

use crate::generate::{CALL, MULTIPLIER, STRIKE, rates};

/// What an entry does to cash, in each currency.
pub(crate) fn effect(entry: &Entry) -> Vec<(Currency, Decimal)> {
    let charges = entry.fees + entry.taxes;
    let change = match entry.event {
        Event::Sell { amount, .. }
        | Event::Short { amount, .. }
        | Event::Dividend { amount, .. }
        | Event::ReturnOfCapital { amount, .. }
        | Event::Merger { amount, .. }
        | Event::Interest { amount }
        | Event::Deposit { amount } => amount - charges,
        Event::Buy { amount, .. }
        | Event::Cover { amount, .. }
        | Event::Withdrawal { amount }
        | Event::Fee { amount, .. }
        | Event::Tax { amount, .. } => -amount - charges,
        Event::ReinvestedDividend { .. } => Decimal::ZERO,
        Event::Exercise { .. } | Event::Assignment { .. } => strike_of(entry) - charges,
        _ => -charges,
    };
    match (entry.settlement, entry.event) {
        (Some(settled), Event::Conversion { amount }) => vec![
            (entry.currency, change - amount),
            (settled.currency, amount * settled.fx_rate),
        ],
        (Some(settled), _) => vec![(settled.currency, change * settled.fx_rate)],
        (None, _) => vec![(entry.currency, change)],
    }
}

/// Received when positive, paid when negative.
fn strike_of(entry: &Entry) -> Decimal {
    let (asset, quantity, is_holder) = match entry.event {
        Event::Exercise { asset, quantity } => (asset, quantity, true),
        Event::Assignment { asset, quantity } => (asset, quantity, false),
        _ => return Decimal::ZERO,
    };
    let strike = quantity * MULTIPLIER * STRIKE;
    if is_holder == (asset == CALL) {
        -strike
    } else {
        strike
    }
}

/// Money that an entry puts into lots (or takes out of them, against a gain), base currency; without
/// transfers.
pub(crate) fn put_into_lots(entry: &Entry) -> Decimal {
    let charges = entry.fees + entry.taxes;
    let paid = match entry.event {
        Event::Buy { amount, .. } | Event::Cover { amount, .. } => amount + charges,
        Event::Sell { amount, .. } | Event::Short { amount, .. } | Event::Merger { amount, .. } => {
            charges - amount
        }
        Event::ReinvestedDividend { amount, .. } => amount + entry.fees,
        Event::StockDividend { amount, .. } => amount,
        Event::ReturnOfCapital { amount, .. } => -amount,
        Event::Exercise { .. } | Event::Assignment { .. } => charges - strike_of(entry),
        Event::Expiry { .. } => charges,
        _ => Decimal::ZERO,
    };
    paid * rate_to_base(entry)
}

fn rate_to_base(entry: &Entry) -> Decimal {
    match entry.settlement {
        _ if entry.currency == Currency::EUR => Decimal::ONE,
        Some(settled) if settled.currency == Currency::EUR => settled.fx_rate,
        _ => {
            let found = rates().rate(entry.currency, Currency::EUR, entry.date);
            found.expect("rates reach back to the first day").rate
        }
    }
}

/// Shares held and owed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sides {
    pub(crate) held: Decimal,
    pub(crate) owed: Decimal,
}

impl Sides {
    fn times(self, factor: Decimal) -> Self {
        Self {
            held: self.held * factor,
            owed: self.owed * factor,
        }
    }

    fn add(&mut self, other: Self) {
        self.held += other.held;
        self.owed += other.owed;
    }
}

/// Shares of every instrument after sound entries, in their order.
pub(crate) fn shares(entries: &[Entry]) -> BTreeMap<AssetIndex, Sides> {
    let mut all = BTreeMap::new();
    for entry in entries {
        apply(&mut all, &entry.event);
    }
    all
}

fn apply(all: &mut BTreeMap<AssetIndex, Sides>, event: &Event) {
    let Some(asset) = event.asset() else {
        return;
    };
    let before = *all.entry(asset).or_default();
    let own = all.entry(asset).or_default();
    match *event {
        Event::Buy { quantity, .. } | Event::ReinvestedDividend { quantity, .. } => {
            own.held += quantity;
        }
        Event::Short { quantity, .. } => own.owed += quantity,
        Event::Cover { quantity, .. } => take(&mut own.owed, quantity),
        Event::StockDividend {
            quantity, amount, ..
        } => {
            let main = if before.held.is_zero() {
                before.owed
            } else {
                before.held
            };
            if main.is_zero() || !amount.is_zero() {
                own.held += quantity;
            } else {
                *own = before.times((main + quantity) / main);
            }
        }
        Event::Split { ratio, .. } => *own = before.times(ratio.to / ratio.from),
        Event::TransferIn { quantity, .. } if quantity > Decimal::ZERO => own.held += quantity,
        Event::TransferIn { quantity, .. } => own.owed -= quantity,
        Event::TransferOut { quantity, .. } if quantity > Decimal::ZERO => {
            take(&mut own.held, quantity);
        }
        Event::TransferOut { quantity, .. } => take(&mut own.owed, -quantity),
        Event::SpinOff { target, ratio, .. } => {
            let new = before.times(ratio.to / ratio.from);
            all.entry(target).or_default().add(new);
        }
        Event::SymbolChange { target, .. } => {
            *own = Sides::default();
            all.entry(target).or_default().add(before);
        }
        Event::Merger { target, .. } => match target {
            Some((target, ratio)) => {
                *own = Sides::default();
                let new = before.times(ratio.to / ratio.from);
                all.entry(target).or_default().add(new);
            }
            None if before.held.is_zero() => own.owed = Decimal::ZERO,
            None => own.held = Decimal::ZERO,
        },
        Event::Expiry { quantity, .. } if before.held.is_zero() => take(&mut own.owed, quantity),
        Event::Sell { quantity, .. } | Event::Expiry { quantity, .. } => {
            take(&mut own.held, quantity);
        }
        Event::Exercise { quantity, .. } => {
            take(&mut own.held, quantity);
            deliver(all, quantity * MULTIPLIER, asset == CALL);
        }
        Event::Assignment { quantity, .. } => {
            take(&mut own.owed, quantity);
            deliver(all, quantity * MULTIPLIER, asset != CALL);
        }
        _ => {}
    }
}

/// What a split left over, too little to be named, goes along.
fn take(side: &mut Decimal, quantity: Decimal) {
    *side -= quantity;
    if *side < Decimal::new(1, 8) {
        *side = Decimal::ZERO;
    }
}

fn deliver(all: &mut BTreeMap<AssetIndex, Sides>, units: Decimal, are_bought: bool) {
    let underlying = all.entry(AssetIndex(0)).or_default();
    let (closes, opens) = if are_bought {
        (&mut underlying.owed, &mut underlying.held)
    } else {
        (&mut underlying.held, &mut underlying.owed)
    };
    let closed = units.min(*closes);
    if closed > Decimal::ZERO {
        take(closes, closed);
    }
    *opens += units - closed;
}
