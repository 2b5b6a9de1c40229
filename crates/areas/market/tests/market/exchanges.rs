use axum::http::{Method, StatusCode};
use serde_json::json;

use market::bars::Interval;

use crate::{
    site::Site,
    timeseries::{bar, ingest, instrument, roll_up, stored},
};

const PATH: &str = "/api/v1/market/exchanges";

#[tokio::test]
async fn exchanges_are_known_by_both_of_their_codes() {
    let site = Site::new().await;
    let all = site.get(PATH, &site.ann).await.json();
    let all = all.as_array().unwrap();
    assert!(all.len() >= 60, "{}", all.len());
    for exchange in all {
        let zone = exchange["time_zone"].as_str().unwrap();
        assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
        money::Currency::new(exchange["currency"].as_str().unwrap()).unwrap();
        if let Some(code) = exchange["calendar"].as_str() {
            let calendar = calendar::Calendar::get(code).unwrap();
            assert!(calendar.next_open(jiff::Timestamp::UNIX_EPOCH).is_some());
            let follows_another = code != exchange["mic"].as_str().unwrap();
            assert!(
                follows_another || calendar.zone().iana_name() == Some(zone),
                "{code}"
            );
            assert_eq!(exchange["calendar_note"], json!(null));
        }
    }
    let without: Vec<_> = all
        .iter()
        .filter(|exchange| exchange["calendar"].is_null())
        .map(|exchange| (&exchange["mic"], &exchange["calendar_note"]))
        .collect();
    let note = "no trading calendar: treated as open around the clock on weekdays";
    assert_eq!(without, [(&json!("XDFM"), &json!(note))]);
    let by_mic = site.get(&format!("{PATH}/xnys"), &site.ann).await.json();
    let by_code = site.get(&format!("{PATH}/NYSE"), &site.ann).await.json();
    assert_eq!(by_mic, by_code);
    assert_eq!(
        (&by_mic["mic"], &by_mic["time_zone"], &by_mic["currency"]),
        (&json!("XNYS"), &json!("America/New_York"), &json!("USD"))
    );
    for path in [format!("{PATH}/XXXX"), format!("{PATH}/XXXX/sessions")] {
        let answer = site.get(&path, &site.ann).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let open = site.get(&path, "").await;
        assert_eq!(open.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn sessions_skip_holidays_and_say_when_they_end_early() {
    let site = Site::new().await;
    let path = format!("{PATH}/XNYS/sessions?from=2024-11-27&to=2024-12-02");
    let page = site.get(&path, &site.ann).await.json();
    let sessions = page.as_array().unwrap();
    let days: Vec<_> = sessions
        .iter()
        .map(|s| s["date"].as_str().unwrap())
        .collect();
    assert_eq!(days, ["2024-11-27", "2024-11-29", "2024-12-02"]);
    assert_eq!(
        (&sessions[1]["closes_at"], &sessions[1]["early_close"]),
        (
            &json!("2024-11-29T18:00:00Z"),
            &json!("day after Thanksgiving")
        )
    );
    assert_eq!(sessions[0]["early_close"], json!(null));
    // The clock of the test stands at Monday 3 June 2024: four weeks from there unless asked.
    let usual = site.get(&format!("{PATH}/XNYS/sessions"), &site.ann).await;
    let usual = usual.json().as_array().unwrap().clone();
    assert_eq!(usual[0]["date"], json!("2024-06-03"));
    assert_eq!(usual.len(), 19, "20 weekdays without Juneteenth");

    for (query, code) in [
        ("from=2024-01-02&to=2024-01-01", "invalid-input"),
        ("from=2020-01-01&to=2024-01-01", "invalid-input"),
    ] {
        let answer = site
            .get(&format!("{PATH}/XNYS/sessions?{query}"), &site.ann)
            .await;
        assert_eq!((answer.status.as_u16(), &*answer.problem()), (422, code));
    }
    let unknown = site.get(&format!("{PATH}/XDFM/sessions"), &site.ann).await;
    assert_eq!(
        (unknown.status.as_u16(), &*unknown.problem()),
        (404, "calendar-unknown")
    );
}

#[tokio::test]
async fn every_floor_has_its_own_hours_and_a_special_session_says_why() {
    let site = Site::new().await;
    let session = async |mic: &str, day: &str| {
        let path = format!("{PATH}/{mic}/sessions?from={day}&to={day}");
        let page = site.get(&path, &site.ann).await.json();
        page[0].clone()
    };
    for (mic, opens, closes) in [
        ("XETR", "07:00", "15:30"),
        ("XFRA", "06:00", "20:00"),
        ("XMUN", "06:00", "20:00"),
        ("XSTU", "05:30", "20:00"),
        ("TGAT", "05:30", "20:00"),
        ("XMIL", "07:00", "15:30"),
        ("XOSL", "07:00", "14:20"),
    ] {
        let session = session(mic, "2024-07-16").await;
        assert_eq!(
            (&session["opens_at"], &session["closes_at"]),
            (
                &json!(format!("2024-07-16T{opens}:00Z")),
                &json!(format!("2024-07-16T{closes}:00Z"))
            ),
            "{mic}"
        );
    }
    let budget = session("XNSE", "2025-02-01").await;
    assert_eq!(budget["special"], json!("budget"), "a Saturday");
    assert_eq!(budget["is_certain"], json!(true));
    // Whose holidays are decreed year by year.
    let later = session("XNSE", "2027-03-15").await;
    assert_eq!(
        (&later["special"], &later["is_certain"]),
        (&json!(null), &json!(false))
    );
    let nse = site.get(&format!("{PATH}/XNSE"), &site.ann).await.json();
    assert_eq!(
        (&nse["calendar"], &nse["calendar_known_until"]),
        (&json!("XNSE"), &json!(2026))
    );
    let milan = site.get(&format!("{PATH}/XMIL"), &site.ann).await.json();
    assert_eq!(milan["calendar_known_until"], json!(null));
}

#[tokio::test]
async fn an_instrument_belongs_to_the_exchange_that_its_source_meant() {
    let site = Site::new().await;
    for (symbol, exchange, mic) in [
        ("A", "XNAS", json!("XNAS")),
        ("B", "nasdaq", json!("XNAS")),
        ("C", "NMS", json!("XNAS")),
        ("D", "LSE", json!("XLON")),
        ("E", "MOON", json!(null)),
        ("F", "", json!(null)),
    ] {
        let call = site.call(Method::POST, "/api/v1/market/instruments", &site.owner);
        let made = call
            .json(json!({"symbol": symbol, "exchange": exchange}))
            .await
            .json();
        assert_eq!(made["mic"], mic, "{exchange}");
        assert_eq!(
            made["exchange"],
            json!(exchange.to_uppercase()),
            "as stated"
        );
    }
}

#[tokio::test]
async fn pages_tell_whether_an_exchange_is_open() {
    let site = Site::new().await;
    let list = site.get("/market/exchanges", &site.ann).await.text;
    // It is noon in UTC: London trades, New York not yet, Tokyo no more.
    assert!(
        list.contains("London Stock Exchange") && list.contains("Open until"),
        "{list}"
    );
    let nyse = site.get("/market/exchanges/XNYS", &site.ann).await.text;
    assert!(nyse.contains("Closed until"), "{nyse}");
    assert!(
        nyse.contains("Juneteenth") && nyse.contains("Christmas Day"),
        "{nyse}"
    );
    let hong_kong = site.get("/market/exchanges/XHKG", &site.ann).await.text;
    assert!(hong_kong.contains("known until 2030"), "{hong_kong}");
    // Today is a holiday there.
    let bangkok = site.get("/market/exchanges/XBKK", &site.ann).await.text;
    assert!(bangkok.contains("Birthday of the Queen"), "{bangkok}");
    let dubai = site.get("/market/exchanges/XDFM", &site.ann).await.text;
    assert!(
        dubai.contains("no trading calendar: treated as open around the clock on weekdays"),
        "{dubai}"
    );
    let nowhere = site.get("/market/exchanges/XXXX", &site.ann).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn days_are_rolled_up_by_the_sessions_of_the_exchange_whichever_word_names_it() {
    let site = Site::new().await;
    // New York trades from 14:30 to 21:00 UTC in winter.
    let minutes = [
        ("2024-01-02T14:29:00Z", [1.0, 1.0, 1.0, 1.0], 1.0),
        ("2024-01-02T14:30:00Z", [10.0, 12.0, 9.0, 11.0], 100.0),
        ("2024-01-02T20:59:00Z", [11.0, 13.0, 11.0, 12.5], 200.0),
        ("2024-01-02T21:00:00Z", [50.0, 50.0, 50.0, 50.0], 1.0),
        // A holiday, and a half day that ends at 18:00.
        ("2024-01-15T15:00:00Z", [7.0, 7.0, 7.0, 7.0], 1.0),
        ("2024-07-03T16:59:00Z", [20.0, 21.0, 19.0, 20.5], 5.0),
        ("2024-07-03T17:00:00Z", [30.0, 31.0, 29.0, 30.5], 5.0),
    ];
    for (symbol, word) in [("MIC", "XNYS"), ("CODE", "NYSE"), ("ALIAS", "NYQ")] {
        let id = instrument(&site, symbol, word).await;
        let bars = minutes.map(|(start, prices, volume)| (id, bar(start, prices, volume)));
        ingest(&site, Interval::Minute, "test", &bars).await;
        roll_up(&site).await;
        assert_eq!(
            stored(&site, id, Interval::Day).await,
            [
                "2024-01-02T00:00:00Z 10 13 9 12.5 300",
                "2024-07-03T00:00:00Z 20 21 19 20.5 5",
            ],
            "{word}"
        );
    }
    let unknown = instrument(&site, "ELSE", "NOWHERE").await;
    let bars = minutes.map(|(start, prices, volume)| (unknown, bar(start, prices, volume)));
    ingest(&site, Interval::Minute, "test", &bars).await;
    roll_up(&site).await;
    let days = stored(&site, unknown, Interval::Day).await;
    assert_eq!(
        days.len(),
        3,
        "without a calendar it is the UTC day: {days:?}"
    );
    assert_eq!(days[0], "2024-01-02T00:00:00Z 1 50 1 50 302");
}
