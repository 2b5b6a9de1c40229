//! What becomes of doubts: what a person accepts sticks, what a source explains is no doubt, what facts settle is
//! closed, and exchange rates are judged like prices.

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use market::{
    InstrumentId,
    bars::{ImportOptions, Interval},
    feeds::Want,
    quality,
};
use serde_json::json;
use sources::ProviderId::{Ecb, Stooq, Yahoo};

use crate::{
    outside::{Outside, Reply, ok},
    site::Site,
};

const DAILY: Want = Want::Bars(Interval::Day);

async fn acme(site: &Site) -> InstrumentId {
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.close_of(id, "2024-05-31", 103.5).await;
    id
}

/// Daily bars at Stooq.
fn stooq(rows: &[&str]) -> Reply {
    ok(format!(
        "Date,Open,High,Low,Close,Volume\n{}\n",
        rows.join("\n")
    ))
}

async fn accept(site: &Site, number: usize) -> (StatusCode, String) {
    let waiting = quality::open(&site.db(), 10).await.unwrap();
    let path = format!("/market/quarantine/{}/accept", waiting[number].id);
    let answer = site.call(Method::POST, &path, &site.owner).send("").await;
    (answer.status, answer.text)
}

#[tokio::test]
async fn what_a_person_accepts_is_what_the_next_days_are_compared_with() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    site.switch_on(&[Stooq]).await;
    // Half of the price is gone over a weekend, and it was no split.
    let days = [
        "2024-06-03,52,53,50,51.8,900",
        "2024-06-04,51,52,50,51.5,800",
        "2024-06-05,51.5,52,51,51.9,700",
    ];
    outside.reply("/q/d/l", stooq(&days[..1]));
    let done = outside
        .refresh(&site, "2024-06-03T22:30:00Z", id, DAILY)
        .await;
    assert_eq!((done.stored, done.quarantined), (0, 1), "{done:?}");
    // A day passes before anybody looks, and waits with it.
    outside.reply("/q/d/l", stooq(&days[..2]));
    let done = outside
        .refresh(&site, "2024-06-04T22:30:00Z", id, DAILY)
        .await;
    assert_eq!((done.stored, done.quarantined), (0, 1), "{done:?}");
    assert_eq!(accept(&site, 1).await.0, StatusCode::SEE_OTHER);

    outside.reply("/q/d/l", stooq(&days));
    let done = outside
        .refresh(&site, "2024-06-05T22:30:00Z", id, DAILY)
        .await;
    assert_eq!((done.stored, done.quarantined), (2, 0), "{done:?}");
    let closes = site.closes(id).await;
    let last: Vec<f64> = closes
        .iter()
        .rev()
        .take(3)
        .map(|(_, close)| *close)
        .collect();
    assert_eq!(last, [51.9, 51.5, 51.8]);
    // And the day that waited with it waits no more.
    assert!(quality::open(&site.db(), 10).await.unwrap().is_empty());
    let states = site
        .texts("select state from market.quarantine order by at")
        .await;
    assert_eq!(states, ["accepted", "settled"]);
}

#[tokio::test]
async fn what_was_corrected_meanwhile_cannot_be_overwritten_by_accepting() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    site.switch_on(&[Stooq]).await;
    outside.reply("/q/d/l", stooq(&["2024-06-03,10400,10500,10300,10450,900"]));
    let done = outside
        .refresh(&site, "2024-06-03T22:30:00Z", id, DAILY)
        .await;
    assert_eq!((done.stored, done.quarantined), (0, 1), "{done:?}");
    let options = ImportOptions {
        symbol: Some("ACME".to_owned()),
        exchange: Some("XNYS".to_owned()),
        source: "mended".to_owned(),
        ..ImportOptions::default()
    };
    site.import("date,close\n2024-06-03,104.5\n", &options)
        .await
        .unwrap();
    let (status, text) = accept(&site, 0).await;
    assert_eq!(status, StatusCode::CONFLICT, "{text}");
    assert!(text.contains("stated after this"), "{text}");
    assert_eq!(
        site.closes(id).await.last().unwrap(),
        &("2024-06-03".to_owned(), 104.5)
    );

    // The source mends itself, and what it said before is settled.
    outside.reply("/q/d/l", stooq(&["2024-06-03,104,105,103,104.6,900"]));
    let done = outside
        .refresh(&site, "2024-06-04T22:30:00Z", id, DAILY)
        .await;
    assert_eq!((done.stored, done.quarantined), (1, 0), "{done:?}");
    assert!(quality::open(&site.db(), 10).await.unwrap().is_empty());
}

/// Bars at Yahoo, which divides prices by every later split and states it.
fn split_at_yahoo(days: &[(&str, f64, f64)]) -> Reply {
    let second = |day: &str| {
        let at: Timestamp = format!("{day}T13:30:00Z").parse().unwrap();
        at.as_second()
    };
    let times: Vec<i64> = days.iter().map(|(day, ..)| second(day)).collect();
    let opens: Vec<f64> = days.iter().map(|(_, open, _)| *open).collect();
    let closes: Vec<f64> = days.iter().map(|(.., close)| *close).collect();
    let highs: Vec<f64> = days
        .iter()
        .map(|(_, open, close)| open.max(*close))
        .collect();
    let lows: Vec<f64> = days
        .iter()
        .map(|(_, open, close)| open.min(*close))
        .collect();
    let volumes: Vec<f64> = days.iter().map(|(_, open, _)| open * 100.0).collect();
    let date = second("2024-06-03");
    ok(json!({ "chart": { "error": null, "result": [{
        "meta": { "currency": "USD", "exchangeTimezoneName": "America/New_York" },
        "timestamp": times,
        "events": { "splits": { date.to_string(): {
            "date": date, "numerator": 4.0, "denominator": 1.0, "splitRatio": "4:1",
        } } },
        "indicators": { "quote": [{
            "open": opens, "high": highs, "low": lows, "close": closes, "volume": volumes,
        }] },
    }] } })
    .to_string())
}

#[tokio::test]
async fn a_split_that_a_source_states_explains_its_gap_and_becomes_a_corporate_action() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    site.switch_on(&[Yahoo]).await;
    let days = [
        ("2024-05-30", 25.6, 25.7),
        ("2024-05-31", 25.7, 25.875),
        ("2024-06-03", 26.0, 26.2),
        ("2024-06-04", 26.2, 26.4),
    ];
    outside.reply("period1", split_at_yahoo(&days));
    let done = outside
        .refresh(&site, "2024-06-04T22:30:00Z", id, DAILY)
        .await;
    assert_eq!(done.quarantined, 0, "{done:?}");
    let closes = site.closes(id).await;
    let expected = [
        ("2024-05-30", 102.8),
        ("2024-05-31", 103.5),
        ("2024-06-03", 26.2),
        ("2024-06-04", 26.4),
    ];
    assert_eq!(closes, expected.map(|(day, close)| (day.to_owned(), close)));
    let path = format!("/api/v1/market/corporate-actions?instrument_id={id}");
    let stated = site.get(&path, &site.ann).await.json();
    let action = &stated["items"][0];
    assert_eq!(
        (
            &action["type"],
            &action["ex_date"],
            &action["ratio"],
            &action["source"]
        ),
        (
            &json!("split"),
            &json!("2024-06-03"),
            &json!("4:1"),
            &json!("yahoo")
        ),
        "{stated}"
    );
    let reason = &site.attempts(Yahoo).await[0].2;
    assert!(
        reason.contains("a split 4:1 on 2024-06-03 is new"),
        "{reason}"
    );

    // Who takes it back knows better: it is not stated again.
    site.change("update market.corporate_actions set withdrawn_at = now()")
        .await;
    outside
        .refresh(&site, "2024-06-05T22:30:00Z", id, DAILY)
        .await;
    let stated = site.get(&path, &site.ann).await.json();
    assert_eq!(stated["items"], json!([]));
}

/// Reference rates of the central bank: days with their prices of a euro in dollars and yen.
fn fixings(days: &[(&str, &str, &str)]) -> Reply {
    let days: Vec<String> = days
        .iter()
        .map(|(day, usd, jpy)| {
            format!(
                "<Cube time=\"{day}\"><Cube currency=\"USD\" rate=\"{usd}\"/>\
                 <Cube currency=\"JPY\" rate=\"{jpy}\"/></Cube>"
            )
        })
        .collect();
    let days = days.concat();
    ok(format!("<Envelope><Cube>{days}</Cube></Envelope>"))
}

#[tokio::test]
async fn a_slipped_comma_revalues_nothing_and_is_told() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    site.switch_on(&[Ecb]).await;
    let db = site.db();
    let stored = "select date || ' ' || quote || ' ' || rate from market.fx_rates order by 1";
    outside.reply(
        "eurofxref",
        fixings(&[
            ("2024-05-29", "1.0853", "170.84"),
            ("2024-05-30", "1.0815", "169.70"),
            ("2024-05-31", "10.852", "170.50"),
        ]),
    );
    let now = "2024-05-31T16:00:00Z".parse().unwrap();
    let done = outside.feeds.refresh_rates(&db, now, true).await.unwrap();
    assert_eq!((done.stored, done.quarantined), (5, 1), "{done:?}");
    let of_the_day = site.texts(stored).await;
    assert_eq!(of_the_day.last().unwrap(), "2024-05-31 JPY 170.5");
    let page = site.get("/market/quarantine", &site.owner).await;
    for text in ["EUR/USD", "slipped comma", "10.852 on 2024-05-31"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let found = quality::open_findings(&db, 10).await.unwrap();
    let path = format!("/market/quarantine/findings/{}/dismiss", found[0].id);
    let dismissed = site.call(Method::POST, &path, &site.owner).send("").await;
    assert_eq!(
        dismissed.status,
        StatusCode::SEE_OTHER,
        "{}",
        dismissed.text
    );
    assert!(quality::open_findings(&db, 10).await.unwrap().is_empty());

    // The bank mends it, and another day with it; a rate of a file is not the bank's to correct.
    site.change(
        "update market.fx_rates set source = 'file' where date = '2024-05-29' and quote = 'JPY'",
    )
    .await;
    outside.reply(
        "eurofxref",
        fixings(&[
            ("2024-05-29", "1.0853", "171.00"),
            ("2024-05-30", "1.0816", "169.70"),
            ("2024-05-31", "1.0852", "170.50"),
            ("2024-06-03", "1.0850", "170.02"),
        ]),
    );
    let now = "2024-06-03T16:00:00Z".parse().unwrap();
    let done = outside.feeds.refresh_rates(&db, now, true).await.unwrap();
    assert_eq!((done.stored, done.quarantined), (4, 0), "{done:?}");
    assert_eq!(
        site.texts(stored).await,
        [
            "2024-05-29 JPY 170.84",
            "2024-05-29 USD 1.0853",
            "2024-05-30 JPY 169.7",
            "2024-05-30 USD 1.0816",
            "2024-05-31 JPY 170.5",
            "2024-05-31 USD 1.0852",
            "2024-06-03 JPY 170.02",
            "2024-06-03 USD 1.085"
        ]
    );
}

#[tokio::test]
async fn rates_that_have_not_changed_are_not_sent_again() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    site.switch_on(&[Ecb]).await;
    let days = [
        ("2024-05-30", "1.0815", "169.70"),
        ("2024-05-31", "1.0852", "170.50"),
    ];
    let reply = Reply {
        last_modified: Some("Fri, 31 May 2024 14:00:00 GMT"),
        ..fixings(&days)
    };
    outside.reply("eurofxref", reply);
    let db = site.db();
    let refresh = async |at: &str, is_forced| {
        let now = at.parse().unwrap();
        let done = outside.feeds.refresh_rates(&db, now, is_forced).await;
        (done.unwrap().stored, outside.asked("eurofxref"))
    };
    // The first time everything since 1999 is asked for, afterwards what is new.
    assert_eq!(refresh("2024-06-01T01:00:00Z", false).await, (4, 1));
    assert_eq!(refresh("2024-06-01T05:30:00Z", false).await, (0, 1));
    assert_eq!(refresh("2024-06-01T06:30:00Z", false).await, (0, 2));
    assert_eq!(refresh("2024-06-01T12:30:00Z", false).await, (0, 3));
    assert_eq!(refresh("2024-06-01T17:00:00Z", false).await, (0, 3));
    assert_eq!(refresh("2024-06-01T17:10:00Z", true).await, (0, 4));
    let codes: Vec<String> = site
        .attempts(Ecb)
        .await
        .into_iter()
        .map(|of| of.1)
        .collect();
    assert_eq!(codes, ["fetched", "not_modified", "fetched", "fetched"]);
    assert_eq!(
        site.texts(
            "select concat_ws(' ', ticker, data_source, data_quality_score, data)
             from market.market_data_cache where data_type = 'fx_rates'"
        )
        .await,
        [r#"EUR ecb 0.90 {"last": "2024-05-31", "rates": 4}"#]
    );
}
