//! Deposits, withdrawals, earnings and balances.

use crate::{Rejection, Row, StatedPosition, Statement, model::Refusal, securities::filled};

use super::{
    super::{
        coins::{Movement, coin, is_fiat},
        sheet::{Line, Sheet, nothing},
    },
    MONEY, TIMES, check_status,
    orders::account,
};

/// A deposit or withdrawal of coins; a fee is paid on top in the same coin.
pub(super) fn coins(line: &Line<'_>, goes: bool) -> Result<Vec<Row>, Refusal> {
    check_status(line)?;
    // The old layout has one list for transfers between own accounts too.
    if line.text("type").to_lowercase().contains("internal") {
        return Err(nothing("the coins moved between accounts of one person"));
    }
    let asset = line.text("coin").to_uppercase();
    let quantity = line.needed("amount")?.abs();
    movement(line, &asset, if goes { -quantity } else { quantity })?.transfer()
}

pub(super) fn old(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    let asset = line.text("cointype").to_uppercase();
    let quantity = line.needed("vol")?.abs();
    let goes = match line.text("type").to_lowercase().as_str() {
        "deposit" => false,
        "withdraw" | "withdrawal" => true,
        other => return Err(super::super::sheet::unknown_type("KuCoin", other)),
    };
    movement(line, &asset, if goes { -quantity } else { quantity })?.transfer()
}

/// A deposit or withdrawal of money.
pub(super) fn fiat(line: &Line<'_>, goes: bool) -> Result<Vec<Row>, Refusal> {
    check_status(line)?;
    let asset = line.text("currencyfiat").to_uppercase();
    let amount = line.needed("fiatamount")?.abs();
    let mut found = movement(line, &asset, if goes { -amount } else { amount })?;
    found.id = line.text("orderid");
    found.note = line.text("depositmethod withdrawalmethod");
    found.transfer()
}

/// What staking and lending brought.
pub(super) fn earnings(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    let asset = line.text("earningscoin").to_uppercase();
    let mut found = movement(line, &asset, line.needed("amount")?)?;
    found.note = line.text("productname");
    found.value = line.number("amountusdt")?;
    found.reward()
}

pub(super) fn movement<'l>(
    line: &Line<'l>,
    asset: &'l str,
    quantity: rust_decimal::Decimal,
) -> Result<Movement<'l>, Refusal> {
    Ok(Movement {
        line: line.number_in_file(),
        id: "",
        account: account(line),
        note: line.text("remarks remark"),
        moment: line.moment_utc(TIMES)?,
        asset,
        quantity,
        fee: line.number_or_zero("fee")?.abs(),
        money: MONEY,
        value: None,
    })
}

/// A snapshot of all balances.
pub(super) fn assets(sheet: &Sheet, statement: &mut Statement) {
    for line in sheet.lines() {
        match position(&line) {
            Ok(position) => statement.positions.push(position),
            Err(refusal) => {
                let Rejection {
                    line,
                    code,
                    message,
                } = refusal.at(line.number_in_file());
                statement.rejected.push(Rejection {
                    line,
                    code,
                    message,
                });
            }
        }
    }
}

fn position(line: &Line<'_>) -> Result<StatedPosition, Refusal> {
    let asset = line.text("coin").to_uppercase();
    let mut security = coin(&asset).ok_or_else(|| Refusal::missing("coin", "write a ticker"))?;
    if is_fiat(&asset) {
        security.asset_class = Some("cash".to_owned());
    }
    Ok(StatedPosition {
        line: line.number_in_file(),
        account: filled(account(line)),
        security,
        on: line.moment(TIMES)?.date,
        quantity: line.needed("amount")?,
        cost: None,
        price: None,
    })
}
