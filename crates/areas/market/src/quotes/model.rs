use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::Problem;

use crate::InstrumentId;

/// Symbols that one request or connection may name.
pub(crate) const MOST_SYMBOLS: usize = 200;

/// A price as a source states it, in the unit in which the instrument is quoted.
#[derive(Clone, Debug, PartialEq)]
pub struct NewQuote {
    /// Of what.
    pub instrument_id: InstrumentId,
    /// The last price; positive.
    pub price: f64,
    /// The last close of the trading day before; kept from the same trading day where the source left it out.
    pub previous_close: Option<f64>,
    /// Shares or units traded today.
    pub volume: Option<f64>,
    /// The highest offer to buy.
    pub bid: Option<f64>,
    /// The lowest offer to sell.
    pub ask: Option<f64>,
    /// When the price was made.
    pub at: Timestamp,
}

/// The latest known price of an instrument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// Of what.
    pub instrument_id: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// Where it trades; empty where that is not known.
    pub exchange: String,
    /// Its currency, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// `major`, or `minor` where prices are in a hundredth of the currency.
    pub quote_unit: String,
    /// The last price.
    pub price: f64,
    /// The last close of the trading day before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_close: Option<f64>,
    /// The difference to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// The same in percent of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
    /// Shares or units traded today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<f64>,
    /// The highest offer to buy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bid: Option<f64>,
    /// The lowest offer to sell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<f64>,
    /// When the price was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who stated it.
    pub source: String,
    /// The price is made up.
    pub is_simulated: bool,
    /// Grows with every change of any quote: what a stream goes on from.
    pub sequence: i64,
}

/// What somebody asks for by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// In upper case.
    pub symbols: Vec<String>,
    /// By id, where a symbol would not tell.
    pub ids: Vec<InstrumentId>,
}

impl Wanted {
    /// Reads symbols, and ids of instruments, with commas between them.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        Self::of(text.split(','))
    }

    pub(crate) fn of<'t>(names: impl Iterator<Item = &'t str>) -> Result<Self, Problem> {
        let mut names: Vec<&str> = names
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        names.sort_unstable();
        names.dedup();
        let refuse = |code, detail: String| Err(Problem::invalid_field("symbols", code, detail));
        if names.is_empty() {
            return refuse("required", "Name symbols, with commas between them.".into());
        }
        if names.len() > MOST_SYMBOLS {
            let count = names.len();
            return refuse(
                "too_many",
                format!("At most {MOST_SYMBOLS} symbols are answered at once, not {count}."),
            );
        }
        let mut wanted = Self::default();
        for name in names {
            if name.len() > 50 || name.contains('\0') {
                return refuse(
                    "unknown_symbol",
                    "No symbol is longer than 50 characters.".into(),
                );
            }
            match Uuid::parse_str(name) {
                Ok(id) => wanted.ids.push(InstrumentId(id)),
                Err(_) => wanted.symbols.push(name.to_uppercase()),
            }
        }
        Ok(wanted)
    }

    /// Those for which nothing was found.
    pub(crate) fn unknown(&self, found: &[(InstrumentId, String)]) -> Vec<String> {
        let symbols = self
            .symbols
            .iter()
            .filter(|symbol| !found.iter().any(|(_, known)| known == *symbol));
        let ids = self
            .ids
            .iter()
            .filter(|id| !found.iter().any(|(known, _)| known == *id));
        symbols
            .cloned()
            .chain(ids.map(ToString::to_string))
            .collect()
    }
}
