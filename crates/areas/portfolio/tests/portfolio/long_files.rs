//! Files that are too long for one unit of work wait on disk and are booked in the background.

use std::{fmt::Write as _, time::Duration};

use axum::{body::Body, http::Method, http::Request, http::header};
use serde_json::{Value, json};

use crate::server::{IMPORTS, Person, Server, text};

/// Records of the long file: three parts.
const RECORDS: u64 = 6_000;

/// Among the records are deposits that are all equal and far apart, and a line to be refused.
fn ledger() -> String {
    let mut csv = "date,type,symbol,quantity,price,amount,fees,currency,note\n".to_owned();
    let note = "what the broker wrote about it; ".repeat(25);
    for record in 1..=RECORDS {
        if record % 1_000 == 0 {
            writeln!(csv, "2024-01-01,deposit,,,,1000,,EUR,{note}").expect("written");
        } else if record == 3_001 {
            writeln!(csv, "2024-01-02,gift,ACME,1,1,,,EUR,{note}").expect("written");
        } else {
            let day = record % 28 + 1;
            writeln!(csv, "2024-02-{day:02},buy,ACME,{record},1,,,EUR,{note}").expect("written");
        }
    }
    assert!(csv.len() > 4 * 1024 * 1024, "long files begin at 4 MiB");
    csv
}

async fn hand_in(person: &mut Person, portfolio: &str, query: &str) -> (String, Value) {
    let answer = person
        .try_import(portfolio, query, ledger().as_bytes())
        .await;
    let accepted = answer.json_of(202);
    let id = text(&accepted["id"]);
    assert_eq!(answer.header("location"), format!("{IMPORTS}/{id}"));
    (id, accepted)
}

async fn import(person: &mut Person, id: &str) -> Value {
    person.api.read(&format!("{IMPORTS}/{id}")).await
}

fn records_done(import: &Value) -> u64 {
    import["progress"]["records_done"]
        .as_u64()
        .expect("a number")
}

/// Runs the jobs until a part is booked, and ends them there as a crash would.
async fn crash_in_the_middle(server: &Server, person: &mut Person, id: &str) -> u64 {
    let before = records_done(&import(person, id).await);
    let watched = async {
        loop {
            let done = records_done(&import(person, id).await);
            if done > before {
                return done;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        biased;
        done = watched => done,
        () = server.run_jobs() => panic!("it was not interrupted"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_is_booked_in_the_background_and_taken_back() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let (id, accepted) = hand_in(&mut ann, &portfolio, "&file_name=long.csv").await;
    assert_eq!(
        (
            &accepted["status"],
            &accepted["format"],
            &accepted["file_name"]
        ),
        (&json!("running"), &json!("bursar"), &json!("long.csv"))
    );
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
    assert_eq!(server.uploaded_files(), 1);
    // The same file cannot be handed in a second time meanwhile, and leaves nothing behind.
    ann.try_import(&portfolio, "", ledger().as_bytes())
        .await
        .refused(409, "import-running");
    assert_eq!(server.rows_of(&ann, "portfolio.imports").await, 1);
    assert_eq!(server.uploaded_files(), 1);

    server.run_jobs().await;
    let done = import(&mut ann, &id).await;
    assert_eq!(
        (&done["status"], &done["imported"], &done["duplicates"]),
        (&json!("imported"), &json!(RECORDS - 1), &json!(0))
    );
    assert_eq!(
        (&done["rejected"][0]["line"], &done["rejected"][0]["code"]),
        (&json!(3_002), &json!("unknown_type"))
    );
    assert_eq!(
        done["progress"]["bytes_done"],
        done["progress"]["bytes_total"]
    );
    let stored = server.rows_of(&ann, "portfolio.transactions").await;
    assert_eq!(stored as u64, RECORDS - 1);
    assert_eq!(
        server.uploaded_files(),
        0,
        "the file is not needed any more"
    );
    let log = "portfolio.portfolio_sync_log where status = 'partial' and records_imported = 5999";
    assert_eq!(server.count(log).await, 1);

    let path = format!("{IMPORTS}/{id}");
    let undone = ann.api.call(Method::DELETE, &path, None).await.json_of(200);
    assert_eq!(undone["removed"], RECORDS - 1);
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_outlives_a_crash_and_a_stop() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Cut", "EUR").await;
    let (id, _) = hand_in(&mut ann, &portfolio, "").await;
    let path = |verb: &str| format!("{IMPORTS}/{id}/{verb}");
    let done = crash_in_the_middle(&server, &mut ann, &id).await;
    assert!(done > 0 && done < RECORDS, "{done}");

    ann.api
        .call(Method::POST, &path("resume"), None)
        .await
        .refused(409, "import-decided");
    let stopped = ann
        .api
        .call(Method::POST, &path("stop"), None)
        .await
        .json_of(200);
    assert_eq!(stopped["status"], "interrupted");
    ann.api
        .call(Method::POST, &path("stop"), None)
        .await
        .refused(409, "import-decided");
    let resumed = ann.api.call(Method::POST, &path("resume"), None).await;
    assert_eq!(resumed.json_of(202)["status"], "running");
    server.run_jobs().await;
    let finished = import(&mut ann, &id).await;
    assert_eq!(
        (
            &finished["status"],
            &finished["imported"],
            &finished["duplicates"]
        ),
        (&json!("imported"), &json!(RECORDS - 1), &json!(0))
    );
    let deposits = "portfolio.transactions where type = 'deposit'";
    assert_eq!(
        server.count(deposits).await,
        6,
        "equal bookings are all there"
    );

    // Undoing what was interrupted takes back what is booked, and the file.
    let other = ann.open("Half", "EUR").await;
    let (half, _) = hand_in(&mut ann, &other, "").await;
    let booked = crash_in_the_middle(&server, &mut ann, &half).await;
    let path = format!("{IMPORTS}/{half}");
    let undone = ann.api.call(Method::DELETE, &path, None).await.json_of(200);
    assert!(undone["removed"].as_u64() >= Some(booked - 1), "{undone}");
    let left = format!("portfolio.transactions where portfolio_id = '{other}'");
    assert_eq!(server.count(&left).await, 0);
    assert_eq!(server.uploaded_files(), 0);
    server.run_jobs().await;
    assert_eq!(server.count(&left).await, 0, "nobody goes on with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_file_interrupts_with_the_reason() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let (id, _) = hand_in(&mut ann, &portfolio, "").await;
    for file in std::fs::read_dir(&*server.app.uploads.folder).expect("a directory") {
        std::fs::remove_file(file.expect("a file").path()).expect("removed");
    }
    server.run_jobs().await;
    let stopped = import(&mut ann, &id).await;
    assert_eq!(stopped["status"], "interrupted");
    let reason = text(&stopped["progress"]["stopped_because"]);
    assert!(reason.contains("hand it in again"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_is_looked_at_by_its_beginning() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let file = ("file", "long.csv", ledger().into_bytes());
    let id = browser
        .upload(
            "/portfolio/imports/new",
            &[("portfolio_id", &portfolio)],
            (file.0, file.1, &file.2),
        )
        .await
        .leads_below("/portfolio/imports/");
    let preview = import(&mut ann, &id).await;
    assert_eq!(preview["status"], "preview");
    assert_eq!(preview["rows"].as_array().map(Vec::len), Some(200));
    let page = browser.get(&format!("/portfolio/imports/{id}")).await;
    page.shows("Start the import");
    page.shows("The first rows");
    let path = format!("{IMPORTS}/{id}/confirm");
    let started = ann.api.call(Method::POST, &path, None).await.json_of(202);
    assert_eq!(started["status"], "running");
    let page = browser.get(&format!("/portfolio/imports/{id}")).await;
    page.shows("Stop the import");
    page.shows("http-equiv=\"refresh\"");
    browser
        .post(&format!("/portfolio/imports/{id}/stop"), &[])
        .await
        .leads_to(&format!("/portfolio/imports/{id}"));
    let page = browser.get(&format!("/portfolio/imports/{id}")).await;
    page.shows("Resume the import");
    page.hides("http-equiv");
    browser
        .post(&format!("/portfolio/imports/{id}/resume"), &[])
        .await
        .leads_to(&format!("/portfolio/imports/{id}"));
    server.run_jobs().await;
    let page = browser.get(&format!("/portfolio/imports/{id}")).await;
    page.shows("5999 transactions are in Old age");

    // A file that nobody wants leaves nothing behind.
    let preview = ann
        .try_import(&portfolio, "&preview=true", ledger().as_bytes())
        .await
        .json_of(201);
    assert_eq!(server.uploaded_files(), 1);
    let path = format!("{IMPORTS}/{}", text(&preview["id"]));
    ann.api.call(Method::DELETE, &path, None).await.json_of(200);
    assert_eq!(server.uploaded_files(), 0);
}

#[tokio::test]
async fn too_large_an_upload_is_refused_with_the_limit() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    // Without its length told, and counted as it comes in.
    let pieces =
        futures::stream::iter((0..65).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1 << 20])));
    let request = Request::post(format!("{IMPORTS}?portfolio_id={portfolio}"))
        .header(header::CONTENT_TYPE, "text/csv")
        .body(Body::from_stream(pieces))
        .expect("request");
    let refused = ann.api.send(request).await.refused(413, "body-too-large");
    let detail = text(&refused["detail"]);
    assert!(
        detail.contains("64 MiB") && detail.contains("max-upload-mib"),
        "{detail}"
    );
    assert_eq!(server.uploaded_files(), 0);
}

#[tokio::test]
async fn what_no_import_knows_is_removed_at_the_start() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    hand_in(&mut ann, &portfolio, "").await;
    let folder = &server.app.uploads.folder;
    std::fs::write(folder.join("left behind"), "half of a file").expect("written");
    portfolio::imports::remove_abandoned(&server.app.db, folder)
        .await
        .expect("removed");
    assert_eq!(server.uploaded_files(), 1, "what is needed stays");
}
