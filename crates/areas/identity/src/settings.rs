//! The frame of the settings: one page with tabs, each tab an address of its own.

use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    Chrome, FieldError, Problem,
    components::{self, NoticeKind, notice, page_head, tabs},
};

/// A tab of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// How the pages look.
    Preferences,
    /// Who the person is to others.
    Profile,
    /// Phone, tax numbers and keys, shown by their ends.
    Details,
    /// Email address and password.
    Security,
    /// Authenticator app, passkeys and recovery codes.
    Factors,
    /// API tokens.
    Tokens,
    /// Where the person is signed in.
    Sessions,
    /// What the person did.
    Activity,
    /// The person's data: to take along, or to close the account.
    Account,
}

/// Whether the page follows a change that was made.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Saved {
    saved: Option<u8>,
}

impl Tab {
    const ALL: [Self; 9] = [
        Self::Preferences,
        Self::Profile,
        Self::Details,
        Self::Security,
        Self::Factors,
        Self::Tokens,
        Self::Sessions,
        Self::Activity,
        Self::Account,
    ];

    /// Where identities of a provider are linked; they stand on the page of security.
    pub(crate) const IDENTITIES: &'static str = "/identity/settings/openid";

    /// Its address.
    pub const fn href(self) -> &'static str {
        match self {
            Self::Preferences => "/identity/settings",
            Self::Profile => "/identity/settings/profile",
            Self::Details => "/identity/settings/details",
            Self::Security => "/identity/settings/security",
            Self::Factors => "/identity/settings/factors",
            Self::Tokens => "/identity/settings/tokens",
            Self::Sessions => "/identity/settings/sessions",
            Self::Activity => "/record/activity",
            Self::Account => "/record/account",
        }
    }

    /// The tab on which a path of the settings lies.
    pub(crate) fn of(path: &str) -> Self {
        // The form for another address stands on the profile.
        if path.starts_with("/identity/settings/email") {
            return Self::Profile;
        }
        if path.starts_with(Self::IDENTITIES) {
            return Self::Security;
        }
        Self::ALL
            .into_iter()
            .filter(|tab| path.starts_with(tab.href()))
            .max_by_key(|tab| tab.href().len())
            .unwrap_or(Self::Preferences)
    }

    fn label(self) -> &'static str {
        match self {
            Self::Preferences => "Preferences",
            Self::Profile => "Profile",
            Self::Details => "Details",
            Self::Security => "Security",
            Self::Factors => "Two-step sign-in",
            Self::Tokens => "API tokens",
            Self::Sessions => "Sessions",
            Self::Activity => "Activity",
            Self::Account => "Your data",
        }
    }
}

impl Saved {
    /// It does not.
    pub fn no() -> Self {
        Self::default()
    }

    pub(crate) fn is_some(self) -> bool {
        self.saved.is_some()
    }

    /// Leads back to a tab, which then says that the change was made.
    pub(crate) fn redirect(tab: Tab) -> Response {
        Redirect::to(&format!("{}?saved=1", tab.href())).into_response()
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
/// One tab of the settings.
pub fn frame(chrome: &Chrome, tab: Tab, saved: Saved, body: Markup) -> Markup {
    let items = Tab::ALL.map(|tab| (tab.label(), tab.href()));
    web::page(
        chrome,
        "Settings",
        html! {
            (page_head("Settings", html! {}))
            (tabs(&items, tab.href()))
            @if saved.saved.is_some() {
                (notice(NoticeKind::Success, html! { p { "Saved." } }))
            }
            (body)
        },
    )
}

/// What to show beside the fields of a form; problems without fields go on to the error page.
pub(crate) fn field_errors(problem: Problem) -> Result<Vec<FieldError>, Problem> {
    if problem.errors.is_empty() {
        Err(problem)
    } else {
        Ok(problem.errors)
    }
}

/// An instant, by day and minute on the clock of the person.
pub fn instant(chrome: &Chrome, at: Timestamp) -> Markup {
    components::instant(chrome, at)
}
