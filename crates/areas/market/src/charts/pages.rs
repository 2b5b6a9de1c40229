use jiff::civil::Date;
use ledger::TransactionKind;
use maud::{Markup, html};
use web::{
    Chrome,
    components::{self as c, BarMark, BarSeries, Candle, Drawing, MarkKind, Overlay},
    format,
};

use super::{
    OwnTrade,
    model::{Indicator, Options, Period},
    service::{Group, History, Picture, picture},
};
use crate::{
    CorporateAction, Instrument,
    bars::{Interval, adjusted::Adjust},
};

/// Words below the time axis at most.
const MOST_TICKS: usize = 8;

/// What the chart of an instrument is made of.
pub(crate) struct Chart<'c> {
    pub(crate) chrome: &'c Chrome,
    pub(crate) instrument: &'c Instrument,
    pub(crate) options: &'c Options,
    pub(crate) history: &'c History,
    pub(crate) actions: &'c [CorporateAction],
    pub(crate) trades: &'c [OwnTrade],
}

/// The chart with what can be chosen about it, all of it in the address.
pub(crate) fn card(chart: &Chart<'_>) -> Markup {
    let page = format!("/market/instruments/{}", chart.instrument.id);
    let options = chart.options;
    let periods = Period::ALL.map(|period| (period.as_str(), period.label()));
    let selector = c::period_selector(chart.chrome, options.period.as_str(), &periods, |key| {
        let period = Period::ALL.into_iter().find(|one| one.as_str() == key);
        let other = Options {
            period: period.unwrap_or(options.period),
            ..options.clone()
        };
        other.href(&page)
    });
    let picture = picture(chart.history, options);
    let body = html! {
        (choices(options, &page))
        (c::bar_chart(chart.chrome, "price", &series(chart, &picture)))
        (remarks(chart, &picture))
    };
    c::card_with("Price", selector, body)
}

fn choices(options: &Options, page: &str) -> Markup {
    let with = |other: Options| other.href(page);
    let drawings = [
        ("Candles", Drawing::Candles),
        ("OHLC bars", Drawing::Ohlc),
        ("Line", Drawing::Line),
        ("Area", Drawing::Area),
    ];
    let drawings = drawings.map(|(word, drawing)| {
        let href = with(Options {
            drawing,
            ..options.clone()
        });
        (word, href, options.drawing == drawing)
    });
    let scales = [("Linear", false), ("Log", true)].map(|(word, is_log)| {
        let href = with(Options {
            is_log,
            ..options.clone()
        });
        (word, href, options.is_log == is_log)
    });
    let adjusts = Adjust::ALL.map(|adjust| {
        let href = with(Options {
            adjust,
            ..options.clone()
        });
        (adjust.label(), href, options.adjust == adjust)
    });
    let indicators = Indicator::ALL.map(|one| {
        let is_chosen = options.indicators.contains(&one);
        (one.label(), with(options.toggled(one)), is_chosen)
    });
    html! {
        div.chart-choices {
            (c::choice_links("Drawn as", &drawings))
            (c::choice_links("Scale", &scales))
            (c::choice_links("Adjusted for", &adjusts))
            (c::choice_links("Indicators, each on or off", &indicators))
        }
    }
}

fn series(chart: &Chart<'_>, picture: &Picture) -> BarSeries {
    let groups = &picture.groups;
    let overlay = |(indicator, values): &(Indicator, Vec<Option<f64>>)| Overlay {
        name: indicator.label().to_owned(),
        style: Indicator::ALL
            .iter()
            .zip(1..)
            .find_map(|(one, style)| (one == indicator).then_some(style))
            .unwrap_or(1),
        values: values.clone(),
    };
    let candles = groups.iter().map(|group| Candle {
        open: group.prices.open,
        high: group.prices.high,
        low: group.prices.low,
        close: group.prices.close,
        volume: group.prices.volume,
    });
    let is_daily = chart.history.interval == Interval::Day;
    BarSeries {
        summary: summary(chart, picture),
        labels: groups.iter().map(|group| label(chart, group)).collect(),
        ticks: ticks(chart, groups),
        bars: candles.collect(),
        drawing: chart.options.drawing,
        is_log: chart.options.is_log,
        currency: chart.instrument.currency,
        overlays: picture.lines.iter().map(overlay).collect(),
        band: picture
            .band
            .clone()
            .map(|band| (Indicator::Bollinger.label().to_owned(), band)),
        oscillator: picture
            .strength
            .clone()
            .map(|line| (Indicator::Rsi.label().to_owned(), line)),
        marks: marks(chart, groups),
        table_href: is_daily
            .then(|| format!("/market/instruments/{}/bars.csv", chart.instrument.id)),
    }
}

fn summary(chart: &Chart<'_>, picture: &Picture) -> String {
    let drawn = match chart.options.drawing {
        Drawing::Candles => "candles",
        Drawing::Ohlc => "bars of open, high, low and close",
        Drawing::Line | Drawing::Area => "a line",
    };
    let symbol = &chart.instrument.symbol;
    match (picture.groups.first(), picture.groups.last()) {
        (Some(first), Some(last)) => format!(
            "Prices of {symbol} as {drawn}, {} to {}",
            format::date(&chart.chrome.formats, first.first.day),
            format::date(&chart.chrome.formats, last.last.day)
        ),
        _ => format!("Prices of {symbol}"),
    }
}

fn label(chart: &Chart<'_>, group: &Group) -> String {
    let formats = &chart.chrome.formats;
    if chart.history.interval != Interval::Day {
        return format::instant(formats, group.first.at);
    }
    let first = format::date(formats, group.first.day);
    if group.first.day == group.last.day {
        return first;
    }
    format!("{first} – {}", format::date(formats, group.last.day))
}

/// Where an hour, a day, a month or a year begins: the finest of which there are not too many.
fn ticks(chart: &Chart<'_>, groups: &[Group]) -> Vec<(usize, String)> {
    let formats = &chart.chrome.formats;
    let date = |group: &Group| format::date(formats, group.first.day);
    let hours = |every: i64| {
        move |group: &Group| {
            let zoned = group.first.at.to_zoned(formats.zone.clone());
            days_since_monday(zoned.date()) * 24 + i64::from(zoned.hour()) / every
        }
    };
    let is_daily = chart.history.interval == Interval::Day;
    if !is_daily {
        for every in [1, 2, 3, 4] {
            let found = changes(groups, hours(every));
            if (2..=MOST_TICKS).contains(&found.len()) {
                return worded(groups, &found, |group| {
                    format::time(formats, group.first.at)
                });
            }
        }
    }
    let months = |every: i64| {
        move |group: &Group| {
            let day = group.first.day;
            (i64::from(day.year()) * 12 + i64::from(day.month()) - 1) / every
        }
    };
    let day = |group: &Group| days_since_monday(group.first.day);
    let mut coarser = vec![
        changes(groups, day),
        changes(groups, |group| day(group).div_euclid(7)),
    ];
    coarser.extend([1, 3, 6].map(|every| changes(groups, months(every))));
    let fits = |found: &&Vec<usize>| (1..=MOST_TICKS).contains(&found.len());
    if let Some(found) = coarser.iter().find(fits) {
        return worded(groups, found, date);
    }
    let years = [1, 2, 5, 10, 20, 50].map(|every| changes(groups, months(12 * every)));
    let found = years.iter().find(fits);
    worded(groups, found.map_or(&[], Vec::as_slice), |group| {
        group.first.day.year().to_string()
    })
}

/// Days since a Monday long ago.
fn days_since_monday(day: Date) -> i64 {
    let monday = jiff::civil::date(1900, 1, 1);
    i64::from((day - monday).get_days())
}

fn changes(groups: &[Group], key: impl Fn(&Group) -> i64) -> Vec<usize> {
    let pairs = groups.iter().zip(groups.iter().skip(1)).zip(1..);
    let changed = pairs.filter(|((before, group), _)| key(before) != key(group));
    changed.map(|(_, place)| place).collect()
}

fn worded(
    groups: &[Group],
    places: &[usize],
    word: impl Fn(&Group) -> String,
) -> Vec<(usize, String)> {
    let at = |place: &usize| Some((*place, word(groups.get(*place)?)));
    places.iter().filter_map(at).collect()
}

fn marks(chart: &Chart<'_>, groups: &[Group]) -> Vec<BarMark> {
    let of_action = |action: &CorporateAction| {
        let kind = match action.terms.kind {
            TransactionKind::Split | TransactionKind::StockDividend => MarkKind::Split,
            TransactionKind::Dividend | TransactionKind::ReturnOfCapital => MarkKind::Dividend,
            _ => return None,
        };
        Some(BarMark {
            index: place(groups, action.terms.ex_date)?,
            kind,
            label: action.terms_text(),
            href: None,
        })
    };
    let of_trade = |trade: &OwnTrade| {
        Some(BarMark {
            index: place(groups, trade.date)?,
            kind: if trade.is_purchase {
                MarkKind::Buy
            } else {
                MarkKind::Sell
            },
            label: trade.label.clone(),
            href: Some(trade.href.clone()),
        })
    };
    let actions = chart.actions.iter().filter(|action| !action.is_withdrawn);
    let mut marks: Vec<BarMark> = actions.filter_map(of_action).collect();
    marks.extend(chart.trades.iter().filter_map(of_trade));
    marks.sort_by_key(|mark| mark.index);
    marks
}

/// The group in which a day lies, or the next one with a price.
fn place(groups: &[Group], day: Date) -> Option<usize> {
    let index = groups.partition_point(|group| group.last.day < day);
    let is_within = groups.first().is_some_and(|first| first.first.day <= day);
    (is_within && index < groups.len()).then_some(index)
}

/// What one candle spans, what was adjusted for, and for what it could not be.
fn remarks(chart: &Chart<'_>, picture: &Picture) -> Markup {
    if picture.groups.is_empty() {
        return html! {};
    }
    let span = span_text(chart.history.interval, picture.size);
    let wanted = !chart.options.period.intervals().is_empty();
    html! {
        p.hint {
            @match chart.options.drawing {
                Drawing::Candles => { "Each candle spans " (span) ". " }
                Drawing::Ohlc => { "Each bar spans " (span) ". " }
                Drawing::Line | Drawing::Area if picture.size == 1 => { "Each point spans " (span) ". " }
                Drawing::Line | Drawing::Area => {
                    "Each point is the close that shapes the line most of up to " (span) ". "
                }
            }
            @if wanted && chart.history.interval == Interval::Day {
                "Prices within the days of this period are not stored. "
            }
            @match chart.options.adjust {
                Adjust::None => "Prices are as they were traded.",
                Adjust::Splits => "Prices are adjusted for later splits.",
                Adjust::Total => "Prices are adjusted for later splits and dividends.",
            }
        }
        @if !chart.history.findings.is_empty() {
            p.hint { "Not adjusted for: " (chart.history.findings.join("; ")) "." }
        }
    }
}

fn span_text(interval: Interval, size: usize) -> String {
    let (minutes, one, many) = match interval {
        Interval::Minute => (1, "minute", "minutes"),
        Interval::FiveMinutes => (5, "minute", "minutes"),
        Interval::QuarterHour => (15, "minute", "minutes"),
        Interval::Hour => (1, "hour", "hours"),
        Interval::Day => (1, "trading day", "trading days"),
    };
    let count = minutes * size;
    match (size, count) {
        (1, 1) => format!("one {one}"),
        (1, _) => format!("{count} {many}"),
        _ => format!("up to {count} {many}"),
    }
}

/// The words of the chart's address are tested with the model; here, where things stand.
#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date};
    use series::Ohlc;

    use super::{super::service::Shown, *};

    fn group(first: Date, last: Date) -> Group {
        let shown = |day| Shown {
            at: Timestamp::UNIX_EPOCH,
            day,
            prices: Ohlc {
                open: 1.0,
                high: 1.0,
                low: 1.0,
                close: 1.0,
                volume: None,
            },
        };
        Group {
            prices: shown(first).prices,
            first: shown(first),
            last: shown(last),
        }
    }

    #[test]
    fn an_event_stands_in_the_bar_of_its_day_or_in_the_next_one() {
        let groups = [
            group(date(2024, 5, 6), date(2024, 5, 8)),
            group(date(2024, 5, 10), date(2024, 5, 13)),
        ];
        assert_eq!(place(&groups, date(2024, 5, 8)), Some(0));
        assert_eq!(
            place(&groups, date(2024, 5, 9)),
            Some(1),
            "a day without prices"
        );
        assert_eq!(place(&groups, date(2024, 5, 5)), None);
        assert_eq!(place(&groups, date(2024, 5, 14)), None);
    }

    #[test]
    fn spans_are_said_in_words() {
        assert_eq!(span_text(Interval::Day, 1), "one trading day");
        assert_eq!(span_text(Interval::FiveMinutes, 1), "5 minutes");
        assert_eq!(span_text(Interval::FiveMinutes, 3), "up to 15 minutes");
    }
}
