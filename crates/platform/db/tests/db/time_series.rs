//! The form of the time series, and how a table is made anew.

use db::TimescaleDb;
use sqlx::postgres::PgConnection;
use testkit::TestDb;

use crate::migrations::{catalogue, difference};
use crate::scratch::execute;

/// A row in every partition that days have, and in one of ticks and of minutes that are put together.
const ROWS: &str = "
    insert into market.instruments (id, symbol) values ('01900000-0000-7000-8000-000000000001', 'ACME');
    insert into market.bars_1d (instrument_id, at, open, high, low, close, source)
    select '01900000-0000-7000-8000-000000000001', make_timestamptz(y, 7, 1, 0, 0, 0, 'UTC'), 1, 2, 1, 2, 'test'
    from generate_series(1985, 2035, 10) as y;
    select platform.ensure_partition('market.ticks', '2024-05-01'),
           platform.ensure_partition('market.bars_5m', '2024-05-01');
    insert into market.ticks (instrument_id, at, sequence, price, source)
    values ('01900000-0000-7000-8000-000000000001', '2024-05-01 10:00:00+00', 1, 7, 'test');
    insert into market.bars_5m (instrument_id, at, open, high, low, close, source)
    values ('01900000-0000-7000-8000-000000000001', '2024-05-01 10:00:00+00', 3, 4, 3, 4, 'test')";

async fn texts(connection: &mut PgConnection, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql)
        .fetch_all(connection)
        .await
        .expect("an answer")
}

/// What makes hypertables makes partitions as well, so that it can be tried on every server.
#[tokio::test]
async fn a_table_that_is_made_anew_keeps_everything_of_it() {
    let test = TestDb::new().await;
    let form = test.has_hypertables().await;
    let mut connection = test.owner_connection().await;
    execute(&mut connection, ROWS).await.expect("rows");
    let rows = "select to_jsonb(b)::text from market.bars b union all select to_jsonb(t)::text from market.ticks t
                order by 1";
    let (before, rows_before) = (catalogue(&test).await, texts(&mut connection, rows).await);
    assert_eq!(rows_before.len(), 8);

    execute(&mut connection, "set role bursar_owner")
        .await
        .expect("the owner");
    let tables = "array['market.bars_1d', 'market.ticks', 'market.bars_5m']";
    let rebuild = format!("select platform.rebuild_with_views({tables}, {form})");
    let oid = "select 'market.bars_1d'::regclass::oid::text";
    let former = texts(&mut connection, oid).await;
    execute(&mut connection, &rebuild).await.expect("made anew");
    assert_ne!(texts(&mut connection, oid).await, former, "another table");
    let changed = difference(&before, &catalogue(&test).await);
    assert!(changed.is_empty(), "{}", changed.join("\n"));
    assert_eq!(texts(&mut connection, rows).await, rows_before);

    // Its triggers go on working: a correction keeps the former bar.
    execute(
        &mut connection,
        "update market.bars_1d set close = 1 where at = '1995-07-01 00:00:00+00'",
    )
    .await
    .expect("a correction");
    let kept = "select close::text from market.bar_versions where at = '1995-07-01 00:00:00+00'";
    assert_eq!(texts(&mut connection, kept).await, ["2"]);
}

#[tokio::test]
async fn a_table_whose_index_would_be_lost_is_not_made_anew() {
    let test = TestDb::new().await;
    let form = test.has_hypertables().await;
    let mut connection = test.owner_connection().await;
    execute(
        &mut connection,
        "create index ticks_price_idx on market.ticks (price)",
    )
    .await
    .expect("an index");
    let rebuild = format!("select platform.rebuild_with_views(array['market.ticks'], {form})");
    let error = execute(&mut connection, &rebuild)
        .await
        .expect_err("the index");
    assert!(
        error
            .to_string()
            .contains("market.ticks has an index of its own"),
        "{error}"
    );
}

#[tokio::test]
async fn the_form_is_what_the_server_has() {
    let test = TestDb::new().await;
    let mut connection = test.owner_connection().await;
    let server = db::timescaledb(&mut connection).await.expect("an answer");
    let is_usable = matches!(
        server,
        TimescaleDb::Usable {
            is_created: true,
            ..
        }
    );
    assert_eq!(test.has_hypertables().await, is_usable, "{server:?}");
    // Where the extension is missing there is nothing to make; where it is, everything is made.
    let again = test.migrator().migrate(test.access()).await;
    assert_eq!(again.expect("nothing to do"), []);
    assert_eq!(test.has_hypertables().await, is_usable);
}
