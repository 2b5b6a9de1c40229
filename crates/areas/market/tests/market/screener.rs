use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::site::Site;

const PATH: &str = "/api/v1/market/screener";

/// Four companies, three of them with prices.
pub(crate) async fn filled() -> Site {
    let site = Site::new().await;
    for body in [
        json!({"symbol": "AAA", "exchange": "NASDAQ", "currency": "USD", "sector": "Technology",
               "industry": "Software", "country": "US", "market_cap": "5000000000", "pe_ratio": "30"}),
        json!({"symbol": "BBB", "exchange": "XLON", "currency": "GBX", "sector": "Energy",
               "country": "GB", "market_cap": "1000000000", "pe_ratio": "8"}),
        json!({"symbol": "CCC", "exchange": "XNAS", "currency": "USD", "sector": "Technology",
               "country": "US", "asset_class": "etf"}),
        json!({"symbol": "DDD", "currency": "USD", "country": "US"}),
        json!({"symbol": "OLD", "currency": "USD", "is_active": false}),
    ] {
        let call = site.call(Method::POST, "/api/v1/market/instruments", &site.owner);
        let made = call.json(body).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    }
    let bars = "symbol,date,open,high,low,close,volume\n\
                AAA,2024-05-29,20,20,20,20,10\nAAA,2024-05-30,10,10,10,10,10\nAAA,2024-05-31,11,11,11,11,500\n\
                BBB,2024-05-30,400,400,400,400,70\nBBB,2024-05-31,300,300,300,300,80\n\
                CCC,2024-05-31,7,7,7,7,\n";
    let posted = site
        .post_csv("/api/v1/market/bars", &site.owner, bars)
        .await;
    assert_eq!(posted.status.as_u16(), 200, "{}", posted.text);
    refresh(&site).await;
    site
}

pub(crate) async fn refresh(site: &Site) -> Option<u64> {
    let mut tx = site.db().system("test").await.unwrap();
    let refreshed = market::figures::refresh(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    refreshed
}

async fn screen(site: &Site, query: &str) -> Vec<String> {
    let answer = site.get(&format!("{PATH}?{query}"), &site.ann).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let symbol = |item: &Value| item["symbol"].as_str().unwrap().to_owned();
    let items = answer.json()["items"].as_array().unwrap().clone();
    items.iter().map(symbol).collect()
}

#[tokio::test]
async fn a_screen_narrows_by_what_instruments_are_and_did() {
    let site = filled().await;
    for (query, expected) in [
        ("", vec!["AAA", "BBB", "CCC", "DDD"]),
        ("asset_class=etf", vec!["CCC"]),
        ("exchange=NASDAQ", vec!["AAA", "CCC"]),
        ("exchange=xnas", vec!["AAA", "CCC"]),
        ("sector=technology&country=US", vec!["AAA", "CCC"]),
        ("industry=software", vec!["AAA"]),
        ("market_cap=mid", vec!["AAA"]),
        ("pe=low", vec!["BBB"]),
        ("currency=gbp", vec!["BBB"]),
        // In pounds, although the bars are in pence.
        ("max_price=7", vec!["BBB", "CCC"]),
        ("min_change=9&max_change=11", vec!["AAA"]),
        ("max_change=-20", vec!["BBB"]),
        ("min_volume=100", vec!["AAA"]),
        ("max_position=10", vec!["AAA", "BBB"]),
        ("min_position=5", vec!["AAA"]),
        ("sector=Sports", vec![]),
    ] {
        assert_eq!(screen(&site, query).await, expected, "{query}");
    }
    let page = site
        .get(&format!("{PATH}?exchange=XLON"), &site.ann)
        .await
        .json();
    let found = &page["items"][0];
    assert_eq!(
        (
            &found["price"],
            &found["change_percent"],
            &found["high_52w"],
            &found["position_52w"]
        ),
        (&json!(3.0), &json!(-25.0), &json!(4.0), &json!(0.0))
    );
}

#[tokio::test]
async fn what_is_unknown_comes_last_either_way_and_pages_join() {
    let site = filled().await;
    assert_eq!(
        screen(&site, "sort=change&order=asc").await,
        ["BBB", "AAA", "CCC", "DDD"]
    );
    assert_eq!(
        screen(&site, "sort=change&order=desc").await,
        ["AAA", "BBB", "CCC", "DDD"]
    );
    assert_eq!(
        screen(&site, "sort=price&order=desc").await,
        ["AAA", "CCC", "BBB", "DDD"]
    );
    for sort in [
        "symbol",
        "market_cap",
        "pe_ratio",
        "price",
        "change",
        "volume",
        "position",
    ] {
        for order in ["asc", "desc"] {
            let question = format!("sort={sort}&order={order}");
            let whole = screen(&site, &question).await;
            let (mut joined, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("{PATH}?{question}&limit=1&cursor={cursor}");
                let page = site.get(&path, &site.ann).await.json();
                joined.extend(
                    page["items"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|item| item["symbol"].as_str().unwrap().to_owned()),
                );
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = next.to_owned(),
                    None => break,
                }
            }
            assert_eq!(joined, whole, "{question}");
        }
    }
}

#[tokio::test]
async fn a_split_is_no_change() {
    let site = filled().await;
    let aaa = site.instrument("AAA").await.id;
    let split = json!({"instrument_id": aaa, "type": "split", "ex_date": "2024-05-30",
                       "ratio": "2:1"});
    let call = site.call(
        Method::POST,
        "/api/v1/market/corporate-actions",
        &site.owner,
    );
    let made = call.json(split).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    assert!(refresh(&site).await.is_some_and(|changed| changed == 1));
    let page = site
        .get(&format!("{PATH}?industry=software"), &site.ann)
        .await
        .json();
    let found = &page["items"][0];
    // 20 before the split are 10 after it.
    assert_eq!(
        (&found["low_52w"], &found["high_52w"]),
        (&json!(10.0), &json!(11.0))
    );
    assert_eq!(refresh(&site).await, None, "nothing has changed since");
}

#[tokio::test]
async fn a_stock_dividend_is_no_change() {
    let site = filled().await;
    let bbb = site.instrument("BBB").await.id;
    // One new share for three old ones: 400 before are 300 after.
    let dividend = json!({"instrument_id": bbb, "type": "stock_dividend",
                          "ex_date": "2024-05-31", "ratio": "1:3"});
    let call = site.call(
        Method::POST,
        "/api/v1/market/corporate-actions",
        &site.owner,
    );
    let made = call.json(dividend).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    assert_eq!(refresh(&site).await, Some(1));
    let page = site
        .get(&format!("{PATH}?exchange=XLON"), &site.ann)
        .await
        .json();
    let found = &page["items"][0];
    let near = |name: &str, wanted: f64| {
        let figure = found[name].as_f64().unwrap();
        assert!((figure - wanted).abs() < 1e-9, "{name} {figure}");
    };
    near("change_percent", 0.0);
    near("low_52w", 3.0);
    near("high_52w", 3.0);
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_names_the_field() {
    let site = filled().await;
    let answer = site
        .get(&format!("{PATH}?min_price=cheap&sort=luck"), &site.ann)
        .await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "invalid-input")
    );
    assert_eq!(answer.json()["errors"][0]["pointer"], json!("min_price"));
    let page = site
        .get("/market/screener?min_price=cheap", &site.ann)
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("is no number") && page.text.contains("value=\"cheap\""));
    assert_eq!(site.get(PATH, "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn page_and_file_answer_the_question_of_the_address() {
    let site = filled().await;
    let page = site
        .get(
            "/market/screener?sector=Technology&sort=price&order=desc",
            &site.ann,
        )
        .await;
    let text = page.text;
    assert!(
        text.contains("AAA") && text.contains("CCC") && !text.contains(">DDD<"),
        "{text}"
    );
    assert!(
        text.contains("/market/screener.csv?sector=Technology&amp;sort=price&amp;order=desc"),
        "{text}"
    );
    let file = site
        .get("/market/screener.csv?sector=Technology", &site.ann)
        .await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<_> = file.text.lines().collect();
    assert_eq!(lines.len(), 3, "{}", file.text);
    assert!(lines[1].starts_with(
        "AAA,,equity,NASDAQ,XNAS,USD,Technology,Software,US,5000000000,30,2024-05-31,11,"
    ));
    let none = site
        .get("/market/screener?sector=Sports", &site.ann)
        .await
        .text;
    assert!(
        none.contains("Nothing fits") && none.contains("Sports"),
        "{none}"
    );
    let empty = Site::new().await;
    let nothing = empty.get("/market/screener", &empty.ann).await.text;
    assert!(nothing.contains("No instruments yet"), "{nothing}");
}

#[tokio::test]
async fn no_cell_of_the_file_is_a_formula() {
    let site = filled().await;
    let body = json!({"symbol": "+EEE", "name": "=HYPERLINK(\"https://example.org\",\"Profit\")",
                      "currency": "USD", "sector": "@SUM(A1)", "country": "US"});
    let call = site.call(Method::POST, "/api/v1/market/instruments", &site.owner);
    let made = call.json(body).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    let file = site.get("/market/screener.csv", &site.ann).await;
    let mut lines = csv::Reader::from_reader(file.bytes.as_slice());
    let lines: Vec<csv::StringRecord> = lines.records().map(Result::unwrap).collect();
    let line = lines.iter().find(|line| line[0].ends_with("EEE")).unwrap();
    assert_eq!(
        (&line[0], &line[1], &line[6]),
        (
            "'+EEE",
            "'=HYPERLINK(\"https://example.org\",\"Profit\")",
            "'@SUM(A1)"
        )
    );
    let fallen = lines.iter().find(|line| &line[0] == "BBB").unwrap();
    assert_eq!(&fallen[13], "-25", "figures stay figures");
}
