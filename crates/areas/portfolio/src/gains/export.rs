//! The lines of a report as CSV, with exact figures.

use std::collections::HashMap;

use rust_decimal::Decimal;
use statements::with_guard;
use uuid::Uuid;
use web::{CsvFile, Problem};

use super::model::{GainLine, GainsReport};

const HEADER: [&str; 22] = [
    "portfolio",
    "symbol",
    "type",
    "side",
    "acquired_on",
    "sold_on",
    "days",
    "term",
    "quantity",
    "currency",
    "proceeds",
    "cost",
    "gain",
    "price_gain",
    "currency_gain",
    "charges",
    "local_currency",
    "local_proceeds",
    "local_cost",
    "wash_sale_quantity",
    "opened_by",
    "closed_by",
];

/// A sale and the lot that it closed.
type Closing = (Uuid, Option<Uuid>);

/// The report as a file.
pub(super) fn file(report: &GainsReport) -> Result<CsvFile, Problem> {
    let year = report.year.map(|year| format!("-{year}"));
    Ok(CsvFile {
        name: format!("gains{}.csv", year.unwrap_or_default()),
        bytes: csv(report).map_err(|error| Problem::internal(&error))?,
    })
}

fn csv(report: &GainsReport) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    let mut replaced: HashMap<Closing, Decimal> = HashMap::new();
    for flag in &report.wash_sales {
        *replaced.entry((flag.sale, flag.lot)).or_default() += flag.quantity;
    }
    for line in &report.lines {
        let closing = (line.closed_by, line.opened_by);
        let replaced = replaced.get(&closing).copied().unwrap_or_default();
        writer.write_record(record(report, line, replaced))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn record(report: &GainsReport, line: &GainLine, replaced: Decimal) -> [String; 22] {
    let text = |value: Option<String>| value.unwrap_or_default();
    let sums = &line.sums;
    [
        with_guard(&line.portfolio),
        with_guard(&line.symbol),
        line.kind.as_str().to_owned(),
        line.side_word().to_owned(),
        text(line.acquired_on.map(|day| day.to_string())),
        line.sold_on.to_string(),
        text(line.days.map(|days| days.to_string())),
        line.term.as_str().to_owned(),
        line.quantity.to_string(),
        report.currency.to_string(),
        sums.proceeds.to_string(),
        sums.cost.to_string(),
        sums.gain.to_string(),
        sums.price_gain.to_string(),
        sums.currency_gain.to_string(),
        sums.charges.to_string(),
        line.local_currency.to_string(),
        line.local_proceeds.to_string(),
        line.local_cost.to_string(),
        replaced.normalize().to_string(),
        text(line.opened_by.map(|id| id.to_string())),
        line.closed_by.to_string(),
    ]
}
