//! Bars in columns: what goes out as Parquet comes in again, and what is no such file is refused.

use axum::http::{Method, StatusCode};
use market::{bars::ImportOptions, rollups};

use crate::site::{Answer, Site};

const MINUTES: &str = "time,open,high,low,close,volume\n\
                       2024-01-02T14:30:00Z,1,3,1,2,10\n\
                       2024-01-02T14:31:00Z,2,4,2,3,\n\
                       2024-01-02T14:35:00Z,1.25,1.5,1,1.1,7\n";

async fn post(site: &Site, path: &str, file: &[u8]) -> Answer {
    site.call(Method::POST, path, &site.owner)
        .header("content-type", "application/vnd.apache.parquet")
        .send(file.to_vec())
        .await
}

#[tokio::test]
async fn bars_go_out_in_columns_and_come_in_by_the_same_door() {
    let site = Site::new().await;
    let csv = "/api/v1/market/bars?interval=1m&symbol=ACME";
    let report = site.post_csv(csv, &site.owner, MINUTES).await.json();
    assert_eq!(report["imported"], 3, "{report}");
    rollups::run(&site.db()).await.unwrap();
    let id = site.instrument("ACME").await.id;
    for (interval, count) in [("1m", 3), ("1h", 1), ("1d", 1)] {
        let path = format!("/api/v1/market/instruments/{id}/bars/export?interval={interval}");
        let file = site.get(&format!("{path}&format=parquet"), &site.ann).await;
        assert_eq!(
            file.headers["content-type"],
            "application/vnd.apache.parquet"
        );
        let name = file.headers["content-disposition"].to_str().unwrap();
        assert_eq!(
            name,
            format!("attachment; filename=\"ACME-{interval}.parquet\"")
        );
        let door = format!("/api/v1/market/bars?interval={interval}&symbol=COPY{interval}");
        let report = post(&site, &door, &file.bytes).await.json();
        assert_eq!(report["imported"], count, "{interval}: {report}");
        let again = post(&site, &door, &file.bytes).await.json();
        assert_eq!(again["duplicates"], count, "{interval}: {again}");
        let copy = site.instrument(&format!("COPY{interval}")).await.id;
        let copied = format!("/api/v1/market/instruments/{copy}/bars/export?interval={interval}");
        assert_eq!(
            site.get(&copied, &site.ann).await.text,
            site.get(&path, &site.ann).await.text
        );
    }
    let nothing = format!("/api/v1/market/instruments/{id}/bars/export?from=2030-01-01");
    let empty = site
        .get(&format!("{nothing}&format=parquet"), &site.ann)
        .await;
    let report = post(&site, "/api/v1/market/bars?symbol=ACME", &empty.bytes).await;
    assert_eq!(report.json()["imported"], 0, "{}", report.text);
    let other = site.get(&format!("{nothing}&format=xlsx"), &site.ann).await;
    assert_eq!(
        (other.status, &*other.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid-input"),
        "{}",
        other.text
    );
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_its_place_and_nothing_is_loaded() {
    let site = Site::new().await;
    let door = "/api/v1/market/bars?symbol=ACME";
    site.post_csv(door, &site.owner, "date,close\n2024-01-02,1\n")
        .await;
    let id = site.instrument("ACME").await.id;
    let path = format!("/api/v1/market/instruments/{id}/bars/export?format=parquet");
    let whole = site.get(&path, &site.ann).await.bytes;
    let other = "/api/v1/market/bars?symbol=OTHER";
    let cut = post(&site, other, &whole[..whole.len() / 2]).await;
    assert_eq!(
        (cut.status, &*cut.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "unreadable-file")
    );
    assert!(cut.text.contains("its footer"), "{}", cut.text);
    let mut damaged = whole.clone();
    damaged[4..30].fill(0xFF);
    let answer = post(&site, other, &damaged).await;
    assert_eq!(answer.problem(), "unreadable-file", "{}", answer.text);
    assert!(
        answer.text.contains("group 1 of rows, column date"),
        "{}",
        answer.text
    );
    assert_eq!(
        site.texts("select count(*)::text from market.bars_1d")
            .await,
        ["1"]
    );
    let told = site
        .post_csv(other, &site.owner, "PAR1 is no header\n")
        .await;
    assert_eq!(told.problem(), "unreadable-file", "{}", told.text);
}

#[tokio::test]
async fn a_full_disk_in_the_middle_of_a_file_leaves_what_was_committed_and_the_file_goes_on_later()
{
    let site = Site::new().await;
    let options = ImportOptions {
        symbol: Some("ACME".into()),
        source: "test".into(),
        interval: market::bars::Interval::Minute,
        ..ImportOptions::default()
    };
    site.as_owner(
        "create function public.no_room() returns trigger language plpgsql as $$
         begin
             if 3 = any(new.closes) then
                 raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
             end if;
             return new;
         end $$;
         create trigger no_room before insert on market.packed_bars
             for each row execute function public.no_room()",
    )
    .await;
    let error = site.import(MINUTES, &options).await.unwrap_err();
    assert!(error.to_string().contains("disk"), "{error}");
    assert_eq!(
        site.texts("select count(*)::text from market.bars").await,
        ["0"],
        "a part is loaded as a whole or not at all"
    );
    site.as_owner("drop trigger no_room on market.packed_bars")
        .await;
    let report = site.import(MINUTES, &options).await.unwrap();
    assert_eq!((report.imported, report.duplicates), (3, 0));
    let report = site.import(MINUTES, &options).await.unwrap();
    assert_eq!((report.imported, report.duplicates), (0, 3));
}
