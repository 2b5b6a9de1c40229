//! Ledgers as text: a journal in, a table out, so that a case can be read at a glance.
//!
//! ```text
//! asset ACME USD
//! asset ACME-C50 USD 100 call ACME 50
//! rate 2024-01-02 EUR USD 1.25
//! 2024-01-02 buy 10 ACME for 1000 USD, fee 1, tax 2, settled EUR 0.79
//! 2024-01-03 split ACME 2:1
//! 2024-01-04 fee 5 EUR
//! 2024-01-05 sell 3 ACME for 400 USD, from 2024-01-02 3
//! 2024-01-06 spin_off ACME into PART 1:4, share 0.2
//! 2024-01-07 transfer_out 5 ACME, link move
//! portfolio second
//! 2024-01-08 transfer_in 5 ACME, link move
//! ```
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a journal that cannot be read is a failed test"
)]

use std::fmt::Write;

use ledger::{Account, Asset, Books, CostBasis, Entry, Rules, replay, replay_together};
use money::{Currency, FxTable};

mod grammar;

pub(crate) struct Journal {
    pub(crate) assets: Vec<Asset>,
    pub(crate) fx: FxTable,
    /// Entries of the portfolios in the order of their headings; without a heading there is one.
    pub(crate) portfolios: Vec<Vec<Entry>>,
    names: Vec<String>,
}

impl Journal {
    pub(crate) fn parse(text: &str) -> Self {
        let mut journal = Self {
            assets: Vec::new(),
            fx: FxTable::new(),
            portfolios: vec![Vec::new()],
            names: Vec::new(),
        };
        let mut entries: Vec<Entry> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["asset", ref words @ ..] => {
                    let asset = grammar::asset(words, &journal.assets);
                    journal
                        .assets
                        .push(asset.unwrap_or_else(|| panic!("no asset: {line}")));
                }
                ["rate", date, base, quote, rate] => {
                    let (base, quote) = (base.parse().unwrap(), quote.parse().unwrap());
                    let (date, rate) = (date.parse().unwrap(), rate.parse().unwrap());
                    assert!(journal.fx.insert(date, base, quote, rate));
                }
                ["portfolio", name] => {
                    if !journal.names.is_empty() {
                        journal.portfolios.push(Vec::new());
                    }
                    journal.names.push(name.to_owned());
                }
                _ => {
                    let entry = grammar::entry(line, &journal.assets, &entries);
                    let entry = entry.unwrap_or_else(|| panic!("no entry: {line}"));
                    entries.push(entry.clone());
                    journal.portfolios.last_mut().unwrap().push(entry);
                }
            }
        }
        journal
    }

    /// The books of each portfolio; shares may move between them.
    pub(crate) fn replay(&self, rules: &Rules) -> Vec<Books> {
        if let [entries] = &self.portfolios[..] {
            return vec![replay(entries, &self.assets, &self.fx, rules)];
        }
        let accounts: Vec<Account<'_>> = self
            .portfolios
            .iter()
            .map(|entries| Account { entries, rules })
            .collect();
        replay_together(&accounts, &self.assets, &self.fx)
    }

    /// The books of each portfolio as text, under its heading where there is one.
    pub(crate) fn show(&self, books: &[Books]) -> String {
        let mut out = String::new();
        for (number, books) in books.iter().enumerate() {
            if let Some(name) = self.names.get(number) {
                writeln!(out, "portfolio {name}").unwrap();
            }
            self.show_books(&mut out, books);
        }
        out
    }

    /// Of an instrument: quantity, cost in its own and in the base currency, its lots, then what is
    /// not zero; findings last.
    fn show_books(&self, out: &mut String, books: &Books) {
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
        for transfer in &books.transfers {
            let symbol = &self.assets[transfer.asset.0 as usize].symbol;
            let (date, quantity, cost) = (transfer.date, transfer.quantity, transfer.cost_base);
            writeln!(out, "transfer {date} {quantity} {symbol} cost {cost}").unwrap();
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
    }
}

/// First in, first out in EUR, with cash.
pub(crate) const RULES: Rules = Rules {
    base: Currency::EUR,
    cost_basis: CostBasis::Fifo,
    tracks_cash: true,
};

/// Compares the books of a journal with a table; both may be indented.
pub(crate) fn check(rules: Rules, journal: &str, expected: &str) {
    let parsed = Journal::parse(journal);
    let shown = parsed.show(&parsed.replay(&rules));
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(
        shown.lines().collect::<Vec<_>>(),
        expected,
        "the books of\n{journal}\nare:\n{shown}"
    );
}
