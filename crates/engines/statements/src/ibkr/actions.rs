//! Corporate actions of Interactive Brokers.
//!
//! An action has a line for each instrument that it touches. What the lines share is the account, the
//! day and the description up to the last bracket: `GCM(CA38501D2041) SPLIT 1 FOR 25 (GCM.OLD, GRAN
//! COLOMBIA GOLD CORP, CA38501D2041)`. The first bracket has the instrument as it was called before,
//! the last one that of the line.

use std::collections::HashMap;

use jiff::civil::Date;
use ledger::{Ratio, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use super::described;
use crate::{
    Row, Security, Statement, code, draft::Draft, model::Refusal, securities::Named, text::shown,
};

/// One line of an action.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) line: u64,
    pub(crate) account: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) date: Date,
    pub(crate) currency: Currency,
    /// The broker's code of the action, such as `RS`; empty where the file has none.
    pub(crate) kind: String,
    pub(crate) description: String,
    /// The instrument of the line.
    pub(crate) security: Option<Security>,
    /// Positive came in, negative went out.
    pub(crate) quantity: Decimal,
    /// Cash received.
    pub(crate) proceeds: Decimal,
    /// Takes an earlier line back.
    pub(crate) cancels: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Split,
    SpinOff,
    Rights,
    StockDividend,
    NameChange,
    Worthless,
    /// Merger, tender, redemption, maturity: shares for shares, cash, or both.
    Exchange,
    Unknown,
}

/// Adds the rows of all actions to the statement. Callers sort the rows by line afterwards.
pub(crate) fn take(statement: &mut Statement, legs: Vec<Leg>) {
    let mut groups: Vec<Vec<Leg>> = Vec::new();
    let mut places: HashMap<(Option<String>, Date, String), usize> = HashMap::new();
    for leg in without_cancelled(statement, legs) {
        let subject = subject(&leg.description).to_owned();
        let key = (leg.account.clone(), leg.date, subject);
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(leg),
            None => groups.push(vec![leg]),
        }
    }
    for group in groups {
        let Some(first) = group.first() else { continue };
        match row(&group, first) {
            Ok(row) => statement.take(first.line, Ok(row)),
            Err(refusal) => {
                for leg in &group {
                    statement.take(leg.line, Err(refusal.clone()));
                }
            }
        }
    }
}

/// Drops each line that is taken back, together with the one that does so.
fn without_cancelled(statement: &mut Statement, legs: Vec<Leg>) -> Vec<Leg> {
    let mut standing: HashMap<_, Vec<usize>> = HashMap::new();
    let mut is_dropped = vec![false; legs.len()];
    for (place, leg) in legs.iter().enumerate() {
        let key = |quantity: Decimal| (&leg.account, &leg.description, quantity);
        if !leg.cancels {
            standing.entry(key(leg.quantity)).or_default().push(place);
            continue;
        }
        is_dropped[place] = true;
        let Some(cancelled) = standing.get_mut(&key(-leg.quantity)).and_then(Vec::pop) else {
            let refusal = refused(leg, "cancels one that is not in this file");
            statement.take(leg.line, Err(refusal));
            continue;
        };
        is_dropped[cancelled] = true;
        let (line, other) = (leg.line, legs[cancelled].line);
        for (line, message) in [
            (
                other,
                format!("the corporate action is cancelled on line {line}"),
            ),
            (line, format!("the corporate action cancels line {other}")),
        ] {
            statement.take(line, Err(Refusal::new(code::NOTHING_TO_RECORD, message)));
        }
    }
    let kept = legs.into_iter().zip(is_dropped);
    kept.filter(|(_, is_dropped)| !is_dropped)
        .map(|(leg, _)| leg)
        .collect()
}

/// The description without its last bracket.
fn subject(text: &str) -> &str {
    match text.rfind(" (") {
        Some(at) => text[..at].trim_end(),
        None => text.trim_end(),
    }
}

/// The instrument in the last bracket: `(LMAT, LEMAITRE INC, US5255582018)`.
pub(crate) fn bracketed(text: &str) -> Option<Security> {
    let inside = text
        .get(text.rfind(" (")? + 2..)?
        .trim_end()
        .strip_suffix(')')?;
    let (symbol, rest) = inside.split_once(',')?;
    let (name, isin) = rest.rsplit_once(',').unwrap_or((rest, ""));
    Named {
        symbol,
        isin,
        name,
        ..Named::default()
    }
    .security()
}

fn refused(leg: &Leg, what: &str) -> Refusal {
    Refusal::new(
        code::NOT_SUPPORTED_YET,
        format!(
            "the corporate action “{}” {what}: enter its effect by hand",
            shown(&leg.description)
        ),
    )
}

fn kind(leg: &Leg) -> Kind {
    match leg.kind.to_uppercase().as_str() {
        "FS" | "RS" | "FI" => return Kind::Split,
        "SO" => return Kind::SpinOff,
        "RI" | "DI" => return Kind::Rights,
        "SD" | "HI" => return Kind::StockDividend,
        "IC" | "CI" | "NC" => return Kind::NameChange,
        "DW" => return Kind::Worthless,
        "TC" | "TO" | "TI" | "BM" | "BC" | "OR" => return Kind::Exchange,
        _ => {}
    }
    // The name of a company may contain any word, so the first bracket is passed over.
    let text = subject(&leg.description).to_uppercase();
    let text = text.split_once(')').map_or(&*text, |(_, rest)| rest);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["SPINOFF", "SPIN-OFF", "SPIN OFF"]) {
        Kind::SpinOff
    } else if has(&["STOCK DIVIDEND"]) {
        Kind::StockDividend
    } else if has(&["RIGHTS ISSUE"]) {
        Kind::Rights
    } else if has(&[
        "CUSIP/ISIN CHANGE",
        "NAME CHANGE",
        "SYMBOL CHANGE",
        "ISSUE CHANGE",
    ]) {
        Kind::NameChange
    } else if has(&[
        "MERGE",
        "TENDER",
        "ACQUISITION",
        "MATURITY",
        "REDEMPTION",
        "LIQUIDATION",
    ]) {
        Kind::Exchange
    } else if has(&[" SPLIT "]) || text.ends_with(" SPLIT") {
        Kind::Split
    } else if has(&["DELISTED", "WORTHLESS"]) {
        Kind::Worthless
    } else {
        Kind::Unknown
    }
}

/// The one row of an action.
fn row(group: &[Leg], first: &Leg) -> Result<Row, Refusal> {
    let received: Vec<&Leg> = group
        .iter()
        .filter(|leg| leg.quantity > Decimal::ZERO)
        .collect();
    let given: Vec<&Leg> = group
        .iter()
        .filter(|leg| leg.quantity < Decimal::ZERO)
        .collect();
    let proceeds = group
        .iter()
        .try_fold(Decimal::ZERO, |sum, leg| sum.checked_add(leg.proceeds))
        .unwrap_or_default();
    let ratio = ratio(subject(&first.description));
    if is_short(first, &given, &received) {
        let turned: Vec<Leg> = group.iter().map(Leg::turned).collect();
        return row(&turned, turned.first().unwrap_or(first));
    }
    match (kind(first), &*given, &*received) {
        (Kind::Split, _, _) => split(first, ratio.or_else(|| moved_ratio(&given, &received))),
        (Kind::SpinOff, [], [target]) => spin_off(first, target, ratio, None),
        // Who is short owes the shares of the part too.
        (Kind::SpinOff, [target], []) if proceeds.is_zero() => spin_off(first, target, ratio, None),
        (Kind::Rights, [], [target]) => spin_off(first, target, ratio, Some(Decimal::ZERO)),
        (Kind::StockDividend, [], [target]) => stock_dividend(first, target, ratio),
        (Kind::NameChange, [old], [new]) if -old.quantity == new.quantity => {
            let mut draft = draft(first, TransactionKind::SymbolChange);
            draft.security = old_name(first).or_else(|| old.security.clone());
            draft.target.clone_from(&new.security);
            draft.check()
        }
        (Kind::NameChange | Kind::Exchange, [old], [new]) => {
            let mut draft = draft(first, TransactionKind::Merger);
            draft.security.clone_from(&old.security);
            draft.target.clone_from(&new.security);
            draft.ratio = ratio
                .filter(|ratio| fits(*ratio, -old.quantity, new.quantity))
                .or_else(|| moved_ratio(&given, &received));
            draft.amount = Some(proceeds).filter(|cash| !cash.is_zero());
            draft.check()
        }
        // A takeover or redemption for cash is a sale at the price offered.
        (_, [old], []) if proceeds > Decimal::ZERO => sale(old, proceeds),
        (_, [], [old]) if proceeds < Decimal::ZERO => {
            let mut draft = draft(old, TransactionKind::Cover);
            draft.security.clone_from(&old.security);
            draft.quantity = Some(old.quantity);
            draft.amount = Some(-proceeds);
            draft.check()
        }
        (Kind::Worthless, [old], []) => sale(old, Decimal::ZERO),
        (Kind::Unknown, _, _) => Err(refused(first, "is of a kind that is not known")),
        (_, given, received) => {
            let what = format!(
                "has {} instruments given and {} received, which no type of transaction states",
                given.len(),
                received.len()
            );
            Err(refused(first, &what))
        }
    }
}

/// Of a short position the old shares come back and the new ones are owed: the line that came in has
/// the instrument as it was called before.
fn is_short(first: &Leg, given: &[&Leg], received: &[&Leg]) -> bool {
    let ([out], [back]) = (given, received) else {
        return false;
    };
    let isin = |leg: &Leg| leg.security.as_ref().and_then(|found| found.isin.clone());
    let is_old = |leg: &Leg| {
        let symbol = leg.security.as_ref().map(|found| found.symbol.as_str());
        symbol.is_some_and(|symbol| symbol.strip_suffix(".OLD").is_some())
    };
    let before = old_name(first).and_then(|found| found.isin);
    let is_named = before.is_some() && isin(back) == before && isin(out) != before;
    is_named || (is_old(back) && !is_old(out))
}

impl Leg {
    /// The same line of a position on the other side.
    fn turned(&self) -> Self {
        Self {
            quantity: -self.quantity,
            ..self.clone()
        }
    }
}

fn draft(leg: &Leg, kind: TransactionKind) -> Draft {
    let mut draft = Draft::new(leg.line, leg.date, kind, leg.currency);
    draft.account.clone_from(&leg.account);
    draft.external_id.clone_from(&leg.id);
    draft.note = Some(leg.description.clone());
    draft
}

/// The instrument as it was called before: positions and trades so far are under that name.
fn old_name(leg: &Leg) -> Option<Security> {
    described(&leg.description)
}

fn split(first: &Leg, ratio: Option<Ratio>) -> Result<Row, Refusal> {
    let mut draft = draft(first, TransactionKind::Split);
    draft.security = old_name(first).or_else(|| first.security.clone());
    draft.ratio = Some(needed(ratio, first)?);
    draft.check()
}

fn spin_off(
    first: &Leg,
    target: &Leg,
    ratio: Option<Ratio>,
    cost_share: Option<Decimal>,
) -> Result<Row, Refusal> {
    let mut draft = draft(first, TransactionKind::SpinOff);
    draft.security = old_name(first);
    draft.target.clone_from(&target.security);
    draft.ratio = Some(needed(ratio, first)?);
    draft.cost_share = cost_share;
    draft.check()
}

/// Shares of the same instrument are a dividend in shares, those of another one a spin-off.
fn stock_dividend(first: &Leg, target: &Leg, ratio: Option<Ratio>) -> Result<Row, Refusal> {
    let isin = |security: Option<&Security>| security.and_then(|found| found.isin.clone());
    let old = old_name(first);
    let (before, now) = (isin(old.as_ref()), isin(target.security.as_ref()));
    if before.is_some() && now.is_some() && before != now {
        return spin_off(first, target, ratio, None);
    }
    let mut draft = draft(first, TransactionKind::StockDividend);
    draft.security = old.or_else(|| target.security.clone());
    draft.quantity = Some(target.quantity);
    draft.check()
}

fn sale(leg: &Leg, proceeds: Decimal) -> Result<Row, Refusal> {
    let mut draft = draft(leg, TransactionKind::Sell);
    draft.security.clone_from(&leg.security);
    draft.quantity = Some(-leg.quantity);
    draft.amount = Some(proceeds);
    draft.check()
}

fn needed(ratio: Option<Ratio>, leg: &Leg) -> Result<Ratio, Refusal> {
    ratio.ok_or_else(|| {
        Refusal::new(
            code::UNPARSABLE_RATIO,
            format!(
                "the corporate action “{}” does not say how many shares became how many",
                shown(&leg.description)
            ),
        )
    })
}

/// `SPLIT 4 FOR 1`: new for old. The last such words count, since a merger is `FOR` an instrument
/// before it is `1 FOR 2`.
fn ratio(text: &str) -> Option<Ratio> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |at: usize| words.get(at)?.parse::<Decimal>().ok();
    (1..words.len())
        .rev()
        .filter(|at| {
            matches!(
                words[*at].to_uppercase().as_str(),
                "FOR" | "FÜR" | "POUR" | "POR" | "PER"
            )
        })
        .find_map(|at| {
            let (to, from) = (number(at - 1)?, number(at + 1)?);
            (to > Decimal::ZERO && from > Decimal::ZERO).then_some(Ratio { to, from })
        })
}

/// The ratio of what came to what went.
fn moved_ratio(given: &[&Leg], received: &[&Leg]) -> Option<Ratio> {
    match (given, received) {
        ([old], [new]) => Some(Ratio {
            to: new.quantity,
            from: -old.quantity,
        }),
        _ => None,
    }
}

/// True when so many old shares became so many new ones by the ratio, to the last fraction.
fn fits(ratio: Ratio, given: Decimal, received: Decimal) -> bool {
    given.checked_mul(ratio.to) == received.checked_mul(ratio.from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_found_among_other_words() {
        let found = |text| ratio(text).map(|ratio| (ratio.to.to_string(), ratio.from.to_string()));
        let one = |to: &str, from: &str| Some((to.to_owned(), from.to_owned()));
        assert_eq!(found("GCM(CA38501D2041) SPLIT 1 FOR 25"), one("1", "25"));
        assert_eq!(found("A(X) MERGED FOR US5949181045 1 FOR 2"), one("1", "2"));
        assert_eq!(
            found("A(X) MERGER B 3 FOR 10 AND FOR USD 2.50 PER SHARE"),
            one("3", "10")
        );
        assert_eq!(found("A(X) Split 4 für 1"), one("4", "1"));
        assert_eq!(found("A(X) MERGED FOR USD 12 PER SHARE"), None);
        assert_eq!(found("1 FOR 0"), None);
        assert_eq!(found("FOR"), None);
    }

    #[test]
    fn the_last_bracket_names_the_instrument() {
        let found = bracketed("A(X) SPINOFF 1 FOR 5 (LMAT, LEMAITRE, INC, US5255582018)").unwrap();
        assert_eq!(
            (&*found.symbol, found.isin.as_deref()),
            ("LMAT", Some("US5255582018"))
        );
        assert_eq!(found.name.as_deref(), Some("LEMAITRE, INC"));
        assert_eq!(bracketed("A SPLIT"), None);
    }
}
