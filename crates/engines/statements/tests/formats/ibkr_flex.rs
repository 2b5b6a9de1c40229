use std::str::FromStr as _;

use rust_decimal::Decimal;
use serde_json::Value;
use statements::{Row, read};

use super::support::{
    assert_same, check, fixture, reference, reference_files, render, render_stated, row,
};

#[test]
fn a_flex_query_with_all_it_may_contain() {
    check(
        &fixture("flex.xml"),
        "IbkrFlex
         9 2024-01-05 buy AAPL/US0378331005/NASDAQ/equity 6 @ 180 = 1080 USD fees 1 taxes 1.5 account U1 id x1
         13 2024-01-10 sell VTI/etf 2 @ 240 = 480 USD fees 1 account U1 id t3
         14 2024-01-11 buy T 4 1/4 30/bond 1000 @ 0.985 = 985 USD fees -0.25 account U1 id t4
         15 2024-01-12 conversion = 1090 USD in EUR at 0.9174311926605504587155963303 account U1 id t5
         17 2024-01-14 short TSLA 5 @ 200 = 1000 USD account U1 id t7
         18 2024-01-15 cover TSLA 5 @ 190 = 950 USD account U1 id t8
         24 2024-02-16 dividend AAPL = 2.4 USD account U1 id c1
         25 2024-02-16 tax AAPL/US0378331005 = 0.36 USD account U1 id c2
         26 2024-02-17 dividend AAPL = -2.4 USD account U1
         27 2024-03-01 interest = 1.11 EUR account U1
         28 2024-03-02 deposit = 500 EUR account U1
         29 2024-03-03 withdrawal = 200 EUR account U1
         30 2024-03-04 fee AAPL = 0.02 USD account U1
         31 2024-03-05 dividend T 4 1/4 30 = 21.25 USD account U1
         32 2024-03-06 fee = -5 USD account U1
         37 2024-06-10 split NVDA/US67066G1040 10:1 = 0 USD account U1 id k1
         38 2024-06-11 split OLD/US0378331005 5:50 = 0 USD account U1 id k2
         40 2024-06-12 sell TGT/US0378331005 10 @ 12 = 120 USD account U1 id k4
         41 2024-06-13 merger MIX/US0378331005 -> ACQ/US5949181045 1:2 = 20 USD account U1 id k5
         50 2024-01-05 buy SAP 3 @ 140 = 420 EUR fees 3 account U2
         16 rejected missing_field: strike is missing: add strike, expiry, putCall, multiplier and underlyingSymbol to the Flex query, trade t6 (AAPL C) is an option
         20 rejected unparsable_number: quantity “many” is not a number: write it like 1234.56
         21 rejected missing_field: tradePrice is missing: add tradePrice, tradeMoney or netCash to the Flex query
         33 rejected unknown_type: type “Magic” of a cash transaction is not known
         45 rejected missing_field: date is missing: add it to the Flex query, transfer f1 (AAPL) needs it
         10 skipped nothing_to_record: the trade is cancelled on line 19
         19 skipped nothing_to_record: the trade cancels line 10",
    );
    let statement = read(&fixture("flex.xml")).unwrap();
    let name = statement.rows[0]
        .security
        .as_ref()
        .and_then(|security| security.name.clone());
    assert_eq!(name.as_deref(), Some("APPLE & SONS"));
}

#[test]
fn options_actions_transfers_and_what_is_held() {
    let statement = read(&fixture("flex_events.xml")).unwrap();
    assert_same(&render(&statement), "IbkrFlex
         16 2024-01-02 short XYZ250117P00050000/option [XYZ 2025-01-17 Put 50 x100] 2 @ 1.55 = 310 USD fees 1.3 account U1 id a1
         17 2024-01-19 exercise AAPL240119C00150000/option [AAPL 2024-01-19 Call 150 x100] 1 = 0 USD fees 0.1 account U1 id a2
         19 2024-01-19 cover TSLA240119P00200000/option [TSLA 2024-01-19 Put 200 x100] 3 @ 0 = 0 USD account U1 id a4
         20 2024-01-19 buy TSLA 200 @ 200 = 40000 USD account U1 id a5
         21 2024-01-19 expiry MSFT240119C00400000/option [MSFT 2024-01-19 Call 400 x100] 2 = 0 USD account U1 id a6
         22 2024-01-19 sell SPX240119C04700000/option [SPX 2024-01-19 Call 4700 x100] 1 @ 12.5 = 1250 USD account U1 id a7
         23 2024-02-01 conversion = 1000 USD in CHF at 0.9 account U1 id b1
         23 2024-02-01 fee = 1.8 EUR account U1 id b1/commission
         24 2024-02-02 buy GME 10 @ 20 = 200 USD account U1 id c1
         25 2024-02-03 sell GME 10 @ 30 = 300 USD fees 2 account U1 id c2
         25 2024-02-03 short GME 5 @ 30 = 150 USD fees 1 account U1 id c2/opened
         26 2024-02-04 cover GME 5 @ 25 = 125 USD account U1 id c3
         26 2024-02-04 buy GME 3 @ 25 = 75 USD account U1 id c3/opened
         27 2024-02-05 short AMC 5 @ 5 = 25 USD account U1 id c4
         33 2024-07-24 exercise CLF240724C00011500/option [CLF 2024-07-24 Call 11.5 x100] 4 = 0 USD account U1 id e1
         37 2024-03-01 return_of_capital REIT = 12 USD account U1
         38 2024-03-02 tax AAPL = -3.5 USD account U1
         39 2024-03-03 withdrawal = 40 USD account U1
         42 2024-03-04 tax MC = 4.2 EUR account U1
         45 2024-03-05 tax = 0.38 EUR account U1
         48 2024-04-02 spin_off GE/US3696043013 -> GEV/US36828A1016 1:4 = 0 USD account U1 id k1
         49 2024-04-03 symbol_change FB/US30303M1027 -> META/US30303M1027 = 0 USD account U1 id k2
         51 2024-04-04 stock_dividend PSEC/US74348T1025 5 = 0 USD account U1 id k4
         52 2024-04-05 spin_off XYZ/US0378331005 -> XYZ.RTS/US5949181045 1:10 = 0 USD share 0 account U1 id k5
         53 2024-04-06 merger SSL -> RGLD/US0000000002 1:16 = 0 USD account U1 id k6
         55 2024-04-07 sell DEAD/US0378331005 9 @ 0 = 0 USD account U1 id k8
         61 2024-05-01 transfer_in SAP/DE0007164600 30 = 4200 EUR account U1 id f1
         62 2024-05-02 transfer_in ALV -3 = 750 EUR account U1 id f2
         63 2024-05-03 transfer_out BMW 4 = 0 EUR account U1 id f3
         64 2024-05-04 withdrawal = 70 EUR account U1 id f4
         79 2024-03-02 deposit = 100 EUR account U2
         28 rejected not_supported_yet: the trade of NIO closes a position and opens the opposite one, and this file does not show how large the first one was: enter the two parts by hand
         29 rejected not_supported_yet: trade c6 (ESH4) is a trade of a future, which is not supported yet: enter its effect by hand
         58 rejected not_supported_yet: the corporate action “ODD(US0378331005) PROXY VOTE (ODD, ODD INC, US0378331005)” is of a kind that is not known: enter its effect by hand
         65 rejected unknown_type: direction “SIDEWAYS” is neither IN nor OUT
         68 rejected not_supported_yet: the element “GrantActivity” (2 in the file) is not known here: enter by hand what it states
         18 skipped nothing_to_record: the trade of shares at the strike is part of the option's exercise or assignment
         34 skipped nothing_to_record: the trade of shares at the strike is part of the option's exercise or assignment
         56 skipped nothing_to_record: the corporate action is cancelled on line 57
         57 skipped nothing_to_record: the corporate action cancels line 56");
    assert_same(
        &render_stated(&statement),
        "11 2024-12-31 U1 holds 300 AAPL for 50000.5 at 250
         13 2024-12-31 U1 holds -2 XYZ250117P00050000 for -310 at 1.5
         82 2024-12-31 U2 holds 3 SAP for 350 at ?
         7 2024-12-31 U1 has 1234.56 USD
         8 2024-12-31 U1 has -0.5 EUR
         76 2024-12-31 U2 has 100 EUR",
    );
}

/// Nothing but the trades themselves tells what they open and close.
#[test]
fn positions_are_followed_through_splits_and_changes_of_symbol() {
    let trade = |symbol: &str, quantity: i32, day: u32| {
        format!(
            "<Trade currency=\"USD\" symbol=\"{symbol}\" quantity=\"{quantity}\" tradePrice=\"1\" fifoPnlRealized=\"0\" tradeDate=\"202401{day:02}\" />\n"
        )
    };
    let action = |text: &str, symbol: &str, quantity: i32, day: u32| {
        format!(
            "<CorporateAction currency=\"USD\" symbol=\"{symbol}\" quantity=\"{quantity}\" reportDate=\"202401{day:02}\" description=\"FB(US30303M1027) {text} ({symbol}, META, US30303M1027)\" />\n"
        )
    };
    let elements = [
        trade("FB", -5, 1),
        trade("META", 18, 9),
        trade("META", 4, 8),
        action("SPLIT 4 FOR 1", "FB", -15, 4),
        action("CUSIP/ISIN CHANGE TO (US30303M1028)", "FB.OLD", 20, 5),
        action("CUSIP/ISIN CHANGE TO (US30303M1028)", "META", -20, 5),
    ];
    let file = format!(
        "<FlexQueryResponse><FlexStatement>\n{}</FlexStatement></FlexQueryResponse>",
        elements.concat()
    );
    check(
        file.as_bytes(),
        "IbkrFlex
         2 2024-01-01 short FB 5 @ 1 = 5 USD
         3 2024-01-09 cover META 16 @ 1 = 16 USD
         3 2024-01-09 buy META 2 @ 1 = 2 USD
         4 2024-01-08 cover META 4 @ 1 = 4 USD
         5 2024-01-04 split FB/US30303M1027 4:1 = 0 USD
         6 2024-01-05 symbol_change FB/US30303M1027 -> META/US30303M1027 = 0 USD",
    );
}

#[test]
fn damaged_and_hostile_xml_is_refused() {
    let declared =
        b"<!DOCTYPE x [<!ENTITY a \"b\">]>\n<FlexQueryResponse><Trades/></FlexQueryResponse>";
    check(
        declared,
        "line 1: the XML cannot be read: a document type declaration is not accepted",
    );
    check(
        b"<FlexQueryResponse>\n<Trades>\n<Trade symbol=\"&boom;\" />\n</Trades></FlexQueryResponse>",
        "line 3: the XML cannot be read: at 1..5: unrecognized entity `boom`",
    );
    check(
        b"<FlexQueryResponse>\n<Trades>\n",
        "line 3: the XML cannot be read: the file ends inside of <Trades>",
    );
    check(
        b"<FlexStatementResponse>\n<Status>Fail</Status><ErrorMessage>Token has expired.</ErrorMessage></FlexStatementResponse>",
        "the file is an error message of Interactive Brokers, not a statement: Token has expired.",
    );
    let other = read(b"<html><body>Sign in</body></html>")
        .unwrap_err()
        .to_string();
    assert!(other.starts_with("the format is not recognised"), "{other}");
}

#[test]
fn reference_files_are_read_to_the_last_line() {
    for (name, bytes) in reference_files("brokers/ibkr") {
        if name.starts_with("flex_") && name.ends_with("xml") {
            let statement = read(&bytes).unwrap();
            assert_eq!(
                (statement.rejected, statement.skipped),
                (vec![], vec![]),
                "{name}"
            );
            assert!(!statement.rows.is_empty(), "{name}");
        }
    }
}

#[test]
fn a_reference_file_states_its_balances() {
    let files = reference_files("brokers/ibkr");
    let Some((_, bytes)) = files.iter().find(|(name, _)| name == "flex_20.xml") else {
        return;
    };
    let statement = read(bytes).unwrap();
    assert_same(
        &render_stated(&statement),
        "7 2023-05-24 U1234567 has -0.00005528 AUD
         8 2023-05-24 U1234567 has 4806.66195851 CAD
         9 2023-05-24 U1234567 has 152.241642114 EUR
         10 2023-05-24 U1234567 has 1544.296952 USD",
    );
}

/// Portfolio Performance's own expectations for the same files, brought to this crate's words: a
/// dividend net of tax is a gross dividend and a tax, a delivery has no counterpart.
#[test]
fn reference_files_give_the_expected_transactions() {
    let Some(folder) = reference("expected") else {
        return;
    };
    let json = std::fs::read_to_string(folder.join("ibkr_flex_expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&json).unwrap();
    let files = reference_files("brokers/ibkr");
    for (name, case) in expected["files"].as_object().unwrap() {
        let (_, bytes) = files.iter().find(|(file, _)| file == name).unwrap();
        let mut wanted: Vec<String> = case["transactions"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(expected_rows)
            .collect();
        let rows = read(bytes).unwrap().rows;
        let mut found: Vec<String> = rows
            .iter()
            .filter(|row| row.ratio.is_none())
            .map(found_row)
            .collect();
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    }
}

fn cents(value: &Value) -> Decimal {
    Decimal::from_str(&value.to_string())
        .unwrap()
        .round_dp(2)
        .normalize()
}

fn expected_rows(stated: &Value) -> Vec<String> {
    let text = |key: &str| stated[key].as_str().unwrap_or_default();
    let date = &text("datetime")[..10];
    let (currency, amount) = (
        stated["amount"][0].as_str().unwrap(),
        cents(&stated["amount"][1]),
    );
    let gross = if stated["gross"].is_null() {
        amount
    } else {
        cents(&stated["gross"][1])
    };
    let charge = |key: &str| {
        if stated[key].is_null() {
            Decimal::ZERO
        } else {
            cents(&stated[key][1])
        }
    };
    let cash = |kind: &str, amount: Decimal| format!("{date} {kind} {amount} {currency}");
    match text("type") {
        kind @ ("BUY" | "SELL") => vec![format!(
            "{date} {} {} for {gross} {currency} fees {} taxes {}",
            kind.to_lowercase(),
            cents(&stated["shares"]),
            charge("fee"),
            charge("tax"),
        )],
        "DIVIDENDS" if charge("tax").is_zero() => vec![cash("dividend", gross)],
        "DIVIDENDS" => vec![cash("dividend", gross), cash("tax", charge("tax"))],
        "TAXES" => vec![cash("tax", amount)],
        "TAX_REFUND" => vec![cash("tax", -amount)],
        "FEES" => vec![cash("fee", amount)],
        "FEES_REFUND" => vec![cash("fee", -amount)],
        "INTEREST" => vec![cash("interest", amount)],
        "INTEREST_CHARGE" => vec![cash("interest", -amount)],
        "DEPOSIT" => vec![cash("deposit", amount)],
        "DELIVERY_INBOUND" | "DELIVERY_OUTBOUND" => Vec::new(),
        other => panic!("{other}"),
    }
}

fn found_row(row: &Row) -> String {
    let kind = serde_json::to_value(row.kind).unwrap();
    let kind = kind.as_str().unwrap();
    let round = |value: Decimal| value.round_dp(2).normalize();
    let (date, amount, currency) = (row.date, round(row.amount), row.currency);
    match row.quantity {
        Some(quantity) => format!(
            "{date} {kind} {} for {amount} {currency} fees {} taxes {}",
            round(quantity * multiplier(row)),
            round(row.fees),
            round(row.taxes)
        ),
        None => format!("{date} {kind} {amount} {currency}"),
    }
}

/// Portfolio Performance counts the shares behind an option.
fn multiplier(row: &Row) -> Decimal {
    let option = row
        .security
        .as_ref()
        .and_then(|security| security.option.as_ref());
    option.map_or(Decimal::ONE, |terms| terms.multiplier)
}

/// The reverse split of the first file made 480 shares of 12000; the shares tendered became others
/// one for one.
#[test]
fn reference_actions_keep_the_name_of_the_old_shares() {
    let files = reference_files("brokers/ibkr");
    let Some((_, bytes)) = files.iter().find(|(name, _)| name == "flex_01.xml") else {
        return;
    };
    let rows = read(bytes).unwrap().rows;
    let splits: Vec<String> = rows
        .iter()
        .filter(|row| row.ratio.is_some())
        .map(row)
        .collect();
    assert_same(
        &splits.join("\n"),
        "38 2013-03-05 merger UUU/CA91701P1053 -> UUU.TEN2 1:1 = 0 CAD account U123456
         40 2013-06-18 split GCM/CA38501D2041 1:25 = 0 CAD account U123456",
    );
}

/// A query with few attributes: the side follows from the sign, the category from nothing.
#[test]
fn a_reference_file_with_few_attributes_is_read() {
    let files = reference_files("brokers/ibkr");
    let found = files
        .iter()
        .find(|(name, _)| name == "flex_minimal_no_ids.xml");
    let Some((_, bytes)) = found else { return };
    let rows: Vec<String> = read(bytes).unwrap().rows.iter().map(row).collect();
    assert_same(
        &rows.join("\n"),
        "6 2023-01-01 buy AAPL/equity 10 @ 150 = 1500 USD id XML_AAPL_BUY_1
         13 2023-01-05 sell TSLA/equity 5 @ 200 = 1000 USD id XML_TSLA_SELL_1
         21 2023-02-01 buy GOOG/equity 50 @ 100 = 5000 USD id XML_GOOG_SPLIT_1
         26 2023-02-01 buy GOOG/equity 50 @ 100.1 = 5005 USD id XML_GOOG_SPLIT_2
         33 2023-03-15 dividend KO = 50 USD id XML_DIV_KO
         38 2023-03-15 tax KO = 7.5 USD id XML_TAX_KO
         43 2023-03-31 interest = -2.5 USD id XML_INTEREST_MAR",
    );
}
