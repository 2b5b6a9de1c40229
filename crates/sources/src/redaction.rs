//! Words of others without the key that we sent them: some repeat it when they refuse it.

use url::form_urlencoded;

const BLOT: &str = "…";
/// A shorter piece of a key at the end of words that were cut gives nothing away.
const PIECE: usize = 4;

/// The text without the key as it is and as it stands in an address, in capitals or not; nor with the first
/// part of it where the text was cut within.
pub(crate) fn without(text: &str, key: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(key.as_bytes()).collect();
    let mut clean = text.to_owned();
    for form in [key, &encoded] {
        clean = blotted(&clean, &form.to_ascii_lowercase());
    }
    clean
}

fn blotted(text: &str, key: &str) -> String {
    if key.is_empty() {
        return text.to_owned();
    }
    // ASCII alone changes its case, so every place is the same in both.
    let lower = text.to_ascii_lowercase();
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(key) {
        clean.push_str(text.get(from..at).unwrap_or_default());
        clean.push_str(BLOT);
        from = at + found.len();
    }
    let rest = text.get(from..).unwrap_or_default();
    let lower = lower.get(from..).unwrap_or_default();
    let cut = (PIECE..key.len())
        .rev()
        .filter_map(|length| key.get(..length))
        .find(|piece| lower.ends_with(piece));
    match cut {
        Some(piece) => {
            clean.push_str(rest.get(..rest.len() - piece.len()).unwrap_or_default());
            clean.push_str(BLOT);
        }
        None => clean.push_str(rest),
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_key_is_blotted_out_in_every_form() {
        let key = "Ab+9/xyz";
        for (text, clean) in [
            ("your key Ab+9/xyz is no good", "your key … is no good"),
            ("AB+9/XYZ and ab+9/xyz", "… and …"),
            ("?apikey=Ab%2B9%2Fxyz&x=1", "?apikey=…&x=1"),
            ("?apikey=ab%2b9%2fxyz", "?apikey=…"),
            ("the words were cut at Ab+9/x", "the words were cut at …"),
            ("Ab+ is not it", "Ab+ is not it"),
            ("Ährenschlüssel", "Ährenschlüssel"),
        ] {
            assert_eq!(without(text, key), clean, "{text}");
        }
        assert_eq!(without("nothing", ""), "nothing");
    }
}
