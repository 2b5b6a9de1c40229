//! Files that are too long for one unit of work wait on disk and are booked in the background.

use std::{fmt::Write as _, time::Duration};

use axum::{body::Body, http::Method, http::Request, http::header};
use serde_json::{Value, json};

use crate::server::{IMPORTS, Person, Server, text};

/// Records of the long file: three parts.
pub(crate) const RECORDS: u64 = 6_000;

/// Among the records are deposits that are all equal and far apart, and a line to be refused.
pub(crate) fn ledger() -> String {
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

pub(crate) async fn hand_in(person: &mut Person, portfolio: &str, query: &str) -> (String, Value) {
    let answer = person
        .try_import(portfolio, query, ledger().as_bytes())
        .await;
    let accepted = answer.json_of(202);
    let id = text(&accepted["id"]);
    assert_eq!(answer.header("location"), format!("{IMPORTS}/{id}"));
    (id, accepted)
}

pub(crate) async fn import(person: &mut Person, id: &str) -> Value {
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
    ann.api.call(Method::DELETE, &path, None).await.json_of(202);
    server.run_jobs().await;
    assert_eq!(import(&mut ann, &id).await["undo"]["removed"], RECORDS - 1);
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
    // At once or in the background, by how much that is.
    let undone = ann.api.call(Method::DELETE, &path, None).await;
    assert!(undone.status.is_success(), "{}", undone.body);
    server.run_jobs().await;
    let undone = import(&mut ann, &half).await;
    assert_eq!(undone["status"], "undone");
    assert!(undone["imported"].as_u64() >= Some(booked - 1), "{undone}");
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

/// Sets a file's time to days before the server's clock.
fn leave(folder: &std::path::Path, name: &str, days: u64) {
    let file = std::fs::File::create(folder.join(name)).expect("a file");
    let now: jiff::Timestamp = "2026-03-02T09:30:00Z".parse().expect("instant");
    let time = std::time::SystemTime::from(now) - Duration::from_secs(days * 86_400 + 60);
    file.set_modified(time).expect("a time");
}

#[tokio::test]
async fn what_no_import_knows_is_removed_at_the_start_and_nothing_else() {
    let mut server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let (id, _) = hand_in(&mut ann, &portfolio, "").await;
    // The data directory moves, and everything in it is old.
    let moved = tempfile::TempDir::new().expect("a directory");
    for file in std::fs::read_dir(&*server.app.uploads.folder).expect("a directory") {
        let file = file.expect("a file");
        let name = file.file_name().into_string().expect("a name");
        leave(moved.path(), &name, 3);
        std::fs::copy(file.path(), moved.path().join(&name)).expect("copied");
    }
    server.app.uploads.folder = std::sync::Arc::from(moved.path());
    leave(moved.path(), "left behind", 1);
    leave(moved.path(), "arriving", 0);
    portfolio::imports::remove_abandoned(&server.app)
        .await
        .expect("removed");
    let mut left: Vec<String> = std::fs::read_dir(moved.path())
        .expect("a directory")
        .map(|file| {
            file.expect("a file")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    left.sort();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.contains(&"arriving".to_owned()), "{left:?}");
    server.run_jobs().await;
    assert_eq!(import(&mut ann, &id).await["status"], "imported");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lasts_interrupts_with_a_sentence_and_is_remembered() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let (id, _) = hand_in(&mut ann, &portfolio, "&file_name=long.csv").await;
    let damage = format!("update portfolio.imports set mapping = '\"none\"' where id = '{id}'");
    server.rewrite(&damage).await;
    server.run_jobs().await;
    let stopped = format!(
        "portfolio.imports where id = '{id}' and status = 'interrupted'
         and stopped_because like 'The server could not go on%'"
    );
    assert_eq!(server.count(&stopped).await, 1);
    assert_eq!(
        server
            .count("platform.jobs where name = 'portfolio.book_long_file' and state = 'queued'")
            .await,
        0,
        "what lasts is not tried again"
    );
    let log = "portfolio.portfolio_sync_log where status = 'error' and filename = 'long.csv'";
    assert_eq!(server.count(log).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_what_waits_does_not_read_the_file_again() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let preview = ann
        .try_import(&portfolio, "&preview=true", ledger().as_bytes())
        .await
        .json_of(201);
    let id = text(&preview["id"]);
    for file in std::fs::read_dir(&*server.app.uploads.folder).expect("a directory") {
        std::fs::remove_file(file.expect("a file").path()).expect("removed");
    }
    assert_eq!(import(&mut ann, &id).await["rows"], preview["rows"]);
}

/// Words that only the end of a long file has are asked for when its columns are named.
#[tokio::test(flavor = "multi_thread")]
async fn every_word_of_a_long_file_is_asked_for() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let mut csv = "Tag,Vorgang,Summe,Text\n".to_owned();
    let note = "three\nlines, each\nof them".repeat(20);
    for record in 0..10_000 {
        writeln!(csv, "2024-02-{:02},Einlage,1,\"{note}\"", record % 28 + 1).expect("written");
    }
    writeln!(csv, "2024-03-01,Erbschaft,5,").expect("written");
    assert!(csv.len() > 4 * 1024 * 1024, "long files begin at 4 MiB");
    let waiting = ann
        .try_import(&portfolio, "&preview=true", csv.as_bytes())
        .await
        .json_of(201);
    let page = format!("/portfolio/imports/{}/mapping", text(&waiting["id"]));
    browser.get(&page).await;
    let fields = [
        ("column.date", "Tag"),
        ("column.type", "Vorgang"),
        ("column.amount", "Summe"),
        ("default_currency", "GBX"),
        ("word.Einlage", "deposit"),
    ];
    let asked = browser.post(&page, &fields).await;
    assert_eq!(asked.status, 422);
    asked.shows("word.Erbschaft");
    let all = [&fields[..], &[("word.Erbschaft", "deposit")]].concat();
    browser
        .post(&page, &all)
        .await
        .leads_below("/portfolio/imports/");
    let id = text(&waiting["id"]);
    let path = format!("{IMPORTS}/{id}/confirm");
    ann.api.call(Method::POST, &path, None).await.json_of(202);
    server.run_jobs().await;
    let done = import(&mut ann, &id).await;
    assert_eq!(
        (&done["imported"], &done["refused"]),
        (&json!(10_001), &json!(0))
    );
    // Five pence.
    let last = "portfolio.transactions where amount = 0.05 and currency = 'GBP'";
    assert_eq!(server.count(last).await, 1);
}

/// Imports a file as the command line does.
pub(crate) async fn by_name(
    server: &Server,
    person: &Person,
    content: &str,
) -> Result<portfolio::imports::ImportOutcome, portfolio::imports::Error> {
    let folder = tempfile::TempDir::new().expect("a directory");
    let path = folder.path().join("ledger.csv");
    std::fs::write(&path, content).expect("written");
    portfolio::imports::import_into_named(&server.app, person.id, wanted(path), &mut |_| {}).await
}

/// A file for the portfolio “Old age”.
pub(crate) fn wanted(path: std::path::PathBuf) -> portfolio::imports::Wanted {
    portfolio::imports::Wanted {
        portfolio: "Old age".to_owned(),
        currency: None,
        path,
        format: "auto".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_is_booking_is_left_to_it() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let (id, _) = hand_in(&mut ann, &portfolio, "").await;
    let refused = by_name(&server, &ann, &ledger())
        .await
        .expect_err("it runs");
    assert!(refused.to_string().contains("already"), "{refused}");
    assert_eq!(import(&mut ann, &id).await["status"], "running");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_lines_are_counted_beyond_those_that_are_kept() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let note = "what the broker wrote about it; ".repeat(12);
    let mut csv = "date,type,amount,currency,note\n2024-01-01,deposit,5,EUR,\n".to_owned();
    for _ in 0..13_000 {
        writeln!(csv, "2024-01-01,gift,5,EUR,{note}").expect("written");
    }
    writeln!(csv, "2024-01-01,interest,0,EUR,{note}").expect("written");
    let outcome = by_name(&server, &ann, &csv).await.expect("imported");
    assert_eq!((outcome.imported, outcome.refused), (1, 13_000));
    assert_eq!(outcome.rejected.len(), 10_000);
    assert!(
        outcome
            .rejected
            .iter()
            .all(|found| found.code == "unknown_type")
    );
    assert_eq!((outcome.left_out, outcome.skipped.len()), (1, 1));
    assert_eq!(outcome.skipped[0].line, 13_003);
}
