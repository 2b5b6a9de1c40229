use jiff::civil::{Date, Weekday};
use maud::{Markup, html};

use crate::{chrome::Chrome, format};

/// A quiet mark with the age of a value, once a full working day has passed without a newer one. A
/// value of Friday is fresh until Monday ends.
pub fn stale_mark(chrome: &Chrome, as_of: Date, today: Date) -> Markup {
    if !is_stale(as_of, today) {
        return html! {};
    }
    let days = (today - as_of).get_days();
    let day = format::date(&chrome.formats, as_of);
    let title = format!("As of {day}, {days} days old");
    html! {
        span.mark.stale title=(title) {
            span aria-hidden="true" { (days) "d" }
            span.visually-hidden { (title) }
        }
    }
}

fn is_stale(as_of: Date, today: Date) -> bool {
    as_of
        .series(jiff::Span::new().days(1))
        .skip(1)
        .take_while(|day| *day < today)
        .any(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
}

/// Says that the data beside it are simulated.
pub fn simulated_mark() -> Markup {
    html! { span.mark.simulated { "Simulated" } }
}

/// A short word about a row: a type, a state.
pub fn badge(text: &str) -> Markup {
    html! { span.mark { (text) } }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_mark_appears_after_a_working_day_without_a_value() {
        let friday = date(2026, 3, 6);
        assert!(!is_stale(friday, friday));
        assert!(!is_stale(friday, date(2026, 3, 8)), "Sunday");
        assert!(
            !is_stale(friday, date(2026, 3, 9)),
            "Monday, before the close"
        );
        assert!(is_stale(friday, date(2026, 3, 10)), "Tuesday");
        assert!(!is_stale(date(2026, 3, 10), friday), "a value from ahead");
        let mark = stale_mark(&Chrome::default(), friday, date(2026, 3, 10)).into_string();
        assert!(mark.contains("As of Mar 6, 2026, 4 days old"), "{mark}");
        assert_eq!(
            stale_mark(&Chrome::default(), friday, friday).into_string(),
            ""
        );
    }
}
