//! The stable codes of [`crate::Rejection::code`].

/// A date that cannot be read.
pub const UNPARSABLE_DATE: &str = "unparsable_date";
/// A number that cannot be read.
pub const UNPARSABLE_NUMBER: &str = "unparsable_number";
/// A number such as `1,234` in a file that nowhere shows whether the comma is a decimal comma.
pub const AMBIGUOUS_NUMBER: &str = "ambiguous_number";
/// A number beyond 28 digits.
pub const NUMBER_TOO_LARGE: &str = "number_too_large";
/// A split ratio that cannot be read.
pub const UNPARSABLE_RATIO: &str = "unparsable_ratio";
/// A type of transaction that has no meaning here.
pub const UNKNOWN_TYPE: &str = "unknown_type";
/// A type of transaction that brokers use for several things.
pub const AMBIGUOUS_TYPE: &str = "ambiguous_type";
/// A status that does not say whether the record was booked.
pub const UNKNOWN_STATUS: &str = "unknown_status";
/// A field without which the transaction says nothing.
pub const MISSING_FIELD: &str = "missing_field";
/// A record with more fields than the header.
pub const TOO_MANY_FIELDS: &str = "too_many_fields";
/// A text that is no currency code.
pub const UNKNOWN_CURRENCY: &str = "unknown_currency";
/// A text that is no ISIN, or whose check digit is wrong.
pub const INVALID_ISIN: &str = "invalid_isin";
/// A symbol that its data source cannot know.
pub const INVALID_SYMBOL: &str = "invalid_symbol";
/// A data source that does not exist.
pub const UNKNOWN_DATA_SOURCE: &str = "unknown_data_source";
/// A quantity below zero where the type already says which way the shares went.
pub const NEGATIVE_QUANTITY: &str = "negative_quantity";
/// A trade of no shares.
pub const ZERO_QUANTITY: &str = "zero_quantity";
/// An amount or price below zero where only a positive one makes sense.
pub const NEGATIVE_AMOUNT: &str = "negative_amount";
/// Amount and quantity times price contradict each other.
pub const AMOUNT_MISMATCH: &str = "amount_mismatch";
/// An exchange rate that is zero, negative or contradicts its currencies.
pub const INVALID_FX_RATE: &str = "invalid_fx_rate";
/// An amount in a currency that did not exist on its date.
pub const UNAVAILABLE_EXCHANGE_RATE: &str = "unavailable_exchange_rate";
/// True, but not expressible in the present types of transaction.
pub const NOT_SUPPORTED_YET: &str = "not_supported_yet";
/// A record that is not of the form its format prescribes.
pub const MALFORMED_RECORD: &str = "malformed_record";
/// States nothing to record; found in [`crate::Statement::skipped`], never in `rejected`.
pub const NOTHING_TO_RECORD: &str = "nothing_to_record";

/// A bar whose high is below its low.
pub const HIGH_BELOW_LOW: &str = "high_below_low";
/// A bar whose open or close lies outside low to high.
pub const OUTSIDE_RANGE: &str = "outside_range";
/// A price or rate of zero or less.
pub const NON_POSITIVE_PRICE: &str = "non_positive_price";
/// A volume below zero.
pub const NEGATIVE_VOLUME: &str = "negative_volume";
/// The same bar twice with other values; for callers, since the readers keep no history.
pub const DUPLICATE_BAR: &str = "duplicate_bar";
/// A rate from a currency to itself.
pub const SAME_CURRENCY: &str = "same_currency";
/// A line longer than any price file has; reading ends there.
pub const LINE_TOO_LONG: &str = "line_too_long";
/// The source failed while it was read; reading ends there.
pub const READ_ERROR: &str = "read_error";
