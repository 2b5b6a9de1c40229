/// What a page shows of a value that is kept encrypted: its last four characters, or none of one that is
/// so short that they would give it away.
pub fn masked(text: &str) -> String {
    let count = text.chars().count();
    let shown: String = if count >= 8 {
        text.chars().skip(count - 4).collect()
    } else {
        String::new()
    };
    format!("•••• {shown}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_long_value_is_shown() {
        assert_eq!(masked("+49 30 9011 1234"), "•••• 1234");
        assert_eq!(masked("12345678"), "•••• 5678");
        assert_eq!(masked("1234567"), "••••");
        assert_eq!(masked(""), "••••");
        assert_eq!(masked("ключ-от-двери"), "•••• вери");
    }
}
