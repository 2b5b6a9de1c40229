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
        (&json!(true), &json!("On"))
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
    let both = house.file("both.csv", "symbol,date,close\nAMBI,2025-01-02,10\n");
    for exchange in ["XNYS", "XLON"] {
        house
            .run(&["import", "bars", &both, "--exchange", exchange])
            .says(&["1"]);
    }
    let folder = house.data_dir().join("../minutes");
    fs::create_dir_all(&folder).expect("a folder");
    let csv = "date,close\n2025-01-03,11\n2025-01-06,12\n";
    fs::write(folder.join("AMBI.csv"), csv).expect("written");
    let folder = folder.display().to_string();
    let import = |more: &[&str]| house.run(&[&["import", "bars", &folder], more].concat());
    let refused = import(&[]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stdout.contains("[ambiguous_symbol]"), "{refused:?}");
    // As often as it is refused it is said.
    assert_eq!(import(&[]).code, 1);
    let stated = &["--exchange", "XNYS"];
    import(stated).says(&["AMBI.csv: 2 imported"]);
    import(stated).says(&["AMBI.csv: loaded before"]);
    import(&["--exchange", "XLON"]).says(&["AMBI.csv: 2 imported"]);
    import(&["--exchange", "XNYS", "--again"]).says(&["0 imported, 0 corrected, 2 duplicates"]);
}
