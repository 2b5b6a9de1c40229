//! The formats as a caller meets them: bytes in, rows and rejections out.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says so by panicking"
)]

mod bars;
mod bursar_csv;
mod exports;
mod fx;
mod ghostfolio;
mod hostile;
mod hostile_brokers;
mod ibkr_csv;
mod ibkr_flex;
mod mapped_csv;
mod parquet_bars;
mod parts;
mod support;
mod tiger;
