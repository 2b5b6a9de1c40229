use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::DetailsError;

/// E.164: at most 15 digits.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// Of a tax number whose country has no simple rule.
const TAX_ID_CHARS: std::ops::RangeInclusive<usize> = 5..=20;
const API_KEY_CHARS: std::ops::RangeInclusive<usize> = 8..=200;

/// Who can be asked with a key of one's own.
pub(crate) const PROVIDERS: [(&str, &str); 8] = [
    ("alpha_vantage", "Alpha Vantage"),
    ("coingecko", "CoinGecko"),
    ("eodhd", "EODHD"),
    ("finnhub", "Finnhub"),
    ("fmp", "Financial Modeling Prep"),
    ("fred", "FRED"),
    ("tiingo", "Tiingo"),
    ("twelve_data", "Twelve Data"),
];

/// A phone number as E.164 writes it: `+491701234567`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Phone(String);

/// Where somebody is taxed, by ISO 3166-1 alpha-2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaxCountry(String);

/// A tax number without spaces and signs between.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TaxId(String);

/// One of [`PROVIDERS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Provider(&'static str);

/// What a provider gave the person to be known by.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey(String);

/// A value as it is written.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretBody {
    /// The value; it is sealed and never given back.
    pub(crate) value: String,
}

/// A value as it is read: its last characters.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MaskedView {
    /// The last four characters, or none of a short value.
    #[schema(example = "•••• 4567")]
    pub(crate) masked: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

/// A tax number as it is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TaxIdView {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "DE")]
    pub(crate) country: String,
    /// The last four characters.
    #[schema(example = "•••• 6789")]
    pub(crate) masked: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

/// A provider's key as it is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProviderKeyView {
    /// Who is asked with it.
    #[schema(example = "tiingo")]
    pub(crate) provider: String,
    /// The last four characters.
    #[schema(example = "•••• 9f3a")]
    pub(crate) masked: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

/// All that a person entrusted, masked.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct DetailsView {
    /// The phone number.
    pub(crate) phone: Option<MaskedView>,
    /// Tax numbers by country.
    pub(crate) tax_ids: Vec<TaxIdView>,
    /// Keys by provider.
    pub(crate) provider_keys: Vec<ProviderKeyView>,
}

impl FromStr for Phone {
    type Err = DetailsError;

    /// Takes what people write: with spaces, dashes, dots and brackets, and `00` for `+`.
    fn from_str(text: &str) -> Result<Self, DetailsError> {
        let bare: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !"-./()".contains(*c))
            .collect();
        let digits = bare
            .strip_prefix('+')
            .or_else(|| bare.strip_prefix("00"))
            .unwrap_or_default();
        let is_clean = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if is_clean && PHONE_DIGITS.contains(&digits.len()) {
            Ok(Self(format!("+{digits}")))
        } else {
            Err(DetailsError::InvalidPhone)
        }
    }
}

impl FromStr for TaxCountry {
    type Err = DetailsError;

    fn from_str(text: &str) -> Result<Self, DetailsError> {
        let code = text.trim().to_ascii_uppercase();
        if code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(Self(code))
        } else {
            Err(DetailsError::InvalidCountry)
        }
    }
}

impl TaxId {
    /// Reads a number of a country: by its rule where that is simple, otherwise by length and characters.
    pub(crate) fn new(country: &TaxCountry, text: &str) -> Result<Self, DetailsError> {
        let bare: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !"-./".contains(*c))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let (fits, rule) = match country.as_str() {
            "DE" => (
                is_german(&bare),
                "11 digits, the last of which checks the others",
            ),
            "US" | "NL" | "CA" => (has_digits(&bare, 9), "9 digits"),
            "GB" => (
                is_british(&bare),
                "10 digits, or two letters, 6 digits and a letter from A to D",
            ),
            "AU" | "NZ" => (
                has_digits(&bare, 8) || has_digits(&bare, 9),
                "8 or 9 digits",
            ),
            "FR" => (has_digits(&bare, 13), "13 digits"),
            "SE" => (
                has_digits(&bare, 10) || has_digits(&bare, 12),
                "10 or 12 digits",
            ),
            "IT" => (
                bare.len() == 16 && is_alphanumeric(&bare),
                "16 letters and digits",
            ),
            _ => (
                TAX_ID_CHARS.contains(&bare.len()) && is_alphanumeric(&bare),
                "5 to 20 letters and digits",
            ),
        };
        if fits {
            Ok(Self(bare))
        } else {
            Err(DetailsError::InvalidTaxId {
                country: country.0.clone(),
                rule,
            })
        }
    }
}

fn has_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// ISO 7064 MOD 11, 10, as the German identification number has it.
fn is_german(text: &str) -> bool {
    if !has_digits(text, 11) || text.starts_with('0') {
        return false;
    }
    let digits: Vec<u32> = text.bytes().map(|b| u32::from(b - b'0')).collect();
    let Some((check, body)) = digits.split_last() else {
        return false;
    };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == *check
}

/// A unique taxpayer reference, or a national insurance number.
fn is_british(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_insurance = matches!(bytes, [a, b, middle @ .., last]
        if middle.len() == 6 && a.is_ascii_uppercase() && b.is_ascii_uppercase()
            && middle.iter().all(u8::is_ascii_digit) && (b'A'..=b'D').contains(last));
    has_digits(text, 10) || is_insurance
}

impl FromStr for Provider {
    type Err = DetailsError;

    fn from_str(text: &str) -> Result<Self, DetailsError> {
        PROVIDERS
            .into_iter()
            .find(|(word, _)| *word == text.trim())
            .map(|(word, _)| Self(word))
            .ok_or_else(|| DetailsError::UnknownProvider {
                name: text.trim().to_owned(),
                offered: PROVIDERS.map(|(word, _)| word).join(", "),
            })
    }
}

impl FromStr for ApiKey {
    type Err = DetailsError;

    fn from_str(text: &str) -> Result<Self, DetailsError> {
        let key = text.trim();
        let is_clean = key.bytes().all(|b| b.is_ascii_graphic());
        if is_clean && API_KEY_CHARS.contains(&key.len()) {
            Ok(Self(key.to_owned()))
        } else {
            Err(DetailsError::InvalidApiKey)
        }
    }
}

macro_rules! text_of {
    ($($name:ident),*) => { $(
        impl $name {
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }
    )* };
}
text_of!(Phone, TaxCountry, TaxId, Provider, ApiKey);

#[cfg(test)]
mod tests {
    use super::*;

    fn tax(country: &str, text: &str) -> Option<String> {
        let country: TaxCountry = country.parse().expect("a country");
        TaxId::new(&country, text)
            .ok()
            .map(|id| id.as_str().to_owned())
    }

    #[test]
    fn phones_are_written_as_e164() {
        for (text, written) in [
            ("+49 170 123-4567", Some("+491701234567")),
            ("0041 (44) 668 18 00", Some("+41446681800")),
            ("+12025550143", Some("+12025550143")),
            ("0170 1234567", None),
            ("+0170 1234567", None),
            ("+49 170", None),
            ("+1234567890123456", None),
            ("+49 170 CALLME", None),
            ("", None),
        ] {
            let read = text.parse::<Phone>().ok();
            assert_eq!(read.as_ref().map(Phone::as_str), written, "{text:?}");
        }
    }

    #[test]
    fn tax_numbers_follow_the_rule_of_their_country() {
        // The example of the German federal tax office, and one with a wrong last digit.
        assert_eq!(tax("DE", "86 095 742 719"), Some("86095742719".to_owned()));
        assert_eq!(tax("de", "86095742718"), None);
        assert_eq!(tax("US", "123-45-6789"), Some("123456789".to_owned()));
        assert_eq!(tax("US", "123-45-678"), None);
        assert_eq!(tax("GB", "QQ 12 34 56 C"), Some("QQ123456C".to_owned()));
        assert_eq!(tax("GB", "QQ123456E"), None);
        assert_eq!(tax("GB", "1234567890"), Some("1234567890".to_owned()));
        assert_eq!(
            tax("CH", "756.9217.0769.85"),
            Some("7569217076985".to_owned())
        );
        assert_eq!(tax("JP", "12"), None);
        assert_eq!(tax("JP", "тест12345"), None);
        assert!("D".parse::<TaxCountry>().is_err() && "D1".parse::<TaxCountry>().is_err());
    }

    #[test]
    fn keys_have_no_blanks_and_a_known_provider() {
        assert!("0123456789abcdef".parse::<ApiKey>().is_ok());
        assert!("short".parse::<ApiKey>().is_err());
        assert!("with a blank in it".parse::<ApiKey>().is_err());
        let refused = "acme".parse::<Provider>().expect_err("unknown");
        assert!(refused.to_string().contains("alpha_vantage"), "{refused}");
    }
}
