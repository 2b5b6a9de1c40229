use db::{UserId, UserTx};
use market::{Instrument, InstrumentId};
use rust_decimal::Decimal;

use super::{
    Dimension, Error, FundWeights,
    model::{Composition, Weight},
};
use crate::private_assets;

/// An instrument of which the person may state the composition.
pub(super) async fn require_instrument(
    tx: &mut UserTx,
    id: InstrumentId,
) -> Result<Instrument, Error> {
    private_assets::service::visible(tx, id)
        .await?
        .ok_or(Error::NotFound)
}

/// The compositions of all funds.
pub(crate) async fn list(tx: &mut UserTx) -> Result<FundWeights, Error> {
    let rows = sqlx::query!(
        "select instrument_id, dimension, key, percent from portfolio.fund_weights
         order by instrument_id, dimension, percent desc, key"
    )
    .fetch_all(tx.conn())
    .await?;
    let mut all = FundWeights::default();
    for row in rows {
        let id = InstrumentId(row.instrument_id);
        all.push(id, weight(id, &row.dimension, row.key, row.percent)?);
    }
    Ok(all)
}

/// The composition of one.
pub(super) async fn get(tx: &mut UserTx, id: InstrumentId) -> Result<Composition, Error> {
    let rows = sqlx::query!(
        "select dimension, key, percent from portfolio.fund_weights
         where instrument_id = $1
         order by dimension, percent desc, key",
        id.0,
    )
    .fetch_all(tx.conn())
    .await?;
    let weights = rows
        .into_iter()
        .map(|row| weight(id, &row.dimension, row.key, row.percent))
        .collect::<Result<_, _>>()?;
    Ok(Composition { weights })
}

fn weight(
    id: InstrumentId,
    dimension: &str,
    key: String,
    percent: Decimal,
) -> Result<Weight, db::Error> {
    let dimension = Dimension::parse(dimension).ok_or_else(|| db::Error::Inconsistent {
        table: "portfolio.fund_weights",
        column: "dimension",
        row: id.to_string(),
        reason: "not a value this program writes".to_owned(),
    })?;
    Ok(Weight {
        dimension,
        key,
        percent: percent.normalize(),
    })
}

/// Replaces the composition of one.
pub(crate) async fn replace(
    tx: &mut UserTx,
    user: UserId,
    id: InstrumentId,
    weights: &[Weight],
) -> Result<(), Error> {
    // Of two replacements one comes first: together they would be neither.
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('portfolio.fund_weights ' || $1::uuid, 0))
               as "locked: ()""#,
        user.0,
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "delete from portfolio.fund_weights where instrument_id = $1",
        id.0
    )
    .execute(tx.conn())
    .await?;
    let dimensions: Vec<&str> = weights.iter().map(|w| w.dimension.as_str()).collect();
    let keys: Vec<&str> = weights.iter().map(|w| w.key.as_str()).collect();
    let percents: Vec<Decimal> = weights.iter().map(|w| w.percent).collect();
    sqlx::query!(
        "insert into portfolio.fund_weights (user_id, instrument_id, dimension, key, percent)
         select $1, $2, w.* from unnest($3::text[], $4::text[], $5::numeric[]) w",
        user.0,
        id as InstrumentId,
        &dimensions as &[&str],
        &keys as &[&str],
        &percents,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
