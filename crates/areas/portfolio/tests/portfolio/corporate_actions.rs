//! What companies do, proposed to whoever holds their shares.

use axum::http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::server::{HOLDINGS, Person, Server, TRANSACTIONS, figures, text};

const ACTIONS: &str = "/api/v1/portfolio/corporate-actions";
const STATED: &str = "/api/v1/market/corporate-actions";
const PAGE: &str = "/portfolio/corporate-actions";

/// Ann holds 10 ACME that cost 1000 and 5 that cost 600, and has sold 3.
struct House {
    server: Server,
    ann: Person,
    portfolio: String,
    acme: String,
}

impl House {
    async fn start() -> Self {
        let server = Server::start().await;
        let mut ann = server.person("ann").await;
        let portfolio = ann.open("Depot", "EUR").await;
        for body in [
            json!({ "type": "deposit", "date": "2025-01-02", "amount": "5000" }),
            json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "100" }),
            json!({ "type": "buy", "date": "2025-02-03", "symbol": "ACME", "quantity": "5", "price": "120" }),
            json!({ "type": "sell", "date": "2025-09-01", "symbol": "ACME", "quantity": "3", "price": "130" }),
        ] {
            ann.record(&portfolio, body).await;
        }
        let acme = text(&ann.api.read(HOLDINGS).await[0]["instrument_id"]);
        Self {
            server,
            ann,
            portfolio,
            acme,
        }
    }

    /// The owner of the instance states an action of ACME and returns its id.
    async fn state(&mut self, mut body: Value) -> String {
        body["instrument_id"] = json!(self.acme);
        let api = &mut self.server.owner.api;
        text(
            &api.call(Method::POST, STATED, Some(body))
                .await
                .json_of(201)["id"],
        )
    }

    async fn split(&mut self) -> String {
        self.state(json!({ "type": "split", "ex_date": "2025-06-02", "ratio": "4:1" }))
            .await
    }

    fn path(&self, action: &str) -> String {
        format!("{ACTIONS}/{}/{action}", self.portfolio)
    }

    async fn post(&mut self, action: &str, verb: &str) -> testkit::Answer {
        let path = format!("{}/{verb}", self.path(action));
        self.ann.api.call(Method::POST, &path, None).await
    }

    async fn apply(&mut self, action: &str) -> Value {
        self.post(action, "apply").await.json_of(200)
    }

    /// Where each action stands.
    async fn standing(&mut self) -> Vec<(String, String)> {
        let found = self.ann.api.read(ACTIONS).await;
        let pair = |p: &Value| (text(&p["action"]["type"]), text(&p["status"]));
        found.as_array().expect("a list").iter().map(pair).collect()
    }

    /// Every figure of the portfolio, as one text.
    async fn figures(&mut self) -> String {
        let report = self.ann.report(&self.portfolio, "").await;
        let holding = self
            .ann
            .api
            .read(&format!("{HOLDINGS}/{}", self.acme))
            .await;
        format!("{report}{holding}")
    }
}

fn pair(kind: &str, status: &str) -> (String, String) {
    (kind.to_owned(), status.to_owned())
}

#[tokio::test]
async fn a_split_is_proposed_previewed_applied_once_and_reversed() {
    let mut house = House::start().await;
    assert_eq!(house.standing().await, []);
    let action = house.split().await;
    let before = house.figures().await;
    let open = house.ann.api.read(ACTIONS).await;
    assert_eq!(
        (open[0]["status"].as_str(), &open[0]["quantity"]),
        (Some("open"), &json!("15"))
    );

    // 3 of 15 shares are sold after 60 came of 15, so 3 of 60: 1000 / 40 * 3 = 75 of cost.
    let path = house.path(&action);
    let shown = house.ann.api.read(&path).await;
    let (was, will) = (&shown["preview"]["before"], &shown["preview"]["after"]);
    figures(
        &was["positions"][0],
        &[
            ("quantity", "12"),
            ("cost", "1300"),
            ("realized_gain", "90"),
        ],
    );
    figures(
        &will["positions"][0],
        &[
            ("quantity", "57"),
            ("cost", "1525"),
            ("realized_gain", "315"),
        ],
    );
    assert_eq!(was["cash"], will["cash"]);
    assert_eq!(house.figures().await, before, "a preview changes nothing");

    let applied = house.apply(&action).await;
    assert_eq!(applied["status"], "applied");
    let again = house.apply(&action).await;
    assert_eq!(again["transaction_id"], applied["transaction_id"]);
    let where_from = "portfolio.transactions where corporate_action_id is not null";
    assert_eq!(house.server.count(where_from).await, 1);

    // What was promised is what came.
    let path = format!("{HOLDINGS}/{}", house.acme);
    let holding = house.ann.api.read(&path).await;
    let promised = &will["positions"][0];
    for (figure, field) in [
        ("quantity", "quantity"),
        ("cost_basis", "cost"),
        ("realized_gain", "realized_gain"),
    ] {
        assert_eq!(holding[figure], promised[field], "{figure}");
    }
    let lots = |value: &Value| -> Vec<(String, String, String)> {
        let lots = value["lots"].as_array().expect("lots");
        let lot = |lot: &Value| {
            (
                text(&lot["acquired_on"]),
                text(&lot["quantity"]),
                text(&lot["cost"]),
            )
        };
        lots.iter().map(lot).collect()
    };
    assert_eq!(lots(&holding), lots(promised));
    assert_eq!(
        house.ann.api.read(&house.path(&action)).await["preview"]["after"],
        *will
    );

    assert_eq!(house.post(&action, "reverse").await.status, 204);
    assert_eq!(house.figures().await, before, "every figure is back");
    assert_eq!(house.post(&action, "reverse").await.status, 204);
    assert_eq!(house.standing().await, [pair("split", "open")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn applied_by_several_at_once_it_is_one_transaction() {
    let mut house = House::start().await;
    let action = house.split().await;
    let before = house
        .server
        .rows_of(&house.ann, "portfolio.transactions")
        .await;
    let path = format!("{}/apply", house.path(&action));
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        let (mut api, path) = (house.ann.api.clone(), path.clone());
        calls.spawn(async move { api.call(Method::POST, &path, None).await });
    }
    let answers = calls.join_all().await;
    let ids: Vec<Value> = answers
        .iter()
        .map(|answer| answer.json_of(200)["transaction_id"].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let after = house
        .server
        .rows_of(&house.ann, "portfolio.transactions")
        .await;
    assert_eq!(after, before + 1);
}

#[tokio::test]
async fn what_was_recorded_by_hand_counts_as_applied() {
    let mut house = House::start().await;
    let by_hand =
        json!({ "type": "split", "date": "2025-06-04", "symbol": "ACME", "ratio": "4:1" });
    let portfolio = house.portfolio.clone();
    house.ann.record(&portfolio, by_hand).await;
    let near = house.split().await;
    let far = house
        .state(json!({ "type": "split", "ex_date": "2025-05-31", "ratio": "2:1" }))
        .await;
    assert_eq!(
        house.standing().await,
        [pair("split", "open"), pair("split", "recorded")]
    );
    let refused = house.post(&near, "apply").await;
    refused.refused(409, "corporate-action-decided");
    assert_eq!(
        house.ann.api.read(&house.path(&near)).await["preview"],
        Value::Null
    );
    assert_eq!(house.apply(&far).await["status"], "applied");
}

#[tokio::test]
async fn a_decision_is_remembered_until_it_is_taken_back() {
    let mut house = House::start().await;
    let action = house.split().await;
    for _ in 0..2 {
        assert_eq!(house.post(&action, "decline").await.status, 204);
    }
    assert_eq!(house.standing().await, [pair("split", "declined")]);
    let table = "portfolio.corporate_action_decisions";
    assert_eq!(house.server.rows_of(&house.ann, table).await, 1);
    assert_eq!(house.post(&action, "reopen").await.status, 204);
    assert_eq!(house.standing().await, [pair("split", "open")]);
    house.post(&action, "decline").await;
    assert_eq!(house.apply(&action).await["status"], "applied");
    assert_eq!(house.server.rows_of(&house.ann, table).await, 0);
    house
        .post(&action, "decline")
        .await
        .refused(409, "corporate-action-decided");
}

#[tokio::test]
async fn a_corrected_action_waits_and_a_deleted_one_is_told() {
    let mut house = House::start().await;
    let action = house.split().await;
    let applied = house.apply(&action).await;
    let before = house.figures().await;
    let stated = format!("{STATED}/{action}");
    let body = |ratio: &str, note: &str| json!({ "instrument_id": house.acme, "type": "split", "ex_date": "2025-06-03", "ratio": ratio, "note": note });
    let corrected = body("2:1", "");
    let only_a_note = body("2:1", "of no effect");
    let owner = &mut house.server.owner.api;
    owner
        .call(Method::PUT, &stated, Some(corrected))
        .await
        .json_of(200);
    assert_eq!(house.standing().await, [pair("split", "outdated")]);
    assert_eq!(house.figures().await, before, "nothing changes by itself");
    // 57 shares are held with four for one; two for one gives 30, less the 3 sold.
    let shown = house.ann.api.read(&house.path(&action)).await;
    figures(
        &shown["preview"]["before"]["positions"][0],
        &[("quantity", "57")],
    );
    figures(
        &shown["preview"]["after"]["positions"][0],
        &[("quantity", "27")],
    );
    let again = house.apply(&action).await;
    assert_eq!(again["transaction_id"], applied["transaction_id"]);
    let id = text(&again["transaction_id"]);
    let transaction = house.ann.api.read(&format!("{TRANSACTIONS}/{id}")).await;
    assert_eq!(
        (&transaction["ratio"], &transaction["date"]),
        (&json!("2:1"), &json!("2025-06-03"))
    );
    assert_eq!(house.standing().await, [pair("split", "applied")]);
    let owner = &mut house.server.owner.api;
    owner
        .call(Method::PUT, &stated, Some(only_a_note))
        .await
        .json_of(200);
    assert_eq!(house.standing().await, [pair("split", "applied")]);

    let owner = &mut house.server.owner.api;
    assert_eq!(owner.call(Method::DELETE, &stated, None).await.status, 204);
    assert_eq!(house.standing().await, [pair("split", "withdrawn")]);
    house
        .post(&action, "apply")
        .await
        .refused(409, "corporate-action-decided");
    assert_eq!(house.post(&action, "reverse").await.status, 204);
    assert_eq!(house.standing().await, []);
    house.post(&action, "apply").await.refused(404, "not-found");
}

/// Cash and shares follow from what was held on the eve, and one action can lead to the next.
#[tokio::test]
async fn all_are_applied_in_their_order() {
    let mut house = House::start().await;
    let baby = json!({ "symbol": "BABY", "currency": "EUR" });
    let owner = &mut house.server.owner.api;
    let made = owner
        .call(Method::POST, "/api/v1/market/instruments", Some(baby))
        .await;
    let baby = text(&made.json_of(201)["id"]);
    for body in [
        json!({ "type": "dividend", "ex_date": "2025-09-01", "pay_date": "2025-09-15", "cash_per_share": "0.5", "currency": "EUR" }),
        json!({ "type": "spin_off", "ex_date": "2025-05-02", "ratio": "1:5", "target_instrument_id": baby, "cost_share": "0.1" }),
        json!({ "type": "stock_dividend", "ex_date": "2025-07-01", "ratio": "1:10" }),
        json!({ "type": "return_of_capital", "ex_date": "2025-08-01", "cash_per_share": "2", "currency": "EUR" }),
        json!({ "type": "split", "ex_date": "2024-12-30", "ratio": "9:1" }),
        json!({ "type": "split", "ex_date": "2027-01-04", "ratio": "9:1" }),
    ] {
        house.state(body).await;
    }
    let split_of_baby =
        json!({ "instrument_id": baby, "type": "split", "ex_date": "2025-06-02", "ratio": "2:1" });
    let owner = &mut house.server.owner.api;
    owner
        .call(Method::POST, STATED, Some(split_of_baby))
        .await
        .json_of(201);
    let open = |kind: &str| pair(kind, "open");
    assert_eq!(
        house.standing().await,
        [
            open("spin_off"),
            open("stock_dividend"),
            open("return_of_capital"),
            open("dividend")
        ],
        "neither before the purchase nor in the future; nobody has BABY yet"
    );
    let path = format!("{ACTIONS}/apply-all?portfolio_id={}", house.portfolio);
    let done = house
        .ann
        .api
        .call(Method::POST, &path, None)
        .await
        .json_of(200);
    assert_eq!(
        (done["applied"].as_array().map(Vec::len), &done["left"]),
        (Some(5), &json!(0))
    );
    let again = house
        .ann
        .api
        .call(Method::POST, &path, None)
        .await
        .json_of(200);
    assert_eq!(again["applied"], json!([]));

    // 15 shares became 16.5; 2 on each of them came back, and the dividend was paid on all of them
    // although 3 were sold on the ex-date.
    let list = format!("{TRANSACTIONS}?portfolio_id={}", house.portfolio);
    let rows = house.ann.api.read(&list).await;
    let of = |kind: &str| -> &Value {
        let rows = rows["items"].as_array().expect("rows");
        rows.iter().find(|row| row["type"] == kind).expect("a row")
    };
    figures(of("stock_dividend"), &[("quantity", "1.5")]);
    figures(of("return_of_capital"), &[("amount", "33")]);
    figures(of("dividend"), &[("amount", "8.25")]);
    assert_eq!(of("dividend")["date"], "2025-09-15");
    // 3 shares of BABY for 15 of ACME, then six; a tenth of 1600 went with them.
    let holding = house.ann.api.read(&format!("{HOLDINGS}/{baby}")).await;
    figures(&holding, &[("quantity", "6"), ("cost_basis", "160")]);
    let report = house.ann.report(&house.portfolio, "").await;
    // 5000 - 1000 - 600 + 390 + 33 + 8.25
    figures(&report["totals"], &[("cash", "3831.25")]);
}

#[tokio::test]
async fn shares_that_are_owed_are_left_to_the_hand() {
    let mut house = House::start().await;
    let portfolio = house.portfolio.clone();
    let short = json!({ "type": "short", "date": "2025-01-02", "symbol": "LENT", "quantity": "4", "price": "10" });
    let lent = text(&house.ann.record(&portfolio, short).await["instrument_id"]);
    let state = |kind: &str, day: &str, more: Value| {
        let mut body = json!({ "instrument_id": lent, "type": kind, "ex_date": day });
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().expect("an object"));
        body
    };
    let cash = json!({ "cash_per_share": "1", "currency": "EUR" });
    for body in [
        state("stock_dividend", "2025-02-03", json!({ "ratio": "1:2" })),
        state("dividend", "2025-03-03", cash),
    ] {
        let owner = &mut house.server.owner.api;
        owner
            .call(Method::POST, STATED, Some(body))
            .await
            .json_of(201);
    }
    let path = format!("{ACTIONS}/apply-all");
    let done = house
        .ann
        .api
        .call(Method::POST, &path, None)
        .await
        .json_of(200);
    assert_eq!(done["left"], 1);
    // Who sold short owes the dividend.
    assert_eq!(done["applied"].as_array().map(Vec::len), Some(1));
    let found = house.ann.api.read(&format!("{ACTIONS}?status=open")).await;
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    let action = text(&found[0]["action"]["id"]);
    assert!(text(&found[0]["obstacle"]).contains("owed"));
    house
        .post(&action, "apply")
        .await
        .refused(409, "corporate-action-decided");
    let list = house
        .ann
        .api
        .read(&format!("{TRANSACTIONS}?type=dividend"))
        .await;
    figures(&list["items"][0], &[("amount", "-4")]);
}

#[tokio::test]
async fn nobody_reaches_the_actions_of_somebody_else() {
    let mut house = House::start().await;
    let action = house.split().await;
    let before = house.figures().await;
    let mut eve = house.server.person("eve").await;
    assert_eq!(eve.api.read(ACTIONS).await, json!([]));
    let path = house.path(&action);
    eve.api
        .call(Method::GET, &path, None)
        .await
        .refused(404, "not-found");
    for verb in ["apply", "decline", "reopen", "reverse"] {
        let path = format!("{path}/{verb}");
        eve.api
            .call(Method::POST, &path, None)
            .await
            .refused(404, "not-found");
    }
    for path in [
        format!("{ACTIONS}?portfolio_id={}", house.portfolio),
        house.path("00000000-0000-7000-8000-000000000000"),
        house.path("split"),
    ] {
        eve.api
            .call(Method::GET, &path, None)
            .await
            .refused(404, "not-found");
    }
    let wrong = format!("{ACTIONS}?status=maybe");
    eve.api
        .call(Method::GET, &wrong, None)
        .await
        .refused(422, "invalid-input");
    assert_eq!(house.figures().await, before);
    assert_eq!(house.standing().await, [pair("split", "open")]);
}

#[tokio::test]
async fn the_pages_show_what_waits_and_do_what_is_asked() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    browser.get(PAGE).await.shows("No corporate actions");
    let portfolio = ann.open("Depot", "EUR").await;
    let buy = json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "100" });
    let acme = text(&ann.record(&portfolio, buy).await["instrument_id"]);
    browser.get("/").await.hides("corporate action");
    let mut house = House {
        server,
        ann,
        portfolio,
        acme,
    };
    let split = house.split().await;
    let paid = json!({ "type": "dividend", "ex_date": "2025-07-01", "cash_per_share": "1", "currency": "EUR" });
    house.state(paid).await;
    browser
        .get("/")
        .await
        .shows("2 corporate actions wait for your decision");
    let page = browser.get("/portfolio/holdings").await;
    page.shows("2 corporate actions wait for your decision");
    let page = browser.get(PAGE).await;
    page.shows("Apply all 2");
    page.shows("4:1");

    let path = format!("{PAGE}/{}/{split}", house.portfolio);
    let page = browser.get(&path).await;
    page.shows("Before and after");
    page.shows("Apply");
    // A person's statement needs no word on where it was read.
    page.hides("<dt>Source</dt>");
    browser
        .post(&format!("{path}/decline"), &[])
        .await
        .leads_to(PAGE);
    browser.get(&path).await.shows("Apply after all");
    browser
        .post(&format!("{path}/reopen"), &[])
        .await
        .leads_to(PAGE);
    browser
        .post(&format!("{path}/apply"), &[])
        .await
        .leads_to(PAGE);
    assert_eq!(
        house.standing().await,
        [pair("split", "applied"), pair("dividend", "open")]
    );
    browser.get(&path).await.shows("Reverse");
    browser.get("/").await.shows("One corporate action waits");
    browser
        .post(&format!("{path}/reverse"), &[])
        .await
        .leads_to(PAGE);
    let all = format!("{PAGE}/apply-all");
    let answer = browser
        .post(&all, &[("portfolio_id", &house.portfolio)])
        .await;
    answer.leads_to(&format!("{PAGE}?portfolio={}", house.portfolio));
    assert_eq!(
        house.standing().await,
        [pair("split", "applied"), pair("dividend", "applied")]
    );
    // 40 shares since the split.
    let rows = house
        .ann
        .api
        .read(&format!("{TRANSACTIONS}?type=dividend"))
        .await;
    figures(&rows["items"][0], &[("amount", "40")]);

    let mut eve = house.server.visitor("eve").await.1;
    assert_eq!(eve.get(&path).await.status, 404);
}
