//! Statements as text, and the place of the reference data.

use std::{fmt::Write as _, path::PathBuf};

use statements::{Row, Statement};

/// One line per row and per rejection: everything that a test may want to see.
pub(crate) fn render(statement: &Statement) -> String {
    let mut text = format!("{:?}\n", statement.format);
    for found in &statement.rows {
        writeln!(text, "{}", row(found)).unwrap();
    }
    for (word, list) in [
        ("rejected", &statement.rejected),
        ("skipped", &statement.skipped),
    ] {
        for line in list {
            writeln!(text, "{} {word} {}: {}", line.line, line.code, line.message).unwrap();
        }
    }
    text
}

/// `2 2024-01-15 buy MSFT 10 @ 380.5 = 3805 USD fees 4.95`
pub(crate) fn row(row: &Row) -> String {
    let kind = serde_json::to_value(row.kind).unwrap();
    let mut text = format!("{} {} {}", row.line, row.date, kind.as_str().unwrap());
    if let Some(security) = &row.security {
        write!(text, " {}", security.symbol).unwrap();
        let details = [&security.isin, &security.exchange, &security.asset_class];
        for detail in details.into_iter().flatten() {
            write!(text, "/{detail}").unwrap();
        }
    }
    text.push_str(&instrument_details(row));
    if let (Some(quantity), Some(price)) = (row.quantity, row.price) {
        write!(text, " {} @ {}", quantity.normalize(), price.normalize()).unwrap();
    }
    if let Some(ratio) = row.ratio {
        write!(text, " {}:{}", ratio.to, ratio.from).unwrap();
    }
    write!(text, " = {} {}", row.amount.normalize(), row.currency).unwrap();
    for (name, value) in [("fees", row.fees), ("taxes", row.taxes)] {
        if !value.is_zero() {
            write!(text, " {name} {}", value.normalize()).unwrap();
        }
    }
    if let Some(settlement) = row.settlement {
        write!(
            text,
            " in {} at {}",
            settlement.currency, settlement.fx_rate
        )
        .unwrap();
    }
    if let Some(at) = row.executed_at {
        write!(text, " at {at}").unwrap();
    }
    if let Some(share) = row.cost_share {
        write!(text, " share {share}").unwrap();
    }
    if let Some(day) = row.acquired_on {
        write!(text, " acquired {day}").unwrap();
    }
    for (name, value) in [("account", &row.account), ("id", &row.external_id)] {
        if let Some(value) = value {
            write!(text, " {name} {value}").unwrap();
        }
    }
    text
}

/// Positions and balances that the file states.
pub(crate) fn render_stated(statement: &Statement) -> String {
    let mut text = String::new();
    let account = |account: &Option<String>| account.clone().unwrap_or_default();
    for found in &statement.positions {
        let number = |value: Option<rust_decimal::Decimal>| {
            value.map_or("?".to_owned(), |value| value.normalize().to_string())
        };
        let (cost, price) = (number(found.cost), number(found.price));
        let (line, on, symbol) = (found.line, found.on, &found.security.symbol);
        let (account, quantity) = (account(&found.account), found.quantity.normalize());
        writeln!(
            text,
            "{line} {on} {account} holds {quantity} {symbol} for {cost} at {price}"
        )
        .unwrap();
    }
    for found in &statement.balances {
        let (line, on, currency) = (found.line, found.on, found.currency);
        let (account, amount) = (account(&found.account), found.amount.normalize());
        writeln!(text, "{line} {on} {account} has {amount} {currency}").unwrap();
    }
    text
}

/// ` [AAPL 2024-03-15 Call 180 x100]`, the instrument received, shares without a price.
fn instrument_details(row: &Row) -> String {
    let mut text = String::new();
    if let Some(terms) = row
        .security
        .as_ref()
        .and_then(|found| found.option.as_ref())
    {
        let (strike, multiplier) = (terms.strike.normalize(), terms.multiplier.normalize());
        let (underlying, expires_on, right) = (&terms.underlying, terms.expires_on, terms.right);
        write!(
            text,
            " [{underlying} {expires_on} {right:?} {strike} x{multiplier}]"
        )
        .unwrap();
    }
    if let Some(target) = &row.target {
        write!(text, " -> {}", target.symbol).unwrap();
        target
            .isin
            .iter()
            .for_each(|isin| write!(text, "/{isin}").unwrap());
    }
    if let (Some(quantity), None) = (row.quantity, row.price) {
        write!(text, " {}", quantity.normalize()).unwrap();
    }
    text
}

/// Compares a statement with its expected text, whose indentation does not count.
#[track_caller]
pub(crate) fn check(bytes: &[u8], expected: &str) {
    let found = match statements::read(bytes) {
        Ok(statement) => render(&statement),
        Err(unreadable) => format!("{unreadable}\n"),
    };
    assert_same(&found, expected);
}

#[track_caller]
pub(crate) fn assert_same(found: &str, expected: &str) {
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines, expected, "found:\n{found}");
}

/// A fixture of this crate.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A folder of the reference data; `None` only where it was said that the tests go without them, and the caller
/// checks this crate's own fixtures alone.
pub(crate) fn reference(folder: &str) -> Option<PathBuf> {
    let named = std::env::var_os("BURSAR_REFERENCE_DATA");
    if named.as_deref().is_some_and(|named| named == "none") {
        return None;
    }
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data");
    let root = named.map_or_else(|| PathBuf::from(beside), PathBuf::from);
    assert!(
        root.is_dir(),
        "the reference data are not at {}: name their folder in BURSAR_REFERENCE_DATA, or set it to \
         `none` to go without them",
        root.display()
    );
    Some(root.join(folder))
}

/// All files of a folder of the reference data, sorted by name.
pub(crate) fn reference_files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let Some(folder) = reference(folder) else {
        return Vec::new();
    };
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}
