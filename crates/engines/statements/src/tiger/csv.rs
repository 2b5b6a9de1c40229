//! The statement as CSV: the first field names the section, the second a class of instruments, the
//! fourth says whether a line states something (`DATA`) or adds up (`TOTAL`); a line without such a
//! word names the columns.

mod lines;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    instruments::{Class, paying, security},
    last_day, mark_delivered, moment,
};
use crate::{
    Format, Row, StatedBalance, StatedPosition, Statement, Unreadable, code,
    draft::{product, too_large},
    fills::{self, Effect, Fill, OptionEvent},
    model::Refusal,
    numbers::{self, Style, is_blank, negated},
    payments::{self, Payment, Purpose},
    securities::filled,
    table::records,
    text::shown,
    unknown::Unknown,
    words::normalized,
};
use lines::{Columns, Line};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Trades,
    OptionEvents,
    Holdings,
    CashReport,
    Cash(Purpose),
    SegmentTransfer,
    PassedOver,
    Unknown,
}

fn section(name: &str) -> Section {
    match &*normalized(name) {
        "trades" | "交易" => Section::Trades,
        "exerciseandexpiration" => Section::OptionEvents,
        "holdings" | "openpositions" | "期末持仓" => Section::Holdings,
        "cashreport" => Section::CashReport,
        "dividends" => Section::Cash(Purpose::Dividend),
        "withholdingtax" | "gst" => Section::Cash(Purpose::Tax),
        "interest" | "securitieslent" => Section::Cash(Purpose::Interest),
        "depositswithdrawals" => Section::Cash(Purpose::Funding),
        "otherfees" | "fees" | "adrfees" | "custodianfees" | "allowance" => {
            Section::Cash(Purpose::Fee)
        }
        "segmenttransfer" => Section::SegmentTransfer,
        "activitystatement"
        | "accountinformation"
        | "accountoverview"
        | "assetoverview"
        | "transactionfees"
        | "changeindividendaccruals"
        | "dividendaccruals"
        | "interestaccruals"
        | "financialinstrumentinformation"
        | "basecurrencyexchangerate"
        | "基本货币汇率"
        | "realizedunrealizedperformancesummary"
        | "performancesummary"
        | "marktomarketperformancesummary"
        | "notes" => Section::PassedOver,
        _ => Section::Unknown,
    }
}

/// The words that say what a line is for.
pub(super) fn is_marker(word: &str) -> bool {
    matches!(word, "DATA" | "TOTAL" | "HEADER_DATA" | "SUBTOTAL")
}

struct Reader {
    statement: Statement,
    fills: Vec<Fill>,
    last_day: Result<Date, Refusal>,
    unknown: Unknown,
    /// Charges of trades have goods and services tax among them, which a section restates.
    trades_state_gst: bool,
    /// Shares and price of the trade above.
    above: Option<(String, String, String)>,
}

pub(super) fn read(text: &str) -> Result<Statement, Unreadable> {
    let records = records(text, b',', usize::MAX)?;
    let period = records
        .iter()
        .find(|record| normalized(record.get(0)) == "activitystatement")
        .and_then(|record| record.iter().skip(1).find(|cell| !cell.is_empty()));
    let mut reader = Reader {
        statement: Statement::new(Format::TigerCsv),
        fills: Vec::new(),
        last_day: period
            .ok_or_else(|| Refusal::missing("Activity Statement", "export the whole statement"))
            .and_then(last_day),
        unknown: Unknown::default(),
        trades_state_gst: false,
        above: None,
    };
    let mut columns = Columns::default();
    for record in &records {
        let found = section(record.get(0));
        let names_columns = record.get(3) == "HEADER_DATA" && Columns::of(record).are_named();
        if !is_marker(record.get(3)) || names_columns {
            columns = Columns::of(record);
            if found == Section::Holdings && !columns.places.contains_key("symbol") {
                columns = Columns::of_holdings();
            }
            reader.trades_state_gst |=
                found == Section::Trades && columns.places.contains_key("gst");
        } else if record.get(3) == "DATA" {
            reader.take(
                found,
                &Line {
                    record,
                    columns: &columns,
                },
            );
        }
    }
    Ok(reader.finish())
}

impl Reader {
    fn take(&mut self, found: Section, line: &Line<'_>) {
        let number = line.record.line;
        let outcome = match found {
            Section::Trades => self.trade(line),
            Section::OptionEvents => option_event(line).map(|fill| self.fills.push(fill)),
            Section::Holdings => self.holding(line),
            Section::CashReport => self.balance(line),
            Section::Cash(_)
                if normalized(line.record.get(0)) == "gst" && self.trades_state_gst =>
            {
                Ok(())
            }
            Section::Cash(purpose) => {
                payment(line, purpose).map(|row| self.statement.take(number, Ok(row)))
            }
            Section::SegmentTransfer => Err(Refusal::new(
                code::NOTHING_TO_RECORD,
                "the transfer moves money between two parts of the same account",
            )),
            Section::PassedOver => Ok(()),
            Section::Unknown => {
                self.unknown.note(line.record.get(0), number);
                Ok(())
            }
        };
        if let Err(refusal) = outcome {
            self.statement.take(number, Err(refusal));
        }
    }

    fn trade(&mut self, line: &Line<'_>) -> Result<(), Refusal> {
        let text = |name: &str| line.text(&[name]).to_owned();
        let shown = (text("symbol"), text("quantity"), text("tradeprice"));
        if shown.0.is_empty()
            && let Some((_, quantity, price)) = &self.above
            && (quantity, price) == (&shown.1, &shown.2)
        {
            return Err(Refusal::new(
                code::NOTHING_TO_RECORD,
                "the line repeats the trade above it",
            ));
        }
        self.above = Some(shown);
        let (fill, accrued) = fill(line)?;
        if !accrued.is_zero() {
            // Interest of a bond that the buyer pays to the seller.
            let payment = Payment {
                line: fill.line,
                account: None,
                id: None,
                date: fill.date,
                currency: fill.currency,
                amount: if fill.quantity > Decimal::ZERO {
                    -accrued
                } else {
                    accrued
                },
                description: "Accrued interest".to_owned(),
                security: Some(fill.security.clone()),
            };
            self.statement
                .take(fill.line, payments::row(payment, Purpose::Dividend));
        }
        self.fills.push(fill);
        Ok(())
    }

    fn holding(&mut self, line: &Line<'_>) -> Result<(), Refusal> {
        let multiplier = line.number(&["multiplier", "mult"])?;
        let quantity = line.need(&["quantity"])?;
        let shares = product(quantity, multiplier.unwrap_or(Decimal::ONE))?;
        let cost = match line.number(&["costbasis"])? {
            Some(cost) => Some(cost),
            None => line
                .number(&["costprice"])?
                .map(|price| product(shares, price))
                .transpose()?,
        };
        self.statement.positions.push(StatedPosition {
            line: line.record.line,
            account: None,
            security: security(line.text(&["symbol"]), line.class(), multiplier)?,
            on: self.last_day.clone()?,
            quantity,
            cost,
            price: line.number(&["closeprice"])?,
        });
        Ok(())
    }

    /// A line such as `Ending Cash`, its total in the next column.
    fn balance(&mut self, line: &Line<'_>) -> Result<(), Refusal> {
        if normalized(line.record.get(4)) != "endingcash" {
            return Ok(());
        }
        let amount = match line.number(&["total", "amount"])? {
            Some(amount) => amount,
            None => numbers::parse("Ending Cash", line.record.get(5), Style::POINT)?,
        };
        self.statement.balances.push(StatedBalance {
            line: line.record.line,
            account: None,
            currency: line.currency()?,
            on: self.last_day.clone()?,
            amount,
        });
        Ok(())
    }

    fn finish(mut self) -> Statement {
        mark_delivered(&mut self.fills);
        fills::take(&mut self.statement, self.fills);
        self.unknown.refuse("section", &mut self.statement);
        fills::sort_by_line(&mut self.statement);
        self.statement
    }
}

/// The trade, and the accrued interest paid with it.
fn fill(line: &Line<'_>) -> Result<(Fill, Decimal), Refusal> {
    if line.class() == Class::Other {
        return Err(Refusal::new(
            code::NOT_SUPPORTED_YET,
            format!(
                "trades of “{}” are settled by margin, which is not supported yet: enter their gains \
                 by hand",
                shown(line.record.get(1))
            ),
        ));
    }
    let quantity = line.need(&["quantity"])?;
    let price = line.number(&["tradeprice", "price"])?;
    let (date, at) = moment(line.text(&["tradetime", "datetime", "date"]))?;
    let named = security(
        line.text(&["symbol"]),
        line.class(),
        line.number(&["multiplier"])?,
    )?;
    let mut fill = Fill::new(line.record.line, date, named, quantity, line.currency()?);
    fill.executed_at = at;
    fill.price = price;
    fill.amount = match (line.number(&["amount", "proceeds"])?, price) {
        (Some(amount), _) => amount.abs(),
        (None, Some(price)) => product(fill.shares()?.abs(), price)?,
        (None, None) => return Err(Refusal::missing("Amount", "export the statement once more")),
    };
    for (place, is_tax) in &line.columns.charges {
        let text = line.record.get(*place);
        if is_blank(text) {
            continue;
        }
        let charge = negated(numbers::parse("fee", text, Style::POINT)?);
        let sum = if *is_tax {
            &mut fill.taxes
        } else {
            &mut fill.fees
        };
        *sum = sum.checked_add(charge).ok_or_else(too_large)?;
    }
    let activity = line.text(&["activitytype"]).to_lowercase();
    fill.effect = if activity.contains("open") || activity.contains('开') {
        Effect::Opens
    } else if activity.contains("close") || activity.contains('平') {
        Effect::Closes
    } else {
        Effect::Unknown
    };
    fill.realises_nothing = line
        .number(&["realizedpl"])?
        .is_some_and(|gain| gain.is_zero());
    fill.note = filled(line.text(&["notes"]));
    let accrued = line
        .number(&["accruedinterestintrade"])?
        .unwrap_or_default();
    Ok((fill, accrued.abs()))
}

fn option_event(line: &Line<'_>) -> Result<Fill, Refusal> {
    let word = line.text(&["transactiontype", "activitytype", "type"]);
    let quantity = line.need(&["quantity"])?;
    let (date, at) = moment(line.text(&["datetime", "tradetime", "date"]))?;
    let named = security(
        line.text(&["symbol"]),
        Class::Option,
        line.number(&["multiplier"])?,
    )?;
    let mut fill = Fill::new(line.record.line, date, named, quantity, line.currency()?);
    fill.executed_at = at;
    fill.amount = line.number(&["cashsettlement"])?.unwrap_or_default().abs();
    fill.effect = Effect::Closes;
    let lower = word.to_lowercase();
    fill.event = if lower.contains("expir") {
        Some(OptionEvent::Expiry)
    } else if lower.contains("assign") || (lower.contains("exercise") && quantity > Decimal::ZERO) {
        // An option that was written is closed by buying it back.
        Some(OptionEvent::Assignment)
    } else if lower.contains("exercise") {
        Some(OptionEvent::Exercise)
    } else {
        return Err(Refusal::new(
            code::UNKNOWN_TYPE,
            format!(
                "transaction type “{}” of an option is not known",
                shown(word)
            ),
        ));
    };
    crate::ibkr::settle_in_cash(&mut fill);
    Ok(fill)
}

fn payment(line: &Line<'_>, purpose: Purpose) -> Result<Row, Refusal> {
    const AMOUNTS: [&str; 5] = [
        "amount",
        "netamount",
        "cashdividends",
        "interestpaid",
        "netcashvalue",
    ];
    let when = line.text(&["date", "datetime", "paydate", "settledate", "lendingdate"]);
    // Interest is stated for a span of days and paid at its end.
    let when = when.rsplit('~').next().unwrap_or(when);
    let description = line.text(&["description", "type", "symbol"]);
    let named = match line.text(&["symbol"]) {
        "" if matches!(purpose, Purpose::Dividend | Purpose::Tax) => paying(description),
        "" => None,
        symbol => Some(security(symbol, line.class(), None)?),
    };
    payments::row(
        Payment {
            line: line.record.line,
            account: None,
            id: None,
            date: moment(when)?.0,
            currency: line.currency()?,
            amount: line.need(&AMOUNTS)?,
            description: description.to_owned(),
            security: named,
        },
        purpose,
    )
}
