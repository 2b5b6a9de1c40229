//! Figures of one holding.

use ledger::{Event, Side};
use market::InstrumentId;
use rust_decimal::Decimal;

use super::{Amount, Input, Place, Step, Trail, figures};
use crate::{report::HoldingReport, valuation};

figures! {
    /// Figures of one holding.
    Holding {
        Value: "holding_value", "Value", "Shares × last close × last exchange rate into the currency of the totals. A contract is worth its close × the shares that it stands for.";
        LocalValue: "holding_local_value", "Value in the own currency", "Shares × last close, in the currency in which it is quoted.";
        Share: "holding_share", "Share", "Value over the value of all holdings and of the cash above zero.";
        Cost: "holding_cost", "Cost", "The cost of every open lot with fees and taxes, at the exchange rate of its purchase. Which lots are open is the portfolio's cost basis.";
        AverageCost: "average_cost", "Average cost", "The cost of the open lots over the shares that they hold; of a contract, over the shares that it stands for.";
        UnrealizedGain: "unrealized_gain", "Unrealised gain", "Value less the cost of the open lots: with what exchange rates made, without dividends.";
        UnrealizedReturn: "unrealized_return", "Unrealised return", "Unrealised gain over the cost of the open lots.";
        PriceGain: "price_gain", "Price gain", "What the price alone made of the open lots: value less cost in the own currency, at the last exchange rate.";
        CurrencyGain: "currency_gain", "Currency gain", "What the exchange rate alone made of the open lots: the unrealised gain less the price gain.";
        RealizedGain: "realized_gain", "Realised gain", "Proceeds less cost of everything sold, net of fees and taxes of both sides; proceeds at the exchange rate of the sale, cost at that of the purchase.";
        LocalRealizedGain: "local_realized_gain", "Realised gain in the own currency", "Proceeds less cost of everything sold, net of fees and taxes of both sides, in the currency in which it is quoted.";
        Dividends: "dividends", "Dividends", "All dividends before tax, each at the exchange rate of its day.";
        Fees: "holding_fees", "Fees", "The fees of all trades, dividends and charges that are booked on it, each at the exchange rate of its day. They are within cost and gains already.";
        Taxes: "holding_taxes", "Taxes", "The taxes of all trades, dividends and charges that are booked on it, each at the exchange rate of its day.";
    }
}

/// `None` when it was never held.
pub(super) fn trail(
    place: Place<'_>,
    figure: Holding,
    instrument: Option<InstrumentId>,
) -> Option<Trail> {
    let of = |holding: &&valuation::Holding| {
        Some(place.valuation.instrument(holding.asset).id) == instrument
    };
    let holding = place.valuation.holdings.iter().find(of)?;
    let result = result(place, holding, figure);
    let trail =
        Trail::new(figure, result.clone()).about(&place.valuation.instrument(holding.asset).symbol);
    let money = |amount| place.money(amount);
    let last = |text: &str| Step::new(text, result.clone());
    Some(match figure {
        Holding::Value | Holding::LocalValue => trail
            .ordered(vec![priced(place, holding)])
            .steps(vec![last("Value")]),
        Holding::Share => {
            let totals = &place.valuation.totals;
            trail.ordered(vec![priced(place, holding)]).steps(vec![
                Step::new("Value", money(holding.value)),
                Step::new("Value of all holdings", money(totals.holdings_value)),
                Step::new("Cash above zero", money(totals.cash.max(Decimal::ZERO))),
                last("Share"),
            ])
        }
        Holding::Cost => trail
            .inputs(lots(place, holding))
            .steps(vec![last("All open lots")]),
        Holding::AverageCost => trail.inputs(lots(place, holding)).steps(vec![
            Step::new("All open lots", money(holding.cost)),
            last(&format!(
                "over {} shares or contracts",
                holding.quantity.normalize()
            )),
        ]),
        Holding::UnrealizedGain | Holding::UnrealizedReturn => {
            let mut inputs = vec![priced(place, holding)];
            inputs.extend(super::newest(lots(place, holding)));
            let mut steps = vec![
                Step::new("Value", money(holding.value)),
                Step::new("less cost", money(-holding.cost)),
                Step::new("Unrealised gain", money(holding.unrealized_gain)),
            ];
            if figure == Holding::UnrealizedReturn {
                steps.push(last("over cost"));
            }
            trail.signed().ordered(inputs).steps(steps)
        }
        Holding::PriceGain | Holding::CurrencyGain => {
            let mut inputs = vec![priced(place, holding)];
            inputs.extend(super::newest(lots(place, holding)));
            trail
                .signed()
                .ordered(inputs)
                .steps(divided(place, holding))
        }
        Holding::RealizedGain | Holding::LocalRealizedGain => trail
            .signed()
            .inputs(sales(place, holding))
            .steps(vec![last("All sales")]),
        Holding::Dividends => trail
            .inputs(payments(place, holding))
            .steps(vec![last("All dividends")]),
        Holding::Fees | Holding::Taxes => trail
            .inputs(charges(place, holding, figure))
            .steps(vec![last("Together")]),
    })
}

fn result(place: Place<'_>, holding: &valuation::Holding, figure: Holding) -> Amount {
    let local = place.valuation.asset_currency(holding.asset);
    let in_own = |amount| Amount::Money {
        amount: money::round_to_currency(amount, local),
        currency: local,
    };
    match figure {
        Holding::Value => place.money(holding.value),
        Holding::LocalValue => in_own(holding.local_value),
        Holding::Share => Amount::ratio(
            place
                .valuation
                .share(holding)
                .ok_or("the whole is worth nothing"),
        ),
        Holding::Cost => place.money(holding.cost),
        Holding::AverageCost => {
            place.money(HoldingReport::new(place.valuation, holding).average_cost)
        }
        Holding::UnrealizedGain => place.money(holding.unrealized_gain),
        Holding::UnrealizedReturn => Amount::ratio(
            holding
                .unrealized_return()
                .ok_or("what is held cost nothing"),
        ),
        Holding::PriceGain => place.money(holding.price_gain),
        Holding::CurrencyGain => place.money(holding.currency_gain),
        Holding::RealizedGain => place.money(holding.realized_gain),
        Holding::LocalRealizedGain => in_own(holding.local_realized_gain),
        Holding::Dividends => place.money(holding.dividends),
        Holding::Fees => place.money(holding.fees),
        Holding::Taxes => place.money(holding.taxes),
    }
}

/// A holding as an input: shares, price and rate.
pub(crate) fn priced(place: Place<'_>, holding: &valuation::Holding) -> Input {
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
    let origin = place
        .origins
        .and_then(|origins| origins.get(&instrument.id));
    Input {
        text,
        amount: place.money(holding.value),
        source: origin.map_or_else(String::new, |origin| origin.source.clone()),
        on,
        age_days: on.map(|on| place.age(on)),
        quality: place.quality_of(holding),
        href: origin.and_then(|origin| origin.href.clone()),
    }
}

/// The unrealised gain in its two parts.
fn divided(place: Place<'_>, holding: &valuation::Holding) -> Vec<Step> {
    let currency = place.valuation.asset_currency(holding.asset);
    let local = |amount| Amount::Money {
        amount: money::round_to_currency(amount, currency),
        currency,
    };
    vec![
        Step::new("Value in the own currency", local(holding.local_value)),
        Step::new("less cost in it", local(-holding.local_cost)),
        Step::new(
            "at the last exchange rate: price gain",
            place.money(holding.price_gain),
        ),
        Step::new("Unrealised gain", place.money(holding.unrealized_gain)),
        Step::new(
            "less price gain: currency gain",
            place.money(holding.currency_gain),
        ),
    ]
}

fn lots(place: Place<'_>, holding: &valuation::Holding) -> Vec<Input> {
    let currency = place.valuation.asset_currency(holding.asset);
    let input = |open: &valuation::OpenLot| {
        let lot = &open.lot;
        let text = format!(
            "{} bought for {} {currency}, fees and taxes included",
            lot.quantity.normalize(),
            money::round_to_currency(lot.cost, currency)
        );
        let cost = place.exact(lot.cost_base);
        place.recorded(text, cost, lot.acquired_on, Some(lot.entry))
    };
    holding.lots.iter().map(input).collect()
}

fn sales(place: Place<'_>, holding: &valuation::Holding) -> Vec<Input> {
    let parts = &place.valuation.parts;
    parts
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
            let gain = place.exact(one.gain_base());
            place.recorded(text, gain, one.sold_on, Some(one.entry))
        })
        .collect()
}

fn payments(place: Place<'_>, holding: &valuation::Holding) -> Vec<Input> {
    let entries = place.valuation.parts.iter().flat_map(|part| &part.entries);
    entries
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
            let text = "Gross dividend".to_owned();
            Some(place.recorded(text, amount, entry.date, Some(entry.id)))
        })
        .collect()
}

/// What was charged, in the currency in which it was.
fn charges(place: Place<'_>, holding: &valuation::Holding, figure: Holding) -> Vec<Input> {
    let entries = place.valuation.parts.iter().flat_map(|part| &part.entries);
    entries
        .filter(|entry| entry.event.asset() == Some(holding.asset))
        .filter_map(|entry| {
            let charged = match (figure, &entry.event) {
                (Holding::Fees, Event::Fee { amount, .. })
                | (Holding::Taxes, Event::Tax { amount, .. }) => *amount,
                (Holding::Fees, _) => entry.fees,
                _ => entry.taxes,
            };
            let amount = Amount::Money {
                amount: charged,
                currency: entry.currency,
            };
            let text = format!(
                "Charged with a {}",
                entry.event.kind().as_str().replace('_', " ")
            );
            let input = place.recorded(text, amount, entry.date, Some(entry.id));
            (!charged.is_zero()).then_some(input)
        })
        .collect()
}
