use statements::{FxRow, Rejection, fx};

use super::support::{assert_same, reference_files};

fn line(item: Result<FxRow, Rejection>) -> String {
    match item {
        Ok(FxRow {
            line,
            date,
            base,
            quote,
            rate,
        }) => format!("{line} {date} {base}/{quote} {rate}"),
        Err(rejection) => format!(
            "{} {}: {}",
            rejection.line, rejection.code, rejection.message
        ),
    }
}

#[track_caller]
fn check(file: &str, expected: &str) {
    let found: Vec<String> = match fx(file.as_bytes()) {
        Ok(reader) => reader.map(line).collect(),
        Err(unreadable) => vec![unreadable.to_string()],
    };
    assert_same(&found.join("\n"), expected);
}

#[test]
fn the_layout_of_the_european_central_bank() {
    check(
        "Date,USD,JPY,CYP,\n2024-01-03,1.0919,155.68,N/A,\n2024-01-02,1.0956,155.75,N/A,\n2008-01-02,-1,x,0.5853,\n",
        "2 2024-01-03 EUR/USD 1.0919
         2 2024-01-03 EUR/JPY 155.68
         3 2024-01-02 EUR/USD 1.0956
         3 2024-01-02 EUR/JPY 155.75
         4 non_positive_price: rate of USD -1 is not above zero
         4 unparsable_number: rate of JPY “x” is not a number: write it like 1234.56
         4 2008-01-02 EUR/CYP 0.5853",
    );
    // The file of one day names the month.
    check(
        "Date, USD, JPY, \n03 January 2024, 1.0919, 155.68, \n",
        "2 2024-01-03 EUR/USD 1.0919
         2 2024-01-03 EUR/JPY 155.68",
    );
}

#[test]
fn a_rate_a_line() {
    check(
        "rate;Quote;BASE;Date\n1.27;usd;GBP;2024-01-02\n1;USD;USD;2024-01-02\n1.2;dollar$;GBP;2024-01-02\n;USD;GBP;2024-01-02\n1.2;USD;GBP;\n1.2;USD;GBP;2024-02-30\n",
        "2 2024-01-02 GBP/USD 1.27
         3 same_currency: base and quote are both USD: its rate to itself is 1
         4 unknown_currency: quote “dollar$” is no currency code: write three to eight letters or digits, first a letter, such as EUR
         5 missing_field: rate of USD is missing: write the units for one of the base currency
         6 missing_field: date is missing: write it like 2024-12-31
         7 unparsable_date: date “2024-02-30” is not a date: write it like 2024-12-31",
    );
}

#[test]
fn what_is_no_file_of_rates_is_said() {
    check("", "the file is empty");
    check(
        "date,base,rate\n2024-01-02,EUR,1\n",
        "the column “quote” is missing; the file has “date”, “base”, “rate”",
    );
    check(
        "a,b\n1,2\n",
        "no header line was found: the first line must name the columns, such as date,base,quote,rate",
    );
    check(
        "date,SPY\n2024-01-02,470\n",
        "the columns “base”, “quote”, “rate” are missing; the file has “date”, “SPY”",
    );
}

#[test]
fn reference_prices_are_no_rates() {
    for (name, bytes) in reference_files("prices") {
        let refusal = fx(&*bytes).unwrap_err().to_string();
        assert!(
            refusal.contains("missing; the file has"),
            "{name}: {refusal}"
        );
    }
}
