//! The three portfolios and the habits of the household.
//!
//! Every habit is a rule on the calendar and on what was known that day. Money is paid in on the
//! 2nd, spent on the 5th or the 15th and taken out on the 22nd of a month, so that no booking
//! relies on another one of the same day; dividends and splits come between the 9th and the 14th.

mod brokerage;
mod reserve;
mod retirement;

use rust_decimal::Decimal;

use super::{
    account::{Account, Terms},
    calendar::{self, Day},
    universe::{Market, SimPortfolio},
};

/// All portfolios of the household.
pub(super) fn portfolios(market: &Market) -> Vec<SimPortfolio> {
    vec![
        lived(market, "Retirement", retirement::TERMS, retirement::act),
        lived(market, "Brokerage", brokerage::TERMS, brokerage::act),
        lived(market, "Family reserve", reserve::TERMS, reserve::act),
    ]
}

/// A portfolio that has followed its habits since the first day of the window.
fn lived(
    market: &Market,
    name: &'static str,
    terms: Terms,
    act: fn(&mut Account<'_>, Day),
) -> SimPortfolio {
    let mut account = Account::open(market, terms);
    let days = calendar::days_until(market.today)
        .filter(|day| day.date >= market.first && day.is_business_day());
    for day in days {
        account.begin(day);
        act(&mut account, day);
    }
    SimPortfolio {
        name,
        currency: terms.currency,
        rows: account.into_rows(),
    }
}

/// Full years since the books were opened.
fn years(account: &Account<'_>) -> i16 {
    account.date.year() - account.market.first.year()
}

/// Months since the books were opened.
fn months(account: &Account<'_>) -> usize {
    let months = 12 * years(account) + i16::from(account.date.month()) - 1;
    usize::try_from(months).unwrap_or(0)
}

fn is_first_month(account: &Account<'_>) -> bool {
    months(account) == 0
}

fn whole(amount: i64) -> Decimal {
    Decimal::from(amount)
}

fn percent(points: i64) -> Decimal {
    Decimal::new(points, 2)
}
