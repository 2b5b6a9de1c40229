//! One tick to a thousand readers: how long until each of them has it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::Context;
use bursar::Instance;
use market::{InstrumentId, SecurityKey, live, quotes};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::series::{ms, percentiles, person};

const SYMBOL: &str = "LIVE";
/// Between two ticks.
const PAUSE: Duration = Duration::from_millis(100);
/// After the last tick, for whoever is behind.
const PATIENCE: Duration = Duration::from_secs(5);

/// Holds so many streams of events open, each on a connection of its own, puts ticks one after the other, and
/// measures from before each is put until a client has read it.
pub(crate) async fn measure(
    instance: &Instance,
    clients: usize,
    ticks: usize,
) -> anyhow::Result<Value> {
    let id = instrument(instance).await?;
    let checks = checks::Checks::of_database(instance.server.access());
    let router = bursar::router(&instance.app, &checks, &instance.valuations);
    let address = crate::http::listen(router).await?;
    put(instance, id, 0).await?;
    // When each tick was put, by its number, which is its price.
    let sent: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let mut readers = JoinSet::new();
    let mut token = String::new();
    for client in 0..clients {
        if client % live::MOST_STREAMS == 0 {
            let email = format!("live-{client}@bursar.example");
            token = person(instance, &email).await?.1;
        }
        let stream = open(address, &token).await?;
        readers.spawn(follow(stream, sent.clone(), ticks));
    }
    sleep(Duration::from_secs(1)).await;
    for number in 1..=ticks {
        lock(&sent).push(Instant::now());
        put(instance, id, number).await?;
        sleep(PAUSE).await;
    }
    let (mut times, mut missed, mut lost) = (Vec::new(), 0, 0);
    while let Some(read) = readers.join_next().await {
        let of_one = read??;
        missed += ticks - of_one.len();
        lost += usize::from(of_one.len() < ticks / 2);
        times.extend(of_one);
    }
    Ok(json!({
        "clients": clients,
        "ticks": ticks,
        "tick_to_client_ms": percentiles(times),
        "put_together_with_a_later_one": missed,
        "clients_that_missed_half": lost,
    }))
}

fn lock(sent: &Mutex<Vec<Instant>>) -> std::sync::MutexGuard<'_, Vec<Instant>> {
    sent.lock().expect("nobody panics with the times in hand")
}

async fn instrument(instance: &Instance) -> anyhow::Result<InstrumentId> {
    let key = SecurityKey {
        symbol: SYMBOL.to_owned(),
        ..SecurityKey::default()
    };
    let mut tx = instance.app.db.system("benchmark").await?;
    let ids = market::instruments::ensure(&mut tx, &[key]).await?;
    tx.commit().await?;
    ids.first().copied().context("an instrument")
}

async fn put(instance: &Instance, id: InstrumentId, number: usize) -> anyhow::Result<()> {
    let quote = quotes::NewQuote {
        instrument_id: id,
        price: 1_000.0 + number as f64,
        previous_close: None,
        volume: None,
        bid: None,
        ask: None,
        at: instance.app.clock.now(),
    };
    let mut tx = instance.app.db.system("benchmark").await?;
    quotes::put(&mut tx, "bench", &[quote]).await?;
    tx.commit().await?;
    Ok(())
}

async fn open(address: SocketAddr, token: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /api/v1/market/live?symbols={SYMBOL} HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// Reads until the last tick is there; the time of each that came.
async fn follow(
    mut stream: TcpStream,
    sent: Arc<Mutex<Vec<Instant>>>,
    ticks: usize,
) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    let (mut text, mut buffer) = (Vec::new(), [0; 4096]);
    let longest = PAUSE * 2 * u32::try_from(ticks)? + PATIENCE * 4;
    let began = Instant::now();
    while began.elapsed() < longest {
        let Ok(count) = timeout(PATIENCE * 2, stream.read(&mut buffer)).await else {
            break;
        };
        let count = count?;
        anyhow::ensure!(
            count > 0,
            "the stream ended: {}",
            String::from_utf8_lossy(&text)
        );
        text.extend_from_slice(&buffer[..count]);
        let now = Instant::now();
        // An event ends with an empty line.
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            let Some(number) = number(&event) else {
                continue;
            };
            let put = number
                .checked_sub(1)
                .and_then(|at| lock(&sent).get(at).copied());
            if let Some(put) = put {
                times.push(ms(now.duration_since(put)));
            }
            if number == ticks {
                return Ok(times);
            }
        }
    }
    Ok(times)
}

/// The number of a tick, which its price tells.
fn number(event: &[u8]) -> Option<usize> {
    let event = std::str::from_utf8(event).ok()?;
    let data = event.lines().find_map(|line| line.strip_prefix("data: "))?;
    let quote: Value = serde_json::from_str(data).ok()?;
    Some((quote.get("price")?.as_f64()? - 1_000.0) as usize)
}
