use statements::{Format, Statement, read};

use super::support::{check, fixture, reference_files, render};

#[test]
fn a_csv_with_every_type() {
    check(
        &fixture("ghostfolio.csv"),
        "GhostfolioCsv
         2 2021-09-01 fee = 49 USD account Main
         3 2021-09-16 buy MSFT 5 @ 298.58 = 1492.9 USD fees 19 account Main
         4 2021-11-17 dividend MSFT = 3.1 USD account Main
         5 2022-01-01 buy A HOUSE/alternative 1 @ 500000 = 500000 USD account Main
         6 2022-02-03 sell US5949181045/US5949181045 2 @ 300 = 600 USD fees 1 account Main
         7 2022-02-04 interest = 2.5 USD account Main
         9 rejected not_supported_yet: type ITEM is not supported yet: enter a valuable as a buy with data source MANUAL, and leave a liability out
         10 rejected unknown_type: type “gift” is not one of Ghostfolio's: write BUY, SELL, DIVIDEND, INTEREST or FEE
         11 rejected invalid_symbol: symbol “ETH-USD” is not valid for data source YAHOO: Ghostfolio writes ETHUSD
         12 rejected negative_quantity: quantity -1 is negative: the type says buy, so write 1
         8 skipped nothing_to_record: the buy of MSFT is a draft without shares",
    );
}

/// Ghostfolio takes Interactive Brokers' list of trades too, which is a format of its own here.
#[test]
fn a_trade_list_of_interactive_brokers_is_one() {
    check(
        b"CurrencyPrimary,Symbol,TradeDate,Quantity,TradePrice,Buy/Sell,AssetClass,ISIN,TradeID,IBCommission,IBCommissionCurrency,LevelOfDetail\n\
          USD,VTI,20230403,17,204.3473,BUY,STK,US9229087690,,,,ORDER\n\
          USD,VTI,20230403,17,204.3473,BUY,STK,US9229087690,t1,-1,USD,EXECUTION\n\
          USD,VTI,20230404,-7,205,SELL,STK,US9229087690,t2,-0.9,EUR,EXECUTION\n\
          USD,EUR.USD,20230404,-7,1.1,SELL,CASH,,t3,,,EXECUTION\n",
        "IbkrFlexCsv
         3 2023-04-03 buy VTI/US9229087690 17 @ 204.3473 = 3473.9041 USD fees 1 id t1
         4 2023-04-04 sell VTI/US9229087690 7 @ 205 = 1435 USD id t2
         4 2023-04-04 fee VTI/US9229087690 = 0.9 EUR id t2/commission
         5 2023-04-04 conversion = 7 EUR in USD at 1.1 id t3",
    );
}

#[test]
fn a_json_with_accounts_and_profiles() {
    check(
        &fixture("ghostfolio.json"),
        "GhostfolioJson
         13 2021-09-16 buy MSFT/US5949181045/equity 5 @ 298.58 = 1492.9 USD fees 19 at 2021-09-16T14:30:00Z account Main id a1
         19 2022-01-01 buy A HOUSE/alternative 1 @ 500000 = 500000 USD account unknown-account
         24 2022-02-01 interest = 0.0000001 USD
         29 rejected malformed_record: the activity has not the form of Ghostfolio's export: invalid type: integer `7`, expected a string
         30 rejected missing_field: date is missing: every activity of a Ghostfolio export states it
         31 rejected unavailable_exchange_rate: no exchange rate from EUR to USD exists on 1998-12-31: the euro was introduced on 1999-01-01; state the amount in the currency of the time",
    );
    let house = read(&fixture("ghostfolio.json")).unwrap().rows[1]
        .security
        .clone()
        .unwrap();
    assert_eq!(
        (house.name.as_deref(), house.currency.unwrap().as_str()),
        (Some("A house"), "USD")
    );
}

#[test]
fn damaged_json_is_placed() {
    check(
        b"{\n \"activities\": [\n  {\"type\": \"BUY\",}\n ]\n}",
        "line 3: the JSON cannot be read: key must be a string",
    );
    check(
        b"{\n \"activities\": [",
        "line 2: the JSON cannot be read: EOF while parsing a list",
    );
    check(
        b"{\"activities\": 5}",
        "line 1: the JSON cannot be read: invalid type: integer `5`, expected a sequence",
    );
    check(
        b"[1,",
        "line 1: the JSON cannot be read: EOF while parsing a value",
    );
}

/// Ghostfolio's own import samples: it takes those whose names begin with `ok` as a whole and refuses
/// the others.
#[test]
fn ghostfolio_samples_are_judged_as_ghostfolio_does() {
    let refusals = [
        ("not-ok_invalid-currency.csv", "unknown_currency"),
        ("not-ok_invalid-data-source.json", "unknown_data_source"),
        ("not-ok_invalid-date.json", "unparsable_date"),
        ("not-ok_invalid-symbol-btc-usd.csv", "invalid_symbol"),
        (
            "not-ok_invalid-symbol-with-manual-data-source.json",
            "invalid_symbol",
        ),
        ("not-ok_invalid-symbol.csv", "invalid_symbol"),
        ("not-ok_invalid-symbol.json", "invalid_symbol"),
        (
            "not-ok_unavailable-exchange-rate.json",
            "unavailable_exchange_rate",
        ),
    ];
    for (name, bytes) in reference_files("brokers/ghostfolio") {
        let Statement {
            rows,
            rejected,
            format,
            ..
        } = read(&bytes).unwrap();
        let expected = if bytes.starts_with(b"{") {
            Format::GhostfolioJson
        } else if name == "ok_vti-buy-on-ibkr.csv" {
            Format::IbkrFlexCsv
        } else {
            Format::GhostfolioCsv
        };
        assert_eq!(format, expected, "{name}");
        if name.starts_with("ok_") {
            assert!(
                !rows.is_empty() && rejected.is_empty(),
                "{name}: {rejected:?}"
            );
        } else {
            let code = refusals
                .iter()
                .find(|(file, _)| *file == name)
                .map(|(_, code)| *code);
            let found: Vec<&str> = rejected.iter().map(|found| &*found.code).collect();
            assert_eq!((rows.len(), found), (0, Vec::from_iter(code)), "{name}");
        }
    }
}

/// The same portfolio in both formats (figures of Ghostfolio's `ok/sample`).
#[test]
fn both_samples_say_the_same() {
    let files = reference_files("brokers/ghostfolio");
    let lines = |name: &str| -> Vec<String> {
        let found = files.iter().find(|(file, _)| file == name);
        let statement = found.map(|(_, bytes)| read(bytes).unwrap());
        let text = statement
            .map(|statement| render(&statement))
            .unwrap_or_default();
        let without_line = |line: &str| line.split_once(' ').map(|(_, rest)| rest.to_owned());
        let without_account = |line: String| line.split(" account").next().unwrap().to_owned();
        text.lines()
            .filter(|line| !line.contains("skipped"))
            .filter_map(without_line)
            .map(without_account)
            .collect()
    };
    assert_eq!(lines("ok_sample.csv"), lines("ok_sample.json"));
    assert_eq!(
        lines("ok_sample.csv").len(),
        if files.is_empty() { 0 } else { 4 }
    );
}
