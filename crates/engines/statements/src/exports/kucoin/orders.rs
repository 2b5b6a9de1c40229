//! Orders, executions, purchases with money and instant conversions.

use rust_decimal::Decimal;

use crate::{Row, code, dates::Moment, model::Refusal, text::shown};

use super::{
    super::{
        coins::{Leg, Movement, Swap, is_fiat},
        sheet::{Line, nothing, unknown_type},
        sums::plus,
    },
    MONEY, TIMES, check_status,
};

pub(super) fn order(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    check_status(line)?;
    let quantity = line.number_or_zero("filledamount size amount amountcoin")?;
    if quantity.is_zero() {
        return Err(nothing("the order was not filled"));
    }
    let (base, quote) = pair(line.text("symbol pair"))?;
    let money = line.needed("filledvolume funds volume dealvalue")?;
    let mut base = leg(&base, quantity);
    let mut quote = leg(&quote, money);
    let paid_in = line.text("feecurrency feecoin").to_uppercase();
    let fee = line.number_or_zero("fee")?;
    let other_fee = if paid_in == base.asset {
        base.fee = fee;
        None
    } else if paid_in.is_empty() || paid_in == quote.asset {
        // Layouts without the fee's coin state it in the coin of the price.
        quote.fee = fee;
        None
    } else {
        Some((paid_in, fee))
    };
    let word = line.text("side direction");
    let (sold, bought) = match word.to_lowercase().as_str() {
        "buy" => (quote, base),
        "sell" => (base, quote),
        _ => return Err(unknown_type("KuCoin", word)),
    };
    let worth = line.number("filledvolumeusdt")?;
    let swap = Swap {
        line: line.number_in_file(),
        id: id(line),
        account: account(line),
        note: "",
        moment: line.moment_utc(TIMES)?,
        sold,
        bought,
        value: worth.map(|dollars| (dollars.abs(), MONEY)),
    };
    let mut rows = swap.rows()?;
    if let Some((asset, fee)) = other_fee {
        rows.extend(fee_elsewhere(&swap, &asset, fee)?);
    }
    Ok(rows)
}

/// Executions share the id of their order, so it is an id of orders alone.
fn id<'l>(line: &Line<'l>) -> &'l str {
    if line.sheet().has("makertaker liquidity") {
        ""
    } else {
        line.text("orderid oid")
    }
}

pub(super) fn account<'l>(line: &Line<'l>) -> &'l str {
    line.text("uid")
}

fn leg(asset: &str, quantity: Decimal) -> Leg {
    Leg {
        asset: asset.to_owned(),
        quantity,
        fee: Decimal::ZERO,
    }
}

/// A fee in a third coin, such as KCS.
fn fee_elsewhere(swap: &Swap<'_>, asset: &str, fee: Decimal) -> Result<Option<Row>, Refusal> {
    Movement {
        line: swap.line,
        id: swap.id,
        account: swap.account,
        note: "",
        moment: swap.moment,
        asset,
        quantity: Decimal::ZERO,
        fee,
        money: MONEY,
        value: None,
    }
    .fee_in_coins()
}

/// `BTC-USDT` or `BTC/USDT`.
fn pair(text: &str) -> Result<(String, String), Refusal> {
    text.split_once(['-', '/'])
        .map(|(base, quote)| (base.trim().to_uppercase(), quote.trim().to_uppercase()))
        .filter(|(base, quote)| !base.is_empty() && !quote.is_empty())
        .ok_or_else(|| {
            Refusal::new(
                code::INVALID_SYMBOL,
                format!(
                    "symbol “{}” is no pair: write it like BTC-USDT",
                    shown(text)
                ),
            )
        })
}

/// Coins for money: with a card, through a third party, or from another user.
pub(super) fn fiat_trade(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    check_status(line)?;
    let mut coins = leg(
        &line.text("currencycrypto").to_uppercase(),
        line.needed("cryptoquantity")?,
    );
    let mut money = leg(
        &line.text("currencyfiat").to_uppercase(),
        line.needed("fiatamount")?,
    );
    coins.fee = line.number_or_zero("feecrypto")?;
    money.fee = line.number_or_zero("feefiat")?;
    let fee = line.number_or_zero("fee")?;
    if line.text("feecurrency").eq_ignore_ascii_case(&coins.asset) {
        coins.fee = plus(coins.fee, fee)?;
    } else {
        money.fee = plus(money.fee, fee)?;
    }
    let sells = line.text("side ordertype").to_lowercase().contains("sell");
    let (sold, bought) = if sells {
        (coins, money)
    } else {
        (money, coins)
    };
    Swap {
        line: line.number_in_file(),
        id: line.text("orderid"),
        account: "",
        note: line.text("channel paymentmethod"),
        moment: line.moment_utc(TIMES)?,
        sold,
        bought,
        value: None,
    }
    .rows()
}

/// What is given and received stand with their coins: `0.5 ETH`, `ETH 0.5`.
pub(super) fn convert(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    check_status(line)?;
    Swap {
        line: line.number_in_file(),
        id: "",
        account: account(line),
        note: "",
        moment: line.moment_utc(TIMES)?,
        sold: quantity_of_coin(line, "sell")?,
        bought: quantity_of_coin(line, "buy")?,
        value: None,
    }
    .rows()
}

fn quantity_of_coin(line: &Line<'_>, column: &str) -> Result<Leg, Refusal> {
    let text = line.text(column);
    let unreadable = || {
        Refusal::new(
            code::MALFORMED_RECORD,
            format!(
                "{column} “{}” is no quantity with its coin: write it like 0.5 ETH",
                shown(text)
            ),
        )
    };
    let (a, b) = text.split_once(' ').ok_or_else(unreadable)?;
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let (number, coin) = if is_number(a) { (a, b) } else { (b, a) };
    let quantity = crate::numbers::parse(column, number, line.style())?;
    Ok(leg(&coin.trim().to_uppercase(), quantity))
}

/// True where the currency of a history line is money.
pub(super) fn is_money(asset: &str) -> bool {
    is_fiat(asset)
}

pub(super) fn swap_of(
    line: &Line<'_>,
    moment: Moment,
    sold: Leg,
    bought: Leg,
) -> Result<Vec<Row>, Refusal> {
    Swap {
        line: line.number_in_file(),
        id: "",
        account: account(line),
        note: "",
        moment,
        sold,
        bought,
        value: None,
    }
    .rows()
}
