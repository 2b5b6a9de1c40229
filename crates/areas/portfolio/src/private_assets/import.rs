//! Values of many days out of a file.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufReader, Read},
};

use db::UserId;
use jiff::{civil::Date, tz::TimeZone};
use market::{ImportError, ImportReport, InstrumentId, Refusal};
use rust_decimal::Decimal;
use statements::BarRow;
use web::App;

use super::{Appraisal, Error, store};

/// Of a file that is sent: the prices of a century of days, and more than twice that.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The line is about something else.
const OTHER_SYMBOL: &str = "other_symbol";
/// Two lines say different things about a day.
const CONFLICTING_PRICE: &str = "conflicting_price";

/// States the values of a file of prices, each of a day, for what a word of the person stands for: the
/// symbol of an instrument, the name of anything else. What was stated of a day before is replaced; a line
/// that cannot be taken is refused with its reason, and keeps no other out.
///
/// # Errors
/// There is none of that name, the file is none of prices, or the database did not take part.
pub async fn import_named(
    app: &App,
    user: UserId,
    word: &str,
    file: impl Read + Send + 'static,
) -> Result<ImportReport, Error> {
    let mut tx = app.db.read(user).await?;
    let found = store::find(&mut tx, word.trim()).await?;
    drop(tx);
    let id = found.ok_or(Error::NotFound)?;
    let today = app.clock.today(&TimeZone::UTC);
    import(app, user, id, file, today).await
}

/// The same for a handle.
pub(super) async fn import(
    app: &App,
    user: UserId,
    id: InstrumentId,
    file: impl Read + Send + 'static,
    today: Date,
) -> Result<ImportReport, Error> {
    let mut tx = app.db.read(user).await?;
    let asset = store::require(&mut tx, id).await?;
    drop(tx);
    let word = asset.word().to_owned();
    let reading = tokio::task::spawn_blocking(move || read(file, &word, today));
    let lines = reading.await.map_err(|_| ImportError::Interrupted)??;
    let mut tx = app.db.write(user).await?;
    store::lock(&mut tx, id).await?;
    let there = store::appraisals::list(&mut tx, id).await?;
    let (stated, report) = lines.beside(&there);
    store::appraisals::upsert(&mut tx, user, id, &stated).await?;
    tx.commit().await?;
    Ok(report.finish("stated values", "a file of their owner"))
}

/// What a file says.
struct Lines {
    /// By day, with the line that says it.
    prices: BTreeMap<Date, (u64, Decimal)>,
    report: ImportReport,
}

fn read(file: impl Read, word: &str, today: Date) -> Result<Lines, ImportError> {
    let mut lines = Lines {
        prices: BTreeMap::new(),
        report: ImportReport::new(),
    };
    for row in statements::bars(BufReader::new(file))? {
        match row {
            Ok(row) => lines.take(&row, word, today),
            Err(rejection) => lines.report.refuse_line(rejection)?,
        }
    }
    Ok(lines)
}

impl Lines {
    fn take(&mut self, row: &BarRow, word: &str, today: Date) {
        if let Some(other) = row
            .symbol
            .as_ref()
            .filter(|symbol| **symbol != word.to_uppercase())
        {
            let message = format!("this is a price of {other:.60}, and the file is one of {word}");
            return self.refuse(row.line, OTHER_SYMBOL, message);
        }
        let date = row.at.date();
        // A number that no decimal holds is too large.
        let price = money::decimal_from_f64(row.close).unwrap_or(Decimal::MAX);
        let stated = match Appraisal::new(date, price, today) {
            Ok(stated) => stated,
            Err(errors) => {
                for error in errors {
                    let message = format!("{} {date}: {}", error.pointer, error.detail);
                    self.refuse(row.line, &error.code, message);
                }
                return;
            }
        };
        match self.prices.get(&date) {
            None => {
                self.prices.insert(date, (row.line, stated.price));
            }
            Some((_, price)) if *price == stated.price => self.report.duplicates += 1,
            Some((line, price)) => {
                let message = format!(
                    "{date} is stated as {} here and as {price} in line {line}",
                    stated.price
                );
                self.refuse(row.line, CONFLICTING_PRICE, message);
            }
        }
    }

    fn refuse(&mut self, line: u64, code: &str, message: String) {
        self.report.rejected.push(Refusal {
            line,
            code: code.to_owned(),
            message,
        });
    }

    /// What is to be written beside what is there, and what becomes of the lines.
    fn beside(mut self, there: &[Appraisal]) -> (Vec<Appraisal>, ImportReport) {
        let known: HashMap<Date, Decimal> = there.iter().map(|a| (a.date, a.price)).collect();
        let mut stated = Vec::with_capacity(self.prices.len());
        for (date, (_, price)) in self.prices {
            match known.get(&date) {
                Some(known) if *known == price => {
                    self.report.duplicates += 1;
                    continue;
                }
                Some(_) => self.report.corrected += 1,
                None => self.report.imported += 1,
            }
            stated.push(Appraisal { date, price });
        }
        (stated, self.report)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn told(report: &ImportReport) -> Vec<(u64, &str)> {
        let refused = report.rejected.iter();
        refused
            .map(|refused| (refused.line, refused.code.as_str()))
            .collect()
    }

    #[test]
    fn each_line_is_taken_or_refused_for_itself() {
        let file = "date,symbol,price\n\
                    2026-01-05,world-p,10.5\n\
                    2026-01-06,WORLD-P,ten\n\
                    2026-01-07,OTHER,10\n\
                    2026-01-05,WORLD-P,10.50\n\
                    2026-01-05,WORLD-P,11\n\
                    2026-03-03,WORLD-P,12\n\
                    2026-01-08,WORLD-P,-1\n\
                    2026-01-09,WORLD-P,1e30\n";
        let lines = read(file.as_bytes(), "WORLD-P", date(2026, 3, 2)).expect("readable");
        let (stated, report) = lines.beside(&[]);
        let only = Appraisal {
            date: date(2026, 1, 5),
            price: dec("10.5"),
        };
        assert_eq!(stated, [only]);
        assert_eq!((report.imported, report.duplicates), (1, 1));
        assert_eq!(
            told(&report),
            [
                (3, "unparsable_number"),
                (4, "other_symbol"),
                (6, "conflicting_price"),
                (7, "in_the_future"),
                (8, "non_positive_price"),
                (9, "too_large"),
            ]
        );
    }

    #[test]
    fn what_is_stated_already_is_replaced_where_it_differs() {
        let at = |day, price| Appraisal {
            date: date(2026, 1, day),
            price: dec(price),
        };
        let file = "Datum;Kurs\n05.01.2026;10,5\n06.01.2026;10,6\n19.01.2026;10,7\n";
        let file = file.replace("Datum;Kurs", "date;close");
        let read = || read(std::io::Cursor::new(file.clone()), "X", date(2026, 3, 2));
        let (stated, report) = read()
            .expect("readable")
            .beside(&[at(5, "10.5"), at(6, "9")]);
        assert_eq!(stated, [at(6, "10.6"), at(19, "10.7")]);
        assert_eq!(
            (report.imported, report.corrected, report.duplicates),
            (1, 1, 1)
        );
    }
}
