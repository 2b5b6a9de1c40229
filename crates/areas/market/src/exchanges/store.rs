use std::collections::HashMap;

use sqlx::PgConnection;

use super::{error::Error, model::Exchange};
use crate::InstrumentId;

pub(super) async fn list(conn: &mut PgConnection) -> db::Result<Vec<Exchange>> {
    Ok(sqlx::query_as!(
        Exchange,
        "select mic, code, name, country, time_zone, currency, calendar, aliases
         from market.exchanges
         order by mic"
    )
    .fetch_all(conn)
    .await?)
}

/// By its MIC or by its common code; case does not matter.
pub(super) async fn require(conn: &mut PgConnection, code: &str) -> Result<Exchange, Error> {
    let found = sqlx::query_as!(
        Exchange,
        "select mic, code, name, country, time_zone, currency, calendar, aliases
         from market.exchanges
         where upper($1) in (mic, code)
         order by mic = upper($1) desc
         limit 1",
        code.replace('\0', ""),
    )
    .fetch_optional(conn)
    .await
    .map_err(db::Error::from)?;
    found.ok_or(Error::NotFound)
}

/// IANA's name of the time zone of an exchange.
pub(super) async fn time_zone(conn: &mut PgConnection, mic: &str) -> db::Result<Option<String>> {
    Ok(
        sqlx::query_scalar!("select time_zone from market.exchanges where mic = $1", mic)
            .fetch_optional(conn)
            .await?,
    )
}

/// The MIC of each word that means an exchange.
pub(super) async fn mics(
    conn: &mut PgConnection,
    words: &[&str],
) -> db::Result<HashMap<String, String>> {
    let rows = sqlx::query!(
        r#"select n.word as "word!", found.mic as "mic!"
           from unnest($1::text[]) as n (word),
                lateral (select market.mic_of(n.word) as mic) found
           where found.mic is not null"#,
        words as &[&str],
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.word, row.mic)).collect())
}

/// Names of the calendars of instruments.
pub(super) async fn calendars(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, String>> {
    let rows = sqlx::query!(
        r#"select i.id as "id: InstrumentId", calendar.name as "name!"
           from market.instruments i
           cross join lateral (select market.calendar_of_days(i.asset_class, i.mic) as name) calendar
           where i.id = any ($1) and calendar.name is not null"#,
        ids as &[InstrumentId],
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
