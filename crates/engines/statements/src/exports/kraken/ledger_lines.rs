//! ledgers.csv: one line for each asset that a booking moved; those of one exchange share a refid.

use std::collections::HashMap;

use money::Currency;
use rust_decimal::Decimal;

use crate::{Row, Statement, model::Refusal, text::shown};

use super::{
    super::{
        coins::{Leg, Movement, Swap, currency, is_fiat},
        sheet::{Line, Sheet, not_supported, nothing, take_all, unknown_type},
        sums::plus,
    },
    ticker,
};

/// Types whose lines belong together by their refid.
const EXCHANGES: [&str; 5] = ["trade", "spend", "receive", "conversion", "sale"];

pub(super) fn read(sheet: &Sheet, statement: &mut Statement) {
    let money = money_of(sheet);
    let booked: HashMap<&str, u64> = sheet
        .lines()
        .filter(|line| !line.text("txid").is_empty())
        .map(|line| (line.text("refid"), line.number_in_file()))
        .collect();
    let mut exchanges: HashMap<&str, Vec<Line<'_>>> = HashMap::new();
    for line in sheet.lines() {
        if is_exchange(&line) {
            exchanges.entry(line.text("refid")).or_default().push(line);
        }
    }
    for line in sheet.lines() {
        let at = line.number_in_file();
        if line.text("txid").is_empty() {
            statement.take(at, Err(pending(&line, &booked)));
        } else if is_exchange(&line) {
            // The whole exchange is filed with the first of its lines.
            if let Some(lines) = exchanges.remove(line.text("refid")) {
                take_exchange(statement, &lines);
            }
        } else {
            let outcome = line.check_width().and_then(|()| single(&line, money));
            take_all(statement, at, outcome);
        }
    }
}

/// The currency of the file's first line that is about money, in which coins without a value are
/// noted.
fn money_of(sheet: &Sheet) -> Currency {
    sheet
        .lines()
        .map(|line| ticker(line.text("asset")))
        .find(|asset| is_fiat(asset))
        .and_then(|asset| currency(&asset).ok())
        .unwrap_or(Currency::USD)
}

fn is_exchange(line: &Line<'_>) -> bool {
    !line.text("txid").is_empty()
        && EXCHANGES
            .iter()
            .any(|kind| line.text("type").eq_ignore_ascii_case(kind))
}

fn pending(line: &Line<'_>, booked: &HashMap<&str, u64>) -> Refusal {
    let id = shown(line.text("refid"));
    nothing(match booked.get(line.text("refid")) {
        Some(other) => format!("the request {id} is booked by line {other}"),
        None => format!("the request {id} has no txid: it is not booked yet"),
    })
}

/// Every line of a refused exchange is refused, so that none is missing.
fn take_exchange(statement: &mut Statement, lines: &[Line<'_>]) {
    match exchange(lines) {
        Ok(rows) => statement.rows.extend(rows),
        Err(refusal) => {
            for line in lines {
                statement.take(line.number_in_file(), Err(refusal.clone()));
            }
        }
    }
}

fn exchange(lines: &[Line<'_>]) -> Result<Vec<Row>, Refusal> {
    let (mut sold, mut bought): (Option<Leg>, Option<Leg>) = (None, None);
    let mut value = None;
    let first = lines
        .first()
        .ok_or_else(|| Refusal::missing("refid", "write the lines of an exchange"))?;
    for line in lines {
        line.check_width()?;
        let amount = line.needed("amount")?;
        // Fee credits pay for an exchange without moving anything of it.
        if amount.is_zero() && line.text("asset").eq_ignore_ascii_case("KFEE") {
            continue;
        }
        let side = if amount < Decimal::ZERO {
            &mut sold
        } else {
            &mut bought
        };
        let asset = ticker(line.text("asset"));
        let leg = side.get_or_insert_with(|| Leg {
            asset: asset.clone(),
            quantity: Decimal::ZERO,
            fee: Decimal::ZERO,
        });
        if leg.asset != asset {
            return Err(not_supported(format!(
                "the exchange {} moves more than two assets, and what each of them was worth is not \
                 stated: enter it by hand",
                shown(line.text("refid"))
            )));
        }
        leg.quantity = plus(leg.quantity, amount.abs())?;
        leg.fee = plus(leg.fee, line.number_or_zero("fee")?)?;
        if amount > Decimal::ZERO
            && let Some(dollars) = line.number("amountusd")?
        {
            value = Some((dollars.abs(), Currency::USD));
        }
    }
    let (Some(sold), Some(bought)) = (sold, bought) else {
        return Err(not_supported(format!(
            "the exchange {} has one side only: export a period that holds both of its lines",
            shown(first.text("refid"))
        )));
    };
    Swap {
        line: first.number_in_file(),
        id: first.text("refid"),
        account: "",
        note: "",
        moment: first.moment_utc("time")?,
        sold,
        bought,
        value,
    }
    .rows()
}

fn single(line: &Line<'_>, money: Currency) -> Result<Vec<Row>, Refusal> {
    let kind = line.text("type").to_lowercase();
    let subtype = line.text("subtype").to_lowercase();
    let asset = ticker(line.text("asset"));
    let movement = Movement {
        line: line.number_in_file(),
        id: line.text("txid"),
        account: "",
        note: line.text("refid"),
        moment: line.moment_utc("time")?,
        asset: &asset,
        quantity: line.needed("amount")?,
        fee: line.number_or_zero("fee")?,
        money,
        value: None,
    };
    let comes = movement.quantity > Decimal::ZERO;
    match (&*kind, &*subtype) {
        ("deposit" | "withdrawal" | "custodytransfer", _)
        | ("transfer", "spotfromfutures" | "spottofutures") => movement.transfer(),
        ("transfer", "") if comes => movement.reward(),
        ("earn", "reward" | "") | ("staking" | "reward" | "airdrop" | "dividend" | "credit", _) => {
            movement.reward()
        }
        ("invite bonus" | "invitebonus" | "nftrebate", _) => movement.reward(),
        ("transfer" | "earn", _) => Err(nothing(format!(
            "{asset} moved between parts of the account ({kind}, {subtype})"
        ))),
        ("margin" | "rollover" | "settled" | "adjustment" | "nfttrade", _) => Err(not_supported(
            format!("type {kind} is not supported yet: enter its effect on {asset} by hand"),
        )),
        _ => Err(unknown_type("Kraken", line.text("type"))),
    }
}
