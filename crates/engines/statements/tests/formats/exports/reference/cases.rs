//! What the files of the reference data say, booking by booking.

use statements::Format;

use super::Case;

#[rustfmt::skip]
pub(super) const KRAKEN: &[Case] = &[
    Case {
        name: "kraken_withdrawal.csv",
        format: Format::Kraken,
        header: 1,
        folded: &[],
        says: "3 2021-11-03 transfer_out BTC/crypto = 0 USD at 2021-11-03T21:02:37Z id LU6WLT-MWUUY-BVWZ6E moves 0.03076
         3 2021-11-03 transfer_out BTC/crypto = 0 USD at 2021-11-03T21:02:37Z id LU6WLT-MWUUY-BVWZ6E:fee moves 0.00015
         5 2021-11-03 transfer_out ETH/crypto = 0 USD at 2021-11-03T20:46:17Z id LZUN3G-CKFHJ-SPCPCB moves 0.35966
         5 2021-11-03 transfer_out ETH/crypto = 0 USD at 2021-11-03T20:46:17Z id LZUN3G-CKFHJ-SPCPCB:fee moves 0.0035
         7 2021-11-03 transfer_out DOT/crypto = 0 USD at 2021-11-03T21:13:25Z id LISGE7-RAPDY-QMZ626 moves 36.1477171
         7 2021-11-03 transfer_out DOT/crypto = 0 USD at 2021-11-03T21:13:25Z id LISGE7-RAPDY-QMZ626:fee moves 0.05
         2 skipped nothing_to_record
         4 skipped nothing_to_record
         6 skipped nothing_to_record",
    },
    Case {
        name: "kraken_withdrawal_account_exp.csv",
        format: Format::PortfolioPerformance,
        header: 1,
        folded: &[],
        says: "2 2021-11-03 fee ETH = 13.883116 EUR
         3 2021-11-03 fee XBT = 8.132194 EUR
         4 2021-11-03 fee DOT = 2.30064 EUR",
    },
    Case {
        name: "kraken_withdrawal_depot_normal_exp.csv",
        format: Format::PortfolioPerformance,
        header: 1,
        folded: &[],
        says: "2 2021-11-03 transfer_out ETH 0.35966 @ 3966.6047 = 1426.629046 EUR account DEPOT
         3 2021-11-03 sell ETH 0.0035 @ 3966.6047 = 13.883116 EUR account DEPOT
         4 2021-11-03 transfer_out XBT 0.03076 @ 54214.6289 = 1667.641985 EUR account DEPOT
         5 2021-11-03 sell XBT 0.00015 @ 54214.6289 = 8.132194 EUR account DEPOT
         6 2021-11-03 transfer_out DOT 36.147717 @ 46.0128 = 1663.257677 EUR account DEPOT
         7 2021-11-03 sell DOT 0.05 @ 46.0128 = 2.30064 EUR account DEPOT",
    },
    Case {
        name: "kraken_withdrawal_depot_special_exp.csv",
        format: Format::PortfolioPerformance,
        header: 1,
        folded: &[],
        says: "",
    },
    Case {
        name: "ledger_buy.csv",
        format: Format::Kraken,
        header: 1,
        folded: &[3],
        says: "2 2022-02-24 buy BTC/crypto 0.04746069 @ 31605.10097935786 = 1499.9999 EUR fees 2.4 at 2022-02-24T08:57:02Z id TTWFFE-HZX34-2EEGRM",
    },
    Case {
        name: "ledger_deposit_fiat.csv",
        format: Format::Kraken,
        header: 1,
        folded: &[],
        says: "3 2020-12-31 deposit = 1000 EUR at 2020-12-31T06:14:54Z id LYOM2B-J6VD2-YRYBOA
         5 2022-12-19 deposit = 500 EUR at 2022-12-19T09:17:22Z id LSTC6E-NHFSO-O2MWRN
         2 skipped nothing_to_record
         4 skipped nothing_to_record",
    },
    Case {
        name: "ledger_spend_receive.csv",
        format: Format::Kraken,
        header: 1,
        folded: &[3, 5],
        says: "2 2020-12-29 buy DOT/crypto 4633.18411 @ 0.1079171446955515 = 500 EUR at 2020-12-29T16:39:51Z id TSS6BTF-K6OZK-DZ6MUU
         4 2020-12-29 buy ETH/crypto 0.84894 @ 588.9697740711947 = 500 EUR at 2020-12-29T16:44:32Z id TSROARZ-BQ3DZ-JNK5UX",
    },
    Case {
        name: "trades_two_rows.csv",
        format: Format::Kraken,
        header: 1,
        folded: &[],
        says: "2 2023-06-19 buy BTC/crypto 0.00205761 @ 24299.99854199775 = 49.99992 EUR fees 0.13 at 2023-06-19T13:34:05.4856Z id T67CDX-SB6EI-XIRITS
         3 2024-03-19 buy BTC/crypto 0.00185 @ 54054.05405405405 = 100 EUR fees 0.18 at 2024-03-19T19:43:31.6798Z id TDNN5P-YWGRO-YF32BH",
    },
];

#[rustfmt::skip]
pub(super) const KUCOIN: &[Case] = &[
    Case {
        name: "deposits_2024.csv",
        format: Format::Kucoin,
        header: 1,
        folded: &[],
        says: "2 2024-01-01 transfer_in BTC/crypto = 0 USD at 2024-01-01T09:00:00Z account user123 moves 1
         2 2024-01-01 transfer_out BTC/crypto = 0 USD at 2024-01-01T09:00:00Z account user123 moves 0.001",
    },
    Case {
        name: "order_history_2019.csv",
        format: Format::Kucoin,
        header: 1,
        folded: &[],
        says: "2 rejected missing_field
         3 rejected missing_field",
    },
    Case {
        name: "order_history_2022.csv",
        format: Format::Kucoin,
        header: 1,
        folded: &[],
        says: "2 2022-04-28 sell XTZ/crypto 36.4479 @ 0.1025 = 3.73590975 USD fees 0.00373590975 at 2022-04-28T12:36:00Z
         2 2022-04-28 buy USDT/crypto 3.73217384025 @ 1 = 3.73217384025 USD at 2022-04-28T12:36:00Z
         3 2022-04-28 sell USDT/crypto 281.1367769156898952 @ 1 = 281.1367769156898952 USD at 2022-04-28T15:46:07Z
         3 2022-04-28 buy XRP/crypto 432.59183198 @ 0.64924 = 280.8559209946952 USD fees 0.2808559209946952 at 2022-04-28T15:46:07Z",
    },
    Case {
        name: "spot_orders_2024.csv",
        format: Format::Kucoin,
        header: 1,
        folded: &[],
        says: "2 2024-01-01 sell USDT/crypto 4200.42 @ 1 = 4200.42 USD at 2024-01-01T10:01:00Z account user123 id ORDER001:sold
         2 2024-01-01 buy BTC/crypto 0.1 @ 42000 = 4200 USD fees 0.42 at 2024-01-01T10:01:00Z account user123 id ORDER001:bought",
    },
    Case {
        name: "withdrawals_2024.csv",
        format: Format::Kucoin,
        header: 1,
        folded: &[],
        says: "2 2024-01-02 transfer_out BTC/crypto = 0 USD at 2024-01-02T10:00:00Z account user123 moves 0.5
         2 2024-01-02 transfer_out BTC/crypto = 0 USD at 2024-01-02T10:00:00Z account user123 moves 0.0005",
    },
];

#[rustfmt::skip]
pub(super) const TRADING212: &[Case] = &[
    Case {
        name: "BuyOrders_single_buy_equity_rights.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2025-09-23 buy AVTX/NL0015002IE0 11.26453044 @ 5.4 = 60.83 EUR at 2025-09-23T07:36:05Z id EOF39167669257",
    },
    Case {
        name: "BuyOrders_single_buy_euro_french_taxes.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2023-10-09 buy CARM/FR0010828137 14.725273 @ 13.88 = 204.39 EUR taxes 0.61 at 2023-10-09T14:28:20Z id EOF4500547227",
    },
    Case {
        name: "BuyOrders_single_buy_gbp.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2023-08-09 buy RIO/GB0007188757 0.18625698 @ 49.47 = 9.2141328006 GBP taxes 0.05 in EUR at 1.160389237868413 at 2023-08-09T15:25:08Z id EOF3224031549",
    },
    Case {
        name: "BuyOrders_single_buy_usd_time_utc.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2023-08-07 buy NVDA/US67066G1040 0.0267001 @ 453.33 = 12.103956333 USD fees 0.0220094 in EUR at 0.9087935957141798 at 2023-08-07T19:56:02Z id EOF3219953148",
    },
    Case {
        name: "CashTransactions_single_card_credit.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2024-10-27 deposit = 4.3 EUR at 2024-10-27T14:20:26Z id 5477a704-5b84-4d9b-a1bd-a41094dfb544",
    },
    Case {
        name: "CashTransactions_single_cashback.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2024-10-28 deposit = 1.74 EUR at 2024-10-28T23:59:59Z id 87a1a7ee-5b69-47b6-b4c2-c32584751178",
    },
    Case {
        name: "CashTransactions_single_deposit.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2023-08-07 deposit = 100 EUR at 2023-08-07T19:56:01Z id 6b706aa8-780c-4acf-85a0-b329506931dc",
    },
    Case {
        name: "CashTransactions_single_dividend_gbp.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2024-01-12 dividend DUKE/GG00BYZSSY63 = 4.784967964 GBP in EUR at 1.164062129967481 at 2024-01-12T13:25:07Z",
    },
    Case {
        name: "CashTransactions_single_lending_shares.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2023-08-11 interest = 0.01 EUR at 2023-08-11T21:08:18Z id 82f82014-23a3-4ddf-bc09-658419823f4c",
    },
    Case {
        name: "Invalid_invalid_action.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 rejected unknown_type",
    },
    Case {
        name: "SellOrders_single_limitsell_euro.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2023-10-09 sell O/US7561091049 0.253476 @ 50.38 = 12.77012088 USD fees 0.0211056 in EUR at 0.9475241604699057 at 2023-10-09T14:26:43Z id EOF4500546889",
    },
    Case {
        name: "SellOrders_single_stopsell_euro.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2023-10-09 sell O/US7561091049 0.253476 @ 50.38 = 12.77012088 USD fees 0.0211056 in EUR at 0.9475241604699057 at 2023-10-09T14:26:43Z id EOF4500546889",
    },
    Case {
        name: "Specials_single_scrip_stock_dividend.csv",
        format: Format::Trading212,
        header: 1,
        folded: &[],
        says: "2 2025-03-15 stock_dividend AAPL/US0378331005 = 0 USD at 2025-03-15T10:30:45.123Z id EOF45230981756 moves 0.00543478",
    },
];

#[rustfmt::skip]
pub(super) const DEGIRO: &[Case] = &[
    Case {
        name: "EN_BuyOrders_single_buy_marketfund.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[],
        says: "2 2024-08-09 buy LU0904784781/LU0904784781 0.5 @ 1 = 0.5 GBP
         2 balance 2024-08-09 116.31 GBP",
    },
    Case {
        name: "EN_CashTransactions_single_dividend.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[2],
        says: "3 2024-07-04 dividend US40434L1052/US40434L1052 = 1.38 USD taxes 0.21
         2 balance 2024-07-04 1.17 USD",
    },
    Case {
        name: "EN_SellOrders_single_sell_marketfund.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[],
        says: "2 2024-08-07 sell LU0904784781/LU0904784781 0.02 @ 1 = 0.02 GBP
         2 balance 2024-08-07 115.81 GBP",
    },
    Case {
        name: "NL_BuyOrders_single_buy_euro_en_headers.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[2],
        says: "3 2023-07-06 buy IE00B3XXRP09/IE00B3XXRP09 1 @ 77.3 = 77.3 EUR fees 1
         2 balance 2023-07-06 21.7 EUR",
    },
    Case {
        name: "NL_BuyOrders_single_buy_euro_whole_number.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[2],
        says: "3 2023-07-06 buy IE00B3XXRP09/IE00B3XXRP09 1 @ 77 = 77.3 EUR fees 1
         2 balance 2023-07-06 21.7 EUR",
    },
    Case {
        name: "NL_CashTransactions_single_deposit.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[],
        says: "2 2023-12-28 deposit = 1000 EUR
         2 balance 2023-12-28 42.92 EUR",
    },
    Case {
        name: "NL_CashTransactions_single_dividend_notax.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[],
        says: "2 2023-09-14 dividend NL0009690239/NL0009690239 = 9.57 EUR
         2 balance 2023-09-14 33.96 EUR",
    },
    Case {
        name: "NL_Invalid_no_description.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[],
        says: "2 rejected missing_field
         2 balance 2023-09-14 33.96 EUR",
    },
    Case {
        name: "NL_SellOrders_single_sell_usd.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[2],
        says: "3 2023-07-06 sell IE00B3XXRP09/IE00B3XXRP09 1 @ 77.3 = 77.3 USD fees 1
         2 balance 2023-07-06 21.7 USD",
    },
    Case {
        name: "PT_BuyOrders_single_buy_euro.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[2],
        says: "3 2023-07-06 buy IE00B3XXRP09/IE00B3XXRP09 1 @ 77.3 = 77.3 EUR fees 1
         2 balance 2023-07-06 21.7 EUR",
    },
    Case {
        name: "PT_CashTransactions_single_fee.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[],
        says: "2 2023-01-03 fee = 2.5 EUR
         2 balance 2023-01-03 102.18 EUR",
    },
    Case {
        name: "PT_SellOrders_single_sell_euro.csv",
        format: Format::Degiro,
        header: 1,
        folded: &[2],
        says: "3 2023-07-06 sell IE00B3XXRP09/IE00B3XXRP09 1 @ 77.3 = 77.3 EUR fees 1
         2 balance 2023-07-06 21.7 EUR",
    },
];

#[rustfmt::skip]
pub(super) const SCHWAB: &[Case] = &[
    Case {
        name: "brokerage_transactions_2022.csv",
        format: Format::Schwab,
        header: 2,
        folded: &[],
        says: "3 2023-04-27 buy BND 45 @ 73.7789 = 3320.05 USD
         4 2023-04-27 deposit = 7461.72 USD
         5 2023-04-20 withdrawal = 7461.72 USD
         6 2023-04-18 sell BND 10.065 @ 73.4049 = 738.82 USD fees 0.01
         7 2023-04-17 interest = 0.03 USD
         8 2023-04-10 buy BND 0.0249 @ 73.8993 = 1.84 USD
         9 2023-04-06 dividend BND = 1.84 USD
         10 2023-02-01 dividend GIS = 0.54 USD
         11 2023-01-17 dividend SWVXX = 0.98 USD
         12 2023-01-09 deposit = 25 USD
         13 2022-12-15 deposit = 980.65 USD
         14 skipped nothing_to_record",
    },
];

#[rustfmt::skip]
pub(super) const COINBASE: &[Case] = &[
    Case {
        name: "BuyOrders_single_advance_trade_buy.csv",
        format: Format::Coinbase,
        header: 4,
        folded: &[],
        says: "5 rejected amount_mismatch",
    },
    Case {
        name: "BuyOrders_single_buy_alt.csv",
        format: Format::Coinbase,
        header: 5,
        folded: &[],
        says: "6 2023-04-20 buy ETH/crypto 0.00213232 @ 1810.23 = 3.86 EUR fees 0.99 at 2023-04-20T04:05:40Z id 6637ac0d7724c7009596c364",
    },
    Case {
        name: "CashTransactions_single_deposit.csv",
        format: Format::Coinbase,
        header: 8,
        folded: &[],
        says: "9 2023-12-29 deposit = 10 EUR at 2023-12-29T20:30:38Z",
    },
    Case {
        name: "Invalid_invalid_type.csv",
        format: Format::Coinbase,
        header: 8,
        folded: &[],
        says: "9 rejected unknown_type",
    },
    Case {
        name: "SellOrders_single_sell.csv",
        format: Format::Coinbase,
        header: 8,
        folded: &[],
        says: "9 2023-07-14 sell USDC/crypto 11.275271 @ 0.8869 = 10 EUR at 2023-07-14T10:40:14Z",
    },
    Case {
        name: "Specials_retail_eth2_deprecation.csv",
        format: Format::Coinbase,
        header: 4,
        folded: &[],
        says: "5 2025-01-21 buy ETH/crypto 0.000001113544 @ 3184.30887255 = 0.00355 EUR at 2025-01-21T21:32:46Z id 6790127e539873adcdc70581
         6 2025-01-21 sell ETH2/crypto 0.000001113544 @ 3184.30887255 = 0.00355 EUR at 2025-01-21T21:32:45Z id 6790127d6c31887f25ab4567",
    },
    Case {
        name: "Specials_retail_unstake_transfer.csv",
        format: Format::Coinbase,
        header: 4,
        folded: &[],
        says: "5 2024-04-04 sell ETH2/crypto 0.00000061 @ 3104.2616559390651302605 = 0.00189 EUR at 2024-04-04T20:00:07Z id 660f06c78a810e688190e4eb
         6 2024-04-04 buy ETH/crypto 0.00000061 @ 3104.542743477622319285 = 0.00189 EUR at 2024-04-04T20:00:07Z id 660f06c7337b9697fc87887f",
    },
    Case {
        name: "Specials_single_learningreward.csv",
        format: Format::Coinbase,
        header: 8,
        folded: &[],
        says: "9 2023-04-20 stock_dividend GRT/crypto = 0.9 EUR at 2023-04-20T06:02:33Z moves 6.40204865",
    },
    Case {
        name: "Specials_single_stakereward.csv",
        format: Format::Coinbase,
        header: 8,
        folded: &[],
        says: "9 2023-05-19 stock_dividend ETH2/crypto = 0.04 EUR at 2023-05-19T18:14:56Z moves 0.00002103",
    },
    Case {
        name: "Specials_single_stakereward_alt.csv",
        format: Format::Coinbase,
        header: 8,
        folded: &[],
        says: "9 2023-05-19 stock_dividend ETH2/crypto = 0.04 EUR at 2023-05-19T18:14:56Z moves 0.00002103",
    },
];

#[rustfmt::skip]
pub(super) const TRADEREPUBLIC: &[Case] = &[
    Case {
        name: "CSV_single_bond_redemption.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-02-15 sell XS0000000001/bond 99.47 @ 1 = 99.47 EUR at 2024-02-14T23:19:02.613Z id b942010b-8906-44f8-8889-1ff3da926bb0",
    },
    Case {
        name: "CSV_single_buy_stock.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-01-16 buy US2546871060/US2546871060/equity 0.060357 @ 82.84 = 5 EUR at 2024-01-16T20:47:27.452Z id 770b8077-3e7e-4b36-a9b3-ea3ff615b07b",
    },
    Case {
        name: "CSV_single_card_transaction.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-04-21 withdrawal = 27.27 EUR at 2024-04-21T07:21:17.57461Z id 9e3705b8-65ea-410f-a92c-f39abb3706ac",
    },
    Case {
        name: "CSV_single_deposit_inbound.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2023-10-16 deposit = 1000 EUR at 2023-10-16T11:24:57.175023Z id 31ef2829-a92c-4fe0-a40b-768c112a6b5b",
    },
    Case {
        name: "CSV_single_dividend.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-01-10 dividend US2546871060/US2546871060/equity = 0.09 EUR taxes 0.02 at 2024-01-10T00:55:48.147672Z id 895b5983-4d52-4614-b521-a20eb7b7082c",
    },
    Case {
        name: "CSV_single_final_maturity.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-02-15 return_of_capital XS0000000001/bond = 99.47 EUR at 2024-02-14T23:19:02.613Z id c3d4e5f6-a7b8-9012-cdef-123456789012",
    },
    Case {
        name: "CSV_single_interest_with_tax.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-03-01 interest = 50 EUR taxes 7.5 at 2024-03-01T08:30:00.5Z id e5f6a7b8-c9d0-1234-efab-345678901234",
    },
    Case {
        name: "CSV_single_private_market_buy.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2025-10-02 buy LU0000000001/alternative 50 @ 1 = 50 EUR at 2025-10-02T10:13:50.486845Z id 8df0c0ef-191f-4227-8eef-bc250a0c0097",
    },
    Case {
        name: "CSV_single_sell_stock.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-03-10 sell US2546871060/US2546871060/equity 0.060357 @ 84.5 = 5.1 EUR at 2024-03-10T14:22:10.123Z id a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    },
    Case {
        name: "CSV_single_stockperk.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2024-06-01 deposit = 10 EUR at 2024-06-01T09:00:00Z id d4e5f6a7-b8c9-0123-defa-234567890123",
    },
    Case {
        name: "CSV_single_transfer_instant_outbound.csv",
        format: Format::TradeRepublic,
        header: 1,
        folded: &[],
        says: "2 2025-12-02 withdrawal = 10000 EUR at 2025-12-02T06:05:56.100359Z id 019addaa-e604-709b-996c-dcfab3e22262",
    },
];

#[rustfmt::skip]
pub(super) const SCALABLE: &[Case] = &[
    Case {
        name: "Prime_BuyOrders_single_buy_euro.csv",
        format: Format::Scalable,
        header: 1,
        folded: &[],
        says: "2 2021-11-20 buy US5949181045/US5949181045 2 @ 227.85 = 455.7 EUR fees 0.99 id abcde",
    },
    Case {
        name: "Prime_BuyOrders_single_buy_euro_tax.csv",
        format: Format::Scalable,
        header: 1,
        folded: &[],
        says: "2 2021-11-20 buy US5949181045/US5949181045 2 @ 227.85 = 455.7 EUR fees 0.99 taxes 2 id abcde",
    },
    Case {
        name: "Prime_CashTransactions_single_deposit.csv",
        format: Format::Scalable,
        header: 1,
        folded: &[],
        says: "2 2022-06-22 deposit = 2500 EUR id abcde",
    },
    Case {
        name: "Prime_CashTransactions_single_withdrawal.csv",
        format: Format::Scalable,
        header: 1,
        folded: &[],
        says: "2 2022-06-22 withdrawal = 2500 EUR id abcde",
    },
    Case {
        name: "Prime_SellOrders_single_sell_euro.csv",
        format: Format::Scalable,
        header: 1,
        folded: &[],
        says: "2 2021-11-20 sell US5949181045/US5949181045 2 @ 227.85 = 455.7 EUR fees 0.99 id abcde",
    },
];

#[rustfmt::skip]
pub(super) const WEALTHFOLIO: &[Case] = &[
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
pub(super) const BITVAVO: &[Case] = &[
    Case {
        name: "BuyOrders_single_buy.csv",
        format: Format::Bitvavo,
        header: 1,
        folded: &[],
        says: "2 2023-12-13 buy STORJ/crypto 34.75825253 @ 0.71746 = 24.9376558601738 EUR fees 0.0623441398262 id 16eed6ae-65f9-4a9d-8f19-bd66a75fc745",
    },
    Case {
        name: "CashTransactions_single_withdrawal.csv",
        format: Format::Bitvavo,
        header: 1,
        folded: &[],
        says: "2 2023-10-24 withdrawal = 101.88 EUR id 1e651f3e-e5be-4a87-a8fa-00e6832bdbc7",
    },
    Case {
        name: "Invalid_single_buy_pending.csv",
        format: Format::Bitvavo,
        header: 1,
        folded: &[],
        says: "2 skipped nothing_to_record",
    },
    Case {
        name: "SellOrders_single_sell.csv",
        format: Format::Bitvavo,
        header: 1,
        folded: &[],
        says: "2 2023-12-13 sell ADA/crypto 45.802549 @ 0.56714 = 25.97645763986 EUR fees 0.04645763986 id 14ae873a-4fce-4a12-ba0f-387522c67d46",
    },
    Case {
        name: "Specials_single_affiliate.csv",
        format: Format::Bitvavo,
        header: 1,
        folded: &[],
        says: "2 2023-05-15 deposit = 0.03 EUR id 2f963a7d-891a-481d-84df-90ac7aea2f8d",
    },
    Case {
        name: "Specials_single_fixedstakingreward.csv",
        format: Format::Bitvavo,
        header: 1,
        folded: &[],
        says: "2 2023-12-11 stock_dividend AXS/crypto = 0 EUR id 15895215-8c11-4497-8151-eb5e5701180e moves 0.00000272",
    },
    Case {
        name: "Specials_single_stakingreward.csv",
        format: Format::Bitvavo,
        header: 1,
        folded: &[],
        says: "2 2023-12-11 stock_dividend AXS/crypto = 0 EUR id 15895215-8c11-4497-8151-eb5e5701180e moves 0.00000272",
    },
];

#[rustfmt::skip]
pub(super) const SAMPLES: &[Case] = &[
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

#[rustfmt::skip]
pub(super) const CGT_RAW: &[Case] = &[
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
pub(super) const CGT_SCHWAB: &[Case] = &[
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
pub(super) const CGT_TRADING212: &[Case] = &[
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
