//! Keys and second factors, as the operator sees them.

use serde_json::json;

use crate::house::House;

#[test]
fn keys_are_listed_and_rotated() {
    let house = House::with_owner();
    // A link that waits is sealed, and survives the rotation.
    house
        .run(&["registration", "set", "invitation"])
        .says(&["invitation"]);
    let made = house
        .run(&["invitation", "add", "--email", "cleo@example.org", "--json"])
        .json(0);
    let link = made["link"].as_str().expect("a link").to_owned();
    let before = house.run(&["keys", "list", "--json"]).json(0);
    assert_eq!(before[0]["values"], 1, "{before}");
    assert_eq!(before.as_array().map(Vec::len), Some(1), "{before}");
    assert_eq!(before[0]["origin"], "secrets/encryption-0001");
    assert_eq!(before[0]["state"], "writes and reads");
    let rotated = house.run(&["keys", "rotate", "--json"]).json(0);
    assert_eq!(rotated["retired"], json!(["retired-encryption-0001"]));
    assert_eq!(
        (&rotated["resealed"], &rotated["unreadable"]),
        (&json!(1), &json!([]))
    );
    let after = house.run(&["keys", "list", "--json"]).json(0);
    assert_eq!(after[0]["id"], rotated["active"]);
    assert_eq!(after[1]["id"], before[0]["id"], "known for reading");
    assert_eq!(after[1]["origin"], "secrets/retired-encryption-0001");
    house.run(&["keys", "list"]).says(&[
        "key",
        "from",
        "secrets/encryption-0002",
        "writes and reads",
    ]);
    house.run(&["doctor"]).says(&["data.encryption", "2 keys"]);
    let mail = house.run(&["outbox", "list", "--json"]).json(0);
    let id = mail[0]["id"].as_str().expect("an id");
    house.run(&["outbox", "show", id]).says(&[&link]);
}

#[test]
fn a_key_that_others_can_read_stops_the_start() {
    let house = House::with_owner();
    let path = house.data_dir().join("secrets/encryption-0001");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640))
        .expect("chmod");
    house
        .run(&["user", "list"])
        .failed(&["can be read by other accounts", "chmod 600"]);
}

#[test]
fn lost_factors_are_taken_away_by_the_operator() {
    let house = House::with_owner();
    house
        .run(&["user", "reset-factors", "ann@example.org"])
        .says(&[
            "taken from ann@example.org",
            "0 recovery codes",
            "the password alone signs in",
        ]);
    let removed = house
        .run(&["user", "reset-factors", "ann@example.org", "--json"])
        .json(0);
    assert_eq!(
        removed,
        json!({ "authenticator_app": false, "passkeys": [], "recovery_codes": 0, "sessions": 0 })
    );
    house
        .run(&["user", "reset-factors", "eve@example.org"])
        .failed(&["no user eve@example.org"]);
}
