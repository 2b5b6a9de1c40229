//! Coinbase's transaction report. A disclaimer and the user's name stand above the header.

use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Format, Row, Statement, Unreadable, code,
    draft::{Draft, product},
    model::Refusal,
    numbers,
    securities::filled,
    text::shown,
};

use super::{
    coins::{Movement, coin, currency, is_fiat},
    sheet::{Line, Sheet, begin, unknown_type},
    sums::minus,
};

pub(crate) const LAYOUTS: &[&str] = &[
    "timestamp transactiontype asset quantitytransacted spotpricecurrency|pricecurrency \
     spotpriceattransaction|priceattransaction subtotal feesandorspread|fees notes",
];

const PRICE: &str = "spotpriceattransaction priceattransaction";
const MONEY: &str = "spotpricecurrency pricecurrency";
const TOTAL: &str = "totalinclusiveoffeesandorspread totalinclusiveoffees total";
const FEES: &str = "feesandorspread fees";

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&["quantitytransacted", PRICE, "subtotal", TOTAL, FEES]);
    sheet.learn_dates("timestamp")?;
    let mut statement = Statement::new(Format::Coinbase);
    sheet.each(&mut statement, rows);
    Ok(statement)
}

fn rows(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    use TransactionKind as Kind;
    let word = line.text("transactiontype");
    match word.to_lowercase().as_str() {
        "buy" | "advanced trade buy" | "advance trade buy" => Ok(vec![trade(line, Kind::Buy)?]),
        "sell" | "advanced trade sell" | "advance trade sell" => Ok(vec![trade(line, Kind::Sell)?]),
        "deposit" | "receive" | "exchange withdrawal" | "pro withdrawal" => {
            movement(line, false)?.transfer()
        }
        "withdrawal" | "send" | "exchange deposit" | "pro deposit" => {
            movement(line, true)?.transfer()
        }
        "rewards income"
        | "reward income"
        | "staking income"
        | "inflation reward"
        | "learning reward"
        | "coinbase earn"
        | "airdrop"
        | "subscription rebate"
        | "subscription rebates (24 hours)"
        | "incentives rewards payout"
        | "interest payout" => movement(line, false)?.reward(),
        "convert" => convert(line),
        // One coin replaces another: each side is a line of its own, with its value.
        "retail eth2 deprecation" | "retail unstaking transfer" | "retail staking transfer" => {
            let gives = line.needed("quantitytransacted")? < Decimal::ZERO;
            let kind = if gives { Kind::Sell } else { Kind::Buy };
            Ok(vec![trade(line, kind)?])
        }
        _ => Err(unknown_type("Coinbase", word)),
    }
}

fn entry(line: &Line<'_>, kind: TransactionKind) -> Result<Draft, Refusal> {
    let mut draft = begin(line, line.moment_utc("timestamp")?, kind, money(line)?);
    draft.security = coin(line.text("asset"));
    draft.quantity = Some(line.needed("quantitytransacted")?.abs());
    draft.external_id = filled(line.text("id"));
    draft.note = filled(line.text("notes"));
    Ok(draft)
}

fn money(line: &Line<'_>) -> Result<Currency, Refusal> {
    currency(line.text(MONEY))
}

/// The subtotal is before fees and spread.
fn trade(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let mut draft = entry(line, kind)?;
    draft.price = line.number(PRICE)?;
    draft.amount = line.number("subtotal")?.map(|amount| amount.abs());
    draft.fees = line.number_or_zero(FEES)?.abs();
    draft.check()
}

fn movement<'l>(line: &Line<'l>, goes: bool) -> Result<Movement<'l>, Refusal> {
    let quantity = line.needed("quantitytransacted")?.abs();
    let asset = line.text("asset");
    Ok(Movement {
        line: line.number_in_file(),
        id: line.text("id"),
        account: "",
        note: line.text("notes"),
        moment: line.moment_utc("timestamp")?,
        asset,
        quantity: if goes { -quantity } else { quantity },
        fee: if is_fiat(asset) {
            line.number_or_zero(FEES)?.abs()
        } else {
            Decimal::ZERO
        },
        money: money(line)?,
        value: line.number("subtotal")?.map(|value| value.abs()),
    })
}

/// `Converted 0.00363125 BTC to 156.145683 XRP`: of total and subtotal, what was given is worth the
/// one that its price explains, and what was received costs the other.
fn convert(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    let unreadable = || {
        Refusal::new(
            code::MALFORMED_RECORD,
            format!(
                "notes “{}” do not say what was received: write them like “Converted 1 BTC to 15 \
                 ETH”",
                shown(line.text("notes"))
            ),
        )
    };
    let words: Vec<&str> = line.text("notes").split_whitespace().collect();
    let [.., "to", quantity, asset] = *words.as_slice() else {
        return Err(unreadable());
    };
    let received = numbers::parse("notes", quantity, line.style())?;
    let mut sale = entry(line, TransactionKind::Sell)?;
    sale.price = line.number(PRICE)?;
    let stated = [line.needed(TOTAL)?.abs(), line.needed("subtotal")?.abs()];
    let [total, subtotal] = stated;
    let worth = match (sale.quantity, sale.price) {
        (Some(quantity), Some(price)) => product(quantity, price)?,
        _ => total,
    };
    let gap = |value: Decimal| minus(worth, value).map(|gap| gap.abs());
    let (given, cost) = if gap(total)? <= gap(subtotal)? {
        (total, subtotal)
    } else {
        (subtotal, total)
    };
    let cost = cost.min(given);
    sale.amount = Some(given);
    sale.fees = minus(given, cost)?;
    let mut purchase = entry(line, TransactionKind::Buy)?;
    purchase.security = coin(asset);
    purchase.quantity = Some(received);
    purchase.amount = Some(cost);
    for (draft, part) in [(&mut sale, "sold"), (&mut purchase, "bought")] {
        draft.external_id = draft.external_id.take().map(|id| format!("{id}:{part}"));
    }
    Ok(vec![sale.check()?, purchase.check()?])
}
