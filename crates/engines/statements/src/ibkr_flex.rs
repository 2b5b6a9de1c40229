//! Interactive Brokers Flex queries in XML.
//!
//! Read are trades (`Trades`, `TradeConfirms`), option events, cash transactions, taxes, corporate
//! actions, transfers, open positions and cash balances; the other sections restate these. Where a
//! query exports several levels of detail, the finest is read and the sums are passed over. Elements
//! that are not known are refused once each. Times of day in a Flex query carry no time zone, so rows
//! have a date and no instant.
//!
//! `fxRateToBase` is not needed: Interactive Brokers keeps a cash balance in every currency, so only
//! exchanges of currencies settle in another currency than their own.

mod cash;
mod corporate;
mod elements;
mod option_events;
mod stated;
mod trades;
mod transfers;

use std::collections::HashSet;

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;

use elements::Tag;
pub(crate) use elements::{Document, Element, syntax_error};

use crate::{
    Format, Security, Statement, Unreadable, code, dates,
    draft::{self, Draft},
    fills,
    ibkr::actions,
    model::Refusal,
    numbers::{self, Style},
    option_symbols,
    securities::Named,
    text::shown,
};

/// True for a text whose root element is that of a Flex query.
pub(crate) fn is_flex(text: &str) -> bool {
    elements::root(text)
        .is_some_and(|root| matches!(root.as_str(), "FlexQueryResponse" | "FlexStatementResponse"))
}

pub(crate) fn read(text: &str) -> Result<Statement, Unreadable> {
    Ok(statement_of(&elements::read(text)?, Format::IbkrFlex))
}

/// The statement behind the elements of a query, whatever form the query was exported in.
pub(crate) fn statement_of(document: &Document, format: Format) -> Statement {
    let mut statement = Statement::new(format);
    let levels = Levels::of(&document.elements);
    let taxed = cash::taxed_trades(&document.elements);
    let (mut traded, mut legs) = (Vec::new(), Vec::new());
    for element in document
        .elements
        .iter()
        .filter(|element| !levels.is_restated(element))
    {
        let outcome = match element.tag {
            Tag::Trade | Tag::Order | Tag::TradeConfirm => {
                trades::take(element, &mut traded, &mut statement)
            }
            Tag::CorporateAction => corporate::leg(element).map(|leg| legs.push(leg)),
            Tag::CashTransaction => {
                statement.take(element.line, cash::row(element));
                Ok(())
            }
            // The section for taxes on trades says what the trades say already.
            Tag::TransactionTax if taxed.contains(&(element.statement, element.get("symbol"))) => {
                Ok(())
            }
            Tag::TransactionTax | Tag::SalesTax => {
                statement.take(element.line, cash::tax(element));
                Ok(())
            }
            Tag::Transfer => {
                statement.take(element.line, transfers::row(element));
                Ok(())
            }
            Tag::OptionExercise
            | Tag::OpenPosition
            | Tag::CashBalance
            | Tag::Equity
            | Tag::Statement
            | Tag::AccountInformation => Ok(()),
        };
        if let Err(refusal) = outcome {
            statement.take(element.line, Err(refusal));
        }
    }
    option_events::add(&document.elements, &mut traded, &mut statement);
    actions::take(&mut statement, legs);
    fills::take(&mut statement, traded);
    stated::take(&document.elements, &mut statement);
    document.unknown.refuse("element", &mut statement);
    fills::sort_by_line(&mut statement);
    statement
}

/// Which statements of the file state their trades and payments one by one.
struct Levels {
    executed: HashSet<usize>,
    detailed: HashSet<usize>,
    transferred: HashSet<usize>,
}

impl Levels {
    fn of(elements: &[Element]) -> Self {
        let finest = |has_tag: fn(Tag) -> bool| {
            let is_finest = |e: &&Element| has_tag(e.tag) && e.level() == elements::FINEST;
            elements
                .iter()
                .filter(is_finest)
                .map(|e| e.statement)
                .collect()
        };
        Self {
            executed: finest(Tag::is_trade),
            detailed: finest(|tag| tag == Tag::CashTransaction),
            transferred: finest(|tag| tag == Tag::Transfer),
        }
    }

    /// True for a sum of what other elements state.
    fn is_restated(&self, element: &Element) -> bool {
        let level = element.level();
        let is_sum = level != elements::FINEST;
        match element.tag {
            // Beside orders there are closed lots and sums, which are never trades.
            Tag::Trade | Tag::Order | Tag::TradeConfirm => {
                is_sum && (level != "ORDER" || self.executed.contains(&element.statement))
            }
            Tag::CashTransaction => is_sum && self.detailed.contains(&element.statement),
            Tag::Transfer => is_sum && self.transferred.contains(&element.statement),
            _ => false,
        }
    }
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
        let name = self.get("symbol").or(self.get("description"));
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

    /// The number in the first of the attributes that is there.
    fn first_number(&self, keys: &[&str]) -> Result<Option<Decimal>, Refusal> {
        keys.iter()
            .find(|key| self.get(key).is_some())
            .map_or(Ok(None), |key| self.number(key))
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

    /// The broker's id of the booking.
    fn id(&self) -> Option<String> {
        ["transactionID", "tradeID", "ibExecID"]
            .iter()
            .find_map(|key| self.get(key))
            .map(str::to_owned)
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
        Named {
            symbol: self.get("symbol").unwrap_or_default(),
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

    /// The instrument, with the terms of an option, which must be complete.
    fn instrument(&self) -> Result<Option<Security>, Refusal> {
        let mut security = self.security();
        if let (true, Some(found)) = (self.is_option(), &mut security) {
            option_symbols::adopt(found, self.option_terms()?);
        }
        Ok(security)
    }

    fn is_option(&self) -> bool {
        matches!(self.category().as_str(), "OPT" | "FOP")
    }

    fn option_terms(&self) -> Result<crate::OptionTerms, Refusal> {
        let multiplier = self.number("multiplier")?;
        let stated = match (
            self.get("underlyingSymbol"),
            self.get("expiry"),
            self.number("strike")?,
            self.get("putCall").and_then(option_symbols::right),
        ) {
            (Some(underlying), Some(expiry), Some(strike), Some(right)) => {
                Some(crate::OptionTerms {
                    underlying: underlying.to_uppercase(),
                    expires_on: dates::parse("expiry", expiry, None)?.date,
                    strike: strike.normalize(),
                    right,
                    multiplier: multiplier
                        .filter(|value| *value > Decimal::ZERO)
                        .unwrap_or(Decimal::ONE_HUNDRED),
                })
            }
            _ => None,
        };
        let words = [self.get("symbol"), self.get("description")];
        stated
            .or_else(|| {
                let mut words = words.into_iter().flatten();
                words.find_map(|text| option_symbols::parse(text, multiplier))
            })
            .ok_or_else(|| {
                Refusal::missing(
                    "strike",
                    &format!(
                        "add strike, expiry, putCall, multiplier and underlyingSymbol to the Flex \
                         query, {} is an option",
                        self.label()
                    ),
                )
            })
    }

    /// The description of a trade or position names the instrument, that of a payment the payment.
    fn security_name(&self) -> &str {
        if self.tag.is_trade() || matches!(self.tag, Tag::OpenPosition | Tag::Transfer) {
            self.get("description").unwrap_or_default()
        } else {
            ""
        }
    }

    /// Stocks are the default: queries with few fields leave the category out.
    fn category(&self) -> String {
        self.get("assetCategory").unwrap_or("STK").to_uppercase()
    }

    fn draft(&self, date: Date, kind: ledger::TransactionKind, currency: Currency) -> Draft {
        let mut draft = Draft::new(self.line, date, kind, currency);
        draft.account.clone_from(&self.account);
        draft.external_id = self.id();
        draft
    }
}
