//! No bytes make a reader of a broker's statement panic or hang, and none reads lines that are not
//! there.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use ledger::TransactionKind;
use proptest::prelude::*;
use statements::{Format, Statement, detect, read, read_as};

use super::support::fixture;

const FORMATS: [Format; 6] = [
    Format::IbkrFlex,
    Format::IbkrActivityCsv,
    Format::IbkrTransactionHistory,
    Format::IbkrFlexCsv,
    Format::TigerCsv,
    Format::TigerText,
];

const FIXTURES: [(&str, Format); 9] = [
    ("flex.xml", Format::IbkrFlex),
    ("flex_events.xml", Format::IbkrFlex),
    ("ibkr_activity.csv", Format::IbkrActivityCsv),
    ("ibkr_activity_german.csv", Format::IbkrActivityCsv),
    ("ibkr_history.csv", Format::IbkrTransactionHistory),
    ("ibkr_flat.csv", Format::IbkrFlexCsv),
    ("tiger.csv", Format::TigerCsv),
    ("tiger.txt", Format::TigerText),
    ("bursar_events.csv", Format::Bursar),
];

fn check(bytes: &[u8]) {
    let ends = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = ends.count() as u64 + 1;
    let mut found: Vec<Statement> = read(bytes).into_iter().collect();
    found.extend(
        FORMATS
            .iter()
            .filter_map(|format| read_as(bytes, *format).ok()),
    );
    for statement in found {
        let of_rows = statement.rows.iter().map(|row| row.line);
        let of_notes = statement.rejected.iter().chain(&statement.skipped);
        let of_positions = statement.positions.iter().map(|found| found.line);
        let of_balances = statement.balances.iter().map(|found| found.line);
        let all = of_rows
            .chain(of_notes.map(|note| note.line))
            .chain(of_positions)
            .chain(of_balances);
        for line in all {
            assert!((1..=lines).contains(&line), "line {line} of {lines}");
        }
        for row in &statement.rows {
            let may_be_short = row.kind == TransactionKind::TransferIn;
            let quantity = row.quantity.unwrap_or_default();
            assert!(may_be_short || quantity.is_sign_positive(), "{row:?}");
            assert!(row.security.is_some() || !row.kind.needs_asset(), "{row:?}");
            assert!(
                row.settlement.is_some() || row.kind != TransactionKind::Conversion,
                "{row:?}"
            );
        }
    }
}

/// Cells that say something to one of the readers.
const WORDS: &[&str] = &[
    "Trades",
    "Header",
    "Data",
    "Order",
    "Trade",
    "ClosedLot",
    "Stocks",
    "Forex",
    "USD",
    "EUR",
    "Equity and Index Options",
    "AAPL 17JAN25 200 C",
    "EUR.USD",
    "AAPL",
    "2024-01-05",
    "2024-01-05, 10:00:00",
    "O",
    "C;O",
    "A;C",
    "Ex",
    "Ep",
    "Ca",
    "-1",
    "0",
    "1e28",
    "-1e-28",
    "79228162514264337593543950335",
    "1,000",
    "-",
    "--",
    "Total",
    "Symbol",
    "Quantity",
    "T. Price",
    "Proceeds",
    "Comm/Fee",
    "Comm in EUR",
    "Code",
    "Currency",
    "Asset Category",
    "Date/Time",
    "DataDiscriminator",
    "Dividends",
    "Date",
    "Description",
    "Amount",
    "AAPL(US0378331005) Cash Dividend",
    "Corporate Actions",
    "Report Date",
    "A(US0378331005) Split 4 for 1 (A, A INC, US0378331005)",
    "A(US0378331005) MERGED WITH B 1 FOR 0 (B, B INC, US5949181045)",
    "Open Positions",
    "Cash Report",
    "Ending Cash",
    "Statement",
    "Period",
    "Field Name",
    "Field Value",
    "January 1, 2024 - December 31, 2024",
    "Transaction History",
    "Transaction Type",
    "Buy",
    "Sell",
    "Summary",
    "Base Currency",
    "DATA",
    "TOTAL",
    "Stock",
    "Option",
    "Holdings",
    "Apple (AAPL)",
    "X (X 20260424 PUT 170.0)",
    "Activity Type",
    "Open",
    "Close",
    "()",
    "(",
    ")",
    "Trade Time",
    "2025-03-01\n09:30:00, US/Eastern",
    "Exercise and Expiration",
    "Option Exercise",
    "Transfers",
    "In",
    "Out",
    "Direction",
    "Qty",
];

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => "[ -~€(),.]{0,10}",
    ]
}

fn table() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::collection::vec(cell(), 1..14), 1..12).prop_map(|rows| {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let lines = rows.iter().map(|row| {
            let cells: Vec<String> = row.iter().map(quoted).collect();
            cells.join(",")
        });
        lines.collect::<Vec<String>>().join("\n")
    })
}

/// A statement of each kind whose cells are drawn from the words of all.
fn sections() -> impl Strategy<Value = String> {
    let headers = prop::sample::select(vec![
        "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,Proceeds,Comm/Fee,Code\nTrades,Data,",
        "Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,Proceeds,Value,Code\nCorporate Actions,Data,",
        "Transaction History,Header,Date,Account,Description,Transaction Type,Symbol,Quantity,Price,Gross Amount,Commission,Net Amount\nTransaction History,Data,",
        "Transfers,Header,Asset Category,Currency,Symbol,Date,Direction,Qty,Xfer Price,Market Value,Cash Amount\nTransfers,Data,",
        "Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Mult,Cost Basis,Close Price\nOpen Positions,Data,",
        "Trades,,,,Symbol,Activity Type,Quantity,Trade Price,Amount,Commission,Realized P/L,Trade Time,Currency\nTrades,Stock,,DATA,",
        "Holdings,,,,Symbol,Quantity,Multiplier,Cost Price,Close Price,Currency\nHoldings,Option,,DATA,",
    ]);
    (headers, prop::collection::vec(cell(), 4..12)).prop_map(|(header, cells)| {
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
        format!("{header}{}\n", quoted.join(","))
    })
}

fn printed() -> impl Strategy<Value = String> {
    let lines = prop::sample::select(vec![
        "Tiger Brokers (Singapore) PTE.LTD.",
        "Activity Statement : 2022.03.02 - 2022.03.31",
        "Account : 1 Base Currency : USD",
        "Trades",
        "Stock Currency: USD",
        "Option Currency: USD",
        "Symbol Date/Time Quantity T.Price C.Price Proceeds Comm/Fee GST Realized P/L MTM P/L Code",
        "Settlement Fee: -0.14",
        "Platform Fee: x",
        "Total QQQ 52 17,372.40 -4.13 -0.29 0.00 -20.20",
        "QQQ 2022-03-10, 01:52:40, GMT+8 48 334.8 334.99 16,070.40 Commission: -0.99 -0.15 0.00 9.12",
        "QQQ 2022-03-10, 01:52:40, GMT+8 48",
        "2022-03-10, 01:52:40, GMT+8 48 1 1 1 1 1 1 1",
        "Total",
        "Dividends",
        "2022-03-24 VT Cash Dividend 0.2572 USD per Share 17.75 USD",
        "2022-03-24",
        "2022-03-24 ",
        "Open Positions",
        "QQQ 52 1 334.1 17,376.82 362.54 18,852.08 1,475.26",
        "GST",
        "2022-03-09 X -0.15 -0.20",
        "Transaction Fees",
        "Cash Report",
        "Ending Cash 1",
        "Ending Cash ",
        "Odd Section",
        "Currency: €",
        ": 1",
        "x: ",
        "€ 2022-03-10, ",
        "Annotation",
    ]);
    prop::collection::vec(lines, 0..25).prop_map(|lines| lines.join("\n"))
}

fn element() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "Trade",
        "Order",
        "OptionEAE",
        "CashTransaction",
        "CorporateAction",
        "Transfer",
        "OpenPosition",
        "CashReportCurrency",
        "EquitySummaryByReportDateInBase",
        "TransactionTax",
        "SalesTax",
        "AccountInformation",
        "Odd",
    ]);
    let keys = prop::sample::select(vec![
        "symbol",
        "currency",
        "quantity",
        "tradePrice",
        "tradeMoney",
        "tradeDate",
        "reportDate",
        "assetCategory",
        "strike",
        "expiry",
        "putCall",
        "multiplier",
        "underlyingSymbol",
        "notes",
        "openCloseIndicator",
        "buySell",
        "ibCommission",
        "type",
        "amount",
        "description",
        "direction",
        "position",
        "endingCash",
        "transactionType",
        "date",
        "code",
        "proceeds",
        "cash",
        "levelOfDetail",
        "ibCommissionCurrency",
        "transferPrice",
        "taxAmount",
        "accountId",
    ]);
    (names, prop::collection::btree_map(keys, cell(), 0..14)).prop_map(|(name, attributes)| {
        let mut text = format!("<{name}");
        for (key, value) in attributes {
            let value = value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('"', "&quot;");
            write!(text, " {key}=\"{value}\"").unwrap();
        }
        text + " />"
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
    }

    #[test]
    fn any_words_in_any_cells(text in table()) {
        check(text.as_bytes());
    }

    #[test]
    fn any_words_under_the_headers_of_a_statement(parts in prop::collection::vec(sections(), 1..6)) {
        let start = "Statement,Header,Field Name,Field Value\n\
                     Statement,Data,Period,\"January 1, 2024 - December 31, 2024\"\n\
                     Summary,Header,Field Name,Field Value\nSummary,Data,Base Currency,EUR\n";
        check(format!("{start}{}", parts.concat()).as_bytes());
        check(parts.concat().as_bytes());
    }

    #[test]
    fn any_printed_lines(text in printed()) {
        check(text.as_bytes());
        check(format!("Tiger Brokers\nActivity Statement : x\n{text}").as_bytes());
    }

    #[test]
    fn any_elements(elements in prop::collection::vec(element(), 0..10)) {
        let start = "<FlexQueryResponse><FlexStatements><FlexStatement toDate=\"20241231\">";
        let end = "</FlexStatement></FlexStatements></FlexQueryResponse>";
        check(format!("{start}\n{}\n{end}", elements.join("\n")).as_bytes());
    }

    #[test]
    fn any_damage_to_a_good_file(
        which in 0..FIXTURES.len(),
        place in any::<prop::sample::Index>(),
        length in 0_usize..40,
        patch in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut bytes = fixture(FIXTURES[which].0);
        let start = place.index(bytes.len());
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, patch);
        check(&bytes);
        check(&bytes[..start]);
    }
}

#[test]
fn each_fixture_is_recognised_by_its_content() {
    for (name, format) in FIXTURES {
        let bytes = fixture(name);
        assert_eq!(detect(&bytes), Some(format), "{name}");
        check(&bytes);
    }
}

/// Twice thirty thousand lines, each of which could send a careless reader through all others.
#[test]
fn long_files_take_time_by_their_length() {
    const LINES: usize = 10_000;
    let mut activity = String::from(
        "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,Proceeds,Comm/Fee,Code\n",
    );
    for line in 0..LINES {
        writeln!(
            activity,
            "Trades,Data,Order,Stocks,USD,S{},2024-01-05,1,1,-1,0,O",
            line % 9
        )
        .unwrap();
        writeln!(
            activity,
            "Trades,Data,Trade Cancel,Stocks,USD,T{line},2024-01-05,-1,1,1,0,Ca"
        )
        .unwrap();
        writeln!(activity, "Section {line},Data,1,2").unwrap();
    }
    let started = Instant::now();
    let statement = read(activity.as_bytes()).unwrap();
    assert_eq!(statement.rows.len(), LINES);
    assert_eq!(statement.rejected.len(), 2 * LINES);
    let mut flex = String::from("<FlexQueryResponse><FlexStatement toDate=\"20241231\">\n");
    for line in 0..LINES {
        writeln!(flex, "<CorporateAction currency=\"USD\" reportDate=\"20240105\" quantity=\"1\" description=\"A{line}(US0378331005) SPLIT 2 FOR 1 (A, A, US0378331005)\" />").unwrap();
        writeln!(flex, "<OpenPosition symbol=\"A{line}\" position=\"1\" />").unwrap();
        writeln!(flex, "<E{line} x=\"1\" />").unwrap();
    }
    flex.push_str("</FlexStatement></FlexQueryResponse>");
    let statement = read(flex.as_bytes()).unwrap();
    assert_eq!(
        (statement.rows.len(), statement.positions.len()),
        (LINES, LINES)
    );
    assert_eq!(statement.rejected.len(), LINES);
    // Unoptimised and beside other work; quadratic reading would take many times as long.
    assert!(
        started.elapsed() < Duration::from_mins(1),
        "{:?}",
        started.elapsed()
    );
}
