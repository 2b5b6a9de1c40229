use ledger::{AssetIndex, Entry, Event};
use performance::{Days, value_asset_daily};
use rust_decimal::Decimal;

use super::Valuation;

/// Movers shown on each side.
const SHOWN: usize = 5;

/// What one holding did in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Mover {
    /// Which instrument.
    pub asset: AssetIndex,
    /// What it is worth and paid, less what it was worth and cost; fees and taxes included.
    pub gain: f64,
    /// `gain` over the value at the start and what was bought; `None` when that is nothing.
    pub ratio: Option<f64>,
}

/// What every holding did in a period, largest gain first: what was held at its start or traded in
/// it, also what was sold entirely. One whose amounts lack an exchange rate is left out.
pub fn movers(valuation: &Valuation, days: Days) -> Vec<Mover> {
    let mut movers: Vec<Mover> = valuation
        .holdings
        .iter()
        .filter_map(|h| mover(valuation, h.asset, days))
        .collect();
    movers.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    movers
}

/// What gained most, then what lost most with the heaviest loss last.
pub fn top_movers(valuation: &Valuation, days: Days) -> Vec<Mover> {
    let all = movers(valuation, days);
    let gained = all.iter().filter(|mover| mover.gain > 0.0).take(SHOWN);
    let mut lost: Vec<&Mover> = all
        .iter()
        .rev()
        .filter(|mover| mover.gain < 0.0)
        .take(SHOWN)
        .collect();
    lost.reverse();
    gained.chain(lost).cloned().collect()
}

fn mover(valuation: &Valuation, asset: AssetIndex, days: Days) -> Option<Mover> {
    let before = days.from.yesterday().ok()?;
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
            days.to,
        );
        start += values.first().copied().unwrap_or(0.0);
        end += values.last().copied().unwrap_or(0.0);
        for entry in part
            .entries
            .iter()
            .filter(|entry| (days.from..=days.to).contains(&entry.date))
        {
            let worth = moved(valuation, entry, asset).unwrap_or(0.0);
            bought += worth.max(0.0);
            returned += (-worth).max(0.0);
            let Some((paid, received)) = cash(entry, asset) else {
                continue;
            };
            let rate = rate(valuation, entry)?;
            bought += money::f64_from_decimal(paid) * rate;
            returned += money::f64_from_decimal(received) * rate;
        }
    }
    let gain = end + returned - start - bought;
    let stake = start + bought;
    let is_idle = start == 0.0 && end == 0.0 && bought == 0.0 && returned == 0.0;
    (!is_idle).then(|| Mover {
        asset,
        gain,
        ratio: (stake > 0.0).then(|| gain / stake),
    })
}

/// What shares that came in from elsewhere, or went there, were worth on that day, or had cost where no
/// price is known: they are no gain and no loss.
fn moved(valuation: &Valuation, entry: &Entry, wanted: AssetIndex) -> Option<f64> {
    let (asset, quantity, cost) = match entry.event {
        Event::TransferIn {
            asset,
            quantity,
            cost,
            ..
        } => (asset, quantity, Some(cost)),
        Event::TransferOut {
            asset, quantity, ..
        } => (asset, -quantity, None),
        _ => return None,
    };
    if asset != wanted {
        return None;
    }
    let at = asset.0 as usize;
    let stated = valuation.assets.get(at)?;
    let price = valuation.prices.get(at)?.as_ref();
    let priced = price
        .and_then(|prices| prices.at(entry.date))
        .map(|(_, price)| price * money::f64_from_decimal(quantity * stated.multiplier));
    let (worth, currency) = if let Some(worth) = priced {
        (worth, stated.currency)
    } else {
        let sign = if quantity.is_sign_negative() {
            -1.0
        } else {
            1.0
        };
        (sign * money::f64_from_decimal(cost?), entry.currency)
    };
    let (rate, _) = valuation
        .fx
        .rate_f64(currency, valuation.base, entry.date)?;
    Some(worth * rate)
}

/// What an entry paid for the instrument and received from it, in the entry's currency; `None` when
/// it is about something else.
fn cash(entry: &Entry, wanted: AssetIndex) -> Option<(Decimal, Decimal)> {
    let charges = entry.fees + entry.taxes;
    let (asset, paid, received) = match entry.event {
        Event::Buy { asset, amount, .. } => (asset, amount + charges, Decimal::ZERO),
        Event::Sell { asset, amount, .. } | Event::Dividend { asset, amount } => {
            (asset, Decimal::ZERO, amount - charges)
        }
        Event::Fee { asset, amount } | Event::Tax { asset, amount } => {
            (asset?, amount, Decimal::ZERO)
        }
        _ => return None,
    };
    (asset == wanted).then_some((paid, received))
}

/// The rate into the base currency; the broker's own wins over the market's, as in the ledger.
fn rate(valuation: &Valuation, entry: &Entry) -> Option<f64> {
    match entry.settlement {
        Some(settlement) if settlement.currency == valuation.base => {
            Some(money::f64_from_decimal(settlement.fx_rate))
        }
        _ => valuation
            .fx
            .rate_f64(entry.currency, valuation.base, entry.date)
            .map(|(rate, _)| rate),
    }
}
