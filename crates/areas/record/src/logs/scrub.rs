use std::{
    borrow::Cow,
    io::{self, Write},
};

const EMAIL: &str = "[email]";
const TOKEN: &str = "[token]";
/// What API tokens begin with.
const TOKEN_PREFIX: &str = "bur_";

/// Blots out email addresses and API tokens. Nothing of ours logs them; this is for the words of others,
/// such as the database's.
pub fn scrub(text: &str) -> Cow<'_, str> {
    if !text.contains('@') && !text.contains(TOKEN_PREFIX) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if is_word(c) {
            word.push(c);
        } else {
            out.push_str(blotted(&word));
            word.clear();
            out.push(c);
        }
    }
    out.push_str(blotted(&word));
    Cow::Owned(out)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "@._%+-".contains(c)
}

fn blotted(word: &str) -> &str {
    let is_email = word
        .split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    if is_email {
        EMAIL
    } else if word.contains(TOKEN_PREFIX) && word.len() > TOKEN_PREFIX.len() + 8 {
        TOKEN
    } else {
        word
    }
}

/// A writer of log lines that scrubs them. Lines come whole: one write is one event.
#[derive(Debug)]
pub struct ScrubbedWriter<W>(pub W);

impl<W: Write> Write for ScrubbedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .write_all(scrub(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_tokens_are_blotted_out() {
        for (text, expected) in [
            ("nothing to hide", "nothing to hide"),
            (
                "Key (email)=(ann.b+c@example.org) exists",
                "Key (email)=([email]) exists",
            ),
            ("\"email\":\"ann@example.org\",", "\"email\":\"[email]\","),
            ("postgres://bursar@/db", "postgres://bursar@/db"),
            ("Bearer bur_abcdefghijklmnop.", "Bearer [token]"),
            ("bur_ in words", "bur_ in words"),
        ] {
            assert_eq!(scrub(text), expected);
        }
    }
}
