//! Every operation of the API with every kind of caller. What each is to get follows from the row of the
//! operation in [`crate::strangers`]; what differs from that stands in [`EXCEPTIONS`] with its reason. The
//! whole table is `docs/reference/access.md`.

use std::fmt::Write as _;

use axum::http::Method;
use db::UserId;
use identity::tokens::{NewToken, Scope};
use testkit::{Answer, Browser};

use crate::{
    document::Operation,
    site::{OWNER, Person, Site, texts},
    strangers::{Stranger, Try, send, tries},
};

/// Who calls. The rows that addresses and bodies name are Vera's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    /// Carries nothing.
    Anonymous,
    /// Somebody else with an account: Eve.
    Stranger,
    /// A token of Vera's that reads.
    Read,
    /// A token of Vera's that changes portfolios and market data.
    Limited,
    /// A token of somebody whose account is suspended.
    Suspended,
    /// An account of an agent's own.
    Agent,
    /// Whoever runs the instance.
    Admin,
    /// Vera.
    Owner,
}
use Caller::{Admin, Agent, Anonymous, Limited, Owner, Read, Suspended};

/// What comes back, as far as it depends on who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Let in. What was sent may still not be acceptable.
    Admitted,
    /// 401: nobody.
    Nobody,
    /// 403: known, and may not.
    Forbidden,
    /// 403: the person may, the token may not.
    BeyondScope,
    /// 403: asks for a proof that no API token can give.
    Unproven,
    /// 404: not there for this caller.
    Missing,
}
use Outcome::{Admitted, BeyondScope, Forbidden, Missing, Nobody, Unproven};

const CALLERS: [(Caller, &str); 8] = [
    (Anonymous, "anonymous"),
    (Caller::Stranger, "stranger"),
    (Read, "read token"),
    (Limited, "limited token"),
    (Suspended, "suspended"),
    (Agent, "agent"),
    (Admin, "administrator"),
    (Owner, "owner of the rows"),
];

/// What does not follow from the group of an operation.
const EXCEPTIONS: &[(&str, Caller, Outcome)] = &[
    // A portfolio ends with all its transactions: more than a limited token is for.
    ("portfolio_remove_portfolio", Limited, BeyondScope),
    // The finding of the row was accepted by nobody.
    ("portfolio_reopen_finding", Limited, Missing),
    ("portfolio_reopen_finding", Owner, Missing),
    // Entrusted by a person to the instance: what acts for people reads none of it.
    ("identity_show_details", Agent, Forbidden),
    ("identity_show_onboarding", Agent, Forbidden),
];

#[expect(
    clippy::match_same_arms,
    reason = "the arms are read from above, as a guard asks"
)]
fn expected(attempt: &Try, caller: Caller) -> Outcome {
    let Operation {
        id, method, path, ..
    } = &attempt.operation;
    let exception = EXCEPTIONS
        .iter()
        .find(|(operation, of, _)| operation == id && *of == caller);
    if let Some((.., outcome)) = exception {
        return *outcome;
    }
    let writes = *method != Method::GET;
    let is_of_account = ["/api/v1/identity/", "/api/v1/record/"]
        .iter()
        .any(|room| path.starts_with(room));
    match (caller, attempt.expected) {
        // Ways to become somebody do not ask who one is, but no token is more than its scope.
        (Read | Limited, Stranger::Open) => BeyondScope,
        (_, Stranger::Open) => Admitted,
        (Anonymous | Suspended, _) => Nobody,
        (Read, _) if writes => BeyondScope,
        (Limited, _) if writes && is_of_account => BeyondScope,
        // An agent manages no account, not even its own.
        (Agent, _) if writes && is_of_account => Forbidden,
        (Admin, Stranger::Admin) => Admitted,
        (_, Stranger::Admin) => Forbidden,
        (_, Stranger::Unproven) => Unproven,
        (Read | Limited | Owner, _) => Admitted,
        (_, Stranger::NotFound) => Missing,
        (_, Stranger::Own | Stranger::Shared | Stranger::Refused) => Admitted,
    }
}

fn outcome(attempt: &Try, answer: &Answer) -> Outcome {
    let id = &attempt.operation.id;
    let problem = if answer.status.is_success() {
        String::new()
    } else {
        answer.json()["type"].as_str().expect("a type").to_owned()
    };
    match (answer.status.as_u16(), problem.as_str()) {
        (401, "/problems/unauthenticated") => Nobody,
        (403, "/problems/token-scope") => BeyondScope,
        (403, "/problems/forbidden") => Forbidden,
        (403, "/problems/proof-too-old") => Unproven,
        (404, "/problems/not-found") => Missing,
        (200..300, _) => Admitted,
        // What is sent is not always what would be right; reading sends nothing that could be wrong.
        (401, "/problems/refresh-token-invalid") | (400 | 409 | 412 | 415 | 422, _)
            if attempt.operation.method != Method::GET || attempt.expected == Stranger::Refused =>
        {
            Admitted
        }
        _ => panic!("{id}: {} {}", answer.status, answer.body),
    }
}

/// Reading first, then what makes and changes, then what deletes, the innermost first and a portfolio
/// with all that is in it last: nothing is gone before it is asked for.
fn in_order(mut tries: Vec<Try>) -> Vec<Try> {
    tries.sort_by_key(|attempt| {
        let rank = match attempt.operation.method {
            Method::GET => 0,
            Method::DELETE if attempt.operation.id == "portfolio_remove_portfolio" => 3,
            Method::DELETE => 2,
            _ => 1,
        };
        let depth = attempt.operation.path.matches('{').count();
        (rank, if rank == 2 { 9 - depth } else { 0 })
    });
    tries
}

/// Sends everything and compares it with the table; returns the operations that were let in.
async fn hold(caller: Caller, browser: &mut Browser, tries: Vec<Try>) -> usize {
    let mut broken = Vec::new();
    let mut admitted = 0;
    for attempt in in_order(tries) {
        let answer = send(browser, &attempt).await;
        let found = outcome(&attempt, &answer);
        let expected = expected(&attempt, caller);
        admitted += usize::from(found == Admitted);
        if found != expected {
            let id = &attempt.operation.id;
            broken.push(format!(
                "{id}: {expected:?} expected, {found:?}: {}",
                answer.body
            ));
        }
    }
    assert!(broken.is_empty(), "{caller:?}:\n{}", broken.join("\n"));
    admitted
}

async fn token(site: &Site, of: UserId, scope: Scope) -> Browser {
    let mut tx = site.app.db.write(of).await.expect("unit of work");
    let new = NewToken::new("caller").expect("name").with_scope(scope);
    let made = identity::tokens::create(&mut tx, &new, site.app.clock.now()).await;
    tx.commit().await.expect("committed");
    Browser::with_token(&site.router, &made.expect("token").secret)
}

/// Somebody with a row of the table of people changed behind the back of the program, so that a token
/// is left to be tried.
async fn somebody(site: &Site, email: &str, change: &str) -> Person {
    let person = site.add(email).await;
    let sql = format!(
        "update identity.users set {change} where id = '{}' returning id::text",
        person.id
    );
    assert_eq!(texts(&mut site.superuser().await, &sql).await.len(), 1);
    person
}

#[tokio::test]
async fn whoever_may_not_write_changes_nothing() {
    let (site, vera, seeds, mut eve) = Site::peopled().await;
    let mut suspended = somebody(&site, "sue@example.org", "status = 'suspended'").await;
    let mut read = token(&site, vera.id, Scope::Read).await;
    let before = site.dump(vera.id).await;
    let own = site.dump(suspended.id).await;
    let mut nobody = Browser::new(&site.router);
    hold(Anonymous, &mut nobody, tries(&seeds)).await;
    hold(Suspended, &mut suspended.api, tries(&seeds)).await;
    let reads = hold(Read, &mut read, tries(&seeds)).await;
    assert!(reads > 30, "only {reads}");
    assert_eq!(site.dump(suspended.id).await, own);
    assert_eq!(
        without_downloads(&site.dump(vera.id).await),
        without_downloads(&before)
    );
    hold(Caller::Stranger, &mut eve.api, tries(&seeds)).await;
    assert_eq!(
        without_downloads(&site.dump(vera.id).await),
        without_downloads(&before)
    );
}

/// That a program took something along is on record, although nothing changed.
pub(crate) fn without_downloads(dump: &str) -> String {
    dump.lines()
        .filter(|line| !(line.starts_with("platform.activity ") && line.contains(".export\"")))
        .fold(String::new(), |mut kept, line| {
            writeln!(kept, "{line}").expect("written");
            kept
        })
}

#[tokio::test]
async fn an_agent_reads_and_drafts() {
    let (site, vera, seeds, _) = Site::peopled().await;
    let mut agent = somebody(&site, "agent@example.org", "role = 'agent'").await;
    let before = site.dump(vera.id).await;
    hold(Agent, &mut agent.api, tries(&seeds)).await;
    assert_eq!(site.dump(vera.id).await, before);
}

#[tokio::test]
async fn whoever_runs_the_instance_has_no_part_in_the_rows_of_others() {
    let (site, _, seeds, _) = Site::peopled().await;
    let id = identity::users::resolve(&site.app.db, Some(OWNER)).await;
    let mut admin = token(&site, id.expect("the owner"), Scope::Full).await;
    hold(Admin, &mut admin, tries(&seeds)).await;
}

#[tokio::test]
async fn a_limited_token_works_on_portfolios_and_leaves_the_account_alone() {
    let (site, vera, seeds, _) = Site::peopled().await;
    let mut limited = token(&site, vera.id, Scope::Limited).await;
    let account = async || {
        let dump = site.dump(vera.id).await;
        let lines = dump.lines().filter(|line| line.starts_with("identity."));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = account().await;
    hold(Limited, &mut limited, tries(&seeds)).await;
    assert_eq!(account().await, before);
}

/// The other laws would hold where nobody gets anything.
#[tokio::test]
async fn the_owner_of_the_rows_may_do_everything_with_them() {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    let admitted = hold(Owner, &mut vera.api, tries(&seeds)).await;
    assert!(admitted > 80, "only {admitted}");
    drop(site);
}

#[test]
fn every_exception_is_one() {
    let tries = tries(&crate::site::Seeds::nothing());
    for (id, caller, outcome) in EXCEPTIONS {
        let is_known = tries.iter().any(|attempt| attempt.operation.id == *id);
        assert!(is_known, "{id} is no operation");
        let same = EXCEPTIONS
            .iter()
            .filter(|(other, of, _)| other == id && of == caller);
        assert_eq!(same.count(), 1, "{id} twice for {caller:?} ({outcome:?})");
    }
}

fn table() -> String {
    let mut text = String::from(
        "# Who may call what\n\n\
         Every operation of the API with every kind of caller, as the law tests try it: `yes` is let in (what \
         is sent may still be refused), `401` is nobody, `403` may not, `scope` is a token that may not what \
         its person may, `proof` is for sessions that proved lately who uses them, `404` is not there for this \
         caller. The rows that addresses and bodies name belong \
         to the owner; the tokens are the owner's, who is no administrator. [Accounts](../concepts/accounts.md) \
         says what the roles and scopes are for. The export of an account is `yes` for tokens, but without \
         what is stored encrypted.\n\n| method | path |",
    );
    for (_, name) in CALLERS {
        write!(text, " {name} |").expect("written");
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(CALLERS.len()));
    text.push('\n');
    let mut tries = tries(&crate::site::Seeds::nothing());
    tries.sort_by_cached_key(|attempt| {
        let Operation { path, method, .. } = &attempt.operation;
        (path.clone(), method.to_string())
    });
    for attempt in tries {
        let Operation { path, method, .. } = &attempt.operation;
        write!(text, "| {method} | `{path}` |").expect("written");
        for (caller, _) in CALLERS {
            let word = match expected(&attempt, caller) {
                Admitted => "yes",
                Nobody => "401",
                Forbidden => "403",
                BeyondScope => "scope",
                Unproven => "proof",
                Missing => "404",
            };
            write!(text, " {word} |").expect("written");
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_table_in_the_reference_is_current() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/access.md"
    );
    let current = table();
    let snapshot = std::fs::read_to_string(path).unwrap_or_default();
    if snapshot != current {
        let made = concat!(env!("CARGO_TARGET_TMPDIR"), "/access.md");
        std::fs::write(made, &current).expect("written");
        panic!("docs/reference/access.md differs; look at what changed and take over {made}");
    }
}
