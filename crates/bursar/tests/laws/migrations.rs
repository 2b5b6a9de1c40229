//! The schema goes down and up again under a database that is full.

use db::migrations::Migrator;
use testkit::TestDb;

use crate::site::{Site, texts};

const COUNTED: [&str; 5] = [
    "portfolio.portfolios",
    "portfolio.transactions",
    "market.instruments",
    "market.bars",
    "market.simulated_fx_rates",
];

async fn counts(db: &TestDb) -> Vec<String> {
    let mut connection = db.owner_connection().await;
    let mut counts = Vec::new();
    for table in COUNTED {
        counts.extend(
            texts(
                &mut connection,
                &format!("select count(*)::text from {table}"),
            )
            .await,
        );
    }
    counts
}

#[tokio::test]
async fn a_filled_database_goes_down_step_by_step_and_can_be_filled_again() {
    let (site, vera, ..) = Site::peopled().await;
    portfolio::demo::load(&site.app, vera.id)
        .await
        .expect("loaded");
    let before = counts(&site.db).await;
    assert!(before.iter().all(|count| count != "0"), "{before:?}");

    let migrator = Migrator::embedded();
    let all = migrator.migrations().len();
    let undone = migrator
        .rollback(site.db.access(), 1)
        .await
        .expect("the newest undone");
    assert_eq!(undone[0].version, migrator.migrations()[all - 1].version);
    assert!(!migrator.is_current(&site.db.db()).await.expect("asked"));
    let redone = migrator
        .migrate(site.db.access())
        .await
        .expect("the newest again");
    assert_eq!(redone.len(), 1);

    for left in (0..all).rev() {
        let undone = migrator
            .rollback(site.db.access(), 1)
            .await
            .expect("undone");
        assert_eq!(
            (undone.len(), undone[0].version),
            (1, migrator.migrations()[left].version)
        );
    }
    assert_eq!(
        migrator
            .rollback(site.db.access(), 1)
            .await
            .expect("nothing left")
            .len(),
        0
    );
    let left = texts(
        &mut site.superuser().await,
        "select n.nspname || '.' || c.relname
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v') and n.nspname in ('identity', 'market', 'portfolio')",
    )
    .await;
    assert_eq!(left, [""; 0], "the way down forgets nothing");

    assert_eq!(
        migrator
            .migrate(site.db.access())
            .await
            .expect("migrated")
            .len(),
        all
    );
    // The program that is started now has connections of its own.
    let fresh = db::Db::connect(site.db.access()).await.expect("connected");
    assert!(migrator.is_current(&fresh).await.expect("asked"));
    let app = web::App {
        db: fresh,
        ..site.app.clone()
    };
    let new = identity::users::NewUser {
        email: "again@example.org".parse().expect("email"),
        name: String::new(),
    };
    let person = identity::users::add(&app.db, &app.clock, new, None)
        .await
        .expect("added");
    portfolio::demo::load(&app, person.id)
        .await
        .expect("loaded again");
    let after = counts(&site.db).await;
    // Vera and Eve had a portfolio each, and Vera three transactions: in an instrument with one bar, in
    // something without a ticker, and in cash; and an instrument of her own.
    let sum = |counts: &[String], at: usize| counts[at].parse::<i64>().expect("a number");
    let own: Vec<i64> = (0..COUNTED.len())
        .map(|at| sum(&before, at) - sum(&after, at))
        .collect();
    assert_eq!(own, [2, 3, 3, 1, 0]);
    app.db.close().await;
}
