//! How fast bars are loaded and read, as ratios to what PostgreSQL does by itself in the same run:
//! `cargo bench -p market [-- ROWS]`.
//!
//! A file is loaded end to end (parsing, duplicate detection, COPY, commit) into a fresh database, and
//! the same rows by `psql \copy` into the same table of another one. The cluster is that of the tests
//! and runs without durability, so only the ratios count.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::{
    fmt::Write as _,
    fs::{self, File},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
    middleware::from_fn_with_state,
};
use db::Clock;
use identity::{tokens, tokens::NewToken, users, users::NewUser};
use jiff::{SignedDuration, civil::date};
use market::{InstrumentId, SecurityKey, bars, bars::ImportOptions, instruments};
use testkit::TestDb;
use tower::ServiceExt as _;
use web::App;

const SYMBOLS: usize = 100;
const ROUNDS: usize = 3;
const READS: usize = 50;

#[tokio::main]
async fn main() -> Result<()> {
    // Cargo adds flags of its own.
    let rows = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(1_000_000);
    let folder = tempfile::tempdir()?;
    let csv = folder.path().join("bars.csv");
    let names: Vec<_> = (0..SYMBOLS).map(|index| format!("S{index}")).collect();
    fs::write(
        &csv,
        text(rows, "symbol,date,open,high,low,close,volume\n", &names)?,
    )?;
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        theirs = theirs.min(copy(&folder.path().join("plain.csv"), rows).await?);
        let test = TestDb::new().await;
        ours = ours.min(load(&test, &csv, rows).await?);
        load_again(&test, &csv, rows).await?;
    }
    println!("psql \\copy of {rows} bars: {theirs:.2?}; import end to end: {ours:.2?}");
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!(
        "ratio of the rate of import to that of psql \\copy: {ratio:.2} (budget: at least 0.70)"
    );
    let test = TestDb::new().await;
    load(&test, &csv, rows).await?;
    read_closes(&test).await?;
    read_api(&test).await
}

/// `rows` bars, name by name.
fn text(rows: usize, head: &str, names: &[String]) -> Result<String> {
    let mut text = String::from(head);
    let days = rows.div_ceil(names.len());
    for index in 0..rows {
        let date = date(1980, 1, 1) + SignedDuration::from_hours(24 * (index % days) as i64);
        let close = 100.0 + (index * 7_919 % 10_007) as f64 / 100.0;
        let (high, low) = (close + 1.25, close - 1.25);
        let name = names.get(index / days).context("a name for every symbol")?;
        writeln!(
            text,
            "{name},{date},{close},{high:.2},{low:.2},{close},{}",
            index % 100_000
        )?;
    }
    Ok(text)
}

async fn load(test: &TestDb, file: &Path, rows: usize) -> Result<Duration> {
    let options = ImportOptions {
        source: "bench".into(),
        ..ImportOptions::default()
    };
    let start = Instant::now();
    let report = bars::import(
        &test.db(),
        File::open(file)?,
        &options,
        Clock::system().now(),
        |_| (),
    )
    .await?;
    let elapsed = start.elapsed();
    ensure!(report.imported == rows as u64, "{report:?}");
    Ok(elapsed)
}

async fn load_again(test: &TestDb, file: &Path, rows: usize) -> Result<()> {
    let options = ImportOptions {
        source: "bench".into(),
        ..ImportOptions::default()
    };
    let start = Instant::now();
    let report = bars::import(
        &test.db(),
        File::open(file)?,
        &options,
        Clock::system().now(),
        |_| (),
    )
    .await?;
    ensure!(report.duplicates == rows as u64, "{report:?}");
    println!(
        "the same file again, all duplicates: {:.2?}",
        start.elapsed()
    );
    Ok(())
}

async fn copy(file: &Path, rows: usize) -> Result<Duration> {
    let test = TestDb::new().await;
    let keys: Vec<_> = (0..SYMBOLS)
        .map(|index| SecurityKey {
            symbol: format!("S{index}"),
            ..SecurityKey::default()
        })
        .collect();
    let db = test.db();
    let mut tx = db.system("create the instruments of a benchmark").await?;
    let ids = instruments::ensure(&mut tx, &keys).await?;
    tx.commit().await?;
    let names: Vec<_> = ids.iter().map(InstrumentId::to_string).collect();
    fs::write(file, text(rows, "", &names)?)?;
    let mut owner = test.owner_connection().await;
    sqlx::raw_sql("alter table market.bars_1d alter source set default 'bench'")
        .execute(&mut owner)
        .await?;
    let columns = "instrument_id, at, open, high, low, close, volume";
    let sql = format!(
        "\\copy market.bars_1d ({columns}) from '{}' csv",
        file.display()
    );
    let start = Instant::now();
    let status = Command::new("psql")
        .args([
            "--quiet",
            "--no-psqlrc",
            "-c",
            "set timezone = 'UTC'",
            "-c",
            &sql,
        ])
        .envs(test.access().owner_environment())
        .status()?;
    let elapsed = start.elapsed();
    ensure!(status.success(), "psql failed");
    Ok(elapsed)
}

/// The closes of all symbols by the room's function and as plain rows.
async fn read_closes(test: &TestDb) -> Result<()> {
    let db = test.db();
    let mut tx = db.system("read for a benchmark").await?;
    let ids: Vec<_> = instruments::search(tx.conn(), "S", 1_000)
        .await?
        .into_iter()
        .map(|i| i.id)
        .collect();
    let (mut arrays, mut rows) = (Duration::MAX, Duration::MAX);
    let mut count = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        count = bars::closes(tx.conn(), &ids)
            .await?
            .values()
            .map(Vec::len)
            .sum();
        arrays = arrays.min(start.elapsed());
        let start = Instant::now();
        #[expect(
            clippy::disallowed_methods,
            reason = "the plain query that is compared with"
        )]
        let plain = sqlx::query(
            "select instrument_id, at, close from market.bars_1d
             order by instrument_id, at",
        );
        let found = plain.fetch_all(tx.conn()).await?;
        rows = rows.min(start.elapsed());
        ensure!(found.len() == count);
    }
    println!("{count} closes: {arrays:.2?}; as plain rows, not even decoded: {rows:.2?}");
    Ok(())
}

/// Ten years of bars through the API, and the bare statement.
async fn read_api(test: &TestDb) -> Result<()> {
    let app = App {
        db: test.db(),
        clock: Clock::system(),
        csrf_key: [7; 32].into(),
        sealer: seal::Sealer::with_key([7; 32]),
        outbound: outbound::Client::new(outbound::Policy::default())?,
        public_origin: "http://localhost:8420".into(),
        secure_cookies: false,
        cache: web::Cache::default(),
        stop: web::CancellationToken::new(),
        uploads: web::Uploads {
            folder: std::sync::Arc::from(std::path::Path::new("uploads")),
            max_bytes: web::csrf::MAX_BODY_BYTES as u64,
        },
        gate: web::Gate::default(),
        demo: false,
        nav: &[],
    };
    let new = NewUser {
        email: "owner@example.org".parse()?,
        name: String::new(),
    };
    let user = users::add(&app.db, &app.clock, new, None).await?;
    let mut tx = app.db.write(user.id).await?;
    let token = tokens::create(&mut tx, &NewToken::new("bench")?, app.clock.now())
        .await?
        .secret;
    tx.commit().await?;
    let mut tx = app.db.read(user.id).await?;
    let id = instruments::search(tx.conn(), "S1", 1)
        .await?
        .pop()
        .context("no instrument")?
        .id;
    let (router, _) = market::api().split_for_parts();
    let router: Router = router
        .layer(from_fn_with_state(app.clone(), identity::resolve))
        .with_state(app);
    let path = format!("/api/v1/market/instruments/{id}/bars?from=1981-01-01&to=1990-12-31");
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..READS {
        let request = Request::get(&path)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())?;
        let start = Instant::now();
        let response = router.clone().oneshot(request).await?;
        let body = to_bytes(response.into_body(), usize::MAX).await?;
        ours = ours.min(start.elapsed());
        ensure!(body.len() > 100_000, "{}", String::from_utf8_lossy(&body));
        let start = Instant::now();
        #[expect(
            clippy::disallowed_methods,
            reason = "the plain query that is compared with"
        )]
        let plain = sqlx::query(
            "select at, open, high, low, close, adjusted_close, volume from market.bars_1d
             where instrument_id = $1
               and at between '1981-01-01Z' and '1990-12-31Z'
             order by at",
        );
        let found = plain.bind(id.0).fetch_all(tx.conn()).await?;
        theirs = theirs.min(start.elapsed());
        ensure!(found.len() == 3_652, "{}", found.len());
    }
    println!("3652 bars through the API: {ours:.2?}; bare statement: {theirs:.2?}");
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("ratio of the time of the API to that of bare SQL: {ratio:.2} (budget: at most 2)");
    Ok(())
}
