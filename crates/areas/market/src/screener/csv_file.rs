use statements::with_guard;
use web::{CsvFile, Problem};

use super::model::Screened;

const HEADER: [&str; 20] = [
    "symbol",
    "name",
    "asset_class",
    "exchange",
    "mic",
    "currency",
    "sector",
    "industry",
    "country",
    "market_cap_usd",
    "pe_ratio",
    "date",
    "price",
    "change_percent",
    "volume",
    "low_52w",
    "high_52w",
    "position_52w",
    "is_simulated",
    "instrument_id",
];

/// The rows as a file.
pub(super) fn file(rows: &[Screened]) -> Result<CsvFile, Problem> {
    Ok(CsvFile {
        name: "instruments.csv".to_owned(),
        bytes: bytes(rows).map_err(|error| Problem::internal(&error))?,
    })
}

fn bytes(rows: &[Screened]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for row in rows {
        writer.write_record(record(row))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn record(row: &Screened) -> [String; 20] {
    // Anybody's broker file may have named an instrument.
    let text = |value: &Option<String>| value.as_deref().map(with_guard).unwrap_or_default();
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        with_guard(&row.symbol),
        with_guard(&row.name),
        row.asset_class.as_str().to_owned(),
        with_guard(&row.exchange),
        text(&row.mic),
        text(&row.currency),
        text(&row.sector),
        text(&row.industry),
        text(&row.country),
        number(row.market_cap),
        number(row.pe_ratio),
        row.date.map(|day| day.to_string()).unwrap_or_default(),
        number(row.price),
        number(row.change_percent),
        number(row.volume),
        number(row.low_52w),
        number(row.high_52w),
        number(row.position_52w),
        row.is_simulated.to_string(),
        row.instrument_id.to_string(),
    ]
}
