use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::Context;
use bursar::Instance;
use jiff::{ToSpan, civil::date};
use market::{SecurityKey, bars::ImportOptions};
use serde_json::{Value, json};

/// Days of each instrument.
const DAYS: usize = 2_500;

/// Rows per second of the import and of `psql \copy`, and their ratio.
pub(crate) async fn compare(
    instance: &Instance,
    bars: usize,
    rounds: usize,
) -> anyhow::Result<Value> {
    let instruments = bars.div_ceil(DAYS);
    let symbols: Vec<String> = (0..instruments).map(|at| format!("B{at:04}")).collect();
    let keys: Vec<SecurityKey> = symbols
        .iter()
        .map(|symbol| SecurityKey {
            symbol: symbol.clone(),
            // Its calendar is asked for each day.
            exchange: Some("XNYS".into()),
            ..SecurityKey::default()
        })
        .collect();
    let mut tx = instance.app.db.system("benchmark").await?;
    let ids = market::instruments::ensure(&mut tx, &keys).await?;
    tx.commit().await?;

    let csv = instance.data_dir.join("bench-import.csv");
    let copy = instance.data_dir.join("bench-copy.csv");
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    write(&csv, &symbols, bars, false)?;
    write(&copy, &ids, bars, true)?;

    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        empty(instance)?;
        let import = import(instance, &csv, bars).await?;
        empty(instance)?;
        let psql = psql_copy(instance, &copy)?;
        ours.push(bars as f64 / import);
        theirs.push(bars as f64 / psql);
        ratios.push(psql / import);
    }
    Ok(json!({
        "rows": bars,
        "import_rows_per_s": crate::median(&ours).round(),
        "psql_copy_rows_per_s": crate::median(&theirs).round(),
        "rate_ratio": (crate::median(&ratios) * 1000.0).round() / 1000.0,
    }))
}

async fn import(instance: &Instance, csv: &Path, bars: usize) -> anyhow::Result<f64> {
    let options = ImportOptions {
        source: "bench".to_owned(),
        ..ImportOptions::default()
    };
    let started = Instant::now();
    let report = market::bars::import(
        &instance.app.db,
        File::open(csv)?,
        &options,
        instance.app.clock.now(),
        |_| {},
    )
    .await?;
    let elapsed = started.elapsed().as_secs_f64();
    anyhow::ensure!(
        report.imported == bars as u64,
        "not everything was imported: {report:?}"
    );
    Ok(elapsed)
}

fn psql_copy(instance: &Instance, file: &Path) -> anyhow::Result<f64> {
    let command = format!(
        "\\copy market.bars_1d (instrument_id, at, open, high, low, close, volume, source) \
         from '{}' with (format csv)",
        file.display()
    );
    let started = Instant::now();
    psql(instance, &command)?;
    Ok(started.elapsed().as_secs_f64())
}

fn empty(instance: &Instance) -> anyhow::Result<()> {
    psql(instance, "truncate market.bars_1d")?;
    psql(instance, "checkpoint")
}

pub(crate) fn psql(instance: &Instance, command: &str) -> anyhow::Result<()> {
    let status = Command::new(db::cluster::client_program("psql"))
        .args([
            "--quiet",
            "--no-psqlrc",
            "--set=ON_ERROR_STOP=1",
            "--command",
            command,
        ])
        .envs(instance.server.access().owner_environment())
        .stdout(Stdio::null())
        .status()
        .context("psql is needed for the yardstick")?;
    anyhow::ensure!(status.success(), "psql failed: {command}");
    Ok(())
}

/// The same deterministic bars, as people export them or as the table holds them.
fn write(path: &Path, names: &[String], bars: usize, as_table: bool) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    if !as_table {
        writeln!(out, "symbol,date,open,high,low,close,volume")?;
    }
    let first = date(2015, 1, 1);
    for row in 0..bars {
        let (name, day) = (&names[row / DAYS], row % DAYS);
        let on = first.checked_add(i64::try_from(day)?.days())?;
        // A sawtooth with two decimals: prices need not be likely here, only well formed.
        let open = 50.0 + ((row * 7_919) % 10_000) as f64 / 100.0;
        let (high, low, close) = (open + 1.25, open - 1.13, open + 0.37);
        let volume = 1_000 + (row * 104_729) % 1_000_000;
        if as_table {
            writeln!(
                out,
                "{name},{on}T00:00:00Z,{open:.2},{high:.2},{low:.2},{close:.2},{volume},bench"
            )?;
        } else {
            writeln!(
                out,
                "{name},{on},{open:.2},{high:.2},{low:.2},{close:.2},{volume}"
            )?;
        }
    }
    Ok(out.flush()?)
}
