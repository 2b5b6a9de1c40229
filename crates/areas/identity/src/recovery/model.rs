/// Letters and digits that are not taken for each other (Crockford's base 32).
const ALPHABET: [u8; 32] = *b"0123456789abcdefghjkmnpqrstvwxyz";
/// Five bits each: 80 in all.
const CHARS: usize = 16;

/// A fresh code, in groups of four.
pub(super) fn generate() -> String {
    let random = rand::random::<[u8; CHARS]>();
    let mut code = String::new();
    for (at, byte) in random.into_iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        let letter = ALPHABET.get(usize::from(byte % 32)).copied();
        code.extend(letter.map(char::from));
    }
    code
}

/// A code as it was typed, in the form that is hashed: without hyphens and spaces, in lower case, and
/// with the digits that the letters o, i and l were meant to be. `None` when it is no code at all.
pub(super) fn normalise(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    let is_code = code.len() == CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_read_as_they_are_written() {
        let (one, other) = (generate(), generate());
        assert_ne!(one, other);
        assert_eq!(one.len(), 19, "{one}");
        let plain = one.replace('-', "");
        for typed in [&one, &plain, &one.to_uppercase(), &one.replace('-', " ")] {
            assert_eq!(normalise(typed).as_deref(), Some(plain.as_str()), "{typed}");
        }
    }

    #[test]
    fn look_alikes_are_read_as_digits() {
        assert_eq!(
            normalise("oOiI-lLaa-bbcc-ddee").as_deref(),
            Some("001111aabbccddee")
        );
    }

    #[test]
    fn what_is_no_code_is_told_apart() {
        for typed in [
            "",
            "123456",
            "0000-0000-0000-000",
            "0000-0000-0000-000u",
            "ä000-0000-0000-0000",
        ] {
            assert_eq!(normalise(typed), None, "{typed}");
        }
    }
}
