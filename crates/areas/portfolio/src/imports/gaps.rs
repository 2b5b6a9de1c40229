//! What a broker's file states as the result, against what the portfolio would be after the import.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::UserTx;
use jiff::Timestamp;
use ledger::Finding;
use market::{Instrument, InstrumentId, SecurityKey, instruments::Facts};
use statements::{Security, Statement};
use uuid::Uuid;

use super::{
    Error,
    preview::{self, Known, Preview, off_thread},
};
use crate::{
    loading,
    portfolios::{self, PortfolioId},
    reconciliation::{self, Booked, Stated, What},
    transactions::{Transaction, TransactionId, entry::Assets},
    valuation::compute::Replayed,
};

/// The instruments that importing a statement would create, under names that last as long as its
/// preview.
pub(super) fn newcomers(
    statement: &Statement,
    known: &mut Known,
    now: Timestamp,
) -> Vec<Instrument> {
    let mut created = Vec::new();
    for security in preview::named(statement) {
        known
            .entry(preview::identity(&security))
            .or_insert_with(|| {
                let instrument = newcomer(&security, now);
                let id = instrument.id;
                created.push(instrument);
                id
            });
    }
    created
}

/// What an option is about is found when it is created; until then it counts as any instrument.
fn newcomer(security: &Security, now: Timestamp) -> Instrument {
    let key = SecurityKey::from(security);
    Instrument {
        id: InstrumentId(Uuid::now_v7()),
        symbol: key.symbol,
        exchange: key.exchange.unwrap_or_default(),
        name: key.name.unwrap_or_default(),
        asset_class: key.asset_class.unwrap_or_default(),
        currency: key.currency,
        sector: None,
        country: None,
        isin: key.isin,
        is_simulated: false,
        is_private: false,
        facts: Facts::default(),
        quote_unit: key.quote_unit.unwrap_or_default(),
        multiplier: key
            .option
            .map_or(rust_decimal::Decimal::ONE, |terms| terms.multiplier),
        option: None,
        updated_at: now,
    }
}

/// What would still differ once the new bookings of a preview are in the portfolio.
pub(super) async fn after(
    mut tx: UserTx,
    portfolio: PortfolioId,
    preview: &Preview,
    newcomers: Vec<Instrument>,
    stated: Vec<Stated>,
    format: statements::Format,
) -> Result<Vec<Finding>, Error> {
    let portfolio = portfolios::store::require(&mut tx, portfolio).await?;
    let (id, base) = (portfolio.id, portfolio.currency);
    let mut origins = reconciliation::store::list_origins(&mut tx, &[id]).await?;
    let mut ledgers = loading::ledgers(&mut tx, vec![portfolio]).await?;
    let new = preview.bookings.iter().filter(|b| !b.is_duplicate);
    let new: Vec<Transaction> = new
        .map(|booking| Transaction {
            id: TransactionId(Uuid::now_v7()),
            portfolio_id: id,
            draft: booking.draft.clone(),
            import_id: None,
            version: 1,
        })
        .collect();
    origins.extend(new.iter().map(|transaction| {
        let account = transaction.draft.account.clone();
        let origin = account.unwrap_or_else(|| format.as_str().to_owned());
        (transaction.id.0, origin)
    }));
    let mut wanted: BTreeSet<InstrumentId> =
        new.iter().flat_map(Transaction::instruments).collect();
    wanted.extend(stated.iter().filter_map(|stated| match stated.what {
        What::Position(id) => Some(id),
        What::Cash(_) => None,
    }));
    for there in ledgers.instruments.iter().chain(&newcomers) {
        wanted.remove(&there.id);
    }
    let found = loading::with_underlyings(&mut tx, &wanted).await?;
    let fx = market::fx::table(tx.conn()).await?;
    drop(tx);
    let there: BTreeSet<InstrumentId> = ledgers.instruments.iter().map(|i| i.id).collect();
    let others = found.into_iter().chain(newcomers);
    ledgers
        .instruments
        .extend(others.filter(|instrument| !there.contains(&instrument.id)));
    ledgers.transactions.extend(new);
    let stated = latest(stated);
    off_thread(move || {
        let Some(as_of) = stated.iter().map(|stated| stated.on).max() else {
            return Vec::new();
        };
        let replayed = Replayed::new(&mut ledgers, HashMap::new(), &fx, base, None, as_of);
        let index = Assets::of(&ledgers.instruments);
        let own = replayed.books.first().zip(replayed.accounts.first());
        let findings = own.map(|(books, (entries, rules))| {
            let booked = Booked {
                books,
                entries,
                rules,
                assets: &replayed.assets,
                fx: &fx,
                origins: &origins,
            };
            reconciliation::findings(booked, &stated, |id| index.get(id))
        });
        findings.unwrap_or_default()
    })
    .await
}

/// The last that a file states of each position and balance of each account.
fn latest(stated: Vec<Stated>) -> Vec<Stated> {
    let mut last: BTreeMap<(What, Option<String>), Stated> = BTreeMap::new();
    for one in stated {
        let key = (one.what, one.account.clone());
        if last.get(&key).is_none_or(|other| other.on <= one.on) {
            last.insert(key, one);
        }
    }
    last.into_values().collect()
}
