use db::SystemTx;
use market::InstrumentId;

/// The instruments that are in anybody's portfolio. What was sold as it was bought is not; where units came or
/// went otherwise, or were split, that cannot be told without a replay, so it counts as held.
pub(super) async fn list_held(tx: &mut SystemTx) -> db::Result<Vec<InstrumentId>> {
    Ok(sqlx::query_scalar!(
        r#"select t.instrument_id as "id!: InstrumentId"
           from portfolio.transactions t
           join market.instruments i on i.id = t.instrument_id and not i.is_private
           group by t.instrument_id
           having bool_or(t.type not in ('buy', 'sell', 'dividend', 'interest', 'fee', 'tax'))
               or sum(case t.type when 'buy' then t.quantity when 'sell' then -t.quantity end) <> 0
               or exists (
                   select from market.corporate_actions a where a.instrument_id = t.instrument_id
               )
           order by t.instrument_id"#
    )
    .fetch_all(tx.conn())
    .await?)
}
