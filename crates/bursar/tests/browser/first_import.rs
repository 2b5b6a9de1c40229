//! From the one-time link to figures that can be checked by hand, and back.

use jiff::civil::date;

use crate::{
    person::Person,
    site::{EMAIL, Mode, PASSWORD, QUARTER, Site},
};

const JANUARY: &str = "\
date,type,symbol,name,quantity,price,amount,fees,currency
2026-01-05,deposit,,,,,10000,,EUR
2026-01-06,buy,SOLAR,Solar Works,50,80,,5,EUR
";
#[tokio::test(flavor = "multi_thread")]
async fn browser_first_import_and_undo() {
    let site = Site::start(Mode::Real).await;
    let winter = (date(2026, 1, 5), date(2026, 2, 27));
    site.prices("SOLAR", winter, (80.0, 100.0)).await;
    site.prices("RIVER", winter, (25.0, 24.0)).await;
    let mut ann = Person::at_a_desk(&site, "first-import").await;

    set_up(&site, &mut ann).await;
    open_a_portfolio(&mut ann).await;
    import_january(&site, &mut ann).await;
    import_the_quarter(&site, &mut ann).await;
    undo(&mut ann).await;
    ann.leaves().await;
}

async fn set_up(site: &Site, ann: &mut Person) {
    let link = site.setup_link().await;
    ann.open(&link).await;
    ann.page("set-up").await;
    ann.fill("Email", EMAIL).await;
    ann.fill("Name", "Ann").await;
    ann.fill("Password", "short").await;
    ann.press("Make the account").await;
    ann.sees("10 characters").await;
    ann.refusal("set-up-refused", 422).await;
    ann.fill("Password", PASSWORD).await;
    ann.choose("Base currency", "EUR").await;
    ann.press("Make the account").await;

    ann.is_at("/welcome").await;
    ann.sees("Explore the demo").await;
    ann.sees("Start mine").await;
    ann.page("welcome").await;
    ann.open(&link).await;
    ann.sees("This link is no longer valid").await;
    ann.refusal("link-used", 404).await;
}

async fn open_a_portfolio(ann: &mut Person) {
    ann.open("/welcome").await;
    ann.follow("Start mine").await;
    ann.page("new-portfolio").await;
    ann.fill("Name", "Depot").await;
    ann.press("Save").await;
    ann.sees("Import a file").await;
    ann.open("/").await;
    ann.sees("No transactions yet").await;
    ann.page("dashboard-empty").await;
    for path in ["holdings", "transactions", "imports"] {
        ann.open(&format!("/portfolio/{path}")).await;
        ann.page(&format!("{path}-empty")).await;
    }
}

async fn import_january(site: &Site, ann: &mut Person) {
    ann.open("/portfolio/imports/new").await;
    ann.page("upload").await;
    ann.upload("File", &site.file("january.csv", JANUARY)).await;
    ann.press("Read the file").await;
    assert_eq!(ann.stat("New").await, "2");
    ann.press("Import 2 transactions").await;
    ann.sees("2 transactions are in Depot").await;

    ann.follow("Dashboard").await;
    ann.is_at("/").await;
    assert_eq!(ann.stat("Value").await, "€10,995.00");
    ann.page("dashboard-one").await;
}

async fn import_the_quarter(site: &Site, ann: &mut Person) {
    ann.open("/portfolio/imports/new").await;
    ann.upload("File", &site.file("quarter.csv", QUARTER)).await;
    ann.press("Read the file").await;
    assert_eq!(ann.stat("New").await, "3");
    assert_eq!(ann.stat("Duplicates").await, "2");
    assert_eq!(ann.stat("Refused").await, "1");
    assert_eq!(ann.cell("7", "Code").await, "unparsable_number");
    ann.page("preview").await;
    ann.press("Import 3 transactions").await;
    ann.sees("2 were there already").await;
    ann.page("imported").await;

    // January again, more, and a refusal: 10,000 − 4,005 − 2,505 + 30 + 1,895 in cash; 30 × 100 and 100 × 24 in shares.
    ann.follow("Dashboard").await;
    assert_eq!(ann.stat("Value").await, "€10,815.00");
    assert_eq!(ann.stat("Net invested").await, "€10,000.00");
    assert!(
        ann.stat("Gain since the beginning")
            .await
            .ends_with("+€815.00")
    );
    assert_eq!(ann.stat("Cash").await, "€5,415.00");
    ann.open("/portfolio/holdings").await;
    assert_eq!(ann.cell("SOLAR", "Quantity").await, "30");
    assert_eq!(ann.cell("SOLAR", "Cost basis").await, "€2,403.00");
    assert_eq!(ann.cell("SOLAR", "Value").await, "€3,000.00");
    assert_eq!(ann.cell("RIVER", "Value").await, "€2,400.00");
    ann.page("holdings").await;
}

async fn undo(ann: &mut Person) {
    ann.open("/portfolio/imports").await;
    ann.page("imports").await;
    ann.sees("quarter.csv").await;
    for (file, value) in [("quarter.csv", Some("€10,995.00")), ("january.csv", None)] {
        ann.open("/portfolio/imports").await;
        ann.follow(file).await;
        ann.follow("Undo this import").await;
        ann.sees("Undo this import?").await;
        if value.is_some() {
            ann.page("undo").await;
        }
        ann.press("Undo the import").await;
        ann.sees("was taken back").await;
        ann.open("/").await;
        match value {
            Some(value) => assert_eq!(ann.stat("Value").await, value),
            None => ann.sees("No transactions yet").await,
        }
    }
    ann.open("/portfolio/imports").await;
    ann.page("imports-undone").await;
}
