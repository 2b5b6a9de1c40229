use cache::PORTFOLIO;
use identity::Viewer;
use web::{App, Problem};

use super::model::{Made, Overview};
use crate::valuation::{Request, Valuations, store};

/// All of a person's portfolios together: as they were kept by any node, or valued now.
pub(super) async fn overview(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
) -> Result<Overview, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let found = store::overview(&mut tx, None).await?;
    drop(tx);
    let base = viewer.preferences.base_currency;
    let made = Made::new(found, base, viewer.today);
    let name = viewer.user_id.to_string();
    let kept = app.cache.get(PORTFOLIO, &name).await;
    if let Some(overview) = kept.and_then(|kept| made.read(&kept)) {
        return Ok(overview);
    }
    let request = Request {
        portfolio: None,
        base: Some(base),
        cost_basis: None,
        as_of: viewer.today,
        known_on: None,
    };
    let valuation = valuations.value(app, viewer.user_id, request, base).await?;
    let overview = Overview::new(&valuation);
    if let Some(fields) = overview.fields(made.version()) {
        let values = fields.each_ref().map(String::as_str);
        app.cache.put(PORTFOLIO, &name, &values).await;
    }
    Ok(overview)
}
