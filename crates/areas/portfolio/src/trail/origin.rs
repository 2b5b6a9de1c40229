//! Who stated the prices that figures are made of.

use std::collections::HashMap;

use db::UserTx;
use jiff::civil::Date;
use market::InstrumentId;

use crate::{private_assets, valuation::Valuation};

/// The source of what is private.
const ENTERED: &str = "values that you entered";

/// Where the price of an instrument comes from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// Who stated it.
    pub(super) source: String,
    /// Where it can be seen; nowhere, once it is deleted.
    pub(super) href: Option<String>,
}

/// The origins of the prices of a valuation.
pub(crate) type Origins = HashMap<InstrumentId, Origin>;

/// Reads where the last prices of everything held come from.
pub(crate) async fn origins(tx: &mut UserTx, valuation: &Valuation) -> db::Result<Origins> {
    let priced: Vec<(InstrumentId, Date)> = valuation
        .holdings
        .iter()
        .filter_map(|holding| Some((valuation.instrument(holding.asset).id, holding.price_on?)))
        .collect();
    let sources = market::bars::sources(tx.conn(), &priced).await?;
    let own: Vec<InstrumentId> = private_assets::store::list(tx)
        .await?
        .into_iter()
        .map(|asset| asset.instrument_id)
        .collect();
    let origin = |instrument: &market::Instrument| {
        let id = instrument.id;
        if instrument.is_private {
            let is_there = own.contains(&id);
            return Origin {
                source: ENTERED.to_owned(),
                href: is_there.then(|| format!("/portfolio/private-assets/{id}")),
            };
        }
        let source = sources.get(&id);
        Origin {
            source: match source {
                _ if instrument.is_simulated => "simulated daily closes".to_owned(),
                Some(source) => format!("daily closes, {source}"),
                None => "nobody: there is no price".to_owned(),
            },
            href: Some(format!("/market/instruments/{id}")),
        }
    };
    Ok(valuation
        .instruments
        .iter()
        .map(|instrument| (instrument.id, origin(instrument)))
        .collect())
}
