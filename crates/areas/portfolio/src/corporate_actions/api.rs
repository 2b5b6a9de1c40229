use axum::{Json, extract::State, http::StatusCode};
use identity::{SignedIn, Viewer};
use market::{CorporateActionId, corporate_actions::CorporateActionView};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use web::{ApiResult, App, Path, ProblemBody, Query};

use super::{Proposal, Status, preview::Preview, service};
use crate::portfolios::PortfolioId;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(apply_all))
        .routes(routes!(show))
        .routes(routes!(apply))
        .routes(routes!(decline))
        .routes(routes!(reopen))
        .routes(routes!(reverse))
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only of this portfolio.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Only where they stand so.
    status: Option<Status>,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only in this portfolio.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
}

/// A corporate action in a portfolio.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProposalView {
    /// The portfolio.
    portfolio_id: PortfolioId,
    /// Its name.
    portfolio: String,
    /// Where the action stands there.
    status: Status,
    /// Shares held on the eve of the ex-date.
    #[schema(value_type = String)]
    quantity: Decimal,
    /// The transaction that applies it.
    transaction_id: Option<Uuid>,
    /// Why it cannot be applied, and what to do.
    obstacle: Option<String>,
    /// The action.
    action: CorporateActionView,
}

impl From<Proposal> for ProposalView {
    fn from(proposal: Proposal) -> Self {
        Self {
            portfolio_id: proposal.portfolio_id,
            portfolio: proposal.portfolio,
            status: proposal.status,
            quantity: proposal.quantity.normalize(),
            transaction_id: proposal.transaction_id,
            obstacle: proposal.obstacle,
            action: proposal.action.into(),
        }
    }
}

/// A corporate action in a portfolio, with what it changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProposalPreview {
    /// Where it stands.
    proposal: ProposalView,
    /// The figures before and after: of an open action what applying would do, of an applied one what
    /// it did, of a corrected or deleted one what following the change would do. `null` when it was
    /// recorded by hand.
    preview: Option<Preview>,
}

/// What applying everything led to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AppliedView {
    /// What was applied, in this order.
    applied: Vec<ProposalView>,
    /// Open actions that are to be recorded by hand.
    left: usize,
}

/// Corporate actions of the instruments that the portfolios hold, by ex-date
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/corporate-actions",
    operation_id = "portfolio_list_corporate_actions",
    tag = "portfolio",
    params(Filter),
    responses(
        (status = 200, body = Vec<ProposalView>),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
) -> ApiResult<Json<Vec<ProposalView>>> {
    let wanted = filter.portfolio_id;
    let found = service::list(&app, viewer.user_id, viewer.today, wanted).await?;
    let status = filter.status;
    let found = found
        .into_iter()
        .filter(|proposal| status.is_none_or(|status| proposal.status == status));
    Ok(Json(found.map(ProposalView::from).collect()))
}

/// Applies every open corporate action, the oldest first
///
/// What is applied already stays as it is, so a repetition does nothing.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/corporate-actions/apply-all",
    operation_id = "portfolio_apply_corporate_actions",
    tag = "portfolio",
    params(Wanted),
    responses(
        (status = 200, body = AppliedView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)
    )
)]
async fn apply_all(
    State(app): State<App>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<AppliedView>> {
    let wanted = wanted.portfolio_id;
    let outcome = service::apply_all(&app, viewer.user_id, viewer.today, wanted).await?;
    Ok(Json(AppliedView {
        applied: outcome
            .applied
            .into_iter()
            .map(ProposalView::from)
            .collect(),
        left: outcome.left,
    }))
}

/// A corporate action in a portfolio, with the figures before and after
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/corporate-actions/{portfolio_id}/{id}",
    operation_id = "portfolio_show_corporate_action",
    tag = "portfolio",
    params(("portfolio_id" = PortfolioId, Path), ("id" = CorporateActionId, Path)),
    responses(
        (status = 200, body = ProposalPreview),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> ApiResult<Json<ProposalPreview>> {
    let judged = service::show(&app, viewer.user_id, viewer.today, portfolio, id).await?;
    Ok(Json(ProposalPreview {
        proposal: judged.proposal.into(),
        preview: judged.preview,
    }))
}

/// Applies a corporate action
///
/// Creates its transaction, or corrects it where the action was corrected after it was applied. A
/// repetition does nothing and gets the same answer.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/corporate-actions/{portfolio_id}/{id}/apply",
    operation_id = "portfolio_apply_corporate_action",
    tag = "portfolio",
    params(("portfolio_id" = PortfolioId, Path), ("id" = CorporateActionId, Path)),
    responses(
        (status = 200, body = ProposalView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)
    )
)]
async fn apply(
    State(app): State<App>,
    viewer: Viewer,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> ApiResult<Json<ProposalView>> {
    let applied = service::apply(&app, viewer.user_id, viewer.today, portfolio, id).await?;
    Ok(Json(applied.into()))
}

/// Declines a corporate action; the decision is remembered
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/corporate-actions/{portfolio_id}/{id}/decline",
    operation_id = "portfolio_decline_corporate_action",
    tag = "portfolio",
    params(("portfolio_id" = PortfolioId, Path), ("id" = CorporateActionId, Path)),
    responses(
        (status = 204, description = "Declined"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)
    )
)]
async fn decline(
    State(app): State<App>,
    caller: SignedIn,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> ApiResult<StatusCode> {
    service::decline(&app, caller.user_id, portfolio, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Proposes a declined corporate action again
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/corporate-actions/{portfolio_id}/{id}/reopen",
    operation_id = "portfolio_reopen_corporate_action",
    tag = "portfolio",
    params(("portfolio_id" = PortfolioId, Path), ("id" = CorporateActionId, Path)),
    responses(
        (status = 204, description = "Open again"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn reopen(
    State(app): State<App>,
    caller: SignedIn,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> ApiResult<StatusCode> {
    service::reopen(&app, caller.user_id, portfolio, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reverses an applied corporate action: deletes its transaction
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/corporate-actions/{portfolio_id}/{id}/reverse",
    operation_id = "portfolio_reverse_corporate_action",
    tag = "portfolio",
    params(("portfolio_id" = PortfolioId, Path), ("id" = CorporateActionId, Path)),
    responses(
        (status = 204, description = "Reversed, or not applied"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn reverse(
    State(app): State<App>,
    caller: SignedIn,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> ApiResult<StatusCode> {
    service::reverse(&app, caller.user_id, portfolio, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
