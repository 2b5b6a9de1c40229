use std::{collections::BTreeSet, sync::LazyLock};

use db::{Error, UserId, UserTx};
use jiff::Timestamp;
use serde_json::Value;
use web::{Choice as _, Theme};

use super::{Preferences, PreferencesBody, PreferencesError};

/// The names of the settings.
static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let body = serde_json::to_value(PreferencesBody::from(&Preferences::default()));
    let fields = body.ok().and_then(|body| body.as_object().cloned());
    fields.into_iter().flatten().map(|(name, _)| name).collect()
});

/// Preferences with their version.
pub(crate) struct Stored {
    pub(crate) preferences: Preferences,
    pub(crate) updated_at: Timestamp,
}

/// Reads a row, which the database hands over as one object: the names of its columns are those of the
/// body, so that a setting has one name everywhere. A column that this version does not know, as beside a
/// newer one on the same database, is none of its business; a body with such a field is refused.
pub(crate) fn read(mut row: Value, user_id: UserId) -> Result<Preferences, Error> {
    let inconsistent = |column, reason| Error::Inconsistent {
        table: "identity.preferences",
        column,
        row: user_id.to_string(),
        reason,
    };
    if let Some(columns) = row.as_object_mut() {
        columns.retain(|name, _| KNOWN.contains(name));
    }
    let body: PreferencesBody =
        serde_json::from_value(row).map_err(|error| inconsistent("*", error.to_string()))?;
    Preferences::try_from(&body).map_err(|errors| {
        let first = errors.into_iter().next();
        let column = first.as_ref().and_then(PreferencesError::field);
        let reason = first.as_ref().map(ToString::to_string);
        inconsistent(
            column.map_or("*", |(column, _)| column),
            reason.unwrap_or_default(),
        )
    })
}

/// Keeps the row from changing until the end of the unit of work.
pub(crate) async fn lock(tx: &mut UserTx) -> Result<(), Error> {
    sqlx::query!(
        r#"select 1 as "one!" from identity.preferences
           where user_id = platform.current_user_id()
           for update"#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn require(tx: &mut UserTx) -> Result<Stored, Error> {
    let user_id = tx.user();
    let row = sqlx::query!(
        r#"select to_jsonb(p) - 'user_id' - 'updated_at' as "row!", updated_at
           from identity.preferences p
           where user_id = platform.current_user_id()"#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Stored {
        preferences: read(row.row, user_id)?,
        updated_at: row.updated_at.to_jiff(),
    })
}

pub(crate) async fn update(tx: &mut UserTx, new: &Preferences) -> Result<Timestamp, Error> {
    let body =
        serde_json::to_value(PreferencesBody::from(new)).map_err(|error| Error::Inconsistent {
            table: "identity.preferences",
            column: "*",
            row: tx.user().to_string(),
            reason: error.to_string(),
        })?;
    let updated_at = sqlx::query_scalar!(
        "update identity.preferences p
         set base_currency = n.base_currency, locale = n.locale, theme = n.theme,
             hide_amounts = n.hide_amounts, timezone = n.timezone, number_format = n.number_format,
             date_format = n.date_format, time_format = n.time_format,
             price_display = n.price_display, sign_colours = n.sign_colours,
             font_family = n.font_family, font_size = n.font_size, density = n.density,
             animations = n.animations, chart_type = n.chart_type,
             chart_timeframe = n.chart_timeframe, history_range = n.history_range,
             default_view = n.default_view, live_data = n.live_data,
             refresh_interval_s = n.refresh_interval_s,
             email_notifications = n.email_notifications, webhook_url = n.webhook_url,
             alert_threshold_bps = n.alert_threshold_bps, confirm_actions = n.confirm_actions,
             show_risk_warnings = n.show_risk_warnings, api_access = n.api_access
         from jsonb_populate_record(null::identity.preferences, $1) n
         where p.user_id = platform.current_user_id()
         returning p.updated_at",
        body,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(updated_at.to_jiff())
}

pub(crate) async fn toggle_hide_amounts(tx: &mut UserTx) -> Result<(), Error> {
    sqlx::query!(
        "update identity.preferences set hide_amounts = not hide_amounts
         where user_id = platform.current_user_id()"
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn update_theme(tx: &mut UserTx, theme: Theme) -> Result<(), Error> {
    sqlx::query!(
        "update identity.preferences set theme = $1 where user_id = platform.current_user_id()",
        theme.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_column_of_a_later_version_is_passed_over() {
        let mut row = serde_json::to_value(PreferencesBody::from(&Preferences::default()))
            .expect("an object");
        row["theme"] = json!("dark");
        row["of_a_later_version"] = json!(1);
        let read = read(row.clone(), UserId(uuid::Uuid::nil())).expect("read");
        assert_eq!(read.theme, Theme::Dark);
        let refused = serde_json::from_value::<PreferencesBody>(row);
        assert!(refused.is_err(), "on the wire it is a mistake");
    }
}
