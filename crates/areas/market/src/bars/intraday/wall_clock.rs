//! Times of a file that names no zone. In autumn the clock shows an hour twice, in spring it leaves one out. Which
//! of the two hours is meant follows from the order of the lines of an instrument: a file goes on in time, or back.

use std::cmp::Ordering;

use jiff::{Timestamp, civil::DateTime, tz::AmbiguousOffset, tz::TimeZone};

/// Why a time of the clock is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoInstant {
    /// The clock was put forward over it.
    Skipped,
    /// The clock showed it twice, and the file does not tell which of the two is meant.
    Ambiguous,
    /// Outside of what a calendar can tell.
    OutOfRange,
}

/// What the lines of an instrument have shown so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WallClock {
    last: Option<Timestamp>,
    goes_on: bool,
    goes_back: bool,
}

impl WallClock {
    /// The instant of a line. Lines are read in the order of the file.
    pub(super) fn read(&mut self, at: DateTime, zone: &TimeZone) -> Result<Timestamp, NoInstant> {
        let time =
            |offset: jiff::tz::Offset| offset.to_timestamp(at).map_err(|_| NoInstant::OutOfRange);
        let found = match zone.to_ambiguous_timestamp(at).offset() {
            AmbiguousOffset::Unambiguous { offset } => time(offset)?,
            AmbiguousOffset::Gap { .. } => return Err(NoInstant::Skipped),
            AmbiguousOffset::Fold { before, after } => self.choose(time(before)?, time(after)?)?,
        };
        self.note(found);
        Ok(found)
    }

    fn note(&mut self, at: Timestamp) {
        match self.last.map(|last| at.cmp(&last)) {
            Some(Ordering::Greater) => self.goes_on = true,
            Some(Ordering::Less) => self.goes_back = true,
            Some(Ordering::Equal) | None => {}
        }
        self.last = Some(at);
    }

    /// The first of the two that goes on in the direction of the file.
    fn choose(&self, first: Timestamp, second: Timestamp) -> Result<Timestamp, NoInstant> {
        let Some(last) = self.last else {
            return Ok(first);
        };
        let found = match (self.goes_on, self.goes_back) {
            (true, true) => None,
            (_, false) => [first, second].into_iter().find(|at| *at > last),
            (false, true) => [second, first].into_iter().find(|at| *at < last),
        };
        found.ok_or(NoInstant::Ambiguous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(times: &[&str]) -> Vec<String> {
        let zone = TimeZone::get("America/New_York").unwrap();
        let mut clock = WallClock::default();
        times
            .iter()
            .map(|time| match clock.read(time.parse().unwrap(), &zone) {
                Ok(at) => at.to_string(),
                Err(why) => format!("{why:?}"),
            })
            .collect()
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_apart_by_the_order_of_the_lines() {
        let forth = [
            "2025-11-02T00:30",
            "2025-11-02T01:00",
            "2025-11-02T01:30",
            "2025-11-02T01:00",
            "2025-11-02T01:30",
            "2025-11-02T02:00",
        ];
        let mut instants = [
            "2025-11-02T04:30:00Z",
            "2025-11-02T05:00:00Z",
            "2025-11-02T05:30:00Z",
            "2025-11-02T06:00:00Z",
            "2025-11-02T06:30:00Z",
            "2025-11-02T07:00:00Z",
        ];
        assert_eq!(read(&forth), instants);
        let mut back = forth;
        back.reverse();
        instants.reverse();
        // Two lines show that the file goes back.
        let later = ["2025-11-02T03:00"];
        let with_later: Vec<&str> = later.into_iter().chain(back).collect();
        assert_eq!(read(&with_later)[1..], instants);
    }

    #[test]
    fn what_cannot_be_told_is_no_instant() {
        assert_eq!(
            read(&["2025-11-02T01:00", "2025-11-02T01:00", "2025-11-02T01:00"]),
            ["2025-11-02T05:00:00Z", "2025-11-02T06:00:00Z", "Ambiguous"]
        );
        let jumbled = ["2025-11-01T10:00", "2025-10-31T10:00", "2025-11-01T12:00"];
        let jumbled: Vec<&str> = jumbled.into_iter().chain(["2025-11-02T01:00"]).collect();
        assert_eq!(read(&jumbled)[3], "Ambiguous");
        assert_eq!(
            read(&["2025-03-09T01:59", "2025-03-09T02:00", "2025-03-09T03:00"]),
            ["2025-03-09T06:59:00Z", "Skipped", "2025-03-09T07:00:00Z"]
        );
    }
}
