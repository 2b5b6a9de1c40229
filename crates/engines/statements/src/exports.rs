//! CSV exports of brokers and exchanges, each told by the names of its columns.

mod bitvavo;
mod cgt_calc;
mod coinbase;
mod coins;
mod degiro;
mod delta;
mod etoro;
mod kraken;
mod kucoin;
mod parqet;
mod portfolio_performance;
mod revolut;
mod scalable;
mod schwab;
mod sheet;
mod splits;
mod status;
mod sums;
mod swissquote;
mod trade_republic;
mod trading212;
mod wealthfolio;

use crate::{
    Format, Statement, Unreadable,
    table::{DELIMITERS, Table, beginning, sniff_delimiter},
};
pub(crate) use sheet::Habits;
use sheet::{Pass, Sheet, column_names};

/// A CSV export that is recognised by the names of its columns.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// Its format.
    pub format: Format,
    /// The word for it in commands and answers, as [`Format`] is serialised.
    pub name: &'static str,
    /// The name that people know.
    pub title: &'static str,
    /// One list of columns for each layout, normalised and separated by blanks: `a|b` is either of
    /// two names, `!a` a column that must be absent, `=a` a text that tells the file from others of
    /// the same columns.
    layouts: &'static [&'static str],
    read: fn(&Sheet) -> Result<Statement, Unreadable>,
}

/// All such exports, in the order in which they are tried.
pub fn exports() -> &'static [Export] {
    &EXPORTS
}

const fn export(
    format: Format,
    name: &'static str,
    title: &'static str,
    layouts: &'static [&'static str],
    read: fn(&Sheet) -> Result<Statement, Unreadable>,
) -> Export {
    Export {
        format,
        name,
        title,
        layouts,
        read,
    }
}

static EXPORTS: [Export; 17] = [
    export(
        Format::Bitvavo,
        "bitvavo",
        "Bitvavo",
        bitvavo::LAYOUTS,
        bitvavo::read,
    ),
    export(
        Format::CgtCalc,
        "cgt_calc",
        "cgt-calc",
        cgt_calc::LAYOUTS,
        cgt_calc::read,
    ),
    export(
        Format::Coinbase,
        "coinbase",
        "Coinbase",
        coinbase::LAYOUTS,
        coinbase::read,
    ),
    export(
        Format::Degiro,
        "degiro",
        "DEGIRO",
        degiro::LAYOUTS,
        |sheet| Ok(degiro::read(sheet)),
    ),
    export(Format::Delta, "delta", "Delta", delta::LAYOUTS, delta::read),
    export(Format::Etoro, "etoro", "eToro", etoro::LAYOUTS, |sheet| {
        Ok(etoro::read(sheet))
    }),
    export(
        Format::Kraken,
        "kraken",
        "Kraken",
        kraken::LAYOUTS,
        |sheet| Ok(kraken::read(sheet)),
    ),
    export(
        Format::Kucoin,
        "kucoin",
        "KuCoin",
        kucoin::LAYOUTS,
        kucoin::read,
    ),
    export(
        Format::Parqet,
        "parqet",
        "Parqet",
        parqet::LAYOUTS,
        parqet::read,
    ),
    export(
        Format::PortfolioPerformance,
        "portfolio_performance",
        "Portfolio Performance",
        portfolio_performance::LAYOUTS,
        portfolio_performance::read,
    ),
    export(
        Format::Revolut,
        "revolut",
        "Revolut",
        revolut::LAYOUTS,
        revolut::read,
    ),
    export(
        Format::Scalable,
        "scalable",
        "Scalable Capital",
        scalable::LAYOUTS,
        scalable::read,
    ),
    export(
        Format::Schwab,
        "schwab",
        "Charles Schwab",
        schwab::LAYOUTS,
        |sheet| Ok(schwab::read(sheet)),
    ),
    export(
        Format::Swissquote,
        "swissquote",
        "Swissquote",
        swissquote::LAYOUTS,
        |sheet| Ok(swissquote::read(sheet)),
    ),
    export(
        Format::TradeRepublic,
        "trade_republic",
        "Trade Republic",
        trade_republic::LAYOUTS,
        trade_republic::read,
    ),
    export(
        Format::Trading212,
        "trading212",
        "Trading 212",
        trading212::LAYOUTS,
        trading212::read,
    ),
    export(
        Format::Wealthfolio,
        "wealthfolio",
        "Wealthfolio",
        wealthfolio::LAYOUTS,
        wealthfolio::read,
    ),
];

/// The export whose columns the text has.
pub(crate) fn recognise(text: &str) -> Option<Format> {
    delimiters(text).into_iter().find_map(|delimiter| {
        let beginning: Vec<Vec<String>> = beginning(text, delimiter)
            .iter()
            .map(|record| column_names(record.iter()))
            .collect();
        EXPORTS
            .iter()
            .find(|export| {
                beginning
                    .iter()
                    .any(|names| export.has_header(names, Some(text)))
            })
            .map(|export| export.format)
    })
}

/// Reads a text as the export of a format.
pub(crate) fn read(text: &str, format: Format) -> Result<Statement, Unreadable> {
    let (export, delimiter) = find(text, format)?;
    let is_header = |names: &[String]| export.is_header(names);
    match Table::read(text, delimiter, is_header)? {
        Some(table) => (export.read)(&Sheet::new(table)),
        None => Err(export.missing_columns(text)),
    }
}

/// The export of a format, and the delimiter by which the beginning of a text has its header.
pub(crate) fn find(text: &str, format: Format) -> Result<(&'static Export, u8), Unreadable> {
    let unknown = || Unreadable::UnknownFormat { header: Vec::new() };
    let export = EXPORTS
        .iter()
        .find(|export| export.format == format)
        .ok_or_else(unknown)?;
    delimiters(text)
        .into_iter()
        .find(|delimiter| {
            beginning(text, *delimiter)
                .iter()
                .any(|record| export.has_header(&column_names(record.iter()), None))
        })
        .map(|delimiter| (export, delimiter))
        .ok_or_else(|| export.missing_columns(text))
}

/// The likeliest delimiter, then the others: lines above the header may mislead.
fn delimiters(text: &str) -> Vec<u8> {
    let likely = sniff_delimiter(text);
    std::iter::once(likely)
        .chain(DELIMITERS.into_iter().filter(|other| *other != likely))
        .collect()
}

impl Export {
    pub(crate) fn is_header(&self, names: &[String]) -> bool {
        self.has_header(&column_names(names.iter().map(String::as_str)), None)
    }

    /// Whether each record of a table is a booking of its own, or goes by few records of the whole file
    /// that are kept with its habits: then its parts are read one by one. Other exports spread one
    /// booking over several records, or book by what came before.
    pub(crate) fn stands_alone(&self, table: &Table) -> bool {
        let has = |wanted: &str| {
            column_names(table.names.iter().map(String::as_str))
                .iter()
                .any(|name| name == wanted)
        };
        match self.format {
            Format::Bitvavo
            | Format::Coinbase
            | Format::Delta
            | Format::Etoro
            | Format::Parqet
            | Format::PortfolioPerformance
            | Format::Scalable
            | Format::Trading212 => true,
            Format::Kraken => has("pair"),
            Format::Kucoin => kucoin::stands_alone(&Sheet::new(table.header())),
            Format::TradeRepublic => !has("transactionid"),
            // Holdings are no bookings.
            Format::Wealthfolio => has("activitytype") || has("type"),
            _ => false,
        }
    }

    /// Looks at a part of a file for its habits alone.
    pub(crate) fn observe(&self, table: Table, habits: Habits) -> Result<Habits, Unreadable> {
        let sheet = Sheet::part(table, Pass::Habits, habits);
        (self.read)(&sheet)?;
        Ok(sheet.into_habits())
    }

    /// Reads a part of a file whose habits are known.
    pub(crate) fn read_part(&self, table: Table, habits: &Habits) -> Result<Statement, Unreadable> {
        (self.read)(&Sheet::part(table, Pass::Bookings, habits.clone()))
    }

    /// Whether the names are those of a layout. A text is given where the format is still open.
    fn has_header(&self, names: &[String], text: Option<&str>) -> bool {
        let fits = |wanted: &str| match wanted.strip_prefix('=') {
            Some(mark) => text.is_none_or(|text| text.contains(mark)),
            None => fits(names, wanted),
        };
        self.layouts
            .iter()
            .any(|layout| layout.split(' ').all(fits))
    }

    /// What the header lacks that comes nearest to one of the layouts.
    fn missing_columns(&self, text: &str) -> Unreadable {
        let records = beginning(text, sniff_delimiter(text));
        let nearest = records
            .iter()
            .flat_map(|record| {
                let names = column_names(record.iter());
                self.layouts.iter().map(move |layout| {
                    let lacking: Vec<String> = layout
                        .split(' ')
                        .filter(|wanted| !wanted.starts_with('=') && !fits(&names, wanted))
                        .map(str::to_owned)
                        .collect();
                    (lacking, record)
                })
            })
            .min_by_key(|(lacking, _)| lacking.len());
        let (missing, header) = nearest.map_or_else(Default::default, |(lacking, record)| {
            (lacking, record.iter().map(str::to_owned).collect())
        });
        Unreadable::MissingColumns { missing, header }
    }
}

fn fits(names: &[String], wanted: &str) -> bool {
    match wanted.strip_prefix('!') {
        Some(absent) => !names.iter().any(|name| name == absent),
        None => wanted
            .split('|')
            .any(|wanted| names.iter().any(|name| name == wanted)),
    }
}
