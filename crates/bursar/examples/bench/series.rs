//! Bars and ticks: reading, computing ticks into bars, and what comes of it with size.

use std::time::{Duration, Instant};

use bursar::Instance;
use db::UserId;
use identity::{
    tokens::NewToken,
    users::{self, NewUser},
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::date};
use market::{
    InstrumentId, SecurityKey,
    bars::{self, DailyBar},
    ticks::{self, Tick},
};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::http::{ask, listen};

/// Trading days of ten years.
const DAYS: usize = 2_520;
const SYMBOLS: usize = 500;
const READS: usize = 200;
const TICK_SYMBOLS: usize = 100;
/// Ticks of one unit of work, as a source that gathers them for a moment sends them.
const TICKS_AT_ONCE: usize = 5_000;

/// Ten years of daily bars of one symbol through the API, end to end over loopback, against the bare statement
/// on a connection that is open, alternating; and a day of all symbols.
pub(crate) async fn read(instance: &Instance) -> anyhow::Result<Value> {
    let ids = instruments(instance, "R", SYMBOLS).await?;
    load(instance, &ids, DAYS).await?;
    crate::load::psql(instance, "vacuum analyze market.bars_1d")?;
    let (user, token) = person(instance, "reader@bursar.example").await?;
    let checks = checks::Checks::of_database(instance.server.access());
    let router = bursar::router(&instance.app, &checks, &instance.valuations);
    let address = listen(router).await?;
    let mut stream = TcpStream::connect(address).await?;
    let mut buffer = Vec::new();
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut tx = instance.app.db.read(user).await?;
    for turn in 0..READS {
        let id = ids[turn * 7 % ids.len()];
        let request = format!(
            "GET /api/v1/market/instruments/{id}/bars HTTP/1.1\r\nHost: {address}\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        // Whoever comes second finds everything awake.
        let (mut api, mut bare) = (Duration::ZERO, Duration::ZERO);
        for is_ours in [turn % 2 == 0, turn % 2 == 1] {
            let started = Instant::now();
            if is_ours {
                let body = ask(&mut stream, &request, &mut buffer).await;
                api = started.elapsed();
                let body = body.ok_or_else(|| anyhow::anyhow!("the bars are not answered"))?;
                anyhow::ensure!(buffer.len() - body > DAYS * 50, "not all bars came");
            } else {
                let rows = plain(&mut tx, id).await?;
                bare = started.elapsed();
                anyhow::ensure!(rows == DAYS, "{rows} bars");
            }
        }
        ours.push(ms(api));
        theirs.push(ms(bare));
        ratios.push(api.as_secs_f64() / bare.as_secs_f64());
    }
    let mut days = Vec::new();
    for turn in 0..READS {
        let day = nth_day(turn * 11 % DAYS)?;
        let started = Instant::now();
        let found = bars::on_day(tx.conn(), &ids, day).await?;
        days.push(ms(started.elapsed()));
        anyhow::ensure!(found.len() == ids.len(), "{} of {day}", found.len());
    }
    Ok(json!({
        "bars_of_a_symbol": DAYS,
        "api_ms": percentiles(ours),
        "bare_sql_ms": percentiles(theirs),
        "read_time_ratio": round(crate::median(&ratios)),
        "symbols_of_a_day": ids.len(),
        "day_ms": percentiles(days),
    }))
}

/// The plain statement that is compared with; how many rows it brings.
async fn plain(tx: &mut db::UserTx, id: InstrumentId) -> anyhow::Result<usize> {
    #[expect(
        clippy::disallowed_methods,
        reason = "what is compared with does nothing of ours"
    )]
    let rows = sqlx::query(
        "select at, open, high, low, close, adjusted_close, volume from market.bars_1d
         where instrument_id = $1 order by at",
    );
    Ok(rows.bind(id.0).fetch_all(tx.conn()).await?.len())
}

/// Ticks per second into the table, and until the bars of all lengths are computed from them.
pub(crate) async fn ticks(instance: &Instance, count: usize) -> anyhow::Result<Value> {
    let ids = instruments(instance, "T", TICK_SYMBOLS).await?;
    let start: Timestamp = "2026-03-02T14:30:00Z".parse()?;
    let db = &instance.app.db;
    let mut sent = 0;
    let started = Instant::now();
    while sent < count {
        let rows: Vec<(InstrumentId, Tick)> = (sent..count.min(sent + TICKS_AT_ONCE))
            .map(|at| (ids[at % ids.len()], tick(start, at)))
            .collect();
        let mut tx = db.system("benchmark").await?;
        let done = ticks::ingest(&mut tx, "bench", &rows).await?;
        tx.commit().await?;
        anyhow::ensure!(done.written == rows.len() as u64, "{done:?}");
        sent += rows.len();
    }
    let stored = started.elapsed().as_secs_f64();
    let rolled = market::rollups::run(db).await?;
    let computed = started.elapsed().as_secs_f64();
    Ok(json!({
        "ticks": count,
        "symbols": ids.len(),
        "stored_per_s": (count as f64 / stored).round(),
        "through_to_bars_per_s": (count as f64 / computed).round(),
        "minutes_computed": rolled.minutes,
        "bars_changed": rolled.changed,
    }))
}

/// A tick of each symbol every tenth of a second.
fn tick(start: Timestamp, at: usize) -> Tick {
    let round = i64::try_from(at / TICK_SYMBOLS).unwrap_or_default();
    let price = 50.0 + ((at * 7_919) % 1_000) as f64 / 100.0;
    Tick {
        at: start + SignedDuration::from_millis(round * 100),
        sequence: 1,
        price,
        volume: Some(100.0),
        bid: Some(price - 0.01),
        ask: Some(price + 0.01),
    }
}

/// Reads and writes as the table grows, step by step (in millions of daily bars), until the time is over.
pub(crate) async fn grow(
    instance: &Instance,
    millions: &[usize],
    most: Duration,
) -> anyhow::Result<Value> {
    let begun = Instant::now();
    let (user, _) = person(instance, "grower@bursar.example").await?;
    let (mut all, mut steps): (Vec<InstrumentId>, Vec<Value>) = (Vec::new(), Vec::new());
    // Whole instruments, so that each has ten years.
    let a_part = 1_000_000_usize.div_ceil(DAYS);
    for wanted in millions {
        let mut rates = Vec::new();
        while all.len() < wanted * a_part && begun.elapsed() < most {
            let prefix = format!("G{}X", all.len() / a_part);
            let ids = instruments(instance, &prefix, a_part).await?;
            let started = Instant::now();
            load(instance, &ids, DAYS).await?;
            rates.push((ids.len() * DAYS) as f64 / started.elapsed().as_secs_f64());
            all.extend(ids);
        }
        crate::load::psql(instance, "vacuum analyze market.bars_1d")?;
        let mut step = look(instance, user, &all).await?;
        step["load_bars_per_s"] = rates.last().map(|rate| rate.round()).into();
        steps.push(step);
        if begun.elapsed() >= most {
            break;
        }
    }
    Ok(json!({ "steps": steps, "seconds": begun.elapsed().as_secs() }))
}

async fn look(instance: &Instance, user: UserId, all: &[InstrumentId]) -> anyhow::Result<Value> {
    let mut tx = instance.app.db.read(user).await?;
    let (mut histories, mut days, mut latest) = (Vec::new(), Vec::new(), Vec::new());
    let (first, last) = (
        "1900-01-01T00:00:00Z".parse()?,
        "2100-01-01T00:00:00Z".parse()?,
    );
    for turn in 0..READS {
        let id = all[turn * 7_919 % all.len()];
        let started = Instant::now();
        let interval = bars::Interval::Day;
        let found = bars::between(tx.conn(), id, interval, first, last, i64::MAX).await?;
        histories.push(ms(started.elapsed()));
        anyhow::ensure!(found.len() == DAYS, "{} bars", found.len());
        let some: Vec<InstrumentId> = (0..SYMBOLS)
            .map(|at| all[(turn * 104_729 + at * 31) % all.len()])
            .collect();
        let started = Instant::now();
        bars::on_day(tx.conn(), &some, nth_day(turn * 11 % DAYS)?).await?;
        days.push(ms(started.elapsed()));
        let started = Instant::now();
        bars::latest_closes(tx.conn(), &some, 2).await?;
        latest.push(ms(started.elapsed()));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "a figure that the product has no function for"
    )]
    let size = sqlx::query_scalar::<_, i64>(
        "select sum(pg_total_relation_size(inhrelid))::bigint from pg_inherits
         where inhparent = 'market.bars_1d'::regclass",
    );
    let bytes = size.fetch_one(tx.conn()).await?;
    let bars = all.len() * DAYS;
    Ok(json!({
        "bars": bars,
        "bytes_per_bar": (bytes as f64 / bars as f64).round(),
        "history_ms": percentiles(histories),
        "day_of_500_ms": percentiles(days),
        "latest_of_500_ms": percentiles(latest),
    }))
}

async fn instruments(
    instance: &Instance,
    prefix: &str,
    count: usize,
) -> anyhow::Result<Vec<InstrumentId>> {
    let keys: Vec<SecurityKey> = (0..count)
        .map(|at| SecurityKey {
            symbol: format!("{prefix}{at:05}"),
            ..SecurityKey::default()
        })
        .collect();
    let mut tx = instance.app.db.system("benchmark").await?;
    let ids = market::instruments::ensure(&mut tx, &keys).await?;
    tx.commit().await?;
    Ok(ids)
}

async fn load(instance: &Instance, ids: &[InstrumentId], days: usize) -> anyhow::Result<()> {
    let mut all = Vec::with_capacity(ids.len() * days);
    for (place, id) in ids.iter().enumerate() {
        for day in 0..days {
            all.push((*id, daily_bar(place * days + day, nth_day(day)?)));
        }
    }
    let mut tx = instance.app.db.system("benchmark").await?;
    bars::insert_daily(&mut tx, "bench", all).await?;
    tx.commit().await?;
    Ok(())
}

fn nth_day(day: usize) -> anyhow::Result<jiff::civil::Date> {
    Ok(date(2015, 1, 1).checked_add(i64::try_from(day)?.days())?)
}

/// A sawtooth: prices need not be likely here, only well formed.
fn daily_bar(at: usize, date: jiff::civil::Date) -> DailyBar {
    let open = 50.0 + ((at * 7_919) % 10_000) as f64 / 100.0;
    DailyBar {
        date,
        open,
        high: open + 1.25,
        low: open - 1.13,
        close: open + 0.37,
        adjusted_close: None,
        volume: Some(((at * 104_729) % 1_000_000) as f64),
    }
}

/// Somebody with a token.
pub(crate) async fn person(instance: &Instance, email: &str) -> anyhow::Result<(UserId, String)> {
    let app = &instance.app;
    let new = NewUser {
        email: email.parse()?,
        name: String::new(),
    };
    let user = users::add(&app.db, &app.clock, new, None).await?.id;
    let mut tx = app.db.write(user).await?;
    let token = identity::tokens::create(&mut tx, &NewToken::new("bench")?, app.clock.now())
        .await?
        .secret;
    tx.commit().await?;
    Ok((user, token))
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

pub(crate) fn percentiles(mut times: Vec<f64>) -> Value {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = ((times.len() as f64 - 1.0) * share).round() as usize;
        times.get(place).copied().map(round)
    };
    json!({ "p50": at(0.5), "p99": at(0.99), "max": at(1.0) })
}

fn round(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}
