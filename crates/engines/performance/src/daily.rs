//! A portfolio by calendar day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::Finding;
use money::f64_from_decimal;
use uuid::Uuid;

use crate::{TransferFlow, calendar};

/// A portfolio by calendar day, in its base currency; one element per day from [`Daily::first`] on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Daily {
    /// The first day.
    pub first: Date,
    /// Value at the close of the day before the first.
    pub opening: f64,
    /// Value at the close of each day, cash included.
    pub value: Vec<f64>,
    /// The cash within it.
    pub cash: Vec<f64>,
    /// External flows since inception until the close of each day: what came in less what went out.
    pub net_invested: Vec<f64>,
    /// What came in on each day; not negative.
    pub inflow: Vec<f64>,
    /// What went out on each day; not negative.
    pub outflow: Vec<f64>,
    /// Transfers of shares of all days; those within the days are among the flows.
    pub transfers: Vec<TransferFlow>,
    /// What does not add up.
    pub findings: Vec<Finding>,
}

impl Daily {
    /// The last day; `None` when there is no day at all.
    pub fn last(&self) -> Option<Date> {
        self.value
            .len()
            .checked_sub(1)
            .map(|index| self.date(index))
    }

    /// The day of an element.
    pub fn date(&self, index: usize) -> Date {
        calendar::after(self.first, index as i64)
    }

    /// Value at the close of the last day; the opening value when there is no day.
    pub fn closing(&self) -> f64 {
        self.value.last().copied().unwrap_or(self.opening)
    }

    /// The days from `from` to `to`, both included, as far as they are known. The value at the close
    /// of the day before becomes the opening value, and what was invested before stays in
    /// [`Daily::net_invested`].
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> Self {
        let begin = calendar::length(self.first, from)
            .saturating_sub(1)
            .min(self.value.len());
        let end = calendar::length(self.first, to).clamp(begin, self.value.len());
        let before = begin.checked_sub(1).and_then(|index| self.value.get(index));
        let part = |values: &[f64]| values[begin..end].to_vec();
        Self {
            first: self.date(begin),
            opening: before.copied().unwrap_or(self.opening),
            value: part(&self.value),
            cash: part(&self.cash),
            net_invested: part(&self.net_invested),
            inflow: part(&self.inflow),
            outflow: part(&self.outflow),
            transfers: self.transfers.clone(),
            findings: self.findings.clone(),
        }
    }

    /// Several portfolios as one. All must be in the same base currency.
    ///
    /// They may begin and end on different days. One that begins later with an opening value brings
    /// it in as an inflow on its first day; one that ends earlier keeps its last value. A transfer
    /// whose two sides are both among them crosses no border any more and is no flow.
    #[must_use]
    pub fn combine(parts: &[Self]) -> Self {
        let parts: Vec<&Self> = parts.iter().filter(|part| !part.value.is_empty()).collect();
        let first = parts.iter().map(|part| part.first).min();
        let last = parts.iter().filter_map(|part| part.last()).max();
        let (Some(first), Some(last)) = (first, last) else {
            return Self::default();
        };
        let len = calendar::length(first, last);
        let mut sum = Self {
            first,
            opening: 0.0,
            value: vec![0.0; len],
            cash: vec![0.0; len],
            net_invested: vec![0.0; len],
            inflow: vec![0.0; len],
            outflow: vec![0.0; len],
            transfers: Vec::new(),
            findings: Vec::new(),
        };
        let mut sides: BTreeMap<Uuid, usize> = BTreeMap::new();
        for flow in parts.iter().flat_map(|part| &part.transfers) {
            *sides.entry(flow.link.unwrap_or_default()).or_default() += 1;
        }
        let is_inside = |flow: &TransferFlow| {
            let link = flow.link.filter(|link| !link.is_nil());
            link.and_then(|link| sides.get(&link))
                .is_some_and(|n| *n > 1)
        };
        for part in parts {
            let begin = calendar::length(first, part.first).saturating_sub(1);
            add_and_hold(&mut sum.value[begin..], &part.value);
            add_and_hold(&mut sum.cash[begin..], &part.cash);
            add_and_hold(&mut sum.net_invested[begin..], &part.net_invested);
            add(&mut sum.inflow[begin..], &part.inflow);
            add(&mut sum.outflow[begin..], &part.outflow);
            if begin == 0 {
                sum.opening += part.opening;
            } else {
                sum.inflow[begin] += part.opening;
            }
            sum.findings.extend(part.findings.iter().cloned());
            for flow in &part.transfers {
                if is_inside(flow) {
                    sum.take_out(flow);
                } else {
                    sum.transfers.push(*flow);
                }
            }
        }
        sum
    }

    /// What was invested stays right, since the other side is taken out as well.
    fn take_out(&mut self, flow: &TransferFlow) {
        let index = calendar::length(self.first, flow.date).checked_sub(1);
        let amount = f64_from_decimal(flow.amount_base);
        let side = if amount > 0.0 {
            &mut self.inflow
        } else {
            &mut self.outflow
        };
        if flow.date >= self.first
            && let Some(sum) = index.and_then(|index| side.get_mut(index))
        {
            // Rounding must not turn nothing into a little.
            *sum = (*sum - amount.abs()).max(0.0);
        }
    }
}

fn add(sum: &mut [f64], part: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(part) {
        *sum += value;
    }
}

fn add_and_hold(sum: &mut [f64], part: &[f64]) {
    add(sum, part);
    let held = part.last().copied().unwrap_or_default();
    for sum in sum.iter_mut().skip(part.len()) {
        *sum += held;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn daily(first: Date, opening: f64, value: &[f64], inflow: &[f64]) -> Daily {
        let mut invested = opening;
        Daily {
            first,
            opening,
            value: value.to_vec(),
            cash: vec![0.0; value.len()],
            net_invested: inflow
                .iter()
                .map(|flow| {
                    invested += flow;
                    invested
                })
                .collect(),
            inflow: inflow.to_vec(),
            outflow: vec![0.0; value.len()],
            ..Daily::default()
        }
    }

    #[test]
    fn a_part_keeps_the_value_before_it() {
        let all = daily(date(2024, 1, 1), 5.0, &[10.0, 11.0, 12.0], &[5.0, 0.0, 0.0]);
        let part = all.between(date(2024, 1, 2), date(2024, 1, 9));
        assert_eq!((part.first, part.opening), (date(2024, 1, 2), 10.0));
        assert_eq!(part.value, [11.0, 12.0]);
        assert_eq!(
            all.between(date(2023, 1, 1), date(2024, 1, 1)),
            all.between(date(2024, 1, 1), date(2024, 1, 1))
        );
        assert_eq!(all.between(date(2025, 1, 1), date(2025, 1, 2)).last(), None);
        assert_eq!(all.between(date(2020, 1, 1), date(2020, 1, 2)).last(), None);
    }

    #[test]
    fn portfolios_add_up_from_their_own_first_days() {
        let old = daily(date(2024, 1, 1), 0.0, &[10.0, 11.0], &[10.0, 0.0]);
        let young = daily(date(2024, 1, 2), 7.0, &[8.0, 9.0], &[0.0, 0.0]);
        let sum = Daily::combine(&[young.clone(), old.clone()]);
        assert_eq!((sum.first, sum.opening), (date(2024, 1, 1), 0.0));
        assert_eq!(sum.value, [10.0, 19.0, 20.0]);
        assert_eq!(sum.inflow, [10.0, 7.0, 0.0]);
        assert_eq!(sum.net_invested, [10.0, 17.0, 17.0]);
        assert_eq!(Daily::combine(std::slice::from_ref(&old)), old);
        assert_eq!(Daily::combine(std::slice::from_ref(&young)), young);
        assert_eq!(Daily::combine(&[]), Daily::default());
    }

    #[test]
    fn a_transfer_between_two_portfolios_is_no_flow_of_both_together() {
        let link = Some(Uuid::from_u128(7));
        let flow = |amount: i64| TransferFlow {
            date: date(2024, 1, 2),
            amount_base: amount.into(),
            link,
        };
        let sender = Daily {
            outflow: vec![0.0, 4.0],
            transfers: vec![flow(-4)],
            ..daily(date(2024, 1, 1), 0.0, &[10.0, 6.0], &[10.0, 0.0])
        };
        let receiver = Daily {
            transfers: vec![flow(4)],
            ..daily(date(2024, 1, 2), 0.0, &[4.0], &[4.0])
        };
        let sum = Daily::combine(&[sender.clone(), receiver]);
        assert_eq!((sum.inflow, sum.outflow), (vec![10.0, 0.0], vec![0.0, 0.0]));
        // Alone, it has lost what it gave away.
        assert_eq!(Daily::combine(&[sender]).outflow, [0.0, 4.0]);
    }
}
