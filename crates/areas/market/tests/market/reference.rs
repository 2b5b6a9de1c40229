//! Price files of real sources, read in place.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use db::Clock;
use market::{
    ImportError, ImportReport, SecurityKey,
    bars::{ImportOptions, Interval},
    instruments,
};

use crate::site::Site;

/// The folder with the reference data; `None` only where it was said that the tests go without them.
pub(crate) fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("BURSAR_REFERENCE_DATA");
    if named.as_deref().is_some_and(|named| named == "none") {
        return None;
    }
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data");
    let folder = named.map_or_else(|| PathBuf::from(beside), PathBuf::from);
    assert!(
        folder.is_dir(),
        "the reference data are not at {}: name their folder in BURSAR_REFERENCE_DATA, or set it to \
         `none` to go without them",
        folder.display()
    );
    Some(folder)
}

/// Its daily and shorter prices.
fn prices() -> Option<PathBuf> {
    Some(folder()?.join("prices"))
}

async fn load(site: &Site, folder: &Path, name: &str) -> Result<ImportReport, ImportError> {
    let file = File::open(folder.join(name)).unwrap();
    let options = ImportOptions {
        symbol: name.split('_').next().map(str::to_owned),
        source: name.to_owned(),
        ..ImportOptions::default()
    };
    market::bars::import(&site.db(), file, &options, Clock::system().now(), |_| ()).await
}

#[tokio::test]
async fn daily_files_are_loaded_to_the_last_line_and_only_once() {
    let Some(folder) = prices() else { return };
    let site = Site::new().await;
    for (name, rows) in [
        ("aapl_daily_raw_1998_2021.csv", 5849),
        ("btcusd_monthly_2012_2024.csv", 156),
        ("goog_daily_2004_2013.csv", 2148),
        ("ibm_daily_yahoo_2000_2013.csv", 3270),
        ("msft_daily_yahoo_2000_2013.csv", 3270),
        ("ppo_spy_adj_1993_2019.csv", 6765),
        ("sp500_daily.csv", 5031),
        ("us_interest_rate.csv", 56),
    ] {
        let report = load(&site, &folder, name).await.unwrap();
        assert_eq!((report.imported, report.duplicates), (rows, 0), "{name}");
        assert_eq!(report.rejected, [], "{name}");
        let again = load(&site, &folder, name).await.unwrap();
        assert_eq!((again.imported, again.duplicates), (0, rows), "{name}");
        assert_eq!(again.rejected, [], "{name}");
    }
    // Figures of the files themselves.
    let aapl = site.closes(site.instrument("AAPL").await.id).await;
    assert_eq!(aapl[0], ("1998-01-02".to_owned(), 16.25));
    assert_eq!(aapl[5848], ("2021-03-31".to_owned(), 122.15));
    let spy = site.closes(site.instrument("SPY").await.id).await;
    assert_eq!(spy[6764], ("2019-12-09".to_owned(), 313.880_005));
}

#[tokio::test]
async fn a_column_per_instrument_leaves_out_the_empty_cells() {
    let Some(folder) = prices() else { return };
    let site = Site::new().await;
    let name = "ppo_stock_prices_adj_1989_2018.csv";
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let cells = text
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').skip(1));
    let quoted = cells.filter(|cell| !cell.is_empty()).count() as u64;
    let report = load(&site, &folder, name).await.unwrap();
    assert_eq!(
        (report.imported, report.duplicates, report.rejected.len()),
        (quoted, 0, 0)
    );
    let goog = site.closes(site.instrument("GOOG").await.id).await;
    assert_eq!(goog.last(), Some(&("2018-04-11".to_owned(), 1_019.969_971)));
}

/// The rows of an expected aggregate: time, open, high, low, close, volume.
fn expected(folder: &Path, name: &str) -> Vec<(String, [f64; 5])> {
    let text = std::fs::read_to_string(folder.with_file_name("expected").join(name)).unwrap();
    let row = |line: &str| {
        let (time, rest) = line.split_once(',').unwrap();
        let figures: Vec<f64> = rest.split(',').map(|cell| cell.parse().unwrap()).collect();
        (time.to_owned(), figures.try_into().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn minutes_of_two_days_roll_up_to_the_figures_of_independent_software() {
    let Some(folder) = prices() else { return };
    let site = Site::new().await;
    let mut tx = site.db().system("prepare a test").await.unwrap();
    let key = SecurityKey {
        symbol: "IBM".into(),
        exchange: Some("XNYS".into()),
        ..SecurityKey::default()
    };
    let id = instruments::ensure(&mut tx, &[key]).await.unwrap()[0];
    tx.commit().await.unwrap();
    for (name, rows) in [
        ("ibm_minute_20131008.csv", 424),
        ("ibm_minute_20131007.csv", 453),
    ] {
        let options = ImportOptions {
            symbol: Some("IBM".into()),
            interval: Interval::Minute,
            source: name.into(),
            ..ImportOptions::default()
        };
        for (imported, duplicates) in [(rows, 0), (0, rows)] {
            let file = File::open(folder.join(name)).unwrap();
            let report =
                market::bars::import(&site.db(), file, &options, Clock::system().now(), |_| ())
                    .await
                    .unwrap();
            assert_eq!(
                (report.imported, report.duplicates),
                (imported, duplicates),
                "{name}"
            );
            assert_eq!(report.rejected, [], "{name}");
        }
    }
    market::rollups::run(&site.db()).await.unwrap();
    let new_york = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let (from, to) = ("2013-10-01T00:00:00Z", "2013-11-01T00:00:00Z");
    let mut tx = site.db().system("look into a test").await.unwrap();
    for (interval, name, rows) in [
        (
            Interval::FiveMinutes,
            "aggregate_ibm_minutes_5m_all_hours.csv",
            215,
        ),
        (Interval::Hour, "aggregate_ibm_minutes_1h_all_hours.csv", 27),
        (
            Interval::Day,
            "aggregate_ibm_minutes_1d_regular_session.csv",
            2,
        ),
    ] {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let bars = market::bars::between(tx.conn(), id, interval, from, to, 1_000)
            .await
            .unwrap();
        let found: Vec<_> = bars
            .into_iter()
            .map(|bar| {
                let time = match interval {
                    Interval::Day => bar.at.strftime("%Y-%m-%d").to_string(),
                    _ => new_york
                        .to_datetime(bar.at)
                        .strftime("%Y-%m-%d %H:%M:%S")
                        .to_string(),
                };
                (
                    time,
                    [bar.open, bar.high, bar.low, bar.close, bar.volume.unwrap()],
                )
            })
            .collect();
        assert_eq!(found.len(), rows, "{name}");
        assert_eq!(found, expected(&folder, name), "{name}");
    }
}

#[tokio::test]
async fn files_of_shorter_bars_are_refused_and_leave_nothing() {
    let Some(folder) = prices() else { return };
    let site = Site::new().await;
    for name in [
        "aapl_minute_20140605.csv",
        "eurusd_hourly_2017_2018.csv",
        "ibm_minute_20131007.csv",
        "ibm_minute_20131008.csv",
    ] {
        let error = load(&site, &folder, name).await.unwrap_err();
        assert!(
            matches!(error, ImportError::Intraday { line: 3, .. }),
            "{name}: {error}"
        );
    }
    // Bid and ask beside each other are no bars of a price either.
    let name = "eurusd_daily_oanda_2007_2018.csv";
    let result = load(&site, &folder, name).await;
    assert!(
        matches!(result, Err(ImportError::Unreadable(_))),
        "{name}: {result:?}"
    );
    let mut tx = site.db().system("look").await.unwrap();
    assert_eq!(
        market::instruments::search(tx.conn(), "", 10)
            .await
            .unwrap(),
        []
    );
}
