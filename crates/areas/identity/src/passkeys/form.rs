//! The form that asks a browser for a passkey, wherever it stands.

use maud::{Markup, html};
use web::{
    Chrome,
    components::{NoticeKind, csrf_field, notice, submit},
};

use super::model::Ceremony;

/// What the form sends: nothing to be asked, or the answer.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) ceremony: String,
    /// The answer of the browser, as JSON; empty when the person has yet to be asked.
    pub(crate) credential: String,
    pub(crate) name: String,
    pub(crate) next: String,
}

impl Asked {
    pub(crate) fn is_answered(&self) -> bool {
        !self.credential.is_empty()
    }
}

/// Which question the browser is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Create,
    Get,
}

/// A form that the script answers as soon as the page is there, and again on its button.
pub(crate) fn asking_form(
    chrome: &Chrome,
    (deed, action, verb): (Deed, &str, &str),
    ceremony: &Ceremony,
    asked: &Asked,
) -> Markup {
    let deed = match deed {
        Deed::Create => "create",
        Deed::Get => "get",
    };
    html! {
        noscript {
            (notice(NoticeKind::Problem, html! {
                p { "Passkeys need JavaScript, which is switched off in this browser." }
            }))
        }
        form.form method="post" action=(action) data-passkey=(deed) data-options=(ceremony.options) {
            (csrf_field(chrome))
            input type="hidden" name="ceremony" value=(ceremony.token);
            input type="hidden" name="credential" value="";
            input type="hidden" name="name" value=(asked.name);
            input type="hidden" name="next" value=(asked.next);
            p.error role="alert" data-passkey-error {}
            div.actions { (submit(verb)) }
        }
    }
}
