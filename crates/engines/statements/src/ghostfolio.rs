//! Ghostfolio's exports. What both have in common: an activity, its data source and its judgement.

mod csv;
mod json;

use jiff::civil::Date;
use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

pub(crate) use self::csv::{check_header, is_header, observe, read as read_csv, read_part};
pub(crate) use json::{is_export, read as read_json, syntax_error};

use crate::{
    Row, code,
    dates::Moment,
    draft::{self, Draft, product},
    model::Refusal,
    securities::{Named, filled},
    text::shown,
};

/// Where Ghostfolio gets its prices from. `MANUAL` stands for instruments that the user values.
const DATA_SOURCES: [&str; 9] = [
    "ALPHA_VANTAGE",
    "COINGECKO",
    "EOD_HISTORICAL_DATA",
    "FINANCIAL_MODELING_PREP",
    "GHOSTFOLIO",
    "GOOGLE_SHEETS",
    "MANUAL",
    "RAPID_API",
    "YAHOO",
];

/// One activity as an export states it, with its date and numbers read.
#[derive(Debug)]
struct Activity<'a> {
    line: u64,
    id: &'a str,
    account: &'a str,
    note: &'a str,
    currency: &'a str,
    data_source: &'a str,
    moment: Moment,
    kind: &'a str,
    symbol: &'a str,
    isin: &'a str,
    /// From the profile in a JSON export.
    name: &'a str,
    asset_class: &'a str,
    quote_currency: Option<Currency>,
    fee: Decimal,
    quantity: Decimal,
    unit_price: Decimal,
}

impl Activity<'_> {
    fn row(&self) -> Result<Row, Refusal> {
        let kind = self.kind()?;
        let is_manual = self.is_manual()?;
        let (currency, factor) = draft::currency("currency", self.currency)?;
        let mut draft = Draft::new(self.line, self.moment.date, kind, currency);
        let price = product(self.unit_price, factor)?;
        let fee = product(self.fee, factor)?;
        if self.quantity.is_zero() && fee.is_zero() {
            return Err(Refusal::new(
                code::NOTHING_TO_RECORD,
                format!(
                    "the {} of {} is a draft without shares",
                    shown(self.kind),
                    shown(self.symbol)
                ),
            ));
        }
        // Ghostfolio notes midnight in UTC when only the day is known.
        draft.executed_at = self
            .moment
            .at
            .filter(|_| self.moment.time != Some(jiff::civil::Time::midnight()));
        draft.account = filled(self.account);
        draft.external_id = filled(self.id);
        draft.note = filled(self.note);
        if kind == TransactionKind::Fee {
            // Ghostfolio counts the fee alone; older exports put it into the price.
            let value = product(self.quantity, price)?;
            draft.amount = Some(if fee.is_zero() { value } else { fee });
        } else {
            draft.quantity = Some(self.quantity);
            draft.price = Some(price);
            draft.fees = fee;
        }
        if !(is_manual && matches!(kind, TransactionKind::Fee | TransactionKind::Interest)) {
            self.check_symbol(is_manual)?;
            draft.security = self.named(is_manual).security();
        }
        draft.check()
    }

    fn kind(&self) -> Result<TransactionKind, Refusal> {
        Ok(match self.kind.trim().to_uppercase().as_str() {
            "BUY" => TransactionKind::Buy,
            "SELL" => TransactionKind::Sell,
            "DIVIDEND" => TransactionKind::Dividend,
            "INTEREST" => TransactionKind::Interest,
            "FEE" => TransactionKind::Fee,
            other @ ("ITEM" | "LIABILITY") => {
                return Err(Refusal::new(
                    code::NOT_SUPPORTED_YET,
                    format!(
                        "type {other} is not supported yet: enter a valuable as a buy with data \
                         source MANUAL, and leave a liability out"
                    ),
                ));
            }
            _ => {
                return Err(Refusal::new(
                    code::UNKNOWN_TYPE,
                    format!(
                        "type “{}” is not one of Ghostfolio's: write BUY, SELL, DIVIDEND, INTEREST \
                         or FEE",
                        shown(self.kind)
                    ),
                ));
            }
        })
    }

    fn is_manual(&self) -> Result<bool, Refusal> {
        let source = self.data_source.trim().to_uppercase();
        if source.is_empty() || DATA_SOURCES.contains(&source.as_str()) {
            return Ok(source == "MANUAL");
        }
        Err(Refusal::new(
            code::UNKNOWN_DATA_SOURCE,
            format!(
                "dataSource “{}” is not one of Ghostfolio's: write YAHOO, COINGECKO, MANUAL or \
                 another that it knows",
                shown(self.data_source)
            ),
        ))
    }

    /// What can be told of a symbol without asking its data source.
    fn check_symbol(&self, is_manual: bool) -> Result<(), Refusal> {
        let symbol = self.symbol.trim();
        if is_manual || symbol.is_empty() {
            return Ok(());
        }
        let source = if self.data_source.is_empty() {
            "YAHOO"
        } else {
            self.data_source
        };
        let invalid = |remedy: &str| {
            Refusal::new(
                code::INVALID_SYMBOL,
                format!(
                    "symbol “{}” is not valid for data source {source}: {remedy}",
                    shown(symbol)
                ),
            )
        };
        let spelt = symbol.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '.' | '-' | '=' | '^' | '_' | ':' | '&' | '/' | ' ')
        });
        if !spelt {
            return Err(invalid("write the ticker, such as MSFT"));
        }
        // A pair that Yahoo calls BTC-USD is BTCUSD in Ghostfolio.
        if let Some((coin, money)) = symbol.split_once('-')
            && source.eq_ignore_ascii_case("YAHOO")
            && (money.eq_ignore_ascii_case("USD")
                || money.eq_ignore_ascii_case(self.currency.trim()))
        {
            return Err(invalid(&format!("Ghostfolio writes {coin}{money}")));
        }
        Ok(())
    }

    fn named(&self, is_manual: bool) -> Named<'_> {
        // The symbol of a manual instrument is a random id or its name; the name is what people know.
        let by_name = is_manual && !self.name.is_empty();
        Named {
            symbol: if by_name { self.name } else { self.symbol },
            isin: self.isin,
            exchange: "",
            name: if is_manual && self.name.is_empty() {
                self.symbol
            } else {
                self.name
            },
            asset_class: if is_manual && self.asset_class.is_empty() {
                "alternative"
            } else {
                self.asset_class
            },
            currency: self.quote_currency,
        }
    }
}

/// Ghostfolio converts every activity into the user's currency and refuses those for which no rate
/// can exist: the euro has none before its introduction.
fn check_rate(date: Date, currency: &str, base: Option<&str>) -> Result<(), Refusal> {
    const INTRODUCTION_OF_EURO: Date = Date::constant(1999, 1, 1);
    let Some(base) = base.filter(|base| *base != currency) else {
        return Ok(());
    };
    if date >= INTRODUCTION_OF_EURO || ![base, currency].contains(&"EUR") {
        return Ok(());
    }
    Err(Refusal::new(
        code::UNAVAILABLE_EXCHANGE_RATE,
        format!(
            "no exchange rate from {currency} to {base} exists on {date}: the euro was introduced \
             on {INTRODUCTION_OF_EURO}; state the amount in the currency of the time"
        ),
    ))
}
