use serde_json::json;

use crate::house::{House, PASSWORD};

const CSV: &str = "date,type,amount,currency,note\n\
                   2026-02-24,deposit,100,EUR,one\n\
                   2026-02-25,deposit,200,EUR,two\n\
                   2026-02-26,deposit,300,EUR,three\n";

fn behind_the_program(house: &House, sql: &str) {
    let batch = format!("set session_replication_role = replica; {sql}");
    let done = house.run(&[
        "db",
        "shell",
        "--",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-c",
        &batch,
    ]);
    assert_eq!(done.code, 0, "{done:?}");
}

#[test]
fn the_books_are_proved_packed_and_given_along_until_the_account_ends() {
    let house = House::with_owner();
    let file = house.file("bookings.csv", CSV);
    let imported = house.run(&["import", "transactions", &file, "--portfolio", "Savings"]);
    assert_eq!(imported.code, 0, "{imported:?}");
    house
        .run(&["audit", "verify"])
        .says(&["1 chains with 3 links recomputed: all of them hold"]);
    let pack = house
        .data_dir()
        .join("../evidence.zip")
        .display()
        .to_string();
    house
        .run(&["audit", "export", &pack])
        .says(&["1 chains with 3 links"]);
    house
        .run(&["audit", "export", &pack])
        .failed(&["evidence.zip"]);
    let held = house
        .run(&["audit", "verify", "--against", &pack, "--json"])
        .json(0);
    assert_eq!((&held["links"], &held["broken"]), (&json!(3), &json!([])));

    behind_the_program(
        &house,
        "update portfolio.transactions set amount = 900 where amount = 200",
    );
    let broken = house.run(&["audit", "verify"]);
    assert_eq!(broken.code, 1, "{broken:?}");
    assert!(
        broken.stdout.contains("portfolio.transactions")
            && broken.stdout.contains("was changed behind the program"),
        "{}",
        broken.stdout
    );
    let told = house
        .run(&["audit", "verify", "--user", "ann@example.org", "--json"])
        .json(1);
    assert_eq!(told["broken"][0]["fault"], "changed");
    behind_the_program(
        &house,
        "update portfolio.transactions set amount = 200 where amount = 900",
    );

    let archive = house.data_dir().join("../ann.zip").display().to_string();
    house
        .run(&["user", "export", "ann@example.org", &archive])
        .says(&["everything stored about ann@example.org"]);
    let written = std::fs::metadata(&archive).expect("written");
    assert!(written.len() > 1_000);
    let mode = std::os::unix::fs::PermissionsExt::mode(&written.permissions());
    assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    house
        .run(&["user", "export", "ann@example.org", &archive])
        .failed(&["ann.zip"]);
    let close = [
        "user",
        "close",
        "ann@example.org",
        "--confirm",
        "ann@example.org",
    ];
    house.run(&close).failed(&["name a successor"]);
    let bob = house.run_with(
        &["user", "add", "bob@example.org", "--password-stdin"],
        PASSWORD,
    );
    assert_eq!(bob.code, 0, "{bob:?}");
    house
        .run(&[
            "user",
            "close",
            "ann@example.org",
            "--confirm",
            "bob@example.org",
        ])
        .failed(&["not that of this account"]);
    let with_heir = [&close[..], &["--successor", "bob@example.org"]].concat();
    house
        .run(&with_heir)
        .says(&["closed the account of ann@example.org"]);
    house
        .run(&["audit", "verify"])
        .says(&["all of them hold", "links without their words"]);
    house
        .run(&close)
        .failed(&["there is no user ann@example.org"]);
}
