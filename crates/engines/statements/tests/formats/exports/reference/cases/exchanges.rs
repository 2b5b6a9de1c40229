//! What the files of exchanges of coins say, booking by booking.

use statements::Format;

use crate::exports::reference::Case;

#[rustfmt::skip]
pub(in crate::exports::reference) const KRAKEN: &[Case] = &[
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
pub(in crate::exports::reference) const KUCOIN: &[Case] = &[
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
pub(in crate::exports::reference) const COINBASE: &[Case] = &[
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
pub(in crate::exports::reference) const BITVAVO: &[Case] = &[
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
