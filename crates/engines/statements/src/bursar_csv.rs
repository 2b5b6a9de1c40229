//! Bursar's own CSV, which is also its export. Documented in `docs/reference/bursar-csv.md`.

use jiff::tz::{Offset, TimeZone};
use ledger::{OptionRight, Ratio};

use crate::{
    Field, Format, Mapping, Row, Statement, Unreadable,
    mapped_csv::{Convention, read_table},
    table::{DELIMITERS, Table, first_names, sniff_delimiter},
    words::{normalized, word_of_kind},
};

/// Headers by which people call the columns when they type a file by hand (normalised).
fn field_of_header(header: &str) -> Option<Field> {
    let header = normalized(header);
    Some(match header.as_str() {
        "transactiontype" => Field::Type,
        "ticker" => Field::Symbol,
        "shares" => Field::Quantity,
        "unitprice" => Field::Price,
        "fee" => Field::Fees,
        "tax" => Field::Taxes,
        "notes" | "comment" => Field::Note,
        _ => {
            return Field::ALL
                .into_iter()
                .find(|field| normalized(field.name()) == header);
        }
    })
}

/// The mapping of a header, if it is one of this format: every column is known and none is there
/// twice, and date, type and currency are among them.
pub(crate) fn mapping_of(names: &[String]) -> Option<Mapping> {
    let mut mapping = Mapping::default();
    for name in names {
        if mapping
            .columns
            .insert(field_of_header(name)?, name.clone())
            .is_some()
        {
            return None;
        }
    }
    let needed = [Field::Date, Field::Type, Field::Currency];
    needed
        .iter()
        .all(|field| mapping.columns.contains_key(field))
        .then_some(mapping)
}

/// The delimiter that makes the first record a header of this format, and otherwise what the records
/// look like: notes full of semicolons do not matter where the header is plain.
pub(crate) fn delimiter(text: &str) -> u8 {
    delimiter_of_header(text).unwrap_or_else(|| sniff_delimiter(text))
}

/// Whether a text is of this format, by its header.
pub(crate) fn is_own(text: &str) -> bool {
    delimiter_of_header(text).is_some()
}

fn delimiter_of_header(text: &str) -> Option<u8> {
    DELIMITERS
        .into_iter()
        .find(|delimiter| mapping_of(&first_names(text, *delimiter)).is_some())
}

/// Reads a text of this format.
pub(crate) fn read(text: &str) -> Result<Statement, Unreadable> {
    let table = Table::read(text, delimiter(text), |_| true)?.ok_or(Unreadable::Empty)?;
    let mapping = mapping_of_table(&table)?;
    read_table(&table, &mapping, Convention::Own, Format::Bursar)
}

/// The mapping of a table of this format, or what its header lacks.
pub(crate) fn mapping_of_table(table: &Table) -> Result<Mapping, Unreadable> {
    if let Some(mapping) = mapping_of(&table.names) {
        return Ok(mapping);
    }
    let needed = [Field::Date, Field::Type, Field::Currency];
    let there: Vec<Field> = table
        .names
        .iter()
        .filter_map(|n| field_of_header(n))
        .collect();
    let missing: Vec<String> = needed
        .iter()
        .filter(|field| !there.contains(field))
        .map(|field| field.name().to_owned())
        .collect();
    let header = table.names.clone();
    Err(if missing.is_empty() {
        Unreadable::UnknownFormat { header }
    } else {
        Unreadable::MissingColumns { missing, header }
    })
}

/// Writes rows as Bursar CSV with all columns, each line ended by LF.
///
/// Reading the result gives the same rows up to line numbers, provided that they are as the readers
/// make them: texts trimmed, symbols and exchanges upper case, asset classes lower case. Text cells
/// that a spreadsheet would take for a formula get an apostrophe in front, which reading removes.
pub fn write_bursar_csv(rows: &[Row]) -> String {
    let header: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
    let mut csv = header.join(",");
    csv.push('\n');
    for row in rows {
        for (place, field) in Field::ALL.into_iter().enumerate() {
            if place > 0 {
                csv.push(',');
            }
            push_quoted(&mut csv, &cell(row, field));
        }
        csv.push('\n');
    }
    csv
}

fn cell(row: &Row, field: Field) -> String {
    let security = row.security.as_ref();
    let option = security.and_then(|security| security.option.as_ref());
    let target = row.target.as_ref();
    let settlement = row.settlement.as_ref();
    let number = |value: Option<rust_decimal::Decimal>| value.map(|value| value.to_string());
    let guarded = |text: Option<&String>| text.map(|text| with_guard(text));
    let nonzero = |value: rust_decimal::Decimal| (!value.is_zero()).then(|| value.to_string());
    match field {
        Field::Date => Some(when(row)),
        Field::Type => Some(word_of_kind(row.kind).to_owned()),
        Field::Symbol => guarded(security.map(|security| &security.symbol)),
        Field::Isin => security.and_then(|security| security.isin.clone()),
        Field::Exchange => guarded(security.and_then(|security| security.exchange.as_ref())),
        Field::Name => guarded(security.and_then(|security| security.name.as_ref())),
        Field::AssetClass => guarded(security.and_then(|security| security.asset_class.as_ref())),
        Field::Quantity => number(row.quantity),
        Field::Price => number(row.price),
        Field::Amount => Some(row.amount.to_string()),
        Field::Fees => nonzero(row.fees),
        Field::Taxes => nonzero(row.taxes),
        Field::Currency => Some(row.currency.to_string()),
        Field::QuoteCurrency => security
            .and_then(|s| s.currency)
            .map(|code| code.to_string()),
        Field::SettlementCurrency => settlement.map(|found| found.currency.to_string()),
        Field::FxRate => settlement.map(|found| found.fx_rate.to_string()),
        Field::Ratio => row.ratio.map(|Ratio { to, from }| format!("{to}:{from}")),
        Field::CostShare => number(row.cost_share),
        Field::AcquiredOn => row.acquired_on.map(|day| day.to_string()),
        Field::Underlying => guarded(option.map(|terms| &terms.underlying)),
        Field::ExpiresOn => option.map(|terms| terms.expires_on.to_string()),
        Field::Strike => option.map(|terms| terms.strike.to_string()),
        Field::Right => option.map(|terms| word_of_right(terms.right).to_owned()),
        Field::Multiplier => option.map(|terms| terms.multiplier.to_string()),
        Field::TargetSymbol => guarded(target.map(|security| &security.symbol)),
        Field::TargetIsin => target.and_then(|security| security.isin.clone()),
        Field::TargetExchange => guarded(target.and_then(|s| s.exchange.as_ref())),
        Field::TargetName => guarded(target.and_then(|security| security.name.as_ref())),
        Field::TargetAssetClass => guarded(target.and_then(|s| s.asset_class.as_ref())),
        Field::TargetCurrency => target
            .and_then(|security| security.currency)
            .map(|code| code.to_string()),
        Field::Account => guarded(row.account.as_ref()),
        Field::ExternalId => guarded(row.external_id.as_ref()),
        Field::Note => guarded(row.note.as_ref()),
    }
    .unwrap_or_default()
}

/// The word for an option's right.
fn word_of_right(right: OptionRight) -> &'static str {
    match right {
        OptionRight::Call => "call",
        OptionRight::Put => "put",
    }
}

/// The trade date, or the instant at an offset from UTC at which its date is the trade date.
fn when(row: &Row) -> String {
    const FARTHEST: i8 = 23;
    let Some(at) = row.executed_at else {
        return row.date.to_string();
    };
    if TimeZone::UTC.to_datetime(at).date() == row.date {
        return at.to_string();
    }
    (1..=FARTHEST)
        .flat_map(|hours| [Offset::constant(hours), Offset::constant(-hours)])
        .find(|offset| offset.to_datetime(at).date() == row.date)
        .map_or_else(
            || row.date.to_string(),
            |offset| at.display_with_offset(offset).to_string(),
        )
}

/// Spreadsheets run cells that begin like this as formulas.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The text of a cell of a CSV file so that no spreadsheet runs it as a formula: an apostrophe goes before one that
/// begins like a formula. For texts that people or their files chose; figures stay as they are.
#[must_use]
pub fn with_guard(text: &str) -> String {
    if is_formula(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Undoes [`with_guard`].
pub(crate) fn without_guard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => text,
    }
}

fn push_quoted(csv: &mut String, text: &str) {
    if text.contains([',', '"', '\n', '\r', ';', '\t', '|']) {
        csv.push('"');
        csv.push_str(&text.replace('"', "\"\""));
        csv.push('"');
    } else {
        csv.push_str(text);
    }
}
