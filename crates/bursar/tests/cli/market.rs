//! Prices from sources, by hand: what came, from whom, and what was passed over.

use std::fs;

use serde_json::json;

use crate::house::House;

#[test]
fn a_refresh_says_what_came_and_from_whom() {
    let house = House::with_owner();
    let bars = house.file(
        "bars.csv",
        "symbol,date,open,high,low,close\nACME,2025-01-02,10,11,9,10\n",
    );
    house
        .run(&["import", "bars", &bars, "--currency", "USD"])
        .says(&["1"]);
    let folder = house.data_dir().join("prices");
    fs::create_dir_all(&folder).expect("a folder");
    let csv = "date,open,high,low,close,volume\n\
               2025-01-03,10,11,9,10.5,100\n2025-01-06,1050,1100,1000,1050,100\n2025-01-07,10.5,11,10,10.75,120\n";
    fs::write(folder.join("ACME.csv"), csv).expect("written");

    let done = house.run(&["market", "refresh", "ACME", "--json"]).json(0);
    assert_eq!(
        done,
        json!([{
            "symbol": "ACME", "provider": "folder", "stored": 2, "quarantined": 1, "passed_over": []
        }])
    );
    house
        .run(&["market", "refresh", "ACME"])
        .says(&["ACME", "folder"]);
    house
        .run(&["market", "refresh", "ACME", "--what", "quote"])
        .says(&["no source that gives quotes for it is switched on"]);
    house
        .run(&["market", "refresh", "NONE"])
        .failed(&["no single instrument is called NONE"]);
    let wrong = house.run(&["market", "refresh", "--what", "gossip"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("choose bars_1d"), "{}", wrong.stderr);

    let sources = house.run(&["market", "sources", "--json"]).json(0);
    let folder = sources
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["id"] == "folder");
    let folder = folder.expect("the folder");
    assert_eq!(
        (&folder["is_enabled"], &folder["state"]),
        (&json!(true), &json!("on"))
    );
    assert_eq!(folder["failed"], 0);
    assert!(folder["last_success_at"].is_string(), "{folder}");
    house
        .run(&["market", "sources"])
        .says(&["yahoo", "Off", "folder", "On"]);
}

#[test]
fn a_folder_is_loaded_again_where_something_was_refused_or_is_said_otherwise() {
    let house = House::with_owner();
    let folder = house.data_dir().join("../days");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("ACME.csv");
    let folder = folder.display().to_string();
    let import = |more: &[&str]| house.run(&[&["import", "bars", &folder], more].concat());
    let good = "date,open,high,low,close\n2025-01-03,1,2,1,2\n2025-01-06,1,2,1,1\n";
    fs::write(&file, good.replace("06,1,2,1,1", "06,1,1,2,1")).expect("written");
    // As often as a line is refused it is said.
    for _ in 0..2 {
        let refused = import(&[]);
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(refused.stdout.contains("[high_below_low]"), "{refused:?}");
    }
    fs::write(&file, good).expect("written");
    import(&[]).says(&["ACME.csv: 1 imported, 0 corrected, 1 duplicates"]);
    import(&[]).says(&["ACME.csv: loaded before"]);
    import(&["--symbol", "OTHER"]).says(&["ACME.csv: 2 imported"]);
    import(&["--again"]).says(&["0 imported, 0 corrected, 2 duplicates"]);
}
