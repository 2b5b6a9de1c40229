//! Ghostfolio's JSON export.
//!
//! Activities are read; cash balances of accounts are states, not transactions, and are left out.

use std::collections::HashMap;

use money::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Format, Row, Statement, Unreadable, code, dates,
    model::Refusal,
    numbers::{self, Style},
    text::{LineCounter, shown},
};

use super::{Activity, check_rate};

/// The export, with activities left as they stand so that each is judged by itself.
#[derive(Deserialize)]
struct Export<'a> {
    #[serde(borrow)]
    activities: Vec<&'a RawValue>,
    #[serde(default, borrow, rename = "assetProfiles")]
    profiles: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    accounts: Vec<&'a RawValue>,
    #[serde(default)]
    user: User,
}

#[derive(Default, Deserialize)]
struct User {
    #[serde(default)]
    settings: Settings,
}

#[derive(Default, Deserialize)]
struct Settings {
    currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    symbol: String,
    data_source: String,
    name: Option<String>,
    isin: Option<String>,
    currency: Option<String>,
    asset_class: Option<String>,
    asset_sub_class: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stated<'a> {
    id: Option<String>,
    account_id: Option<String>,
    comment: Option<String>,
    currency: Option<String>,
    data_source: Option<String>,
    date: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    symbol: Option<String>,
    #[serde(borrow)]
    fee: Option<&'a RawValue>,
    #[serde(borrow)]
    quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    unit_price: Option<&'a RawValue>,
}

/// What the rest of the export says about instruments and accounts.
struct Context {
    profiles: HashMap<(String, String), Profile>,
    accounts: HashMap<String, String>,
    base: Option<String>,
}

/// True for a JSON object with activities, even if it is damaged further on.
pub(crate) fn is_export(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains("\"activities\"")
}

/// The syntax error of a JSON text, if it has one.
pub(crate) fn syntax_error(text: &str) -> Option<Unreadable> {
    serde_json::from_str::<&RawValue>(text)
        .err()
        .map(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Unreadable {
    let full = error.to_string();
    // The library appends the place, which the message already begins with.
    let reason = full.split(" at line ").next().unwrap_or(&full).to_owned();
    Unreadable::Json {
        line: error.line() as u64,
        reason,
    }
}

pub(crate) fn read(text: &str) -> Result<Statement, Unreadable> {
    let export: Export<'_> = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    let context = Context::new(&export);
    let mut lines = LineCounter::new(text);
    let mut statement = Statement::new(Format::GhostfolioJson);
    for raw in export.activities {
        // The raw value borrows from the text, so its address tells its place.
        let offset = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let line = lines.line_at(offset);
        statement.take(line, context.row(raw.get(), line));
    }
    Ok(statement)
}

impl Context {
    /// Profiles and accounts that do not have the expected form are as good as absent: an activity
    /// that needs one says so.
    fn new(export: &Export<'_>) -> Self {
        let profiles = export.profiles.iter();
        let accounts = export.accounts.iter();
        Self {
            profiles: profiles
                .filter_map(|raw| serde_json::from_str::<Profile>(raw.get()).ok())
                .map(|profile| {
                    (
                        (profile.data_source.clone(), profile.symbol.clone()),
                        profile,
                    )
                })
                .collect(),
            accounts: accounts
                .filter_map(|raw| serde_json::from_str::<Account>(raw.get()).ok())
                .filter_map(|account| Some((account.id, account.name?)))
                .collect(),
            base: export.user.settings.currency.clone(),
        }
    }

    fn row(&self, raw: &str, line: u64) -> Result<Row, Refusal> {
        let stated: Stated<'_> = serde_json::from_str(raw).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or(&reason);
            Refusal::new(
                code::MALFORMED_RECORD,
                format!("the activity has not the form of Ghostfolio's export: {reason}"),
            )
        })?;
        let required = |field: &str, text: &Option<String>| {
            text.clone()
                .filter(|text| !text.trim().is_empty())
                .ok_or_else(|| {
                    Refusal::missing(field, "every activity of a Ghostfolio export states it")
                })
        };
        let kind = required("type", &stated.kind)?;
        let currency = required("currency", &stated.currency)?;
        let symbol = required("symbol", &stated.symbol)?;
        let moment = dates::parse("date", &required("date", &stated.date)?, None)?;
        let source = stated.data_source.unwrap_or_default();
        let profile = self.profiles.get(&(source.clone(), symbol.clone()));
        let account = stated.account_id.unwrap_or_default();
        let activity = Activity {
            line,
            id: stated.id.as_deref().unwrap_or_default(),
            account: self.accounts.get(&account).unwrap_or(&account),
            note: stated.comment.as_deref().unwrap_or_default(),
            currency: &currency,
            data_source: &source,
            moment,
            kind: &kind,
            symbol: &symbol,
            isin: profile.and_then(|p| p.isin.as_deref()).unwrap_or_default(),
            name: profile.and_then(|p| p.name.as_deref()).unwrap_or_default(),
            asset_class: profile.map(Profile::class).unwrap_or_default(),
            quote_currency: profile.and_then(Profile::currency),
            fee: number("fee", stated.fee)?,
            quantity: number("quantity", stated.quantity)?,
            unit_price: number("unitPrice", stated.unit_price)?,
        };
        check_rate(moment.date, &currency, self.base.as_deref())?;
        let row = activity.row()?;
        // Without a profile in the file nothing says what a manual instrument is.
        if source.eq_ignore_ascii_case("MANUAL") && profile.is_none() && row.security.is_some() {
            return Err(Refusal::new(
                code::INVALID_SYMBOL,
                format!(
                    "symbol “{}” is not valid for data source MANUAL: the export has no entry for \
                     it under assetProfiles",
                    shown(&symbol)
                ),
            ));
        }
        Ok(row)
    }
}

impl Profile {
    /// The finer of the two classes, since it tells a fund from a share.
    fn class(&self) -> &str {
        let is_coarse = |class: &&str| matches!(*class, "COLLECTIBLE" | "PRIVATE_EQUITY" | "CASH");
        let fine = self
            .asset_sub_class
            .as_deref()
            .filter(|class| !is_coarse(class));
        fine.or(self.asset_class.as_deref()).unwrap_or_default()
    }

    fn currency(&self) -> Option<Currency> {
        Currency::new(self.currency.as_deref()?).ok()
    }
}

/// A number, or a text that is one; nothing counts as zero.
fn number(field: &str, raw: Option<&RawValue>) -> Result<Decimal, Refusal> {
    match raw.map(RawValue::get) {
        None | Some("null") => Ok(Decimal::ZERO),
        Some(text) => numbers::parse(field, text.trim_matches('"'), Style::POINT),
    }
}
