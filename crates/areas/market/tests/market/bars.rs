use std::fmt::Write;

use axum::http::{Method, StatusCode};
use market::{
    ImportError, ImportReport,
    bars::{ImportOptions, Interval},
};
use money::{Currency, Quotation};

use crate::site::Site;

fn of(symbol: &str) -> ImportOptions {
    ImportOptions {
        symbol: Some(symbol.into()),
        source: "test".into(),
        ..ImportOptions::default()
    }
}

fn counts(report: &ImportReport) -> (u64, u64, usize) {
    (report.imported, report.duplicates, report.rejected.len())
}

fn codes(report: &ImportReport) -> Vec<(u64, &str)> {
    report
        .rejected
        .iter()
        .map(|refusal| (refusal.line, &*refusal.code))
        .collect()
}

#[tokio::test]
async fn headers_come_in_any_order_and_case() {
    let site = Site::new().await;
    for (symbol, csv) in [
        (
            "A",
            "date,open,high,low,close,volume\n2024-01-02,10,12,9,11,100\n",
        ),
        (
            "B",
            "VOLUME,Close,LOW,High,Open,Date\n100,11,9,12,10,2024-01-02\n",
        ),
        (
            "C",
            "Timestamp;Open;High;Low;Close;Volume\n02.01.2024;10;12;9;11;100\n",
        ),
        (
            "D",
            "time,open,high,low,close,Adj Close,volume\n20240102,10,12,9,11,11,100\n",
        ),
    ] {
        let report = site.import(csv, &of(symbol)).await.unwrap();
        assert_eq!(counts(&report), (1, 0, 0), "{symbol}: {report:?}");
        let id = site.instrument(symbol).await.id;
        assert_eq!(
            site.closes(id).await,
            [("2024-01-02".to_owned(), 11.0)],
            "{symbol}"
        );
    }
}

#[tokio::test]
async fn a_symbol_column_creates_its_instruments_and_the_option_the_currency() {
    let site = Site::new().await;
    let csv = "symbol,date,close\nmsft,2024-01-02,370\nAAPL,2024-01-02,185\nMSFT,2024-01-03,371\n";
    let options = ImportOptions {
        quotation: Some(Quotation::major(Currency::USD)),
        ..of("IGNORED")
    };
    let report = site.import(csv, &options).await.unwrap();
    assert_eq!(counts(&report), (3, 0, 0));
    let msft = site.instrument("MSFT").await;
    assert_eq!((msft.currency, &*msft.exchange), (Some(Currency::USD), ""));
    assert_eq!(site.closes(msft.id).await.len(), 2);
    assert_eq!(site.closes(site.instrument("AAPL").await.id).await.len(), 1);
}

#[tokio::test]
async fn refusals_name_line_code_and_values() {
    let site = Site::new().await;
    let csv = "date,open,high,low,close,volume\n\
               2024-01-02,10,12,9,11,100\n\
               2024-01-03,10,9,12,11,100\n\
               2024-01-04,0,12,9,11,100\n\
               2024-01-05,10,12,9,eleven,100\n\
               soon,10,12,9,11,100\n\
               2024-01-08,10,12,9,11,-1\n\
               2024-01-09,10,12,9,11,\n\
               2024-01-02,10,12,9,11.5,100\n\
               2024-01-02,10,12,9,11,100\n";
    let report = site.import(csv, &of("MSFT")).await.unwrap();
    assert_eq!((report.imported, report.duplicates), (2, 1));
    assert_eq!(
        codes(&report),
        [
            (3, "high_below_low"),
            (4, "non_positive_price"),
            (5, "unparsable_number"),
            (6, "unparsable_date"),
            (7, "negative_volume"),
            (9, "conflicting_bar"),
        ]
    );
    assert_eq!(
        report.rejected[5].message,
        "MSFT has another bar on 2024-01-02 already: this line says close 11.5 instead of 11"
    );
    assert!(
        report.rejected[2].message.contains("eleven"),
        "{:?}",
        report.rejected[2]
    );
}

#[tokio::test]
async fn the_same_file_twice_adds_nothing_and_an_overlapping_one_the_rest() {
    let site = Site::new().await;
    let first = "date,close\n2024-01-02,10\n2024-01-03,11\n2024-01-04,12\n";
    let later = "date,close\n2024-01-05,13\n2024-01-04,12\n2024-01-03,99\n2024-01-01,9\n";
    assert_eq!(
        counts(&site.import(first, &of("X")).await.unwrap()),
        (3, 0, 0)
    );
    assert_eq!(
        counts(&site.import(first, &of("x ")).await.unwrap()),
        (0, 3, 0)
    );
    let report = site.import(later, &of("X")).await.unwrap();
    assert_eq!(counts(&report), (2, 1, 1));
    assert_eq!(codes(&report), [(4, "conflicting_bar")]);
    let id = site.instrument("X").await.id;
    let closes: Vec<_> = site
        .closes(id)
        .await
        .into_iter()
        .map(|(_, close)| close)
        .collect();
    assert_eq!(closes, [9.0, 10.0, 11.0, 12.0, 13.0]);
}

#[tokio::test]
async fn rows_in_no_order_are_told_apart_across_batches() {
    // 20,011 is prime to the stride, so that every day comes once, far from its neighbours; then all
    // of them again, every tenth with another close.
    let site = Site::new().await;
    let day = |index: u32| {
        let days = jiff::SignedDuration::from_hours(24 * i64::from(index));
        (jiff::civil::date(1950, 1, 1) + days).to_string()
    };
    let mut csv = String::from("symbol,date,close\n");
    for round in 0..2 {
        for step in 0..20_011u32 {
            let index = step * 7_919 % 20_011;
            let close = if round == 1 && index.is_multiple_of(10) {
                2
            } else {
                1
            };
            writeln!(csv, "S{},{},{close}", index % 3, day(index)).unwrap();
        }
    }
    let mut progress = Vec::new();
    let report = market::bars::import(
        &site.db(),
        std::io::Cursor::new(csv.clone()),
        &ImportOptions {
            source: "test".into(),
            ..ImportOptions::default()
        },
        site.app.clock.now(),
        |step| progress.push(step),
    )
    .await
    .unwrap();
    assert_eq!(counts(&report), (20_011, 18_009, 2_002));
    assert!(
        report
            .rejected
            .iter()
            .all(|refusal| refusal.code == "conflicting_bar")
    );
    assert!(report.rejected.is_sorted_by_key(|refusal| refusal.line));
    assert!(progress.len() > 2 && progress.is_sorted_by_key(|step| (step.rows, step.bytes_read)));
    let end = progress.last().unwrap();
    assert_eq!((end.rows, end.bytes_read), (40_022, csv.len() as u64));
}

#[tokio::test]
async fn a_restated_adjusted_close_replaces_the_old_one_and_the_volume_is_filled_in() {
    let site = Site::new().await;
    let first = "date,open,high,low,close,adj close\n2024-01-02,1,1,1,1,0.9\n";
    let later = "date,open,high,low,close,adj close,volume\n2024-01-02,1,1,1,1,0.8,5\n";
    assert_eq!(
        counts(&site.import(first, &of("X")).await.unwrap()),
        (1, 0, 0)
    );
    assert_eq!(
        counts(&site.import(later, &of("X")).await.unwrap()),
        (0, 1, 0)
    );
    let id = site.instrument("X").await.id;
    let path = format!("/api/v1/market/instruments/{id}/bars");
    let bar = &site.get(&path, &site.ann).await.json()["bars"][0];
    assert_eq!(
        (bar["adjusted_close"].as_f64(), bar["volume"].as_f64()),
        (Some(0.8), Some(5.0))
    );
}

#[tokio::test]
async fn files_that_are_no_daily_bars_are_refused_whole() {
    let site = Site::new().await;
    let before = site.revision().await;
    let nobody = ImportOptions::default();
    let error = site
        .import("date,close\n2024-01-02,1\n", &nobody)
        .await
        .unwrap_err();
    assert!(matches!(error, ImportError::MissingSymbol), "{error}");
    let minutes = "time,close\n2024-01-02 09:30,1\n2024-01-02 09:31,1\n";
    let error = site.import(minutes, &of("X")).await.unwrap_err();
    assert!(
        matches!(error, ImportError::Intraday { line: 3, .. }),
        "{error}"
    );
    for csv in ["", "no bars at all\n", "date,open\n2024-01-02,1\n"] {
        let result = site.import(csv, &of("X")).await;
        assert!(
            matches!(result, Err(ImportError::Unreadable(_))),
            "{csv:?}: {result:?}"
        );
    }
    let long = format!("symbol,date,close\n{},2024-01-02,1\n", "X".repeat(51));
    assert_eq!(
        codes(&site.import(&long, &nobody).await.unwrap()),
        [(2, "invalid_symbol")]
    );
    let mut tx = site.db().system("look").await.unwrap();
    assert_eq!(
        market::instruments::search(tx.conn(), "", 10)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        market::revision(tx.conn()).await.unwrap(),
        before + 1,
        "only the last was loaded"
    );
}

#[tokio::test]
async fn several_instruments_of_one_symbol_need_an_exchange() {
    let site = Site::new().await;
    let csv = "date,close\n2024-01-02,1\n";
    for exchange in ["XLON", "XNAS"] {
        let options = ImportOptions {
            exchange: Some(exchange.into()),
            quotation: Some(
                Quotation::parse(if exchange == "XLON" { "GBP" } else { "USD" }).unwrap(),
            ),
            ..of("VOD")
        };
        assert_eq!(
            counts(&site.import(csv, &options).await.unwrap()),
            (1, 0, 0),
            "{exchange}"
        );
    }
    let report = site.import(csv, &of("VOD")).await.unwrap();
    assert_eq!(codes(&report), [(2, "ambiguous_symbol")]);
    let options = ImportOptions {
        exchange: Some("xlon".into()),
        ..of("VOD")
    };
    assert_eq!(
        counts(&site.import(csv, &options).await.unwrap()),
        (0, 1, 0)
    );
}

#[tokio::test]
async fn the_owner_loads_bars_through_http_and_others_read_them() {
    let site = Site::new().await;
    let csv = "date,open,high,low,close,volume\n2024-01-02,1,2,0.5,1.5,10\n2024-01-03,9,8,7,6,5\n\
               2024-01-04,1.5,2,1,1.75,\n2024-01-05,2,2,2,2,1\n";
    let path = "/api/v1/market/bars?symbol=msft&currency=usd";
    assert_eq!(
        site.post_csv(path, "", csv).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        site.post_csv(path, &site.ann, csv).await.status,
        StatusCode::FORBIDDEN
    );
    let answer = site.post_csv(path, &site.owner, csv).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let report = answer.json();
    assert_eq!(
        (report["imported"].as_u64(), report["duplicates"].as_u64()),
        (Some(3), Some(0))
    );
    assert_eq!(report["rejected"][0]["line"], 3);
    assert_eq!(report["batch_id"].as_str().unwrap().len(), 36);

    let id = site.instrument("MSFT").await.id;
    let path = format!("/api/v1/market/instruments/{id}/bars");
    assert_eq!(site.get(&path, "").await.status, StatusCode::UNAUTHORIZED);
    let answer = site
        .get(&format!("{path}?from=2024-01-02&to=2024-01-04"), &site.ann)
        .await;
    assert_eq!(
        answer.text,
        format!(
            r#"{{"instrument_id":"{id}","interval":"1d","bars":[{}]}}"#,
            r#"{"date":"2024-01-02","open":1.0,"high":2.0,"low":0.5,"close":1.5,"volume":10.0},"#
                .to_owned()
                + r#"{"date":"2024-01-04","open":1.5,"high":2.0,"low":1.0,"close":1.75}"#
        )
    );
    let page = site.get(&format!("{path}?limit=1"), &site.ann).await.json();
    assert_eq!(
        (page["bars"].as_array().unwrap().len(), &page["next_from"]),
        (1, &"2024-01-04".into())
    );
    let nobody = "/api/v1/market/instruments/00000000-0000-7000-8000-000000000000/bars";
    assert_eq!(
        site.get(nobody, &site.ann).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn what_http_cannot_load_is_a_problem_with_the_remedy() {
    let site = Site::new().await;
    let path = "/api/v1/market/bars";
    let answer = site
        .post_csv(path, &site.owner, "date,close\n2024-01-02,1\n")
        .await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "missing-symbol")
    );
    let answer = site.post_csv(path, &site.owner, "").await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "unreadable-file")
    );
    let answer = site
        .post_csv(&format!("{path}?currency=US$"), &site.owner, "x")
        .await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "invalid-input")
    );
    let call = site.call(Method::POST, path, &site.owner);
    let answer = call.json(serde_json::json!({"bars": []})).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_file_states_its_bars_whatever_it_is_called() {
    let site = Site::new().await;
    for name in ["rollup", "override", "yahoo"] {
        let options = ImportOptions {
            source: name.to_owned(),
            ..of("NAMED")
        };
        let csv = "date,close\n2024-05-30,1000\n";
        site.import(csv, &options).await.unwrap();
        let id = site.instrument("NAMED").await.id;
        // What is computed never takes the place of what is stated.
        let minute = crate::timeseries::bar("2024-05-30T10:00:00Z", [7.0; 4], 1.0);
        crate::timeseries::ingest(&site, Interval::Minute, "test", &[(id, minute)]).await;
        crate::timeseries::roll_up(&site).await;
        assert_eq!(
            site.closes(id).await,
            [("2024-05-30".to_owned(), 1000.0)],
            "{name}"
        );
        let sources = "select source from market.bars_1d";
        assert_eq!(site.texts(sources).await, [format!("file {name}")]);
        site.change("delete from market.bars_1d").await;
    }
}
