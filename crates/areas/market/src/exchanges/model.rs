use calendar::Calendar;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;

/// Days of which sessions are listed at once.
const LONGEST_SPAN_DAYS: i32 = 400;

/// A market on which instruments are traded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Exchange {
    /// Its operating code of ISO 10383.
    pub mic: String,
    /// The code that people use.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where it stands, by ISO 3166.
    pub country: String,
    /// IANA's name of its time zone.
    pub time_zone: String,
    /// The currency of most of its prices.
    pub currency: String,
    /// The calendar of its sessions; `null` where none is known.
    pub calendar: Option<String>,
    /// Other words for it in files of brokers and sources.
    pub aliases: Vec<String>,
}

/// What holds for an exchange without a calendar.
pub(super) const WITHOUT_CALENDAR: &str =
    "no trading calendar: treated as open around the clock on weekdays";

impl Exchange {
    /// Its calendar.
    pub fn calendar(&self) -> Result<Calendar, Error> {
        let code = self.calendar.as_deref();
        code.and_then(Calendar::get)
            .ok_or_else(|| Error::NoCalendar {
                mic: self.mic.clone(),
            })
    }
}

/// Refuses what would be no days or too many.
pub(super) fn checked_span(from: Date, to: Date) -> Result<(Date, Date), Error> {
    let days = from.until(to).map_or(-1, |span| span.get_days());
    if (0..LONGEST_SPAN_DAYS).contains(&days) {
        Ok((from, to))
    } else {
        Err(Error::Span { from, to })
    }
}
