//! Numbers of securities and their check digits.

/// Two letters, nine letters or digits, one digit: the form that the database accepts.
pub(super) fn is_isin(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 12
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            0 | 1 => byte.is_ascii_uppercase(),
            11 => byte.is_ascii_digit(),
            _ => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        })
}

/// Whether an ISIN is one (ISO 6166): letters count as 10 to 35, every second digit from the right
/// but one is doubled, and the digits of it all add up to a multiple of ten.
pub(super) fn is_checked_isin(text: &str) -> bool {
    let digits: String = text
        .chars()
        .filter_map(|c| c.to_digit(36))
        .map(|value| value.to_string())
        .collect();
    let values = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values
        .enumerate()
        .map(|(place, value)| sum_of_digits(value << (place % 2)))
        .sum();
    is_isin(text) && sum.is_multiple_of(10)
}

/// Whether a CUSIP is one: eight characters and a check digit. Letters count as 10 to 35, `*`, `@`
/// and `#` as 36 to 38; every second value from the left is doubled.
pub(super) fn is_checked_cusip(text: &str) -> bool {
    checks(text, 9, |c| match c {
        '*' => Some(36),
        '@' => Some(37),
        '#' => Some(38),
        _ => upper_digit(c),
    })
}

/// Whether a FIGI is one: two consonants that are no country of ISINs with G behind them, `G`, eight
/// consonants or digits, and a check digit as that of a CUSIP.
pub(super) fn is_checked_figi(text: &str) -> bool {
    const TAKEN: [&str; 7] = ["BS", "BM", "GG", "GB", "GH", "KY", "VG"];
    let consonants = text.chars().take(2).all(|c| c.is_ascii_uppercase());
    let is_taken = TAKEN.iter().any(|country| text.starts_with(country));
    consonants
        && !is_taken
        && text.chars().nth(2) == Some('G')
        && !text.contains(['A', 'E', 'I', 'O', 'U'])
        && checks(text, 12, upper_digit)
}

fn upper_digit(c: char) -> Option<u32> {
    c.to_digit(36).filter(|_| !c.is_ascii_lowercase())
}

/// Luhn's rule over values instead of digits: the last of `length` characters is the digit that makes
/// the sum a multiple of ten.
fn checks(text: &str, length: usize, value: impl Fn(char) -> Option<u32>) -> bool {
    if text.chars().count() != length {
        return false;
    }
    let mut sum = 0;
    for (place, c) in text.chars().enumerate() {
        let is_check = place + 1 == length;
        let found = if is_check { c.to_digit(10) } else { value(c) };
        let Some(found) = found else { return false };
        let is_doubled = !is_check && place % 2 == 1;
        sum += sum_of_digits(found << u32::from(is_doubled));
    }
    sum % 10 == 0
}

/// Of a number below 100.
fn sum_of_digits(value: u32) -> u32 {
    value / 10 + value % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_catches_a_slip() {
        for isin in [
            "US5949181045",
            "US0378331005",
            "GB00BH4HKS39",
            "DE0007164600",
        ] {
            assert!(is_checked_isin(isin), "{isin}");
        }
        for isin in ["US5949181046", "US5949811045", "GB00BH4HKS38", "0378331005"] {
            assert!(!is_checked_isin(isin), "{isin}");
        }
    }

    #[test]
    fn a_cusip_is_checked_as_its_committee_does() {
        // Apple, Microsoft, Cisco, Alphabet, and a private placement with a letter.
        for cusip in [
            "037833100",
            "594918104",
            "17275R102",
            "02079K305",
            "38259P508",
        ] {
            assert!(is_checked_cusip(cusip), "{cusip}");
        }
        for cusip in ["037833101", "038733100", "17275r102", "03783310", ""] {
            assert!(!is_checked_cusip(cusip), "{cusip}");
        }
    }

    #[test]
    fn a_figi_is_checked_as_its_standard_does() {
        // Apple, Microsoft and IBM in the United States.
        for figi in ["BBG000B9XRY4", "BBG000BPH459", "BBG000BLNNH6"] {
            assert!(is_checked_figi(figi), "{figi}");
        }
        for figi in [
            "BBG000B9XRY5",
            "BBG000BX9RY4",
            "GBG000B9XRY4",
            "AAG000B9XRY4",
        ] {
            assert!(!is_checked_figi(figi), "{figi}");
        }
    }
}
