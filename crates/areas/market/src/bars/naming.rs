//! Whose line of a file of bars is this? The same for bars of days and shorter ones.

use std::collections::{HashMap, HashSet};

use db::SystemTx;
use statements::{BarRow, code};

use crate::{
    InstrumentId, SecurityKey, figures,
    imports::{AMBIGUOUS_SYMBOL, ImportError, ImportOptions, ImportReport},
    instruments,
};

/// Characters of a symbol at most, as in the table.
const LONGEST_SYMBOL: usize = 50;

/// What has to be known of the instruments of a file, by the symbols that it names.
pub(super) struct Naming<'o, S> {
    options: &'o ImportOptions,
    /// Symbol of rows that do not name theirs.
    symbol: Option<String>,
    /// `None` for a symbol that names no single instrument.
    by_symbol: HashMap<String, Option<usize>>,
    all: Vec<S>,
    /// Files usually stay with one symbol for long.
    last: Option<(String, Option<usize>)>,
}

impl<'o, S> Naming<'o, S> {
    pub(super) fn new(options: &'o ImportOptions) -> Self {
        let symbol = options.symbol.as_deref();
        Self {
            options,
            symbol: symbol.map(|symbol| symbol.trim().to_uppercase()),
            by_symbol: HashMap::new(),
            all: Vec::new(),
            last: None,
        }
    }

    /// The symbol of a row: its own, or that of the whole file. A row whose symbol cannot be one is refused.
    pub(super) fn name(
        &self,
        row: &mut BarRow,
        report: &mut ImportReport,
    ) -> Result<Option<String>, ImportError> {
        let Some(symbol) = row.symbol.take().or_else(|| self.symbol.clone()) else {
            return Err(ImportError::MissingSymbol);
        };
        if symbol.chars().count() > LONGEST_SYMBOL || symbol.chars().any(char::is_control) {
            let message = format!("symbol “{symbol:.60}” is no ticker, such as MSFT");
            report.refuse(row.line, code::INVALID_SYMBOL, message);
            return Ok(None);
        }
        Ok(Some(symbol))
    }

    /// Finds or creates the instruments of symbols that appear for the first time, each once.
    pub(super) async fn ensure<'r>(
        &self,
        tx: &mut SystemTx,
        symbols: impl Iterator<Item = &'r str>,
    ) -> Result<Vec<(&'r str, Option<InstrumentId>)>, ImportError> {
        let mut seen = HashSet::new();
        let fresh: Vec<&str> = symbols
            .filter(|symbol| !self.contains(symbol) && seen.insert(*symbol))
            .collect();
        if fresh.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<SecurityKey> = fresh
            .iter()
            .map(|symbol| SecurityKey {
                symbol: (*symbol).to_owned(),
                exchange: self.options.exchange.clone(),
                currency: self.options.quotation.map(|found| found.currency),
                quote_unit: self.options.quotation.map(|found| found.unit),
                ..SecurityKey::default()
            })
            .collect();
        let ids = instruments::ensure_clear(tx, &keys).await?;
        Ok(fresh.into_iter().zip(ids).collect())
    }

    fn contains(&self, symbol: &str) -> bool {
        self.last.as_ref().is_some_and(|(last, _)| last == symbol)
            || self.by_symbol.contains_key(symbol)
    }

    pub(super) fn insert(&mut self, symbol: &str, series: Option<S>) {
        let place = series.map(|series| {
            self.all.push(series);
            self.all.len() - 1
        });
        self.by_symbol.insert(symbol.to_owned(), place);
    }

    pub(super) fn get_mut(&mut self, symbol: &str) -> Option<&mut S> {
        let place = match &self.last {
            Some((last, place)) if last == symbol => *place,
            _ => {
                let place = self.by_symbol.get(symbol).copied().flatten();
                self.last = Some((symbol.to_owned(), place));
                place
            }
        };
        self.all.get_mut(place?)
    }

    /// That of the instrument whose line this is; the line is refused where several bear its symbol.
    pub(super) fn owner(
        &mut self,
        symbol: &str,
        line: u64,
        report: &mut ImportReport,
    ) -> Option<&mut S> {
        let found = self.get_mut(symbol);
        if found.is_none() {
            let message = format!(
                "several instruments are called {symbol}: name the exchange of the one that is meant"
            );
            report.refuse(line, AMBIGUOUS_SYMBOL, message);
        }
        found
    }

    /// Forgets all, because others may have written.
    pub(super) fn clear(&mut self) {
        self.by_symbol.clear();
        self.all.clear();
        self.last = None;
    }
}

/// The first bars of an instrument settle whether it is quoted in a currency or its hundredth.
/// After that, bars in pence beside bars in pounds would be a series that jumps by a hundred.
pub(super) async fn settle_unit(
    tx: &mut SystemTx,
    options: &ImportOptions,
    ids: &[InstrumentId],
    has_bars: impl Fn(InstrumentId) -> bool,
) -> Result<(), ImportError> {
    let Some(stated) = options.quotation else {
        return Ok(());
    };
    for mut instrument in instruments::list(tx.conn(), ids).await? {
        let Some(known) = instrument.quotation() else {
            continue;
        };
        if known.currency != stated.currency || known.unit == stated.unit {
            continue;
        }
        if has_bars(instrument.id) {
            return Err(ImportError::OtherUnit {
                symbol: instrument.symbol,
                known: known.to_string(),
                stated: stated.to_string(),
            });
        }
        instrument.quote_unit = stated.unit;
        let id = instrument.id;
        instruments::store::update_all(tx, &[instrument]).await?;
        figures::mark(tx, [id]).await?;
    }
    Ok(())
}
