//! Broker files and price files: bytes in, rows and problems out. No look-ups, no clock, no storage.
//!
//! A statement is read whole, since one value may depend on the rest of its file (whether `03/04`
//! is in March or in April, whether `1,234` is more than a thousand):
//!
//! ```
//! let file = b"date,type,symbol,quantity,price,fees,currency\n\
//!              2024-01-15,buy,MSFT,10,380.50,4.95,USD\n\
//!              2024-01-16,buy,MSFT,ten,380.50,4.95,USD\n";
//! let statement = statements::read(file)?;
//! assert_eq!(statement.format, statements::Format::Bursar);
//! assert_eq!(statement.rows[0].amount.to_string(), "3805.00");
//! assert_eq!((statement.rejected[0].line, &*statement.rejected[0].code), (3, "unparsable_number"));
//! # Ok::<(), statements::Unreadable>(())
//! ```
//!
//! Where each record is a booking of its own, a [`LongFile`] is read in parts instead, after a first
//! look at all of it, and gives the same.
//!
//! Prices and exchange rates are long and simple, so [`bars`], [`fx`] and
//! [`corporate_actions`] stream; bars come in columns, too ([`parquet_bars`]).
//!
//! Everything a file states either becomes a [`Row`], or a [`Rejection`] that names the line, the
//! field, the value and what would be right; what states nothing to record is listed in
//! [`Statement::skipped`].
//!
//! Text may be UTF-8, UTF-16 (with or without byte order mark) or Windows-1252, which is assumed of
//! whatever is not valid UTF-8.
#![warn(missing_docs)]

mod bars;
mod bursar_csv;
pub mod code;
mod corporate_actions;
mod dates;
mod detect;
mod draft;
mod exports;
mod fills;
mod formats;
mod fx;
mod ghostfolio;
mod ibkr;
mod ibkr_csv;
mod ibkr_flex;
mod lines;
mod mapped_csv;
mod mapping;
mod model;
mod numbers;
mod option_symbols;
mod parts;
mod payments;
mod securities;
mod table;
mod text;
mod tiger;
mod unknown;
mod unreadable;
mod words;

pub use bars::{
    BarRow, BarTime, BarsReader, bars,
    parquet::{BarsWriter, NotWritten, ParquetBars, is_parquet, parquet_bars},
};
pub use bursar_csv::{with_guard, write_bursar_csv};
pub use corporate_actions::{CorporateActionRow, CorporateActionsReader, corporate_actions};
pub use dates::DateFormat;
pub use detect::{detect, read, read_as};
pub use exports::{Export, exports};
pub use fx::{FxReader, FxRow, fx};
pub use mapped_csv::{read_with, unknown_types};
pub use mapping::{AmountSign, Columns, Field, Mapping, preview_columns};
pub use model::{
    Format, OptionTerms, Rejection, Row, Security, StatedBalance, StatedPosition, Statement,
};
pub use numbers::DecimalSeparator;
pub use option_symbols::{clearing_symbol as option_symbol, parse as option_terms};
pub use parts::{LongFile, Part, Parts, beginning, unknown_types_of};
pub use unreadable::Unreadable;
pub use words::kind_of_word;
