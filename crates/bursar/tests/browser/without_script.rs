//! Everything works where no script may run.

use serde_json::json;

use crate::{
    person::Person,
    site::{Mode, Site},
};

const MORE: &str = "\
date,type,symbol,quantity,price,amount,fees,currency
2026-02-26,sell,SOLAR,10,99,,5,EUR
";

#[tokio::test(flavor = "multi_thread")]
async fn browser_without_javascript() {
    let site = Site::start(Mode::Real).await;
    let ann_id = site.ann().await;
    site.small_portfolio(ann_id).await;
    let mut ann = Person::without_scripts(&site, "no-script").await;
    ann.sign_in().await;
    ann.is_at("/").await;
    assert_eq!(
        ann.run("return document.documentElement.classList.contains('js')")
            .await,
        json!(false)
    );
    assert_eq!(ann.stat("Value").await, "€10,815.00");
    // What the server has drawn, and the days as a table.
    ann.visible("//figure[@id='value']//*[local-name()='svg']")
        .await;
    ann.unfold("Show as table").await;
    ann.sees("Feb 27, 2026").await;
    ann.page("dashboard").await;

    ann.follow("Add transaction").await;
    ann.choose("Type", "Deposit").await;
    ann.fill("Amount", "500").await;
    ann.press("Save").await;
    ann.is_at("/portfolio/transactions").await;
    ann.page("transactions").await;
    ann.open("/").await;
    assert_eq!(ann.stat("Value").await, "€11,315.00");

    ann.follow("Import").await;
    ann.upload("File", &site.file("more.csv", MORE)).await;
    ann.press("Read the file").await;
    assert_eq!(ann.stat("New").await, "1");
    ann.page("preview").await;
    ann.press("Import 1 transaction").await;
    ann.sees("1 transaction is in Depot").await;
    ann.open("/portfolio/holdings").await;
    assert_eq!(ann.cell("SOLAR", "Quantity").await, "20");
    ann.page("holdings").await;
    ann.press("Hide amounts").await;
    ann.sees_no("2,000.00").await;
    ann.leaves().await;
}
