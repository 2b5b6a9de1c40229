//! Home and mortgage, what funds are made of, and how the household wants its money divided.

use rust_decimal::Decimal;

use super::Stage;
use crate::{
    categories::{self, Condition, Details, Field},
    demo::service::Error,
    fund_weights::{self, Dimension, Weight},
    portfolios::PortfolioId,
    private_assets::{self, Kind, PrivateAssetBody},
};

/// A house that grew in value, and what is left of the loan.
pub(super) async fn furnish(stage: &Stage<'_>, home: PortfolioId) -> Result<(), Error> {
    const BOUGHT_DAYS_AGO: i64 = 1_500;
    let asset = |name: &str, kind, value: i64, cost: i64| PrivateAssetBody {
        portfolio_id: home,
        name: name.to_owned(),
        kind,
        currency: None,
        value: Decimal::from(value),
        valued_on: Some(stage.day(30)),
        since: stage.day(BOUGHT_DAYS_AGO),
        cost: Some(Decimal::from(cost)),
        note: Some("Simulated".to_owned()),
    };
    let all = [
        asset("House by the lake", Kind::Property, 385_000, 320_000),
        asset("Mortgage", Kind::Liability, 198_500, 240_000),
    ];
    for asset in &all {
        let mut tx = stage.app.db.write(stage.user).await?;
        private_assets::service::create(stage.app, &mut tx, stage.user, asset, stage.today).await?;
        tx.commit().await?;
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

/// Name, what belongs there, and the percent that is wanted.
const WANTED: [(&str, &[&str], i64); 5] = [
    ("Core", &["etf", "fund"], 30),
    ("Single stocks", &["equity"], 20),
    ("Safety", &["bond", "commodity", "cash"], 15),
    ("Real assets", &["alternative"], 30),
    ("Play money", &["crypto"], 2),
];

/// Own categories with targets, and the parts of two funds.
pub(super) async fn sort_out(stage: &Stage<'_>) -> Result<(), Error> {
    let mut tx = stage.app.db.write(stage.user).await?;
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
        fund_weights::store::replace(&mut tx, stage.user, id, &weights).await?;
    }
    for (name, classes, target) in WANTED {
        let details = Details {
            target_allocation_percent: Some(Decimal::from(target)),
            ..Details::named(name)
        };
        let id = categories::store::insert(&mut tx, stage.user, &details).await?;
        let condition = Condition {
            field: Field::AssetClass,
            operands: classes.iter().map(|class| (*class).to_owned()).collect(),
        };
        categories::store::insert_rule(&mut tx, stage.user, id, &condition).await?;
    }
    tx.commit().await?;
    Ok(())
}
