//! CSV as Ghostfolio imports it.

use crate::{
    Format, Row, Statement, Unreadable, code,
    dates::{self, First},
    model::Refusal,
    numbers::{self, Evidence, Style, is_blank},
    table::{Record, Table},
    words::normalized,
};

use super::Activity;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Date,
    Symbol,
    Currency,
    Quantity,
    Kind,
    UnitPrice,
    Fee,
    DataSource,
    Account,
    Note,
    Isin,
    Id,
}

/// The headers that Ghostfolio reads (normalised).
fn headers(part: Part) -> &'static [&'static str] {
    match part {
        Part::Date => &["date", "tradedate"],
        Part::Symbol => &["code", "symbol", "ticker"],
        Part::Currency => &["ccy", "currency", "currencyprimary"],
        Part::Quantity => &["qty", "quantity", "shares", "units"],
        Part::Kind => &["action", "buysell", "type"],
        Part::UnitPrice => &["price", "tradeprice", "unitprice", "value"],
        Part::Fee => &["commission", "fee", "ibcommission"],
        Part::DataSource => &["datasource"],
        Part::Account => &["account", "accountid", "clientaccountid"],
        Part::Note => &["comment", "note"],
        Part::Isin => &["isin"],
        Part::Id => &["transactionid", "tradeid"],
    }
}

const NEEDED: [Part; 6] = [
    Part::Date,
    Part::Symbol,
    Part::Currency,
    Part::Quantity,
    Part::Kind,
    Part::UnitPrice,
];

fn place(names: &[String], part: Part) -> Option<usize> {
    headers(part)
        .iter()
        .find_map(|header| names.iter().position(|name| normalized(name) == *header))
}

/// True for a header with all that an activity needs and one of the names by which only Ghostfolio
/// and the files that it imports call a column.
pub(crate) fn is_header(names: &[String]) -> bool {
    let tell_tale = [
        "code",
        "action",
        "datasource",
        "ccy",
        "currencyprimary",
        "buysell",
    ];
    NEEDED.iter().all(|part| place(names, *part).is_some())
        && names
            .iter()
            .any(|name| tell_tale.contains(&normalized(name).as_str()))
}

struct Reader {
    names: Vec<String>,
    style: Style,
}

pub(crate) fn read(text: &str, delimiter: u8) -> Result<Statement, Unreadable> {
    let table = Table::read(text, delimiter, |_| true)?.ok_or(Unreadable::Empty)?;
    check_header(&table)?;
    let mut evidence = Evidence::default();
    observe(&table, &mut evidence);
    Ok(read_part(table, evidence))
}

/// Refuses a table without the columns that an activity needs.
pub(crate) fn check_header(table: &Table) -> Result<(), Unreadable> {
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|part| place(&table.names, **part).is_none())
        .map(|part| headers(*part)[0].to_owned())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Unreadable::MissingColumns {
        missing,
        header: table.names.clone(),
    })
}

/// Looks at the numbers of a part of a file.
pub(crate) fn observe(table: &Table, evidence: &mut Evidence) {
    let places = [Part::Quantity, Part::UnitPrice, Part::Fee].map(|part| place(&table.names, part));
    for record in &table.records {
        for place in places.into_iter().flatten() {
            evidence.observe(record.get(place));
        }
    }
}

/// Reads the records of a part of a file by what all its parts have revealed.
pub(crate) fn read_part(table: Table, evidence: Evidence) -> Statement {
    let reader = Reader {
        names: table.names,
        style: evidence.decide(numbers::DecimalSeparator::Auto),
    };
    let mut statement = Statement::new(Format::GhostfolioCsv);
    for record in &table.records {
        statement.take(record.line, reader.row(record));
    }
    statement
}

impl Reader {
    fn text<'r>(&self, record: &'r Record, part: Part) -> &'r str {
        place(&self.names, part).map_or("", |place| record.get(place))
    }

    fn number(
        &self,
        record: &Record,
        field: &str,
        part: Part,
    ) -> Result<rust_decimal::Decimal, Refusal> {
        let text = self.text(record, part);
        if is_blank(text) {
            return Ok(rust_decimal::Decimal::ZERO);
        }
        numbers::parse(field, text, self.style)
    }

    fn row(&self, record: &Record) -> Result<Row, Refusal> {
        if record.filled_len() > self.names.len() {
            return Err(Refusal::new(
                code::TOO_MANY_FIELDS,
                format!(
                    "the record has {} fields and the header {}: put a value that contains the \
                     delimiter in quotation marks",
                    record.filled_len(),
                    self.names.len()
                ),
            ));
        }
        let text = |part| self.text(record, part);
        // Ghostfolio takes the day first whenever the year comes last.
        let moment = dates::parse("date", text(Part::Date), Some(First::Day))?;
        let kind = text(Part::Kind);
        let quantity = self.number(record, "quantity", Part::Quantity)?;
        let is_sale = kind.eq_ignore_ascii_case("SELL");
        Activity {
            line: record.line,
            id: text(Part::Id),
            account: text(Part::Account),
            note: text(Part::Note),
            currency: text(Part::Currency),
            data_source: text(Part::DataSource),
            moment,
            kind,
            symbol: text(Part::Symbol),
            isin: text(Part::Isin),
            name: "",
            asset_class: "",
            quote_currency: None,
            // Brokers whose files Ghostfolio takes write charges and sold shares as deductions.
            fee: self.number(record, "fee", Part::Fee)?.abs(),
            quantity: if is_sale { quantity.abs() } else { quantity },
            unit_price: self.number(record, "price", Part::UnitPrice)?,
        }
        .row()
    }
}
