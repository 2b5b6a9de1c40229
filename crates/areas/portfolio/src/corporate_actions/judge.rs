//! One action in one portfolio: where it stands, which transaction applies it, and what that changes.
//! Pure, runs off the async threads.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ledger::{Asset, Books};
use market::{CorporateAction, InstrumentId};
use money::{Currency, FxTable};
use uuid::Uuid;

use super::{
    Proposal, Status,
    model::{Account, Applied, Decisions, draft},
    preview::{Preview, figures},
};
use crate::{
    loading::{self, Ledgers},
    transactions::{Draft, Transaction, TransactionId, entry::Assets},
    valuation::settle_currencies,
};

/// Everything that is read about one action in one portfolio.
pub(super) struct Case {
    /// The portfolio first, behind it those between which and it shares have moved.
    pub(super) ledgers: Ledgers,
    pub(super) action: CorporateAction,
    pub(super) applied: Option<Applied>,
    pub(super) decisions: Decisions,
    pub(super) fx: FxTable,
    pub(super) today: Date,
}

/// What follows from it.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) proposal: Proposal,
    /// The transaction that applies the action as it is stated now, or why there is none.
    pub(super) draft: Result<Draft, String>,
    pub(super) preview: Option<Preview>,
}

impl Case {
    /// `None` when the action does not concern the portfolio.
    pub(super) fn judge(mut self) -> Option<Judgement> {
        let portfolio = self.ledgers.portfolios.first()?.clone();
        let base = portfolio.currency;
        self.ledgers
            .transactions
            .retain(|transaction| transaction.draft.date <= self.today);
        settle_currencies(
            &mut self.ledgers.instruments,
            &self.ledgers.transactions,
            base,
        );
        let assets = self.ledgers.assets(base);
        let now = self.replay(&assets, base)?;
        let own = self.applied.and_then(|applied| self.take_out(applied));
        let without = self.replay(&assets, base)?;
        let (entries, _) = self.ledgers.accounts(base, None).into_iter().next()?;
        let account = Account {
            portfolio: &portfolio,
            entries: &entries,
            books: &without,
        };
        let index = Assets::of(&self.ledgers.instruments);
        let actions = std::slice::from_ref(&self.action);
        let proposal = account
            .proposals(&index, actions, &self.decisions, self.today)
            .pop()?;
        let draft = draft(&self.action, proposal.quantity, &portfolio);
        let with = match (&draft, own.is_none() || proposal.status == Status::Outdated) {
            (Ok(draft), true) => {
                self.put_in(draft, own);
                Some(self.replay(&assets, base)?)
            }
            _ => None,
        };
        let pair = match proposal.status {
            Status::Open | Status::Declined | Status::Outdated => with.as_ref().map(|w| (&now, w)),
            Status::Applied => Some((&without, &now)),
            Status::Withdrawn => Some((&now, &without)),
            Status::Recorded => None,
        };
        let preview = pair.map(|pair| self.preview(pair, &assets, base));
        Some(Judgement {
            proposal,
            draft,
            preview,
        })
    }

    fn replay(&self, assets: &[Asset], base: Currency) -> Option<Books> {
        let accounts = self.ledgers.accounts(base, None);
        loading::replay(&accounts, assets, &self.fx)
            .into_iter()
            .next()
    }

    /// Takes the transaction that applies the action out of the ledger.
    fn take_out(&mut self, applied: Applied) -> Option<Transaction> {
        let transactions = &mut self.ledgers.transactions;
        let at = transactions
            .iter()
            .position(|transaction| transaction.id.0 == applied.transaction)?;
        Some(transactions.swap_remove(at))
    }

    fn put_in(&mut self, draft: &Draft, former: Option<Transaction>) {
        let Some(portfolio) = self.ledgers.portfolios.first() else {
            return;
        };
        // A new transaction comes behind all others of its day and type.
        let id = former.map_or(Uuid::max(), |former| former.id.0);
        self.ledgers.transactions.push(Transaction {
            id: TransactionId(id),
            portfolio_id: portfolio.id,
            draft: draft.clone(),
            import_id: None,
            version: 0,
        });
    }

    fn preview(
        &self,
        (before, after): (&Books, &Books),
        assets: &[Asset],
        base: Currency,
    ) -> Preview {
        let terms = &self.action.terms;
        let concerned: Vec<InstrumentId> = std::iter::once(self.action.instrument_id)
            .chain(terms.target_id)
            .collect();
        let currencies: BTreeSet<Currency> = before
            .cash
            .keys()
            .chain(after.cash.keys())
            .copied()
            .collect();
        let of = |books| {
            let instruments = &self.ledgers.instruments;
            figures(books, instruments, assets, &concerned, &currencies)
        };
        Preview {
            base_currency: base,
            before: of(before),
            after: of(after),
        }
    }
}
