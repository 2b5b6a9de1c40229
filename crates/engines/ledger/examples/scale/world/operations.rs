//! What an investor does, entered in a journal and in the tally.

use jiff::civil::Date;
use ledger::{AssetIndex, Event, Settlement};
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{MULTIPLIER, SHARES, STRIKE_CENTS, World, cents, is_call};

impl World {
    pub(super) fn buy(&mut self, portfolio: usize, on: Date, asset: AssetIndex) {
        let (quantity, amount, fee) = self.trade();
        let event = Event::Buy {
            asset,
            quantity: quantity.into(),
            amount: cents(amount),
        };
        let tally = self.enter(portfolio, on, event, -amount, fee);
        *tally.held.entry(asset).or_default() += quantity;
        tally.put_in += amount + fee;
        self.opened(portfolio, asset);
    }

    pub(super) fn sell(&mut self, portfolio: usize, on: Date, asset: AssetIndex) {
        let held = self.held(portfolio, asset);
        let (wanted, amount, fee) = self.trade();
        let quantity = wanted.min(held);
        if quantity == 0 {
            return self.buy(portfolio, on, asset);
        }
        let event = Event::Sell {
            asset,
            quantity: quantity.into(),
            amount: cents(amount),
        };
        let chosen = self.choose(portfolio, asset, quantity);
        let tally = self.enter(portfolio, on, event, amount, fee);
        *tally.held.entry(asset).or_default() -= quantity;
        tally.put_in -= amount - fee;
        if let Some(entry) = self.portfolios[portfolio].last_mut() {
            entry.lots = chosen;
        }
    }

    pub(super) fn short(&mut self, portfolio: usize, on: Date, asset: AssetIndex) {
        let (quantity, amount, fee) = self.trade();
        let event = Event::Short {
            asset,
            quantity: quantity.into(),
            amount: cents(amount),
        };
        let tally = self.enter(portfolio, on, event, amount, fee);
        *tally.owed.entry(asset).or_default() += quantity;
        tally.put_in -= amount - fee;
    }

    pub(super) fn cover(&mut self, portfolio: usize, on: Date, asset: AssetIndex) {
        let (wanted, amount, fee) = self.trade();
        let quantity = wanted.min(self.owed(portfolio, asset));
        if quantity == 0 {
            return self.short(portfolio, on, asset);
        }
        let event = Event::Cover {
            asset,
            quantity: quantity.into(),
            amount: cents(amount),
        };
        let tally = self.enter(portfolio, on, event, -amount, fee);
        *tally.owed.entry(asset).or_default() -= quantity;
        tally.put_in += amount + fee;
    }

    /// An option held is exercised or ends, one that is written is assigned or ends.
    pub(super) fn end(&mut self, portfolio: usize, on: Date, number: u32) {
        let (share, asset) = (AssetIndex(number), AssetIndex(SHARES + number));
        let (held, owed) = (self.held(portfolio, asset), self.owed(portfolio, asset));
        let is_holder = held > 0;
        let quantity = self.dice.between(1, 20).min(held.max(owed));
        let quantity = if is_holder {
            quantity.min(held)
        } else {
            quantity
        };
        if quantity == 0 {
            return self.buy(portfolio, on, asset);
        }
        let contracts = Decimal::from(quantity);
        if self.dice.below(3) == 0 {
            let event = Event::Expiry {
                asset,
                quantity: contracts,
            };
            let tally = self.enter(portfolio, on, event, 0, 1);
            tally.put_in += 1;
            let side = if is_holder {
                &mut tally.held
            } else {
                &mut tally.owed
            };
            *side.entry(asset).or_default() -= quantity;
            return;
        }
        let event = if is_holder {
            Event::Exercise {
                asset,
                quantity: contracts,
            }
        } else {
            Event::Assignment {
                asset,
                quantity: contracts,
            }
        };
        let units = quantity * MULTIPLIER;
        let strike = (units * STRIKE_CENTS) as i64;
        let gets_shares = is_holder == is_call(number);
        let received = if gets_shares { -strike } else { strike };
        let tally = self.enter(portfolio, on, event, received, 7);
        tally.put_in -= received - 7;
        let option = if is_holder {
            &mut tally.held
        } else {
            &mut tally.owed
        };
        *option.entry(asset).or_default() -= quantity;
        let (closes, opens) = if gets_shares {
            (&mut tally.owed, &mut tally.held)
        } else {
            (&mut tally.held, &mut tally.owed)
        };
        let there = closes.entry(share).or_default();
        let closed = units.min(*there);
        *there -= closed;
        *opens.entry(share).or_default() += units - closed;
    }

    /// To the next portfolio, with dates and cost.
    pub(super) fn transfer(&mut self, portfolio: usize, on: Date, asset: AssetIndex) {
        let target = (portfolio + 1) % self.portfolios.len();
        let quantity = self.dice.between(1, 60).min(self.held(portfolio, asset));
        if quantity == 0 || target == portfolio {
            return self.buy(portfolio, on, asset);
        }
        let link = Some(Uuid::from_u128(self.moment as u128 + 1));
        let shares = Decimal::from(quantity);
        let out = Event::TransferOut {
            asset,
            quantity: shares,
            link,
        };
        let tally = self.enter(portfolio, on, out, 0, 0);
        *tally.held.entry(asset).or_default() -= quantity;
        let arrival = Event::TransferIn {
            asset,
            quantity: shares,
            cost: Decimal::ZERO,
            acquired_on: None,
            link,
        };
        let tally = self.enter(target, on, arrival, 0, 0);
        *tally.held.entry(asset).or_default() += quantity;
    }

    pub(super) fn cash(&mut self, portfolio: usize, on: Date, asset: AssetIndex) {
        let amount = self.dice.between(1, 250_000) as i64 * 4;
        let stated = cents(amount);
        let (event, received) = match self.dice.below(8) {
            0 => (Event::Interest { amount: stated }, amount),
            1 => (Event::Deposit { amount: stated }, amount),
            2 => (Event::Withdrawal { amount: stated }, -amount),
            3 => {
                let asset = Some(asset);
                (
                    Event::Fee {
                        asset,
                        amount: stated,
                    },
                    -amount,
                )
            }
            4 => (
                Event::Tax {
                    asset: None,
                    amount: stated,
                },
                -amount,
            ),
            5 => (Event::Conversion { amount: stated }, -amount),
            _ => (
                Event::Dividend {
                    asset,
                    amount: stated,
                },
                amount,
            ),
        };
        let tally = self.enter(portfolio, on, event, received, 3);
        if let Event::Conversion { .. } = event {
            // Five dollars for four euros.
            *tally.cash.entry(Currency::USD).or_default() += amount / 4 * 5;
            if let Some(entry) = self.portfolios[portfolio].last_mut() {
                entry.settlement = Some(Settlement {
                    currency: Currency::USD,
                    fx_rate: Decimal::new(125, 2),
                });
            }
        }
    }

    pub(super) fn reinvest(&mut self, portfolio: usize, on: Date, asset: AssetIndex) {
        let (quantity, amount, fee) = self.trade();
        let event = Event::ReinvestedDividend {
            asset,
            quantity: quantity.into(),
            amount: cents(amount),
        };
        // No cash moves, charges neither.
        let tally = self.enter(portfolio, on, event, fee, fee);
        *tally.held.entry(asset).or_default() += quantity;
        tally.put_in += amount + fee;
    }
}
