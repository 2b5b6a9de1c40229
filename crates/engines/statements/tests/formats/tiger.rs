//! Statements of Tiger Brokers: CSV, and the text of the PDF.

use std::str::FromStr as _;

use ledger::TransactionKind as Kind;
use rust_decimal::Decimal;
use serde_json::Value;
use statements::{Format, Row, Statement, read};

use super::support::{
    assert_same, fixture, reference, reference_files, render, render_stated, row,
};

#[test]
fn a_statement_as_csv() {
    let statement = read(&fixture("tiger.csv")).unwrap();
    assert_same(&render(&statement), "TigerCsv
         9 2025-02-03 buy 00700 1000 @ 300 = 300000 HKD fees 49 taxes 300 at 2025-02-03T02:15:00Z
         14 2025-03-23 short COIN250418P00170000/option [COIN 2025-04-18 Put 170 x100] 1 @ 5.8 = 580 USD fees 0.97
         18 2025-05-01 short AAPL 10 @ 200 = 2000 USD fees 2.1
         20 2025-05-02 cover AAPL 10 @ 190 = 1900 USD fees 2.1
         22 2025-06-01 dividend T 4.25 2034/bond = -12.5 USD
         22 2025-06-01 buy T 4.25 2034/bond 10000 @ 0.985 = 9850 USD fees 2
         27 2025-04-18 assignment COIN250418P00170000/option [COIN 2025-04-18 Put 170 x100] 1 = 0 USD
         28 2025-04-18 expiry TSLA250418C00300000/option [TSLA 2025-04-18 Call 300 x100] 2 = 0 USD
         29 2025-04-18 sell SPX250418C05000000/option [SPX 2025-04-18 Call 5000 x100] 1 @ 2.5 = 250 USD
         31 2025-07-07 dividend VT = 34.5 USD
         34 2025-07-07 tax VT = 10.35 USD
         36 2025-04-30 interest = -1.25 USD
         38 2025-01-02 deposit = 50000 USD
         39 2025-12-02 withdrawal = 70 USD
         41 2025-08-01 fee = -5 USD
         24 rejected not_supported_yet: trades of “Future” are settled by margin, which is not supported yet: enter their gains by hand
         45 rejected not_supported_yet: the section “Crypto Staking” (1 in the file) is not known here: enter by hand what it states
         11 skipped nothing_to_record: the line repeats the trade above it
         16 skipped nothing_to_record: the trade of shares at the strike is part of the option's exercise or assignment
         43 skipped nothing_to_record: the transfer moves money between two parts of the same account");
    assert_same(
        &render_stated(&statement),
        "47 2025-12-31  holds 1000 00700 for 300349 at 410
         48 2025-12-31  holds -2 NVDA260116C00200000 for -700 at 4
         6 2025-12-31  has 1234.5 USD
         7 2025-12-31  has -5 HKD",
    );
}

#[test]
fn the_text_of_a_statement() {
    let statement = read(&fixture("tiger.txt")).unwrap();
    assert_same(&render(&statement), "TigerText
         17 2024-03-04 buy QQQ 10 @ 400 = 4000 USD fees 1.99 taxes 0.18 at 2024-03-04T14:30:00Z account 123
         20 2024-03-05 sell QQQ 4 @ 410 = 1640 USD fees 2.08 taxes 0.18 at 2024-03-05T14:30:00Z account 123
         28 2024-03-06 short TSLA 5 @ 200 = 1000 USD fees 2.04 taxes 0.18 at 2024-03-06T14:30:00Z account 123
         33 2024-03-07 buy AAPL240419C00180000/option [AAPL 2024-04-19 Call 180 x100] 1 @ 3.5 = 350 USD fees 1 at 2024-03-07T14:30:00Z account 123
         36 2024-03-08 buy 00700 100 @ 300 = 30000 HKD fees 29 at 2024-03-08T02:00:00Z account 123
         42 2024-03-09 fee = 0.07 USD account 123
         47 2024-03-02 deposit = 30000 USD account 123
         48 2024-03-03 withdrawal = 100 USD account 123
         61 2024-03-22 dividend VT = 44.03 USD account 123
         65 2024-03-22 tax VT = 13.21 USD account 123
         71 2024-03-10 tax = 0.09 USD account 123
         30 rejected amount_mismatch: the charges of the trades above are 2.04 and the statement says 9.99: correct them by hand
         37 rejected unparsable_date: Date/Time “2024-13-08” is not a date: write it like 2024-12-31
         55 rejected unparsable_number: Open Positions “six” is not a number: write it like 1234.56
         66 rejected malformed_record: “2024-03-23 nonsense” has not the columns of its section: enter by hand what it states
         76 rejected not_supported_yet: the section “Crypto Rewards” (2 in the file) is not known here: enter by hand what it states");
    assert_same(
        &render_stated(&statement),
        "53 2024-03-31 123 holds 6 QQQ for 2401.8 at 420
         54 2024-03-31 123 holds 100 00700 for 30029 at 310
         57 2024-03-31 123 holds 1 AAPL240419C00180000 for 351 at 4
         10 2024-03-31 123 has 1191.07 USD
         13 2024-03-31 123 has -10 HKD",
    );
}

fn case(name: &str) -> Option<(Statement, Value)> {
    let json = std::fs::read_to_string(reference("expected")?.join("tiger_expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&json).unwrap();
    let files = reference_files("brokers/tiger");
    let (_, bytes) = files.iter().find(|(file, _)| file == name)?;
    Some((read(bytes).unwrap(), expected["files"][name].clone()))
}

fn decimal(value: &Value) -> Decimal {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Decimal::from_str(&text).unwrap()
}

fn symbol(row: &Row) -> &str {
    row.security
        .as_ref()
        .map_or("", |security| &security.symbol)
}

/// What a row does to the cash.
fn cash(row: &Row) -> Decimal {
    let charges = row.fees + row.taxes;
    match row.kind {
        Kind::Buy | Kind::Cover => -row.amount - charges,
        Kind::Sell | Kind::Short => row.amount - charges,
        Kind::Fee | Kind::Tax | Kind::Withdrawal => -row.amount,
        Kind::Dividend | Kind::Interest | Kind::Deposit => row.amount,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reference_month_ties_out() {
    let Some((statement, expected)) = case("statement_01_pdf_text.txt") else {
        return;
    };
    assert_eq!(statement.format, Format::TigerText);
    assert_eq!(
        (&*statement.rejected, &*statement.skipped),
        (&[][..], &[][..])
    );
    let book = &expected["cash"];
    let of = |kind: Kind| statement.rows.iter().filter(move |row| row.kind == kind);
    let total = |kind: Kind| -> Decimal { of(kind).map(|row| row.amount).sum() };
    assert_eq!(total(Kind::Deposit), decimal(&book["deposits"]));
    assert_eq!(total(Kind::Dividend), decimal(&book["dividends"]));
    assert_eq!(-total(Kind::Tax), decimal(&book["withholding_tax"]));
    assert_eq!(-total(Kind::Buy), decimal(&book["net_purchases"]));
    let charges: Decimal = of(Kind::Buy).map(|row| row.fees).sum();
    let stated = ["commissions", "platform_fees", "settlement_fees"];
    assert_eq!(-charges, stated.iter().map(|key| decimal(&book[key])).sum());
    let taxes: Decimal = of(Kind::Buy).map(|row| row.taxes).sum();
    assert_eq!(-taxes, decimal(&book["gst"]));
    let end: Decimal = statement.rows.iter().map(cash).sum::<Decimal>() + decimal(&book["start"]);
    assert_eq!(end, decimal(&book["end"]));
    assert_eq!(statement.balances[0].amount, end);
    assert_eq!(statement.positions.len(), 3);
    for (found, stated) in statement
        .positions
        .iter()
        .zip(expected["positions"].as_array().unwrap())
    {
        assert_eq!(found.security.symbol, stated["symbol"].as_str().unwrap());
        assert_eq!(found.on.to_string(), "2022-03-31");
        assert_eq!(found.quantity, decimal(&stated["quantity"]));
        assert_eq!(found.price, Some(decimal(&stated["close"])));
        assert_eq!(found.cost, Some(decimal(&stated["cost_basis"])));
        // The broker puts all charges into the cost, to the cent of each trade.
        let bought = of(Kind::Buy).filter(|row| symbol(row) == found.security.symbol);
        let (shares, cost) = bought.fold((Decimal::ZERO, Decimal::ZERO), |(shares, cost), row| {
            (
                shares + row.quantity.unwrap(),
                cost + row.amount + row.fees + row.taxes,
            )
        });
        assert_eq!(
            (shares, cost),
            (found.quantity, decimal(&stated["cost_basis"]))
        );
    }
    let first = of(Kind::Buy).next().unwrap();
    assert_same(
        &row(first),
        "35 2022-03-10 buy QQQ 48 @ 334.8 = 16070.4 USD fees 2.13 taxes 0.15 at 2022-03-09T17:52:40Z account 123456789",
    );
}

#[test]
fn a_reference_month_of_dividends_ties_out() {
    let Some((statement, expected)) = case("statement_02_pdf_text.txt") else {
        return;
    };
    assert_eq!(
        (&*statement.rejected, &*statement.skipped),
        (&[][..], &[][..])
    );
    let stated: Vec<(String, Decimal, Decimal)> = expected["dividends"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line[0].as_str().unwrap().to_owned(),
                decimal(&line[1]),
                decimal(&line[2]),
            )
        })
        .collect();
    let of = |kind: Kind| statement.rows.iter().filter(move |row| row.kind == kind);
    let found: Vec<(String, Decimal, Decimal)> = of(Kind::Dividend)
        .zip(of(Kind::Tax))
        .map(|(paid, tax)| {
            assert_eq!((symbol(paid), paid.date), (symbol(tax), tax.date));
            (symbol(paid).to_owned(), paid.amount, -tax.amount)
        })
        .collect();
    assert_eq!(found, stated);
    assert_eq!(statement.rows.len(), 6);
    let book = &expected["cash"];
    let end = decimal(&book["start"]) + statement.rows.iter().map(cash).sum::<Decimal>();
    assert_eq!(end, decimal(&book["end"]));
    assert_eq!(
        (statement.balances[0].amount, statement.positions.len()),
        (end, 3)
    );
}

#[test]
fn a_reference_csv_gives_trades_and_holdings() {
    let Some((statement, expected)) = case("statement_minimal.csv") else {
        return;
    };
    assert_eq!(statement.format, Format::TigerCsv);
    assert_eq!(
        (&*statement.rejected, &*statement.skipped),
        (&[][..], &[][..])
    );
    let stated = expected["rows"].as_array().unwrap();
    assert_eq!(
        decimal(&expected["trades"]),
        Decimal::from(statement.rows.len())
    );
    for (found, stated) in statement.rows.iter().zip(stated) {
        assert_eq!(symbol(found), stated[0].as_str().unwrap());
        assert_eq!(found.date.to_string(), stated[1].as_str().unwrap());
        let quantity = found.quantity.unwrap();
        let signed = if found.kind == Kind::Sell {
            -quantity
        } else {
            quantity
        };
        assert_eq!(signed, decimal(&stated[2]));
        assert_eq!(found.price, Some(decimal(&stated[3])));
        assert_eq!(found.fees, Decimal::from(2));
    }
    let kinds: Vec<Kind> = statement.rows.iter().map(|row| row.kind).collect();
    assert_eq!(kinds, [Kind::Buy, Kind::Sell, Kind::Buy]);
    for (found, stated) in statement
        .positions
        .iter()
        .zip(expected["holdings"].as_array().unwrap())
    {
        assert_eq!(found.security.symbol, stated[0].as_str().unwrap());
        assert_eq!(found.quantity, decimal(&stated[1]));
        assert_eq!(found.cost, Some(found.quantity * decimal(&stated[2])));
        assert_eq!(found.on.to_string(), "2025-12-31");
    }
    assert_eq!(statement.positions.len(), 2);
    let name = statement.positions[1].security.name.as_deref();
    assert_eq!(name, Some("Meta Platforms, Inc."));
}
