use std::collections::HashMap;

use ledger::AssetIndex;
use performance::{Days, Detail, Held, Period};
use rust_decimal::Decimal;

use super::model::Contributions;
use crate::valuation::Valuation;

/// Movers shown on each side.
const SHOWN: usize = 5;

/// What one holding did in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Mover {
    /// Which instrument.
    pub asset: AssetIndex,
    /// Its contribution to the change in value; fees and taxes included.
    pub gain: f64,
    /// `gain` over the size of the position at the start and what opened or enlarged it since;
    /// `None` when that is nothing.
    pub ratio: Option<f64>,
}

/// What every holding did in a period, largest gain first: what was held at its start or booked on
/// in it, also what was sold entirely. One whose amounts lack an exchange rate is left out.
pub fn movers(valuation: &Valuation, days: Days) -> Vec<Mover> {
    let Ok(found) = Contributions::new(valuation, days, Detail::Totals) else {
        // Amounts beyond all bounds move nothing that could be told.
        return Vec::new();
    };
    let mut movers: Vec<Mover> = found
        .holdings
        .iter()
        .filter_map(|(held, group)| match held {
            Held::Asset(asset) if !found.unrated.contains(held) => {
                let stake = found.stakes.get(held).copied().unwrap_or_default();
                Some(mover(*asset, group.parts.total, stake))
            }
            _ => None,
        })
        .collect();
    movers.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    movers
}

fn mover(asset: AssetIndex, gain: Decimal, stake: Decimal) -> Mover {
    Mover {
        asset,
        gain: money::f64_from_decimal(gain),
        ratio: gain.checked_div(stake).map(money::f64_from_decimal),
    }
}

/// What each holding returned in the last month, by which maps are coloured. Computed once for a
/// valuation.
pub(crate) fn month_returns(valuation: &Valuation) -> &HashMap<AssetIndex, f64> {
    valuation.rendered.month_returns(|| {
        let days = valuation.days(Period::Month);
        days.map_or_else(Vec::new, |days| movers(valuation, days))
            .into_iter()
            .filter_map(|mover| Some((mover.asset, mover.ratio?)))
            .collect()
    })
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
