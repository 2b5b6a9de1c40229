//! Bitvavo's transaction history. Its clock is that of the time zone in the first column, whose
//! distance from UTC is not stated: the date is taken, the instant only where the zone is UTC.

use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use crate::{Format, Row, Statement, Unreadable, model::Refusal, text::shown};

use super::{
    coins::{Movement, coin, currency, is_fiat},
    sheet::{Line, Sheet, begin, not_supported, unknown_type},
    status,
    sums::{minus, plus},
};

pub(crate) const LAYOUTS: &[&str] = &[
    "timezone date time type currency amount quotecurrency|pricecurrency quoteprice|price \
     receivedpaidcurrency receivedpaidamount feecurrency feeamount status transactionid",
];

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&[
        "amount",
        "quoteprice price",
        "receivedpaidamount",
        "feeamount",
    ]);
    sheet.learn_dates("date")?;
    let mut statement = Statement::new(Format::Bitvavo);
    sheet.each(&mut statement, rows);
    Ok(statement)
}

fn rows(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    status::check(line.text("status"), &["completed", "distributed"])?;
    let word = line.text("type");
    match word.to_lowercase().as_str() {
        "buy" => trade(line, TransactionKind::Buy),
        "sell" => trade(line, TransactionKind::Sell),
        "deposit" | "withdrawal" => movement(line)?.transfer(),
        "staking"
        | "fixed_staking"
        | "fixedstaking"
        | "staking_reward"
        | "rebate"
        | "affiliate"
        | "referral"
        | "campaign_new_user_incentive"
        | "lending" => gift(line),
        _ => Err(unknown_type("Bitvavo", word)),
    }
}

/// Coins given are booked as such; money given comes from outside.
fn gift(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    let found = movement(line)?;
    if is_fiat(found.asset) {
        found.transfer()
    } else {
        found.reward()
    }
}

/// What was paid or received is after the fee.
fn trade(line: &Line<'_>, kind: TransactionKind) -> Result<Vec<Row>, Refusal> {
    let money = line.text("receivedpaidcurrency");
    if !is_fiat(money) {
        return Err(not_supported(format!(
            "a trade for {} instead of money is not supported: enter a sell and a buy at their \
             value",
            shown(money)
        )));
    }
    let mut draft = begin(line, when(line)?, kind, currency(money)?);
    let paid_in = line.text("feecurrency");
    let fee = line.number_or_zero("feeamount")?.abs();
    if !fee.is_zero() && paid_in != money {
        return Err(not_supported(format!(
            "a fee in {}, another currency than the trade's, is not supported: enter the trade by \
             hand",
            shown(paid_in)
        )));
    }
    let cash = line.needed("receivedpaidamount")?.abs();
    draft.security = coin(line.text("currency"));
    draft.quantity = Some(line.needed("amount")?.abs());
    draft.price = line.number("quoteprice price")?;
    draft.fees = fee;
    draft.amount = Some(match kind {
        TransactionKind::Buy => minus(cash, fee)?,
        _ => plus(cash, fee)?,
    });
    draft.external_id = crate::securities::filled(line.text("transactionid"));
    Ok(vec![draft.check()?])
}

fn movement<'l>(line: &Line<'l>) -> Result<Movement<'l>, Refusal> {
    Ok(Movement {
        line: line.number_in_file(),
        id: line.text("transactionid"),
        account: "",
        note: "",
        moment: when(line)?,
        asset: line.text("currency"),
        quantity: line.needed("amount")?,
        fee: line.number("feeamount")?.unwrap_or(Decimal::ZERO).abs(),
        money: Currency::EUR,
        value: None,
    })
}

fn when(line: &Line<'_>) -> Result<crate::dates::Moment, Refusal> {
    let zone = line.text("timezone");
    let joined = format!("{}T{}", line.text("date"), line.text("time"));
    let mut moment = line.moment_of("date", &joined)?;
    if zone == "UTC" || zone == "Etc/UTC" {
        moment = moment.in_utc();
    }
    Ok(moment)
}
