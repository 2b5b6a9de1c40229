//! The movements of a balance as CSV, with exact figures, the oldest first.

use money::Currency;
use statements::with_guard;

use super::model::Movement;

const HEADER: [&str; 10] = [
    "date",
    "type",
    "symbol",
    "note",
    "amount",
    "balance",
    "currency",
    "recorded_at",
    "back_dated",
    "transaction_id",
];

pub(super) fn csv(currency: Currency, rows: &[Movement]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    let text = |text: Option<&str>| text.map(with_guard).unwrap_or_default();
    for row in rows {
        writer.write_record([
            row.date.to_string(),
            row.kind.as_str().to_owned(),
            text(row.symbol.as_deref()),
            text(row.note.as_deref()),
            row.amount.normalize().to_string(),
            row.balance.normalize().to_string(),
            currency.to_string(),
            row.recorded_at
                .map_or_else(String::new, |at| at.to_string()),
            row.is_back_dated.to_string(),
            row.transaction_id.to_string(),
        ])?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}
