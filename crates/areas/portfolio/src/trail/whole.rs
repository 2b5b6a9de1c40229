//! Figures of portfolios as a whole.

use market::AssetClass;
use rust_decimal::Decimal;

use super::{Input, Place, Quality, Step, Trail, figures, holding, rate_text};
use crate::{allocation, cash, scope::Scope, valuation::CashBalance};

figures! {
    /// Figures of portfolios as a whole.
    Whole {
        Value: "value", "Value", "For every holding, shares × last close × last exchange rate into the currency of the totals; plus every cash balance × its last exchange rate. The last ones on or before the day.";
        Cash: "cash", "Cash", "Every cash balance × its last exchange rate into the currency of the totals. A balance is the sum of all that transactions moved in its currency.";
        NetInvested: "net_invested", "Net invested", "Everything that crossed the border of the portfolio since the beginning: what came in less what went out, each at the exchange rate of its day. Without cash tracking every purchase comes in and every sale goes out.";
        Gain: "gain", "Gain since the beginning", "Value less net invested.";
        Assets: "assets", "Assets", "Every holding and every cash balance that is worth more than nothing, as a whole.";
        Liabilities: "liabilities", "Liabilities", "Every debt, short position and cash balance below zero, as a positive amount.";
        NetWorth: "net_worth", "Net worth", "Assets less liabilities: the value of everything.";
    }
}

pub(super) fn trail(place: Place<'_>, figure: Whole) -> Trail {
    match figure {
        Whole::Value => value(place),
        Whole::Cash => cash(place),
        Whole::NetInvested => net_invested(place),
        Whole::Gain => gain(place),
        Whole::Assets | Whole::Liabilities | Whole::NetWorth => worth(place, figure),
    }
}

fn value(place: Place<'_>) -> Trail {
    let valuation = place.valuation;
    let mut inputs: Vec<Input> = valuation
        .open_holdings()
        .map(|one| holding::priced(place, one))
        .collect();
    inputs.extend(cash_balances(place));
    let totals = &valuation.totals;
    Trail::new(Whole::Value, place.money(totals.value))
        .ordered(inputs)
        .steps(vec![
            Step::new("All holdings", place.money(totals.holdings_value)),
            Step::new("All cash", place.money(totals.cash)),
            Step::new("Together", place.money(totals.value)),
        ])
}

/// Every cash balance at its worth.
pub(crate) fn cash_balances(place: Place<'_>) -> Vec<Input> {
    let balances = place.valuation.cash.iter();
    balances
        .map(|balance| balance_input(place, balance))
        .collect()
}

fn balance_input(place: Place<'_>, cash: &CashBalance) -> Input {
    let valuation = place.valuation;
    let rate = valuation
        .fx
        .rate(cash.currency, valuation.base, valuation.as_of);
    let on = rate.map(|rate| rate.observed_on);
    let is_own = cash.currency == valuation.base;
    let amount = money::round_to_currency(cash.amount, cash.currency);
    let quality = if is_own {
        place.good()
    } else {
        place.quality(on)
    };
    let is_doubtful = place.is_unreconciled("unreconciled_cash", cash.currency.as_str());
    Input {
        text: match (is_own, rate) {
            (true, _) => format!("Cash of {amount} {}", cash.currency),
            (false, Some(rate)) => format!(
                "Cash of {amount} {} × {} {} for one",
                cash.currency,
                rate_text(rate.rate),
                valuation.base
            ),
            (false, None) => format!(
                "Cash of {amount} {}, left out: there is no exchange rate",
                cash.currency
            ),
        },
        amount: place.money(cash.value.unwrap_or_default()),
        source: match (is_own, valuation.is_simulated()) {
            (true, _) => super::TRANSACTIONS,
            (false, true) => "simulated exchange rates",
            (false, false) => "exchange rates loaded from files",
        }
        .to_owned(),
        on: on.filter(|_| !is_own),
        age_days: on.filter(|_| !is_own).map(|on| place.age(on)),
        quality: if is_doubtful && quality != Quality::Missing {
            Quality::Unreconciled
        } else {
            quality
        },
        href: Some(cash_href(place, cash.currency)),
    }
}

/// The ledger of a balance; where it is one of several portfolios, the list of them.
fn cash_href(place: Place<'_>, currency: money::Currency) -> String {
    let valuation = place.valuation;
    let scope = Scope::known(None, valuation.known_on);
    match valuation.portfolios.as_slice() {
        [only] => cash::href(only.id, currency, &scope),
        _ => scope.href("/portfolio/cash", None),
    }
}

fn cash(place: Place<'_>) -> Trail {
    let cash = place.money(place.valuation.totals.cash);
    Trail::new(Whole::Cash, cash.clone())
        .ordered(cash_balances(place))
        .steps(vec![Step::new("Together", cash)])
}

fn net_invested(place: Place<'_>) -> Trail {
    let mut inputs: Vec<Input> = Vec::new();
    let (mut came_in, mut went_out) = (Decimal::ZERO, Decimal::ZERO);
    for part in &place.valuation.parts {
        let money = part
            .books
            .flows
            .iter()
            .map(|flow| (flow.date, flow.amount_base, false));
        let shares = part
            .transfers
            .iter()
            .map(|flow| (flow.date, flow.amount_base, true));
        for (on, amount, are_shares) in money.chain(shares) {
            let text = match (amount >= Decimal::ZERO, are_shares) {
                (true, false) => "Money that came in",
                (false, false) => "Money that went out",
                (true, true) => "Shares that came in, at their worth of the day",
                (false, true) => "Shares that went out, at their worth of the day",
            };
            if amount >= Decimal::ZERO {
                came_in += amount;
            } else {
                went_out += amount;
            }
            inputs.push(place.recorded(text.to_owned(), place.exact(amount), on, None));
        }
    }
    let net_invested = place.money(place.valuation.totals.net_invested);
    Trail::new(Whole::NetInvested, net_invested.clone())
        .inputs(inputs)
        .steps(vec![
            Step::new("All that came in", place.money(came_in)),
            Step::new("All that went out", place.money(went_out)),
            Step::new("Together", net_invested),
        ])
}

fn gain(place: Place<'_>) -> Trail {
    let totals = &place.valuation.totals;
    let gain = totals.value - totals.net_invested;
    let parts = [
        ("Unrealised gain of what is held", totals.unrealized_gain),
        ("Realised gain of what was sold", totals.realized_gain),
        ("Dividends", totals.dividends),
        ("Interest", totals.interest),
    ];
    let inputs = parts
        .iter()
        .map(|(text, amount)| place.booked(*text, place.money(*amount), None))
        .collect();
    let explained: Decimal = parts.iter().map(|(_, amount)| *amount).sum();
    let steps = vec![
        Step::new("Value", place.money(totals.value)),
        Step::new("less net invested", place.money(-totals.net_invested)),
        Step::new("of which the parts below", place.money(explained)),
        Step::new(
            "and charges and taxes outside of trades, currency gains on cash",
            place.money(gain - explained),
        ),
    ];
    Trail::new(Whole::Gain, place.money(gain))
        .signed()
        .ordered(inputs)
        .steps(steps)
}

fn worth(place: Place<'_>, figure: Whole) -> Trail {
    let valuation = place.valuation;
    let counts = |value: Decimal| match figure {
        Whole::Assets => value > Decimal::ZERO,
        Whole::Liabilities => value < Decimal::ZERO,
        _ => true,
    };
    let sign = match figure {
        Whole::Liabilities => Decimal::NEGATIVE_ONE,
        _ => Decimal::ONE,
    };
    let held = valuation.open_holdings().filter(|one| counts(one.value));
    let cash = valuation.cash.iter();
    let cash = cash.filter(|one| counts(one.value.unwrap_or_default()));
    let held = held.map(|one| (holding::priced(place, one), one.value));
    let cash = cash.map(|one| (balance_input(place, one), one.value.unwrap_or_default()));
    let inputs = held
        .chain(cash)
        .map(|(input, value)| Input {
            amount: place.money(sign * value),
            ..input
        })
        .collect();
    let worth = allocation::worth(valuation);
    let result = match figure {
        Whole::Assets => worth.assets,
        Whole::Liabilities => worth.liabilities,
        _ => worth.net_worth,
    };
    let debts = valuation.open_holdings();
    let debts =
        debts.filter(|one| valuation.instrument(one.asset).asset_class == AssetClass::Liability);
    let debts: Decimal = debts.map(|one| one.value).sum();
    let steps = vec![
        Step::new("Assets", place.money(worth.assets)),
        Step::new("less liabilities", place.money(-worth.liabilities)),
        Step::new(
            "of which debts that are recorded as such",
            place.money(debts),
        ),
        Step::new("Net worth", place.money(worth.net_worth)),
    ];
    Trail::new(figure, place.money(result))
        .ordered(inputs)
        .steps(steps)
}
