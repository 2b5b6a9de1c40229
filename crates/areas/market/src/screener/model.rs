use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use web::{FieldError, QueryString};

use crate::{
    AssetClass, InstrumentId,
    instruments::{CapBucket, PeBucket},
};

/// A question as it stands in an address. What is left out or empty does not narrow.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Question {
    /// Asset class, e.g. `equity`.
    pub asset_class: Option<String>,
    /// MIC or common code of the exchange, e.g. `XNAS` or `NASDAQ`.
    pub exchange: Option<String>,
    /// Sector, as stated; case does not matter.
    pub sector: Option<String>,
    /// Industry, as stated; case does not matter.
    pub industry: Option<String>,
    /// Country, as stated; case does not matter.
    pub country: Option<String>,
    /// Currency of prices.
    pub currency: Option<String>,
    /// `small`, `mid` or `large`.
    pub market_cap: Option<String>,
    /// `low`, `medium` or `high`.
    pub pe: Option<String>,
    /// Lowest last price, in the currency of the instrument.
    pub min_price: Option<String>,
    /// Highest last price.
    pub max_price: Option<String>,
    /// Lowest change of the last day, in percent points.
    pub min_change: Option<String>,
    /// Highest change of the last day, in percent points.
    pub max_change: Option<String>,
    /// Lowest volume of the last day.
    pub min_volume: Option<String>,
    /// Lowest place of the last price in the range of closes of 52 weeks: 0 at its low, 100 at its high.
    pub min_position: Option<String>,
    /// Highest place in that range.
    pub max_position: Option<String>,
    /// `symbol`, `market_cap`, `pe_ratio`, `price`, `change`, `volume` or `position`.
    pub sort: Option<String>,
    /// `asc` or `desc`; unknown values come last either way.
    pub order: Option<String>,
}

/// By what the rows are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Symbol, always upwards.
    #[default]
    Symbol,
    /// Market cap.
    MarketCap,
    /// P/E ratio.
    PeRatio,
    /// Last price.
    Price,
    /// Change of the last day.
    Change,
    /// Volume of the last day.
    Volume,
    /// Place in the range of 52 weeks.
    Position,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Symbol,
        Self::MarketCap,
        Self::PeRatio,
        Self::Price,
        Self::Change,
        Self::Volume,
        Self::Position,
    ];

    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Symbol => "symbol",
            Self::MarketCap => "market_cap",
            Self::PeRatio => "pe_ratio",
            Self::Price => "price",
            Self::Change => "change",
            Self::Volume => "volume",
            Self::Position => "position",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Symbol => "Symbol",
            Self::MarketCap => "Market cap",
            Self::PeRatio => "P/E ratio",
            Self::Price => "Last price",
            Self::Change => "Change",
            Self::Volume => "Volume",
            Self::Position => "Place in 52 weeks",
        }
    }
}

/// A question that can be answered: valid by construction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Screen {
    /// Asset class.
    pub asset_class: Option<AssetClass>,
    /// MIC or common code, upper case.
    pub exchange: Option<String>,
    /// Sector.
    pub sector: Option<String>,
    /// Industry.
    pub industry: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Currency, upper case.
    pub currency: Option<String>,
    /// Size.
    pub market_cap: Option<CapBucket>,
    /// Price of the earnings.
    pub pe: Option<PeBucket>,
    /// Bounds of the last price.
    pub price: Bounds,
    /// Bounds of the change in percent points.
    pub change: Bounds,
    /// Bounds of the volume.
    pub volume: Bounds,
    /// Bounds of the place in the range of 52 weeks, 0 to 100.
    pub position: Bounds,
    /// Order of the rows.
    pub sort: Sort,
    /// Whether the largest come first.
    pub is_descending: bool,
}

/// A lowest and a highest value, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// Lowest.
    pub min: Option<f64>,
    /// Highest.
    pub max: Option<f64>,
}

/// An instrument that answers a question, with what is known of it. Prices are in its currency.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Screened {
    /// Names the instrument.
    pub instrument_id: InstrumentId,
    /// Ticker.
    pub symbol: String,
    /// Name; empty where unknown.
    pub name: String,
    /// What kind of thing it is.
    pub asset_class: AssetClass,
    /// Exchange as it was stated; empty where unknown.
    pub exchange: String,
    /// The exchange by its ISO 10383 code, where it is known.
    pub mic: Option<String>,
    /// Currency of its prices.
    pub currency: Option<String>,
    /// Sector.
    pub sector: Option<String>,
    /// Industry.
    pub industry: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Market cap in US dollars.
    pub market_cap: Option<f64>,
    /// P/E ratio.
    pub pe_ratio: Option<f64>,
    /// Whether it belongs to the simulated sample data.
    pub is_simulated: bool,
    /// Day of the last price.
    #[schema(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
    /// Last price: the last close, or that of a quote of a later day.
    pub price: Option<f64>,
    /// Against the close before, in percent points; a split is no change.
    pub change_percent: Option<f64>,
    /// Volume of the last day.
    pub volume: Option<f64>,
    /// Lowest close of 52 weeks.
    pub low_52w: Option<f64>,
    /// Highest close of 52 weeks.
    pub high_52w: Option<f64>,
    /// Place of the last price between them, 0 to 100.
    pub position_52w: Option<f64>,
    /// Its place in the order.
    #[serde(skip)]
    pub(super) key: f64,
}

/// Where to read on: the place in the order, the symbol, the id.
pub(super) type After = (f64, String, Uuid);

impl Question {
    /// What is asked, or what is wrong with it.
    pub(super) fn read(&self) -> Result<Screen, Vec<FieldError>> {
        let mut check = Check::default();
        let screen = Screen {
            asset_class: check.word(
                "asset_class",
                self.asset_class.as_deref(),
                AssetClass::parse,
            ),
            exchange: text(self.exchange.as_deref()).map(|code| code.to_uppercase()),
            sector: text(self.sector.as_deref()),
            industry: text(self.industry.as_deref()),
            country: text(self.country.as_deref()),
            currency: text(self.currency.as_deref()).map(|code| code.to_uppercase()),
            market_cap: check.word("market_cap", self.market_cap.as_deref(), CapBucket::parse),
            pe: check.word("pe", self.pe.as_deref(), PeBucket::parse),
            price: check.bounds(
                "price",
                self.min_price.as_deref(),
                self.max_price.as_deref(),
            ),
            change: check.bounds(
                "change",
                self.min_change.as_deref(),
                self.max_change.as_deref(),
            ),
            volume: check.bounds("volume", self.min_volume.as_deref(), None),
            position: check.bounds(
                "position",
                self.min_position.as_deref(),
                self.max_position.as_deref(),
            ),
            sort: check
                .word("sort", self.sort.as_deref(), |word| {
                    Sort::ALL.into_iter().find(|sort| sort.as_str() == word)
                })
                .unwrap_or_default(),
            is_descending: check
                .word("order", self.order.as_deref(), |word| match word {
                    "asc" => Some(false),
                    "desc" => Some(true),
                    _ => None,
                })
                .unwrap_or_default(),
        };
        if check.errors.is_empty() {
            Ok(screen)
        } else {
            Err(check.errors)
        }
    }

    /// The question in the address, with the cursor of the next page.
    pub(super) fn query(&self, cursor: Option<&str>) -> String {
        let mut query = QueryString::new();
        for (key, value) in self.fields() {
            query.push(key, text(value));
        }
        query.push("cursor", cursor);
        query.finish()
    }

    fn fields(&self) -> [(&'static str, Option<&str>); 17] {
        [
            ("asset_class", self.asset_class.as_deref()),
            ("exchange", self.exchange.as_deref()),
            ("sector", self.sector.as_deref()),
            ("industry", self.industry.as_deref()),
            ("country", self.country.as_deref()),
            ("currency", self.currency.as_deref()),
            ("market_cap", self.market_cap.as_deref()),
            ("pe", self.pe.as_deref()),
            ("min_price", self.min_price.as_deref()),
            ("max_price", self.max_price.as_deref()),
            ("min_change", self.min_change.as_deref()),
            ("max_change", self.max_change.as_deref()),
            ("min_volume", self.min_volume.as_deref()),
            ("min_position", self.min_position.as_deref()),
            ("max_position", self.max_position.as_deref()),
            ("sort", self.sort.as_deref()),
            ("order", self.order.as_deref()),
        ]
    }
}

/// The text, unless it is blank. PostgreSQL's texts cannot hold the NUL character.
fn text(value: Option<&str>) -> Option<String> {
    let value = value?.trim().replace('\0', "");
    Some(value).filter(|value| !value.is_empty())
}

#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn refuse(&mut self, pointer: String, code: &str, detail: String) {
        self.errors.push(FieldError {
            pointer,
            code: code.to_owned(),
            detail,
        });
    }

    fn word<T>(
        &mut self,
        pointer: &str,
        value: Option<&str>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let word = text(value)?;
        let parsed = parse(&word);
        if parsed.is_none() {
            let detail = format!("“{word}” is no choice here.");
            self.refuse(pointer.to_owned(), "unknown_word", detail);
        }
        parsed
    }

    fn bounds(&mut self, of: &str, min: Option<&str>, max: Option<&str>) -> Bounds {
        let bounds = Bounds {
            min: self.number(format!("min_{of}"), min),
            max: self.number(format!("max_{of}"), max),
        };
        if let (Some(min), Some(max)) = (bounds.min, bounds.max)
            && min > max
        {
            let detail = format!("Nothing is at least {min} and at most {max}.");
            self.refuse(format!("min_{of}"), "empty_range", detail);
        }
        bounds
    }

    fn number(&mut self, pointer: String, value: Option<&str>) -> Option<f64> {
        let text = text(value)?;
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            let detail = format!("“{text}” is no number such as 12.5.");
            self.refuse(pointer, "invalid_number", detail);
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "a field as a form gives it")]
    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_empty_does_not_narrow() {
        let question = Question {
            sector: some("  "),
            min_price: some(""),
            ..Question::default()
        };
        assert_eq!(question.read(), Ok(Screen::default()));
        assert_eq!(question.query(None), "");
    }

    #[test]
    fn what_cannot_be_answered_is_named_by_field() {
        let question = Question {
            asset_class: some("shares"),
            min_price: some("cheap"),
            min_change: some("3"),
            max_change: some("2"),
            sort: some("luck"),
            ..Question::default()
        };
        let errors = question.read().unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| &*error.pointer).collect();
        assert_eq!(fields, ["asset_class", "min_price", "min_change", "sort"]);
    }

    #[test]
    fn the_address_holds_the_whole_question() {
        let question = Question {
            exchange: some("XNAS"),
            sort: some("change"),
            order: some("desc"),
            ..Question::default()
        };
        assert_eq!(
            question.query(Some("next")),
            "?exchange=XNAS&sort=change&order=desc&cursor=next"
        );
    }
}
