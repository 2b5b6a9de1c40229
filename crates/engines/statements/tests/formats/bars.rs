use statements::{BarRow, Rejection, bars};

use super::support::{assert_same, reference_files};

fn line(item: Result<BarRow, Rejection>) -> String {
    match item {
        Ok(bar) => {
            let symbol = bar
                .symbol
                .map(|symbol| format!("{symbol} "))
                .unwrap_or_default();
            let extra = [("adj", bar.adjusted_close), ("vol", bar.volume)]
                .into_iter()
                .filter_map(|(name, value)| Some(format!(" {name} {}", value?)))
                .collect::<String>();
            format!(
                "{} {symbol}{:?} {} {} {} {}{extra}",
                bar.line, bar.at, bar.open, bar.high, bar.low, bar.close
            )
        }
        Err(rejection) => format!(
            "{} {}: {}",
            rejection.line, rejection.code, rejection.message
        ),
    }
}

#[track_caller]
fn check(file: &str, expected: &str) {
    let found: Vec<String> = match bars(file.as_bytes()) {
        Ok(reader) => reader.map(line).collect(),
        Err(unreadable) => vec![unreadable.to_string()],
    };
    assert_same(&found.join("\n"), expected);
}

#[test]
fn a_symbol_that_was_guarded_against_spreadsheets_is_itself_again() {
    check(
        "symbol,date,close\n'=SUM(A1),2024-01-02,10\n'T,2024-01-02,11\n",
        "2 =SUM(A1) Date(2024-01-02) 10 10 10 10\n3 'T Date(2024-01-02) 11 11 11 11",
    );
}

#[test]
fn the_usual_headers_in_any_order_and_case() {
    check(
        "Volume,CLOSE,Adj Close,Low,High,Open,Date\n1000,10.5,9.8,10,11,10.25,2024-01-02\n",
        "2 Date(2024-01-02) 10.25 11 10 10.5 adj 9.8 vol 1000",
    );
    check(
        "\u{FEFF}\"timestamp\";\"symbol\";\"close\"\r\n\r\n\"2024-01-02T15:30:00Z\";\"msft\";\"370,5\"\r\n\"2024-01-02T15:31:00+01:00\";\"msft\";\"1.370,55\"\r\n",
        "3 MSFT Instant(2024-01-02T15:30:00Z) 370.5 370.5 370.5 370.5
         4 MSFT Instant(2024-01-02T14:31:00Z) 1370.55 1370.55 1370.55 1370.55",
    );
    check(
        ",open,high,low,close\n20130102,1,2,0.5,1.5\n2013-01-03 00:00:00,1,2,0.5,1.5\n",
        "2 Date(2013-01-02) 1 2 0.5 1.5
         3 DateTime(2013-01-03T00:00:00) 1 2 0.5 1.5",
    );
    check(
        "date,time,close\n2024-01-02,09:30,5\n2024-01-02,09:31:30,6\n",
        "2 DateTime(2024-01-02T09:30:00) 5 5 5 5
         3 DateTime(2024-01-02T09:31:30) 6 6 6 6",
    );
    check(
        "time,close\n1704207600,5\n1704207600.0,5\n1704207600123,5\n1704207600123456,5\n",
        "2 Instant(2024-01-02T15:00:00Z) 5 5 5 5
         3 Instant(2024-01-02T15:00:00Z) 5 5 5 5
         4 Instant(2024-01-02T15:00:00.123Z) 5 5 5 5
         5 Instant(2024-01-02T15:00:00.123456Z) 5 5 5 5",
    );
    check(
        "\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n\"01/31/2024\",\"1,184.40\",\"1,187.04\",\"1,187.10\",\"1,184.35\",\"55.47M\",\"-1.9%\"\n",
        "2 Date(2024-01-31) 1187.04 1187.1 1184.35 1184.4 vol 55470000",
    );
    check(
        "Date,Close/Last,Volume,Open\n01/31/2024,$184.40,,$187.04\n",
        "2 Date(2024-01-31) 187.04 187.04 184.4 184.4",
    );
}

#[test]
fn a_column_per_instrument() {
    check(
        "date,AAPL,BRK.B,MSFT\n2024-01-02,1,,3\n2024-01-03,x,2,-3\n",
        "2 AAPL Date(2024-01-02) 1 1 1 1
         2 MSFT Date(2024-01-02) 3 3 3 3
         3 unparsable_number: AAPL “x” is not a number: write it like 1234.56
         3 BRK.B Date(2024-01-03) 2 2 2 2
         3 non_positive_price: MSFT -3 is not above zero: a price is",
    );
}

#[test]
fn what_makes_no_sense_is_refused_by_its_line() {
    check(
        "date,open,high,low,close,volume\n\
         2024-01-02,10,9,11,10,1\n\
         2024-01-03,12,11,9,10,1\n\
         2024-01-04,10,11,9,8,1\n\
         2024-01-05,10.00000001,10,9,10,1\n\
         2024-01-06,0,11,9,10,1\n\
         2024-01-07,10,11,9,10,-1\n\
         2024-01-08,ten,11,9,10,1\n\
         2024-02-30,10,11,9,10,1\n\
         2024-01-09,10,11,9\n\
         ,10,11,9,10,1\n\
         2024-01-10,nan,11,9,inf,1\n\
         2024-01-11,10,11,9,null,1\n\
         2024-01-12,10,11,9,10,-\n",
        "2 high_below_low: high 9 is below low 11: are the columns exchanged?
         3 outside_range: open 12 is not between low 9 and high 11
         4 outside_range: close 8 is not between low 9 and high 11
         5 Date(2024-01-05) 10.00000001 10.00000001 9 10 vol 1
         6 non_positive_price: open 0 is not above zero: a price is
         7 negative_volume: volume -1 is negative: leave it empty when it is not known
         8 unparsable_number: open “ten” is not a number: write it like 1234.56
         9 unparsable_date: date “2024-02-30” is not a date: write it like 2024-12-31
         10 missing_field: close is missing: write the price, or leave the line out
         11 missing_field: date is missing: write it like 2024-12-31
         12 unparsable_number: close “inf” is not a number: write it like 1234.56
         13 missing_field: close is missing: write the price, or leave the line out
         14 Date(2024-01-12) 10 11 9 10",
    );
}

#[test]
fn days_and_months_are_told_apart_by_the_file() {
    check(
        "date,close\n03/04/2024,1\n04/04/2024,1\n",
        "line 2: date “03/04/2024” may be day first or month first and no date in the file settles it: set the date format in the column mapping, or write dates as 2024-12-31",
    );
    // The proof may stand far below: bars of minutes stay within a day for long.
    let minutes: String = (0..3_000).map(|_| "02/01/2024,1\n").collect();
    let file = format!("date,close\n{minutes}13/01/2024,1\n");
    let last = bars(file.as_bytes()).unwrap().last().unwrap().unwrap();
    assert_eq!(
        (last.line, last.at.date().to_string()),
        (3_002, "2024-01-13".to_owned())
    );
    let first = bars(file.as_bytes()).unwrap().next().unwrap().unwrap();
    assert_eq!(first.at.date().to_string(), "2024-01-02");
}

#[test]
fn what_is_no_price_file_is_said() {
    check("", "the file is empty");
    check(
        "2024-01-02,1,2,3\n2024-01-03,1,2,3\n",
        "no header line was found: the first line must name the columns, such as date,open,high,low,close,volume",
    );
    check(
        "date,bid_open,ask_open\n2024-01-02,1,2\n",
        "the column “close” is missing; the file has “date”, “bid_open”, “ask_open”",
    );
    check(
        "open,close\n1,2\n",
        "the column “date” is missing; the file has “open”, “close”",
    );
    let utf16: Vec<u8> = "\u{FEFF}date,close\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        bars(&*utf16).unwrap_err().to_string(),
        "the file is UTF-16: save it as UTF-8"
    );
    assert!(
        bars(&b"PK\x03\x04\0\0\0"[..])
            .unwrap_err()
            .to_string()
            .contains("not text")
    );
}

#[test]
fn an_endless_line_ends_the_reading() {
    let file = format!("date,close\n2024-01-02,1\n{}", "9".repeat(3 << 20));
    let found: Vec<String> = bars(file.as_bytes()).unwrap().map(line).collect();
    assert_same(
        &found.join("\n"),
        "2 Date(2024-01-02) 1 1 1 1
         3 line_too_long: the line is longer than 1048576 bytes: reading ends here",
    );
}

/// Gives its text and then fails, as a disk or a connection does.
#[derive(Debug)]
struct Failing(&'static [u8]);

impl std::io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Err(std::io::Error::other("unplugged"));
        }
        std::io::Read::read(&mut self.0, buffer)
    }
}

#[test]
fn a_broken_source_is_reported_once() {
    let source = std::io::BufReader::new(Failing(b"date,close\n2024-01-02,1\n"));
    let found: Vec<String> = bars(source).unwrap().map(line).collect();
    assert_same(
        &found.join("\n"),
        "2 Date(2024-01-02) 1 1 1 1
         2 read_error: the file could not be read on: unplugged",
    );
    let broken = bars(std::io::BufReader::new(Failing(b""))).unwrap_err();
    assert_eq!(broken.to_string(), "the file could not be read: unplugged");
}

/// Every price file of the reference data, by the number of bars that it holds; the file of bid and
/// ask prices has no close.
#[test]
fn reference_prices_are_read() {
    let counts = [
        ("aapl_daily_raw_1998_2021.csv", 5849),
        ("aapl_minute_20140605.csv", 686),
        ("btcusd_monthly_2012_2024.csv", 156),
        ("eurusd_hourly_2017_2018.csv", 5000),
        ("goog_daily_2004_2013.csv", 2148),
        ("ibm_daily_yahoo_2000_2013.csv", 3270),
        ("ibm_minute_20131007.csv", 453),
        ("ibm_minute_20131008.csv", 424),
        ("msft_daily_yahoo_2000_2013.csv", 3270),
        ("ppo_spy_adj_1993_2019.csv", 6765),
        // The prices that are not blank in the table of twenty instruments.
        ("ppo_stock_prices_adj_1989_2018.csv", 106_931),
        ("sp500_daily.csv", 5031),
        ("us_interest_rate.csv", 56),
    ];
    for (name, bytes) in reference_files("prices") {
        if name == "eurusd_daily_oanda_2007_2018.csv" {
            let refusal = bars(&*bytes).unwrap_err().to_string();
            assert!(
                refusal.starts_with("the column “close” is missing"),
                "{refusal}"
            );
            continue;
        }
        let found: Result<Vec<BarRow>, Rejection> = bars(&*bytes).unwrap().collect();
        let expected = counts
            .iter()
            .find(|(file, _)| *file == name)
            .map(|(_, count)| *count);
        assert_eq!(found.map(|found| found.len()).ok(), expected, "{name}");
    }
}
