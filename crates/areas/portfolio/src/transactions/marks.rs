use db::UserTx;
use ledger::TransactionKind;
use market::{
    InstrumentId,
    charts::{OwnTrade, OwnTrades, Trades},
};

use super::{
    TransactionView,
    store::{self, Filter},
};

/// Trades that are marked at most.
const MOST: i64 = 5_000;

/// Lends the market's pages of instruments what a person bought and sold of them.
pub fn own_trades() -> OwnTrades {
    OwnTrades(look)
}

fn look(tx: &mut UserTx, id: InstrumentId) -> Trades<'_> {
    Box::pin(async move {
        let filter = Filter {
            instrument_id: Some(id),
            ..Filter::default()
        };
        let mut trades = store::list(tx, &filter, None, MOST).await?;
        trades.reverse();
        Ok(trades.iter().filter_map(trade).collect())
    })
}

/// The price is public; how many were traded is for the table of transactions, which can be hidden.
fn trade(row: &TransactionView) -> Option<OwnTrade> {
    let is_purchase = match row.kind {
        TransactionKind::Buy | TransactionKind::Cover => true,
        TransactionKind::Sell | TransactionKind::Short => false,
        _ => return None,
    };
    let label = match row.price {
        Some(price) => format!("at {} {}", price.normalize(), row.currency),
        None => "at an unknown price".to_owned(),
    };
    Some(OwnTrade {
        date: row.date,
        is_purchase,
        label,
        href: format!("/portfolio/transactions/{}/edit", row.id.0),
    })
}
