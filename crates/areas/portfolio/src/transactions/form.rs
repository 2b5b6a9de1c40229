use jiff::civil::Date;
use ledger::{LotChoice, OptionRight, TransactionKind};
use market::InstrumentId;
use rust_decimal::Decimal;
use serde::{Deserialize, de::DeserializeOwned};
use web::FieldError;

use super::{TransactionBody, TransactionView};
use crate::portfolios::PortfolioId;

/// A transaction as typed. Fields are texts, so that what was typed wrongly can be shown again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TransactionForm {
    pub(super) portfolio_id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) date: String,
    pub(super) symbol: String,
    pub(super) underlying: String,
    pub(super) right: String,
    pub(super) strike: String,
    pub(super) expires_on: String,
    pub(super) multiplier: String,
    pub(super) quantity: String,
    pub(super) price: String,
    pub(super) amount: String,
    pub(super) fees: String,
    pub(super) taxes: String,
    pub(super) currency: String,
    pub(super) settlement_currency: String,
    pub(super) fx_rate: String,
    pub(super) ratio: String,
    pub(super) target_symbol: String,
    pub(super) cost_share: String,
    pub(super) acquired_on: String,
    pub(super) other_portfolio_id: String,
    /// The lots to sell from, each by the transaction that opened it and a number of shares.
    pub(super) lots: String,
    pub(super) note: String,
    /// The version that was opened; empty for a new transaction.
    pub(super) version: String,
}

impl TransactionForm {
    /// The form filled with a stored transaction.
    pub(super) fn of(view: &TransactionView) -> Self {
        let number = |n: Option<Decimal>| n.map_or_else(String::new, |n| n.to_string());
        let states_amount = view.kind.cash_direction() != 0 || !view.amount.is_zero();
        let unless_zero = |n: Decimal| {
            if n.is_zero() {
                String::new()
            } else {
                n.to_string()
            }
        };
        Self {
            portfolio_id: view.portfolio_id.0.to_string(),
            kind: view.kind.as_str().to_owned(),
            date: view.date.to_string(),
            symbol: view.symbol.clone().unwrap_or_default(),
            quantity: number(view.quantity),
            price: number(view.price),
            amount: if states_amount {
                view.amount.to_string()
            } else {
                String::new()
            },
            fees: unless_zero(view.fees),
            taxes: unless_zero(view.taxes),
            currency: view.currency.to_string(),
            settlement_currency: view
                .settlement_currency
                .map_or_else(String::new, |currency| currency.to_string()),
            fx_rate: number(view.fx_rate),
            ratio: view.ratio.clone().unwrap_or_default(),
            target_symbol: view.target_symbol.clone().unwrap_or_default(),
            cost_share: number(view.cost_share),
            // The symbol names the contract.
            underlying: String::new(),
            right: String::new(),
            strike: String::new(),
            expires_on: String::new(),
            multiplier: String::new(),
            acquired_on: view
                .acquired_on
                .map_or_else(String::new, |day| day.to_string()),
            other_portfolio_id: String::new(),
            lots: lots_text(&view.lots),
            note: view.note.clone().unwrap_or_default(),
            version: view.version.to_string(),
        }
    }

    /// The body that the API would get. What the form does not show, or shows only as the product of
    /// two fields, is kept from the edited transaction as long as those fields are the same.
    pub(super) fn body(
        &self,
        edited: Option<&TransactionView>,
    ) -> Result<TransactionBody, Vec<FieldError>> {
        let mut errors = Vec::new();
        let portfolio = "Choose a portfolio.";
        let day = "Give the date as year-month-day.";
        let portfolio_id: Option<PortfolioId> =
            word(&self.portfolio_id, "portfolio_id", portfolio, &mut errors);
        let kind: Option<TransactionKind> = word(&self.kind, "type", "Choose a type.", &mut errors);
        let date: Option<jiff::civil::Date> = word(&self.date, "date", day, &mut errors);
        let numbers = self.numbers(&mut errors);
        let acquired_on = optional(&self.acquired_on, "acquired_on", day, &mut errors);
        let other = &self.other_portfolio_id;
        let other_portfolio_id = optional(other, "other_portfolio_id", portfolio, &mut errors);
        let (right, expires_on) = self.contract(&mut errors);
        let lots = lots(&self.lots, numbers.quantity, &mut errors);
        let (Some(portfolio_id), Some(kind), Some(date), true) =
            (portfolio_id, kind, date, errors.is_empty())
        else {
            return Err(errors);
        };
        let text = |value: &str| Some(value.trim().to_owned()).filter(|v| !v.is_empty());
        let (quantity, price, amount) = (numbers.quantity, numbers.price, numbers.amount);
        let symbol = text(&self.symbol);
        let instrument_id = unchanged(edited, symbol.as_deref(), |view| {
            (view.symbol.as_deref(), view.instrument_id)
        });
        let target_symbol = text(&self.target_symbol).filter(|_| kind.has_target());
        let target_instrument_id = unchanged(edited, target_symbol.as_deref(), |view| {
            (view.target_symbol.as_deref(), view.target_instrument_id)
        });
        let is_trade = kind.is_trade() || kind == TransactionKind::ReinvestedDividend;
        // Shares and price with more digits than an amount do not lead back to the amount that was
        // stated. One that is typed anew replaces it, and the price follows from it.
        let same_trade = edited.filter(|view| {
            is_trade && view.kind == kind && view.quantity == quantity && view.price == price
        });
        let typed = amount.filter(|typed| same_trade.is_some_and(|view| view.amount != *typed));
        let price = price.filter(|_| typed.is_none());
        Ok(TransactionBody {
            portfolio_id,
            kind,
            date,
            executed_at: edited
                .filter(|view| view.date == date)
                .and_then(|view| view.executed_at),
            instrument_id,
            symbol,
            underlying: text(&self.underlying),
            right,
            strike: numbers.strike,
            expires_on,
            multiplier: numbers.multiplier,
            quantity: quantity.filter(|_| kind.states_quantity()),
            price: price.filter(|_| is_trade),
            amount: typed
                .or_else(|| same_trade.map(|view| view.amount))
                .or_else(|| amount.filter(|_| !is_trade || quantity.is_none() || price.is_none())),
            fees: numbers.fees,
            taxes: numbers.taxes,
            currency: text(&self.currency),
            settlement_currency: text(&self.settlement_currency),
            fx_rate: numbers.fx_rate,
            ratio: text(&self.ratio)
                .filter(|_| kind.has_target() || kind == TransactionKind::Split),
            target_instrument_id,
            target_symbol,
            cost_share: numbers.cost_share.filter(|_| kind.has_target()),
            acquired_on: acquired_on.filter(|_| kind == TransactionKind::TransferIn),
            other_portfolio_id,
            lots,
            note: text(&self.note),
        })
    }
}

/// The fields that hold numbers.
#[derive(Clone, Copy)]
struct Numbers {
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    amount: Option<Decimal>,
    fees: Decimal,
    taxes: Decimal,
    fx_rate: Option<Decimal>,
    cost_share: Option<Decimal>,
    strike: Option<Decimal>,
    multiplier: Option<Decimal>,
}

impl TransactionForm {
    /// Right and last day of an option.
    fn contract(&self, errors: &mut Vec<FieldError>) -> (Option<OptionRight>, Option<Date>) {
        let day = "Give the date as year-month-day.";
        (
            optional(&self.right, "right", "Choose call or put.", errors),
            optional(&self.expires_on, "expires_on", day, errors),
        )
    }

    fn numbers(&self, errors: &mut Vec<FieldError>) -> Numbers {
        let mut number = |text: &str, pointer: &str| number(text, pointer, errors);
        Numbers {
            quantity: number(&self.quantity, "quantity"),
            price: number(&self.price, "price"),
            amount: number(&self.amount, "amount"),
            fees: number(&self.fees, "fees").unwrap_or_default(),
            taxes: number(&self.taxes, "taxes").unwrap_or_default(),
            fx_rate: number(&self.fx_rate, "fx_rate"),
            cost_share: number(&self.cost_share, "cost_share"),
            strike: number(&self.strike, "strike"),
            multiplier: number(&self.multiplier, "multiplier"),
        }
    }
}

/// Chosen lots as [`lots`] reads them.
pub(super) fn lots_text(lots: &[LotChoice]) -> String {
    let one = |chosen: &LotChoice| format!("{} {}", chosen.lot, chosen.quantity.normalize());
    lots.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Lots, each as an id and a number of shares, with semicolons between them. One lot without a number
/// gives all shares of the sale.
fn lots(text: &str, quantity: Option<Decimal>, errors: &mut Vec<FieldError>) -> Vec<LotChoice> {
    let mut read = Vec::new();
    for one in text.split(';').map(str::trim).filter(|one| !one.is_empty()) {
        let (id, shares) = one.split_once(char::is_whitespace).unwrap_or((one, ""));
        let detail = "Name each lot by the id of its purchase and a number of shares, with semicolons between the lots.";
        let lot: Option<uuid::Uuid> = word(id, "lots", detail, errors);
        let shares = number(shares, "lots", errors).or(quantity);
        read.extend(
            lot.zip(shares)
                .map(|(lot, quantity)| LotChoice { lot, quantity }),
        );
    }
    read
}

/// The instrument of the edited transaction, as long as its symbol is what the form says.
fn unchanged(
    edited: Option<&TransactionView>,
    typed: Option<&str>,
    known: impl Fn(&TransactionView) -> (Option<&str>, Option<InstrumentId>),
) -> Option<InstrumentId> {
    let (symbol, id) = known(edited?);
    match (typed, symbol) {
        (Some(typed), Some(symbol)) if typed.eq_ignore_ascii_case(symbol) => id,
        _ => None,
    }
}

pub(crate) fn field_error(pointer: &str, code: &str, detail: &str) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

pub(crate) fn word<T: DeserializeOwned>(
    text: &str,
    pointer: &str,
    detail: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let value = serde_json::from_value(serde_json::Value::String(text.trim().to_owned())).ok();
    if value.is_none() {
        errors.push(field_error(pointer, "missing_field", detail));
    }
    value
}

pub(crate) fn optional<T: DeserializeOwned>(
    text: &str,
    pointer: &str,
    detail: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    if text.trim().is_empty() {
        return None;
    }
    word(text, pointer, detail, errors)
}

/// A number as people type it: `1234.5`, `1,234.50`, `1.234,50`, `1 234,5`. The last separator is the
/// decimal one, unless it is a comma followed by exactly three digits and stands alone.
pub(crate) fn number(text: &str, pointer: &str, errors: &mut Vec<FieldError>) -> Option<Decimal> {
    let compact: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’'))
        .collect();
    if compact.is_empty() {
        return None;
    }
    let plain = match (compact.rfind(','), compact.rfind('.')) {
        (Some(comma), Some(point)) if comma > point => compact.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => compact.replace(',', ""),
        (Some(comma), None) if compact.len() - comma != 4 => compact.replace(',', "."),
        (Some(_), None) => {
            errors.push(field_error(
                pointer,
                "ambiguous_number",
                "Write this number with a decimal point or without separators: it could be read in two ways.",
            ));
            return None;
        }
        _ => compact,
    };
    let value = plain.parse().ok();
    if value.is_none() {
        let detail = format!("{text:?} is not a number.");
        errors.push(field_error(pointer, "unparsable_number", &detail));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, String> {
        let mut errors = Vec::new();
        let value = number(text, "price", &mut errors);
        match errors.pop() {
            None => Ok(value.map(|n| n.to_string())),
            Some(error) => Err(error.code),
        }
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        let cases = [
            ("12.5", "12.5"),
            ("1,234.50", "1234.50"),
            ("1.234,50", "1234.50"),
            ("1 234,5", "1234.5"),
            ("1'234.5", "1234.5"),
            ("0,25", "0.25"),
            ("-3", "-3"),
        ];
        for (typed, meant) in cases {
            assert_eq!(read(typed), Ok(Some(meant.to_owned())), "{typed}");
        }
        assert_eq!(read("  "), Ok(None));
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        assert_eq!(read("1,234"), Err("ambiguous_number".to_owned()));
        assert_eq!(read("ten"), Err("unparsable_number".to_owned()));
    }
}
