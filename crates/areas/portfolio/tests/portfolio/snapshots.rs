//! Snapshots are built from the first changed day on, and are what a full rebuild gives.

use axum::http::Method;
use db::UserId;
use portfolio::{
    portfolios::PortfolioId,
    snapshots::{Built, bring_up_to_date, pack, rebuild},
};
use serde_json::{Value, json};

use crate::server::{PORTFOLIOS, Person, Server, TRANSACTIONS, text};

const SNAPSHOTS: &str = "/api/v1/portfolio/snapshots";
/// Those that are packed and those that are not.
const ALL: &str = "portfolio.all_snapshots";

async fn build(server: &Server, user: UserId, portfolio: &str) -> Built {
    let id = PortfolioId(portfolio.parse().expect("an id"));
    bring_up_to_date(&server.app.db, &server.app.clock, user, id)
        .await
        .expect("built")
}

fn from(day: &str) -> Built {
    Built::From(day.parse().expect("a day"))
}

#[tokio::test]
async fn each_day_is_kept_and_only_what_changed_is_built_again() {
    let mut server = Server::start().await;
    server
        .prices(
            "EUR",
            &[("ACME", "2026-02-26", "100"), ("ACME", "2026-02-28", "110")],
        )
        .await;
    server
        .rewrite("update market.bars_1d set observed_at = '2026-02-01'")
        .await;
    let mut ann = server.person("ann").await;
    let mut bob = server.person("bob").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let deposit = json!({ "type": "deposit", "date": "2026-02-25", "amount": "1000" });
    ann.record(&portfolio, deposit).await;
    let buy = json!({ "type": "buy", "date": "2026-02-26", "symbol": "ACME", "quantity": "5", "price": "100" });
    let bought = ann.record(&portfolio, buy).await;
    let queued = "platform.jobs where name = 'portfolio.build_snapshots' and state = 'queued'";
    assert_eq!(server.count(queued).await, 1, "one job for all changes");

    assert_eq!(build(&server, ann.id, &portfolio).await, from("0001-01-01"));
    assert_eq!(build(&server, ann.id, &portfolio).await, Built::Current);
    let page = ann
        .api
        .read(&format!("{SNAPSHOTS}?portfolio_id={portfolio}&limit=3"))
        .await;
    // Today is the second of March: 500 in cash and five shares of 110.
    let latest = &page["items"][0];
    assert_eq!(
        *latest,
        json!({
            "portfolio_id": portfolio, "date": "2026-03-02", "currency": "EUR",
            "total_value": "1050", "cash_balance": "500", "net_invested": "1000",
            "total_gain": "50", "total_gain_percent": "0.05",
            "day_change": "0", "day_change_percent": "0", "holdings_count": 1,
            "asset_allocation": { "cash": "500", "equity": "550" },
        })
    );
    assert_eq!(page["items"][2]["date"], "2026-02-28");
    assert_eq!(page["items"][2]["day_change"], "50");
    assert_eq!(page["items"][2]["day_change_percent"], "0.05");
    let cursor = text(&page["next_cursor"]);
    let rest = ann
        .api
        .read(&format!(
            "{SNAPSHOTS}?portfolio_id={portfolio}&limit=3&cursor={cursor}"
        ))
        .await;
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(rest["items"][2]["date"], "2026-02-25");
    assert_eq!(rest["items"][2]["day_change"], "0", "a deposit is no gain");
    assert_eq!(rest["next_cursor"], Value::Null);
    let some = ann
        .api
        .read(&format!("{SNAPSHOTS}?from=2026-02-26&to=2026-02-27"))
        .await;
    assert_eq!(some["items"].as_array().map(Vec::len), Some(2));
    let csv = ann
        .api
        .call(Method::GET, &format!("{SNAPSHOTS}.csv"), None)
        .await;
    assert_eq!(csv.body.lines().count(), 7);
    csv.shows("2026-03-02,");
    assert_eq!(bob.api.read(SNAPSHOTS).await["items"], json!([]));

    // An edit makes the days from the earlier of its two dates on wrong.
    let path = format!("{TRANSACTIONS}/{}", text(&bought["id"]));
    let moved = json!({ "portfolio_id": portfolio, "type": "buy", "date": "2026-02-27", "symbol": "ACME", "quantity": "5", "price": "100" });
    ann.api
        .call(Method::PUT, &path, Some(moved))
        .await
        .json_of(200);
    assert_eq!(build(&server, ann.id, &portfolio).await, from("2026-02-26"));
    // A new price.
    server.prices("EUR", &[("ACME", "2026-03-01", "120")]).await;
    assert_eq!(build(&server, ann.id, &portfolio).await, from("2026-03-01"));
    // A new day.
    server
        .app
        .clock
        .advance(jiff::SignedDuration::from_hours(24));
    let built = build(&server, ann.id, &portfolio).await;
    assert_eq!(built, from("2026-03-03"));
    assert_eq!(server.rows_of(&ann, ALL).await, 7);
    // Another method of cost concerns every day.
    let body = json!({ "name": "Old age", "currency": "EUR", "cost_basis": "average" });
    let path = format!("{PORTFOLIOS}/{portfolio}");
    ann.api
        .call(Method::PUT, &path, Some(body))
        .await
        .json_of(200);
    assert_eq!(build(&server, ann.id, &portfolio).await, from("0001-01-01"));
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(build(&server, ann.id, &portfolio).await, Built::Gone);
    assert_eq!(server.rows_of(&ann, ALL).await, 0);
}

/// The summary of all portfolios knows no row-level security, so nobody reaches it directly.
#[tokio::test]
async fn everybody_sees_the_summaries_of_their_own_portfolios_alone() {
    let server = Server::start().await;
    let (mut ann, mut bob) = (server.person("ann").await, server.person("bob").await);
    for (person, amount) in [(&mut ann, "111"), (&mut bob, "222")] {
        let portfolio = person.open("Same", "EUR").await;
        let deposit = json!({ "type": "deposit", "date": "2026-02-26", "amount": amount });
        person.record(&portfolio, deposit).await;
        build(&server, person.id, &portfolio).await;
    }
    let mut tx = server.app.db.system("refresh").await.expect("system");
    sqlx::query!("select portfolio.refresh_summary()")
        .execute(tx.conn())
        .await
        .expect("refreshed");
    tx.commit().await.expect("committed");
    for (person, amount) in [(&mut ann, "111"), (&mut bob, "222")] {
        let summaries = person.api.read("/api/v1/portfolio/summaries").await;
        assert_eq!(summaries.as_array().map(Vec::len), Some(1));
        assert_eq!(summaries[0]["portfolio_value"], amount);
        assert_eq!(summaries[0]["date"], "2026-03-02");
        let mut tx = server
            .app
            .db
            .write(person.id)
            .await
            .expect("a unit of work");
        let refused = sqlx::raw_sql("select 1 from portfolio.portfolio_summary")
            .execute(tx.conn())
            .await
            .expect_err("nobody reads it directly");
        let state = refused
            .as_database_error()
            .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        assert_eq!(state.as_deref(), Some("42501"));
    }
}

/// Records something private and returns where its values are stated.
async fn private(ann: &mut Person, portfolio: &str, name: &str, kind: &str) -> String {
    let body = json!({ "portfolio_id": portfolio, "name": name, "kind": kind, "value": "300",
                       "since": "2026-02-03", "valued_on": "2026-02-03" });
    let path = "/api/v1/portfolio/private-assets";
    let made = ann
        .api
        .call(Method::POST, path, Some(body))
        .await
        .json_of(201);
    format!("{path}/{}", text(&made["instrument_id"]))
}

async fn appraise(ann: &mut Person, asset: &str, day: &str, price: &str) {
    let path = format!("{asset}/appraisals/{day}");
    ann.api
        .call(Method::PUT, &path, Some(json!({ "price": price })))
        .await
        .json_of(200);
}

/// Every snapshot tells what the report of its day tells.
async fn assert_snapshots_are_reports(ann: &mut Person, portfolio: &str) -> usize {
    let path = format!("{SNAPSHOTS}?portfolio_id={portfolio}&limit=100");
    let page = ann.api.read(&path).await;
    let days = page["items"].as_array().expect("snapshots");
    for day in days {
        let date = text(&day["date"]);
        let report = ann.report(portfolio, &format!("?as_of={date}")).await;
        assert_eq!(day["total_value"], report["value"], "{date}");
    }
    days.len()
}

#[tokio::test]
async fn a_value_that_is_stated_counts_in_every_snapshot_from_its_day_on() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let other = ann.open("Elsewhere", "EUR").await;
    let home = private(&mut ann, &portfolio, "Flat", "property").await;
    let debt = private(&mut ann, &portfolio, "Mortgage", "liability").await;
    build(&server, ann.id, &portfolio).await;
    build(&server, ann.id, &other).await;
    assert_eq!(assert_snapshots_are_reports(&mut ann, &portfolio).await, 28);

    appraise(&mut ann, &home, "2026-02-10", "500").await;
    appraise(&mut ann, &debt, "2026-02-20", "250").await;
    assert_eq!(
        build(&server, ann.id, &other).await,
        Built::Current,
        "it holds nothing of both"
    );
    assert_eq!(build(&server, ann.id, &portfolio).await, from("2026-02-10"));
    assert_snapshots_are_reports(&mut ann, &portfolio).await;
    let path = format!("{SNAPSHOTS}?portfolio_id={portfolio}&limit=1");
    let latest = ann.api.read(&path).await["items"][0].clone();
    assert_eq!(latest["total_value"], "250", "500 less 250");
    assert_eq!(latest["total_gain"], "250");
    let mut tx = server.app.db.system("refresh").await.expect("system");
    sqlx::query!("select portfolio.refresh_summary()")
        .execute(tx.conn())
        .await
        .expect("refreshed");
    tx.commit().await.expect("committed");
    let summaries = ann.api.read("/api/v1/portfolio/summaries").await;
    let values: Vec<&Value> = summaries
        .as_array()
        .expect("summaries")
        .iter()
        .map(|summary| &summary["portfolio_value"])
        .collect();
    assert!(values.contains(&&json!("250")), "{summaries}");

    // Another value of the same day, and one that is taken back.
    appraise(&mut ann, &home, "2026-02-10", "450").await;
    assert_eq!(build(&server, ann.id, &portfolio).await, from("2026-02-10"));
    let path = format!("{debt}/appraisals/2026-02-20");
    assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(build(&server, ann.id, &portfolio).await, from("2026-02-20"));
    assert_snapshots_are_reports(&mut ann, &portfolio).await;
    assert_eq!(ann.api.call(Method::DELETE, &home, None).await.status, 204);
    assert_eq!(build(&server, ann.id, &portfolio).await, from("2026-02-03"));
    assert_snapshots_are_reports(&mut ann, &portfolio).await;
}

/// A sequence without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

async fn some_edit(
    server: &mut Server,
    ann: &mut Person,
    portfolios: &[String],
    known: &mut Vec<(usize, String)>,
    private: &[String],
    dice: &mut Dice,
) {
    let at = usize::try_from(dice.below(2)).expect("small");
    let day = format!("2026-02-{:02}", 1 + dice.below(28));
    let amount = (1 + dice.below(50)).to_string();
    let body = match dice.below(3) {
        0 => {
            json!({ "type": "buy", "date": day, "symbol": "ACME", "quantity": amount, "price": "10" })
        }
        1 => {
            json!({ "type": "buy", "date": day, "symbol": "GLOB", "quantity": amount, "price": "7", "currency": "USD" })
        }
        _ => json!({ "type": "deposit", "date": day, "amount": amount }),
    };
    match dice.below(8) {
        0 if !known.is_empty() => {
            let place = usize::try_from(dice.below(known.len() as u64)).expect("small");
            let (_, id) = known.swap_remove(place);
            let path = format!("{TRANSACTIONS}/{id}");
            assert_eq!(ann.api.call(Method::DELETE, &path, None).await.status, 204);
        }
        1 if !known.is_empty() => {
            let place = usize::try_from(dice.below(known.len() as u64)).expect("small");
            let (of, id) = known[place].clone();
            let mut body = body;
            body["portfolio_id"] = json!(portfolios[of]);
            let path = format!("{TRANSACTIONS}/{id}");
            ann.api
                .call(Method::PUT, &path, Some(body))
                .await
                .json_of(200);
        }
        2 => {
            let symbol = if dice.below(2) == 0 { "ACME" } else { "GLOB" };
            let close = (5 + dice.below(20)).to_string();
            let csv = format!(
                "symbol,date,open,high,low,close\n{symbol},{day},{close},{close},{close},{close}\n"
            );
            // A day that has another close already is refused; that is an edit that changes nothing.
            server
                .owner
                .send_file("/api/v1/market/bars?currency=EUR", csv.as_bytes())
                .await
                .json_of(200);
        }
        3 | 4 => {
            let asset = &private[usize::try_from(dice.below(2)).expect("small")];
            if dice.below(3) > 0 {
                appraise(ann, asset, &day, &amount).await;
            } else {
                // There may be none of that day.
                let path = format!("{asset}/appraisals/{day}");
                let answer = ann.api.call(Method::DELETE, &path, None).await;
                assert!(
                    [204, 404].contains(&answer.status.as_u16()),
                    "{}",
                    answer.body
                );
            }
        }
        _ => {
            let recorded = ann.record(&portfolios[at], body).await;
            known.push((at, text(&recorded["id"])));
        }
    }
}

#[tokio::test]
async fn building_what_changed_equals_building_everything() {
    let mut server = Server::start().await;
    server
        .prices(
            "EUR",
            &[("ACME", "2026-01-30", "10"), ("GLOB", "2026-01-30", "8")],
        )
        .await;
    server.rates(&[("EUR", "USD", "2026-01-30", "1.25")]).await;
    server
        .rewrite(
            "update market.bars_1d set observed_at = '2026-01-30';
             update market.fx_rates set observed_at = '2026-01-30';",
        )
        .await;
    let mut ann = server.person("ann").await;
    let portfolios = vec![ann.open("One", "EUR").await, ann.open("Two", "USD").await];
    // Lots of one that come from the other.
    let buy = json!({ "type": "buy", "date": "2026-02-02", "symbol": "ACME", "quantity": "30", "price": "9" });
    ann.record(&portfolios[0], buy).await;
    let out = json!({ "type": "transfer_out", "date": "2026-02-12", "symbol": "ACME", "quantity": "20", "other_portfolio_id": portfolios[1] });
    ann.record(&portfolios[0], out).await;
    let things = [
        private(&mut ann, &portfolios[0], "Flat", "property").await,
        private(&mut ann, &portfolios[1], "Mortgage", "liability").await,
    ];
    let (mut known, mut dice) = (Vec::new(), Dice(7));
    let mut partial = 0;
    for round in 0..25 {
        if round % 3 == 1 {
            let after: jiff::Timestamp = "2028-01-01T00:00:00Z".parse().expect("an instant");
            let packed = pack(&server.app.db, after).await.expect("packed");
            assert!(packed > 20, "{packed} days");
        }
        for _ in 0..=dice.below(3) {
            some_edit(
                &mut server,
                &mut ann,
                &portfolios,
                &mut known,
                &things,
                &mut dice,
            )
            .await;
        }
        for portfolio in &portfolios {
            let built = build(&server, ann.id, portfolio).await;
            let begin: jiff::civil::Date = "2026-02-02".parse().expect("a day");
            partial += usize::from(matches!(built, Built::From(day) if day > begin));
        }
        let incremental = server.dump(&ann, ALL).await;
        for portfolio in &portfolios {
            let id = PortfolioId(portfolio.parse().expect("an id"));
            rebuild(&server.app.db, &server.app.clock, ann.id, id)
                .await
                .expect("rebuilt");
        }
        assert_eq!(incremental, server.dump(&ann, ALL).await);
        assert!(!incremental.is_empty());
    }
    assert!(
        partial > 10,
        "only {partial} builds began later than the first day"
    );
}

#[tokio::test]
async fn years_that_ended_a_year_ago_are_packed_and_read_as_before() {
    let mut server = Server::start().await;
    server.prices("EUR", &[("ACME", "2026-01-30", "10")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("One", "EUR").await;
    let buy = json!({ "type": "buy", "date": "2024-12-20", "symbol": "ACME", "quantity": "3", "price": "9" });
    ann.record(&portfolio, buy).await;
    build(&server, ann.id, &portfolio).await;
    let before = server.dump(&ann, ALL).await;
    let path = format!("{SNAPSHOTS}?portfolio_id={portfolio}&from=2024-12-19&to=2025-01-05");
    let answer = ann.api.read(&path).await;
    let db = &server.app.db;
    let at = |text: &str| -> jiff::Timestamp { text.parse().expect("an instant") };
    let early = pack(db, at("2025-12-30T00:00:00Z")).await.expect("packed");
    assert_eq!(early, 0, "2024 ended less than a year ago");
    let packed = pack(db, at("2026-02-01T00:00:00Z")).await.expect("packed");
    assert_eq!(packed, 12, "from the 20th of December on");
    assert_eq!(
        pack(db, at("2026-02-01T00:00:00Z")).await.expect("packed"),
        0
    );
    assert_eq!(server.dump(&ann, ALL).await, before);
    assert_eq!(ann.api.read(&path).await, answer);
    // What is recorded for a packed day unpacks its year.
    let late = json!({ "type": "buy", "date": "2024-12-24", "symbol": "ACME", "quantity": "1", "price": "9" });
    ann.record(&portfolio, late).await;
    assert_eq!(build(&server, ann.id, &portfolio).await, from("2024-12-24"));
    let incremental = server.dump(&ann, ALL).await;
    let id = PortfolioId(portfolio.parse().expect("an id"));
    rebuild(db, &server.app.clock, ann.id, id)
        .await
        .expect("rebuilt");
    assert_eq!(server.dump(&ann, ALL).await, incremental);
    assert_ne!(incremental, before);
}
