//! Splits that a source states with its bars: they explain the gaps in them, and become corporate actions.

use db::SystemTx;
use jiff::{civil::Date, tz::TimeZone};
use ledger::{Ratio, TransactionKind};
use sources::{Bar, Split};

use super::{RefreshError, Turn};
use crate::corporate_actions::{self, NewCorporateAction, Terms};

/// How far the gap may lie from the ratio, as a factor: prices move over night as well.
const TOLERANCE: f64 = 1.3;

/// Those that the prices bear out. A source that states a split before it has adjusted its own prices to it gives
/// prices that are wrong by the ratio, and they are for the rules.
pub(super) fn supported(stated: &[Split], before: &[Bar], bars: &[Bar]) -> Vec<Split> {
    let day = |bar: &Bar| TimeZone::UTC.to_datetime(bar.at).date();
    let bears_out = |split: &&Split| {
        let last = before.iter().chain(bars).rfind(|bar| day(bar) < split.date);
        let first = bars.iter().find(|bar| day(bar) >= split.date);
        let Some((last, first)) = last.zip(first) else {
            return false;
        };
        let ratio = money::f64_from_decimal(split.to / split.from);
        let off = last.close / first.open / ratio;
        (TOLERANCE.recip()..=TOLERANCE).contains(&off)
    };
    stated.iter().filter(bears_out).copied().collect()
}

/// States those of which nothing is known yet; what of it there is to tell.
pub(super) async fn state(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    splits: &[Split],
) -> Result<String, RefreshError> {
    let (id, source) = (turn.plan.of.id, turn.candidate.id);
    let mut told = Vec::new();
    for split in splits {
        let days = near(split.date);
        if corporate_actions::store::changes_shares(tx, id, days).await? {
            continue;
        }
        let ratio = Ratio {
            to: split.to,
            from: split.from,
        };
        let terms = Terms {
            kind: TransactionKind::Split,
            ex_date: split.date,
            pay_date: None,
            ratio: Some(ratio),
            target_id: None,
            cost_share: None,
            cash: None,
        }
        .rounded();
        if terms.check(id).is_err() {
            continue;
        }
        let new = NewCorporateAction {
            instrument_id: id,
            terms,
            source: source.to_string(),
            note: "Stated with its prices, which bear it out.".to_owned(),
        };
        corporate_actions::create(tx, &new).await?;
        let ratio = corporate_actions::ratio_text(ratio);
        told.push(format!(", a split {ratio} on {} is new", split.date));
    }
    Ok(told.concat())
}

/// A day on which somebody else may state the same split: sources differ by a weekend.
fn near(date: Date) -> (Date, Date) {
    let days = jiff::ToSpan::days(4);
    (date.saturating_sub(days), date.saturating_add(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(date: &str, open: f64, close: f64) -> Bar {
        Bar {
            at: format!("{date}T00:00:00Z").parse().unwrap(),
            open,
            high: open.max(close),
            low: open.min(close),
            close,
            adjusted_close: None,
            volume: None,
        }
    }

    fn split(date: &str) -> Split {
        Split {
            date: date.parse().unwrap(),
            to: 4.into(),
            from: 1.into(),
        }
    }

    #[test]
    fn a_split_counts_where_the_prices_bear_it_out() {
        let before = [bar("2020-08-28", 500.0, 499.2)];
        let bars = [
            bar("2020-08-31", 127.6, 129.0),
            bar("2020-09-01", 132.8, 134.2),
        ];
        let known = split("2020-08-31");
        assert_eq!(supported(&[known], &before, &bars), [known]);
        // On a weekend it is of the first day after.
        let weekend = split("2020-08-30");
        assert_eq!(supported(&[weekend], &before, &bars), [weekend]);
        assert_eq!(supported(&[split("2020-09-01")], &before, &bars), []);
        assert_eq!(supported(&[known], &[], &bars), [], "nothing before it");
        let unadjusted = [bar("2020-08-28", 2_000.0, 1_996.8), bars[0]];
        assert_eq!(supported(&[known], &[], &unadjusted), []);
    }
}
