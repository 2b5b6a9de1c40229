use axum::http::{Method, StatusCode};
use market::{
    AssetClass, SecurityKey,
    bars::ImportOptions,
    instruments::{self, NewInstrument},
};
use money::Currency;
use serde_json::json;

use crate::site::Site;

const PATH: &str = "/api/v1/market/instruments";

#[tokio::test]
async fn the_owner_lists_and_edits_an_instrument() {
    let site = Site::new().await;
    let body = json!({
        "symbol": " msft ", "exchange": "xnas", "name": "Microsoft", "currency": "usd",
        "isin": "US5949181045"
    });
    let call = |key: &str| {
        site.call(Method::POST, PATH, &site.owner)
            .header("idempotency-key", key)
    };
    let before = site.revision().await;
    let made = call("once").json(body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let instrument = made.json();
    assert_eq!(
        (
            &instrument["symbol"],
            &instrument["exchange"],
            &instrument["asset_class"]
        ),
        (&json!("MSFT"), &json!("XNAS"), &json!("equity"))
    );
    let repeated = call("once").json(body.clone()).await;
    assert_eq!(
        (repeated.status, repeated.json()["id"].clone()),
        (made.status, instrument["id"].clone())
    );
    let taken = call("twice").json(body).await;
    assert_eq!(
        (taken.status.as_u16(), &*taken.problem()),
        (409, "instrument-taken")
    );
    assert_eq!(site.revision().await, before + 1);

    let path = format!("{PATH}/{}", instrument["id"].as_str().unwrap());
    let shown = site.get(&path, &site.ann).await;
    assert_eq!(shown.json(), instrument);
    let etag = shown.headers["etag"].to_str().unwrap().to_owned();
    let patch = json!({"sector": "Technology", "currency": null});
    let edit = |token: &str| {
        site.call(Method::PATCH, &path, token)
            .header("if-match", &etag)
    };
    assert_eq!(
        edit("").json(patch.clone()).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        edit(&site.ann).json(patch.clone()).await.status,
        StatusCode::FORBIDDEN
    );
    let edited = edit(&site.owner).json(patch.clone()).await.json();
    assert_eq!(
        (&edited["sector"], &edited["currency"], &edited["name"]),
        (&json!("Technology"), &json!(null), &json!("Microsoft"))
    );
    let stale = edit(&site.owner).json(patch).await;
    assert_eq!(
        (stale.status.as_u16(), &*stale.problem()),
        (412, "changed-meanwhile")
    );
}

#[tokio::test]
async fn what_is_not_acceptable_is_named_by_field() {
    let site = Site::new().await;
    let body = json!({"symbol": "A B", "currency": "US$", "isin": "US5949181046", "exchange": "é"});
    let call = site.call(Method::POST, PATH, &site.owner);
    let answer = call.json(body).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "invalid-input")
    );
    let errors = answer.json()["errors"].clone();
    let fields: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["currency", "symbol", "exchange", "isin"]);
    let call = site.call(Method::POST, PATH, &site.owner);
    let answer = call
        .json(json!({"symbol": "A", "asset_class": "shares"}))
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for token in ["", &site.ann] {
        let status = if token.is_empty() { 401 } else { 403 };
        let call = site.call(Method::POST, PATH, token);
        assert_eq!(
            call.json(json!({"symbol": "A"})).await.status.as_u16(),
            status
        );
    }
    for path in [
        PATH.to_owned(),
        format!("{PATH}/00000000-0000-7000-8000-000000000000"),
    ] {
        assert_eq!(
            site.get(&path, "").await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
    for id in ["00000000-0000-7000-8000-000000000000", "MSFT"] {
        let answer = site.get(&format!("{PATH}/{id}"), &site.ann).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.problem()),
            (404, "not-found")
        );
    }
}

#[tokio::test]
async fn a_search_finds_by_symbol_and_name_page_by_page() {
    let site = Site::new().await;
    let mut tx = site.db().system("test").await.unwrap();
    for (symbol, name) in [
        ("MSFT", "Microsoft"),
        ("MA", "Mastercard"),
        ("AAPL", "Apple"),
        ("SMSN", "Samsung MS"),
    ] {
        let new = NewInstrument {
            symbol: symbol.into(),
            name: name.into(),
            ..NewInstrument::default()
        };
        instruments::create(&mut tx, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
    let find = async |query: &str| -> Vec<String> {
        let page = site.get(&format!("{PATH}?{query}"), &site.ann).await.json();
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["symbol"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(find("").await, ["AAPL", "MA", "MSFT", "SMSN"]);
    assert_eq!(find("q=ms").await, ["MSFT", "SMSN"]);
    assert_eq!(find("q=PPL").await, ["AAPL"], "in a name");
    assert_eq!(find("q=%25").await, Vec::<String>::new(), "no pattern");
    assert_eq!(
        find("q=%00a").await,
        ["AAPL", "MA", "SMSN"],
        "no text holds the character"
    );

    let page = site.get(&format!("{PATH}?limit=3"), &site.ann).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(find(&format!("limit=3&cursor={cursor}")).await, ["SMSN"]);
    let answer = site
        .get(&format!("{PATH}?cursor=nonsense"), &site.ann)
        .await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "invalid-input")
    );

    let mut tx = site.db().system("test").await.unwrap();
    let found = instruments::search(tx.conn(), "ma", 10).await.unwrap();
    let symbols: Vec<_> = found.iter().map(|i| &*i.symbol).collect();
    assert_eq!(symbols, ["MA"]);
}

fn key(symbol: &str, isin: &str, exchange: &str) -> SecurityKey {
    let stated = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    SecurityKey {
        symbol: symbol.into(),
        isin: stated(isin),
        exchange: stated(exchange),
        ..SecurityKey::default()
    }
}

#[tokio::test]
async fn a_security_is_found_by_isin_then_by_symbol_and_created_when_missing() {
    let site = Site::new().await;
    let mut tx = site.db().system("test").await.unwrap();
    let apple = SecurityKey {
        name: Some("Apple".into()),
        asset_class: Some(AssetClass::Etf),
        ..key("aapl", "", "")
    };
    let first = instruments::ensure(
        &mut tx,
        &[apple.clone(), key("AAPL", "", ""), key("B", "", "")],
    )
    .await
    .unwrap();
    assert_eq!(first[0], first[1]);
    assert_ne!(first[0], first[2]);

    // A later source knows more: it is learnt, and nothing known is replaced.
    let learnt = SecurityKey {
        name: Some("Apple Inc.".into()),
        currency: Some(Currency::USD),
        ..key("AAPL", "us0378331005", "XNAS")
    };
    assert_eq!(
        instruments::ensure(&mut tx, &[learnt]).await.unwrap(),
        first[..1]
    );
    let stored = instruments::get(tx.conn(), first[0])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            &*stored.name,
            stored.currency,
            stored.isin.as_deref(),
            stored.asset_class
        ),
        (
            "Apple",
            Some(Currency::USD),
            Some("US0378331005"),
            AssetClass::Etf
        )
    );

    // The ISIN decides over the symbol.
    let renamed = instruments::resolve(tx.conn(), &key("APC", "US0378331005", "XETR"))
        .await
        .unwrap();
    assert_eq!(renamed.map(|found| found.id), Some(first[0]));
    let other = instruments::resolve(tx.conn(), &key("AAPL", "US5949181045", ""))
        .await
        .unwrap();
    assert_eq!(other, None, "the same ticker of another company");
    let both = instruments::ensure(&mut tx, &[key("AAPL", "US5949181045", "")])
        .await
        .unwrap();
    assert_ne!(both, first[..1]);
    let ambiguous = instruments::resolve(tx.conn(), &key("AAPL", "", ""))
        .await
        .unwrap();
    assert_eq!(ambiguous, None);
}

#[tokio::test]
async fn an_exchange_is_the_same_by_its_mic_its_common_code_and_other_words() {
    let site = Site::new().await;
    let mut tx = site.db().system("test").await.unwrap();
    let priced = |key: SecurityKey, currency| SecurityKey {
        currency: Some(currency),
        ..key
    };
    let listings = [
        priced(key("ACME", "", "XNYS"), Currency::USD),
        priced(key("ACME", "", "XETR"), Currency::EUR),
        key("LAST", "", "NYSE"),
        key("LAST", "", "NYQ"),
    ];
    let ids = instruments::ensure(&mut tx, &listings).await.unwrap();
    assert_ne!(ids[0], ids[1], "two listings");
    assert_eq!(ids[2], ids[3], "of one file");

    let meant = [
        ("ACME", "NYSE", ids[0]),
        ("ACME", "nyq", ids[0]),
        ("ACME", "New York", ids[0]),
        ("ACME", "XETRA", ids[1]),
        ("ACME", "GER", ids[1]),
        ("LAST", "XNYS", ids[2]),
    ];
    for (symbol, word, expected) in meant {
        let key = key(symbol, "", word);
        let found = instruments::resolve(tx.conn(), &key).await.unwrap();
        assert_eq!(
            found.map(|found| found.id),
            Some(expected),
            "{symbol} {word}"
        );
        let same = instruments::ensure(&mut tx, &[key]).await.unwrap();
        assert_eq!(same, [expected], "nothing is created: {symbol} {word}");
    }
    for word in ["", "XLON", "NOWHERE"] {
        let found = instruments::resolve(tx.conn(), &key("ACME", "", word))
            .await
            .unwrap();
        assert_eq!(found, None, "it may be either: {word}");
    }

    // Two listings of one ISIN are told apart by the exchange as well.
    let isin = "US0378331005";
    let listed = [
        priced(key("APL", isin, "XNAS"), Currency::USD),
        priced(key("APL", "", "XLON"), Currency::GBP),
    ];
    let ids = instruments::ensure(&mut tx, &listed).await.unwrap();
    tx.commit().await.unwrap();
    site.change(&format!(
        "update market.instruments set isin = '{isin}' where id = '{}'",
        ids[1]
    ))
    .await;
    let mut tx = site.db().system("test").await.unwrap();
    for (word, expected) in [("NASDAQ", ids[0]), ("LSE", ids[1])] {
        let found = instruments::resolve(tx.conn(), &key("APL", isin, word))
            .await
            .unwrap();
        assert_eq!(found.map(|found| found.id), Some(expected), "{word}");
    }
}

#[tokio::test]
async fn a_file_may_name_an_instrument_by_the_symbol_it_had_before() {
    let site = Site::new().await;
    let body =
        json!({"symbol": "FB", "exchange": "XNAS", "currency": "USD", "isin": "US30303M1027"});
    let made = site.call(Method::POST, PATH, &site.owner).json(body).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{PATH}/{id}");
    let rename = site.call(Method::PATCH, &path, &site.owner);
    let renamed = rename.json(json!({"symbol": "META"})).await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);

    let mut tx = site.db().system("test").await.unwrap();
    let priced = |key: SecurityKey, currency| SecurityKey {
        currency: Some(currency),
        ..key
    };
    for key in [
        key("fb", "", ""),
        key("FB", "", "XNAS"),
        key("FB", "", "NASDAQ"),
        key("FB", "US30303M1027", ""),
        priced(key("FB", "", "NMS"), Currency::USD),
    ] {
        let found = instruments::resolve(tx.conn(), &key).await.unwrap();
        let found = found.map(|found| found.id.to_string());
        assert_eq!(found.as_ref(), Some(&id), "{key:?}");
    }
    for key in [
        key("FB", "", "XLON"),
        key("FB", "US5949181045", ""),
        priced(key("FB", "", ""), Currency::EUR),
    ] {
        let found = instruments::resolve(tx.conn(), &key).await.unwrap();
        assert_eq!(found, None, "another one: {key:?}");
    }
    drop(tx);
    let csv = "symbol,date,close\nFB,2024-05-30,10\nMETA,2024-05-31,11\n";
    let options = ImportOptions {
        source: "test".into(),
        ..ImportOptions::default()
    };
    site.import(csv, &options).await.unwrap();
    let meta = site.instrument("META").await.id;
    assert_eq!(
        site.closes(meta).await,
        [
            ("2024-05-30".to_owned(), 10.0),
            ("2024-05-31".to_owned(), 11.0)
        ]
    );

    // Once somebody else bears the symbol, it is theirs.
    let mut tx = site.db().system("test").await.unwrap();
    let heir = instruments::ensure(&mut tx, &[key("FB", "US5949181045", "XNAS")])
        .await
        .unwrap();
    let found = instruments::resolve(tx.conn(), &key("FB", "", ""))
        .await
        .unwrap();
    assert_eq!(found.map(|found| found.id), Some(heir[0]));
}

#[tokio::test]
async fn simulated_instruments_go_unless_somebody_refers_to_them() {
    let site = Site::new().await;
    let mut tx = site.db().system("test").await.unwrap();
    let new = |symbol: &str, is_simulated| NewInstrument {
        symbol: symbol.into(),
        is_simulated,
        ..NewInstrument::default()
    };
    let real = instruments::create(&mut tx, &new("REAL", false))
        .await
        .unwrap();
    let kept = instruments::create(&mut tx, &new("KEPT", true))
        .await
        .unwrap();
    let gone = instruments::create(&mut tx, &new("GONE", true))
        .await
        .unwrap();
    let bar = market::bars::DailyBar {
        date: jiff::civil::date(2024, 1, 2),
        open: 1.0,
        high: 1.0,
        low: 1.0,
        close: 1.0,
        adjusted_close: None,
        volume: None,
    };
    let bars = [(gone.id, bar), (kept.id, bar)];
    assert_eq!(
        market::bars::insert_daily(&mut tx, "test", bars)
            .await
            .unwrap(),
        2
    );
    tx.commit().await.unwrap();
    site.refer_to(kept.id).await;

    let mut tx = site.db().system("test").await.unwrap();
    assert_eq!(
        instruments::delete_unused_simulated(&mut tx).await.unwrap(),
        1
    );
    tx.commit().await.unwrap();
    let mut tx = site.db().system("test").await.unwrap();
    let ids = [real.id, kept.id, gone.id];
    let mut left = instruments::list(tx.conn(), &ids).await.unwrap();
    left.sort_by(|a, b| a.symbol.cmp(&b.symbol));
    let left: Vec<_> = left.iter().map(|i| (i.id, i.is_simulated)).collect();
    assert_eq!(left, [(kept.id, true), (real.id, false)]);
    let closes = market::bars::closes(tx.conn(), &ids).await.unwrap();
    assert_eq!(closes.into_keys().collect::<Vec<_>>(), [kept.id]);
}
