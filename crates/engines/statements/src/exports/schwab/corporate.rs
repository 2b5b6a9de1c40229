//! Corporate actions of two lines: shares given up under their old number, and shares received.

use std::collections::HashMap;

use ledger::TransactionKind;
use rust_decimal::Decimal;

use crate::{Row, Statement, model::Refusal, text::shown};

use super::{
    super::{
        sheet::{Line, not_supported, take_all},
        splits::plain_ratio,
    },
    entry, named,
};

/// True for actions of which the file has two lines.
pub(super) fn is_half(action: &str) -> bool {
    kind_of(action).is_some()
}

fn kind_of(action: &str) -> Option<TransactionKind> {
    Some(match action {
        "reverse split" => TransactionKind::Split,
        "stock merger" | "conversion" => TransactionKind::Merger,
        "name change" => TransactionKind::SymbolChange,
        _ => return None,
    })
}

/// Halves that wait for each other: by action and date, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Halves<'s> {
    pairs: HashMap<(String, &'s str), Vec<Line<'s>>>,
}

impl<'s> Halves<'s> {
    pub(super) fn push(&mut self, action: String, line: Line<'s>) {
        let key = (action, line.text("date"));
        self.pairs.entry(key).or_default().push(line);
    }

    /// Files each action whose two halves are there, and refuses the others.
    pub(super) fn file(self, statement: &mut Statement) {
        for ((action, _), lines) in self.pairs {
            match *lines.as_slice() {
                [a, b] => {
                    let outcome = both(&action, a, b);
                    if let Err(refusal) = &outcome {
                        statement.take(b.number_in_file(), Err(refusal.clone()));
                    }
                    take_all(statement, a.number_in_file(), outcome.map(|row| vec![row]));
                }
                _ => {
                    for line in lines {
                        let lost = not_supported(format!(
                            "a {action} needs one line of shares given up and one of shares \
                             received on its day: enter {} by hand",
                            shown(line.text("symbol"))
                        ));
                        statement.take(line.number_in_file(), Err(lost));
                    }
                }
            }
        }
    }
}

fn both(action: &str, a: Line<'_>, b: Line<'_>) -> Result<Row, Refusal> {
    a.check_width()?;
    b.check_width()?;
    let (x, y) = (a.needed("quantity")?, b.needed("quantity")?);
    let (new, to, old, from) = match (x < Decimal::ZERO, y < Decimal::ZERO) {
        (false, true) => (a, x, b, y.abs()),
        (true, false) => (b, y, a, x.abs()),
        _ => {
            return Err(not_supported(format!(
                "a {action} needs shares given up, which are negative, and shares received"
            )));
        }
    };
    let kind = kind_of(action).unwrap_or(TransactionKind::Merger);
    if kind == TransactionKind::Split {
        // The old number stands for the same instrument, whose ticker is on the other line.
        let mut draft = entry(&new, kind)?;
        draft.ratio = Some(plain_ratio(to, from));
        return draft.check();
    }
    let mut draft = entry(&old, kind)?;
    draft.line = a.number_in_file();
    draft.target = named(&new).security();
    if kind == TransactionKind::Merger {
        draft.ratio = Some(plain_ratio(to, from));
    }
    draft.check()
}

pub(super) fn spin_off(line: &Line<'_>) -> Refusal {
    not_supported(format!(
        "the spin-off of {} does not say which company it comes from: enter it by hand",
        shown(line.text("symbol"))
    ))
}
