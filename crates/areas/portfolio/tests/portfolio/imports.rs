use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{
    IMPORTS, PORTFOLIOS, Person, Server, TRANSACTIONS, assert_adds_up, figures, holding, text,
};

/// Two of its trades are equal, and both happened; two of its lines cannot be.
const FIRST_QUARTER: &str = "\
date,type,symbol,quantity,price,amount,fees,currency
2025-01-02,deposit,,,,5000,,EUR
2025-01-03,buy,ACME,10,100,,5,EUR
2025-01-03,buy,ACME,10,100,,5,EUR
2025-02-03,dividend,ACME,,,12.5,,EUR
2025-02-04,buy,ACME,ten,100,,,EUR
2025-02-05,gift,ACME,1,100,,,EUR
2025-03-03,sell,ACME,5,120,,2,EUR
";

/// The same trades again, and one more equal to them, and a new withdrawal.
const SECOND_FILE: &str = "\
date,type,symbol,quantity,price,amount,fees,currency
2025-01-03,buy,ACME,10,100,,5,EUR
2025-01-03,buy,ACME,10,100,,5,EUR
2025-01-03,buy,ACME,10,100,,5,EUR
2025-03-03,sell,ACME,5,120,,2,EUR
2025-04-01,withdrawal,,,,50,,EUR
";

const AT_QUARTER_END: &str = "?as_of=2025-03-03";

async fn ready() -> (Server, Person, String) {
    let mut server = Server::start().await;
    server.prices("EUR", &[("ACME", "2025-03-03", "120")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    (server, ann, portfolio)
}

/// Deposit 5000; two purchases of 1005 each; dividend 12.5; five of the first lot sold for 600 less 2.
fn assert_first_quarter(report: &Value) {
    figures(report, &[("value", "5400.5"), ("net_invested", "5000")]);
    assert_eq!(report["cash"], json!({ "EUR": "3600.5" }));
    figures(
        holding(report, "ACME"),
        &[
            ("quantity", "15"),
            ("cost_basis", "1507.5"),
            ("average_cost", "100.5"),
            ("value", "1800"),
            ("unrealized_gain", "292.5"),
            ("realized_gain", "95.5"),
            ("dividends", "12.5"),
            ("fees", "12"),
        ],
    );
    assert_adds_up(report);
}

#[tokio::test]
async fn a_file_is_looked_at_confirmed_and_counted() {
    let (server, mut ann, portfolio) = ready().await;
    let answer = ann
        .try_import(
            &portfolio,
            "&preview=true&file_name=q1.csv",
            FIRST_QUARTER.as_bytes(),
        )
        .await;
    let preview = answer.json_of(201);
    assert_eq!(
        (&preview["status"], &preview["format"]),
        (&json!("preview"), &json!("bursar"))
    );
    assert_eq!(preview["file_name"], "q1.csv");
    assert_eq!(
        (&preview["imported"], &preview["duplicates"]),
        (&json!(5), &json!(0))
    );
    let rows = preview["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 5);
    let [_, first, second, ..] = rows.as_slice() else {
        panic!("{preview}")
    };
    assert_eq!((&first["line"], &second["line"]), (&json!(3), &json!(4)));
    assert_eq!(
        (
            &second["is_duplicate"],
            &second["symbol"],
            &second["amount"]
        ),
        (&json!(false), &json!("ACME"), &json!("1000"))
    );
    let rejected = preview["rejected"].as_array().expect("rejected");
    let refusals: Vec<(u64, &str)> = rejected
        .iter()
        .map(|r| {
            (
                r["line"].as_u64().expect("line"),
                r["code"].as_str().expect("code"),
            )
        })
        .collect();
    assert_eq!(refusals, [(6, "unparsable_number"), (7, "unknown_type")]);
    assert!(text(&rejected[0]["message"]).contains("ten"), "{preview}");
    assert!(text(&rejected[1]["message"]).contains("gift"), "{preview}");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
    assert_eq!(ann.report(&portfolio, "").await["value"], "0");

    let import = text(&preview["id"]);
    let outcome = ann
        .api
        .call(Method::POST, &format!("{IMPORTS}/{import}/confirm"), None)
        .await
        .json_of(200);
    assert_eq!(
        (&outcome["imported"], &outcome["duplicates"]),
        (&json!(5), &json!(0))
    );
    assert_eq!(outcome["rejected"], preview["rejected"]);
    assert_eq!(outcome["batch_id"], preview["id"]);
    assert_first_quarter(&ann.report(&portfolio, AT_QUARTER_END).await);
    let brought = ann
        .api
        .read(&format!("{TRANSACTIONS}?import_id={import}"))
        .await;
    assert_eq!(brought["items"].as_array().map(Vec::len), Some(5));

    let shown = ann.api.read(&format!("{IMPORTS}/{import}")).await;
    assert_eq!(
        (&shown["status"], &shown["imported"]),
        (&json!("imported"), &json!(5))
    );
    assert_eq!(shown["rejected"], preview["rejected"], "the refusals stay");
    // A list has the numbers alone.
    let mut listed = shown.clone();
    listed["rejected"] = json!([]);
    assert_eq!(ann.api.read(IMPORTS).await["items"], json!([listed]));
    // The file itself is kept only while it waits.
    assert_eq!(
        server
            .count("portfolio.imports where content is not null")
            .await,
        0
    );

    let again = ann
        .api
        .call(Method::POST, &format!("{IMPORTS}/{import}/confirm"), None)
        .await;
    again.refused(409, "import-decided");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 5);
}

#[tokio::test]
async fn the_same_and_an_overlapping_file_add_only_what_is_new() {
    let (server, mut ann, portfolio) = ready().await;
    ann.import(&portfolio, FIRST_QUARTER).await;
    let before = ann.report(&portfolio, AT_QUARTER_END).await;
    let again = ann.import(&portfolio, FIRST_QUARTER).await;
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&json!(0), &json!(5))
    );
    assert_eq!(ann.report(&portfolio, AT_QUARTER_END).await, before);

    // The third equal purchase and the withdrawal are new.
    let preview = ann
        .try_import(&portfolio, "&preview=true", SECOND_FILE.as_bytes())
        .await
        .json_of(201);
    let marks: Vec<&Value> = preview["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| &row["is_duplicate"])
        .collect();
    assert_eq!(marks, [true, true, false, true, false]);
    let second = ann.import(&portfolio, SECOND_FILE).await;
    assert_eq!(
        (&second["imported"], &second["duplicates"]),
        (&json!(2), &json!(3))
    );
    let report = ann.report(&portfolio, "").await;
    assert_eq!(holding(&report, "ACME")["quantity"], "25");
    // 3600.5 less 1005 and 50.
    assert_eq!(report["cash"], json!({ "EUR": "2545.5" }));
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 7);

    // In another portfolio they are other bookings.
    let other = ann.open("Other", "EUR").await;
    assert_eq!(ann.import(&other, FIRST_QUARTER).await["imported"], 5);
}

#[tokio::test]
async fn an_undone_import_leaves_the_figures_of_before_and_can_come_again() {
    let (server, mut ann, portfolio) = ready().await;
    let by_hand = json!({ "type": "deposit", "date": "2025-01-01", "amount": "70" });
    ann.record(&portfolio, by_hand).await;
    let first = ann.import(&portfolio, FIRST_QUARTER).await;
    let before = ann.report(&portfolio, "").await;
    let rows_before = server.dump(&ann, "portfolio.transactions").await;
    let second = ann.import(&portfolio, SECOND_FILE).await;
    assert_ne!(ann.report(&portfolio, "").await, before);

    let path = |outcome: &Value| format!("{IMPORTS}/{}", text(&outcome["batch_id"]));
    let undone = ann
        .api
        .call(Method::DELETE, &path(&second), None)
        .await
        .json_of(200);
    assert_eq!(undone, json!({ "removed": 2 }));
    assert_eq!(ann.report(&portfolio, "").await, before);
    assert_eq!(
        server.dump(&ann, "portfolio.transactions").await,
        rows_before
    );
    assert_eq!(ann.api.read(&path(&second)).await["status"], "undone");
    ann.api
        .call(Method::DELETE, &path(&second), None)
        .await
        .refused(409, "import-decided");

    let again = ann.import(&portfolio, SECOND_FILE).await;
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&json!(2), &json!(3))
    );
    ann.api
        .call(Method::DELETE, &path(&again), None)
        .await
        .json_of(200);
    ann.api
        .call(Method::DELETE, &path(&first), None)
        .await
        .json_of(200);
    assert_eq!(
        ann.report(&portfolio, "").await["cash"],
        json!({ "EUR": "70" })
    );
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 1);
    ann.import(&portfolio, FIRST_QUARTER).await;
    assert_eq!(ann.report(&portfolio, "").await, before);
}

#[tokio::test]
async fn an_edited_booking_is_still_known_and_goes_with_its_import() {
    let (server, mut ann, portfolio) = ready().await;
    let first = ann.import(&portfolio, FIRST_QUARTER).await;
    let page = ann.api.read(&format!("{TRANSACTIONS}?type=dividend")).await;
    let path = format!("{TRANSACTIONS}/{}", text(&page["items"][0]["id"]));
    let body = json!({ "portfolio_id": portfolio, "type": "dividend", "date": "2025-02-04", "symbol": "ACME", "amount": "13" });
    ann.api
        .call(Method::PUT, &path, Some(body))
        .await
        .json_of(200);
    assert_eq!(ann.import(&portfolio, FIRST_QUARTER).await["duplicates"], 5);
    let undo = format!("{IMPORTS}/{}", text(&first["batch_id"]));
    assert_eq!(
        ann.api.call(Method::DELETE, &undo, None).await.json_of(200)["removed"],
        5
    );
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
}

#[tokio::test]
async fn a_booking_made_by_hand_is_met_again_in_the_file() {
    let (_server, mut ann, portfolio) = ready().await;
    let by_hand = json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "100", "fees": "5" });
    ann.record(&portfolio, by_hand).await;
    let outcome = ann.import(&portfolio, FIRST_QUARTER).await;
    assert_eq!(
        (&outcome["imported"], &outcome["duplicates"]),
        (&json!(4), &json!(1))
    );
    assert_first_quarter(&ann.report(&portfolio, AT_QUARTER_END).await);
}

#[tokio::test]
async fn a_sale_without_its_purchase_is_imported_and_reported() {
    let (_server, mut ann, portfolio) = ready().await;
    let file = "date,type,symbol,quantity,price,currency\n2025-01-03,sell,ACME,4,100,EUR\n";
    assert_eq!(ann.import(&portfolio, file).await["imported"], 1);
    let report = ann.report(&portfolio, AT_QUARTER_END).await;
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["symbol"], &finding["date"]),
        (&json!("oversell"), &json!("ACME"), &json!("2025-01-03"))
    );
    assert!(
        text(&finding["message"]).contains("only 0 were held"),
        "{finding}"
    );
    assert!(
        text(&finding["remedy"]).contains("Record the purchase"),
        "{finding}"
    );
    assert_eq!(report["cash"], json!({ "EUR": "400" }));
}

#[tokio::test]
async fn what_is_no_statement_is_refused_and_leaves_nothing() {
    let (server, mut ann, portfolio) = ready().await;
    let cases: [(&[u8], &str); 5] = [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"PK\x03\x04\x00\x00\x00\x00", "not text"),
        (b"<html><body>Sign in</body></html>", "no header line"),
        (b"{\"activities\": [", "line 1"),
    ];
    for (content, reason) in cases {
        for query in ["", "&preview=true"] {
            let refused = ann.try_import(&portfolio, query, content).await;
            let problem = refused.refused(422, "unreadable-file");
            assert!(
                text(&problem["detail"]).contains(reason),
                "{reason}: {problem}"
            );
        }
    }
    let foreign = b"Day,What,How much\n2025-01-02,something,5\n";
    ann.try_import(&portfolio, "", foreign)
        .await
        .refused(422, "mapping-needed");
    let unknown = ann
        .try_import(&portfolio, "&format=quicken", FIRST_QUARTER.as_bytes())
        .await;
    assert_eq!(
        unknown.refused(422, "invalid-input")["errors"][0]["pointer"],
        "format"
    );
    let wrong = ann
        .try_import(&portfolio, "&format=ibkr_flex", FIRST_QUARTER.as_bytes())
        .await;
    wrong.refused(422, "unreadable-file");
    let nowhere = "00000000-0000-0000-0000-000000000001";
    ann.try_import(nowhere, "", FIRST_QUARTER.as_bytes())
        .await
        .refused(404, "not-found");
    ann.try_import("x", "", FIRST_QUARTER.as_bytes())
        .await
        .refused(422, "invalid-input");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
    assert_eq!(server.count("portfolio.imports").await, 0);
    // A name that the database cannot keep is no reason to refuse the file.
    ann.try_import(&portfolio, "&file_name=a%00%0Ab", FIRST_QUARTER.as_bytes())
        .await
        .json_of(200);
    assert_eq!(ann.api.read(IMPORTS).await["items"][0]["file_name"], "ab");
}

#[tokio::test]
async fn characters_and_sizes_that_the_database_cannot_keep_are_refused_by_line() {
    let (_server, mut ann, portfolio) = ready().await;
    let long = "X".repeat(51);
    let file = format!(
        "date,type,symbol,quantity,price,amount,currency,note\n\
         2025-01-03,buy,{long},1,1,,EUR,\n\
         2025-01-04,buy,ACME,0.000000001,1,,EUR,\n\
         2025-01-05,deposit,,,,1000000000000,EUR,\n\
         2025-01-06,deposit,,,,0.000000001,EUR,\n\
         2025-01-07,deposit,,,,3,EUR,fine\n"
    );
    let outcome = ann.import(&portfolio, &file).await;
    let lines: Vec<u64> = outcome["rejected"]
        .as_array()
        .expect("rejected")
        .iter()
        .map(|refusal| refusal["line"].as_u64().expect("line"))
        .collect();
    assert_eq!(lines, [2, 3, 4, 5], "{outcome}");
    assert_eq!(outcome["imported"], 1);
}

#[tokio::test]
async fn the_assistant_takes_reads_imports_and_undoes_a_file() {
    let (server, ..) = ready().await;
    let (mut ann, mut browser) = server.visitor("beth").await;
    browser
        .get("/portfolio/imports/new")
        .await
        .leads_to("/portfolio/portfolios/new");
    let portfolio = ann.open("Old age", "EUR").await;
    browser
        .get("/portfolio/imports")
        .await
        .shows("No imports yet");
    browser.get("/portfolio/imports/new").await.shows("Old age");
    let fields = [("portfolio_id", portfolio.as_str())];
    let new = "/portfolio/imports/new";
    let taken = browser
        .upload(
            new,
            &fields,
            ("file", "q1 <a>.csv", FIRST_QUARTER.as_bytes()),
        )
        .await;
    let id = taken.leads_below("/portfolio/imports/");
    let show = format!("/portfolio/imports/{id}");
    let preview = browser.get(&show).await;
    for part in [
        "Bursar CSV",
        "q1 &lt;a&gt;.csv",
        "Import 5 transactions",
        "Refused lines",
        "unknown_type",
        "ACME",
    ] {
        preview.shows(part);
    }
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
    browser
        .post(&format!("{show}/confirm"), &[])
        .await
        .leads_to(&show);
    browser
        .get(&show)
        .await
        .shows("5 transactions are in Old age");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 5);
    let twice = browser.post(&format!("{show}/confirm"), &[]).await;
    assert_eq!(twice.status, 409);
    twice.shows("Import already decided");

    browser
        .get(&format!("{show}/undo"))
        .await
        .shows("Undo this import?");
    browser
        .post(&format!("{show}/undo"), &[])
        .await
        .leads_to(&show);
    browser
        .get(&show)
        .await
        .shows("Everything that this import brought was taken back.");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);

    let taken = browser
        .upload(new, &fields, ("file", "b.csv", SECOND_FILE.as_bytes()))
        .await;
    let id = taken.leads_below("/portfolio/imports/");
    browser
        .post(&format!("/portfolio/imports/{id}/discard"), &[])
        .await
        .leads_to("/portfolio/imports");
    assert_eq!(
        browser
            .get(&format!("/portfolio/imports/{id}"))
            .await
            .status,
        404
    );
    let list = browser.get("/portfolio/imports").await;
    list.shows("undone");
    list.hides("b.csv");

    let refused = browser.upload(new, &fields, ("file", "x.csv", b"")).await;
    assert_eq!(refused.status, 422);
    refused.shows("The file could not be read");
    let without = browser.upload(new, &[], ("other", "x.csv", b"x")).await;
    assert_eq!(without.status, 400);
    without.shows("Choose a portfolio and a file.");
}

#[tokio::test]
async fn a_stranger_meets_no_import() {
    let (server, mut ann, portfolio) = ready().await;
    let preview = ann
        .try_import(&portfolio, "&preview=true", FIRST_QUARTER.as_bytes())
        .await
        .json_of(201);
    let id = text(&preview["id"]);
    let (mut eve, mut browser) = server.visitor("eve").await;
    eve.try_import(&portfolio, "", FIRST_QUARTER.as_bytes())
        .await
        .refused(404, "not-found");
    eve.api
        .call(Method::GET, &format!("{IMPORTS}/{id}"), None)
        .await
        .refused(404, "not-found");
    eve.api
        .call(Method::DELETE, &format!("{IMPORTS}/{id}"), None)
        .await
        .refused(404, "not-found");
    eve.api
        .call(Method::POST, &format!("{IMPORTS}/{id}/confirm"), None)
        .await
        .refused(404, "not-found");
    for part in ["", "/mapping", "/undo"] {
        assert_eq!(
            browser
                .get(&format!("/portfolio/imports/{id}{part}"))
                .await
                .status,
            404,
            "{part}"
        );
    }
    for part in ["/mapping", "/undo", "/confirm", "/discard"] {
        assert_eq!(
            browser
                .post(&format!("/portfolio/imports/{id}{part}"), &[])
                .await
                .status,
            404,
            "{part}"
        );
    }
    assert_eq!(eve.api.read(IMPORTS).await["items"], json!([]));
    assert_eq!(eve.api.read(PORTFOLIOS).await, json!([]));
    assert_eq!(
        ann.api.read(&format!("{IMPORTS}/{id}")).await["status"],
        "preview"
    );
}

#[tokio::test]
async fn every_run_is_remembered_also_one_that_failed() {
    let (server, mut ann, portfolio) = ready().await;
    let failed = async |what: &str| {
        let log = "portfolio.portfolio_sync_log where status = 'error' and error_message <> ''";
        (what.to_owned(), server.count(log).await)
    };
    let broken = b"date,type,amount,currency\n2024-01-02,\"deposit,5,EUR\n2024-01-03,x,1,EUR\n";
    ann.try_import(&portfolio, "", broken)
        .await
        .refused(422, "unreadable-file");
    assert_eq!(failed("at once").await.1, 1);
    ann.try_import(&portfolio, "&preview=true", broken)
        .await
        .refused(422, "unreadable-file");
    assert_eq!(failed("a preview").await.1, 2);
    // What was readable when it was handed in, and is not when it is confirmed.
    let waiting = ann
        .try_import(&portfolio, "&preview=true", FIRST_QUARTER.as_bytes())
        .await
        .json_of(201);
    let id = text(&waiting["id"]);
    let damage = format!("update portfolio.imports set content = '\"' where id = '{id}'");
    server.rewrite(&damage).await;
    let confirm = format!("{IMPORTS}/{id}/confirm");
    ann.api
        .call(Method::POST, &confirm, None)
        .await
        .refused(422, "unreadable-file");
    assert_eq!(failed("confirmed").await.1, 3);
    // What the command line refuses before there is a portfolio.
    let folder = tempfile::TempDir::new().expect("a directory");
    let path = folder.path().join("foreign.csv");
    std::fs::write(&path, "Tag;Was\nheute;nichts\n").expect("written");
    let wanted = portfolio::imports::Wanted {
        portfolio: "New".to_owned(),
        currency: None,
        path,
        format: "auto".to_owned(),
    };
    portfolio::imports::import_into_named(&server.app, ann.id, wanted, &mut |_| {})
        .await
        .expect_err("it needs a mapping");
    assert_eq!(failed("by name").await.1, 4);
    let named =
        "portfolio.portfolio_sync_log where filename = 'foreign.csv' and portfolio_id is null";
    assert_eq!(server.count(named).await, 1);
    // Another person's portfolio has no runs of ours.
    let mut eve = server.person("eve").await;
    eve.try_import(&portfolio, "", broken).await;
    assert_eq!(failed("a stranger").await.1, 4);
}

#[tokio::test]
async fn a_file_refused_by_the_page_is_remembered() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let refused = browser
        .upload(
            "/portfolio/imports/new",
            &[("portfolio_id", &portfolio)],
            ("file", "photo.csv", b"\x89PNG\r\n\x1a\n\0\0"),
        )
        .await;
    assert_eq!(refused.status, 422);
    let log = "portfolio.portfolio_sync_log where status = 'error' and filename = 'photo.csv'";
    assert_eq!(server.count(log).await, 1);
}

#[tokio::test]
async fn what_is_left_out_is_told_with_its_reason() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let csv = "date,time,status,reference,description,assettype,type,isin,shares,price,amount,fee,tax,currency\n\
               2024-01-02,10:00:00,Executed,S1,Deposit,Cash,Deposit,,,,100,0,0,EUR\n\
               2024-01-03,10:00:00,Cancelled,S2,ACME,Security,Buy,US0378331005,1,10,-10,0,0,EUR\n\
               2024-01-04,10:00:00,Teilweise,S3,ACME,Security,Buy,US0378331005,1,10,-10,0,0,EUR\n";
    let preview = ann
        .try_import(&portfolio, "&preview=true", csv.as_bytes())
        .await
        .json_of(201);
    assert_eq!(
        (
            &preview["imported"],
            &preview["refused"],
            &preview["left_out"]
        ),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(preview["skipped"][0]["line"], 3);
    assert_eq!(preview["rejected"][0]["code"], "unknown_status");
    let id = text(&preview["id"]);
    let page = format!("/portfolio/imports/{id}");
    browser.get(&page).await.shows("Left out, and why");
    let path = format!("{IMPORTS}/{id}/confirm");
    let outcome = ann.api.call(Method::POST, &path, None).await.json_of(200);
    assert_eq!(
        (&outcome["refused"], &outcome["left_out"]),
        (&json!(1), &json!(1))
    );
    assert!(
        text(&outcome["skipped"][0]["message"]).contains("Cancelled"),
        "{outcome}"
    );
    let shown = browser.get(&page).await;
    shown.shows("Left out, and why");
    shown.shows("1 line was left out.");
    let import = ann.api.read(&format!("{IMPORTS}/{id}")).await;
    assert_eq!(import["skipped"], outcome["skipped"]);
    assert_eq!(import["rejected"], outcome["rejected"]);
    // The list has the numbers alone.
    let list = ann.api.read(IMPORTS).await;
    let listed = &list["items"][0];
    assert_eq!(
        (&listed["refused"], &listed["left_out"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&listed["rejected"], &listed["skipped"]),
        (&json!([]), &json!([]))
    );
}

/// Anybody can make up a session cookie: files without the token of a session keep nobody waiting.
#[tokio::test(flavor = "multi_thread")]
async fn forged_uploads_take_no_place_of_true_ones() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let mut forged = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let start = "--b\r\nContent-Disposition: form-data; name=\"portfolio_id\"\r\n\r\n";
        let body = futures::StreamExt::chain(
            futures::stream::iter([Ok::<_, std::io::Error>(start)]),
            futures::stream::pending(),
        );
        let request = axum::http::Request::post("/portfolio/imports/new")
            .header("cookie", "bursar_session=made-up")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(axum::body::Body::from_stream(body))
            .expect("request");
        let mut stranger = testkit::Browser::new(&server.router);
        forged.spawn(async move { stranger.send(request).await.status });
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let note = "n".repeat(1_100_000);
    let file = format!("date,type,amount,currency,note\n2024-01-02,deposit,5,EUR,{note}\n");
    let fields = [("portfolio_id", portfolio.as_str())];
    let file = ("file", "true.csv", file.as_bytes());
    let upload = browser.upload("/portfolio/imports/new", &fields, file);
    let answer = tokio::time::timeout(std::time::Duration::from_secs(15), upload)
        .await
        .expect("nobody stands in the way");
    answer.leads_below("/portfolio/imports/");
}
