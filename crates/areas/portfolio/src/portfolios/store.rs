use db::{UserId, UserTx};
use money::Currency;
use uuid::Uuid;

use super::{Error, NewPortfolio, Portfolio, PortfolioId};

pub(crate) struct Row {
    id: Uuid,
    name: String,
    currency: String,
    cost_basis: String,
    tracks_cash: bool,
    is_simulated: bool,
    revision: i64,
    created_at: jiff_sqlx::Timestamp,
}

/// A portfolio with the revision of the market beside it.
pub(crate) struct OverviewRow {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) currency: String,
    pub(crate) cost_basis: String,
    pub(crate) tracks_cash: bool,
    pub(crate) is_simulated: bool,
    pub(crate) revision: i64,
    pub(crate) created_at: jiff_sqlx::Timestamp,
    pub(crate) market_revision: i64,
}

impl OverviewRow {
    pub(crate) fn portfolio(self) -> Row {
        Row {
            id: self.id,
            name: self.name,
            currency: self.currency,
            cost_basis: self.cost_basis,
            tracks_cash: self.tracks_cash,
            is_simulated: self.is_simulated,
            revision: self.revision,
            created_at: self.created_at,
        }
    }
}

impl TryFrom<Row> for Portfolio {
    type Error = db::Error;

    fn try_from(row: Row) -> Result<Self, db::Error> {
        let inconsistent = |column| db::Error::Inconsistent {
            table: "portfolio.portfolios",
            column,
            row: row.id.to_string(),
            reason: "not a value this program writes".to_owned(),
        };
        Ok(Self {
            id: PortfolioId(row.id),
            currency: Currency::new(&row.currency).map_err(|_| inconsistent("currency"))?,
            cost_basis: row
                .cost_basis
                .parse()
                .map_err(|_| inconsistent("cost_basis"))?,
            name: row.name,
            tracks_cash: row.tracks_cash,
            is_simulated: row.is_simulated,
            revision: row.revision,
            created_at: row.created_at.to_jiff(),
        })
    }
}

/// All portfolios of the person, by name.
pub(crate) async fn list(tx: &mut UserTx) -> Result<Vec<Portfolio>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select id, name, currency, cost_basis, tracks_cash, is_simulated, revision, created_at
         from portfolio.portfolios
         order by lower(name)"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(Portfolio::try_from)
        .collect::<Result<_, _>>()?)
}

pub(crate) async fn require(tx: &mut UserTx, id: PortfolioId) -> Result<Portfolio, Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, name, currency, cost_basis, tracks_cash, is_simulated, revision, created_at
         from portfolio.portfolios
         where id = $1",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    Ok(row.try_into()?)
}

/// The same, locked until the unit of work ends: of two edits of one version one comes first. Rows that
/// merely refer to it do not wait.
pub(crate) async fn lock(tx: &mut UserTx, id: PortfolioId) -> Result<Portfolio, Error> {
    sqlx::query!(
        "select id from portfolio.portfolios where id = $1 for no key update",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    require(tx, id).await
}

/// Locks both sides of a transfer, always in one order: two people of one mind do not wait for each other.
pub(crate) async fn lock_all(
    tx: &mut UserTx,
    ids: [Option<PortfolioId>; 2],
) -> Result<(), db::Error> {
    let ids: Vec<Uuid> = ids.into_iter().flatten().map(|id| id.0).collect();
    sqlx::query!(
        "select id from portfolio.portfolios where id = any($1) order by id for no key update",
        &ids,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn require_by_name(tx: &mut UserTx, name: &str) -> Result<Portfolio, Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, name, currency, cost_basis, tracks_cash, is_simulated, revision, created_at
         from portfolio.portfolios
         where lower(name) = lower($1)",
        name,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::UnknownName {
        name: name.to_owned(),
    })?;
    Ok(row.try_into()?)
}

pub(crate) async fn insert(
    tx: &mut UserTx,
    user: UserId,
    new: &NewPortfolio,
) -> Result<Portfolio, Error> {
    let row = sqlx::query_as!(
        Row,
        "insert into portfolio.portfolios
             (user_id, id, name, currency, cost_basis, tracks_cash, is_simulated)
         values ($1, $2, $3, $4, $5, $6, $7)
         returning id, name, currency, cost_basis, tracks_cash, is_simulated, revision, created_at",
        user.0,
        Uuid::now_v7(),
        new.name,
        new.currency.as_str(),
        new.cost_basis.as_str(),
        new.tracks_cash,
        new.is_simulated,
    )
    .fetch_one(tx.conn())
    .await
    .map_err(|error| name_taken(error, &new.name))?;
    Ok(row.try_into()?)
}

pub(crate) async fn update(
    tx: &mut UserTx,
    id: PortfolioId,
    new: &NewPortfolio,
) -> Result<Portfolio, Error> {
    let row = sqlx::query_as!(
        Row,
        "update portfolio.portfolios
         set name = $2, currency = $3, cost_basis = $4, tracks_cash = $5, revision = revision + 1
         where id = $1
         returning id, name, currency, cost_basis, tracks_cash, is_simulated, revision, created_at",
        id.0,
        new.name,
        new.currency.as_str(),
        new.cost_basis.as_str(),
        new.tracks_cash,
    )
    .fetch_optional(tx.conn())
    .await
    .map_err(|error| name_taken(error, &new.name))?
    .ok_or(Error::NotFound)?;
    Ok(row.try_into()?)
}

pub(crate) async fn delete(tx: &mut UserTx, id: PortfolioId) -> Result<(), Error> {
    // Transactions refer to imports without cascade, so they go first.
    sqlx::query!(
        "delete from portfolio.transactions where portfolio_id = $1",
        id.0
    )
    .execute(tx.conn())
    .await?;
    let gone = sqlx::query!("delete from portfolio.portfolios where id = $1", id.0)
        .execute(tx.conn())
        .await?;
    if gone.rows_affected() == 0 {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}

/// The portfolios of the removable sample.
pub(crate) async fn list_simulated(tx: &mut UserTx) -> Result<Vec<PortfolioId>, Error> {
    let ids = sqlx::query_scalar!("select id from portfolio.portfolios where is_simulated")
        .fetch_all(tx.conn())
        .await?;
    Ok(ids.into_iter().map(PortfolioId).collect())
}

fn name_taken(error: sqlx::Error, name: &str) -> Error {
    let error = db::Error::from(error);
    if error.constraint() == Some("portfolios_name_key") {
        return Error::NameTaken {
            name: name.to_owned(),
        };
    }
    error.into()
}
