//! A line on other pages while corporate actions wait for a decision.

use db::UserId;
use market::InstrumentId;
use maud::{Markup, html};
use web::{
    App,
    components::{NoticeKind, notice},
};

use super::{Error, model::Account, service};
use crate::{scope::Scope, transactions::entry::Assets, valuation::Valuation};

/// How many actions wait in the portfolios that were valued.
pub(crate) async fn count(app: &App, user: UserId, valuation: &Valuation) -> Result<usize, Error> {
    let mut tx = app.db.read(user).await?;
    let instruments: Vec<InstrumentId> = valuation.instruments.iter().map(|i| i.id).collect();
    let (decisions, actions) = service::decisions_and_actions(&mut tx, &instruments).await?;
    drop(tx);
    if actions.is_empty() {
        return Ok(0);
    }
    let index = Assets::of(&valuation.instruments);
    let waiting = |(portfolio, part): (_, &crate::valuation::Part)| {
        let account = Account {
            portfolio,
            entries: &part.entries,
            books: &part.books,
        };
        let found = account.proposals(&index, &actions, &decisions, valuation.as_of);
        found.iter().filter(|p| p.status.needs_decision()).count()
    };
    Ok(valuation
        .portfolios
        .iter()
        .zip(&valuation.parts)
        .map(waiting)
        .sum())
}

/// The line; nothing when none waits.
pub(crate) fn banner(count: usize, scope: &Scope) -> Markup {
    if count == 0 {
        return html! {};
    }
    let mut href = scope.clone();
    href.period = None;
    let words = if count == 1 {
        "One corporate action waits".to_owned()
    } else {
        format!("{count} corporate actions wait")
    };
    notice(
        NoticeKind::Info,
        html! {
            p {
                (words) " for your decision. "
                a href=(href.href("/portfolio/corporate-actions", None)) { "Review" }
            }
        },
    )
}
