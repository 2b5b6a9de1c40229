//! Whatever changes in whatever order, the figures of what was marked are those that a computation of everything gives.

use axum::http::Method;
use market::{
    InstrumentId,
    bars::{ImportOptions, Interval},
    quotes::NewQuote,
};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    screener::refresh,
    site::Site,
    timeseries::{bar, ingest, roll_up},
};

/// What is done to one of three instruments.
#[derive(Clone, Debug)]
enum Step {
    /// Day of May and price, as a source states it.
    Day(u8, u8),
    /// The same out of a file, in pence where the unit is not settled yet.
    File(u8, u8),
    /// Day, minute of the session and price.
    Minute(u8, u16, u8),
    /// The same, and the close before where it is known.
    Quote(u8, u16, u8, Option<u8>),
    /// A close that a person states, and takes back.
    Override(u8, u8),
    Withdraw(u8),
    /// Ex-date and new shares for an old one.
    Split(u8, u8),
    Unsplit,
    /// The unit and the exchange.
    Patch(bool, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let day = || 27..=31u8;
    let price = || 1..50u8;
    prop_oneof![
        4 => (day(), price()).prop_map(|(day, price)| Step::Day(day, price)),
        2 => (day(), price()).prop_map(|(day, price)| Step::File(day, price)),
        4 => (day(), 0..600u16, price()).prop_map(|(day, minute, price)| Step::Minute(day, minute, price)),
        4 => (day(), 0..600u16, price(), prop::option::of(price()))
            .prop_map(|(day, minute, price, before)| Step::Quote(day, minute, price, before)),
        1 => (day(), price()).prop_map(|(day, price)| Step::Override(day, price)),
        1 => day().prop_map(Step::Withdraw),
        1 => (day(), 2..5u8).prop_map(|(day, ratio)| Step::Split(day, ratio)),
        1 => Just(Step::Unsplit),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(unit, exchange)| Step::Patch(unit, exchange)),
    ]
}

fn moment(day: u8, minute: u16) -> String {
    format!(
        "2024-05-{day}T{:02}:{:02}:00Z",
        7 + minute / 60,
        minute % 60
    )
}

impl Site {
    /// Refusals are part of the law: nothing has changed then.
    async fn ask(&self, method: Method, path: &str, body: serde_json::Value) -> serde_json::Value {
        let call = self
            .call(method.clone(), path, &self.owner)
            .header("if-match", "*");
        let answer = call.json(body).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text);
        assert!(
            method != Method::PATCH || answer.status.as_u16() == 200,
            "{path}: {}",
            answer.text
        );
        serde_json::from_str(&answer.text).unwrap_or_default()
    }

    async fn figures(&self) -> Vec<String> {
        self.texts("select f::text from market.daily_figures f order by instrument_id")
            .await
    }
}

async fn act(site: &Site, id: InstrumentId, symbol: &str, step: &Step) {
    match step {
        Step::Day(day, price) => {
            let bars = [(
                id,
                bar(
                    &format!("2024-05-{day}T00:00:00Z"),
                    [f64::from(*price); 4],
                    9.0,
                ),
            )];
            ingest(site, Interval::Day, "test", &bars).await;
        }
        Step::File(day, price) => {
            let options = ImportOptions {
                symbol: Some(symbol.to_owned()),
                quotation: Some(money::Quotation::parse("GBX").unwrap()),
                source: "test".into(),
                ..ImportOptions::default()
            };
            // Where the unit is another one, the file is refused.
            let csv = format!("date,close\n2024-05-{day},{price}\n");
            drop(site.import(&csv, &options).await);
        }
        Step::Minute(day, minute, price) => {
            let bars = [(id, bar(&moment(*day, *minute), [f64::from(*price); 4], 3.0))];
            ingest(site, Interval::Minute, "test", &bars).await;
            roll_up(site).await;
        }
        Step::Quote(day, minute, price, before) => {
            site.put(&[NewQuote {
                instrument_id: id,
                price: f64::from(*price),
                previous_close: before.map(f64::from),
                volume: before.map(f64::from),
                bid: None,
                ask: None,
                at: moment(*day, *minute).parse().unwrap(),
            }])
            .await;
        }
        other => ask(site, id, other).await,
    }
}

/// What a person does through the API.
async fn ask(site: &Site, id: InstrumentId, step: &Step) {
    let home = format!("/api/v1/market/instruments/{id}");
    match step {
        Step::Override(day, price) => {
            let body = json!({ "close": price, "reason": "a test" });
            site.ask(
                Method::PUT,
                &format!("{home}/overrides/2024-05-{day}"),
                body,
            )
            .await;
        }
        Step::Withdraw(day) => {
            site.ask(
                Method::DELETE,
                &format!("{home}/overrides/2024-05-{day}"),
                json!({}),
            )
            .await;
        }
        Step::Split(day, ratio) => {
            let body = json!({ "instrument_id": id, "type": "split",
                               "ex_date": format!("2024-05-{day}"), "ratio": format!("{ratio}:1") });
            site.ask(Method::POST, "/api/v1/market/corporate-actions", body)
                .await;
        }
        Step::Unsplit => {
            let path = "/api/v1/market/corporate-actions";
            let known = site.get(path, &site.owner).await.json();
            if let Some(action) = known["items"][0]["id"].as_str() {
                site.ask(Method::DELETE, &format!("{path}/{action}"), json!({}))
                    .await;
            }
        }
        Step::Patch(is_minor, is_london) => {
            let currency = if *is_minor { "GBX" } else { "GBP" };
            let exchange = if *is_london { "XLON" } else { "" };
            site.ask(
                Method::PATCH,
                &home,
                json!({ "currency": currency, "exchange": exchange }),
            )
            .await;
            roll_up(site).await;
        }
        _ => panic!("{step:?} is done without the API"),
    }
}

async fn law(steps: &[(usize, Step, bool)]) -> Result<(), TestCaseError> {
    let site = Site::new().await;
    let mut all = Vec::new();
    for symbol in ["AAA", "BBB", "CCC"] {
        let more = json!({ "currency": "GBP", "exchange": "XLON" });
        all.push((site.add(symbol, more).await, symbol));
    }
    for (number, (which, step, is_computed)) in steps.iter().enumerate() {
        let (id, symbol) = all[*which];
        act(&site, id, symbol, step).await;
        if *is_computed || number + 1 == steps.len() {
            refresh(&site).await;
            let by_marks = site.figures().await;
            site.as_owner("update market.daily_figures_state set is_outdated = true")
                .await;
            refresh(&site).await;
            prop_assert_eq!(by_marks, site.figures().await, "after {:?}", step);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn figures_of_what_was_marked_are_those_of_everything(
        steps in prop::collection::vec((0..3usize, step(), any::<bool>()), 1..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(law(&steps))?;
    }
}
