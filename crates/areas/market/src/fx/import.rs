//! Loading of a file of exchange rates. Even the whole history of a central bank is some hundred
//! thousand rates, so the file is read whole before anything is written.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    io::Read,
};

use db::Db;
use jiff::civil::Date;
use statements::FxRow;

use super::{
    model::{Pair, Rate},
    store,
};
use crate::imports::{self, ImportError, ImportReport, Progress, origin};

/// Another rate of the day is there.
const CONFLICTING_RATE: &str = "conflicting_rate";

/// Loads the rates of a CSV file: all acceptable lines, or nothing when an error is returned. A rate
/// that is there already counts as a duplicate, a day with another rate is refused. `file_name` is
/// stored with each rate.
pub async fn import<R: Read + Send + 'static>(
    db: &Db,
    reader: R,
    file_name: &str,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<ImportReport, ImportError> {
    let source = &origin::of_file(file_name);
    let mut batches = imports::read(reader, statements::fx);
    let mut report = ImportReport::new();
    let mut rows = Vec::new();
    while let Some(batch) = batches.next().await? {
        for row in batch.rows {
            match row {
                Ok(row) => rows.push(row),
                Err(rejection) => report.refuse_line(rejection)?,
            }
        }
        let decided = rows.len() + report.rejected.len();
        progress(Progress {
            bytes_read: batch.bytes_read,
            rows: decided as u64,
        });
    }
    let pairs: BTreeSet<Pair> = rows.iter().map(|row| (row.base, row.quote)).collect();
    let pairs: Vec<_> = pairs.into_iter().collect();
    let mut tx = db.system("import exchange rates").await?;
    store::lock(&mut tx).await?;
    let stored = store::list_of_pairs(&mut tx, &pairs).await?;
    let fresh = sort_out(stored, &rows, &mut report);
    report.imported = store::copy(&mut tx, source, &fresh).await?;
    crate::revision::bump(&mut tx).await?;
    tx.note_deed(None, &report.deed()).await?;
    tx.commit().await?;
    Ok(report.finish("exchange rates", source))
}

/// The rates that are new; the others are entered into the report.
fn sort_out(stored: Vec<Rate>, rows: &[FxRow], report: &mut ImportReport) -> Vec<Rate> {
    let mut known: HashMap<(Pair, Date), f64> = stored
        .into_iter()
        .map(|rate| (((rate.base, rate.quote), rate.date), rate.rate))
        .collect();
    let mut fresh = Vec::new();
    for row in rows {
        let rate = money::f64_from_decimal(row.rate);
        match known.entry(((row.base, row.quote), row.date)) {
            Entry::Vacant(place) => {
                place.insert(rate);
                let FxRow {
                    date, base, quote, ..
                } = *row;
                fresh.push(Rate {
                    date,
                    base,
                    quote,
                    rate,
                });
            }
            Entry::Occupied(there) if there.get().total_cmp(&rate).is_eq() => {
                report.duplicates += 1;
            }
            Entry::Occupied(there) => {
                let message = format!(
                    "one {} cost {} {} on {} already, this line says {}",
                    row.base,
                    there.get(),
                    row.quote,
                    row.date,
                    row.rate
                );
                report.refuse(row.line, CONFLICTING_RATE, message);
            }
        }
    }
    fresh
}
