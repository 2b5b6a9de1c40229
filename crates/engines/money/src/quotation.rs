use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::{
    Currency, InvalidCurrency,
    currency::{HUNDREDTHS, hundredth},
    decimal_from_f64, f64_from_decimal,
};

/// Whether prices are stated in a currency or in its hundredth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum QuoteUnit {
    /// In the currency itself: pounds.
    #[default]
    Major,
    /// In its hundredth: pence.
    Minor,
}

/// What prices of an instrument are stated in.
///
/// ```
/// use money::{Currency, QuoteUnit, Quotation};
///
/// let pence = Quotation::parse("GBp")?;
/// assert_eq!((pence.currency, pence.unit), (Currency::GBP, QuoteUnit::Minor));
/// assert_eq!(pence.to_string(), "GBX");
/// assert_eq!(pence.unit.in_currency(1_234.5), 12.345);
/// # Ok::<(), money::InvalidCurrency>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// The currency.
    pub currency: Currency,
    /// Itself or its hundredth.
    pub unit: QuoteUnit,
}

impl QuoteUnit {
    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }

    /// What an amount in this unit must be multiplied by to be one in the currency.
    pub fn factor(self) -> Decimal {
        match self {
            Self::Major => Decimal::ONE,
            Self::Minor => Decimal::new(1, 2),
        }
    }

    /// An observed price in the currency: of the shortest decimal that the float stands for the
    /// point is moved, so 1234.56 pence are 12.3456 pounds and not the float beside it.
    pub fn in_currency(self, price: f64) -> f64 {
        match self {
            Self::Major => price,
            Self::Minor => decimal_from_f64(price)
                .and_then(|exact| exact.checked_mul(self.factor()))
                .map_or(price / 100.0, f64_from_decimal),
        }
    }
}

impl Quotation {
    /// Reads a currency code, or the code of a hundredth: `GBX` or `GBp`, `ZAC`, `ILA`,
    /// in any case but that of `GBp`.
    ///
    /// # Errors
    ///
    /// When the text is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidCurrency> {
        let code = text.trim();
        match hundredth(code) {
            Some((currency, _)) => Ok(Self {
                currency,
                unit: QuoteUnit::Minor,
            }),
            None => Ok(Self::major(Currency::new(code)?)),
        }
    }

    /// Prices in the currency itself.
    pub fn major(currency: Currency) -> Self {
        Self {
            currency,
            unit: QuoteUnit::Major,
        }
    }

    /// Prices in the hundredth of a currency; `None` where no market quotes in it.
    pub fn minor(currency: Currency) -> Option<Self> {
        minor_code(currency).map(|_| Self {
            currency,
            unit: QuoteUnit::Minor,
        })
    }
}

fn minor_code(currency: Currency) -> Option<&'static str> {
    HUNDREDTHS
        .iter()
        .find(|(major, _)| *major == currency)
        .map(|(_, minor)| *minor)
}

impl From<Currency> for Quotation {
    fn from(currency: Currency) -> Self {
        Self::major(currency)
    }
}

/// The code: `GBP` for pounds, `GBX` for pence.
impl fmt::Display for Quotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.unit, minor_code(self.currency)) {
            (QuoteUnit::Minor, Some(code)) => f.pad(code),
            _ => self.currency.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundredth_is_told_from_its_currency_by_code_and_case() {
        for (text, major, code) in [
            ("GBX", "GBP", "GBX"),
            (" GBp ", "GBP", "GBX"),
            ("ZAc", "ZAR", "ZAC"),
            ("ZAC", "ZAR", "ZAC"),
            ("ILA", "ILS", "ILA"),
            ("ila", "ILS", "ILA"),
            ("gbx", "GBP", "GBX"),
        ] {
            assert!(Currency::new(text).is_err(), "{text} is no currency");
            let read = Quotation::parse(text).unwrap();
            assert_eq!(
                (read.currency.as_str(), read.unit),
                (major, QuoteUnit::Minor)
            );
            assert_eq!(read.to_string(), code);
        }
        for text in ["GBP", "gbp", "EUR"] {
            let read = Quotation::parse(text).unwrap();
            assert_eq!(read.unit, QuoteUnit::Major);
            assert_eq!(read.to_string(), text.to_uppercase());
        }
        assert!(Quotation::parse("G").is_err());
        assert_eq!(Quotation::minor(Currency::EUR), None);
    }

    #[test]
    fn the_point_moves_by_two_places_and_no_digit_changes() {
        for (pence, pounds) in [
            (1.0, 0.01),
            (1_234.56, 12.3456),
            (0.07, 0.0007),
            (29.29, 0.2929),
        ] {
            let read: f64 = QuoteUnit::Minor.in_currency(pence);
            assert_eq!(read.to_bits(), f64::to_bits(pounds), "{pence}");
            assert_eq!(
                QuoteUnit::Major.in_currency(pence).to_bits(),
                pence.to_bits()
            );
        }
    }
}
