//! What is asked for, and what is known before the answer comes.

use db::SystemTx;
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::json;
use sources::{Bar, ProviderId, Request};

use super::{Candidate, Key, RefreshError, store};
use crate::{
    AssetClass, InstrumentId,
    bars::{self, Interval},
    corporate_actions,
    feeds::{Freshness, want::Want},
    indices,
    quality::{self, Kind},
    quotes,
};

/// Days before the last bar that are asked for again: sources correct themselves.
const AGAIN: i32 = 7;
/// How far back is asked for an instrument without bars.
const BACKFILL_YEARS: i32 = 5;
/// Bars of minutes are there for so many days at most sources.
const MINUTES_BACK: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Minutes of an hour are asked for again.
const MINUTES_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// What longer intraday bars are asked for once: sixty days are there at most sources.
const LONGER_BACK: SignedDuration = SignedDuration::from_hours(59 * 24);
/// Intraday bars that new ones are compared with, by time: several sessions, so that a usual beginning is seen.
const COMPARED_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// At most so many: seven days of minutes round the clock.
const COMPARED_INTRADAY: i64 = 10_080;

pub(super) struct Plan {
    pub(super) of: Freshness,
    pub(super) want: Want,
    /// First and last day of days.
    pub(super) from: Date,
    pub(super) to: Date,
    /// Span of what is shorter; the end is excluded.
    pub(super) span: (Timestamp, Timestamp),
    /// What new values are compared with, the oldest first; of what has no bars the last price alone.
    pub(super) before: Vec<Bar>,
    /// The last bars that are there, those that are asked for again included.
    pub(super) there: Vec<Bar>,
    /// Doubtful bars that a person has accepted, in the span that is asked for.
    pub(super) accepted: Vec<Bar>,
    /// Days on which a corporate action explains a gap.
    pub(super) explained: Vec<Date>,
}

impl Plan {
    pub(super) async fn make(
        tx: &mut SystemTx,
        now: Timestamp,
        id: InstrumentId,
        want: Want,
    ) -> Result<Self, RefreshError> {
        let scope = store::Scope {
            only: Some(id),
            ..store::Scope::default()
        };
        let of = store::freshness(tx, scope, 1).await?.into_iter().next();
        let of = of.ok_or(RefreshError::NotFound)?;
        let today = TimeZone::UTC.to_datetime(now).date();
        let actions = corporate_actions::of_instruments(tx.conn(), &[id]).await?;
        let explained = actions.into_iter().map(|action| action.terms.ex_date);
        let mut plan = Self {
            of,
            want,
            from: today,
            to: today,
            span: (now, now),
            before: Vec::new(),
            there: Vec::new(),
            accepted: Vec::new(),
            explained: explained.collect(),
        };
        match want {
            Want::Bars(Interval::Day) => plan.daily(tx, now, today).await?,
            Want::Bars(interval) => plan.intraday(tx, now, interval).await?,
            Want::Quote | Want::OptionChain => plan.before = last_price(tx, id, today).await?,
            Want::IndexValues => plan.index_values(tx, today).await?,
            Want::Fundamentals => {}
        }
        Ok(plan)
    }

    async fn daily(
        &mut self,
        tx: &mut SystemTx,
        now: Timestamp,
        today: Date,
    ) -> Result<(), RefreshError> {
        let of = &self.of;
        self.from = match of.last_day {
            // A made-up series goes on where it ended.
            Some(day) if of.is_simulated => day,
            Some(day) => day.saturating_sub(AGAIN.days()),
            None => today.saturating_sub(BACKFILL_YEARS.years()),
        };
        let before = if of.is_simulated {
            self.from.saturating_add(1.day())
        } else {
            self.from
        };
        self.to = of.expected_day(now).max(self.from);
        self.before = store::list_before(tx, of.id, before, quality::COMPARED).await?;
        let tomorrow = today.saturating_add(1.day());
        self.there = store::list_before(tx, of.id, tomorrow, quality::COMPARED).await?;
        let (kind, since) = (Kind::Bar(Interval::Day), bars::midnight(self.from));
        self.accepted = quality::store::list_accepted(tx, of.id, kind, since).await?;
        Ok(())
    }

    async fn intraday(
        &mut self,
        tx: &mut SystemTx,
        now: Timestamp,
        interval: Interval,
    ) -> Result<(), RefreshError> {
        let ago = |span: SignedDuration| now.saturating_sub(span).unwrap_or(now);
        let id = self.of.id;
        let back = ago(COMPARED_SPAN);
        self.there = bars::between(tx.conn(), id, interval, back, now, COMPARED_INTRADAY)
            .await?
            .into_iter()
            .map(Bar::from)
            .collect();
        self.span = if interval == Interval::Minute {
            let again = |last: &Bar| last.at.saturating_sub(MINUTES_AGAIN).unwrap_or(last.at);
            let first = self.there.last().map(again);
            (
                first
                    .unwrap_or_else(|| ago(MINUTES_BACK))
                    .max(ago(MINUTES_BACK)),
                now,
            )
        } else {
            // What is later is rolled up from minutes.
            let to = Interval::Day.floor(ago(MINUTES_BACK));
            // From a midnight: no hour is put together from a part of it.
            (Interval::Day.floor(ago(LONGER_BACK)), to)
        };
        let from = self.span.0;
        let kind = Kind::Bar(interval);
        self.accepted = quality::store::list_accepted(tx, self.of.id, kind, from).await?;
        self.before = self
            .there
            .iter()
            .filter(|bar| bar.at < from)
            .copied()
            .collect();
        Ok(())
    }

    async fn index_values(&mut self, tx: &mut SystemTx, today: Date) -> Result<(), RefreshError> {
        let values = indices::recent(tx.conn(), self.of.id, quality::COMPARED).await?;
        self.there = values
            .iter()
            .rev()
            .map(|value| Bar::flat(value.at, value.value))
            .collect();
        let last = self.there.last();
        let last = last.map(|bar| TimeZone::UTC.to_datetime(bar.at).date());
        self.from = last.map_or_else(
            || today.saturating_sub(BACKFILL_YEARS.years()),
            |day| day.saturating_sub(AGAIN.days()),
        );
        let from = bars::midnight(self.from);
        self.before = self
            .there
            .iter()
            .filter(|bar| bar.at < from)
            .copied()
            .collect();
        Ok(())
    }

    /// Whether the daily bar of a session that is over is not there: what is cached does not help then.
    pub(super) fn is_behind(&self, now: Timestamp) -> bool {
        self.want == Want::Bars(Interval::Day) && self.of.is_behind(now)
    }

    /// The length of the bars that a provider is asked for. Some count the hours of a session from its opening;
    /// of them quarters of an hour are wanted, which lie on the clock, and put together.
    pub(super) fn asked_of(&self, provider: ProviderId, interval: Interval) -> Interval {
        let has_sessions = !matches!(self.of.asset_class, AssetClass::Crypto | AssetClass::Forex);
        let counts_from_opening = matches!(provider, ProviderId::Yahoo | ProviderId::TwelveData);
        if interval == Interval::Hour && has_sessions && counts_from_opening {
            Interval::QuarterHour
        } else {
            interval
        }
    }

    /// The request to a provider, in its spelling.
    pub(super) fn request(&self, provider: ProviderId, symbol: String) -> Request {
        let (from, to) = (self.from, self.to);
        match self.want {
            Want::Bars(interval) => match intraday_length(self.asked_of(provider, interval)) {
                None => Request::DailyBars { symbol, from, to },
                Some(interval) => {
                    let (from, to) = self.span;
                    Request::IntradayBars {
                        symbol,
                        interval,
                        from,
                        to,
                    }
                }
            },
            Want::Quote => Request::Quote { symbol },
            Want::OptionChain => Request::Chain {
                symbol,
                expires_on: None,
            },
            Want::Fundamentals => Request::Fundamentals { symbol },
            Want::IndexValues => Request::Series {
                id: symbol,
                from,
                to,
            },
        }
    }

    /// The request for the log, without a spelling.
    pub(super) fn logged(&self, provider: ProviderId) -> Request {
        self.request(provider, self.of.symbol.clone())
    }

    /// What the answer is kept under. Where all are asked each has its own.
    pub(super) fn key(&self, candidates: &[Candidate]) -> Key {
        let parameters = match self.want {
            Want::Bars(interval) => Some(json!({ "interval": interval.as_str() })),
            want if want.asks_everybody() => candidates
                .first()
                .map(|candidate| json!({ "source": candidate.id.as_str() })),
            _ => None,
        };
        Key {
            ticker: self.of.symbol.clone(),
            instrument_id: Some(self.of.id),
            data_type: self.want.data_type(),
            parameters,
        }
    }
}

fn intraday_length(interval: Interval) -> Option<sources::Interval> {
    match interval {
        Interval::Minute => Some(sources::Interval::Minute),
        Interval::FiveMinutes => Some(sources::Interval::FiveMinutes),
        Interval::QuarterHour => Some(sources::Interval::QuarterHour),
        Interval::Hour => Some(sources::Interval::Hour),
        Interval::Day => None,
    }
}

/// The quote or the daily close, whichever is later.
async fn last_price(
    tx: &mut SystemTx,
    id: InstrumentId,
    today: Date,
) -> Result<Vec<Bar>, RefreshError> {
    let tomorrow = today.saturating_add(1.day());
    let daily = store::list_before(tx, id, tomorrow, 1).await?;
    let quote = quotes::latest(tx.conn(), &[id]).await?;
    let quote = quote.first().map(|quote| Bar::flat(quote.at, quote.price));
    let last = daily.into_iter().chain(quote).max_by_key(|bar| bar.at);
    Ok(last.into_iter().collect())
}
