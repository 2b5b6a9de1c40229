use jiff::{Timestamp, civil::Date};
use ledger::{OptionRight, Ratio, Settlement, TransactionKind};
use money::Currency;
use proptest::prelude::*;
use rust_decimal::Decimal;
use statements::{Format, OptionTerms, Row, Security, read, write_bursar_csv};

use super::support::{check, fixture};

#[test]
fn a_file_typed_by_hand() {
    check(
        b"date,type,symbol,quantity,price,fee,currency\n\
          2024-01-15,buy,msft,10,380.50,4.95,usd\n\
          2024-02-01,Dividend,MSFT,10,0.75,,USD\n\
          2024-03-01,deposit,,,,,EUR\n",
        "Bursar
         2 2024-01-15 buy MSFT 10 @ 380.5 = 3805 USD fees 4.95
         3 2024-02-01 dividend MSFT = 7.5 USD
         4 rejected missing_field: amount is missing: give the amount of money for the deposit",
    );
}

#[test]
fn every_column_in_any_order_and_case() {
    check(
        &fixture("bursar_full.csv"),
        "Bursar
         2 2024-01-15 buy SAP/DE0007164600/XETR/equity 10 @ 140 = 1400 EUR fees 5 taxes 1.4 account Depot id T-1
         3 2024-01-16 sell VTI/US9229087690/ARCX/etf 2 @ 240 = 480 USD fees 1 in EUR at 0.92 at 2024-01-16T20:59:59Z account Depot id T-2
         4 2024-02-01 dividend VTI/US9229087690 = 5.1 USD taxes 0.77
         7 2024-02-29 interest = -3.2 EUR
         8 2024-03-01 deposit = 1000 EUR
         9 2024-03-02 withdrawal = 250 EUR
         10 2024-03-03 fee = 9.99 EUR
         11 2024-03-04 tax SAP = -2 EUR
         12 2024-06-10 split NVDA 10:1 = 0 USD",
    );
    let rows = read(&fixture("bursar_full.csv")).unwrap().rows;
    assert_eq!(rows[2].note.as_deref(), Some("two lines,\n\"quoted\""));
}

#[test]
fn each_mistake_is_refused_by_its_line() {
    check(
        &fixture("bursar_mistakes.csv"),
        "Bursar
         2 rejected unparsable_date: date “2024-13-01” is not a date: write it like 2024-12-31
         3 rejected missing_field: date is missing: write it like 2024-12-31
         4 rejected unknown_type: type “gift” is not known: write buy, sell, dividend, interest, deposit, withdrawal, fee, tax or split, or say in the column mapping what it means
         5 rejected unparsable_number: quantity “ten” is not a number: write it like 1234.56
         6 rejected negative_quantity: quantity -5 is negative: the type says sell, so write 5
         7 rejected zero_quantity: quantity is zero: a buy moves shares
         8 rejected amount_mismatch: amount 990 is not quantity 10 times price 100 = 1000: correct one of the three, with the amount before fees and taxes
         9 rejected unknown_currency: currency “€” is no currency code: write three to eight letters or digits, first a letter, such as EUR
         10 rejected missing_field: symbol is missing: give a symbol or an isin for the buy
         11 rejected negative_amount: amount -5 is negative: a withdrawal states it without a sign
         12 rejected invalid_isin: isin “US0378331006” is not an ISIN (two letters, nine letters or digits and the right check digit): correct it or leave it empty
         13 rejected missing_field: ratio is missing: write new for old shares, such as 7:1 for the split
         14 rejected unparsable_ratio: ratio “seven” is not new for old shares: write it like 7:1
         15 rejected missing_field: fx_rate is missing: give the units of EUR for one USD
         16 rejected invalid_fx_rate: fx_rate -1 from USD to EUR must be above zero, and 1 within one currency
         17 rejected too_many_fields: the record has 16 fields and the header 13: put a value that contains the delimiter in quotation marks
         18 rejected number_too_large: quantity, price and amount together are too large to be kept exactly
         19 rejected missing_field: currency is missing: write a code such as EUR
         20 skipped nothing_to_record: the dividend of zero changes nothing",
    );
}

#[test]
fn every_type_of_transaction_has_its_columns() {
    check(
        &fixture("bursar_events.csv"),
        "Bursar
         2 2024-01-02 short TSLA 5 @ 200 = 1000 USD
         3 2024-01-03 cover TSLA 5 @ 190 = 950 USD
         4 2024-01-04 short AAPL 240315C00180000 [AAPL 2024-03-15 Call 180 x100] 2 @ 1.5 = 300 USD fees 1.3
         5 2024-01-05 reinvested_dividend VTI 0.5 @ 240 = 120 USD
         6 2024-01-06 stock_dividend VTI 3 = 0 USD
         7 2024-01-07 return_of_capital VTI = 12 USD
         8 2024-01-08 conversion = 1000 EUR in USD at 1.09
         9 2024-01-09 transfer_in SAP -3 = 420 EUR acquired 2019-05-06
         10 2024-01-10 transfer_out SAP 3 = 0 EUR
         11 2024-01-11 spin_off GE -> GEV/US36828A1016 1:4 = 0 USD share 0.25
         12 2024-01-12 merger TGT -> ACQ 1:2 = 20 USD
         13 2024-01-13 merger TGT = 120 USD
         14 2024-01-14 symbol_change FB -> META = 0 USD
         15 2024-01-15 assignment AAPL 240315C00180000 [AAPL 2024-03-15 Call 180 x100] 1 = 0 USD
         16 2024-01-16 exercise AAPL P [AAPL 2024-03-15 Put 180 x10] 1 = 0 USD
         17 2024-01-17 expiry AAPL P [AAPL 2024-03-15 Put 180 x10] 1 = 0 USD
         18 rejected ambiguous_type: type “transfer” may mean several things: write transfer_in or transfer_out for shares, deposit or withdrawal for cash
         19 rejected missing_field: target_symbol is missing: give the instrument that is received for the spin_off
         20 rejected missing_field: right is missing: an option has an underlying, expires_on, strike and right
         21 rejected unparsable_number: cost_share 1.5 is no part: write a number from 0 to 1
         22 rejected missing_field: settlement_currency and fx_rate is missing: give the currency received and its rate for the conversion",
    );
}

#[test]
fn amounts_may_differ_by_rounding_only() {
    let amount = |amount: &str| {
        let file = format!(
            "date,type,symbol,quantity,price,amount,currency\n2024-01-02,buy,A,3,33.33,{amount},EUR\n"
        );
        read(file.as_bytes()).unwrap().rows.len()
    };
    assert_eq!(
        [
            amount("99.99"),
            amount("100"),
            amount("100.48"),
            amount("100.5")
        ],
        [1, 1, 1, 0]
    );
}

#[test]
fn delimiters_decimal_commas_and_encodings() {
    let file = "\u{FEFF}Date;Type;Symbol;Quantity;Price;Currency;Note\r\n\
                03.04.2024;Kauf;SAP;1.000;1.234,50;EUR;\"Käse; \"\"Wurst\"\"\"\r\n";
    let expected = "Bursar
         2 2024-04-03 buy SAP 1000 @ 1234.5 = 1234500 EUR";
    check(file.as_bytes(), expected);
    let utf16: Vec<u8> = file.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&utf16, expected);
    let ansi: Vec<u8> = file
        .chars()
        .skip(1)
        .map(|c| u8::try_from(c).unwrap())
        .collect();
    check(&ansi, expected);
    check(file.replace(';', "\t").as_bytes(), expected);
}

#[test]
fn a_plain_header_outweighs_semicolons_in_notes() {
    let file = "date,type,amount,currency,note\n\
                2024-01-15,deposit,5,EUR,a; b; c; d; e; f; g; h\n\
                2024-01-16,deposit,6,EUR,a; b; c; d; e; f; g; h\n";
    check(
        file.as_bytes(),
        "Bursar
         2 2024-01-15 deposit = 5 EUR
         3 2024-01-16 deposit = 6 EUR",
    );
    let mut source = std::io::Cursor::new(file);
    let long = statements::LongFile::look(&mut source, None, None).unwrap();
    assert_eq!(long.unwrap().format(), Format::Bursar);
}

#[test]
fn ambiguous_dates_refuse_the_file() {
    let file = |dates: [&str; 2]| {
        let [one, other] = dates.map(|date| format!("{date},buy,A,1,10.5,USD"));
        format!("date,type,symbol,quantity,price,currency\n{one}\n{other}\n")
    };
    check(
        file(["03/04/2024", "05/06/2024"]).as_bytes(),
        "line 2: date “03/04/2024” may be day first or month first and no date in the file settles it: set the date format in the column mapping, or write dates as 2024-12-31",
    );
    check(
        file(["03/04/2024", "06/25/2024"]).as_bytes(),
        "Bursar
         2 2024-03-04 buy A 1 @ 10.5 = 10.5 USD
         3 2024-06-25 buy A 1 @ 10.5 = 10.5 USD",
    );
    check(
        file(["25/04/2024", "06/25/2024"]).as_bytes(),
        "date: line 2 can only be day first, line 3 only month first: write all dates in one way, best as 2024-12-31",
    );
}

#[test]
fn what_is_no_statement_is_said() {
    check(b" \n", "the file is empty");
    check(
        b"PK\x03\x04\0\0",
        "the file is not text but a ZIP archive or an Excel workbook: export it as CSV, JSON or XML in UTF-8",
    );
    check(
        b"when,what\n1,2\n",
        "the format is not recognised; known formats are Bursar CSV, Ghostfolio CSV or JSON, Interactive Brokers Flex queries and statements, Tiger Brokers statements, and the CSV exports of Bitvavo, cgt-calc, Coinbase, DEGIRO, Delta, eToro, Kraken, KuCoin, Parqet, Portfolio Performance, Revolut, Scalable Capital, Schwab, Swissquote, Trade Republic, Trading 212 and Wealthfolio. Any other CSV can be read with a column mapping that says which column holds the date, the type, the symbol and so on (columns found: “when”, “what”)",
    );
    check(
        b"date,type,symbol,quantity,price,currency\n2024-01-02,buy,\"A,1,1,EUR\n2024-01-03,buy,B,1,1,EUR\n",
        "line 2: a quotation mark is opened and never closed",
    );
    let unreadable = statements::read_as(b"date,symbol\n2024-01-02,A\n", Format::Bursar);
    assert_eq!(
        unreadable.unwrap_err().to_string(),
        "the columns “type”, “currency” are missing; the file has “date”, “symbol”"
    );
}

#[test]
fn formulas_are_defused_for_spreadsheets() {
    let mut rows = read(&fixture("bursar_full.csv")).unwrap().rows;
    rows[0].note = Some("=HYPERLINK(\"http://example.com\")".to_owned());
    rows[1].note = Some("'=already quoted".to_owned());
    let csv = write_bursar_csv(&rows);
    assert!(
        csv.contains("\"'=HYPERLINK(\"\"http://example.com\"\")\""),
        "{csv}"
    );
    assert_eq!(
        without_lines(read(csv.as_bytes()).unwrap().rows),
        without_lines(rows)
    );
}

fn without_lines(mut rows: Vec<Row>) -> Vec<Row> {
    for row in &mut rows {
        row.line = 0;
    }
    rows
}

fn decimal(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    (range, 0_u32..8).prop_map(|(units, scale)| Decimal::new(units, scale))
}

fn text() -> impl Strategy<Value = Option<String>> {
    let any = prop_oneof![
        "[ -~äöüß€\n\"',;|\t=+@-]{0,20}",
        Just("'=1+1".to_owned()),
        Just("''-x".to_owned()),
        Just("-5".to_owned()),
    ];
    any.prop_map(|text| Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

fn security() -> impl Strategy<Value = Security> {
    let isin = prop_oneof![Just(None), Just(Some("US5949181045".to_owned()))];
    let class = prop_oneof![
        Just(None),
        Just(Some("etf".to_owned())),
        Just(Some("house".to_owned()))
    ];
    let quoted = prop_oneof![Just(None), Just(Some(Currency::CHF))];
    (text(), isin, text(), text(), class, quoted).prop_map(
        |(symbol, isin, exchange, name, asset_class, currency)| Security {
            option: None,
            symbol: symbol.unwrap_or_else(|| "ABC".to_owned()).to_uppercase(),
            isin,
            exchange: exchange.map(|code| code.to_uppercase()),
            name,
            asset_class,
            currency,
        },
    )
}

fn option() -> impl Strategy<Value = OptionTerms> {
    let day = (0_i32..40_000).prop_map(|day| {
        jiff::civil::date(1950, 1, 1)
            .checked_add(jiff::Span::new().days(day))
            .unwrap()
    });
    let right = prop_oneof![Just(OptionRight::Call), Just(OptionRight::Put)];
    (text(), day, decimal(1..1_000_000), right, 1_i64..1000).prop_map(
        |(underlying, expires_on, strike, right, multiplier)| OptionTerms {
            underlying: underlying
                .unwrap_or_else(|| "ABC".to_owned())
                .to_uppercase(),
            expires_on,
            strike,
            right,
            multiplier: Decimal::from(multiplier),
        },
    )
}

/// What only some types state.
#[derive(Debug, Clone)]
struct Extras {
    option: Option<OptionTerms>,
    target: Security,
    cost_share: Option<Decimal>,
    acquired_on: Option<Date>,
    is_cash_merger: bool,
    is_negative: bool,
    has_price: bool,
}

prop_compose! {
    fn extras()(
        option in prop::option::of(option()),
        target in security(),
        cost_share in prop::option::of((0_i64..=1000).prop_map(|part| Decimal::new(part, 3))),
        acquired_on in prop::option::of(Just(jiff::civil::date(2011, 11, 11))),
        is_cash_merger in any::<bool>(),
        is_negative in any::<bool>(),
        has_price in any::<bool>(),
    ) -> Extras {
        Extras { option, target, cost_share, acquired_on, is_cash_merger, is_negative, has_price }
    }
}

prop_compose! {
    fn any_row()(
        day in 0_i32..40_000,
        kind in prop::sample::select(TransactionKind::ALL.to_vec()),
        security in security(),
        has_security in any::<bool>(),
        quantity in decimal(1..1_000_000_000),
        price in decimal(0..1_000_000_000),
        amount in decimal(1..1_000_000_000),
        extras in extras(),
        fees in decimal(-1000..1_000_000),
        taxes in decimal(-1000..1_000_000),
        rate in decimal(1..1_000_000),
        settles in any::<bool>(),
        ratio in (decimal(1..1000), decimal(1..1000)),
        moment in (prop::option::of(0_i64..86_400), -14_i64..=14),
        account in text(),
        external_id in text(),
        note in text(),
    ) -> Row {
        let date = jiff::civil::date(1950, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let (seconds, hours) = moment;
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        let is_conversion = kind == TransactionKind::Conversion;
        let row = Row {
            target: None,
            cost_share: None,
            acquired_on: None,
            line: 0,
            account,
            external_id,
            date,
            // An instant whose date in some zone is the trade date.
            executed_at: seconds.map(|seconds| {
                Timestamp::from_second(midnight.as_second() + seconds + hours * 3600).unwrap()
            }),
            kind,
            security: (kind.needs_asset() || has_security).then_some(security),
            quantity: None,
            price: None,
            amount,
            fees,
            taxes,
            currency: Currency::USD,
            settlement: (settles || is_conversion)
                .then_some(Settlement { currency: Currency::EUR, fx_rate: rate }),
            ratio: None,
            note,
        };
        with_details(row, extras, quantity, price, Ratio { to: ratio.0, from: ratio.1 })
    }
}

/// The fields that a row of its type states, as the readers make them.
fn with_details(
    mut row: Row,
    extras: Extras,
    quantity: Decimal,
    price: Decimal,
    ratio: Ratio,
) -> Row {
    use TransactionKind as Kind;
    match row.kind {
        Kind::Buy | Kind::Sell | Kind::Short | Kind::Cover | Kind::ReinvestedDividend => {
            let multiplier = extras
                .option
                .as_ref()
                .map_or(Decimal::ONE, |terms| terms.multiplier);
            row.security.as_mut().unwrap().option = extras.option;
            (row.quantity, row.price) = (Some(quantity), Some(price));
            row.amount = quantity * multiplier * price;
        }
        Kind::StockDividend
        | Kind::TransferIn
        | Kind::TransferOut
        | Kind::Exercise
        | Kind::Assignment
        | Kind::Expiry => {
            row.security.as_mut().unwrap().option = extras.option;
            row.quantity = Some(quantity);
            row.price = extras.has_price.then_some(price);
            if row.kind == Kind::TransferIn {
                row.acquired_on = extras.acquired_on;
                if extras.is_negative {
                    row.quantity = Some(-quantity);
                }
            }
        }
        Kind::Split => (row.ratio, row.amount) = (Some(ratio), Decimal::ZERO),
        Kind::SpinOff => {
            (row.ratio, row.target) = (Some(ratio), Some(extras.target));
            row.cost_share = extras.cost_share;
        }
        Kind::Merger if !extras.is_cash_merger => {
            (row.ratio, row.target) = (Some(ratio), Some(extras.target));
            row.cost_share = extras.cost_share;
        }
        Kind::SymbolChange => {
            (row.target, row.amount) = (Some(extras.target), Decimal::ZERO);
        }
        Kind::Merger | Kind::Deposit | Kind::Withdrawal | Kind::Conversion => {}
        Kind::Dividend | Kind::ReturnOfCapital | Kind::Interest | Kind::Fee | Kind::Tax => {
            if extras.is_negative {
                row.amount = -row.amount;
            }
        }
    }
    row
}

proptest! {
    #[test]
    fn reading_what_was_written_gives_the_rows(rows in prop::collection::vec(any_row(), 1..8)) {
        let csv = write_bursar_csv(&rows);
        let statement = read(csv.as_bytes()).unwrap();
        prop_assert_eq!(&statement.rejected, &vec![], "{}", csv);
        prop_assert_eq!(without_lines(statement.rows), rows, "{}", csv);
    }
}

#[test]
fn no_rows_are_a_header() {
    let csv = write_bursar_csv(&[]);
    assert_eq!(
        csv,
        "date,type,symbol,isin,exchange,name,asset_class,quantity,price,amount,fees,taxes,currency,\
         quote_currency,settlement_currency,fx_rate,ratio,target_symbol,target_isin,\
         target_exchange,target_name,target_asset_class,target_currency,cost_share,acquired_on,\
         underlying,expires_on,strike,right,multiplier,account,external_id,note\n"
    );
    let statement = read(csv.as_bytes()).unwrap();
    assert_eq!(
        (
            statement.format,
            statement.rows.len(),
            statement.rejected.len()
        ),
        (Format::Bursar, 0, 0)
    );
}
