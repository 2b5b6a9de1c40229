use std::fmt::Write;

use axum::http::{Method, StatusCode};
use market::bars::ImportOptions;

use crate::site::{Answer, Site};

fn form(parts: &[(&str, &str)], file: Option<(&str, &str)>) -> (String, String) {
    let mut body = String::new();
    for (name, value) in parts {
        let head = "--edge\r\ncontent-disposition: form-data; name";
        write!(body, "{head}=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
    }
    if let Some((name, content)) = file {
        let head = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename";
        let kind = "content-type: text/csv";
        write!(body, "{head}=\"{name}\"\r\n{kind}\r\n\r\n{content}\r\n").unwrap();
    }
    (
        "multipart/form-data; boundary=edge".to_owned(),
        body + "--edge--\r\n",
    )
}

async fn upload(site: &Site, path: &str, parts: &[(&str, &str)], file: (&str, &str)) -> Answer {
    let (kind, body) = form(parts, Some(file));
    let call = site
        .call(Method::POST, path, &site.owner)
        .header("content-type", &kind);
    call.send(body).await
}

#[tokio::test]
async fn an_empty_list_offers_what_the_person_may_do() {
    let site = Site::new().await;
    let owner = site.get("/market/instruments", &site.owner).await;
    assert_eq!(owner.status, StatusCode::OK);
    assert!(owner.text.contains("No instruments yet"), "{}", owner.text);
    assert!(owner.text.contains("/market/bars/import"));
    let ann = site.get("/market/instruments", &site.ann).await;
    assert!(!ann.text.contains("/market/bars/import"), "{}", ann.text);
    let found = site.get("/market/instruments?q=nothing", &site.ann).await;
    assert!(found.text.contains("Nothing found"));
}

#[tokio::test]
async fn an_import_shows_its_result_its_refusals_and_then_the_instrument() {
    let site = Site::new().await;
    let csv = "date,open,high,low,close,volume\n2024-05-30,10,12,9,11,100\n2024-05-31,11,9,12,11,7\n\
               2024-05-31,11,13,10,12.5,200\n";
    let parts = [("symbol", "msft"), ("exchange", ""), ("currency", "USD")];
    let done = upload(&site, "/market/bars/import", &parts, ("prices.csv", csv)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(
        done.text
            .contains("2 rows added, 0 already there, 1 refused"),
        "{}",
        done.text
    );
    assert!(done.text.contains("high_below_low"));

    let list = site.get("/market/instruments", &site.ann).await.text;
    assert!(list.contains("MSFT") && list.contains("$12.50"), "{list}");
    assert!(list.contains("sparkline gain"));
    let id = site.instrument("MSFT").await.id;
    let shown = site
        .get(&format!("/market/instruments/{id}"), &site.ann)
        .await
        .text;
    assert!(
        shown.contains("data-readings=") && shown.contains("file prices.csv"),
        "{shown}"
    );
    assert!(shown.contains("13.64%"), "12.5 / 11 - 1: {shown}");
    assert!(!shown.contains("/edit"), "only the owner edits");
    let all = site
        .get(&format!("/market/instruments/{id}?period=ALL"), &site.owner)
        .await
        .text;
    assert!(all.contains("/edit"));

    let csv = site
        .get(&format!("/market/instruments/{id}/bars.csv"), &site.ann)
        .await;
    assert_eq!(
        csv.text,
        "symbol,time,open,high,low,close,adj close,volume\n\
         MSFT,2024-05-30,10,12,9,11,,100\nMSFT,2024-05-31,11,13,10,12.5,,200\n"
    );
    let report = site
        .import(&csv.text, &ImportOptions::default())
        .await
        .unwrap();
    assert_eq!(
        (report.imported, report.duplicates),
        (0, 2),
        "what goes out comes in again"
    );
}

#[tokio::test]
async fn a_symbol_like_a_formula_goes_out_as_text_and_comes_in_as_itself() {
    let site = Site::new().await;
    let csv = "date,close\n2024-05-30,10\n2024-05-31,11\n";
    for symbol in ["=SUM(A1,2)", "@A-B"] {
        let options = ImportOptions {
            symbol: Some(symbol.to_owned()),
            ..ImportOptions::default()
        };
        site.import(csv, &options).await.unwrap();
    }
    for (symbol, cell) in [("=SUM(A1,2)", "\"'=SUM(A1,2)\""), ("@A-B", "'@A-B")] {
        let id = site.instrument(symbol).await.id;
        let path = format!("/market/instruments/{id}/bars.csv");
        let file = site.get(&path, &site.ann).await;
        assert_eq!(
            file.text,
            format!(
                "symbol,time,open,high,low,close,adj close,volume\n\
                 {cell},2024-05-30,10,10,10,10,,\n{cell},2024-05-31,11,11,11,11,,\n"
            )
        );
        let report = site
            .import(&file.text, &ImportOptions::default())
            .await
            .unwrap();
        assert_eq!((report.imported, report.duplicates), (0, 2), "{symbol}");
    }
    let count = "select count(*)::text from market.instruments";
    assert_eq!(site.texts(count).await, ["2"], "no other came in");
    let nobody = "/market/instruments/00000000-0000-7000-8000-000000000000/bars.csv";
    let missing = site.get(nobody, &site.ann).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_import_that_cannot_be_done_says_what_is_missing() {
    let site = Site::new().await;
    let csv = "date,close\n2024-05-30,10\n";
    let path = "/market/bars/import";
    let answer = upload(&site, path, &[("symbol", "")], ("prices.csv", csv)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("name the symbol beside it"),
        "{}",
        answer.text
    );
    let parts = [("symbol", "X"), ("currency", "pence")];
    let answer = upload(&site, path, &parts, ("prices.csv", csv)).await;
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "a code of five letters may be a crypto currency"
    );
    let (kind, body) = form(&[("symbol", "X")], None);
    let call = site
        .call(Method::POST, path, &site.owner)
        .header("content-type", &kind);
    let answer = call.send(body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("Choose a file"), "{}", answer.text);
    for method in [Method::GET, Method::POST] {
        let call = site
            .call(method, path, &site.ann)
            .header("accept", "text/html");
        assert_eq!(call.send("").await.status, StatusCode::FORBIDDEN);
    }
    let stranger = site.get(path, "").await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
    let stranger = site.call(Method::POST, path, "").send("").await;
    assert_eq!(
        stranger.status,
        StatusCode::FORBIDDEN,
        "no form without its token"
    );
}

#[tokio::test]
async fn corporate_actions_are_imported_by_the_owner_alone() {
    let site = Site::new().await;
    let path = "/market/corporate-actions/import";
    let form = site.get(path, &site.owner).await;
    assert!(form.text.contains("Import corporate actions"));
    let csv = "symbol,type,ex_date,ratio,cash_per_share,currency\n\
               ACME,split,2024-05-02,4:1,,\nACME,dividend,2024-06-03,,12.5,GBX\n\
               ACME,split,2024-07-01,none,,\n";
    let refused = upload(&site, path, &[], ("actions.csv", csv)).await;
    assert_eq!(refused.status, StatusCode::OK, "{}", refused.text);
    assert!(
        refused
            .text
            .contains("2 rows added, 0 already there, 1 refused"),
        "{}",
        refused.text
    );
    let again = upload(&site, path, &[], ("actions.csv", csv)).await;
    assert!(
        again
            .text
            .contains("0 rows added, 2 already there, 1 refused")
    );
    let acme = site.instrument("ACME").await;
    let home = format!("/market/instruments/{}", acme.id);
    let shown = site.get(&home, &site.owner).await.text;
    // Pence are kept as pounds.
    assert!(shown.contains("0.125 GBP a share"), "{shown}");
    assert!(shown.contains(path), "{shown}");
    assert_eq!(
        site.get(path, &site.ann).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn prices_in_pence_are_stated_and_shown() {
    let site = Site::new().await;
    let csv = "date,open,high,low,close\n2024-05-30,280,290,275,289.45\n";
    let parts = [("symbol", "tsco"), ("exchange", ""), ("currency", "GBp")];
    let done = upload(&site, "/market/bars/import", &parts, ("tsco.csv", csv)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let tsco = site.instrument("TSCO").await;
    let edit = format!("/market/instruments/{}/edit", tsco.id);
    let form = site.get(&edit, &site.owner).await.text;
    assert!(form.contains("value=\"GBX\""), "{form}");
    let proposed = site
        .get(&format!("{edit}?currency=GBP"), &site.owner)
        .await
        .text;
    assert!(proposed.contains("value=\"GBP\""), "{proposed}");
    let later = "date,open,high,low,close\n2024-05-31,2.8,2.9,2.7,2.85\n";
    let parts = [("symbol", "tsco"), ("exchange", ""), ("currency", "GBP")];
    let other = upload(&site, "/market/bars/import", &parts, ("tsco.csv", later)).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        other.text.contains("TSCO is quoted in GBX"),
        "{}",
        other.text
    );
}

#[tokio::test]
async fn rates_are_imported_and_listed_by_pair() {
    let site = Site::new().await;
    let empty = site.get("/market/fx", &site.owner).await.text;
    assert!(empty.contains("No exchange rates yet") && empty.contains("/market/fx/import"));
    assert!(
        site.get("/market/fx/import", &site.owner)
            .await
            .text
            .contains("date, base, quote, rate")
    );
    let csv = "Date,USD,JPY\n2024-05-31,1.0852,170.47\n2024-05-30,1.0815,169.59\n";
    let done = upload(&site, "/market/fx/import", &[], ("eurofxref.csv", csv)).await;
    assert!(done.text.contains("4 rows added"), "{}", done.text);
    let list = site.get("/market/fx", &site.ann).await.text;
    assert!(list.contains("1.0852") && list.contains("170.47"), "{list}");
}

#[tokio::test]
async fn the_owner_adds_and_edits_by_form() {
    let site = Site::new().await;
    let send = async |path: &str, body: &str| {
        let call = site.call(Method::POST, path, &site.owner);
        let kind = "application/x-www-form-urlencoded";
        call.header("content-type", kind)
            .send(body.to_owned())
            .await
    };
    let page = site.get("/market/instruments/new", &site.owner).await;
    assert!(page.text.contains("name=\"symbol\"") && page.text.contains("_csrf"));
    let refused = send("/market/instruments", "symbol=&asset_class=etf").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("1 to 50 characters"),
        "{}",
        refused.text
    );
    let made = send(
        "/market/instruments",
        "symbol=vwce&asset_class=etf&currency=&name=World",
    )
    .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let path = made.headers["location"].to_str().unwrap().to_owned();
    let shown = site.get(&path, &site.owner).await.text;
    assert!(
        shown.contains("VWCE · World") && shown.contains("currency of these prices is not known")
    );
    let again = send("/market/instruments", "symbol=VWCE&asset_class=etf").await;
    assert!(
        again.text.contains("already an instrument VWCE"),
        "{}",
        again.text
    );
    let edit = site.get(&format!("{path}/edit"), &site.owner).await;
    assert!(
        edit.text.contains("value=\"World\"") && edit.text.contains("name=\"symbol\""),
        "{}",
        edit.text
    );
    let changed = format!(
        "version={}&symbol=VWCE&name=All+World&asset_class=etf&currency=eur&is_active=true",
        edit.opened()
    );
    let saved = send(&path, &changed).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let shown = site.get(&path, &site.owner).await.text;
    assert!(shown.contains("VWCE · All World") && shown.contains("EUR"));
    let path = format!("{path}/edit");
    assert_eq!(
        site.get(&path, &site.ann).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn of_two_who_edit_an_instrument_at_once_the_second_is_told() {
    let site = Site::new().await;
    let send = async |path: &str, token: &str, body: &str| {
        let call = site.call(Method::POST, path, token);
        let kind = "application/x-www-form-urlencoded";
        call.header("content-type", kind)
            .send(body.to_owned())
            .await
    };
    let list = "/market/instruments";
    let made = send(list, &site.owner, "symbol=VWCE&asset_class=etf&name=World").await;
    let path = made.headers["location"].to_str().unwrap().to_owned();
    let edit = format!("{path}/edit");
    let bob = site.admin("Bob").await;
    let (first, second) = (
        site.get(&edit, &site.owner).await,
        site.get(&edit, &bob).await,
    );
    let fields = |form: &Answer, more: &str| {
        let version = form.opened();
        format!("version={version}&symbol=VWCE&asset_class=etf&{more}")
    };
    let stated = fields(&first, "name=World&sector=Everything");
    let saved = send(&path, &site.owner, &stated).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let told = send(&path, &bob, &fields(&second, "name=All+World&sector=")).await;
    assert_eq!(told.status, StatusCode::PRECONDITION_FAILED);
    assert!(told.text.contains("Changed meanwhile"), "{}", told.text);
    let kept = site.instrument("VWCE").await;
    assert_eq!(
        (&*kept.name, kept.sector.as_deref()),
        ("World", Some("Everything"))
    );
    let again = site.get(&edit, &bob).await;
    let repeated = fields(&again, "name=All+World&sector=Everything");
    let saved = send(&path, &bob, &repeated).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    assert_eq!(site.instrument("VWCE").await.name, "All World");
}

#[tokio::test]
async fn the_page_of_the_import_takes_bars_of_minutes_and_asks_for_their_clock() {
    let site = Site::new().await;
    let path = "/market/bars/import";
    let form = site.get(path, &site.owner).await;
    assert!(form.text.contains("One bar spans"), "{}", form.text);
    assert!(form.text.contains(".parquet"), "{}", form.text);
    let file = (
        "minutes.csv",
        "time,close,volume\n2024-01-02 09:30,1,5\n2024-01-02 09:31,2,5\n",
    );
    let fields = [("symbol", "ACME"), ("interval", "1m")];
    let days = upload(&site, path, &fields[..1], file).await;
    assert_eq!(days.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        days.text.contains("several times of the day"),
        "{}",
        days.text
    );
    let asked = upload(&site, path, &fields, file).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.text.contains("names no time zone"), "{}", asked.text);
    assert!(
        asked.text.contains(r#"<option value="1m" selected"#),
        "what was chosen stays: {}",
        asked.text
    );
    let wrong = [fields[0], ("interval", "2m"), ("time_zone", "Mars")];
    let wrong = upload(&site, path, &wrong, file).await;
    assert!(wrong.text.contains("is no interval"), "{}", wrong.text);
    assert!(wrong.text.contains("is no time zone"), "{}", wrong.text);
    let right = [fields[0], fields[1], ("time_zone", "America/New_York")];
    let done = upload(&site, path, &right, file).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(done.text.contains("2 rows added"), "{}", done.text);
    assert_eq!(
        site.texts("select min(at at time zone 'UTC')::text from market.bars")
            .await,
        ["2024-01-02 14:30:00"]
    );
}
