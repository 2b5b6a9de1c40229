//! Figures of portfolios as a whole.

use rust_decimal::Decimal;

use super::{Input, Place, Quality, Step, Trail, holding, newest, rate_text};
use crate::{cash, scope::Scope};

pub(super) fn value(place: &Place<'_>) -> Trail {
    let valuation = place.valuation;
    let mut inputs: Vec<Input> = valuation
        .open_holdings()
        .map(|one| holding::priced(place, one))
        .collect();
    inputs.extend(balances(place));
    let totals = &valuation.totals;
    Trail {
        title: "Value".to_owned(),
        formula: "For every holding, shares × last close × last exchange rate into the currency of the totals; plus every cash balance × its last exchange rate. The last ones on or before the day.",
        result: place.money(totals.value),
        inputs,
        steps: vec![
            Step {
                text: "All holdings".to_owned(),
                amount: place.money(totals.holdings_value),
            },
            Step {
                text: "All cash".to_owned(),
                amount: place.money(totals.cash),
            },
            Step {
                text: "Together".to_owned(),
                amount: place.money(totals.value),
            },
        ],
    }
}

fn balances(place: &Place<'_>) -> Vec<Input> {
    let valuation = place.valuation;
    let balance = |cash: &crate::valuation::CashBalance| {
        let rate = valuation
            .fx
            .rate(cash.currency, valuation.base, valuation.as_of);
        let on = rate.map(|rate| rate.observed_on);
        let is_own = cash.currency == valuation.base;
        let amount = money::round_to_currency(cash.amount, cash.currency);
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
            quality: if is_own {
                Quality::Good
            } else {
                place.quality(on)
            },
            href: Some(cash_href(place, cash.currency)),
        }
    };
    valuation.cash.iter().map(balance).collect()
}

/// The ledger of a balance; where it is one of several portfolios, the list of them.
fn cash_href(place: &Place<'_>, currency: money::Currency) -> String {
    let valuation = place.valuation;
    let scope = Scope::known(None, valuation.known_on);
    match valuation.portfolios.as_slice() {
        [only] => cash::href(only.id, currency, &scope),
        _ => scope.href("/portfolio/cash", None),
    }
}

pub(super) fn cash(place: &Place<'_>) -> Trail {
    Trail {
        title: "Cash".to_owned(),
        formula: "Every cash balance × its last exchange rate into the currency of the totals. A balance is the sum of all that transactions moved in its currency.",
        result: place.money(place.valuation.totals.cash),
        inputs: balances(place),
        steps: vec![Step {
            text: "Together".to_owned(),
            amount: place.money(place.valuation.totals.cash),
        }],
    }
}

pub(super) fn net_invested(place: &Place<'_>) -> Trail {
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
    Trail {
        title: "Net invested".to_owned(),
        formula: "Everything that crossed the border of the portfolio since the beginning: what came in less what went out, each at the exchange rate of its day. Without cash tracking every purchase comes in and every sale goes out.",
        result: place.money(place.valuation.totals.net_invested),
        inputs: newest(inputs),
        steps: vec![
            Step {
                text: "All that came in".to_owned(),
                amount: place.money(came_in),
            },
            Step {
                text: "All that went out".to_owned(),
                amount: place.money(went_out),
            },
            Step {
                text: "Together".to_owned(),
                amount: place.money(place.valuation.totals.net_invested),
            },
        ],
    }
}

pub(super) fn gain(place: &Place<'_>) -> Trail {
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
        .map(|(text, amount)| Input {
            text: (*text).to_owned(),
            amount: place.money(*amount),
            source: "the books".to_owned(),
            on: Some(place.valuation.as_of),
            age_days: Some(0),
            quality: Quality::Good,
            href: None,
        })
        .collect();
    let explained: Decimal = parts.iter().map(|(_, amount)| *amount).sum();
    Trail {
        title: "Gain since the beginning".to_owned(),
        formula: "Value less net invested.",
        result: place.money(gain),
        inputs,
        steps: vec![
            Step {
                text: "Value".to_owned(),
                amount: place.money(totals.value),
            },
            Step {
                text: "less net invested".to_owned(),
                amount: place.money(-totals.net_invested),
            },
            Step {
                text: "of which the parts above".to_owned(),
                amount: place.money(explained),
            },
            Step {
                text: "and charges and taxes outside of trades, currency gains on cash".to_owned(),
                amount: place.money(gain - explained),
            },
        ],
    }
}
