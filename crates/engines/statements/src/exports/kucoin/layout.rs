//! Which of `KuCoin`'s exports a file is.

use super::super::sheet::Sheet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Orders,
    FiatTrade,
    Convert,
    Deposits,
    Withdrawals,
    OldMoves,
    FiatDeposits,
    FiatWithdrawals,
    Earnings,
    Staking,
    History,
    Assets,
    Margin,
}

pub(crate) const LAYOUTS: &[&str] = &[
    // Orders and executions, newest layout first.
    "uid accounttype orderid symbol side avgfilledprice filledamount filledvolume filledtime fee",
    "orderid timefilled symbol side filledprice filledamount filledvolume fee feecurrency",
    "tradecreatedat symbol side price size funds fee feecurrency",
    "time pair side filledprice filledpricecoin amount volume fee feecoin",
    "oid symbol dealprice dealvalue amount fee direction createddate",
    "uid symbol ordertype price amountcoin direction funds fee createdat",
    "uid symbol direction dealprice amount dealvalue createdat",
    // Purchases with a card, through third parties and from other users.
    "orderid currencycrypto cryptoquantity currencyfiat fiatamount status time",
    "uid accounttype paymentaccount sell buy price timeofupdate status",
    // Deposits and withdrawals.
    "uid accounttype time coin amount fee transfernetwork status remarks",
    "time coin amount type remark !uid",
    "cointype type add hash vol createdat",
    "orderid currencyfiat fiatamount fee depositmethod status time",
    "orderid currencyfiat fiatamount fee withdrawalmethod status time",
    // Interest and balances.
    "uid accounttype orderid time stakedcoin earningscoin earningstype amount fee",
    "uid accounttype stakedtime stakedcoin producttype amount redemptiontime status",
    "uid accounttype currency side amount fee time remark",
    "uid accounttype accountname coin amount time",
    // Futures and loans.
    "uid accounttype orderid filledtime symbol side filledamount filledprice filledvolume feerate fee",
    "uid accounttype symbol closetype realizedpnl totalrealizedpnl",
    "uid accounttype orderid coin amount interest dailyinterest term timefilled status",
];

/// Judged by the columns that only one of the layouts has.
pub(super) fn layout_of(sheet: &Sheet) -> Layout {
    let has = |name: &str| sheet.has(name);
    if has("realizedpnl") || has("feerate") || has("dailyinterest") || is_futures_bot(sheet) {
        Layout::Margin
    } else if has("cryptoquantity") {
        Layout::FiatTrade
    } else if has("depositmethod") {
        Layout::FiatDeposits
    } else if has("withdrawalmethod") {
        Layout::FiatWithdrawals
    } else if has("paymentaccount") {
        Layout::Convert
    } else if has("earningscoin") {
        Layout::Earnings
    } else if has("stakedtime") {
        Layout::Staking
    } else if has("accountname") {
        Layout::Assets
    } else if has("currency") && has("side") {
        Layout::History
    } else if has("cointype") {
        Layout::OldMoves
    } else if has("coin") {
        if has("withdrawaladdressaccount walletaddressaccount walletaddress") {
            Layout::Withdrawals
        } else {
            Layout::Deposits
        }
    } else {
        Layout::Orders
    }
}

/// A bot's trades in futures have the columns of its spot trades but for one.
fn is_futures_bot(sheet: &Sheet) -> bool {
    sheet.has("timefilled") && sheet.has("filledvolume") && !sheet.has("tax")
}
