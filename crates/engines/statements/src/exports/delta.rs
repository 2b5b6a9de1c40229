//! Delta's export of transactions.

use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Format, Row, Security, Statement, Unreadable,
    draft::Draft,
    model::Refusal,
    securities::{Named, filled},
};

use super::{
    coins::{Leg, Movement, Swap, currency, is_fiat},
    sheet::{Line, Sheet, begin, not_supported, unknown_type},
};

pub(crate) const LAYOUTS: &[&str] = &[
    "date way baseamount basecurrencyname basetype quoteamount quotecurrency feeamount \
     feecurrencyname",
];

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&["baseamount", "quoteamount", "feeamount"]);
    sheet.learn_dates("date")?;
    let mut statement = Statement::new(Format::Delta);
    sheet.each(&mut statement, rows);
    Ok(statement)
}

/// `SOL (Solana)` is a ticker with its name.
fn ticker(text: &str) -> (String, &str) {
    match text.split_once('(') {
        Some((symbol, name)) => (
            symbol.trim().to_uppercase(),
            name.trim_end_matches(')').trim(),
        ),
        None => (text.trim().to_uppercase(), ""),
    }
}

fn rows(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    use TransactionKind as Kind;
    let way = line.text("way").to_uppercase();
    let is_coin = line.text("basetype").eq_ignore_ascii_case("CRYPTO");
    match &*way {
        "BUY" | "SELL" if is_coin => exchange(line, way == "BUY"),
        "BUY" => Ok(vec![security_row(line, Kind::Buy)?]),
        "SELL" => Ok(vec![security_row(line, Kind::Sell)?]),
        "DIVIDEND" => Ok(vec![security_row(line, Kind::Dividend)?]),
        "DEPOSIT" | "WITHDRAW" | "TRANSFER" => moved(line, &way),
        _ => Err(unknown_type("Delta", line.text("way"))),
    }
}

fn exchange(line: &Line<'_>, buys: bool) -> Result<Vec<Row>, Refusal> {
    let base = ticker(line.text("basecurrencyname")).0;
    let quote = ticker(line.text("quotecurrency")).0;
    let fee_in = ticker(line.text("feecurrencyname")).0;
    let fee = line.number_or_zero("feeamount")?.abs();
    let leg = |asset: String, quantity: Decimal| Leg {
        fee: if fee_in == asset { fee } else { Decimal::ZERO },
        asset,
        quantity,
    };
    let base = leg(base, line.needed("baseamount")?.abs());
    let quote = leg(quote, line.needed("quoteamount")?.abs());
    let (sold, bought) = if buys { (quote, base) } else { (base, quote) };
    let is_elsewhere = !fee.is_zero() && fee_in != sold.asset && fee_in != bought.asset;
    let swap = Swap {
        line: line.number_in_file(),
        id: "",
        account: account(line),
        note: line.text("notes"),
        moment: line.moment("date")?,
        sold,
        bought,
        value: None,
    };
    let mut rows = swap.rows()?;
    if is_elsewhere {
        let paid = Movement {
            line: swap.line,
            id: "",
            account: swap.account,
            note: "",
            moment: swap.moment,
            asset: &fee_in,
            quantity: Decimal::ZERO,
            fee,
            money: Currency::USD,
            value: None,
        };
        rows.extend(paid.fee_in_coins()?);
    }
    Ok(rows)
}

fn account<'l>(line: &Line<'l>) -> &'l str {
    match line.text("broker") {
        "" => line.text("exchange"),
        broker => broker,
    }
}

fn named(line: &Line<'_>) -> Option<Security> {
    let (symbol, name) = ticker(line.text("basecurrencyname"));
    Named {
        symbol: &symbol,
        name,
        asset_class: line.text("basetype"),
        ..Named::default()
    }
    .security()
}

fn security_row(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let currency = currency(line.text("quotecurrency"))?;
    let mut draft: Draft = begin(line, line.moment("date")?, kind, currency);
    let fee = line.number_or_zero("feeamount")?.abs();
    let fee_in = ticker(line.text("feecurrencyname")).0;
    if !fee.is_zero() && fee_in != currency.as_str() {
        return Err(not_supported(format!(
            "a fee in {fee_in}, another currency than {currency}, is not supported: enter the line \
             by hand"
        )));
    }
    draft.fees = fee;
    draft.security = named(line);
    draft.account = filled(account(line));
    draft.note = filled(line.text("notes"));
    draft.amount = line.number("quoteamount")?.map(|amount| amount.abs());
    if kind.states_quantity() {
        draft.quantity = line.number("baseamount")?.map(|shares| shares.abs());
    }
    draft.check()
}

/// Coins or money that came or went. What came from a source of income was earned.
fn moved(line: &Line<'_>, way: &str) -> Result<Vec<Row>, Refusal> {
    let asset = ticker(line.text("basecurrencyname")).0;
    let is_coin = line.text("basetype").eq_ignore_ascii_case("CRYPTO");
    if !is_coin && !is_fiat(&asset) {
        return Err(not_supported(
            "a transfer of securities does not say what they had cost: enter it by hand",
        ));
    }
    let from = line.text("sentreceivedfrom").to_uppercase();
    let goes = match way {
        "WITHDRAW" => true,
        "DEPOSIT" => false,
        _ => {
            return Err(not_supported(
                "a transfer between own accounts changes nothing here, but its fee may: enter the \
                 fee by hand",
            ));
        }
    };
    let quantity = line.needed("baseamount")?.abs();
    let fee_in = ticker(line.text("feecurrencyname")).0;
    let fee = line.number_or_zero("feeamount")?.abs();
    if !fee.is_zero() && fee_in != asset {
        return Err(not_supported(format!(
            "a fee in {fee_in} for moving {asset} is not supported: enter the line by hand"
        )));
    }
    let found = Movement {
        line: line.number_in_file(),
        id: "",
        account: account(line),
        note: line.text("notes"),
        moment: line.moment("date")?,
        asset: &asset,
        quantity: if goes { -quantity } else { quantity },
        fee,
        money: Currency::USD,
        value: None,
    };
    let income = [
        "DIVIDENDS",
        "MINING",
        "STAKING",
        "AIRDROP",
        "FORK",
        "REWARD",
    ];
    if !goes && income.iter().any(|source| from.contains(source)) {
        found.reward()
    } else {
        found.transfer()
    }
}
