//! Ledgers as text: a journal in, a table out, so that a case can be read at a glance.
//!
//! ```text
//! asset ACME USD
//! rate 2024-01-02 EUR USD 1.25
//! 2024-01-02 buy 10 ACME for 1000 USD, fee 1, tax 2, settled EUR 0.79
//! 2024-01-03 split ACME 2:1
//! 2024-01-04 fee 5 EUR
//! ```
#![expect(
    clippy::panic,
    reason = "a journal that cannot be read is a failed test"
)]

use std::fmt::Write;

use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Ratio, Rules, Settlement, replay};
use money::{Currency, FxTable};
use rust_decimal::Decimal;
use uuid::Uuid;

pub(crate) struct Journal {
    pub(crate) assets: Vec<Asset>,
    pub(crate) fx: FxTable,
    pub(crate) entries: Vec<Entry>,
}

impl Journal {
    pub(crate) fn parse(text: &str) -> Self {
        let mut journal = Self {
            assets: Vec::new(),
            fx: FxTable::new(),
            entries: Vec::new(),
        };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line
                .split([' ', ','])
                .filter(|word| !word.is_empty())
                .collect();
            match words[..] {
                ["asset", symbol, currency] => journal
                    .assets
                    .push(Asset::new(symbol.to_owned(), currency.parse().unwrap())),
                ["rate", date, base, quote, rate] => {
                    let (base, quote) = (base.parse().unwrap(), quote.parse().unwrap());
                    assert!(journal.fx.insert(
                        date.parse().unwrap(),
                        base,
                        quote,
                        rate.parse().unwrap()
                    ));
                }
                _ => journal.entry(line, &words),
            }
        }
        journal
    }

    fn entry(&mut self, line: &str, words: &[&str]) {
        let (event, rest) = self
            .event(&words[1..])
            .unwrap_or_else(|| panic!("no entry: {line}"));
        let after = |word: &str| {
            let at = rest.iter().position(|found| *found == word);
            at.map(|at| &rest[at + 1..])
        };
        self.entries.push(Entry {
            id: Uuid::from_u128(self.entries.len() as u128 + 1),
            date: words[0].parse().unwrap(),
            executed_at: after("at").map(|words| words[0].parse().unwrap()),
            event,
            fees: after("fee")
                .map(|words| number(words[0]))
                .unwrap_or_default(),
            taxes: after("tax")
                .map(|words| number(words[0]))
                .unwrap_or_default(),
            currency: rest[0].parse().unwrap(),
            settlement: after("settled").map(|words| Settlement {
                currency: words[0].parse().unwrap(),
                fx_rate: number(words[1]),
            }),
            lots: Vec::new(),
        });
    }

    /// The event and the words behind it, which begin with the currency.
    fn event<'w>(&self, words: &'w [&'w str]) -> Option<(Event, &'w [&'w str])> {
        let asset = |symbol: &str| {
            let found = self.assets.iter().position(|asset| asset.symbol == symbol);
            AssetIndex(found.unwrap_or_else(|| panic!("no asset {symbol}")) as u32)
        };
        let kind = *words.first()?;
        match (kind, &words[1..]) {
            ("buy" | "sell", [quantity, symbol, "for", amount, rest @ ..]) => {
                let (asset, quantity) = (asset(symbol), number(quantity));
                let amount = number(amount);
                let event = if kind == "buy" {
                    Event::Buy {
                        asset,
                        quantity,
                        amount,
                    }
                } else {
                    Event::Sell {
                        asset,
                        quantity,
                        amount,
                    }
                };
                Some((event, rest))
            }
            ("split", [symbol, ratio]) => {
                let (to, from) = ratio.split_once(':')?;
                let ratio = Ratio {
                    to: number(to),
                    from: number(from),
                };
                Some((
                    Event::Split {
                        asset: asset(symbol),
                        ratio,
                    },
                    &["EUR"],
                ))
            }
            ("dividend", [symbol, amount, rest @ ..]) => Some((
                Event::Dividend {
                    asset: asset(symbol),
                    amount: number(amount),
                },
                rest,
            )),
            ("fee" | "tax", [symbol, "on", amount, rest @ ..]) => {
                Some((charge(kind, Some(asset(symbol)), number(amount)), rest))
            }
            ("fee" | "tax", [amount, rest @ ..]) => {
                Some((charge(kind, None, number(amount)), rest))
            }
            ("interest" | "deposit" | "withdrawal", [amount, rest @ ..]) => {
                Some((money_alone(kind, number(amount)), rest))
            }
            _ => None,
        }
    }

    pub(crate) fn replay(&self, rules: &Rules) -> Books {
        replay(&self.entries, &self.assets, &self.fx, rules)
    }

    /// The books as text. Of an instrument: quantity, cost in its own and in the base currency, its
    /// lots, then what is not zero; findings last.
    pub(crate) fn show(&self, books: &Books) -> String {
        let mut out = String::new();
        for position in books.positions.values() {
            let symbol = &self.assets[position.asset.0 as usize].symbol;
            write!(
                out,
                "{symbol} {} cost {} ({})",
                position.quantity, position.cost, position.cost_base
            )
            .unwrap();
            for lot in &position.lots {
                write!(out, " [{} {} {}]", lot.acquired_on, lot.quantity, lot.cost).unwrap();
            }
            for (word, figure) in [
                ("realized", position.realized),
                ("base", position.realized_base),
                ("dividends", position.dividends_base),
                ("fees", position.fees_base),
                ("taxes", position.taxes_base),
            ] {
                if !figure.is_zero() {
                    write!(out, " {word} {figure}").unwrap();
                }
            }
            out.push('\n');
        }
        for (currency, amount) in &books.cash {
            writeln!(out, "cash {amount} {currency}").unwrap();
        }
        for flow in &books.flows {
            writeln!(out, "flow {} {}", flow.date, flow.amount_base).unwrap();
        }
        for (word, figure) in [
            ("interest", books.interest_base),
            ("fees", books.account_fees_base),
            ("taxes", books.account_taxes_base),
        ] {
            if !figure.is_zero() {
                writeln!(out, "{word} {figure}").unwrap();
            }
        }
        for finding in &books.findings {
            writeln!(out, "{}: {}", finding.code, finding.message).unwrap();
        }
        out
    }
}

fn charge(kind: &str, asset: Option<AssetIndex>, amount: Decimal) -> Event {
    if kind == "fee" {
        Event::Fee { asset, amount }
    } else {
        Event::Tax { asset, amount }
    }
}

fn money_alone(kind: &str, amount: Decimal) -> Event {
    match kind {
        "interest" => Event::Interest { amount },
        "deposit" => Event::Deposit { amount },
        _ => Event::Withdrawal { amount },
    }
}

fn number(text: &str) -> Decimal {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is no number"))
}

/// First in, first out in EUR, with cash.
pub(crate) const RULES: Rules = Rules {
    base: Currency::EUR,
    cost_basis: CostBasis::Fifo,
    tracks_cash: true,
};

/// Compares the books of a journal with a table; both may be indented.
pub(crate) fn check(rules: Rules, journal: &str, expected: &str) {
    let journal = Journal::parse(journal);
    let shown = journal.show(&journal.replay(&rules));
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(
        shown.lines().collect::<Vec<_>>(),
        expected,
        "the books are:\n{shown}"
    );
}
