//! Purchases and sales.

use ledger::TransactionKind;
use money::round_to_currency;
use rust_decimal::Decimal;

use super::{
    account::{Account, Holding, Quote, Side, round_down},
    catalogue::Quoting,
    universe::Market,
};

/// How an order is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// Whole shares, for a commission.
    Shares,
    /// Fractions of a share to this many digits, free of commission: what savings plans buy.
    Fractions(u32),
}

impl Account<'_> {
    /// Buys for at most `budget`, in the currency that pays, and no more than there is. Nothing
    /// happens where that is too little for the smallest order.
    pub(super) fn buy(&mut self, symbol: &'static str, budget: Decimal, size: Size, note: &str) {
        let Some(quote) = self.quote(symbol) else {
            return;
        };
        let Some(price) = self.price(quote) else {
            return;
        };
        let currency = quote.listing.currency;
        let settlement = self.settlement(currency, Side::Paying);
        let (payer, fx_rate) = settlement.map_or((currency, Decimal::ONE), |settled| {
            (settled.currency, settled.fx_rate)
        });
        // A hundredth less, as the commission may be rounded up.
        let budget = budget.min(self.spendable(payer)) / fx_rate - Decimal::new(1, 2);
        let quantity = match size {
            Size::Shares => {
                let budget = budget - Decimal::new(self.terms.ticket, 2);
                (budget / (price * (Decimal::ONE + self.commission_rate()))).floor()
            }
            Size::Fractions(digits) => (budget / price).trunc_with_scale(digits),
        };
        if quantity <= Decimal::ZERO {
            return;
        }
        let mut row = self.draft(TransactionKind::Buy, currency, quantity * price, note);
        row.security = Some(Market::security(quote.listing));
        row.quantity = Some(quantity.normalize());
        row.price = Some(price.normalize());
        row.settlement = settlement;
        if size == Size::Shares {
            row.fees = self.commission(quote, quantity * price);
        }
        let paid = -self.book(row);
        let holding = self.holdings.entry(symbol).or_default();
        holding.quantity += quantity;
        holding.cost += paid;
    }

    /// Sells `part` (at most one) of what is held, rounded down to whole shares where more than one
    /// remains.
    pub(super) fn sell(&mut self, symbol: &'static str, part: Decimal, note: &str) {
        let Some(quote) = self.quote(symbol) else {
            return;
        };
        let Some(price) = self.price(quote) else {
            return;
        };
        let Some(&Holding {
            quantity: held,
            cost,
        }) = self.holdings.get(symbol)
        else {
            return;
        };
        let quantity = match held * part {
            _ if part >= Decimal::ONE => held,
            some if some > Decimal::ONE => some.floor(),
            fraction => fraction.trunc_with_scale(4),
        };
        if quantity <= Decimal::ZERO {
            return;
        }
        let currency = quote.listing.currency;
        let mut row = self.draft(TransactionKind::Sell, currency, quantity * price, note);
        row.security = Some(Market::security(quote.listing));
        row.quantity = Some(quantity.normalize());
        row.price = Some(price.normalize());
        row.fees = self.commission(quote, quantity * price);
        row.settlement = self.settlement(currency, Side::Receiving);
        let paid_into = row.settlement.map_or(currency, |settled| settled.currency);
        let proceeds = self.book(row);
        let sold_cost = cost * quantity / held;
        self.earn(proceeds - sold_cost, paid_into);
        if quantity == held {
            self.holdings.remove(symbol);
        } else {
            self.holdings.insert(
                symbol,
                Holding {
                    quantity: held - quantity,
                    cost: cost - sold_cost,
                },
            );
        }
    }

    /// What the holding is worth today in the currency that paid for it; `None` without a holding.
    pub(super) fn worth(&self, symbol: &str) -> Option<Decimal> {
        let quote = self.quote(symbol)?;
        let holding = self.holdings.get(symbol)?;
        let value = holding.quantity * self.price(quote)?;
        let settlement = self.settlement(quote.listing.currency, Side::Receiving);
        Some(settlement.map_or(value, |settled| value * settled.fx_rate))
    }

    /// Holdings with their unrealised gain as a fraction of their cost, the greatest loss first.
    pub(super) fn gains(&self) -> Vec<(&'static str, Decimal)> {
        let mut gains: Vec<_> = self
            .holdings
            .iter()
            .filter(|(_, holding)| holding.cost > Decimal::ZERO)
            .filter_map(|(&symbol, holding)| {
                Some((symbol, self.worth(symbol)? / holding.cost - Decimal::ONE))
            })
            .collect();
        gains.sort_by_key(|(_, gain)| *gain);
        gains
    }

    /// The price at which today's orders are filled: half way between open and close, hence always
    /// inside the bar.
    fn price(&self, quote: Quote<'_>) -> Option<Decimal> {
        let session = quote.series.session(self.date)?;
        Some(Decimal::new(i64::midpoint(session.open, session.close), 2))
    }

    fn commission(&self, quote: Quote<'_>, amount: Decimal) -> Decimal {
        // Funds are taken back by their own company, without a broker's charge.
        if quote.listing.quoting == Quoting::NetAssetValue {
            return Decimal::ZERO;
        }
        let fees = Decimal::new(self.terms.ticket, 2) + amount * self.commission_rate();
        round_to_currency(fees, quote.listing.currency).normalize()
    }

    fn commission_rate(&self) -> Decimal {
        Decimal::new(self.terms.commission, 4)
    }

    /// `part` of the cash that can be spent, in whole hundredths.
    pub(super) fn part_of_cash(&self, part: Decimal) -> Decimal {
        round_down(self.spendable(self.terms.currency) * part)
    }
}
