//! Trades in the text of a statement.
//!
//! The column of charges has several lines, in the middle of which the trade itself is printed:
//!
//! ```text
//! Settlement Fee: -0.14
//! QQQ 2022-03-10, 01:52:40, GMT+8 48 334.80000 334.99000 16,070.40 Commission: -0.99 -0.15 0.00 9.12
//! Platform Fee: -1.00
//! ```
//!
//! So a line of a charge belongs to the trade below or above it.

use std::collections::HashSet;

use money::Currency;
use rust_decimal::Decimal;

use super::{begins_with_date, is_heading, malformed};
use crate::{
    code,
    draft::too_large,
    fills::Fill,
    model::Refusal,
    numbers::{self, Style, negated},
    securities::filled,
    text::shown,
    tiger::{
        instruments::{Class, security},
        moment,
    },
};

/// What stands above the trades.
pub(super) struct Context {
    pub(super) account: Option<String>,
    pub(super) currency: Result<Currency, Refusal>,
    pub(super) class: Class,
}

#[derive(Debug, Default)]
pub(super) struct Trades<'t> {
    pub(super) fills: Vec<Fill>,
    /// Date, time and ticker of each trade.
    known: HashSet<String>,
    /// Charges since the last trade.
    pending: Vec<(&'t str, Decimal)>,
    /// Names of the charges of the last trade, and how many of them stood above it.
    names: HashSet<String>,
    above: usize,
    /// The last trade can still get charges.
    is_open: bool,
    /// A column for goods and services tax stands behind that for charges.
    has_gst: bool,
    /// Charges of the trades since the last sum.
    charged: Decimal,
}

impl<'t> Trades<'t> {
    pub(super) fn take(
        &mut self,
        number: u64,
        line: &'t str,
        context: &Context,
    ) -> Result<(), Refusal> {
        if is_heading(line) {
            self.has_gst |= line.split_whitespace().any(|word| word == "GST");
            return Ok(());
        }
        if line.starts_with("Total") {
            let closed = self.close();
            let checked = self.check_sum(line);
            self.charged = Decimal::ZERO;
            return closed.and(checked);
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let place = words.iter().position(|word| begins_with_date(word));
        match place {
            Some(at) if at > 0 => {
                self.begin_trade()?;
                let (mut fill, name) = parse(number, &words, at, context, self.has_gst)?;
                self.charged = sum(self.charged, fill.fees)?;
                self.above = self.pending.len();
                self.names = self
                    .pending
                    .iter()
                    .map(|(name, _)| (*name).to_owned())
                    .collect();
                self.names.extend(name);
                for (_, charge) in std::mem::take(&mut self.pending) {
                    fill.fees = sum(fill.fees, charge)?;
                    self.charged = sum(self.charged, charge)?;
                }
                let end = (at + 3).min(words.len());
                self.known.insert(format!(
                    "{} {}",
                    words[at..end].join(" "),
                    words[..at].join(" ")
                ));
                self.fills.push(fill);
                self.is_open = true;
                Ok(())
            }
            _ => {
                let (name, amount) = line.rsplit_once(": ").ok_or_else(|| malformed(line))?;
                let amount = numbers::parse(name, amount, Style::POINT)?;
                self.pending.push((name, negated(amount)));
                Ok(())
            }
        }
    }

    /// Gives the charges above a new trade that belong to the one before it to that one: up to a name
    /// that it already has, or else as many as stood above it, but at least one.
    fn begin_trade(&mut self) -> Result<(), Refusal> {
        if !self.is_open {
            return Ok(());
        }
        let repeated = self
            .pending
            .iter()
            .position(|(name, _)| self.names.contains(*name));
        let count = match repeated {
            Some(place) => place,
            None => self.above.max(1).min(self.pending.len()),
        };
        let later = self.pending.split_off(count);
        self.charge_last()?;
        self.pending = later;
        Ok(())
    }

    /// All charges that are left belong to the last trade.
    pub(super) fn close(&mut self) -> Result<(), Refusal> {
        let charged = self.charge_last();
        self.is_open = false;
        self.names.clear();
        self.above = 0;
        charged
    }

    fn charge_last(&mut self) -> Result<(), Refusal> {
        let pending = std::mem::take(&mut self.pending);
        match self.fills.last_mut().filter(|_| self.is_open) {
            Some(last) => {
                for (_, charge) in pending {
                    last.fees = sum(last.fees, charge)?;
                    self.charged = sum(self.charged, charge)?;
                }
                Ok(())
            }
            None if pending.is_empty() => Ok(()),
            None => {
                let names: Vec<&str> = pending.iter().map(|(name, _)| *name).collect();
                let message = format!(
                    "{} belongs to no trade: enter it by hand as a fee",
                    shown(&names.join(", "))
                );
                Err(Refusal::new(code::MALFORMED_RECORD, message))
            }
        }
    }

    /// `Total QQQ 52 17,372.40 -4.13 -0.29 0.00 -20.20`: the charges of an instrument. A sum that
    /// does not fit means that a charge was not understood.
    fn check_sum(&self, line: &str) -> Result<(), Refusal> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let behind = if self.has_gst { 4 } else { 3 };
        // Sums over all instruments name none.
        if words.len() < behind + 4 {
            return Ok(());
        }
        let Some(Ok(stated)) = words
            .len()
            .checked_sub(behind)
            .and_then(|at| words.get(at))
            .map(|word| numbers::parse("Comm/Fee", word, Style::POINT))
        else {
            return Ok(());
        };
        let gap = sum(stated, self.charged)?;
        if gap.abs() <= Decimal::new(2, 2) {
            return Ok(());
        }
        Err(Refusal::new(
            code::AMOUNT_MISMATCH,
            format!(
                "the charges of the trades above are {} and the statement says {}: correct them by \
                 hand",
                self.charged, -stated
            ),
        ))
    }

    /// True where a line such as `2022-03-10, 01:52:40, GMT+8 QQQ Invesco QQQ Trust 48 ...` is about
    /// a trade of this statement.
    pub(super) fn have(&self, line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        (4..=words.len().min(8)).any(|end| self.known.contains(&words[..end].join(" ")))
    }
}

fn sum(a: Decimal, b: Decimal) -> Result<Decimal, Refusal> {
    a.checked_add(b).ok_or_else(too_large)
}

/// The trade, and the name of the charge on its own line.
fn parse(
    number: u64,
    words: &[&str],
    at: usize,
    context: &Context,
    has_gst: bool,
) -> Result<(Fill, Option<String>), Refusal> {
    const MOMENT: usize = 3;
    let line = || malformed(&words.join(" "));
    let (symbol, rest) = words.split_at_checked(at).ok_or_else(line)?;
    let (when, rest) = rest.split_at_checked(MOMENT).ok_or_else(line)?;
    let ([quantity, price, _, proceeds], rest) = rest.split_first_chunk::<4>().ok_or_else(line)?;
    let value = |name: &str, word: &str| numbers::parse(name, word, Style::POINT);
    let (date, instant) = moment(&when.join(" "))?;
    let named = security(&symbol.join(" "), context.class, None)?;
    let quantity = value("Quantity", quantity)?;
    let mut fill = Fill::new(number, date, named, quantity, context.currency.clone()?);
    fill.account.clone_from(&context.account);
    fill.executed_at = instant;
    fill.price = Some(value("T.Price", price)?);
    fill.amount = value("Proceeds", proceeds)?.abs();
    // The charge may be named, in one word or several: `Platform Fee: -1.00`.
    let named_until = rest.iter().position(|word| word.ends_with(':'));
    let (name, rest) = match named_until {
        Some(end) => (
            rest.get(..=end)
                .map(|words| words.join(" ").trim_end_matches(':').to_owned()),
            rest.get(end + 1..).unwrap_or_default(),
        ),
        None => (None, rest),
    };
    let (charge, rest) = rest.split_first().ok_or_else(line)?;
    fill.fees = negated(value("Comm/Fee", charge)?);
    let rest = match rest.split_first() {
        Some((tax, rest)) if has_gst => {
            fill.taxes = negated(value("GST", tax)?);
            rest
        }
        _ => rest,
    };
    let (gain, rest) = rest.split_first().ok_or_else(line)?;
    fill.realises_nothing = value("Realized P/L", gain)?.is_zero();
    let codes = rest.get(1..).unwrap_or_default().join(";");
    crate::ibkr::apply_codes(&mut fill, &codes);
    fill.note = filled(&codes);
    if context.class == Class::Other {
        return Err(Refusal::new(
            code::NOT_SUPPORTED_YET,
            "trades of futures are settled by margin, which is not supported yet: enter their gains \
             by hand",
        ));
    }
    Ok((fill, name))
}
