//! Any CSV, read through a column mapping.

mod instruments;
mod signs;

use std::collections::BTreeSet;

use ledger::{Settlement, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    DateFormat, Field, Format, Mapping, Row, Statement, Unreadable, code,
    dates::{self, First, Order},
    draft::{self, Draft, product},
    model::Refusal,
    numbers::{self, Evidence, Style, is_blank},
    securities::{Named, check_isin, filled},
    table::{Record, Table, is_usual_header, sniff_delimiter, usual_header},
    text::{decode, shown},
    words::remedy_for_ambiguous,
};
use signs::{SignEvidence, Signs, gross_from_net};

/// Columns that hold numbers and help to find the decimal separator.
const NUMBERS: [Field; 9] = [
    Field::Quantity,
    Field::Price,
    Field::Amount,
    Field::Fees,
    Field::Taxes,
    Field::FxRate,
    Field::CostShare,
    Field::Strike,
    Field::Multiplier,
];

/// Reads any CSV with the help of a mapping.
///
/// The header may stand below other lines: it is the first record that has all mapped columns. Signs
/// follow [`AmountSign`]; a sale with a negative quantity is one of that many shares. An amount that
/// is quantity times price less (sale) or plus (purchase) the charges is recognised as net and
/// turned into the gross amount.
pub fn read_with(bytes: &[u8], mapping: &Mapping) -> Result<Statement, Unreadable> {
    read(&decode(bytes)?, mapping)
}

pub(crate) fn read(text: &str, mapping: &Mapping) -> Result<Statement, Unreadable> {
    mapping.check_complete()?;
    read_table(
        &table(text, mapping)?,
        mapping,
        Convention::Foreign,
        Format::Csv,
    )
}

/// Words in the mapped type column for which neither the mapping nor [`crate::kind_of_word`] has a
/// type: each once, in the order of the alphabet, the first hundred. For the person who maps them.
pub fn unknown_types(bytes: &[u8], mapping: &Mapping) -> Result<Vec<String>, Unreadable> {
    let table = table(&decode(bytes)?, mapping)?;
    let mut words = UnknownWords::new(&table.names, mapping);
    words.note(&table);
    Ok(words.finish())
}

/// Gathers the words of a file for which a mapping has no type.
pub(crate) struct UnknownWords<'m> {
    mapping: &'m Mapping,
    place: Option<usize>,
    words: BTreeSet<String>,
}

impl<'m> UnknownWords<'m> {
    /// As many are kept.
    const MOST: usize = 100;

    pub(crate) fn new(names: &[String], mapping: &'m Mapping) -> Self {
        Self {
            mapping,
            place: place(names, mapping, Field::Type),
            words: BTreeSet::new(),
        }
    }

    /// Looks at the records of a part of the file.
    pub(crate) fn note(&mut self, table: &Table) {
        let Some(place) = self.place else { return };
        for record in &table.records {
            let word = record.get(place);
            if word.is_empty() || self.words.contains(word) || self.mapping.kind(word).is_some() {
                continue;
            }
            self.words.insert(word.to_owned());
            if self.words.len() > Self::MOST {
                self.words.pop_last();
            }
        }
    }

    /// In the order of the alphabet.
    pub(crate) fn finish(self) -> Vec<String> {
        self.words.into_iter().collect()
    }
}

/// The file taken apart below the header that has all mapped columns.
fn table(text: &str, mapping: &Mapping) -> Result<Table, Unreadable> {
    let delimiter = delimiter(text, mapping)?;
    Table::read(text, delimiter, |names| has_all(names, mapping))?
        .ok_or_else(|| missing_columns(text, delimiter, mapping))
}

pub(crate) fn delimiter(text: &str, mapping: &Mapping) -> Result<u8, Unreadable> {
    match mapping.delimiter {
        None => Ok(sniff_delimiter(text)),
        Some(sign) => u8::try_from(sign)
            .ok()
            .filter(|byte| byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r'))
            .ok_or(Unreadable::UnusableDelimiter(sign)),
    }
}

/// Whether the names of a header are all that a mapping wants.
pub(crate) fn has_all(names: &[String], mapping: &Mapping) -> bool {
    let there: Vec<String> = names.iter().map(|name| normalized_name(name)).collect();
    wanted(mapping).all(|name| there.contains(&name))
}

fn wanted(mapping: &Mapping) -> impl Iterator<Item = String> {
    mapping.columns.values().map(|name| normalized_name(name))
}

fn normalized_name(name: &str) -> String {
    name.trim().to_lowercase()
}

pub(crate) fn missing_columns(text: &str, delimiter: u8, mapping: &Mapping) -> Unreadable {
    let width = usual_header(text, delimiter);
    let header = Table::read(text, delimiter, |names| is_usual_header(names, width))
        .ok()
        .flatten()
        .map(|table| table.names)
        .unwrap_or_default();
    let there: Vec<String> = header.iter().map(|name| normalized_name(name)).collect();
    let missing = wanted(mapping)
        .filter(|name| !there.contains(name))
        .collect();
    Unreadable::MissingColumns { missing, header }
}

/// Whose conventions a file follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Convention {
    /// Bursar's own format, as documented: what deviates is refused.
    Own,
    /// A broker's: what can be understood in one way alone is understood.
    Foreign,
}

/// Everything found out about the file before its first record is read.
struct Reader<'a> {
    mapping: &'a Mapping,
    convention: Convention,
    places: [Option<usize>; Field::ALL.len()],
    width: usize,
    first: Option<First>,
    style: Style,
    signs: Signs,
}

/// What the records of a whole file reveal about how it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Habits {
    numbers: Evidence,
    dates: Order,
    signs: SignEvidence,
}

impl Habits {
    /// Looks at the numbers and dates of a part of the file.
    pub(crate) fn observe(&mut self, table: &Table, mapping: &Mapping) {
        let numbers = NUMBERS.map(|field| place(&table.names, mapping, field));
        let date = place(&table.names, mapping, Field::Date)
            .filter(|_| mapping.date_format == DateFormat::Auto);
        for record in &table.records {
            for place in numbers.into_iter().flatten() {
                self.numbers.observe(record.get(place));
            }
            if let Some(place) = date {
                self.dates.observe(record.line, record.get(place));
            }
        }
    }

    /// Looks at the signs of a part of the file, once its numbers can be read. In Bursar's own
    /// format they say nothing.
    pub(crate) fn observe_signs(
        &mut self,
        table: &Table,
        mapping: &Mapping,
        convention: Convention,
    ) -> Result<(), Unreadable> {
        if convention == Convention::Own {
            return Ok(());
        }
        let reader = Reader::new(&table.names, mapping, convention, self)?;
        for record in &table.records {
            let amount = |field| reader.number(record, field).ok().flatten();
            self.signs.observe(reader.kind(record).ok(), amount);
        }
        Ok(())
    }
}

/// Reads the records of a table that is a whole file.
pub(crate) fn read_table(
    table: &Table,
    mapping: &Mapping,
    convention: Convention,
    format: Format,
) -> Result<Statement, Unreadable> {
    let mut habits = Habits::default();
    habits.observe(table, mapping);
    habits.observe_signs(table, mapping, convention)?;
    read_part(table, mapping, convention, format, &habits)
}

/// Reads the records of a part of a file whose habits are known.
pub(crate) fn read_part(
    table: &Table,
    mapping: &Mapping,
    convention: Convention,
    format: Format,
    habits: &Habits,
) -> Result<Statement, Unreadable> {
    let reader = Reader::new(&table.names, mapping, convention, habits)?;
    let mut statement = Statement::new(format);
    for record in &table.records {
        statement.take(record.line, reader.row(record));
    }
    Ok(statement)
}

/// The place of a field's column.
fn place(names: &[String], mapping: &Mapping, field: Field) -> Option<usize> {
    let name = normalized_name(mapping.columns.get(&field)?);
    names
        .iter()
        .position(|other| normalized_name(other) == name)
}

impl<'a> Reader<'a> {
    fn new(
        names: &[String],
        mapping: &'a Mapping,
        convention: Convention,
        habits: &Habits,
    ) -> Result<Self, Unreadable> {
        let style = habits.numbers.decide(mapping.decimal_separator);
        Ok(Self {
            mapping,
            convention,
            places: Field::ALL.map(|field| place(names, mapping, field)),
            width: names.len(),
            first: match mapping.date_format {
                DateFormat::Auto => habits.dates.decide("date", style.has_decimal_comma())?,
                DateFormat::Ymd => None,
                DateFormat::Dmy => Some(First::Day),
                DateFormat::Mdy => Some(First::Month),
            },
            style,
            signs: match convention {
                Convention::Own => Signs::default(),
                Convention::Foreign => habits.signs.decide(mapping.amount_sign),
            },
        })
    }

    fn text<'r>(&self, record: &'r Record, field: Field) -> &'r str {
        let index = Field::ALL.iter().position(|other| *other == field);
        index
            .and_then(|index| self.places[index])
            .map_or("", |place| record.get(place))
    }

    /// The text of a column for words, without the apostrophe that keeps spreadsheets from reading
    /// it as a formula.
    fn words<'r>(&self, record: &'r Record, field: Field) -> &'r str {
        let text = self.text(record, field);
        match self.convention {
            Convention::Own => super::bursar_csv::without_guard(text),
            Convention::Foreign => text,
        }
    }

    fn number(&self, record: &Record, field: Field) -> Result<Option<Decimal>, Refusal> {
        let text = self.text(record, field);
        if is_blank(text) {
            return Ok(None);
        }
        numbers::parse(field.name(), text, self.style).map(Some)
    }

    fn kind(&self, record: &Record) -> Result<TransactionKind, Refusal> {
        let word = self.text(record, Field::Type);
        if word.is_empty() {
            return self
                .mapping
                .default_kind
                .ok_or_else(|| Refusal::missing("type", "write buy, sell, dividend and so on"));
        }
        self.mapping.kind(word).ok_or_else(|| {
            if let Some(remedy) = remedy_for_ambiguous(word) {
                let message = format!("type “{}” may mean several things: {remedy}", shown(word));
                return Refusal::new(code::AMBIGUOUS_TYPE, message);
            }
            Refusal::new(
                code::UNKNOWN_TYPE,
                format!(
                    "type “{}” is not known: write buy, sell, dividend, interest, deposit, \
                     withdrawal, fee, tax or split, or say in the column mapping what it means",
                    shown(word)
                ),
            )
        })
    }

    fn row(&self, record: &Record) -> Result<Row, Refusal> {
        if record.filled_len() > self.width {
            return Err(Refusal::new(
                code::TOO_MANY_FIELDS,
                format!(
                    "the record has {} fields and the header {}: put a value that contains the \
                     delimiter in quotation marks",
                    record.filled_len(),
                    self.width
                ),
            ));
        }
        let when = self.text(record, Field::Date);
        if when.is_empty() {
            return Err(Refusal::missing("date", "write it like 2024-12-31"));
        }
        let moment = dates::parse("date", when, self.first)?;
        let kind = self.kind(record)?;
        let (currency, factor) = self.currency(record)?;
        let mut draft = Draft::new(record.line, moment.date, kind, currency);
        draft.executed_at = moment.at;
        self.fill_amounts(record, &mut draft, factor)?;
        self.fill_words(record, &mut draft)?;
        draft.settlement = self.settlement(record, currency)?;
        let ratio = self.text(record, Field::Ratio);
        if (kind == TransactionKind::Split || kind.has_target()) && !ratio.is_empty() {
            draft.ratio = Some(draft::ratio(ratio)?);
        }
        if self.convention == Convention::Foreign {
            self.signs.adopt(&mut draft);
            gross_from_net(&mut draft)?;
        }
        draft.check()
    }

    fn currency(&self, record: &Record) -> Result<(Currency, Decimal), Refusal> {
        match (
            self.text(record, Field::Currency),
            self.mapping.default_currency,
        ) {
            ("", Some(default)) => Ok((default.currency, default.unit.factor())),
            ("", None) => Err(Refusal::missing("currency", "write a code such as EUR")),
            (text, _) => draft::currency("currency", text),
        }
    }

    fn fill_amounts(
        &self,
        record: &Record,
        draft: &mut Draft,
        factor: Decimal,
    ) -> Result<(), Refusal> {
        // In hundredths of a currency every amount shrinks; shares do not.
        let money = |field| -> Result<Option<Decimal>, Refusal> {
            self.number(record, field)?
                .map(|value| product(value, factor))
                .transpose()
        };
        draft.quantity = self.number(record, Field::Quantity)?;
        draft.price = money(Field::Price)?;
        draft.amount = money(Field::Amount)?;
        draft.fees = money(Field::Fees)?.unwrap_or_default();
        draft.taxes = money(Field::Taxes)?.unwrap_or_default();
        Ok(())
    }

    fn fill_words(&self, record: &Record, draft: &mut Draft) -> Result<(), Refusal> {
        let isin = self.text(record, Field::Isin);
        if self.convention == Convention::Own {
            check_isin(isin)?;
        }
        let quoted_in = match self.text(record, Field::QuoteCurrency) {
            "" => None,
            text => Some(draft::currency("quote_currency", text)?.0),
        };
        draft.security = Named {
            symbol: self.words(record, Field::Symbol),
            isin,
            exchange: self.words(record, Field::Exchange),
            name: self.words(record, Field::Name),
            asset_class: self.words(record, Field::AssetClass),
            currency: quoted_in,
        }
        .security();
        self.fill_option(record, draft)?;
        if self.convention == Convention::Foreign && !self.is_about_security(record, draft.kind) {
            draft.security = None;
        }
        self.fill_target(record, draft)?;
        draft.account = filled(self.words(record, Field::Account));
        draft.external_id = filled(self.words(record, Field::ExternalId));
        draft.note = filled(self.words(record, Field::Note));
        Ok(())
    }

    /// Foreign files put descriptions into the column that was taken for the name, and currencies
    /// into the one for the symbol, where no instrument is concerned.
    fn is_about_security(&self, record: &Record, kind: TransactionKind) -> bool {
        match kind {
            TransactionKind::Deposit
            | TransactionKind::Withdrawal
            | TransactionKind::Conversion => false,
            TransactionKind::Interest | TransactionKind::Fee | TransactionKind::Tax => {
                let symbol = self.text(record, Field::Symbol);
                let is_named = !symbol.is_empty() || !self.text(record, Field::Isin).is_empty();
                is_named && !symbol.eq_ignore_ascii_case(self.text(record, Field::Currency))
            }
            _ => true,
        }
    }

    fn settlement(
        &self,
        record: &Record,
        currency: Currency,
    ) -> Result<Option<Settlement>, Refusal> {
        let into = self.text(record, Field::SettlementCurrency);
        let rate = self.number(record, Field::FxRate)?;
        let (into, rate) = match (into, rate) {
            ("", None) => return Ok(None),
            ("", Some(_)) => {
                let remedy = "say into which currency fx_rate leads, or leave fx_rate empty";
                return Err(Refusal::missing("settlement_currency", remedy));
            }
            (into, rate) => (draft::currency("settlement_currency", into)?.0, rate),
        };
        match rate {
            None if into == currency => Ok(None),
            None => {
                let remedy = format!("give the units of {into} for one {currency}");
                Err(Refusal::missing("fx_rate", &remedy))
            }
            Some(rate) if into == currency && rate == Decimal::ONE => Ok(None),
            Some(fx_rate) if into != currency && fx_rate > Decimal::ZERO => Ok(Some(Settlement {
                currency: into,
                fx_rate,
            })),
            Some(rate) => Err(Refusal::new(
                code::INVALID_FX_RATE,
                format!(
                    "fx_rate {rate} from {currency} to {into} must be above zero, and 1 within one currency"
                ),
            )),
        }
    }
}
