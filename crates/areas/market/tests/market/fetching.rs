//! What sources give besides daily bars, from the answer to the API: quotes, bars of minutes, option chains,
//! reported figures and index values; and the jobs that ask for them.

use axum::http::{Method, StatusCode};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use jobs::{Registry, Runner};
use market::{
    InstrumentId,
    bars::{self, Interval},
    feeds::{self, QueueRefreshes, Refresh, RefreshQuotes, Want},
    interests::{self, Reason},
};
use serde_json::{Value, json};
use sources::ProviderId::{AlphaVantage, Cboe, Fred, SecEdgar, Yahoo};

use crate::{
    outside::{Outside, ok, yahoo_bars, yahoo_nothing, yahoo_quote},
    reference::folder,
    site::Site,
};

const OPEN: &str = "2024-06-03T15:00:00Z";

/// A file of the reference data; `None` only where it was said that the tests go without them.
fn reference(name: &str) -> Option<String> {
    let path = folder()?.join(name);
    let read = std::fs::read_to_string(&path);
    Some(read.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

async fn acme(site: &Site) -> InstrumentId {
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    site.close_of(id, "2024-05-31", 103.5).await;
    id
}

async fn quote(site: &Site) -> Value {
    let path = "/api/v1/market/quotes?symbols=ACME";
    site.get(path, &site.ann).await.json()["items"][0].clone()
}

#[tokio::test]
async fn a_quote_is_stored_and_used_for_a_minute() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    site.switch_on(&[Yahoo]).await;
    outside.reply(
        "range=1d",
        yahoo_quote(104.25, "2024-06-03T14:45:00Z", "USD"),
    );
    let done = outside.refresh(&site, OPEN, id, Want::Quote).await;
    assert_eq!((done.provider.as_deref(), done.stored), (Some("yahoo"), 1));
    let stored = quote(&site).await;
    assert_eq!(
        (&stored["price"], &stored["change"]),
        (&json!(104.25), &json!(0.75))
    );
    assert_eq!(
        (&stored["source"], &stored["at"]),
        (&json!("yahoo"), &json!("2024-06-03T14:45:00Z"))
    );

    let again = outside
        .refresh(&site, "2024-06-03T15:00:50Z", id, Want::Quote)
        .await;
    assert_eq!(
        (again.provider.as_deref(), outside.asked("/v8/")),
        (Some("yahoo"), 1)
    );
    outside
        .refresh(&site, "2024-06-03T15:01:00Z", id, Want::Quote)
        .await;
    assert_eq!(outside.asked("/v8/"), 2);
    feeds::invalidate(&site.db()).await.unwrap();
    let now: Timestamp = OPEN.parse().unwrap();
    let kinds = feeds::cache_statistics(&site.db(), now).await.unwrap();
    let of = kinds.iter().find(|kind| kind.data_type == "quote").unwrap();
    let counted = (of.misses, of.hits, of.expired, of.invalidated, of.entries);
    assert_eq!(counted, (1, 1, 1, 1, 0));
}

async fn run(site: &Site, outside: &Outside, now: &str) {
    let registry = || {
        Registry::new()
            .with::<Refresh>()
            .with::<RefreshQuotes>()
            .with::<QueueRefreshes>()
            .provide(outside.feeds.clone())
    };
    let clock = db::Clock::fixed(now.parse().unwrap());
    let mut tx = site.db().system("a test queues jobs").await.unwrap();
    jobs::enqueue(&mut tx, &RefreshQuotes {}).await.unwrap();
    jobs::enqueue(&mut tx, &QueueRefreshes {}).await.unwrap();
    tx.commit().await.unwrap();
    // Two nodes; each job runs on one of them.
    let nodes = [(); 2].map(|()| Runner::new(site.db(), clock.clone(), registry()));
    let (one, other) = tokio::join!(nodes[0].run_due(), nodes[1].run_due());
    assert!(one.unwrap() + other.unwrap() >= 2);
}

#[tokio::test]
async fn jobs_ask_for_what_is_held_or_watched_while_its_market_is_open() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    site.add("NOBODYS", json!({ "exchange": "XNYS" })).await;
    site.switch_on(&[Yahoo]).await;
    outside.reply("period1", yahoo_nothing());
    outside.reply(
        "range=1d",
        yahoo_quote(104.25, "2024-06-03T14:45:00Z", "USD"),
    );
    run(&site, &outside, OPEN).await;
    assert_eq!(outside.asked("range=1d"), 0, "nobody wants any");

    let mut tx = site.db().system("a test holds").await.unwrap();
    let now: Timestamp = OPEN.parse().unwrap();
    interests::state(&mut tx, Reason::Held, &[id], now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    run(&site, &outside, OPEN).await;
    assert_eq!(outside.asked("ACME?range=1d"), 1);
    assert_eq!(outside.asked("NOBODYS?range=1d"), 0);
    assert_eq!(quote(&site).await["price"], 104.25);
    assert_eq!(outside.asked("ACME?period1"), 4, "bars of four lengths");
    run(&site, &outside, "2024-06-03T15:00:30Z").await;
    assert_eq!(outside.asked("ACME?range=1d"), 1, "not twice a minute");
    run(&site, &outside, "2024-06-03T15:01:30Z").await;
    assert_eq!(outside.asked("ACME?range=1d"), 2);
    // What is not said again lapses.
    run(&site, &outside, "2024-06-03T17:30:00Z").await;
    assert_eq!(outside.asked("ACME?range=1d"), 2);
    let page = site.get("/market/sources", &site.owner).await;
    assert!(
        page.text.contains("What is kept up to date"),
        "{}",
        page.text
    );

    // Saturday: the last of Friday was fetched after the close, and nothing is due.
    let mut tx = site.db().system("a test holds").await.unwrap();
    let saturday: Timestamp = "2024-06-08T15:00:00Z".parse().unwrap();
    interests::state(&mut tx, Reason::Watched, &[id], saturday)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    run(&site, &outside, "2024-06-08T15:00:00Z").await;
    assert_eq!(outside.asked("ACME?range=1d"), 3, "once after the close");
    run(&site, &outside, "2024-06-08T15:04:00Z").await;
    assert_eq!(outside.asked("ACME?range=1d"), 3);
}

#[tokio::test]
async fn minutes_become_longer_bars() {
    let (Some(first), Some(second), Some(days)) = (
        reference("prices/ibm_minute_20131007.csv"),
        reference("prices/ibm_minute_20131008.csv"),
        reference("expected/aggregate_ibm_minutes_1d_regular_session.csv"),
    ) else {
        return;
    };
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("IBM", json!({ "exchange": "XNYS" })).await;
    site.switch_on(&[Yahoo]).await;
    let new_york = TimeZone::get("America/New_York").unwrap();
    let mut minutes = Vec::new();
    for line in first.lines().skip(1).chain(second.lines().skip(1)) {
        let cells: Vec<&str> = line.split(',').collect();
        let at: DateTime = cells[0].parse().unwrap();
        let values: Vec<f64> = cells[1..]
            .iter()
            .map(|cell| cell.parse().unwrap())
            .collect();
        let at = new_york.to_timestamp(at).unwrap();
        minutes.push((at, values.try_into().unwrap()));
    }
    // One that is not over is left for the next time.
    minutes.push((
        "2013-10-09T12:00:00Z".parse().unwrap(),
        [180.0, 180.0, 180.0, 180.0, 7.0],
    ));
    outside.reply("interval=1m", yahoo_bars(&minutes));
    let want = Want::Bars(Interval::Minute);
    let done = outside
        .refresh(&site, "2013-10-09T12:00:30Z", id, want)
        .await;
    assert_eq!(
        done.stored + done.quarantined as u64,
        minutes.len() as u64 - 1,
        "{done:?}"
    );
    assert_eq!(done.quarantined, 0);
    market::rollups::run(&site.db()).await.unwrap();
    let mut tx = site.db().system("look into a test").await.unwrap();
    for line in days.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let date = cells[0].get(..10).unwrap().parse().unwrap();
        let found = bars::on_day(tx.conn(), &[id], date).await.unwrap();
        let bar = found[&id];
        let expected: Vec<f64> = cells[1..6]
            .iter()
            .map(|cell| cell.parse().unwrap())
            .collect();
        let rolled = [bar.open, bar.high, bar.low, bar.close, bar.volume.unwrap()];
        for (one, other) in rolled.iter().zip(&expected) {
            assert!((one - other).abs() < 1e-9, "{line}: {rolled:?}");
        }
    }
}

/// Contracts in Cboe's words: symbol, bid, ask, last, volume, implied volatility, delta.
fn cboe(at: &str, spot: f64, options: &[Value]) -> String {
    json!({ "timestamp": at, "data": { "current_price": spot, "options": options } }).to_string()
}

#[tokio::test]
async fn a_chain_of_two_thousand_contracts_is_kept_as_stated() {
    let Some(csv) = reference("options/goog_chain_20151224.csv") else {
        return;
    };
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("GOOG", json!({ "exchange": "XNAS" })).await;
    site.switch_on(&[Cboe]).await;
    let mut options = Vec::new();
    for line in csv.lines().skip(2) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |index: usize| cells[index].parse::<f64>().ok();
        let strike = number(1).unwrap() * 1_000.0;
        let day = cells[0].replace('-', "");
        options.push(json!({
            "option": format!("GOOG{}{}{strike:08.0}", &day[2..], cells[2]),
            "last_trade_price": number(6), "volume": number(7), "open_interest": number(8),
            "iv": number(9), "delta": number(10), "gamma": number(11), "vega": number(12),
            "theta": number(13),
        }));
    }
    let number = options.len();
    // The close of the underlying stands in the file's second line.
    outside.reply(
        "/options/GOOG.json",
        ok(cboe("2015-12-24 18:15:00", 748.4, &options)),
    );
    let now = "2015-12-24T22:00:00Z";
    let done = outside.refresh(&site, now, id, Want::OptionChain).await;
    assert_eq!(
        (done.stored, done.quarantined),
        (number as u64, 0),
        "{done:?}"
    );

    let path = format!("/api/v1/market/instruments/{id}/options");
    let all = site.get(&path, &site.ann).await.json();
    assert_eq!(all["contracts"].as_array().unwrap().len(), number);
    assert_eq!(all["expirations"][0], "2015-12-31");
    assert_eq!(
        (&all["spot"], &all["source"]),
        (&json!(748.4), &json!("cboe"))
    );
    let path = format!("{path}?expiration=2015-12-31&type=call");
    let calls = site.get(&path, &site.ann).await.json();
    let first = &calls["contracts"][0];
    assert_eq!(first["symbol"], "GOOG151231C00450000");
    assert_eq!(
        (&first["strike_price"], &first["in_the_money"]),
        (&json!("450"), &json!(true))
    );
    assert_eq!(first["implied_volatility"], 1.740_577_2);
    assert_eq!(
        (&first["delta"], &first["last_price"]),
        (&json!(0.991_595_9), &json!(298.3))
    );
    assert!(
        calls["contracts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["option_type"] == "call")
    );

    // The same chain is not stored twice; a later one takes its place.
    let later = outside
        .refresh(&site, "2015-12-25T12:00:00Z", id, Want::OptionChain)
        .await;
    assert_eq!((later.provider.as_deref(), later.stored), (Some("cboe"), 0));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn contracts_that_cannot_be_are_left_out_and_found() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    site.switch_on(&[Cboe]).await;
    let contract =
        |symbol: &str, bid: f64, ask: f64| json!({ "option": symbol, "bid": bid, "ask": ask });
    let options = vec![
        contract("ACME240621C00100000", 4.4, 4.6),
        contract("ACME240621C00110000", 1.4, 1.2),
        contract("ACME240621P00110000", 7.4, 7.2),
        contract("ACME240524C00100000", 4.4, 4.6),
    ];
    let path = format!("/api/v1/market/instruments/{id}/options");
    let none = site.get(&path, &site.ann).await.json();
    assert_eq!(
        (&none["fetched_at"], &none["contracts"]),
        (&Value::Null, &json!([]))
    );
    outside.reply(
        "/options/ACME.json",
        ok(cboe("2024-06-03 14:45:00", 104.0, &options)),
    );
    let done = outside.refresh(&site, OPEN, id, Want::OptionChain).await;
    assert_eq!((done.stored, done.quarantined), (1, 3), "{done:?}");
    let chain = site.get(&path, &site.ann).await.json();
    assert_eq!(chain["contracts"][0]["days_to_expiration"], 18);
    assert_eq!(chain["contracts"].as_array().unwrap().len(), 1);
    assert_eq!(site.get(&path, "").await.status, StatusCode::UNAUTHORIZED);
    for wrong in ["?expiration=tomorrow", "?type=both"] {
        let refused = site.get(&format!("{path}{wrong}"), &site.ann).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.text
        );
    }
    let found = market::quality::open_findings(&site.db(), 10)
        .await
        .unwrap();
    let crossed = found
        .iter()
        .find(|one| one.sentence.contains("above the ask"))
        .unwrap();
    assert_eq!(
        (crossed.count, crossed.example.as_str()),
        (2, "ACME240621C00110000")
    );
    let page = site.get("/market/quarantine", &site.owner).await;
    assert!(page.text.contains("had ended before"), "{}", page.text);
    let dismiss = format!("/market/quarantine/findings/{}/dismiss", crossed.id);
    let forbidden = site.call(Method::POST, &dismiss, &site.ann).send("").await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    let dismissed = site
        .call(Method::POST, &dismiss, &site.owner)
        .send("")
        .await;
    assert_eq!(
        dismissed.status,
        StatusCode::SEE_OTHER,
        "{}",
        dismissed.text
    );
    assert_eq!(
        market::quality::open_findings(&site.db(), 10)
            .await
            .unwrap()
            .len(),
        1
    );

    // A price of the underlying in pence makes all of the chain doubtful.
    let options = vec![contract("ACME240621C00100000", 4.5, 4.7)];
    outside.reply(
        "/options/ACME.json",
        ok(cboe("2024-06-04 14:45:00", 10_400.0, &options)),
    );
    let done = outside
        .refresh(&site, "2024-06-04T15:00:00Z", id, Want::OptionChain)
        .await;
    assert_eq!((done.provider, done.stored, done.quarantined), (None, 0, 1));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn reported_figures_come_from_all_who_know_some() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = acme(&site).await;
    site.switch_on(&[SecEdgar, AlphaVantage]).await;
    let directory = json!({ "0": { "cik_str": 12345, "ticker": "ACME", "title": "Acme Corp." } });
    outside.reply("/files/company_tickers.json", ok(directory.to_string()));
    let said = |end: &str, value: f64, filed: &str| {
        json!({ "start": "2023-01-01", "end": end, "val": value, "fy": 2023, "fp": "FY", "form": "10-K",
                "filed": filed })
    };
    let facts = json!({ "cik": 12345, "facts": { "us-gaap": {
        "Revenues": { "units": { "USD": [
            said("2023-12-31", 900.0, "2024-02-01"), said("2023-12-31", 910.0, "2024-03-01"),
            said("2024-12-31", 5.0, "2025-02-01"),
        ] } },
        "Assets": { "units": { "USD": [
            { "end": "2023-12-31", "val": 5_000, "form": "10-K", "filed": "2024-02-01" },
        ] } },
    } } });
    outside.reply("/CIK0000012345.json", ok(facts.to_string()));
    let overview = json!({
        "Symbol": "ACME", "Currency": "USD", "LatestQuarter": "2024-03-31", "EBITDA": "120",
        "MarketCapitalization": "3000000000", "PERatio": "12.5", "DividendYield": "None",
    });
    outside.reply("function=OVERVIEW", ok(overview.to_string()));
    let done = outside.refresh(&site, OPEN, id, Want::Fundamentals).await;
    assert_eq!((done.stored, done.quarantined), (6, 1), "{done:?}");

    let path = format!("/api/v1/market/instruments/{id}/fundamentals");
    let all = site.get(&path, &site.ann).await.json();
    let of = |concept: &str| -> Value {
        let items = all["items"].as_array().unwrap();
        items
            .iter()
            .find(|item| item["concept"] == concept)
            .cloned()
            .unwrap()
    };
    assert_eq!(
        (&of("Revenues")["value"], &of("Revenues")["filed"]),
        (&json!("910"), &json!("2024-03-01"))
    );
    assert_eq!(of("Assets")["period_start"], Value::Null);
    assert_eq!(
        (&of("EBITDA")["source"], &of("EBITDA")["unit"]),
        (&json!("alpha_vantage"), &json!("USD"))
    );
    let one = site
        .get(&format!("{path}?concept=Revenues"), &site.ann)
        .await
        .json();
    assert_eq!(
        one["items"].as_array().unwrap().len(),
        1,
        "the last report of each period"
    );
    // By these the instrument is screened.
    let shown = site
        .get(&format!("/api/v1/market/instruments/{id}"), &site.ann)
        .await
        .json();
    assert_eq!(shown["market_cap_bucket"], "mid", "{shown}");
    assert_eq!(shown["pe_bucket"], "low", "{shown}");
    let found = market::quality::open_findings(&site.db(), 10)
        .await
        .unwrap();
    assert!(found[0].sentence.contains("future"), "{found:?}");

    // The directory is not fetched again, and nothing is new.
    let again = outside
        .refresh(&site, "2024-06-04T15:00:00Z", id, Want::Fundamentals)
        .await;
    assert_eq!(outside.asked("company_tickers"), 1);
    assert_eq!(
        again.stored, 2,
        "market capitalisation and P/E of the day: {again:?}"
    );
    let stranger = format!(
        "/api/v1/market/instruments/{}/fundamentals",
        uuid::Uuid::nil()
    );
    assert_eq!(
        site.get(&stranger, &site.ann).await.status,
        StatusCode::NOT_FOUND
    );
    let odd = site.get(&format!("{path}?concept=%00"), &site.ann).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", odd.text);
}

#[tokio::test]
async fn a_series_tells_what_an_index_stood_at() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("SPX", json!({ "asset_class": "index" })).await;
    site.switch_on(&[Fred, Yahoo]).await;
    let observations = json!({ "observations": [
        { "date": "2024-05-30", "value": "5235.48" }, { "date": "2024-05-31", "value": "5277.51" },
        { "date": "2024-06-01", "value": "." }, { "date": "2024-06-03", "value": "528340.00" },
    ] });
    outside.reply("series_id=SP500", ok(observations.to_string()));
    let now = "2024-06-04T00:30:00Z";
    let done = outside.refresh(&site, now, id, Want::IndexValues).await;
    assert_eq!((done.stored, done.quarantined), (2, 1), "{done:?}");
    let path = format!("/api/v1/market/indices/{id}/values");
    let values = site.get(&path, &site.ann).await.json();
    let last = &values["items"][0];
    assert_eq!(
        (&last["value"], &last["source"]),
        (&json!(5277.51), &json!("fred"))
    );
    assert!((last["change"].as_f64().unwrap() - 42.03).abs() < 1e-9);

    // A quote of an index is one of its values, too.
    outside.reply(
        "range=1d",
        yahoo_quote(5_290.0, "2024-06-03T19:45:00Z", "USD"),
    );
    let done = outside
        .refresh(&site, "2024-06-03T19:50:00Z", id, Want::Quote)
        .await;
    assert_eq!(
        (done.provider.as_deref(), done.stored),
        (Some("yahoo"), 1),
        "{done:?}"
    );
    let values = site.get(&path, &site.ann).await.json();
    assert_eq!(values["items"][0]["value"], 5_290.0);
}
