//! Benchmarks against a yardstick in the same run: `cargo xtask bench`.
//!
//! - Bulk load: the import of 1,000,000 bars from CSV, end to end, against `psql \copy` of the same
//!   rows into the same table, alternating.
//! - Dashboard: its JSON for 1,000 concurrent clients over loopback, against a bare handler with the
//!   same number of SQL statements, alternating.
//! - Scale: import, pages, edits and snapshots of a portfolio of 10,000 transactions and of one of
//!   100,000, over ten years and a hundred instruments; cold is the first answer, warm the ones after it.
//! - Misses: the answer for an id of somebody else against one for an id that nobody has, alternating.
//! - Sign-in: refusals and requests for a new password, by what there is at the address, against an
//!   address that nobody has, alternating.
//! - Sessions: a thousand people who walk through the pages while passwords are guessed.
//! - Reads: ten years of daily bars of one symbol through the API against the bare statement, alternating;
//!   a day of five hundred symbols.
//! - Ticks: how many a second are stored, and computed into bars.
//! - Fan-out: from a tick to each of a thousand readers of the stream of events.
//! - Growth (only when asked for): the same reads at 1, 10 and 50 million bars.
//! - Search: the best matches of what a person types among 100,000 instruments, by kind of text.
//!
//! Prints one JSON object. Everything happens in a private cluster in a scratch directory that is
//! removed at the end.
#![expect(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot run should stop at once"
)]

mod dashboard;
mod fan_out;
mod http;
mod load;
mod misses;
mod scale;
mod search;
mod series;
mod sessions;
mod sign_in;

use clap::Parser;
use config::{Profile, Settings};

#[derive(Parser)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags of a command line are independent"
)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Rounds of each comparison; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Bars of the bulk load.
    #[arg(long, default_value_t = 1_000_000)]
    bars: usize,
    /// Concurrent clients of the dashboard.
    #[arg(long, default_value_t = 1_000)]
    clients: usize,
    /// Seconds of each dashboard round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Measures the growth with the size of a portfolio, and nothing else.
    #[arg(long)]
    only_scale: bool,
    /// Measures what answers tell by their time, and nothing else.
    #[arg(long)]
    only_sign_in: bool,
    /// Holds a thousand sessions, and nothing else.
    #[arg(long)]
    only_sessions: bool,
    /// Seconds for which the sessions are held.
    #[arg(long, default_value_t = 120)]
    session_seconds: u64,
    /// Refused sign-ins and requests for a new password of each kind.
    #[arg(long, default_value_t = 100)]
    sign_ins: u16,
    /// Misses of each kind.
    #[arg(long, default_value_t = 2_000)]
    misses: u16,
    /// Measures the misses, and nothing else.
    #[arg(long)]
    only_misses: bool,
    /// Instruments among which is searched.
    #[arg(long, default_value_t = 100_000)]
    instruments: usize,
    /// Searches of each kind.
    #[arg(long, default_value_t = 500)]
    searches: usize,
    /// Measures the search, and nothing else.
    #[arg(long)]
    only_search: bool,
    /// Measures the bulk load, and nothing else.
    #[arg(long)]
    only_load: bool,
    /// Ticks that are computed into bars.
    #[arg(long, default_value_t = 500_000)]
    ticks: usize,
    /// Readers of the stream of events.
    #[arg(long, default_value_t = 1_000)]
    readers: usize,
    /// Measures reads, ticks and the fan-out, and nothing else.
    #[arg(long)]
    only_series: bool,
    /// Measures the growth with the number of bars, and nothing else.
    #[arg(long)]
    only_growth: bool,
    /// Sizes of the growth, in millions of bars.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 50])]
    growth_millions: Vec<usize>,
    /// Seconds after which the growth stops where it is.
    #[arg(long, default_value_t = 1_800)]
    growth_seconds: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = Arguments::parse();
    let scratch = std::env::temp_dir().join(format!("bursar-bench-{}", std::process::id()));
    arguments.settings.data_dir = Some(scratch.clone());
    let instance = bursar::Instance::open(&arguments.settings, Profile::Live).await?;
    if arguments.only_misses {
        let misses = misses::compare(&instance, arguments.misses).await?;
        return finish(instance, &scratch, &serde_json::json!({ "misses": misses })).await;
    }
    if arguments.only_sessions {
        let sessions = sessions::hold(&instance, arguments.session_seconds).await?;
        return finish(
            instance,
            &scratch,
            &serde_json::json!({ "sessions": sessions }),
        )
        .await;
    }
    if let Some(report) = of_bars(&instance, &arguments).await? {
        return finish(instance, &scratch, &report).await;
    }
    if arguments.only_search {
        let search = search::measure(&instance, arguments.instruments, arguments.searches).await?;
        return finish(instance, &scratch, &serde_json::json!({ "search": search })).await;
    }
    if arguments.only_sign_in {
        let sign_in = sign_in::compare(&instance, arguments.sign_ins).await?;
        return finish(
            instance,
            &scratch,
            &serde_json::json!({ "sign_in": sign_in }),
        )
        .await;
    }
    let scale = scale::measure(&instance, &arguments.settings, arguments.rounds).await?;
    if arguments.only_scale {
        return finish(instance, &scratch, &serde_json::json!({ "scale": scale })).await;
    }
    let load = load::compare(&instance, arguments.bars, arguments.rounds).await?;
    let series = series_of(&instance, &arguments).await?;
    let dashboard = dashboard::compare(
        &instance,
        arguments.clients,
        arguments.seconds,
        arguments.rounds,
    )
    .await?;
    let sign_in = sign_in::compare(&instance, arguments.sign_ins).await?;
    let misses = misses::compare(&instance, arguments.misses).await?;
    let sessions = sessions::hold(&instance, arguments.session_seconds).await?;
    let search = search::measure(&instance, arguments.instruments, arguments.searches).await?;
    let report = serde_json::json!({
        "scale": scale,
        "bulk_load": load,
        "series": series,
        "dashboard": dashboard,
        "sign_in": sign_in,
        "misses": misses,
        "sessions": sessions,
        "search": search,
    });
    finish(instance, &scratch, &report).await
}

/// What is measured of bars alone, where only that is asked for.
async fn of_bars(
    instance: &bursar::Instance,
    arguments: &Arguments,
) -> anyhow::Result<Option<serde_json::Value>> {
    if arguments.only_load {
        let load = load::compare(instance, arguments.bars, arguments.rounds).await?;
        return Ok(Some(serde_json::json!({ "bulk_load": load })));
    }
    if arguments.only_series {
        let series = series_of(instance, arguments).await?;
        return Ok(Some(serde_json::json!({ "series": series })));
    }
    if arguments.only_growth {
        let most = std::time::Duration::from_secs(arguments.growth_seconds);
        let growth = series::grow(instance, &arguments.growth_millions, most).await?;
        return Ok(Some(serde_json::json!({ "growth": growth })));
    }
    Ok(None)
}

async fn series_of(
    instance: &bursar::Instance,
    arguments: &Arguments,
) -> anyhow::Result<serde_json::Value> {
    Ok(serde_json::json!({
        "reads": series::read(instance).await?,
        "ticks": series::ticks(instance, arguments.ticks).await?,
        "fan_out": fan_out::measure(instance, arguments.readers, 100).await?,
    }))
}

async fn finish(
    instance: bursar::Instance,
    scratch: &std::path::Path,
    report: &serde_json::Value,
) -> anyhow::Result<()> {
    instance.close().await?;
    std::fs::remove_dir_all(scratch)?;
    println!("{}", serde_json::to_string_pretty(report)?);
    Ok(())
}

/// The middle of some figures.
fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
