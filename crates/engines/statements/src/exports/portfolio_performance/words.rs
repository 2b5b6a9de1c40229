//! The columns and types of Portfolio Performance in German and English.

use ledger::TransactionKind;

use crate::{model::Refusal, words::normalized};

use super::super::sheet::unknown_type;

pub(super) const DATE: &str = "datum date";
pub(super) const TIME: &str = "uhrzeit time";
pub(super) const TYPE: &str = "typ type";
pub(super) const VALUE: &str = "wert value betrag amount";
pub(super) const CURRENCY: &str = "buchungswährung transactioncurrency währung currency";
pub(super) const GROSS: &str = "bruttobetrag grossamount";
pub(super) const GROSS_CURRENCY: &str = "währungbruttobetrag currencygrossamount";
pub(super) const FEES: &str = "gebühren fees";
pub(super) const TAXES: &str = "steuern taxes";
pub(super) const SHARES: &str = "stück shares";
pub(super) const PRICE: &str = "kurs quote proaktie pershare";
pub(super) const SYMBOL: &str = "tickersymbol symbol";
pub(super) const NAME: &str = "wertpapiername securityname wertpapier security";
pub(super) const NOTE: &str = "notiz note";
pub(super) const SOURCE: &str = "quelle source";
pub(super) const ACCOUNT: &str = "konto depot account portfolio cashaccount";

pub(crate) const LAYOUTS: &[&str] = &[
    // Exports of transactions.
    "datum typ wert buchungswährung stück isin wkn wertpapiername notiz",
    "date type value transactioncurrency shares isin wkn securityname note",
    // Tables.
    "datum typ betrag wertpapier stück notiz quelle",
    "date type amount security shares note source",
];

/// The type of a word, and whether its amount is to be negative. Transfers move shares where a
/// security is named and money otherwise.
pub(super) fn kind_of(word: &str, has_security: bool) -> Result<(TransactionKind, bool), Refusal> {
    use TransactionKind as Kind;
    let kind = match normalized(word).as_str() {
        "kauf" | "buy" => Kind::Buy,
        "verkauf" | "sell" => Kind::Sell,
        "einlieferung" | "deliveryinbound" => Kind::TransferIn,
        "auslieferung" | "deliveryoutbound" => Kind::TransferOut,
        "umbuchungeingang" | "transferinbound" if has_security => Kind::TransferIn,
        "umbuchungausgang" | "transferoutbound" if has_security => Kind::TransferOut,
        "einlage" | "deposit" | "umbuchungeingang" | "transferinbound" => Kind::Deposit,
        "entnahme" | "removal" | "umbuchungausgang" | "transferoutbound" => Kind::Withdrawal,
        "dividende" | "dividend" => Kind::Dividend,
        "zinsen" | "interest" => Kind::Interest,
        "zinsbelastung" | "interestcharge" => return Ok((Kind::Interest, true)),
        "gebühren" | "fees" => Kind::Fee,
        "gebührenerstattung" | "feesrefund" | "feerefund" => return Ok((Kind::Fee, true)),
        "steuern" | "taxes" => Kind::Tax,
        "steuerrückerstattung" | "taxrefund" => return Ok((Kind::Tax, true)),
        _ => return Err(unknown_type("Portfolio Performance", word)),
    };
    Ok((kind, false))
}
