//! Sources that are down, slow or lie: what is asked instead, what is written down, and what never becomes a price.

#![expect(clippy::float_cmp, reason = "what was stored comes back as it was")]

use std::time::Duration;

use axum::http::{Method, StatusCode};
use jiff::ToSpan as _;
use market::{
    InstrumentId,
    bars::Interval,
    feeds::{self, Want},
    quality,
};
use serde_json::json;
use sources::ProviderId::{AlphaVantage, Stooq, Yahoo};

use crate::{
    outside::{Outside, Reply, ok, vantage_quote, yahoo_bars, yahoo_quote},
    site::Site,
};

/// New York has been open since 13:30.
const NOW: &str = "2024-06-03T15:00:00Z";

async fn acme(site: &Site) -> InstrumentId {
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.close_of(id, "2024-05-31", 103.5).await;
    id
}

async fn price(site: &Site) -> (f64, String) {
    let path = "/api/v1/market/quotes?symbols=ACME";
    let body = site.get(path, &site.ann).await.json();
    let quote = &body["items"][0];
    (
        quote["price"].as_f64().unwrap(),
        quote["source"].as_str().unwrap().to_owned(),
    )
}

/// Yahoo does this; the price comes from Alpha Vantage, and what Yahoo did is on record.
async fn passed_over(reply: Reply, outcome: &str, code: &str, says: &str) -> Site {
    let patience = if reply.after.is_zero() { 20 } else { 1 };
    let outside = Outside::waiting(Duration::from_secs(patience)).await;
    let site = Site::new().await;
    let id = acme(&site).await;
    site.switch_on(&[Yahoo, AlphaVantage]).await;
    outside.reply("/v8/finance/chart/ACME", reply);
    outside.reply("GLOBAL_QUOTE", vantage_quote("104.0", "2024-06-03"));
    let done = outside.refresh(&site, NOW, id, Want::Quote).await;
    assert_eq!(done.provider.as_deref(), Some("alpha_vantage"), "{done:?}");
    assert_eq!(
        price(&site).await,
        (104.0, "alpha_vantage".to_owned()),
        "{code}"
    );
    let attempts = site.attempts(Yahoo).await;
    let [(was, named, reason)] = attempts.as_slice() else {
        panic!("one attempt: {attempts:?}")
    };
    assert_eq!((was.as_str(), named.as_str()), (outcome, code), "{reason}");
    assert!(reason.contains(says), "{reason}");
    let page = site.get("/market/sources", &site.owner).await;
    assert!(page.text.contains(says), "{}", page.text);
    site
}

#[tokio::test]
async fn a_source_that_is_down_is_passed_over() {
    let down = Reply {
        status: 503,
        body: "maintenance".to_owned(),
        ..Reply::default()
    };
    passed_over(down, "failed", "failing", "maintenance").await;
}

#[tokio::test]
async fn a_source_that_is_slow_is_passed_over() {
    let slow = Reply {
        after: Duration::from_secs(20),
        ..yahoo_quote(104.5, "2024-06-03T14:45:00Z", "USD")
    };
    passed_over(slow, "failed", "timeout", "did not answer within 1 seconds").await;
}

#[tokio::test]
async fn garbage_is_no_price() {
    passed_over(ok("<html>captcha</html>"), "failed", "garbage", "line 1").await;
}

#[tokio::test]
async fn half_an_answer_is_no_price() {
    let whole = yahoo_quote(104.5, "2024-06-03T14:45:00Z", "USD").body;
    let half = ok(whole[..whole.len() / 2].to_owned());
    passed_over(half.clone(), "failed", "truncated", "ends too early").await;
    let cut = Reply {
        is_cut: true,
        ..half
    };
    passed_over(cut, "failed", "truncated", "the end of the connection").await;
}

#[tokio::test]
async fn a_source_that_wants_less_is_left_alone_for_as_long_as_it_says() {
    let throttled = Reply {
        status: 429,
        retry_after: Some("3600"),
        ..Reply::default()
    };
    let site = passed_over(throttled, "failed", "throttled", "in 3600 seconds").await;
    let states = feeds::list(&site.db()).await.unwrap();
    let yahoo = states.iter().find(|state| state.id == Yahoo).unwrap();
    let availability = yahoo.availability(NOW.parse().unwrap());
    assert_eq!(availability, feeds::Availability::LeftAlone);
    let id = site.instrument("ACME").await.id;
    // Nobody is asked then, not even by another node, and that is on record as well.
    let other = Outside::start().await;
    other.reply("GLOBAL_QUOTE", vantage_quote("104.5", "2024-06-03"));
    let done = other
        .refresh(&site, "2024-06-03T15:10:00Z", id, Want::Quote)
        .await;
    assert_eq!(done.provider.as_deref(), Some("alpha_vantage"));
    assert_eq!(other.asked("/v8/"), 0);
    let (outcome, code, _) = site.attempts(Yahoo).await.remove(0);
    assert_eq!(
        (outcome.as_str(), code.as_str()),
        ("skipped", "breaker_open")
    );
}

#[tokio::test]
async fn a_hundredfold_price_waits_and_the_next_source_is_asked() {
    let pence = yahoo_quote(10_400.0, "2024-06-03T14:45:00Z", "USD");
    let site = passed_over(pence, "fetched", "nothing_usable", "hundredth").await;
    let waiting = quality::open(&site.db(), 10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].kind, quality::Kind::Quote);
    assert_eq!(waiting[0].doubts[0].code(), "hundredfold");
    let page = site.get("/market/quarantine", &site.owner).await;
    assert!(
        page.text.contains("Quote") && page.text.contains("10400"),
        "{}",
        page.text
    );
    // Rejected, it is not doubted anew a minute later; the price stays.
    let path = format!("/market/quarantine/{}/reject", waiting[0].id);
    let rejected = site.call(Method::POST, &path, &site.owner).send("").await;
    assert_eq!(rejected.status, StatusCode::SEE_OTHER);
    let (again, id) = (Outside::start().await, site.instrument("ACME").await.id);
    let lie = yahoo_quote(10_401.0, "2024-06-03T15:00:00Z", "USD");
    again.reply("/v8/finance/chart/ACME", lie);
    let done = again
        .refresh(&site, "2024-06-03T15:05:00Z", id, Want::Quote)
        .await;
    assert_eq!((done.stored, done.quarantined), (0, 0), "{done:?}");
    assert_eq!(price(&site).await.0, 104.0);
}

#[tokio::test]
async fn pence_that_say_so_are_pounds() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site
        .add("ACME", json!({ "exchange": "XLON", "currency": "GBP" }))
        .await;
    site.close_of(id, "2024-05-31", 103.5).await;
    site.switch_on(&[Yahoo]).await;
    let pence = yahoo_quote(10_425.0, "2024-06-03T14:45:00Z", "GBp");
    outside.reply("/v8/finance/chart/ACME.L", pence);
    let done = outside.refresh(&site, NOW, id, Want::Quote).await;
    assert_eq!((done.stored, done.quarantined), (1, 0), "{done:?}");
    assert_eq!(price(&site).await.0, 104.25);
    // Another currency is no price of this instrument.
    let dollars = yahoo_quote(104.3, "2024-06-03T14:50:00Z", "USD");
    outside.reply("/v8/finance/chart/ACME.L", dollars);
    let done = outside
        .refresh(&site, "2024-06-03T15:02:00Z", id, Want::Quote)
        .await;
    assert_eq!((done.provider, done.quarantined), (None, 1));
    assert!(
        done.passed_over[0].contains("stated in USD"),
        "{:?}",
        done.passed_over
    );
    assert_eq!(price(&site).await.0, 104.25);
}

#[tokio::test]
async fn the_price_of_friday_is_not_that_of_monday() {
    let stale = yahoo_quote(103.5, "2024-05-31T20:00:00Z", "USD");
    passed_over(stale, "fetched", "nothing_usable", "2024-05-31T20:00:00Z").await;
}

#[tokio::test]
async fn a_price_of_tomorrow_is_doubted() {
    let future = yahoo_quote(104.5, "2024-06-04T15:00:00Z", "USD");
    let site = passed_over(future, "fetched", "nothing_usable", "in the future").await;
    let waiting = quality::open(&site.db(), 10).await.unwrap();
    assert_eq!(waiting[0].doubts[0].code(), "future");
}

/// Daily bars of Stooq, which says everything as CSV.
async fn daily(csv: &str) -> (Site, InstrumentId, feeds::Refreshed) {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    site.switch_on(&[Stooq]).await;
    outside.reply(
        "/q/d/l",
        ok(format!("Date,Open,High,Low,Close,Volume\n{csv}")),
    );
    let now = "2024-06-08T12:00:00Z";
    let done = outside
        .refresh(&site, now, id, Want::Bars(Interval::Day))
        .await;
    (site, id, done)
}

#[tokio::test]
async fn bars_that_repeat_themselves_lie_ahead_or_contradict_themselves_wait() {
    let (site, id, done) = daily(
        "2024-06-03,104,105,103,104,100\n2024-06-04,104,105,103,104,100\n\
         2024-06-05,104,105,103,104,100\n2024-06-06,104,105,103,104,100\n\
         2024-06-07,104,103,105,104,120\n",
    )
    .await;
    assert_eq!((done.stored, done.quarantined), (3, 2), "{done:?}");
    let waiting = quality::open(&site.db(), 10).await.unwrap();
    let mut codes: Vec<_> = waiting.iter().map(|one| one.doubts[0].code()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["high_low", "stale"]);
    let closes = site.closes(id).await;
    assert_eq!(closes.last().unwrap().0, "2024-06-05");
}

#[tokio::test]
async fn the_page_counts_all_that_waits() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.switch_on(&[Stooq]).await;
    let first = jiff::civil::date(2024, 1, 2);
    // Of each the high lies below the open.
    let rows: Vec<_> = (0..120)
        .map(|day| format!("{},104,90,89,90,100", first + day.days()))
        .collect();
    outside.reply(
        "/q/d/l",
        ok(format!(
            "Date,Open,High,Low,Close,Volume\n{}",
            rows.join("\n")
        )),
    );
    let want = Want::Bars(Interval::Day);
    let done = outside.refresh(&site, NOW, id, want).await;
    assert_eq!((done.stored, done.quarantined), (0, 120), "{done:?}");
    let page = site.get("/market/sources", &site.owner).await;
    let says = "120 prices or findings wait for you";
    assert!(page.text.contains(says), "{}", page.text);
}

#[tokio::test]
async fn a_gap_as_after_a_split_proposes_the_corporate_action() {
    let (site, id, done) =
        daily("2024-06-03,104,105,103,104,100\n2024-06-04,26,26.5,25.9,26.2,400\n").await;
    assert_eq!((done.stored, done.quarantined), (1, 1), "{done:?}");
    let page = site.get("/market/quarantine", &site.owner).await;
    let proposal = format!(
        "/market/instruments/{id}/corporate-actions/new?type=split&amp;ex_date=2024-06-04&amp;ratio=4:1"
    );
    assert!(page.text.contains(&proposal), "{}", page.text);
    // Once it is stated, the gap is explained.
    let split =
        json!({ "instrument_id": id, "type": "split", "ex_date": "2024-06-04", "ratio": "4:1" });
    let path = "/api/v1/market/corporate-actions";
    let stated = site.call(Method::POST, path, &site.owner).json(split).await;
    assert_eq!(stated.status, StatusCode::CREATED, "{}", stated.text);
    let outside = Outside::start().await;
    let csv = "Date,Open,High,Low,Close,Volume\n\
               2024-06-03,104,105,103,104,100\n2024-06-04,26,26.5,25.9,26.2,400\n";
    outside.reply("/q/d/l", ok(csv));
    feeds::invalidate(&site.db()).await.unwrap();
    let want = Want::Bars(Interval::Day);
    let done = outside
        .refresh(&site, "2024-06-08T14:00:00Z", id, want)
        .await;
    assert_eq!((done.stored, done.quarantined), (1, 0), "{done:?}");
    assert_eq!(
        site.closes(id).await.last().unwrap(),
        &("2024-06-04".to_owned(), 26.2)
    );
    // And nobody has to decide about it any more.
    assert!(quality::open(&site.db(), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_minute_across_the_split_waits_until_the_split_is_stated() {
    // AAPL, 2014-06-09: the first minute opens before the 7:1 split and closes after it (QuantConnect's
    // Lean, Data/equity/usa/minute/aapl).
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("AAPL", json!({ "exchange": "XNAS" })).await;
    site.switch_on(&[Yahoo]).await;
    let at = |text: &str| text.parse().unwrap();
    let minutes = [
        (
            at("2014-06-09T13:30:00Z"),
            [645.57, 645.57, 92.42, 92.42, 1_000.0],
        ),
        (
            at("2014-06-09T13:31:00Z"),
            [92.42, 92.6, 92.4, 92.5, 2_000.0],
        ),
    ];
    outside.reply("interval=1m", yahoo_bars(&minutes));
    let want = Want::Bars(Interval::Minute);
    let done = outside
        .refresh(&site, "2014-06-09T14:00:00Z", id, want)
        .await;
    assert_eq!((done.stored, done.quarantined), (1, 1), "{done:?}");
    let waiting = quality::open(&site.db(), 10).await.unwrap();
    assert_eq!(waiting[0].kind, quality::Kind::Bar(Interval::Minute));
    assert_eq!(waiting[0].proposed_split(), Some((7.into(), 1.into())));
    // Accepting stores it as what it is.
    let path = format!("/market/quarantine/{}/accept", waiting[0].id);
    let accepted = site.call(Method::POST, &path, &site.owner).send("").await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.text);
    let mut tx = site.db().system("look into a test").await.unwrap();
    let (from, to) = (at("2014-06-09T13:00:00Z"), at("2014-06-09T14:00:00Z"));
    let stored = market::bars::between(tx.conn(), id, Interval::Minute, from, to, 10)
        .await
        .unwrap();
    assert_eq!(stored.len(), 2);
    assert_eq!((stored[0].open, stored[0].close), (645.57, 92.42));
}
