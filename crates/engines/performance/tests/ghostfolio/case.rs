//! A case of Ghostfolio's format, read and replayed up to any day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Ratio, Rules, replay};
use money::{Currency, FxTable, decimal_from_f64};
use performance::{Closing, PriceSeries, closing};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A decimal given as text or as number.
pub(crate) fn number(value: &Value) -> Decimal {
    match value {
        Value::String(text) => text.parse().unwrap(),
        Value::Number(number) => decimal_from_f64(number.as_f64().unwrap()).unwrap(),
        other => panic!("{other} is no number"),
    }
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text {key} in {value}"))
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// A case, ready to be replayed up to any day.
pub(crate) struct Case<'a> {
    pub(crate) name: &'a str,
    pub(crate) rules: Rules,
    pub(crate) assets: Vec<Asset>,
    entries: Vec<Entry>,
    prices: Vec<PriceSeries>,
    pub(crate) fx: FxTable,
}

/// The state at the end of a day, with fees and without.
pub(crate) struct State {
    pub(crate) net: (Books, Closing),
    pub(crate) gross: (Books, Closing),
}

impl<'a> Case<'a> {
    pub(crate) fn read(case: &'a Value) -> Self {
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
            // A debt is an instrument that is owed.
            "LIABILITY" => Event::Short {
                asset: self.asset(activity),
                quantity,
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
            lots: Vec::new(),
        });
    }

    fn asset(&mut self, activity: &Value) -> AssetIndex {
        let symbol = text(activity, "symbol");
        let known = self.assets.iter().position(|asset| asset.symbol == symbol);
        let index = known.unwrap_or_else(|| {
            let currency = text(activity, "currency").parse().unwrap();
            self.assets.push(Asset::new(symbol.to_owned(), currency));
            self.assets.len() - 1
        });
        AssetIndex(index as u32)
    }

    /// The day of the last activity.
    pub(crate) fn last_day(&self) -> Date {
        let days = self.entries.iter().map(|entry| entry.date);
        days.max().unwrap()
    }

    pub(crate) fn at(&self, day: Date) -> State {
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
    /// The value of everything that is owed, without its sign.
    pub(crate) fn owed(&self) -> Decimal {
        let values = self.net.1.positions.iter().map(|one| one.value_base);
        -values.filter(Decimal::is_sign_negative).sum::<Decimal>()
    }

    /// Of one position, or of all. Only what is the same in every definition, and of amounts only
    /// those in the base currency at the rate of each day.
    pub(crate) fn figures(
        &self,
        asset: AssetIndex,
        same_currency: bool,
    ) -> BTreeMap<&'static str, Decimal> {
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

    pub(crate) fn totals(&self) -> BTreeMap<&'static str, Decimal> {
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
