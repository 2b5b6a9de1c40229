//! What every trail is made from: amounts, days, qualities and sources in the terms of one valuation.

use jiff::civil::Date;
use ledger::AssetIndex;
use rust_decimal::Decimal;

use super::{Amount, CURRENT_DAYS, Input, Origins, Quality, TRANSACTIONS, rounded};
use crate::{
    scope::Scope,
    valuation::{Holding as HeldNow, Valuation},
};

/// What a trail is made for.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) valuation: &'a Valuation,
    /// Who stated the prices, for trails into which prices go.
    pub(super) origins: Option<&'a Origins>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(valuation: &'a Valuation, origins: Option<&'a Origins>) -> Self {
        Self { valuation, origins }
    }

    /// An amount in the currency of the totals.
    pub(crate) fn money(self, amount: Decimal) -> Amount {
        rounded(self.exact(amount))
    }

    /// An amount that is still to be summed with others; [`Trail::inputs`] rounds it.
    pub(crate) fn exact(self, amount: Decimal) -> Amount {
        Amount::Money {
            amount,
            currency: self.valuation.base,
        }
    }

    /// An amount of the daily series.
    pub(crate) fn float(self, amount: f64) -> Amount {
        match money::decimal_from_f64(amount) {
            Some(amount) => self.money(amount),
            None => Amount::Missing {
                reason: "the figure is too large to be stated".to_owned(),
            },
        }
    }

    pub(crate) fn age(self, on: Date) -> i32 {
        self.valuation
            .as_of
            .since(on)
            .map_or(0, |span| span.get_days())
    }

    /// The quality of an observation of a day.
    pub(crate) fn quality(self, on: Option<Date>) -> Quality {
        match on {
            None => Quality::Missing,
            Some(on) if self.age(on) > CURRENT_DAYS => Quality::Stale,
            Some(_) if self.valuation.is_simulated() => Quality::Simulated,
            Some(_) => Quality::Good,
        }
    }

    /// The quality of what was recorded.
    pub(super) fn good(self) -> Quality {
        if self.valuation.is_simulated() {
            Quality::Simulated
        } else {
            Quality::Good
        }
    }

    /// The quality of a holding's value: of its price, unless a broker states another number of shares.
    pub(crate) fn quality_of(self, holding: &HeldNow) -> Quality {
        let symbol = &self.valuation.instrument(holding.asset).symbol;
        match holding.price_on.filter(|_| holding.is_priced) {
            None => Quality::AtCost,
            Some(_) if self.is_unreconciled("unreconciled_position", symbol) => {
                Quality::Unreconciled
            }
            on => self.quality(on),
        }
    }

    /// The quality of what a holding was worth at the close of a day: by its price of then.
    pub(crate) fn quality_at(self, asset: AssetIndex, on: Date) -> Quality {
        let prices = self.valuation.prices.get(asset.0 as usize);
        let price = prices
            .and_then(Option::as_ref)
            .and_then(|prices| prices.at(on));
        match price {
            None => Quality::AtCost,
            Some((day, _)) if (on - day).get_days() > CURRENT_DAYS => Quality::Stale,
            Some(_) => self.good(),
        }
    }

    /// Whether a broker states something else about shares or about a balance.
    pub(crate) fn is_unreconciled(self, code: &str, what: &str) -> bool {
        let mut findings = self.valuation.findings.iter().map(|placed| &placed.finding);
        findings.any(|finding| finding.code == code && finding.symbol.as_deref() == Some(what))
    }

    /// The gravest quality of everything that is held: what a value of all of it is worth.
    pub(super) fn gravest(self) -> Quality {
        let all = self.valuation.open_holdings();
        let found: Vec<Quality> = all.map(|holding| self.quality_of(holding)).collect();
        let lacks_cash = self.valuation.cash.iter().any(|cash| cash.value.is_none());
        [
            Quality::Missing,
            Quality::AtCost,
            Quality::Unreconciled,
            Quality::Stale,
        ]
        .into_iter()
        .find(|one| found.contains(one) || (lacks_cash && *one == Quality::Missing))
        .unwrap_or_else(|| self.good())
    }

    /// What everything was worth at the close of a day.
    pub(crate) fn worth(
        self,
        text: String,
        amount: Amount,
        on: Date,
        href: Option<String>,
    ) -> Input {
        Input {
            text,
            amount,
            source: "your transactions, closes and exchange rates".to_owned(),
            on: Some(on),
            age_days: Some(self.age(on)),
            quality: if on == self.valuation.as_of {
                self.gravest()
            } else {
                self.good()
            },
            href,
        }
    }

    /// A sum of the books that has a trail of its own or needs none.
    pub(crate) fn booked(
        self,
        text: impl Into<String>,
        amount: Amount,
        href: Option<String>,
    ) -> Input {
        let as_of = self.valuation.as_of;
        Input {
            text: text.into(),
            amount,
            source: "the books".to_owned(),
            on: Some(as_of),
            age_days: Some(0),
            quality: self.good(),
            href,
        }
    }

    /// Where a holding is shown.
    pub(crate) fn holding_href(self, asset: AssetIndex) -> String {
        let only = match self.valuation.portfolios.as_slice() {
            [only] => Some(only.id),
            _ => None,
        };
        let scope = Scope::known(only, self.valuation.known_on);
        scope.holding_href(self.valuation.instrument(asset).id)
    }

    /// What somebody recorded or imported.
    pub(crate) fn recorded(
        self,
        text: String,
        amount: Amount,
        on: Date,
        id: Option<uuid::Uuid>,
    ) -> Input {
        Input {
            text,
            amount,
            source: TRANSACTIONS.to_owned(),
            on: Some(on),
            age_days: Some(self.age(on)),
            quality: self.good(),
            href: id.map(|id| Scope::known(None, self.valuation.known_on).transaction_href(id)),
        }
    }
}
