//! What the actions book.

use ledger::{Settlement, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Row,
    draft::{Draft, product, unit_price},
    model::Refusal,
    numbers::negated,
};

use super::{
    super::{
        sheet::{Line, not_supported, scaled},
        sums::{gross, minus, must_explain, net, plus, positive_rate, settle},
    },
    entry, total,
};

/// Charges that are taxes.
const TAXES: [&str; 3] = [
    "stampdutyreservetax",
    "frenchtransactiontax",
    "italiantransactiontax",
];
/// Charges that are fees.
const FEES: [&str; 6] = [
    "currencyconversionfee",
    "transactionfee",
    "finrafee",
    "ptmlevy",
    "chargeamount",
    "depositfee",
];

/// How amounts in other currencies become those of the price.
struct Rates {
    priced_in: Currency,
    paid_in: Currency,
    /// Units of the price's currency for one of the total's.
    rate: Option<Decimal>,
}

impl Rates {
    fn of(line: &Line<'_>, paid_in: Currency) -> Result<(Self, Decimal), Refusal> {
        let (priced_in, factor) = line.currency("currencypriceshare")?;
        let stated = match line.text("exchangerate") {
            "" | "Not available" => None,
            _ => scaled(line.number("exchangerate")?, factor)?,
        };
        let rate = if priced_in == paid_in {
            Some(Decimal::ONE)
        } else {
            stated.filter(|rate| *rate > Decimal::ZERO)
        };
        let rates = Self {
            priced_in,
            paid_in,
            rate,
        };
        Ok((rates, factor))
    }

    fn convert(&self, line: &Line<'_>, column: &str) -> Result<Decimal, Refusal> {
        let Some(stated) = line.number(column)?.filter(|value| !value.is_zero()) else {
            return Ok(Decimal::ZERO);
        };
        let (currency, factor) = match line.text(&format!("currency{column}")) {
            "" => (self.paid_in, Decimal::ONE),
            text => crate::draft::currency(column, text)?,
        };
        let value = product(stated, factor)?;
        if currency == self.priced_in {
            Ok(value)
        } else if let Some(rate) = self.rate.filter(|_| currency == self.paid_in) {
            product(value, rate)
        } else {
            Err(not_supported(format!(
                "{column} in {currency} cannot be added to amounts in {} and {}: no rate is stated; \
                 enter the line by hand",
                self.priced_in, self.paid_in
            )))
        }
    }

    fn sum(&self, line: &Line<'_>, columns: &[&str]) -> Result<Decimal, Refusal> {
        columns.iter().try_fold(Decimal::ZERO, |sum, column| {
            plus(sum, self.convert(line, column)?)
        })
    }
}

pub(super) fn trade(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let (cash, paid_in) = total(line)?;
    let cash = cash.abs();
    let (rates, factor) = Rates::of(line, paid_in)?;
    let mut draft = entry(line, kind, rates.priced_in)?;
    let quantity = line.needed("noofshares")?;
    let price = product(line.needed("priceshare")?, factor)?;
    draft.quantity = Some(quantity);
    draft.price = Some(price);
    draft.fees = rates.sum(line, &FEES)?;
    draft.taxes = rates.sum(line, &TAXES)?;
    if rates.priced_in == paid_in {
        draft.amount = Some(gross(&draft, cash)?);
        return draft.check();
    }
    let own = net(&draft, product(quantity, price)?)?;
    if let Some(rate) = rates.rate {
        must_explain(unit_price(own, rate)?, cash)?;
    }
    settle(&mut draft, paid_in, cash)?;
    draft.check()
}

/// The price is the dividend of one share after the tax withheld, the total what was credited.
pub(super) fn dividend(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let (cash, paid_in) = total(line)?;
    let stated = (line.number("noofshares")?, line.number("priceshare")?);
    let (Some(quantity), Some(price)) = stated else {
        let mut draft = entry(line, kind, paid_in)?;
        draft.amount = Some(cash);
        return draft.check();
    };
    let (mut rates, factor) = Rates::of(line, paid_in)?;
    let received = product(quantity, product(price, factor)?)?;
    if rates.priced_in == paid_in || received.is_zero() || cash.is_zero() {
        let mut draft = entry(line, kind, paid_in)?;
        draft.taxes = withheld(line, &rates, &mut draft.note)?;
        draft.amount = Some(plus(cash, draft.taxes)?);
        return draft.check();
    }
    if rates.rate.is_none() {
        rates.rate = Some(positive_rate(received, cash)?);
    }
    let mut draft = entry(line, kind, rates.priced_in)?;
    draft.taxes = withheld(line, &rates, &mut draft.note)?;
    draft.amount = Some(plus(received, draft.taxes)?);
    settle(&mut draft, paid_in, cash)?;
    draft.check()
}

/// The tax withheld. In a third currency it cannot be added, since no rate is stated: the dividend
/// is booked as it was credited, and the note says what is missing.
fn withheld(line: &Line<'_>, rates: &Rates, note: &mut Option<String>) -> Result<Decimal, Refusal> {
    match rates.convert(line, "withholdingtax") {
        Err(refusal) if refusal.code == crate::code::NOT_SUPPORTED_YET => {
            *note = Some(format!(
                "after {} {} of withholding tax, for which no rate is stated",
                line.text("withholdingtax"),
                line.text("currencywithholdingtax")
            ));
            Ok(Decimal::ZERO)
        }
        other => other,
    }
}

/// Shares that come or go without being paid for.
pub(super) fn shares(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let (currency, factor) = line.currency("currencypriceshare")?;
    let mut draft = entry(line, kind, currency)?;
    draft.quantity = Some(line.needed("noofshares")?);
    let price = scaled(line.number("priceshare")?, factor)?;
    draft.price = price.filter(|price| !price.is_zero());
    draft.check()
}

/// Money alone. The total is what moved: negative when it went.
pub(super) fn cash(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let (cash, currency) = total(line)?;
    let mut draft = entry(line, kind, currency)?;
    draft.security = None;
    draft.amount = Some(match kind {
        TransactionKind::Withdrawal | TransactionKind::Deposit | TransactionKind::Fee => cash.abs(),
        // A refund of tax comes as a positive total.
        TransactionKind::Tax => negated(cash),
        _ => cash,
    });
    if let Some(merchant) = crate::securities::filled(line.text("merchantname")) {
        draft.note = Some(match &draft.note {
            Some(note) => format!("{note}, {merchant}"),
            None => merchant,
        });
    }
    draft.check()
}

pub(super) fn conversion(line: &Line<'_>) -> Result<Row, Refusal> {
    let amount = line.needed("currencyconversionfromamount")?.abs();
    let received = line.needed("currencyconversiontoamount")?.abs();
    let (from, _) = line.currency("currencycurrencyconversionfromamount")?;
    let (into, _) = line.currency("currencycurrencyconversiontoamount")?;
    let mut draft = conversion_draft(line, from)?;
    let fee = line.number_or_zero("currencyconversionfee")?;
    let (fee_in, _) = match line.text("currencycurrencyconversionfee") {
        "" => (from, Decimal::ONE),
        text => crate::draft::currency("Currency conversion fee", text)?,
    };
    // A fee in the currency received is already out of what was received.
    if fee_in == from && !fee.is_zero() {
        draft.fees = fee;
        draft.amount = Some(minus(amount, fee)?);
    } else {
        draft.amount = Some(amount);
    }
    draft.settlement = Some(Settlement {
        currency: into,
        fx_rate: positive_rate(received, draft.amount.unwrap_or_default())?,
    });
    draft.check()
}

fn conversion_draft(line: &Line<'_>, from: Currency) -> Result<Draft, Refusal> {
    let mut draft = entry(line, TransactionKind::Conversion, from)?;
    draft.security = None;
    Ok(draft)
}
