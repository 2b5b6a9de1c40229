//! The card of reported figures on the page of an instrument.

use axum::http::StatusCode;
use market::feeds::Want;
use serde_json::json;
use sources::ProviderId::{AlphaVantage, SecEdgar};

use crate::{
    outside::{Outside, ok},
    site::Site,
};

const CARD: &str = "Reported figures";

#[tokio::test]
async fn the_page_shows_the_last_of_each_figure_with_its_report_and_its_source() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site.add("ACME", json!({ "exchange": "XNYS" })).await;
    let path = format!("/market/instruments/{id}");
    let before = site.get(&path, &site.ann).await;
    assert_eq!(before.status, StatusCode::OK);
    assert!(
        !before.text.contains(CARD),
        "nothing was reported: {}",
        before.text
    );

    site.switch_on(&[SecEdgar, AlphaVantage]).await;
    let directory = json!({ "0": { "cik_str": 12345, "ticker": "ACME", "title": "<b>Acme</b>" } });
    outside.reply("/files/company_tickers.json", ok(directory.to_string()));
    let year = |start: &str, end: &str, value: f64, form: &str, filed: &str| {
        json!({ "start": start, "end": end, "val": value, "fy": 2023, "fp": "FY", "form": form,
                "filed": filed })
    };
    let facts = json!({ "cik": 12345, "facts": { "us-gaap": {
        "Revenues": { "units": { "USD": [
            year("2022-01-01", "2022-12-31", 800.0, "10-K", "2023-02-01"),
            year("2023-01-01", "2023-12-31", 1_234_567.0, "10-K", "2024-02-01"),
            year("2023-01-01", "2023-12-31", 1_234_568.0, "10-K/A", "2024-03-01"),
        ] } },
        "EarningsPerShareBasic": { "units": { "USD/shares": [
            year("2020-01-01", "2020-12-31", 1.5, "10-K", "2021-02-01"),
        ] } },
    } } });
    outside.reply("/CIK0000012345.json", ok(facts.to_string()));
    let overview = json!({
        "Symbol": "ACME", "Currency": "USD", "LatestQuarter": "2024-03-31", "EBITDA": "120",
    });
    outside.reply("function=OVERVIEW", ok(overview.to_string()));
    let now = "2024-06-03T15:00:00Z";
    let done = outside.refresh(&site, now, id, Want::Fundamentals).await;
    assert!(done.stored >= 4, "{done:?}");

    let page = site.get(&path, &site.ann).await.text;
    let (_, card) = page.split_once(CARD).unwrap();
    let (card, _) = card.split_once("</table>").unwrap();
    let row = |figure: &str| {
        let rows: Vec<&str> = card
            .split("<tr>")
            .filter(|row| row.contains(figure))
            .collect();
        assert_eq!(rows.len(), 1, "{figure}: {card}");
        rows[0].to_owned()
    };
    let revenues = row(">Revenues<");
    for part in [
        "<data value=\"1234568\">1,234,568</data>",
        ">USD<",
        "datetime=\"2023-12-31\"",
        "10-K/A of ",
        "datetime=\"2024-03-01\"",
        ">SEC EDGAR<",
    ] {
        assert!(revenues.contains(part), "{part}: {revenues}");
    }
    assert!(!revenues.contains("may be outdated"), "{revenues}");
    let earnings = row(">Earnings per share basic<");
    assert!(
        earnings.contains("<data value=\"1.5\">1.5</data>") && earnings.contains(">USD/shares<"),
        "{earnings}"
    );
    assert!(earnings.contains("may be outdated"), "of 2020: {earnings}");
    assert!(row(">EBITDA<").contains(">Alpha Vantage<"), "{card}");

    let stranger = site.get(&path, "").await;
    assert!(!stranger.text.contains(CARD), "{}", stranger.text);
}
