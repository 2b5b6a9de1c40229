use db::SystemTx;
use jiff::civil::Date;
use sqlx::PgConnection;

use super::{CHANNEL, NewQuote, Quote, Wanted};
use crate::InstrumentId;

/// One writer at a time, so that sequences are seen in their order.
pub(super) async fn lock(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('market.quotes', 0)) as "locked: ()""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Each with the trading day to which it belongs.
pub(super) async fn upsert(
    tx: &mut SystemTx,
    source: &str,
    quotes: &[NewQuote],
    days: &[Date],
) -> db::Result<u64> {
    let days: Vec<jiff_sqlx::Date> = days.iter().copied().map(Into::into).collect();
    let ids: Vec<InstrumentId> = quotes.iter().map(|quote| quote.instrument_id).collect();
    let prices: Vec<f64> = quotes.iter().map(|quote| quote.price).collect();
    let closes: Vec<Option<f64>> = quotes.iter().map(|quote| quote.previous_close).collect();
    let volumes: Vec<Option<f64>> = quotes.iter().map(|quote| quote.volume).collect();
    let bids: Vec<Option<f64>> = quotes.iter().map(|quote| quote.bid).collect();
    let asks: Vec<Option<f64>> = quotes.iter().map(|quote| quote.ask).collect();
    let times: Vec<jiff_sqlx::Timestamp> = quotes.iter().map(|quote| quote.at.into()).collect();
    let done = sqlx::query!(
        "insert into market.quotes as q
             (instrument_id, price, previous_close, volume, bid, ask, at, source, day)
         select distinct on (n.id) n.id, n.price, n.previous_close, n.volume, n.bid, n.ask, n.at, $8,
                n.day
         from unnest($1::uuid[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[],
                     $7::timestamptz[], $9::date[])
              as n (id, price, previous_close, volume, bid, ask, at, day)
         join market.instruments i on i.id = n.id and not i.is_private
         order by n.id, n.at desc
         on conflict (instrument_id) do update
         set sequence = excluded.sequence, price = excluded.price,
             previous_close = case
                 when excluded.previous_close is null and excluded.day = q.day
                 then q.previous_close else excluded.previous_close end,
             volume = excluded.volume, bid = excluded.bid, ask = excluded.ask, at = excluded.at,
             source = excluded.source, day = excluded.day, observed_at = statement_timestamp()
         where excluded.at > q.at
            or (excluded.at = q.at
                and (excluded.price, excluded.volume, excluded.bid, excluded.ask)
                    is distinct from (q.price, q.volume, q.bid, q.ask))",
        &ids as &[InstrumentId],
        &prices,
        &closes as &[Option<f64>],
        &volumes as &[Option<f64>],
        &bids as &[Option<f64>],
        &asks as &[Option<f64>],
        &times as &[jiff_sqlx::Timestamp],
        source,
        &days as &[jiff_sqlx::Date],
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn notify(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(r#"select pg_notify($1, '') as "sent: ()""#, CHANNEL)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// Quotes by symbol or by id, in the order of symbols.
pub(crate) async fn list(
    conn: &mut PgConnection,
    symbols: &[String],
    ids: &[InstrumentId],
) -> db::Result<Vec<Quote>> {
    Ok(sqlx::query_as!(
        Quote,
        "select q.instrument_id, i.symbol, i.exchange, i.currency, i.quote_unit, q.price, q.previous_close,
                q.change, q.change_percent, q.volume, q.bid, q.ask, q.at, q.source, i.is_simulated,
                q.sequence
         from market.quotes q
         join market.instruments i on i.id = q.instrument_id
         where not i.is_private and (i.symbol = any ($1) or i.id = any ($2))
         order by i.symbol, i.id",
        symbols,
        ids as &[InstrumentId],
    )
    .fetch_all(conn)
    .await?)
}

/// What changed after a sequence, the oldest first.
pub(crate) async fn list_newer(
    conn: &mut PgConnection,
    sequence: i64,
    limit: i64,
) -> db::Result<Vec<Quote>> {
    Ok(sqlx::query_as!(
        Quote,
        "select q.instrument_id, i.symbol, i.exchange, i.currency, i.quote_unit, q.price, q.previous_close,
                q.change, q.change_percent, q.volume, q.bid, q.ask, q.at, q.source, i.is_simulated,
                q.sequence
         from market.quotes q
         join market.instruments i on i.id = q.instrument_id
         where not i.is_private and q.sequence > $1
         order by q.sequence
         limit $2",
        sequence,
        limit,
    )
    .fetch_all(conn)
    .await?)
}

/// The sequence of the latest change.
pub(crate) async fn last_sequence(conn: &mut PgConnection) -> db::Result<i64> {
    Ok(
        sqlx::query_scalar!(r#"select coalesce(max(sequence), 0) as "last!" from market.quotes"#)
            .fetch_one(conn)
            .await?,
    )
}

/// The instruments that are meant, with their symbols; private ones are nobody's to follow.
pub(crate) async fn find(
    conn: &mut PgConnection,
    wanted: &Wanted,
) -> db::Result<Vec<(InstrumentId, String)>> {
    let rows = sqlx::query!(
        "select id, symbol from market.instruments
         where not is_private and (symbol = any ($1) or id = any ($2))
         order by symbol, id",
        &wanted.symbols,
        &wanted.ids as &[InstrumentId],
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.symbol)).collect())
}

/// Simulated instruments that are quoted in their currency.
pub(super) async fn list_simulated(tx: &mut SystemTx) -> db::Result<Vec<InstrumentId>> {
    Ok(sqlx::query_scalar!(
        "select id from market.instruments
         where is_simulated and not is_private and quote_unit = 'major' and underlying_id is null
         order by id"
    )
    .fetch_all(tx.conn())
    .await?)
}
