//! The text of the PDF: words in the order in which they are printed, page by page.

mod trades;

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;

use super::{
    instruments::{Class, class, paying, security},
    last_day, mark_delivered, moment,
};
use crate::{
    Format, Row, StatedBalance, StatedPosition, Statement, code, draft, fills,
    model::Refusal,
    numbers::{self, Style},
    payments::{self, Payment, Purpose},
    securities::filled,
    text::shown,
    unknown::Unknown,
};
use trades::Trades;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Section {
    /// Before the first section, and in explanations.
    PassedOver,
    CashReport,
    Trades,
    TransactionFees,
    Gst,
    OpenPositions,
    Cash(Purpose),
    SegmentTransfer,
    Unknown(String),
}

/// The section that a line begins, if it is a title.
fn title(line: &str) -> Option<Section> {
    Some(match line {
        "Cash Report" => Section::CashReport,
        "Trades" => Section::Trades,
        "Transaction Fees" => Section::TransactionFees,
        "GST" => Section::Gst,
        "Open Positions" | "Holdings" => Section::OpenPositions,
        "Dividends" => Section::Cash(Purpose::Dividend),
        "Withholding Tax" => Section::Cash(Purpose::Tax),
        "Interest" | "Securities Lent" => Section::Cash(Purpose::Interest),
        "Deposits & Withdrawals" => Section::Cash(Purpose::Funding),
        "Other Fees" | "Fees" | "ADR Fees" | "Allowance" => Section::Cash(Purpose::Fee),
        "Segment Transfer" => Section::SegmentTransfer,
        "Securities&Futures"
        | "Prior Overview"
        | "Current Overview"
        | "Account Overview"
        | "Change in Dividend Accruals"
        | "Interest Accruals"
        | "Financial Instrument Information"
        | "Base Currency Exchange Rate"
        | "Annotation"
        | "Notes"
        | "Notes:"
        | "Disclaimer:"
        | "Important:" => Section::PassedOver,
        _ => return None,
    })
}

struct Reader<'t> {
    statement: Statement,
    section: Section,
    account: Option<String>,
    currency: Result<Currency, Refusal>,
    class: Class,
    last_day: Result<Date, Refusal>,
    trades: Trades<'t>,
    /// Lines of sections that are not known.
    unknown: Unknown,
    previous: &'t str,
}

pub(super) fn read(text: &str) -> Statement {
    let mut reader = Reader {
        statement: Statement::new(Format::TigerText),
        section: Section::PassedOver,
        account: None,
        currency: Err(Refusal::missing("Currency", "export the whole statement")),
        class: Class::Stock,
        last_day: Err(Refusal::missing(
            "Activity Statement",
            "export the whole statement",
        )),
        trades: Trades::default(),
        unknown: Unknown::default(),
        previous: "",
    };
    let mut last = 1;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        last = number;
        if line.is_empty() || reader.is_furniture(line) {
            continue;
        }
        if let Some(found) = title(line) {
            reader.close_trades(number);
            reader.section = found;
        } else if let Some((class_word, code)) = line.split_once("Currency: ") {
            reader.begin_currency(number, class_word, code);
        } else {
            reader.take(number, line);
        }
        reader.previous = line;
    }
    reader.close_trades(last);
    reader.finish()
}

impl<'t> Reader<'t> {
    /// Lines that every page repeats; the period and the account are learned from them.
    fn is_furniture(&mut self, line: &str) -> bool {
        if let Some(period) = line.strip_prefix("Activity Statement :") {
            self.last_day = last_day(period.trim());
            return true;
        }
        if let Some((account, _)) = line
            .strip_prefix("Account :")
            .and_then(|rest| rest.split_once("Base Currency"))
        {
            self.account = filled(account);
            return true;
        }
        line.starts_with("Address:") || line.starts_with("Tiger Brokers (")
    }

    /// `Currency: USD`, or `Stock Currency: USD` where a section has parts. What stands above it
    /// without a digit and is no title that is known, is one that is not.
    fn begin_currency(&mut self, number: u64, class_word: &str, code: &str) {
        let is_words = !self.previous.chars().any(|c| c.is_ascii_digit());
        if is_words && title(self.previous).is_none() && !is_heading(self.previous) {
            self.close_trades(number);
            self.section = Section::Unknown(self.previous.to_owned());
        }
        self.currency = draft::currency("Currency", code).map(|(currency, _)| currency);
        self.class = class(class_word);
    }

    fn take(&mut self, number: u64, line: &'t str) {
        let is_sum = line == "Total" || line.starts_with("Total ") || line.starts_with("Total(");
        let outcome = match &self.section {
            Section::PassedOver => Ok(()),
            Section::Trades => {
                let context = trades::Context {
                    account: self.account.clone(),
                    currency: self.currency.clone(),
                    class: self.class,
                };
                self.trades.take(number, line, &context)
            }
            _ if is_sum => Ok(()),
            Section::CashReport => self.balance(number, line),
            Section::OpenPositions => self.position(number, line),
            Section::TransactionFees => self.transaction_fee(number, line),
            Section::Gst => self.goods_and_services_tax(number, line),
            Section::Cash(purpose) => {
                let purpose = *purpose;
                self.payment(number, line, purpose)
            }
            Section::SegmentTransfer if begins_with_date(line) => Err(Refusal::new(
                code::NOTHING_TO_RECORD,
                "the transfer moves money between two parts of the same account",
            )),
            Section::SegmentTransfer => Ok(()),
            Section::Unknown(name) => {
                if line.chars().any(|c| c.is_ascii_digit()) {
                    self.unknown.note(name, number);
                }
                Ok(())
            }
        };
        if let Err(refusal) = outcome {
            self.statement.take(number, Err(refusal));
        }
    }

    fn balance(&mut self, number: u64, line: &str) -> Result<(), Refusal> {
        let Some(rest) = line.strip_prefix("Ending Cash ") else {
            return Ok(());
        };
        let total = rest.split_whitespace().next().unwrap_or_default();
        self.statement.balances.push(StatedBalance {
            line: number,
            account: self.account.clone(),
            currency: self.currency.clone()?,
            on: self.last_day.clone()?,
            amount: numbers::parse("Ending Cash", total, Style::POINT)?,
        });
        Ok(())
    }

    /// `QQQ 52 1 334.1696154 17,376.82 362.54000 18,852.08 1,475.26`: shares, multiplier, cost of
    /// one, cost, closing price, value, gain. Tickers may be numbers, so the columns are counted from
    /// the end.
    fn position(&mut self, number: u64, line: &str) -> Result<(), Refusal> {
        const NUMBERS: usize = 7;
        if is_heading(line) {
            return Ok(());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.len().checked_sub(NUMBERS).filter(|at| *at > 0);
        let (symbol, stated) = at
            .and_then(|at| words.split_at_checked(at))
            .ok_or_else(|| malformed(line))?;
        let numbers: Vec<Decimal> = stated
            .iter()
            .map(|word| numbers::parse("Open Positions", word, Style::POINT))
            .collect::<Result<_, _>>()?;
        let [quantity, multiplier, _, cost, price, _, _] = *numbers else {
            return Err(malformed(line));
        };
        self.statement.positions.push(StatedPosition {
            line: number,
            account: self.account.clone(),
            security: security(&symbol.join(" "), self.class, Some(multiplier))?,
            on: self.last_day.clone()?,
            quantity,
            cost: Some(cost),
            price: Some(price),
        });
        Ok(())
    }

    /// `2022-03-24 VT Cash Dividend 0.2572 USD per Share (Ordinary Dividend) 17.75`, in newer
    /// statements with the currency behind the amount.
    fn payment(&mut self, number: u64, line: &str, purpose: Purpose) -> Result<(), Refusal> {
        if !begins_with_date(line) {
            return if is_heading(line) || !line.chars().any(|c| c.is_ascii_digit()) {
                Ok(())
            } else {
                Err(malformed(line))
            };
        }
        let (date, rest) = line.split_once(' ').ok_or_else(|| malformed(line))?;
        let (rest, amount) = rest.rsplit_once(' ').ok_or_else(|| malformed(line))?;
        let is_code = amount.len() == 3 && amount.bytes().all(|byte| byte.is_ascii_uppercase());
        let (description, amount, currency) = if is_code {
            let (description, sum) = rest.rsplit_once(' ').ok_or_else(|| malformed(line))?;
            (description, sum, draft::currency("Currency", amount)?.0)
        } else {
            (rest, amount, self.currency.clone()?)
        };
        let amount = numbers::parse("Amount", amount, Style::POINT)?;
        let row = self.row(number, date, description, amount, currency, purpose);
        self.statement.take(number, row);
        Ok(())
    }

    fn row(
        &self,
        number: u64,
        date: &str,
        description: &str,
        amount: Decimal,
        currency: Currency,
        purpose: Purpose,
    ) -> Result<Row, Refusal> {
        let names_instrument =
            description.contains(" Cash Dividend") || purpose == Purpose::Dividend;
        payments::row(
            Payment {
                line: number,
                account: self.account.clone(),
                id: None,
                date: moment(date)?.0,
                currency,
                amount,
                description: description.to_owned(),
                security: names_instrument.then(|| paying(description)).flatten(),
            },
            purpose,
        )
    }

    /// Fees of trades stand beside the trades too; what belongs to no trade of the statement is a
    /// charge of its own.
    fn transaction_fee(&mut self, number: u64, line: &str) -> Result<(), Refusal> {
        if !begins_with_date(line) || self.trades.have(line) {
            return Ok(());
        }
        let (rest, amount) = line.rsplit_once(' ').ok_or_else(|| malformed(line))?;
        let amount = numbers::parse("Amount", amount, Style::POINT)?;
        let date = line.split([' ', ',']).next().unwrap_or_default();
        let currency = self.currency.clone()?;
        let row = self.row(number, date, rest, amount, currency, Purpose::Fee);
        self.statement.take(number, row);
        Ok(())
    }

    /// `2022-03-09 COMMISSION@GST -0.15 -0.20`: the tax on charges of trades stands beside the
    /// trades too. The last number is the amount in Singapore dollars.
    fn goods_and_services_tax(&mut self, number: u64, line: &str) -> Result<(), Refusal> {
        let is_of_trades = line.contains("COMMISSION") || line.contains("PLATFORM");
        if !begins_with_date(line) || is_of_trades {
            return Ok(());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let [date, description @ .., amount, _] = &*words else {
            return Err(malformed(line));
        };
        let amount = numbers::parse("Amount", amount, Style::POINT)?;
        let currency = self.currency.clone()?;
        let description = description.join(" ");
        let row = self.row(number, date, &description, amount, currency, Purpose::Tax);
        self.statement.take(number, row);
        Ok(())
    }

    fn close_trades(&mut self, number: u64) {
        if self.section == Section::Trades
            && let Err(refusal) = self.trades.close()
        {
            self.statement.take(number, Err(refusal));
        }
    }

    fn finish(mut self) -> Statement {
        let mut traded = self.trades.fills;
        mark_delivered(&mut traded);
        fills::take(&mut self.statement, traded);
        self.unknown.refuse("section", &mut self.statement);
        fills::sort_by_line(&mut self.statement);
        self.statement
    }
}

/// A line that names columns.
fn is_heading(line: &str) -> bool {
    ["Symbol ", "Date ", "Date/Time ", "Total Securities"]
        .iter()
        .any(|start| line.starts_with(start))
}

fn begins_with_date(line: &str) -> bool {
    let start = line.as_bytes().get(..10).unwrap_or_default();
    start.len() == 10
        && start.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn malformed(line: &str) -> Refusal {
    Refusal::new(
        code::MALFORMED_RECORD,
        format!(
            "“{}” has not the columns of its section: enter by hand what it states",
            shown(line)
        ),
    )
}
