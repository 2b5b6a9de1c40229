//! Transactions as rows of Bursar's own CSV.

use std::collections::{BTreeSet, HashMap};

use db::UserTx;
use market::{Instrument, InstrumentId};

use super::{Error, TransactionView, model, store};
use crate::loading;

/// All wanted transactions, oldest first, as rows of Bursar's own CSV.
pub(crate) async fn rows(
    tx: &mut UserTx,
    filter: &store::Filter,
) -> Result<Vec<statements::Row>, Error> {
    let mut views = store::list(tx, filter, None, i64::MAX - 1).await?;
    views.reverse();
    let named = views
        .iter()
        .flat_map(|view| [view.instrument_id, view.target_instrument_id]);
    let ids: BTreeSet<InstrumentId> = named.flatten().collect();
    let instruments = loading::with_underlyings(tx, &ids).await?;
    let known: HashMap<InstrumentId, &Instrument> = instruments
        .iter()
        .map(|instrument| (instrument.id, instrument))
        .collect();
    let find = |id: Option<InstrumentId>| id.and_then(|id| known.get(&id).copied());
    let security = |id| find(id).map(|instrument| security(instrument, &known));
    Ok(views
        .into_iter()
        .zip(2..)
        .map(|(view, line)| {
            let (instrument, target) = (view.instrument_id, view.target_instrument_id);
            row(security(instrument), security(target), view, line)
        })
        .collect())
}

/// An instrument in the words of a statement: everything by which an import finds it again.
fn security(
    instrument: &Instrument,
    others: &HashMap<InstrumentId, &Instrument>,
) -> statements::Security {
    let known = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let option = instrument.option.and_then(|terms| {
        Some(statements::OptionTerms {
            underlying: others.get(&terms.underlying)?.symbol.clone(),
            expires_on: terms.expires_on,
            strike: terms.strike,
            right: terms.right,
            multiplier: instrument.multiplier,
        })
    });
    statements::Security {
        symbol: instrument.symbol.clone(),
        isin: instrument.isin.clone(),
        exchange: known(&instrument.exchange),
        name: known(&instrument.name),
        asset_class: Some(instrument.asset_class.as_str().to_owned()),
        currency: instrument.currency,
        option,
    }
}

fn row(
    security: Option<statements::Security>,
    target: Option<statements::Security>,
    view: TransactionView,
    line: u64,
) -> statements::Row {
    statements::Row {
        line,
        account: view.account,
        external_id: view.external_id,
        date: view.date,
        executed_at: view.executed_at,
        kind: view.kind,
        security,
        quantity: view.quantity,
        price: view.price,
        amount: view.amount,
        fees: view.fees,
        taxes: view.taxes,
        currency: view.currency,
        settlement: view
            .settlement_currency
            .zip(view.fx_rate)
            .map(|(currency, fx_rate)| ledger::Settlement { currency, fx_rate }),
        ratio: view.ratio.as_deref().and_then(model::parse_ratio),
        target,
        cost_share: view.cost_share,
        acquired_on: view.acquired_on,
        note: view.note,
    }
}
