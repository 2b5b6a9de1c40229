//! Every problem type with its explanation: the page behind the `type` of a problem document, and
//! `docs/reference/problems.md`. A test fails when the code raises one that is not explained here.

use axum::{Router, routing::get};
use maud::{Markup, html};
use web::{App, Chrome, Path, Problem};

/// A problem type: its code, its status, and when it occurs.
pub struct Explanation {
    /// The last part of the type URI.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// When it occurs and what to do.
    pub text: &'static str,
}

const fn explain(code: &'static str, status: u16, text: &'static str) -> Explanation {
    Explanation { code, status, text }
}

/// All problem types, by name.
pub const PROBLEMS: &[Explanation] = &[
    explain(
        "account-closed",
        409,
        "An account that is deleted stays so, and only its person deletes it.",
    ),
    explain(
        "body-too-large",
        413,
        "The body is larger than 64 MiB. Split the file.",
    ),
    explain(
        "booked-again",
        409,
        "A deleted transaction cannot be brought back, because the same booking has come into the portfolio again. Delete that one first.",
    ),
    explain(
        "category-name-taken",
        409,
        "One of your categories bears this name already, regardless of case.",
    ),
    explain(
        "category-targets-left",
        409,
        "Deleting the category would move those below it up, and the targets of the upper level would be more than 100 percent. Change or delete them first.",
    ),
    explain(
        "changed-meanwhile",
        412,
        "If-Match names an older version than the current one. Read again and repeat the edit.",
    ),
    explain(
        "corporate-action-decided",
        409,
        "The corporate action is applied, recorded, deleted or to be recorded by hand; the detail says what to do first.",
    ),
    explain(
        "corporate-action-taken",
        409,
        "The instrument has a corporate action of this type and ex-date already. Edit that one.",
    ),
    explain(
        "csrf-token-invalid",
        403,
        "A form or a call with a session cookie did not carry the token of its session. Reload the page; programs use an API token instead of a cookie.",
    ),
    explain(
        "database-unavailable",
        503,
        "The database does not answer at the moment. Nothing was changed; try again after Retry-After.",
    ),
    explain(
        "email-taken",
        409,
        "Another account has this email address.",
    ),
    explain("forbidden", 403, "The signed-in person may not do this."),
    explain(
        "idempotency-key-reused",
        422,
        "The Idempotency-Key was used for another request. Choose a new one for each new request.",
    ),
    explain(
        "import-decided",
        409,
        "The import was already confirmed, discarded or undone.",
    ),
    explain(
        "instrument-taken",
        409,
        "Another instrument has the same symbol, exchange and ISIN. Edit that one, or state another exchange or ISIN.",
    ),
    explain(
        "internal-error",
        500,
        "A defect of Bursar. The log holds the details under the request id.",
    ),
    explain(
        "invalid-input",
        422,
        "The request was understood, but fields are not acceptable; `errors` names each with what would be right.",
    ),
    explain(
        "last-admin",
        409,
        "Nobody would run the instance. Make somebody else administrator first.",
    ),
    explain(
        "mapping-needed",
        422,
        "The CSV has a layout of its own. Name its columns in the import assistant.",
    ),
    explain(
        "method-not-allowed",
        405,
        "The address is right, the method is not; the header Allow names those that are.",
    ),
    explain(
        "missing-symbol",
        422,
        "A file of prices has no symbol column. Name the symbol beside the file.",
    ),
    explain(
        "not-found",
        404,
        "There is no such thing, or it belongs to somebody else.",
    ),
    explain(
        "portfolio-name-taken",
        409,
        "One of your portfolios bears this name already, regardless of case.",
    ),
    explain(
        "private-asset-name-taken",
        409,
        "One of your properties, private holdings or debts bears this name already, regardless of case.",
    ),
    explain(
        "registration-closed",
        409,
        "An invitation leads nowhere while registration is closed. Set it to invitation or open first.",
    ),
    explain(
        "registration-pinned",
        409,
        "Whoever started the server has said who may register, with --registration or BURSAR_REGISTRATION.",
    ),
    explain(
        "registration-refused",
        403,
        "Accounts are made by invitation, or not at all at the moment.",
    ),
    explain(
        "sign-in-refused",
        422,
        "Email address and password do not belong together.",
    ),
    explain(
        "too-many-attempts",
        429,
        "Too many sign-ins failed from this address or for this account. Wait as long as Retry-After says.",
    ),
    explain(
        "unauthenticated",
        401,
        "Nobody is signed in, or the token is not known. Send `Authorization: Bearer <token>`.",
    ),
    explain(
        "unreadable-file",
        422,
        "The file is none of the known formats, or is damaged; the detail says where.",
    ),
    explain(
        "unreadable-request",
        400,
        "The body, the form or a header could not be read.",
    ),
    explain(
        "unsupported-media-type",
        415,
        "The body was sent with another content type than the operation takes.",
    ),
];

pub(crate) fn router() -> Router<App> {
    Router::new().route("/problems/{code}", get(show))
}

async fn show(
    chrome: Option<axum::Extension<Chrome>>,
    Path(code): Path<String>,
) -> Result<Markup, Problem> {
    let problem = PROBLEMS
        .iter()
        .find(|problem| problem.code == code)
        .ok_or_else(|| Problem::not_found("problem type"))?;
    let chrome = chrome.map(|chrome| chrome.0).unwrap_or_default();
    Ok(web::bare_page(
        &chrome,
        problem.code,
        html! {
            h1 { code { (problem.code) } }
            p { "HTTP status " (problem.status) }
            p { (problem.text) }
        },
    ))
}
