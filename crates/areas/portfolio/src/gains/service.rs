use std::sync::Arc;

use identity::Viewer;
use ledger::CostBasis;
use web::{App, Problem};

use super::methods::MethodsReport;
use crate::{
    scope::Scope,
    valuation::{Request, Valuation, Valuations},
};

/// Values what a scope names, today, by a cost basis or each by its own.
pub(super) async fn value(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    scope: &Scope,
    cost_basis: Option<CostBasis>,
) -> Result<Arc<Valuation>, Problem> {
    let request = Request {
        portfolio: scope.portfolio,
        base: None,
        cost_basis,
        as_of: viewer.today,
        known_on: scope.known_on,
    };
    let base = viewer.preferences.base_currency;
    Ok(valuations.value(app, viewer.user_id, request, base).await?)
}

/// The valuation as the portfolios are set, and every method beside it.
pub(super) async fn compare_methods(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    scope: &Scope,
) -> Result<(Arc<Valuation>, MethodsReport), Problem> {
    let own = value(app, valuations, viewer, scope, None).await?;
    let mut all = Vec::with_capacity(CostBasis::ALL.len());
    for cost_basis in CostBasis::ALL {
        // A linked portfolio that is not asked for may use another method, and sends its lots here.
        let is_own =
            own.has_no_transfers() && own.portfolios.iter().all(|p| p.cost_basis == cost_basis);
        let valuation = if is_own {
            own.clone()
        } else {
            value(app, valuations, viewer, scope, Some(cost_basis)).await?
        };
        all.push((cost_basis, valuation));
    }
    let report = MethodsReport::new(&own, &all);
    Ok((own, report))
}
