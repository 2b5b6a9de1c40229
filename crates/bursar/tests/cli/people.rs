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

/// What commands left on record: whose it is, and what it was.
fn record(house: &House) -> String {
    let sql = "select coalesce(u.email, 'nobody') || ' ' || a.type || ' ' || a.channel
               from platform.activity a left join identity.users u on u.id = a.user_id
               order by a.at, a.id";
    let told = house.run(&["db", "shell", "--", "-q", "-At", "-c", sql]);
    assert_eq!(told.code, 0, "{told:?}");
    told.stdout
}

#[test]
fn a_lost_mailbox_and_lost_factors_are_mended_by_the_operator() {
    let house = House::with_owner();
    house
        .run(&["user", "add", "bob@example.org"])
        .says(&["added"]);
    let moved = house.run(&[
        "user",
        "set-email",
        "bob@example.org",
        "Bob@Example.net",
        "--json",
    ]);
    let moved = moved.json(0);
    assert_eq!(
        (&moved["email"], &moved["email_verified_at"]),
        (&json!("bob@example.net"), &json!(null))
    );
    house
        .run(&["user", "show", "bob@example.org"])
        .failed(&["no user bob@example.org"]);
    house
        .run(&["user", "set-email", "bob@example.net", "ann@example.org"])
        .failed(&["there is a user ann@example.org already"]);
    house
        .run(&["user", "set-email", "bob@example.net", "nowhere"])
        .failed(&["no email address"]);
    // The new address proves itself, and the old one is told.
    let mail = house.run(&["outbox", "list", "--json"]).json(0);
    let mut told: Vec<(&str, &str)> = mail
        .as_array()
        .expect("a list")
        .iter()
        .map(|m| {
            let word = |name: &str| m[name].as_str().expect("a word");
            (word("recipient"), word("kind"))
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("bob@example.net", "verify_email"),
            ("bob@example.org", "email_changed")
        ]
    );
    house
        .run(&["user", "reset-password", "bob@example.net"])
        .says(&["/identity/reset/"]);
    house
        .run(&["user", "reset-factors", "bob@example.net"])
        .says(&["the password alone signs in"]);
    house.run(&["user", "unlink", "bob@example.net"]).says(&[
        "taken from bob@example.net",
        "0 sessions",
        "bursar user reset-password bob@example.net",
    ]);
}

#[test]
fn what_commands_change_about_people_is_on_record() {
    let house = House::with_owner();
    for command in [
        &["user", "add", "bob@example.org"][..],
        &["user", "set-role", "bob@example.org", "agent"],
        &["user", "set-tier", "bob@example.org", "trader"],
        &["user", "suspend", "bob@example.org"],
        &["user", "activate", "bob@example.org"],
        &["user", "reset-password", "bob@example.org"],
        &["user", "reset-factors", "bob@example.org"],
        &["user", "unlink", "bob@example.org"],
        &["user", "show", "bob@example.org"],
        &["registration", "set", "invitation"],
        &["registration", "show"],
        &["invitation", "add"],
        &["invitation", "list"],
    ] {
        let run = house.run(command);
        assert_eq!(run.code, 0, "{run:?}");
    }
    let invitations = house.run(&["invitation", "list", "--json"]).json(0);
    let id = invitations[0]["id"].as_str().expect("an id");
    house.run(&["invitation", "revoke", id]).says(&["revoked"]);
    let lines = record(&house);
    let told: Vec<&str> = lines.lines().collect();
    assert_eq!(
        told,
        [
            "ann@example.org identity.users.add command",
            "bob@example.org identity.users.add command",
            "bob@example.org command.user_set_role command",
            "bob@example.org command.user_set_tier command",
            "bob@example.org command.user_suspend command",
            "bob@example.org command.user_activate command",
            "bob@example.org identity.users.reset_password command",
            "bob@example.org command.user_reset_factors command",
            "bob@example.org command.user_unlink command",
            "nobody command.registration_set command",
            "nobody command.invitation_add command",
            "nobody command.invitation_revoke command",
        ]
    );
}
