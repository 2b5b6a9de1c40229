//! Every type of transaction is entered by hand, through the API and through the form, and does what
//! the documentation of its type says: the examples of `docs/concepts/transactions.md` are typed in,
//! and the figures are those of the books that the same page shows.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use ledger::{Asset, AssetIndex, Books, Entry, Event, Rules, TransactionKind};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::server::{Person, Server, decimal};

#[path = "../../../../engines/ledger/tests/journal/mod.rs"]
#[expect(
    dead_code,
    reason = "the ledger's own tests compare texts, this one figures"
)]
mod journal;

use journal::{Journal, RULES};

/// The last day of the options of the examples, which do not tell it.
const LAST_DAY: &str = "2024-12-20";

struct Example {
    label: String,
    journal: Journal,
    text: String,
}

/// The examples of the page that play in one portfolio.
fn examples() -> Vec<Example> {
    let file = format!(
        "{}/../../../docs/concepts/transactions.md",
        env!("CARGO_MANIFEST_DIR")
    );
    let page = std::fs::read_to_string(file).expect("the page of the types");
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix("```journal") else {
            continue;
        };
        let block = lines.by_ref().take_while(|line| *line != "```");
        let text: Vec<&str> = block.take_while(|line| *line != "=>").collect();
        // What `take_while` has not looked at ends with the block.
        let text = text.join("\n");
        found.push(Example {
            label: label.trim().to_owned(),
            journal: Journal::parse(&text),
            text,
        });
    }
    found
}

type Fields = Vec<(&'static str, String)>;

/// A transaction in the fields of the form, which are those of the API.
fn fields(entry: &Entry, assets: &[Asset]) -> Fields {
    let mut fields = vec![
        ("type", entry.event.kind().as_str().to_owned()),
        ("date", entry.date.to_string()),
        ("currency", entry.currency.to_string()),
        ("fees", entry.fees.to_string()),
        ("taxes", entry.taxes.to_string()),
    ];
    let symbol = |index: AssetIndex| assets[index.0 as usize].symbol.clone();
    if let Some(asset) = entry.event.asset() {
        match assets[asset.0 as usize].option {
            None => fields.push(("symbol", symbol(asset))),
            Some(terms) => fields.extend([
                ("underlying", symbol(terms.underlying)),
                (
                    "right",
                    json!(terms.right).as_str().expect("a word").to_owned(),
                ),
                ("strike", terms.strike.to_string()),
                ("expires_on", LAST_DAY.to_owned()),
                (
                    "multiplier",
                    assets[asset.0 as usize].multiplier.to_string(),
                ),
            ]),
        }
    }
    if let Some(target) = entry.event.target() {
        fields.push(("target_symbol", symbol(target)));
    }
    if let Some(settlement) = entry.settlement {
        fields.push(("settlement_currency", settlement.currency.to_string()));
        fields.push(("fx_rate", settlement.fx_rate.to_string()));
    }
    fields.extend(
        figures(&entry.event)
            .into_iter()
            .map(|(name, figure)| (name, figure.to_string())),
    );
    match entry.event {
        Event::Split { ratio, .. }
        | Event::SpinOff { ratio, .. }
        | Event::Merger {
            target: Some((_, ratio)),
            ..
        } => fields.push(("ratio", format!("{}:{}", ratio.to, ratio.from))),
        Event::TransferIn {
            acquired_on: Some(day),
            ..
        } => fields.push(("acquired_on", day.to_string())),
        _ => {}
    }
    fields
}

fn figures(event: &Event) -> Vec<(&'static str, Decimal)> {
    match *event {
        Event::Buy {
            quantity, amount, ..
        }
        | Event::Sell {
            quantity, amount, ..
        }
        | Event::Short {
            quantity, amount, ..
        }
        | Event::Cover {
            quantity, amount, ..
        }
        | Event::ReinvestedDividend {
            quantity, amount, ..
        }
        | Event::StockDividend {
            quantity, amount, ..
        } => {
            vec![("quantity", quantity), ("amount", amount)]
        }
        Event::TransferIn { quantity, cost, .. } => {
            vec![("quantity", quantity), ("amount", cost)]
        }
        Event::TransferOut { quantity, .. }
        | Event::Exercise { quantity, .. }
        | Event::Assignment { quantity, .. }
        | Event::Expiry { quantity, .. } => vec![("quantity", quantity)],
        Event::Interest { amount }
        | Event::Deposit { amount }
        | Event::Withdrawal { amount }
        | Event::Conversion { amount }
        | Event::Fee { amount, .. }
        | Event::Tax { amount, .. }
        | Event::Dividend { amount, .. }
        | Event::ReturnOfCapital { amount, .. } => vec![("amount", amount)],
        Event::SpinOff { cost_share, .. } => vec![("cost_share", cost_share)],
        Event::Merger {
            amount, cost_share, ..
        } => [("amount", Some(amount)), ("cost_share", cost_share)]
            .into_iter()
            .filter_map(|(name, figure)| figure.map(|figure| (name, figure)))
            .collect(),
        Event::Split { .. } | Event::SymbolChange { .. } => Vec::new(),
    }
}

/// Opens a portfolio in which cash is tracked or not.
async fn open(ann: &mut Person, name: &str, tracks_cash: bool) -> String {
    let body = json!({ "name": name, "currency": "EUR", "tracks_cash": tracks_cash });
    let answer = ann
        .api
        .call(Method::POST, crate::server::PORTFOLIOS, Some(body))
        .await
        .json_of(201);
    crate::server::text(&answer["id"])
}

/// Quantity, cost, cash and realised gain of a report are those of the books.
fn compare(label: &str, report: &Value, books: &Books, assets: &[Asset]) {
    let near = |found: Decimal, expected: Decimal, what: &str| {
        assert!(
            (found - expected).abs() < Decimal::new(1, 7),
            "{label}: {what} is {found}, not {expected}, in {report}"
        );
    };
    let mut held = 0;
    let mut realized = Decimal::ZERO;
    for position in books.positions.values() {
        realized += position.realized_base;
        if position.quantity.is_zero() {
            continue;
        }
        held += 1;
        let asset = &assets[position.asset.0 as usize];
        let is_it = |holding: &&Value| {
            let symbol = holding["symbol"].as_str().expect("a symbol");
            match asset.option {
                None => symbol == asset.symbol,
                Some(_) => symbol.contains("241220"),
            }
        };
        let holdings = report["holdings"].as_array().expect("holdings");
        let holding = holdings
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{label}: no {} in {report}", asset.symbol));
        near(decimal(&holding["quantity"]), position.quantity, "quantity");
        near(
            decimal(&holding["cost_basis"]),
            position.cost_base,
            "cost basis",
        );
        near(
            decimal(&holding["realized_gain"]),
            position.realized_base,
            "realised gain",
        );
    }
    let holdings = report["holdings"].as_array().expect("holdings");
    let open = holdings
        .iter()
        .filter(|holding| !decimal(&holding["quantity"]).is_zero());
    assert_eq!(open.count(), held, "{label}: {report}");
    near(
        decimal(&report["totals"]["realized_gain"]),
        realized,
        "all that is realised",
    );
    let cash: BTreeMap<String, Decimal> = report["cash"]
        .as_object()
        .expect("cash")
        .iter()
        .map(|(currency, amount)| (currency.clone(), decimal(amount)))
        .filter(|(_, amount)| !amount.is_zero())
        .collect();
    let expected: BTreeMap<String, Decimal> = books
        .cash
        .iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(|(currency, amount)| (currency.to_string(), *amount))
        .collect();
    assert_eq!(cash, expected, "{label}: cash");
}

#[tokio::test]
async fn every_type_is_entered_through_the_api_and_through_the_form() {
    let mut entered = BTreeSet::new();
    for Example {
        label,
        journal,
        text,
    } in examples()
    {
        // Transfers between portfolios are entered once for both sides; another story does.
        let [entries] = &journal.portfolios[..] else {
            continue;
        };
        let rules = Rules {
            tracks_cash: label != "no-cash",
            ..RULES
        };
        let mut server = Server::start().await;
        let rates: Vec<Vec<&str>> = text
            .lines()
            .filter_map(|line| line.strip_prefix("rate "))
            .map(|line| line.split_whitespace().collect())
            .collect();
        for rate in &rates {
            server.rates(&[(rate[1], rate[2], rate[0], rate[3])]).await;
        }
        for asset in journal.assets.iter().filter(|asset| asset.option.is_none()) {
            let body = json!({ "symbol": asset.symbol, "currency": asset.currency });
            let api = &mut server.owner.api;
            api.call(Method::POST, "/api/v1/market/instruments", Some(body))
                .await
                .json_of(201);
        }
        let (mut ann, mut browser) = server.visitor("ann").await;
        let by_api = open(&mut ann, "By the API", rules.tracks_cash).await;
        let by_form = open(&mut ann, "By the form", rules.tracks_cash).await;
        for entry in entries {
            entered.insert(entry.event.kind());
            let fields = fields(entry, &journal.assets);
            let body: serde_json::Map<String, Value> = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            let answer = ann.try_record(&by_api, Value::Object(body)).await;
            assert_eq!(answer.status, 201, "{label}: {fields:?}: {}", answer.body);
            let mut form: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            form.push(("portfolio_id", by_form.as_str()));
            let answer = browser.post("/portfolio/transactions/new", &form).await;
            assert_eq!(answer.status, 303, "{label}: {fields:?}: {}", answer.body);
        }
        let books = &journal.replay(&rules)[0];
        for (how, portfolio) in [("API", by_api), ("form", by_form)] {
            let report = ann.report(&portfolio, "").await;
            compare(
                &format!("{label} by {how}"),
                &report,
                books,
                &journal.assets,
            );
        }
    }
    let all: BTreeSet<TransactionKind> = TransactionKind::ALL.into_iter().collect();
    assert_eq!(entered, all, "the page has an example of every type");
}
