use axum::{Extension, Json, extract::State};
use identity::Viewer;
use jiff::civil::Date;
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use web::{ApiResult, App, Path, Problem, ProblemBody, Query};

use crate::{
    portfolios::PortfolioId,
    report::{HoldingReport, stored},
    scope::Scope,
    valuation::{Holding, Valuation, Valuations},
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// Whose holdings are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HoldingsQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// A holding on the wire.
#[derive(Debug, Serialize, ToSchema)]
struct HoldingView {
    /// The instrument.
    #[schema(value_type = Uuid)]
    instrument_id: InstrumentId,
    /// The currency of all amounts that do not say otherwise.
    #[schema(value_type = String)]
    base_currency: Currency,
    /// The figures.
    #[serde(flatten)]
    figures: HoldingReport,
    /// Open lots, oldest first; only when one holding is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lots: Vec<LotView>,
}

/// An open lot on the wire.
#[derive(Debug, Serialize, ToSchema)]
struct LotView {
    /// The portfolio that holds it.
    #[schema(value_type = Uuid)]
    portfolio_id: PortfolioId,
    /// The purchase.
    transaction_id: Uuid,
    /// Date of the purchase.
    #[schema(value_type = String, format = Date)]
    acquired_on: Date,
    /// Shares left, after splits.
    #[schema(value_type = String)]
    quantity: Decimal,
    /// Their cost in the instrument's currency, with fees.
    #[schema(value_type = String)]
    local_cost: Decimal,
    /// Their cost in the base currency.
    #[schema(value_type = String)]
    cost: Decimal,
}

fn view(valuation: &Valuation, holding: &Holding, with_lots: bool) -> HoldingView {
    let lots = holding.lots.iter().filter(|_| with_lots);
    HoldingView {
        instrument_id: valuation.instrument(holding.asset).id,
        base_currency: valuation.base,
        figures: HoldingReport::new(valuation, holding),
        lots: lots
            .map(|open| LotView {
                portfolio_id: valuation.portfolios[open.portfolio].id,
                transaction_id: open.lot.entry,
                acquired_on: open.lot.acquired_on,
                quantity: open.lot.quantity.normalize(),
                local_cost: stored(open.lot.cost),
                cost: stored(open.lot.cost_base),
            })
            .collect(),
    }
}

/// All holdings, largest value first; closed ones have quantity 0.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/holdings",
    operation_id = "portfolio_list_holdings",
    tag = "portfolio",
    params(HoldingsQuery),
    responses(
        (status = 200, body = Vec<HoldingView>),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn list(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<HoldingsQuery>,
) -> ApiResult<Json<Vec<HoldingView>>> {
    let scope = Scope {
        portfolio: query.portfolio_id,
        period: None,
        known_on: query.known_on,
    };
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let holdings = valuation.holdings.iter().filter(|h| h.matters());
    Ok(Json(holdings.map(|h| view(&valuation, h, false)).collect()))
}

/// One holding with its lots.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/holdings/{instrument_id}",
    operation_id = "portfolio_show_holding",
    tag = "portfolio",
    params(("instrument_id" = Uuid, Path), HoldingsQuery),
    responses(
        (status = 200, body = HoldingView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Path(instrument): Path<InstrumentId>,
    Query(query): Query<HoldingsQuery>,
) -> ApiResult<Json<HoldingView>> {
    let scope = Scope {
        portfolio: query.portfolio_id,
        period: None,
        known_on: query.known_on,
    };
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let holding = valuation
        .holdings
        .iter()
        .find(|holding| valuation.instrument(holding.asset).id == instrument)
        .ok_or_else(|| Problem::not_found("holding"))?;
    Ok(Json(view(&valuation, holding, true)))
}
