//! What all reports of Interactive Brokers have in common: codes, descriptions, kinds of payments and
//! corporate actions.

pub(crate) mod actions;
pub(crate) mod payments;

use crate::{
    Security,
    fills::{Effect, Fill, OptionEvent},
    securities::{Named, is_isin},
};

/// The instrument at the beginning of a description such as `MMM(US88579Y1010) CASH DIVIDEND ...`.
pub(crate) fn described(text: &str) -> Option<Security> {
    let (symbol, rest) = text.split_once('(')?;
    let isin = rest.split_once(')')?.0.trim();
    if !is_isin(isin) || symbol.trim().is_empty() {
        return None;
    }
    Named {
        symbol,
        isin,
        ..Named::default()
    }
    .security()
}

/// Applies the codes of a trade, such as `A;C;P`: O opens, C closes, A is an assignment, Ex an
/// exercise, Ep an expiry, Ca a cancellation. The others say nothing that a row holds.
pub(crate) fn apply_codes(fill: &mut Fill, codes: &str) {
    let (mut opens, mut closes) = (false, false);
    for code in codes.split([';', ',', ' ']).map(str::trim) {
        match code {
            "O" => opens = true,
            "C" => closes = true,
            "CO" | "OC" => (opens, closes) = (true, true),
            "A" => fill.event = Some(OptionEvent::Assignment),
            "Ex" => fill.event = Some(OptionEvent::Exercise),
            "Ep" => fill.event = Some(OptionEvent::Expiry),
            "Ca" => fill.cancels = true,
            _ => {}
        }
    }
    match (opens, closes) {
        (true, true) => fill.effect = Effect::ClosesAndOpens,
        (true, false) => fill.effect = Effect::Opens,
        (false, true) => fill.effect = Effect::Closes,
        (false, false) => {}
    }
    settle_in_cash(fill);
}

/// An option that is settled in cash moves no shares: it is sold or bought back for that cash.
pub(crate) fn settle_in_cash(fill: &mut Fill) {
    if fill.security.option.is_some() && !fill.amount.is_zero() && fill.event.take().is_some() {
        fill.effect = Effect::Closes;
    }
}
