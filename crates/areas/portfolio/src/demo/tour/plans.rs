//! Home and mortgage, what funds are made of, and how the household wants its money divided.

use db::{UserId, UserTx};
use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;
use web::App;

use super::{HOME, Stage, body, open};
use crate::{
    categories::{self, Category, CategoryId, Condition, Details, Field},
    demo::service::Error,
    fund_weights::{self, Dimension, Weight},
    portfolios::PortfolioId,
    private_assets::{self, Appraisal, Kind, PrivateAssetBody},
    transactions::{self, TransactionBody, service::Instruments},
};

const BOUGHT_DAYS_AGO: i64 = 1_500;
const BORROWED: i64 = 240_000;
/// Paid back of the mortgage once a year, in euros.
const PAID_BACK: [i64; 4] = [9_800, 10_200, 10_600, 10_900];

/// Opens the portfolio of the home, and makes the plans.
pub(super) async fn furnish(stage: &Stage<'_>, tx: &mut UserTx) -> Result<(), Error> {
    let home = open(tx, stage.user, HOME, Currency::EUR, false).await?;
    own_home(stage, tx, home).await?;
    sort_out(stage, tx).await
}

/// A house that grew in value, and a loan of which a part is paid back every year.
async fn own_home(stage: &Stage<'_>, tx: &mut UserTx, home: PortfolioId) -> Result<(), Error> {
    let still_owed = BORROWED - PAID_BACK.iter().sum::<i64>();
    let asset = |name: &str, kind, value: i64, cost: i64| PrivateAssetBody {
        portfolio_id: Some(home),
        name: name.to_owned(),
        kind,
        value: Some(Decimal::from(value)),
        valued_on: Some(stage.day(30)),
        since: Some(stage.day(BOUGHT_DAYS_AGO)),
        cost: Some(Decimal::from(cost)),
        note: Some("Simulated".to_owned()),
        ..PrivateAssetBody::default()
    };
    let house = asset("House by the lake", Kind::Property, 385_000, 320_000);
    private_assets::service::create(stage.app, tx, stage.user, &house, stage.today).await?;
    let mortgage = asset("Mortgage", Kind::Liability, still_owed, BORROWED);
    let id =
        private_assets::service::create(stage.app, tx, stage.user, &mortgage, stage.today).await?;
    let instruments = Instruments {
        instrument: Some(id),
        target: None,
    };
    let mut owed = BORROWED;
    for (years, paid) in (1..).zip(PAID_BACK) {
        let date = stage.day(BOUGHT_DAYS_AGO - 365 * years);
        let repayment = TransactionBody {
            instrument_id: Some(id),
            amount: Some(-Decimal::from(paid)),
            note: Some("Paid back".to_owned()),
            ..body(home, TransactionKind::ReturnOfCapital, date)
        };
        transactions::service::record(tx, stage.user, &repayment, instruments).await?;
        owed -= paid;
        let value = Appraisal {
            date,
            price: Decimal::from(owed),
        };
        private_assets::store::appraisals::upsert(tx, stage.user, id, &[value]).await?;
    }
    Ok(())
}

/// Percent of each part.
const WORLD: [(Dimension, &str, i64); 10] = [
    (Dimension::Sector, "Technology", 27),
    (Dimension::Sector, "Financials", 16),
    (Dimension::Sector, "Health care", 12),
    (Dimension::Sector, "Industrials", 11),
    (Dimension::Sector, "Consumer staples", 8),
    (Dimension::Country, "US", 62),
    (Dimension::Country, "JP", 6),
    (Dimension::Country, "GB", 4),
    (Dimension::Country, "FR", 3),
    (Dimension::Country, "CH", 3),
];
const EMERGING: [(Dimension, &str, i64); 5] = [
    (Dimension::Sector, "Technology", 24),
    (Dimension::Sector, "Financials", 22),
    (Dimension::Country, "CN", 28),
    (Dimension::Country, "IN", 18),
    (Dimension::Country, "TW", 17),
];

/// Tells a category of the tour from one of the person's own.
const DESCRIPTION: &str = "Part of the simulated sample";

/// Name, what belongs there, and the percent that is wanted.
const WANTED: [(&str, &[&str], i64); 5] = [
    ("Core", &["etf", "fund"], 30),
    ("Single stocks", &["equity"], 20),
    ("Safety", &["bond", "commodity", "cash"], 15),
    ("Real assets", &["alternative"], 30),
    ("Play money", &["crypto"], 2),
];

/// Whether somebody has the plans already, or had them and renamed the portfolios since.
pub(super) async fn are_made(app: &App, user: UserId) -> Result<bool, Error> {
    let mut tx = app.db.read(user).await?;
    Ok(!of_the_tour(&mut tx).await?.is_empty())
}

/// Deletes the categories of the tour that are as the tour made them.
pub(in crate::demo) async fn clear(tx: &mut UserTx) -> Result<(), Error> {
    for id in of_the_tour(tx).await? {
        categories::store::delete(tx, id).await?;
    }
    Ok(())
}

async fn of_the_tour(tx: &mut UserTx) -> Result<Vec<CategoryId>, Error> {
    let known = categories::store::list(tx).await?;
    let is_wanted = |category: &Category| {
        let description = category.details.category_description.as_deref();
        description == Some(DESCRIPTION)
            && WANTED
                .iter()
                .any(|(name, ..)| *name == category.details.category_name)
    };
    let found = known.into_iter().filter(is_wanted);
    Ok(found.map(|category| category.id).collect())
}

/// Own categories with targets, and the parts of two funds.
async fn sort_out(stage: &Stage<'_>, tx: &mut UserTx) -> Result<(), Error> {
    for (symbol, parts) in [("MWLD", WORLD.as_slice()), ("MEMG", EMERGING.as_slice())] {
        let Some(id) = stage.instrument(symbol) else {
            continue;
        };
        let weights: Vec<Weight> = parts
            .iter()
            .map(|(dimension, key, percent)| Weight {
                dimension: *dimension,
                key: (*key).to_owned(),
                percent: Decimal::from(*percent),
            })
            .collect();
        fund_weights::store::replace(tx, stage.user, id, &weights).await?;
    }
    let taken = categories::store::list(tx).await?;
    let is_taken = |name: &str| {
        let mut names = taken.iter().map(|known| &known.details.category_name);
        names.any(|known| known.eq_ignore_ascii_case(name))
    };
    for (name, classes, target) in WANTED.iter().filter(|(name, ..)| !is_taken(name)) {
        let details = Details {
            category_description: Some(DESCRIPTION.to_owned()),
            target_allocation_percent: Some(Decimal::from(*target)),
            ..Details::named(name)
        };
        let id = categories::store::insert(tx, stage.user, &details).await?;
        let condition = Condition {
            field: Field::AssetClass,
            operands: classes.iter().map(|class| (*class).to_owned()).collect(),
        };
        categories::store::insert_rule(tx, stage.user, id, &condition).await?;
    }
    Ok(())
}
