use db::UserTx;
use uuid::Uuid;

use crate::portfolios::{Error, Portfolio, PortfolioId, store as portfolios};

/// What a valuation is made of, by revision.
pub(crate) struct Overview {
    pub(crate) portfolios: Vec<Portfolio>,
    /// Changes with every portfolio of the person where shares have moved between them, else never.
    pub(crate) linked_revision: i64,
    pub(crate) market_revision: i64,
}

/// The portfolios wanted (all of one's own when none is named) and the revisions that name a valuation.
pub(crate) async fn overview(
    tx: &mut UserTx,
    wanted: Option<PortfolioId>,
) -> Result<Overview, Error> {
    let rows = sqlx::query_as!(
        portfolios::OverviewRow,
        r#"select p.id, p.name, p.currency, p.cost_basis, p.tracks_cash, p.is_simulated, p.revision,
                  p.created_at, r.revision as market_revision,
                  coalesce((select sum(linked.revision) from portfolio.portfolios linked
                            where linked.id in (select t.portfolio_id from portfolio.transactions t
                                                where t.transfer_id is not null)), 0)::bigint
                      as "linked_revision!"
           from portfolio.portfolios p
           cross join market.revision r
           where p.id = $1
              -- Together are valued one's own portfolios; the sample stands in while there is none.
              or ($1::uuid is null
                  and p.is_simulated = (select bool_and(is_simulated) from portfolio.portfolios))
           order by lower(p.name)"#,
        wanted.map(|id| id.0) as Option<Uuid>,
    )
    .fetch_all(tx.conn())
    .await?;
    if rows.is_empty() && wanted.is_some() {
        return Err(Error::NotFound);
    }
    let market_revision = rows.first().map_or(0, |row| row.market_revision);
    let linked_revision = rows.first().map_or(0, |row| row.linked_revision);
    let portfolios = rows
        .into_iter()
        .map(|row| Portfolio::try_from(row.portfolio()))
        .collect::<Result<_, _>>()?;
    Ok(Overview {
        portfolios,
        linked_revision,
        market_revision,
    })
}
