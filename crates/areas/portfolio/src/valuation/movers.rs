use jiff::civil::Date;
use ledger::{AssetIndex, Entry, Event};
use performance::value_asset_daily;

use super::{Period, Valuation};

/// What one holding did in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Mover {
    /// Which instrument.
    pub asset: AssetIndex,
    /// Value gained, dividends included: what it is worth and paid, less what it was worth and cost.
    pub gain: f64,
    /// `gain` over the value at the start and what was bought; `None` when that is nothing.
    pub ratio: Option<f64>,
}

/// What every open holding did in a period, largest gain first.
pub fn movers(valuation: &Valuation, period: Period) -> Vec<Mover> {
    let Some(from) = valuation.from(period) else { return Vec::new() };
    let mut movers: Vec<Mover> =
        valuation.open_holdings().filter_map(|h| mover(valuation, h.asset, from)).collect();
    movers.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    movers
}

fn mover(valuation: &Valuation, asset: AssetIndex, from: Date) -> Option<Mover> {
    let before = from.yesterday().ok()?;
    let prices = valuation.prices.get(asset.0 as usize)?.as_ref();
    let (mut start, mut end, mut bought, mut returned) = (0.0, 0.0, 0.0, 0.0);
    for part in &valuation.parts {
        let values = value_asset_daily(
            &part.books,
            asset,
            &valuation.assets,
            prices,
            &valuation.fx,
            valuation.base,
            before,
            valuation.as_of,
        );
        start += values.first().copied().unwrap_or(0.0);
        end += values.last().copied().unwrap_or(0.0);
        for entry in part.entries.iter().filter(|entry| entry.date >= from) {
            let (paid, received) = cash(valuation, entry, asset);
            bought += paid;
            returned += received;
        }
    }
    let gain = end + returned - start - bought;
    let stake = start + bought;
    Some(Mover { asset, gain, ratio: (stake > 0.0).then(|| gain / stake) })
}

/// What an entry paid for the instrument and received from it, base currency.
fn cash(valuation: &Valuation, entry: &Entry, wanted: AssetIndex) -> (f64, f64) {
    let charges = entry.fees + entry.taxes;
    let (asset, paid, received) = match entry.event {
        Event::Buy { asset, amount, .. } => (asset, amount + charges, rust_decimal::Decimal::ZERO),
        Event::Sell { asset, amount, .. } | Event::Dividend { asset, amount } => {
            (asset, rust_decimal::Decimal::ZERO, amount - charges)
        }
        _ => return (0.0, 0.0),
    };
    if asset != wanted {
        return (0.0, 0.0);
    }
    let rate = valuation
        .fx
        .rate_f64(entry.currency, valuation.base, entry.date)
        .map_or(0.0, |(rate, _)| rate);
    (money::f64_from_decimal(paid) * rate, money::f64_from_decimal(received) * rate)
}
