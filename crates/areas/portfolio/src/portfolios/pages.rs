use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use identity::Viewer;
use ledger::CostBasis;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Path, Problem, Query,
    components::{self as ui, Confirm, Field},
};

use crate::scope::empty_is_none;

use super::{Error, NewPortfolio, Portfolio, PortfolioBody, PortfolioId, store};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/portfolio/portfolios", get(list))
        .route("/portfolio/portfolios/new", get(new).post(create))
        .route("/portfolio/portfolios/{id}/edit", get(edit).post(update))
        .route(
            "/portfolio/portfolios/{id}/delete",
            get(confirm).post(remove),
        )
}

/// A portfolio as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PortfolioForm {
    name: String,
    currency: String,
    cost_basis: String,
    /// A ticked box sends `on`, an empty one nothing.
    tracks_cash: Option<String>,
}

impl PortfolioForm {
    fn of(portfolio: &Portfolio) -> Self {
        Self {
            name: portfolio.name.clone(),
            currency: portfolio.currency.to_string(),
            cost_basis: portfolio.cost_basis.as_str().to_owned(),
            tracks_cash: portfolio.tracks_cash.then(|| "on".to_owned()),
        }
    }

    fn read(&self) -> Result<NewPortfolio, Error> {
        let cost_basis = self.cost_basis.parse().map_err(|_| {
            Error::Invalid(vec![FieldError {
                pointer: "cost_basis".to_owned(),
                code: "unknown_cost_basis".to_owned(),
                detail: "Choose one of the methods.".to_owned(),
            }])
        })?;
        let body = PortfolioBody {
            name: self.name.clone(),
            currency: self.currency.clone(),
            cost_basis,
            tracks_cash: self.tracks_cash.is_some(),
        };
        NewPortfolio::try_from(body).map_err(Error::Invalid)
    }
}

/// The method for people.
pub(crate) fn cost_basis_label(method: CostBasis) -> &'static str {
    match method {
        CostBasis::Fifo => "First in, first out",
        CostBasis::Lifo => "Last in, first out",
        CostBasis::Hifo => "Highest cost first",
        CostBasis::Average => "Average cost",
        CostBasis::SpecificLot => "Specific lots",
    }
}

async fn list(State(app): State<App>, viewer: Viewer) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let portfolios = store::list(&mut tx).await?;
    let main = html! {
        (ui::page_head("Portfolios", html! { (ui::link_button("New portfolio", "/portfolio/portfolios/new", true)) }))
        @if portfolios.is_empty() {
            (ui::empty_state(
                "No portfolio yet",
                "A portfolio holds the transactions of one account or one purpose, in one currency.",
                ("New portfolio", "/portfolio/portfolios/new"),
                Some(("Explore the sample", "/welcome")),
            ))
        } @else {
            section.card { table.data.cards {
                caption.visually-hidden { "Portfolios" }
                thead { tr { (ui::th("Name")) (ui::th("Currency")) (ui::th("Cost basis")) (ui::th("Cash")) (ui::th("")) } }
                tbody {
                    @for portfolio in &portfolios {
                        tr {
                            (ui::td("Name", html! {
                                a href=(format!("/?portfolio={}", portfolio.id.0)) { (portfolio.name) }
                                @if portfolio.is_simulated { " " (ui::simulated_mark()) }
                            }))
                            (ui::td("Currency", html! { (portfolio.currency) }))
                            (ui::td("Cost basis", html! { (cost_basis_label(portfolio.cost_basis)) }))
                            (ui::td("Cash", html! { @if portfolio.tracks_cash { "tracked" } @else { "not tracked" } }))
                            td.row-actions {
                                a href=(format!("/portfolio/portfolios/{}/edit", portfolio.id.0)) { "Edit" } " "
                                a href=(format!("/portfolio/portfolios/{}/delete", portfolio.id.0)) { "Delete" }
                            }
                        }
                    }
                }
            } }
            @if portfolios.iter().any(|p| p.is_simulated) {
                form method="post" action="/welcome/remove" {
                    (ui::csrf_field(&viewer.chrome))
                    p.hint { "The simulated sample is removed with its three portfolios, and nothing else." }
                    (ui::submit_danger("Remove the sample"))
                }
            }
        }
    };
    Ok(web::page(&viewer.chrome, "Portfolios", main))
}

async fn new(viewer: Viewer) -> Markup {
    let form = PortfolioForm {
        currency: viewer.preferences.base_currency.to_string(),
        tracks_cash: Some("on".to_owned()),
        ..PortfolioForm::default()
    };
    editor(
        &viewer.chrome,
        "New portfolio",
        "/portfolio/portfolios/new",
        &form,
        &[],
    )
}

async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Form(form): Form<PortfolioForm>,
) -> Result<Response, Problem> {
    let outcome = async {
        let new = form.read()?;
        let mut tx = app.db.write(viewer.user_id).await?;
        let portfolio = store::insert(&mut tx, viewer.user_id, &new).await?;
        tx.commit().await?;
        Ok::<_, Error>(portfolio)
    };
    match outcome.await {
        Ok(portfolio) => {
            let import = format!("/portfolio/imports/new?portfolio={}", portfolio.id.0);
            Ok(Redirect::to(&import).into_response())
        }
        Err(error) => again(
            &viewer,
            "New portfolio",
            "/portfolio/portfolios/new",
            &form,
            error,
        ),
    }
}

/// What another page proposes.
#[derive(Debug, Deserialize)]
struct EditQuery {
    #[serde(default, deserialize_with = "empty_is_none")]
    cost_basis: Option<CostBasis>,
}

async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<PortfolioId>,
    Query(query): Query<EditQuery>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let mut form = PortfolioForm::of(&store::require(&mut tx, id).await?);
    if let Some(proposed) = query.cost_basis {
        proposed.as_str().clone_into(&mut form.cost_basis);
    }
    let action = format!("/portfolio/portfolios/{}/edit", id.0);
    Ok(editor(
        &viewer.chrome,
        "Edit portfolio",
        &action,
        &form,
        &[],
    ))
}

async fn update(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<PortfolioId>,
    Form(form): Form<PortfolioForm>,
) -> Result<Response, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    store::require(&mut tx, id).await?;
    drop(tx);
    let outcome = async {
        let new = form.read()?;
        let mut tx = app.db.write(viewer.user_id).await?;
        store::update(&mut tx, id, &new).await?;
        Ok::<_, Error>(tx.commit().await?)
    };
    match outcome.await {
        Ok(()) => Ok(Redirect::to("/portfolio/portfolios").into_response()),
        Err(error) => {
            let action = format!("/portfolio/portfolios/{}/edit", id.0);
            again(&viewer, "Edit portfolio", &action, &form, error)
        }
    }
}

/// The form again, with what is wrong.
fn again(
    viewer: &Viewer,
    title: &str,
    action: &str,
    form: &PortfolioForm,
    error: Error,
) -> Result<Response, Problem> {
    let errors = match error {
        Error::Invalid(errors) => errors,
        Error::NameTaken { .. } => vec![FieldError {
            pointer: "name".to_owned(),
            code: "name_taken".to_owned(),
            detail: "You have a portfolio of this name already.".to_owned(),
        }],
        other => return Err(other.into()),
    };
    let page = editor(&viewer.chrome, title, action, form, &errors);
    Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn editor(
    chrome: &Chrome,
    title: &str,
    action: &str,
    form: &PortfolioForm,
    errors: &[FieldError],
) -> Markup {
    let field = |label, name, value, hint| Field {
        label,
        name,
        value,
        hint: Some(hint),
        required: true,
        error: ui::error_of(errors, name),
        ..Field::default()
    };
    web::page(
        chrome,
        title,
        html! {
            (ui::breadcrumb(&[("Portfolios", "/portfolio/portfolios")], title))
            (ui::page_head(title, html! {}))
            form.card method="post" action=(action) {
                (ui::csrf_field(chrome))
                (ui::form_errors(errors))
                div.fields {
                    (ui::text_field(&field("Name", "name", &form.name, "Such as the broker, or the purpose.")))
                    (ui::text_field(&field("Currency", "currency", &form.currency, "All its figures are stated in this currency.")))
                    (ui::select_field(
                        &field("Cost basis", "cost_basis", &form.cost_basis, "Which shares count as sold. Changing it rewrites no transaction."),
                        &CostBasis::ALL.map(|method| (method.as_str(), cost_basis_label(method))),
                    ))
                }
                (ui::checkbox("Track cash", "tracks_cash", form.tracks_cash.is_some(), Some("Every purchase takes cash and every sale gives it, so record deposits and withdrawals too. Without it every purchase counts as a contribution and every sale as a withdrawal.")))
                div.actions { (ui::submit("Save")) (ui::link_button("Cancel", "/portfolio/portfolios", false)) }
            }
        },
    )
}

async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<PortfolioId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let portfolio = store::require(&mut tx, id).await?;
    let action = format!("/portfolio/portfolios/{}/delete", id.0);
    Ok(ui::confirm_page(
        &viewer.chrome,
        &Confirm {
            title: "Delete this portfolio?",
            text: html! {
                p { strong { (portfolio.name) } " is deleted with all its transactions and imports. This cannot be undone." }
                p { "Download its transactions first: " a href=(format!("/api/v1/portfolio/transactions.csv?portfolio_id={}", id.0)) download { "CSV" } }
            },
            action: &action,
            verb: "Delete the portfolio",
            cancel_href: "/portfolio/portfolios",
        },
    ))
}

async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<PortfolioId>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    store::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/portfolio/portfolios"))
}
