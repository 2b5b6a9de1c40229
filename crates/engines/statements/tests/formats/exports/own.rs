//! Small files in the layout of each export, with lines that must be refused among them.

use statements::{Format, read};

use super::{
    lines,
    support::{assert_same, fixture},
};

/// Each file with its format and what it says.
#[rustfmt::skip]
pub(crate) const FILES: &[(&str, Format, &str)] = &[
    (
        "bitvavo.csv",
        Format::Bitvavo,
        "2 2024-01-02 buy ADA/crypto 100 @ 0.5 = 50 EUR fees 0.13 id b1
         3 2024-01-03 sell ADA/crypto 40 @ 0.6 = 24 EUR fees 0.06 at 2024-01-03T10:00:00Z id b2
         4 2024-01-04 deposit = 100 EUR at 2024-01-04T10:00:00Z id b3
         5 2024-01-05 transfer_out ADA/crypto = 0 EUR at 2024-01-05T10:00:00Z id b4 moves 10
         5 2024-01-05 transfer_out ADA/crypto = 0 EUR at 2024-01-05T10:00:00Z id b4:fee moves 1
         6 2024-01-06 stock_dividend ADA/crypto = 0 EUR at 2024-01-06T10:00:00Z id b5 moves 0.5
         7 rejected not_supported_yet
         8 skipped nothing_to_record",
    ),
    (
        "cgt_calc.csv",
        Format::CgtCalc,
        "2 2024-02-09 dividend MSFT = 7.5 USD
         3 2024-01-20 split MSFT 2:1 = 0 USD
         4 2024-01-15 buy MSFT 10 @ 380.5 = 3805 USD fees 1.5
         5 2024-01-10 sell RIO 10 @ 50 = 500 GBP fees 1
         6 rejected unknown_type",
    ),
    (
        "coinbase.csv",
        Format::Coinbase,
        "7 2024-01-02 buy BTC/crypto 0.01 @ 40000 = 400 EUR fees 5.99 at 2024-01-02T10:00:00Z id c1
         8 2024-01-03 sell BTC/crypto 0.004 @ 41000 = 164 EUR fees 1 at 2024-01-03T10:00:00Z id c2
         9 2024-01-04 sell BTC/crypto 0.002 @ 41000 = 82 EUR fees 2 at 2024-01-04T10:00:00Z id c3:sold
         9 2024-01-04 buy ETH/crypto 0.04 @ 2000 = 80 EUR at 2024-01-04T10:00:00Z id c3:bought
         10 2024-01-05 stock_dividend ETH/crypto = 0.04 EUR at 2024-01-05T10:00:00Z id c4 moves 0.000021
         11 2024-01-06 transfer_out ETH/crypto = 20 EUR at 2024-01-06T10:00:00Z id c5 moves 0.01
         12 2024-01-07 transfer_in ETH/crypto = 0 EUR at 2024-01-07T10:00:00Z id c6 moves 0.02
         13 2024-01-08 withdrawal = 50 EUR fees 0.15 at 2024-01-08T10:00:00Z id c7
         14 rejected amount_mismatch
         15 rejected malformed_record
         16 rejected unknown_type",
    ),
    (
        "degiro_account.csv",
        Format::Degiro,
        "4 2024-03-05 conversion = 727.27 EUR in USD at 1.100004125015469
         5 2024-03-05 fee US5949181045/US5949181045 = 2 EUR
         6 2024-03-05 buy US5949181045/US5949181045 2 @ 400 = 800 USD
         8 2024-03-04 sell NL0010273215/NL0010273215 1 @ 901.5 = 901.5 EUR fees 1
         10 2024-03-03 dividend DE0007164600/DE0007164600 = 2.2 EUR taxes 0.58
         11 2024-03-02 fee = 2.5 EUR
         13 2024-03-02 symbol_change DE0005140008/DE0005140008 = 0 EUR into CH0038863350
         14 2024-03-01 stock_dividend DE0007164600/DE0007164600 = 0 EUR moves 3
         15 2024-03-01 withdrawal = 100 EUR
         16 2024-03-01 deposit = 1000 EUR
         17 2024-03-01 interest = -0.12 EUR
         18 rejected unknown_type
         19 rejected not_supported_yet
         2 balance 2024-03-05 0 USD
         4 balance 2024-03-05 1270.73 EUR
         7 balance 2024-03-04 2000 EUR
         9 balance 2024-03-03 1099.5 EUR
         11 balance 2024-03-02 1097.88 EUR
         14 balance 2024-03-01 1100.38 EUR
         19 balance 2024-03-01 0 USD",
    ),
    (
        "degiro_german.csv",
        Format::Degiro,
        "3 2024-03-05 buy DE0007164600/DE0007164600 1 @ 1100.5 = 1100.5 EUR fees 2
         4 2024-03-05 buy DE0007164600/DE0007164600 1 @ 1100.5 = 1100.5 EUR
         2 balance 2024-03-05 98 EUR",
    ),
    (
        "degiro_transactions.csv",
        Format::Degiro,
        "2 2024-03-05 buy US5949181045/US5949181045 2 @ 400 = 800 USD fees 2.200008250030938 in EUR at 0.9090875
         3 2024-03-04 sell NL0010273215/NL0010273215 1 @ 901.5 = 901.5 EUR fees 1
         4 2024-03-03 sell GB0007188757/GB0007188757 10 @ 50 = 500 GBP fees 0.8599931200550396 in EUR at 1.1628",
    ),
    (
        "delta.csv",
        Format::Delta,
        "2 2024-01-02 buy BTC/crypto 0.1 @ 40000 = 4000 EUR at 2024-01-02T09:00:00Z account Somewhere
         2 2024-01-02 transfer_out BNB/crypto = 0 USD at 2024-01-02T09:00:00Z account Somewhere moves 0.5
         3 2024-01-03 sell BTC/crypto 0.05 @ 42000 = 2100 USD fees 1 at 2024-01-03T09:00:00Z account Somewhere
         3 2024-01-03 buy USDC/crypto 2099 @ 1 = 2099 USD at 2024-01-03T09:00:00Z account Somewhere
         4 2024-01-04 sell MSFT/equity 2 @ 400 = 800 USD fees 1 at 2024-01-04T09:00:00Z account Broker
         5 rejected missing_field",
    ),
    (
        "etoro.csv",
        Format::Etoro,
        "2 2024-01-02 deposit = 1000 USD at 2024-01-02T10:00:00Z
         3 2024-01-13 buy MSFT/equity 1 @ 400 = 400 USD at 2024-01-13T10:00:00Z
         4 2024-01-14 sell MSFT/equity 0.5 @ 410 = 205 USD at 2024-01-14T10:00:00Z
         5 2024-01-15 fee = 0.1 USD at 2024-01-15T10:00:00Z
         6 rejected not_supported_yet",
    ),
    (
        "kraken_ledgers.csv",
        Format::Kraken,
        "3 2023-05-01 deposit = 2000 EUR at 2023-05-01T08:00:30Z id LAAAAA-00001
         4 2023-05-02 buy BTC/crypto 0.04 @ 25000 = 1000 EUR fees 2.6 at 2023-05-02T09:30:00Z id TBBBBB-22222
         6 2023-05-03 sell BTC/crypto 0.01 @ 30000 = 300 USD fees 0.78 at 2023-05-03T10:00:00Z id TCCCCC-33333
         10 2023-05-05 sell USDT/crypto 50.1 @ 1 = 50.1 USD at 2023-05-05T12:00:00Z id TEEEEE-55555:sold
         10 2023-05-05 buy DOT/crypto 10 @ 5 = 50 USD fees 0.1 at 2023-05-05T12:00:00Z id TEEEEE-55555:bought
         12 2023-05-06 conversion = 110 USD in EUR at 0.9072727272727273 at 2023-05-06T13:00:00Z id TFFFFF-66666
         14 2023-05-07 stock_dividend DOT/crypto = 0 EUR at 2023-05-07T00:00:00Z id LAAAAA-00012 moves 0.05
         15 2023-05-08 stock_dividend ETH/crypto = 0 EUR at 2023-05-08T00:00:00Z id LAAAAA-00013 moves 0.0008
         17 2023-05-09 transfer_out BTC/crypto = 0 EUR at 2023-05-09T14:00:00Z id LAAAAA-00015 moves 0.02
         17 2023-05-09 transfer_out BTC/crypto = 0 EUR at 2023-05-09T14:00:00Z id LAAAAA-00015:fee moves 0.0001
         22 2023-05-14 buy BTC/crypto 0.001 @ 25000 = 25 EUR at 2023-05-14T15:00:00Z id TOOOOO-60606
         8 rejected missing_field
         9 rejected missing_field
         19 rejected not_supported_yet
         20 rejected not_supported_yet
         21 rejected unknown_type
         2 skipped nothing_to_record
         16 skipped nothing_to_record
         18 skipped nothing_to_record",
    ),
    (
        "kraken_trades.csv",
        Format::Kraken,
        "2 2023-06-19 buy BTC/crypto 0.002 @ 25000 = 50 EUR fees 0.13 at 2023-06-19T13:34:05.4856Z id T1AAAA
         3 2023-06-20 sell ETH/crypto 0.1 @ 1800 = 180 USD fees 0.468 at 2023-06-20T10:00:00Z id T2AAAA
         4 rejected missing_field
         5 rejected not_supported_yet
         6 rejected invalid_symbol",
    ),
    (
        "kucoin_2019.csv",
        Format::Kucoin,
        "2 2019-03-04 sell USDT/crypto 5.005 @ 1 = 5.005 USD at 2019-03-04T10:27:17Z
         2 2019-03-04 buy KCS/crypto 10 @ 0.5 = 5 USD fees 0.005 at 2019-03-04T10:27:17Z
         3 rejected missing_field",
    ),
    (
        "kucoin_convert.csv",
        Format::Kucoin,
        "2 2024-03-08 sell USDT/crypto 100 @ 1 = 100 USD at 2024-03-09T01:00:00Z account u1
         2 2024-03-08 buy ETH/crypto 0.05 @ 2000 = 100 USD at 2024-03-09T01:00:00Z account u1
         3 rejected malformed_record",
    ),
    (
        "kucoin_history.csv",
        Format::Kucoin,
        "2 2024-03-01 sell USDT/crypto 100.1 @ 1 = 100.1 USD at 2024-03-01T10:00:00Z account u1
         2 2024-03-01 buy ETH/crypto 0.05 @ 2000 = 100 USD fees 0.1 at 2024-03-01T10:00:00Z account u1
         4 2024-03-02 transfer_in BTC/crypto = 0 USD at 2024-03-02T10:00:00Z account u1 moves 0.2
         5 2024-03-03 transfer_out BTC/crypto = 0 USD at 2024-03-03T10:00:00Z account u1 moves 0.1
         5 2024-03-03 transfer_out BTC/crypto = 0 USD at 2024-03-03T10:00:00Z account u1 moves 0.0002
         6 2024-03-04 stock_dividend KCS/crypto = 0 USD at 2024-03-04T10:00:00Z account u1 moves 0.3
         8 rejected not_supported_yet
         9 rejected unknown_type
         7 skipped nothing_to_record",
    ),
    (
        "kucoin_orders.csv",
        Format::Kucoin,
        "2 2024-02-01 sell USDT/crypto 1001 @ 1 = 1001 USD at 2024-01-31T17:01:00Z account u1 id OR1:sold
         2 2024-02-01 buy ETH/crypto 0.5 @ 2000 = 1000 USD fees 1 at 2024-01-31T17:01:00Z account u1 id OR1:bought
         3 2024-02-02 sell ETH/crypto 0.1 @ 2100 = 210 USD at 2024-02-02T03:00:01Z account u1 id OR2:sold
         3 2024-02-02 buy BTC/crypto 0.004995 @ 42042.04204204204 = 210 USD at 2024-02-02T03:00:01Z account u1 id OR2:bought
         4 2024-02-03 buy BTC/crypto 0.01 @ 40000 = 400 EUR at 2024-02-03T03:00:01Z account u1 id OR3
         4 2024-02-03 transfer_out KCS/crypto = 0 USD at 2024-02-03T03:00:01Z account u1 id OR3:fee moves 0.02
         5 skipped nothing_to_record",
    ),
    (
        "parqet.csv",
        Format::Parqet,
        "2 2024-01-02 buy US5949181045/US5949181045 2 @ 200.5 = 401 EUR fees 1 at 2024-01-01T23:30:00Z account scalable
         3 2024-01-03 dividend US7561091049/US7561091049 = 2.46 EUR taxes 0.6 at 2024-01-03T10:00:00Z account scalable
         4 2024-01-04 sell US5949181045/US5949181045 1 @ 210 = 210 EUR fees 1 taxes -1.5 at 2024-01-04T10:00:00Z account scalable
         5 rejected unknown_type",
    ),
    (
        "portfolio_performance_de.csv",
        Format::PortfolioPerformance,
        "2 2024-01-02 buy SAP.DE/DE0007164600 10 @ 150 = 1500 EUR fees 8 taxes 2
         3 2024-01-03 sell MSFT/US5949181045 5 @ 220 = 1100 USD fees 11 in EUR at 0.9090909090909091
         4 2024-01-04 transfer_in SAP.DE/DE0007164600 = 200 EUR moves 2
         5 2024-01-05 dividend SAP.DE/DE0007164600 = 10 EUR taxes 2
         6 2024-01-06 deposit = 5000 EUR
         7 2024-01-07 interest = -1.5 EUR
         8 2024-01-08 fee = -2.5 EUR
         9 2024-01-09 withdrawal = 100 EUR
         10 rejected unknown_type",
    ),
    (
        "portfolio_performance_en.csv",
        Format::PortfolioPerformance,
        "3 2024-01-05 dividend SAP.DE/DE0007164600 = 10 EUR taxes 2
         4 2024-01-06 withdrawal = 1000 EUR
         5 2024-01-07 tax = -3 EUR
         2 skipped nothing_to_record",
    ),
    (
        "portfolio_performance_table.csv",
        Format::PortfolioPerformance,
        "2 2024-01-02 buy SAP SE 10 @ 150 = 1500 EUR fees 8 taxes 2 account Depot
         3 2024-01-03 sell MICROSOFT 5 @ 220 = 1100 USD fees 10 account Depot",
    ),
    (
        "revolut.csv",
        Format::Revolut,
        "2 2024-01-02 deposit = 1000 USD at 2024-01-02T10:00:00Z
         3 2024-01-03 buy NVDA 2 @ 100 = 200 USD at 2024-01-03T10:00:00Z
         4 2024-01-04 split NVDA 10:1 = 0 USD at 2024-01-04T10:00:00Z
         5 2024-01-05 sell NVDA 5 @ 11 = 55 USD at 2024-01-05T10:00:00Z
         6 2024-01-06 dividend NVDA = 0.15 USD at 2024-01-06T10:00:00Z
         7 2024-01-07 fee = 0.01 USD at 2024-01-07T10:00:00Z
         9 rejected unknown_type
         8 skipped nothing_to_record",
    ),
    (
        "scalable.csv",
        Format::Scalable,
        "2 2024-01-02 buy US5949181045/US5949181045 2 @ 200.5 = 401 EUR fees 0.99 id s1
         3 2024-01-03 sell US5949181045/US5949181045 1 @ 210 = 210 EUR fees 0.99 taxes 1.5 id s2
         4 2024-01-04 dividend US5949181045/US5949181045 = 1.2 EUR taxes 0.2 id s3
         6 2024-01-06 deposit = 500 EUR id s5
         7 rejected unknown_type
         5 skipped nothing_to_record",
    ),
    (
        "schwab.csv",
        Format::Schwab,
        "3 2024-01-15 buy MSFT 10 @ 380.5 = 3805 USD fees 1
         4 2024-01-16 sell MSFT 4 @ 390 = 1560 USD fees 0.05
         5 2024-01-17 dividend MSFT = 4.5 USD
         6 2024-01-17 buy MSFT 0.0115 @ 390 = 4.49 USD
         7 2024-01-18 withdrawal = 100 USD
         8 2024-01-19 deposit = 250 USD
         9 2024-02-01 short MSFT 03/15/2024 400.00 C/option 1 @ 5 = 500 USD fees 0.66 option MSFT 2024-03-15 Call 400.00 x100
         10 2024-02-20 cover MSFT 03/15/2024 400.00 C/option 1 @ 2 = 200 USD fees 0.66 option MSFT 2024-03-15 Call 400.00 x100
         11 2024-03-04 split MSFT 2:1 = 0 USD
         13 2024-03-06 split TNXP 1:32 = 0 USD
         15 2024-03-07 merger 171439102 1:2 = 0 USD into LCID
         17 2024-03-08 symbol_change 30303M102 = 0 USD into META
         20 2024-03-10 tax MSFT = 0.68 USD
         12 rejected not_supported_yet
         19 rejected not_supported_yet
         21 rejected not_supported_yet
         22 rejected unknown_type
         23 skipped nothing_to_record",
    ),
    (
        "swissquote.csv",
        Format::Swissquote,
        "2 2024-08-09 deposit = 5000 CHF
         4 2024-08-10 conversion = 1000 CHF in USD at 1.1
         5 2024-08-11 buy MSFT/US5949181045 2 @ 400 = 800 USD fees 5
         6 2024-08-12 buy BOND/CH0038863350 1000 @ 1 = 1000 CHF fees 4
         6 2024-08-12 interest BOND/CH0038863350 = -6 CHF
         7 2024-08-13 dividend MSFT/US5949181045 = 1.5 USD taxes 0.22
         8 rejected not_supported_yet
         9 rejected unknown_type",
    ),
    (
        "trade_republic.csv",
        Format::TradeRepublic,
        "2 2024-01-02 deposit = 500 EUR at 2024-01-01T23:30:00Z id t1
         3 2024-01-03 buy US5949181045/US5949181045/equity 1.5 @ 200 = 300 EUR fees 1 at 2024-01-03T10:00:00Z id t2
         4 2024-01-04 sell US5949181045/US5949181045/equity 0.5 @ 210 = 105 EUR fees 1 taxes 0.5 at 2024-01-04T10:00:00Z id t3
         5 2024-02-15 sell XS0000000001/bond 100 @ 1.001 = 100.1 EUR at 2024-02-14T23:19:00Z id t4
         7 2024-03-01 dividend US5949181045/US5949181045/equity = 0.75 EUR taxes 0.11 at 2024-03-01T10:00:00Z id t6
         8 2024-03-02 withdrawal = 9.99 EUR at 2024-03-02T10:00:00Z id t7
         9 2024-03-03 tax = -3.21 EUR at 2024-03-03T10:00:00Z id t8
         10 2024-03-04 buy LU0904784781/LU0904784781/alternative 50 @ 1 = 50 EUR at 2024-03-04T10:00:00Z id t9
         11 rejected unknown_type
         6 skipped nothing_to_record",
    ),
    (
        "trade_republic_pytr.csv",
        Format::TradeRepublic,
        "2 2024-01-02 deposit = 1000 EUR
         3 2024-01-03 buy US5949181045/US5949181045 1.5 @ 200 = 300 EUR fees 1
         4 2024-01-04 sell US5949181045/US5949181045 0.5 @ 210 = 105 EUR fees 1 taxes 0.5
         5 2024-01-05 dividend US5949181045/US5949181045 = 0.75 EUR taxes 0.11
         6 2024-01-06 interest = 1.25 EUR
         7 2024-01-07 withdrawal = 20 EUR
         8 rejected unknown_type",
    ),
    (
        "trading212.csv",
        Format::Trading212,
        "2 2024-01-02 deposit = 1000 EUR at 2024-01-02T08:00:00Z id D1
         3 2024-01-02 buy MSFT/US5949181045 2 @ 400 = 800 USD fees 1.199 in EUR at 0.9090875051017288 at 2024-01-02T09:00:00Z id E1
         4 2024-01-03 sell MSFT/US5949181045 1 @ 410 = 410 USD fees 0.616 in EUR at 0.909097570984699 at 2024-01-03T09:00:00Z id E2
         5 2024-01-04 buy RIO/GB0007188757 10 @ 50 = 500 GBP taxes 2.5 in EUR at 1.162149253731343 at 2024-01-04T09:00:00Z id E3
         6 2024-01-05 buy TTE/FR0000120271 3 @ 60 = 180 EUR taxes 0.54 at 2024-01-05T09:00:00Z id E4
         7 2024-02-01 dividend MSFT/US5949181045 = 1 USD taxes 0.15 in EUR at 0.9058823529411765 at 2024-02-01T09:00:00Z
         8 2024-02-02 return_of_capital MSFT/US5949181045 = 0.2 EUR at 2024-02-02T09:00:00Z
         9 2024-02-03 dividend RIO/GB0007188757 = 10 GBP in EUR at 1.16 at 2024-02-03T09:00:00Z
         10 2024-02-04 withdrawal = 12.5 EUR at 2024-02-04T09:00:00Z id C1
         11 2024-02-05 tax = -0.4 EUR at 2024-02-05T09:00:00Z id R1
         12 2024-02-06 interest = -0.1 EUR at 2024-02-06T09:00:00Z id R2
         13 2024-02-07 conversion = 99.85 EUR fees 0.15 in USD at 1.081622433650476 at 2024-02-07T09:00:00Z id X1
         15 2024-03-01 split NVDA/US67066G1040 10:1 = 0 USD at 2024-03-01T09:00:01Z id S2
         16 2024-03-02 transfer_out NVDA/US67066G1040 5 @ 95 = 475 USD at 2024-03-02T09:00:00Z id T1
         17 2024-03-03 stock_dividend NVDA/US67066G1040 = 0 USD at 2024-03-03T09:00:00Z id T2 moves 1
         18 rejected amount_mismatch
         19 rejected unknown_type",
    ),
    (
        "wealthfolio.csv",
        Format::Wealthfolio,
        "2 2024-01-02 buy MSFT/equity 10 @ 380.5 = 3805 USD fees 4.95
         3 2024-01-03 sell MSFT/equity 2 @ 390 = 780 USD fees 1
         4 2024-01-04 reinvested_dividend VTI/etf 1 @ 1.5 = 1.5 USD
         5 2024-01-05 fee = -5 USD
         6 2024-01-06 deposit = 5 USD
         7 2024-01-07 split NVDA/equity 10:1 = 0 USD
         8 rejected not_supported_yet",
    ),
    (
        "wealthfolio_holdings.csv",
        Format::Wealthfolio,
        "4 rejected unparsable_number
         2 holds 2024-03-31 MSFT 30
         3 balance 2024-03-31 5000 EUR",
    ),
];

pub(crate) fn file(name: &str) -> Vec<u8> {
    fixture(&format!("exports/{name}"))
}

#[test]
fn every_file_says_what_is_expected() {
    for (name, format, expected) in FILES {
        let statement = read(&file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(statement.format, *format, "{name}");
        eprintln!("{name}");
        assert_same(&lines(&statement), expected);
    }
}

#[test]
fn every_export_has_a_file() {
    for export in statements::exports() {
        assert!(
            FILES.iter().any(|(_, format, _)| *format == export.format),
            "{}",
            export.title
        );
        let name = serde_json::to_value(export.format).unwrap();
        assert_eq!(name.as_str(), Some(export.name));
    }
}

/// Messages name the place and the remedy.
#[test]
fn refusals_say_what_is_wrong() {
    for (name, line, words) in [
        (
            "kraken_ledgers.csv",
            8,
            "the exchange of BTC for ETH was worth in money",
        ),
        ("kraken_ledgers.csv", 20, "has one side only"),
        ("kucoin_convert.csv", 3, "write it like 0.5 ETH"),
        (
            "trading212.csv",
            18,
            "the total 900.00 is not what shares, price, charges and rate come to, 727.2727",
        ),
        (
            "trading212.csv",
            19,
            "type “Market dance” is not one that Trading 212 is known to write",
        ),
        (
            "degiro_account.csv",
            19,
            "the other side of this exchange of currency is not in the file",
        ),
        (
            "schwab.csv",
            12,
            "the split of NVDA states 9 new shares but not its ratio",
        ),
        (
            "schwab.csv",
            19,
            "a conversion needs one line of shares given up",
        ),
        ("coinbase.csv", 15, "do not say what was received"),
        ("bitvavo.csv", 7, "a trade for BTC instead of money"),
        ("etoro.csv", 6, "contracts for difference"),
    ] {
        let statement = read(&file(name)).unwrap();
        let found = statement.rejected.iter().find(|found| found.line == line);
        let message = &found.unwrap_or_else(|| panic!("{name} {line}")).message;
        assert!(message.contains(words), "{name} {line}: {message}");
    }
}

/// What notes keep that no figure can.
#[test]
fn what_cannot_be_booked_is_noted() {
    let statement = read(&file("trading212.csv")).unwrap();
    let note = |line| {
        let row = statement.rows.iter().find(|row| row.line == line).unwrap();
        row.note.clone().unwrap_or_default()
    };
    assert_eq!(
        note(9),
        "after 1.00 USD of withholding tax, for which no rate is stated"
    );
    assert_eq!(note(10), "Corner shop");
}

#[test]
fn a_file_of_another_export_lacks_columns() {
    let error = statements::read_as(&file("kraken_ledgers.csv"), Format::Schwab).unwrap_err();
    let statements::Unreadable::MissingColumns { missing, header } = error else {
        panic!("{error}");
    };
    assert!(missing.contains(&"feescomm".to_owned()), "{missing:?}");
    assert_eq!(header[0], "txid");
}

/// Only what is known not to be a booking is left out; any other word is shown to a person.
#[test]
fn a_status_that_is_not_known_is_refused() {
    for (name, from) in [
        ("scalable.csv", "Cancelled"),
        ("bitvavo.csv", "Canceled"),
        ("kucoin_orders.csv", "cancelled"),
    ] {
        let text = String::from_utf8(file(name)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{name}");
        let with = |status: &str| read(text.replace(from, status).as_bytes()).unwrap();
        let before = with(from);
        for known in ["PENDING", "Rejected", "expired", "In Progress"] {
            let left_out = with(known);
            assert_eq!(
                left_out.skipped.len(),
                before.skipped.len(),
                "{name} {known}"
            );
        }
        for other in ["Partially cancelled", "Abgerechnet"] {
            let refused = with(other);
            assert_eq!(refused.rows, before.rows, "{name} {other}");
            assert_eq!(
                refused.skipped.len() + 1,
                before.skipped.len(),
                "{name} {other}"
            );
            let found = refused
                .rejected
                .iter()
                .find(|found| found.code == statements::code::UNKNOWN_STATUS)
                .unwrap_or_else(|| panic!("{name}: {other} is not refused"));
            assert!(found.message.contains(other), "{}", found.message);
        }
    }
}
