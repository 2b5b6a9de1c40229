//! Why a file as a whole was refused.

use crate::mapping::Field;

const FORMATS: &str = "Bursar CSV, Ghostfolio CSV or JSON, Interactive Brokers Flex queries and \
                       statements, Tiger Brokers statements, and the CSV exports of Bitvavo, \
                       cgt-calc, Coinbase, DEGIRO, Delta, eToro, Kraken, KuCoin, Parqet, Portfolio \
                       Performance, Revolut, Scalable Capital, Schwab, Swissquote, Trade Republic, \
                       Trading 212 and Wealthfolio";

/// Why nothing was read from a file. Each sentence names the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// Bytes that are text in none of the encodings.
    #[error("the file is not text but {looks_like}: export it as CSV, JSON or XML in UTF-8")]
    NotText {
        /// What the first bytes look like.
        looks_like: &'static str,
    },
    /// Text whose format is not recognised.
    #[error(
        "the format is not recognised; known formats are {FORMATS}. Any other CSV can be read with \
         a column mapping that says which column holds the date, the type, the symbol and so on{}",
        seen(.header)
    )]
    UnknownFormat {
        /// The column names, where the file looks like CSV.
        header: Vec<String>,
    },
    /// JSON that is not well-formed, or not of the expected form.
    #[error("line {line}: the JSON cannot be read: {reason}")]
    Json {
        /// Line counted from 1.
        line: u64,
        /// What the parser met.
        reason: String,
    },
    /// XML that is not well-formed, or carries a document type declaration.
    #[error("line {line}: the XML cannot be read: {reason}")]
    Xml {
        /// Line counted from 1.
        line: u64,
        /// What the parser met.
        reason: String,
    },
    /// The service answered with an error instead of a statement.
    #[error("the file is an error message of Interactive Brokers, not a statement: {message}")]
    NotAStatement {
        /// The service's words.
        message: String,
    },
    /// A quotation mark without its partner, which swallows the lines after it.
    #[error("line {line}: a quotation mark is opened and never closed")]
    UnclosedQuote {
        /// Line of the record in which it is opened.
        line: u64,
    },
    /// No line that names columns.
    #[error("no header line was found: the first line must name the columns, such as {example}")]
    NoHeader {
        /// A header that would be read.
        example: &'static str,
    },
    /// Columns that the mapping or the format needs.
    #[error("{}; the file has {}", lacking(.missing), quoted(.header))]
    MissingColumns {
        /// Names that were looked for.
        missing: Vec<String>,
        /// Names that are there.
        header: Vec<String>,
    },
    /// Fields for which a mapping gives neither a column nor a default.
    #[error("the mapping says nothing about {}: name a column or give a default", named(.missing))]
    IncompleteMapping {
        /// The fields.
        missing: Vec<Field>,
    },
    /// A delimiter that is not one ASCII character other than a quotation mark or a line end.
    #[error("“{0}” cannot separate fields: choose a comma, semicolon, tab or vertical bar")]
    UnusableDelimiter(char),
    /// Dates that are day first or month first, and nothing in the file tells which.
    #[error(
        "line {line}: {column} “{value}” may be day first or month first and no date in the file \
         settles it: set the date format in the column mapping, or write dates as 2024-12-31"
    )]
    AmbiguousDates {
        /// Line of the first such date.
        line: u64,
        /// The column.
        column: String,
        /// The first such date.
        value: String,
    },
    /// Some dates are day first, others month first.
    #[error(
        "{column}: line {day_first} can only be day first, line {month_first} only month first: \
         write all dates in one way, best as 2024-12-31"
    )]
    MixedDates {
        /// The column.
        column: String,
        /// A line whose date is day first.
        day_first: u64,
        /// A line whose date is month first.
        month_first: u64,
    },
    /// Encoded as UTF-16 where only UTF-8 is streamed.
    #[error("the file is UTF-16: save it as UTF-8")]
    Utf16,
    /// A file in columns that is cut, damaged or beyond what is read here.
    #[error("the Parquet file cannot be read: {place}: {reason}")]
    Parquet {
        /// Where it was found: the footer, or a group of rows and a column.
        place: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// The source failed while it was read.
    #[error("the file could not be read: {0}")]
    Io(String),
}

fn seen(header: &[String]) -> String {
    if header.is_empty() {
        String::new()
    } else {
        format!(" (columns found: {})", quoted(header))
    }
}

fn lacking(names: &[String]) -> String {
    match names {
        [name] => format!("the column “{name}” is missing"),
        _ => format!("the columns {} are missing", quoted(names)),
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
    quoted.join(", ")
}

fn named(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    names.join(", ")
}
