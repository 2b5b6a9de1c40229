//! What the rest of Bursar may rely on when it shows the demo.

mod books;
mod continuity;
mod markets;

use jiff::civil::{Date, date};
use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Rules, TransactionKind};
use money::FxTable;
use statements::Row;
use uuid::Uuid;

use super::universe::{SimBar, SimInstrument, SimPortfolio, Universe};

const TODAY: Date = date(2026, 11, 21);

fn rows(universe: &Universe, kind: TransactionKind) -> impl Iterator<Item = &Row> {
    universe
        .portfolios
        .iter()
        .flat_map(|portfolio| &portfolio.rows)
        .filter(move |row| row.kind == kind)
}

fn find<'u>(universe: &'u Universe, row: &Row) -> &'u SimInstrument {
    let symbol = &row
        .security
        .as_ref()
        .expect("a row about an instrument names it")
        .symbol;
    universe
        .instruments
        .iter()
        .find(|instrument| instrument.symbol == *symbol)
        .unwrap_or_else(|| panic!("{symbol} is not in the catalogue"))
}

fn bar_on(instrument: &SimInstrument, day: Date) -> SimBar {
    let index = instrument.bars.binary_search_by_key(&day, |bar| bar.date);
    instrument.bars[index.unwrap_or_else(|_| panic!("{} has no bar on {day}", instrument.symbol))]
}

fn assets(universe: &Universe) -> Vec<Asset> {
    let asset =
        |instrument: &SimInstrument| Asset::new(instrument.symbol.clone(), instrument.currency);
    universe.instruments.iter().map(asset).collect()
}

fn entry(row: &Row, number: usize, assets: &[Asset]) -> Entry {
    let asset = row.security.as_ref().map(|security| {
        let index = assets
            .iter()
            .position(|asset| asset.symbol == security.symbol);
        AssetIndex(u32::try_from(index.expect("in the catalogue")).expect("few instruments"))
    });
    let amount = row.amount;
    let quantity = row.quantity.unwrap_or_default();
    let event = match (row.kind, asset) {
        (TransactionKind::Buy, Some(asset)) => Event::Buy {
            asset,
            quantity,
            amount,
        },
        (TransactionKind::Sell, Some(asset)) => Event::Sell {
            asset,
            quantity,
            amount,
        },
        (TransactionKind::Dividend, Some(asset)) => Event::Dividend { asset, amount },
        (TransactionKind::Split, Some(asset)) => Event::Split {
            asset,
            ratio: row.ratio.expect("a split has a ratio"),
        },
        (TransactionKind::Interest, None) => Event::Interest { amount },
        (TransactionKind::Deposit, None) => Event::Deposit { amount },
        (TransactionKind::Withdrawal, None) => Event::Withdrawal { amount },
        (TransactionKind::Fee, None) => Event::Fee {
            asset: None,
            amount,
        },
        (TransactionKind::Tax, None) => Event::Tax {
            asset: None,
            amount,
        },
        (kind, asset) => panic!("{kind:?} with {asset:?}"),
    };
    Entry {
        id: Uuid::from_u128(number as u128 + 1),
        date: row.date,
        executed_at: row.executed_at,
        event,
        fees: row.fees,
        taxes: row.taxes,
        currency: row.currency,
        settlement: row.settlement,
        lots: Vec::new(),
    }
}

fn replay(universe: &Universe, portfolio: &SimPortfolio) -> Books {
    let assets = assets(universe);
    let fx: FxTable = universe.fx.iter().copied().collect();
    let mut entries: Vec<Entry> = portfolio
        .rows
        .iter()
        .enumerate()
        .map(|(number, row)| entry(row, number, &assets))
        .collect();
    ledger::sort(&mut entries);
    let rules = Rules {
        base: portfolio.currency,
        cost_basis: CostBasis::Fifo,
        tracks_cash: true,
    };
    ledger::replay(&entries, &assets, &fx, &rules)
}
