//! Which column of a foreign CSV holds what.

use std::collections::{BTreeMap, BTreeSet};

use ledger::TransactionKind;
use money::Quotation;
use serde::{Deserialize, Serialize};

use crate::{
    DateFormat, DecimalSeparator, Unreadable,
    table::{Table, is_usual_header, sniff_delimiter, usual_header},
    text::decode,
    words::{headers_of, kind_of_word, normalized},
};

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Trade date, with or without a time.
    Date,
    /// Type of transaction.
    Type,
    /// Ticker.
    Symbol,
    /// ISIN.
    Isin,
    /// Exchange code.
    Exchange,
    /// Name of the instrument.
    Name,
    /// Asset class of the instrument.
    AssetClass,
    /// Shares.
    Quantity,
    /// Price of one share.
    Price,
    /// Gross amount.
    Amount,
    /// Charges.
    Fees,
    /// Taxes.
    Taxes,
    /// Currency of price, amount, fees and taxes.
    Currency,
    /// Currency in which the instrument is quoted.
    QuoteCurrency,
    /// Units of the settlement currency for one unit of the currency.
    FxRate,
    /// Currency of the cash balance that changed.
    SettlementCurrency,
    /// Split ratio, new for old.
    Ratio,
    /// Free text.
    Note,
    /// Account in the file.
    Account,
    /// The broker's own id.
    ExternalId,
    /// Ticker of the instrument whose shares are received.
    TargetSymbol,
    /// ISIN of the instrument whose shares are received.
    TargetIsin,
    /// Exchange code of the instrument whose shares are received.
    TargetExchange,
    /// Name of the instrument whose shares are received.
    TargetName,
    /// Asset class of the instrument whose shares are received.
    TargetAssetClass,
    /// Currency in which the instrument is quoted whose shares are received.
    TargetCurrency,
    /// Part of the cost that goes with the shares received, 0 to 1.
    CostShare,
    /// When transferred shares were bought.
    AcquiredOn,
    /// Ticker of an option's underlying instrument.
    Underlying,
    /// An option's last day.
    ExpiresOn,
    /// An option's strike.
    Strike,
    /// Whether an option is a call or a put.
    Right,
    /// Shares of one option contract.
    Multiplier,
}

impl Field {
    /// All fields, in the order in which a form shows them.
    pub const ALL: [Self; 33] = [
        Self::Date,
        Self::Type,
        Self::Symbol,
        Self::Isin,
        Self::Exchange,
        Self::Name,
        Self::AssetClass,
        Self::Quantity,
        Self::Price,
        Self::Amount,
        Self::Fees,
        Self::Taxes,
        Self::Currency,
        Self::QuoteCurrency,
        Self::SettlementCurrency,
        Self::FxRate,
        Self::Ratio,
        Self::TargetSymbol,
        Self::TargetIsin,
        Self::TargetExchange,
        Self::TargetName,
        Self::TargetAssetClass,
        Self::TargetCurrency,
        Self::CostShare,
        Self::AcquiredOn,
        Self::Underlying,
        Self::ExpiresOn,
        Self::Strike,
        Self::Right,
        Self::Multiplier,
        Self::Account,
        Self::ExternalId,
        Self::Note,
    ];

    /// The field's name in Bursar's CSV, in messages and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Type => "type",
            Self::Symbol => "symbol",
            Self::Isin => "isin",
            Self::Exchange => "exchange",
            Self::Name => "name",
            Self::AssetClass => "asset_class",
            Self::Quantity => "quantity",
            Self::Price => "price",
            Self::Amount => "amount",
            Self::Fees => "fees",
            Self::Taxes => "taxes",
            Self::Currency => "currency",
            Self::QuoteCurrency => "quote_currency",
            Self::FxRate => "fx_rate",
            Self::SettlementCurrency => "settlement_currency",
            Self::Ratio => "ratio",
            Self::Note => "note",
            Self::Account => "account",
            Self::ExternalId => "external_id",
            Self::TargetSymbol => "target_symbol",
            Self::TargetIsin => "target_isin",
            Self::TargetExchange => "target_exchange",
            Self::TargetName => "target_name",
            Self::TargetAssetClass => "target_asset_class",
            Self::TargetCurrency => "target_currency",
            Self::CostShare => "cost_share",
            Self::AcquiredOn => "acquired_on",
            Self::Underlying => "underlying",
            Self::ExpiresOn => "expires_on",
            Self::Strike => "strike",
            Self::Right => "right",
            Self::Multiplier => "multiplier",
        }
    }
}

/// What the sign of an amount means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountSign {
    /// Cash effect when a purchase is negative or, in a file without purchases, a withdrawal;
    /// magnitude otherwise.
    #[default]
    Auto,
    /// Negative amounts left the account.
    CashEffect,
    /// The type alone says the direction; negative fees and taxes were given back.
    Magnitude,
}

/// How to read a foreign CSV. What is left at its default is found out from the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// Column name for each field that the file has. Case and surrounding blanks do not matter; a
    /// column without a name is `column 3`, a second one of the same name `Currency (2)`.
    pub columns: BTreeMap<Field, String>,
    /// Order of day, month and year.
    pub date_format: DateFormat,
    /// Decimal separator.
    pub decimal_separator: DecimalSeparator,
    /// Character between fields.
    pub delimiter: Option<char>,
    /// What the file's words for types mean; these win over the words known to [`kind_of_word`].
    pub type_words: BTreeMap<String, TransactionKind>,
    /// Currency of records that state none, or its hundredth, such as `GBX`.
    #[serde(with = "quotation_code")]
    pub default_currency: Option<Quotation>,
    /// Type of records that state none.
    pub default_kind: Option<TransactionKind>,
    /// What the sign of an amount means.
    pub amount_sign: AmountSign,
}

/// A quotation as its code.
mod quotation_code {
    use money::Quotation;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer, de::Error as _};

    #[expect(clippy::ref_option, reason = "serde hands the field over by reference")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Quotation>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value
            .map(|quotation| quotation.to_string())
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Quotation>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|code| Quotation::parse(&code).map_err(D::Error::custom))
            .transpose()
    }
}

impl Mapping {
    /// The fields without which no record of the file can be read.
    pub fn missing(&self) -> Vec<Field> {
        let has = |field: Field| self.columns.contains_key(&field);
        let has_amount = has(Field::Amount) || (has(Field::Quantity) && has(Field::Price));
        [
            (Field::Date, has(Field::Date)),
            (Field::Type, has(Field::Type) || self.default_kind.is_some()),
            (Field::Amount, has_amount),
            (
                Field::Currency,
                has(Field::Currency) || self.default_currency.is_some(),
            ),
        ]
        .into_iter()
        .filter_map(|(field, there)| (!there).then_some(field))
        .collect()
    }

    /// Refuses a mapping with which no record could be read.
    pub(crate) fn check_complete(&self) -> Result<(), Unreadable> {
        let missing = self.missing();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Unreadable::IncompleteMapping { missing })
        }
    }

    /// The type that a word of the file stands for.
    pub fn kind(&self, word: &str) -> Option<TransactionKind> {
        let same = |known: &&String| normalized(known) == normalized(word);
        let own = self
            .type_words
            .keys()
            .find(same)
            .and_then(|known| self.type_words.get(known));
        own.copied().or_else(|| kind_of_word(word))
    }

    /// Columns whose headers say what they hold.
    pub(crate) fn guess(names: &[String], delimiter: u8) -> Self {
        let plain: Vec<String> = names.iter().map(|name| normalized(name)).collect();
        let mut columns: BTreeMap<Field, String> = BTreeMap::new();
        for field in Field::ALL {
            let free = |place: &usize| !columns.values().any(|taken| *taken == names[*place]);
            let found = headers_of(field)
                .filter_map(|header| plain.iter().position(|name| name == header))
                .find(free);
            if let Some(place) = found {
                columns.insert(field, names[place].clone());
            }
        }
        // A rate says nothing without the currency into which it leads.
        if !columns.contains_key(&Field::SettlementCurrency) {
            columns.remove(&Field::FxRate);
        }
        Self {
            columns,
            delimiter: Some(char::from(delimiter)),
            ..Self::default()
        }
    }
}

/// The beginning of a CSV, for the person who maps its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// Character between fields.
    pub delimiter: char,
    /// Line of the header, counted from 1.
    pub header_line: u64,
    /// Column names by which a [`Mapping`] may call them.
    pub names: Vec<String>,
    /// The first five records.
    pub records: Vec<Vec<String>>,
    /// A mapping by the column names; [`Mapping::missing`] tells what it lacks.
    pub mapping: Mapping,
    /// Words in the type column that no type is known for (the first hundred).
    pub unknown_types: Vec<String>,
}

/// Takes a CSV apart without reading it: delimiter, names, first records and a guessed mapping.
/// Lines above the header (a title, an address) are passed over.
pub fn preview_columns(bytes: &[u8]) -> Result<Columns, Unreadable> {
    preview(&decode(bytes)?)
}

pub(crate) fn preview(text: &str) -> Result<Columns, Unreadable> {
    const SHOWN: usize = 5;
    const UNKNOWN_TYPES: usize = 100;
    let delimiter = sniff_delimiter(text);
    let width = usual_header(text, delimiter);
    let table = Table::read(text, delimiter, |names| is_usual_header(names, width))?.ok_or(
        Unreadable::NoHeader {
            example: "date,type,symbol,quantity,price,currency",
        },
    )?;
    let mapping = Mapping::guess(&table.names, delimiter);
    let type_column = mapping
        .columns
        .get(&Field::Type)
        .and_then(|name| table.names.iter().position(|other| other == name));
    let unknown_types: BTreeSet<&str> = type_column
        .iter()
        .flat_map(|at| table.records.iter().map(|record| record.get(*at)))
        .filter(|word| !word.is_empty() && mapping.kind(word).is_none())
        .collect();
    let unknown_types = unknown_types
        .into_iter()
        .take(UNKNOWN_TYPES)
        .map(str::to_owned)
        .collect();
    let records = table.records.iter().take(SHOWN);
    Ok(Columns {
        delimiter: char::from(delimiter),
        header_line: table.header_line,
        records: records
            .map(|record| record.iter().map(str::to_owned).collect())
            .collect(),
        names: table.names,
        mapping,
        unknown_types,
    })
}
