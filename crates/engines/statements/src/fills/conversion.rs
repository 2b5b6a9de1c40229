//! Trades of one currency for another.

use ledger::{Settlement, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Row, code,
    draft::{self, Draft},
    model::Refusal,
    numbers::negated,
    text::shown,
};

/// A trade of `base` for `quote`, such as `EUR.USD`.
#[derive(Clone, Debug)]
pub(crate) struct CurrencyTrade {
    pub(crate) base: Currency,
    pub(crate) quote: Currency,
    /// Units of the base currency, positive when they were bought.
    pub(crate) quantity: Decimal,
    /// Units of the quote currency without sign.
    pub(crate) amount: Decimal,
    /// Units of the quote currency for one of the base currency, where stated.
    pub(crate) price: Option<Decimal>,
    /// Positive when it was paid.
    pub(crate) commission: Decimal,
    pub(crate) paid_in: Currency,
}

/// The currencies of `EUR.USD` or `EUR/USD`.
pub(crate) fn pair(symbol: &str) -> Result<(Currency, Currency), Refusal> {
    let halves = symbol.split_once(['.', '/']).ok_or_else(|| {
        Refusal::new(
            code::UNKNOWN_CURRENCY,
            format!(
                "symbol “{}” is no pair of currencies such as EUR.USD",
                shown(symbol)
            ),
        )
    })?;
    Ok((
        draft::currency("symbol", halves.0)?.0,
        draft::currency("symbol", halves.1)?.0,
    ))
}

impl CurrencyTrade {
    /// The conversion, and a fee of its own where the commission is in neither of what was sold.
    /// `draft` brings line, date, account, id and note.
    pub(crate) fn rows(&self, mut draft: Draft) -> Result<Vec<Row>, Refusal> {
        draft.kind = TransactionKind::Conversion;
        if self.base == self.quote {
            return Err(Refusal::new(
                code::INVALID_FX_RATE,
                format!("{} is exchanged for itself", self.base),
            ));
        }
        let units = self.quantity.abs();
        if units.is_zero() || self.amount.is_zero() {
            return Err(Refusal::new(
                code::ZERO_QUANTITY,
                "an exchange of currencies moves money on both sides".to_owned(),
            ));
        }
        let (sold, received, given, fx_rate) = if self.quantity > Decimal::ZERO {
            let rate = unit_rate(units, self.amount)?;
            (self.quote, self.base, self.amount, rate)
        } else {
            let exact = self
                .price
                .filter(|price| units.checked_mul(*price) == Some(self.amount));
            let rate = match exact {
                Some(price) => price,
                None => unit_rate(self.amount, units)?,
            };
            (self.base, self.quote, units, rate)
        };
        draft.currency = sold;
        draft.amount = Some(given);
        draft.settlement = Some(Settlement {
            currency: received,
            fx_rate,
        });
        let mut rows = Vec::with_capacity(2);
        let mut fee = draft.clone();
        if self.paid_in == sold {
            draft.fees = self.commission;
        }
        rows.push(draft.check()?);
        if self.paid_in != sold && !self.commission.is_zero() {
            fee.kind = TransactionKind::Fee;
            fee.currency = self.paid_in;
            fee.settlement = None;
            fee.amount = Some(self.commission);
            fee.external_id = fee.external_id.map(|id| format!("{id}/commission"));
            fee.note = Some("Commission".to_owned());
            rows.push(fee.check()?);
        }
        Ok(rows)
    }
}

/// Rates keep all digits, so that the amount received is right to the last.
fn unit_rate(received: Decimal, given: Decimal) -> Result<Decimal, Refusal> {
    received
        .checked_div(given)
        .filter(|rate| !rate.is_zero())
        .map(|rate| rate.normalize())
        .ok_or_else(draft::too_large)
}

/// What a broker writes as a deduction, as a charge.
pub(crate) fn charge(deducted: Option<Decimal>) -> Decimal {
    negated(deducted.unwrap_or_default())
}
