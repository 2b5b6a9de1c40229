//! What a person owns in all is kept for five minutes, and never shown once something has changed.

use axum::http::Method;
use cache::PORTFOLIO;
use serde_json::{Value, json};

use crate::server::{Person, Server, TRANSACTIONS, text};

const OVERVIEW: &str = "/api/v1/portfolio/overview";

async fn figures(person: &mut Person) -> [String; 2] {
    let overview = person.api.read(OVERVIEW).await;
    [
        text(&overview["total_value"]),
        text(&overview["total_gain"]),
    ]
}

#[tokio::test]
async fn everything_together_is_kept_with_its_version_and_a_transaction_ends_that() {
    let mut server = Server::start().await;
    server.prices("USD", &[("ACME", "2026-02-26", "110")]).await;
    server.rates(&[("EUR", "USD", "2026-02-26", "1.25")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let deposit = json!({ "type": "deposit", "date": "2026-02-26", "amount": "1000" });
    ann.record(&portfolio, deposit).await;
    let buy = json!({ "type": "buy", "date": "2026-02-26", "symbol": "ACME", "quantity": "10", "price": "100", "currency": "USD", "settlement_currency": "EUR", "fx_rate": "0.8" });
    let bought = ann.record(&portfolio, buy).await;
    // 200 euros, and ten shares of 110 dollars at 0.80.
    let overview = ann.api.read(OVERVIEW).await;
    assert_eq!(
        (overview["currency"].as_str(), overview["as_of"].as_str()),
        (Some("EUR"), Some("2026-03-02"))
    );
    assert_eq!(overview["is_simulated"], json!(false));
    assert_eq!(figures(&mut ann).await, ["1080", "80"]);
    assert_eq!(
        overview["assets"],
        json!([{
            "instrument_id": bought["instrument_id"], "symbol": "ACME", "quantity": "10",
            "value": "880", "gain": "80",
        }])
    );

    let name = ann.id.to_string();
    let kept = server.app.cache.get(PORTFOLIO, &name).await.expect("kept");
    assert_eq!(kept[..2], ["1080", "80"]);
    assert_eq!(
        serde_json::from_str::<Value>(&kept[2]).expect("JSON"),
        overview["assets"]
    );
    // It is what is kept that is answered, as long as nothing has changed.
    let marked = ["1234", "80", &kept[2], &kept[3]];
    server.app.cache.put(PORTFOLIO, &name, &marked).await;
    assert_eq!(figures(&mut ann).await, ["1234", "80"]);

    let path = format!("{TRANSACTIONS}/{}", text(&bought["id"]));
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(figures(&mut ann).await, ["1000", "0"]);
    server.prices("USD", &[("ACME", "2026-02-27", "120")]).await;
    server.app.cache.put(PORTFOLIO, &name, &marked).await;
    assert_eq!(
        figures(&mut ann).await,
        ["1000", "0"],
        "what was kept of an older version is not taken"
    );
    // What somebody else left there is no overview.
    let current = server.app.cache.get(PORTFOLIO, &name).await.expect("kept");
    let garbage = ["much", "80", "[]", &current[3]];
    server.app.cache.put(PORTFOLIO, &name, &garbage).await;
    assert_eq!(figures(&mut ann).await, ["1000", "0"]);

    let mut bob = server.person("bob").await;
    assert_eq!(figures(&mut bob).await, ["0", "0"]);
}
