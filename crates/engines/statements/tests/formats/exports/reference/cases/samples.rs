//! What the files of collected samples say, booking by booking.

use statements::Format;

use crate::exports::reference::Case;

#[rustfmt::skip]
pub(in crate::exports::reference) const SAMPLES: &[Case] = &[
    Case {
        name: "coinbase.csv",
        format: Format::Coinbase,
        header: 1,
        folded: &[],
        says: "2 2025-01-17 stock_dividend ETH/crypto = 0.12649 EUR at 2025-01-17T16:57:02Z id 678a8bdefcb176007bfdbXXX moves 0.000037835729
         3 2025-01-14 stock_dividend ETH/crypto = 0.07027 EUR at 2025-01-14T16:36:01Z id 67869271463b8adc50c0dXXX moves 0.000022652183
         4 2025-01-07 transfer_out ETH2/crypto = 597.49846 EUR at 2025-01-07T19:26:56Z id 677d8000e36ea79e78611XXX moves 0.180914809326
         5 2025-01-07 transfer_in ETH/crypto = 0 EUR at 2025-01-07T19:26:56Z id 677d8000bda4f9ffd19c1XXX moves 0.180914809326
         6 2024-12-05 sell BTC/crypto 0.00363125 @ 96847.405873901104437015 = 351.66322 EUR fees 12.73624 at 2024-12-05T06:33:40Z id 67514944a3f9bf34890d8XXX:sold
         6 2024-12-05 buy XRP/crypto 156.145683 @ 2.170581814932405 = 338.92698 EUR at 2024-12-05T06:33:40Z id 67514944a3f9bf34890d8XXX:bought
         7 2023-05-28 sell ETH/crypto 0.17305191 @ 1723.885226 = 298.32163 EUR fees 0.1025 at 2023-05-28T06:23:38Z id 6472f36a1328dd00010f9XXX:sold
         7 2023-05-28 buy ETH2/crypto 0.17305191 @ 1723.292912513939 = 298.21913 EUR at 2023-05-28T06:23:38Z id 6472f36a1328dd00010f9XXX:bought
         8 2022-03-25 buy BTC/crypto 0.00166779 @ 39999.331136545 = 67.01 EUR fees 2.99 at 2022-03-25T06:45:27Z id 623d6507925c200001fcbXXX
         9 2022-03-25 buy BTC/crypto 0.00166779 @ 39999.331136545 = 67.01 USD fees 2.99 at 2022-03-25T06:45:27Z id 623d6507925c200001fcbXXX",
    },
    Case {
        name: "delta.csv",
        format: Format::Delta,
        header: 1,
        folded: &[],
        says: "4 2023-05-26 transfer_out DOT/crypto = 0 USD at 2023-05-26T06:08:15Z moves 0.1
         4 2023-05-26 transfer_out DOT/crypto = 0 USD at 2023-05-26T06:08:15Z moves 0.001
         5 2023-05-09 stock_dividend BTC/crypto = 0 USD at 2023-05-09T18:51:31Z moves 0.001
         6 2023-05-08 buy AAPL/equity 5 @ 250 = 1250 USD at 2023-05-08T19:00:00Z account eToro
         7 2023-05-08 deposit = 5000 USD at 2023-05-08T19:00:00Z account eToro
         8 2023-05-08 dividend AAPL/equity = 2.5 USD fees 0.5 at 2023-05-08T19:00:00Z account eToro
         2 rejected missing_field
         3 rejected missing_field",
    },
    Case {
        name: "etoro.csv",
        format: Format::Etoro,
        header: 1,
        folded: &[],
        says: "2 2024-01-01 interest = 0.08 USD at 2024-01-01T05:50:54Z
         3 2024-01-02 dividend NKE/equity = 0.17 USD at 2024-01-02T00:10:33Z
         4 2024-01-02 dividend NKE/equity = 0.16 USD at 2024-01-02T00:10:33Z
         5 2024-01-03 dividend LRCX/equity = 0.51 USD at 2024-01-03T00:04:03Z
         7 2024-01-03 fee = 1.36 USD at 2024-01-03T13:09:09Z
         8 2024-01-03 withdrawal = 100.11 USD at 2024-01-03T13:09:09Z
         9 2024-01-07 dividend NXPI/equity = 0.28 USD at 2024-01-07T13:21:57Z
         10 2024-01-07 dividend NXPI/equity = 0.04 USD at 2024-01-07T13:21:57Z
         11 2024-01-09 sell OLED/equity 0.102626 @ 179.5841209829868 = 18.43 USD at 2024-01-09T15:30:40Z
         12 2024-01-09 sell AMAT/equity 0.002556 @ 148.6697965571205 = 0.38 USD at 2024-01-09T15:36:54Z
         13 2024-01-09 buy AMD/equity 0.337209 @ 147.9201326180499 = 49.88 USD at 2024-01-09T15:37:16Z
         14 2024-01-09 buy SLAB/equity 0.219575 @ 124.6498918365023 = 27.37 USD at 2024-01-09T15:37:25Z
         15 2024-01-09 buy SWKS/equity 0.888488 @ 105.3700218798678 = 93.62 USD at 2024-01-09T15:40:09Z
         16 2024-01-10 dividend DIS/equity = 0.14 USD at 2024-01-10T00:11:24Z
         17 2024-01-10 dividend DIS/equity = 0.29 USD at 2024-01-10T00:11:24Z
         18 2024-01-16 dividend HST/equity = 0.07 USD at 2024-01-16T00:17:08Z
         19 2024-01-16 sell AMD/equity 0.388423 @ 157.7404015725124 = 61.27 USD at 2024-01-16T20:08:09Z
         20 2024-01-17 dividend KER/equity = 0.03 USD at 2024-01-17T00:04:27Z
         21 2024-01-17 dividend KER/equity = 0.01 USD at 2024-01-17T00:04:28Z
         22 2024-01-17 dividend KER/equity = 0.01 USD at 2024-01-17T00:04:28Z
         24 2020-04-15 fee = 0.1 USD at 2020-04-15T00:46:41Z
         26 2020-05-19 fee = 0.31 USD at 2020-05-19T00:51:22Z
         27 2020-05-20 fee = -0.21 USD at 2020-05-20T01:31:04Z
         29 2025-07-10 tax HNKE/equity = 6.97 USD at 2025-07-10T15:15:01Z
         23 rejected not_supported_yet
         25 rejected not_supported_yet
         28 rejected not_supported_yet
         6 skipped nothing_to_record",
    },
    Case {
        name: "parqet.csv",
        format: Format::Parqet,
        header: 1,
        folded: &[],
        says: "2 2024-08-02 buy LU2089238203/LU2089238203 17.83803 @ 28.03 = 500 EUR at 2024-08-02T07:00:00.001Z account trade_republic
         3 2024-08-02 buy IE00BM67HT60/IE00BM67HT60 0.078433 @ 75.35 = 5.91 EUR at 2024-08-02T07:00:00Z account trade_republic
         4 2024-08-02 buy LU2089238203/LU2089238203 0.250089 @ 28.03 = 7.01 EUR at 2024-08-02T07:00:00Z account trade_republic
         5 2024-07-23 buy IE00BM67HT60/IE00BM67HT60 0.00036 @ 83.33 = 0.03 EUR at 2024-07-23T07:00:00Z account trade_republic
         6 2024-07-16 buy IE00BM67HT60/IE00BM67HT60 1.162925 @ 85.99 = 100 EUR at 2024-07-16T07:00:00.001Z account trade_republic
         7 2024-07-16 buy LU2089238203/LU2089238203 16.747613 @ 29.86 = 500 EUR at 2024-07-16T07:00:00Z account trade_republic
         8 2024-07-16 buy IE00BM67HT60/IE00BM67HT60 0.094894 @ 85.99 = 8.16 EUR at 2024-07-16T07:00:00Z account trade_republic
         9 2024-07-15 dividend US7561091049/US7561091049 = 9.66 EUR taxes 2.48 at 2024-07-15T07:00:00Z account trade_republic
         10 2024-07-09 buy IE00BM67HT60/IE00BM67HT60 0.10941 @ 86.92 = 9.51 EUR at 2024-07-09T07:00:00Z account trade_republic
         11 2024-07-02 buy LU2089238203/LU2089238203 17.050298 @ 29.33 = 500 EUR at 2024-07-02T07:00:00.001Z account trade_republic
         12 2024-07-02 buy IE00BM67HT60/IE00BM67HT60 0.079526 @ 84.5 = 6.72 EUR at 2024-07-02T07:00:00Z account trade_republic
         13 2024-07-02 buy LU2089238203/LU2089238203 0.511508 @ 29.33 = 15 EUR at 2024-07-02T07:00:00Z account trade_republic
         14 2024-06-24 buy IE00BM67HT60/IE00BM67HT60 0.103435 @ 82.66 = 8.55 EUR at 2024-06-24T07:00:00Z account trade_republic
         15 2024-06-17 buy IE00BM67HT60/IE00BM67HT60 1.184974 @ 84.39 = 100 EUR at 2024-06-17T07:00:00.001Z account trade_republic
         16 2024-06-17 dividend US02079K3059/US02079K3059 = 1.11 EUR taxes 0.27 at 2024-06-17T07:00:00Z account trade_republic
         17 2024-06-17 buy LU2089238203/LU2089238203 17.190991 @ 29.09 = 500 EUR at 2024-06-17T07:00:00Z account trade_republic
         18 2024-06-17 buy IE00BM67HT60/IE00BM67HT60 0.298613 @ 84.39 = 25.2 EUR at 2024-06-17T07:00:00Z account trade_republic
         19 2024-06-14 dividend US7561091049/US7561091049 = 9.76 EUR taxes 2.5 at 2024-06-14T07:00:00Z account trade_republic
         20 2024-06-04 sell DE0008404005/DE0008404005 6 @ 263 = 1578 EUR fees 1 taxes 14.83 at 2024-06-04T12:04:00Z
         21 2024-06-03 buy LU2089238203/LU2089238203 17.655367 @ 28.32 = 500 EUR at 2024-06-03T12:03:00Z
         22 2024-06-03 buy LU2089238203/LU2089238203 0.47846 @ 28.32 = 13.55 EUR at 2024-06-03T12:01:00Z
         23 2024-05-21 dividend DE0007164600/DE0007164600 = 26.4 EUR at 2024-05-21T04:38:00Z
         24 2024-05-16 buy LU2089238203/LU2089238203 17.510068 @ 28.56 = 500 EUR at 2024-05-15T22:41:00Z
         25 2024-05-16 sell IL0011582033/IL0011582033 14 @ 22.88 = 320.32 EUR fees 1 taxes -12.64 at 2024-05-15T22:39:00Z
         26 2024-05-16 dividend US0378331005/US0378331005/GETTEX = 1.61 EUR taxes 0.42 at 2024-05-15T22:37:00Z
         27 2024-05-15 dividend US7561091049/US7561091049 = 9.6 EUR taxes 2.51 at 2024-05-14T22:35:00Z
         28 2024-05-11 dividend DE0008404005/DE0008404005 = 82.8 EUR taxes 11.46 at 2024-05-10T22:34:00Z",
    },
    Case {
        name: "revolut-invest.csv",
        format: Format::Revolut,
        header: 1,
        folded: &[],
        says: "2 2019-12-02 withdrawal = 30.93 USD at 2019-12-02T08:23:08.459586Z
         3 2019-11-15 deposit = 5.22 USD at 2019-11-15T23:15:55.878985Z
         4 2023-09-22 buy O 1.63453043 @ 52.07 = 85.11 USD at 2023-09-22T13:30:10.514Z
         5 2023-07-14 sell MA 0.1998348 @ 402.13 = 80.34 USD at 2023-07-14T13:30:00.797Z
         6 2019-12-13 dividend MSFT = 0.08 USD at 2019-12-13T08:40:00.835101Z
         7 2021-09-01 fee = 0.01 USD at 2021-09-01T07:40:54.539038Z
         10 2023-09-09 withdrawal = 0.01 USD at 2023-09-09T07:59:34.452648Z
         12 2025-06-05 buy TSLA 0.56217674 @ 88.94 = 50 EUR at 2025-06-05T07:26:04.809Z
         13 2025-09-08 buy MSFT 0.76672417 @ 26.09 = 20 EUR at 2025-09-08T07:29:03.333Z
         9 rejected not_supported_yet
         8 skipped nothing_to_record
         11 skipped nothing_to_record",
    },
    Case {
        name: "traderepublic.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-11-30 withdrawal = 10.84 EUR
         3 2024-11-26 deposit = 0.01 EUR
         4 2024-07-23 buy IE00BKX55T58/IE00BKX55T58 0.052361 @ 95.49091881362082 = 5 EUR
         5 2024-11-29 sell IE00BKX55T58/IE00BKX55T58 0.104341 @ 103.4971871076566 = 10.799 EUR
         6 2024-07-16 buy IE00BKX55T58/IE00BKX55T58 0.05198 @ 96.19084263178145 = 5 EUR
         7 2024-09-25 dividend IE00BKX55T58/IE00BKX55T58 = 0.03 EUR
         8 2025-01-16 buy LU1829221024/LU1829221024 0.2989 @ 83.64 = 24.999996 EUR
         9 2024-12-10 sell US88160R1014/US88160R1014 0.2625 @ 334.15 = 87.714375 EUR fees 1
         10 2024-12-02 buy SI0031102120/SI0031102120 5 @ 137.85 = 689.25 EUR fees 1",
    },
    Case {
        name: "trading212.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2023-12-18 deposit = 31 EUR at 2023-12-18T11:45:06.326Z id 30c841b3-068d-44f0-9809-e75638e211cd
         3 2023-12-18 buy CSCO/US17275R1023 0.029053 @ 49.96 = 1.45148788 USD in EUR at 0.9163011405923693 at 2023-12-18T14:30:03.613Z id EOF7504196256
         4 2023-12-18 buy VICI/US9256521090 0.041014 @ 31.93 = 1.30957702 USD in EUR at 0.9163264028563971 at 2023-12-18T14:30:06.892Z id EOF7504199130
         5 2023-12-18 buy ASTS/US00217D1000 0.29764 @ 5.39 = 1.6042796 USD in EUR at 0.9162991289049615 at 2023-12-18T14:30:07.812Z id EOF7504199794
         6 2023-12-26 sell ASTR/US04634X2027 0.61254 @ 1.26 = 0.7718004 USD in EUR at 0.9069702477479929 at 2023-12-26T14:30:05.104Z id EOF7802023054
         7 2023-12-27 dividend MAIN/US56035L1044 = 0.04549682 USD taxes 0.01 in EUR at 0.8451461285827857 at 2023-12-27T12:05:25Z
         8 2023-12-28 dividend UNP/US9078181081 = 0.041134612 USD taxes 0.01 in EUR at 0.9635578564460672 at 2023-12-28T09:32:51Z
         9 2024-01-12 dividend INRG/IE00B1XNHC34 = 0.17674081412 GBP in EUR at 99.97690735996481 at 2024-01-12T14:14:14Z
         10 2023-11-06 interest = 0.01 EUR at 2023-11-06T22:06:41.36Z id 8ffba791-cfc3-4002-b65d-bd63cf483d9d
         11 rejected unknown_currency
         12 rejected unknown_currency
         13 rejected missing_field
         14 rejected not_supported_yet",
    },
];
