//! A CSV whose columns nobody knows but its owner.

use crate::{
    person::Person,
    site::{Mode, Site},
};

const MARCH: &str = "\
Moment;What;Paper;Pieces;Each;Costs
12.01.2026;IN-77;SOLAR;10;80,50;1,50
13.01.2026;OUT-78;SOLAR;4;82,00;1,50
14.01.2026;???;SOLAR;1;82,00;0
";
const APRIL: &str = "\
Moment;What;Paper;Pieces;Each;Costs
15.01.2026;IN-77;SOLAR;5;79,00;1,50
";

#[tokio::test(flavor = "multi_thread")]
async fn browser_import_of_unknown_columns() {
    let site = Site::start(Mode::Real).await;
    let ann_id = site.ann().await;
    site.portfolio(ann_id, "Depot").await;
    let mut ann = Person::at_a_desk(&site, "columns").await;
    ann.sign_in().await;

    ann.open("/portfolio/imports/new").await;
    ann.upload("File", &site.file("notes.json", r#"{"dear": "diary"}"#))
        .await;
    ann.press("Read the file").await;
    ann.sees("The file could not be read").await;
    ann.refusal("upload-refused", 422).await;

    ann.upload("File", &site.file("march.csv", MARCH)).await;
    ann.press("Read the file").await;
    ann.sees("Which column is which?").await;
    ann.sees("12.01.2026").await;
    ann.page("mapping").await;
    ann.press("Show the preview").await;
    ann.refusal("mapping-refused", 422).await;

    let columns = [
        ("Date", "Moment"),
        ("Type", "What"),
        ("Symbol", "Paper"),
        ("Quantity", "Pieces"),
        ("Price", "Each"),
        ("Fees", "Costs"),
    ];
    for (field, column) in columns {
        ann.choose(field, column).await;
    }
    ann.fill("Currency of all lines", "EUR").await;
    ann.press("Show the preview").await;
    // Now that the column of types is known, its words are asked for.
    ann.sees("IN-77").await;
    ann.refusal("mapping-words", 422).await;
    ann.choose("IN-77", "Buy").await;
    ann.choose("OUT-78", "Sell").await;
    ann.fill("Remember these columns as", "Neighbourhood bank")
        .await;
    ann.press("Show the preview").await;
    assert_eq!(ann.stat("New").await, "2");
    assert_eq!(ann.stat("Refused").await, "1");
    assert_eq!(ann.cell("4", "Code").await, "unknown_type");
    ann.page("preview-mapped").await;
    ann.press("Import 2 transactions").await;
    ann.sees("2 transactions are in Depot").await;

    // 10 × 80.50 + 1.50 for ten; six are left.
    ann.open("/portfolio/holdings").await;
    assert_eq!(ann.cell("SOLAR", "Quantity").await, "6");
    assert_eq!(ann.cell("SOLAR", "Cost basis").await, "€483.90");
    ann.page("holdings-without-price").await;

    // The columns were remembered.
    ann.open("/portfolio/imports/new").await;
    ann.upload("File", &site.file("april.csv", APRIL)).await;
    ann.press("Read the file").await;
    assert_eq!(ann.stat("New").await, "1");
    ann.press("Discard the file").await;
    ann.is_at("/portfolio/imports").await;
    ann.sees_no("april.csv").await;
    ann.leaves().await;
}
