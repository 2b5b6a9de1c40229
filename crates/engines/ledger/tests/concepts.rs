//! The documentation says what the program does: its tables and examples are read and run.
#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "a page that cannot be read is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};

use ledger::{CostBasis, Rules, TransactionKind};
use rust_decimal::Decimal;

mod effects;
mod journal;

use effects::{COLUMNS, measured, stated};
use journal::{Journal, RULES, check};

fn page(name: &str) -> String {
    let file = format!(
        "{}/../../../docs/concepts/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A fenced block of a page: the words behind `journal`, the journal, and the books.
struct Example {
    label: String,
    journal: String,
    books: String,
}

fn examples(page: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix("```journal") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let mut parts = block.split(|line| *line == "=>");
        let mut part = || parts.next().map(|lines| lines.join("\n"));
        found.push(Example {
            label: label.trim().to_owned(),
            journal: part().expect("a journal"),
            books: part().unwrap_or_default(),
        });
    }
    found
}

/// The rows of the first table whose heading begins with a word, cell by cell.
fn table<'p>(page: &'p str, heading: &str) -> (Vec<&'p str>, Vec<Vec<&'p str>>) {
    let cells = |line: &'p str| -> Vec<&'p str> {
        let inner = line
            .trim_start_matches('|')
            .trim_end()
            .trim_end_matches('|');
        inner.split('|').map(str::trim).collect()
    };
    let start = format!("| {heading} |");
    let mut lines = page.lines().skip_while(|line| !line.starts_with(&start));
    let head = cells(lines.next().unwrap_or_else(|| panic!("no table “{start}”")));
    let rows = lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(cells);
    (head, rows.collect())
}

#[test]
fn every_example_has_the_books_that_are_shown() {
    let page = page("transactions.md");
    let examples = examples(&page);
    assert!(!examples.is_empty(), "the page has no examples");
    for example in examples {
        let rules = Rules {
            tracks_cash: example.label != "no-cash",
            ..RULES
        };
        check(rules, &example.journal, &example.books);
    }
}

#[test]
fn every_row_of_the_table_is_what_its_example_does() {
    let page = page("transactions.md");
    let examples: BTreeMap<String, Example> = examples(&page)
        .into_iter()
        .map(|example| (example.label.clone(), example))
        .collect();
    let (head, rows) = table(&page, "type");
    assert_eq!(head[1..], COLUMNS);
    let mut shown = BTreeSet::new();
    for row in rows {
        let label = row[0].replace('`', "");
        let example = examples
            .get(&label)
            .unwrap_or_else(|| panic!("“{label}” has no example"));
        let kind = label.split(' ').next().unwrap();
        let last = example.journal.lines().last().unwrap();
        assert_eq!(last.split(' ').nth(1), Some(kind), "end of “{label}”");
        shown.insert(kind.parse::<TransactionKind>().unwrap());
        let measured = measured(&example.journal);
        for (column, (formula, measured)) in COLUMNS.iter().zip(row[1..].iter().zip(measured)) {
            let stated = stated(formula, &example.journal);
            assert_eq!(stated, measured, "“{formula}” in {column} of “{label}”");
        }
    }
    assert_eq!(shown, TransactionKind::ALL.into_iter().collect());
}

#[test]
fn the_same_sale_by_every_method_is_as_shown() {
    let page = page("cost-basis.md");
    let example = examples(&page).remove(0);
    let (_, rows) = table(&page, "method");
    let mut methods = Vec::new();
    let mut totals = BTreeSet::new();
    for row in rows {
        let cost_basis: CostBasis = row[0].replace('`', "").parse().unwrap();
        let journal = Journal::parse(&example.journal);
        let rules = Rules {
            cost_basis,
            ..RULES
        };
        let books = journal.replay(&rules).remove(0);
        let position = &books.positions[&ledger::AssetIndex(0)];
        let lots: Vec<String> = position
            .lots
            .iter()
            .map(|lot| format!("{}: {} for {}", lot.acquired_on, lot.quantity, lot.cost))
            .collect();
        let shown = [
            position.realized.to_string(),
            position.cost.to_string(),
            lots.join(", "),
        ];
        assert_eq!(row[1..], shown, "{}", row[0]);
        methods.push(cost_basis);
        // Gain less what is left of the cost is proceeds less all that was paid.
        totals.insert(position.realized - position.cost);
    }
    assert_eq!(methods, CostBasis::ALL);
    assert_eq!(totals, BTreeSet::from([Decimal::from(-700)]));
}
