//! Crypto currencies: what is money, and what an exchange of one thing for another books.

use ledger::{Settlement, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Row, Security, code,
    dates::Moment,
    draft::Draft,
    model::Refusal,
    securities::{Named, filled},
    text::shown,
};

use super::sums::{minus, plus, positive_rate};

/// Money of states that exchanges take.
const FIAT: &str = "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EUR GBP GEL HKD HUF IDR ILS INR \
                    ISK JPY KES KRW KZT MXN MYR NGN NOK NZD PEN PHP PKR PLN RON RUB SAR SEK SGD THB \
                    TRY TWD UAH USD VND ZAR";

/// Coins that are redeemed at one dollar each, which is what they are valued at here.
const DOLLAR_COINS: &str = "BUSD DAI FDUSD GUSD PYUSD TUSD USDC USDP USDT";

pub(crate) fn is_fiat(code: &str) -> bool {
    FIAT.split(' ').any(|fiat| fiat == code)
}

fn is_dollar_coin(code: &str) -> bool {
    DOLLAR_COINS.split(' ').any(|coin| coin == code)
}

/// The coin as an instrument.
pub(crate) fn coin(symbol: &str) -> Option<Security> {
    Named {
        symbol,
        asset_class: "crypto",
        ..Named::default()
    }
    .security()
}

/// One side of an exchange: what went or came before the fee, and the fee in the same thing.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) asset: String,
    pub(crate) quantity: Decimal,
    pub(crate) fee: Decimal,
}

/// An exchange of one thing for another, either of them money or a coin.
#[derive(Clone, Debug)]
pub(crate) struct Swap<'a> {
    pub(crate) line: u64,
    pub(crate) id: &'a str,
    pub(crate) account: &'a str,
    pub(crate) note: &'a str,
    pub(crate) moment: Moment,
    pub(crate) sold: Leg,
    pub(crate) bought: Leg,
    /// What the file says the exchange was worth, in money.
    pub(crate) value: Option<(Decimal, Currency)>,
}

impl Swap<'_> {
    /// Coins for money are a purchase, money for coins a sale, money for money a conversion, and
    /// coins for coins a sale and a purchase at the same value, which must be known.
    pub(crate) fn rows(&self) -> Result<Vec<Row>, Refusal> {
        let (sold, bought) = (&self.sold, &self.bought);
        match (is_fiat(&sold.asset), is_fiat(&bought.asset)) {
            (true, true) => self.conversion(),
            (true, false) => {
                let mut buy = self.draft(TransactionKind::Buy, currency(&sold.asset)?, "");
                buy.security = coin(&bought.asset);
                buy.quantity = Some(minus(bought.quantity, bought.fee)?);
                buy.amount = Some(sold.quantity);
                buy.fees = sold.fee;
                Ok(vec![buy.check()?])
            }
            (false, true) => {
                let mut sale = self.draft(TransactionKind::Sell, currency(&bought.asset)?, "");
                sale.security = coin(&sold.asset);
                sale.quantity = Some(plus(sold.quantity, sold.fee)?);
                sale.amount = Some(bought.quantity);
                sale.fees = bought.fee;
                Ok(vec![sale.check()?])
            }
            (false, false) => self.coin_for_coin(),
        }
    }

    fn conversion(&self) -> Result<Vec<Row>, Refusal> {
        let (sold, bought) = (&self.sold, &self.bought);
        let received = minus(bought.quantity, bought.fee)?;
        let mut draft = self.draft(TransactionKind::Conversion, currency(&sold.asset)?, "");
        draft.amount = Some(sold.quantity);
        draft.fees = sold.fee;
        draft.settlement = Some(Settlement {
            currency: currency(&bought.asset)?,
            fx_rate: positive_rate(received, sold.quantity)?,
        });
        Ok(vec![draft.check()?])
    }

    /// Both legs carry the same cash, so that no money comes or goes.
    fn coin_for_coin(&self) -> Result<Vec<Row>, Refusal> {
        let (sold, bought) = (&self.sold, &self.bought);
        let (money, proceeds, fees, cost, cost_fees);
        if is_dollar_coin(&bought.asset) {
            money = Currency::USD;
            (proceeds, fees) = (bought.quantity, bought.fee);
            (cost, cost_fees) = (minus(bought.quantity, bought.fee)?, Decimal::ZERO);
        } else if is_dollar_coin(&sold.asset) {
            money = Currency::USD;
            (proceeds, fees) = (plus(sold.quantity, sold.fee)?, Decimal::ZERO);
            (cost, cost_fees) = (sold.quantity, sold.fee);
        } else if let Some((value, stated_in)) = self.value {
            money = stated_in;
            (proceeds, fees) = (value, Decimal::ZERO);
            (cost, cost_fees) = (value, Decimal::ZERO);
        } else {
            return Err(self.unvalued());
        }
        let mut sale = self.draft(TransactionKind::Sell, money, "sold");
        sale.security = coin(&sold.asset);
        sale.quantity = Some(plus(sold.quantity, sold.fee)?);
        (sale.amount, sale.fees) = (Some(proceeds), fees);
        let mut purchase = self.draft(TransactionKind::Buy, money, "bought");
        purchase.security = coin(&bought.asset);
        purchase.quantity = Some(minus(bought.quantity, bought.fee)?);
        (purchase.amount, purchase.fees) = (Some(cost), cost_fees);
        Ok(vec![sale.check()?, purchase.check()?])
    }

    fn unvalued(&self) -> Refusal {
        let (sold, bought) = (shown(&self.sold.asset), shown(&self.bought.asset));
        Refusal::new(
            code::MISSING_FIELD,
            format!(
                "value is missing: the file does not say what the exchange of {sold} for {bought} \
                 was worth in money; enter a sell of {sold} and a buy of {bought} at their value \
                 on that day"
            ),
        )
    }

    fn draft(&self, kind: TransactionKind, currency: Currency, part: &str) -> Draft {
        let mut draft = Draft::new(self.line, self.moment.date, kind, currency);
        draft.executed_at = self.moment.at;
        // Two bookings of one exchange need an id each.
        draft.external_id = filled(self.id).map(|id| match part {
            "" => id,
            part => format!("{id}:{part}"),
        });
        draft.account = filled(self.account);
        draft.note = filled(self.note);
        draft
    }
}

pub(crate) fn currency(code: &str) -> Result<Currency, Refusal> {
    crate::draft::currency("currency", code).map(|(currency, _)| currency)
}

/// Coins that came or went without an exchange.
#[derive(Clone, Debug)]
pub(crate) struct Movement<'a> {
    pub(crate) line: u64,
    pub(crate) id: &'a str,
    pub(crate) account: &'a str,
    pub(crate) note: &'a str,
    pub(crate) moment: Moment,
    pub(crate) asset: &'a str,
    pub(crate) quantity: Decimal,
    /// In the same asset, on top of what went and out of what came.
    pub(crate) fee: Decimal,
    /// Money in which coins that move without a stated value are noted.
    pub(crate) money: Currency,
    /// What the coins were worth, where stated.
    pub(crate) value: Option<Decimal>,
}

impl Movement<'_> {
    /// Money comes as a deposit, coins as a transfer in whose cost is unknown. A negative quantity
    /// is what went.
    pub(crate) fn transfer(&self) -> Result<Vec<Row>, Refusal> {
        let goes = self.quantity < Decimal::ZERO;
        if is_fiat(self.asset) {
            let kind = if goes {
                TransactionKind::Withdrawal
            } else {
                TransactionKind::Deposit
            };
            let mut draft = self.draft(kind, currency(self.asset)?);
            draft.amount = Some(self.quantity.abs());
            draft.fees = self.fee;
            return Ok(vec![draft.check()?]);
        }
        let kind = if goes {
            TransactionKind::TransferOut
        } else {
            TransactionKind::TransferIn
        };
        let mut draft = self.draft(kind, self.money);
        draft.security = coin(self.asset);
        draft.quantity = Some(self.quantity.abs());
        // What coins were worth on arrival is not what they had cost.
        draft.amount = self.value.filter(|_| goes).map(|value| value.abs());
        let mut rows = vec![draft.check()?];
        rows.extend(self.fee_in_coins()?);
        Ok(rows)
    }

    /// Coins earned by staking, lending or as a present; money earned is interest.
    pub(crate) fn reward(&self) -> Result<Vec<Row>, Refusal> {
        let earned = minus(self.quantity, self.fee)?;
        let mut draft;
        if is_fiat(self.asset) {
            draft = self.draft(TransactionKind::Interest, currency(self.asset)?);
            draft.amount = Some(earned);
        } else {
            draft = self.draft(TransactionKind::StockDividend, self.money);
            draft.security = coin(self.asset);
            draft.quantity = Some(earned);
            draft.amount = self.value;
        }
        Ok(vec![draft.check()?])
    }

    /// A fee taken in coins leaves the account like a transfer: its value is not stated, and the
    /// coins that arrive elsewhere are those of the transfer itself.
    pub(crate) fn fee_in_coins(&self) -> Result<Option<Row>, Refusal> {
        if self.fee.is_zero() {
            return Ok(None);
        }
        let mut draft = self.draft(TransactionKind::TransferOut, self.money);
        draft.security = coin(self.asset);
        draft.quantity = Some(self.fee);
        draft.external_id = filled(self.id).map(|id| format!("{id}:fee"));
        draft.note = Some("fee taken in coins".to_owned());
        draft.check().map(Some)
    }

    fn draft(&self, kind: TransactionKind, currency: Currency) -> Draft {
        let mut draft = Draft::new(self.line, self.moment.date, kind, currency);
        draft.executed_at = self.moment.at;
        draft.external_id = filled(self.id);
        draft.account = filled(self.account);
        draft.note = filled(self.note);
        draft
    }
}
