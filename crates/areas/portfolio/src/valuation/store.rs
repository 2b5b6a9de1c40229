use db::UserTx;

use crate::portfolios::{Error, Portfolio, PortfolioId, store as portfolios};

/// What a valuation is made of, by revision.
pub(crate) struct Overview {
    /// The portfolios wanted: all of one's own when none is named.
    pub(crate) portfolios: Vec<Portfolio>,
    /// Every portfolio of the person: shares may have moved between them.
    pub(crate) revisions: Vec<(PortfolioId, i64)>,
    pub(crate) market_revision: i64,
}

/// The portfolios wanted and the revisions that name a valuation of them.
pub(crate) async fn overview(
    tx: &mut UserTx,
    wanted: Option<PortfolioId>,
) -> Result<Overview, Error> {
    let rows = sqlx::query_as!(
        portfolios::OverviewRow,
        "select p.id, p.name, p.currency, p.cost_basis, p.tracks_cash, p.is_simulated, p.revision,
                p.created_at, r.revision as market_revision
         from portfolio.portfolios p
         cross join market.revision r
         order by lower(p.name)",
    )
    .fetch_all(tx.conn())
    .await?;
    let market_revision = rows.first().map_or(0, |row| row.market_revision);
    let mut portfolios = rows
        .into_iter()
        .map(|row| Portfolio::try_from(row.portfolio()))
        .collect::<Result<Vec<_>, _>>()?;
    let revisions = portfolios.iter().map(|p| (p.id, p.revision)).collect();
    if let Some(id) = wanted {
        portfolios.retain(|portfolio| portfolio.id == id);
    } else {
        // Together are valued one's own portfolios; the sample stands in while there is none.
        let has_own = portfolios.iter().any(|portfolio| !portfolio.is_simulated);
        portfolios.retain(|portfolio| !(has_own && portfolio.is_simulated));
    }
    if portfolios.is_empty() && wanted.is_some() {
        return Err(Error::NotFound);
    }
    Ok(Overview {
        portfolios,
        revisions,
        market_revision,
    })
}
