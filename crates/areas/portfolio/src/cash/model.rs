use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use ledger::TransactionKind;
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::Recorded;
use crate::valuation::{Part, Valuation};

/// A movement of a balance.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Movement {
    /// The transaction.
    pub(super) transaction_id: Uuid,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    pub(super) date: Date,
    /// Its type.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub(super) kind: TransactionKind,
    /// The instrument, where it is about one.
    #[schema(value_type = Option<Uuid>)]
    pub(super) instrument_id: Option<InstrumentId>,
    /// Its symbol.
    pub(super) symbol: Option<String>,
    /// The note of the transaction.
    pub(super) note: Option<String>,
    /// What moved: above zero what came in, below zero what went out.
    #[schema(value_type = String)]
    pub(super) amount: Decimal,
    /// What was left after it.
    #[schema(value_type = String)]
    pub(super) balance: Decimal,
    /// Whether that is below zero, rounded to the digits of the currency.
    pub(super) is_negative: bool,
    /// When it was first recorded.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) recorded_at: Option<Timestamp>,
    /// Whether later movements had been recorded before it: it changed balances that were known.
    pub(super) is_back_dated: bool,
}

/// Days in a row that ended below zero.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Stretch {
    /// The first of them.
    #[schema(value_type = String, format = Date)]
    pub(super) from: Date,
    /// The first day after them; absent while it lasts.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) until: Option<Date>,
    /// The lowest balance at the end of a day.
    #[schema(value_type = String)]
    pub(super) lowest: Decimal,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    pub(super) lowest_on: Date,
    /// The `id` of its finding on the health page; absent where there is none.
    pub(super) finding: Option<String>,
    /// Whether the finding was accepted.
    pub(super) is_accepted: bool,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Interval {
    /// Calendar months.
    #[default]
    Month,
    /// Calendar years.
    Year,
}

/// A period from its opening balance to its closing one.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct PeriodSums {
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    pub(super) from: Date,
    /// Its last day.
    #[schema(value_type = String, format = Date)]
    pub(super) to: Date,
    /// The balance before it.
    #[schema(value_type = String)]
    pub(super) opening: Decimal,
    /// What came in.
    #[schema(value_type = String)]
    pub(super) came_in: Decimal,
    /// What went out.
    #[schema(value_type = String)]
    pub(super) went_out: Decimal,
    /// The balance at its end.
    #[schema(value_type = String)]
    pub(super) closing: Decimal,
}

/// A balance from its first movement to its last.
#[derive(Clone, Debug)]
pub(super) struct CashLedger {
    pub(super) currency: Currency,
    /// The oldest first.
    pub(super) movements: Vec<Movement>,
    pub(super) negative: Vec<Stretch>,
}

/// A balance counts as negative when it still is after rounding to the digits of its currency, as
/// the replay has it.
pub(super) fn is_negative(balance: Decimal, currency: Currency) -> bool {
    money::round_to_currency(balance, currency) < Decimal::ZERO
}

impl CashLedger {
    pub(super) fn new(
        valuation: &Valuation,
        part: &Part,
        currency: Currency,
        recorded: &HashMap<Uuid, Recorded>,
    ) -> Self {
        let entries: HashMap<Uuid, &ledger::Entry> =
            part.entries.iter().map(|entry| (entry.id, entry)).collect();
        let mut movements: Vec<Movement> = Vec::new();
        let mut balance = Decimal::ZERO;
        let (assets, fx) = (&valuation.assets, &valuation.fx);
        let days = Date::MIN..=valuation.as_of;
        for posting in ledger::postings(part.account(), &part.books, assets, fx, days) {
            let amount = posting.cash();
            if posting.currency != currency || amount.is_zero() {
                continue;
            }
            balance += amount;
            if let Some(last) = movements
                .last_mut()
                .filter(|last| last.transaction_id == posting.entry)
            {
                last.amount += amount;
                last.balance = balance;
                last.is_negative = is_negative(balance, currency);
                continue;
            }
            let Some(entry) = entries.get(&posting.entry) else {
                continue;
            };
            let instrument = posting.asset.map(|asset| valuation.instrument(asset));
            let known = recorded.get(&posting.entry);
            movements.push(Movement {
                transaction_id: posting.entry,
                date: posting.date,
                kind: entry.event.kind(),
                instrument_id: instrument.map(|instrument| instrument.id),
                symbol: instrument.map(|instrument| instrument.symbol.clone()),
                note: known.and_then(|known| known.note.clone()),
                amount,
                balance,
                is_negative: is_negative(balance, currency),
                recorded_at: known.map(|known| known.at),
                is_back_dated: false,
            });
        }
        mark_back_dated(&mut movements);
        let negative = stretches(valuation, currency, &movements);
        Self {
            currency,
            movements,
            negative,
        }
    }

    /// The balance before a day.
    pub(super) fn balance_before(&self, day: Date) -> Decimal {
        let at = self
            .movements
            .partition_point(|movement| movement.date < day);
        at.checked_sub(1)
            .and_then(|last| self.movements.get(last))
            .map_or(Decimal::ZERO, |movement| movement.balance)
    }

    /// The movements from one day to another, both included.
    pub(super) fn between(&self, from: Option<Date>, to: Option<Date>) -> &[Movement] {
        let start = from.map_or(0, |day| self.movements.partition_point(|m| m.date < day));
        let end = to.map_or(self.movements.len(), |day| {
            self.movements.partition_point(|m| m.date <= day)
        });
        self.movements.get(start..end).unwrap_or_default()
    }

    /// At most `limit` movements and one more, the newest first, after the one that is named.
    pub(super) fn page(
        &self,
        (from, to): (Option<Date>, Option<Date>),
        after: Option<(Date, Uuid)>,
        limit: i64,
    ) -> Vec<Movement> {
        let rows = self.between(from, to);
        let end = after.map_or(rows.len(), |(day, id)| {
            rows.iter()
                .position(|row| row.date == day && row.transaction_id == id)
                // What was named is gone: go on with the day before.
                .unwrap_or_else(|| rows.partition_point(|row| row.date < day))
        });
        let wanted = usize::try_from(limit + 1).unwrap_or(usize::MAX);
        let rows = rows.get(..end).unwrap_or_default();
        rows.iter().rev().take(wanted).cloned().collect()
    }

    /// Opening and closing balance of every period in which something moved, the oldest first.
    pub(super) fn periods(
        &self,
        interval: Interval,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Vec<PeriodSums> {
        let mut periods: Vec<PeriodSums> = Vec::new();
        for movement in self.between(from, to) {
            let (first, last) = bounds(interval, movement.date);
            if periods.last().is_none_or(|period| period.from != first) {
                let opening = movement.balance - movement.amount;
                periods.push(PeriodSums {
                    from: first,
                    to: last,
                    opening,
                    came_in: Decimal::ZERO,
                    went_out: Decimal::ZERO,
                    closing: opening,
                });
            }
            if let Some(period) = periods.last_mut() {
                if movement.amount.is_sign_negative() {
                    period.went_out -= movement.amount;
                } else {
                    period.came_in += movement.amount;
                }
                period.closing = movement.balance;
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
fn mark_back_dated(movements: &mut [Movement]) {
    let mut earliest: Option<Timestamp> = None;
    let mut rest = movements;
    while let Some(day) = rest.last().map(|movement| movement.date) {
        let start = rest.partition_point(|movement| movement.date < day);
        let (before, of_day) = rest.split_at_mut(start);
        for movement in of_day.iter_mut() {
            let recorded = movement.recorded_at;
            movement.is_back_dated = recorded.zip(earliest).is_some_and(|(at, known)| at > known);
        }
        let first = of_day
            .iter()
            .filter_map(|movement| movement.recorded_at)
            .min();
        earliest = [earliest, first].into_iter().flatten().min();
        rest = before;
    }
}

/// The days below zero, with their findings.
fn stretches(valuation: &Valuation, currency: Currency, movements: &[Movement]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut is_open = false;
    for (at, movement) in movements.iter().enumerate() {
        let next = movements.get(at + 1);
        if next.is_some_and(|next| next.date == movement.date) {
            continue;
        }
        match found.last_mut().filter(|_| is_open) {
            Some(stretch) if !movement.is_negative => stretch.until = Some(movement.date),
            Some(stretch) if movement.balance < stretch.lowest => {
                (stretch.lowest, stretch.lowest_on) = (movement.balance, movement.date);
            }
            None if movement.is_negative => found.push(Stretch {
                from: movement.date,
                until: None,
                lowest: movement.balance,
                lowest_on: movement.date,
                finding: None,
                is_accepted: false,
            }),
            _ => {}
        }
        is_open = movement.is_negative;
    }
    let about = format!(" {currency} balance ");
    for stretch in &mut found {
        let of = |findings: &[ledger::Finding]| {
            findings
                .iter()
                .find(|finding| {
                    finding.code == "negative_cash"
                        && finding.date == Some(stretch.from)
                        && finding.message.contains(&about)
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

    fn movement(day: i8, amount: i64, balance: i64, recorded: i64) -> Movement {
        let amount = Decimal::from(amount);
        let balance = Decimal::from(balance);
        Movement {
            transaction_id: Uuid::from_u128(u128::from(day.unsigned_abs())),
            date: date(2026, 1, day),
            kind: TransactionKind::Deposit,
            instrument_id: None,
            symbol: None,
            note: None,
            amount,
            balance,
            is_negative: is_negative(balance, Currency::EUR),
            recorded_at: Timestamp::from_second(recorded).ok(),
            is_back_dated: false,
        }
    }

    #[test]
    fn what_was_recorded_after_a_later_day_is_back_dated() {
        // The second and third come from one file; the first was added afterwards, the last in time.
        let mut rows = vec![
            movement(2, 100, 100, 50),
            movement(5, 100, 200, 10),
            movement(5, 100, 300, 60),
            movement(9, 100, 400, 10),
            movement(12, 100, 500, 70),
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

    #[test]
    fn a_page_goes_on_after_the_one_before_and_periods_chain() {
        let ledger = CashLedger {
            currency: Currency::EUR,
            movements: vec![
                movement(2, 100, 100, 1),
                movement(5, -30, 70, 1),
                movement(9, 5, 75, 1),
            ],
            negative: Vec::new(),
        };
        let all = (None, None);
        let first = ledger.page(all, None, 1);
        assert_eq!(
            first.len(),
            2,
            "one more than asked tells that there is more"
        );
        let key = first.first().map(|row| (row.date, row.transaction_id));
        let second = ledger.page(all, key, 5);
        let days: Vec<i8> = second.iter().map(|row| row.date.day()).collect();
        assert_eq!(days, [5, 2]);
        // The one it should go on after was deleted meanwhile.
        let gone = Some((date(2026, 1, 7), Uuid::nil()));
        assert_eq!(ledger.page(all, gone, 5).len(), 2);
        let range = ledger.periods(Interval::Month, Some(date(2026, 1, 5)), None);
        assert_eq!(range.len(), 1);
        assert_eq!(
            (
                range[0].opening,
                range[0].came_in,
                range[0].went_out,
                range[0].closing
            ),
            (
                Decimal::from(100),
                Decimal::from(5),
                Decimal::from(30),
                Decimal::from(75)
            )
        );
        assert_eq!(ledger.balance_before(date(2026, 1, 9)), Decimal::from(70));
    }
}
