//! What the doctor says.

use db::{Clock, FactState};
use jiff::SignedDuration;
use testkit::TestDb;

#[tokio::test]
async fn a_private_cluster_is_healthy() {
    let test = TestDb::new().await;
    let facts = db::facts(&test.db(), test.access(), &Clock::system())
        .await
        .expect("facts");
    let names: Vec<&str> = facts.iter().map(|fact| fact.name).collect();
    assert_eq!(
        names,
        [
            "database.version",
            "database.login",
            "database.migrations",
            "database.clock",
            "database.round_trip",
            "database.connections",
            "database.locks",
            "database.checksums",
            "database.time_series"
        ]
    );
    for fact in facts {
        assert_eq!(fact.state, FactState::Good, "{}: {}", fact.name, fact.text);
    }
}

#[tokio::test]
async fn a_wrong_clock_and_a_missing_migration_are_seen() {
    let test = TestDb::new().await;
    test.migrator()
        .rollback(test.access(), 1)
        .await
        .expect("one down");
    let clock = Clock::fixed(Clock::system().now());
    clock.advance(SignedDuration::from_mins(10));
    let facts = db::facts(&test.db(), test.access(), &clock)
        .await
        .expect("facts");
    let bad: Vec<&str> = facts
        .iter()
        .filter(|fact| fact.state == FactState::Bad)
        .map(|fact| fact.name)
        .collect();
    assert_eq!(bad, ["database.migrations", "database.clock"]);
}
