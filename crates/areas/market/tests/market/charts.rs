use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use jiff::{Timestamp, ToSpan as _, civil::date};
use market::{
    InstrumentId,
    bars::{Bar, ImportOptions, Interval},
    charts::{OwnTrade, OwnTrades, Trades},
    quotes::simulator,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    bars_of,
    quotes::at_second,
    site::{NOW, Site, router},
};

/// What the script reads out: labels, names and values of bars, marks.
fn readings(page: &str) -> Value {
    let rest = page
        .split_once("data-readings=\"")
        .unwrap_or_else(|| panic!("no chart: {page}"))
        .1;
    let text = rest.split_once('"').unwrap().0;
    let text = text.replace("&quot;", "\"").replace("&amp;", "&");
    serde_json::from_str(&text).unwrap()
}

impl Site {
    async fn days(&self, symbol: &str, csv: &str) -> InstrumentId {
        let options = ImportOptions {
            symbol: Some(symbol.into()),
            quotation: Some(money::Quotation::major(money::Currency::USD)),
            source: "test".into(),
            ..ImportOptions::default()
        };
        self.import(csv, &options).await.unwrap();
        self.instrument(symbol).await.id
    }

    async fn page(&self, id: InstrumentId, query: &str) -> String {
        let answer = self
            .get(&format!("/market/instruments/{id}{query}"), &self.ann)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.text
    }

    async fn ingest(&self, id: InstrumentId, interval: Interval, bars: &[(&str, f64)]) {
        let rows: Vec<(InstrumentId, Bar)> = bars
            .iter()
            .map(|(at, price)| {
                let at: Timestamp = at.parse().unwrap();
                let bar = Bar {
                    at,
                    open: *price,
                    high: price + 1.0,
                    low: price - 1.0,
                    close: *price,
                    adjusted_close: None,
                    volume: Some(5.0),
                };
                (id, bar)
            })
            .collect();
        let mut tx = self.db().system("a test ingests bars").await.unwrap();
        market::bars::ingest(&mut tx, interval, "minutes.csv", &rows)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

const WEEK: &str = "date,open,high,low,close,volume\n2024-05-28,10,12,9,11,100\n\
                    2024-05-29,11,13,10,12,200\n2024-05-30,12,13,11,11.5,300\n2024-05-31,11,12,10,11,400\n";

#[tokio::test]
async fn a_chart_shows_candles_with_volume_and_reads_out_the_last_bar() {
    let site = Site::new().await;
    let id = site.days("ACME", WEEK).await;
    let page = site.page(id, "").await;
    assert!(
        page.contains("class=\"candle gain\"") && page.contains("class=\"column loss\""),
        "{page}"
    );
    let chart = readings(&page);
    assert_eq!(
        chart["names"],
        json!(["Open", "High", "Low", "Close", "Volume"])
    );
    assert_eq!(chart["labels"][3], "May 31, 2024");
    assert_eq!(
        chart["rows"][3],
        json!(["11.00", "12.00", "10.00", "11.00", "400"])
    );
    assert!(
        page.contains("<strong data-reading-at>May 31, 2024</strong>"),
        "{page}"
    );
    assert!(
        page.contains("Each candle spans one trading day."),
        "{page}"
    );
}

#[tokio::test]
async fn bars_of_four_prices_can_be_chosen_and_are_what_a_person_who_prefers_bars_sees() {
    let site = Site::new().await;
    let id = site.days("ACME", WEEK).await;
    let chosen = site.page(id, "?kind=ohlc").await;
    assert!(
        chosen.contains("class=\"ohlc gain\"") && chosen.contains("class=\"ohlc loss\""),
        "{chosen}"
    );
    assert!(!chosen.contains("class=\"candle"), "{chosen}");
    assert!(
        chosen.contains("class=\"column loss\""),
        "the volume stays below: {chosen}"
    );
    assert!(
        chosen.contains("Each bar spans one trading day."),
        "{chosen}"
    );
    let kept = format!("href=\"/market/instruments/{id}?period=5Y&amp;kind=ohlc\"");
    assert!(chosen.contains(&kept), "{chosen}");
    let plain = site.page(id, "").await;
    let link = format!("/market/instruments/{id}?period=1Y&amp;kind=ohlc\"");
    assert!(
        plain.contains(&link) && plain.contains("OHLC bars"),
        "{plain}"
    );

    site.change("update identity.preferences set chart_type = 'bar'")
        .await;
    let preferred = site.page(id, "").await;
    assert!(preferred.contains("class=\"ohlc gain\""), "{preferred}");
}

#[tokio::test]
async fn kind_scale_and_indicators_stand_in_the_address_and_links_keep_each_other() {
    let site = Site::new().await;
    let id = site.days("ACME", WEEK).await;
    let page = site
        .page(id, "?period=ALL&kind=line&scale=log&with=sma20,rsi")
        .await;
    assert!(!page.contains("class=\"candle gain\""), "a line");
    assert_eq!(
        readings(&page)["names"],
        json!(["Open", "High", "Low", "Close", "Volume", "SMA 20", "RSI 14"])
    );
    // Twenty closes are not there yet.
    assert_eq!(readings(&page)["rows"][3][5], "—");
    let path = format!("/market/instruments/{id}?period=");
    let other_period =
        format!("href=\"{path}5Y&amp;kind=line&amp;scale=log&amp;with=sma20%2Crsi\"");
    assert!(page.contains(&other_period), "{page}");
    let without = format!(
        "href=\"{path}ALL&amp;kind=line&amp;scale=log&amp;with=rsi\" aria-current=\"true\""
    );
    assert!(
        page.contains(&without),
        "an indicator leads to the page without it: {page}"
    );
    let odd = site
        .page(id, "?period=9X&kind=pie&scale=x&adjust=y&with=magic")
        .await;
    assert_eq!(
        readings(&odd)["names"],
        json!(["Open", "High", "Low", "Close", "Volume"])
    );
}

#[tokio::test]
async fn prices_before_a_split_are_adjusted_unless_they_are_wanted_as_traded() {
    let site = Site::new().await;
    let csv = "date,open,high,low,close\n2024-05-28,400,404,396,400\n2024-05-29,100,101,99,100\n\
               2024-05-30,100,102,98,101\n";
    let id = site.days("ACME", csv).await;
    site.ingest(
        id,
        Interval::Hour,
        &[
            ("2024-05-28T15:00:00Z", 400.0),
            ("2024-05-29T15:00:00Z", 100.0),
            ("2024-05-30T15:00:00Z", 101.0),
        ],
    )
    .await;
    let body =
        json!({"instrument_id": id, "type": "split", "ex_date": "2024-05-29", "ratio": "4:1"});
    let call = site.call(
        Method::POST,
        "/api/v1/market/corporate-actions",
        &site.owner,
    );
    assert_eq!(call.json(body).await.status, StatusCode::CREATED);

    let adjusted = site.page(id, "?period=ALL").await;
    assert_eq!(readings(&adjusted)["rows"][0][3], "100.00");
    assert_eq!(readings(&adjusted)["marks"], json!([[1, "Split 4:1"]]));
    assert!(
        adjusted.contains("<span class=\"event\">Split 4:1</span>"),
        "{adjusted}"
    );
    let raw = site.page(id, "?period=ALL&adjust=none").await;
    assert_eq!(readings(&raw)["rows"][0][3], "400.00");
    assert!(raw.contains("Prices are as they were traded."));

    let hours = readings(&site.page(id, "?period=5D").await);
    let closes: Vec<&Value> = hours["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row[3])
        .collect();
    assert_eq!(
        closes,
        ["100.00", "100.00", "101.00"],
        "within the day as well"
    );
}

#[tokio::test]
async fn a_period_takes_the_interval_that_is_stored() {
    let site = Site::new().await;
    let id = site.days("ACME", WEEK).await;
    let page = site.page(id, "?period=1D").await;
    assert!(
        page.contains("Prices within the days of this period are not stored."),
        "{page}"
    );
    assert_eq!(
        readings(&page)["labels"],
        json!(["May 31, 2024"]),
        "the last day"
    );

    let five = [
        ("2024-05-30T14:30:00Z", 12.0),
        ("2024-05-31T14:30:00Z", 11.0),
        ("2024-05-31T14:35:00Z", 11.5),
    ];
    site.ingest(id, Interval::FiveMinutes, &five).await;
    let page = site.page(id, "?period=1D").await;
    assert!(page.contains("Each candle spans 5 minutes."), "{page}");
    let labels = &readings(&page)["labels"];
    assert_eq!(
        *labels,
        json!(["May 31, 2024 14:30 UTC", "May 31, 2024 14:35 UTC"])
    );
    let page = site.page(id, "?period=5D").await;
    assert_eq!(
        readings(&page)["labels"].as_array().unwrap().len(),
        3,
        "both days"
    );

    site.ingest(id, Interval::Minute, &[("2024-05-31T14:31:00Z", 11.2)])
        .await;
    let page = site.page(id, "?period=1D").await;
    assert!(
        page.contains("Each candle spans one minute."),
        "the finest: {page}"
    );
    // Minutes that end long before the last day say nothing about it.
    let late = [
        ("2024-06-10T00:00:00Z", 11.0),
        ("2024-06-11T00:00:00Z", 11.0),
    ];
    site.ingest(id, Interval::Day, &late).await;
    let page = site.page(id, "?period=1D").await;
    assert_eq!(readings(&page)["labels"], json!(["Jun 11, 2024"]));
}

/// What the room of portfolios would tell.
fn bought(_: &mut db::UserTx, id: InstrumentId) -> Trades<'_> {
    Box::pin(async move {
        Ok(vec![OwnTrade {
            date: date(2024, 5, 29),
            is_purchase: true,
            label: "at 11.75 USD".into(),
            href: format!("/portfolio/transactions/{id}/edit"),
        }])
    })
}

#[tokio::test]
async fn own_trades_are_marked_where_another_room_tells_them() {
    let site = Site::new().await;
    let id = site.days("ACME", WEEK).await;
    assert_eq!(readings(&site.page(id, "").await)["marks"], json!([]));
    let lent: Router = router(&site.app).layer(Extension(OwnTrades(bought)));
    let request = Request::get(format!("/market/instruments/{id}"))
        .header("authorization", format!("Bearer {}", site.ann))
        .body(Body::empty())
        .unwrap();
    let answer = lent.oneshot(request).await.unwrap();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let page = String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(readings(&page)["marks"], json!([[1, "Buy at 11.75 USD"]]));
    let link = format!("<a href=\"/portfolio/transactions/{id}/edit\">Buy at 11.75 USD</a>");
    assert!(page.contains(&link), "the table leads to it: {page}");
}

#[tokio::test]
async fn the_price_is_the_quote_unless_that_is_older_than_the_close() {
    let site = Site::new().await;
    let id = site.days("ACME", WEEK).await;
    let before = site.page(id, "").await;
    let place = format!("data-quote=\"{id}\" data-quote-field=\"price\"");
    assert!(
        before.contains(&format!(
            "<span class=\"live\" {place}><data class=\"price\" value=\"11\">$11.00</data>"
        )),
        "{before}"
    );
    assert!(
        before.contains("close of <time datetime=\"2024-05-31\">"),
        "{before}"
    );
    site.put(&[at_second(id, -900_000, 99.0)]).await;
    assert!(
        site.page(id, "").await.contains("$11.00</data></span>"),
        "a quote of ten days ago"
    );
    site.put(&[at_second(id, 1, 12.5)]).await;
    let page = site.page(id, "").await;
    assert!(page.contains(">$12.50</data></span>"), "{page}");
    assert!(
        page.contains("Latest price") && page.contains("data-live-state"),
        "{page}"
    );
    assert!(
        page.contains("/assets/live-"),
        "the script is there where something moves"
    );
}

#[tokio::test]
async fn board_and_screener_can_be_followed() {
    let site = Site::new().await;
    let id = site.days("ACME", WEEK).await;
    let mut tx = site.db().system("a test computes figures").await.unwrap();
    market::figures::refresh(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    for path in ["/market", "/market/screener"] {
        let page = site.get(path, &site.ann).await.text;
        for field in ["price", "percent"] {
            let place = format!("data-quote=\"{id}\" data-quote-field=\"{field}\"");
            assert!(page.contains(&place), "{path} {field}: {page}");
        }
        assert!(page.contains("data-live-state"), "{path}");
    }
}

#[tokio::test]
async fn every_kind_of_figure_names_its_source_and_its_age() {
    let site = Site::new().await;
    let id = bars_of(&site, "ACME").await;
    let page = site.page(id, "").await;
    let sources = page.split_once("Where these figures come from").unwrap().1;
    assert!(
        sources.contains("Bars of a day") && sources.contains(">file test<"),
        "{sources}"
    );
    assert!(
        !sources.contains("days old"),
        "Friday is fresh on Monday: {sources}"
    );
    let old = site.days("PAST", "date,close\n2024-05-01,10\n").await;
    site.ingest(old, Interval::Hour, &[("2024-05-01T15:00:00Z", 10.0)])
        .await;
    let page = site.page(old, "").await;
    let sources = page.split_once("Where these figures come from").unwrap().1;
    assert!(
        sources.contains("Bars of 1 hour") && sources.contains("minutes.csv"),
        "{sources}"
    );
    assert!(sources.contains("33 days old"), "{sources}");
}

#[tokio::test]
async fn an_instrument_without_prices_has_no_chart_and_says_why() {
    let site = Site::new().await;
    let call = site.call(Method::POST, "/api/v1/market/instruments", &site.owner);
    let made = call
        .json(json!({"symbol": "NEW", "asset_class": "equity"}))
        .await
        .json();
    let path = format!("/market/instruments/{}", made["id"].as_str().unwrap());
    let page = site.get(&path, &site.ann).await.text;
    assert!(
        page.contains("No prices of NEW have been loaded yet."),
        "{page}"
    );
    assert!(
        !page.contains("data-readings") && !page.contains("data-quote"),
        "{page}"
    );
}

#[tokio::test]
async fn simulated_days_are_filled_from_within_once_and_only_as_far_as_they_have_passed() {
    let site = Site::new().await;
    let id = site.days("MADE", WEEK).await;
    let real = site.days("REAL", WEEK).await;
    site.change(&format!(
        "update market.instruments set is_simulated = true where id = '{}'",
        id.0
    ))
    .await;
    let stop = web::CancellationToken::new();
    stop.cancel();
    let clock = db::Clock::fixed("2024-05-31T15:30:00Z".parse().unwrap());
    for _ in 0..2 {
        simulator::run(site.db(), clock.clone(), stop.clone()).await;
    }
    let mut tx = site.db().system("look into a test").await.unwrap();
    let from: Timestamp = NOW.parse::<Timestamp>().unwrap() - 240.hours();
    let to = NOW.parse().unwrap();
    let mut count = async |id, interval| {
        market::bars::between(tx.conn(), id, interval, from, to, 10_000)
            .await
            .unwrap()
    };
    assert_eq!(
        count(id, Interval::Minute).await.len(),
        390 + 60,
        "a day and an hour"
    );
    let hours = count(id, Interval::Hour).await;
    assert_eq!(hours.len(), 3 * 7 + 2);
    let (high, low) = hours
        .iter()
        .take(7)
        .fold((0.0_f64, f64::MAX), |(high, low), bar| {
            (high.max(bar.high), low.min(bar.low))
        });
    assert_eq!(
        (hours[0].open, hours[6].close, high, low),
        (10.0, 11.0, 12.0, 9.0),
        "May 28"
    );
    assert!(
        count(real, Interval::Hour).await.is_empty(),
        "what is real stays as it is"
    );
}
