//! What the demo shows beyond the sample: rarer events, and books that do not add up.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::server::{HOLDINGS, IMPORTS, PORTFOLIOS, Server, decimal, text};

const TABLES: [&str; 8] = [
    "portfolio.portfolios",
    "portfolio.transactions",
    "portfolio.transaction_versions",
    "portfolio.imports",
    "portfolio.stated_balances",
    "portfolio.vault_categories",
    "portfolio.private_assets",
    "market.instruments",
];

async fn counts(server: &Server) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(server.count(table).await);
    }
    counts
}

fn rows(answer: &Value) -> &[Value] {
    answer.as_array().map_or(&[], Vec::as_slice)
}

#[tokio::test]
async fn the_demo_shows_what_is_rare_and_what_does_not_add_up() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    portfolio::demo::load_tour(&server.app, ann.id)
        .await
        .expect("the tour");
    let loaded = counts(&server).await;
    portfolio::demo::load_tour(&server.app, ann.id)
        .await
        .expect("the tour again");
    assert_eq!(
        counts(&server).await,
        loaded,
        "the second start adds nothing"
    );

    let portfolios = ann.api.read(PORTFOLIOS).await;
    let simulated = |portfolio: &&Value| portfolio["is_simulated"] == true;
    assert_eq!(rows(&portfolios).iter().filter(simulated).count(), 5);
    let id = |name: &str| {
        let found = rows(&portfolios).iter().find(|p| p["name"] == name);
        text(&found.expect("a portfolio")["id"])
    };
    let (account, brokerage) = (id("Side account"), id("Brokerage"));

    let health = ann
        .api
        .read(&format!("/api/v1/portfolio/health?portfolio_id={account}"))
        .await;
    let codes: BTreeSet<&str> = rows(&health["findings"])
        .iter()
        .filter_map(|f| f["code"].as_str())
        .collect();
    let expected = [
        "missing_price",
        "negative_cash",
        "oversell",
        "unreconciled_position",
    ];
    assert_eq!(codes, BTreeSet::from(expected), "{health}");
    let severities: BTreeSet<&str> = rows(&health["findings"])
        .iter()
        .filter_map(|f| f["severity"].as_str())
        .collect();
    assert_eq!(severities, BTreeSet::from(["error", "warning"]));

    let holdings = ann
        .api
        .read(&format!("{HOLDINGS}?portfolio_id={account}"))
        .await;
    let quantity = |symbol: &str| {
        let found = rows(&holdings).iter().find(|row| row["symbol"] == symbol);
        decimal(&found.unwrap_or_else(|| panic!("{symbol} in {holdings}"))["quantity"])
    };
    // 40 bought, a quarter of one for the dividend, ten sent to Brokerage.
    assert_eq!(quantity("HLCY").to_string(), "30.25");
    assert_eq!(quantity("CRVN").to_string(), "100", "the put was assigned");
    assert_eq!(quantity("LMFG").to_string(), "-30", "sold short");
    assert_eq!(
        quantity("OATM").to_string(),
        "6",
        "the part that was spun off"
    );

    let actions = ann.api.read("/api/v1/portfolio/corporate-actions").await;
    let status = |of: &str| -> Vec<String> {
        let all = actions
            .as_array()
            .or_else(|| actions["items"].as_array())
            .expect("a list");
        all.iter()
            .filter(|row| row["portfolio_id"] == of)
            .map(|row| text(&row["status"]))
            .collect()
    };
    assert_eq!(status(&account), ["applied"]);
    // The split is in its books already; the spin-off waits.
    assert_eq!(status(&brokerage), ["recorded", "open"], "{actions}");

    let imports = ann.api.read(IMPORTS).await;
    assert_eq!(
        imports["items"][0]["file_name"], "side-account.csv",
        "{imports}"
    );
    let deleted = ann.api.read("/api/v1/portfolio/deleted-transactions").await;
    assert_eq!(rows(&deleted["items"]).len(), 1);
    let ledger = ann
        .api
        .read(&format!("{PORTFOLIOS}/{account}/cash/USD?limit=500"))
        .await;
    let late = rows(&ledger["items"])
        .iter()
        .filter(|row| row["is_back_dated"] == true);
    assert_eq!(late.count(), 1, "{ledger}");
    let drifts = ann.api.read("/api/v1/portfolio/categories/drift").await;
    assert_eq!(rows(&drifts).len(), 5);
    assert!(
        rows(&drifts).iter().all(|row| row["drift"].is_string()),
        "{drifts}"
    );
    let worth = ann.api.read("/api/v1/portfolio/allocation").await;
    assert!(
        decimal(&worth["worth"]["liabilities"])
            > decimal(&worth["worth"]["assets"]) / rust_decimal::Decimal::TEN,
        "{worth}"
    );

    for page in [
        "/",
        "/portfolio/health",
        "/portfolio/cash",
        "/portfolio/corporate-actions",
    ] {
        assert_eq!(browser.get(page).await.status, 200, "{page}");
    }
    // All of it goes with the sample.
    browser.get("/welcome").await;
    browser
        .post("/welcome/remove", &[])
        .await
        .leads_to("/welcome");
    for table in [
        "portfolio.portfolios",
        "portfolio.transactions",
        "portfolio.private_assets",
        "portfolio.vault_categories",
        "market.instruments",
    ] {
        assert_eq!(server.count(table).await, 0, "{table}");
    }
}

/// The portfolio of the home comes last: without it and the plans nothing else was finished.
#[tokio::test]
async fn a_tour_that_was_cut_short_is_told_from_its_beginning() {
    let whole = Server::start().await;
    let (ann, _) = whole.visitor("ann").await;
    portfolio::demo::load_tour(&whole.app, ann.id)
        .await
        .expect("the tour");

    let server = Server::start().await;
    let (ann, _) = server.visitor("ann").await;
    portfolio::demo::load(&server.app, ann.id)
        .await
        .expect("the sample");
    // A side account in which there is something else than there should be.
    server
        .rewrite("update portfolio.portfolios set name = 'Side account' where name = 'Brokerage'")
        .await;
    portfolio::demo::load_tour(&server.app, ann.id)
        .await
        .expect("the tour again");
    let found = counts(&server).await;
    for ((table, whole), found) in TABLES.iter().zip(counts(&whole).await).zip(found) {
        // What was deleted stays in the history.
        if *table != "portfolio.transaction_versions" {
            assert_eq!(found, whole, "{table}");
        }
    }
}

/// Whoever renames or deletes a portfolio of the demo still gets it served.
#[tokio::test]
async fn what_a_visitor_did_to_the_tour_stays() {
    let server = Server::start().await;
    let (ann, _) = server.visitor("ann").await;
    let load = || portfolio::demo::load_tour(&server.app, ann.id);
    load().await.expect("the tour");
    for sql in [
        "update portfolio.portfolios set name = 'Mine' where name = 'Side account'",
        "update portfolio.portfolios set name = 'Lake' where name = 'Home'",
        "delete from portfolio.portfolios where name = 'Mine'",
    ] {
        server.rewrite(sql).await;
        let before = counts(&server).await;
        load()
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(counts(&server).await, before, "{sql}");
    }
}
