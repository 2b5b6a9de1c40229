use std::{fmt::Write as _, net::SocketAddr, time::Instant};

use anyhow::Context;
use bursar::Instance;
use checks::Checks;
use config::Settings;
use db::UserId;
use identity::{
    tokens::NewToken,
    users::{self, NewUser},
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use ledger::CostBasis;
use money::Currency;
use portfolio::{
    Valuations,
    imports::{Upload, import_file},
    portfolios::{self, NewPortfolio, PortfolioId},
    snapshots,
};
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;

use crate::http::{ask, listen};

/// Transactions of the two portfolios: the second is ten times the first.
const SIZES: [u32; 2] = [10_000, 100_000];
const SYMBOLS: u32 = 100;
/// Ten years, up to today.
const DAYS: i32 = 3_650;
/// Answers from the cache that are timed in each round.
const WARM: usize = 20;

/// Milliseconds of everything that depends on the size of a portfolio, the shortest of some rounds,
/// and how they grow.
pub(crate) async fn measure(
    instance: &Instance,
    settings: &Settings,
    rounds: usize,
) -> anyhow::Result<Value> {
    let checks = instance.checks(settings);
    let today = instance.app.clock.today(&TimeZone::UTC);
    let first = today.checked_sub((DAYS - 1).days())?;
    seed_market(instance, first)?;
    let mut cases = Vec::new();
    for size in SIZES {
        let mut best = Best(Map::new());
        let person = Person::with(instance, size, first, &mut best).await?;
        for _ in 0..rounds {
            person.read(instance, &checks, today, &mut best).await?;
            person.change(instance, &checks, &mut best).await?;
        }
        person
            .undo(instance, &checks, size, first, &mut best)
            .await?;
        // The whole takes minutes.
        eprintln!("{size} transactions: {}", json!(best.0));
        cases.push(best.0);
    }
    let growth = |name: &String| {
        let times = cases.iter().filter_map(|case| case.get(name)?.as_f64());
        let times: Vec<f64> = times.collect();
        let ratio = times.last()? / times.first()?;
        Some((format!("times_{name}"), json!(tenths(ratio))))
    };
    let names = cases.first().map(Map::keys).into_iter().flatten();
    let growth: Map<String, Value> = names.filter_map(growth).collect();
    Ok(json!({
        "transactions": SIZES,
        "shortest_ms": cases,
        "at_ten_times_the_transactions": growth,
    }))
}

/// A hundred instruments in euros and dollars with a close for each day, and a rate for each day.
fn seed_market(instance: &Instance, first: Date) -> anyhow::Result<()> {
    let last = DAYS - 1;
    crate::load::psql(
        instance,
        &format!(
            "insert into market.instruments (id, symbol, exchange, name, currency)
             select gen_random_uuid(), 'S' || n, '', 'Share ' || n,
                    case when n % 2 = 0 then 'EUR' else 'USD' end
             from generate_series(0, {SYMBOLS} - 1) n;
             insert into market.bars_1d
                 (instrument_id, at, open, high, low, close, volume, source)
             select i.id, (date '{first}' + d)::timestamp at time zone 'UTC',
                    p.close, p.close, p.close, p.close, 1000, 'bench'
             from market.instruments i
             cross join generate_series(0, {last}) d
             cross join lateral (
                 select round((50 + 20 * sin(d / 90.0 + hashtext(i.symbol) % 7))::numeric, 2) as close
             ) p
             where i.symbol ~ '^S[0-9]+$';
             insert into market.fx_rates (base, quote, date, rate, source)
             select 'EUR', 'USD', date '{first}' + d, 1.1 + 0.05 * sin(d / 200.0), 'bench'
             from generate_series(0, {last}) d;
             analyze"
        ),
    )
}

/// The shortest time of each piece of work, by name.
struct Best(Map<String, Value>);

impl Best {
    fn note(&mut self, name: &str, started: Instant) {
        let now = tenths(started.elapsed().as_secs_f64() * 1e3);
        let best = self.0.get(name).and_then(Value::as_f64);
        let best = best.map_or(now, |best| best.min(now));
        self.0.insert(name.to_owned(), json!(best));
    }
}

fn tenths(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}

struct Person {
    user: UserId,
    portfolio: PortfolioId,
    token: String,
}

impl Person {
    /// Somebody with one portfolio, whose transactions come out of a file.
    async fn with(
        instance: &Instance,
        size: u32,
        first: Date,
        best: &mut Best,
    ) -> anyhow::Result<Self> {
        let app = &instance.app;
        let new = NewUser {
            email: format!("bench-{size}@bursar.example").parse()?,
            name: String::new(),
        };
        let user = users::add(&app.db, &app.clock, new, None).await?.id;
        let mut tx = app.db.write(user).await?;
        let token = identity::tokens::create(&mut tx, &NewToken::new("bench")?, app.clock.now())
            .await?
            .secret;
        tx.commit().await?;
        let new = NewPortfolio {
            name: "Bench".to_owned(),
            currency: Currency::EUR,
            cost_basis: CostBasis::Fifo,
            tracks_cash: true,
            is_simulated: false,
        };
        let portfolio = portfolios::open(app, user, &new).await?.id;
        let upload = Upload {
            portfolio_id: portfolio,
            file_name: "bench.csv".to_owned(),
            content: file(size, first, 'R')?.into_bytes(),
            format: None,
            mapping: None,
        };
        let started = Instant::now();
        let outcome = import_file(app, user, upload).await?;
        best.note("import", started);
        anyhow::ensure!(
            outcome.imported == u64::from(size) && outcome.rejected.is_empty(),
            "not everything was imported: {} of {size}",
            outcome.imported
        );
        Ok(Self {
            user,
            portfolio,
            token,
        })
    }

    /// Pages and JSON, at first without anything kept, then with what the first answer left.
    async fn read(
        &self,
        instance: &Instance,
        checks: &Checks,
        today: Date,
        best: &mut Best,
    ) -> anyhow::Result<()> {
        let month_ago = today.checked_sub(30.days())?;
        let eve = today.yesterday()?;
        let changes = format!("/portfolio/changes?on={month_ago}&known_from={eve}");
        for (name, path) in [
            ("dashboard_json", "/api/v1/portfolio/dashboard?period=1y"),
            ("dashboard_page", "/?period=1y"),
            ("performance_page", "/portfolio/performance?period=all"),
            ("holdings_page", "/portfolio/holdings"),
            ("changes_page", changes.as_str()),
        ] {
            let valuations = Valuations::default();
            let router = bursar::router(&instance.app, checks, &valuations);
            let mut client = self.connect(listen(router).await?).await?;
            let started = Instant::now();
            client.get(path).await?;
            best.note(&format!("cold_{name}"), started);
            for _ in 0..WARM {
                let started = Instant::now();
                client.get(path).await?;
                best.note(&format!("warm_{name}"), started);
            }
        }
        Ok(())
    }

    /// All snapshots anew; then the latest purchase is edited, and what follows from it.
    async fn change(
        &self,
        instance: &Instance,
        checks: &Checks,
        best: &mut Best,
    ) -> anyhow::Result<()> {
        let app = &instance.app;
        let started = Instant::now();
        snapshots::rebuild(&app.db, &app.clock, self.user, self.portfolio).await?;
        best.note("snapshots_rebuild", started);

        let router = bursar::router(app, checks, &Valuations::default());
        let mut client = self.connect(listen(router).await?).await?;
        let latest = "/api/v1/portfolio/transactions?type=buy&limit=1";
        let latest = client.get(latest).await?["items"][0].clone();
        let path = format!(
            "/api/v1/portfolio/transactions/{}",
            latest["id"].as_str().context("a transaction has an id")?
        );
        let mut body = json!({ "portfolio_id": self.portfolio, "type": "buy", "fees": "2.00" });
        for field in ["date", "instrument_id", "quantity", "price", "currency"] {
            body[field] = latest[field].clone();
        }
        let started = Instant::now();
        client.put(&path, &body).await?;
        best.note("edit", started);
        let started = Instant::now();
        snapshots::bring_up_to_date(&app.db, &app.clock, self.user, self.portfolio).await?;
        best.note("snapshots_after_edit", started);
        Ok(())
    }

    /// As much again comes in and is taken back: nothing that the portfolio tells may differ.
    async fn undo(
        &self,
        instance: &Instance,
        checks: &Checks,
        size: u32,
        first: Date,
        best: &mut Best,
    ) -> anyhow::Result<()> {
        let app = &instance.app;
        let router = bursar::router(app, checks, &Valuations::default());
        let mut client = self.connect(listen(router).await?).await?;
        let before = self.told(instance, &mut client).await?;
        let upload = Upload {
            portfolio_id: self.portfolio,
            file_name: "again.csv".to_owned(),
            content: file(size, first, 'U')?.into_bytes(),
            format: None,
            mapping: None,
        };
        let import = import_file(app, self.user, upload).await?.batch_id;
        let import = import.context("nothing of the second file was imported")?.0;
        let between = self.told(instance, &mut client).await?;
        anyhow::ensure!(between != before, "the second file changed nothing");
        let started = Instant::now();
        let path = format!("/api/v1/portfolio/imports/{import}");
        client.send(&format!("DELETE {path}"), "").await?;
        best.note("undo", started);
        let after = self.told(instance, &mut client).await?;
        anyhow::ensure!(after == before, "an undone import leaves something behind");
        Ok(())
    }

    /// Holdings with their lots' sums, cash, gains and every snapshot.
    async fn told(
        &self,
        instance: &Instance,
        client: &mut Client<'_>,
    ) -> anyhow::Result<Vec<Value>> {
        let app = &instance.app;
        snapshots::bring_up_to_date(&app.db, &app.clock, self.user, self.portfolio).await?;
        let mut told = Vec::new();
        for path in [
            "/api/v1/portfolio/holdings".to_owned(),
            "/api/v1/portfolio/cash".to_owned(),
            "/api/v1/portfolio/gains".to_owned(),
            format!(
                "/api/v1/portfolio/snapshots?portfolio_id={}&limit=500",
                self.portfolio.0
            ),
        ] {
            told.push(client.get(&path).await?);
        }
        Ok(told)
    }

    async fn connect(&self, address: SocketAddr) -> anyhow::Result<Client<'_>> {
        Ok(Client {
            stream: TcpStream::connect(address).await?,
            token: &self.token,
            buffer: Vec::new(),
        })
    }
}

/// A connection on which one person asks.
struct Client<'a> {
    stream: TcpStream,
    token: &'a str,
    buffer: Vec<u8>,
}

impl Client<'_> {
    /// The answer, where it is JSON.
    async fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        self.send(&format!("GET {path}"), "").await
    }

    async fn put(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(&format!("PUT {path}"), &body.to_string()).await
    }

    async fn send(&mut self, what: &str, body: &str) -> anyhow::Result<Value> {
        let request = format!(
            "{what} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len(),
        );
        let body = ask(&mut self.stream, &request, &mut self.buffer).await;
        let body = body.with_context(|| {
            let answer = String::from_utf8_lossy(&self.buffer);
            format!("{what} failed: {answer:.600}")
        })?;
        Ok(serde_json::from_slice(&self.buffer[body..]).unwrap_or_default())
    }
}

/// Of a hundred rows one is a deposit; of the others 65 of a hundred are purchases, 25 sales of less
/// than was bought, 10 dividends.
fn file(size: u32, first: Date, mark: char) -> anyhow::Result<String> {
    let mut held = vec![0_u32; SYMBOLS as usize];
    let mut text = "date,type,symbol,quantity,price,amount,fees,currency,external_id\n".to_owned();
    let mut dice = u64::from(mark);
    let mut roll = |bound: u32| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((dice >> 33) % u64::from(bound)) as u32
    };
    for row in 0..size {
        let day = i64::from(row) * i64::from(DAYS) / i64::from(size);
        let on = first.checked_add(day.days())?;
        let symbol = roll(SYMBOLS);
        let currency = if symbol % 2 == 0 { "EUR" } else { "USD" };
        let (quantity, price) = (1 + roll(50), f64::from(3_000 + roll(4_000)) / 100.0);
        let stock = &mut held[symbol as usize];
        match roll(100) {
            _ if row % 100 == 0 => writeln!(text, "{on},deposit,,,,200000,,EUR,{mark}{row}")?,
            65..90 if *stock >= quantity => {
                *stock -= quantity;
                writeln!(
                    text,
                    "{on},sell,S{symbol},{quantity},{price:.2},,0.99,{currency},{mark}{row}"
                )?;
            }
            90.. => writeln!(
                text,
                "{on},dividend,S{symbol},,,{price:.2},,{currency},{mark}{row}"
            )?,
            _ => {
                *stock += quantity;
                writeln!(
                    text,
                    "{on},buy,S{symbol},{quantity},{price:.2},,0.99,{currency},{mark}{row}"
                )?;
            }
        }
    }
    Ok(text)
}
