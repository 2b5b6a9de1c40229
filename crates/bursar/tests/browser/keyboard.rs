//! Hands that stay on the keyboard.

use crate::{
    person::Person,
    site::{Mode, Site},
};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";

#[tokio::test(flavor = "multi_thread")]
async fn browser_by_keyboard_alone() {
    let site = Site::start(Mode::Real).await;
    let ann_id = site.ann().await;
    site.small_portfolio(ann_id).await;
    let mut ann = Person::at_a_desk(&site, "keyboard").await;
    ann.sign_in().await;
    ann.is_at("/").await;

    skip_link(&ann).await;
    search(&mut ann).await;
    shortcuts(&mut ann).await;
    palette(&mut ann).await;
    privacy(&mut ann).await;
    ann.leaves().await;
}

async fn skip_link(ann: &Person) {
    ann.keys(TAB).await;
    assert_eq!(
        ann.run("return document.activeElement.textContent").await,
        "Skip to content"
    );
    ann.visible("//a[.='Skip to content']").await;
    ann.keys(ENTER).await;
    assert_eq!(ann.run("return document.activeElement.id").await, "main");
}

async fn search(ann: &mut Person) {
    ann.keys("/").await;
    assert_eq!(ann.run("return document.activeElement.id").await, "search");
    ann.keys("sola").await;
    assert_eq!(ann.run("return document.activeElement.value").await, "sola");
    ann.keys(ENTER).await;
    ann.is_at("/market/instruments?q=sola").await;
    ann.sees("SOLAR").await;
    ann.page("search").await;
}

async fn shortcuts(ann: &mut Person) {
    ann.keys("?").await;
    ann.visible("//dialog[@open]//h2[.='Shortcuts']").await;
    ann.page("shortcuts").await;
    ann.keys(ESCAPE).await;
    assert_eq!(
        ann.run("return document.querySelectorAll('dialog[open]').length")
            .await,
        0
    );
    ann.keys("gh").await;
    ann.is_at("/portfolio/holdings").await;
}

async fn palette(ann: &mut Person) {
    ann.control('k').await;
    ann.visible("//dialog[@open]//input").await;
    ann.page("palette").await;
    ann.keys("transac").await;
    ann.keys(ENTER).await;
    ann.is_at("/portfolio/transactions").await;
    ann.control('k').await;
    ann.keys("river").await;
    ann.visible("//dialog[@open]//li[contains(.,'RIVER')]")
        .await;
    ann.keys(ENTER).await;
    ann.sees("River Freight").await;
    ann.is_at_one("/market/instruments/").await;
}

async fn privacy(ann: &mut Person) {
    ann.open("/").await;
    assert_eq!(ann.stat("Value").await, "€10,815.00");
    ann.keys("p").await;
    ann.sees_no("10,815").await;
    ann.page("private").await;
    ann.settles().await;
    // It stays so on other pages, and percentages stay visible.
    ann.open("/portfolio/holdings").await;
    ann.sees_no("3,000.00").await;
    ann.sees("%").await;
    ann.page("private-holdings").await;
    ann.keys("p").await;
    assert_eq!(ann.cell("SOLAR", "Value").await, "€3,000.00");
    ann.settles().await;
}
