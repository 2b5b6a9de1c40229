use std::io::Cursor;

use axum::http::StatusCode;
use jiff::civil::date;
use market::ImportReport;
use money::Currency;

use crate::site::Site;

/// The layout of the European Central Bank, as of 2024-01-02 and 2024-01-03, shortened.
const ECB: &str = "Date,USD,JPY,CYP,GBP,\n\
                   2024-01-03,1.0919,155.76,N/A,0.86373,\n\
                   2024-01-02,1.0956,155.46,N/A,0.86645,\n";

async fn import(site: &Site, csv: &str) -> ImportReport {
    let reader = Cursor::new(csv.to_owned());
    market::fx::import(&site.db(), reader, "test", |_| ())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_layout_of_the_central_bank_leads_from_any_currency_to_any() {
    let site = Site::new().await;
    let report = import(&site, ECB).await;
    assert_eq!(
        (report.imported, report.duplicates, report.rejected.len()),
        (6, 0, 0)
    );
    let again = import(&site, ECB).await;
    assert_eq!(
        (again.imported, again.duplicates, again.rejected.len()),
        (0, 6, 0)
    );

    let mut tx = site.db().system("look").await.unwrap();
    let table = market::fx::table(tx.conn()).await.unwrap();
    let rate = table
        .rate(Currency::GBP, Currency::USD, date(2024, 1, 3))
        .unwrap();
    let expected = 1.0919 / 0.86373;
    assert!(
        (money::f64_from_decimal(rate.rate) - expected).abs() < 1e-12,
        "{rate:?}"
    );
}

#[tokio::test]
async fn plain_rates_are_read_and_contradictions_refused_by_line() {
    let site = Site::new().await;
    let csv = "Date,Base,Quote,Rate\n\
               2024-01-02,EUR,USD,1.0956\n\
               2024-01-02,USD,CHF,0.85\n\
               2024-01-03,EUR,EUR,1\n\
               2024-01-03,EUR,USD,-1\n\
               2024-01-03,EUR,??,1\n\
               2024-01-02,EUR,USD,1.0956\n\
               2024-01-02,EUR,USD,1.2\n";
    let report = import(&site, csv).await;
    assert_eq!((report.imported, report.duplicates), (2, 1));
    let codes: Vec<_> = report.rejected.iter().map(|r| (r.line, &*r.code)).collect();
    assert_eq!(
        codes,
        [
            (4, "same_currency"),
            (5, "non_positive_price"),
            (6, "unknown_currency"),
            (8, "conflicting_rate"),
        ]
    );
    assert_eq!(
        report.rejected[3].message,
        "one EUR cost 1.0956 USD on 2024-01-02 already, this line says 1.2"
    );
}

#[tokio::test]
async fn the_owner_loads_rates_through_http_and_others_page_through_them() {
    let site = Site::new().await;
    let path = "/api/v1/market/fx";
    assert_eq!(
        site.post_csv(path, "", ECB).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        site.post_csv(path, &site.ann, ECB).await.status,
        StatusCode::FORBIDDEN
    );
    let answer = site.post_csv(path, &site.owner, ECB).await;
    assert_eq!(
        (answer.status, answer.json()["imported"].as_u64()),
        (StatusCode::OK, Some(6))
    );

    assert_eq!(site.get(path, "").await.status, StatusCode::UNAUTHORIZED);
    let mut seen = Vec::new();
    let mut next = format!("{path}?limit=4");
    loop {
        let page = site.get(&next, &site.ann).await.json();
        for item in page["items"].as_array().unwrap() {
            let text = |field: &str| item[field].as_str().unwrap().to_owned();
            seen.push((text("date"), text("quote"), item["rate"].as_f64().unwrap()));
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        next = format!("{path}?limit=4&cursor={cursor}");
    }
    let row = |day: &str, quote: &str, rate| (day.to_owned(), quote.to_owned(), rate);
    assert_eq!(
        seen,
        [
            row("2024-01-03", "USD", 1.0919),
            row("2024-01-03", "JPY", 155.76),
            row("2024-01-03", "GBP", 0.86373),
            row("2024-01-02", "USD", 1.0956),
            row("2024-01-02", "JPY", 155.46),
            row("2024-01-02", "GBP", 0.86645),
        ]
    );
    let filter = format!("{path}?base=eur&quote=usd&from=2024-01-01&to=2024-01-02");
    let page = site.get(&filter, &site.ann).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let answer = site.get(&format!("{path}?base=E"), &site.ann).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "invalid-input")
    );
}
