//! Figures of one holding.

use ledger::{Event, Side};
use rust_decimal::Decimal;

use super::{Amount, Input, Place, Step, Trail, newest};
use crate::valuation::Holding;

/// A holding as an input: shares, price and rate.
pub(super) fn priced(place: &Place<'_>, holding: &Holding) -> Input {
    let valuation = place.valuation;
    let instrument = valuation.instrument(holding.asset);
    let quantity = holding.quantity.normalize();
    let currency = valuation.asset_currency(holding.asset);
    let contract = if instrument.multiplier == Decimal::ONE {
        String::new()
    } else {
        format!(" × {} shares each", instrument.multiplier)
    };
    let price = holding.local_price.map(|price| price.normalize());
    let rate = valuation.fx.rate(currency, valuation.base, valuation.as_of);
    let exchange = match rate {
        Some(rate) if currency != valuation.base => {
            format!(
                " × {} {} for one",
                super::rate_text(rate.rate),
                valuation.base
            )
        }
        _ => String::new(),
    };
    let symbol = &instrument.symbol;
    let text = match price.filter(|_| holding.is_priced) {
        Some(price) => format!("{quantity} {symbol}{contract} × {price} {currency}{exchange}"),
        None => format!("{quantity} {symbol} at their cost: there is no price or rate"),
    };
    let on = holding.price_on.filter(|_| holding.is_priced);
    let origin = place.origins.get(&instrument.id);
    Input {
        text,
        amount: place.money(holding.value),
        source: origin.map_or_else(String::new, |origin| origin.source.clone()),
        on,
        age_days: on.map(|on| place.age(on)),
        quality: place.quality(on),
        href: origin.and_then(|origin| origin.href.clone()),
    }
}

fn title(place: &Place<'_>, holding: &Holding, what: &str) -> String {
    format!(
        "{what} of {}",
        place.valuation.instrument(holding.asset).symbol
    )
}

pub(super) fn value(place: &Place<'_>, holding: &Holding) -> Trail {
    Trail {
        title: title(place, holding, "Value"),
        formula: "Shares × last close × last exchange rate into the currency of the totals. A contract is worth its close × the shares that it stands for.",
        result: place.money(holding.value),
        inputs: vec![priced(place, holding)],
        steps: vec![Step {
            text: "Value".to_owned(),
            amount: place.money(holding.value),
        }],
    }
}

fn lots(place: &Place<'_>, holding: &Holding) -> Vec<Input> {
    let currency = place.valuation.asset_currency(holding.asset);
    let inputs = holding
        .lots
        .iter()
        .map(|open| {
            let lot = &open.lot;
            let text = format!(
                "{} bought for {} {currency}, fees and taxes included",
                lot.quantity.normalize(),
                money::round_to_currency(lot.cost, currency)
            );
            place.recorded(
                text,
                place.exact(lot.cost_base),
                lot.acquired_on,
                Some(lot.entry),
            )
        })
        .collect();
    newest(inputs)
}

pub(super) fn cost(place: &Place<'_>, holding: &Holding) -> Trail {
    Trail {
        title: title(place, holding, "Cost"),
        formula: "The cost of every open lot with fees and taxes, at the exchange rate of its purchase. Which lots are open is the portfolio's cost basis.",
        result: place.money(holding.cost),
        inputs: lots(place, holding),
        steps: vec![Step {
            text: "All open lots".to_owned(),
            amount: place.money(holding.cost),
        }],
    }
}

pub(super) fn unrealized(place: &Place<'_>, holding: &Holding) -> Trail {
    let mut inputs = vec![priced(place, holding)];
    inputs.extend(lots(place, holding));
    Trail {
        title: title(place, holding, "Unrealised gain"),
        formula: "Value less the cost of the open lots: with what exchange rates made, without dividends.",
        result: place.money(holding.unrealized_gain),
        inputs,
        steps: vec![
            Step {
                text: "Value".to_owned(),
                amount: place.money(holding.value),
            },
            Step {
                text: "less cost".to_owned(),
                amount: place.money(-holding.cost),
            },
            Step {
                text: "Unrealised gain".to_owned(),
                amount: place.money(holding.unrealized_gain),
            },
        ],
    }
}

pub(super) fn realized(place: &Place<'_>, holding: &Holding) -> Trail {
    let parts = &place.valuation.parts;
    let inputs: Vec<Input> = parts
        .iter()
        .flat_map(|part| &part.books.realizations)
        .filter(|one| one.asset == holding.asset)
        .map(|one| {
            let base = place.valuation.base;
            let money = |amount| money::round_to_currency(amount, base);
            let (proceeds, cost) = (money(one.proceeds_base), money(one.cost_base));
            let quantity = one.quantity.normalize();
            let text = match one.side {
                Side::Long => {
                    format!("{quantity} sold for {proceeds} {base}, bought for {cost} {base}")
                }
                Side::Short => format!(
                    "{quantity} sold short for {proceeds} {base}, covered for {cost} {base}"
                ),
            };
            place.recorded(
                text,
                place.exact(one.gain_base()),
                one.sold_on,
                Some(one.entry),
            )
        })
        .collect();
    Trail {
        title: title(place, holding, "Realised gain"),
        formula: "Proceeds less cost of everything sold, net of fees and taxes of both sides; proceeds at the exchange rate of the sale, cost at that of the purchase.",
        result: place.money(holding.realized_gain),
        inputs: newest(inputs),
        steps: vec![Step {
            text: "All sales".to_owned(),
            amount: place.money(holding.realized_gain),
        }],
    }
}

pub(super) fn dividends(place: &Place<'_>, holding: &Holding) -> Trail {
    let entries = place.valuation.parts.iter().flat_map(|part| &part.entries);
    let inputs: Vec<Input> = entries
        .filter(|entry| entry.event.asset() == Some(holding.asset))
        .filter_map(|entry| {
            let amount = match entry.event {
                Event::Dividend { amount, .. } => amount,
                Event::StockDividend { amount, .. } if !amount.is_zero() => amount,
                Event::ReinvestedDividend { amount, .. } => amount + entry.fees + entry.taxes,
                _ => return None,
            };
            let amount = Amount::Money {
                amount,
                currency: entry.currency,
            };
            Some(place.recorded(
                "Gross dividend".to_owned(),
                amount,
                entry.date,
                Some(entry.id),
            ))
        })
        .collect();
    Trail {
        title: title(place, holding, "Dividends"),
        formula: "All dividends before tax, each at the exchange rate of its day.",
        result: place.money(holding.dividends),
        inputs: newest(inputs),
        steps: vec![Step {
            text: "All dividends".to_owned(),
            amount: place.money(holding.dividends),
        }],
    }
}
