//! Layouts that an export has had or has besides the one of its file.

use statements::{Format, read};

use super::{lines, support::assert_same};

#[track_caller]
fn check(format: Format, text: &str, expected: &str) {
    let statement = read(text.as_bytes()).unwrap();
    assert_eq!(statement.format, format, "{text}");
    assert_same(&lines(&statement), expected);
}

#[test]
fn kucoin_deposits_and_withdrawals() {
    check(
        Format::Kucoin,
        "UID,Account Type,Time(UTC+02:00),Coin,Amount,Fee,Withdrawal Address/Account,Transfer Network,Status,Remarks\n\
         u1,mainAccount,2024-01-02 01:30:00,ETH,0.5,0.002,addr,ERC20,SUCCESS,\n\
         u1,mainAccount,2024-01-03 01:30:00,ETH,0.5,0.002,addr,ERC20,FAILURE,\n",
        "2 2024-01-02 transfer_out ETH/crypto = 0 USD at 2024-01-01T23:30:00Z account u1 moves 0.5
         2 2024-01-02 transfer_out ETH/crypto = 0 USD at 2024-01-01T23:30:00Z account u1 moves 0.002
         3 skipped nothing_to_record",
    );
    check(
        Format::Kucoin,
        "Time,Coin,Network,Amount,Type,Remark,Fee\n\
         2021/03/04 10:00:00,KCS,KCC,7,Deposit,,0\n",
        "2 2021-03-04 transfer_in KCS/crypto = 0 USD at 2021-03-04T10:00:00Z moves 7",
    );
    check(
        Format::Kucoin,
        "coin_type,type,add,hash,vol,created_at\n\
         NEO,DEPOSIT,a,h,3,2018-02-03 10:00:00\n\
         NEO,WITHDRAW,a,h,1,2018-02-04 10:00:00\n\
         NEO,LOST,a,h,1,2018-02-04 10:00:00\n",
        "2 2018-02-03 transfer_in NEO/crypto = 0 USD at 2018-02-03T10:00:00Z moves 3
         3 2018-02-04 transfer_out NEO/crypto = 0 USD at 2018-02-04T10:00:00Z moves 1
         4 rejected unknown_type",
    );
}

#[test]
fn kucoin_money() {
    check(
        Format::Kucoin,
        "Order ID,Currency (Crypto),Crypto Quantity,Currency (Fiat),Fiat Amount,Fee Currency (Fiat),Fee (Fiat),Fee Currency (Crypto),Fee (Crypto),Channel,Payment Method,Status,Time(UTC)\n\
         f1,BTC,0.002,EUR,100,EUR,1,BTC,0,Card,VISA,COMPLETED,2024-01-02 10:00:00\n",
        "2 2024-01-02 buy BTC/crypto 0.002 @ 50000 = 100 EUR fees 1 at 2024-01-02T10:00:00Z id f1",
    );
    check(
        Format::Kucoin,
        "Order ID,Currency (Fiat),Currency (Crypto),Side,Price,Crypto Quantity,Fiat Amount,Status,Tax,Time(UTC)\n\
         p1,EUR,USDT,SELL,0.9,100,90,DONE,,2024-01-02 10:00:00\n",
        "2 2024-01-02 sell USDT/crypto 100 @ 0.9 = 90 EUR at 2024-01-02T10:00:00Z id p1",
    );
    check(
        Format::Kucoin,
        "Order ID,Currency (Fiat),Fiat Amount,Fee,Deposit Method,Status,Time(UTC)\n\
         d1,EUR,500,1,SEPA,SUCCESS,2024-01-02 10:00:00\n",
        "2 2024-01-02 deposit = 500 EUR fees 1 at 2024-01-02T10:00:00Z id d1",
    );
    check(
        Format::Kucoin,
        "Order ID,Currency (Fiat),Fiat Amount,Fee Currency,Fee,Withdrawal Method,Status,Time(UTC)\n\
         w1,EUR,200,EUR,1,SEPA,SUCCESS,2024-01-02 10:00:00\n",
        "2 2024-01-02 withdrawal = 200 EUR fees 1 at 2024-01-02T10:00:00Z id w1",
    );
}

#[test]
fn kucoin_earnings_and_balances() {
    check(
        Format::Kucoin,
        "UID,Account Type,Order ID,Time(UTC),Staked Coin,Product Type,Product Name,Earnings Coin,Earnings Type,Remarks,Amount,Amount（USDT）,Fee\n\
         u1,EARN,e1,2024-01-02 10:00:00,ETH,Staking,ETH2.0,ETH,Interest,,0.001,2.5,0\n",
        "2 2024-01-02 stock_dividend ETH/crypto = 2.5 USD at 2024-01-02T10:00:00Z account u1 moves 0.001",
    );
    check(
        Format::Kucoin,
        "UID,Account Type,Account Name,Coin,Amount,Amount(USDT),Time(UTC)\n\
         u1,main,Main,BTC,0.25,10000,2024-01-02 10:00:00\n\
         u1,main,Main,BTC,lots,10000,2024-01-02 10:00:00\n",
        "3 rejected unparsable_number
         2 holds 2024-01-02 BTC 0.25",
    );
    check(
        Format::Kucoin,
        "UID,Account Type,Symbol,Close Type,Realized PNL,Total Realized PNL,Total Funding Fees,Total Trading Fees,Position Opening Time(UTC),Position Closing Time(UTC)\n\
         u1,futures,XBTUSDTM,CLOSE,1,1,0,0,2024-01-02 10:00:00,2024-01-03 10:00:00\n",
        "2 rejected not_supported_yet",
    );
}

/// Executions of one order are no duplicates of each other: none carries the order's id.
#[test]
fn kucoin_executions_share_an_order() {
    check(
        Format::Kucoin,
        "UID,Account Type,Order ID,Symbol,Side,Order Type,Avg. Filled Price,Filled Amount,Filled Volume,Filled Volume (USDT),Filled Time(UTC),Fee,Tax,Maker/Taker,Fee Currency\n\
         u1,main,o1,BTC-EUR,buy,market,40000,0.001,40,43,2024-01-02 10:00:00,0.04,,TAKER,EUR\n\
         u1,main,o1,BTC-EUR,buy,market,40000,0.001,40,43,2024-01-02 10:00:00,0.04,,TAKER,EUR\n",
        "2 2024-01-02 buy BTC/crypto 0.001 @ 40000 = 40 EUR fees 0.04 at 2024-01-02T10:00:00Z account u1
         3 2024-01-02 buy BTC/crypto 0.001 @ 40000 = 40 EUR fees 0.04 at 2024-01-02T10:00:00Z account u1",
    );
}

#[test]
fn kraken_values_exchanges_of_coins_where_it_states_dollars() {
    check(
        Format::Kraken,
        "txid,refid,time,type,subtype,aclass,asset,wallet,amount,fee,balance,amountusd\n\
         L1,T1,2024-01-02 10:00:00,trade,tradespot,currency,BTC,spot / main,-0.01,0,0,-430\n\
         L2,T1,2024-01-02 10:00:00,trade,tradespot,currency,ETH,spot / main,0.2,0.0005,0.1995,428\n",
        "2 2024-01-02 sell BTC/crypto 0.01 @ 42800 = 428 USD at 2024-01-02T10:00:00Z id T1:sold
         2 2024-01-02 buy ETH/crypto 0.1995 @ 2145.363408521303 = 428 USD at 2024-01-02T10:00:00Z id T1:bought",
    );
}

#[test]
fn degiro_names_the_currency_in_the_header() {
    check(
        Format::Degiro,
        "Date,Time,Product,ISIN,Reference exchange,Venue,Quantity,Price,,Local value,,Value EUR,Exchange rate,AutoFX Fee,Transaction and/or third party fees EUR,Total EUR,Order ID,\n\
         05-03-2024,10:00,MICROSOFT CORP,US5949181045,NDQ,XNAS,2,400.0000,USD,-800.00,USD,-727.27,1.1000,-1.82,-2.00,-731.09,,aaaa-1111\n",
        "2 2024-03-05 buy US5949181045/US5949181045 2 @ 400 = 800 USD fees 4.202015757559091 in EUR at 0.9090875",
    );
}

#[test]
fn trading212_names_the_currency_in_the_header() {
    check(
        Format::Trading212,
        "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,Result (GBP),Total (GBP),Notes,ID\n\
         Deposit,2021-01-02 10:00:00,,,,,,,,,100.00,Bank,d1\n\
         Market buy,2021-01-03 10:00:00,US5949181045,MSFT,Microsoft,0.5,200.00,USD,1.25,,80.00,,e1\n",
        "2 2021-01-02 deposit = 100 GBP at 2021-01-02T10:00:00Z id d1
         3 2021-01-03 buy MSFT/US5949181045 0.5 @ 200 = 100 USD in GBP at 0.8 at 2021-01-03T10:00:00Z id e1",
    );
}
