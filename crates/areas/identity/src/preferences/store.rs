use db::{Error, UserId, UserTx};
use jiff::Timestamp;
use money::Currency;
use web::{Theme, format::Locale};

use super::Preferences;

/// Preferences with their version.
pub(crate) struct Stored {
    pub(crate) preferences: Preferences,
    pub(crate) updated_at: Timestamp,
}

/// A row as it lies in the database.
pub(crate) struct Row<'a> {
    pub(crate) user_id: UserId,
    pub(crate) base_currency: &'a str,
    pub(crate) locale: &'a str,
    pub(crate) theme: &'a str,
    pub(crate) hide_amounts: bool,
}

impl TryFrom<Row<'_>> for Preferences {
    type Error = Error;

    fn try_from(row: Row<'_>) -> Result<Self, Error> {
        let inconsistent = |column, value: &str| Error::Inconsistent {
            table: "identity.preferences",
            column,
            row: row.user_id.to_string(),
            reason: format!("“{value}” is not known to this version"),
        };
        Ok(Self {
            base_currency: Currency::new(row.base_currency)
                .map_err(|_| inconsistent("base_currency", row.base_currency))?,
            locale: Locale::parse(row.locale).ok_or_else(|| inconsistent("locale", row.locale))?,
            theme: Theme::parse(row.theme).ok_or_else(|| inconsistent("theme", row.theme))?,
            hide_amounts: row.hide_amounts,
        })
    }
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
        "select base_currency, locale, theme, hide_amounts, updated_at
         from identity.preferences
         where user_id = platform.current_user_id()"
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Stored {
        preferences: Row {
            user_id,
            base_currency: &row.base_currency,
            locale: &row.locale,
            theme: &row.theme,
            hide_amounts: row.hide_amounts,
        }
        .try_into()?,
        updated_at: row.updated_at.to_jiff(),
    })
}

pub(crate) async fn update(tx: &mut UserTx, new: &Preferences) -> Result<Timestamp, Error> {
    let updated_at = sqlx::query_scalar!(
        "update identity.preferences
         set base_currency = $1, locale = $2, theme = $3, hide_amounts = $4
         where user_id = platform.current_user_id()
         returning updated_at",
        new.base_currency.as_str(),
        new.locale.tag(),
        new.theme.as_str(),
        new.hide_amounts,
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
