//! Bulk loading: all types, many buffers, and the ways it can fail.

use db::copy::CopyWriter;
use db::{Error, Result};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use testkit::TestDb;
use uuid::Uuid;

use crate::scratch::execute;

const COLUMNS: [&str; 10] = [
    "id", "day", "at", "price", "amount", "name", "count", "flag", "size", "raw",
];
const ROWS: u32 = 20_000;

#[derive(Debug, Clone, PartialEq)]
struct Sample {
    id: Uuid,
    day: Date,
    at: Timestamp,
    price: f64,
    amount: Decimal,
    name: Option<String>,
    count: i32,
}

fn sample(n: u32) -> Sample {
    let day = date(1999, 12, 31)
        .checked_add(jiff::Span::new().days(n % 9000))
        .expect("a day");
    Sample {
        id: Uuid::from_u128(u128::from(n)),
        day,
        at: Timestamp::from_microsecond(i64::from(n) * 1_234_567_891 - 1).expect("an instant"),
        price: f64::from(n) / 7.0,
        amount: Decimal::new(i64::from(n) * 10_001 - 5_000_000, 8),
        name: (!n.is_multiple_of(3)).then(|| format!("row {n} \u{1F4B6}")),
        count: n.cast_signed() - 10_000,
    }
}

async fn table() -> (TestDb, PgConnection) {
    let test = TestDb::new().await;
    let mut connection = test.owner_connection().await;
    let sql = "create schema scratch; create table scratch.samples (id uuid, day date, \
               at timestamptz, price float8, amount numeric(20,8), name text, count int, \
               flag bool, size bigint, raw bytea)";
    execute(&mut connection, sql)
        .await
        .expect("the scratch table");
    (test, connection)
}

async fn push(writer: &mut CopyWriter<'_>, sample: &Sample) -> Result<()> {
    writer
        .row(|row| {
            row.field(sample.id)?
                .field(sample.day)?
                .field(sample.at)?
                .field(sample.price)?
                .field(sample.amount)?
                .field(sample.name.as_deref())?
                .field(sample.count)?
                .field(sample.count > 0)?
                .field(i64::from(sample.count) << 32)?
                .field(sample.name.as_deref().map(str::as_bytes))?;
            Ok(())
        })
        .await
}

/// Rows that another session sees.
async fn count(test: &TestDb) -> i64 {
    sqlx::query_scalar("select count(*) from scratch.samples")
        .fetch_one(&mut test.owner_connection().await)
        .await
        .expect("a number")
}

#[tokio::test]
async fn rows_arrive_as_they_were() {
    let (_test, mut connection) = table().await;
    let mut writer = CopyWriter::begin(&mut connection, "scratch.samples", &COLUMNS)
        .await
        .expect("copy");
    for n in 0..ROWS {
        push(&mut writer, &sample(n)).await.expect("a row");
    }
    assert_eq!(writer.finish().await.expect("the end"), u64::from(ROWS));

    let rows = sqlx::query("select * from scratch.samples order by id")
        .fetch_all(&mut connection)
        .await
        .expect("rows");
    assert_eq!(rows.len(), ROWS as usize);
    for (row, n) in rows.iter().zip(0..) {
        let expected = sample(n);
        let found = Sample {
            id: row.get("id"),
            day: row.get::<jiff_sqlx::Date, _>("day").to_jiff(),
            at: row.get::<jiff_sqlx::Timestamp, _>("at").to_jiff(),
            price: row.get("price"),
            amount: row.get("amount"),
            name: row.get("name"),
            count: row.get("count"),
        };
        assert_eq!(found, expected);
        assert_eq!(row.get::<bool, _>("flag"), expected.count > 0);
        assert_eq!(row.get::<i64, _>("size"), i64::from(expected.count) << 32);
        let raw: Option<Vec<u8>> = row.get("raw");
        assert_eq!(raw, expected.name.map(String::into_bytes));
    }
}

#[tokio::test]
async fn without_its_end_nothing_is_loaded() {
    let (test, mut connection) = table().await;
    let mut writer = CopyWriter::begin(&mut connection, "scratch.samples", &COLUMNS)
        .await
        .expect("copy");
    for n in 0..ROWS {
        push(&mut writer, &sample(n)).await.expect("a row");
    }
    drop(writer);
    assert_eq!(count(&test).await, 0);
}

#[tokio::test]
async fn a_row_of_the_wrong_width_is_refused_here() {
    let (test, mut connection) = table().await;
    let mut writer = CopyWriter::begin(&mut connection, "scratch.samples", &COLUMNS)
        .await
        .expect("copy");
    let error = writer
        .row(|row| row.field(1_i32).map(drop))
        .await
        .expect_err("too narrow");
    assert!(
        error
            .to_string()
            .contains("a row of 1 fields for 10 columns"),
        "{error}"
    );
    drop(writer);
    assert_eq!(count(&test).await, 0);
}

#[tokio::test]
async fn refused_rows_come_back_as_violations() {
    let (test, mut connection) = table().await;
    let sql = "alter table scratch.samples add constraint samples_pkey primary key (id)";
    execute(&mut connection, sql).await.expect("a key");
    let mut writer = CopyWriter::begin(&mut connection, "scratch.samples", &["id"])
        .await
        .expect("copy");
    for _ in 0..2 {
        writer
            .row(|row| row.field(Uuid::nil()).map(drop))
            .await
            .expect("a row");
    }
    let error = writer.finish().await.expect_err("the same key twice");
    assert_eq!(error.constraint(), Some("samples_pkey"));
    assert!(matches!(error, Error::Violation(_)));
    assert_eq!(count(&test).await, 0);
}
