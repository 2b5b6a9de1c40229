use std::fmt::{Display, Write};

/// Builds the query string of a link; what has no value is left out.
#[derive(Clone, Debug, Default)]
pub struct QueryString {
    text: String,
}

impl QueryString {
    /// An empty query string.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter when it has a value.
    pub fn push(&mut self, key: &str, value: Option<impl Display>) {
        let Some(value) = value else { return };
        self.text.push(if self.text.is_empty() { '?' } else { '&' });
        self.text.push_str(key);
        self.text.push('=');
        for byte in value.to_string().bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                self.text.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                _ = write!(self.text, "%{byte:02X}");
            }
        }
    }

    /// The query string with its question mark, or nothing.
    pub fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_absent_ones_left_out() {
        let mut query = QueryString::new();
        query.push("q", Some("a&b c=ü"));
        query.push("type", None::<&str>);
        query.push("from", Some("2024-01-02"));
        assert_eq!(query.finish(), "?q=a%26b%20c%3D%C3%BC&from=2024-01-02");
        assert_eq!(QueryString::new().finish(), "");
    }
}
