//! What the files of other programs say, booking by booking.

use statements::Format;

use crate::exports::reference::Case;

#[rustfmt::skip]
pub(in crate::exports::reference) const WEALTHFOLIO: &[Case] = &[
    Case {
        name: "happy_path_import.csv",
        format: Format::Wealthfolio,
        header: 1,
        folded: &[],
        says: "2 2024-01-15 buy MSFT/equity 10 @ 380.5 = 3805 USD fees 4.95
         3 2024-01-20 buy AAPL/equity 5 @ 185.25 = 926.25 USD fees 4.95
         4 2024-02-01 dividend MSFT/equity = 0.75 USD
         5 2024-02-15 deposit = 1000 USD
         6 2024-03-01 sell AAPL/equity 2 @ 175 = 350 USD fees 4.95
         7 2024-03-10 buy VOO/equity 3 @ 450 = 1350 USD
         8 2024-03-15 withdrawal = 500 USD
         9 2024-04-01 reinvested_dividend VOO/equity 1 @ 1.5 = 1.5 USD
         10 2024-04-15 sell MSFT/equity 5 @ 410 = 2050 USD fees 4.95
         11 2024-05-01 interest = 12.5 USD
         12 2024-06-01 buy TD.TO/equity 10 @ 85 = 850 CAD fees 9.99",
    },
    Case {
        name: "sample_holdings_import.csv",
        format: Format::Wealthfolio,
        header: 1,
        folded: &[],
        says: "2 holds 2024-03-31 AAPL 50
         3 holds 2024-03-31 MSFT 30
         4 holds 2024-03-31 VOO 20
         5 holds 2024-03-31 TD.TO 100
         8 holds 2024-06-30 AAPL 55
         9 holds 2024-06-30 MSFT 30
         10 holds 2024-06-30 VOO 25
         11 holds 2024-06-30 TD.TO 100
         6 balance 2024-03-31 5000 USD
         7 balance 2024-03-31 2500 CAD
         12 balance 2024-06-30 3200 USD
         13 balance 2024-06-30 2500 CAD",
    },
    Case {
        name: "sample_import.csv",
        format: Format::Wealthfolio,
        header: 1,
        folded: &[],
        says: "2 2024-01-15 buy AAPL/equity 10 @ 185.5 = 1855 USD fees 4.95
         3 2024-01-20 buy MSFT/equity 5 @ 380 = 1900 USD fees 4.95
         4 2024-02-01 dividend AAPL/equity = 2.4 USD
         5 2024-02-15 sell AAPL/equity 5 @ 192 = 960 USD fees 4.95
         6 2024-03-01 deposit = 5000 USD
         7 2024-03-15 withdrawal = 1000 USD
         8 2024-04-01 interest = 12.5 USD
         9 2024-04-15 fee = 25 USD
         10 2024-05-01 transfer_in GOOGL/equity 2 @ 140 = 280 USD
         11 2024-05-15 split NVDA/equity 3:1 = 0 USD
         12 2024-06-01 tax = 150 USD
         13 2024-06-15 fee = -50 USD
         14 2024-07-01 buy TD.TO/equity 20 @ 85 = 1700 CAD fees 9.99
         15 2024-07-15 reinvested_dividend VTI/equity 50 @ 1.25 = 62.5 USD",
    },
    Case {
        name: "semicolon_delimiter.csv",
        format: Format::Wealthfolio,
        header: 1,
        folded: &[],
        says: "2 2024-01-15 buy MSFT/equity 10 @ 380.5 = 3805 USD fees 4.95
         3 2024-01-20 buy AAPL/equity 5 @ 185.25 = 926.25 USD fees 4.95
         4 2024-02-01 dividend MSFT/equity = 0.75 USD
         5 2024-02-15 deposit = 1000 USD
         6 2024-03-01 sell AAPL/equity 2 @ 175 = 350 USD fees 4.95
         7 2024-03-10 buy VOO/equity 3 @ 450 = 1350 USD
         8 2024-03-15 withdrawal = 500 USD
         9 2024-04-01 reinvested_dividend VOO/equity 1 @ 1.5 = 1.5 USD
         10 2024-04-15 sell MSFT/equity 5 @ 410 = 2050 USD fees 4.95
         11 2024-05-01 interest = 12.5 USD
         12 2024-06-01 buy TD.TO/equity 10 @ 85 = 850 CAD fees 9.99",
    },
];

#[rustfmt::skip]
pub(in crate::exports::reference) const CGT_RAW: &[Case] = &[
    Case {
        name: "test_data.csv",
        format: Format::CgtCalc,
        header: 1,
        folded: &[],
        says: "2 2023-02-09 dividend OPRA = 3360 USD
         3 2022-11-14 sell META 19 @ 116 = 2204 USD fees 0.05
         4 2022-11-14 sell META 1 @ 116 = 116 USD
         5 2022-11-10 sell META 19 @ 107 = 2033 USD fees 0.05
         6 2022-11-10 sell META 1 @ 107 = 107 USD
         7 2022-08-15 buy META 105 @ 180.5 = 18952.5 USD
         8 2022-08-10 sell META 50 @ 179 = 8950 USD fees 0.2
         9 2022-07-26 dividend OTGLY = 9.679785 USD
         10 2022-06-06 split AMZN 210:1 = 0 USD
         11 2022-05-15 buy FB 104 @ 198.62 = 20656.48 USD
         12 2022-05-11 buy BABA 10 @ 82.5 = 825 USD
         13 2022-05-09 buy OPRA 60 @ 5.35 = 321 USD
         14 2022-05-09 buy BABA 5 @ 85.5 = 427.5 USD
         15 2022-05-09 buy BABA 15 @ 85.5 = 1282.5 USD
         16 2022-05-09 buy OPRA 60 @ 5.35 = 321 USD
         17 2022-05-03 buy AMZN 1 @ 2480 = 2480 USD",
    },
];

#[rustfmt::skip]
pub(in crate::exports::reference) const CGT_SCHWAB: &[Case] = &[
    Case {
        name: "2023_transactions.csv",
        format: Format::Schwab,
        header: 1,
        folded: &[],
        says: "2 2022-03-01 deposit = 1000000 USD
         3 2023-10-09 buy BAR 300 @ 135.0075 = 40502.27 USD fees 1.34
         4 2023-10-24 sell BAR 300 @ 140.35 = 42105 USD fees 1.34
         5 2023-12-01 buy FOO 500 @ 90.1234 = 45061.7 USD
         6 2024-01-08 sell FOO 500 @ 100.0001 = 50000.08 USD fees 1.23
         7 2024-02-06 buy QUX 1300 @ 160.1275 = 208165.81 USD fees 1.12
         8 2024-02-26 sell QUX 1300 @ 170.3521 = 221457.79 USD fees 1.2",
    },
];

#[rustfmt::skip]
pub(in crate::exports::reference) const CGT_TRADING212: &[Case] = &[
    Case {
        name: "2024_transactions.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2024-01-01 deposit = 3000 GBP at 2024-01-01T00:15:20.149Z id xxxxxxxxxxxx05
         3 2024-01-01 buy FOO/US0000000002 24 @ 124.01 = 2976.24 USD fees 5.8982859 in GBP at 0.7985377510021525 at 2024-01-01T16:10:05.175Z id EOF999999099
         4 2024-01-01 interest = 0.04 GBP at 2024-01-01T11:05:03.126Z id ffffffff-ffff-ffff-ffff-ffffffffffff
         5 2024-01-04 tax = -0.75 GBP at 2024-01-04T13:12:49.174Z id 090f8f76-e24f-4507-b6c9-adc02a969b7f
         6 2024-03-23 dividend FOO/US0000000002 = 0.74 USD taxes 0.02 in GBP at 0.1527777777777778 at 2024-03-23T18:35:26Z
         7 2024-04-29 sell FOO/US0000000002 24 @ 164.01 = 3936.24 USD fees 5.8982859 in GBP at 0.798531076506837 at 2024-04-29T13:20:03.075Z id EOF999999099
         8 2024-05-26 withdrawal = 2000 GBP at 2024-05-26T16:18:16.235Z id ffffffff-ffff-ffff-ffff-ffffffffff99",
    },
];
