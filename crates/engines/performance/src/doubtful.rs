//! Closes that cannot be prices of what was traded.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ledger::{Asset, Entry, Event, Finding, Severity};
use money::{FxTable, Quotation, f64_from_decimal};
use rust_decimal::Decimal;

use crate::{PriceSeries, calendar};

/// A close that no unit explains.
pub const SUSPICIOUS_PRICE: &str = "suspicious_price";
/// A close about a hundred times what was paid, in a currency whose hundredth markets quote in.
pub const PRICE_IN_MINOR_UNIT: &str = "price_in_minor_unit";
/// A close about a hundredth of what was paid, in such a currency.
pub const PRICE_IN_MAJOR_UNIT: &str = "price_in_major_unit";

/// A close within so many days before a trade is compared with it.
const COMPARED_FOR: usize = 7;
/// So many times the price that was paid, or so small a part of it, is no movement of a market.
const DOUBTFUL: f64 = 10.0;
/// What a hundred is mistaken for when prices moved in between.
const ABOUT_HUNDRED: std::ops::Range<f64> = 50.0..200.0;

/// Instruments whose close beside the last trade differs from the price of that trade by a factor of
/// ten or more: `close / (amount / quantity / multiplier)`, in the currency of the instrument. Mostly
/// one of the two is in pence. Options are left out, for their prices do move like that.
///
/// Only trades that have a close within a week before them are judged; shares that change by a split
/// that day are not told apart, so a split of ten for one may be called doubtful once.
pub fn doubtful_prices(
    entries: &[Entry],
    assets: &[Asset],
    prices: &[Option<&PriceSeries>],
    fx: &FxTable,
) -> Vec<Finding> {
    let mut judged = BTreeSet::new();
    let mut findings = Vec::new();
    for entry in entries.iter().rev() {
        let (Event::Buy {
            asset,
            quantity,
            amount,
        }
        | Event::Sell {
            asset,
            quantity,
            amount,
        }
        | Event::Short {
            asset,
            quantity,
            amount,
        }
        | Event::Cover {
            asset,
            quantity,
            amount,
        }) = entry.event
        else {
            continue;
        };
        let place = asset.0 as usize;
        let (Some(traded), Some(series)) =
            (assets.get(place), prices.get(place).copied().flatten())
        else {
            continue;
        };
        if traded.option.is_some() || judged.contains(&asset) {
            continue;
        }
        let Some(paid) = price_of(entry, traded, quantity, amount, fx) else {
            continue;
        };
        let Some((on, close)) = series.at(entry.date) else {
            continue;
        };
        if calendar::length(on, entry.date) > COMPARED_FOR + 1 {
            continue;
        }
        judged.insert(asset);
        let ratio = close / paid;
        if !(1.0 / DOUBTFUL..DOUBTFUL).contains(&ratio) {
            findings.push(doubtful(traded, (on, close), (entry.date, paid)));
        }
    }
    findings
}

/// What one share was traded for, in the currency of the instrument.
fn price_of(
    entry: &Entry,
    asset: &Asset,
    quantity: Decimal,
    amount: Decimal,
    fx: &FxTable,
) -> Option<f64> {
    let units = quantity.checked_mul(asset.multiplier)?;
    let price = amount.checked_div(units)?;
    let rate = if entry.currency == asset.currency {
        1.0
    } else {
        fx.rate_f64(entry.currency, asset.currency, entry.date)?.0
    };
    let paid = f64_from_decimal(price) * rate;
    (paid > 0.0).then_some(paid)
}

fn doubtful(asset: &Asset, (on, close): (Date, f64), (traded_on, paid): (Date, f64)) -> Finding {
    let (symbol, currency) = (&asset.symbol, asset.currency);
    let minor = Quotation::minor(currency);
    let (code, remedy) = match minor {
        Some(minor) if ABOUT_HUNDRED.contains(&(close / paid)) => (
            PRICE_IN_MINOR_UNIT,
            format!(
                "If its prices are in {minor}, a hundredth of {currency}, state {minor} as their currency."
            ),
        ),
        Some(_) if ABOUT_HUNDRED.contains(&(paid / close)) => (
            PRICE_IN_MAJOR_UNIT,
            format!(
                "If its prices are in {currency} and not in a hundredth of it, state {currency} as their currency."
            ),
        ),
        _ => (
            SUSPICIOUS_PRICE,
            "Compare the currency of the prices with that of the trade, and correct the one that is wrong."
                .to_owned(),
        ),
    };
    Finding {
        code,
        severity: Severity::Warning,
        message: format!(
            "{symbol} closed at {close} {currency} on {on}, but was traded at {} on {traded_on}: a holding is valued at the close.",
            shown(paid)
        ),
        remedy,
        transaction: None,
        symbol: Some(symbol.clone()),
        currency: None,
        date: Some(on),
        gap: None,
    }
}

/// Four digits behind the point tell prices apart.
fn shown(price: f64) -> String {
    money::decimal_from_f64(price).map_or_else(
        || price.to_string(),
        |exact| exact.round_dp(4).normalize().to_string(),
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use ledger::AssetIndex;
    use money::Currency;
    use uuid::Uuid;

    use super::*;

    fn judge(currency: Currency, paid: i64, closes: &[(Date, f64)]) -> Vec<Finding> {
        let entry = Entry {
            id: Uuid::from_u128(1),
            date: date(2024, 1, 10),
            executed_at: None,
            event: Event::Buy {
                asset: AssetIndex(0),
                quantity: Decimal::TEN,
                amount: Decimal::from(paid * 10),
            },
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            currency,
            settlement: None,
            lots: Vec::new(),
        };
        let series = PriceSeries::new(closes.iter().copied());
        let assets = [Asset::new("TSCO", currency)];
        doubtful_prices(&[entry], &assets, &[Some(&series)], &FxTable::new())
    }

    #[test]
    fn a_hundred_times_the_price_that_was_paid_is_taken_for_pence() {
        let found = judge(Currency::GBP, 3, &[(date(2024, 1, 9), 289.5)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, PRICE_IN_MINOR_UNIT);
        assert!(found[0].message.contains("289.5"), "{:?}", found[0]);
        assert!(found[0].remedy.contains("state GBX"), "{:?}", found[0]);
        // And a hundredth of it, when pence were stated wrongly.
        let found = judge(Currency::GBP, 300, &[(date(2024, 1, 9), 2.89)]);
        assert_eq!(found[0].code, PRICE_IN_MAJOR_UNIT);
        assert!(found[0].remedy.contains("state GBP"), "{:?}", found[0]);
    }

    #[test]
    fn other_factors_are_doubtful_without_an_explanation() {
        for (currency, close) in [(Currency::EUR, 289.5), (Currency::GBP, 45.0)] {
            let found = judge(currency, 3, &[(date(2024, 1, 9), close)]);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].code, SUSPICIOUS_PRICE);
        }
    }

    #[test]
    fn movements_of_a_market_and_old_closes_are_not_doubtful() {
        assert!(judge(Currency::GBP, 3, &[(date(2024, 1, 10), 4.5)]).is_empty());
        assert!(judge(Currency::GBP, 3, &[(date(2024, 1, 1), 300.0)]).is_empty());
        assert!(judge(Currency::GBP, 3, &[(date(2024, 1, 11), 300.0)]).is_empty());
        assert!(judge(Currency::GBP, 0, &[(date(2024, 1, 10), 300.0)]).is_empty());
    }
}
