use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};

use crate::server::{HOLDINGS, Person, Server, TRANSACTIONS, figures, holding, text};

const PRIVATE: &str = "/api/v1/portfolio/private-assets";
const ALLOCATION: &str = "/api/v1/portfolio/allocation";
const ISIN: &str = "LU0000000009";
const PAGES: &str = "/portfolio/private-assets";

/// A fund of an insurer, which nobody lists.
fn world() -> Value {
    json!({
        "name": "World fund of the insurer", "kind": "instrument", "currency": "EUR",
        "value": "110", "valued_on": "2025-02-03", "note": "policy 12-345",
        "instrument": {
            "symbol": " world-p ", "asset_class": "fund", "sector": "Technology",
            "industry": "Software", "country": "LU", "isin": ISIN,
        },
    })
}

fn with_symbol(symbol: &str) -> Value {
    let mut body = world();
    body["instrument"] = json!({ "symbol": symbol, "asset_class": "equity" });
    body
}

async fn add(person: &mut Person, body: Value) -> Value {
    person
        .api
        .call(Method::POST, PRIVATE, Some(body))
        .await
        .json_of(201)
}

fn of(asset: &Value) -> String {
    format!("{PRIVATE}/{}", text(&asset["instrument_id"]))
}

fn page_of(asset: &Value) -> String {
    format!("{PAGES}/{}", text(&asset["instrument_id"]))
}

async fn price(person: &mut Person, asset: &Value, day: &str, price: &str) {
    let path = format!("{}/appraisals/{day}", of(asset));
    person
        .api
        .call(Method::PUT, &path, Some(json!({ "price": price })))
        .await
        .json_of(200);
}

/// Ten bought in January 2025, four of them sold in February 2026.
async fn bought_and_sold(person: &mut Person, portfolio: &str) {
    for booking in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "1000" }),
        json!({ "type": "buy", "date": "2025-01-02", "symbol": "world-P", "quantity": "10", "price": "100" }),
        json!({ "type": "sell", "date": "2026-02-02", "symbol": "WORLD-P", "quantity": "4", "price": "125" }),
    ] {
        person.record(portfolio, booking).await;
    }
}

/// The value of the slice of a label.
async fn slice(person: &mut Person, dimension: &str, label: &str) -> Value {
    let path = format!("{ALLOCATION}?dimension={dimension}");
    let divided = person.api.read(&path).await;
    let slices = divided["slices"].as_array().expect("slices");
    let found = slices.iter().find(|slice| slice["label"] == label);
    found.map_or_else(
        || panic!("no {label} in {divided}"),
        |slice| slice["value"].clone(),
    )
}

#[tokio::test]
async fn it_is_bought_in_any_quantity_and_valued_by_its_own_prices() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let fund = add(&mut ann, world()).await;
    assert_eq!(fund["name"], "World fund of the insurer");
    assert_eq!(fund["instrument"]["symbol"], "WORLD-P");
    assert_eq!(
        fund["appraisals"],
        json!({ "items": [{ "date": "2025-02-03", "price": "110" }] })
    );
    assert_eq!(
        server.rows_of(&ann, "portfolio.transactions").await,
        0,
        "it is held by what is recorded, and nothing was"
    );
    bought_and_sold(&mut ann, &portfolio).await;
    price(&mut ann, &fund, "2026-02-27", "130.125").await;

    let report = ann.report(&portfolio, "").await;
    let held = holding(&report, "WORLD-P");
    assert_eq!(held["name"], "World fund of the insurer");
    figures(
        held,
        &[
            ("quantity", "6"),
            ("value", "780.75"),
            ("cost_basis", "600"),
            ("unrealized_gain", "180.75"),
            ("realized_gain", "100"),
            ("price_on", "2026-02-27"),
        ],
    );
    assert_eq!(report["value"], "1280.75", "500 of it in cash");
    // The past goes by the prices of the past.
    let then = ann.report(&portfolio, "?as_of=2025-03-03").await;
    figures(
        holding(&then, "WORLD-P"),
        &[("value", "1100"), ("price_on", "2025-02-03")],
    );
    assert_eq!(server.count("market.bars").await, 0, "no price is shared");

    // It counts in every breakdown.
    for (dimension, label) in [
        ("asset_class", "Fund"),
        ("sector", "Technology"),
        ("country", "LU"),
        ("currency", "EUR"),
    ] {
        let expected = if dimension == "currency" {
            "1280.75"
        } else {
            "780.75"
        };
        assert_eq!(slice(&mut ann, dimension, label).await, expected, "{label}");
    }
    let weights = format!(
        "/api/v1/portfolio/fund-weights/{}",
        text(&fund["instrument_id"])
    );
    let parts = json!({ "weights": [{ "dimension": "country", "key": "US", "percent": "60" }] });
    ann.api
        .call(Method::PUT, &weights, Some(parts))
        .await
        .json_of(200);
    assert_eq!(slice(&mut ann, "country", "US").await, "468.45");

    // Another price of a day replaces the one before, and none at all leaves the price before it.
    price(&mut ann, &fund, "2026-02-27", "131").await;
    let report = ann.report(&portfolio, "").await;
    assert_eq!(holding(&report, "WORLD-P")["value"], "786");
    let path = format!("{}/appraisals/2026-02-27", of(&fund));
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    let report = ann.report(&portfolio, "").await;
    figures(
        holding(&report, "WORLD-P"),
        &[("value", "660"), ("price_on", "2025-02-03")],
    );
}

#[tokio::test]
async fn the_list_has_the_last_price_and_the_instrument_all_of_them_page_by_page() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let fund = add(&mut ann, world()).await;
    let mut plain = world();
    plain["instrument"] = json!({ "symbol": "PLAIN", "asset_class": "fund" });
    for field in ["value", "valued_on"] {
        plain[field] = Value::Null;
    }
    let plain = add(&mut ann, plain).await;
    assert_eq!(
        json!([plain["last_appraisal"], plain["appraisals"]]),
        json!([null, { "items": [] }])
    );
    let mut file = "date,price\n".to_owned();
    for day in 1..=31 {
        for month in ["03", "05", "07"] {
            writeln!(file, "2025-{month}-{day:02},{}.5", 100 + day).expect("written");
        }
    }
    let path = format!("{}/appraisals", of(&fund));
    ann.send_file(&path, file.as_bytes()).await.json_of(200);

    let last = json!({ "date": "2025-07-31", "price": "131.5" });
    let all = ann.api.read(PRIVATE).await;
    let told: Vec<Value> = all
        .as_array()
        .expect("a list")
        .iter()
        .map(|asset| {
            json!([
                asset["instrument"]["symbol"],
                asset["last_appraisal"],
                asset["appraisals"]
            ])
        })
        .collect();
    assert_eq!(
        told,
        [json!(["PLAIN", null, null]), json!(["WORLD-P", last, null])]
    );

    let mut days: Vec<String> = Vec::new();
    let mut query = "?limit=40".to_owned();
    let mut pages = Vec::new();
    loop {
        let shown = ann.api.read(&format!("{}{query}", of(&fund))).await;
        assert_eq!(shown["last_appraisal"], last, "on every page");
        let page = &shown["appraisals"];
        let items = page["items"].as_array().expect("values");
        pages.push(items.len());
        days.extend(items.iter().map(|value| text(&value["date"])));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("?limit=40&cursor={next}");
    }
    assert_eq!(pages, [40, 40, 14]);
    assert!(days.is_sorted_by(|day, next| day > next), "{days:?}");
    assert_eq!(
        (days.len(), &*days[0], &*days[93]),
        (94, "2025-07-31", "2025-02-03")
    );
    let usual = ann.api.read(&of(&fund)).await;
    assert_eq!(
        usual["appraisals"]["items"].as_array().map(Vec::len),
        Some(50)
    );
    for query in ["?cursor=tomorrow", "?limit=0", "?limit=501"] {
        let path = format!("{}{query}", of(&fund));
        let refused = ann.api.call(Method::GET, &path, None).await;
        assert_eq!(refused.status, 422, "{query}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_file_of_prices_is_taken_line_by_line() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let fund = add(&mut ann, world()).await;
    bought_and_sold(&mut ann, &portfolio).await;
    let path = format!("{}/appraisals", of(&fund));
    let file = "date,price\n\
                2025-02-03,111\n\
                2026-02-25,120.5\n\
                2026-02-26,dear\n\
                2026-02-27,130.125\n\
                2026-02-27,131\n\
                2026-03-03,140\n";
    let report = ann.send_file(&path, file.as_bytes()).await.json_of(200);
    assert_eq!(
        (
            &report["imported"],
            &report["corrected"],
            &report["duplicates"]
        ),
        (&json!(2), &json!(1), &json!(0)),
        "{report}"
    );
    let refused: Vec<(&Value, &Value)> = report["rejected"]
        .as_array()
        .expect("refusals")
        .iter()
        .map(|refusal| (&refusal["line"], &refusal["code"]))
        .collect();
    assert_eq!(
        refused,
        [
            (&json!(4), &json!("unparsable_number")),
            (&json!(6), &json!("conflicting_price")),
            (&json!(7), &json!("in_the_future")),
        ]
    );
    assert_eq!(
        ann.api.read(&of(&fund)).await["appraisals"]["items"],
        json!([
            { "date": "2026-02-27", "price": "130.125" },
            { "date": "2026-02-25", "price": "120.5" },
            { "date": "2025-02-03", "price": "111" },
        ])
    );
    assert_eq!(
        server.rows_of(&ann, "portfolio.appraisal_versions").await,
        1,
        "the price that was replaced is kept"
    );
    let value = ann.report(&portfolio, "").await["value"].clone();
    assert_eq!(value, "1280.75");
    let again = ann.send_file(&path, file.as_bytes()).await.json_of(200);
    assert_eq!(
        (
            &again["imported"],
            &again["corrected"],
            &again["duplicates"]
        ),
        (&json!(0), &json!(0), &json!(3)),
        "{again}"
    );

    // The command line takes the same file, by the symbol.
    let import = |word, file: &'static str| {
        portfolio::private_assets::import_named(&server.app, ann.id, word, file.as_bytes())
    };
    let wide = "date,WORLD-P,OTHER\n2026-02-26,125,7\n";
    let report = import("world-p", wide).await.expect("imported");
    assert_eq!((report.imported, report.rejected.len()), (1, 1));
    assert_eq!(report.rejected[0].code, "other_symbol");
    let unknown = import("NOBODY", wide).await.expect_err("unknown");
    assert!(
        matches!(unknown, portfolio::private_assets::Error::NotFound),
        "{unknown}"
    );
}

#[tokio::test]
async fn a_file_that_is_none_of_prices_changes_nothing() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let fund = add(&mut ann, world()).await;
    let path = format!("{}/appraisals", of(&fund));
    ann.send_file(&path, b"2026-02-26,1\n")
        .await
        .refused(422, "unreadable-file");
    ann.send_file(&path, b"day,weight\n2026-02-26,1\n")
        .await
        .refused(422, "unreadable-file");
    let large = format!("date,price\n{}", "2026-02-26,1\n".repeat(400_000));
    ann.send_file(&path, large.as_bytes())
        .await
        .refused(413, "body-too-large");
    ann.api
        .call(Method::POST, &path, Some(json!({ "price": "1" })))
        .await
        .refused(415, "unsupported-media-type");
    let nowhere = format!("{PRIVATE}/{}/appraisals", uuid::Uuid::nil());
    ann.send_file(&nowhere, b"date,price\n2026-02-26,1\n")
        .await
        .refused(404, "not-found");
    assert_eq!(server.rows_of(&ann, "portfolio.appraisals").await, 1);
}

#[tokio::test]
async fn a_listed_instrument_of_the_same_symbol_is_another_thing() {
    let mut server = Server::start().await;
    server
        .prices(
            "EUR",
            &[("ACME", "2026-02-27", "50"), ("BETA", "2026-02-27", "9")],
        )
        .await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let mut bob = server.person("bob").await;
    let portfolio = ann.open("Work", "EUR").await;
    let of_bob = bob.open("Own", "EUR").await;
    let buy = json!({ "type": "buy", "date": "2026-02-02", "symbol": "ACME", "quantity": "1", "price": "40" });
    let listed = ann.record(&portfolio, buy.clone()).await["instrument_id"].clone();
    let shares = add(&mut ann, with_symbol("ACME")).await;
    let own = shares["instrument_id"].clone();
    assert_ne!(own, listed);
    // What was booked before stays what it was; from now on the symbol alone means her own.
    let instruments = |all: Value| {
        let items = all["items"].as_array().expect("items").clone();
        let ids = items.into_iter().map(|item| item["instrument_id"].clone());
        ids.collect::<Vec<_>>()
    };
    let all = ann.api.read(TRANSACTIONS).await;
    assert_eq!(instruments(all), std::slice::from_ref(&listed));
    assert_eq!(
        ann.record(&portfolio, buy.clone()).await["instrument_id"],
        own
    );
    let by_id = json!({ "type": "buy", "date": "2026-02-03", "instrument_id": listed, "quantity": "1", "price": "41" });
    assert_eq!(ann.record(&portfolio, by_id).await["instrument_id"], listed);
    assert_eq!(bob.record(&of_bob, buy).await["instrument_id"], listed);

    // In files as well, unless they say more than the symbol.
    let mut isin = world();
    isin["instrument"]["symbol"] = json!("BETA");
    let beta = add(&mut ann, isin).await["instrument_id"].clone();
    let file = format!(
        "date,type,symbol,isin,exchange,quantity,price,currency\n\
         2026-02-10,buy,ACME,,,1,42,EUR\n\
         2026-02-11,buy,ACME,,XNAS,1,43,EUR\n\
         2026-02-12,buy,SOMETHING,{ISIN},,1,44,EUR\n\
         2026-02-13,buy,BETA,US0378331005,,1,45,EUR\n"
    );
    let imported = ann.import(&portfolio, &file).await;
    assert_eq!(imported["imported"], 4, "{imported}");
    let all = ann
        .api
        .read(&format!("{TRANSACTIONS}?from=2026-02-10"))
        .await;
    let found = instruments(all);
    assert_ne!(found[0], beta, "another ISIN is another instrument");
    assert_eq!(found[1], beta, "found by its ISIN, whatever it is called");
    assert_eq!(found[2..], [listed.clone(), own.clone()]);
    assert_eq!(
        server
            .count("market.instruments where symbol = 'SOMETHING'")
            .await,
        0,
        "no word of hers is shared"
    );

    // Her page says so.
    browser
        .get(&page_of(&shares))
        .await
        .shows("The market lists");
    let holdings = ann.api.read(HOLDINGS).await;
    let namesakes = holdings.as_array().expect("holdings").iter();
    let quantities: Vec<(&Value, &Value)> = namesakes
        .filter(|held| held["symbol"] == "ACME")
        .map(|held| (&held["instrument_id"], &held["quantity"]))
        .collect();
    assert_eq!(quantities.len(), 2, "{holdings}");
    assert!(quantities.contains(&(&own, &json!("2"))), "{holdings}");
    assert!(quantities.contains(&(&listed, &json!("3"))), "{holdings}");
}

#[tokio::test]
async fn nobody_else_sees_it_names_it_or_books_it() {
    let server = Server::start().await;
    let (mut ann, mut bob) = (server.person("ann").await, server.person("bob").await);
    let of_bob = bob.open("Own", "EUR").await;
    let fund = add(&mut ann, world()).await;
    let id = text(&fund["instrument_id"]);
    assert_eq!(
        server
            .count(&format!(
                "market.instruments i where i.is_private and i.id = '{id}'
                 and i.asset_class = 'alternative' and i.name = '' and i.sector is null
                 and i.industry is null and i.country is null and i.isin is null
                 and i::text not ilike '%world%'"
            ))
            .await,
        1,
        "no word of it is in the shared table"
    );
    for text in ["WORLD-P", "insurer", ISIN] {
        for person in [&mut ann, &mut bob] {
            let path = format!("/api/v1/market/instruments?q={text}");
            assert_eq!(person.api.read(&path).await["items"], json!([]), "{text}");
        }
    }
    let mut details = world();
    for key in ["currency", "value", "valued_on"] {
        details.as_object_mut().expect("fields").remove(key);
    }
    let day = format!("{}/appraisals/2025-02-03", of(&fund));
    for (method, path, body) in [
        (Method::GET, of(&fund), None),
        (Method::PUT, of(&fund), Some(details)),
        (Method::DELETE, of(&fund), None),
        (Method::DELETE, format!("{}?forget=true", of(&fund)), None),
        (Method::PUT, day.clone(), Some(json!({ "price": "1" }))),
        (Method::DELETE, day, None),
        (
            Method::GET,
            format!("/api/v1/market/instruments/{id}"),
            None,
        ),
        (
            Method::GET,
            format!("/api/v1/portfolio/fund-weights/{id}"),
            None,
        ),
    ] {
        bob.api
            .call(method, &path, body)
            .await
            .refused(404, "not-found");
    }
    let path = format!("{}/appraisals", of(&fund));
    bob.send_file(&path, b"date,price\n2026-02-26,1\n")
        .await
        .refused(404, "not-found");
    assert_eq!(bob.api.read(PRIVATE).await, json!([]));
    let import = portfolio::private_assets::import_named(
        &server.app,
        bob.id,
        "WORLD-P",
        &b"date,price\n2026-02-26,1\n"[..],
    );
    import.await.expect_err("not his");

    // By its id he cannot book it; its symbol means something else to him, of his own or of everybody.
    let booking = json!({ "type": "buy", "date": "2026-02-05", "instrument_id": id, "quantity": "1", "price": "5" });
    let refused = bob.try_record(&of_bob, booking).await;
    assert_eq!(
        refused.refused(422, "invalid-input")["errors"][0]["code"],
        "unknown_instrument"
    );
    let his = add(&mut bob, world()).await;
    assert_ne!(his["instrument_id"], fund["instrument_id"]);
    let booking = json!({ "type": "buy", "date": "2026-02-05", "symbol": "WORLD-P", "quantity": "1", "price": "5" });
    let booked = bob.record(&of_bob, booking).await;
    assert_eq!(booked["instrument_id"], his["instrument_id"]);
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
    assert_eq!(server.rows_of(&ann, "portfolio.appraisals").await, 1);
}

#[tokio::test]
async fn its_words_change_and_every_figure_follows() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let fund = add(&mut ann, world()).await;
    bought_and_sold(&mut ann, &portfolio).await;
    assert_eq!(slice(&mut ann, "sector", "Technology").await, "660");
    let changed = json!({
        "name": "World bonds", "kind": "instrument",
        "instrument": { "symbol": "BONDS-P", "asset_class": "bond", "sector": "Government" },
    });
    let seen = ann.api.call(Method::GET, &of(&fund), None).await;
    let version = seen.header("etag").to_owned();
    let edit = || {
        ann.api
            .request(Method::PUT, &of(&fund))
            .header(header::IF_MATCH, &version)
            .body(Body::from(changed.to_string()))
            .expect("request")
    };
    let (first, second) = (edit(), edit());
    let view = ann.api.send(first).await.json_of(200);
    assert_eq!(view["instrument"]["isin"], Value::Null);
    ann.api.send(second).await.refused(412, "changed-meanwhile");
    assert_eq!(slice(&mut ann, "sector", "Government").await, "660");
    assert_eq!(slice(&mut ann, "asset_class", "Bond").await, "660");
    let report = ann.report(&portfolio, "").await;
    assert_eq!(holding(&report, "BONDS-P")["name"], "World bonds");
    let found = ann
        .api
        .read(&format!("{TRANSACTIONS}?q=world%20bonds"))
        .await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(2), "{found}");
    assert_eq!(found["items"][0]["symbol"], "BONDS-P");

    // A symbol means one thing, also beside the names of other things.
    let taken = |problem: testkit::Answer| {
        problem.refused(409, "private-asset-name-taken");
    };
    taken(
        ann.api
            .call(Method::POST, PRIVATE, Some(with_symbol("bonds-p")))
            .await,
    );
    let flat = json!({
        "portfolio_id": portfolio, "name": "Bonds-P", "kind": "property", "value": "5", "since": "2026-01-01",
    });
    taken(ann.api.call(Method::POST, PRIVATE, Some(flat)).await);
    assert_eq!(
        server.count("market.instruments").await,
        1,
        "no handle is left"
    );
    // It stays an instrument.
    let other = json!({ "name": "World bonds", "kind": "other" });
    let refused = ann.api.call(Method::PUT, &of(&fund), Some(other)).await;
    assert_eq!(
        refused.refused(422, "invalid-input")["errors"][0]["code"],
        "not_changeable"
    );
}

#[tokio::test]
async fn it_goes_with_its_transactions_and_comes_back_with_one() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let fund = add(&mut ann, world()).await;
    bought_and_sold(&mut ann, &portfolio).await;
    let gone = ann.api.call(Method::DELETE, &of(&fund), None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(ann.api.read(PRIVATE).await, json!([]));
    assert_eq!(ann.report(&portfolio, "").await["value"], "1000");
    // Its symbol is free again, and another one takes it.
    let again = add(&mut ann, world()).await;
    let deleted = ann.api.read("/api/v1/portfolio/deleted-transactions").await;
    let bought = deleted["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|item| item["transaction"]["type"] == "buy")
        .expect("the purchase");
    let restore = format!(
        "{TRANSACTIONS}/{}/restore",
        text(&bought["transaction"]["id"])
    );
    ann.api
        .call(Method::POST, &restore, None)
        .await
        .json_of(201);
    let back = ann.api.read(&of(&fund)).await;
    let symbol = text(&back["instrument"]["symbol"]);
    let mark = symbol.strip_prefix("WORLD-P-").expect("marked");
    assert_eq!(mark.len(), 6, "{symbol}");
    assert_eq!(back["name"], "World fund of the insurer");
    assert_eq!(back["appraisals"]["items"][0]["price"], "110");
    let report = ann.report(&portfolio, "").await;
    assert_eq!(holding(&report, &symbol)["value"], "1100");
    assert_eq!(
        ann.api.read(&of(&again)).await["instrument"]["symbol"],
        "WORLD-P"
    );

    let path = format!("{}?forget=true", of(&fund));
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(server.rows_of(&ann, "portfolio.private_assets").await, 1);
    assert_eq!(
        server
            .count("portfolio.transaction_versions where instrument_id is not null")
            .await,
        0
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_field() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let of_instrument = |key: &str, value: Value| {
        let mut instrument = world()["instrument"].clone();
        instrument[key] = value;
        json!({ "instrument": instrument })
    };
    let cases = [
        (json!({ "name": "" }), "name"),
        (json!({ "currency": null }), "currency"),
        (json!({ "currency": "QQQ!" }), "currency"),
        (json!({ "value": "-1" }), "value"),
        (json!({ "value": null }), "value"),
        (json!({ "valued_on": "2026-03-03" }), "valued_on"),
        (json!({ "portfolio_id": portfolio }), "portfolio_id"),
        (json!({ "since": "2026-01-01" }), "since"),
        (json!({ "cost": "5" }), "cost"),
        (json!({ "instrument": null }), "instrument"),
        (of_instrument("symbol", json!("")), "/instrument/symbol"),
        (of_instrument("symbol", json!("a b")), "/instrument/symbol"),
        (
            of_instrument("symbol", json!("X".repeat(51))),
            "/instrument/symbol",
        ),
        (
            of_instrument("isin", json!("LU0000000000")),
            "/instrument/isin",
        ),
        (
            of_instrument("asset_class", json!("option")),
            "/instrument/asset_class",
        ),
        (
            of_instrument("sector", json!("X".repeat(101))),
            "/instrument/sector",
        ),
    ];
    for (change, pointer) in cases {
        let mut body = world();
        for (key, value) in change.as_object().expect("fields") {
            body[key] = value.clone();
        }
        let refused = ann.api.call(Method::POST, PRIVATE, Some(body)).await;
        let problem = refused.refused(422, "invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{change}");
    }
    let property = json!({
        "portfolio_id": portfolio, "name": "Flat", "kind": "property", "value": "5",
        "since": "2026-01-01", "instrument": world()["instrument"],
    });
    let refused = ann.api.call(Method::POST, PRIVATE, Some(property)).await;
    assert_eq!(
        refused.refused(422, "invalid-input")["errors"][0]["pointer"],
        "instrument"
    );
    assert_eq!(server.count("market.instruments").await, 0);
    // The longest symbol is one.
    add(&mut ann, with_symbol(&"X".repeat(50))).await;
}

#[tokio::test]
async fn the_pages_do_the_same() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let (_, mut eve) = server.visitor("eve").await;
    let new = format!("{PAGES}/new?kind=instrument");
    browser.get(PAGES).await.shows(&new);
    browser.get(&new).await.shows("Add a custom instrument");
    let mut fields = vec![
        ("kind", "instrument"),
        ("symbol", "world p"),
        ("name", "World <fund>"),
        ("asset_class", "fund"),
        ("currency", "EUR"),
        ("sector", "Technology"),
        ("country", "LU"),
        ("isin", ""),
        ("value", ""),
    ];
    let wrong = browser.post(&format!("{PAGES}/new"), &fields).await;
    assert_eq!(wrong.status, 422);
    wrong.shows("1 to 50 characters and no spaces");
    wrong.shows("value=\"Technology\"");
    fields[1].1 = "world-p";
    let added = browser.post(&format!("{PAGES}/new"), &fields).await;
    let page = format!("{PAGES}/{}", added.leads_below(&format!("{PAGES}/")));
    let id = page.rsplit('/').next().expect("an id").to_owned();
    let again = browser.post(&format!("{PAGES}/new"), &fields).await;
    assert_eq!(again.status, 422);
    again.shows("You have something private of this symbol or name already.");

    let shown = browser.get(&page).await;
    for text in [
        "World &lt;fund&gt;",
        "Technology",
        "No price was stated",
        "/portfolio/transactions/new?type=buy&amp;symbol=WORLD-P",
    ] {
        shown.shows(text);
    }
    shown.hides(&format!("/portfolio/holdings/{id}"));
    browser
        .post(&page, &[("date", "2026-02-26"), ("price", "12.3456")])
        .await
        .leads_to(&page);
    browser.get(&page).await.shows("12.3456");

    let import = format!("{page}/import");
    browser.get(&import).await.shows("Import prices of WORLD-P");
    let mut file = "date,price\n".to_owned();
    for day in 1..=31 {
        for month in ["01", "03", "05", "07"] {
            writeln!(file, "2025-{month}-{day:02},1{day}.5").expect("written");
        }
    }
    file.push_str("2025-02-30,9\n");
    let sent = browser
        .upload(&import, &[], ("file", "prices.csv", file.as_bytes()))
        .await;
    sent.shows("124 rows added");
    sent.shows("1 refused");
    let none = browser
        .upload(&import, &[], ("file", "x.csv", b"a,b\n1,2\n"))
        .await;
    assert_eq!(none.status, 422);
    // A hundred on a page.
    let first = browser.get(&page).await;
    let next = format!("{page}?before=2025-01-26");
    first.shows(&next);
    browser.get(&next).await.shows("?on=2025-01-25");

    let portfolio = ann.open("Old age", "EUR").await;
    let buy = json!({ "type": "buy", "date": "2026-02-02", "symbol": "WORLD-P", "quantity": "2", "price": "10" });
    ann.record(&portfolio, buy).await;
    let holding = format!("/portfolio/holdings/{id}");
    browser.get(&holding).await.shows(&page);
    browser.get(&page).await.shows(&holding);
    browser.get("/portfolio/holdings").await.shows("WORLD-P");
    browser
        .get("/portfolio/transactions")
        .await
        .shows("WORLD-P");

    browser.get(&format!("{page}/edit")).await.shows("WORLD-P");
    let mut edited = fields.clone();
    edited[1].1 = "GLOBE";
    edited[5].1 = "Energy";
    edited.push(("version", "1"));
    browser
        .post(&format!("{page}/edit"), &edited)
        .await
        .leads_to(&page);
    let shown = browser.get(&page).await;
    shown.shows("GLOBE");
    shown.shows("Energy");
    let delete = format!("{page}/appraisals/2026-02-26/delete");
    browser.get(&delete).await.shows("Delete this price?");
    for path in [
        page.clone(),
        import.clone(),
        format!("{page}/edit"),
        delete.clone(),
    ] {
        assert_eq!(eve.get(&path).await.status, 404, "{path}");
    }
    let stolen = eve
        .upload(&import, &[], ("file", "prices.csv", file.as_bytes()))
        .await;
    assert_eq!(stolen.status, 404);
    browser.post(&delete, &[]).await.leads_to(&page);
    assert_eq!(server.rows_of(&ann, "portfolio.appraisals").await, 124);
    browser
        .post(&format!("{page}/delete"), &[])
        .await
        .leads_to(PAGES);
    assert_eq!(server.rows_of(&ann, "portfolio.appraisals").await, 0);
}
