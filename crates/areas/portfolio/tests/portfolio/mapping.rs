//! A CSV of a layout of its own: its columns are named once, and known from then on.

use serde_json::json;

use crate::server::{Server, figures, holding};

/// As a German bank might write it.
const FIRST: &str = "\
Tag;Vorgang;Papier;Stueck;Preis;Summe;Waehrung
02.01.2025;Geld rein;;;;1.500,00;EUR
13.01.2025;Kauf;ACME;10;100,50;1.005,00;EUR
14.01.2025;Kauf;ACME;zehn;100,50;1.005,00;EUR
";
const SECOND: &str = "\
Tag;Vorgang;Papier;Stueck;Preis;Summe;Waehrung
13.01.2025;Kauf;ACME;10;100,50;1.005,00;EUR
20.01.2025;Verkauf;ACME;4;110,00;440,00;EUR
";
const FIELDS: [(&str, &str); 9] = [
    ("column.date", "Tag"),
    ("column.type", "Vorgang"),
    ("column.symbol", "Papier"),
    ("column.quantity", "Stueck"),
    ("column.price", "Preis"),
    ("column.amount", "Summe"),
    ("column.currency", "Waehrung"),
    ("date_format", "dmy"),
    ("decimal_separator", "comma"),
];

#[tokio::test]
async fn columns_that_were_named_once_are_recognised_the_next_time() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Bank", "EUR").await;
    let waiting = ann
        .try_import(&portfolio, "&preview=true", FIRST.as_bytes())
        .await
        .json_of(201);
    assert_eq!(
        (&waiting["status"], &waiting["format"]),
        (&json!("preview"), &json!(null))
    );
    ann.try_import(&portfolio, "", FIRST.as_bytes())
        .await
        .refused(422, "mapping-needed");

    let fields = [("portfolio_id", portfolio.as_str())];
    let new = "/portfolio/imports/new";
    let id = browser
        .upload(new, &fields, ("file", "one.csv", FIRST.as_bytes()))
        .await
        .leads_below("/portfolio/imports/");
    let (show, mapping) = (
        format!("/portfolio/imports/{id}"),
        format!("/portfolio/imports/{id}/mapping"),
    );
    browser.get(&show).await.leads_to(&mapping);
    let form = browser.get(&mapping).await;
    form.shows("Which column is which?");
    form.shows("Geld rein");

    // Without a date nothing can be read.
    let refused = browser.post(&mapping, &FIELDS[1..]).await;
    assert_eq!(refused.status, 422);
    refused.shows("for: Date");
    // A word that nobody knows is asked for, or refused by line.
    let words = [("word.Geld rein", "deposit"), ("name", "My bank")];
    let all: Vec<_> = FIELDS.into_iter().chain(words).collect();
    browser.post(&mapping, &all).await.leads_to(&show);
    let preview = browser.get(&show).await;
    preview.shows("CSV with a column mapping");
    preview.shows("zehn");
    browser
        .post(&format!("{show}/confirm"), &[])
        .await
        .leads_to(&show);
    let report = ann.report(&portfolio, "?as_of=2025-01-31").await;
    figures(
        holding(&report, "ACME"),
        &[("quantity", "10"), ("cost_basis", "1005")],
    );
    assert_eq!(server.rows_of(&ann, "portfolio.mappings").await, 1);

    // The next file of the same layout needs no help, on the pages and through the API.
    let id = browser
        .upload(new, &fields, ("file", "two.csv", SECOND.as_bytes()))
        .await
        .leads_below("/portfolio/imports/");
    let preview = browser.get(&format!("/portfolio/imports/{id}")).await;
    assert_eq!(preview.status, 200);
    preview.shows("Import 1 transaction");
    let outcome = ann.import(&portfolio, SECOND).await;
    assert_eq!(
        (&outcome["imported"], &outcome["duplicates"]),
        (&json!(1), &json!(1))
    );
    let report = ann.report(&portfolio, "?as_of=2025-01-31").await;
    // 1500 in, 1005 out, 440 in.
    assert_eq!(report["cash"], json!({ "EUR": "935" }));
    assert_eq!(holding(&report, "ACME")["quantity"], "6");

    // Somebody else's mappings are not used.
    let mut eve = server.person("eve").await;
    let of_eve = eve.open("Bank", "EUR").await;
    eve.try_import(&of_eve, "", SECOND.as_bytes())
        .await
        .refused(422, "mapping-needed");
}

#[tokio::test]
async fn a_mapping_can_be_corrected_before_the_import_and_not_after() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Bank", "EUR").await;
    let fields = [("portfolio_id", portfolio.as_str())];
    let id = browser
        .upload(
            "/portfolio/imports/new",
            &fields,
            ("file", "one.csv", FIRST.as_bytes()),
        )
        .await
        .leads_below("/portfolio/imports/");
    let (show, mapping) = (
        format!("/portfolio/imports/{id}"),
        format!("/portfolio/imports/{id}/mapping"),
    );
    // “Geld rein” is no word that is known, so it is asked for.
    let asked = browser.post(&mapping, &FIELDS).await;
    assert_eq!(asked.status, 422);
    asked.shows("Say below what these words of the file mean");
    asked.shows("name=\"word.Geld rein\"");
    asked.shows("value=\"Tag\" selected");
    // To leave it out is a decision: its lines are refused.
    let without: Vec<_> = FIELDS.into_iter().chain([("word.Geld rein", "")]).collect();
    browser.post(&mapping, &without).await.leads_to(&show);
    browser.get(&show).await.shows("unknown_type");
    browser.get(&mapping).await.shows("name=\"word.Geld rein\"");
    let all: Vec<_> = FIELDS
        .into_iter()
        .chain([("word.Geld rein", "deposit")])
        .collect();
    browser.post(&mapping, &all).await.leads_to(&show);
    browser.get(&show).await.hides("unknown_type");
    let decided = browser.get(&mapping).await;
    decided.shows("name=\"word.Geld rein\"");
    decided.shows("value=\"deposit\" selected");
    browser
        .post(&format!("{show}/confirm"), &[])
        .await
        .leads_to(&show);
    let late = browser.post(&mapping, &all).await;
    assert_eq!(late.status, 409);
    assert_eq!(browser.get(&mapping).await.status, 409);
    assert_eq!(
        server.rows_of(&ann, "portfolio.mappings").await,
        0,
        "no name, no memory"
    );
    let long = "x".repeat(101);
    let id = browser
        .upload(
            "/portfolio/imports/new",
            &fields,
            ("file", "two.csv", FIRST.as_bytes()),
        )
        .await
        .leads_below("/portfolio/imports/");
    let named: Vec<_> = all.into_iter().chain([("name", long.as_str())]).collect();
    let refused = browser
        .post(&format!("/portfolio/imports/{id}/mapping"), &named)
        .await;
    assert_eq!(refused.status, 422);
}
