//! What does not add up is found, mended or accepted.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value, json};
use testkit::Answer;

use crate::server::{DASHBOARD, IMPORTS, Person, Server, findings, text};

const HEALTH: &str = "/api/v1/portfolio/health";
const ACCEPTED: &str = "/api/v1/portfolio/health/accepted";

/// Ten shares bought with what was paid in; the broker states eight shares and more cash than there is.
const FLEX: &str = r#"<FlexQueryResponse queryName="all" type="AF">
<FlexStatements count="1">
<FlexStatement accountId="U1" fromDate="20240101" toDate="20240131">
<Trades>
<Trade accountId="U1" currency="USD" assetCategory="STK" symbol="ACME" tradeID="1" dateTime="20240110;100000" tradeDate="20240110" quantity="10" tradePrice="50" taxes="0" ibCommission="-1" ibCommissionCurrency="USD" buySell="BUY" openCloseIndicator="O" />
</Trades>
<CashTransactions>
<CashTransaction accountId="U1" currency="USD" type="Deposits/Withdrawals" amount="1000" dateTime="20240102" transactionID="2" description="CASH RECEIPTS" />
</CashTransactions>
<OpenPositions>
<OpenPosition accountId="U1" currency="USD" assetCategory="STK" symbol="ACME" reportDate="20240131" position="8" markPrice="55" costBasisMoney="501" levelOfDetail="SUMMARY" />
</OpenPositions>
<CashReport>
<CashReportCurrency accountId="U1" currency="USD" toDate="20240131" endingCash="600" />
</CashReport>
</FlexStatement>
</FlexStatements>
</FlexQueryResponse>"#;

async fn imported(server: &mut Server) -> (Person, String, Value) {
    server.prices("USD", &[("ACME", "2026-02-27", "60")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Broker", "USD").await;
    let outcome = ann
        .try_import(&portfolio, "", FLEX.as_bytes())
        .await
        .json_of(200);
    assert_eq!(outcome["imported"], 2, "{outcome}");
    (ann, portfolio, outcome)
}

fn done(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 204, "{}", answer.body);
}

fn entry<'v>(health: &'v Value, code: &str) -> &'v Value {
    health["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .find(|finding| finding["code"] == code)
        .unwrap_or_else(|| panic!("no {code} in {health}"))
}

#[tokio::test]
async fn what_a_broker_states_is_compared_with_the_books() {
    let mut server = Server::start().await;
    let (mut ann, portfolio, _) = imported(&mut server).await;
    let health = ann.api.read(HEALTH).await;
    let position = entry(&health, "unreconciled_position");
    assert_eq!(
        position["message"],
        "The broker states 8 ACME at the close of 2024-01-31, the transactions come to 10."
    );
    assert!(text(&position["remedy"]).contains("Record what took 2 ACME"));
    let cash = entry(&health, "unreconciled_cash");
    // 1000 less 500 less a dollar of commission.
    assert_eq!(
        cash["message"],
        "The broker states 600 USD in cash at the close of 2024-01-31, the transactions come to 499."
    );
    let repair = text(&cash["repairs"][0]["href"]);
    assert!(
        repair.starts_with("/portfolio/transactions/new?type=deposit"),
        "{repair}"
    );

    // What was missing is recorded, and both agree.
    for body in [
        json!({ "type": "sell", "date": "2024-01-20", "symbol": "ACME", "quantity": "2", "price": "50" }),
        json!({ "type": "deposit", "date": "2024-01-05", "amount": "1", "currency": "USD" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let report = ann.report(&portfolio, "").await;
    assert!(
        !findings(&report)
            .iter()
            .any(|code| code.starts_with("unreconciled")),
        "{report}"
    );
}

#[tokio::test]
async fn the_preview_of_a_file_says_what_will_not_add_up() {
    let mut server = Server::start().await;
    server.prices("USD", &[("OTHER", "2026-02-27", "60")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Broker", "USD").await;
    let look = |content: &'static str| (content, "&preview=true&file_name=flex.xml");
    let (content, query) = look(FLEX);
    let preview = ann
        .try_import(&portfolio, query, content.as_bytes())
        .await
        .json_of(201);
    assert_eq!(preview["stated"], 2);
    let gaps = preview["gaps"].as_array().expect("gaps");
    let said: Vec<(&str, &str)> = gaps
        .iter()
        .map(|gap| {
            (
                gap["message"].as_str().expect("a message"),
                gap["remedy"].as_str().expect("a remedy"),
            )
        })
        .collect();
    // ACME is not known to anybody yet: it would be created by the import.
    assert_eq!(
        said,
        [
            (
                "The broker states 8 ACME at the close of 2024-01-31, the transactions come to 10.",
                "Record what took 2 ACME: a sale, a transfer out, or a split that the file does not list."
            ),
            (
                "The broker states 600 USD in cash at the close of 2024-01-31, the transactions come to 499.",
                "Record the deposit or income of 101 USD that is missing on or before this day."
            ),
        ]
    );
    let page = format!("/portfolio/imports/{}", text(&preview["id"]));
    let shown = browser.get(&page).await;
    shown.shows("Does it add up?");
    shown.shows("the transactions come to 499");
    shown.shows("Record what took 2 ACME");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
    assert_eq!(server.rows_of(&ann, "portfolio.stated_balances").await, 0);

    // What the portfolio holds already counts.
    ann.record(
        &portfolio,
        json!({ "type": "deposit", "date": "2024-01-05", "amount": "101", "currency": "USD" }),
    )
    .await;
    let preview = ann
        .try_import(&portfolio, query, content.as_bytes())
        .await
        .json_of(201);
    let gaps = preview["gaps"].as_array().expect("gaps");
    let codes: Vec<&Value> = gaps.iter().map(|gap| &gap["code"]).collect();
    assert_eq!(codes, ["unreconciled_position"]);

    // The import finds what its preview said.
    let confirm = format!("{IMPORTS}/{}/confirm", text(&preview["id"]));
    ann.api
        .call(Method::POST, &confirm, None)
        .await
        .json_of(200);
    let health = ann.api.read(HEALTH).await;
    let position = entry(&health, "unreconciled_position");
    assert_eq!(position["message"], gaps[0]["message"]);
}

#[tokio::test]
async fn a_finding_can_be_accepted_and_counted_again() {
    let mut server = Server::start().await;
    let (mut ann, portfolio, _) = imported(&mut server).await;
    let health = ann.api.read(HEALTH).await;
    let id = text(&entry(&health, "unreconciled_cash")["id"]);
    let body = json!({ "id": id, "note": "the broker's typing error" });
    done(&ann.api.call(Method::PUT, ACCEPTED, Some(body)).await);
    let health = ann.api.read(HEALTH).await;
    let cash = entry(&health, "unreconciled_cash");
    assert_eq!(cash["accepted"]["note"], "the broker's typing error");
    let report = ann.report(&portfolio, "").await;
    assert!(
        !findings(&report).contains(&"unreconciled_cash"),
        "{report}"
    );
    assert!(
        findings(&report).contains(&"unreconciled_position"),
        "{report}"
    );

    let path = format!("{ACCEPTED}?id={id}");
    done(&ann.api.call(Method::DELETE, &path, None).await);
    ann.api
        .call(Method::DELETE, &path, None)
        .await
        .refused(404, "not-found");
    let report = ann.report(&portfolio, "").await;
    assert!(findings(&report).contains(&"unreconciled_cash"), "{report}");
    // Somebody else has nothing of it.
    let mut eve = server.person("eve").await;
    assert_eq!(eve.api.read(HEALTH).await["findings"], json!([]));
}

#[tokio::test]
async fn undoing_an_import_forgets_what_it_stated() {
    let mut server = Server::start().await;
    let (mut ann, portfolio, outcome) = imported(&mut server).await;
    let path = format!("{IMPORTS}/{}", text(&outcome["batch_id"]));
    let undone = ann.api.call(Method::DELETE, &path, None).await.json_of(200);
    assert_eq!(undone["removed"], 2);
    let report = ann.report(&portfolio, "").await;
    assert_eq!(report["findings"], json!([]));
    assert_eq!(server.rows_of(&ann, "portfolio.stated_balances").await, 0);
}

#[tokio::test]
async fn every_run_of_an_import_is_remembered() {
    let mut server = Server::start().await;
    let (mut ann, portfolio, _) = imported(&mut server).await;
    ann.try_import(&portfolio, "", b"neither fish nor fowl")
        .await;
    let log = ann.api.read("/api/v1/portfolio/sync-log").await;
    let runs = log["items"].as_array().expect("runs");
    assert_eq!(runs.len(), 2, "{log}");
    assert_eq!(
        (&runs[0]["status"], &runs[0]["sync_source"]),
        (&json!("error"), &json!("csv"))
    );
    assert!(
        text(&runs[0]["error_message"]).contains("no header line"),
        "{log}"
    );
    assert_eq!(
        (&runs[1]["status"], &runs[1]["sync_source"]),
        (&json!("success"), &json!("ibkr"))
    );
    assert_eq!(runs[1]["records_imported"], 2);
}

#[tokio::test]
async fn the_page_offers_repairs_and_takes_a_word_for_it() {
    let mut server = Server::start().await;
    server.prices("USD", &[("ACME", "2026-02-27", "60")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    browser
        .get("/portfolio/health")
        .await
        .shows("Everything adds up");
    let portfolio = ann.open("Broker", "USD").await;
    ann.try_import(&portfolio, "", FLEX.as_bytes())
        .await
        .json_of(200);
    let page = browser.get("/portfolio/health").await;
    for words in [
        "The broker states 8 ACME",
        "Record a sale",
        "Accept it",
        "Runs of imports",
    ] {
        page.shows(words);
    }
    browser.get("/").await.shows("unreconciled");
    let health = ann.api.read(HEALTH).await;
    for finding in health["findings"].as_array().expect("findings") {
        let id = text(&finding["id"]);
        browser
            .post(
                "/portfolio/health/accept",
                &[("id", &id), ("note", "known")],
            )
            .await
            .leads_to("/portfolio/health");
    }
    let page = browser.get("/portfolio/health").await;
    page.shows("Everything adds up");
    page.shows("known");
    browser.get("/").await.hides("unreconciled");
}

/// A Flex file: account, day of its word, shares of ACME that were bought on the tenth of January, and
/// shares that it states.
fn flex(accounts: &[(&str, &str, u32, u32)]) -> String {
    let mut file = "<FlexQueryResponse queryName=\"all\" type=\"AF\">".to_owned();
    write!(file, "<FlexStatements count=\"{}\">", accounts.len()).expect("written");
    for (account, day, bought, stated) in accounts {
        write!(
            file,
            r#"<FlexStatement accountId="{account}" fromDate="20240101" toDate="{day}">
<Trades>
<Trade accountId="{account}" currency="USD" assetCategory="STK" symbol="ACME" tradeID="{account}{bought}" dateTime="20240110;100000" tradeDate="20240110" quantity="{bought}" tradePrice="50" taxes="0" ibCommission="-1" ibCommissionCurrency="USD" buySell="BUY" openCloseIndicator="O" />
</Trades>
<OpenPositions>
<OpenPosition accountId="{account}" currency="USD" assetCategory="STK" symbol="ACME" reportDate="{day}" position="{stated}" markPrice="55" levelOfDetail="SUMMARY" />
</OpenPositions>
</FlexStatement>"#
        )
        .expect("written");
    }
    file + "</FlexStatements></FlexQueryResponse>"
}

async fn broker(server: &mut Server) -> (Person, String) {
    server.prices("USD", &[("ACME", "2024-01-10", "60")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Broker", "USD").await;
    let deposit = json!({ "type": "deposit", "date": "2024-01-02", "amount": "9000" });
    ann.record(&portfolio, deposit).await;
    (ann, portfolio)
}

/// What a report says about positions that differ.
fn unreconciled(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings");
    let found: Vec<String> = findings
        .iter()
        .filter(|finding| finding["code"] == "unreconciled_position")
        .map(|finding| text(&finding["message"]))
        .collect();
    assert_eq!(report["is_unreconciled"], !found.is_empty());
    found
}

#[tokio::test]
async fn on_an_earlier_day_the_word_of_that_time_counts() {
    let mut server = Server::start().await;
    let (mut ann, portfolio) = broker(&mut server).await;
    for file in [
        flex(&[("U1", "20240131", 10, 8)]),
        flex(&[("U1", "20240229", 10, 10)]),
    ] {
        ann.try_import(&portfolio, "", file.as_bytes())
            .await
            .json_of(200);
    }
    assert!(unreconciled(&ann.report(&portfolio, "").await).is_empty());
    let earlier = ann.report(&portfolio, "?as_of=2024-02-15").await;
    assert_eq!(
        unreconciled(&earlier),
        ["The broker states 8 ACME at the close of 2024-01-31, the transactions come to 10."]
    );
    let before = ann.report(&portfolio, "?as_of=2024-01-20").await;
    assert!(unreconciled(&before).is_empty());
}

#[tokio::test]
async fn each_account_is_compared_with_its_own_transactions() {
    let mut server = Server::start().await;
    let (mut ann, portfolio) = broker(&mut server).await;
    // Two accounts in one file, on different days, and another broker that states nothing.
    let file = flex(&[("U1", "20240131", 10, 10), ("U2", "20240229", 5, 5)]);
    let preview = ann
        .try_import(&portfolio, "&preview=true", file.as_bytes())
        .await
        .json_of(201);
    assert_eq!(
        (&preview["stated"], &preview["gaps"]),
        (&json!(2), &Value::Null)
    );
    ann.try_import(&portfolio, "", file.as_bytes())
        .await
        .json_of(200);
    assert!(unreconciled(&ann.report(&portfolio, "").await).is_empty());
    let other = "date,type,symbol,quantity,price,currency\n2024-01-15,buy,ACME,7,50,USD\n";
    ann.import(&portfolio, other).await;
    assert!(unreconciled(&ann.report(&portfolio, "").await).is_empty());

    let wrong = flex(&[("U2", "20240331", 5, 4)]);
    ann.try_import(&portfolio, "", wrong.as_bytes())
        .await
        .json_of(200);
    assert_eq!(
        unreconciled(&ann.report(&portfolio, "").await),
        [
            "The broker states 4 ACME for U2 at the close of 2024-03-31, the transactions of U2 come to 5."
        ]
    );
    // A split that is booked once is one of every account.
    let split = json!({ "type": "split", "date": "2024-04-02", "symbol": "ACME", "ratio": "2:1" });
    ann.record(&portfolio, split).await;
    let right = flex(&[("U1", "20240430", 10, 20), ("U2", "20240430", 5, 10)]);
    ann.try_import(&portfolio, "", right.as_bytes())
        .await
        .json_of(200);
    assert!(unreconciled(&ann.report(&portfolio, "").await).is_empty());
}

#[tokio::test]
async fn accounts_that_cannot_be_told_apart_are_compared_together() {
    let mut server = Server::start().await;
    let (mut ann, portfolio) = broker(&mut server).await;
    let file = flex(&[("U1", "20240131", 10, 10), ("U2", "20240229", 5, 7)]);
    ann.try_import(&portfolio, "", file.as_bytes())
        .await
        .json_of(200);
    let by_hand = |quantity: &str| json!({ "type": "buy", "date": "2024-01-12", "symbol": "ACME", "quantity": quantity, "price": "50" });
    ann.record(&portfolio, by_hand("1")).await;
    assert_eq!(
        unreconciled(&ann.report(&portfolio, "").await),
        [
            "U1 and U2 together state 17 ACME until 2024-02-29; which transactions belong to which of them cannot be told, and all of them come to 16."
        ]
    );
    ann.record(&portfolio, by_hand("1.0")).await;
    assert!(unreconciled(&ann.report(&portfolio, "").await).is_empty());
}

#[tokio::test]
async fn every_figure_says_that_it_is_unreconciled() {
    let mut server = Server::start().await;
    server.prices("USD", &[("ACME", "2026-02-27", "60")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Broker", "USD").await;
    ann.try_import(&portfolio, "", FLEX.as_bytes())
        .await
        .json_of(200);
    let pages = [
        "/",
        "/portfolio/holdings",
        "/portfolio/performance",
        "/portfolio/performance/contribution",
        "/portfolio/allocation",
        "/portfolio/gains",
        "/portfolio/gains/methods",
        "/portfolio/income",
        "/portfolio/cash",
        "/portfolio/trail?figure=value",
    ];
    for page in pages {
        browser.get(page).await.shows("unreconciled");
    }
    let answers = [
        "dashboard",
        "performance",
        "contribution",
        "allocation",
        "gains",
    ];
    for answer in answers {
        let path = format!("/api/v1/portfolio/{answer}");
        assert_eq!(
            ann.api.read(&path).await["is_unreconciled"],
            true,
            "{answer}"
        );
    }
    for list in ["holdings", "cash"] {
        let path = format!("/api/v1/portfolio/{list}");
        assert_eq!(
            ann.api.read(&path).await[0]["is_unreconciled"],
            true,
            "{list}"
        );
    }
    let health = ann.api.read(HEALTH).await;
    for finding in health["findings"].as_array().expect("findings") {
        let body = json!({ "id": finding["id"] });
        done(&ann.api.call(Method::PUT, ACCEPTED, Some(body)).await);
    }
    for page in pages {
        browser.get(page).await.hides("unreconciled");
    }
    assert_eq!(ann.api.read(DASHBOARD).await["is_unreconciled"], false);
}
