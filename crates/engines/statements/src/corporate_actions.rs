//! Files of corporate actions, streamed.

use std::io::BufRead;

use jiff::civil::Date;
use ledger::{Ratio, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Rejection, Unreadable, code,
    dates::{self, First},
    draft::currency,
    lines::{Line, Lines, Step, Stream},
    model::{Refusal, Security},
    numbers::{self, Style, is_blank},
    securities::{Named, check_isin, filled},
    text::shown,
    words::normalized,
};

/// Lines read ahead to find out whether day or month comes first.
const SAMPLE: usize = 1_000;

const EXAMPLE: &str = "symbol,type,ex_date,ratio";

/// One corporate action as a file states it; whether its fields fit its type is not judged here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorporateActionRow {
    /// Line counted from 1.
    pub line: u64,
    /// Whose shares it is about.
    pub security: Security,
    /// What happens.
    pub kind: TransactionKind,
    /// The first day without what the action gives.
    pub ex_date: Date,
    /// When money is paid, where that is another day.
    pub pay_date: Option<Date>,
    /// New shares for old.
    pub ratio: Option<Ratio>,
    /// Whose shares are received.
    pub target: Option<Security>,
    /// The part of the cost that goes with them.
    pub cost_share: Option<Decimal>,
    /// Money for each share, in `currency`.
    pub cash_per_share: Option<Decimal>,
    /// The currency of the money.
    pub currency: Option<Currency>,
    /// Free text.
    pub note: Option<String>,
}

/// Where each field stands; a file need not have all columns.
#[derive(Debug)]
struct Layout {
    symbol: usize,
    kind: usize,
    ex_date: usize,
    exchange: Option<usize>,
    isin: Option<usize>,
    pay_date: Option<usize>,
    ratio: Option<usize>,
    target_symbol: Option<usize>,
    target_exchange: Option<usize>,
    target_isin: Option<usize>,
    cost_share: Option<usize>,
    cash_per_share: Option<usize>,
    currency: Option<usize>,
    note: Option<usize>,
}

/// Streams the corporate actions of a file. Made by [`corporate_actions`].
#[derive(Debug)]
pub struct CorporateActionsReader<R> {
    stream: Stream<R>,
    layout: Layout,
    first: Option<First>,
}

/// Opens a CSV of corporate actions. Its header names the columns, in any order: `symbol`, `type` and
/// `ex_date` are needed; `exchange`, `isin`, `pay_date`, `ratio`, `target_symbol`, `target_exchange`,
/// `target_isin`, `cost_share`, `cash_per_share`, `currency` and `note` may be there. Other columns
/// are passed over.
pub fn corporate_actions<R: BufRead>(reader: R) -> Result<CorporateActionsReader<R>, Unreadable> {
    let (mut lines, header) = Lines::open(reader, EXAMPLE)?;
    let layout = layout(&header)?;
    let mut ahead: Vec<Line> = Vec::new();
    lines.read_ahead(&mut ahead, SAMPLE);
    let texts = ahead
        .iter()
        .map(|line| (line.number, line.text(layout.ex_date)));
    let first = dates::first_of("ex_date", texts, false)?;
    Ok(CorporateActionsReader {
        stream: Stream::new(lines, ahead),
        layout,
        first,
    })
}

fn layout(header: &Line) -> Result<Layout, Unreadable> {
    let names: Vec<String> = (0..header.len())
        .map(|at| header.text(at).to_owned())
        .collect();
    let find = |wanted: &[&str]| {
        names
            .iter()
            .position(|name| wanted.contains(&normalized(name).as_str()))
    };
    let symbol = find(&["symbol", "ticker"]);
    let kind = find(&["type", "action"]);
    let ex_date = find(&["exdate", "date", "effectivedate"]);
    let (Some(symbol), Some(kind), Some(ex_date)) = (symbol, kind, ex_date) else {
        let needed = [("symbol", symbol), ("type", kind), ("ex_date", ex_date)];
        let missing: Vec<String> = needed
            .iter()
            .filter(|(_, at)| at.is_none())
            .map(|(name, _)| (*name).to_owned())
            .collect();
        if missing.len() == needed.len() {
            return Err(Unreadable::NoHeader { example: EXAMPLE });
        }
        return Err(Unreadable::MissingColumns {
            missing,
            header: names,
        });
    };
    Ok(Layout {
        symbol,
        kind,
        ex_date,
        exchange: find(&["exchange"]),
        isin: find(&["isin"]),
        pay_date: find(&["paydate", "paymentdate"]),
        ratio: find(&["ratio"]),
        target_symbol: find(&["targetsymbol", "target", "newsymbol"]),
        target_exchange: find(&["targetexchange"]),
        target_isin: find(&["targetisin"]),
        cost_share: find(&["costshare"]),
        cash_per_share: find(&["cashpershare", "cash", "amount"]),
        currency: find(&["currency"]),
        note: find(&["note", "comment"]),
    })
}

/// The word of a type, in capitals or not, with blanks or hyphens for its underscores.
fn kind_of(text: &str) -> Result<TransactionKind, Refusal> {
    let wanted = normalized(text);
    TransactionKind::ALL
        .into_iter()
        .find(|kind| normalized(kind.as_str()) == wanted)
        .ok_or_else(|| {
            let message = format!(
                "type “{}” is not known: write split, spin_off, merger, symbol_change, \
                 stock_dividend, return_of_capital or dividend",
                shown(text)
            );
            Refusal::new(code::UNKNOWN_TYPE, message)
        })
}

impl<R: BufRead> Iterator for CorporateActionsReader<R> {
    type Item = Result<CorporateActionRow, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.stream.advance() {
            Step::Line => Some(
                self.row()
                    .map_err(|refusal| refusal.at(self.stream.current.number)),
            ),
            Step::End => None,
            Step::Broken(rejection) => Some(Err(rejection)),
        }
    }
}

impl<R: BufRead> CorporateActionsReader<R> {
    fn text(&self, column: Option<usize>) -> &str {
        column.map_or("", |column| self.stream.current.text(column))
    }

    fn row(&self) -> Result<CorporateActionRow, Refusal> {
        let layout = &self.layout;
        let symbol = (Some(layout.symbol), layout.exchange, layout.isin);
        let security = self
            .security(symbol, "isin")?
            .ok_or_else(|| Refusal::missing("symbol", "write whose shares it is about"))?;
        let target = (
            layout.target_symbol,
            layout.target_exchange,
            layout.target_isin,
        );
        let ex_date = self
            .date("ex_date", Some(layout.ex_date))?
            .ok_or_else(|| Refusal::missing("ex_date", "write it like 2024-12-31"))?;
        let currency = filled(self.text(layout.currency))
            .map(|code| currency("currency", &code))
            .transpose()?;
        let factor = currency.map_or(Decimal::ONE, |(_, factor)| factor);
        let cash = self.number("cash_per_share", layout.cash_per_share)?;
        Ok(CorporateActionRow {
            line: self.stream.current.number,
            security,
            kind: kind_of(self.text(Some(layout.kind)))?,
            ex_date,
            pay_date: self.date("pay_date", layout.pay_date)?,
            ratio: self.ratio()?,
            target: self.security(target, "target_isin")?,
            cost_share: self.number("cost_share", layout.cost_share)?,
            cash_per_share: cash.map(|cash| cash * factor),
            currency: currency.map(|(currency, _)| currency),
            note: filled(self.text(layout.note)),
        })
    }

    fn security(
        &self,
        (symbol, exchange, isin): (Option<usize>, Option<usize>, Option<usize>),
        isin_name: &str,
    ) -> Result<Option<Security>, Refusal> {
        let isin = self.text(isin);
        if !isin.is_empty() {
            check_isin(isin).map_err(|refusal| {
                Refusal::new(refusal.code, format!("{isin_name}: {}", refusal.message))
            })?;
        }
        Ok(Named {
            symbol: self.text(symbol),
            isin,
            exchange: self.text(exchange),
            name: "",
            asset_class: "",
            currency: None,
        }
        .security())
    }

    fn date(&self, field: &str, column: Option<usize>) -> Result<Option<Date>, Refusal> {
        let text = self.text(column);
        if is_blank(text) {
            return Ok(None);
        }
        Ok(Some(dates::parse(field, text, self.first)?.date))
    }

    fn number(&self, field: &str, column: Option<usize>) -> Result<Option<Decimal>, Refusal> {
        let text = self.text(column);
        if is_blank(text) {
            return Ok(None);
        }
        numbers::parse(field, text, Style::POINT).map(Some)
    }

    fn ratio(&self) -> Result<Option<Ratio>, Refusal> {
        let text = self.text(self.layout.ratio);
        if is_blank(text) {
            return Ok(None);
        }
        let part = |text: &str| numbers::parse("ratio", text, Style::POINT).ok();
        let parts = text
            .split_once([':', '/'])
            .and_then(|(to, from)| Some((part(to)?, part(from)?)));
        match parts {
            Some((to, from)) if to > Decimal::ZERO && from > Decimal::ZERO => {
                Ok(Some(Ratio { to, from }))
            }
            _ => Err(Refusal::new(
                code::UNPARSABLE_RATIO,
                format!(
                    "ratio “{}” is not read: write new for old like 4:1",
                    shown(text)
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<CorporateActionRow, Rejection>> {
        corporate_actions(text.as_bytes()).unwrap().collect()
    }

    #[test]
    fn columns_are_found_by_name_and_lines_judged_one_by_one() {
        let rows = read(
            "Type,Symbol,Ex date,Ratio,Target symbol,Cost share,Cash per share,Currency,Note\n\
             split,ACME,2025-06-02,4:1,,,,,\n\
             Spin-off,ACME,2025-07-01,1/10,BABY,0.2,,,a child\n\
             dividend,ACME,2025-08-01,,,,0.25,USD,\n\
             splat,ACME,2025-06-02,4:1,,,,,\n\
             split,,2025-06-02,4:1,,,,,\n\
             split,ACME,2025-06-02,four,,,,,\n",
        );
        let split = rows[0].as_ref().unwrap();
        assert_eq!((split.line, split.kind), (2, TransactionKind::Split));
        assert_eq!(split.ratio.unwrap().to, Decimal::from(4));
        let child = rows[1].as_ref().unwrap();
        assert_eq!(child.target.as_ref().unwrap().symbol, "BABY");
        assert_eq!(child.note.as_deref(), Some("a child"));
        let paid = rows[2].as_ref().unwrap();
        assert_eq!(
            (paid.cash_per_share, paid.currency),
            (Some(Decimal::new(25, 2)), Some(Currency::USD))
        );
        let refused: Vec<(u64, &str)> = rows[3..]
            .iter()
            .map(|row| row.as_ref().unwrap_err())
            .map(|rejection| (rejection.line, &*rejection.code))
            .collect();
        assert_eq!(
            refused,
            [
                (5, code::UNKNOWN_TYPE),
                (6, code::MISSING_FIELD),
                (7, code::UNPARSABLE_RATIO)
            ]
        );
    }

    #[test]
    fn a_file_of_something_else_is_refused_whole() {
        let error = corporate_actions("symbol,date,close\n".as_bytes()).unwrap_err();
        assert!(matches!(error, Unreadable::MissingColumns { missing, .. } if missing == ["type"]));
    }
}
