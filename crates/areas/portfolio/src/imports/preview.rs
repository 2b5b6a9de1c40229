//! From a file to drafts: parsing, instruments, fingerprints. What a preview shows is what an import
//! stores.

use std::collections::{HashMap, HashSet};

use db::UserTx;
use ledger::{Finding, TransactionKind};
use market::{InstrumentId, SecurityKey};
use statements::{Mapping, Rejection, Row, Security, Statement};
use uuid::Uuid;

use super::{Error, Import};
use crate::{
    private_assets::{self, PrivateAsset},
    transactions::{
        self, Draft, TransactionId,
        fingerprint::{Fingerprint, Fingerprints},
    },
};

/// Rows, refusals and differences that a preview lists; the counts are of all.
pub(super) const ROWS_SHOWN: usize = 200;

/// A booking of a file, ready to be stored.
pub(super) struct Booking {
    pub(super) line: u64,
    pub(super) security: Option<Security>,
    pub(super) draft: Draft,
    pub(super) fingerprint: Fingerprint,
    /// Whether the portfolio holds it already.
    pub(super) is_duplicate: bool,
}

/// A file as it would be imported.
pub(super) struct Preview {
    pub(super) bookings: Vec<Booking>,
    pub(super) rejected: Vec<Rejection>,
    /// Lines that state nothing to record, and why.
    pub(super) skipped: Vec<Rejection>,
    /// What the portfolio would still differ in from what the file states.
    pub(super) gaps: Vec<Finding>,
    /// How many positions and balances the file states.
    pub(super) stated: usize,
}

impl Preview {
    pub(super) fn new_count(&self) -> usize {
        self.bookings
            .iter()
            .filter(|booking| !booking.is_duplicate)
            .count()
    }

    pub(super) fn duplicate_count(&self) -> usize {
        self.bookings.len() - self.new_count()
    }
}

/// Bookings as they are stored.
pub(super) fn new_rows(bookings: &[Booking]) -> Vec<transactions::store::NewRow<'_>> {
    bookings
        .iter()
        .map(|booking| transactions::store::NewRow {
            id: TransactionId(Uuid::now_v7()),
            draft: &booking.draft,
            fingerprint: booking.fingerprint,
        })
        .collect()
}

/// Does what a large file makes long, off the async threads. No unit of work may be open meanwhile:
/// it would hold its connection all the time.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| db::Error::Internal(sqlx::Error::Protocol(error.to_string())).into())
}

/// Reads a file; off the async threads, since a large one takes a while.
pub(super) async fn read(
    content: Vec<u8>,
    format: Option<statements::Format>,
    mapping: Option<Mapping>,
) -> Result<Statement, Error> {
    let mut statement = off_thread(move || match (mapping, format) {
        (Some(mapping), _) => statements::read_with(&content, &mapping),
        (None, Some(format)) => statements::read_as(&content, format),
        (None, None) => statements::read(&content),
    })
    .await??;
    refuse_unstorable_symbols(&mut statement);
    Ok(statement)
}

/// A symbol that no instrument can bear costs its line, not the file.
pub(super) fn refuse_unstorable_symbols(statement: &mut Statement) {
    let (rows, refused): (Vec<Row>, Vec<Row>) = std::mem::take(&mut statement.rows)
        .into_iter()
        .partition(|row| {
            [&row.security, &row.target]
                .into_iter()
                .flatten()
                .all(|s| transactions::service::is_storable_symbol(&s.symbol))
        });
    statement.rows = rows;
    statement.rejected.extend(refused.into_iter().map(|row| {
        let symbol: String = row.security.map_or_else(String::new, |s| s.symbol);
        Rejection::new(
            row.line,
            statements::code::INVALID_SYMBOL,
            format!(
                "symbol “{symbol:.60}” is no ticker: write at most {} characters, such as MSFT",
                transactions::service::LONGEST_SYMBOL
            ),
        )
    }));
}

/// The securities of a statement, each once.
pub(super) fn securities(statement: &Statement) -> Vec<Security> {
    let mut seen = HashSet::new();
    statement
        .rows
        .iter()
        .flat_map(|row| [row.security.as_ref(), row.target.as_ref()])
        .flatten()
        .filter(|security| seen.insert(identity(security)))
        .cloned()
        .collect()
}

/// Instruments by what a file calls them.
pub(super) type Known = HashMap<String, InstrumentId>;

/// What tells two securities of a file apart.
pub(super) fn identity(security: &Security) -> String {
    format!(
        "{}|{}|{}",
        security.symbol,
        security.isin.as_deref().unwrap_or(""),
        security.exchange.as_deref().unwrap_or("")
    )
}

/// The instruments of a statement that exist already.
pub(super) async fn resolve(tx: &mut UserTx, statement: &Statement) -> Result<Known, Error> {
    let named = named(statement);
    let mut known = private(tx, &named).await?;
    for security in named {
        if known.contains_key(&identity(&security)) {
            continue;
        }
        if let Some(instrument) =
            market::instruments::resolve(tx.conn(), &SecurityKey::from(&security)).await?
        {
            known.insert(identity(&security), instrument.id);
        }
    }
    Ok(known)
}

/// The securities of a statement's rows and positions, each once.
pub(super) fn named(statement: &Statement) -> Vec<Security> {
    let mut named = securities(statement);
    let mut seen: HashSet<String> = named.iter().map(identity).collect();
    let positions = statement
        .positions
        .iter()
        .map(|position| &position.security);
    let is_storable = |s: &&Security| transactions::service::is_storable_symbol(&s.symbol);
    named.extend(
        positions
            .filter(is_storable)
            .filter(|security| seen.insert(identity(security)))
            .cloned(),
    );
    named
}

/// The person's own private assets among securities: their words find them alone, before any listed
/// instrument, and never become an instrument that everybody sees.
pub(super) async fn private(tx: &mut UserTx, securities: &[Security]) -> Result<Known, Error> {
    let own = private_assets::store::list(tx).await?;
    let mut by_word: HashMap<String, InstrumentId> = HashMap::new();
    let mut by_isin: HashMap<&str, Vec<&PrivateAsset>> = HashMap::new();
    for asset in &own {
        by_word.insert(asset.word().to_lowercase(), asset.instrument_id);
        if let Some(isin) = asset.isin() {
            by_isin.entry(isin).or_default().push(asset);
        }
    }
    let find = |security: &Security| match (&security.isin, &security.exchange) {
        (Some(isin), _) => {
            let bearers = by_isin.get(isin.to_uppercase().as_str())?;
            let is_named = |asset: &&&PrivateAsset| asset.word() == security.symbol.to_uppercase();
            let found = bearers.iter().find(is_named).or_else(|| bearers.first());
            found.map(|asset| asset.instrument_id)
        }
        // Somewhere it is listed.
        (None, Some(_)) => None,
        (None, None) => by_word.get(&security.symbol.to_lowercase()).copied(),
    };
    Ok(securities
        .iter()
        .filter_map(|security| Some((identity(security), find(security)?)))
        .collect())
}

/// Drafts of all rows; a row that is not acceptable joins the refusals. An instrument that does not
/// exist yet stands as a nil id in a preview: its bookings are new in any case.
pub(super) fn bookings(
    statement: Statement,
    known: &Known,
    fingerprints: &mut Fingerprints,
) -> Preview {
    let mut rejected = statement.rejected;
    let mut bookings = Vec::with_capacity(statement.rows.len());
    for row in statement.rows {
        let (line, security) = (row.line, row.security.clone());
        let find = |security: Option<&Security>, missing: Uuid| {
            security.map(|security| {
                let found = known.get(&identity(security)).copied();
                found.unwrap_or(InstrumentId(missing))
            })
        };
        let instrument = find(row.security.as_ref(), Uuid::nil());
        let target = find(row.target.as_ref(), Uuid::max());
        let draft = draft(row, instrument, target);
        if let Err(errors) = draft.check() {
            rejected.extend(errors.into_iter().map(|error| Rejection {
                line,
                code: error.code,
                message: format!("{}: {}", error.pointer, error.detail),
            }));
            continue;
        }
        let fingerprint = fingerprints.next(&draft);
        bookings.push(Booking {
            line,
            security,
            draft,
            fingerprint,
            is_duplicate: false,
        });
    }
    rejected.sort_by_key(|rejection| rejection.line);
    Preview {
        bookings,
        rejected,
        skipped: statement.skipped,
        gaps: Vec::new(),
        stated: 0,
    }
}

/// The draft of a row.
pub(super) fn draft(
    row: Row,
    instrument_id: Option<InstrumentId>,
    target_id: Option<InstrumentId>,
) -> Draft {
    let is_trade = row.kind.is_trade() || row.kind == TransactionKind::ReinvestedDividend;
    let price = row.price.or_else(|| {
        let quantity = row.quantity.filter(|_| is_trade)?;
        row.amount.checked_div(quantity)
    });
    Draft {
        kind: row.kind,
        date: row.date,
        executed_at: row.executed_at,
        instrument_id,
        quantity: row.quantity,
        price,
        amount: row.amount,
        fees: row.fees,
        taxes: row.taxes,
        currency: row.currency,
        settlement: row.settlement,
        ratio: row.ratio,
        target_id,
        cost_share: row.cost_share,
        acquired_on: row.acquired_on,
        transfer_id: None,
        lots: Vec::new(),
        note: row.note,
        account: row.account,
        external_id: row.external_id,
    }
    .rounded()
}

/// Marks the bookings that the portfolio holds already.
pub(super) async fn mark_duplicates(
    tx: &mut UserTx,
    import: &Import,
    preview: &mut Preview,
) -> Result<(), Error> {
    let fingerprints: Vec<Fingerprint> = preview
        .bookings
        .iter()
        .map(|booking| booking.fingerprint)
        .collect();
    let known: HashSet<Vec<u8>> =
        transactions::store::list_known(tx, import.portfolio_id, &fingerprints)
            .await?
            .into_iter()
            .collect();
    for booking in &mut preview.bookings {
        booking.is_duplicate = known.contains(booking.fingerprint.as_slice());
    }
    Ok(())
}

/// Drafts of rows whose instruments are known by symbol: the sample's way into a portfolio.
pub(crate) fn sample_bookings(
    rows: &[Row],
    ids: &HashMap<String, InstrumentId>,
) -> Vec<(Draft, Fingerprint)> {
    let mut fingerprints = Fingerprints::default();
    rows.iter()
        .map(|row| {
            let instrument = row
                .security
                .as_ref()
                .and_then(|security| ids.get(&security.symbol).copied());
            let draft = draft(row.clone(), instrument, None);
            let fingerprint = fingerprints.next(&draft);
            (draft, fingerprint)
        })
        .collect()
}
