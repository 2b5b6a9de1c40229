//! The frame of what administrators manage: tabs, each an address of its own.

use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use web::{
    Chrome,
    components::{NoticeKind, notice, page_head, tabs},
};

use crate::settings::Saved;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    People,
    Invitations,
    Registration,
}

impl Tab {
    const ALL: [Self; 3] = [Self::People, Self::Invitations, Self::Registration];

    pub(crate) const fn href(self) -> &'static str {
        match self {
            Self::People => "/identity/people",
            Self::Invitations => "/identity/people/invitations",
            Self::Registration => "/identity/people/registration",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::People => "People",
            Self::Invitations => "Invitations",
            Self::Registration => "Registration",
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub(crate) fn frame(chrome: &Chrome, tab: Tab, saved: Saved, body: Markup) -> Markup {
    let items = Tab::ALL.map(|tab| (tab.label(), tab.href()));
    web::page(
        chrome,
        tab.label(),
        html! {
            (page_head(tab.label(), html! {}))
            (tabs(&items, tab.href()))
            @if saved.is_some() {
                (notice(NoticeKind::Success, html! { p { "Saved." } }))
            }
            (body)
        },
    )
}

/// Leads back to a page, which then says that the change was made.
pub(crate) fn redirect(path: &str) -> Response {
    Redirect::to(&format!("{path}?saved=1")).into_response()
}
