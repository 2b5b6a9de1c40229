//! Options by hand: written and bought, closed, used and expired, by terms and by symbol.

use serde_json::{Value, json};

use crate::server::{HOLDINGS, Person, Server, TRANSACTIONS, figures, holding, text};

const NEW: &str = "/portfolio/transactions/new";
/// The clearing house's symbol of a call on FB at 200 until 21 September 2018.
const CALL: &str = "FB180921C00200000";

async fn start() -> (Server, Person, String) {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Options", "USD").await;
    (server, ann, portfolio)
}

fn call(kind: &str, day: &str, quantity: &str) -> Value {
    json!({
        "type": kind, "date": day, "quantity": quantity,
        "underlying": "fb", "right": "call", "strike": "200", "expires_on": "2018-09-21",
    })
}

async fn instrument(server: &mut Server, symbol: &str) -> Value {
    let path = format!("/api/v1/market/instruments?q={symbol}");
    let found = server.owner.api.read(&path).await;
    let items = found["items"].as_array().expect("items");
    items
        .iter()
        .find(|item| item["symbol"] == symbol)
        .unwrap_or_else(|| panic!("no {symbol} in {found}"))
        .clone()
}

#[tokio::test]
async fn terms_and_symbol_name_the_same_contract() {
    let (mut server, mut ann, portfolio) = start().await;
    let mut bought = call("buy", "2018-08-01", "2");
    bought["price"] = json!("3");
    bought["fees"] = json!("1.5");
    let recorded = ann.record(&portfolio, bought).await;
    // Two contracts of a hundred shares at 3.
    figures(&recorded, &[("symbol", CALL), ("amount", "600")]);

    let known = instrument(&mut server, CALL).await;
    let underlying = instrument(&mut server, "FB").await;
    assert_eq!(
        (&known["asset_class"], &known["multiplier"]),
        (&json!("option"), &json!("100"))
    );
    assert_eq!(
        known["option"],
        json!({
            "underlying_id": underlying["id"], "right": "call", "strike": "200",
            "expires_on": "2018-09-21",
        })
    );

    // As brokers write it, and closed again: 2 * 100 * 4 - 600 - 1.5 - 1.
    let sold = json!({
        "type": "sell", "date": "2018-08-15", "symbol": "FB    180921C00200000", "quantity": "2",
        "price": "4", "fees": "1",
    });
    let sold = ann.record(&portfolio, sold).await;
    assert_eq!(sold["instrument_id"], known["id"]);
    let report = ann.report(&portfolio, "").await;
    figures(&report["totals"], &[("realized_gain", "197.5")]);
    assert_eq!(
        server
            .count("market.instruments where symbol like 'FB%'")
            .await,
        2
    );
}

#[tokio::test]
async fn a_written_call_is_assigned_and_its_premium_is_part_of_the_proceeds() {
    let (_server, mut ann, portfolio) = start().await;
    let deposit = json!({ "type": "deposit", "date": "2018-07-02", "amount": "20000" });
    let shares = json!({ "type": "buy", "date": "2018-07-03", "symbol": "FB", "quantity": "100", "price": "180" });
    ann.record(&portfolio, deposit).await;
    ann.record(&portfolio, shares).await;
    let mut written = call("short", "2018-08-01", "1");
    written["price"] = json!("3");
    ann.record(&portfolio, written).await;
    let report = ann.report(&portfolio, "?as_of=2018-08-02").await;
    figures(
        holding(&report, CALL),
        &[("quantity", "-1"), ("cost_basis", "-300")],
    );

    ann.record(&portfolio, call("assignment", "2018-09-20", "1"))
        .await;
    // 100 shares at 200 and the premium of 300, for what cost 18000.
    let report = ann.report(&portfolio, "").await;
    figures(&report["totals"], &[("realized_gain", "2300")]);
    assert_eq!(report["cash"], json!({ "USD": "22300" }));
}

#[tokio::test]
async fn the_form_takes_terms_and_says_what_is_missing() {
    let (mut server, mut browser, mut ann, portfolio) = {
        let server = Server::start().await;
        let (mut ann, browser) = server.visitor("ann").await;
        let portfolio = ann.open("Options", "USD").await;
        (server, browser, ann, portfolio)
    };
    browser.get(NEW).await.shows("Shares per contract");
    let form = |kind: &'static str, more: &[(&'static str, &'static str)]| {
        let mut fields = vec![
            ("portfolio_id", portfolio.as_str()),
            ("type", kind),
            ("date", "2018-08-01"),
            ("quantity", "1"),
        ];
        fields.extend(more);
        fields
    };
    let terms = [
        ("underlying", "fb"),
        ("right", "put"),
        ("strike", "170"),
        ("expires_on", "2018-09-21"),
    ];
    let half = browser
        .post(NEW, &form("buy", &[("underlying", "FB"), ("price", "2")]))
        .await;
    assert_eq!(half.status, 422);
    half.shows("An option needs its underlying, its right, its strike and its last day.");
    // Nothing was created for what was refused.
    assert_eq!(server.count("market.instruments").await, 0);

    let plain = browser
        .post(NEW, &form("expiry", &[("symbol", "FB")]))
        .await;
    assert_eq!(plain.status, 422);
    plain.shows("This is not known as an option");

    let written = [terms.as_slice(), &[("price", "2")]].concat();
    browser
        .post(NEW, &form("short", &written))
        .await
        .leads_to("/portfolio/transactions");
    let other = [terms.as_slice(), &[("multiplier", "10"), ("price", "2")]].concat();
    let other = browser.post(NEW, &form("short", &other)).await;
    assert_eq!(other.status, 422);
    other.shows("is known with other terms");
    browser
        .post(NEW, &form("expiry", &terms))
        .await
        .leads_to("/portfolio/transactions");
    let report = ann.report(&portfolio, "").await;
    figures(&report["totals"], &[("realized_gain", "200")]);
    let put = instrument(&mut server, "FB180921P00170000").await;
    let page = browser
        .get(&format!("/market/instruments/{}", text(&put["id"])))
        .await;
    page.shows("Put at 170 until 2018-09-21, 100 shares each");

    // An edit keeps the contract without its terms being typed again.
    let items = ann.api.read(TRANSACTIONS).await["items"].clone();
    let opened = items
        .as_array()
        .expect("items")
        .iter()
        .find(|item| item["type"] == "short")
        .expect("the short")
        .clone();
    let edit = format!("/portfolio/transactions/{}/edit", text(&opened["id"]));
    browser.get(&edit).await.shows("FB180921P00170000");
    let edited = form(
        "short",
        &[
            ("symbol", "FB180921P00170000"),
            ("price", "3"),
            ("version", "1"),
        ],
    );
    browser
        .post(&edit, &edited)
        .await
        .leads_to("/portfolio/transactions");
    let report = ann.report(&portfolio, "").await;
    figures(&report["totals"], &[("realized_gain", "300")]);
}

#[tokio::test]
async fn the_own_csv_brings_contracts_and_takes_them_away() {
    let (_server, mut ann, portfolio) = start().await;
    let csv = "date,type,underlying,right,strike,expires_on,symbol,quantity,price,currency\n\
               2018-08-01,short,FB,call,200,2018-09-21,,1,3,USD\n\
               2018-08-02,short,,,,,FB180921P00170000,2,1,USD\n\
               2018-09-21,expiry,FB,call,200,2018-09-21,,1,,USD\n";
    let report = ann.import(&portfolio, csv).await;
    assert_eq!(report["rejected"], json!([]), "{report}");
    let held = ann.api.read(HOLDINGS).await;
    let open: Vec<(&str, &str)> = held
        .as_array()
        .expect("holdings")
        .iter()
        .map(|held| {
            (
                held["symbol"].as_str().expect("symbol"),
                held["quantity"].as_str().expect("quantity"),
            )
        })
        .filter(|(_, quantity)| *quantity != "0")
        .collect();
    assert_eq!(open, [("FB180921P00170000", "-2")]);
    // Two contracts of a hundred shares each at 1, and the premium of the call is kept.
    let report = ann.report(&portfolio, "").await;
    figures(&report["totals"], &[("realized_gain", "300")]);
    assert_eq!(report["cash"], json!({ "USD": "500" }));
}
