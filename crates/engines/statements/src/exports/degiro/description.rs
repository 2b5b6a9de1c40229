//! What the words of an account statement mean.

use money::Currency;
use rust_decimal::Decimal;

use crate::{
    DecimalSeparator, code,
    draft::{self, agree},
    model::Refusal,
    numbers::{self, Evidence, Style},
    text::shown,
};

/// What a line of the account statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    Trade,
    Exchange,
    Fee,
    Dividend,
    DividendTax,
    Interest,
    Deposit,
    Withdrawal,
    Tax,
    /// Moves between the broker and its bank.
    Internal,
    Unknown,
}

/// The first list that has a part of the text decides.
const WORDS: [(Words, &[&str]); 9] = [
    (
        Words::Internal,
        &[
            "cash sweep",
            "overboeking naar uw geldrekening",
            "overboeking van uw geldrekening",
            "transfer to your cash account",
            "transfer from your cash account",
            "übertrag auf ihr geldkonto",
            "übertrag von ihrem geldkonto",
            "transferir a su cuenta",
            "transferir da sua conta",
            "transferir para a sua conta",
            "virement vers votre compte",
            "virement depuis votre compte",
            "reservation ideal",
            "processed flatex withdrawal",
            "auszahlungsreservierung",
        ],
    ),
    (
        Words::Exchange,
        &[
            "valuta creditering",
            "valuta debitering",
            "fx credit",
            "fx debit",
            "cambio de divisa",
            "de divisa",
            "währungswechsel",
            "opération de change",
            "operazione di cambio",
            "cambio di valuta",
        ],
    ),
    (
        Words::DividendTax,
        &[
            "dividend tax",
            "dividendbelasting",
            "dividendensteuer",
            "impôts sur dividende",
            "impôt sur dividende",
            "imposto sobre dividendo",
            "imposto sobre o dividendo",
            "retención del dividendo",
            "retencion del dividendo",
            "ritenuta sul dividendo",
        ],
    ),
    (
        Words::Fee,
        &[
            "kosten",
            "fee",
            "frais",
            "comiss",
            "comisi",
            "commission",
            "custo",
            "costo",
            "coste",
            "gebühr",
            "courtesy",
            "einrichtung von handelsmodalitäten",
        ],
    ),
    (
        Words::Dividend,
        &[
            "dividend",
            "dividende",
            "dividendo",
            "ausschüttung",
            "coupon",
        ],
    ),
    (
        Words::Tax,
        &[
            "stamp duty",
            "transactiebelasting",
            "transaction tax",
            "taxe sur les transactions",
            "finanztransaktionssteuer",
            "beurstaks",
        ],
    ),
    (
        Words::Interest,
        &[
            "rente",
            "interest",
            "zinsen",
            "intérêt",
            "interés",
            "interesse",
            "juros",
            "variation fonds monétaires",
            "money market fund price change",
            "koersverschil geldmarktfonds",
        ],
    ),
    (
        Words::Withdrawal,
        &[
            "terugstorting",
            "withdrawal",
            "auszahlung",
            "retrait",
            "retirada",
            "levantamento",
            "prelievo",
            "opname",
        ],
    ),
    (
        Words::Deposit,
        &[
            "deposit",
            "storting",
            "einzahlung",
            "versement",
            "dépôt",
            "ingreso",
            "depósito",
            "deposito",
            "versamento",
            "sofort",
        ],
    ),
];

pub(super) fn words_of(description: &str) -> Words {
    if verb(description).is_some() {
        return Words::Trade;
    }
    let lower = description.to_lowercase();
    WORDS
        .iter()
        .find(|(_, parts)| parts.iter().any(|part| lower.contains(part)))
        .map_or(Words::Unknown, |(words, _)| *words)
}

/// What a trade's description states before its numbers are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verb<'a> {
    pub(super) buys: bool,
    /// What stands before a colon, such as `STOCK DIVIDEND`.
    pub(super) occasion: &'a str,
    quantity: &'a str,
    price: &'a str,
    currency: &'a str,
}

/// `Koop 1 @ 77,3 EUR`, `Compra 6 NAME@49,785 EUR (ISIN)`, `Buy 0.5 at 1 GBP`, each perhaps behind
/// an occasion and a colon.
pub(super) fn verb(description: &str) -> Option<Verb<'_>> {
    let (occasion, action) = match description.split_once(':') {
        Some((occasion, rest)) => (occasion.trim(), rest.trim()),
        None => ("", description.trim()),
    };
    let (word, rest) = action.split_once(' ')?;
    let buys = match word.to_lowercase().as_str() {
        "koop" | "buy" | "kauf" | "achat" | "compra" | "acquisto" | "køb" | "köp" | "kjøp"
        | "kupno" => true,
        "verkoop" | "sell" | "verkauf" | "vente" | "venda" | "venta" | "vendita" | "salg"
        | "sälj" | "sprzedaż" => false,
        _ => return None,
    };
    let (before, after) = rest
        .rsplit_once('@')
        .or_else(|| rest.rsplit_once(" zu je "))
        .or_else(|| rest.rsplit_once(" at "))?;
    let quantity = leading_number(before.trim());
    let (price, tail) = after.trim().split_once(' ')?;
    let currency = tail.split_whitespace().next().unwrap_or_default();
    Some(Verb {
        buys,
        occasion,
        quantity,
        price,
        currency,
    })
}

/// The number at the beginning, whose thousands may be set apart by blanks.
fn leading_number(text: &str) -> &str {
    let is_number = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’'))
    };
    let mut end = 0;
    for (count, word) in text.split([' ', '\u{a0}', '\u{202f}']).enumerate() {
        let digits = word.split(['.', ',']).next().unwrap_or_default();
        if !is_number(word) || (count > 0 && digits.len() != 3) {
            break;
        }
        let gap = usize::from(count > 0) * text[end..].chars().next().map_or(0, char::len_utf8);
        end += gap + word.len();
    }
    text.get(..end).unwrap_or_default()
}

/// The numbers of a trade.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deal {
    pub(super) quantity: Decimal,
    pub(super) price: Decimal,
    pub(super) currency: Currency,
}

impl Verb<'_> {
    pub(super) fn observe(&self, evidence: &mut Evidence) {
        evidence.observe(self.quantity);
        evidence.observe(self.price);
    }

    /// Reads the numbers; where a comma may be either, the reading that explains the amount counts.
    pub(super) fn deal(&self, style: Style, amount: Option<Decimal>) -> Result<Deal, Refusal> {
        let (currency, factor) = draft::currency("price", self.currency)?;
        let read = |style| -> Result<Deal, Refusal> {
            let price = numbers::parse("price", self.price, style)?;
            Ok(Deal {
                quantity: numbers::parse("quantity", self.quantity, style)?,
                price: draft::product(price, factor)?,
                currency,
            })
        };
        let by = |separator| Evidence::default().decide(separator);
        let readings = [
            read(style),
            read(by(DecimalSeparator::Comma)),
            read(by(DecimalSeparator::Point)),
        ];
        let explains = |deal: &Deal| {
            amount.is_none_or(|amount| {
                deal.quantity
                    .checked_mul(deal.price)
                    .is_some_and(|product| agree(product, amount.abs()))
            })
        };
        let found = readings
            .iter()
            .flatten()
            .find(|deal| explains(deal))
            .copied();
        let [first, ..] = readings;
        found.map_or(first, Ok)
    }
}

pub(super) fn unknown(description: &str) -> Refusal {
    if description.is_empty() {
        return Refusal::missing("description", "it says what the line is about");
    }
    Refusal::new(
        code::UNKNOWN_TYPE,
        format!(
            "description “{}” is not one that DEGIRO is known to write: enter the booking by hand",
            shown(description)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trades_are_told_in_every_language() {
        for (text, buys, quantity, price, currency) in [
            ("Koop 1 @ 77,3 EUR", true, "1", "77,3", "EUR"),
            (
                "Compra 6 ISHARES MSCI WOR A@49,785 EUR (IE00B4L5Y983)",
                true,
                "6",
                "49,785",
                "EUR",
            ),
            (
                "Sell 4 AVIVA@496 GBX (GB00BPQY8M80)",
                false,
                "4",
                "496",
                "GBX",
            ),
            (
                "Money Market fund conversion: Buy 0.5 at 1 GBP",
                true,
                "0.5",
                "1",
                "GBP",
            ),
            (
                "Conversion Fonds Monétaires finalisée: Vente 1 046,3825 @ 0,9854 EUR",
                false,
                "1 046,3825",
                "0,9854",
                "EUR",
            ),
            ("Kauf 1 zu je 1.100,5 EUR", true, "1", "1.100,5", "EUR"),
            ("Kauf 5 3M CO@100 USD", true, "5", "100", "USD"),
        ] {
            let found = verb(text).unwrap();
            assert_eq!(
                (found.buys, found.quantity, found.price, found.currency),
                (buys, quantity, price, currency),
                "{text}"
            );
        }
        for text in [
            "",
            "Dividend",
            "Koop",
            "Koop @",
            "Buy 1 x",
            "Overboeking: 1,5 EUR",
        ] {
            assert!(verb(text).is_none(), "{text}");
        }
    }

    #[test]
    fn words_are_told_apart() {
        for (text, expected) in [
            (
                "DEGIRO Transactiekosten en/of kosten van derden",
                Words::Fee,
            ),
            (
                "Frais DEGIRO de courtage et/ou de parties tierces",
                Words::Fee,
            ),
            (
                "Comissões de transação DEGIRO e/ou taxas de terceiros",
                Words::Fee,
            ),
            ("Dividendbelasting", Words::DividendTax),
            ("Impôts sur dividende", Words::DividendTax),
            ("Dividende", Words::Dividend),
            ("Retirada Cambio de Divisa", Words::Exchange),
            ("Levantamento de divisa", Words::Exchange),
            ("Ingreso", Words::Deposit),
            ("flatex terugstorting", Words::Withdrawal),
            ("Degiro Cash Sweep Transfer", Words::Internal),
            ("Quelque chose", Words::Unknown),
        ] {
            assert_eq!(words_of(text), expected, "{text}");
        }
    }
}
