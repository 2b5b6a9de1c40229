//! Measures how many bars a second are read from memory:
//! `cargo run --release -p statements --example bars_rate`.
#![expect(clippy::print_stdout, reason = "a command-line program")]

use std::{fmt::Write as _, time::Instant};

const ROWS: u32 = 2_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut csv = String::from("date,open,high,low,close,volume\n");
    let mut day = jiff::civil::date(1990, 1, 1);
    for row in 0..ROWS {
        let price = 100.0 + f64::from(row % 5_000) / 100.0;
        let (high, low, close) = (price + 1.25, price - 1.25, price + 0.5);
        writeln!(
            csv,
            "{day},{price:.2},{high:.2},{low:.2},{close:.2},{}",
            1_000_000 + row
        )?;
        day = if row % 12_000 == 11_999 {
            jiff::civil::date(1990, 1, 1)
        } else {
            day.tomorrow()?
        };
    }
    for _ in 0..3 {
        let start = Instant::now();
        let mut volume = 0.0;
        for bar in statements::bars(csv.as_bytes())? {
            volume += bar
                .map_err(|rejection| rejection.message)?
                .volume
                .unwrap_or_default();
        }
        let rate = f64::from(ROWS) / start.elapsed().as_secs_f64();
        println!("{rate:.0} rows a second (volume {volume:.0})");
    }
    Ok(())
}
