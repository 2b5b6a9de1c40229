use db::UserId;
use web::App;

use super::{Error, NewPortfolio, PortfolioBody, PortfolioView, store};

/// Opens a portfolio.
pub async fn open(app: &App, user: UserId, new: &NewPortfolio) -> Result<PortfolioView, Error> {
    // The name is checked as if it had come through the API.
    let checked = NewPortfolio::try_from(PortfolioBody {
        name: new.name.clone(),
        currency: new.currency.to_string(),
        cost_basis: new.cost_basis,
        tracks_cash: new.tracks_cash,
    })
    .map_err(Error::Invalid)?;
    let mut tx = app.db.write(user).await?;
    let portfolio = store::insert(&mut tx, user, &checked).await?;
    tx.commit().await?;
    Ok(portfolio.into())
}

/// All portfolios of a person, by name.
pub async fn list(app: &App, user: UserId) -> Result<Vec<PortfolioView>, Error> {
    let mut tx = app.db.read(user).await?;
    Ok(store::list(&mut tx)
        .await?
        .into_iter()
        .map(PortfolioView::from)
        .collect())
}
