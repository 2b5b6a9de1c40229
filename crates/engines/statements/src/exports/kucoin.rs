//! `KuCoin`'s exports: orders, executions, deposits, withdrawals, account history and others, in
//! the layouts of all years.

mod history;
mod layout;
mod moves;
mod orders;

use money::Currency;

use crate::{Format, Statement, Unreadable, model::Refusal};

use super::{
    sheet::{Line, Sheet, not_supported, nothing},
    status,
};
pub(crate) use layout::LAYOUTS;
use layout::{Layout, layout_of};

/// Deposits, rewards and fees state no value; dollars are the money of this exchange.
const MONEY: Currency = Currency::USD;

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&[
        "price filledprice avgfilledprice dealprice",
        "filledamount size amount amountcoin vol",
        "volume funds filledvolume dealvalue",
        "fee",
        "fiatamount",
        "cryptoquantity",
    ]);
    sheet.learn_dates(TIMES)?;
    let mut statement = Statement::new(Format::Kucoin);
    match layout_of(sheet) {
        Layout::Orders => sheet.each(&mut statement, orders::order),
        Layout::FiatTrade => sheet.each(&mut statement, orders::fiat_trade),
        Layout::Convert => sheet.each(&mut statement, orders::convert),
        Layout::Deposits => sheet.each(&mut statement, |line| moves::coins(line, false)),
        Layout::Withdrawals => sheet.each(&mut statement, |line| moves::coins(line, true)),
        Layout::OldMoves => sheet.each(&mut statement, moves::old),
        Layout::FiatDeposits => sheet.each(&mut statement, |line| moves::fiat(line, false)),
        Layout::FiatWithdrawals => sheet.each(&mut statement, |line| moves::fiat(line, true)),
        Layout::Earnings => sheet.each(&mut statement, moves::earnings),
        Layout::Staking => sheet.each(&mut statement, |_| {
            Err(nothing("staked coins stay in the account"))
        }),
        Layout::History => history::read(sheet, &mut statement),
        Layout::Assets => moves::assets(sheet, &mut statement),
        Layout::Margin => sheet.each(&mut statement, |_| {
            Err(not_supported(
                "futures and margin loans are not supported yet: enter their result by hand",
            ))
        }),
    }
    Ok(statement)
}

/// Whether each record is a booking of its own. The account history puts those of one moment together.
pub(super) fn stands_alone(sheet: &Sheet) -> bool {
    !matches!(layout_of(sheet), Layout::History | Layout::Assets)
}

/// The columns in which one of the layouts states when something happened.
const TIMES: &str = "filledtime time tradecreatedat createddate createdat timefilled timeofupdate \
                     ordertime stakedtime positionclosingtime";

/// The words for what was booked; some layouts state no status, as they hold nothing else.
const DONE: [&str; 13] = [
    "",
    "deal",
    "done",
    "success",
    "successful",
    "succeed",
    "succeeded",
    "completed",
    "finished",
    "processed",
    "part_deal",
    "partially filled",
    "filled",
];

fn check_status(line: &Line<'_>) -> Result<(), Refusal> {
    status::check(line.text("status"), &DONE)
}
