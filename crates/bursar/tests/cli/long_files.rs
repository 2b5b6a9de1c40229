//! Files that are booked part by part: whatever ends the command, the same command goes on.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::house::{House, Server};

/// Records of the long file: four parts.
const RECORDS: u64 = 8_000;

/// Purchases of forty securities, among them deposits that are all equal and far apart, and one line
/// that must be refused.
fn ledger() -> String {
    let mut csv = "date,type,symbol,quantity,price,amount,fees,currency,note\n".to_owned();
    let note = "what the broker wrote about it; ".repeat(18);
    let mut day = jiff::civil::date(2004, 1, 1);
    for record in 1..=RECORDS {
        if record % 4 == 0 {
            day = day.tomorrow().expect("a day");
        }
        if record % 2_000 == 0 {
            writeln!(csv, "2004-01-01,deposit,,,,1000,,EUR,{note}").expect("written");
        } else if record == 5_001 {
            writeln!(csv, "{day},gift,S1,1,1,,,EUR,{note}").expect("written");
        } else {
            let (symbol, price) = (record % 40, record % 997 + 1);
            let quantity = record % 13 + 1;
            writeln!(
                csv,
                "{day},buy,S{symbol},{quantity},{price}.25,,0.5,EUR,{note}"
            )
            .expect("written");
        }
    }
    assert!(csv.len() > 4 * 1024 * 1024, "long files begin at 4 MiB");
    csv
}

fn latest(server: &Server, token: &str) -> Option<Value> {
    let (status, body) = server.get("/api/v1/portfolio/imports", token);
    assert_eq!(status, 200, "{body}");
    let imports: Value = serde_json::from_str(&body).expect("JSON");
    imports["items"].get(0).cloned()
}

fn records_done(import: &Value) -> u64 {
    import["progress"]["records_done"].as_u64().unwrap_or(0)
}

/// Waits until more records are booked than before, and returns the import.
fn wait_for_more(server: &Server, token: &str, than: u64) -> Value {
    let deadline = Instant::now() + Duration::from_mins(3);
    loop {
        if let Some(import) = latest(server, token).filter(|import| records_done(import) > than) {
            return import;
        }
        assert!(Instant::now() < deadline, "nothing is booked");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// All transactions of the portfolio of a name, as they are exported.
fn transactions(server: &Server, token: &str, house: &House, name: &str) -> Vec<String> {
    let listed = house.run(&["portfolio", "list", "--json"]).json(0);
    let all = listed.as_array().expect("portfolios");
    let portfolio = all.iter().find(|p| p["name"] == name).expect("portfolio");
    let id = portfolio["id"].as_str().expect("an id");
    let path = format!("/api/v1/portfolio/transactions.csv?portfolio_id={id}");
    let (status, csv) = server.get(&path, token);
    assert_eq!(status, 200);
    let mut lines: Vec<String> = csv.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn a_killed_and_an_interrupted_import_go_on_where_they_were() {
    let house = House::with_owner();
    let file = house.file("long.csv", &ledger());
    let token = house.run(&["token", "watcher"]).stdout.trim().to_owned();
    let server = house.serve(&[]);
    let command = |portfolio: &'static str| {
        [
            "import",
            "transactions",
            &file,
            "--portfolio",
            portfolio,
            "--json",
        ]
    };

    let running = house.spawn(&command("Cut"), "");
    wait_for_more(&server, &token, 0);
    running.kill();
    let import = latest(&server, &token).expect("an import");
    let done = records_done(&import);
    assert_eq!(import["status"], "running", "nobody could say otherwise");
    assert!(done > 0 && done < RECORDS, "killed in the middle: {import}");

    let running = house.spawn(&command("Cut"), "");
    wait_for_more(&server, &token, done);
    running.interrupt();
    running.wait().failed(&[
        "interrupted",
        "records of",
        "are done",
        "run the same command again",
    ]);
    let import = latest(&server, &token).expect("an import");
    assert_eq!(import["status"], "interrupted", "{import}");
    assert!(
        records_done(&import) < RECORDS,
        "stopped in the middle: {import}"
    );

    let cut = house.run(&command("Cut")).json(3);
    let import = latest(&server, &token).expect("an import");
    assert_eq!(
        (&import["status"], &import["id"], records_done(&import)),
        (&json!("imported"), &cut["batch_id"], RECORDS)
    );
    let mut whole = house.run(&command("Whole")).json(3);
    let batch = whole["batch_id"].take();
    assert_ne!(batch, cut["batch_id"]);
    whole["batch_id"] = cut["batch_id"].clone();
    assert_eq!(cut, whole, "the same outcome as without a pause");
    assert_eq!(
        (
            &cut["imported"],
            &cut["duplicates"],
            &cut["rejected"][0]["line"]
        ),
        (&json!(RECORDS - 1), &json!(0), &json!(5_002))
    );
    assert_eq!((&cut["refused"], &cut["left_out"]), (&json!(1), &json!(0)));
    let stored = transactions(&server, &token, &house, "Cut");
    assert_eq!(stored.len() as u64, RECORDS);
    assert!(
        stored == transactions(&server, &token, &house, "Whole"),
        "the transactions differ"
    );

    let again = house.run(&command("Cut")).json(3);
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&json!(0), &json!(RECORDS - 1))
    );
}

#[test]
fn what_is_read_as_a_whole_has_a_limit_that_is_named() {
    let house = House::with_owner();
    let mut ledgers = "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\n".to_owned();
    while ledgers.len() <= 64 * 1024 * 1024 {
        ledgers.push_str("A,B,2024-01-02 10:00:00,deposit,,currency,ZEUR,1.0000,0,1.0000\n");
    }
    let file = house.file("ledgers.csv", &ledgers);
    house
        .run(&["import", "transactions", &file, "--portfolio", "New"])
        .failed(&["Kraken", "at most 64 MiB", "shorter period"]);
    assert_eq!(
        house.run(&["portfolio", "list", "--json"]).json(0),
        json!([])
    );
}
