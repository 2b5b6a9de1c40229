//! Bars of all intervals: what is ingested, what is computed from it, and what becomes of it with time.

use jiff::{SignedDuration, Timestamp};
use market::{
    InstrumentId, SecurityKey,
    bars::{self, Bar, Ingested, Interval},
    instruments, lifetimes, rollups,
    ticks::{self, Tick},
};

use serde_json::json;

use crate::site::Site;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn bar(start: &str, prices: [f64; 4], volume: f64) -> Bar {
    let [open, high, low, close] = prices;
    Bar {
        at: at(start),
        open,
        high,
        low,
        close,
        adjusted_close: None,
        volume: Some(volume),
    }
}

pub(crate) async fn instrument(site: &Site, symbol: &str, exchange: &str) -> InstrumentId {
    let mut tx = site.db().system("prepare a test").await.unwrap();
    let key = SecurityKey {
        symbol: symbol.to_owned(),
        exchange: Some(exchange.to_owned()),
        ..SecurityKey::default()
    };
    let id = instruments::ensure(&mut tx, &[key]).await.unwrap()[0];
    tx.commit().await.unwrap();
    id
}

pub(crate) async fn ingest(
    site: &Site,
    interval: Interval,
    source: &str,
    rows: &[(InstrumentId, Bar)],
) -> Ingested {
    let mut tx = site.db().system("ingest in a test").await.unwrap();
    let done = bars::ingest(&mut tx, interval, source, rows).await.unwrap();
    tx.commit().await.unwrap();
    done
}

pub(crate) async fn roll_up(site: &Site) -> u64 {
    rollups::run(&site.db()).await.unwrap().changed
}

/// Start, open, high, low, close and volume of all bars of an interval.
pub(crate) async fn stored(site: &Site, id: InstrumentId, interval: Interval) -> Vec<String> {
    let mut tx = site.db().system("look into a test").await.unwrap();
    let all = (at("1900-01-01T00:00:00Z"), at("2100-01-01T00:00:00Z"));
    let found = bars::between(tx.conn(), id, interval, all.0, all.1, i64::MAX)
        .await
        .unwrap();
    found
        .into_iter()
        .map(|b| {
            let volume = b.volume.map_or("-".to_owned(), |volume| volume.to_string());
            format!(
                "{} {} {} {} {} {volume}",
                b.at, b.open, b.high, b.low, b.close
            )
        })
        .collect()
}

#[tokio::test]
async fn minutes_become_longer_bars_and_a_correction_goes_through_all_of_them() {
    let site = Site::new().await;
    let id = instrument(&site, "ACME", "").await;
    let minutes = [
        // Not in the order of time: first and last price are those by time.
        (id, bar("2024-01-02T10:07:00Z", [3.0, 9.0, 2.0, 4.0], 20.0)),
        (id, bar("2024-01-02T10:01:00Z", [1.0, 5.0, 0.5, 2.0], 10.0)),
        (id, bar("2024-01-02T11:00:00Z", [6.0, 7.0, 5.0, 6.5], 5.0)),
    ];
    let done = ingest(&site, Interval::Minute, "test", &minutes).await;
    assert_eq!(
        (done.inserted, done.replaced, done.unchanged, done.expired),
        (3, 0, 0, 0)
    );
    // 5m: 3, 15m: 2, 1h: 2, 1d: 1.
    assert_eq!(roll_up(&site).await, 8);
    assert_eq!(
        stored(&site, id, Interval::FiveMinutes).await,
        [
            "2024-01-02T10:00:00Z 1 5 0.5 2 10",
            "2024-01-02T10:05:00Z 3 9 2 4 20",
            "2024-01-02T11:00:00Z 6 7 5 6.5 5",
        ]
    );
    assert_eq!(
        stored(&site, id, Interval::QuarterHour).await,
        [
            "2024-01-02T10:00:00Z 1 9 0.5 4 30",
            "2024-01-02T11:00:00Z 6 7 5 6.5 5",
        ]
    );
    assert_eq!(
        stored(&site, id, Interval::Day).await,
        ["2024-01-02T00:00:00Z 1 9 0.5 6.5 35"]
    );
    assert_eq!(roll_up(&site).await, 0, "nothing is marked any more");

    let again = ingest(&site, Interval::Minute, "test", &minutes).await;
    assert_eq!((again.inserted, again.replaced, again.unchanged), (0, 0, 3));
    assert_eq!(roll_up(&site).await, 0);
    let corrected = [(id, bar("2024-01-02T10:01:00Z", [1.5, 5.0, 0.5, 2.0], 10.0))];
    let done = ingest(&site, Interval::Minute, "test", &corrected).await;
    assert_eq!((done.inserted, done.replaced, done.unchanged), (0, 1, 0));
    assert_eq!(roll_up(&site).await, 4);
    assert_eq!(
        stored(&site, id, Interval::Day).await,
        ["2024-01-02T00:00:00Z 1.5 9 0.5 6.5 35"]
    );
    // The minute as it was, and the day, which was over when it changed.
    assert_eq!(
        site.texts(
            "select interval || ' ' || open || ' ' || source from market.bar_versions order by interval"
        )
        .await,
        ["1d 1 rollup", "1m 1 test"]
    );
}

#[tokio::test]
async fn what_a_source_states_itself_stands_above_what_is_computed() {
    let site = Site::new().await;
    let id = instrument(&site, "ACME", "").await;
    let minute = [(id, bar("2024-01-02T10:01:00Z", [1.0, 5.0, 0.5, 2.0], 10.0))];
    ingest(&site, Interval::Minute, "test", &minute).await;
    roll_up(&site).await;
    let own = [(id, bar("2024-01-02T00:00:00Z", [1.1, 6.0, 0.4, 2.2], 99.0))];
    let done = ingest(&site, Interval::Day, "exchange", &own).await;
    assert_eq!((done.inserted, done.replaced), (0, 1));
    let later = [(id, bar("2024-01-02T10:02:00Z", [2.0, 50.0, 2.0, 3.0], 10.0))];
    ingest(&site, Interval::Minute, "test", &later).await;
    assert_eq!(
        roll_up(&site).await,
        3,
        "the bars of 5 and 15 minutes and of the hour"
    );
    assert_eq!(
        stored(&site, id, Interval::Day).await,
        ["2024-01-02T00:00:00Z 1.1 6 0.4 2.2 99"]
    );

    let mut tx = site.db().system("look into a test").await.unwrap();
    let day = bars::on_day(tx.conn(), &[id], jiff::civil::date(2024, 1, 2))
        .await
        .unwrap();
    assert_eq!(
        day.into_values().map(|bar| bar.close).collect::<Vec<_>>(),
        [2.2]
    );
    let none = bars::on_day(tx.conn(), &[id], jiff::civil::date(2024, 1, 3))
        .await
        .unwrap();
    assert!(none.is_empty());
    drop(tx);

    // A file of days likewise takes the place of what was computed, once.
    let file = instrument(&site, "FILE", "").await;
    ingest(&site, Interval::Minute, "test", &[(file, minute[0].1)]).await;
    roll_up(&site).await;
    let options = bars::ImportOptions {
        symbol: Some("FILE".into()),
        source: "test".into(),
        ..bars::ImportOptions::default()
    };
    let csv = "date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-03,1,2,1,2\n";
    let report = site.import(csv, &options).await.unwrap();
    assert_eq!(
        (report.imported, report.duplicates, report.rejected.len()),
        (2, 0, 0)
    );
    let report = site.import(csv, &options).await.unwrap();
    assert_eq!(
        (report.imported, report.duplicates, report.rejected.len()),
        (0, 2, 0)
    );
}

#[tokio::test]
async fn ticks_become_minutes_and_those_the_rest_also_when_they_come_late() {
    let site = Site::new().await;
    let id = instrument(&site, "BTC", "").await;
    let tick = |time: &str, sequence: i64, price: f64| {
        let tick = Tick {
            at: at(time),
            sequence,
            price,
            volume: Some(2.0),
            bid: None,
            ask: None,
        };
        (id, tick)
    };
    let send = async |rows: &[(InstrumentId, Tick)]| {
        let mut tx = site.db().system("ingest in a test").await.unwrap();
        let done = ticks::ingest(&mut tx, "test", rows).await.unwrap();
        tx.commit().await.unwrap();
        rollups::run(&site.db()).await.unwrap();
        (done.written, done.unchanged)
    };
    let first = [
        tick("2024-01-02T10:00:30Z", 2, 11.0),
        tick("2024-01-02T10:00:30Z", 1, 10.0),
    ];
    assert_eq!(send(&first).await, (2, 0));
    assert_eq!(send(&first).await, (0, 2));
    assert_eq!(
        stored(&site, id, Interval::Minute).await,
        ["2024-01-02T10:00:00Z 10 11 10 11 4"]
    );
    assert_eq!(send(&[tick("2024-01-02T10:00:10Z", 9, 12.0)]).await, (1, 0));
    assert_eq!(
        stored(&site, id, Interval::Minute).await,
        ["2024-01-02T10:00:00Z 12 12 10 11 6"]
    );
    assert_eq!(
        stored(&site, id, Interval::Hour).await,
        ["2024-01-02T10:00:00Z 12 12 10 11 6"]
    );
    assert_eq!(
        stored(&site, id, Interval::Day).await,
        ["2024-01-02T00:00:00Z 12 12 10 11 6"]
    );
    // The source's own minute wins over what its ticks say.
    let own = [(id, bar("2024-01-02T10:00:00Z", [1.0, 2.0, 1.0, 2.0], 3.0))];
    ingest(&site, Interval::Minute, "test", &own).await;
    assert_eq!(send(&[tick("2024-01-02T10:00:20Z", 9, 13.0)]).await, (1, 0));
    assert_eq!(
        stored(&site, id, Interval::Hour).await,
        ["2024-01-02T10:00:00Z 1 2 1 2 3"]
    );
}

#[tokio::test]
async fn any_time_of_the_calendar_has_its_place_and_any_other_is_refused() {
    let site = Site::new().await;
    let id = instrument(&site, "OLD", "").await;
    for interval in Interval::ALL {
        let mut rows = Vec::new();
        for time in [
            "0001-01-01T00:00:00Z",
            "1899-12-31T23:59:00Z",
            "1989-12-31T00:00:00Z",
            "9999-12-30T00:00:00Z",
        ] {
            let begins = interval.floor(at(time));
            rows.push((id, bar(&begins.to_string(), [1.0; 4], 1.0)));
        }
        assert_eq!(
            ingest(&site, interval, "test", &rows).await.inserted,
            4,
            "{interval}"
        );
    }
    let mut tx = site.db().system("try in a test").await.unwrap();
    let before = [(id, bar("-000005-01-01T00:00:00Z", [1.0; 4], 1.0))];
    let refused = bars::ingest(&mut tx, Interval::Minute, "test", &before)
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("the calendar begins with the year 1"),
        "{refused}"
    );
    let mut tx = site.db().system("try in a test").await.unwrap();
    let senseless = [(id, bar("2024-01-01T00:00:00Z", [1.0, 0.5, 1.0, 1.0], 1.0))];
    let refused = bars::ingest(&mut tx, Interval::Hour, "test", &senseless)
        .await
        .unwrap_err();
    assert_eq!(refused.constraint(), Some("bars_price_check"));
}

#[tokio::test]
async fn minutes_are_packed_after_a_week_and_go_after_a_month_when_they_are_computed_into_longer_ones()
 {
    let site = Site::new().await;
    let id = instrument(&site, "ACME", "").await;
    let rows: Vec<_> = (0..300)
        .map(|minute| {
            let start = at("2024-05-01T10:00:00Z") + SignedDuration::from_mins(minute);
            (id, bar(&start.to_string(), [1.0, 3.0, 1.0, 2.0], 1.0))
        })
        .collect();
    ingest(&site, Interval::Minute, "test", &rows).await;
    let before = stored(&site, id, Interval::Minute).await;
    let kept = lifetimes::keep(&site.db(), at("2024-05-10T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!((kept.packed, kept.dropped_minutes), (300, 0));
    // The partition of a packed day is gone; as a hypertable, its chunk is in the columnstore.
    let loose = "select p.name from platform.partitions_of('market.bars_1m') p
                 where p.from_at <= '2024-05-01 10:00:00+00' and p.to_at > '2024-05-01 10:00:00+00'
                     and not p.is_packed";
    assert_eq!(site.texts(loose).await, Vec::<String>::new());
    assert_eq!(
        stored(&site, id, Interval::Minute).await,
        before,
        "readers see one relation"
    );

    // A late correction finds its way into the packed day and through the longer bars.
    let late = [(id, bar("2024-05-01T10:30:00Z", [1.0, 70.0, 1.0, 2.0], 1.0))];
    assert_eq!(
        ingest(&site, Interval::Minute, "test", &late)
            .await
            .replaced,
        1
    );
    let kept = lifetimes::keep(&site.db(), at("2024-06-15T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!(
        (kept.dropped_minutes, kept.postponed),
        (0, vec!["1m of 2024-05-01".to_owned()])
    );
    assert_eq!(
        site.texts("select kept from market.upkeep where task = 'drop_1m'")
            .await,
        ["not yet computed into longer bars: 1m of 2024-05-01"]
    );
    roll_up(&site).await;
    let days = stored(&site, id, Interval::Day).await;
    assert_eq!(days, ["2024-05-01T00:00:00Z 1 70 1 2 300"]);
    let kept = lifetimes::keep(&site.db(), at("2024-06-15T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!((kept.dropped_minutes, kept.postponed.len()), (300, 0));
    assert!(stored(&site, id, Interval::Minute).await.is_empty());
    assert_eq!(stored(&site, id, Interval::Hour).await.len(), 5);
    // Once they are gone, a single late minute must not pass for the whole hour.
    let done = ingest(&site, Interval::Minute, "test", &late).await;
    assert_eq!((done.expired, done.inserted), (1, 0));
    roll_up(&site).await;
    assert_eq!(stored(&site, id, Interval::Day).await, days);
    // Bars of 15 minutes go with their month, days never.
    lifetimes::keep(&site.db(), at("2024-09-15T00:00:00Z"))
        .await
        .unwrap();
    assert!(stored(&site, id, Interval::QuarterHour).await.is_empty());
    assert_eq!(stored(&site, id, Interval::Day).await, days);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn files_of_minutes_are_loaded_with_their_clock_corrected_and_read_through_the_api() {
    let site = Site::new().await;
    let id = instrument(&site, "ACME", "").await;
    let csv = "time,open,high,low,close,volume\n\
               2024-01-02 09:30,1,3,1,2,10\n\
               2024-01-02 09:31,2,4,2,3,10\n\
               2024-01-02 09:31:30,2,4,2,3,10\n\
               2024-01-02 09:33,9,4,2,3,10\n";
    let path = "/api/v1/market/bars?symbol=ACME&interval=1m";
    let answer = site.post_csv(path, &site.owner, csv).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (422, "missing-time-zone"),
        "{}",
        answer.text
    );
    let answer = site
        .post_csv(&format!("{path}&time_zone=Mars"), &site.owner, csv)
        .await;
    assert!(answer.text.contains("unknown_time_zone"), "{}", answer.text);
    let path = format!("{path}&time_zone=America/New_York");
    let report = site.post_csv(&path, &site.owner, csv).await.json();
    assert_eq!(report["imported"], 2, "{report}");
    assert_eq!(report["rejected"][0]["code"], "not_on_the_clock");
    assert_eq!(report["rejected"][1]["code"], "outside_range");
    // Later lines, one between them and one that corrects.
    let later = "time,open,high,low,close,volume\n\
                 2024-01-02 09:40,1,3,1,2,10\n\
                 2024-01-02 09:35,1,3,1,2,10\n\
                 2024-01-02 09:31,2,5,2,3,10\n\
                 2024-01-02 09:30,1,3,1,2,10\n";
    let report = site.post_csv(&path, &site.owner, later).await.json();
    let counts = ["imported", "corrected", "duplicates"].map(|key| report[key].as_u64());
    assert_eq!(counts, [Some(2), Some(1), Some(1)], "{report}");
    roll_up(&site).await;

    let bars = format!("/api/v1/market/instruments/{id}/bars");
    let minutes = site
        .get(&format!("{bars}?interval=1m&limit=2"), &site.ann)
        .await
        .json();
    assert_eq!(
        (&minutes["interval"], &minutes["bars"][1]["high"]),
        (&"1m".into(), &5.0.into())
    );
    assert_eq!(minutes["bars"][0]["at"], "2024-01-02T14:30:00Z");
    assert_eq!(minutes["next_from"], "2024-01-02T14:35:00Z");
    let rest = format!("{bars}?interval=1m&from=2024-01-02T14:35:00Z");
    assert_eq!(
        site.get(&rest, &site.ann).await.json()["bars"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let quarters = site
        .get(
            &format!("{bars}?interval=15m&from=2024-01-02&to=2024-01-02"),
            &site.ann,
        )
        .await
        .json();
    assert_eq!(
        (&quarters["bars"][0]["high"], &quarters["bars"][0]["volume"]),
        (&5.0.into(), &40.0.into())
    );
    let days = site
        .get(&format!("{bars}?interval=daily"), &site.ann)
        .await
        .json();
    assert_eq!(
        (&days["interval"], &days["bars"][0]["date"]),
        (&"1d".into(), &"2024-01-02".into())
    );
    assert!(days["bars"][0].get("at").is_none());
    let unknown = site.get(&format!("{bars}?interval=2m"), &site.ann).await;
    assert_eq!(unknown.status.as_u16() / 100, 4, "{}", unknown.text);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story is told in one piece")]
async fn prices_are_adjusted_when_asked_for_and_put_together_for_a_chart() {
    let site = Site::new().await;
    let csv = "date,open,high,low,close,volume\n\
               2024-01-02,100,110,90,100,10\n\
               2024-01-03,100,110,90,100,10\n\
               2024-01-04,25,27,22,24,40\n\
               2024-01-05,24,25,23,24,40\n";
    let path = "/api/v1/market/bars?symbol=ACME&currency=USD";
    assert_eq!(
        site.post_csv(path, &site.owner, csv).await.json()["imported"],
        4
    );
    let id = site.instrument("ACME").await.id;
    let actions = "symbol,type,ex_date,ratio,cash_per_share,currency\n\
                   ACME,split,2024-01-04,4:1,,\n\
                   ACME,dividend,2024-01-05,,6,USD\n\
                   ACME,dividend,2024-01-03,,1,EUR\n";
    let path = "/api/v1/market/corporate-actions/import";
    let report = site.post_csv(path, &site.owner, actions).await;
    assert_eq!(report.status.as_u16(), 200, "{}", report.text);
    let bars = format!("/api/v1/market/instruments/{id}/bars");
    let closes = async |query: &str| -> Vec<f64> {
        let answer = site.get(&format!("{bars}?{query}"), &site.ann).await.json();
        let all = answer["bars"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .clone();
        all.iter()
            .map(|bar| bar["close"].as_f64().unwrap())
            .collect()
    };
    assert_eq!(closes("").await, [100.0, 100.0, 24.0, 24.0]);
    assert_eq!(closes("adjust=splits").await, [25.0, 25.0, 24.0, 24.0]);
    assert_eq!(closes("adjust=total").await, [18.75, 18.75, 18.0, 24.0]);
    assert_eq!(closes("adjust=total&from=2024-01-04&limit=1").await, [18.0]);
    let answer = site
        .get(&format!("{bars}?adjust=total&points=2"), &site.ann)
        .await
        .json();
    assert_eq!(answer["bars"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&answer["bars"][0]["volume"], &answer["bars"][1]["high"]),
        (&80.0.into(), &25.0.into())
    );
    assert_eq!(
        answer["findings"][0],
        "the dividend of 2024-01-03 is paid in another currency than the prices are in"
    );
    // Prices from before and after a split make no bar together, unless that is asked for.
    for (adjust, high) in [("", 27.5), ("&adjust=none", 110.0)] {
        let answer = site
            .get(&format!("{bars}?points=1{adjust}"), &site.ann)
            .await;
        assert_eq!(answer.json()["bars"][0]["high"], high, "{}", answer.text);
    }
    let none = site.get(&format!("{bars}?points=0"), &site.ann).await;
    assert_eq!(none.status.as_u16(), 422, "{}", none.text);
    let intraday = site
        .get(&format!("{bars}?interval=1h&adjust=total"), &site.ann)
        .await;
    assert_eq!(intraday.status.as_u16(), 422);
    assert_eq!(
        site.texts("select string_agg(close::text, ' ' order by at) from market.bars_1d")
            .await,
        ["100 100 24 24"],
        "what was traded is not rewritten"
    );
    let exported = site
        .get(&format!("{bars}/export?from=2024-01-05"), &site.ann)
        .await;
    assert_eq!(
        exported.text,
        "time,open,high,low,close,adj close,volume\n2024-01-05,24,25,23,24,,40\n"
    );
}

#[tokio::test]
async fn a_full_disk_is_named_with_its_remedy_and_everything_goes_on_when_there_is_room() {
    let site = Site::new().await;
    let id = instrument(&site, "ACME", "").await;
    site.as_owner(
        "create function public.no_room() returns trigger language plpgsql as $$
         begin
             raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
         end $$;
         create trigger no_room before insert on market.bars_1d execute function public.no_room()",
    )
    .await;
    let (path, csv) = (
        "/api/v1/market/bars?symbol=ACME",
        "date,close\n2024-01-02,1\n",
    );
    let answer = site.post_csv(path, &site.owner, csv).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.problem()),
        (503, "disk-full")
    );
    assert!(answer.text.contains("free or add space"), "{}", answer.text);
    assert_eq!(answer.headers["retry-after"], "60");
    let bars = format!("/api/v1/market/instruments/{id}/bars");
    assert_eq!(
        site.get(&bars, &site.ann).await.status.as_u16(),
        200,
        "reading goes on"
    );
    site.as_owner("drop trigger no_room on market.bars_1d")
        .await;
    assert_eq!(
        site.post_csv(path, &site.owner, csv).await.json()["imported"],
        1
    );
}

#[tokio::test]
async fn no_tick_is_lost_with_a_day_that_is_being_dropped() {
    let site = Site::new().await;
    let (old, late) = (
        instrument(&site, "OLD", "").await,
        instrument(&site, "LATE", "").await,
    );
    let tick = |price: f64| Tick {
        at: at("2024-03-04T10:00:10Z"),
        sequence: 1,
        price,
        volume: Some(1.0),
        bid: None,
        ask: None,
    };
    let mut tx = site.db().system("test").await.unwrap();
    ticks::ingest(&mut tx, "test", &[(old, tick(1.0))])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    roll_up(&site).await;
    // Those ahead are there, so that upkeep waits for nothing else.
    site.change(
        "select platform.ensure_partition('market.ticks', day)
         from generate_series('2024-03-24T00:00:00Z'::timestamptz, '2024-04-02T00:00:00Z', interval '1 day') as day",
    )
    .await;
    // Written, and not committed while the day is about to go.
    let mut tx = site.db().system("test").await.unwrap();
    ticks::ingest(&mut tx, "test", &[(late, tick(2.0))])
        .await
        .unwrap();
    let db = site.db();
    let committed = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        tx.commit().await.unwrap();
    };
    let upkeep = lifetimes::keep(&db, at("2024-03-25T00:00:00Z"));
    let (kept, ()) = tokio::join!(upkeep, committed);
    let kept = kept.unwrap();
    assert_eq!(kept.postponed, ["ticks of 2024-03-04"], "{kept:?}");
    roll_up(&site).await;
    assert_eq!(
        stored(&site, late, Interval::Minute).await,
        ["2024-03-04T10:00:00Z 2 2 2 2 1"]
    );
}

#[tokio::test]
async fn quarters_of_an_hour_of_a_month_that_is_gone_are_refused_as_such() {
    let site = Site::new().await;
    let id = instrument(&site, "ACME", "").await;
    let csv =
        "time,close\n2024-01-31T23:45:00Z,1\n2024-02-01T00:00:00Z,2\n2024-03-04T10:00:00Z,3\n";
    let door = "/api/v1/market/bars?interval=15m&symbol=ACME";
    lifetimes::keep(&site.db(), at("2024-03-05T00:00:00Z"))
        .await
        .unwrap();
    let report = site.post_csv(door, &site.owner, csv).await.json();
    assert_eq!(report["imported"], 2, "{report}");
    let refused = &report["rejected"][0];
    assert_eq!(
        (&refused["line"], &refused["code"]),
        (&json!(2), &json!("expired"))
    );
    let late = [(id, bar("2024-01-15T10:00:00Z", [1.0, 1.0, 1.0, 1.0], 1.0))];
    let done = ingest(&site, Interval::QuarterHour, "test", &late).await;
    assert_eq!((done.inserted, done.expired), (0, 1));
    assert_eq!(stored(&site, id, Interval::QuarterHour).await.len(), 2);
}
