use serde::Deserialize;
use sources::{Limit, ProviderId};
use web::Problem;

use crate::{AssetClass, feeds::model};

/// Characters of a key at most.
const LONGEST_KEY: usize = 500;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SwitchForm {
    to: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OrderForm {
    asset_class: String,
    order: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyForm {
    api_key: String,
    remove: String,
    limit_count: String,
    limit_seconds: String,
}

impl SwitchForm {
    pub(super) fn is_on(&self) -> bool {
        self.to == "on"
    }
}

impl OrderForm {
    pub(super) fn read(&self) -> Result<(AssetClass, Vec<ProviderId>), Problem> {
        let class = model::fetched_class(&self.asset_class).ok_or_else(|| {
            Problem::invalid_field("asset_class", "unknown_class", "Choose a class of assets.")
        })?;
        let order = model::read_order(self.order.split(',')).map_err(|error| {
            Problem::invalid_field("order", "unknown_source", error.to_string())
        })?;
        Ok((class, order))
    }
}

/// What the form says about the key.
pub(super) enum KeyChange<'f> {
    /// Leave it as it is.
    Keep,
    /// Put this one in its place.
    Put(&'f str),
    /// Remove it.
    Remove,
}

impl KeyForm {
    pub(super) fn key(&self) -> Result<KeyChange<'_>, Problem> {
        let key = self.api_key.trim();
        if !self.remove.is_empty() {
            return Ok(KeyChange::Remove);
        }
        if key.is_empty() {
            return Ok(KeyChange::Keep);
        }
        if key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let detail = "A key is one word of letters, digits and signs.";
            return Err(Problem::invalid_field("api_key", "invalid_key", detail));
        }
        Ok(KeyChange::Put(key))
    }

    /// Both numbers, or neither.
    pub(super) fn limit(&self) -> Result<Option<Limit>, Problem> {
        let (count, seconds) = (self.limit_count.trim(), self.limit_seconds.trim());
        if count.is_empty() && seconds.is_empty() {
            return Ok(None);
        }
        let number = |name: &str, text: &str, most: i32| {
            let value: Option<i32> = text.parse().ok();
            value
                .filter(|value| (1..=most).contains(value))
                .ok_or_else(|| {
                    let detail =
                        format!("Enter a whole number from 1 to {most}, or leave both empty.");
                    Problem::invalid_field(name, "invalid_number", detail)
                })
        };
        let count = number("limit_count", count, 100_000)?;
        let seconds = number("limit_seconds", seconds, 86_400)?;
        Ok(model::limit(Some(count), Some(seconds)))
    }
}
