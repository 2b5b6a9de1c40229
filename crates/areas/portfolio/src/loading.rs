//! What a replay reads: transactions, with the portfolios and instruments that they name.

use std::collections::BTreeSet;

use db::UserTx;
use jiff::Timestamp;
use ledger::{Account, Asset, Books, CostBasis, Entry, Rules};
use market::{Instrument, InstrumentId};
use money::{Currency, FxTable};

use crate::{
    portfolios::{self, Portfolio, PortfolioId},
    private_assets,
    reconciliation::{Stated, What},
    transactions::{self, Error, Transaction, entry::Assets, store::versions},
};

/// Portfolios with their transactions, and the instruments of all of them.
#[derive(Debug)]
pub(crate) struct Ledgers {
    /// The ones asked for first; behind them those between which and them shares have moved.
    pub(crate) portfolios: Vec<Portfolio>,
    /// How many were asked for.
    pub(crate) wanted: usize,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) instruments: Vec<Instrument>,
}

/// Reads portfolios. Where lots came from another one by a transfer, its transactions are needed too.
pub(crate) async fn ledgers(tx: &mut UserTx, portfolios: Vec<Portfolio>) -> Result<Ledgers, Error> {
    let linked = transactions::store::list_linked_portfolios(tx).await?;
    let (portfolios, wanted) = with_linked(tx, portfolios, &linked).await?;
    let ids: Vec<PortfolioId> = portfolios.iter().map(|p| p.id).collect();
    let transactions = transactions::store::list_for_replay(tx, &ids).await?;
    complete(tx, portfolios, wanted, transactions).await
}

/// The same with the transactions as they were stored at a moment; portfolios and instruments are as
/// they are now.
pub(crate) async fn ledgers_as_known(
    tx: &mut UserTx,
    portfolios: Vec<Portfolio>,
    at: Timestamp,
) -> Result<Ledgers, Error> {
    let linked = versions::list_ever_linked(tx).await?;
    let (portfolios, wanted) = with_linked(tx, portfolios, &linked).await?;
    let ids: Vec<PortfolioId> = portfolios.iter().map(|p| p.id).collect();
    let states = versions::list_states(tx, &ids, at, Some(at)).await?;
    let transactions = states.into_iter().map(|state| state.transaction).collect();
    complete(tx, portfolios, wanted, transactions).await
}

/// Adds the portfolios with which the wanted ones have exchanged shares, behind them.
pub(crate) async fn with_linked(
    tx: &mut UserTx,
    mut portfolios: Vec<Portfolio>,
    linked: &[PortfolioId],
) -> Result<(Vec<Portfolio>, usize), Error> {
    let wanted = portfolios.len();
    let ids: BTreeSet<PortfolioId> = portfolios.iter().map(|p| p.id).collect();
    if linked.iter().any(|id| ids.contains(id)) {
        let others = portfolios::store::list(tx).await?;
        portfolios.extend(
            others
                .into_iter()
                .filter(|other| linked.contains(&other.id) && !ids.contains(&other.id)),
        );
    }
    Ok((portfolios, wanted))
}

async fn complete(
    tx: &mut UserTx,
    portfolios: Vec<Portfolio>,
    wanted: usize,
    transactions: Vec<Transaction>,
) -> Result<Ledgers, Error> {
    let named: BTreeSet<InstrumentId> = transactions
        .iter()
        .flat_map(Transaction::instruments)
        .collect();
    let instruments = with_underlyings(tx, &named).await?;
    Ok(Ledgers {
        portfolios,
        wanted,
        transactions,
        instruments,
    })
}

/// Instruments, with those that their options are about.
pub(crate) async fn with_underlyings(
    tx: &mut UserTx,
    ids: &BTreeSet<InstrumentId>,
) -> Result<Vec<Instrument>, Error> {
    let wanted: Vec<InstrumentId> = ids.iter().copied().collect();
    let mut instruments = market::instruments::list(tx.conn(), &wanted).await?;
    let missing: BTreeSet<InstrumentId> = instruments
        .iter()
        .filter_map(|instrument| instrument.option.map(|terms| terms.underlying))
        .filter(|underlying| !ids.contains(underlying))
        .collect();
    if !missing.is_empty() {
        let missing: Vec<InstrumentId> = missing.into_iter().collect();
        instruments.extend(market::instruments::list(tx.conn(), &missing).await?);
    }
    private_assets::service::overlay(tx, &mut instruments).await?;
    Ok(instruments)
}

impl Ledgers {
    /// Adds instruments of which a broker states a position while no transaction names them: a finding
    /// about them has a symbol.
    pub(crate) async fn add_stated(
        &mut self,
        tx: &mut UserTx,
        stated: &[Stated],
    ) -> Result<(), Error> {
        let there: BTreeSet<InstrumentId> = self.instruments.iter().map(|i| i.id).collect();
        let missing: BTreeSet<InstrumentId> = stated
            .iter()
            .filter_map(|stated| match stated.what {
                What::Position(id) => Some(id).filter(|id| !there.contains(id)),
                What::Cash(_) => None,
            })
            .collect();
        if !missing.is_empty() {
            let found = with_underlyings(tx, &missing).await?.into_iter();
            let new = found.filter(|instrument| !there.contains(&instrument.id));
            self.instruments.extend(new);
        }
        Ok(())
    }

    /// The entries of every portfolio in the order of a replay, with its rules.
    pub(crate) fn accounts(
        &self,
        base: Currency,
        cost_basis: Option<CostBasis>,
    ) -> Vec<(Vec<Entry>, Rules)> {
        let assets = Assets::of(&self.instruments);
        let account = |portfolio: &Portfolio| {
            let own = self
                .transactions
                .iter()
                .filter(|transaction| transaction.portfolio_id == portfolio.id);
            let mut entries: Vec<Entry> = own.filter_map(|t| t.entry(&assets)).collect();
            ledger::sort(&mut entries);
            let rules = Rules {
                base,
                cost_basis: cost_basis.unwrap_or(portfolio.cost_basis),
                tracks_cash: portfolio.tracks_cash,
            };
            (entries, rules)
        };
        self.portfolios.iter().map(account).collect()
    }

    /// The instruments as the ledger sees them.
    pub(crate) fn assets(&self, base: Currency) -> Vec<Asset> {
        Assets::of(&self.instruments).list(&self.instruments, base)
    }
}

/// Replays accounts that may have sent shares to each other.
pub(crate) fn replay(
    accounts: &[(Vec<Entry>, Rules)],
    assets: &[Asset],
    fx: &FxTable,
) -> Vec<Books> {
    let accounts: Vec<Account<'_>> = accounts
        .iter()
        .map(|(entries, rules)| Account { entries, rules })
        .collect();
    ledger::replay_together(&accounts, assets, fx)
}
