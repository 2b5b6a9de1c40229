//! Loading of a file of corporate actions. A file is small, so it is read whole before anything is
//! written.

use std::{
    collections::{HashMap, hash_map::Entry},
    io::Read,
};

use db::{Db, SystemTx};
use jiff::civil::Date;
use ledger::TransactionKind;
use statements::CorporateActionRow;

use super::{
    CashPerShare, CorporateAction, Error, NewCorporateAction, Terms, model::refusal, store,
};
use crate::{
    InstrumentId, SecurityKey,
    imports::{self, ImportError, ImportReport, Progress, Refusal, origin},
    instruments,
};

/// Other terms of the same action are there.
const CONFLICTING_ACTION: &str = "conflicting_action";
/// Several instruments bear the symbol.
const AMBIGUOUS_SYMBOL: &str = "ambiguous_symbol";

/// Loads the corporate actions of a CSV file: all acceptable lines, or nothing when an error is
/// returned. An action that is there already counts as a duplicate, one whose instrument has other
/// terms for the same type and day is refused. `file_name` is stored with each action.
pub async fn import<R: Read + Send + 'static>(
    db: &Db,
    reader: R,
    file_name: &str,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<ImportReport, ImportError> {
    let source = &origin::of_file(file_name);
    let mut batches = imports::read(reader, statements::corporate_actions);
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
    let mut tx = db.system("import corporate actions").await?;
    load(&mut tx, &rows, source, &mut report).await?;
    tx.note_deed(None, &report.deed()).await?;
    tx.commit().await?;
    Ok(report.finish("corporate actions", source))
}

async fn load(
    tx: &mut SystemTx,
    rows: &[CorporateActionRow],
    source: &str,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    let keys: Vec<SecurityKey> = rows
        .iter()
        .flat_map(|row| std::iter::once(&row.security).chain(&row.target))
        .map(SecurityKey::from)
        .collect();
    let ids = instruments::ensure_clear(tx, &keys).await?;
    let instruments: Vec<InstrumentId> = ids.iter().flatten().copied().collect();
    let stored = store::list_of_instruments(tx.conn(), &instruments).await?;
    let mut known: HashMap<(InstrumentId, TransactionKind, Date), Terms> = stored
        .into_iter()
        .map(
            |CorporateAction {
                 instrument_id,
                 terms,
                 ..
             }| { ((instrument_id, terms.kind, terms.ex_date), terms) },
        )
        .collect();
    let mut ids = ids.into_iter();
    for row in rows {
        let instrument = ids.next().flatten();
        let target = row.target.as_ref().and_then(|_| ids.next().flatten());
        let new = match judge(row, instrument, target, source) {
            Ok(new) => new,
            Err(refusal) => {
                report.rejected.push(refusal);
                continue;
            }
        };
        let place = (new.instrument_id, new.terms.kind, new.terms.ex_date);
        match known.entry(place) {
            Entry::Vacant(place) => {
                super::create(tx, &new).await.map_err(database)?;
                place.insert(new.terms);
                report.imported += 1;
            }
            Entry::Occupied(there) if *there.get() == new.terms => report.duplicates += 1,
            Entry::Occupied(_) => report.rejected.push(conflict(row)),
        }
    }
    crate::revision::bump(tx).await?;
    Ok(())
}

/// Instruments are locked while a file is loaded and what is there is known, so nothing else is left
/// to go wrong than the database.
fn database(error: Error) -> ImportError {
    match error {
        Error::Database(error) => ImportError::Database(error),
        other => ImportError::Broken {
            line: 0,
            reason: other.to_string(),
        },
    }
}

fn judge(
    row: &CorporateActionRow,
    instrument: Option<InstrumentId>,
    target: Option<InstrumentId>,
    source: &str,
) -> Result<NewCorporateAction, Refusal> {
    let ambiguous = |symbol: &str| Refusal {
        line: row.line,
        code: AMBIGUOUS_SYMBOL.to_owned(),
        message: format!(
            "several instruments are called {symbol}: tell them apart by exchange or ISIN"
        ),
    };
    let instrument_id = instrument.ok_or_else(|| ambiguous(&row.security.symbol))?;
    // A target that the file names and nobody is, is ambiguous too: unknown ones were created.
    if let Some(named) = row.target.as_ref().filter(|_| target.is_none()) {
        return Err(ambiguous(&named.symbol));
    }
    let cash = row
        .cash_per_share
        .zip(row.currency)
        .map(|(amount, currency)| CashPerShare { amount, currency });
    let terms = Terms {
        kind: row.kind,
        ex_date: row.ex_date,
        pay_date: row.pay_date,
        ratio: row.ratio,
        target_id: target,
        cost_share: row.cost_share,
        cash,
    }
    .rounded();
    let mut wrong = terms.check(instrument_id).err().unwrap_or_default();
    if row.cash_per_share.is_some() && row.currency.is_none() {
        let detail = "The cash per share needs a currency.";
        wrong = vec![refusal("currency", "missing_field", detail)];
    }
    match wrong.into_iter().next() {
        Some(error) => Err(Refusal {
            line: row.line,
            code: error.code,
            message: format!("{}: {}", error.pointer, error.detail),
        }),
        None => Ok(NewCorporateAction {
            instrument_id,
            terms,
            source: source.to_owned(),
            note: row.note.clone().unwrap_or_default(),
        }),
    }
}

fn conflict(row: &CorporateActionRow) -> Refusal {
    Refusal {
        line: row.line,
        code: CONFLICTING_ACTION.to_owned(),
        message: format!(
            "{} has a {} on {} already with other terms: correct that one on the page of the \
             instrument",
            row.security.symbol,
            super::model::word(row.kind),
            row.ex_date
        ),
    }
}
