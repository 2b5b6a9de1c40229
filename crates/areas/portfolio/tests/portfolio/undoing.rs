//! Imports of many transactions are taken back part by part, and what falls silent is found.

use std::time::Duration;

use axum::http::Method;
use portfolio::{
    imports,
    portfolios::PortfolioId,
    snapshots::{Built, bring_up_to_date},
};
use serde_json::{Value, json};

use crate::{
    long_files::{RECORDS, by_name, hand_in, import, ledger, wanted},
    server::{IMPORTS, Person, Server, TRANSACTIONS, text},
};

/// Those of the long file that are no refused line.
const BOOKED: u64 = RECORDS - 1;

async fn imported(server: &Server, person: &mut Person, portfolio: &str) -> String {
    let (id, _) = hand_in(person, portfolio, "").await;
    server.run_jobs().await;
    assert_eq!(import(person, &id).await["status"], "imported");
    id
}

fn removed(import: &Value) -> u64 {
    import["undo"]["removed"].as_u64().unwrap_or_default()
}

async fn delete(person: &mut Person, id: &str) -> testkit::Answer {
    let path = format!("{IMPORTS}/{id}");
    person.api.call(Method::DELETE, &path, None).await
}

async fn post(person: &mut Person, id: &str, verb: &str) -> testkit::Answer {
    let path = format!("{IMPORTS}/{id}/{verb}");
    person.api.call(Method::POST, &path, None).await
}

/// Does work until a part of an import is taken back, and ends it there as a crash would.
async fn crash_in_the_middle(person: &mut Person, id: &str, work: impl Future<Output = ()>) -> u64 {
    let watched = async {
        loop {
            let gone = removed(&import(person, id).await);
            if gone > 0 {
                return gone;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        biased;
        gone = watched => gone,
        () = work => panic!("it was not interrupted"),
    }
}

async fn build(server: &Server, person: &Person, portfolio: &str) -> Built {
    let id = PortfolioId(portfolio.parse().expect("an id"));
    bring_up_to_date(&server.app.db, &server.app.clock, person.id, id)
        .await
        .expect("built")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_import_is_taken_back_in_parts_and_outlives_a_crash_and_a_stop() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let id = imported(&server, &mut ann, &portfolio).await;

    let started = delete(&mut ann, &id).await;
    let accepted = started.json_of(202);
    assert_eq!(started.header("location"), format!("{IMPORTS}/{id}"));
    assert_eq!(
        (&accepted["status"], &accepted["undo"]),
        (
            &json!("undoing"),
            &json!({ "total": BOOKED, "removed": 0, "stopped_because": null })
        )
    );
    delete(&mut ann, &id).await.refused(409, "import-decided");
    let page = browser.get(&format!("/portfolio/imports/{id}")).await;
    page.shows("is of what is left");
    page.shows("http-equiv=\"refresh\"");
    // What it brought must not be taken for what another file brings.
    let file = b"date,type,amount,currency\n2025-01-02,deposit,1,EUR\n";
    ann.try_import(&portfolio, "", file)
        .await
        .refused(409, "import-being-undone");
    ann.try_import(&portfolio, "", ledger().as_bytes())
        .await
        .refused(409, "import-being-undone");
    assert_eq!(server.uploaded_files(), 0);

    let gone = crash_in_the_middle(&mut ann, &id, server.run_jobs()).await;
    assert!(gone < BOOKED, "{gone}");
    post(&mut ann, &id, "resume")
        .await
        .refused(409, "import-decided");
    let stopped = post(&mut ann, &id, "stop").await.json_of(200);
    assert_eq!(stopped["status"], "undo_interrupted");
    let left = BOOKED - removed(&stopped);
    let stored = server.rows_of(&ann, "portfolio.transactions").await;
    assert_eq!(stored.unsigned_abs(), left);
    // What is left is the beginning of the file: each purchase is of as many shares as there are records.
    let later = format!("portfolio.transactions where type = 'buy' and quantity > {left} + 1");
    assert_eq!(server.count(&later).await, 0);
    browser
        .get(&format!("/portfolio/imports/{id}"))
        .await
        .shows("Resume undoing");

    let resumed = post(&mut ann, &id, "resume").await.json_of(202);
    assert_eq!(resumed["status"], "undoing");
    server.run_jobs().await;
    let done = import(&mut ann, &id).await;
    assert_eq!(
        (&done["status"], removed(&done)),
        (&json!("undone"), BOOKED)
    );
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
    let kept = "portfolio.transaction_versions where cause = 'import_undo'";
    assert_eq!(server.count(kept).await.unsigned_abs(), BOOKED);
    // The same file can be imported again.
    imported(&server, &mut ann, &portfolio).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_wait_for_the_end_of_an_import_and_of_an_undo() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let dirty = "portfolio.snapshot_states where dirty_from is not null";
    let built = format!(
        "portfolio.snapshot_states where portfolio_id = '{portfolio}' and built_to is not null
         and dirty_from is null"
    );
    let (id, _) = hand_in(&mut ann, &portfolio, "").await;
    assert_eq!(build(&server, &ann, &portfolio).await, Built::Waiting);
    server.run_jobs().await;
    assert_eq!(server.count(&built).await, 1, "built at its end");
    assert_eq!(build(&server, &ann, &portfolio).await, Built::Current);

    delete(&mut ann, &id).await.json_of(202);
    assert_eq!(build(&server, &ann, &portfolio).await, Built::Waiting);
    crash_in_the_middle(&mut ann, &id, server.run_jobs()).await;
    assert_eq!(server.count(dirty).await, 1);
    assert_eq!(build(&server, &ann, &portfolio).await, Built::Waiting);
    let queued = "platform.jobs where name = 'portfolio.build_snapshots'
                  and state in ('queued', 'running')";
    assert_eq!(server.count(queued).await, 0, "no part asks for it");
    let deposit = json!({ "portfolio_id": portfolio, "type": "deposit", "date": "2023-12-31", "amount": "5" });
    ann.api
        .call(Method::POST, TRANSACTIONS, Some(deposit))
        .await
        .json_of(201);
    assert_eq!(server.count(queued).await, 0, "nor does anything else");
    post(&mut ann, &id, "stop").await.json_of(200);
    assert_eq!(server.count(queued).await, 1, "an interruption is an end");
    server.run_jobs().await;
    assert_eq!(server.count(&built).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fell_silent_is_interrupted_and_what_waits_for_its_job_is_not() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let lost = ann.open("Lost", "EUR").await;
    let (silent, _) = hand_in(&mut ann, &lost, "").await;
    server
        .rewrite("update platform.jobs set state = 'dead', finished_at = now()")
        .await;
    let waiting = ann.open("Waiting", "EUR").await;
    let (queued, _) = hand_in(&mut ann, &waiting, "").await;
    let job = "name = 'portfolio.book_long_file' and state = 'queued'";
    server
        .rewrite(&format!(
            "update platform.jobs set run_at = now() + interval '1 hour' where {job};
             update portfolio.imports set heard_at = now() - interval '11 minutes'"
        ))
        .await;
    server.run_jobs().await;
    let found = import(&mut ann, &silent).await;
    assert_eq!(found["status"], "interrupted");
    let because = text(&found["progress"]["stopped_because"]);
    assert!(because.contains("without a word"), "{because}");
    assert_eq!(import(&mut ann, &queued).await["status"], "running");
    let due = format!("update platform.jobs set run_at = now() where {job}");
    server.rewrite(&due).await;
    server.run_jobs().await;
    assert_eq!(import(&mut ann, &queued).await["status"], "imported");
    post(&mut ann, &silent, "resume").await.json_of(202);
}

/// What an import has booked before would be a duplicate of what is about to go.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_back_while_another_import_of_the_portfolio_is_booked() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let file = "date,type,amount,currency\n2025-01-02,deposit,1,EUR\n";
    let outcome = ann.import(&portfolio, file).await;
    let short = text(&outcome["batch_id"]);
    let (long, _) = hand_in(&mut ann, &portfolio, "").await;
    let refused = delete(&mut ann, &short)
        .await
        .refused(409, "other-import-running");
    assert!(text(&refused["detail"]).contains("or stop it"), "{refused}");
    let named = imports::ImportId(short.parse().expect("an id"));
    imports::undo_here(&server.app, ann.id, named, &mut |_| {})
        .await
        .expect_err("another import runs");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 1);
    let begun = format!(
        "update portfolio.imports set status = 'undo_interrupted', undo_total = 1 where id = '{short}'"
    );
    server.rewrite(&begun).await;
    post(&mut ann, &short, "resume")
        .await
        .refused(409, "other-import-running");
    // Elsewhere nobody minds, and what runs may be taken back itself.
    let other = ann.open("Other", "EUR").await;
    let elsewhere = ann.import(&other, file).await;
    delete(&mut ann, &text(&elsewhere["batch_id"]))
        .await
        .json_of(200);
    delete(&mut ann, &long).await.json_of(200);
    delete(&mut ann, &short).await.json_of(200);
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_an_undo_counts_with_what_went_before() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let id = imported(&server, &mut ann, &portfolio).await;
    server
        .rewrite(&format!(
            "delete from portfolio.transactions where id in
                 (select id from portfolio.transactions order by id desc limit 4000);
             update portfolio.imports
             set status = 'undo_interrupted', undo_total = {BOOKED}, undone_count = 4000"
        ))
        .await;
    let outcome = delete(&mut ann, &id).await.json_of(200);
    assert_eq!(outcome["removed"], BOOKED);
    let undone = import(&mut ann, &id).await;
    assert_eq!(
        (&undone["status"], removed(&undone)),
        (&json!("undone"), BOOKED)
    );
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
}

/// A command that ends late must not stop who has taken the import on.
#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_at_work_on_an_import_interrupts_it() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let (id, _) = hand_in(&mut ann, &portfolio, "").await;
    let named = imports::ImportId(id.parse().expect("an id"));
    let (app, user) = (&server.app, ann.id);
    let theirs = imports::interrupt(app, user, named)
        .await
        .expect_err("the server books it");
    assert!(theirs.to_string().contains("somebody else"), "{theirs}");
    assert_eq!(import(&mut ann, &id).await["status"], "running");
    server.run_jobs().await;
    delete(&mut ann, &id).await.json_of(202);
    imports::interrupt(app, user, named)
        .await
        .expect_err("it is not booked but taken back");
    assert_eq!(import(&mut ann, &id).await["status"], "undoing");
    imports::interrupt_undo(app, user, named)
        .await
        .expect("noted");
    assert_eq!(import(&mut ann, &id).await["status"], "undo_interrupted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_does_not_revive_what_is_undone_at_the_same_time() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let (id, _) = hand_in(&mut ann, &portfolio, "").await;
    post(&mut ann, &id, "stop").await.json_of(200);
    // Undone, and seen by nobody until the command waits for it.
    let undone = format!(
        "do $$ begin
             update portfolio.imports set status = 'undone' where id = '{id}';
             for i in 1..1200 loop
                 exit when exists (
                     select from pg_locks
                     where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))
                 );
                 perform pg_sleep(0.05);
             end loop;
         end $$"
    );
    let content = ledger();
    let (outcome, ()) = tokio::join!(by_name(&server, &ann, &content), server.rewrite(&undone));
    let refused = outcome.expect_err("it is undone");
    assert!(refused.to_string().contains("undone"), "{refused}");
    assert_eq!(import(&mut ann, &id).await["status"], "undone");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_takes_an_import_back_and_goes_on_after_it_was_killed() {
    let server = Server::start().await;
    let (mut ann, mut bob) = (server.person("ann").await, server.person("bob").await);
    let portfolio = ann.open("Old age", "EUR").await;
    let id = imported(&server, &mut ann, &portfolio).await;
    let named = imports::ImportId(id.parse().expect("an id"));
    let undo = async |person: &Person, told: &mut Vec<u64>| {
        let mut progress = |at: imports::UndoProgress| told.push(at.removed);
        imports::undo_here(&server.app, person.id, named, &mut progress).await
    };
    bob.open("Her own", "EUR").await;
    undo(&bob, &mut Vec::new()).await.expect_err("not his");
    let ann_id = ann.id;
    let killed = async {
        imports::undo_here(&server.app, ann_id, named, &mut |_| {})
            .await
            .expect("undone");
    };
    crash_in_the_middle(&mut ann, &id, killed).await;
    assert_eq!(import(&mut ann, &id).await["status"], "undoing");
    let mut told = Vec::new();
    assert_eq!(undo(&ann, &mut told).await.expect("undone"), BOOKED);
    assert_eq!(told.last(), Some(&BOOKED));
    assert_eq!(import(&mut ann, &id).await["status"], "undone");
    assert_eq!(server.rows_of(&ann, "portfolio.transactions").await, 0);
    undo(&ann, &mut told).await.expect_err("it is undone");
}

/// The copy that the server had is not needed where a command has the file.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_took_an_upload_over_and_was_killed_can_go_on() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let (id, _) = hand_in(&mut ann, &portfolio, "").await;
    post(&mut ann, &id, "stop").await.json_of(200);
    let folder = tempfile::TempDir::new().expect("a directory");
    let path = folder.path().join("ledger.csv");
    std::fs::write(&path, ledger()).expect("written");
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let mut progress = |at: imports::Progress| {
        told.send(at.records_done).expect("heard");
    };
    let user = ann.id;
    let command = imports::import_into_named(&server.app, user, wanted(path), &mut progress);
    let killed = async { while heard.recv().await.is_some_and(|records| records == 0) {} };
    tokio::select! {
        biased;
        () = killed => {}
        _ = command => panic!("it was not interrupted"),
    }
    assert_eq!(import(&mut ann, &id).await["status"], "running");
    let spooled = "portfolio.imports where spool_path is not null";
    assert_eq!(server.count(spooled).await, 0);
    assert_eq!(server.uploaded_files(), 0);
    // The job that was queued before finds that the file is somebody else's now.
    server.run_jobs().await;
    assert_eq!(import(&mut ann, &id).await["status"], "running");
    let outcome = by_name(&server, &ann, &ledger()).await.expect("imported");
    assert_eq!(outcome.imported, BOOKED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_started_is_remembered_with_its_format() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    let mut previews = Vec::new();
    for _ in 0..2 {
        let preview = ann
            .try_import(&portfolio, "&preview=true", ledger().as_bytes())
            .await
            .json_of(201);
        previews.push(text(&preview["id"]));
    }
    post(&mut ann, &previews[0], "confirm").await.json_of(202);
    post(&mut ann, &previews[1], "confirm")
        .await
        .refused(409, "import-running");
    let log = "portfolio.portfolio_sync_log where status = 'error'
               and error_message like '%is being imported%' and portfolio_id is not null";
    assert_eq!(server.count(log).await, 1);

    server
        .rewrite("update portfolio.imports set status = 'undo_interrupted', undo_total = 1 where status = 'running'")
        .await;
    let kucoin =
        include_bytes!("../../../../engines/statements/fixtures/exports/kucoin_orders.csv");
    ann.try_import(&portfolio, "", kucoin)
        .await
        .refused(409, "import-being-undone");
    let log = "portfolio.portfolio_sync_log where status = 'error' and sync_source = 'kucoin'";
    assert_eq!(server.count(log).await, 1);
}

#[tokio::test]
async fn a_file_without_bookings_is_remembered_and_what_it_states_is_kept() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let refused = "date,type,amount,currency\n2024-01-01,gift,5,EUR\n";
    let outcome = by_name(&server, &ann, refused).await.expect("read");
    assert_eq!((outcome.imported, outcome.refused), (0, 1));
    let log = "portfolio.portfolio_sync_log where status = 'partial' and portfolio_id is null";
    assert_eq!(server.count(log).await, 1);
    assert_eq!(server.rows_of(&ann, "portfolio.portfolios").await, 0);

    let stating = r#"<FlexQueryResponse queryName="all" type="AF"><FlexStatements count="1">
<FlexStatement accountId="U1" fromDate="20240101" toDate="20240131">
<OpenPositions>
<OpenPosition accountId="U1" currency="USD" assetCategory="STK" symbol="ACME" reportDate="20240131" position="8" markPrice="55" costBasisMoney="501" levelOfDetail="SUMMARY" />
</OpenPositions>
</FlexStatement></FlexStatements></FlexQueryResponse>
"#;
    let nowhere = by_name(&server, &ann, stating).await.expect("read");
    assert_eq!(nowhere.batch_id, None, "no portfolio is opened for it");
    assert_eq!(server.rows_of(&ann, "portfolio.stated_balances").await, 0);
    ann.open("Old age", "EUR").await;
    let outcome = by_name(&server, &ann, stating).await.expect("read");
    assert!(outcome.batch_id.is_some() && outcome.imported == 0);
    assert_eq!(server.rows_of(&ann, "portfolio.stated_balances").await, 1);
    let log = "portfolio.portfolio_sync_log where status = 'success' and sync_source = 'ibkr'";
    assert_eq!(server.count(log).await, 2);
}
