//! No bytes make an importer panic, hang or take memory without bound.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use statements::{Statement, detect, exports, read, read_as};

use super::own::{FILES, file};

/// Reads bytes as every export, and checks what every statement promises.
fn read_as_all(bytes: &[u8]) {
    let lines = line_ends(bytes) + 1;
    if let Ok(statement) = read(bytes) {
        check(&statement, lines);
    }
    for export in exports() {
        if let Ok(statement) = read_as(bytes, export.format) {
            assert_eq!(statement.format, export.format);
            check(&statement, lines);
        }
    }
}

/// Reads bytes as what they are recognised as, and as the format of the file that they come from.
fn read_as_own(bytes: &[u8], name: &str) {
    let lines = line_ends(bytes) + 1;
    let own = FILES.iter().find(|(file, ..)| *file == name).unwrap().1;
    for statement in [read(bytes), read_as(bytes, own)].into_iter().flatten() {
        check(&statement, lines);
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    let ends = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
    ends.count() as u64
}

/// Lines are those of the file, and nothing is booked more than a few times.
fn check(statement: &Statement, lines: u64) {
    let refused = statement.rejected.iter().chain(&statement.skipped);
    let named = refused.map(|found| found.line);
    for line in statement.rows.iter().map(|row| row.line).chain(named) {
        assert!((1..=lines).contains(&line), "line {line} of {lines}");
    }
    let count = statement.rows.len() + statement.rejected.len() + statement.skipped.len();
    assert!(
        count as u64 <= lines * 4,
        "{count} entries of {lines} lines"
    );
    for row in &statement.rows {
        if row.kind.needs_asset() {
            assert!(row.security.is_some(), "{row:?}");
        }
        if let Some(settlement) = row.settlement {
            assert!(settlement.fx_rate.is_sign_positive() && !settlement.fx_rate.is_zero());
        }
    }
}

/// What a cell may hold that an importer might stumble over.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~€\u{e9}]{0,10}",
        prop::sample::select(vec![
            "",
            "-",
            "0",
            "-0",
            "1e28",
            "1e-28",
            "79228162514264337593543950335",
            "-79228162514264337593543950335",
            "0.0000000000000000000000000001",
            "1,234",
            "1.234,5",
            "EUR",
            "GBX",
            "BTC",
            "USDT",
            "BTC-USDT",
            "/",
            "XXBTZEUR",
            "2024-01-02",
            "2024-01-02T10:00:00Z",
            "31/12/2024",
            "9999-12-31 23:59:59",
            "buy",
            "sell",
            "trade",
            "deal",
            "Executed",
            "success",
            "Completed",
            "Koop 1 @ 77,3 EUR",
            "Koop 79228162514264337593543950335 @ 79228162514264337593543950335 EUR",
            ": @",
            "a: Buy  at  ",
            "Converted 1 BTC to 2 ETH",
            "AAPL 01/19/2024 150.00 C",
            "Stock Split",
            "Reverse Split",
            "Stock split open",
            "Stock split close",
            "Forex debit",
            "Valuta Debitering",
            "STOCK SPLIT",
            "$CASH",
        ])
        .prop_map(str::to_owned),
    ]
}

/// The header of one of our files: the line that is recognised by itself. Holdings, which are told
/// by the cash among them, begin with theirs.
fn header(name: &str) -> (String, char) {
    let text = String::from_utf8(file(name)).unwrap();
    let delimiter = if text.matches(';').count() > text.matches(',').count() {
        ';'
    } else {
        ','
    };
    let line = text
        .lines()
        .find(|line| detect(line.as_bytes()).is_some())
        .or_else(|| text.lines().next())
        .unwrap();
    (line.to_owned(), delimiter)
}

fn any_file() -> impl Strategy<Value = &'static str> {
    (0..FILES.len()).prop_map(|place| FILES[place].0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_as_all(&bytes);
    }

    /// Each export's own columns with anything in its cells.
    #[test]
    fn any_cells_below_a_good_header(
        name in any_file(),
        rows in prop::collection::vec(prop::collection::vec(cell(), 1..24), 1..8),
    ) {
        let (header, delimiter) = header(name);
        let mut text = header;
        for row in rows {
            text.push('\n');
            let cells: Vec<String> = row
                .iter()
                .map(|cell| format!("\"{}\"", cell.replace('"', "")))
                .collect();
            text.push_str(&cells.join(&delimiter.to_string()));
        }
        read_as_own(text.as_bytes(), name);
    }

    /// Good lines with single cells exchanged, which come further into an importer than noise.
    #[test]
    fn any_cell_of_a_good_file_replaced(
        name in any_file(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), cell()), 1..6),
    ) {
        let text = String::from_utf8(file(name)).unwrap();
        let delimiter = header(name).1;
        let mut cells: Vec<String> = text.split(delimiter).map(str::to_owned).collect();
        for (place, value) in changes {
            let place = place.index(cells.len());
            // A line end that stands in the cell is kept, so that lines stay lines.
            let end = cells[place].find('\n').map(|at| cells[place][at..].to_owned());
            cells[place] = value.replace(['"', delimiter], "") + &end.unwrap_or_default();
        }
        read_as_own(cells.join(&delimiter.to_string()).as_bytes(), name);
    }

    #[test]
    fn any_damage_to_a_good_file(
        name in any_file(),
        place in any::<prop::sample::Index>(),
        length in 0_usize..30,
        patch in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut bytes = file(name);
        let start = place.index(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, patch);
        let own = FILES.iter().find(|(file, ..)| *file == name).unwrap().1;
        // Damage may turn the text into UTF-16, whose line ends are others.
        let _ = (read(&bytes), read_as(&bytes, own));
    }

    #[test]
    fn any_order_of_lines(name in any_file(), order in any::<u64>()) {
        let (header, _) = header(name);
        let text = String::from_utf8(file(name)).unwrap();
        let mut lines: Vec<&str> = text.lines().filter(|line| *line != header).collect();
        lines.sort_by_key(|line| {
            line.bytes().fold(order, |mix, byte| {
                mix.wrapping_mul(0x0100_0000_01B3) ^ u64::from(byte)
            })
        });
        read_as_own(format!("{header}\n{}", lines.join("\n")).as_bytes(), name);
    }

    #[test]
    fn any_truncation(name in any_file(), place in any::<prop::sample::Index>()) {
        let bytes = file(name);
        read_as_own(&bytes[..place.index(bytes.len())], name);
    }
}

/// Far more than a healthy reader needs, far less than one whose work grows with the square.
const PATIENCE: Duration = Duration::from_mins(1);

#[track_caller]
fn is_quick(what: &str, text: &str) {
    let started = Instant::now();
    read_as_all(text.as_bytes());
    let spent = started.elapsed();
    assert!(spent < PATIENCE, "{what} took {spent:?}");
}

#[test]
fn a_header_of_countless_columns_does_not_stall() {
    is_quick("commas", &",".repeat(60_000));
    is_quick("equal names", &"a,".repeat(30_000));
    let (header, _) = header("kraken_ledgers.csv");
    is_quick(
        "columns",
        &format!("{header}{}\n{}", ",x".repeat(10_000), "1,".repeat(10_000)),
    );
}

/// Lines that wait for a partner which never comes, or all wait for the same.
#[test]
fn lines_without_partners_do_not_stall() {
    const COUNT: usize = 5_000;
    for (name, line) in [
        (
            "kraken_ledgers.csv",
            "\"L\",\"SAME\",\"2023-05-02 09:30:00\",\"trade\",\"\",\"currency\",\"ZEUR\",-1.0,0.0,1.0",
        ),
        (
            "degiro_account.csv",
            "01-03-2024,04:00,01-03-2024,,,Valuta Debitering,,USD,\"-5,00\",USD,\"0,00\",",
        ),
        (
            "degiro_account.csv",
            "03-03-2024,08:00,02-03-2024,SAP SE,DE0007164600,Dividendbelasting,,EUR,\"-0,58\",EUR,\"1,50\",",
        ),
        (
            "degiro_account.csv",
            "05-03-2024,10:00,05-03-2024,SAP SE,DE0007164600,\"Koop 1 @ 4 EUR\",,EUR,\"-4,00\",EUR,\"1,00\",same",
        ),
        ("degiro_account.csv", ",,,,,,,,,,,more"),
        (
            "schwab.csv",
            "\"03/06/2024\",\"Reverse Split\",\"T\",\"T\",\"2\",\"\",\"\",\"\"",
        ),
        (
            "schwab.csv",
            "\"03/06/2024\",\"Stock Split\",\"T\",\"T\",\"2\",\"\",\"\",\"\"",
        ),
        (
            "swissquote.csv",
            "10-08-2024 12:00:00;2;Forex debit;;;;1.0;1.0;0.00;0.00;-1.00;4.00;CHF",
        ),
        (
            "kucoin_history.csv",
            "u1,Trading,USDT,Withdrawal,100,0.1,2024-03-01 10:00:00,Spot,SPOT",
        ),
        (
            "trading212.csv",
            "Stock split close,2024-03-01 09:00:00,US67066G1040,NVDA,NVIDIA,,S1,1.5,900.00,USD,1.1,,,1.27,EUR,,,,,,,,,,,,,",
        ),
    ] {
        let (header, _) = header(name);
        let text = format!("{header}\n{}", format!("{line}\n").repeat(COUNT));
        let started = Instant::now();
        let statement = read(text.as_bytes()).unwrap();
        assert!(started.elapsed() < PATIENCE, "{name}: {line}");
        check(&statement, COUNT as u64 + 2);
    }
}

/// Halves of splits are put together as long as they are kept; of those behind them none vanishes.
#[test]
fn closing_halves_beyond_all_that_are_kept_are_refused() {
    const COUNT: usize = 10_005;
    let (header, _) = header("trading212.csv");
    let close = "Stock split close,2024-03-01 09:00:00,US67066G1040,NVDA,NVIDIA,,S1,1.5,900.00,USD,1.1,,,1.27,EUR,,,,,,,,,,,,,";
    let open = close
        .replace("close", "open")
        .replace(",1.5,900.00,", ",15,90.00,");
    let text = format!("{header}\n{open}\n{}", format!("{close}\n").repeat(COUNT));
    let statement = read(text.as_bytes()).unwrap();
    assert_eq!(
        (statement.rows.len(), statement.rejected.len()),
        (0, COUNT + 1)
    );
    let paired = format!("{header}\n{close}\n{open}\n");
    let statement = read(paired.as_bytes()).unwrap();
    assert_eq!((statement.rows.len(), statement.rejected.len()), (1, 0));
}
