//! Every operation of the API, tried by those it is not for.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};
use testkit::{Answer, Browser};

use crate::{
    document::{Operation, operations},
    site::{MARK, Seeds, Site, VERA},
};

/// What Eve, who has an account, is to get for an address of Vera's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// It is not there.
    NotFound,
    /// Her own, or nothing; never anything of Vera's.
    Own,
    /// The same as everybody: market data.
    Shared,
    /// Refused: administrators of the instance alone may.
    Admin,
    /// Refused for what is sent: done, it would be the end of the try.
    Refused,
    /// Refused to every API token: it asks for a proof of who is there.
    Unproven,
    /// Refused for what is sent, and open to whoever is not signed in: ways to become somebody, and
    /// nothing else.
    Open,
}
use Stranger::{Admin, NotFound, Open, Own, Refused, Shared, Unproven};

/// One row per operation: its id, what is sent (a query, a body), and what a stranger is to get.
/// `$portfolio` and `$instrument` stand for ids of Vera's.
const ROWS: &[(&str, &str, &str, Stranger)] = &[
    ("record_list_activity", "", "", Own),
    ("record_list_logs", "", "", Admin),
    ("record_export_account", "", "", Own),
    (
        "record_close_account",
        "",
        r#"{"password":"not the password","email":"eve@example.org"}"#,
        Refused,
    ),
    ("identity_show_me", "", "", Own),
    ("identity_show_factors", "", "", Own),
    ("identity_show_preferences", "", "", Own),
    (
        "identity_update_preferences",
        "",
        r#"{"base_currency":"USD","locale":"en-GB","theme":"dark","hide_amounts":true}"#,
        Own,
    ),
    ("identity_show_details", "", "", Own),
    ("identity_put_phone", "", r#"{"value":"none"}"#, Refused),
    ("identity_remove_phone", "", "", NotFound),
    ("identity_put_tax_id", "", r#"{"value":"none"}"#, Refused),
    ("identity_remove_tax_id", "", "", NotFound),
    (
        "identity_put_provider_key",
        "",
        r#"{"value":"none"}"#,
        Refused,
    ),
    ("identity_remove_provider_key", "", "", NotFound),
    ("identity_show_onboarding", "", "", Own),
    (
        "identity_take_onboarding_step",
        "",
        r#"{"answer_1":"3","answer_2":"3","answer_3":"3","answer_4":"3","answer_5":"3"}"#,
        Own,
    ),
    ("identity_dismiss_onboarding", "", "", Own),
    ("identity_list_sessions", "", "", Own),
    ("identity_revoke_other_sessions", "", "", Own),
    ("identity_revoke_session", "", "", NotFound),
    (
        "identity_sign_in_app",
        "",
        r#"{"email":"nobody@example.org","password":"not the password"}"#,
        Open,
    ),
    (
        "identity_exchange_refresh_token",
        "",
        r#"{"refresh_token":"of nobody"}"#,
        Open,
    ),
    ("identity_list_tokens", "", "", Own),
    (
        "identity_create_token",
        "",
        r#"{"name":"of eve"}"#,
        Unproven,
    ),
    ("identity_revoke_token", "", "", NotFound),
    ("identity_show_profile", "", "", Own),
    ("identity_update_profile", "", r#"{"name":"Eve"}"#, Own),
    ("identity_list_people", "", "", Admin),
    ("identity_show_person", "", "", Admin),
    ("identity_update_person", "", r#"{"role":"admin"}"#, Admin),
    ("identity_list_invitations", "", "", Admin),
    ("identity_create_invitation", "", "{}", Admin),
    ("identity_revoke_invitation", "", "", Admin),
    ("identity_show_registration", "", "", Admin),
    (
        "identity_update_registration",
        "",
        r#"{"policy":"open"}"#,
        Admin,
    ),
    (
        "market_import_bars",
        "",
        "symbol,date,open,high,low,close\nACME,2026-02-26,1,1,1,1\n",
        Admin,
    ),
    (
        "market_ingest_ticks",
        "",
        r#"{"ticks":[{"instrument_id":"$instrument","at":"2026-02-27T15:00:00Z","price":1}]}"#,
        Admin,
    ),
    ("market_list_freshness", "", "", Admin),
    ("market_list_figure_sources", "", "", Shared),
    ("market_list_quotes", "?symbols=ACME", "", Shared),
    // No symbol of this name: a stream would not end by itself.
    ("market_follow_quotes", "?symbols=NONE-SUCH", "", Refused),
    // Not the handshake of a WebSocket.
    ("market_connect_quotes", "", "", Refused),
    ("market_list_corporate_actions", "", "", Shared),
    (
        "market_create_corporate_action",
        "",
        r#"{"instrument_id":"$instrument","type":"split","ex_date":"2026-02-20","ratio":"3:1"}"#,
        Admin,
    ),
    ("market_show_corporate_action", "", "", Shared),
    (
        "market_update_corporate_action",
        "",
        r#"{"instrument_id":"$instrument","type":"split","ex_date":"2026-02-28","ratio":"9:1"}"#,
        Admin,
    ),
    ("market_remove_corporate_action", "", "", Admin),
    (
        "market_import_corporate_actions",
        "",
        "symbol,type,ex_date,ratio\nACME,split,2026-02-21,5:1\n",
        Admin,
    ),
    ("market_list_fx_rates", "", "", Shared),
    (
        "market_import_fx_rates",
        "",
        "date,base,quote,rate\n2026-02-26,EUR,USD,2\n",
        Admin,
    ),
    ("market_list_exchanges", "", "", Shared),
    ("market_show_exchange", "", "", Shared),
    ("market_list_sessions", "", "", Shared),
    ("market_show_board", "", "", Shared),
    ("market_list_index_values", "", "", Shared),
    (
        "market_record_index_value",
        "",
        r#"{"at":"2026-02-27T21:00:00Z","value":1}"#,
        Admin,
    ),
    ("market_delete_index_value", "", "", Admin),
    ("market_screen_instruments", "", "", Shared),
    ("market_search_instruments", "?q=a", "", Shared),
    ("market_list_former_symbols", "", "", Shared),
    ("market_list_sources", "", "", Admin),
    ("market_show_lifetimes", "", "", Admin),
    ("market_update_source", "", r#"{"is_enabled":false}"#, Admin),
    ("market_list_source_orders", "", "", Admin),
    (
        "market_put_source_order",
        "",
        r#"{"sources":["yahoo"]}"#,
        Admin,
    ),
    ("market_refresh", "", "{}", Admin),
    ("market_show_option_chain", "", "", Shared),
    ("market_list_fundamentals", "", "", Shared),
    ("market_list_spellings", "", "", Admin),
    ("market_put_spelling", "", r#"{"symbol":"EVE"}"#, Admin),
    ("market_withdraw_spelling", "", "", Admin),
    ("market_list_overrides", "", "", Shared),
    (
        "market_put_override",
        "",
        r#"{"close":1,"reason":"Eve says so"}"#,
        Admin,
    ),
    ("market_withdraw_override", "", "", Admin),
    ("market_list_instruments", "", "", Shared),
    ("market_create_instrument", "", r#"{"symbol":"EVE"}"#, Admin),
    ("market_show_instrument", "", "", Shared),
    (
        "market_update_instrument",
        "",
        r#"{"name":"of eve"}"#,
        Admin,
    ),
    ("market_list_bars", "", "", Shared),
    (
        "market_list_bars_of_day",
        "?date=2026-02-26&symbols=ACME",
        "",
        Shared,
    ),
    ("market_export_bars", "", "", Shared),
    (
        "portfolio_show_dashboard",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    ("portfolio_show_overview", "", "", Own),
    (
        "portfolio_list_corporate_actions",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    (
        "portfolio_apply_corporate_actions",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    ("portfolio_show_corporate_action", "", "", NotFound),
    ("portfolio_apply_corporate_action", "", "", NotFound),
    ("portfolio_decline_corporate_action", "", "", NotFound),
    ("portfolio_reopen_corporate_action", "", "", NotFound),
    ("portfolio_reverse_corporate_action", "", "", NotFound),
    (
        "portfolio_list_holdings",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    ("portfolio_show_holding", "", "", NotFound),
    ("portfolio_list_imports", "", "", Own),
    (
        "portfolio_create_import",
        "?portfolio_id=$portfolio",
        "date,type,amount,currency\n2026-02-25,deposit,1,EUR\n",
        NotFound,
    ),
    ("portfolio_show_import", "", "", NotFound),
    ("portfolio_undo_import", "", "", NotFound),
    ("portfolio_confirm_import", "", "", NotFound),
    ("portfolio_stop_import", "", "", NotFound),
    ("portfolio_resume_import", "", "", NotFound),
    (
        "portfolio_map_import",
        "",
        r#"{"mapping":{"columns":{"date":"date","type":"type","amount":"amount","currency":"currency"}},"save_as":"of eve"}"#,
        NotFound,
    ),
    ("portfolio_list_mappings", "", "", Own),
    ("portfolio_remove_mapping", "", "", NotFound),
    ("portfolio_list_portfolios", "", "", Own),
    (
        "portfolio_create_portfolio",
        "",
        r#"{"name":"only-vera-knows","currency":"EUR"}"#,
        Own,
    ),
    ("portfolio_show_portfolio", "", "", NotFound),
    (
        "portfolio_update_portfolio",
        "",
        r#"{"name":"of eve","currency":"USD"}"#,
        NotFound,
    ),
    ("portfolio_remove_portfolio", "", "", NotFound),
    ("portfolio_show_report", "", "", NotFound),
    (
        "portfolio_list_transactions",
        "?portfolio_id=$portfolio",
        "",
        Own,
    ),
    (
        "portfolio_create_transaction",
        "",
        r#"{"portfolio_id":"$portfolio","type":"deposit","date":"2026-02-25","amount":"1"}"#,
        NotFound,
    ),
    (
        "portfolio_export_transactions",
        "?portfolio_id=$portfolio",
        "",
        Own,
    ),
    ("portfolio_show_transaction", "", "", NotFound),
    (
        "portfolio_update_transaction",
        "",
        r#"{"portfolio_id":"$portfolio","type":"deposit","date":"2026-02-25","amount":"1"}"#,
        NotFound,
    ),
    ("portfolio_remove_transaction", "", "", NotFound),
    ("portfolio_list_transaction_versions", "", "", NotFound),
    ("portfolio_restore_transaction", "", "", NotFound),
    (
        "portfolio_list_deleted_transactions",
        "?portfolio_id=$portfolio",
        "",
        Own,
    ),
    (
        "portfolio_show_changes",
        "?portfolio_id=$portfolio&on=2026-02-26",
        "",
        NotFound,
    ),
    ("portfolio_list_private_assets", "", "", Own),
    (
        "portfolio_create_private_asset",
        "",
        r#"{"portfolio_id":"$portfolio","name":"of eve","kind":"property","value":"1","since":"2026-02-25"}"#,
        NotFound,
    ),
    ("portfolio_show_private_asset", "", "", NotFound),
    (
        "portfolio_update_private_asset",
        "",
        r#"{"name":"of eve","kind":"property"}"#,
        NotFound,
    ),
    ("portfolio_remove_private_asset", "", "", NotFound),
    (
        "portfolio_appraise_private_asset",
        "",
        r#"{"price":"1"}"#,
        NotFound,
    ),
    (
        "portfolio_import_appraisals",
        "",
        "date,price\n2026-02-26,1\n",
        NotFound,
    ),
    ("portfolio_remove_appraisal", "", "", NotFound),
    (
        "portfolio_show_allocation",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    ("portfolio_show_fund_weights", "", "", NotFound),
    (
        "portfolio_replace_fund_weights",
        "",
        r#"{"weights":[]}"#,
        NotFound,
    ),
    (
        "portfolio_import_fund_weights",
        "",
        "sector,Technology,5\n",
        NotFound,
    ),
    ("portfolio_list_categories", "", "", Own),
    (
        "portfolio_create_category",
        "",
        r#"{"category_name":"of eve"}"#,
        Own,
    ),
    ("portfolio_show_category", "", "", NotFound),
    (
        "portfolio_update_category",
        "",
        r#"{"category_name":"of eve"}"#,
        NotFound,
    ),
    ("portfolio_remove_category", "", "", NotFound),
    (
        "portfolio_list_category_drift",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    (
        "portfolio_list_snapshots",
        "?portfolio_id=$portfolio",
        "",
        Own,
    ),
    (
        "portfolio_export_snapshots",
        "?portfolio_id=$portfolio",
        "",
        Own,
    ),
    ("portfolio_list_summaries", "", "", Own),
    (
        "portfolio_list_category_assignments",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    ("portfolio_list_category_rules", "", "", NotFound),
    (
        "portfolio_create_category_rule",
        "",
        r#"{"field":"symbol","operands":["EVE"]}"#,
        NotFound,
    ),
    ("portfolio_remove_category_rule", "", "", NotFound),
    ("portfolio_assign_category", "", "{}", NotFound),
    ("portfolio_unassign_category", "", "", NotFound),
    (
        "portfolio_show_performance",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    (
        "portfolio_show_contribution",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    ("portfolio_list_findings", "", "", Own),
    ("portfolio_accept_finding", "", r#"{"id":"of eve"}"#, Own),
    ("portfolio_reopen_finding", "?id=of%20vera", "", NotFound),
    ("portfolio_list_sync_log", "", "", Own),
    (
        "portfolio_show_trail",
        "?figure=value&portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    (
        "portfolio_list_cash_balances",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    ("portfolio_show_cash_ledger", "", "", NotFound),
    ("portfolio_export_cash_ledger", "", "", NotFound),
    (
        "portfolio_export_gains",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    (
        "portfolio_show_gains",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    (
        "portfolio_compare_cost_bases",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    (
        "portfolio_export_income",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
    (
        "portfolio_show_income",
        "?portfolio_id=$portfolio",
        "",
        NotFound,
    ),
];

/// An operation with what is sent to it.
pub(crate) struct Try {
    pub(crate) operation: Operation,
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) expected: Stranger,
}

pub(crate) fn tries(seeds: &Seeds) -> Vec<Try> {
    let fill = |text: &str| {
        text.replace("$portfolio", &seeds.portfolio)
            .replace("$instrument", &seeds.instrument)
    };
    operations()
        .into_iter()
        .map(|operation| {
            let row = ROWS.iter().find(|(id, ..)| *id == operation.id).unwrap_or_else(|| {
                panic!(
                    "{} {} ({}) has no row: say in ROWS of crates/bursar/tests/laws/strangers.rs what \
                     is sent to it and what a stranger gets",
                    operation.method, operation.path, operation.id
                )
            });
            let (_, query, body, expected) = *row;
            let path = seeds.fill(&operation.path) + &fill(query);
            Try { operation, path, body: fill(body), expected }
        })
        .collect()
}

pub(crate) async fn send(browser: &mut Browser, attempt: &Try) -> Answer {
    // Vera opened her portfolio under this key, with this very body.
    let is_hers = attempt.operation.id == "portfolio_create_portfolio";
    let key = if is_hers {
        "first"
    } else {
        attempt.operation.id.as_str()
    };
    let kind = attempt
        .operation
        .body
        .as_deref()
        .unwrap_or("application/json");
    let request = browser
        .request(attempt.operation.method.clone(), &attempt.path)
        .header("idempotency-key", key)
        .body(Body::from(attempt.body.clone()))
        .expect("request");
    let (mut parts, body) = request.into_parts();
    parts
        .headers
        .insert(header::CONTENT_TYPE, kind.parse().expect("a type"));
    browser
        .send(axum::http::Request::from_parts(parts, body))
        .await
}

#[test]
fn every_row_is_of_an_operation() {
    let known: BTreeSet<String> = operations()
        .into_iter()
        .map(|operation| operation.id)
        .collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|(id, ..)| (*id).to_owned()).collect();
    assert_eq!(rows.len(), ROWS.len(), "a row twice");
    assert_eq!(rows, known, "left the rows, right the operations");
}

#[tokio::test]
async fn whoever_is_not_signed_in_gets_nothing() {
    let (site, vera, seeds, _) = Site::peopled().await;
    let before = site.dump(vera.id).await;
    let mut nobody = Browser::new(&site.router);
    let mut stale = Browser::new(&site.router);
    stale
        .cookies
        .insert("bursar_session".to_owned(), "of yesterday".to_owned());
    let unknown = "bur_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut wrong: Vec<(&str, Browser)> = vec![("no token", nobody.clone())];
    for token in ["x", unknown, "", "'; select 1", MARK] {
        wrong.push((token, Browser::with_token(&site.router, token)));
    }
    for attempt in tries(&seeds) {
        let id = &attempt.operation.id;
        assert_eq!(
            attempt.expected == Open,
            attempt.operation.is_public,
            "{id}"
        );
        if attempt.expected == Open {
            let answer = send(&mut nobody, &attempt).await;
            assert!(answer.status.is_client_error(), "{id}: {}", answer.body);
            assert!(!answer.body.contains("unauthenticated"), "{}", answer.body);
            continue;
        }
        for (name, browser) in &mut wrong {
            let answer = send(browser, &attempt).await;
            assert_eq!(answer.status, 401, "{id} with {name:?}: {}", answer.body);
            answer.refused(401, "unauthenticated");
        }
        // With a cookie that is nobody's, forms are refused before anybody is asked for.
        let answer = send(&mut stale, &attempt).await;
        assert!(
            [401, 403].contains(&answer.status.as_u16()),
            "{id} with an old cookie: {}",
            answer.status
        );
    }
    assert_eq!(site.dump(vera.id).await, before);
}

#[tokio::test]
async fn a_stranger_gets_nothing_of_anybody_else() {
    let (site, vera, seeds, mut eve) = Site::peopled().await;
    let before = site.dump(vera.id).await;
    let secrets = [
        VERA,
        &seeds.portfolio,
        &seeds.transaction,
        &seeds.preview,
        &seeds.import,
        &seeds.token,
        &seeds.session,
        "31.41",
    ];
    for attempt in tries(&seeds) {
        let id = &attempt.operation.id;
        let answer = send(&mut eve.api, &attempt).await;
        let status = answer.status.as_u16();
        match attempt.expected {
            NotFound => drop(answer.refused(404, "not-found")),
            Admin => drop(answer.refused(403, "forbidden")),
            Unproven => drop(answer.refused(403, "proof-too-old")),
            Refused => assert!([400, 422].contains(&status), "{id}: {}", answer.body),
            Open => assert!([401, 422].contains(&status), "{id}: {}", answer.body),
            Own | Shared => assert!((200..300).contains(&status), "{id}: {}", answer.body),
        }
        for secret in secrets {
            assert!(
                !answer.body.contains(secret),
                "{id} tells {secret}: {}",
                answer.body
            );
        }
        assert_eq!(
            site.dump(vera.id).await,
            before,
            "{id} changed what is not Eve's"
        );
    }
    // The one name of a portfolio that both have now is no secret between them.
    let own = eve.api.read("/api/v1/portfolio/portfolios").await;
    assert_eq!(own.as_array().map(Vec::len), Some(2), "{own}");
}

/// The laws above would hold in an empty house: so Vera must get what Eve does not.
#[tokio::test]
async fn the_owner_of_the_rows_gets_them() {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    for attempt in tries(&seeds) {
        let reads = attempt.operation.method == Method::GET;
        if reads && attempt.expected == NotFound {
            let answer = send(&mut vera.api, &attempt).await;
            assert_eq!(
                answer.status, 200,
                "{}: {}",
                attempt.operation.id, answer.body
            );
        }
    }
    let me = vera.api.read("/api/v1/identity/me").await;
    assert_eq!(
        (&me["email"], &me["is_admin"]),
        (&json!(VERA), &json!(false))
    );
    drop(site);
}

/// A reference to somebody else's row in a body is a reference to nothing.
#[tokio::test]
async fn bodies_that_refer_to_foreign_rows_are_refused() {
    let (site, vera, seeds, mut eve) = Site::peopled().await;
    let before = site.dump(vera.id).await;
    let own = eve.api.read("/api/v1/portfolio/portfolios").await[0]["id"].clone();
    let deposit = |portfolio: &Value| json!({ "portfolio_id": portfolio, "type": "deposit", "date": "2026-02-25", "amount": "1" });
    let path = "/api/v1/portfolio/transactions";
    let mine = eve
        .api
        .call(Method::POST, path, Some(deposit(&own)))
        .await
        .json_of(201);
    let moved = deposit(&json!(seeds.portfolio));
    let mine = format!("{path}/{}", mine["id"].as_str().expect("an id"));
    eve.api
        .call(Method::PUT, &mine, Some(moved))
        .await
        .refused(404, "not-found");
    assert_eq!(eve.api.read(&mine).await["portfolio_id"], own);
    // Filters that name foreign rows find nothing.
    for query in [
        format!("?import_id={}", seeds.import),
        format!("?portfolio_id={}", seeds.portfolio),
        format!("?q={MARK}"),
    ] {
        let found = eve.api.read(&format!("{path}{query}")).await;
        assert_eq!(found["items"], json!([]), "{query}");
    }
    assert_eq!(site.dump(vera.id).await, before);
}
