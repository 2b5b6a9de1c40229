use db::SystemTx;

use crate::InstrumentId;

/// What the figures were computed from.
pub(super) struct State {
    /// All of them are to be computed.
    pub(super) is_outdated: bool,
    pub(super) quote_sequence: i64,
}

/// What the figures were computed from, unless another process is computing them. The row stays locked until the
/// transaction ends.
pub(super) async fn claim(tx: &mut SystemTx) -> db::Result<Option<State>> {
    let state = sqlx::query_as!(
        State,
        "select is_outdated, quote_sequence from market.daily_figures_state for update skip locked"
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(state)
}

pub(super) async fn set_computed(tx: &mut SystemTx, quote_sequence: i64) -> db::Result<()> {
    sqlx::query!(
        "update market.daily_figures_state set is_outdated = false, quote_sequence = $1",
        quote_sequence,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn mark(tx: &mut SystemTx, ids: &[InstrumentId]) -> db::Result<()> {
    sqlx::query!(
        "insert into market.dirty_figures (instrument_id) select unnest($1::uuid[])",
        ids as &[InstrumentId],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes the marks away, so that this transaction has to compute what they are about. What is marked meanwhile is
/// left to the next one: bars are read by a later statement, so a mark that is taken never tells of bars unseen.
pub(super) async fn take_marks(tx: &mut SystemTx) -> db::Result<Vec<InstrumentId>> {
    Ok(sqlx::query_scalar!(
        r#"with taken as (delete from market.dirty_figures returning instrument_id)
           select distinct instrument_id as "id!: InstrumentId" from taken"#
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Whose quotes have changed after this sequence, and the sequence of the last of them.
pub(super) async fn list_quoted(
    tx: &mut SystemTx,
    after: i64,
) -> db::Result<(Vec<InstrumentId>, i64)> {
    let rows = sqlx::query!(
        r#"select instrument_id as "id: InstrumentId", sequence from market.quotes
           where sequence > $1"#,
        after,
    )
    .fetch_all(tx.conn())
    .await?;
    let last = rows.iter().map(|row| row.sequence).max().unwrap_or(after);
    Ok((rows.into_iter().map(|row| row.id).collect(), last))
}

pub(super) async fn list_all(tx: &mut SystemTx) -> db::Result<Vec<InstrumentId>> {
    Ok(sqlx::query_scalar!(
        r#"select id as "id: InstrumentId" from market.instruments where not is_private"#
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Figures whose bars are gone.
pub(super) async fn delete_outdated(tx: &mut SystemTx, ids: &[InstrumentId]) -> db::Result<u64> {
    let deleted = sqlx::query!(
        "delete from market.daily_figures f
         where f.instrument_id = any ($1)
           and not exists (select from market.bars_1d b where b.instrument_id = f.instrument_id)",
        ids as &[InstrumentId],
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}

/// In the currency of the instrument: a bar or a quote in pence is divided by a hundred. What is shown is the last bar, or
/// the quote where it tells its change and is of a later day; of the same day, where that was computed out of minutes that
/// are older. The range is that of the closes of the year that ends with the last bar. Closes before a split are divided
/// by its ratio, and those before a stock dividend by one more than that of the new shares to the old, so that neither
/// is a change.
#[expect(
    clippy::too_many_lines,
    reason = "one statement, which reads from top to bottom"
)]
pub(super) async fn upsert(tx: &mut SystemTx, ids: &[InstrumentId]) -> db::Result<u64> {
    let written = sqlx::query!(
        "insert into market.daily_figures as f
             (instrument_id, date, close, previous_close, change_percent, volume, low_52w, high_52w,
              position_52w, quoted_at)
         select i.id, shown.date, shown.close / unit.size, shown.previous_close / unit.size,
                shown.change_percent, shown.volume, range.low / unit.size, range.high / unit.size,
                case when range.high > range.low then
                    least(greatest(100 * (shown.close - range.low) / (range.high - range.low), 0), 100)
                end,
                q.at
         from unnest($1::uuid[]) as wanted (id)
         join market.instruments i on i.id = wanted.id and not i.is_private
         cross join lateral (
             select case when i.quote_unit = 'minor' then 100 else 1 end as size
         ) unit
         cross join lateral (
             select at, (at at time zone 'UTC')::date as day, close, volume, source
             from market.bars_1d
             where instrument_id = i.id
             order by at desc
             limit 1
         ) last
         left join market.computed_days c
           on c.instrument_id = i.id and c.date = last.day and last.source = 'rollup'
         left join market.quotes q
           on q.instrument_id = i.id and q.change_percent is not null
          and (q.day > last.day or (q.day = last.day and q.at >= c.until))
         cross join lateral (
             select exists (
                 select from market.corporate_actions
                 where instrument_id = i.id and type in ('split', 'stock_dividend')
                   and withdrawn_at is null
             ) as are_known
         ) splits
         left join lateral (
             select close / case when splits.are_known
                     then market.split_ratio(i.id, (at at time zone 'UTC')::date, last.day) else 1
                 end as close
             from market.bars_1d
             where instrument_id = i.id and at < last.at
             order by at desc
             limit 1
         ) before on true
         cross join lateral (
             select coalesce(q.day, last.day) as date, coalesce(q.price, last.close) as close,
                    case when q.at is null then before.close else q.previous_close end as previous_close,
                    coalesce(q.change_percent, (last.close / before.close - 1) * 100) as change_percent,
                    coalesce(q.volume, last.volume) as volume
         ) shown
         cross join lateral (
             select min(b.close / b.ratio) as low, max(b.close / b.ratio) as high
             from (
                 select close, case when splits.are_known
                     then market.split_ratio(i.id, (at at time zone 'UTC')::date, shown.date) else 1
                 end as ratio
                 from market.bars_1d
                 where instrument_id = i.id
                   and at > last.at - interval '364 days' and at <= last.at
                   -- A day that the quote has overtaken has no close yet, unless there is no other.
                   and (at < last.at or q.day is distinct from last.day or before.close is null)
             ) b
         ) range
         on conflict (instrument_id) do update
         set date = excluded.date, close = excluded.close, previous_close = excluded.previous_close,
             change_percent = excluded.change_percent, volume = excluded.volume,
             low_52w = excluded.low_52w, high_52w = excluded.high_52w,
             position_52w = excluded.position_52w, quoted_at = excluded.quoted_at
         where (f.date, f.close, f.previous_close, f.change_percent, f.volume, f.low_52w, f.high_52w,
                f.position_52w, f.quoted_at)
             is distinct from
               (excluded.date, excluded.close, excluded.previous_close, excluded.change_percent,
                excluded.volume, excluded.low_52w, excluded.high_52w, excluded.position_52w,
                excluded.quoted_at)",
        ids as &[InstrumentId],
    )
    .execute(tx.conn())
    .await?;
    Ok(written.rows_affected())
}
