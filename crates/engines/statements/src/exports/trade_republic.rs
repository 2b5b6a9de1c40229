//! Trade Republic's own export, and the one that the program pytr makes.

mod pytr;

use std::collections::HashMap;

use ledger::TransactionKind;
use rust_decimal::Decimal;

use crate::{
    Format, Row, Statement, Unreadable,
    draft::Draft,
    model::Refusal,
    numbers::negated,
    securities::{Named, filled},
};

use super::sheet::{Line, Sheet, begin, nothing, take_all, unknown_type};

pub(crate) const LAYOUTS: &[&str] = &[
    "datetime date category type assetclass name symbol shares price amount fee tax currency \
     transactionid",
    "date|datum typ|type|transactietype wert|value|waardenetto notiz|note|opmerking isin \
     stück|shares|aantal gebühren|fees|kosten steuern|taxes|belasting !buchungswährung \
     !transactioncurrency !währung !currency",
];

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    let mut statement = Statement::new(Format::TradeRepublic);
    if !sheet.has("transactionid") {
        pytr::read(sheet, &mut statement)?;
        return Ok(statement);
    }
    sheet.learn_numbers(&["shares", "price", "amount", "fee", "tax"]);
    let redeemed = redemptions(sheet);
    for line in sheet.lines() {
        let outcome = line.check_width().and_then(|()| row(&line, &redeemed));
        take_all(
            &mut statement,
            line.number_in_file(),
            outcome.map(|row| vec![row]),
        );
    }
    Ok(statement)
}

/// Bonds of which a line gives up the shares and another states the cash, by symbol and date.
struct Redeemed<'s> {
    shares: HashMap<(&'s str, &'s str), u64>,
    cash: HashMap<(&'s str, &'s str), (u64, Line<'s>)>,
}

fn redemptions(sheet: &Sheet) -> Redeemed<'_> {
    let of_type = |word: &'static str| {
        sheet
            .lines()
            .filter(move |line| line.text("type") == word)
            .map(|line| ((line.text("symbol"), line.text("date")), line))
    };
    Redeemed {
        shares: of_type("REDEMPTION")
            .map(|(key, line)| (key, line.number_in_file()))
            .collect(),
        cash: of_type("FINAL_MATURITY")
            .map(|(key, line)| (key, (line.number_in_file(), line)))
            .collect(),
    }
}

fn row(line: &Line<'_>, redeemed: &Redeemed<'_>) -> Result<Row, Refusal> {
    use TransactionKind as Kind;
    let word = line.text("type");
    let key = (line.text("symbol"), line.text("date"));
    match word {
        "BUY" | "SAVINGS_PLAN" => trade(line, Kind::Buy, line),
        "SELL" => trade(line, Kind::Sell, line),
        "REDEMPTION" => {
            // The cash of the same event may stand on a line of its own.
            let cash = redeemed.cash.get(&key).map_or(line, |(_, cash)| cash);
            trade(line, Kind::Sell, cash)
        }
        "FINAL_MATURITY" => match redeemed.shares.get(&key) {
            Some(other) => Err(nothing(format!(
                "the cash is booked with the shares of line {other}"
            ))),
            // Without the shares that end, the cash gives back what they cost.
            None => cash(line, Kind::ReturnOfCapital),
        },
        "PRIVATE_MARKET_BUY" => private_market(line),
        "DIVIDEND" | "DISTRIBUTION" => cash(line, Kind::Dividend),
        "INTEREST_PAYMENT" | "INTEREST" | "COUPON_PAYMENT" => cash(line, Kind::Interest),
        // Presents of the broker come from outside the portfolio as deposits do.
        "CUSTOMER_INBOUND"
        | "CUSTOMER_INPAYMENT"
        | "TRANSFER_INBOUND"
        | "TRANSFER_INSTANT_INBOUND"
        | "CARD_REFUND"
        | "STOCKPERK"
        | "BENEFITS_SAVEBACK"
        | "BENEFITS_SPARE_CHANGE"
        | "BONUS"
        | "GIFT" => cash(line, Kind::Deposit),
        "CUSTOMER_OUTBOUND"
        | "CUSTOMER_OUTBOUND_REQUEST"
        | "TRANSFER_OUTBOUND"
        | "TRANSFER_INSTANT_OUTBOUND"
        | "CARD_TRANSACTION"
        | "CARD_TRANSACTION_INTERNATIONAL"
        | "CARD_ATM_WITHDRAWAL" => cash(line, Kind::Withdrawal),
        "CARD_ORDERING_FEE" | "FEE" => cash(line, Kind::Fee),
        "TAX" | "TAX_OPTIMIZATION" | "TAX_REFUND" => cash(line, Kind::Tax),
        "FREE_RECEIPT" | "TRANSFER_IN" | "DEPOT_TRANSFER_IN" => shares(line, Kind::TransferIn),
        "TRANSFER_OUT" | "DEPOT_TRANSFER_OUT" => shares(line, Kind::TransferOut),
        "BONUS_ISSUE" | "STOCK_DIVIDEND" => shares(line, Kind::StockDividend),
        _ => Err(unknown_type("Trade Republic", word)),
    }
}

fn entry(line: &Line<'_>, kind: TransactionKind) -> Result<Draft, Refusal> {
    let (currency, _) = line.currency("currency")?;
    // The date is the booking's on the customer's calendar, the instant is given in UTC.
    let mut moment = line.moment("date")?;
    moment.at = line.moment("datetime")?.at;
    let mut draft = begin(line, moment, kind, currency);
    draft.external_id = filled(line.text("transactionid"));
    draft.note = filled(line.text("description"));
    let class = match line.text("assetclass") {
        "PRIVATE_FUND" => "alternative".to_owned(),
        "FUND" => "etf".to_owned(),
        class => class.to_lowercase(),
    };
    if !line.text("symbol").is_empty() {
        draft.security = Named {
            symbol: line.text("symbol"),
            name: line.text("name"),
            asset_class: &class,
            ..Named::default()
        }
        .security();
    }
    // Charges are deductions; tax given back is positive.
    draft.fees = negated(line.number_or_zero("fee")?);
    draft.taxes = negated(line.number_or_zero("tax")?);
    Ok(draft)
}

fn trade(line: &Line<'_>, kind: TransactionKind, cash: &Line<'_>) -> Result<Row, Refusal> {
    let mut draft = entry(line, kind)?;
    draft.quantity = line.number("shares")?.map(|shares| shares.abs());
    // A price beside the cash of another line would only say the same less exactly.
    let is_own = cash.number_in_file() == line.number_in_file();
    draft.price = line.number("price")?.filter(|_| is_own);
    draft.amount = cash.number("amount")?.map(|amount| amount.abs());
    draft.check()
}

fn shares(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let mut draft = entry(line, kind)?;
    draft.quantity = line.number("shares")?.map(|shares| shares.abs());
    draft.check()
}

fn cash(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let mut draft = entry(line, kind)?;
    let moved = line.needed("amount")?;
    draft.amount = Some(match kind {
        TransactionKind::Deposit | TransactionKind::Withdrawal => moved.abs(),
        TransactionKind::Fee | TransactionKind::Tax => negated(moved),
        _ => moved,
    });
    if matches!(kind, TransactionKind::Deposit | TransactionKind::Withdrawal) {
        draft.security = None;
        draft.note = filled(line.text("description")).or_else(|| filled(line.text("name")));
    }
    draft.check()
}

/// Money paid into a private fund before its shares are known: held by the amount at a price of one
/// until the shares are entered.
fn private_market(line: &Line<'_>) -> Result<Row, Refusal> {
    let mut draft = entry(line, TransactionKind::Buy)?;
    draft.quantity = Some(line.needed("amount")?.abs());
    draft.price = Some(Decimal::ONE);
    draft.check()
}
