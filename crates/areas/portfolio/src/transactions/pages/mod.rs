//! Transactions as a list, and the form that records and changes them.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use identity::Viewer;
use ledger::{LotChoice, TransactionKind};
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;
use web::{
    App, Form, IfMatch, Path, Problem, Query,
    components::{self as ui, Confirm},
};

mod editor;
mod list;

use editor::{Editor, editor};
use list::list;
pub(crate) use list::{kind_label, table};

use super::{
    Error, TransactionId, TransactionView,
    api::FilterQuery,
    form::{self, TransactionForm, lots_text},
    service, store,
};
use crate::{
    portfolios::PortfolioId,
    scope::{self, empty_is_none},
};

const LIST: &str = "/portfolio/transactions";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/portfolio/transactions", get(list))
        .route("/portfolio/transactions/new", get(new).post(create))
        .route("/portfolio/transactions/{id}/edit", get(edit).post(update))
        .route(
            "/portfolio/transactions/{id}/delete",
            get(confirm).post(remove),
        )
}

/// What a link to the form fills in.
#[derive(Clone, Debug, Default, Deserialize)]
struct NewQuery {
    #[serde(default, deserialize_with = "empty_is_none")]
    portfolio: Option<PortfolioId>,
    #[serde(default, rename = "type", deserialize_with = "empty_is_none")]
    kind: Option<TransactionKind>,
    #[serde(default, deserialize_with = "empty_is_none")]
    date: Option<jiff::civil::Date>,
    #[serde(default)]
    symbol: String,
    #[serde(default)]
    quantity: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    currency: String,
}

async fn new(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<NewQuery>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let Some(first) = portfolios.first() else {
        return Ok(Redirect::to("/portfolio/portfolios/new").into_response());
    };
    let portfolio = query.portfolio.unwrap_or(first.id);
    let lots = chosen(&pairs);
    let shares = (!lots.is_empty()).then(|| lots.iter().map(|lot| lot.quantity).sum::<Decimal>());
    let form = TransactionForm {
        portfolio_id: portfolio.0.to_string(),
        kind: query.kind.map_or("buy", TransactionKind::as_str).to_owned(),
        date: query.date.unwrap_or(viewer.today).to_string(),
        symbol: query.symbol,
        quantity: shares.map_or(query.quantity, |shares| shares.normalize().to_string()),
        lots: lots_text(&lots),
        amount: query.amount,
        currency: query.currency,
        ..TransactionForm::default()
    };
    let place = Editor {
        title: "Add transaction",
        action: "/portfolio/transactions/new",
        portfolios: &portfolios,
        errors: &[],
    };
    Ok(editor(&viewer.chrome, place, &form).into_response())
}

/// The lots that the page of a holding offers, of which some were given a number of shares.
fn chosen(pairs: &[(String, String)]) -> Vec<LotChoice> {
    let all = |name: &'static str| {
        pairs
            .iter()
            .filter_map(move |(key, value)| (key == name).then_some(value))
    };
    all("lot")
        .zip(all("shares"))
        .filter_map(|(lot, shares)| {
            let quantity = form::number(shares, "shares", &mut Vec::new())?;
            lot.parse().ok().map(|lot| LotChoice { lot, quantity })
        })
        .collect()
}

async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Form(form): Form<TransactionForm>,
) -> Result<Response, Problem> {
    let outcome = async {
        let body = form.body(None).map_err(Error::Invalid)?;
        let instruments = service::resolve_instruments(&app, viewer.user_id, &body).await?;
        let mut tx = app.db.write(viewer.user_id).await?;
        service::record(&mut tx, viewer.user_id, &body, instruments).await?;
        Ok(tx.commit().await?)
    };
    let action = "/portfolio/transactions/new";
    answer(
        &app,
        &viewer,
        outcome.await,
        "Add transaction",
        action,
        &form,
    )
    .await
}

async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<TransactionId>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let view = store::require(&mut tx, id).await?;
    let action = format!("/portfolio/transactions/{}/edit", id.0);
    let form = TransactionForm::of(&view);
    let place = Editor {
        title: "Edit transaction",
        action: &action,
        portfolios: &portfolios,
        errors: &[],
    };
    Ok(editor(&viewer.chrome, place, &form))
}

async fn update(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<TransactionId>,
    Form(form): Form<TransactionForm>,
) -> Result<Response, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let current = store::require(&mut tx, id).await?;
    drop(tx);
    let outcome = async {
        let body = form.body(Some(&current)).map_err(Error::Invalid)?;
        let instruments = service::resolve_instruments(&app, viewer.user_id, &body).await?;
        let mut tx = app.db.write(viewer.user_id).await?;
        let current = store::lock(&mut tx, id).await?;
        IfMatch::of_form(&form.version).require(current.version.into())?;
        service::change(&mut tx, id, &body, instruments).await?;
        Ok(tx.commit().await?)
    };
    let action = format!("/portfolio/transactions/{}/edit", id.0);
    answer(
        &app,
        &viewer,
        outcome.await,
        "Edit transaction",
        &action,
        &form,
    )
    .await
}

/// Back to the list, or the form again with what is wrong.
async fn answer(
    app: &App,
    viewer: &Viewer,
    outcome: Result<(), Error>,
    title: &str,
    action: &str,
    form: &TransactionForm,
) -> Result<Response, Problem> {
    let Err(error) = outcome else {
        return Ok(Redirect::to("/portfolio/transactions").into_response());
    };
    let problem = Problem::from(error);
    if problem.status != StatusCode::UNPROCESSABLE_ENTITY {
        return Err(problem);
    }
    let portfolios = scope::portfolios(app, viewer.user_id).await?;
    let place = Editor {
        title,
        action,
        portfolios: &portfolios,
        errors: &problem.errors,
    };
    let page = editor(&viewer.chrome, place, form);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<TransactionId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let view = store::require(&mut tx, id).await?;
    let chrome = &viewer.chrome;
    let action = format!("/portfolio/transactions/{}/delete", id.0);
    Ok(ui::confirm_page(
        chrome,
        &Confirm {
            title: "Delete this transaction?",
            text: html! {
                p {
                    (kind_label(view.kind)) " of " (ui::date(chrome, view.date)) ": "
                    @if let Some(quantity) = view.quantity { (ui::quantity(chrome, quantity)) " " }
                    (view.symbol.as_deref().unwrap_or("")) " "
                    (ui::amount(chrome, view.amount, view.currency))
                }
                p { "All figures are computed again without it." }
            },
            action: &action,
            verb: "Delete the transaction",
            cancel_href: "/portfolio/transactions",
        },
    ))
}

async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<TransactionId>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    service::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/portfolio/transactions"))
}
