//! Trading 212's history. Times are UTC; the total is in the account's currency and after charges,
//! prices are in the instrument's.

mod bookings;

use std::collections::{HashMap, HashSet};

use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Format, Row, Statement, Unreadable,
    dates::Moment,
    draft::{self, Draft, product},
    model::Refusal,
    securities::{Named, filled},
    table::Record,
    text::shown,
};

use super::{
    sheet::{Line, Sheet, begin, not_supported, take_all, unknown_type},
    splits::plain_ratio,
};

pub(crate) const LAYOUTS: &[&str] =
    &["action time isin ticker name noofshares priceshare currencypriceshare"];

/// Columns of the total, which older exports name after the currency.
const TOTAL: &str = "total totaleur totalgbp totalusd totalchf totalpln totalron totalczk totalhuf \
                     totaldkk totalsek totalnok totalbgn";

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&["noofshares", "priceshare", "exchangerate", TOTAL]);
    sheet.learn_dates("time")?;
    let mut statement = Statement::new(Format::Trading212);
    let halves = sheet.kept("action", |action| {
        Half::of(&action.to_lowercase()).is_some()
    });
    let splits = Splits::pair(sheet, &halves);
    for line in sheet.lines() {
        let at = line.number_in_file();
        let action = line.text("action").to_lowercase();
        let outcome = line.check_width().and_then(|()| match Half::of(&action) {
            Some(Half::Close) => splits.check_closed(&line),
            Some(Half::Open) => split(&line, splits.before.get(&at).copied()),
            None => rows(&line, &action),
        });
        take_all(&mut statement, at, outcome);
    }
    Ok(statement)
}

/// A split is two lines: the shares before it are closed, and those after it opened.
#[derive(Clone, Copy)]
enum Half {
    Close,
    Open,
}

impl Half {
    fn of(action: &str) -> Option<Self> {
        match action {
            "stock split close" => Some(Self::Close),
            "stock split open" => Some(Self::Open),
            _ => None,
        }
    }
}

/// The halves of splits, put together.
#[derive(Default)]
struct Splits {
    /// Shares before the split, by the line that states those after it.
    before: HashMap<u64, Decimal>,
    /// Lines that close shares which another one opens.
    paired: HashSet<u64>,
}

impl Splits {
    /// An opening line goes with the last closing line of the same ISIN before it.
    fn pair(sheet: &Sheet, halves: &[Record]) -> Self {
        let mut splits = Self::default();
        let mut closed: HashMap<&str, (u64, Decimal)> = HashMap::new();
        for line in halves.iter().map(|record| sheet.line(record)) {
            let at = line.number_in_file();
            if line.check_width().is_err() {
                continue;
            }
            match Half::of(&line.text("action").to_lowercase()) {
                Some(Half::Close) => {
                    if let Ok(shares) = line.needed("noofshares") {
                        closed.insert(line.text("isin"), (at, shares));
                    }
                }
                Some(Half::Open) => {
                    if let Some((close, shares)) = closed.remove(line.text("isin")) {
                        splits.paired.insert(close);
                        splits.before.insert(at, shares);
                    }
                }
                None => {}
            }
        }
        splits
    }

    fn check_closed(&self, line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
        line.needed("noofshares")?;
        if !self.paired.contains(&line.number_in_file()) {
            return Err(not_supported(format!(
                "the split of {} is closed here but opened nowhere: enter it with its ratio",
                shown(line.text("isin"))
            )));
        }
        Ok(Vec::new())
    }
}

fn split(line: &Line<'_>, closed: Option<Decimal>) -> Result<Vec<Row>, Refusal> {
    let Some(before) = closed else {
        return Err(not_supported(
            "the split is opened here but closed nowhere: enter it with its ratio",
        ));
    };
    let (currency, _) = line.currency("currencypriceshare")?;
    let mut draft = entry(line, TransactionKind::Split, currency)?;
    draft.ratio = Some(plain_ratio(line.needed("noofshares")?, before));
    Ok(vec![draft.check()?])
}

fn rows(line: &Line<'_>, action: &str) -> Result<Vec<Row>, Refusal> {
    use TransactionKind as Kind;
    let row = match action {
        "equity rights" => bookings::trade(line, Kind::Buy),
        "transfer in" => bookings::shares(line, Kind::TransferIn),
        "transfer out" => bookings::shares(line, Kind::TransferOut),
        "scrip stock dividends"
        | "scrip dividend"
        | "stock distribution"
        | "stock distribution - custom"
        | "bonus shares"
        | "free share"
        | "free shares"
        | "promotional stock" => bookings::shares(line, Kind::StockDividend),
        // A refund or a credit comes from outside the portfolio as a deposit does.
        "deposit" | "card credit" | "spending cashback" | "cashback" => {
            bookings::cash(line, Kind::Deposit)
        }
        "withdrawal" | "card debit" => bookings::cash(line, Kind::Withdrawal),
        "new card cost" | "fee" | "custody fee" => bookings::cash(line, Kind::Fee),
        "interest on cash" | "lending interest" | "interest" | "shares lending interest" => {
            bookings::cash(line, Kind::Interest)
        }
        "result adjustment"
            if line
                .text("notes")
                .to_lowercase()
                .contains("withholding tax") =>
        {
            bookings::cash(line, Kind::Tax)
        }
        "result adjustment" => bookings::cash(line, Kind::Interest),
        "currency conversion" => bookings::conversion(line),
        _ if action.contains("return of capital") => {
            bookings::dividend(line, Kind::ReturnOfCapital)
        }
        _ if action.starts_with("dividend") => bookings::dividend(line, Kind::Dividend),
        _ if is_order(action, "buy") => bookings::trade(line, Kind::Buy),
        _ if is_order(action, "sell") => bookings::trade(line, Kind::Sell),
        _ => Err(unknown_type("Trading 212", line.text("action"))),
    };
    Ok(vec![row?])
}

/// `market buy`, `stop limit sell`.
fn is_order(action: &str, side: &str) -> bool {
    action.strip_suffix(side).is_some_and(|order| {
        matches!(
            order.trim(),
            "" | "market" | "limit" | "stop" | "stop limit" | "stoplimit"
        )
    })
}

/// A draft with what every action states.
fn entry(line: &Line<'_>, kind: TransactionKind, currency: Currency) -> Result<Draft, Refusal> {
    let mut draft = begin(line, when(line)?, kind, currency);
    draft.external_id = filled(line.text("id"));
    draft.note = filled(line.text("notes"));
    draft.security = Named {
        symbol: line.text("ticker"),
        isin: line.text("isin"),
        name: line.text("name"),
        ..Named::default()
    }
    .security();
    if let Some(security) = &mut draft.security {
        security.currency = line
            .currency("currencypriceshare")
            .ok()
            .map(|found| found.0);
    }
    Ok(draft)
}

fn when(line: &Line<'_>) -> Result<Moment, Refusal> {
    line.moment_utc("time")
}

/// What moved in cash, with its currency; zero where the action moves none.
fn total(line: &Line<'_>) -> Result<(Decimal, Currency), Refusal> {
    let stated = line.number_or_zero(TOTAL)?;
    let currency = match line.text("currencytotal") {
        "" => TOTAL
            .split_whitespace()
            .filter_map(|name| name.strip_prefix("total"))
            .find(|code| !code.is_empty() && line.sheet().has(&format!("total{code}")))
            .map(str::to_uppercase)
            .ok_or_else(|| Refusal::missing("Currency (Total)", "write a code such as EUR"))?,
        code => code.to_owned(),
    };
    let (currency, factor) = draft::currency("Currency (Total)", &currency)?;
    Ok((product(stated, factor)?, currency))
}
