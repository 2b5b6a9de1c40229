//! "Brokerage", in US dollars: single stocks, bought in turn, winners trimmed, losers let go.

use money::Currency;
use rust_decimal::Decimal;

use super::{is_first_month, months, percent, whole, years};
use crate::demo::{
    account::{Account, Terms},
    calendar::Day,
    catalogue::SPLITTING,
    orders::Size,
};

pub(super) const TERMS: Terms = Terms {
    currency: Currency::USD,
    further: &[],
    ticket: 100,
    commission: 5,
    interest: 210,
    tax: 1_500,
};

/// One a month.
const TURN: [&str; 15] = [
    "BRWD", SPLITTING, "HLCY", "OTFP", "CRVN", "PDLR", "ALPQ", "MRGT", "PTLM", "THMB", "HRTH",
    "SFRQ", "ECHV", "CBLT", "LMFG",
];

pub(super) fn act(account: &mut Account<'_>, day: Day) {
    let dollar = TERMS.currency;
    if day.is_due_in(&[1, 4, 7, 10], 2) {
        let start = if is_first_month(account) {
            whole(32_000)
        } else {
            Decimal::ZERO
        };
        account.deposit(dollar, whole(3_500) + start, "Quarterly transfer");
    }
    if day.is_due(15) {
        buy_next(account);
    }
    if day.is_due_in(&[7], 22) {
        take_profit(account);
    }
    if day.is_due_in(&[11], 22) && years(account) % 2 == 1 {
        let_go(account);
    }
    if day.is_due_in(&[1, 4, 7, 10], 22) {
        account.charge(whole(10), "Account fee");
    }
}

/// In the first year an even part of the opening deposit, later half of what there is.
fn buy_next(account: &mut Account<'_>) {
    let month = months(account);
    let symbol = TURN[month % TURN.len()];
    let budget = if month < 12 {
        whole(2_700)
    } else {
        account.part_of_cash(percent(50))
    };
    if budget >= whole(500) && !has_let_go(account, symbol) {
        account.buy(symbol, budget, Size::Shares, "Next in turn");
    }
}

/// A third of the position with the greatest gain, where it is worth the while.
fn take_profit(account: &mut Account<'_>) {
    if let Some((symbol, gain)) = account.gains().pop()
        && gain > percent(20)
    {
        account.sell(symbol, percent(33), "Taking profit");
    }
}

/// All of the position with the greatest loss; the household is loyal to one stock only.
fn let_go(account: &mut Account<'_>) {
    let worst = account
        .gains()
        .into_iter()
        .find(|(symbol, _)| *symbol != SPLITTING);
    if let Some((symbol, gain)) = worst
        && gain < percent(-8)
    {
        account.sell(symbol, Decimal::ONE, "Position closed");
    }
}

/// What was sold off is not bought again.
fn has_let_go(account: &Account<'_>, symbol: &str) -> bool {
    months(account) >= TURN.len() && !account.holdings.contains_key(symbol)
}
