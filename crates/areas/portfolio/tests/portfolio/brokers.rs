//! Files of real brokers, used where they lie, and files of our own that look like them.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::server::{Person, Server, assert_adds_up, holding, text};

const GHOSTFOLIO: &str = "\
Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note
01-09-2021,Account fee,MANUAL,USD,0,0,fee,49,
16-09-2021,MSFT,YAHOO,USD,298.580,5,buy,19.00,first order
17-11-2021,MSFT,YAHOO,USD,0.62,5,dividend,0.00,
";

const FLEX: &str = r#"<FlexQueryResponse queryName="all" type="AF"><FlexStatements count="1">
<FlexStatement accountId="U1" fromDate="20240101" toDate="20240331">
<Trades>
<Trade accountId="U1" currency="USD" assetCategory="STK" symbol="AAPL" isin="US0378331005" tradeID="1" dateTime="20240105;103000" tradeDate="20240105" quantity="6" tradePrice="180" tradeMoney="1080" taxes="0" ibCommission="-1" ibCommissionCurrency="USD" buySell="BUY" levelOfDetail="EXECUTION" transactionID="x1" />
<Trade accountId="U1" currency="USD" assetCategory="OPT" symbol="AAPL  240119C00190000" tradeID="2" tradeDate="20240105" quantity="1" tradePrice="1.5" multiplier="100" tradeMoney="150" buySell="BUY" levelOfDetail="EXECUTION" transactionID="x2" />
</Trades>
</FlexStatement></FlexStatements></FlexQueryResponse>
"#;

/// The files below a folder of the reference data; none only where it was said that the tests go without them.
fn reference(folder: &str, wanted: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let named = std::env::var_os("BURSAR_REFERENCE_DATA");
    if named.as_deref().is_some_and(|named| named == "none") {
        return Vec::new();
    }
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data");
    let at = named.map_or_else(|| PathBuf::from(beside), PathBuf::from);
    assert!(
        at.is_dir(),
        "the reference data are not at {}: name their folder in BURSAR_REFERENCE_DATA, or set it to \
         `none` to go without them",
        at.display()
    );
    let folder = at.join(folder);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .filter(|(name, _)| wanted(name))
        .map(|(name, path)| (name, std::fs::read(path).expect("a file")))
        .collect();
    files.sort();
    assert!(
        !files.is_empty(),
        "{} holds none of the files",
        folder.display()
    );
    files
}

async fn import(person: &mut Person, name: &str, content: &[u8]) -> (String, Value) {
    let portfolio = person.open(name, "EUR").await;
    let answer = person.try_import(&portfolio, "", content).await;
    (portfolio, answer.json_of(200))
}

fn counts(outcome: &Value) -> (u64, u64, usize) {
    let count = |key: &str| outcome[key].as_u64().unwrap_or_else(|| panic!("{outcome}"));
    (
        count("imported"),
        count("duplicates"),
        outcome["rejected"].as_array().map_or(0, Vec::len),
    )
}

#[tokio::test]
async fn exports_of_ghostfolio_and_interactive_brokers_are_recognised() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let (portfolio, outcome) = import(&mut ann, "Ghostfolio", GHOSTFOLIO.as_bytes()).await;
    assert_eq!(counts(&outcome), (3, 0, 0), "{outcome}");
    let report = ann.report(&portfolio, "").await;
    assert_eq!(holding(&report, "MSFT")["quantity"], "5");

    let (portfolio, outcome) = import(&mut ann, "Flex", FLEX.as_bytes()).await;
    assert_eq!(counts(&outcome), (2, 0, 0), "{outcome}");
    let report = ann.report(&portfolio, "").await;
    // A contract of a hundred shares at 1.50.
    let option = report["holdings"]
        .as_array()
        .expect("holdings")
        .iter()
        .find(|holding| text(&holding["symbol"]).contains("240119C"))
        .unwrap_or_else(|| panic!("no option in {report}"));
    crate::server::figures(option, &[("quantity", "1"), ("local_value", "150")]);
    let again = ann
        .try_import(&portfolio, "", FLEX.as_bytes())
        .await
        .json_of(200);
    assert_eq!(counts(&again), (0, 2, 0));
    let formats: Vec<Value> = ann.api.read(crate::server::IMPORTS).await["items"]
        .as_array()
        .expect("imports")
        .iter()
        .map(|i| i["format"].clone())
        .collect();
    assert_eq!(
        formats,
        [
            json!("ibkr_flex"),
            json!("ibkr_flex"),
            json!("ghostfolio_csv")
        ]
    );
}

/// Ghostfolio's own import samples: what begins with `ok` is taken whole, the rest refused with a
/// reason that names the line.
#[tokio::test]
async fn the_samples_of_ghostfolio_are_taken_or_refused_as_there() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    for (name, content) in reference("brokers/ghostfolio", |_| true) {
        let (portfolio, outcome) = import(&mut ann, &name, &content).await;
        let (imported, duplicates, refused) = counts(&outcome);
        assert_eq!(duplicates, 0, "{name}");
        if name.starts_with("ok_") {
            assert!(imported > 0 && refused == 0, "{name}: {outcome}");
            let again = ann.try_import(&portfolio, "", &content).await.json_of(200);
            assert_eq!(counts(&again), (0, imported, 0), "{name}");
        } else {
            assert_eq!((imported, refused), (0, 1), "{name}: {outcome}");
            let refusal = &outcome["rejected"][0];
            assert!(
                text(&refusal["message"]).len() > 20 && refusal["line"].as_u64() > Some(0),
                "{name}: {refusal}"
            );
        }
        let report = ann.report(&portfolio, "").await;
        assert_adds_up(&report);
        assert_eq!(report["from"].is_null(), imported == 0, "{name}: {report}");
    }
}

#[tokio::test]
async fn flex_statements_are_imported_once() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let is_flex =
        |name: &str| name.starts_with("flex_") && name.split('.').next_back() == Some("xml");
    for (name, content) in reference("brokers/ibkr", is_flex) {
        let (portfolio, outcome) = import(&mut ann, &name, &content).await;
        let (imported, _, refused) = counts(&outcome);
        assert!(imported > 0, "{name}: {outcome}");
        assert_eq!(refused, 0, "{name}: {outcome}");
        let report = ann.report(&portfolio, "").await;
        assert_adds_up(&report);
        let again = ann.try_import(&portfolio, "", &content).await.json_of(200);
        assert_eq!(
            counts(&again),
            (0, imported + counts(&outcome).1, refused),
            "{name}"
        );
        assert_eq!(ann.report(&portfolio, "").await, report, "{name}");
    }
}

/// `ok_novn-buy-and-sell.json` of Ghostfolio: two shares bought for 75.80 and sold for 85.73 francs.
#[tokio::test]
async fn a_known_sample_gives_its_known_gain() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    for (name, content) in reference("brokers/ghostfolio", |name| {
        name == "ok_novn-buy-and-sell.json"
    }) {
        let portfolio = ann.open(&name, "CHF").await;
        ann.try_import(&portfolio, "", &content).await.json_of(200);
        let report = ann.report(&portfolio, "").await;
        crate::server::figures(
            holding(&report, "NOVN.SW"),
            &[
                ("quantity", "0"),
                ("realized_gain", "19.86"),
                ("value", "0"),
            ],
        );
    }
}
