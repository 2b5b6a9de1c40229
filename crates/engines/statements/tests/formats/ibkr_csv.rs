//! Statements, histories and flat queries of Interactive Brokers.

use std::{collections::BTreeMap, str::FromStr as _};

use ledger::TransactionKind as Kind;
use rust_decimal::Decimal;
use serde_json::Value;
use statements::{Format, Row, Statement, read};

use super::support::{assert_same, fixture, reference, reference_files, render, render_stated};

#[track_caller]
fn check(name: &str, rows: &str, stated: &str) {
    let statement = read(&fixture(name)).unwrap();
    assert_same(&render(&statement), rows);
    assert_same(&render_stated(&statement), stated);
}

#[test]
fn an_activity_statement_with_all_its_sections() {
    check("ibkr_activity.csv", "IbkrActivityCsv
         21 2024-01-05 buy AAPL/US0378331005/NASDAQ/equity 1000 @ 150 = 150000 USD fees 500 account U1
         22 2024-01-06 short BRK B 3 @ 400 = 1200 USD fees 1 account U2
         23 2024-01-07 cover BRK B 3 @ 390 = 1170 USD fees 1 account U2
         25 2024-01-08 buy GME 5 @ 20 = 100 USD fees 1 account U1
         26 2024-01-09 sell GME 5 @ 25 = 125 USD fees 0.5 account U1
         26 2024-01-09 short GME 3 @ 25 = 75 USD fees 0.3 account U1
         27 2024-01-10 short AAPL250117C00200000/CBOE/option [AAPL 2025-01-17 Call 200 x100] 2 @ 3 = 600 USD fees 1.4 account U1
         28 2024-01-19 assignment MSFT240119P00400000/option [MSFT 2024-01-19 Put 400 x100] 1 = 0 USD account U1
         30 2024-01-19 expiry XYZ240119C00010000/option [XYZ 2024-01-19 Call 10 x100] 4 = 0 USD account U1
         35 2024-01-22 conversion = 1080 USD in EUR at 0.9259259259259259259259259259 account U1
         35 2024-01-22 fee = 1.85 EUR account U1
         36 2024-01-23 conversion = 500 EUR fees 1.85 in USD at 1.1 account U1
         39 2024-06-18 split NVDA/US67066G1040 10:1 = 0 USD account U1
         40 2024-06-19 spin_off GE/US3696043013 -> GEV/US36828A1016 1:4 = 0 USD account U1
         41 2024-06-20 merger SSL/US0378331005 -> RGLD/US5949181045 1:16 = 50 USD account U1
         45 2024-02-15 dividend AAPL/US0378331005 = 240 USD account U1
         46 2024-02-16 dividend AAPL/US0378331005 = -12.5 USD account U1
         50 2024-02-15 tax AAPL/US0378331005 = 36 USD account U1
         51 2024-03-15 tax AAPL/US0378331005 = -36 USD account U1
         52 2024-03-05 tax = 0.2 EUR account U1
         54 2024-03-05 interest = 1 EUR account U1
         55 2024-03-05 interest = -3.21 USD account U1
         57 2024-03-06 fee AAPL/US0378331005 = 0.6 USD account U1
         60 2024-03-07 tax MC = 21 EUR account U1
         62 2024-01-02 deposit = 50000 EUR account U1
         63 2024-12-02 withdrawal = 70 EUR account U1
         66 2024-05-05 transfer_in SQQQ 2500 = 37100 USD account U1
         67 2024-09-01 transfer_out MDA 383 = 0 USD account U1
         33 rejected not_supported_yet: trades of “Futures” are settled by margin, which is not supported yet: enter their gains by hand
         70 rejected not_supported_yet: the section “Grant Activity” (1 in the file) is not known here: enter by hand what it states
         29 skipped nothing_to_record: the trade of shares at the strike is part of the option's exercise or assignment
         31 skipped nothing_to_record: the trade is cancelled on line 32
         32 skipped nothing_to_record: the trade cancels line 31", "16 2024-12-31 U1 holds 1000 AAPL for 150500 at 190
         18 2024-12-31 U1 holds -2 AAPL250117C00200000 for -600 at 2.5
         12 2024-12-31 U1 has 1234.5 EUR
         13 2024-12-31 U1 has -12.25 USD");
}

#[test]
fn an_activity_statement_in_german() {
    check("ibkr_activity_german.csv", "IbkrActivityCsv
         6 2024-01-05 buy MSFT/US5949181045/NASDAQ/equity 1000 @ 300 = 300000 USD fees 5 account U7
         7 2024-01-06 short MSFT240119C00400000/option [MSFT 2024-01-19 Call 400 x100] 1 @ 2.5 = 250 USD fees 1 account U7
         8 2024-01-07 conversion = 1100 USD fees 2 in EUR at 0.9090909090909090909090909091 account U7
         10 2024-02-15 dividend MSFT/US5949181045 = 750 USD account U7
         14 2024-02-15 tax MSFT/US5949181045 = 112.5 USD account U7
         16 2024-03-05 interest = -3.21 USD account U7
         18 2024-06-18 split NVDA/US67066G1040 10:1 = 0 USD account U7", "20 2024-12-31 U7 holds 1000 MSFT for 300005 at 370
         23 2024-12-31 U7 has -300367.21 USD");
}

#[test]
fn a_transaction_history_in_the_base_currency() {
    check(
        "ibkr_history.csv",
        "IbkrTransactionHistory
         9 2024-12-01 withdrawal = 100 EUR account U***1
         10 2024-11-01 interest = -2.5 EUR account U***1
         11 2024-10-01 dividend AAPL/US0378331005 = 2.25 EUR account U***1
         12 2024-09-02 buy TSLA 5 @ 180 = 900 EUR fees 1 account U***1
         13 2024-09-01 sell TSLA 8 @ 189 = 1512 EUR fees 1 account U***1
         14 2024-08-01 buy TSLA 3 @ 166.6666666666667 = 500 EUR fees 1 account U***1
         15 2024-07-15 fee = 4.5 EUR account U***1
         16 2024-07-01 deposit = 1000 EUR account U***1
         8 rejected unknown_type: transaction type “Magic” is not known",
        "6 2024-12-31 U***1 has 1072.75 EUR",
    );
}

#[test]
fn trades_of_a_flex_query_as_a_flat_table() {
    check("ibkr_flat.csv", "IbkrFlexCsv
         2 2024-01-05 buy AAPL/US0378331005 10 @ 180 = 1800 USD fees 1 account U1 id t1
         4 2024-01-06 short AAPL250117C00200000/option [AAPL 2025-01-17 Call 200 x100] 1 @ 3.5 = 350 USD fees 0.7 account U1 id t2
         5 2024-01-07 conversion = 100 EUR fees 2 in USD at 1.1 account U1 id t3
         6 2024-01-08 short TSLA 5 @ 200 = 1000 USD taxes 1.5 account U1 id t4
         6 2024-01-08 fee TSLA = 1 EUR account U1 id t4/commission
         7 rejected missing_field: symbol is missing: add it to the Flex query
         8 rejected unparsable_date: tradeDate “2024-99-09” is not a date: write it like 2024-12-31", "");
}

#[test]
fn windows_line_ends_quotes_marks_and_utf_16_change_nothing() {
    let plain = String::from_utf8(fixture("ibkr_activity.csv")).unwrap();
    let expected = read(plain.as_bytes()).unwrap();
    let marked = format!("\u{FEFF}{}", plain.replace('\n', "\r\n"));
    assert_eq!(read(marked.as_bytes()).unwrap(), expected);
    let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&utf16).unwrap(), expected);
    let quoted: Vec<String> = plain
        .lines()
        .map(|line| {
            if line.contains('"') {
                return line.to_owned();
            }
            let cells: Vec<String> = line.split(',').map(|cell| format!("\"{cell}\"")).collect();
            cells.join(",")
        })
        .collect();
    assert_eq!(read(quoted.join("\n").as_bytes()).unwrap(), expected);
}

fn file(name: &str) -> Option<Statement> {
    let files = reference_files("brokers/ibkr");
    let (_, bytes) = files.iter().find(|(file, _)| file == name)?;
    Some(read(bytes).unwrap())
}

fn expected(name: &str) -> Option<String> {
    let path = reference("expected")?.join(name);
    Some(std::fs::read_to_string(path).unwrap())
}

/// Average cost of what is held, and the gain of what was sold or bought back, both net of fees. Each
/// of the broker's files closes all that it opens, so that the order of lots does not matter.
fn realised(
    rows: &[Row],
    opening: &BTreeMap<String, (Decimal, Decimal)>,
) -> BTreeMap<String, Decimal> {
    let mut held = opening.clone();
    let mut gains: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in rows {
        let name = format!("{} {}", row.currency, row.security.as_ref().unwrap().symbol);
        let (shares, cost) = held.entry(name.clone()).or_default();
        let quantity = row.quantity.unwrap();
        match row.kind {
            Kind::Buy => (*shares, *cost) = (*shares + quantity, *cost + row.amount + row.fees),
            Kind::Short => (*shares, *cost) = (*shares - quantity, *cost + row.amount - row.fees),
            Kind::Sell => {
                let part = *cost * quantity / *shares;
                *gains.entry(name).or_default() += row.amount - row.fees - part;
                (*shares, *cost) = (*shares - quantity, *cost - part);
            }
            Kind::Cover => {
                let part = *cost * quantity / -*shares;
                *gains.entry(name).or_default() += part - row.amount - row.fees;
                (*shares, *cost) = (*shares + quantity, *cost - part);
            }
            other => panic!("{other:?}"),
        }
    }
    gains
}

/// The broker's own realised gains, printed in its files, follow from the rows.
#[test]
fn reference_statements_give_the_brokers_realised_gains() {
    let Some(json) = expected("ibkr_activity_realised.json") else {
        return;
    };
    let expected: Value = serde_json::from_str(&json).unwrap();
    for (name, case) in expected["files"].as_object().unwrap() {
        let statement = file(name).unwrap();
        assert_eq!(statement.format, Format::IbkrActivityCsv, "{name}");
        if name == "activity_invalid_date.csv" {
            let rejected: Vec<_> = statement
                .rejected
                .iter()
                .map(|r| (r.line, &*r.code))
                .collect();
            assert_eq!(rejected, [(3, "unparsable_date")]);
            assert_eq!(statement.rows, []);
            continue;
        }
        assert_eq!(
            (&*statement.rejected, &*statement.skipped),
            (&[][..], &[][..]),
            "{name}"
        );
        // What was bought before the file begins is known from the lot that it closes.
        let mut opening = BTreeMap::new();
        for lot in case["closed_lots"].as_array().unwrap() {
            let number = |key: &str| Decimal::from_str(&lot[key].to_string()).unwrap();
            if name == "activity_single_account.csv" {
                let symbol = format!("USD {}", lot["symbol"].as_str().unwrap());
                opening.insert(symbol, (number("quantity"), number("basis")));
            }
        }
        let gains = realised(&statement.rows, &opening);
        let wanted: BTreeMap<String, Decimal> = case["realised_by_symbol"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(symbol, gain)| {
                (
                    symbol.clone(),
                    Decimal::from_str(&gain.to_string()).unwrap(),
                )
            })
            .collect();
        assert_eq!(gains.len(), wanted.len(), "{name}");
        for (symbol, gain) in wanted {
            // The shares were called away: the broker adds the premium of the option, which another
            // of its statements shows, to what its basis and proceeds of this trade give.
            if name == "activity_shorting_stocks.csv" {
                let printed = Decimal::from_str("7352.950595").unwrap() - Decimal::from(4000);
                assert!((gains[&symbol] - printed).abs() < Decimal::new(1, 5));
                assert!(gain > printed);
                continue;
            }
            let gap = (gains[&symbol] - gain).abs();
            assert!(
                gap < Decimal::new(1, 5),
                "{name} {symbol}: {} and {gain}",
                gains[&symbol]
            );
        }
    }
}

#[test]
fn a_reference_short_sale_is_one() {
    let Some(statement) = file("activity_shorting_stocks.csv") else {
        return;
    };
    assert_same(
        &render(&statement),
        "IbkrActivityCsv
         3 2021-06-03 short AMC 100 @ 73.54 = 7354 USD fees 1.0494054 account U12345
         5 2021-07-16 cover AMC 100 @ 40 = 4000 USD account U12345",
    );
}

#[test]
fn reference_sections_state_the_positions() {
    let Some(statement) = file("activity_statement_sections.csv") else {
        return;
    };
    assert_same(&render(&statement), "IbkrActivityCsv");
    assert_same(
        &render_stated(&statement),
        "17 2026-01-31 U12345678 holds 10.5041 AMZN for 1887.122374 at 239.3
         18 2026-01-31 U12345678 holds 6.4284 ASTS for 180.998683 at 111.21
         19 2026-01-31 U12345678 holds 0.8439 AXP for 200.995861 at 352.17
         20 2026-01-31 U12345678 holds 13.4888 CSPX for 8030.168691 at 743.28
         21 2026-01-31 U12345678 holds 38 SMH for 1560.23 at 72.64",
    );
    let first = &statement.positions[0].security;
    assert_eq!(
        (
            first.isin.as_deref(),
            first.exchange.as_deref(),
            first.asset_class.as_deref()
        ),
        (Some("US0231351067"), Some("NASDAQ"), Some("equity"))
    );
}

/// Interest received, and the withholding on it that was cancelled, leave 3027.40 in the account and
/// two shares, by the reckoning of independent software.
#[test]
fn a_reference_history_ties_out() {
    let (Some(statement), Some(text)) = (
        file("transaction_history_gbp.csv"),
        expected("ibkr_transaction_history_gbp.txt"),
    ) else {
        return;
    };
    assert_eq!(
        (&*statement.rejected, &*statement.skipped),
        (&[][..], &[][..])
    );
    let cash = statement.rows.iter().map(|row| match row.kind {
        Kind::Buy | Kind::Cover => -row.amount - row.fees,
        Kind::Sell | Kind::Short => row.amount - row.fees,
        Kind::Fee | Kind::Tax | Kind::Withdrawal => -row.amount,
        Kind::Dividend | Kind::Interest | Kind::Deposit => row.amount,
        other => panic!("{other:?}"),
    });
    let cash: Decimal = cash.sum();
    assert!(
        text.contains(&format!(
            "Interactive Brokers: {:.2} (GBP)",
            cash.round_dp(2)
        )),
        "{cash}"
    );
    let of = |kind: Kind, symbol: &str| -> Decimal {
        let rows = statement.rows.iter().filter(|row| {
            row.kind == kind
                && row
                    .security
                    .as_ref()
                    .is_some_and(|found| found.symbol == symbol)
        });
        rows.map(|row| row.quantity.unwrap_or(row.amount)).sum()
    };
    let held = of(Kind::Buy, "CNX1") - of(Kind::Sell, "CNX1");
    assert!(text.contains(&format!("CNX1: {held:.2}")), "{held}");
    for symbol in ["IBKR", "VT"] {
        let (paid, tax) = (of(Kind::Dividend, symbol), of(Kind::Tax, symbol));
        let line = format!("{symbol}: {paid:.2}, excluding {tax} taxed at source (GBP)");
        assert!(text.contains(&line), "{line}");
    }
    assert_same(
        &render_stated(&statement),
        "9 2025-12-31 U***00000 has 200 GBP",
    );
    let interest: Vec<Decimal> = statement
        .rows
        .iter()
        .filter(|row| row.kind == Kind::Interest)
        .map(|row| row.amount)
        .collect();
    assert_eq!(interest, [Decimal::from(13)]);
}

#[test]
fn a_reference_flat_query_is_read_to_the_last_line() {
    let Some(statement) = file("flex_trades_flat.csv") else {
        return;
    };
    assert_same(
        &render(&statement),
        "IbkrFlexCsv
         2 2023-05-22 buy CH0111762537/CH0111762537 7 @ 282.7 = 1978.9 CHF fees 5
         3 2023-05-22 buy US9220427424/US9220427424 95 @ 93.78 = 8909.1 USD fees 1
         4 2023-06-09 buy US9220427424/US9220427424 105 @ 95.42 = 10019.1 USD fees 1
         5 2023-06-09 buy US9220427424/US9220427424 11 @ 95.46 = 1050.06 USD fees 1
         6 2023-08-03 buy US9220427424/US9220427424 1 @ 97.84 = 97.84 USD fees 0.979
         7 2023-12-28 buy US9220427424/US9220427424 2 @ 103.18 = 206.36 USD fees 1
         8 2024-01-26 buy US9220427424/US9220427424 97 @ 103.61 = 10050.17 USD fees 1
         9 2024-01-29 buy US9220427424/US9220427424 12 @ 103.66 = 1243.92 USD fees 1
         10 2023-05-22 conversion = 8000 CHF fees 1.79924 in USD at 1.1173
         11 2023-06-09 conversion = 10012 CHF fees 1.79802 in USD at 1.10725
         12 2024-01-26 conversion = 10020 CHF fees 1.73416 in USD at 1.1537",
    );
}
