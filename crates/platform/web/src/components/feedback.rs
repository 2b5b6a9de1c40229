use maud::{Markup, html};

use super::{forms::csrf_field, layout::icon};
use crate::{chrome::Chrome, page::page};

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Good to know.
    Info,
    /// Done as asked.
    Success,
    /// Look at this.
    Warning,
    /// Did not work.
    Problem,
}

impl NoticeKind {
    fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }

    /// The icon tells the kind apart where the colour does not.
    fn icon(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "check",
            Self::Warning | Self::Problem => "warning",
        }
    }
}

/// A message in the page.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn notice(kind: NoticeKind, body: Markup) -> Markup {
    let role = if kind == NoticeKind::Problem {
        "alert"
    } else {
        "status"
    };
    html! {
        div.notice.(kind.class()) role=(role) { (icon(kind.icon())) div { (body) } }
    }
}

/// What stands where there is nothing yet: one action and, if there is one, a sample. Pairs of label
/// and address.
pub fn empty_state(
    title: &str,
    text: &str,
    primary: (&str, &str),
    secondary: Option<(&str, &str)>,
) -> Markup {
    html! {
        div.empty {
            (icon("empty"))
            h2 { (title) }
            p { (text) }
            p.actions {
                a.button.primary href=(primary.1) { (primary.0) }
                @if let Some((label, href)) = secondary {
                    a.button.quiet href=(href) { (label) }
                }
            }
        }
    }
}

/// What a self-check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Works, but should be looked at.
    Warn,
    /// Does not work.
    Fail,
}

/// One self-check.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// What came out.
    pub state: CheckState,
    /// The finding in a sentence, with the remedy if there is something to do.
    pub text: String,
}

/// The self-checks in a row.
pub fn check_strip(checks: &[Check]) -> Markup {
    html! {
        ul.checks aria-label="Self-checks" {
            @for check in checks {
                @let (class, glyph, word) = match check.state {
                    CheckState::Ok => ("ok", "check", "works"),
                    CheckState::Warn => ("warn", "warning", "look at this"),
                    CheckState::Fail => ("fail", "cross", "does not work"),
                };
                li.(class) {
                    (icon(glyph))
                    div {
                        strong { (check.name) }
                        span.visually-hidden { ": " (word) "." }
                        p { (check.text) }
                    }
                }
            }
        }
    }
}

/// A question before something is removed.
#[derive(Clone, Debug)]
pub struct Confirm<'a> {
    /// The question.
    pub title: &'a str,
    /// What will happen, and what cannot be undone.
    pub text: Markup,
    /// Where the answer is posted.
    pub action: &'a str,
    /// The verb on the button: "Delete the transaction".
    pub verb: &'a str,
    /// Where one goes back to.
    pub cancel_href: &'a str,
}

/// The page that asks before something is removed.
pub fn confirm_page(chrome: &Chrome, confirm: &Confirm<'_>) -> Markup {
    page(
        chrome,
        confirm.title,
        html! {
            section.card.confirm {
                h1 { (confirm.title) }
                div.prose { (confirm.text) }
                form method="post" action=(confirm.action) {
                    (csrf_field(chrome))
                    div.actions {
                        button.button.danger type="submit" { (confirm.verb) }
                        a.button.quiet href=(confirm.cancel_href) { "Keep it" }
                    }
                }
            }
        },
    )
}
