//! The payments of a report as CSV, with exact figures.

use statements::with_guard;
use web::{CsvFile, Problem};

use super::model::{IncomeReport, Payment};

const HEADER: [&str; 16] = [
    "date",
    "type",
    "portfolio",
    "symbol",
    "quantity",
    "paid_currency",
    "paid_amount",
    "paid_withheld",
    "currency",
    "dividends",
    "interest",
    "withheld",
    "fees",
    "net",
    "return_of_capital",
    "transaction_id",
];

/// The report as a file.
pub(super) fn file(report: &IncomeReport) -> Result<CsvFile, Problem> {
    let year = report.year.map(|year| format!("-{year}"));
    Ok(CsvFile {
        name: format!("income{}.csv", year.unwrap_or_default()),
        bytes: csv(report).map_err(|error| Problem::internal(&error))?,
    })
}

fn csv(report: &IncomeReport) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for payment in &report.payments {
        writer.write_record(record(report, payment))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn record(report: &IncomeReport, payment: &Payment) -> [String; 16] {
    let sums = &payment.sums;
    [
        payment.date.to_string(),
        payment.kind.as_str().to_owned(),
        with_guard(&payment.portfolio),
        payment
            .symbol
            .as_deref()
            .map(with_guard)
            .unwrap_or_default(),
        payment.quantity.to_string(),
        payment.paid_currency.to_string(),
        payment.paid_amount.to_string(),
        payment.paid_withheld.to_string(),
        report.currency.to_string(),
        sums.dividends.to_string(),
        sums.interest.to_string(),
        sums.withheld.to_string(),
        sums.fees.to_string(),
        sums.net.to_string(),
        sums.return_of_capital.to_string(),
        payment.transaction_id.to_string(),
    ]
}
