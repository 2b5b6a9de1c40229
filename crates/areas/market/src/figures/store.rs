use db::SystemTx;

/// Marks the figures as computed for this revision; `false` when they were. The row stays locked until
/// the transaction ends, so that two nodes do not compute them at once.
pub(super) async fn claim(tx: &mut SystemTx, revision: i64) -> db::Result<bool> {
    let claimed = sqlx::query!(
        "update market.daily_figures_state set revision = $1 where revision <> $1",
        revision,
    )
    .execute(tx.conn())
    .await?;
    Ok(claimed.rows_affected() > 0)
}

/// Forgets for which revision the figures were computed.
pub(super) async fn reset(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!("update market.daily_figures_state set revision = 0")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Figures whose bars are gone.
pub(super) async fn delete_outdated(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(
        "delete from market.daily_figures f
         where not exists (
             select from market.bars_1d b where b.instrument_id = f.instrument_id
         )"
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// In the currency of the instrument: a bar in pence is divided by a hundred. The year ends with the
/// last bar. Closes before a split are divided by its ratio, and those before a stock dividend by one more than
/// that of the new shares to the old, so that neither is a change.
pub(super) async fn upsert_all(tx: &mut SystemTx) -> db::Result<u64> {
    let written = sqlx::query!(
        "insert into market.daily_figures as f
             (instrument_id, date, close, previous_close, change_percent, volume, low_52w, high_52w,
              position_52w)
         select i.id, last.day, last.close / unit.size, before.close / unit.size,
                (last.close / before.close - 1) * 100, last.volume, range.low / unit.size,
                range.high / unit.size, 100 * (last.close - range.low) / nullif(range.high - range.low, 0)
         from market.instruments i
         cross join lateral (
             select case when i.quote_unit = 'minor' then 100 else 1 end as size
         ) unit
         cross join lateral (
             select at, (at at time zone 'UTC')::date as day, close, volume
             from market.bars_1d
             where instrument_id = i.id
             order by at desc
             limit 1
         ) last
         cross join lateral (
             select exists (
                 select from market.corporate_actions
                 where instrument_id = i.id and type in ('split', 'stock_dividend')
                   and withdrawn_at is null
             ) as are_known
         ) splits
         cross join lateral (
             select min(b.close / b.ratio) as low, max(b.close / b.ratio) as high
             from (
                 select close, case when splits.are_known
                     then market.split_ratio(i.id, (at at time zone 'UTC')::date, last.day) else 1
                 end as ratio
                 from market.bars_1d
                 where instrument_id = i.id
                   and at > last.at - interval '364 days' and at <= last.at
             ) b
         ) range
         left join lateral (
             select close / case when splits.are_known
                     then market.split_ratio(i.id, (at at time zone 'UTC')::date, last.day) else 1
                 end as close
             from market.bars_1d
             where instrument_id = i.id and at < last.at
             order by at desc
             limit 1
         ) before on true
         where not i.is_private
         on conflict (instrument_id) do update
         set date = excluded.date, close = excluded.close, previous_close = excluded.previous_close,
             change_percent = excluded.change_percent, volume = excluded.volume,
             low_52w = excluded.low_52w, high_52w = excluded.high_52w,
             position_52w = excluded.position_52w, quoted_at = null
         where (f.date, f.close, f.previous_close, f.change_percent, f.volume, f.low_52w, f.high_52w,
                f.position_52w)
             is distinct from
               (excluded.date, excluded.close, excluded.previous_close, excluded.change_percent,
                excluded.volume, excluded.low_52w, excluded.high_52w, excluded.position_52w)"
    )
    .execute(tx.conn())
    .await?;
    Ok(written.rows_affected())
}

/// Puts quotes of days that have no bar yet in place of the last close: what a screen shows and what it is
/// sorted by are then the same. The range of 52 weeks stays that of the closes, divided by what was split since.
pub(super) async fn update_by_quotes(tx: &mut SystemTx) -> db::Result<u64> {
    let written = sqlx::query!(
        "with quoted as (
             select q.instrument_id, q.at, q.day, q.price / unit.size as price,
                    q.previous_close / unit.size as previous_close, q.change_percent, q.volume,
                    d.low_52w / splits.ratio as low, d.high_52w / splits.ratio as high
             from market.quotes q
             join market.instruments i on i.id = q.instrument_id
             join market.daily_figures d on d.instrument_id = q.instrument_id
             cross join lateral (
                 select case when i.quote_unit = 'minor' then 100 else 1 end as size
             ) unit
             cross join lateral (
                 select market.split_ratio(q.instrument_id, d.date, q.day) as ratio
             ) splits
             where q.change_percent is not null and q.day is not null
               and case when d.quoted_at is null then q.day > d.date else q.at > d.quoted_at end
         )
         update market.daily_figures f
         set date = q.day, close = q.price, previous_close = q.previous_close,
             change_percent = q.change_percent, volume = coalesce(q.volume, f.volume), quoted_at = q.at,
             low_52w = q.low, high_52w = q.high,
             position_52w = least(greatest(100 * (q.price - q.low) / nullif(q.high - q.low, 0), 0), 100)
         from quoted q
         where q.instrument_id = f.instrument_id"
    )
    .execute(tx.conn())
    .await?;
    Ok(written.rows_affected())
}
