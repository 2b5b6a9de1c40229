//! What a portfolio is compared with, as a person names it.

use std::collections::HashMap;

use db::UserId;
use jiff::civil::Date;
use ledger::{Ratio, TransactionKind};
use market::{
    CorporateAction, Instrument, InstrumentId, SecurityKey, instruments::SIMULATED_EXCHANGE,
};
use performance::{Benchmark, Component, Days, PriceSeries, Rebalancing};
use web::{App, Problem};

use crate::valuation::Valuation;

/// Components at most.
const MOST: usize = 20;

/// Ascending.
type Splits = Vec<(Date, Ratio)>;

/// A benchmark that was found.
pub(crate) struct Chosen {
    /// As it is shown: `VWRL`, or `VWRL 60 %, AGGH 40 %`.
    pub(crate) name: String,
    pub(crate) index: Benchmark,
}

/// Finds a benchmark and its prices; a reason where that cannot be, nothing where none is named.
pub(super) async fn choose(
    app: &App,
    user: UserId,
    valuation: &Valuation,
    days: Days,
    text: &str,
) -> Result<Option<Result<Chosen, String>>, Problem> {
    let wanted = match read(text) {
        Ok(wanted) if wanted.is_empty() => return Ok(None),
        Ok(wanted) => wanted,
        Err(reason) => return Ok(Some(Err(reason))),
    };
    let mut tx = app.db.read(user).await?;
    let mut found: Vec<(Instrument, f64)> = Vec::with_capacity(wanted.len());
    for (symbol, weight) in wanted {
        let key = SecurityKey {
            symbol: symbol.clone(),
            // Simulated portfolios are compared with simulated instruments, real ones with real ones.
            exchange: valuation
                .is_simulated()
                .then(|| SIMULATED_EXCHANGE.to_owned()),
            ..SecurityKey::default()
        };
        let Some(instrument) = market::instruments::resolve(tx.conn(), &key).await? else {
            return Ok(Some(Err(format!(
                "There is no single instrument with the symbol {symbol}: add it, or load its prices."
            ))));
        };
        found.push((instrument, weight));
    }
    let ids: Vec<InstrumentId> = found.iter().map(|(instrument, _)| instrument.id).collect();
    let mut closes = market::bars::closes(tx.conn(), &ids).await?;
    let stated = stated_splits(market::corporate_actions::of_instruments(tx.conn(), &ids).await?);
    drop(tx);
    let series: Vec<PriceSeries> = ids
        .iter()
        .map(|id| PriceSeries::new(closes.remove(id).unwrap_or_default()))
        .collect();
    Ok(Some(blend(valuation, days, &found, &series, &stated)))
}

fn blend(
    valuation: &Valuation,
    days: Days,
    found: &[(Instrument, f64)],
    series: &[PriceSeries],
    stated: &HashMap<InstrumentId, Splits>,
) -> Result<Chosen, String> {
    let components: Vec<Component<'_>> = found
        .iter()
        .zip(series)
        .map(|((instrument, weight), closes)| Component {
            symbol: &instrument.symbol,
            closes,
            splits: stated
                .get(&instrument.id)
                .map_or_else(|| booked_splits(valuation, instrument.id), Vec::as_slice),
            currency: instrument.currency.unwrap_or(valuation.base),
            weight: *weight,
        })
        .collect();
    let span = (days.from, days.to);
    let index = Benchmark::new(
        &components,
        Rebalancing::Daily,
        &valuation.fx,
        valuation.base,
        span,
    )
    .map_err(|error| error.to_string())?;
    let name = match found {
        [(only, _)] => only.symbol.clone(),
        several => several
            .iter()
            .map(|(instrument, weight)| format!("{} {:.0} %", instrument.symbol, weight * 100.0))
            .collect::<Vec<_>>()
            .join(", "),
    };
    Ok(Chosen { name, index })
}

/// Splits as they are stated for everybody, whoever holds the instrument or none.
fn stated_splits(actions: Vec<CorporateAction>) -> HashMap<InstrumentId, Splits> {
    let mut splits: HashMap<InstrumentId, Splits> = HashMap::new();
    for action in actions {
        if let (TransactionKind::Split, Some(ratio)) = (action.terms.kind, action.terms.ratio) {
            let of = splits.entry(action.instrument_id).or_default();
            of.push((action.terms.ex_date, ratio));
        }
    }
    splits
}

/// Splits that the person's own books know, for an instrument of which none is stated: a split that
/// is stated and booked must not count twice.
fn booked_splits(valuation: &Valuation, id: InstrumentId) -> &[(Date, Ratio)] {
    let asset = valuation
        .instruments
        .iter()
        .zip(0..)
        .find(|(instrument, _)| instrument.id == id)
        .map(|(_, at)| ledger::AssetIndex(at));
    asset
        .and_then(|asset| {
            valuation
                .parts
                .iter()
                .find_map(|part| part.books.splits.get(&asset))
        })
        .map_or(&[], Vec::as_slice)
}

/// `VWRL`, or `VWRL:60, AGGH:40` with percentages that add up to a hundred.
fn read(text: &str) -> Result<Vec<(String, f64)>, String> {
    let parts: Vec<&str> = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() > MOST {
        return Err(format!("A benchmark has at most {MOST} instruments."));
    }
    let even = 100.0 / f64::from(u32::try_from(parts.len().max(1)).unwrap_or(1));
    let mut wanted = Vec::with_capacity(parts.len());
    for part in parts {
        let (symbol, percent) = match part.rsplit_once(':') {
            None => (part, even),
            Some((symbol, percent)) => {
                let stated = percent.trim().trim_end_matches('%').trim();
                let percent = stated.parse().map_err(|_| {
                    format!("\"{part}\" has no percentage that can be read: write it like VWRL:60")
                })?;
                (symbol.trim(), percent)
            }
        };
        if symbol.is_empty() || symbol.chars().any(char::is_control) {
            return Err(format!(
                "\"{}\" is no symbol: write it like VWRL:60",
                part.escape_debug()
            ));
        }
        wanted.push((symbol.to_uppercase(), percent / 100.0));
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_benchmark_is_a_symbol_or_a_mix_in_percent() {
        assert_eq!(read(" "), Ok(vec![]));
        assert_eq!(read("vwrl"), Ok(vec![("VWRL".to_owned(), 1.0)]));
        let mix = vec![("VWRL".to_owned(), 0.6), ("AGGH".to_owned(), 0.4)];
        assert_eq!(read("VWRL:60, AGGH: 40%"), Ok(mix));
        let even = vec![("A".to_owned(), 0.5), ("B".to_owned(), 0.5)];
        assert_eq!(read("A,B"), Ok(even));
        assert!(read("VWRL:much").is_err_and(|why| why.contains("VWRL:much")));
    }
}
