use std::collections::HashMap;

use db::UserId;
use jiff::{civil::Date, tz::TimeZone};
use ledger::{CostBasis, Ratio, TransactionKind};
use market::{
    AssetClass, InstrumentId, SecurityKey,
    bars::DailyBar,
    corporate_actions::{NewCorporateAction, Terms},
    fx::Rate,
    instruments::{self, Facts, NewInstrument},
};
use money::QuoteUnit;
use rust_decimal::Decimal;
use uuid::Uuid;
use web::{App, Problem};

use super::{
    SIMULATED, SimBar, SimInstrument, SimPortfolio, Universe, account::EXTERNAL_ID_PREFIX,
    prices::SPLIT_RATIO, tour, universe,
};
use crate::{
    categories, corporate_actions, fund_weights,
    history::Cause,
    imports,
    portfolios::{self, NewPortfolio, PortfolioId},
    private_assets,
    transactions::{self, TransactionId},
};

/// What can go wrong with the sample.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Import(#[from] imports::Error),
    #[error(transparent)]
    Portfolio(#[from] portfolios::Error),
    #[error(transparent)]
    Transaction(#[from] transactions::Error),
    #[error(transparent)]
    Instrument(#[from] instruments::Error),
    #[error(transparent)]
    PrivateAsset(#[from] private_assets::Error),
    #[error(transparent)]
    Category(#[from] categories::Error),
    #[error(transparent)]
    FundWeights(#[from] fund_weights::Error),
    #[error(transparent)]
    CorporateAction(#[from] corporate_actions::Error),
    #[error(transparent)]
    Stated(#[from] market::corporate_actions::Error),
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Import(error) => error.into(),
            Error::Portfolio(error) => error.into(),
            Error::Transaction(error) => error.into(),
            Error::Instrument(error) => error.into(),
            Error::PrivateAsset(error) => error.into(),
            Error::Category(error) => error.into(),
            Error::FundWeights(error) => error.into(),
            Error::CorporateAction(error) => error.into(),
            Error::Stated(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}

/// Gives a person the sample: three portfolios of simulated instruments, up to today. What is there
/// already stays; a sample of yesterday gains the day that is missing.
pub async fn load(app: &App, user: UserId) -> Result<(), Error> {
    load_sample(app, user).await?;
    Ok(())
}

/// The same, with what was loaded: instruments by symbol.
pub(super) async fn load_sample(
    app: &App,
    user: UserId,
) -> Result<(Universe, HashMap<String, InstrumentId>), Error> {
    let today = app.clock.today(&TimeZone::UTC);
    // Six years of thirty instruments take a moment to compute.
    let universe = tokio::task::spawn_blocking(move || universe(today))
        .await
        .map_err(|error| db::Error::Internal(sqlx::Error::Protocol(error.to_string())))?;
    let rates: Vec<Rate> = universe
        .fx
        .iter()
        .map(|(date, base, quote, rate)| Rate {
            date: *date,
            base: *base,
            quote: *quote,
            rate: *rate,
        })
        .collect();
    let ids = load_market(app, &universe.instruments, &rates).await?;
    for portfolio in &universe.portfolios {
        load_portfolio(app, user, portfolio, &ids).await?;
    }
    Ok((universe, ids))
}

async fn load_market(
    app: &App,
    sample: &[SimInstrument],
    fx: &[Rate],
) -> Result<HashMap<String, InstrumentId>, Error> {
    let mut tx = app.db.system("load the simulated sample").await?;
    let mut ids = HashMap::new();
    for instrument in sample {
        let key = SecurityKey {
            symbol: instrument.symbol.clone(),
            exchange: Some(SIMULATED.to_owned()),
            ..SecurityKey::default()
        };
        let id = match instruments::resolve(tx.conn(), &key).await? {
            Some(known) => known.id,
            None => {
                instruments::create(&mut tx, &new_instrument(instrument))
                    .await?
                    .id
            }
        };
        ids.insert(instrument.symbol.clone(), id);
    }
    let all: Vec<InstrumentId> = ids.values().copied().collect();
    let latest = market::bars::latest_closes(tx.conn(), &all, 1).await?;
    let last = |id: InstrumentId| -> Option<Date> {
        latest
            .get(&id)
            .and_then(|closes| closes.last())
            .map(|(day, _)| *day)
    };
    let missing = sample.iter().flat_map(|instrument| {
        let id = ids[&instrument.symbol];
        let known = last(id);
        instrument
            .bars
            .iter()
            .filter(move |bar| known.is_none_or(|day| bar.date > day))
            .map(move |bar| (id, daily_bar(bar)))
    });
    let missing: Vec<(InstrumentId, DailyBar)> = missing.collect();
    if !missing.is_empty() {
        market::bars::insert_daily(&mut tx, SIMULATED, missing).await?;
    }
    state_splits(&mut tx, sample, &ids).await?;
    market::fx::insert_simulated(&mut tx, fx).await?;
    tx.commit().await?;
    Ok(ids)
}

/// The splits that are not stated yet, so that charts and ranges know of them.
async fn state_splits(
    tx: &mut db::SystemTx,
    sample: &[SimInstrument],
    ids: &HashMap<String, InstrumentId>,
) -> Result<(), Error> {
    for instrument in sample
        .iter()
        .filter(|instrument| !instrument.splits.is_empty())
    {
        let instrument_id = ids[&instrument.symbol];
        let stated = market::corporate_actions::of_instruments(tx.conn(), &[instrument_id]).await?;
        for &ex_date in &instrument.splits {
            if stated.iter().any(|action| action.terms.ex_date == ex_date) {
                continue;
            }
            let split = NewCorporateAction {
                instrument_id,
                terms: Terms {
                    kind: TransactionKind::Split,
                    ex_date,
                    pay_date: None,
                    ratio: Some(Ratio {
                        to: Decimal::from(SPLIT_RATIO),
                        from: Decimal::ONE,
                    }),
                    target_id: None,
                    cost_share: None,
                    cash: None,
                },
                source: SIMULATED.to_owned(),
                note: String::new(),
            };
            market::corporate_actions::create(tx, &split).await?;
        }
    }
    Ok(())
}

pub(super) fn daily_bar(bar: &SimBar) -> DailyBar {
    DailyBar {
        date: bar.date,
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        adjusted_close: None,
        volume: Some(bar.volume),
    }
}

fn new_instrument(sample: &SimInstrument) -> NewInstrument {
    NewInstrument {
        symbol: sample.symbol.clone(),
        exchange: SIMULATED.to_owned(),
        name: sample.name.to_owned(),
        asset_class: AssetClass::parse(sample.asset_class).unwrap_or_default(),
        currency: Some(sample.currency),
        quote_unit: QuoteUnit::Major,
        sector: sample.sector.map(str::to_owned),
        country: sample.country.map(str::to_owned),
        isin: None,
        is_simulated: true,
        facts: Facts::default(),
    }
}

async fn load_portfolio(
    app: &App,
    user: UserId,
    sample: &SimPortfolio,
    ids: &HashMap<String, InstrumentId>,
) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    let id = find_or_insert(&mut tx, user, sample).await?;
    let bookings = imports::sample_bookings(&sample.rows, ids);
    // At New Year the household has another history, which replaces the one of before.
    let current: Vec<&str> = bookings
        .iter()
        .filter_map(|(draft, _)| draft.external_id.as_deref())
        .collect();
    transactions::store::versions::because(&mut tx, Cause::Sample).await?;
    transactions::store::delete_other_external(&mut tx, id, EXTERNAL_ID_PREFIX, &current).await?;
    let rows: Vec<transactions::store::NewRow<'_>> = bookings
        .iter()
        .map(|(draft, fingerprint)| transactions::store::NewRow {
            id: TransactionId(Uuid::now_v7()),
            draft,
            fingerprint: *fingerprint,
        })
        .collect();
    transactions::store::insert_many(&mut tx, user, id, None, &rows).await?;
    tx.commit().await?;
    Ok(())
}

/// The sample's portfolio. Where one of the person's own bears the name, the sample steps aside.
async fn find_or_insert(
    tx: &mut db::UserTx,
    user: UserId,
    sample: &SimPortfolio,
) -> Result<PortfolioId, Error> {
    let names = [sample.name.to_owned(), format!("{} (sample)", sample.name)];
    let mut last = portfolios::Error::NotFound;
    for name in &names {
        match portfolios::store::require_by_name(tx, name).await {
            Ok(known) if known.is_simulated => return Ok(known.id),
            Ok(_) => last = portfolios::Error::NameTaken { name: name.clone() },
            Err(portfolios::Error::UnknownName { .. }) => {
                return insert(tx, user, sample, name).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(last.into())
}

async fn insert(
    tx: &mut db::UserTx,
    user: UserId,
    sample: &SimPortfolio,
    name: &str,
) -> Result<PortfolioId, Error> {
    let new = NewPortfolio {
        name: name.to_owned(),
        currency: sample.currency,
        cost_basis: CostBasis::Fifo,
        tracks_cash: true,
        is_simulated: true,
    };
    Ok(portfolios::store::insert(tx, user, &new).await?.id)
}

/// Removes a person's sample portfolios with what only they hold, and the simulated market once nobody uses it.
pub async fn remove(app: &App, user: UserId) -> Result<(), Error> {
    let mut tx = app.db.read(user).await?;
    let private = private_assets::store::list_simulated(&mut tx).await?;
    drop(tx);
    for id in private {
        private_assets::service::forget(app, user, id).await?;
    }
    let mut tx = app.db.write(user).await?;
    for id in portfolios::store::list_simulated(&mut tx).await? {
        portfolios::store::delete(&mut tx, id).await?;
    }
    tour::plans::clear(&mut tx).await?;
    tx.commit().await?;
    let mut tx = app.db.system("remove the simulated sample").await?;
    instruments::delete_unused_simulated(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}
