use ledger::TransactionKind;
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
    pub(super) quantity: String,
    pub(super) price: String,
    pub(super) amount: String,
    pub(super) fees: String,
    pub(super) taxes: String,
    pub(super) currency: String,
    pub(super) settlement_currency: String,
    pub(super) fx_rate: String,
    pub(super) ratio: String,
    pub(super) note: String,
    /// The version that was opened; empty for a new transaction.
    pub(super) version: String,
}

impl TransactionForm {
    /// The form filled with a stored transaction.
    pub(super) fn of(view: &TransactionView) -> Self {
        let number = |n: Option<Decimal>| n.map_or_else(String::new, |n| n.to_string());
        let is_split = view.kind == TransactionKind::Split;
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
            amount: if is_split {
                String::new()
            } else {
                view.amount.to_string()
            },
            fees: unless_zero(view.fees),
            taxes: unless_zero(view.taxes),
            currency: view.currency.to_string(),
            settlement_currency: view
                .settlement_currency
                .map_or_else(String::new, |currency| currency.to_string()),
            fx_rate: number(view.fx_rate),
            ratio: view.ratio.clone().unwrap_or_default(),
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
        let portfolio_id: Option<PortfolioId> = word(
            &self.portfolio_id,
            "portfolio_id",
            "Choose a portfolio.",
            &mut errors,
        );
        let kind: Option<TransactionKind> = word(&self.kind, "type", "Choose a type.", &mut errors);
        let date: Option<jiff::civil::Date> = word(
            &self.date,
            "date",
            "Give the date as year-month-day.",
            &mut errors,
        );
        let mut number = |text: &str, pointer: &str| number(text, pointer, &mut errors);
        let quantity = number(&self.quantity, "quantity");
        let price = number(&self.price, "price");
        let amount = number(&self.amount, "amount");
        let fees = number(&self.fees, "fees").unwrap_or_default();
        let taxes = number(&self.taxes, "taxes").unwrap_or_default();
        let fx_rate = number(&self.fx_rate, "fx_rate");
        let (Some(portfolio_id), Some(kind), Some(date), true) =
            (portfolio_id, kind, date, errors.is_empty())
        else {
            return Err(errors);
        };
        let text = |value: &str| Some(value.trim().to_owned()).filter(|v| !v.is_empty());
        let symbol = text(&self.symbol);
        let instrument_id = edited
            .filter(|view| match (&symbol, &view.symbol) {
                (Some(typed), Some(known)) => typed.eq_ignore_ascii_case(known),
                _ => false,
            })
            .and_then(|view| view.instrument_id);
        let same_trade = edited
            .filter(|view| view.kind == kind && view.quantity == quantity && view.price == price);
        let is_trade = matches!(kind, TransactionKind::Buy | TransactionKind::Sell);
        Ok(TransactionBody {
            portfolio_id,
            kind,
            date,
            executed_at: edited
                .filter(|view| view.date == date)
                .and_then(|view| view.executed_at),
            instrument_id,
            symbol,
            quantity: quantity.filter(|_| is_trade),
            price: price.filter(|_| is_trade),
            amount: match same_trade.filter(|_| is_trade) {
                Some(view) => Some(view.amount),
                None => amount.filter(|_| !is_trade || quantity.is_none() || price.is_none()),
            },
            fees,
            taxes,
            currency: text(&self.currency),
            settlement_currency: text(&self.settlement_currency),
            fx_rate,
            ratio: text(&self.ratio).filter(|_| kind == TransactionKind::Split),
            note: text(&self.note),
        })
    }
}

fn field_error(pointer: &str, code: &str, detail: &str) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

fn word<T: DeserializeOwned>(
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

/// A number as people type it: `1234.5`, `1,234.50`, `1.234,50`, `1 234,5`. The last separator is the
/// decimal one, unless it is a comma followed by exactly three digits and stands alone.
fn number(text: &str, pointer: &str, errors: &mut Vec<FieldError>) -> Option<Decimal> {
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
