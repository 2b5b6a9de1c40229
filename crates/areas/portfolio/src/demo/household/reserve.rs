//! "Family reserve", in euro with a purse of dollars: bonds, gold, money market, a little crypto.

use money::Currency;
use rust_decimal::Decimal;

use super::{is_first_month, months, percent, whole, years};
use crate::demo::{
    account::{Account, Terms},
    calendar::Day,
    orders::Size,
};

pub(super) const TERMS: Terms = Terms {
    currency: Currency::EUR,
    further: &[Currency::USD],
    ticket: 590,
    commission: 10,
    interest: 110,
    tax: 2_600,
};

/// Where the opening deposit goes: the month of the first year, the symbol, euro.
const START: [(usize, &str, i64); 7] = [
    (0, "VLD44", 11_000),
    (0, "LQMM", 13_000),
    (1, "AULN", 7_000),
    (1, "GLB48", 7_000),
    (2, "PNTV", 4_500),
    (2, "LQBF", 5_000),
    (3, "THM46", 4_000),
];

/// Quarterly savings go to each of these in turn.
const TURN: [&str; 5] = ["LQMM", "AULN", "LQBF", "PNTV", "VLD44"];

pub(super) fn act(account: &mut Account<'_>, day: Day) {
    let euro = TERMS.currency;
    if day.is_due(2) {
        let start = if is_first_month(account) {
            whole(54_000)
        } else {
            Decimal::ZERO
        };
        account.deposit(euro, whole(400) + start, "Standing order");
    }
    if day.is_due(15) {
        buy_in_euro(account);
    }
    buy_in_dollars(account, day);
    spend(account, day);
    if day.is_due_in(&[12], 22) {
        account.charge(whole(36), "Custody fee");
    }
}

fn buy_in_euro(account: &mut Account<'_>) {
    let month = months(account);
    for (_, symbol, amount) in START.into_iter().filter(|(when, ..)| *when == month) {
        account.buy(symbol, whole(amount), Size::Shares, "Opening allocation");
    }
    if month > 3 && month % 3 == 2 {
        let symbol = TURN[month / 3 % TURN.len()];
        account.buy(
            symbol,
            account.part_of_cash(percent(80)),
            Size::Shares,
            "Quarterly saving",
        );
    }
}

/// Paid from dollars that were paid in as dollars.
fn buy_in_dollars(account: &mut Account<'_>, day: Day) {
    let dollar = Currency::USD;
    if day.is_due_in(&[1], 2) {
        let start = if is_first_month(account) {
            whole(9_000)
        } else {
            Decimal::ZERO
        };
        account.deposit(dollar, whole(1_500) + start, "Dollars from abroad");
    }
    if is_first_month(account) && day.is_due(15) {
        account.buy("NTB52", whole(5_000), Size::Shares, "Opening allocation");
        account.buy("CNDB", whole(3_000), Size::Shares, "Opening allocation");
    }
    if day.is_due(5) {
        account.buy("NMBS", whole(75), Size::Fractions(6), "A little crypto");
        account.buy("QRTZ", whole(35), Size::Fractions(6), "A little crypto");
    }
    if day.is_due_in(&[11], 15) && years(account) % 2 == 1 {
        take_crypto_profit(account);
    }
}

fn take_crypto_profit(account: &mut Account<'_>) {
    let best = account
        .gains()
        .into_iter()
        .rfind(|(symbol, gain)| ["NMBS", "QRTZ"].contains(symbol) && *gain > percent(30));
    if let Some((symbol, _)) = best {
        account.sell(symbol, percent(25), "Taking profit");
    }
}

/// Now and then the reserve is what it is for.
fn spend(account: &mut Account<'_>, day: Day) {
    let (symbol, part, month, note) = match years(account) {
        2 => ("LQMM", percent(45), 9, "New kitchen"),
        4 => ("AULN", percent(30), 6, "Grand family journey"),
        _ => return,
    };
    if day.is_due_in(&[month], 15) {
        account.sell(symbol, part, note);
    }
    if day.is_due_in(&[month], 22) {
        account.withdraw(TERMS.currency, account.part_of_cash(percent(95)), note);
    }
}
