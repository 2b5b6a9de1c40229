//! The simulated household, from the first page to its removal.

use crate::{
    person::Person,
    site::{Mode, Site},
};

#[tokio::test(flavor = "multi_thread")]
async fn browser_tour_of_the_demo() {
    let site = Site::start(Mode::Real).await;
    site.ann().await;
    let mut ann = Person::at_a_desk(&site, "demo").await;
    ann.sign_in().await;
    ann.is_at("/welcome").await;
    ann.press("Explore the demo").await;
    ann.is_at("/").await;
    ann.sees("Simulated").await;

    periods(&mut ann).await;
    holdings(&mut ann).await;
    one_holding(&mut ann).await;
    filter(&mut ann).await;
    add_edit_delete(&mut ann).await;
    market(&mut ann).await;
    remove(&mut ann).await;
    ann.leaves().await;
}

async fn periods(ann: &mut Person) {
    ann.page("dashboard").await;
    let year = ann.stat("Value").await;
    ann.follow("3M").await;
    ann.is_at("/?period=3m").await;
    ann.sees("in the last three months").await;
    assert_eq!(
        ann.stat("Value").await,
        year,
        "the period changes what is compared, not what is"
    );
    ann.follow("ALL").await;
    ann.is_at("/?period=all").await;
    ann.page("dashboard-all").await;
    // Portfolio and page change, the period stays.
    ann.follow("Retirement").await;
    ann.is_at_one("&period=all").await;
    ann.page("dashboard-one-portfolio").await;
    ann.follow("All portfolios").await;
    ann.is_at("/?period=all").await;
}

async fn holdings(ann: &mut Person) {
    ann.open("/portfolio/holdings").await;
    ann.page("holdings").await;
    let values = "return [...document.querySelectorAll('#holdings tbody td[data-label=Value] data')]\
        .map((figure) => Number(figure.value))";
    for direction in ["descending", "ascending"] {
        ann.press("Value").await;
        let sorted: Vec<f64> = serde_json::from_value(ann.run(values).await).expect("numbers");
        assert!(sorted.len() > 20, "{sorted:?}");
        let mut expected = sorted.clone();
        expected.sort_by(f64::total_cmp);
        if direction == "descending" {
            expected.reverse();
        }
        assert_eq!(sorted, expected, "{direction}");
    }
    let headings = "//table[@id='holdings']/thead//th";
    let before = ann.texts(headings).await;
    assert!(!before.contains(&"Fees".to_owned()) && before.contains(&"Quantity".to_owned()));
    ann.unfold("Columns").await;
    ann.tick("Fees").await;
    ann.tick("Quantity").await;
    ann.open("/portfolio/holdings").await;
    let after = ann.texts(headings).await;
    assert!(
        after.contains(&"Fees".to_owned()) && !after.contains(&"Quantity".to_owned()),
        "{after:?}"
    );
    // The map leads to the holding as the table does.
    let tiles = ann
        .run("return document.querySelectorAll('#map a').length")
        .await;
    assert!(tiles.as_u64().is_some_and(|count| count > 20), "{tiles}");
}

async fn one_holding(ann: &mut Person) {
    ann.visible("(//*[@id='map']//a)[1]")
        .await
        .click()
        .await
        .expect("a click");
    ann.sees("Open lots").await;
    ann.page("holding").await;
    let chart = ann
        .visible("//figure[@id='price']//*[@role='slider']")
        .await;
    let newest = chart
        .attr("aria-valuetext")
        .await
        .expect("a reading")
        .expect("a reading");
    chart.focus().await.expect("focus");
    ann.keys("\u{e012}\u{e012}").await;
    let earlier = chart
        .attr("aria-valuetext")
        .await
        .expect("a reading")
        .expect("a reading");
    assert_ne!(newest, earlier, "the arrow keys walk through the days");
    ann.point_at(&chart).await;
    ann.visible("//div[@class='chart-tip']").await;
}

async fn filter(ann: &mut Person) {
    ann.open("/portfolio/transactions").await;
    ann.page("transactions").await;
    ann.choose("Type", "Dividend").await;
    ann.fill("From", "2025-01-01").await;
    ann.press("Filter").await;
    ann.is_at_one("type=dividend&from=2025-01-01").await;
    let kinds = ann.texts("//td[@data-label='Type']").await;
    assert!(
        kinds.len() > 3 && kinds.iter().all(|kind| kind == "Dividend"),
        "{kinds:?}"
    );
    ann.fill("Symbol, name or note", "no such thing").await;
    ann.press("Filter").await;
    ann.sees("Nothing matches").await;
    ann.page("transactions-none").await;
    ann.follow("Show all").await;
}

async fn add_edit_delete(ann: &mut Person) {
    ann.follow("Add transaction").await;
    ann.page("transaction-new").await;
    ann.choose("Type", "Deposit").await;
    ann.press("Save").await;
    ann.sees("needs to be changed").await;
    ann.refusal("transaction-refused", 422).await;
    ann.fill("Amount", "1234.50").await;
    ann.fill("Note", "a gift").await;
    ann.press("Save").await;
    ann.is_at("/portfolio/transactions").await;
    let gift = "//tr[td[@data-label='Note']='a gift']";
    let amount = format!("{gift}/td[@data-label='Amount']");
    assert!(ann.texts(&amount).await[0].contains("1,234.50"));

    ann.visible(&format!("{gift}//a[.='Edit']"))
        .await
        .click()
        .await
        .expect("a click");
    assert_eq!(ann.field_holds("Amount").await, "1234.5");
    ann.fill("Amount", "99").await;
    ann.press("Save").await;
    ann.is_at("/portfolio/transactions").await;
    assert!(ann.texts(&amount).await[0].contains("99.00"));

    ann.visible(&format!("{gift}//a[.='Delete']"))
        .await
        .click()
        .await
        .expect("a click");
    ann.sees("Delete this transaction?").await;
    ann.page("transaction-delete").await;
    ann.follow("Keep it").await;
    assert_eq!(
        ann.texts(gift).await.len(),
        1,
        "nothing is deleted before the answer"
    );
    ann.visible(&format!("{gift}//a[.='Delete']"))
        .await
        .click()
        .await
        .expect("a click");
    ann.press("Delete the transaction").await;
    ann.is_at("/portfolio/transactions").await;
    assert_eq!(ann.texts(gift).await, Vec::<String>::new());
}

async fn market(ann: &mut Person) {
    ann.open("/market/instruments").await;
    ann.page("instruments").await;
    ann.visible("(//main//tbody//a)[1]")
        .await
        .click()
        .await
        .expect("a click");
    ann.page("instrument").await;
    for (path, name) in [
        ("/market/fx", "rates"),
        ("/market/bars/import", "bars-import"),
        ("/market/instruments/new", "instrument-new"),
    ] {
        ann.open(path).await;
        ann.page(name).await;
    }
}

async fn remove(ann: &mut Person) {
    ann.open("/portfolio/portfolios").await;
    ann.page("portfolios").await;
    ann.press("Remove the sample").await;
    ann.is_at("/welcome").await;
    ann.open("/portfolio/portfolios").await;
    ann.sees("No portfolio yet").await;
    ann.open("/market/instruments").await;
    ann.page("instruments-empty").await;
}
