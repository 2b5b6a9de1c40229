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
        "answer-timeout",
        503,
        "The answer was not ready in time and was given up. It is not known whether it was done; look before you try again, or ask for less at once.",
    ),
    explain(
        "api-access-off",
        403,
        "The person of this token has switched API access off. They can switch it on again in their preferences, under Programs.",
    ),
    explain(
        "authenticator-app-set-up",
        409,
        "There is an authenticator app already. Remove it, with the password and a code, before setting up another one.",
    ),
    explain(
        "body-too-large",
        413,
        "A file is larger than 64 MiB, or another body larger than 1 MiB. Split it.",
    ),
    explain(
        "booked-again",
        409,
        "A deleted transaction cannot be brought back, because the same booking has come into the portfolio again. Delete that one first.",
    ),
    explain(
        "calendar-unknown",
        404,
        "The trading calendar of the exchange is not known, so its sessions cannot be listed.",
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
        "disk-full",
        503,
        "The disk of the database is full, so nothing was changed. Free or add space where PostgreSQL keeps its \
         data; everything goes on by itself then.",
    ),
    explain(
        "email-taken",
        409,
        "Another account has this email address.",
    ),
    explain(
        "file-too-long",
        422,
        "The format is read as a whole, and the file is larger than what is held in memory. Export a \
         shorter period, and import the files one after the other.",
    ),
    explain("forbidden", 403, "The signed-in person may not do this."),
    explain(
        "idempotency-key-reused",
        422,
        "The Idempotency-Key was used for another request. Choose a new one for each new request.",
    ),
    explain(
        "import-being-undone",
        409,
        "An import of the portfolio is being undone. Wait for its end, or resume it, and hand the file in then.",
    ),
    explain(
        "import-decided",
        409,
        "The import was already confirmed, discarded, stopped or undone.",
    ),
    explain(
        "import-file-missing",
        409,
        "The file of the import is not where it was kept. Hand it in again; what is booked already is \
         recognised.",
    ),
    explain(
        "import-overtaken",
        409,
        "Another process has gone on with the import in the meantime.",
    ),
    explain(
        "import-running",
        409,
        "The same file is being imported into the portfolio already. Resume or undo that import.",
    ),
    explain(
        "instrument-no-index",
        409,
        "Values are recorded for instruments of the class index alone. Change the class, or import prices as bars.",
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
        "missing-time-zone",
        422,
        "A file of bars within the day states times on a clock that it does not name, and the exchange \
         of the instrument has no calendar here. Name the time zone beside the file.",
    ),
    explain(
        "not-found",
        404,
        "There is no such thing, or it belongs to somebody else.",
    ),
    explain(
        "nothing-to-recover",
        409,
        "Recovery codes stand in for an authenticator app or a passkey, and there is neither.",
    ),
    explain(
        "only-way-in",
        409,
        "Without the linked identity its person could not sign in any more. Set a password or add a passkey first.",
    ),
    explain(
        "other-import-running",
        409,
        "Another import of the portfolio is being booked, and would take what is undone for duplicates. Wait \
         for its end, or stop it, and undo this one then.",
    ),
    explain(
        "other-quote-unit",
        422,
        "A file of prices is said to be in pence where the instrument is quoted in pounds, or the other way round. Nothing was loaded.",
    ),
    explain(
        "passkey-refused",
        422,
        "The passkey is not registered here, was answered too late, comes from another address, or may have been copied; the detail says which.",
    ),
    explain(
        "passkeys-unavailable",
        409,
        "Browsers know passkeys of host names over https, and of localhost. Whoever runs the server sets BURSAR_PUBLIC_URL to such an address.",
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
        "proof-too-old",
        403,
        "What was asked for could let somebody else in, and the last proof of who uses this session is older than 15 minutes. Confirm on /identity/confirm and repeat it.",
    ),
    explain(
        "quarantine-decided",
        409,
        "Somebody has accepted or rejected this doubtful price meanwhile.",
    ),
    explain(
        "quarantine-impossible",
        409,
        "A bar without positive prices cannot be accepted. Reject it, and state the close yourself.",
    ),
    explain(
        "quarantine-outdated",
        409,
        "The price that is stored was stated after this doubtful one. Reject it, and state the close yourself if the stored one is wrong.",
    ),
    explain(
        "refresh-token-invalid",
        401,
        "The refresh token is unknown, has ended, or was used before. Sign in again; if it was used before by somebody else, look at your activity and change the password.",
    ),
    explain(
        "refresh-token-just-used",
        409,
        "The refresh token was exchanged a moment ago by another request. Use the pair of tokens that came of it.",
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
        "request-timeout",
        408,
        "The body of the request stopped coming before its end. Try again, over a faster connection or with a smaller file.",
    ),
    explain(
        "second-step-required",
        422,
        "The password was right and the account asks for a second factor. Send the same with a code of the authenticator app or a recovery code.",
    ),
    explain(
        "sign-in-expired",
        409,
        "The second step came later than ten minutes after the password, after too many wrong codes, or after the password had changed. Begin again.",
    ),
    explain(
        "sign-in-refused",
        422,
        "Email address and password do not belong together.",
    ),
    explain(
        "statement-timeout",
        503,
        "This takes the database longer than a request may, so nothing was changed. Ask for less at once: a shorter span of time, or a smaller file.",
    ),
    explain(
        "token-scope",
        403,
        "The API token may not do this: `read` changes nothing, `limited` changes portfolios and market data alone. Use a token with a wider scope.",
    ),
    explain(
        "too-many-attempts",
        429,
        "A password was tried in vain too often, from this address or for this account, whether or not that exists. Wait as long as Retry-After says; a browser that has signed in before is not held up by the guesses of others.",
    ),
    explain(
        "too-many-requests",
        429,
        "More requests of this kind than a minute lets through. The headers RateLimit-Policy and RateLimit tell the limit and what is left of it; wait as long as Retry-After says.",
    ),
    explain(
        "too-many-streams",
        429,
        "The person holds as many streams of prices open as one may. Close one, or wait as long as Retry-After says.",
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
    explain(
        "uploads-busy",
        503,
        "As many large files are arriving as are taken at a time. Send the file again after the time that Retry-After tells.",
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
