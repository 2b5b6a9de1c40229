//! Published ledger cases, in the format of `ledger_reference_cases.json`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case that cannot be read is a failed test"
)]

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Rules, Settlement, replay};
use money::{Currency, FxTable, f64_from_decimal};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

mod reference;

const ASSET: AssetIndex = AssetIndex(0);

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text {key} in {value}"))
}

fn number(value: &Value) -> Decimal {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no decimal text"))
        .parse()
        .unwrap()
}

fn optional(value: &Value, key: &str) -> Decimal {
    value.get(key).map(number).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).map_or(&[], |list| list.as_array().unwrap())
}

struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    fn add(&mut self, date: Date, currency: Currency, event: Event) -> &mut Entry {
        let id = Uuid::from_u128(self.entries.len() as u128);
        self.entries.push(Entry {
            id,
            date,
            executed_at: None,
            event,
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            currency,
            settlement: None,
            lots: Vec::new(),
        });
        self.entries.last_mut().unwrap()
    }

    /// What the case starts from, as transactions of the day before: lots bought at cost, cash
    /// deposited as far as it was contributed and earned beyond.
    fn open(&mut self, opening: &Value, date: Date, account: Currency) {
        let mut cash = opening["cash"]
            .get(account.as_str())
            .map(number)
            .unwrap_or_default();
        for position in list(opening, "positions") {
            let (quantity, amount) = (
                number(&position["quantity"]),
                number(&position["total_cost_basis"]),
            );
            self.add(
                date,
                text(position, "currency").parse().unwrap(),
                Event::Buy {
                    asset: ASSET,
                    quantity,
                    amount,
                },
            );
            cash += amount;
        }
        let contributed = optional(opening, "net_contribution");
        self.add(
            date,
            account,
            Event::Deposit {
                amount: contributed,
            },
        );
        self.add(
            date,
            account,
            Event::Interest {
                amount: cash - contributed,
            },
        );
    }

    fn activity(&mut self, activity: &Value, account: Currency) {
        let date = text(activity, "date").parse().unwrap();
        let currency = text(activity, "currency").parse().unwrap();
        let (quantity, price) = (
            optional(activity, "quantity"),
            optional(activity, "unit_price"),
        );
        let (amount, mut fees) = (optional(activity, "amount"), optional(activity, "fee"));
        let event = match text(activity, "type") {
            "BUY" => Event::Buy {
                asset: ASSET,
                quantity,
                amount: quantity * price,
            },
            "SELL" => Event::Sell {
                asset: ASSET,
                quantity,
                amount: quantity * price,
            },
            "DIVIDEND" => Event::Dividend {
                asset: ASSET,
                amount,
            },
            "INTEREST" => Event::Interest { amount },
            "DEPOSIT" => Event::Deposit { amount },
            "FEE" => Event::Fee {
                asset: None,
                amount: std::mem::take(&mut fees) + amount,
            },
            "TAX" => Event::Tax {
                asset: None,
                amount,
            },
            other => panic!("no such activity: {other}"),
        };
        let entry = self.add(date, currency, event);
        entry.fees = fees;
        entry.settlement = activity.get("fx_rate").map(|rate| Settlement {
            currency: account,
            fx_rate: number(rate),
        });
    }
}

/// Observations as `[base, quote, date, rate]`.
fn rates(case: &Value) -> FxTable {
    let observation = |rate: &Value| {
        let text = |index: usize| rate[index].as_str().unwrap();
        let (base, quote) = (text(0).parse().unwrap(), text(1).parse().unwrap());
        (
            text(2).parse().unwrap(),
            base,
            quote,
            f64_from_decimal(number(&rate[3])),
        )
    };
    list(case, "fx").iter().map(observation).collect()
}

fn contributed(books: &Books) -> Decimal {
    books.flows.iter().map(|flow| flow.amount_base).sum()
}

fn wealthfolio(case: &Value) {
    let account: Currency = text(case, "account_currency").parse().unwrap();
    let fx = rates(case);
    let listed_in = case["expected"]["position"]
        .get("currency")
        .and_then(Value::as_str);
    let currency = listed_in.map_or(account, |code| code.parse().unwrap());
    let assets = [Asset::new("LISTED".to_owned(), currency)];
    let rules = Rules {
        base: account,
        cost_basis: CostBasis::Fifo,
        tracks_cash: true,
    };
    let replayed = |journal: &Journal| replay(&journal.entries, &assets, &fx, &rules);

    let mut journal = Journal {
        entries: Vec::new(),
    };
    let first: Date = text(&case["activities"][0], "date").parse().unwrap();
    if let Some(opening) = case.get("opening") {
        journal.open(opening, first - 1.day(), account);
    }
    let before = replayed(&journal);
    for activity in list(case, "activities") {
        journal.activity(activity, account);
    }
    let books = replayed(&journal);

    let name = text(case, "name");
    let expected = &case["expected"];
    compare_position(name, expected, &books);
    compare_cash(name, expected, &books, |currency| {
        fx.rate(currency, account, journal.entries.last().unwrap().date)
            .unwrap()
            .rate
    });
    if let Some(net) = expected.get("net_contribution") {
        assert_eq!(contributed(&books), number(net), "contribution of {name}");
    }
    if let Some(change) = expected.get("net_contribution_change") {
        assert_eq!(
            contributed(&books) - contributed(&before),
            number(change),
            "{name}"
        );
    }
    let errors = books
        .findings
        .iter()
        .filter(|finding| finding.code != "negative_cash");
    assert_eq!(
        errors.count(),
        0,
        "findings of {name}: {:?}",
        books.findings
    );
}

fn compare_position(name: &str, expected: &Value, books: &Books) {
    if let Some(position) = expected.get("position") {
        let held = &books.positions[&ASSET];
        assert_eq!(
            held.quantity,
            number(&position["quantity"]),
            "quantity of {name}"
        );
        assert_eq!(
            held.cost,
            number(&position["total_cost_basis"]),
            "cost of {name}"
        );
        assert_eq!(
            held.average_cost(),
            Some(number(&position["average_cost"])),
            "{name}"
        );
    }
    if let Some(cost) = expected.get("account_cost_basis_CAD") {
        assert_eq!(
            books.positions[&ASSET].cost_base,
            number(cost),
            "base cost of {name}"
        );
    }
}

fn compare_cash(name: &str, expected: &Value, books: &Books, rate: impl Fn(Currency) -> Decimal) {
    let balances = expected["cash"].as_object().unwrap().iter();
    let cash: BTreeMap<Currency, Decimal> = balances
        .map(|(code, amount)| (code.parse().unwrap(), number(amount)))
        .collect();
    assert_eq!(books.cash, cash, "cash of {name}");
    if let Some(total) = expected.get("cash_total_CAD") {
        let sum: Decimal = cash
            .iter()
            .map(|(currency, amount)| amount * rate(*currency))
            .sum();
        assert_eq!(sum, number(total), "total cash of {name}");
    }
}

fn portfolio_performance(case: &Value) {
    let name = text(case, "name");
    let currency: Currency = text(case, "currency").parse().unwrap();
    let assets = [Asset::new("SHARE".to_owned(), currency)];
    let mut journal = Journal {
        entries: Vec::new(),
    };
    for activity in list(case, "activities") {
        let (quantity, amount) = (
            Decimal::from(activity[2].as_i64().unwrap()),
            number(&activity[3]),
        );
        let event = match activity[0].as_str().unwrap() {
            "BUY" => Event::Buy {
                asset: ASSET,
                quantity,
                amount,
            },
            "SELL" => Event::Sell {
                asset: ASSET,
                quantity,
                amount,
            },
            other => panic!("no such activity: {other}"),
        };
        journal.add(
            activity[1].as_str().unwrap().parse().unwrap(),
            currency,
            event,
        );
    }
    let expected = &case["expected"];
    for (cost_basis, word) in [
        (CostBasis::Fifo, "fifo"),
        (CostBasis::Average, "moving_average"),
    ] {
        let rules = Rules {
            base: currency,
            cost_basis,
            tracks_cash: false,
        };
        let books = replay(&journal.entries, &assets, &FxTable::new(), &rules);
        let position = &books.positions[&ASSET];
        // The published figures are rounded to cents.
        let check = |figure: Decimal, key: String| {
            if let Some(expected) = expected.get(&key) {
                assert_eq!(figure.round_dp(2), number(expected), "{key} of {name}");
            }
        };
        assert_eq!(
            position.quantity,
            number(&expected["shares"]),
            "shares of {name}"
        );
        check(position.cost, format!("{word}_cost"));
        check(position.realized, format!("realised_{word}"));
        if let Some(price) = case.get("price") {
            let value = position.quantity * number(&price[1]);
            check(value - position.cost, format!("unrealised_{word}"));
        }
        assert!(
            books.findings.is_empty(),
            "findings of {name}: {:?}",
            books.findings
        );
    }
}

#[test]
fn published_ledgers_are_reproduced() {
    for root in reference::roots() {
        let file = reference::json(&root.join("cases/ledger_reference_cases.json"));
        let ours = list(&file["wealthfolio"], "cases");
        let theirs = list(&file["portfolio_performance"], "cases");
        assert!(
            !ours.is_empty() && !theirs.is_empty(),
            "a file of cases is empty"
        );
        ours.iter().for_each(wealthfolio);
        theirs.iter().for_each(portfolio_performance);
    }
}
