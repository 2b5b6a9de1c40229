//! Instruments as files name them.

use money::Currency;

use crate::{Security, code, model::Refusal, text::shown};

/// What a record says about its instrument, untouched.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Named<'a> {
    pub(crate) symbol: &'a str,
    pub(crate) isin: &'a str,
    pub(crate) exchange: &'a str,
    pub(crate) name: &'a str,
    pub(crate) asset_class: &'a str,
    pub(crate) currency: Option<Currency>,
}

impl Named<'_> {
    /// The instrument; `None` when the record names none. Without a ticker the ISIN, or else the
    /// name, serves as the symbol; a ticker that is an ISIN is taken for both. An `isin` that is
    /// none is dropped: foreign files put other things there.
    pub(crate) fn security(self) -> Option<Security> {
        let isin = [self.isin, self.symbol]
            .into_iter()
            .map(|text| text.trim().to_uppercase())
            .find(|text| is_isin(text));
        let symbol = [
            self.symbol.trim(),
            isin.as_deref().unwrap_or_default(),
            self.name.trim(),
        ]
        .into_iter()
        .find(|text| !text.is_empty())?
        .to_uppercase();
        Some(Security {
            symbol,
            isin,
            exchange: filled(self.exchange).map(|code| code.to_uppercase()),
            name: filled(self.name),
            asset_class: filled(self.asset_class).map(|class| asset_class(&class)),
            currency: self.currency,
            option: None,
        })
    }
}

/// The trimmed text, unless nothing is left of it.
pub(crate) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Refuses a text that is there but is no ISIN.
pub(crate) fn check_isin(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() || is_isin(&text.trim().to_uppercase()) {
        return Ok(());
    }
    Err(Refusal::new(
        code::INVALID_ISIN,
        format!(
            "isin “{}” is not an ISIN (two letters, nine letters or digits and the right check \
             digit): correct it or leave it empty",
            shown(text)
        ),
    ))
}

/// ISO 6166: country, national number, and a check digit by the Luhn formula over the digits that
/// result from writing A as 10 to Z as 35.
pub(crate) fn is_isin(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 12
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..11]
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && bytes[11].is_ascii_digit();
    if !shaped {
        return false;
    }
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|c| c.to_digit(36))
        .flat_map(|value| {
            if value > 9 {
                vec![value / 10, value % 10]
            } else {
                vec![value]
            }
        })
        .collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Bursar's word for an asset class of any vendor; unknown ones are kept in lower case.
pub(crate) fn asset_class(text: &str) -> String {
    let word = text.trim().to_lowercase();
    match word.as_str() {
        "stk" | "stock" | "stocks" | "equities" | "share" | "shares" | "common" | "aktie" => {
            "equity"
        }
        "mutualfund" | "mutual_fund" | "mutual fund" | "funds" | "fonds" => "fund",
        "bill" | "bonds" | "fixed_income" | "anleihe" => "bond",
        "cryptocurrency" | "krypto" => "crypto",
        "alternative_investment" => "alternative",
        _ => return word,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isins_are_told_by_their_check_digit() {
        for isin in [
            "US5949181045",
            "CA38501D2041",
            "IE00BM67HT60",
            "LU0904784781",
        ] {
            assert!(is_isin(isin), "{isin}");
        }
        for other in [
            "US5949181046",
            "NLFLATEXACNT",
            "XXXXXCAD",
            "",
            "us5949181045",
            "ÄÖ5949181045",
        ] {
            assert!(!is_isin(other), "{other}");
        }
    }

    #[test]
    fn something_always_serves_as_the_symbol() {
        let symbol = |symbol, isin, name| {
            Named {
                symbol,
                isin,
                name,
                ..Named::default()
            }
            .security()
            .map(|found| (found.symbol, found.isin))
        };
        let msft = "US5949181045";
        assert_eq!(symbol(" msft ", "", ""), Some(("MSFT".into(), None)));
        assert_eq!(
            symbol("", msft, "Microsoft"),
            Some((msft.into(), Some(msft.into())))
        );
        assert_eq!(symbol(msft, "", ""), Some((msft.into(), Some(msft.into()))));
        assert_eq!(
            symbol("", "no isin", "A house"),
            Some(("A HOUSE".into(), None))
        );
        assert_eq!(symbol("", " ", ""), None);
    }
}
