use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{FieldError, Page, QueryString};

use crate::{AssetClass, InstrumentId};

/// Which instruments are wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Question {
    /// `behind`: those that lack the bar of a day that is over; `current`: the others.
    #[serde(default)]
    pub(super) state: Option<String>,
    /// `held` or `watched`: those of which that is so at this moment.
    #[serde(default)]
    pub(super) interest: Option<String>,
    /// A class of assets, such as `equity`.
    #[serde(default)]
    pub(super) asset_class: Option<String>,
}

/// A question that can be asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter {
    pub(super) is_behind: Option<bool>,
    pub(super) interest: Option<&'static str>,
    pub(super) asset_class: Option<AssetClass>,
}

/// How far the daily prices of an instrument reach.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of an instrument that do not depend on each other"
)]
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Fresh {
    /// Which.
    pub(super) instrument_id: InstrumentId,
    /// Its symbol.
    pub(super) symbol: String,
    /// Where it trades; empty where that is not known.
    pub(super) exchange: String,
    /// What kind of thing it is.
    pub(super) asset_class: AssetClass,
    /// Whether it belongs to the simulated sample.
    pub(super) is_simulated: bool,
    /// Day of the last bar that somebody stated.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) last_day: Option<Date>,
    /// The last day whose bar should be there.
    #[schema(value_type = String, format = Date)]
    pub(super) expected_day: Date,
    /// Whether that of the last day is missing.
    pub(super) is_behind: bool,
    /// Who stated the last bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    /// How good what that source gave last was, from 0 to 1; absent where nothing of it is known any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quality_score: Option<f64>,
    /// When a source was asked last.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tried_at: Option<Timestamp>,
    /// Whether somebody holds it.
    pub(super) is_held: bool,
    /// Whether somebody follows its price.
    pub(super) is_watched: bool,
}

/// Who stated the latest of a kind of figure, and how good that was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct FigureSource {
    /// `quote`, bars from `1m` to `1d`, `fundamentals`, `option_chain` or `index_values`.
    pub(crate) figure: String,
    /// Who stated it; `rollup` where it was computed from shorter bars, `override` where a person did.
    pub(crate) source: String,
    /// Of when it is: for bars the time at which the latest begins, for what has no time of its own when it was fetched.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// Since when it is known.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) observed_at: Timestamp,
    /// From 0 to 1, of freshness, completeness, agreement and validation, when it was fetched; absent where
    /// it was not fetched, or long ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quality_score: Option<f64>,
}

/// What a page ends with: the day, the stalest first, the symbol and the id.
pub(super) type After = (Date, String, InstrumentId);

impl Question {
    pub(super) fn read(&self) -> Result<Filter, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut filter = Filter::default();
        let mut refuse = |pointer: &str, word: &str| {
            errors.push(FieldError {
                pointer: pointer.to_owned(),
                code: "unknown_word".to_owned(),
                detail: format!("'{word:.40}' is none of the words that can stand here."),
            });
        };
        match text(self.state.as_ref()) {
            None => {}
            Some("behind") => filter.is_behind = Some(true),
            Some("current") => filter.is_behind = Some(false),
            Some(other) => refuse("state", other),
        }
        match text(self.interest.as_ref()) {
            None => {}
            Some("held") => filter.interest = Some("held"),
            Some("watched") => filter.interest = Some("watched"),
            Some(other) => refuse("interest", other),
        }
        if let Some(word) = text(self.asset_class.as_ref()) {
            filter.asset_class = AssetClass::ALL
                .into_iter()
                .find(|class| class.as_str() == word);
            if filter.asset_class.is_none() {
                refuse("asset_class", word);
            }
        }
        if errors.is_empty() {
            Ok(filter)
        } else {
            Err(errors)
        }
    }

    /// The address of a page that asks the same.
    pub(super) fn href(&self, path: &str, cursor: Option<&str>) -> String {
        let mut query = QueryString::new();
        query.push("state", text(self.state.as_ref()));
        query.push("interest", text(self.interest.as_ref()));
        query.push("asset_class", text(self.asset_class.as_ref()));
        query.push("cursor", cursor);
        format!("{path}{}", query.finish())
    }
}

/// A field of a form that is left empty says nothing.
fn text(field: Option<&String>) -> Option<&str> {
    field
        .map(|field| field.trim())
        .filter(|field| !field.is_empty())
}

pub(super) fn page_of(found: Vec<Fresh>, limit: i64) -> Page<Fresh> {
    Page::of(found, limit, |last| {
        let day = last.last_day.unwrap_or(Date::MIN);
        (day, last.symbol.clone(), last.instrument_id)
    })
}
