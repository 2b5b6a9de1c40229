//! Ghostfolio's own cases, by their definition-independent figures: quantity, average price, investment,
//! fees, dividends, gross and net performance, value.
//!
//! Ghostfolio leaves fees out of its average price, and its gross performance is before fees. So every
//! case is replayed twice: as it is (net) and with the fees struck out (gross). It keeps average cost.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case that cannot be read is a failed test"
)]

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Ratio, Rules, replay};
use money::{Currency, FxTable, decimal_from_f64};
use performance::{Closing, PriceSeries, closing};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use uuid::Uuid;

mod reference;

/// Cases of transactions that the ledger does not know yet, by name.
const LATER: [&str; 2] = [
    "liability :: with liability activity",
    "own :: with a liability",
];

/// Days of which the case does not tell the price that its expectation uses.
const UNPRICED: [(&str, &str); 1] = [(
    "novn-buy-and-sell :: with NOVN.SW buy and sell",
    "2022-03-07",
)];

/// A decimal given as text or as number.
fn number(value: &Value) -> Decimal {
    match value {
        Value::String(text) => text.parse().unwrap(),
        Value::Number(number) => decimal_from_f64(number.as_f64().unwrap()).unwrap(),
        other => panic!("{other} is no number"),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text {key} in {value}"))
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// A case, ready to be replayed up to any day.
struct Case<'a> {
    name: &'a str,
    rules: Rules,
    assets: Vec<Asset>,
    entries: Vec<Entry>,
    prices: Vec<PriceSeries>,
    fx: FxTable,
}

/// The state at the end of a day, with fees and without.
struct State {
    net: (Books, Closing),
    gross: (Books, Closing),
}

impl<'a> Case<'a> {
    fn read(case: &'a Value) -> Self {
        let calculator = &case["calculators"][0];
        let base = text(calculator, "currency").parse().unwrap();
        let rules = Rules {
            base,
            cost_basis: CostBasis::Average,
            tracks_cash: false,
        };
        let mut this = Self {
            name: text(case, "case"),
            rules,
            assets: Vec::new(),
            entries: Vec::new(),
            prices: Vec::new(),
            fx: rates(case),
        };
        for activity in calculator["activities"].as_array().unwrap() {
            this.add(case, activity);
        }
        for asset in &this.assets {
            let days = case["marketPrices"]
                .get(&asset.symbol)
                .map(object)
                .into_iter()
                .flatten();
            let points = days.map(|(day, price)| (day.parse().unwrap(), price.as_f64().unwrap()));
            this.prices.push(PriceSeries::new(points));
        }
        this
    }

    /// Where the case tells how an activity was before the splits it was adjusted for, that activity
    /// and the splits are replayed instead.
    fn add(&mut self, case: &Value, activity: &Value) {
        let adjustments = case.get("splitAdjustments").and_then(Value::as_array);
        let adjustment =
            adjustments.and_then(|all| all.iter().find(|one| &one["after"] == activity));
        let activity = adjustment.map_or(activity, |adjustment| &adjustment["before"]);
        self.transaction(activity);
        let asset = self.asset(activity);
        for split in adjustment.map_or(&[][..], |one| one["splits"].as_array().unwrap()) {
            let ratio = Ratio {
                to: number(&split["numerator"]),
                from: number(&split["denominator"]),
            };
            self.push(
                split,
                self.assets[asset.0 as usize].currency,
                Event::Split { asset, ratio },
            );
        }
    }

    fn transaction(&mut self, activity: &Value) {
        let quantity = number(&activity["quantity"]);
        let amount = quantity * number(&activity["unitPriceInAssetProfileCurrency"]);
        let currency = text(activity, "currency").parse().unwrap();
        let mut fees = number(&activity["feeInAssetProfileCurrency"]);
        let kind = text(activity, "type");
        let event = match kind {
            // What belongs to no instrument is booked under an invented symbol.
            "FEE" => Event::Fee {
                asset: None,
                amount: std::mem::take(&mut fees),
            },
            "INTEREST" => Event::Interest { amount },
            "BUY" => Event::Buy {
                asset: self.asset(activity),
                quantity,
                amount,
            },
            "SELL" => Event::Sell {
                asset: self.asset(activity),
                quantity,
                amount,
            },
            "DIVIDEND" => Event::Dividend {
                asset: self.asset(activity),
                amount,
            },
            other => panic!("{}: no such activity: {other}", self.name),
        };
        self.push(activity, currency, event);
        self.entries.last_mut().unwrap().fees = fees;
    }

    fn push(&mut self, dated: &Value, currency: Currency, event: Event) {
        self.entries.push(Entry {
            id: Uuid::from_u128(self.entries.len() as u128),
            date: text(dated, "date").parse().unwrap(),
            executed_at: None,
            event,
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            currency,
            settlement: None,
        });
    }

    fn asset(&mut self, activity: &Value) -> AssetIndex {
        let symbol = text(activity, "symbol");
        let known = self.assets.iter().position(|asset| asset.symbol == symbol);
        let index = known.unwrap_or_else(|| {
            let currency = text(activity, "currency").parse().unwrap();
            self.assets.push(Asset {
                symbol: symbol.to_owned(),
                currency,
            });
            self.assets.len() - 1
        });
        AssetIndex(index as u32)
    }

    fn at(&self, day: Date) -> State {
        let until: Vec<Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.date <= day)
            .cloned()
            .collect();
        let mut without_fees = until.clone();
        for entry in &mut without_fees {
            entry.fees = Decimal::ZERO;
        }
        let state = |entries: &[Entry]| {
            let books = replay(entries, &self.assets, &self.fx, &self.rules);
            let prices: Vec<_> = self.prices.iter().map(Some).collect();
            let closed = closing(
                &books,
                &self.assets,
                &prices,
                &self.fx,
                self.rules.base,
                day,
            );
            (books, closed)
        };
        State {
            net: state(&until),
            gross: state(&without_fees),
        }
    }
}

/// Rates as `{"USDCHF": {"2023-01-03": 0.9238}}`.
fn rates(case: &Value) -> FxTable {
    let mut fx = FxTable::new();
    for (pair, days) in case.get("exchangeRates").map(object).into_iter().flatten() {
        let (base, quote) = (pair[..3].parse().unwrap(), pair[3..].parse().unwrap());
        for (day, rate) in object(days) {
            fx.insert(day.parse().unwrap(), base, quote, rate.as_f64().unwrap());
        }
    }
    fx
}

fn gains((books, closed): &(Books, Closing)) -> Decimal {
    let realized: Decimal = books
        .positions
        .values()
        .map(|position| position.realized_base)
        .sum();
    realized + closed.unrealized_base
}

impl State {
    /// Of one position, or of all. Only what is the same in every definition, and of amounts only
    /// those in the base currency at the rate of each day.
    fn figures(&self, asset: AssetIndex, same_currency: bool) -> BTreeMap<&'static str, Decimal> {
        let (net, gross) = (
            &self.net.0.positions[&asset],
            &self.gross.0.positions[&asset],
        );
        let closed = |closing: &Closing| {
            closing
                .positions
                .iter()
                .find(|one| one.asset == asset)
                .cloned()
                .unwrap()
        };
        let (net_closed, gross_closed) = (closed(&self.net.1), closed(&self.gross.1));
        let gross_gain = gross.realized_base + gross_closed.unrealized_base;
        let net_gain = net.realized_base + net_closed.unrealized_base;
        let mut figures = BTreeMap::from([
            ("quantity", net.quantity),
            ("averagePrice", gross.average_cost().unwrap_or_default()),
            ("investmentWithCurrencyEffect", gross.cost_base),
            ("feeInBaseCurrency", net.fees_base),
            ("dividendInBaseCurrency", net.dividends_base),
            ("grossPerformanceWithCurrencyEffect", gross_gain),
            ("netPerformanceWithCurrencyEffectMap.max", net_gain),
            ("valueInBaseCurrency", net_closed.value_base),
        ]);
        if same_currency {
            figures.extend([
                ("investment", gross.cost),
                ("fee", net.fees_base),
                ("dividend", net.dividends),
                ("grossPerformance", gross_gain),
                ("netPerformance", net_gain),
            ]);
        }
        figures
    }

    fn totals(&self) -> BTreeMap<&'static str, Decimal> {
        let books = &self.net.0;
        let fees: Decimal = books
            .positions
            .values()
            .map(|position| position.fees_base)
            .sum();
        BTreeMap::from([
            ("currentValueInBaseCurrency", self.net.1.value_base),
            (
                "totalFeesWithCurrencyEffect",
                fees + books.account_fees_base,
            ),
            ("totalInterestWithCurrencyEffect", books.interest_base),
            ("totalInvestmentWithCurrencyEffect", self.gross.1.cost_base),
            (
                "totalInvestmentValueWithCurrencyEffect",
                self.gross.1.cost_base,
            ),
            ("netPerformanceWithCurrencyEffect", gains(&self.net)),
            ("valueWithCurrencyEffect", self.net.1.value_base),
            ("netWorth", self.net.1.value_base),
        ])
    }
}

/// Compares what both sides know and returns how much that was.
fn compare(name: &str, found: &BTreeMap<&'static str, Decimal>, expected: &Value) -> usize {
    let mut compared = 0;
    for (key, figure) in found {
        let pointer = format!("/{}", key.replace('.', "/"));
        let Some(expected) = expected.pointer(&pointer) else {
            continue;
        };
        let difference = (*figure - number(expected)).abs();
        assert!(
            difference < Decimal::new(1, 9),
            "{name}: {key} is {figure}, not {expected}"
        );
        compared += 1;
    }
    compared
}

/// Compares one expectation and returns the number of figures compared.
fn expectation(case: &Case<'_>, now: Date, expectation: &Value) -> usize {
    let (of, expected) = (text(expectation, "of"), &expectation["expected"]);
    let property = of.rsplit('.').next().unwrap();
    match of {
        "calculator.computeSnapshot()" => snapshot(case, &case.at(now), expected),
        "calculator.computeSnapshot().totalLiabilitiesWithCurrencyEffect" => 0,
        "calculator.getInvestments()" => investments(case, expected),
        _ if of.contains("getInvestmentsByGroup") => {
            investments_by_period(case, now, of.contains("month"), expected)
        }
        _ if of.contains("getTransactionPoints") => {
            let one = json!({ property: expected });
            let expected = if expected.is_object() { expected } else { &one };
            compare(
                case.name,
                &case.at(now).figures(AssetIndex(0), true),
                expected,
            )
        }
        _ if of.contains("historicalData.find") => {
            let day = of.split('\'').nth(1).unwrap().parse().unwrap();
            compare(
                case.name,
                &case.at(day).totals(),
                &json!({ property: expected }),
            )
        }
        _ if of.contains("historicalData.map(({ date })") => 0,
        _ if of.contains("historicalData") => day_of_history(case, now, expected),
        _ if of.contains("positions[0].fee") => fee(case, now, of.contains("Base"), expected),
        _ => panic!("{}: no such expectation: {of}", case.name),
    }
}

fn snapshot(case: &Case<'_>, state: &State, expected: &Value) -> usize {
    let positions = expected
        .get("positions")
        .map_or(&[][..], |list| list.as_array().unwrap());
    let compared = positions.iter().map(|position| {
        let symbol = text(position, "symbol");
        let index = case
            .assets
            .iter()
            .position(|asset| asset.symbol == symbol)
            .unwrap();
        let same = case.assets[index].currency == case.rules.base;
        compare(
            case.name,
            &state.figures(AssetIndex(index as u32), same),
            position,
        )
    });
    compared.sum::<usize>() + compare(case.name, &state.totals(), expected)
}

fn day_of_history(case: &Case<'_>, now: Date, expected: &Value) -> usize {
    let day = expected
        .get("date")
        .map_or(now, |day| day.as_str().unwrap().parse().unwrap());
    let state = case.at(day);
    if UNPRICED.contains(&(case.name, day.to_string().as_str())) {
        assert!(
            state
                .net
                .1
                .positions
                .iter()
                .any(|position| !position.priced)
        );
        return 0;
    }
    compare(case.name, &state.totals(), expected)
}

/// `fee` is in the currency of the instrument; `toBeCloseTo` gives a number of digits.
fn fee(case: &Case<'_>, now: Date, in_base: bool, expected: &Value) -> usize {
    let (expected, digits) = expected.as_array().map_or((expected, 9), |pair| {
        (&pair[0], pair[1].as_u64().unwrap() as u32)
    });
    let fees = case.at(now).net.0.positions[&AssetIndex(0)].fees_base;
    let rate = case
        .fx
        .rate(case.assets[0].currency, case.rules.base, now)
        .unwrap()
        .rate;
    let fees = if in_base { fees } else { fees / rate };
    let difference = (fees - number(expected)).abs();
    assert!(
        difference < Decimal::new(5, digits + 1),
        "{}: {fees}, not {expected}",
        case.name
    );
    1
}

/// The cost of all positions on the days of the transactions.
fn investments(case: &Case<'_>, expected: &Value) -> usize {
    let days = expected.as_array().unwrap();
    for day in days {
        let on = case.at(text(day, "date").parse().unwrap());
        let cost: Decimal = on
            .gross
            .0
            .positions
            .values()
            .map(|position| position.cost)
            .sum();
        assert_eq!(cost, number(&day["investment"]), "{}: {day}", case.name);
    }
    days.len()
}

/// What the cost of all positions changed by in each month or year.
fn investments_by_period(case: &Case<'_>, now: Date, monthly: bool, expected: &Value) -> usize {
    let periods = expected.as_array().unwrap();
    for period in periods {
        let first: Date = text(period, "date").parse().unwrap();
        let next = if monthly {
            first + 1.month()
        } else {
            first + 1.year()
        };
        let cost = |day: Date| case.at(day).gross.1.cost_base;
        let change = cost(now.min(next - 1.day())) - cost(first - 1.day());
        assert_eq!(
            change,
            number(&period["investment"]),
            "{}: {period}",
            case.name
        );
    }
    periods.len()
}

#[test]
fn published_portfolios_are_reproduced() {
    let mut later = Vec::new();
    let mut compared = Vec::new();
    for root in reference::roots() {
        let file = reference::json(&root.join("cases/ghostfolio_portfolio_calculator.json"));
        let cases = file["cases"].as_array().unwrap();
        let mut figures = 0;
        for case in cases {
            let kinds = case["calculators"][0]["activities"].as_array().unwrap();
            if kinds.iter().any(|activity| activity["type"] == "LIABILITY") {
                later.push(text(case, "case").to_owned());
                continue;
            }
            let read = Case::read(case);
            let now = case["now"]
                .as_str()
                .unwrap_or("2023-07-10")
                .parse()
                .unwrap();
            let of_case: usize = case["expectations"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| expectation(&read, now, one))
                .sum();
            assert!(of_case > 0, "nothing of {} could be compared", read.name);
            figures += of_case;
        }
        compared.push(figures);
    }
    assert!(
        later.iter().all(|name| LATER.contains(&name.as_str())),
        "not replayed: {later:?}"
    );
    assert_eq!(
        later.len(),
        compared.len(),
        "each file has one case for later: {later:?}"
    );
    // So that a changed format cannot make the comparison empty.
    assert!(
        compared[0] >= 14,
        "only {} own figures were compared",
        compared[0]
    );
    assert!(
        compared.get(1).is_none_or(|figures| *figures >= 150),
        "only {compared:?} figures"
    );
}
