//! Every setting changes something that a person sees. A setting without a row here is stored for
//! nothing, and the law fails.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use testkit::Browser;

use crate::site::{OWNER, PASSWORD, Person, Seeds, Site, VERA, texts};

const API: &str = "/api/v1/identity/preferences";

/// What differs once a setting is changed.
enum Differs {
    /// A page shows a text that it did not show.
    Shows(&'static str, &'static str),
    /// A page no longer shows a text.
    Hides(&'static str, &'static str),
    /// Signing in leads elsewhere.
    BeginsAt(&'static str),
    /// A form is answered with a question.
    Asks(&'static str),
    /// A token is refused with a problem.
    Refuses(&'static str),
}
use Differs::{Asks, BeginsAt, Hides, Refuses, Shows};

/// Setting, another value than the default, and what differs then.
fn rows() -> Vec<(&'static str, Value, Differs)> {
    let transactions = "/portfolio/transactions";
    let sessions = "/identity/settings/sessions";
    let details = "/identity/settings/details";
    let instrument = "/market/instruments/{instrument_id}";
    vec![
        ("base_currency", json!("USD"), Shows("/", "$")),
        (
            "locale",
            json!("de-DE"),
            Shows(transactions, ">26.02.2026<"),
        ),
        ("theme", json!("dark"), Shows("/", "data-theme=\"dark\"")),
        ("hide_amounts", json!(true), Shows("/", "class=\"private\"")),
        (
            "timezone",
            json!("Pacific/Auckland"),
            Shows(sessions, "NZDT"),
        ),
        (
            "number_format",
            json!("de-DE"),
            Shows(transactions, "€27,37"),
        ),
        (
            "date_format",
            json!("YYYY-MM-DD"),
            Shows(transactions, ">2026-02-26<"),
        ),
        ("time_format", json!("12h"), Shows(sessions, "9:30 am UTC")),
        (
            "price_display",
            json!("rounded"),
            Shows(transactions, "€9.12<"),
        ),
        (
            "sign_colours",
            json!("colour_blind"),
            Shows("/", "data-signs=\"colour_blind\""),
        ),
        (
            "font_family",
            json!("serif"),
            Shows("/", "data-font=\"serif\""),
        ),
        (
            "font_size",
            json!("large"),
            Shows("/", "data-font-size=\"large\""),
        ),
        (
            "density",
            json!("compact"),
            Shows("/", "data-density=\"compact\""),
        ),
        ("animations", json!(false), Shows("/", "data-still")),
        (
            "chart_type",
            json!("bar"),
            Shows("/", "class=\"bars line-value\""),
        ),
        (
            "chart_timeframe",
            json!("1M"),
            Shows(
                instrument,
                "period=1M&amp;kind=candles\" aria-current=\"true\"",
            ),
        ),
        (
            "history_range",
            json!("5y"),
            Shows("/", "period=5y\" aria-current=\"true\""),
        ),
        (
            "default_view",
            json!("/portfolio/holdings"),
            BeginsAt("/portfolio/holdings"),
        ),
        (
            "live_data",
            json!(false),
            Hides("/portfolio/holdings", "data-refresh"),
        ),
        (
            "refresh_interval_s",
            json!(60),
            Shows("/portfolio/holdings", "data-refresh=\"60\""),
        ),
        (
            "email_notifications",
            json!(false),
            Hides(details, "by email"),
        ),
        (
            "webhook_url",
            json!("https://example.org/hook"),
            Shows(details, "your webhook"),
        ),
        (
            "alert_threshold_bps",
            json!(300),
            Shows("/", ">3.00%</data> or more since the last close"),
        ),
        (
            "confirm_actions",
            json!(true),
            Asks("/portfolio/transactions/new"),
        ),
        (
            "show_risk_warnings",
            json!(false),
            Hides("/portfolio/transactions/new", "Short positions and options"),
        ),
        ("api_access", json!(false), Refuses("api-access-off")),
    ]
}

async fn put(browser: &mut Browser, preferences: &Value) {
    let answer = browser
        .call(Method::PUT, API, Some(preferences.clone()))
        .await;
    answer.json_of(200);
}

/// A price with more digits than its currency has, and one that moved by four percent.
async fn something_to_see(vera: &mut Person, owner: &mut Person, seeds: &Seeds) {
    let trade = json!({ "portfolio_id": seeds.portfolio, "type": "buy", "date": "2026-02-26", "symbol": "ACME", "quantity": "3", "price": "9.1234" });
    let path = "/api/v1/portfolio/transactions";
    vera.api
        .call(Method::POST, path, Some(trade))
        .await
        .json_of(201);
    let bars = "symbol,date,open,high,low,close\nACME,2026-03-02,10,10.4,10,10.4\n";
    owner
        .send("/api/v1/market/bars?currency=EUR", "text/csv", bars)
        .await
        .json_of(200);
}

#[tokio::test]
async fn every_setting_changes_what_a_person_sees() {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    let mut owner = site.owner().await;
    something_to_see(&mut vera, &mut owner, &seeds).await;
    let mut browser = site.sign_in(VERA).await;
    let defaults = browser.get(API).await.json_of(200);
    for (setting, value, differs) in rows() {
        assert_ne!(
            defaults[setting], value,
            "{setting}: the default changes nothing"
        );
        let mut changed = defaults.clone();
        changed[setting] = value;
        match differs {
            Shows(path, text) => {
                let path = seeds.fill(path);
                let before = browser.get(&path).await;
                assert!(
                    !before.body.contains(text),
                    "{setting}: {path} shows {text} anyway"
                );
                put(&mut browser, &changed).await;
                let after = browser.get(&path).await;
                assert!(
                    after.body.contains(text),
                    "{setting}: {path} shows no {text}: {}",
                    after.body
                );
            }
            Hides(path, text) => {
                browser.get(path).await.shows(text);
                put(&mut browser, &changed).await;
                browser.get(path).await.hides(text);
            }
            BeginsAt(path) => {
                put(&mut browser, &changed).await;
                let mut other = Browser::new(&site.router);
                other.get("/identity/sign-in").await;
                let fields = [("email", VERA), ("password", PASSWORD), ("next", "/")];
                other.post("/identity/sign-in", &fields).await;
                site.second_step_to(&mut other, VERA, path).await;
            }
            Asks(path) => asks(&site, &mut browser, &seeds, path, &changed).await,
            Refuses(code) => {
                vera.api.read(API).await;
                put(&mut browser, &changed).await;
                vera.api.get(API).await.refused(403, code);
            }
        }
        put(&mut browser, &defaults).await;
    }
}

async fn count(site: &Site, seeds: &Seeds) -> String {
    let sql = format!(
        "select count(*)::text from portfolio.transactions where portfolio_id = '{}'",
        seeds.portfolio
    );
    texts(&mut site.superuser().await, &sql).await.concat()
}

/// The question carries the form: answering it does what the form would have done.
async fn asks(site: &Site, browser: &mut Browser, seeds: &Seeds, path: &str, changed: &Value) {
    let fields = [
        ("portfolio_id", seeds.portfolio.as_str()),
        ("type", "deposit"),
        ("date", "2026-02-27"),
        ("amount", "12"),
    ];
    let before = count(site, seeds).await;
    browser.get(path).await;
    put(browser, changed).await;
    let question = browser.post(path, &fields).await;
    question.shows("Go on?");
    question.shows("2026-02-27");
    assert_eq!(count(site, seeds).await, before, "nothing is booked yet");
    let mut answered = fields.to_vec();
    answered.push(("confirmed", "1"));
    let done = browser.post(path, &answered).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_ne!(count(site, seeds).await, before);
}

#[tokio::test]
async fn every_setting_has_a_row() {
    let site = Site::start().await;
    let mut owner = site.add(OWNER).await;
    let rows: BTreeSet<String> = rows().iter().map(|(name, ..)| (*name).to_owned()).collect();
    let body = owner.api.read(API).await;
    let fields: BTreeSet<String> = body
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        rows, fields,
        "left the rows of this law, right the settings of the API"
    );
    let columns = "select attname::text from pg_attribute
        where attrelid = 'identity.preferences'::regclass and attnum > 0 and not attisdropped
            and attname not in ('user_id', 'updated_at')";
    let columns = texts(&mut site.superuser().await, columns).await;
    let columns: BTreeSet<String> = columns.into_iter().collect();
    assert_eq!(rows, columns, "right the columns of the table");
}
