//! Bars that are put together for a chart.

use jiff::SignedDuration;
use market::{
    InstrumentId,
    bars::{Bar, Interval},
};
use serde_json::Value;

use crate::{
    site::Site,
    timeseries::{bar, ingest, instrument},
};

/// More than an answer holds unless the client says otherwise.
const COUNT: u32 = 12_345;

/// Bars of five minutes from the first of January 2024 on; each opens where the one before closed.
async fn five_minutes(site: &Site) -> InstrumentId {
    let id = instrument(site, "BTC", "").await;
    let first = bar("2024-01-01T00:00:00Z", [0.0; 4], 2.0);
    let bars: Vec<(InstrumentId, Bar)> = (0..COUNT)
        .map(|number| {
            let price = f64::from(number) + 10.0;
            let bar = Bar {
                at: first.at + SignedDuration::from_mins(i64::from(number) * 5),
                open: price,
                high: price + 2.0,
                low: price - 1.0,
                close: price + 1.0,
                ..first
            };
            (id, bar)
        })
        .collect();
    ingest(site, Interval::FiveMinutes, "test", &bars).await;
    id
}

async fn read(site: &Site, id: InstrumentId, query: &str) -> Value {
    let path = format!("/api/v1/market/instruments/{id}/bars?interval=5m&{query}");
    let answer = site.get(&path, &site.ann).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn points_cover_the_whole_span_and_the_limit_counts_them() {
    let site = Site::new().await;
    let id = five_minutes(&site).await;
    let all = read(&site, id, "").await;
    assert_eq!(all["bars"].as_array().unwrap().len(), 10_000);
    assert!(all["next_from"].is_string());
    // 12,345 bars in groups of 31 are 399, the last of which has seven.
    let chart = read(&site, id, "from=2024-01-01&to=2024-12-31&points=400").await;
    let bars = chart["bars"].as_array().unwrap();
    assert_eq!((bars.len(), &chart["next_from"]), (399, &Value::Null));
    let (first, last) = (&bars[0], &bars[398]);
    assert_eq!(first["at"], "2024-01-01T00:00:00Z");
    assert_eq!(
        [
            &first["open"],
            &first["high"],
            &first["low"],
            &first["close"],
            &first["volume"]
        ],
        [10.0, 42.0, 9.0, 41.0, 62.0]
    );
    assert_eq!(last["at"], "2024-02-12T20:10:00Z");
    assert_eq!(
        (&last["close"], &last["volume"]),
        (&12_355.0.into(), &14.0.into())
    );
    let volume: f64 = bars.iter().map(|bar| bar["volume"].as_f64().unwrap()).sum();
    assert!((volume - 2.0 * f64::from(COUNT)).abs() < 1e-6, "{volume}");
    // Two hundred bars at most, of the whole span.
    let fewer = read(&site, id, "points=400&limit=200").await;
    let bars = fewer["bars"].as_array().unwrap();
    assert_eq!((bars.len(), &fewer["next_from"]), (200, &Value::Null));
    assert_eq!(bars[199]["close"], 12_355.0);
    // Fewer bars than points stand as they are.
    let hour = read(
        &site,
        id,
        "from=2024-01-01T10:00:00Z&to=2024-01-01T11:00:00Z&points=400",
    )
    .await;
    assert_eq!(hour["bars"].as_array().unwrap().len(), 12);
}

#[tokio::test]
async fn a_limit_counts_days_that_were_put_together() {
    let site = Site::new().await;
    let id = instrument(&site, "ACME", "").await;
    for day in 1..=9 {
        site.close_of(id, &format!("2024-05-0{day}"), f64::from(day))
            .await;
    }
    let path = format!("/api/v1/market/instruments/{id}/bars?points=3&limit=2");
    for adjust in ["", "&adjust=none"] {
        let answer = site.get(&format!("{path}{adjust}"), &site.ann).await.json();
        let bars = answer["bars"].as_array().unwrap();
        let ends: Vec<_> = bars
            .iter()
            .map(|bar| (&bar["date"], &bar["close"]))
            .collect();
        let expected = [("2024-05-01", 5.0), ("2024-05-06", 9.0)]
            .map(|(d, c)| (Value::from(d), Value::from(c)));
        assert_eq!(
            ends,
            [
                (&expected[0].0, &expected[0].1),
                (&expected[1].0, &expected[1].1)
            ]
        );
        assert_eq!(answer["next_from"], Value::Null);
    }
}
