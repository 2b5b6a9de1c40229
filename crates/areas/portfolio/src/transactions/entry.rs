//! Transactions in the words of the ledger.

use std::collections::HashMap;

use ledger::{Asset, AssetIndex, Entry, Event, OptionTerms, Ratio, TransactionKind};
use market::{Instrument, InstrumentId};
use money::Currency;

use super::Transaction;

/// The instruments of a replay, each at its [`AssetIndex`].
pub(crate) struct Assets {
    index: HashMap<InstrumentId, AssetIndex>,
}

impl Assets {
    pub(crate) fn of(instruments: &[Instrument]) -> Self {
        let index = instruments
            .iter()
            .zip(0..)
            .map(|(instrument, at)| (instrument.id, AssetIndex(at)))
            .collect();
        Self { index }
    }

    pub(crate) fn get(&self, id: InstrumentId) -> Option<AssetIndex> {
        self.index.get(&id).copied()
    }

    /// What the ledger must know of each instrument. One whose currency nobody knows counts as
    /// quoted in `base`.
    pub(crate) fn list(&self, instruments: &[Instrument], base: Currency) -> Vec<Asset> {
        let asset = |instrument: &Instrument| Asset {
            symbol: instrument.symbol.clone(),
            currency: instrument.currency.unwrap_or(base),
            multiplier: instrument.multiplier,
            option: instrument.option.and_then(|terms| {
                Some(OptionTerms {
                    underlying: self.get(terms.underlying)?,
                    strike: terms.strike,
                    right: terms.right,
                })
            }),
        };
        instruments.iter().map(asset).collect()
    }
}

impl Transaction {
    /// Every instrument that the transaction names.
    pub(crate) fn instruments(&self) -> impl Iterator<Item = InstrumentId> {
        let draft = &self.draft;
        draft.instrument_id.into_iter().chain(draft.target_id)
    }

    /// The transaction as an entry; `None` when it names an instrument that is not among the assets.
    pub(crate) fn entry(&self, assets: &Assets) -> Option<Entry> {
        let draft = &self.draft;
        let asset = match draft.instrument_id {
            Some(id) => Some(assets.get(id)?),
            None => None,
        };
        let target = match draft.target_id {
            Some(id) => Some(assets.get(id)?),
            None => None,
        };
        Some(Entry {
            id: self.id.0,
            date: draft.date,
            executed_at: draft.executed_at,
            event: self.event(asset, target)?,
            fees: draft.fees,
            taxes: draft.taxes,
            currency: draft.currency,
            settlement: draft.settlement,
            lots: draft.lots.clone(),
        })
    }

    fn event(&self, asset: Option<AssetIndex>, target: Option<AssetIndex>) -> Option<Event> {
        let draft = &self.draft;
        let (amount, link) = (draft.amount, draft.transfer_id);
        Some(match draft.kind {
            TransactionKind::Interest => Event::Interest { amount },
            TransactionKind::Deposit => Event::Deposit { amount },
            TransactionKind::Withdrawal => Event::Withdrawal { amount },
            TransactionKind::Conversion => Event::Conversion { amount },
            TransactionKind::Fee => Event::Fee { asset, amount },
            TransactionKind::Tax => Event::Tax { asset, amount },
            TransactionKind::Dividend => Event::Dividend {
                asset: asset?,
                amount,
            },
            TransactionKind::ReturnOfCapital => Event::ReturnOfCapital {
                asset: asset?,
                amount,
            },
            TransactionKind::Split => Event::Split {
                asset: asset?,
                ratio: draft.ratio?,
            },
            TransactionKind::SpinOff => Event::SpinOff {
                asset: asset?,
                target: target?,
                ratio: draft.ratio?,
                // Without one a finding says so.
                cost_share: draft.cost_share.unwrap_or_default(),
            },
            TransactionKind::Merger => Event::Merger {
                asset: asset?,
                target: target.map(|target| (target, draft.ratio.unwrap_or(Ratio::ONE))),
                amount,
                cost_share: draft.cost_share,
            },
            TransactionKind::SymbolChange => Event::SymbolChange {
                asset: asset?,
                target: target?,
            },
            TransactionKind::TransferIn => Event::TransferIn {
                asset: asset?,
                quantity: draft.quantity?,
                cost: amount,
                acquired_on: draft.acquired_on,
                link,
            },
            TransactionKind::TransferOut => Event::TransferOut {
                asset: asset?,
                quantity: draft.quantity?,
                link,
            },
            _ => self.event_of_shares(asset?)?,
        })
    }

    /// Types that state shares of one instrument.
    fn event_of_shares(&self, asset: AssetIndex) -> Option<Event> {
        let draft = &self.draft;
        let (quantity, amount) = (draft.quantity?, draft.amount);
        Some(match draft.kind {
            TransactionKind::Buy => Event::Buy {
                asset,
                quantity,
                amount,
            },
            TransactionKind::Sell => Event::Sell {
                asset,
                quantity,
                amount,
            },
            TransactionKind::Short => Event::Short {
                asset,
                quantity,
                amount,
            },
            TransactionKind::Cover => Event::Cover {
                asset,
                quantity,
                amount,
            },
            TransactionKind::ReinvestedDividend => Event::ReinvestedDividend {
                asset,
                quantity,
                amount,
            },
            TransactionKind::StockDividend => Event::StockDividend {
                asset,
                quantity,
                amount,
            },
            TransactionKind::Exercise => Event::Exercise { asset, quantity },
            TransactionKind::Assignment => Event::Assignment { asset, quantity },
            TransactionKind::Expiry => Event::Expiry { asset, quantity },
            _ => return None,
        })
    }
}
