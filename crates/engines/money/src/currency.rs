//! Currency codes: ISO 4217, and the codes under which crypto currencies trade.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

const LONGEST: usize = 8;

/// A currency by its code: three to eight upper-case ASCII letters or digits, first a letter.
///
/// Small and `Copy`; orders alphabetically. Any code of that form is accepted: a ledger must be able
/// to keep a currency that a list has not heard of.
///
/// ```
/// use money::Currency;
///
/// let euro = Currency::new(" eur ")?;
/// assert_eq!(euro, Currency::EUR);
/// assert_eq!(euro.as_str(), "EUR");
/// assert_eq!((euro.digits(), Currency::JPY.digits()), (2, 0));
/// # Ok::<(), money::InvalidCurrency>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; LONGEST]);

/// Why a text is no currency code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidCurrency {
    /// Not three to eight ASCII letters or digits, or the first is no letter.
    #[error(
        "“{0}” is no currency code: write three to eight letters or digits, first a letter, such as EUR"
    )]
    Malformed(String),
    /// A hundredth of a currency, written as vendors of prices write it (`GBp` for pence). Read as
    /// the currency itself, every amount would be a hundred times too large.
    #[error(
        "“{text}” is a hundredth of {major}: divide the amount by 100 and write {major} instead"
    )]
    MinorUnit {
        /// The text as given.
        text: String,
        /// The currency whose hundredth it is.
        major: Currency,
    },
}

impl Currency {
    /// Euro.
    pub const EUR: Self = Self(*b"EUR\0\0\0\0\0");
    /// United States dollar.
    pub const USD: Self = Self(*b"USD\0\0\0\0\0");
    /// Pound sterling.
    pub const GBP: Self = Self(*b"GBP\0\0\0\0\0");
    /// Swiss franc.
    pub const CHF: Self = Self(*b"CHF\0\0\0\0\0");
    /// Japanese yen.
    pub const JPY: Self = Self(*b"JPY\0\0\0\0\0");

    /// Reads a code; surrounding space and case do not matter.
    ///
    /// The exceptions are the hundredths in which markets quote prices: `GBX` or `GBp`, `ZAC`, `ILA`.
    /// They are refused, because an amount in them would be taken for a hundred times as much;
    /// [`crate::Quotation`] reads them.
    pub fn new(text: &str) -> Result<Self, InvalidCurrency> {
        let code = text.trim();
        if let Some((major, _)) = hundredth(code) {
            return Err(InvalidCurrency::MinorUnit {
                text: code.to_owned(),
                major,
            });
        }
        let bytes = code.as_bytes();
        let well_formed = (3..=LONGEST).contains(&bytes.len())
            && bytes[0].is_ascii_alphabetic()
            && bytes.iter().all(u8::is_ascii_alphanumeric);
        if !well_formed {
            return Err(InvalidCurrency::Malformed(code.to_owned()));
        }
        let mut padded = [0; LONGEST];
        for (slot, byte) in padded.iter_mut().zip(bytes) {
            *slot = byte.to_ascii_uppercase();
        }
        Ok(Self(padded))
    }

    /// The code, upper case.
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(LONGEST);
        // The bytes are ASCII by construction, so the fallback is never taken.
        str::from_utf8(&self.0[..length]).unwrap_or_default()
    }

    /// Digits after the decimal point in which amounts are shown: the minor unit of ISO 4217 (0 for
    /// yen, 3 for Kuwaiti dinar, 2 for most), 8 for crypto currencies. A code of another length than
    /// three, or with a digit in it, is no ISO code and counts as crypto.
    pub fn digits(&self) -> u32 {
        let code = self.as_str();
        match code {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            "ADA" | "APT" | "ARB" | "BCH" | "BNB" | "BSV" | "BTC" | "CRO" | "DAI" | "DOT"
            | "EOS" | "ETC" | "ETH" | "FIL" | "ICP" | "INJ" | "KSM" | "LTC" | "NEO" | "SEI"
            | "SOL" | "SUI" | "TIA" | "TON" | "TRX" | "UNI" | "XBT" | "XLM" | "XMR" | "XRP"
            | "XTZ" | "ZEC" => 8,
            _ if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) => 2,
            _ => 8,
        }
    }
}

/// Hundredths that markets quote prices in: the currency, and the code that is written for its
/// hundredth.
pub(crate) const HUNDREDTHS: [(Currency, &str); 3] = [
    (Currency::GBP, "GBX"),
    (Currency(*b"ZAR\0\0\0\0\0"), "ZAC"),
    (Currency(*b"ILS\0\0\0\0\0"), "ILA"),
];

/// The hundredth that a code stands for. Case matters in one of them: `GBP` is a pound, `GBp` a penny.
pub(crate) fn hundredth(code: &str) -> Option<(Currency, &'static str)> {
    HUNDREDTHS
        .into_iter()
        .find(|(_, minor)| minor.eq_ignore_ascii_case(code))
        .or_else(|| (code == "GBp").then_some(HUNDREDTHS[0]))
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Currency {
    type Error = InvalidCurrency;

    fn try_from(text: &str) -> Result<Self, InvalidCurrency> {
        Self::new(text)
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;

    fn try_from(text: String) -> Result<Self, InvalidCurrency> {
        Self::new(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl AsRef<str> for Currency {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Code;

        impl de::Visitor<'_> for Code {
            type Value = Currency;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a currency code such as EUR")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Currency, E> {
                Currency::new(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_trimmed_upper_cased_and_checked() {
        for (text, code) in [
            ("eur", "EUR"),
            (" Usdt ", "USDT"),
            ("BTC", "BTC"),
            ("1inch", ""),
            ("USDC2", "USDC2"),
        ] {
            match Currency::new(text) {
                Ok(currency) => assert_eq!(currency.as_str(), code),
                Err(error) => assert!(code.is_empty(), "{text}: {error}"),
            }
        }
        for text in ["", "eu", "toolongcode", "E R", "EU€", "€", "12A", "A\0B"] {
            assert!(Currency::new(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_hundredth_is_not_taken_for_the_whole() {
        let error = Currency::new("GBp").unwrap_err();
        assert_eq!(
            error.to_string(),
            "“GBp” is a hundredth of GBP: divide the amount by 100 and write GBP instead"
        );
        assert_eq!(Currency::new("gbp").unwrap(), Currency::GBP);
    }

    #[test]
    fn digits_follow_iso_4217_and_crypto_custom() {
        for (code, digits) in [
            ("EUR", 2),
            ("JPY", 0),
            ("KRW", 0),
            ("ISK", 0),
            ("KWD", 3),
            ("TND", 3),
            ("CLF", 4),
            ("BTC", 8),
            ("USDT", 8),
            ("XAU", 2),
        ] {
            assert_eq!(Currency::new(code).unwrap().digits(), digits, "{code}");
        }
    }

    #[test]
    fn order_is_alphabetical_and_json_is_the_code() {
        let usdt = Currency::new("USDT").unwrap();
        assert!(Currency::EUR < Currency::USD && Currency::USD < usdt);
        assert_eq!(serde_json::to_string(&usdt).unwrap(), r#""USDT""#);
        assert_eq!(
            serde_json::from_str::<Currency>(r#""chf""#).unwrap(),
            Currency::CHF
        );
        assert!(serde_json::from_str::<Currency>(r#""no""#).is_err());
        assert_eq!(
            format!("{:>5}|{:?}", Currency::EUR, Currency::EUR),
            "  EUR|EUR"
        );
    }
}
