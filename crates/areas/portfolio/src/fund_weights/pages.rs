use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use identity::Viewer;
use market::{Instrument, InstrumentId};
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;
use web::{
    App, FieldError, Form, Path, Problem,
    components::{self as ui, Field},
};

use super::{
    Dimension, Error,
    model::{Composition, Weight},
    store,
};

pub(crate) fn router() -> Router<App> {
    Router::new().route(
        "/portfolio/fund-weights/{instrument_id}",
        get(show).post(replace),
    )
}

/// The composition as lines of CSV.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct WeightsForm {
    weights: String,
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let fund = store::require_instrument(&mut tx, id).await?;
    let stated = store::get(&mut tx, id).await?;
    Ok(page(&viewer, &fund, &stated, &stated.to_csv(), &[]))
}

async fn replace(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Form(form): Form<WeightsForm>,
) -> Result<Response, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    let fund = store::require_instrument(&mut tx, id).await?;
    let outcome = async {
        let stated = Composition::from_csv(&form.weights).map_err(Error::Invalid)?;
        let weights = stated.checked().map_err(Error::Invalid)?;
        store::replace(&mut tx, viewer.user_id, id, &weights).await
    }
    .await;
    match outcome {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/portfolio/fund-weights/{id}")).into_response())
        }
        Err(Error::Invalid(errors)) => {
            let stated = store::get(&mut tx, id).await?;
            let page = page(&viewer, &fund, &stated, &form.weights, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

fn page(
    viewer: &Viewer,
    fund: &Instrument,
    stated: &Composition,
    text: &str,
    errors: &[FieldError],
) -> Markup {
    let chrome = &viewer.chrome;
    let title = format!("Composition of {}", fund.symbol);
    let about = if fund.is_private {
        format!("/portfolio/private-assets/{}", fund.id)
    } else {
        format!("/market/instruments/{}", fund.id)
    };
    let field = Field {
        label: "Parts",
        name: "weights",
        value: text,
        hint: Some(
            "One part a line: asset_class, sector or country, then which, then the percent. Paste a list of the fund's provider. What is missing to 100 percent counts as unknown; nothing at all takes the fund as one thing.",
        ),
        error: ui::error_of(errors, "weights"),
        placeholder: Some("sector,Technology,24.5\ncountry,US,61.2"),
        ..Field::default()
    };
    let main = html! {
        (ui::breadcrumb(&[("Allocation", "/portfolio/allocation")], &title))
        (ui::page_head(&title, html! { (ui::link_button("Instrument", &about, false)) }))
        p.lead { (fund.name) ". The allocation by asset class, sector, country and region looks through to these parts. Only you see them." }
        @for dimension in Dimension::ALL {
            @let parts: Vec<&Weight> = stated.weights.iter().filter(|w| w.dimension == dimension).collect();
            @if !parts.is_empty() { (ui::card(heading(dimension), table(viewer, heading(dimension), &parts))) }
        }
        (ui::card("State the parts", html! {
            form method="post" action=(format!("/portfolio/fund-weights/{}", fund.id)) {
                (ui::csrf_field(chrome))
                (ui::form_errors(errors))
                (ui::text_area(&field, 14))
                div.actions { (ui::submit("Save")) }
            }
        }))
    };
    web::page(chrome, &title, main)
}

fn heading(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::AssetClass => "By asset class",
        Dimension::Sector => "By sector",
        Dimension::Country => "By country",
    }
}

fn table(viewer: &Viewer, heading: &str, parts: &[&Weight]) -> Markup {
    let chrome = &viewer.chrome;
    let sum: Decimal = parts.iter().map(|weight| weight.percent).sum();
    let percent = |percent: Decimal| {
        ui::percent(
            chrome,
            money::f64_from_decimal(percent / Decimal::ONE_HUNDRED),
        )
    };
    html! {
        table.data {
            caption.visually-hidden { (heading) }
            thead { tr { (ui::th("Part")) (ui::th_num("Percent")) } }
            tbody {
                @for weight in parts {
                    tr { td { (weight.key) } (ui::td_num("Percent", percent(weight.percent))) }
                }
                @if sum < Decimal::ONE_HUNDRED {
                    tr { td { "Unknown" } (ui::td_num("Percent", percent(Decimal::ONE_HUNDRED - sum))) }
                }
            }
        }
    }
}
