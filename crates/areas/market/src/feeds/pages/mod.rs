//! The operator's page of data sources, and the forms on it.

mod form;
mod view;

use axum::{
    Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use identity::{Admin, Viewer};
use maud::Markup;
use web::{App, Form, Path, Problem};

use self::{
    form::{KeyChange, KeyForm, OrderForm, SwitchForm},
    view::Overview,
};
use super::model;
use crate::{interests, quality};

const HOME: &str = "/market/sources";
/// Rows of the lists of the page.
const ROWS: i64 = 50;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(HOME, get(overview))
        .route("/market/sources/refresh", post(refresh))
        .route("/market/sources/invalidate", post(invalidate))
        .route("/market/sources/order", post(order))
        .route("/market/sources/{source}/switch", post(switch))
        .route("/market/sources/{source}/key", get(key_form).post(key))
}

async fn overview(State(app): State<App>, _: Admin, viewer: Viewer) -> Result<Markup, Problem> {
    let now = app.clock.now();
    let mut tx = app.db.read(viewer.user_id).await?;
    let followed = interests::count(tx.conn(), now).await?;
    drop(tx);
    let overview = Overview {
        now,
        states: super::list(&app.db).await?,
        orders: super::orders(&app.db).await?,
        freshness: super::freshness(&app.db, ROWS).await?,
        attempts: super::attempts(&app.db, ROWS).await?,
        cache: super::cache_statistics(&app.db, now).await?,
        doubted: quality::count_open(&app.db).await?,
        kept: super::kept(&app.db).await?,
        followed,
    };
    Ok(view::page_of(&viewer.chrome, &overview))
}

async fn refresh(State(app): State<App>, _: Admin) -> Result<Redirect, Problem> {
    super::queue(&app.db, None, None).await?;
    Ok(Redirect::to(HOME))
}

async fn invalidate(State(app): State<App>, _: Admin) -> Result<Redirect, Problem> {
    super::invalidate(&app.db).await?;
    Ok(Redirect::to(HOME))
}

async fn switch(
    State(app): State<App>,
    _: Admin,
    Path(source): Path<String>,
    Form(form): Form<SwitchForm>,
) -> Result<Redirect, Problem> {
    let id = model::named(&source)?;
    super::set_enabled(&app.db, id, form.is_on()).await?;
    Ok(Redirect::to(HOME))
}

async fn order(
    State(app): State<App>,
    _: Admin,
    Form(form): Form<OrderForm>,
) -> Result<Redirect, Problem> {
    let (class, order) = form.read()?;
    super::set_order(&app.db, class, &order).await?;
    Ok(Redirect::to(HOME))
}

async fn key_form(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(source): Path<String>,
) -> Result<Markup, Problem> {
    let id = model::named(&source)?;
    let states = super::list(&app.db).await?;
    let state = states.iter().find(|state| state.id == id);
    let state = state.ok_or_else(|| Problem::not_found("data source"))?;
    Ok(view::key_page(&viewer.chrome, state))
}

async fn key(
    State(app): State<App>,
    _: Admin,
    Path(source): Path<String>,
    Form(form): Form<KeyForm>,
) -> Result<Redirect, Problem> {
    let id = model::named(&source)?;
    let (change, limit) = (form.key()?, form.limit()?);
    let changed = match change {
        KeyChange::Keep => None,
        KeyChange::Put(key) => Some(Some(key)),
        KeyChange::Remove => Some(None),
    };
    if let Some(key) = changed {
        super::set_key(&app.db, &app.sealer, id, key, app.clock.now()).await?;
    }
    super::set_limit(&app.db, id, limit).await?;
    Ok(Redirect::to(HOME))
}
