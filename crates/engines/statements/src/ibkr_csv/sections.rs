//! A report in sections: lines with the columns that stand above them.

use std::collections::HashMap;

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;

use super::vocabulary::{Column, Section, column, english_month, section};
use crate::{
    Unreadable, dates, draft,
    model::Refusal,
    numbers::{self, Evidence, Style, is_blank},
    securities::filled,
    table::{Record, records, sniff_delimiter},
    unknown::Unknown,
    words::normalized,
};

/// A line that states something.
#[derive(Debug)]
pub(super) struct Line<'r> {
    pub(super) section: Section,
    record: &'r Record,
    columns: &'r HashMap<Column, usize>,
    /// The currency in the heading of the commission, such as `Comm in EUR`.
    pub(super) commission_currency: Option<&'r str>,
    style: Style,
}

#[derive(Debug, Default)]
struct Heading {
    columns: HashMap<Column, usize>,
    commission_currency: Option<String>,
}

/// A report, taken apart.
#[derive(Debug)]
pub(super) struct Report {
    records: Vec<Record>,
    headings: Vec<Heading>,
    /// Section, record and heading of each line that states something.
    lines: Vec<(Section, usize, usize)>,
    /// Sections that are not known.
    pub(super) unknown: Unknown,
    style: Style,
}

impl Report {
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        let delimiter = match sniff_delimiter(text) {
            b';' => b';',
            _ => b',',
        };
        let mut report = Self {
            records: records(text, delimiter, usize::MAX)?,
            headings: vec![Heading::default()],
            lines: Vec::new(),
            unknown: Unknown::default(),
            style: Style::POINT,
        };
        let mut evidence = Evidence::default();
        let mut current: (String, usize) = (String::new(), 0);
        for (place, record) in report.records.iter().enumerate() {
            let name = normalized(record.get(0));
            match record.get(1) {
                "Header" => {
                    report.headings.push(heading(record));
                    current = (name, report.headings.len() - 1);
                }
                "Data" => {
                    let found = section(&name);
                    let heading = if current.0 == name { current.1 } else { 0 };
                    match found {
                        Section::PassedOver => {}
                        Section::Unknown => report.unknown.note(record.get(0), record.line),
                        _ => report.lines.push((found, place, heading)),
                    }
                    record
                        .iter()
                        .skip(2)
                        .for_each(|cell| evidence.observe(cell));
                }
                _ => {}
            }
        }
        // Statements write decimal points in every language; what a comma means is settled by the
        // numbers that leave no doubt.
        report.style = if evidence
            .decide(numbers::DecimalSeparator::Auto)
            .has_decimal_comma()
        {
            evidence.decide(numbers::DecimalSeparator::Auto)
        } else {
            Style::POINT
        };
        Ok(report)
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.lines.iter().filter_map(|(section, place, heading)| {
            let heading = self.headings.get(*heading)?;
            Some(Line {
                section: *section,
                record: self.records.get(*place)?,
                columns: &heading.columns,
                commission_currency: heading.commission_currency.as_deref(),
                style: self.style,
            })
        })
    }

    pub(super) fn of(&self, wanted: Section) -> impl Iterator<Item = Line<'_>> {
        self.lines().filter(move |line| line.section == wanted)
    }

    /// The value of one of the named fields in a section of names and values.
    pub(super) fn field(&self, wanted: Section, names: &[&str]) -> Option<String> {
        self.of(wanted)
            .find(|line| names.contains(&&*normalized(line.text(Column::FieldName))))
            .and_then(|line| filled(line.text(Column::FieldValue)))
    }

    /// The last day of the period: `January 1, 2024 - December 31, 2025`.
    pub(super) fn last_day(&self) -> Result<Date, Refusal> {
        let names = ["period", "zeitraum", "período", "periodo", "période"];
        let period = self
            .field(Section::Statement, &names)
            .ok_or_else(|| Refusal::missing("Period", "export the whole statement"))?;
        let end = period.rsplit(" - ").next().unwrap_or(&period);
        let words: Vec<&str> = end.split_whitespace().map(english_month).collect();
        dates::parse("Period", &words.join(" "), None).map(|moment| moment.date)
    }
}

fn heading(record: &Record) -> Heading {
    let mut heading = Heading::default();
    for (place, name) in record.iter().enumerate().skip(2) {
        let plain = normalized(name);
        if let Some(currency) = name
            .strip_prefix("Comm in ")
            .or(name.strip_prefix("Prov. in "))
        {
            heading.commission_currency = Some(currency.trim().to_owned());
            heading.columns.insert(Column::Commission, place);
        } else if let Some(found) = column(&plain) {
            heading.columns.entry(found).or_insert(place);
        }
    }
    heading
}

impl Line<'_> {
    pub(super) fn number_of_line(&self) -> u64 {
        self.record.line
    }

    /// The text of a column; empty where there is none, or a dash for it.
    pub(super) fn text(&self, column: Column) -> &str {
        let text = self
            .columns
            .get(&column)
            .map_or("", |place| self.record.get(*place));
        if is_blank(text) { "" } else { text }
    }

    pub(super) fn number(&self, column: Column) -> Result<Option<Decimal>, Refusal> {
        match self.text(column) {
            "" => Ok(None),
            text => numbers::parse(name(column), text, self.style).map(Some),
        }
    }

    pub(super) fn need(&self, column: Column) -> Result<Decimal, Refusal> {
        self.number(column)?
            .ok_or_else(|| Refusal::missing(name(column), "export the statement once more"))
    }

    pub(super) fn currency(&self) -> Result<Currency, Refusal> {
        draft::currency("Currency", self.text(Column::Currency)).map(|(currency, _)| currency)
    }

    /// The date in the first of the columns that holds one.
    pub(super) fn date(&self, columns: &[Column]) -> Result<Date, Refusal> {
        let text = columns
            .iter()
            .map(|column| self.text(*column))
            .find(|text| !text.is_empty())
            .ok_or_else(|| Refusal::missing("Date", "export the statement once more"))?;
        dates::parse("Date", text, None).map(|moment| moment.date)
    }

    /// A line that adds up the ones above it, which has no date.
    pub(super) fn is_sum(&self, columns: &[Column]) -> bool {
        columns.iter().all(|column| self.text(*column).is_empty())
            && !is_currency(self.text(Column::Currency))
    }
}

/// Three to eight capitals and digits; words for totals have small letters.
pub(super) fn is_currency(text: &str) -> bool {
    (3..=8).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn name(column: Column) -> &'static str {
    match column {
        Column::Quantity => "Quantity",
        Column::Price => "T. Price",
        Column::Proceeds => "Proceeds",
        Column::Commission => "Comm/Fee",
        Column::Amount => "Amount",
        Column::NetAmount => "Net Amount",
        Column::Realized => "Realized P/L",
        Column::Multiplier => "Mult",
        Column::CostBasis => "Cost Basis",
        Column::ClosePrice => "Close Price",
        Column::Total => "Total",
        Column::Strike => "Strike",
        Column::TransferPrice => "Xfer Price",
        Column::MarketValue => "Market Value",
        Column::CashAmount => "Cash Amount",
        _ => "the number",
    }
}
