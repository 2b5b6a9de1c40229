//! What Bursar does not start with, and what the doctor says about it: the same words.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::house::{House, Run};

/// What the doctor says about one thing, of a run that ended with this code.
#[track_caller]
fn fact(doctor: &Run, code: i32, name: &str) -> (String, String) {
    let facts = doctor.json(code);
    let list = facts.as_array().expect("a list");
    let fact = list
        .iter()
        .find(|fact| fact["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {facts}"));
    let text = |key: &str| fact[key].as_str().expect("text").to_owned();
    (text("state"), text("text"))
}

/// The server does not start, in the words of the doctor, which fails too.
#[track_caller]
fn refused(house: &House, settings: &[&str], name: &str, words: &[&str]) {
    let doctor = house.run(&[&["doctor", "--json"], settings].concat());
    let (state, text) = fact(&doctor, 1, name);
    assert_eq!(state, "bad", "{text}");
    for word in words {
        assert!(text.contains(word), "no “{word}” in {text}");
    }
    let spoken = house.run(&[&["doctor"], settings].concat());
    assert_eq!(spoken.code, 1, "{spoken:?}");
    assert!(
        spoken.stdout.contains(&format!("FAIL  {name:<24} ")),
        "{spoken:?}"
    );
    let mut arguments = vec!["serve"];
    arguments.extend(settings);
    if !settings.contains(&"--listen") {
        arguments.extend(["--listen", "127.0.0.1:0"]);
    }
    house.run(&arguments).failed(&[&text]);
    assert!(
        !house.database_runs(),
        "what was started for the refusal is stopped"
    );
}

#[test]
fn a_public_address_without_administrator() {
    let house = House::new();
    assert_eq!(house.run(&["db", "migrate"]).code, 0);
    let public = ["--listen", "0.0.0.0:0"];
    refused(
        &house,
        &public,
        "http.listen",
        &["refusing to listen", "bursar user add", "127.0.0.1"],
    );
    let added = house.run_with(
        &["user", "add", "ann@example.org", "--password-stdin"],
        crate::house::PASSWORD,
    );
    assert_eq!(added.code, 0, "{added:?}");
    let doctor = house.run(&["doctor", "--json", "--listen", "0.0.0.0:0"]);
    let (state, text) = fact(&doctor, 0, "http.listen");
    assert_eq!(state, "doubtful", "{text}");
    assert!(text.contains("BURSAR_PUBLIC_URL"), "{text}");
    let served = house.serve(&["serve", "--public-url", "https://bursar.example"]);
    assert_eq!(served.get("/healthz", "").0, 200);
}

#[test]
fn a_provider_of_sign_ins_without_an_allow_list() {
    let house = House::with_owner();
    let without = [
        "--openid-issuer=https://id.example.org",
        "--openid-client-id=bursar",
        "--openid-client-secret=a-client-secret",
    ];
    let remedies = ["would let in whoever", "BURSAR_OPENID_ALLOW"];
    refused(&house, &without, "openid.provider", &remedies);
    let whole = [
        "doctor",
        "--json",
        "--public-url=https://bursar.example",
        "--openid-allow=ann@example.org,example.com",
        without[0],
        without[1],
        without[2],
    ];
    let (state, text) = fact(&house.run(&whole), 0, "openid.provider");
    assert_eq!(state, "good", "{text}");
    assert!(
        text.contains("may bring ann@example.org, example.com"),
        "{text}"
    );
    assert!(!text.contains("a-client-secret"), "{text}");
    let served = house.serve(&[
        "serve",
        "--openid-allow=example.com",
        without[0],
        without[1],
        without[2],
    ]);
    let page = served.get("/identity/sign-in", "");
    assert_eq!(page.0, 200);
    assert!(page.1.contains("Sign in with OpenID"), "{}", page.1);
}

#[test]
fn secrets_that_others_can_read() {
    let house = House::with_owner();
    let secrets = house.data_dir().join("secrets");
    // Also one that nothing asks for at present.
    let other = secrets.join("other");
    fs::write(&other, "a key for later").expect("written");
    fs::set_permissions(&other, fs::Permissions::from_mode(0o640)).expect("changed");
    let remedy = format!("chmod 600 {}", other.display());
    refused(&house, &[], "data.secrets", &["mode 0640", &remedy]);
    fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).expect("changed");
    let doctor = house.run(&["doctor", "--json"]);
    assert_eq!(fact(&doctor, 0, "data.secrets").0, "good");
    assert_eq!(house.serve(&[]).get("/healthz", "").0, 200);
}

#[test]
fn a_superuser_on_a_server_that_was_given() {
    // The cluster of one house is the given server of another.
    let host = House::with_owner();
    let server = host.serve(&[]);
    let sql = "create role keeper superuser login password 'keeper-password'";
    let shell = |arguments: &[&str]| {
        let run = host.run(&[&["db", "shell", "--"], arguments].concat());
        assert_eq!(run.code, 0, "{run:?}");
        run.stdout.trim().to_owned()
    };
    shell(&["-qc", sql]);
    shell(&["-qc", "create database books owner keeper"]);
    let sockets = shell(&["-tAc", "show unix_socket_directories"]);
    let port = shell(&["-tAc", "show port"]);
    let encoded = sockets.replace('/', "%2F");
    let url = format!("postgres://keeper:keeper-password@{encoded}:{port}/books");

    let house = House::new();
    let settings = ["--database-url", url.as_str()];
    let migrated = house.run(&[&["db", "migrate"], &settings[..]].concat());
    assert_eq!(migrated.code, 0, "{migrated:?}");
    refused(
        &house,
        &settings,
        "database.login",
        &[
            "keeper is a superuser",
            "create role bursar_app",
            "BURSAR_ALLOW_SUPERUSER=true",
        ],
    );
    let told = [&["doctor", "--json", "--allow-superuser"], &settings[..]].concat();
    assert_eq!(fact(&house.run(&told), 0, "database.login").0, "doubtful");
    let own = house.serve_in(&[("BURSAR_ALLOW_SUPERUSER", "true")], &settings);
    assert_eq!(own.get("/healthz", "").0, 200);
    assert_eq!(own.stop(), Some(0));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_schema_newer_than_the_program() {
    let house = House::with_owner();
    let sql = "insert into platform.migrations (version, name, checksum)
               values (20991231235959, 'portfolio_of_tomorrow', '')";
    let run = house.run(&["db", "shell", "--", "-qc", sql]);
    assert_eq!(run.code, 0, "{run:?}");
    let words = [
        "20991231235959_portfolio_of_tomorrow",
        "does not know",
        "newer Bursar",
        "backup",
    ];
    refused(&house, &[], "database.migrations", &words);
    let other = house.run(&["user", "list"]);
    other.failed(&["does not know"]);
}

#[test]
fn the_page_of_the_operator_says_what_the_doctor_says() {
    let house = House::with_owner();
    let printed: Value = house.run(&["doctor", "--json"]).json(0);
    let names: Vec<String> = printed
        .as_array()
        .expect("a list")
        .iter()
        .map(|fact| fact["name"].as_str().expect("a name").to_owned())
        .collect();
    let server = house.serve(&[]);
    let page = server.page_of_owner("/doctor");
    for name in &names {
        assert!(
            page.contains(&format!("<code>{name}</code>")),
            "no {name} in {page}"
        );
    }
    let strip = server.page_of_owner("/welcome");
    assert!(strip.contains("href=\"/doctor\""), "{strip}");
    for word in [
        "Data secrets",
        "Http listen",
        "Database login",
        "Outbound exceptions",
    ] {
        assert!(strip.contains(word), "no {word} in {strip}");
    }
}
