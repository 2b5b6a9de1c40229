//! Every file of the reference data: its lines are all accounted for, its bookings are exactly
//! those expected, and cash and shares come to what the file or another program states.

mod cases;

use std::collections::{BTreeMap, BTreeSet};

use csv::ReaderBuilder;
use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;
use statements::{Format, Row, Statement, read};

use super::{
    lines,
    support::{assert_same, reference, reference_files},
};

/// One file of the reference data.
struct Case {
    name: &'static str,
    format: Format,
    /// Line of the header.
    header: u64,
    /// Lines that are part of the booking of another line.
    folded: &'static [u64],
    says: &'static str,
}

/// Lines of each file as the list of the reference data counts them.
fn counted(folder: &str) -> BTreeMap<String, usize> {
    let Some(path) = reference("README.md") else {
        return BTreeMap::new();
    };
    let prefix = format!("| `{folder}/");
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix(&prefix))
        .filter_map(|line| {
            let (name, rest) = line.split_once("` | ")?;
            Some((name.to_owned(), rest.split_once(' ')?.0.parse().ok()?))
        })
        .collect()
}

/// The lines below the header that are not blank.
fn records(bytes: &[u8], header: u64) -> BTreeSet<u64> {
    let text = String::from_utf8_lossy(bytes);
    let filled = text
        .lines()
        .zip(1..)
        .filter(|(line, at)| *at > header && !line.chars().all(|c| matches!(c, ' ' | ',' | ';')));
    filled.map(|(_, at)| at).collect()
}

/// The lines that a statement names.
fn named(statement: &Statement) -> BTreeSet<u64> {
    let mut named: BTreeSet<u64> = statement.rows.iter().map(|row| row.line).collect();
    let refused = statement.rejected.iter().chain(&statement.skipped);
    named.extend(refused.map(|found| found.line));
    named.extend(statement.positions.iter().map(|found| found.line));
    if statement.format == Format::Wealthfolio {
        named.extend(statement.balances.iter().map(|found| found.line));
    }
    named
}

#[track_caller]
fn check_lines(name: &str, bytes: &[u8], statement: &Statement, header: u64, folded: &[u64]) {
    let mut found = named(statement);
    found.extend(folded);
    assert_eq!(found, records(bytes, header), "lines of {name}");
}

#[track_caller]
fn check_folder(folder: &str, cases: &[Case], others: &[&str]) {
    let counted = counted(folder);
    let files = reference_files(&format!("brokers/{folder}"));
    for (name, bytes) in &files {
        let count = String::from_utf8_lossy(bytes).lines().count();
        assert_eq!(counted.get(name), Some(&count), "lines of {folder}/{name}");
        let Some(case) = cases.iter().find(|case| case.name == name) else {
            assert!(others.contains(&&**name), "{folder}/{name} is not checked");
            continue;
        };
        let statement = read(bytes).unwrap_or_else(|error| panic!("{folder}/{name}: {error}"));
        eprintln!("{folder}/{name}");
        assert_eq!(statement.format, case.format, "{folder}/{name}");
        assert_same(&lines(&statement), case.says);
        check_lines(name, bytes, &statement, case.header, case.folded);
    }
    if !files.is_empty() {
        assert_eq!(files.len(), cases.len() + others.len(), "{folder}");
    }
}

#[test]
fn exchanges_are_read_exactly() {
    check_folder("kraken", cases::exchanges::KRAKEN, &[]);
    check_folder("kucoin", cases::exchanges::KUCOIN, &[]);
    check_folder("coinbase", cases::exchanges::COINBASE, &[]);
    check_folder("bitvavo", cases::exchanges::BITVAVO, &[]);
}

#[test]
fn brokers_are_read_exactly() {
    check_folder("trading212", cases::brokers::TRADING212, &[]);
    check_folder("degiro", cases::brokers::DEGIRO, &[]);
    check_folder("schwab", cases::brokers::SCHWAB, &[]);
    check_folder("traderepublic", cases::brokers::TRADEREPUBLIC, &[]);
    check_folder("scalable", cases::brokers::SCALABLE, &[]);
}

#[test]
fn other_programs_are_read_exactly() {
    check_folder("wealthfolio", cases::programs::WEALTHFOLIO, &[]);
    check_folder("cgt/raw", cases::programs::CGT_RAW, &["expected.txt"]);
    check_folder(
        "cgt/schwab",
        cases::programs::CGT_SCHWAB,
        &["2023_expected.txt"],
    );
    check_folder(
        "cgt/trading212",
        cases::programs::CGT_TRADING212,
        &["2024_expected.txt"],
    );
}

#[test]
fn samples_are_read_exactly() {
    let by_law = ["degiro.csv", "schwab.csv", "swissquote.csv"];
    check_folder("samples", cases::samples::SAMPLES, &by_law);
}

/// What a row moves in cash.
fn cash(row: &Row) -> Vec<(Currency, Decimal)> {
    use TransactionKind as Kind;
    let charges = row.fees + row.taxes;
    let moved = match row.kind {
        Kind::Buy | Kind::Cover | Kind::Withdrawal => -row.amount - charges,
        Kind::Sell
        | Kind::Short
        | Kind::Dividend
        | Kind::ReturnOfCapital
        | Kind::Interest
        | Kind::Deposit => row.amount - charges,
        Kind::Fee | Kind::Tax => -row.amount,
        Kind::Conversion => {
            let into = row.settlement.unwrap();
            let received = (into.currency, row.amount * into.fx_rate);
            return vec![(row.currency, -row.amount - charges), received];
        }
        _ => Decimal::ZERO,
    };
    match row.settlement {
        Some(into) => vec![(into.currency, moved * into.fx_rate)],
        None => vec![(row.currency, moved)],
    }
}

fn cash_of(statement: &Statement) -> BTreeMap<Currency, Decimal> {
    let mut sums = BTreeMap::new();
    for (currency, moved) in statement.rows.iter().flat_map(cash) {
        *sums.entry(currency).or_insert(Decimal::ZERO) += moved;
    }
    rounded(sums)
}

fn rounded(sums: BTreeMap<Currency, Decimal>) -> BTreeMap<Currency, Decimal> {
    sums.into_iter()
        .map(|(currency, sum)| (currency, sum.round_dp(6).normalize()))
        .filter(|(_, sum)| !sum.is_zero())
        .collect()
}

/// A file of which a column states what moved in cash.
struct Law {
    name: &'static str,
    delimiter: u8,
    /// Columns of amount and currency, counted from 0.
    amount: usize,
    currency: Option<usize>,
    folded: &'static [u64],
    rejected: &'static [u64],
    kinds: &'static [(TransactionKind, usize)],
}

/// The column's sum over the lines that were taken.
fn stated(law: &Law, bytes: &[u8], statement: &Statement) -> BTreeMap<Currency, Decimal> {
    let refused: BTreeSet<u64> = statement
        .rejected
        .iter()
        .chain(&statement.skipped)
        .map(|found| found.line)
        .collect();
    let mut reader = ReaderBuilder::new()
        .delimiter(law.delimiter)
        .flexible(true)
        .from_reader(bytes);
    let mut sums = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let line = record.position().unwrap().line();
        let amount = record.get(law.amount).unwrap_or_default().replace('$', "");
        if refused.contains(&line) || amount.is_empty() {
            continue;
        }
        // A comma followed by two digits at the end separates decimals.
        let plain = match amount.rsplit_once(',') {
            Some((whole, cents)) if cents.len() == 2 => format!("{whole}.{cents}"),
            _ => amount.replace(',', ""),
        };
        let currency = law
            .currency
            .map_or("USD", |place| record.get(place).unwrap());
        *sums
            .entry(Currency::new(currency).unwrap())
            .or_insert(Decimal::ZERO) += plain.parse::<Decimal>().unwrap();
    }
    rounded(sums)
}

const LAWS: [Law; 3] = [
    Law {
        name: "degiro.csv",
        delimiter: b',',
        amount: 8,
        currency: Some(7),
        folded: &[
            6, 11, 13, 15, 18, 19, 27, 38, 40, 43, 49, 52, 53, 59, 60, 67, 72,
        ],
        // Amounts that were made unreadable before the file was published.
        rejected: &[69, 71],
        kinds: &[
            (TransactionKind::Buy, 9),
            (TransactionKind::Sell, 3),
            (TransactionKind::Dividend, 9),
            (TransactionKind::Conversion, 6),
        ],
    },
    Law {
        name: "schwab.csv",
        delimiter: b',',
        amount: 7,
        currency: None,
        folded: &[112, 115, 117, 119],
        // A dividend of no instrument, and a spin-off of no parent.
        rejected: &[104, 113],
        kinds: &[
            (TransactionKind::Buy, 41),
            (TransactionKind::Sell, 2),
            (TransactionKind::Dividend, 42),
            (TransactionKind::Split, 2),
            (TransactionKind::Merger, 2),
            (TransactionKind::SymbolChange, 1),
        ],
    },
    Law {
        name: "swissquote.csv",
        delimiter: b';',
        amount: 10,
        currency: Some(12),
        folded: &[3, 10],
        rejected: &[],
        kinds: &[
            (TransactionKind::Buy, 5),
            (TransactionKind::Sell, 5),
            (TransactionKind::Dividend, 3),
            (TransactionKind::Conversion, 2),
        ],
    },
];

#[test]
fn cash_is_that_of_the_column() {
    let files = reference_files("brokers/samples");
    for law in LAWS.iter().filter(|_| !files.is_empty()) {
        let (_, bytes) = files.iter().find(|(name, _)| name == law.name).unwrap();
        let statement = read(bytes).unwrap();
        let rejected: Vec<u64> = statement.rejected.iter().map(|found| found.line).collect();
        assert_eq!(rejected, law.rejected, "{}", law.name);
        check_lines(law.name, bytes, &statement, 1, law.folded);
        assert_eq!(
            cash_of(&statement),
            stated(law, bytes, &statement),
            "{}",
            law.name
        );
        for (kind, count) in law.kinds {
            let found = statement.rows.iter().filter(|row| row.kind == *kind);
            assert_eq!(found.count(), *count, "{} {kind:?}", law.name);
        }
    }
}

/// Shares left at the end, as cgt-calc counts them.
fn shares_of(statement: &Statement) -> BTreeMap<String, Decimal> {
    let mut rows: Vec<&Row> = statement.rows.iter().collect();
    rows.sort_by_key(|row| row.date);
    let mut held: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in rows {
        let Some(security) = &row.security else {
            continue;
        };
        // The company's ticker changed and cgt-calc knows it.
        let symbol = match &*security.symbol {
            "FB" => "META",
            other => other,
        };
        let position = held.entry(symbol.to_owned()).or_default();
        match (row.kind, row.quantity, row.ratio) {
            (TransactionKind::Buy, Some(quantity), _) => *position += quantity,
            (TransactionKind::Sell, Some(quantity), _) => *position -= quantity,
            (TransactionKind::Split, _, Some(ratio)) => *position *= ratio.to / ratio.from,
            _ => {}
        }
    }
    held.retain(|_, quantity| !quantity.is_zero());
    held
}

/// cgt-calc's own report of the final portfolio and balance.
#[test]
fn cash_and_shares_end_as_cgt_calc_says() {
    for (folder, file, report) in [
        ("raw", "test_data.csv", "expected.txt"),
        ("schwab", "2023_transactions.csv", "2023_expected.txt"),
        ("trading212", "2024_transactions.csv", "2024_expected.txt"),
    ] {
        let Some(folder) = reference(&format!("brokers/cgt/{folder}")) else {
            return;
        };
        let statement = read(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        let report = std::fs::read_to_string(folder.join(report)).unwrap();
        let section = |title: &str| -> Vec<(String, String)> {
            report
                .lines()
                .skip_while(|line| *line != title)
                .skip(1)
                .map_while(|line| line.strip_prefix("  "))
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect()
        };
        let shares: BTreeMap<String, Decimal> = section("Final portfolio")
            .into_iter()
            .map(|(symbol, quantity)| (symbol, quantity.parse().unwrap()))
            .collect();
        assert_eq!(shares_of(&statement), shares, "{file}");
        let balances = section("Final balance");
        let (amount, currency) = balances[0].1.split_once(" (").unwrap();
        let currency = Currency::new(currency.trim_end_matches(')')).unwrap();
        let cents = cash_of(&statement)[&currency].round_dp(2);
        assert_eq!(cents, amount.parse::<Decimal>().unwrap(), "{file}");
    }
}
