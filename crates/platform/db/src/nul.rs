use std::borrow::Cow;

/// A text to be looked for. PostgreSQL's texts cannot hold NUL, so no row has one in it: it becomes a
/// character that stands for none, and nothing is found, where the server would refuse the question.
pub fn sought(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_text_can_hold_is_replaced() {
        assert!(matches!(sought("ann"), Cow::Borrowed("ann")));
        assert_eq!(sought("a\0n\0"), "a\u{fffd}n\u{fffd}");
    }
}
