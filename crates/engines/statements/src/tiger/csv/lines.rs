//! The lines of a statement and the columns above them.

use std::collections::HashMap;

use money::Currency;
use rust_decimal::Decimal;

use crate::{
    draft,
    model::Refusal,
    numbers::{self, Style, is_blank},
    table::Record,
    tiger::instruments::{Class, class},
    words::normalized,
};

/// The columns of a section.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) places: HashMap<String, usize>,
    /// Charges and taxes stand between the amount and what follows from the trade.
    pub(super) charges: Vec<(usize, bool)>,
}

impl Columns {
    pub(super) fn of(record: &Record) -> Self {
        let mut columns = Self::default();
        let mut is_charge = false;
        for (place, name) in record.iter().enumerate().skip(4) {
            let name = normalized(name);
            if matches!(
                &*name,
                "realizedpl" | "notes" | "tradetime" | "settledate" | "currency"
            ) {
                is_charge = false;
            }
            if is_charge && name != "accruedinterestintrade" {
                columns.charges.push((place, is_tax(&name)));
            }
            is_charge |= name == "amount";
            columns.places.entry(name).or_insert(place);
        }
        columns
    }

    /// True where the names are those of columns that some section has.
    pub(super) fn are_named(&self) -> bool {
        ["symbol", "date", "description", "currency"]
            .iter()
            .any(|name| self.places.contains_key(*name))
    }

    /// The columns of holdings, for statements whose headings are not in English.
    pub(super) fn of_holdings() -> Self {
        let names = [
            "symbol",
            "quantity",
            "multiplier",
            "costprice",
            "closeprice",
            "value",
            "unrealizedpl",
            "initialmargin",
            "maintmargin",
            "currency",
        ];
        let places = names.iter().zip(4..);
        Self {
            places: places
                .map(|(name, place)| ((*name).to_owned(), place))
                .collect(),
            charges: Vec::new(),
        }
    }
}

fn is_tax(name: &str) -> bool {
    (name.contains("tax") && !name.contains("fee")) || name.contains("stampduty") || name == "gst"
}

/// A line with its columns.
pub(super) struct Line<'r> {
    pub(super) record: &'r Record,
    pub(super) columns: &'r Columns,
}

impl Line<'_> {
    pub(super) fn text(&self, names: &[&str]) -> &str {
        names
            .iter()
            .filter_map(|name| self.columns.places.get(*name))
            .map(|place| self.record.get(*place))
            .find(|text| !is_blank(text))
            .unwrap_or_default()
    }

    pub(super) fn number(&self, names: &[&str]) -> Result<Option<Decimal>, Refusal> {
        match self.text(names) {
            "" => Ok(None),
            text => {
                let name = names.first().copied().unwrap_or("the number");
                numbers::parse(name, text, Style::POINT).map(Some)
            }
        }
    }

    pub(super) fn need(&self, names: &[&str]) -> Result<Decimal, Refusal> {
        let name = names.first().copied().unwrap_or("the number");
        self.number(names)?
            .ok_or_else(|| Refusal::missing(name, "export the statement once more"))
    }

    /// The column, or a cell such as `Currency: USD` at the beginning of the line.
    pub(super) fn currency(&self) -> Result<Currency, Refusal> {
        let stated = self.text(&["currency"]);
        let prefixed = || {
            let mut cells = self.record.iter().take(5);
            cells.find_map(|cell| cell.split_once("Currency:").map(|(_, code)| code.trim()))
        };
        let text = match stated {
            "" => prefixed().unwrap_or_default(),
            text => text,
        };
        if text.is_empty() {
            return Err(Refusal::missing(
                "Currency",
                "export the statement once more",
            ));
        }
        draft::currency("Currency", text).map(|(currency, _)| currency)
    }

    pub(super) fn class(&self) -> Class {
        class(self.record.get(1))
    }
}
