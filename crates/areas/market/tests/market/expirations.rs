//! The expirations of a chain that come one by one.

use jiff::{Timestamp, ToSpan as _, civil::date};
use market::feeds::Want;
use serde_json::json;
use sources::ProviderId::Yahoo;

use crate::{
    outside::{Outside, Reply, ok},
    site::Site,
};

const OPEN: &str = "2024-06-03T15:00:00Z";

/// A chain in Yahoo's words: the days of all expirations, and a call and a put of one of them.
fn yahoo_chain(days: &[String], given: &str) -> Reply {
    let second = |at: String| at.parse::<Timestamp>().unwrap().as_second();
    let contract = |right: &str| {
        json!({
            "contractSymbol": format!("ACME{}{right}00100000", given[2..].replace('-', "")),
            "lastPrice": 4.5, "bid": 4.4, "ask": 4.6, "volume": 10, "openInterest": 100,
            "impliedVolatility": 0.2,
        })
    };
    let dates: Vec<i64> = days
        .iter()
        .map(|day| second(format!("{day}T00:00:00Z")))
        .collect();
    ok(json!({ "optionChain": { "error": null, "result": [{
        "underlyingSymbol": "ACME", "expirationDates": dates,
        "quote": { "regularMarketPrice": 104.0, "regularMarketTime": second(OPEN.to_owned()) },
        "options": [{ "calls": [contract("C")], "puts": [contract("P")] }],
    }] } })
    .to_string())
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story is told in one piece")]
async fn further_expirations_are_asked_for_and_a_fetch_that_broke_off_goes_on() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.switch_on(&[Yahoo]).await;
    let days: Vec<String> = (0_i32..14)
        .map(|week| {
            date(2024, 6, 7)
                .saturating_add((7 * week).days())
                .to_string()
        })
        .collect();
    let of = |day: &str| {
        let at: Timestamp = format!("{day}T00:00:00Z").parse().unwrap();
        format!("/v7/finance/options/ACME?date={}", at.as_second())
    };
    let status = |status: u16| Reply {
        status,
        body: "{}".to_owned(),
        ..Reply::default()
    };
    outside.reply("/v7/finance/options/ACME", yahoo_chain(&days, &days[0]));
    for day in &days {
        outside.reply(&of(day), yahoo_chain(&days, day));
    }
    // The third is not there, and before the sixth Yahoo has had enough.
    outside.reply(&of(&days[2]), status(404));
    outside.reply(&of(&days[5]), status(429));

    let path = format!("/api/v1/market/instruments/{id}/options");
    let expirations = async || {
        let chain = site.get(&path, &site.ann).await.json();
        serde_json::from_value::<Vec<String>>(chain["expirations"].clone()).unwrap()
    };
    let done = outside.refresh(&site, OPEN, id, Want::OptionChain).await;
    assert_eq!(
        (done.provider.as_deref(), done.stored),
        (Some("yahoo"), 8),
        "{done:?}"
    );
    let expected: Vec<&String> = [0, 1, 3, 4].map(|at| &days[at]).to_vec();
    assert_eq!(expirations().await.iter().collect::<Vec<_>>(), expected);
    let said = done.passed_over.join("; ");
    assert!(
        said.contains(&format!("yahoo, {}: yahoo does not know", days[2])),
        "{said}"
    );
    assert!(said.contains("wants fewer requests"), "{said}");
    assert_eq!(outside.asked("/v7/finance/options/"), 6);

    // A quarter of an hour later: the nearest is not asked for again, and there are twelve in all.
    outside.reply(&of(&days[5]), yahoo_chain(&days, &days[5]));
    let again = outside
        .refresh(&site, "2024-06-03T15:15:00Z", id, Want::OptionChain)
        .await;
    assert_eq!(again.stored, 14, "{again:?}");
    assert_eq!(outside.asked("/v7/finance/options/"), 6 + 7);
    let all = expirations().await;
    assert_eq!((all.len(), all.last()), (11, Some(&days[11])), "{all:?}");
    let chain = site.get(&path, &site.ann).await.json();
    assert_eq!(
        (
            &chain["fetched_at"],
            chain["contracts"].as_array().unwrap().len()
        ),
        (&json!(OPEN), 22),
        "one chain"
    );

    // Nothing is missing any more.
    outside
        .refresh(&site, "2024-06-03T15:45:00Z", id, Want::OptionChain)
        .await;
    assert_eq!(outside.asked("/v7/finance/options/"), 13);
    let noted = site.attempts(Yahoo).await;
    let codes: Vec<&str> = noted.iter().map(|(_, code, _)| code.as_str()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "fetched").count(), 11);
    assert_eq!(codes.iter().filter(|code| **code == "not_found").count(), 1);
    assert_eq!(codes.iter().filter(|code| **code == "throttled").count(), 1);
}
