//! "Retirement", in euro: a savings plan in broad ETFs, a bonus in December, now and then a share.

use money::Currency;
use rust_decimal::Decimal;

use super::{is_first_month, percent, whole, years};
use crate::demo::{
    account::{Account, Terms},
    calendar::Day,
    orders::Size,
};

pub(super) const TERMS: Terms = Terms {
    currency: Currency::EUR,
    further: &[],
    ticket: 490,
    commission: 10,
    interest: 80,
    tax: 0,
};

const BONDS: &str = "MEGB";

/// Percent of the monthly amount; the rest gathers as cash for fees and shares.
const PLAN: [(&str, i64); 5] = [
    ("MWLD", 45),
    ("MEMG", 12),
    ("MSML", 12),
    (BONDS, 16),
    ("MDIV", 8),
];

pub(super) fn act(account: &mut Account<'_>, day: Day) {
    let euro = TERMS.currency;
    let monthly = whole(850 + 50 * i64::from(years(account)));
    if day.is_due(2) {
        let savings = if is_first_month(account) {
            whole(18_000)
        } else {
            Decimal::ZERO
        };
        account.deposit(euro, monthly + savings, "Monthly saving");
        if day.is_due_in(&[12], 2) {
            account.deposit(euro, whole(2_000), "Part of the year-end bonus");
        }
    }
    if day.is_due(5) {
        let amount = if is_first_month(account) {
            whole(18_850)
        } else {
            monthly
        };
        for (symbol, share) in PLAN {
            account.buy(
                symbol,
                amount * percent(share),
                Size::Fractions(4),
                "Savings plan",
            );
        }
    }
    if day.is_due_in(&[12], 15) {
        // Quoted in dollars, paid in euro at the broker's rate.
        account.buy("FXSC", whole(1_500), Size::Shares, "Bonus into chips");
    }
    if day.is_due_in(&[3, 10], 15) {
        let symbol = if years(account) % 2 == 0 {
            "GLBK"
        } else {
            "SFRQ"
        };
        account.buy(
            symbol,
            account.part_of_cash(percent(80)),
            Size::Shares,
            "Shares from spare cash",
        );
    }
    if day.is_due_in(&[5], 15) && years(account) % 2 == 1 {
        rebalance(account);
    }
    if day.is_due_in(&[5], 22) && years(account) % 2 == 1 {
        account.buy(
            BONDS,
            account.part_of_cash(percent(90)),
            Size::Shares,
            "Rebalancing",
        );
    }
    if day.is_due_in(&[3, 6, 9, 12], 22) {
        account.charge(Decimal::new(1_250, 2), "Custody fee");
    }
}

/// Sells some of the equity ETF of the plan that grew most; the proceeds go into bonds a week later.
fn rebalance(account: &mut Account<'_>) {
    let is_planned = |symbol| PLAN.iter().any(|(planned, _)| *planned == symbol);
    let best = account
        .gains()
        .into_iter()
        .rfind(|(symbol, _)| is_planned(*symbol) && *symbol != BONDS);
    if let Some((symbol, gain)) = best
        && gain > Decimal::ZERO
    {
        account.sell(symbol, percent(15), "Rebalancing");
    }
}
