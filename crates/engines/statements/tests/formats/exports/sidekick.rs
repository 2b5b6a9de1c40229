//! Bookings that independent programs expect of the same files: GhostfolioSidekick's activities
//! and the lines of a converter from Kraken to Portfolio Performance.

use jiff::tz::TimeZone;
use ledger::TransactionKind;
use rust_decimal::{Decimal, prelude::FromPrimitive};
use serde_json::Value;
use statements::{Row, Statement, read};

use super::support::reference;

fn json(path: &str) -> Option<Value> {
    let path = reference(path)?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

fn statement(file: &str) -> Statement {
    let path = reference(&format!("brokers/{file}")).unwrap();
    read(&std::fs::read(path).unwrap()).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn decimal(value: &Value) -> Decimal {
    Decimal::from_f64(value.as_f64().unwrap()).unwrap()
}

/// Equal up to the digits that a number of the expected file has, or to a cent's fraction where a
/// rate lies between.
fn same(a: Decimal, b: Decimal) -> bool {
    let gap = (a - b).abs();
    gap <= b.abs() * Decimal::new(1, 12) || gap <= Decimal::new(1, 15)
}

/// The same sum in the currency in which the row was settled, to a tenth of a cent.
fn settled(row: &Row, amount: Decimal) -> Decimal {
    let rate = row.settlement.map_or(Decimal::ONE, |found| found.fx_rate);
    (amount * rate).round_dp(3)
}

/// True where the money, in its currency, is the row's gross amount or what it moved in cash.
fn has_money(row: &Row, currency: &str, amount: Decimal) -> bool {
    let charges = row.fees + row.taxes;
    let net = match row.kind {
        TransactionKind::Buy | TransactionKind::Withdrawal => row.amount + charges,
        _ => row.amount - charges,
    };
    match row.settlement {
        Some(into) if into.currency.as_str() == currency => settled(row, net) == amount,
        _ => row.currency.as_str() == currency && (same(row.amount, amount) || same(net, amount)),
    }
}

/// Charges in the row's currency or in that of its cash.
fn has_charge(row: &Row, charge: Decimal, currency: &str, amount: Decimal) -> bool {
    let is_own = row.currency.as_str() == currency && same(charge, amount);
    let into = row
        .settlement
        .filter(|into| into.currency.as_str() == currency);
    is_own || into.is_some_and(|_| settled(row, charge) == amount)
}

fn is_named(row: &Row, activity: &Value) -> bool {
    let identifiers = activity["identifiers"].as_array().unwrap();
    identifiers.iter().all(|entry| {
        let text = entry[1].as_str().unwrap();
        row.security
            .as_ref()
            .is_some_and(|security| match entry[0].as_str().unwrap() {
                // An invented ISIN fails its check digit and is kept as the symbol.
                "ISIN" => security.isin.as_deref().unwrap_or(&security.symbol) == text,
                "Name" => security.name.as_deref() == Some(text),
                _ => security.symbol == text,
            })
    })
}

/// The moment, or its day where the file's clock has no known zone.
fn is_when(row: &Row, activity: &Value) -> bool {
    let parts: Vec<i64> = activity["datetime_utc"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part.as_i64().unwrap())
        .collect();
    let date = format!("{:04}-{:02}-{:02}", parts[0], parts[1], parts[2]);
    let Some(at) = row.executed_at else {
        return row.date.to_string() == date;
    };
    let found = TimeZone::UTC.to_datetime(at);
    let time = (found.hour(), found.minute(), found.second());
    found.date().to_string() == date && [time.0, time.1, time.2].map(i64::from) == parts[3..6]
}

/// Whether a row books an activity that has a row of its own.
fn books(row: &Row, activity: &Value) -> bool {
    use TransactionKind as Kind;
    let money: Vec<(&str, Decimal)> = activity["money"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (pair[0].as_str().unwrap(), decimal(&pair[1])))
        .collect();
    let numbers: Vec<Decimal> = activity["numbers"]
        .as_array()
        .unwrap()
        .iter()
        .map(decimal)
        .collect();
    let moves = |quantity: Decimal| row.quantity.is_some_and(|own| same(own, quantity));
    let is_paid = || {
        money
            .last()
            .is_some_and(|(currency, amount)| has_money(row, currency, *amount))
    };
    let is_priced = || {
        let (currency, price) = match money[0] {
            ("GBX", pence) => ("GBP", pence / Decimal::ONE_HUNDRED),
            other => other,
        };
        row.currency.as_str() == currency && row.price.is_some_and(|own| same(own, price))
    };
    // Shares for nothing, and coins that were given or earned, are a stock dividend here.
    let is_free = match activity["kind"].as_str().unwrap() {
        "Buy" => numbers[1].is_zero(),
        "Gift" => money.is_empty(),
        kind => kind == "StakingReward",
    };
    let right = match activity["kind"].as_str().unwrap() {
        _ if is_free => row.kind == Kind::StockDividend && moves(numbers[0]),
        "Buy" => row.kind == Kind::Buy && moves(numbers[0]) && is_priced() && is_paid(),
        "Sell" => row.kind == Kind::Sell && moves(numbers[0]) && is_priced() && is_paid(),
        "Dividend" => row.kind == Kind::Dividend && is_paid(),
        "Interest" => row.kind == Kind::Interest && is_paid(),
        // Money given comes from outside.
        "CashDeposit" | "Gift" => row.kind == Kind::Deposit && is_paid(),
        "CashWithdrawal" => row.kind == Kind::Withdrawal && is_paid(),
        "Fee" => row.kind == Kind::Fee && is_paid(),
        "Tax" => row.kind == Kind::Tax && is_paid(),
        other => panic!("{other} is not known to this test"),
    };
    right && is_named(row, activity) && is_when(row, activity)
}

/// Fees and taxes stand in the row to which they belong.
fn charges(row: &Row, activity: &Value) -> bool {
    let numbers = activity["numbers"].as_array().unwrap();
    let currency = activity["currency"].as_str().unwrap();
    match activity["kind"].as_str().unwrap() {
        "Fee" => has_charge(row, row.fees, currency, decimal(&numbers[0])),
        "Tax" => has_charge(
            row,
            row.taxes,
            currency,
            decimal(numbers.iter().rfind(|n| n.as_f64() != Some(0.0)).unwrap()),
        ),
        _ => false,
    }
}

/// Files of which the expected bookings contradict themselves.
const CONTRADICTORY: &str = "coinbase/BuyOrders_single_advance_trade_buy.csv";

#[test]
fn activities_are_booked_as_sidekick_expects() {
    let Some(expected) = json("expected/sidekick_expected.json") else {
        return;
    };
    let files = expected["files"].as_object().unwrap();
    assert!(files.len() >= 50, "{} files", files.len());
    for (file, outcome) in files {
        let found = statement(file);
        if outcome["expected_error"] == Value::Bool(true) {
            assert_eq!((found.rows.len(), found.rejected.len()), (0, 1), "{file}");
            continue;
        }
        if file == CONTRADICTORY {
            // 0.564634 BTC at 100000.58 are not 54321231.60: refused rather than believed.
            assert_eq!(found.rejected[0].code, "amount_mismatch");
            continue;
        }
        check(file, &found, outcome["activities"].as_array().unwrap());
    }
}

fn check(file: &str, found: &Statement, activities: &[Value]) {
    let mut used = 0;
    for activity in activities {
        if activity["kind"] == "KnownBalance" {
            check_balance(file, found, activity);
            continue;
        }
        if found.rows.iter().any(|row| books(row, activity)) {
            used += 1;
        } else {
            let is_charge = found.rows.iter().any(|row| charges(row, activity));
            assert!(is_charge, "{file}: {activity} in {:#?}", found.rows);
        }
    }
    assert_eq!(used, found.rows.len(), "{file}: {:#?}", found.rows);
}

/// The newest line, which the list numbers first, states the balance at the close of its day.
fn check_balance(file: &str, found: &Statement, activity: &Value) {
    let numbers = activity["numbers"].as_array().unwrap();
    if numbers[1].as_f64() != Some(1.0) {
        return;
    }
    let currency = activity["currency"].as_str().unwrap();
    let is_stated = found.balances.iter().any(|balance| {
        balance.currency.as_str() == currency && same(balance.amount, decimal(&numbers[0]))
    });
    assert!(is_stated, "{file}: {activity} in {:?}", found.balances);
}

/// `1.499,999900` as the converter writes numbers: six decimals.
fn number(text: &str) -> Decimal {
    text.replace('.', "").replace(',', ".").parse().unwrap()
}

fn six(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(6, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// The row that a line of the converter states: time, coin and shares.
fn row_of<'s>(found: &'s Statement, cells: &[&str], kind: TransactionKind) -> &'s Row {
    let at = format!("{}T{}Z", cells[0], cells[1]);
    found
        .rows
        .iter()
        .find(|row| {
            row.kind == kind
                && row.executed_at.map(|at| at.to_string()) == Some(at.clone())
                && (cells.len() < 10
                    || cells[3].is_empty()
                    || row.quantity.map(six) == Some(number(cells[4])))
        })
        .unwrap_or_else(|| panic!("{cells:?} in {:#?}", found.rows))
}

/// The converter keeps Kraken's code of bitcoin.
fn ticker(code: &str) -> &str {
    if code == "XBT" { "BTC" } else { code }
}

#[test]
fn kraken_is_booked_as_its_converter_expects() {
    let Some(expected) = json("expected/kraken_ledger_expected.json") else {
        return;
    };
    let mut count = 0;
    for (file, outcome) in expected["files"].as_object().unwrap() {
        let found = statement(&format!("kraken/{file}"));
        let lines = |key: &str| -> Vec<String> {
            let list = outcome[key].as_array().cloned().unwrap_or_default();
            list.iter()
                .map(|line| line.as_str().unwrap().to_owned())
                .collect()
        };
        for line in lines("expected_account_csv") {
            let cells: Vec<&str> = line.split(';').collect();
            let at = format!("{}T{}Z", cells[0], cells[1]);
            let row = found
                .rows
                .iter()
                .find(|row| row.executed_at.map(|at| at.to_string()) == Some(at.clone()))
                .unwrap();
            assert_eq!((cells[2], row.kind), ("Einlage", TransactionKind::Deposit));
            assert_eq!(six(row.amount), number(cells[3]), "{line}");
            count += 1;
        }
        for line in lines("expected_depot_csv") {
            let cells: Vec<&str> = line.split(';').collect();
            assert_eq!(cells[2], "Kauf");
            let row = row_of(&found, &cells, TransactionKind::Buy);
            assert_eq!(row.security.as_ref().unwrap().symbol, ticker(cells[3]));
            assert_eq!(six(row.price.unwrap()), number(cells[5]), "{line}");
            assert_eq!(six(row.amount), number(cells[6]), "{line}");
            let fees = Some(cells[7]).filter(|text| !text.is_empty()).map(number);
            assert_eq!(six(row.fees), fees.unwrap_or_default(), "{line}");
            assert_eq!(six(row.amount + row.fees), number(cells[9]), "{line}");
            assert!(
                cells[12].starts_with(row.external_id.as_deref().unwrap()),
                "{line}"
            );
            count += 1;
        }
        let expected_rows = lines("expected_account_csv").len() + lines("expected_depot_csv").len();
        assert_eq!(found.rows.len(), expected_rows, "{file}");
    }
    assert_eq!(count, 5);
}

/// What leaves for another wallet is a transfer of the same coins; the fee is a second one, where
/// the converter, which looks prices up, sells the coins that it costs.
#[test]
fn kraken_withdrawals_are_booked_as_its_converter_expects() {
    let Some(folder) = reference("brokers/kraken") else {
        return;
    };
    let found = statement("kraken/kraken_withdrawal.csv");
    let depot =
        std::fs::read_to_string(folder.join("kraken_withdrawal_depot_normal_exp.csv")).unwrap();
    let mut count = 0;
    for line in depot.lines().skip(1) {
        let cells: Vec<&str> = line.split(';').collect();
        let row = row_of(&found, &cells, TransactionKind::TransferOut);
        assert_eq!(
            row.security.as_ref().unwrap().symbol,
            ticker(cells[3]),
            "{line}"
        );
        let id = row.external_id.as_deref().unwrap();
        let is_fee = id.ends_with(":fee");
        assert_eq!(is_fee, cells[2] == "Verkauf", "{line}");
        assert!(cells[12].ends_with(id.trim_end_matches(":fee")), "{line}");
        count += 1;
    }
    assert_eq!((count, found.rows.len()), (6, 6));
    // No transfers between own accounts are expected, and none is booked.
    let special =
        std::fs::read_to_string(folder.join("kraken_withdrawal_depot_special_exp.csv")).unwrap();
    assert_eq!(special.lines().count(), 1);
}
