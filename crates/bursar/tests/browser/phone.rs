//! A screen of 390 pixels.

use crate::{
    person::Person,
    site::{Mode, Site},
};

const FILE: &str = "\
date,type,symbol,name,quantity,price,amount,fees,currency
2026-01-05,deposit,,,,,10000,,EUR
2026-01-06,buy,SOLAR,A company with a rather long name that no column can hold,50,80,,5,EUR
2026-02-24,buy,SOLAR,Solar Works,ten,90,,5,EUR
";

#[tokio::test(flavor = "multi_thread")]
async fn browser_on_a_phone() {
    let site = Site::start(Mode::Demo).await;
    let person = site.demo_person().await;
    site.load_sample(person).await;
    let mut ann = Person::on_a_phone(&site, "phone").await;
    // The demo signs its visitors in by itself. Each page is checked for its width among the rest.
    ann.open("/").await;
    ann.sees("Simulated").await;
    ann.page("dashboard").await;
    ann.follow("Holdings").await;
    ann.is_at("/portfolio/holdings").await;
    ann.page("holdings").await;
    let first = ann.visible("(//table[@id='holdings']//a)[1]").await;
    // It may lie below the navigation at the foot of the screen.
    first.scroll_into_view().await.expect("scrolled");
    first.click().await.expect("a click");
    ann.sees("Open lots").await;
    ann.page("holding").await;
    ann.open("/portfolio/transactions").await;
    ann.page("transactions").await;
    ann.open("/portfolio/transactions/new").await;
    ann.page("transaction-new").await;
    ann.open("/portfolio/imports/new").await;
    ann.page("upload").await;
    ann.upload("File", &site.file("phone.csv", FILE)).await;
    ann.press("Read the file").await;
    ann.sees("unparsable_number").await;
    ann.page("preview").await;
    ann.open("/identity/settings").await;
    ann.page("settings").await;
    ann.leaves().await;
}
