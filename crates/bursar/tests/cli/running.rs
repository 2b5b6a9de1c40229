//! Commands beside a server that runs, and after one that was killed.

use serde_json::{Value, json};

use crate::house::{House, PASSWORD};

fn value_of(house: &House, portfolio: &str) -> Value {
    house
        .run(&["report", "portfolio", portfolio, "--json"])
        .json(0)["value"]
        .clone()
}

#[test]
fn a_new_server_prints_the_link_by_which_it_is_set_up() {
    let house = House::new();
    let server = house.serve(&["serve"]);
    assert!(
        server.announced.starts_with("Bursar: http://127.0.0.1:"),
        "{}",
        server.announced
    );
    assert_eq!(server.get("/healthz", "").0, 200);
    let (status, metrics) = server.get("/metrics", "");
    assert!(
        status == 200 && metrics.contains("bursar_http_requests_total"),
        "{metrics}"
    );
    let (status, _) = server.page("/");
    assert_eq!(status, 303, "to the sign-in");
    assert!(house.database_runs());
    assert_eq!(server.stop(), Some(0));
    assert!(!house.database_runs(), "the database stops with the server");
}

/// How often the cache was asked, by the kind of key and what came of it.
fn asked(metrics: &str, kind: &str, outcome: &str) -> u64 {
    let sample = format!("bursar_cache_requests_total{{kind=\"{kind}\",outcome=\"{outcome}\"}} ");
    let value = metrics.lines().find_map(|line| line.strip_prefix(&sample));
    value.map_or(0, |value| value.trim().parse().expect("a count"))
}

#[test]
fn hits_and_misses_of_the_cache_are_counted_by_the_kind_of_key() {
    let house = House::with_owner();
    let server = house.serve(&[]);
    let token = house.run(&["token", "script", "--json"]).json(0)["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let counted = |kind: &str| {
        let (_, metrics) = server.get("/metrics", "");
        (asked(&metrics, kind, "hit"), asked(&metrics, kind, "miss"))
    };
    assert_eq!((counted("portfolio"), counted("stock")), ((0, 0), (0, 0)));
    for expected in [(0, 1), (1, 1), (2, 1)] {
        let (status, overview) = server.get("/api/v1/portfolio/overview", &token);
        assert_eq!(status, 200, "{overview}");
        assert_eq!(counted("portfolio"), expected);
    }
    let (_, metrics) = server.get("/metrics", "");
    assert!(
        metrics.contains("# TYPE bursar_cache_requests_total counter"),
        "{metrics}"
    );

    // An API token is no session; an app's is one, from its second request on.
    assert_eq!(counted("session"), (0, 0));
    let body = json!({ "email": "ann@example.org", "password": PASSWORD });
    let (status, pair) = server.post("/api/v1/identity/families", "", &body);
    assert_eq!(status, 201, "{pair}");
    let pair: Value = serde_json::from_str(&pair).expect("json");
    let access = pair["access_token"].as_str().expect("a token");
    for expected in [(0, 1), (1, 1)] {
        assert_eq!(server.get("/api/v1/identity/me", access).0, 200);
        assert_eq!(counted("session"), expected);
    }
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_command_shares_the_database_of_a_running_server() {
    let house = House::with_owner();
    let server = house.serve(&[]);
    let deposit = house.file(
        "one.csv",
        "date,type,amount,currency\n2025-01-02,deposit,100,EUR\n",
    );
    let token = house.run(&["token", "script", "--json"]).json(0)["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    house
        .run(&["import", "transactions", &deposit, "--portfolio", "Old age"])
        .says(&["1 transactions imported"]);
    assert!(
        house.database_runs(),
        "a command does not stop what others use"
    );

    // What the command stored, the server answers at once; and the other way round.
    let (status, list) = server.get("/api/v1/portfolio/portfolios", &token);
    let list: Value = serde_json::from_str(&list).expect("json");
    assert_eq!((status, &list[0]["name"]), (200, &json!("Old age")));
    let report = format!(
        "/api/v1/portfolio/portfolios/{}/report",
        list[0]["id"].as_str().expect("an id")
    );
    let value = |answer: (u16, String)| -> Value {
        assert_eq!(answer.0, 200, "{}", answer.1);
        serde_json::from_str::<Value>(&answer.1).expect("json")["value"].clone()
    };
    assert_eq!(value(server.get(&report, &token)), "100");
    let body = json!({ "portfolio_id": list[0]["id"], "type": "deposit", "date": "2025-01-03", "amount": "11" });
    let (status, stored) = server.post("/api/v1/portfolio/transactions", &token, &body);
    assert_eq!(status, 201, "{stored}");
    assert_eq!(value_of(&house, "Old age"), "111");
    let more = house.file(
        "two.csv",
        "date,type,amount,currency\n2025-01-04,deposit,1000,EUR\n",
    );
    house
        .run(&["import", "transactions", &more, "--portfolio", "Old age"])
        .says(&["1 transactions"]);
    assert_eq!(
        value(server.get(&report, &token)),
        "1111",
        "the server keeps no stale figure"
    );

    // Several commands at once.
    let files: Vec<String> = (0..4)
        .map(|n| {
            house.file(
                &format!("{n}.csv"),
                &format!(
                    "date,type,amount,currency\n2025-02-0{},deposit,1,EUR\n",
                    n + 1
                ),
            )
        })
        .collect();
    let running: Vec<_> = files
        .iter()
        .map(|file| {
            house.spawn(
                &["import", "transactions", file, "--portfolio", "Old age"],
                "",
            )
        })
        .collect();
    for command in running {
        command.wait().says(&["1 transactions imported"]);
    }
    assert_eq!(value(server.get(&report, &token)), "1115");

    // A second server on the same directory serves the same data.
    let second = house.serve(&["serve"]);
    assert_eq!(value(second.get(&report, &token)), "1115");
    assert_eq!(second.stop(), Some(0));
    assert_eq!(
        value(server.get(&report, &token)),
        "1115",
        "the first one goes on"
    );
    assert_eq!(server.stop(), Some(0));
    assert!(!house.database_runs());
    assert_eq!(value_of(&house, "Old age"), "1115");
}

#[test]
fn a_token_is_made_with_the_bounds_that_are_named() {
    let house = House::with_owner();
    let server = house.serve(&[]);
    let bounds = [
        "token",
        "reader",
        "--scope",
        "read",
        "--expires",
        "never",
        "--json",
    ];
    let reader = house.run(&bounds).json(0);
    assert_eq!(
        (&reader["scope"], &reader["expires_at"]),
        (&json!("read"), &Value::Null)
    );
    let token = reader["token"].as_str().expect("a token");
    let portfolios = "/api/v1/portfolio/portfolios";
    assert_eq!(server.get(portfolios, token).0, 200);
    let body = json!({ "name": "Old age", "currency": "EUR" });
    let (status, refused) = server.post(portfolios, token, &body);
    assert_eq!(status, 403, "{refused}");
    assert!(refused.contains("/problems/token-scope"), "{refused}");

    let usual = house.run(&["token", "script", "--json"]).json(0);
    assert_eq!(usual["scope"], "full");
    assert!(usual["expires_at"].is_string(), "{usual}");
    house
        .run(&["token", "x", "--expires", "2001-01-01"])
        .failed(&["a day from today on"]);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn after_a_kill_nothing_that_was_acknowledged_is_missing() {
    let house = House::with_owner();
    let token = house.run(&["token", "script"]);
    let token = token.stdout.trim().to_owned();
    let opened = house
        .run(&["portfolio", "add", "Old age", "--json"])
        .json(0);
    let mut acknowledged = 0;
    for round in 0..3 {
        let server = house.serve(&[]);
        for number in 0..20 {
            let body = json!({
                "portfolio_id": opened["id"], "type": "deposit", "amount": "1",
                "date": format!("2025-0{}-{:02}", round + 1, number + 1),
            });
            let (status, stored) = server.post("/api/v1/portfolio/transactions", &token, &body);
            assert_eq!(status, 201, "{stored}");
            acknowledged += 1;
        }
        server.kill();
        assert_eq!(
            value_of(&house, "Old age"),
            json!(acknowledged.to_string()),
            "round {round}"
        );
        house.run(&["doctor"]).says(&["ok    database.migrations"]);
        assert!(
            !house.database_runs(),
            "what the killed server left behind was taken over and stopped"
        );
    }
}

#[test]
fn a_killed_database_server_is_started_again_under_a_running_server() {
    let house = House::with_owner();
    let server = house.serve(&[]);
    house
        .run(&["portfolio", "add", "Old age"])
        .says(&["opened"]);
    let pid =
        std::fs::read_to_string(house.data_dir().join("postgres/postmaster.pid")).expect("running");
    let pid = pid.lines().next().expect("a pid").to_owned();
    let killed = std::process::Command::new("kill")
        .args(["-9", &pid])
        .status()
        .expect("kill");
    assert!(killed.success());
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while server.get("/readyz", "").0 != 200 || house.postmaster_is(&pid) {
        assert!(
            std::time::Instant::now() < deadline,
            "the database does not come back"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    house.run(&["portfolio", "list"]).says(&["Old age"]);
    assert_eq!(server.stop(), Some(0));
    assert!(!house.database_runs());
}

#[test]
fn an_instance_without_owner_does_not_listen_to_everybody() {
    let house = House::new();
    let refused = house.run(&["serve", "--listen", "0.0.0.0:0"]);
    refused.failed(&["refusing to listen on 0.0.0.0:0", "bursar user add"]);
    assert!(!house.database_runs());
    let demo = house.run(&["demo", "--listen", "0.0.0.0:0"]);
    demo.failed(&["loopback"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    house
        .run(&["serve", "--listen", &address])
        .failed(&["cannot listen on", "--listen"]);
}

#[test]
fn the_demo_is_filled_simulated_and_open_to_its_visitor() {
    let house = House::new();
    let server = house.serve(&["demo"]);
    assert!(
        server.announced.contains("simulated data"),
        "{}",
        server.announced
    );
    let (status, page) = server.page("/");
    assert_eq!(status, 200);
    for part in ["Simulated data", "Net invested", "Top movers", "Allocation"] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let (status, holdings) = server.page("/portfolio/holdings");
    assert!(status == 200 && holdings.contains("Total"), "{status}");
    assert_eq!(server.stop(), Some(0));
    assert!(!house.database_runs());
}

#[test]
fn the_demo_does_not_move_in_with_people() {
    let house = House::with_owner();
    house
        .run(&["demo", "--listen", "127.0.0.1:0"])
        .failed(&["belongs to people", "--data-dir"]);
    let users = house.run(&["user", "list", "--json"]).json(0);
    assert_eq!(users.as_array().map(Vec::len), Some(1));
}
