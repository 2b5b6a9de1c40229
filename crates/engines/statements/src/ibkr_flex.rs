//! Interactive Brokers Flex queries in XML.
//!
//! Read are trades (`Trades`, `TradeConfirms`), cash transactions and corporate actions; all other
//! sections restate these or show balances, except transfers and option exercises, which are refused
//! one by one. Where a query exports several levels of detail, the finest is read and the sums are
//! passed over. Times of day in a Flex query carry no time zone, so rows have a date and no instant.
//!
//! `fxRateToBase` is not needed: Interactive Brokers keeps a cash balance in every currency, so no
//! row settles in another currency than its own.

mod cash;
mod corporate;
mod elements;
mod trades;

use std::collections::HashSet;

use jiff::civil::Date;
use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

pub(crate) use elements::syntax_error;
use elements::{Element, Tag};

use crate::{
    Format, Row, Security, Statement, Unreadable, code, dates,
    draft::{self, Draft, too_large},
    model::Refusal,
    numbers::{self, Style},
    securities::Named,
    text::shown,
};

/// True for a text whose root element is that of a Flex query.
pub(crate) fn is_flex(text: &str) -> bool {
    elements::root(text)
        .is_some_and(|root| matches!(root.as_str(), "FlexQueryResponse" | "FlexStatementResponse"))
}

pub(crate) fn read(text: &str) -> Result<Statement, Unreadable> {
    let elements = elements::read(text)?;
    let mut statement = Statement::new(Format::IbkrFlex);
    let has_level = |tag: fn(Tag) -> bool, level: &'static str| -> HashSet<usize> {
        let at_level = |e: &&Element| tag(e.tag) && e.level() == level;
        elements
            .iter()
            .filter(at_level)
            .map(|e| e.statement)
            .collect()
    };
    let executed = has_level(Tag::is_trade, elements::FINEST);
    let detailed = has_level(|tag| tag == Tag::CashTransaction, elements::FINEST);
    let actions = corporate::group(&elements);
    for element in &elements {
        let level = element.level();
        let restates = match element.tag {
            Tag::Trade | Tag::Order | Tag::TradeConfirm => {
                // Beside orders there are closed lots and sums, which are never trades.
                level != elements::FINEST
                    && (level != "ORDER" || executed.contains(&element.statement))
            }
            Tag::CashTransaction => {
                level != elements::FINEST && detailed.contains(&element.statement)
            }
            _ => false,
        };
        if restates {
            continue;
        }
        let outcomes = match element.tag {
            Tag::Trade | Tag::Order | Tag::TradeConfirm => trades::rows(element),
            Tag::CashTransaction => cash::row(element).map(|row| vec![row]),
            Tag::CorporateAction => corporate::row(element, &actions),
            Tag::Transfer => Err(unsupported(element, "a transfer of positions or cash")),
            Tag::OptionExercise => Err(unsupported(element, "an option's exercise or expiry")),
        };
        match outcomes {
            Ok(rows) => rows
                .into_iter()
                .for_each(|row| statement.take(element.line, Ok(row))),
            Err(refusal) => statement.take(element.line, Err(refusal)),
        }
    }
    Ok(statement)
}

fn unsupported(element: &Element, what: &str) -> Refusal {
    Refusal::new(
        code::NOT_SUPPORTED_YET,
        format!(
            "{} is {what}, which is not supported yet: enter its effect by hand",
            element.label()
        ),
    )
}

impl Element {
    /// How a message calls the element.
    fn label(&self) -> String {
        let name = match self.tag {
            Tag::CorporateAction => self.get("description").or(self.get("symbol")),
            _ => self.get("symbol").or(self.get("description")),
        };
        match (name, self.get("tradeID").or(self.get("transactionID"))) {
            (Some(name), Some(id)) => format!("{} {id} ({})", self.tag.name(), shown(name)),
            (Some(name), None) => format!("{} of {}", self.tag.name(), shown(name)),
            (None, Some(id)) => format!("{} {id}", self.tag.name()),
            (None, None) => self.tag.name().to_owned(),
        }
    }

    fn need(&self, key: &str) -> Result<&str, Refusal> {
        self.get(key).ok_or_else(|| {
            Refusal::missing(
                key,
                &format!("add it to the Flex query, {} needs it", self.label()),
            )
        })
    }

    fn number(&self, key: &str) -> Result<Option<Decimal>, Refusal> {
        self.get(key)
            .map(|text| numbers::parse(key, text, Style::POINT))
            .transpose()
    }

    fn currency(&self) -> Result<Currency, Refusal> {
        draft::currency("currency", self.need("currency")?).map(|(currency, _)| currency)
    }

    /// The date in the first of the attributes that is there.
    fn date(&self, keys: &[&str]) -> Result<Date, Refusal> {
        let found = keys
            .iter()
            .find_map(|key| self.get(key).map(|text| (*key, text)));
        let Some((key, text)) = found else {
            return Err(Refusal::missing(
                keys.first().unwrap_or(&"date"),
                &format!("add it to the Flex query, {} needs it", self.label()),
            ));
        };
        dates::parse(key, text, None).map(|moment| moment.date)
    }

    /// The instrument; `None` for cash without one.
    fn security(&self) -> Option<Security> {
        let kind = self.get("subCategory").unwrap_or_default().to_uppercase();
        let asset_class = match (self.category().as_str(), kind.as_str()) {
            (_, "ETF") => "etf",
            ("FUND", _) => "fund",
            ("BOND" | "BILL", _) => "bond",
            ("CRYPTO", _) => "crypto",
            // Without a finer word a stock may just as well be an exchange-traded fund.
            ("STK", "COMMON" | "STOCK" | "ADR" | "PREFERRED") => "equity",
            _ => "",
        };
        let symbol = self.get("symbol")?;
        Named {
            symbol,
            isin: self
                .get("isin")
                .or(self.get("securityID"))
                .unwrap_or_default(),
            exchange: self.get("listingExchange").unwrap_or_default(),
            name: self.security_name(),
            asset_class,
            currency: None,
        }
        .security()
    }

    /// The description of a trade names the instrument, that of a payment the payment.
    fn security_name(&self) -> &str {
        if self.tag.is_trade() {
            self.get("description").unwrap_or_default()
        } else {
            ""
        }
    }

    /// Stocks are the default: queries with few fields leave the category out.
    fn category(&self) -> String {
        self.get("assetCategory").unwrap_or("STK").to_uppercase()
    }

    fn draft(&self, date: Date, kind: TransactionKind, currency: Currency) -> Draft {
        let mut draft = Draft::new(self.line, date, kind, currency);
        draft.account.clone_from(&self.account);
        draft.external_id = ["transactionID", "tradeID", "ibExecID"]
            .iter()
            .find_map(|key| self.get(key))
            .map(str::to_owned);
        draft
    }
}

fn difference(a: Decimal, b: Decimal) -> Result<Decimal, Refusal> {
    a.checked_sub(b).ok_or_else(too_large)
}

type Rows = Result<Vec<Row>, Refusal>;
