use serde_json::json;

use crate::house::{House, PASSWORD};

#[test]
fn the_first_person_owns_the_instance_and_later_ones_do_not() {
    let house = House::new();
    let nobody = house.run(&["report", "portfolio", "Old age"]);
    nobody.failed(&["there is no user yet", "bursar user add"]);

    let ann = house.run_with(
        &[
            "user",
            "add",
            "Ann@Example.org",
            "--name",
            "Ann",
            "--password-stdin",
            "--json",
        ],
        &format!("{PASSWORD}\n"),
    );
    let ann = ann.json(0);
    assert_eq!(
        (&ann["email"], &ann["role"], &ann["link"]),
        (&json!("ann@example.org"), &json!("admin"), &json!(null))
    );
    // Without a password there is a link to set one, once.
    let bob = house.run(&["user", "add", "bob@example.org"]);
    bob.says(&[
        "added bob@example.org (user)",
        "http://127.0.0.1:8420/identity/reset/",
    ]);

    let again = house.run_with(
        &["user", "add", "ann@example.org", "--password-stdin"],
        PASSWORD,
    );
    again.failed(&["there is a user ann@example.org already"]);
    let weak = house.run_with(
        &["user", "add", "eve@example.org", "--password-stdin"],
        "secret",
    );
    weak.failed(&["10"]);
    house
        .run(&["user", "add", "nobody"])
        .failed(&["no email address"]);

    let listed = house.run(&["user", "list", "--json"]).json(0);
    let people: Vec<(&str, &str)> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|user| {
            (
                user["email"].as_str().expect("email"),
                user["role"].as_str().expect("role"),
            )
        })
        .collect();
    assert_eq!(
        people,
        [("ann@example.org", "admin"), ("bob@example.org", "user")]
    );
    house
        .run(&["user", "list"])
        .says(&["email", "ann@example.org", "Ann", "active"]);

    let reset = house
        .run(&["user", "reset-password", "ann@example.org", "--json"])
        .json(0);
    assert!(
        reset["link"]
            .as_str()
            .expect("a link")
            .contains("/identity/reset/"),
        "{reset}"
    );
    house
        .run(&["user", "reset-password", "eve@example.org"])
        .failed(&["no user eve@example.org", "bursar user list"]);
    assert!(
        !house.database_runs(),
        "the database runs for the length of a command"
    );
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let house = House::new();
    for arguments in [
        &["frobnicate"][..],
        &["import", "transactions"],
        &["db", "reset", "--maybe"],
        &["report", "portfolio", "x", "--as-of", "soon"],
    ] {
        let run = house.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        assert!(
            run.stderr.contains("Usage") || run.stderr.contains("invalid value"),
            "{run:?}"
        );
    }
    house.run(&["--help"]).says(&[
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part",
        "import",
        "report",
    ]);
    house.run(&["--version"]).says(&["bursar 0."]);
    assert!(
        !house.data_dir().exists(),
        "asking for help makes no data directory"
    );
}

#[test]
fn portfolios_are_opened_and_listed_for_whoever_is_meant() {
    let house = House::with_owner();
    house
        .run(&["user", "add", "bob@example.org"])
        .says(&["added"]);
    house
        .run(&[
            "portfolio",
            "add",
            "Old age",
            "--currency",
            "CHF",
            "--cost-basis",
            "average",
            "--no-cash",
        ])
        .says(&["opened Old age in CHF"]);
    house
        .run(&["portfolio", "add", "OLD AGE"])
        .failed(&["exists already"]);
    house
        .run(&["portfolio", "add", "House", "--currency", "QQ"])
        .failed(&["currency"]);
    let added = house
        .run(&[
            "portfolio",
            "add",
            "House",
            "--user",
            "bob@example.org",
            "--json",
        ])
        .json(0);
    assert_eq!(
        (&added["name"], &added["currency"], &added["cost_basis"]),
        (&json!("House"), &json!("EUR"), &json!("fifo"))
    );
    let of_ann = house.run(&["portfolio", "list", "--json"]).json(0);
    assert_eq!(of_ann.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&of_ann[0]["cost_basis"], &of_ann[0]["tracks_cash"]),
        (&json!("average"), &json!(false))
    );
    house
        .run(&["portfolio", "list", "--user", "bob@example.org"])
        .says(&["House", "EUR", "fifo", "tracked"]);
    house
        .run(&["portfolio", "list", "--user", "eve@example.org"])
        .failed(&["no user eve@example.org"]);
}

#[test]
fn people_are_managed_by_their_addresses() {
    let house = House::with_owner();
    let hash = "$2b$05$abcdefghijklmnopqrstuuDoq8Z7cYb3w1xUqXQyZ0n3pJk6v7a2u";
    let imported = house.run_with(
        &[
            "user",
            "add",
            "cleo@example.org",
            "--password-hash-stdin",
            "--json",
        ],
        hash,
    );
    assert_eq!(imported.json(0)["link"], json!(null));
    house
        .run_with(
            &["user", "add", "bob@example.org", "--password-hash-stdin"],
            "md5",
        )
        .failed(&["neither Argon2", "nor bcrypt"]);
    let tier = [
        "user",
        "set-tier",
        "cleo@example.org",
        "free",
        "--until",
        "2099-01-01",
    ];
    house.run(&tier).failed(&["observer has no end"]);
    let tier = [
        "user",
        "set-tier",
        "cleo@example.org",
        "trader",
        "--until",
        "2099-01-01",
        "--json",
    ];
    let cleo = house.run(&tier).json(0);
    assert_eq!(
        (&cleo["tier"], &cleo["tier_expires_at"]),
        (&json!("trader"), &json!("2099-01-01T00:00:00Z"))
    );
    let agent = house.run(&["user", "set-role", "cleo@example.org", "agent", "--json"]);
    assert_eq!(agent.json(0)["role"], "agent");
    let locked = house.run(&["user", "suspend", "cleo@example.org", "--json"]);
    assert_eq!(locked.json(0)["status"], "suspended");
    house.run(&["user", "show", "cleo@example.org"]).says(&[
        "suspended",
        "agent",
        "trader",
        "referral code",
    ]);
    let open = house.run(&["user", "activate", "cleo@example.org", "--json"]);
    assert_eq!(open.json(0)["status"], "active");
    let people = house.run(&["user", "list", "--json"]).json(0);
    let owner = people[0]["email"].as_str().expect("an owner");
    house
        .run(&["user", "suspend", owner])
        .failed(&["is the only administrator in use"]);
    house
        .run(&["user", "show", "eve@example.org"])
        .failed(&["there is no user eve@example.org"]);
}

#[test]
fn people_are_invited_and_their_mail_waits_in_the_outbox() {
    let house = House::with_owner();
    house
        .run(&["registration", "show"])
        .says(&["registration: closed"]);
    house
        .run(&["invitation", "add"])
        .failed(&["Registration is closed"]);
    let chosen = house
        .run(&["registration", "set", "invitation", "--json"])
        .json(0);
    assert_eq!(chosen["policy"], "invitation");
    let made = house
        .run(&["invitation", "add", "--email", "cleo@example.org", "--json"])
        .json(0);
    let link = made["link"].as_str().expect("a link");
    assert!(
        link.starts_with("http://127.0.0.1:8420/identity/register/"),
        "{link}"
    );
    let listed = house.run(&["invitation", "list", "--json"]).json(0);
    assert_eq!(
        (&listed[0]["state"], &listed[0]["email"]),
        (&json!("open"), &json!("cleo@example.org"))
    );

    let mail = house.run(&["outbox", "list", "--json"]).json(0);
    assert_eq!(
        (&mail[0]["state"], &mail[0]["kind"]),
        (&json!("waiting"), &json!("invitation"))
    );
    assert!(!mail.to_string().contains(link), "a list holds no links");
    let id = mail[0]["id"].as_str().expect("an id");
    house.run(&["outbox", "show", id]).says(&[
        "To: cleo@example.org",
        "Subject: You are invited",
        link,
    ]);
    house.run(&["outbox", "resend", id]).says(&["queued"]);
    house.run(&["outbox", "clear"]).says(&["removed 0"]);
    house
        .run(&["outbox", "clear", "--waiting"])
        .says(&["removed 1"]);
    house
        .run(&["outbox", "show", id])
        .failed(&["there is no message"]);
    let invitation = listed[0]["id"].as_str().expect("an id");
    house
        .run(&["invitation", "revoke", invitation])
        .says(&["revoked"]);
    house
        .run(&["invitation", "revoke", invitation])
        .failed(&["no such invitation"]);
}
