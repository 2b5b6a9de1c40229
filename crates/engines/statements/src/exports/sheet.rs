//! A table whose columns are found by the names that a broker gives them.

use std::cell::{Cell, RefCell};

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    DecimalSeparator, Row, Statement, Unreadable, code,
    dates::{self, First, Moment, Order},
    draft::{self, Draft, product},
    model::Refusal,
    numbers::{self, Evidence, Style, is_blank},
    table::{Record, Table},
    text::shown,
    words::normalized,
};

/// Columns beyond these belong to no export; a line of millions of commas is no header.
const MOST_COLUMNS: usize = 200;

#[derive(Debug)]
pub(crate) struct Sheet {
    /// Names as in the file, for messages.
    titles: Vec<String>,
    /// Normalised names.
    names: Vec<String>,
    /// The distance from UTC that a header such as `Time(UTC+08:00)` states.
    offsets: Vec<Option<Offset>>,
    width: usize,
    records: Vec<Record>,
    style: Cell<Style>,
    /// The columns of numbers, where the file writes some with a decimal point and others with a
    /// decimal comma: then each line is read by its own.
    mixed: RefCell<Vec<usize>>,
    first: Cell<Option<First>>,
    pass: Pass,
    habits: RefCell<Habits>,
}

/// What the records of a whole file reveal about how it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Habits {
    numbers: Evidence,
    dates: Order,
    /// The first that was stated.
    currency: Option<Currency>,
    /// Records that other records need.
    kept: Vec<Record>,
}

/// What the records of a sheet are looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// They are the whole file: its habits, then its bookings.
    Whole,
    /// They are a part of it: habits alone.
    Habits,
    /// They are a part of it, whose habits are known.
    Bookings,
}

/// The names of a header as [`Sheet`] looks for them: normalised, without the zone in brackets.
pub(crate) fn column_names<'a>(header: impl Iterator<Item = &'a str>) -> Vec<String> {
    header
        .take(MOST_COLUMNS)
        .map(|name| normalized(zone(name).0))
        .collect()
}

/// A header without the zone in brackets, and the zone.
fn zone(name: &str) -> (&str, Option<Offset>) {
    let Some((before, after)) = name.split_once("(UTC") else {
        return (name, None);
    };
    let stated = after.trim_end_matches([')', ',', '"', ' ']);
    (before, offset(stated))
}

/// `+08:00`, `-5`, or nothing for UTC itself.
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return Some(Offset::UTC);
    }
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let hours: u8 = hours.parse().ok().filter(|hours| *hours <= 23)?;
    let minutes: u8 = minutes.parse().ok().filter(|minutes| *minutes <= 59)?;
    Offset::from_seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)).ok()
}

impl Sheet {
    pub(crate) fn new(table: Table) -> Self {
        Self::part(table, Pass::Whole, Habits::default())
    }

    /// A part of a file, with what its other parts have revealed.
    pub(crate) fn part(table: Table, pass: Pass, habits: Habits) -> Self {
        let raw = || table.names.iter().map(String::as_str);
        Self {
            names: column_names(raw()),
            offsets: raw().take(MOST_COLUMNS).map(|name| zone(name).1).collect(),
            width: table.names.len(),
            titles: table.names,
            records: table.records,
            style: Cell::new(Style::POINT),
            mixed: RefCell::new(Vec::new()),
            first: Cell::new(None),
            pass,
            habits: RefCell::new(habits),
        }
    }

    pub(crate) fn into_habits(self) -> Habits {
        self.habits.into_inner()
    }

    /// The place of the first of several names, separated by blanks, that is there.
    pub(crate) fn place(&self, names: &str) -> Option<usize> {
        names
            .split(' ')
            .find_map(|wanted| self.names.iter().position(|name| name == wanted))
    }

    /// What a message calls a column: its name in the file.
    fn title<'a>(&'a self, names: &'a str) -> &'a str {
        self.place(names)
            .and_then(|place| self.titles.get(place))
            .map_or_else(
                || names.split(' ').next().unwrap_or_default(),
                String::as_str,
            )
    }

    pub(crate) fn has(&self, names: &str) -> bool {
        self.place(names).is_some()
    }

    /// Finds out from all values of these columns what separates decimals.
    pub(crate) fn learn_numbers(&self, columns: &[&str]) {
        self.learn_numbers_at(columns.iter().filter_map(|names| self.place(names)));
    }

    /// The same for columns by their places.
    pub(crate) fn learn_numbers_at(&self, places: impl Iterator<Item = usize>) {
        let places: Vec<usize> = places.collect();
        let mut habits = self.habits.borrow_mut();
        if self.pass != Pass::Bookings {
            for record in &self.records {
                for place in &places {
                    habits.numbers.observe(record.get(*place));
                }
            }
        }
        if habits.numbers.is_mixed() {
            self.mixed.replace(places);
        }
        self.style
            .set(habits.numbers.decide(DecimalSeparator::Auto));
    }

    /// Prescribes which of day and month comes first in dates that end with the year.
    pub(crate) fn set_first(&self, first: First) {
        self.first.set(Some(first));
    }

    /// Finds out from all dates of a column whether the day or the month comes first.
    pub(crate) fn learn_dates(&self, column: &str) -> Result<(), Unreadable> {
        let Some(place) = self.place(column) else {
            return Ok(());
        };
        let mut habits = self.habits.borrow_mut();
        if self.pass != Pass::Bookings {
            for record in &self.records {
                habits.dates.observe(record.line, record.get(place));
            }
        }
        // Another part may settle what this one leaves open.
        if self.pass != Pass::Habits {
            let comma = self.style.get().has_decimal_comma();
            self.first.set(habits.dates.decide(column, comma)?);
        }
        Ok(())
    }

    /// The first currency that the whole file states in a column.
    pub(crate) fn first_currency(&self, column: &str) -> Option<Currency> {
        let place = self.place(column)?;
        let mut habits = self.habits.borrow_mut();
        if self.pass != Pass::Bookings && habits.currency.is_none() {
            habits.currency = self.records.iter().find_map(|record| {
                let found = draft::currency(column, record.get(place));
                found.ok().map(|(currency, _)| currency)
            });
        }
        habits.currency
    }

    /// The records of the whole file whose text in a column is wanted: few that explain others,
    /// wherever those are. No more than ten thousand.
    pub(crate) fn kept(&self, column: &str, is_wanted: impl Fn(&str) -> bool) -> Vec<Record> {
        const MOST: usize = 10_000;
        let Some(place) = self.place(column) else {
            return Vec::new();
        };
        let mut habits = self.habits.borrow_mut();
        if self.pass != Pass::Bookings {
            let room = MOST.saturating_sub(habits.kept.len());
            let wanted = self
                .records
                .iter()
                .filter(|record| is_wanted(record.get(place)));
            habits.kept.extend(wanted.take(room).cloned());
        }
        habits.kept.clone()
    }

    /// A record that was kept.
    pub(crate) fn line<'s>(&'s self, record: &'s Record) -> Line<'s> {
        Line {
            sheet: self,
            record,
        }
    }

    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = Line<'_>> {
        let records = match self.pass {
            Pass::Habits => &[],
            Pass::Whole | Pass::Bookings => self.records.as_slice(),
        };
        records.iter().map(|record| Line {
            sheet: self,
            record,
        })
    }

    /// Reads line by line where each stands for itself.
    pub(crate) fn each(
        &self,
        statement: &mut Statement,
        read: impl Fn(&Line<'_>) -> Result<Vec<Row>, Refusal>,
    ) {
        for line in self.lines() {
            let outcome = line.check_width().and_then(|()| read(&line));
            take_all(statement, line.number_in_file(), outcome);
        }
    }
}

/// Files all rows of a record, or its refusal.
pub(crate) fn take_all(statement: &mut Statement, line: u64, outcome: Result<Vec<Row>, Refusal>) {
    match outcome {
        Ok(rows) => statement.rows.extend(rows),
        Err(refusal) => statement.take(line, Err(refusal)),
    }
}

/// One record of a sheet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'s> {
    sheet: &'s Sheet,
    record: &'s Record,
}

impl<'s> Line<'s> {
    pub(crate) fn number_in_file(&self) -> u64 {
        self.record.line
    }

    /// The text of the first of several columns that the sheet has; empty without any.
    pub(crate) fn text(&self, names: &str) -> &'s str {
        self.sheet
            .place(names)
            .map_or("", |place| self.record.get(place))
    }

    /// The text of the column beside another, whose own name is blank.
    pub(crate) fn text_beside(&self, names: &str) -> &'s str {
        self.sheet
            .place(names)
            .map_or("", |place| self.record.get(place + 1))
    }

    pub(crate) fn number(&self, names: &str) -> Result<Option<Decimal>, Refusal> {
        self.parse(names, self.text(names))
    }

    pub(crate) fn number_beside(&self, names: &str) -> Result<Option<Decimal>, Refusal> {
        self.parse(names, self.text_beside(names))
    }

    fn parse(&self, names: &str, text: &str) -> Result<Option<Decimal>, Refusal> {
        if is_blank(text) {
            return Ok(None);
        }
        numbers::parse(self.sheet.title(names), text, self.style()).map(Some)
    }

    /// How numbers are written: as in the whole file or, where that is mixed, as in this line.
    pub(crate) fn style(&self) -> Style {
        let places = self.sheet.mixed.borrow();
        if places.is_empty() {
            return self.sheet.style.get();
        }
        let mut evidence = Evidence::default();
        for place in places.iter() {
            evidence.observe(self.record.get(*place));
        }
        evidence.decide(DecimalSeparator::Auto)
    }

    /// A number, zero where the cell is blank.
    pub(crate) fn number_or_zero(&self, names: &str) -> Result<Decimal, Refusal> {
        Ok(self.number(names)?.unwrap_or_default())
    }

    pub(crate) fn needed(&self, names: &str) -> Result<Decimal, Refusal> {
        self.number(names)?
            .ok_or_else(|| Refusal::missing(self.sheet.title(names), "write a number"))
    }

    /// The currency of a column, and what amounts in it are multiplied by.
    pub(crate) fn currency(&self, names: &str) -> Result<(Currency, Decimal), Refusal> {
        match self.text(names) {
            "" => Err(Refusal::missing(
                self.sheet.title(names),
                "write a code such as EUR",
            )),
            text => draft::currency(self.sheet.title(names), text),
        }
    }

    /// A date on the broker's own clock; an instant only where an offset is stated in the cell or
    /// in the header.
    pub(crate) fn moment(&self, names: &str) -> Result<Moment, Refusal> {
        let place = self.sheet.place(names);
        let text = place.map_or("", |place| self.record.get(place));
        if text.is_empty() {
            return Err(Refusal::missing(
                self.sheet.title(names),
                "write it like 2024-12-31",
            ));
        }
        let mut moment = dates::parse(self.sheet.title(names), text, self.sheet.first.get())?;
        let offset = place
            .and_then(|place| self.sheet.offsets.get(place))
            .copied();
        if moment.at.is_none()
            && let Some(offset) = offset.flatten()
        {
            moment.at = instant(moment.date, moment.time, offset);
        }
        Ok(moment)
    }

    /// A date whose clock is known to be UTC.
    pub(crate) fn moment_utc(&self, names: &str) -> Result<Moment, Refusal> {
        Ok(self.moment(names)?.in_utc())
    }

    /// A date put together from several cells.
    pub(crate) fn moment_of(&self, field: &str, text: &str) -> Result<Moment, Refusal> {
        dates::parse(field, text, self.sheet.first.get())
    }

    pub(crate) fn check_width(&self) -> Result<(), Refusal> {
        let filled = self.record.filled_len();
        if filled <= self.sheet.width {
            return Ok(());
        }
        Err(Refusal::new(
            code::TOO_MANY_FIELDS,
            format!(
                "the record has {filled} fields and the header {}: put a value that contains the \
                 delimiter in quotation marks",
                self.sheet.width
            ),
        ))
    }

    /// The only text of the record, if there is just one.
    pub(crate) fn only_text(&self) -> Option<(usize, &'s str)> {
        let mut filled = self
            .record
            .iter()
            .enumerate()
            .filter(|(_, text)| !text.is_empty());
        filled.next().filter(|_| filled.next().is_none())
    }

    pub(crate) fn first_text(&self) -> &'s str {
        self.record.get(0)
    }

    pub(crate) fn sheet(&self) -> &'s Sheet {
        self.sheet
    }
}

impl Moment {
    /// The moment on a clock that shows UTC.
    pub(crate) fn in_utc(mut self) -> Self {
        self.at = self
            .at
            .or_else(|| instant(self.date, self.time, Offset::UTC));
        self
    }
}

/// The instant of a time of day at an offset from UTC.
fn instant(date: Date, time: Option<Time>, offset: Offset) -> Option<Timestamp> {
    TimeZone::fixed(offset)
        .to_timestamp(DateTime::from_parts(date, time?))
        .ok()
}

/// A draft on its line and at its moment.
pub(crate) fn begin(
    line: &Line<'_>,
    moment: Moment,
    kind: ledger::TransactionKind,
    currency: Currency,
) -> Draft {
    let mut draft = Draft::new(line.number_in_file(), moment.date, kind, currency);
    draft.executed_at = moment.at;
    draft
}

/// An amount in the currency that a hundredth of it is stated in.
pub(crate) fn scaled(value: Option<Decimal>, factor: Decimal) -> Result<Option<Decimal>, Refusal> {
    value.map(|value| product(value, factor)).transpose()
}

/// A type of transaction that the broker's export is not known to have.
pub(crate) fn unknown_type(broker: &str, word: &str) -> Refusal {
    Refusal::new(
        code::UNKNOWN_TYPE,
        format!(
            "type “{}” is not one that {broker} is known to write: enter the booking by hand",
            shown(word)
        ),
    )
}

pub(crate) fn not_supported(message: impl Into<String>) -> Refusal {
    Refusal::new(code::NOT_SUPPORTED_YET, message)
}

pub(crate) fn nothing(message: impl Into<String>) -> Refusal {
    Refusal::new(code::NOTHING_TO_RECORD, message)
}
