//! What the files of brokers say, booking by booking.

use statements::Format;

use crate::exports::reference::Case;

#[rustfmt::skip]
pub(in crate::exports::reference) const TRADING212: &[Case] = &[
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
pub(in crate::exports::reference) const DEGIRO: &[Case] = &[
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
pub(in crate::exports::reference) const SCHWAB: &[Case] = &[
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
pub(in crate::exports::reference) const TRADEREPUBLIC: &[Case] = &[
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
pub(in crate::exports::reference) const SCALABLE: &[Case] = &[
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
