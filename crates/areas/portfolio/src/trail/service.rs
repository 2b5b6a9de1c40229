use std::sync::Arc;

use db::UserId;
use identity::Viewer;
use web::{App, Problem};

use super::{
    Comparison, Figure, Origins, Place, Trail, TrailQuery, holding, origins, total, whole,
};
use crate::{
    allocation, cash, categories, contribution, gains, income, performance,
    valuation::{Valuation, Valuations},
};

/// Who asks, and for what.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) app: &'a App,
    pub(crate) user: UserId,
    pub(crate) query: &'a TrailQuery,
    /// What the query names, valued as it says.
    pub(crate) valuation: &'a Arc<Valuation>,
    origins: &'a Origins,
}

impl<'a> Asked<'a> {
    pub(crate) fn place(self) -> Place<'a> {
        Place::new(self.valuation, Some(self.origins))
    }
}

/// How a figure came about, with the valuation that it belongs to. What it is about may not be there: a
/// holding that never was, a group without a member.
pub(crate) async fn trace(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    query: &TrailQuery,
) -> Result<(Arc<Valuation>, Trail), Problem> {
    let valuation = query.value(app, valuations, viewer).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let origins = origins(&mut tx, &valuation).await?;
    drop(tx);
    let asked = Asked {
        app,
        user: viewer.user_id,
        query,
        valuation: &valuation,
        origins: &origins,
    };
    let place = asked.place();
    let found = match query.figure {
        Figure::Whole(figure) => Some(whole::trail(place, figure)),
        Figure::Holding(figure) => holding::trail(place, figure, query.instrument_id),
        Figure::Total(figure) => Some(total::trail(place, figure)),
        Figure::Comparison(figure) => {
            compare(app, valuations, viewer, (query, &valuation), figure).await?
        }
        Figure::Performance(figure) => performance::trail::trail(asked, figure).await?,
        Figure::Contribution(figure) => contribution::trail::trail(asked, figure)?,
        Figure::Gains(figure) => gains::trail::trail(asked, figure),
        Figure::Income(figure) => income::trail::trail(asked, figure),
        Figure::Allocation(figure) => allocation::trail::trail(asked, figure).await?,
        Figure::Category(figure) => categories::trail::trail(asked, figure).await?,
        Figure::Cash(figure) => cash::trail::trail(asked, figure).await?,
    };
    let trail = found.ok_or_else(|| Problem::not_found("figure"))?;
    Ok((valuation, trail))
}

/// Another cost basis beside the one in use.
async fn compare(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    (query, other): (&TrailQuery, &Valuation),
    figure: Comparison,
) -> Result<Option<Trail>, Problem> {
    let own = TrailQuery {
        cost_basis: None,
        ..query.clone()
    };
    let own = own.value(app, valuations, viewer).await?;
    Ok(total::compare(&own, other, query, figure))
}
