use std::collections::BTreeMap;

use ledger::TransactionKind;
use money::{Currency, Quotation};
use statements::{
    AmountSign, DateFormat, DecimalSeparator, Field, Format, Mapping, detect, preview_columns,
    read_as, read_with,
};

use super::support::{assert_same, fixture, reference_files, render};

#[track_caller]
fn check(bytes: &[u8], mapping: &Mapping, expected: &str) {
    let found = match read_with(bytes, mapping) {
        Ok(statement) => render(&statement),
        Err(unreadable) => format!("{unreadable}\n"),
    };
    assert_same(&found, expected);
}

fn mapping(columns: &[(Field, &str)]) -> Mapping {
    Mapping {
        columns: columns
            .iter()
            .map(|(field, name)| (*field, (*name).to_owned()))
            .collect(),
        ..Mapping::default()
    }
}

#[test]
fn a_german_export_below_a_title() {
    let bytes = fixture("mapped_german.csv");
    assert_eq!(detect(&bytes), None);
    let columns = preview_columns(&bytes).unwrap();
    assert_eq!(
        (
            columns.delimiter,
            columns.header_line,
            columns.records.len()
        ),
        (';', 4, 5)
    );
    assert_eq!(columns.unknown_types, ["Kapitalerhöhung"]);
    assert_eq!(columns.mapping.missing(), []);
    check(
        &bytes,
        &columns.mapping,
        "Csv
         5 2024-03-04 buy DE0007164600/DE0007164600 10 @ 140.5 = 1405 EUR fees 4.9
         6 2024-04-05 sell DE0007164600/DE0007164600 2 @ 150 = 300 EUR fees 4.9 taxes 3.12
         7 2024-05-06 dividend DE0007164600/DE0007164600 = 17.6 EUR taxes 4.64
         8 2024-05-07 deposit = 1234.5 EUR
         9 2024-05-08 fee = 12 EUR
         11 2024-05-10 withdrawal = 500 EUR
         12 2024-05-11 interest = 1.25 EUR
         10 rejected unknown_type: type “Kapitalerhöhung” is not known: write buy, sell, dividend, interest, deposit, withdrawal, fee, tax or split, or say in the column mapping what it means",
    );
    let mut taught = columns.mapping;
    taught
        .type_words
        .insert("kapitalerhöhung".to_owned(), TransactionKind::Buy);
    let statement = read_with(&bytes, &taught).unwrap();
    assert_eq!((statement.rows.len(), statement.rejected.len()), (8, 0));
}

#[test]
fn defaults_stand_in_for_columns() {
    let mut positions = mapping(&[
        (Field::Date, "Day"),
        (Field::Symbol, "What"),
        (Field::Quantity, "N"),
        (Field::Price, "P"),
    ]);
    let bytes = b"Day,What,N,P\n02/01/2024,AAA,5,10\n13/01/2024,BBB,1,2\n";
    check(
        bytes,
        &positions,
        "the mapping says nothing about type, currency: name a column or give a default",
    );
    positions.default_kind = Some(TransactionKind::Buy);
    positions.default_currency = Some(Quotation::major(Currency::CHF));
    check(
        bytes,
        &positions,
        "Csv
         2 2024-01-02 buy AAA 5 @ 10 = 50 CHF
         3 2024-01-13 buy BBB 1 @ 2 = 2 CHF",
    );
    positions.columns.insert(Field::Isin, "ISIN".to_owned());
    check(
        bytes,
        &positions,
        "the column “isin” is missing; the file has “Day”, “What”, “N”, “P”",
    );
}

#[test]
fn prescribed_formats_win() {
    let mut strict = mapping(&[
        (Field::Date, "d"),
        (Field::Type, "t"),
        (Field::Amount, "a"),
        (Field::Currency, "c"),
    ]);
    let bytes = b"d|t|a|c\n03/04/2024|deposit|1,234|EUR\n";
    strict.date_format = DateFormat::Mdy;
    check(
        bytes,
        &strict,
        "Csv
         2 rejected ambiguous_number: amount “1,234” may have decimals or thousands after the comma and no other number settles it: set the decimal separator in the column mapping",
    );
    strict.decimal_separator = DecimalSeparator::Comma;
    check(bytes, &strict, "Csv\n2 2024-03-04 deposit = 1.234 EUR");
    strict.date_format = DateFormat::Dmy;
    strict.decimal_separator = DecimalSeparator::Point;
    check(bytes, &strict, "Csv\n2 2024-04-03 deposit = 1234 EUR");
    strict.delimiter = Some('"');
    check(
        bytes,
        &strict,
        "“\"” cannot separate fields: choose a comma, semicolon, tab or vertical bar",
    );
}

#[test]
fn signs_and_net_amounts_are_understood() {
    let bytes = fixture("mapped_cash_effect.csv");
    let mut guessed = preview_columns(&bytes).unwrap().mapping;
    guessed.default_currency = Some(Quotation::major(Currency::USD));
    check(
        &bytes,
        &guessed,
        "Csv
         2 2024-01-05 buy AAA 10 @ 20 = 200 USD fees 4.95
         3 2024-01-31 sell AAA 4 @ 25 = 100 USD fees 4.95
         4 2024-02-01 fee = 3 USD
         5 2024-02-02 fee = -1 USD
         6 2024-02-03 withdrawal = 50 USD
         7 2024-02-04 tax AAA = 0.6 USD
         8 2024-02-05 interest = -2 USD",
    );
    guessed.amount_sign = AmountSign::Magnitude;
    let statement = read_with(&bytes, &guessed).unwrap();
    assert_eq!(statement.rows[2].amount.to_string(), "-3.00");
}

#[test]
fn pence_become_pounds() {
    let mut pence = mapping(&[
        (Field::Date, "date"),
        (Field::Type, "type"),
        (Field::Symbol, "symbol"),
        (Field::Quantity, "n"),
        (Field::Price, "p"),
        (Field::Currency, "currency"),
    ]);
    pence.delimiter = Some(',');
    check(
        b"date,type,symbol,n,p,currency\n2024-01-02,buy,VOD,100,68.5,GBX\n2024-01-02,buy,VOD,100,68.5,GBp\n2024-01-02,buy,VOD,100,68.5,gbp\n",
        &pence,
        "Csv
         2 2024-01-02 buy VOD 100 @ 0.685 = 68.5 GBP
         3 2024-01-02 buy VOD 100 @ 0.685 = 68.5 GBP
         4 2024-01-02 buy VOD 100 @ 68.5 = 6850 GBP",
    );
}

#[test]
fn a_mapping_is_kept_as_json() {
    let mut kept = mapping(&[(Field::Date, "Datum"), (Field::SettlementCurrency, "Konto")]);
    kept.type_words = BTreeMap::from([("Zukauf".to_owned(), TransactionKind::Buy)]);
    kept.default_currency = Some(Quotation::major(Currency::EUR));
    let json = serde_json::to_string(&kept).unwrap();
    assert!(json.contains(r#""settlement_currency":"Konto""#), "{json}");
    assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), kept);
    assert_eq!(
        serde_json::from_str::<Mapping>("{}").unwrap(),
        Mapping::default()
    );
}

/// Wealthfolio's own samples: what it books as credits and splits without a ratio has no
/// type here, all else is read by the guessed mapping.
#[test]
fn wealthfolio_samples_are_read_by_the_guessed_mapping() {
    for (name, bytes) in reference_files("brokers/wealthfolio") {
        if name == "sample_holdings_import.csv" {
            let columns = preview_columns(&bytes).unwrap();
            assert_eq!(
                columns.mapping.missing(),
                [Field::Type],
                "holdings are no transactions"
            );
            continue;
        }
        let statement = read_as(&bytes, Format::Csv).unwrap();
        let rejected: Vec<(u64, &str)> = statement
            .rejected
            .iter()
            .map(|found| (found.line, &*found.code))
            .collect();
        if name == "sample_import.csv" {
            assert_eq!(statement.rows.len(), 12, "{name}");
            assert_eq!(rejected, [(11, "missing_field"), (13, "unknown_type")]);
        } else {
            assert_eq!((statement.rows.len(), rejected.len()), (11, 0), "{name}");
            assert_same(
                &super::support::row(&statement.rows[10]),
                "12 2024-06-01 buy TD.TO/equity 10 @ 85 = 850 CAD fees 9.99",
            );
        }
    }
}

/// Whatever brokers export is either taken apart or refused with a sentence, and every record of it
/// is a row, a rejection or skipped.
#[test]
fn no_record_of_any_broker_is_lost() {
    let folders = [
        "bitvavo",
        "coinbase",
        "degiro",
        "kraken",
        "kucoin",
        "samples",
        "scalable",
        "schwab",
        "tiger",
        "traderepublic",
        "trading212",
        "wealthfolio",
    ];
    for folder in folders {
        for (name, bytes) in reference_files(&format!("brokers/{folder}")) {
            let columns = match preview_columns(&bytes) {
                Ok(columns) => columns,
                Err(unreadable) => {
                    // One file begins with its first record.
                    assert!(name.ends_with("equity_rights.csv"), "{name}: {unreadable}");
                    continue;
                }
            };
            assert!(columns.names.len() > 1, "{name}: {:?}", columns.names);
            let Ok(statement) = read_with(&bytes, &columns.mapping) else {
                continue;
            };
            let filled = |line: &&str| line.chars().any(|c| !" ,;\t|\"\r\u{FEFF}".contains(c));
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let below = text
                .lines()
                .skip(columns.header_line as usize)
                .filter(filled)
                .count();
            let found = statement.rows.len() + statement.rejected.len() + statement.skipped.len();
            assert_eq!(found, below, "{name}");
        }
    }
}

/// The currency of all lines is read as one in a column: in pence, amounts are hundredths.
#[test]
fn a_currency_of_all_lines_may_be_a_hundredth() {
    let columns = mapping(&[
        (Field::Date, "d"),
        (Field::Type, "t"),
        (Field::Symbol, "s"),
        (Field::Quantity, "n"),
        (Field::Price, "p"),
    ]);
    let mut saved = serde_json::to_value(&columns).unwrap();
    saved["default_currency"] = "GBX".into();
    let in_pence: Mapping = serde_json::from_value(saved.clone()).unwrap();
    assert_eq!(serde_json::to_value(&in_pence).unwrap(), saved);
    check(
        b"d,t,s,n,p\n2024-01-02,buy,VOD,100,72.5\n",
        &in_pence,
        "Csv
         2 2024-01-02 buy VOD 100 @ 0.725 = 72.5 GBP",
    );
}
