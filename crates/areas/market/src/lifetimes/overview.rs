//! What is kept, and what the upkeep did last: for the operator's page, the API and the doctor.

use db::{Db, Fact, FactState};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;

/// How far ahead partitions have to be there. The upkeep makes them a week ahead, so there is time to look
/// after an upkeep that has stopped.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);
/// After this a daily task is late.
const LATE: SignedDuration = SignedDuration::from_hours(50);

/// What is kept of bars and ticks, and what was done about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Overview {
    /// The tables of bars and ticks.
    pub(crate) tables: Vec<Stored>,
    /// The tasks of the upkeep, each as it ran last.
    pub(crate) tasks: Vec<Task>,
    /// What has lost its details by age.
    pub(crate) dropped: Vec<Dropped>,
    /// Minutes whose ticks, and hours whose minutes, wait to be computed.
    pub(crate) waiting: Waiting,
}

/// A table of bars or ticks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stored {
    /// Its name.
    pub(crate) name: String,
    /// What one partition or chunk spans; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<String>,
    /// Partitions or chunks there are.
    pub(crate) partitions: i64,
    /// Rows, as the server counted them last.
    pub(crate) rows_about: i64,
    /// Space on disk, with indexes.
    pub(crate) bytes: i64,
    /// Whether the day after tomorrow can be written without making a partition first; of a hypertable always.
    pub(crate) is_ahead: bool,
    /// Whether it is a hypertable of TimescaleDB, whose chunks come by themselves, instead of partitions.
    pub(crate) is_hypertable: bool,
}

/// One task of the upkeep.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Task {
    /// Its name: `ahead`, `pack`, `drop_1m`, `drop_15m` or `drop_ticks`.
    pub(crate) name: String,
    /// When it ran last.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) ran_at: Timestamp,
    /// Partitions or rows that it was about.
    pub(crate) done: i64,
    /// Why something had to stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<String>,
}

/// Days of instruments that have lost their minutes or ticks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dropped {
    /// `1m` or `ticks`.
    pub(crate) kind: String,
    /// Days, counted for each instrument.
    pub(crate) days: i64,
    /// When the last of them did.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_at: Timestamp,
}

/// What is marked to be computed.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Waiting {
    /// Minutes whose ticks have changed.
    pub(crate) minutes: i64,
    /// Hours whose minutes have changed.
    pub(crate) hours: i64,
}

pub(crate) async fn overview(db: &Db, now: Timestamp) -> db::Result<Overview> {
    let mut tx = db.system("look at what is kept of bars").await?;
    Ok(Overview {
        tables: store::stored(&mut tx, now + AHEAD).await?,
        tasks: store::tasks(&mut tx).await?,
        dropped: store::dropped(&mut tx).await?,
        waiting: store::waiting(&mut tx).await?,
    })
}

/// Whether the upkeep of bars does its work: for the doctor.
pub async fn fact(db: &Db, now: Timestamp) -> Fact {
    match overview(db, now).await {
        Ok(overview) => judge(&overview, now),
        Err(error) => Fact {
            name: "market.partitions",
            state: FactState::Doubtful,
            text: format!("whether bars and ticks have partitions ahead is not known: {error}"),
        },
    }
}

fn judge(overview: &Overview, now: Timestamp) -> Fact {
    let missing: Vec<&str> = overview
        .tables
        .iter()
        .filter(|table| !table.is_ahead)
        .map(|table| table.name.as_str())
        .collect();
    let last = overview.tasks.iter().find(|task| task.name == "ahead");
    let (state, text) = match last {
        None => (
            FactState::Good,
            "the upkeep of bars has not run yet; it does within a day of the first start"
                .to_owned(),
        ),
        Some(last) if now.duration_since(last.ran_at) > LATE => (
            FactState::Doubtful,
            format!(
                "the upkeep of bars (job market.keep_bars) ran last at {}: nothing old is packed or \
                 dropped; see that a server runs, and what the log says of the job",
                last.ran_at
            ),
        ),
        Some(_) if !missing.is_empty() => (
            FactState::Doubtful,
            format!(
                "{} has no partition for the day after tomorrow; whoever writes makes it, more slowly: \
                 see what the log says of the job market.keep_bars",
                missing.join(", ")
            ),
        ),
        Some(last) => match overview.tasks.iter().find_map(|task| task.kept.as_deref()) {
            Some(why) => (
                FactState::Doubtful,
                format!("the next days are ready, but something old had to stay: {why}"),
            ),
            None if overview.tables.iter().any(|table| table.is_hypertable) => (
                FactState::Good,
                format!(
                    "bars and ticks are hypertables, whose chunks come by themselves; looked after at {}",
                    last.ran_at
                ),
            ),
            None => (
                FactState::Good,
                format!(
                    "bars and ticks have partitions ahead; looked after at {}",
                    last.ran_at
                ),
            ),
        },
    };
    Fact {
        name: "market.partitions",
        state,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overview(ran_at: &str, is_ahead: bool, kept: Option<&str>) -> Overview {
        Overview {
            tables: vec![Stored {
                name: "ticks".into(),
                step: Some("day".into()),
                partitions: 8,
                rows_about: 0,
                bytes: 0,
                is_ahead,
                is_hypertable: false,
            }],
            tasks: vec![Task {
                name: "ahead".into(),
                ran_at: ran_at.parse().unwrap(),
                done: 0,
                kept: kept.map(str::to_owned),
            }],
            dropped: Vec::new(),
            waiting: Waiting {
                minutes: 0,
                hours: 0,
            },
        }
    }

    #[test]
    fn an_upkeep_that_has_stopped_or_lags_behind_is_named() {
        let now: Timestamp = "2024-06-10T12:00:00Z".parse().unwrap();
        for (ran_at, is_ahead, kept, state, said) in [
            ("2024-06-10T00:00:00Z", true, None, FactState::Good, "ahead"),
            (
                "2024-06-01T00:00:00Z",
                true,
                None,
                FactState::Doubtful,
                "ran last at 2024-06-01",
            ),
            (
                "2024-06-10T00:00:00Z",
                false,
                None,
                FactState::Doubtful,
                "ticks has no partition",
            ),
            (
                "2024-06-10T00:00:00Z",
                true,
                Some("not yet computed"),
                FactState::Doubtful,
                "had to stay: not yet computed",
            ),
        ] {
            let fact = judge(&overview(ran_at, is_ahead, kept), now);
            assert_eq!(fact.state, state, "{}", fact.text);
            assert!(fact.text.contains(said), "{}", fact.text);
        }
    }

    #[test]
    fn hypertables_are_called_by_their_name() {
        let now: Timestamp = "2024-06-10T12:00:00Z".parse().unwrap();
        let mut overview = overview("2024-06-10T00:00:00Z", true, None);
        overview.tables[0].is_hypertable = true;
        let fact = judge(&overview, now);
        assert_eq!(fact.state, FactState::Good);
        assert!(fact.text.contains("are hypertables"), "{}", fact.text);
    }
}
