//! The checks that every record of every format passes on its way to a row.

use jiff::{Timestamp, civil::Date};
use ledger::{Ratio, Settlement, TransactionKind};
use money::{Currency, InvalidCurrency, Quotation};
use rust_decimal::Decimal;

use crate::{Row, Security, code, model::Refusal, text::shown, words::word_of_kind};

/// A record whose fields are read, but not yet known to make sense together.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) line: u64,
    pub(crate) account: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) date: Date,
    pub(crate) executed_at: Option<Timestamp>,
    pub(crate) kind: TransactionKind,
    pub(crate) security: Option<Security>,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) price: Option<Decimal>,
    pub(crate) amount: Option<Decimal>,
    pub(crate) fees: Decimal,
    pub(crate) taxes: Decimal,
    pub(crate) currency: Currency,
    pub(crate) settlement: Option<Settlement>,
    pub(crate) ratio: Option<Ratio>,
    pub(crate) target: Option<Security>,
    pub(crate) cost_share: Option<Decimal>,
    pub(crate) acquired_on: Option<Date>,
    pub(crate) note: Option<String>,
}

impl Draft {
    /// A record of which nothing is known but when, what and in which currency.
    pub(crate) fn new(line: u64, date: Date, kind: TransactionKind, currency: Currency) -> Self {
        Self {
            line,
            account: None,
            external_id: None,
            date,
            executed_at: None,
            kind,
            security: None,
            quantity: None,
            price: None,
            amount: None,
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            currency,
            settlement: None,
            ratio: None,
            target: None,
            cost_share: None,
            acquired_on: None,
            note: None,
        }
    }

    /// The row, if type, instrument, shares and amounts fit together.
    pub(crate) fn check(self) -> Result<Row, Refusal> {
        use TransactionKind as Kind;
        match self.kind {
            Kind::Buy | Kind::Sell | Kind::Short | Kind::Cover | Kind::ReinvestedDividend => {
                self.trade()
            }
            Kind::StockDividend
            | Kind::TransferIn
            | Kind::TransferOut
            | Kind::Exercise
            | Kind::Assignment
            | Kind::Expiry => self.movement(),
            Kind::Split => self.split(),
            Kind::SpinOff | Kind::Merger | Kind::SymbolChange => self.exchange(),
            Kind::Conversion => self.conversion(),
            Kind::Dividend
            | Kind::ReturnOfCapital
            | Kind::Interest
            | Kind::Deposit
            | Kind::Withdrawal
            | Kind::Fee
            | Kind::Tax => self.cash(),
        }
    }

    fn trade(self) -> Result<Row, Refusal> {
        self.needs_security()?;
        let quantity = self
            .quantity
            .ok_or_else(|| self.missing("quantity", "give the shares"))?;
        if quantity < Decimal::ZERO {
            return Err(self.negative_quantity(quantity));
        }
        if quantity.is_zero() {
            return Err(self.zero_quantity());
        }
        let shares = self.shares(quantity)?;
        let (price, amount) = match (self.price, self.amount) {
            (Some(price), Some(amount)) => {
                must_agree(shares, price, amount)?;
                (price, amount)
            }
            (Some(price), None) => (price, product(shares, price)?),
            (None, Some(amount)) => (unit_price(amount, shares)?, amount),
            (None, None) => return Err(self.missing("price", "give a price or an amount")),
        };
        for (field, value) in [("price", price), ("amount", amount)] {
            if value < Decimal::ZERO {
                return Err(negative(field, value, word_of_kind(self.kind)));
            }
        }
        Ok(self.row(Some(quantity), Some(price), amount))
    }

    /// The shares that so many contracts are about; of other instruments the quantity itself.
    pub(crate) fn shares(&self, quantity: Decimal) -> Result<Decimal, Refusal> {
        match self.security.as_ref().and_then(|s| s.option.as_ref()) {
            Some(terms) => product(quantity, terms.multiplier),
            None => Ok(quantity),
        }
    }

    /// Shares that move without being paid for; an amount says what they cost or were worth.
    fn movement(self) -> Result<Row, Refusal> {
        self.needs_security()?;
        let quantity = self
            .quantity
            .ok_or_else(|| self.missing("quantity", "give the shares"))?;
        if quantity.is_zero() {
            return Err(self.zero_quantity());
        }
        let takes_back = self.kind == TransactionKind::TransferIn;
        if quantity < Decimal::ZERO && !takes_back {
            return Err(self.negative_quantity(quantity));
        }
        let amount = match (self.amount, self.price) {
            (Some(amount), _) => amount,
            (None, Some(price)) => product(self.shares(quantity)?, price)?.abs(),
            (None, None) => Decimal::ZERO,
        };
        let price = self.price;
        Ok(self.row(Some(quantity), price, amount))
    }

    /// Shares that become those of another instrument.
    fn exchange(self) -> Result<Row, Refusal> {
        self.needs_security()?;
        let gives_cash = self.kind == TransactionKind::Merger && self.amount.is_some();
        if self.target.is_none() && !gives_cash {
            return Err(self.missing("target_symbol", "give the instrument that is received"));
        }
        let needs_ratio = self.target.is_some() && self.kind != TransactionKind::SymbolChange;
        if needs_ratio || self.ratio.is_some() {
            self.positive_ratio()?;
        }
        let one = Decimal::ONE;
        if let Some(share) = self.cost_share
            && (share < Decimal::ZERO || share > one)
        {
            return Err(Refusal::new(
                code::UNPARSABLE_NUMBER,
                format!("cost_share {share} is no part: write a number from 0 to 1"),
            ));
        }
        let amount = self.amount.unwrap_or_default();
        Ok(self.row(None, None, amount))
    }

    /// One currency given for another.
    fn conversion(self) -> Result<Row, Refusal> {
        if self.settlement.is_none() {
            return Err(self.missing(
                "settlement_currency and fx_rate",
                "give the currency received and its rate",
            ));
        }
        let amount = self
            .amount
            .ok_or_else(|| self.missing("amount", "give the amount of money"))?;
        if amount <= Decimal::ZERO {
            return Err(negative("amount", amount, word_of_kind(self.kind)));
        }
        Ok(self.row(None, None, amount))
    }

    fn split(self) -> Result<Row, Refusal> {
        self.needs_security()?;
        self.positive_ratio()?;
        Ok(self.row(None, None, Decimal::ZERO))
    }

    fn positive_ratio(&self) -> Result<(), Refusal> {
        let Some(Ratio { to, from }) = self.ratio else {
            return Err(self.missing("ratio", "write new for old shares, such as 7:1"));
        };
        if to > Decimal::ZERO && from > Decimal::ZERO {
            return Ok(());
        }
        Err(Refusal::new(
            code::UNPARSABLE_RATIO,
            format!("ratio {to}:{from} must have two numbers above zero, such as 7:1"),
        ))
    }

    fn zero_quantity(&self) -> Refusal {
        Refusal::new(
            code::ZERO_QUANTITY,
            format!(
                "quantity is zero: a {} moves shares",
                word_of_kind(self.kind)
            ),
        )
    }

    fn negative_quantity(&self, quantity: Decimal) -> Refusal {
        Refusal::new(
            code::NEGATIVE_QUANTITY,
            format!(
                "quantity {quantity} is negative: the type says {}, so write {}",
                word_of_kind(self.kind),
                -quantity
            ),
        )
    }

    fn cash(mut self) -> Result<Row, Refusal> {
        let word = word_of_kind(self.kind);
        if self.kind == TransactionKind::Dividend {
            self.needs_security()?;
            if let (Some(quantity), Some(price), Some(amount)) =
                (self.quantity, self.price, self.amount)
            {
                must_agree(quantity, price, amount)?;
            }
        }
        self.charge_as_amount();
        let amount = match (self.amount, self.quantity, self.price) {
            (Some(amount), _, _) => amount,
            (None, Some(quantity), Some(price)) => product(quantity, price)?,
            _ => return Err(self.missing("amount", "give the amount of money")),
        };
        let one_way = matches!(
            self.kind,
            TransactionKind::Deposit | TransactionKind::Withdrawal
        );
        if one_way && amount < Decimal::ZERO {
            return Err(negative("amount", amount, word));
        }
        if amount.is_zero() && self.fees.is_zero() && self.taxes.is_zero() {
            return Err(Refusal::new(
                code::NOTHING_TO_RECORD,
                format!("the {word} of zero changes nothing"),
            ));
        }
        Ok(self.row(None, None, amount))
    }

    /// Many files state a charge in their column for charges, with or without an amount beside it.
    fn charge_as_amount(&mut self) {
        let column = match self.kind {
            TransactionKind::Fee => &mut self.fees,
            TransactionKind::Tax => &mut self.taxes,
            _ => return,
        };
        let amount = self.amount.filter(|amount| !amount.is_zero());
        if !column.is_zero() && amount.is_none_or(|amount| amount == *column) {
            self.amount = Some(std::mem::take(column));
        }
    }

    fn needs_security(&self) -> Result<(), Refusal> {
        match self.security {
            Some(_) => Ok(()),
            None => Err(self.missing("symbol", "give a symbol or an isin")),
        }
    }

    fn missing(&self, field: &str, remedy: &str) -> Refusal {
        Refusal::missing(
            field,
            &format!("{remedy} for the {}", word_of_kind(self.kind)),
        )
    }

    fn row(self, quantity: Option<Decimal>, price: Option<Decimal>, amount: Decimal) -> Row {
        Row {
            line: self.line,
            account: self.account,
            external_id: self.external_id,
            date: self.date,
            executed_at: self.executed_at,
            kind: self.kind,
            security: self.security,
            quantity,
            price,
            amount,
            fees: self.fees,
            taxes: self.taxes,
            currency: self.currency,
            settlement: self.settlement,
            ratio: self.ratio,
            target: self.target,
            cost_share: self.cost_share,
            acquired_on: self.acquired_on,
            note: self.note,
        }
    }
}

/// Amount and quantity times price may differ by rounding: half a percent, or two hundredths.
fn must_agree(quantity: Decimal, price: Decimal, amount: Decimal) -> Result<(), Refusal> {
    let expected = product(quantity, price)?;
    if agree(expected, amount) {
        return Ok(());
    }
    Err(Refusal::new(
        code::AMOUNT_MISMATCH,
        format!(
            "amount {amount} is not quantity {quantity} times price {price} = {}: correct one \
             of the three, with the amount before fees and taxes",
            expected.round_dp(4).normalize()
        ),
    ))
}

/// True when two amounts differ by no more than rounding explains.
pub(crate) fn agree(expected: Decimal, stated: Decimal) -> bool {
    let tolerance = (expected.abs() * Decimal::new(5, 3)).max(Decimal::new(2, 2));
    expected
        .checked_sub(stated)
        .is_some_and(|gap| gap.abs() <= tolerance)
}

pub(crate) fn product(a: Decimal, b: Decimal) -> Result<Decimal, Refusal> {
    a.checked_mul(b).ok_or_else(too_large)
}

/// The price of one share to sixteen significant digits: what a division leaves beyond them says
/// nothing.
pub(crate) fn unit_price(amount: Decimal, quantity: Decimal) -> Result<Decimal, Refusal> {
    const DIGITS: u32 = 16;
    let exact = amount.checked_div(quantity).ok_or_else(too_large)?;
    Ok(exact.round_sf(DIGITS).unwrap_or(exact).normalize())
}

pub(crate) fn too_large() -> Refusal {
    Refusal::new(
        code::NUMBER_TOO_LARGE,
        "quantity, price and amount together are too large to be kept exactly",
    )
}

fn negative(field: &str, value: Decimal, word: &str) -> Refusal {
    Refusal::new(
        code::NEGATIVE_AMOUNT,
        format!("{field} {value} is negative: a {word} states it without a sign"),
    )
}

/// A currency as files write it, and what amounts in it must be multiplied by: prices in pence
/// (`GBX`, `GBp`), in South African cents (`ZAC`, `ZAc`) and in agorot (`ILA`) become amounts in the
/// currency itself.
pub(crate) fn currency(field: &str, text: &str) -> Result<(Currency, Decimal), Refusal> {
    let unknown = |invalid: InvalidCurrency| {
        Refusal::new(code::UNKNOWN_CURRENCY, format!("{field} {invalid}"))
    };
    Quotation::parse(text)
        .map(|found| (found.currency, found.unit.factor()))
        .map_err(unknown)
}

/// A ratio of new shares for old: `7:1`, `7/1`, `7 for 1`, or `7` alone.
pub(crate) fn ratio(text: &str) -> Result<Ratio, Refusal> {
    let lower = text.trim().to_lowercase();
    let parts = [":", "/", " for ", "-for-"]
        .iter()
        .find_map(|sign| lower.split_once(sign));
    let (to, from) = parts.unwrap_or((&lower, "1"));
    match (to.trim().parse(), from.trim().parse()) {
        (Ok(to), Ok(from)) => Ok(Ratio { to, from }),
        _ => Err(Refusal::new(
            code::UNPARSABLE_RATIO,
            format!(
                "ratio “{}” is not new for old shares: write it like 7:1",
                shown(text)
            ),
        )),
    }
}
