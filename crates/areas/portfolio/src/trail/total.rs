//! Sums over all holdings, and how far another cost basis would be from the one in use.

use rust_decimal::Decimal;

use super::{Holding, Place, Step, Trail, TrailQuery, Way, figures};
use crate::valuation::{self, Valuation};

figures! {
    /// Sums over all holdings.
    Total {
        Value: "total_value", "Value of all holdings", "The value of every open holding, added up; cash is not among them.";
        Cost: "total_cost", "Cost of all holdings", "The cost of the open lots of every holding, fees and taxes included, at the exchange rates of the purchases.";
        UnrealizedGain: "total_unrealized_gain", "Unrealised gain of all holdings", "The unrealised gains of all holdings, added up: value less cost of what is held.";
        PriceGain: "total_price_gain", "Price gain of all holdings", "The part of the unrealised gains that prices made, added up.";
        CurrencyGain: "total_currency_gain", "Currency gain of all holdings", "The part of the unrealised gains that exchange rates made, added up.";
        RealizedGain: "total_realized_gain", "Realised gain of all holdings", "The realised gains of all holdings, of closed ones too, added up: proceeds less cost of everything sold.";
        Dividends: "total_dividends", "Dividends of all holdings", "The dividends of all holdings before tax, added up, each at the exchange rate of its day.";
        Fees: "total_fees", "Fees", "The fees of all holdings, and those that belong to none, each at the exchange rate of its day.";
        Taxes: "total_taxes", "Taxes", "The taxes of all holdings, and those that belong to none, each at the exchange rate of its day.";
    }
}

figures! {
    /// Another cost basis less the one in use.
    Comparison {
        RealizedGain: "realized_gain_difference", "Difference of the realised gain", "The realised gain under this cost basis less the one under the cost basis in use.";
        UnrealizedGain: "unrealized_gain_difference", "Difference of the unrealised gain", "The unrealised gain under this cost basis less the one under the cost basis in use.";
        OpenCost: "open_cost_difference", "Difference of the open cost", "The cost of the open lots under this cost basis less the one under the cost basis in use.";
    }
}

pub(super) fn trail(place: Place<'_>, figure: Total) -> Trail {
    let valuation = place.valuation;
    let inputs = valuation.holdings.iter().filter_map(|holding| {
        let amount = of(holding, figure);
        let symbol = &valuation.instrument(holding.asset).symbol;
        let href = Some(place.holding_href(holding.asset));
        let mut input = place.booked(symbol.clone(), place.money(amount), href);
        if figure == Total::Value {
            input = super::priced(place, holding);
        }
        (!amount.is_zero()).then_some(input)
    });
    let mut inputs: Vec<_> = inputs.collect();
    let held: Decimal = valuation.holdings.iter().map(|one| of(one, figure)).sum();
    let whole = total(valuation, figure);
    let mut steps = vec![Step::new("All holdings", place.money(held))];
    if matches!(figure, Total::Fees | Total::Taxes) {
        let rest = whole - held;
        let text = "What belongs to no instrument";
        inputs.push(place.booked(text, place.money(rest), None));
        steps.push(Step::new(text, place.money(rest)));
    }
    steps.push(Step::new("Together", place.money(whole)));
    let is_signed = matches!(
        figure,
        Total::UnrealizedGain | Total::PriceGain | Total::CurrencyGain | Total::RealizedGain
    );
    Trail::new(figure, place.money(whole))
        .signed_if(is_signed)
        .ordered(inputs)
        .steps(steps)
}

fn of(holding: &valuation::Holding, figure: Total) -> Decimal {
    match figure {
        Total::Value => holding.value,
        Total::Cost => holding.cost,
        Total::UnrealizedGain => holding.unrealized_gain,
        Total::PriceGain => holding.price_gain,
        Total::CurrencyGain => holding.currency_gain,
        Total::RealizedGain => holding.realized_gain,
        Total::Dividends => holding.dividends,
        Total::Fees => holding.fees,
        Total::Taxes => holding.taxes,
    }
}

fn total(valuation: &Valuation, figure: Total) -> Decimal {
    let totals = &valuation.totals;
    match figure {
        Total::Value => totals.holdings_value,
        Total::Cost => totals.cost,
        Total::UnrealizedGain => totals.unrealized_gain,
        Total::PriceGain => totals.price_gain,
        Total::CurrencyGain => totals.currency_gain,
        Total::RealizedGain => totals.realized_gain,
        Total::Dividends => totals.dividends,
        Total::Fees => totals.fees,
        Total::Taxes => totals.taxes,
    }
}

/// One figure under two cost bases; of a holding, where the query names one. `None` when it was never
/// held.
pub(super) fn compare(
    own: &Valuation,
    other: &Valuation,
    query: &TrailQuery,
    figure: Comparison,
) -> Option<Trail> {
    let (all, one) = match figure {
        Comparison::RealizedGain => (Total::RealizedGain, Holding::RealizedGain),
        Comparison::UnrealizedGain => (Total::UnrealizedGain, Holding::UnrealizedGain),
        Comparison::OpenCost => (Total::Cost, Holding::Cost),
    };
    let amount = |valuation: &Valuation| match query.instrument_id {
        None => Some(total(valuation, all)),
        Some(id) => {
            let mut holdings = valuation.holdings.iter();
            let found = holdings.find(|held| valuation.instrument(held.asset).id == id);
            found.map(|held| of(held, all))
        }
    };
    let (in_use, under) = (amount(own)?, amount(other).unwrap_or_default());
    let place = Place::new(own, None);
    let way = Way::new(&query.scope()).with("instrument_id", query.instrument_id);
    let href = |way: &Way| match query.instrument_id {
        None => way.href(all),
        Some(_) => way.href(one),
    };
    let method = query.cost_basis.map(ledger::CostBasis::as_str);
    let there = href(&way.with("cost_basis", method));
    let steps = vec![
        Step::new("Under this cost basis", place.money(under)),
        Step::new("less under the one in use", place.money(-in_use)),
        Step::new("Difference", place.money(under - in_use)),
    ];
    let trail = Trail::new(figure, place.money(under - in_use))
        .signed()
        .ordered(vec![
            place.booked("Under this cost basis", place.money(under), Some(there)),
            place.booked(
                "Under the one in use",
                place.money(in_use),
                Some(href(&way)),
            ),
        ])
        .steps(steps);
    let instrument = own.holdings.iter().map(|held| own.instrument(held.asset));
    let named = query
        .instrument_id
        .and_then(|id| instrument.into_iter().find(|i| i.id == id));
    Some(match named {
        Some(instrument) => trail.about(&instrument.symbol),
        None => trail,
    })
}
