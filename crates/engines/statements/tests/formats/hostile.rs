//! No bytes make a reader panic, and no record disappears.

use proptest::prelude::*;
use statements::{Format, Statement, bars, detect, fx, preview_columns, read, read_as, read_with};

use super::support::fixture;

const FIXTURES: [&str; 7] = [
    "bursar_full.csv",
    "bursar_mistakes.csv",
    "mapped_german.csv",
    "mapped_cash_effect.csv",
    "ghostfolio.csv",
    "ghostfolio.json",
    "flex.xml",
];

const FORMATS: [Format; 5] = [
    Format::Bursar,
    Format::Csv,
    Format::GhostfolioCsv,
    Format::GhostfolioJson,
    Format::IbkrFlex,
];

/// Calls everything that takes bytes; returns what there is to see.
fn call_all(bytes: &[u8]) -> Vec<Statement> {
    let mut found: Vec<Statement> = read(bytes).into_iter().collect();
    found.extend(
        FORMATS
            .iter()
            .filter_map(|format| read_as(bytes, *format).ok()),
    );
    assert_eq!(
        detect(bytes),
        read(bytes).ok().map(|s| s.format).or_else(|| detect(bytes))
    );
    if let Ok(columns) = preview_columns(bytes) {
        found.extend(read_with(bytes, &columns.mapping));
    }
    for bar in bars(bytes).into_iter().flatten().flatten() {
        let prices = [bar.open, bar.high, bar.low, bar.close];
        assert!(
            prices.iter().all(|price| *price > 0.0 && price.is_finite()),
            "{bar:?}"
        );
        assert!(bar.volume.is_none_or(f64::is_finite), "{bar:?}");
    }
    for rate in fx(bytes).into_iter().flatten().flatten() {
        assert!(rate.rate.is_sign_positive() && rate.base != rate.quote);
    }
    found
}

fn check(bytes: &[u8]) {
    let lines = bytes
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'\r'))
        .count() as u64
        + 1;
    for statement in call_all(bytes) {
        let placed = statement.rows.iter().map(|row| row.line);
        let refused = statement.rejected.iter().chain(&statement.skipped);
        for line in placed.chain(refused.map(|rejection| rejection.line)) {
            assert!((1..=lines).contains(&line), "line {line} of {lines}");
        }
        for row in &statement.rows {
            assert!(
                row.kind == ledger::TransactionKind::TransferIn
                    || row
                        .quantity
                        .is_none_or(|quantity| quantity.is_sign_positive())
            );
            assert!(
                row.security
                    .as_ref()
                    .is_none_or(|security| !security.symbol.is_empty())
            );
        }
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~€\n\"']{0,12}",
        prop::sample::select(vec![
            "date",
            "type",
            "symbol",
            "quantity",
            "price",
            "amount",
            "fees",
            "currency",
            "close",
            "high",
            "low",
            "open",
            "volume",
            "base",
            "quote",
            "rate",
            "USD",
            "EUR",
            "buy",
            "sell",
            "dividend",
            "split",
            "2024-01-02",
            "03/04/2024",
            "20130102",
            "1e28",
            "1e-28",
            "-0",
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
            "1,234",
            "1.234,5",
            "9999999999999",
            "253402300800",
            "1e308B",
            "1:0",
            "7:1",
            "(5)",
            "NaN",
            "9e999",
            "Code",
            "Action",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
    }

    #[test]
    fn any_text(text in "[ -~€äß本\n\t]{0,200}") {
        check(text.as_bytes());
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        call_all(&[&[0xFE, 0xFF], &utf16[..]].concat());
    }

    #[test]
    fn any_table(
        rows in prop::collection::vec(prop::collection::vec(cell(), 1..8), 1..8),
        delimiter in prop::sample::select(vec![",", ";", "\t", "|"]),
        header in any::<bool>(),
    ) {
        let mut file = String::new();
        if header {
            file.push_str(&["date", "type", "symbol", "quantity", "price", "amount", "currency"].join(delimiter));
            file.push('\n');
        }
        for row in rows {
            file.push_str(&row.join(delimiter));
            file.push('\n');
        }
        check(file.as_bytes());
    }

    #[test]
    fn any_damage_to_a_good_file(
        which in 0..FIXTURES.len(),
        place in any::<prop::sample::Index>(),
        length in 0_usize..30,
        patch in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut bytes = fixture(FIXTURES[which]);
        let start = place.index(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, patch);
        call_all(&bytes);
    }

    #[test]
    fn any_truncation(which in 0..FIXTURES.len(), place in any::<prop::sample::Index>()) {
        let bytes = fixture(FIXTURES[which]);
        check(&bytes[..place.index(bytes.len())]);
    }
}
