use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};

use crate::house::House;

fn applied(status: &Value) -> Vec<bool> {
    let list = status.as_array().expect("a list");
    list.iter()
        .map(|migration| !migration["applied_at"].is_null())
        .collect()
}

#[test]
fn the_schema_goes_down_and_up_and_is_made_anew() {
    let house = House::with_owner();
    let status = house.run(&["db", "status", "--json"]).json(0);
    let all = applied(&status).len();
    assert!(
        all >= 5 && applied(&status).iter().all(|applied| *applied),
        "{status}"
    );
    house
        .run(&["db", "status"])
        .says(&["version", "portfolio_base", "applied 20"]);
    house.run(&["db", "migrate"]).says(&["nothing to do"]);

    let undone = house
        .run(&["db", "rollback", "--steps", "2", "--json"])
        .json(0);
    assert_eq!(undone.as_array().map(Vec::len), Some(2));
    assert_eq!(
        undone[0]["version"],
        status[all - 1]["version"],
        "the newest first"
    );
    let after = house.run(&["db", "status", "--json"]).json(0);
    assert_eq!(
        applied(&after).iter().filter(|applied| **applied).count(),
        all - 2
    );
    house.run(&["db", "status"]).says(&["pending"]);
    let sick = house.run(&["doctor", "--json"]).json(1);
    let of = |facts: &Value, name: &str| {
        let facts = facts.as_array().expect("facts");
        facts
            .iter()
            .find(|fact| fact["name"] == name)
            .cloned()
            .unwrap_or_else(|| panic!("no {name}"))
    };
    assert_eq!(of(&sick, "database.migrations")["state"], "bad");
    assert!(
        of(&sick, "database.migrations")["text"]
            .as_str()
            .expect("text")
            .contains("bursar db migrate")
    );
    let redone = house.run(&["db", "migrate", "--json"]).json(0);
    assert_eq!(redone.as_array().map(Vec::len), Some(2));
    house.run(&["user", "list"]).says(&["ann@example.org"]);
    house.run(&["doctor"]).says(&[
        "ok    database.version",
        "ok    database.migrations",
        "data.secrets",
    ]);
    let well = house.run(&["doctor", "--json"]).json(0);
    assert_eq!(of(&well, "database.login")["state"], "good", "{well}");

    house
        .run(&["db", "reset"])
        .failed(&["all data would be lost", "--yes"]);
    house.run(&["user", "list"]).says(&["ann@example.org"]);
    let reset = house.run(&["db", "reset", "--yes", "--json"]).json(0);
    assert_eq!(reset.as_array().map(Vec::len), Some(all));
    assert_eq!(house.run(&["user", "list", "--json"]).json(0), json!([]));
    assert!(!house.database_runs());
}

#[test]
fn a_command_after_a_rollback_brings_the_schema_up_to_date() {
    let house = House::with_owner();
    assert_eq!(house.run(&["db", "rollback"]).code, 0);
    assert_eq!(
        house.run(&["portfolio", "list", "--json"]).json(0),
        json!([])
    );
    let status = house.run(&["db", "status", "--json"]).json(0);
    assert!(applied(&status).iter().all(|applied| *applied), "{status}");
}

#[test]
fn secrets_that_others_can_read_are_refused() {
    let house = House::with_owner();
    let mut secrets = Vec::new();
    for entry in walk(&house.data_dir()) {
        let mode = fs::metadata(&entry).expect("there").permissions().mode() & 0o777;
        if entry.to_string_lossy().contains("secret") && entry.is_file() {
            assert_eq!(mode, 0o600, "{}", entry.display());
            secrets.push(entry);
        }
    }
    assert!(
        !secrets.is_empty(),
        "no secrets below {}",
        house.data_dir().display()
    );
    for secret in &secrets {
        fs::set_permissions(secret, fs::Permissions::from_mode(0o644)).expect("changed");
        let refused = house.run(&["user", "list"]);
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (1, ""),
            "{}: {refused:?}",
            secret.display()
        );
        assert!(
            refused.stderr.contains("chmod")
                || refused.stderr.contains("0600")
                || refused.stderr.contains("600"),
            "{refused:?}"
        );
        fs::set_permissions(secret, fs::Permissions::from_mode(0o600)).expect("changed");
    }
    house.run(&["user", "list"]).says(&["ann@example.org"]);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
    {
        if entry.is_dir() {
            if !entry.ends_with("postgres") {
                found.extend(walk(&entry));
            }
        } else {
            found.push(entry);
        }
    }
    found
}
