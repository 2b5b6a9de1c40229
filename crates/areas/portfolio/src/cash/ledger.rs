//! The movements of a balance as the replay has them, and what is read off them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Timestamp, civil::Date};
use ledger::{AssetIndex, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::model::{Interval, PeriodSums, Stretch};
use crate::valuation::{Part, Valuation};

/// A movement without its words, which are read for those alone that are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) transaction: Uuid,
    pub(super) date: Date,
    pub(super) kind: TransactionKind,
    pub(super) asset: Option<AssetIndex>,
    pub(super) amount: Decimal,
    /// What was left after it.
    pub(super) balance: Decimal,
    pub(super) recorded_at: Option<Timestamp>,
    /// Whether later movements had been recorded before it.
    pub(super) is_back_dated: bool,
}

/// A balance from its first movement to its last.
#[derive(Clone, Debug)]
pub(super) struct CashLedger {
    pub(super) currency: Currency,
    /// The oldest first.
    pub(super) steps: Vec<Step>,
    pub(super) negative: Vec<Stretch>,
}

/// The cash ledgers of a valuation that somebody has asked for, by the position of the portfolio and by
/// currency. Like the valuation they hold for as long as no transaction changes.
#[derive(Debug, Default)]
pub(crate) struct Ledgers {
    built: Mutex<HashMap<(usize, Currency), Arc<CashLedger>>>,
}

impl Ledgers {
    /// What a movement takes in memory.
    pub(crate) const BYTES_PER_MOVEMENT: usize = size_of::<Step>();

    pub(super) fn get(&self, part: usize, currency: Currency) -> Option<Arc<CashLedger>> {
        let built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.get(&(part, currency)).cloned()
    }

    pub(super) fn keep(&self, part: usize, ledger: Arc<CashLedger>) {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.insert((part, ledger.currency), ledger);
    }
}

/// A balance counts as negative when it still is after rounding to the digits of its currency, as
/// the replay has it.
pub(super) fn is_negative(balance: Decimal, currency: Currency) -> bool {
    money::round_to_currency(balance, currency) < Decimal::ZERO
}

impl CashLedger {
    /// `recorded` says when each booking was first recorded.
    pub(super) fn new(
        valuation: &Valuation,
        part: &Part,
        currency: Currency,
        recorded: &HashMap<Uuid, Timestamp>,
    ) -> Self {
        let kinds: HashMap<Uuid, TransactionKind> = part
            .entries
            .iter()
            .map(|entry| (entry.id, entry.event.kind()))
            .collect();
        let mut steps: Vec<Step> = Vec::new();
        let mut balance = Decimal::ZERO;
        let (assets, fx) = (&valuation.assets, &valuation.fx);
        let days = Date::MIN..=valuation.as_of;
        for posting in ledger::postings(part.account(), &part.books, assets, fx, days) {
            let amount = posting.cash();
            if posting.currency != currency || amount.is_zero() {
                continue;
            }
            balance += amount;
            let last = steps.last_mut();
            if let Some(last) = last.filter(|last| last.transaction == posting.entry) {
                last.amount += amount;
                last.balance = balance;
                continue;
            }
            let Some(kind) = kinds.get(&posting.entry) else {
                continue;
            };
            steps.push(Step {
                transaction: posting.entry,
                date: posting.date,
                kind: *kind,
                asset: posting.asset,
                amount,
                balance,
                recorded_at: recorded.get(&posting.entry).copied(),
                is_back_dated: false,
            });
        }
        mark_back_dated(&mut steps);
        let negative = stretches(valuation, currency, &steps);
        Self {
            currency,
            steps,
            negative,
        }
    }

    /// The balance before a day.
    pub(super) fn balance_before(&self, day: Date) -> Decimal {
        let at = self.steps.partition_point(|step| step.date < day);
        at.checked_sub(1)
            .and_then(|last| self.steps.get(last))
            .map_or(Decimal::ZERO, |step| step.balance)
    }

    /// The movements from one day to another, both included.
    pub(super) fn between(&self, from: Option<Date>, to: Option<Date>) -> &[Step] {
        let start = from.map_or(0, |day| self.steps.partition_point(|s| s.date < day));
        let end = to.map_or(self.steps.len(), |day| {
            self.steps.partition_point(|s| s.date <= day)
        });
        self.steps.get(start..end).unwrap_or_default()
    }

    /// At most `limit` movements and one more, the newest first, after the one that is named.
    pub(super) fn page(
        &self,
        (from, to): (Option<Date>, Option<Date>),
        after: Option<(Date, Uuid)>,
        limit: i64,
    ) -> Vec<Step> {
        let rows = self.between(from, to);
        let end = after.map_or(rows.len(), |(day, id)| {
            rows.iter()
                .position(|row| row.date == day && row.transaction == id)
                // What was named is gone: go on with the day before.
                .unwrap_or_else(|| rows.partition_point(|row| row.date < day))
        });
        let wanted = usize::try_from(limit + 1).unwrap_or(usize::MAX);
        let rows = rows.get(..end).unwrap_or_default();
        rows.iter().rev().take(wanted).copied().collect()
    }

    /// Opening and closing balance of every period in which something moved, the oldest first. The days
    /// asked for cut the first and the last of them.
    pub(super) fn periods(
        &self,
        interval: Interval,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Vec<PeriodSums> {
        let mut periods: Vec<PeriodSums> = Vec::new();
        for step in self.between(from, to) {
            let (first, last) = bounds(interval, step.date);
            if periods.last().is_none_or(|period| period.from < first) {
                let opening = step.balance - step.amount;
                periods.push(PeriodSums {
                    from: from.map_or(first, |from| first.max(from)),
                    to: to.map_or(last, |to| last.min(to)),
                    opening,
                    came_in: Decimal::ZERO,
                    went_out: Decimal::ZERO,
                    closing: opening,
                });
            }
            if let Some(period) = periods.last_mut() {
                if step.amount.is_sign_negative() {
                    period.went_out -= step.amount;
                } else {
                    period.came_in += step.amount;
                }
                period.closing = step.balance;
            }
        }
        periods
    }
}

fn bounds(interval: Interval, day: Date) -> (Date, Date) {
    match interval {
        Interval::Month => (day.first_of_month(), day.last_of_month()),
        Interval::Year => (day.first_of_year(), day.last_of_year()),
    }
}

/// Marks what was recorded after something of a later day.
fn mark_back_dated(steps: &mut [Step]) {
    let mut earliest: Option<Timestamp> = None;
    let mut rest = steps;
    while let Some(day) = rest.last().map(|step| step.date) {
        let start = rest.partition_point(|step| step.date < day);
        let (before, of_day) = rest.split_at_mut(start);
        for step in of_day.iter_mut() {
            let recorded = step.recorded_at;
            step.is_back_dated = recorded.zip(earliest).is_some_and(|(at, known)| at > known);
        }
        let first = of_day.iter().filter_map(|step| step.recorded_at).min();
        earliest = [earliest, first].into_iter().flatten().min();
        rest = before;
    }
}

/// The days below zero, with their findings.
fn stretches(valuation: &Valuation, currency: Currency, steps: &[Step]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut is_open = false;
    for (at, step) in steps.iter().enumerate() {
        let next = steps.get(at + 1);
        if next.is_some_and(|next| next.date == step.date) {
            continue;
        }
        let is_below = is_negative(step.balance, currency);
        match found.last_mut().filter(|_| is_open) {
            Some(stretch) if !is_below => stretch.until = Some(step.date),
            Some(stretch) if step.balance < stretch.lowest => {
                (stretch.lowest, stretch.lowest_on) = (step.balance, step.date);
            }
            None if is_below => found.push(Stretch {
                from: step.date,
                until: None,
                lowest: step.balance,
                lowest_on: step.date,
                finding: None,
                is_accepted: false,
            }),
            _ => {}
        }
        is_open = is_below;
    }
    for stretch in &mut found {
        let of = |findings: &[crate::valuation::PlacedFinding]| {
            let mut findings = findings.iter();
            findings
                .find(|placed| {
                    let finding = &placed.finding;
                    finding.code == "negative_cash"
                        && finding.currency == Some(currency)
                        && finding.date == Some(stretch.from)
                })
                .map(crate::health::key)
        };
        let (open, accepted) = (of(&valuation.findings), of(&valuation.accepted));
        stretch.is_accepted = open.is_none() && accepted.is_some();
        stretch.finding = open.or(accepted);
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn step(day: i8, amount: i64, balance: i64, recorded: i64) -> Step {
        Step {
            transaction: Uuid::from_u128(u128::from(day.unsigned_abs())),
            date: date(2026, 1, day),
            kind: TransactionKind::Deposit,
            asset: None,
            amount: Decimal::from(amount),
            balance: Decimal::from(balance),
            recorded_at: Timestamp::from_second(recorded).ok(),
            is_back_dated: false,
        }
    }

    #[test]
    fn what_was_recorded_after_a_later_day_is_back_dated() {
        // The second and third come from one file; the first was added afterwards, the last in time.
        let mut rows = vec![
            step(2, 100, 100, 50),
            step(5, 100, 200, 10),
            step(5, 100, 300, 60),
            step(9, 100, 400, 10),
            step(12, 100, 500, 70),
        ];
        mark_back_dated(&mut rows);
        let marks: Vec<bool> = rows.iter().map(|row| row.is_back_dated).collect();
        assert_eq!(marks, [true, false, true, false, false]);
    }

    #[test]
    fn less_than_half_of_the_smallest_unit_below_zero_is_nothing() {
        assert!(!is_negative(Decimal::new(-4, 3), Currency::EUR));
        assert!(is_negative(Decimal::new(-5, 3), Currency::EUR));
    }

    fn ledger() -> CashLedger {
        CashLedger {
            currency: Currency::EUR,
            steps: vec![
                step(2, 100, 100, 1),
                step(5, -30, 70, 1),
                step(9, 5, 75, 1),
                step(30, -5, 70, 1),
            ],
            negative: Vec::new(),
        }
    }

    #[test]
    fn a_page_goes_on_after_the_one_before() {
        let ledger = ledger();
        let all = (None, Some(date(2026, 1, 9)));
        let first = ledger.page(all, None, 1);
        assert_eq!(
            first.len(),
            2,
            "one more than asked tells that there is more"
        );
        let key = first.first().map(|row| (row.date, row.transaction));
        let second = ledger.page(all, key, 5);
        let days: Vec<i8> = second.iter().map(|row| row.date.day()).collect();
        assert_eq!(days, [5, 2]);
        // The one it should go on after was deleted meanwhile.
        let gone = Some((date(2026, 1, 7), Uuid::nil()));
        assert_eq!(ledger.page(all, gone, 5).len(), 2);
        assert_eq!(ledger.balance_before(date(2026, 1, 9)), Decimal::from(70));
    }

    #[test]
    fn a_period_that_is_cut_states_the_days_that_its_balances_are_of() {
        let span = (Some(date(2026, 1, 5)), Some(date(2026, 1, 20)));
        for interval in [Interval::Month, Interval::Year] {
            let cut = ledger().periods(interval, span.0, span.1);
            let expected = PeriodSums {
                from: date(2026, 1, 5),
                to: date(2026, 1, 20),
                opening: Decimal::from(100),
                came_in: Decimal::from(5),
                went_out: Decimal::from(30),
                closing: Decimal::from(75),
            };
            assert_eq!(cut, [expected]);
        }
        let whole = ledger().periods(Interval::Month, None, None);
        assert_eq!(whole.len(), 1);
        assert_eq!(
            (whole[0].from, whole[0].to, whole[0].closing),
            (date(2026, 1, 1), date(2026, 1, 31), Decimal::from(70))
        );
    }
}
