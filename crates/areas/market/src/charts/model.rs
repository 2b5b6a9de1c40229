use jiff::{ToSpan as _, civil::Date};
use serde::Deserialize;
use web::{ChartType, QueryString, components::Drawing};

use crate::bars::{Interval, adjusted::Adjust};

/// What the address of a page says about its chart. Words that are not known count as left out.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    period: Option<String>,
    kind: Option<String>,
    scale: Option<String>,
    adjust: Option<String>,
    /// Indicators, with commas between them.
    with: Option<String>,
}

/// A span of time that ends with the latest bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    Day,
    FiveDays,
    Month,
    Quarter,
    HalfYear,
    ThisYear,
    Year,
    FiveYears,
    All,
}

impl Period {
    pub(crate) const ALL: [Self; 9] = [
        Self::Day,
        Self::FiveDays,
        Self::Month,
        Self::Quarter,
        Self::HalfYear,
        Self::ThisYear,
        Self::Year,
        Self::FiveYears,
        Self::All,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Day => "1D",
            Self::FiveDays => "5D",
            Self::Month => "1M",
            Self::Quarter => "3M",
            Self::HalfYear => "6M",
            Self::ThisYear => "YTD",
            Self::Year => "1Y",
            Self::FiveYears => "5Y",
            Self::All => "ALL",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::All => "Max",
            other => other.as_str(),
        }
    }

    /// The first day, counted from the last one with a bar; `None` for all. Days with bars are counted
    /// where there are [`Period::sessions`].
    pub(super) fn first_day(self, last: Date) -> Option<Date> {
        match self {
            // Long enough for a holiday week around the days that are wanted.
            Self::Day => Some(last.saturating_sub(4.days())),
            Self::FiveDays => Some(last.saturating_sub(11.days())),
            Self::Month => Some(last.saturating_sub(1.month())),
            Self::Quarter => Some(last.saturating_sub(3.months())),
            Self::HalfYear => Some(last.saturating_sub(6.months())),
            Self::ThisYear => Some(last.first_of_year()),
            Self::Year => Some(last.saturating_sub(1.year())),
            Self::FiveYears => Some(last.saturating_sub(5.years())),
            Self::All => None,
        }
    }

    /// How many days with bars are meant, where it is they that count.
    pub(super) fn sessions(self) -> Option<usize> {
        match self {
            Self::Day => Some(1),
            Self::FiveDays => Some(5),
            _ => None,
        }
    }

    /// The intervals in which it is shown, the best first; daily bars where none of them is stored.
    pub(super) fn intervals(self) -> &'static [Interval] {
        match self {
            Self::Day => &[
                Interval::Minute,
                Interval::FiveMinutes,
                Interval::QuarterHour,
                Interval::Hour,
            ],
            Self::FiveDays => &[
                Interval::FiveMinutes,
                Interval::QuarterHour,
                Interval::Minute,
                Interval::Hour,
            ],
            Self::Month => &[Interval::Hour],
            _ => &[],
        }
    }
}

/// Something that is reckoned from closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indicator {
    Sma20,
    Sma50,
    Sma200,
    Ema20,
    Bollinger,
    Rsi,
}

impl Indicator {
    pub(super) const ALL: [Self; 6] = [
        Self::Sma20,
        Self::Sma50,
        Self::Sma200,
        Self::Ema20,
        Self::Bollinger,
        Self::Rsi,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sma20 => "sma20",
            Self::Sma50 => "sma50",
            Self::Sma200 => "sma200",
            Self::Ema20 => "ema20",
            Self::Bollinger => "bollinger",
            Self::Rsi => "rsi",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Sma20 => "SMA 20",
            Self::Sma50 => "SMA 50",
            Self::Sma200 => "SMA 200",
            Self::Ema20 => "EMA 20",
            Self::Bollinger => "Bollinger 20, 2",
            Self::Rsi => "RSI 14",
        }
    }
}

/// How the chart is to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) period: Period,
    pub(crate) drawing: Drawing,
    pub(crate) is_log: bool,
    pub(crate) adjust: Adjust,
    /// In the order of [`Indicator::ALL`].
    pub(crate) indicators: Vec<Indicator>,
}

pub(super) fn drawing_word(drawing: Drawing) -> &'static str {
    match drawing {
        Drawing::Candles => "candles",
        Drawing::Ohlc => "ohlc",
        Drawing::Line => "line",
        Drawing::Area => "area",
    }
}

impl Options {
    /// What is asked for; what is left out is as the person prefers it.
    pub(crate) fn new(asked: &Asked, period: &str, preferred: ChartType) -> Self {
        let of_word = |word: &str| Period::ALL.into_iter().find(|one| one.as_str() == word);
        let period = asked
            .period
            .as_deref()
            .and_then(of_word)
            .or_else(|| of_word(period));
        let drawings = [
            Drawing::Candles,
            Drawing::Ohlc,
            Drawing::Line,
            Drawing::Area,
        ];
        let drawing = asked.kind.as_deref();
        let drawing =
            drawing.and_then(|word| drawings.into_iter().find(|one| drawing_word(*one) == word));
        let adjust = asked.adjust.as_deref();
        let adjust =
            adjust.and_then(|word| Adjust::ALL.into_iter().find(|one| one.as_str() == word));
        let with: Vec<&str> = asked
            .with
            .as_deref()
            .unwrap_or_default()
            .split(',')
            .collect();
        Self {
            period: period.unwrap_or(Period::Year),
            drawing: drawing.unwrap_or(match preferred {
                ChartType::Candlestick => Drawing::Candles,
                ChartType::Bar => Drawing::Ohlc,
                ChartType::Line => Drawing::Line,
                ChartType::Area => Drawing::Area,
            }),
            is_log: asked.scale.as_deref() == Some("log"),
            adjust: adjust.unwrap_or(Adjust::Splits),
            indicators: Indicator::ALL
                .into_iter()
                .filter(|one| with.contains(&one.as_str()))
                .collect(),
        }
    }

    /// The address of a page with this chart; what is so by itself is left out.
    pub(super) fn href(&self, page: &str) -> String {
        let with: Vec<&str> = self.indicators.iter().map(|one| one.as_str()).collect();
        let mut query = QueryString::new();
        query.push("period", Some(self.period.as_str()));
        query.push("kind", Some(drawing_word(self.drawing)));
        query.push("scale", self.is_log.then_some("log"));
        let is_usual = self.adjust == Adjust::Splits;
        query.push("adjust", (!is_usual).then_some(self.adjust.as_str()));
        query.push("with", (!with.is_empty()).then(|| with.join(",")));
        format!("{page}{}", query.finish())
    }

    /// The same with or without an indicator.
    pub(super) fn toggled(&self, indicator: Indicator) -> Self {
        let had = self.indicators.contains(&indicator);
        let mut other = self.clone();
        other.indicators = Indicator::ALL
            .into_iter()
            .filter(|one| {
                if *one == indicator {
                    !had
                } else {
                    self.indicators.contains(one)
                }
            })
            .collect();
        other
    }
}

#[cfg(test)]
mod tests {
    use identity::preferences::ChartTimeframe;
    use jiff::civil::date;
    use web::Choice as _;

    use super::*;

    #[test]
    fn every_timeframe_that_can_be_preferred_is_a_period() {
        for word in ChartTimeframe::ALL.iter().map(|one| one.as_str()) {
            let options = Options::new(&Asked::default(), word, ChartType::Candlestick);
            assert_eq!(options.period.as_str(), word);
        }
    }

    #[test]
    fn an_address_says_what_it_was_made_from_and_unknown_words_count_as_left_out() {
        let asked = Asked {
            period: Some("5D".into()),
            kind: Some("line".into()),
            scale: Some("log".into()),
            adjust: Some("total".into()),
            with: Some("rsi,sma20,nonsense".into()),
        };
        let options = Options::new(&asked, "1Y", ChartType::Area);
        assert_eq!(
            options.href("/page"),
            "/page?period=5D&kind=line&scale=log&adjust=total&with=sma20%2Crsi"
        );
        let odd = Asked {
            period: Some("7X".into()),
            kind: Some("pie".into()),
            adjust: Some("x".into()),
            ..Asked::default()
        };
        let options = Options::new(&odd, "1Y", ChartType::Line);
        assert_eq!(
            (options.period, options.drawing),
            (Period::Year, Drawing::Line)
        );
        assert_eq!(options.adjust, Adjust::Splits);
        assert_eq!(
            options.toggled(Indicator::Rsi).toggled(Indicator::Rsi),
            options
        );
    }

    #[test]
    fn every_kind_that_can_be_preferred_is_drawn_unless_the_address_names_another() {
        for (preferred, drawn, word) in [
            (ChartType::Candlestick, Drawing::Candles, "candles"),
            (ChartType::Bar, Drawing::Ohlc, "ohlc"),
            (ChartType::Line, Drawing::Line, "line"),
            (ChartType::Area, Drawing::Area, "area"),
        ] {
            let usual = Options::new(&Asked::default(), "1Y", preferred);
            assert_eq!(usual.drawing, drawn);
            let asked = Asked {
                kind: Some(word.into()),
                ..Asked::default()
            };
            let other = Options::new(&asked, "1Y", ChartType::Line);
            assert_eq!(other.drawing, drawn, "{word}");
            assert_eq!(other.href("/p"), format!("/p?period=1Y&kind={word}"));
        }
    }

    #[test]
    fn periods_end_with_the_last_bar() {
        let last = date(2024, 3, 31);
        assert_eq!(Period::Month.first_day(last), Some(date(2024, 2, 29)));
        assert_eq!(Period::ThisYear.first_day(last), Some(date(2024, 1, 1)));
        assert_eq!(Period::All.first_day(last), None);
    }
}
