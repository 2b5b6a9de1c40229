//! Worked examples of others, with their origin: `tests/fixtures/cases/worked_examples.txt`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "an example that cannot be read is a failed test"
)]

use ledger::{AssetIndex, Books, CostBasis, Lot, Rules};
use money::Currency;
use rust_decimal::Decimal;

mod journal;

use journal::{Journal, RULES, check};

/// One example: what stands between two headings.
fn run(example: &str) {
    let (title, rest) = example.split_once('\n').unwrap();
    let (origin, rest) = rest.split_once('\n').unwrap();
    assert!(origin.starts_with("origin: "), "{title} has no origin");
    let (method, rest) = rest.split_once('\n').unwrap();
    let cost_basis: CostBasis = method.strip_prefix("method: ").unwrap().parse().unwrap();
    let (journal, conclusions) = rest.split_once("=>").unwrap();
    let journal = Journal::parse(journal);
    let rules = Rules {
        base: Currency::USD,
        cost_basis,
        tracks_cash: false,
    };
    let books = journal.replay(&rules).remove(0);
    assert_eq!(books.findings, [], "{title}");
    let conclusions = conclusions.lines().map(str::trim);
    let conclusions: Vec<&str> = conclusions.filter(|line| !line.is_empty()).collect();
    assert!(!conclusions.is_empty(), "{title} concludes nothing");
    for line in conclusions {
        conclude(&journal, &books, line).unwrap_or_else(|| panic!("{title}: {line}"));
    }
}

/// `SYMBOL figure value`, or `SYMBOL lot-1 shares for cost`. Origins round to cents.
fn conclude(journal: &Journal, books: &Books, line: &str) -> Option<()> {
    let words: Vec<&str> = line.split(' ').collect();
    let index = journal
        .assets
        .iter()
        .position(|asset| asset.symbol == words[0])?;
    let position = &books.positions[&AssetIndex(index as u32)];
    let number = |text: &str| text.parse::<Decimal>().ok();
    let found = match words[1] {
        "quantity" => position.quantity,
        "cost" => position.cost,
        "realized" => position.realized,
        lot => {
            let number_of_lot: usize = lot.strip_prefix("lot-")?.parse().ok()?;
            let Lot { quantity, cost, .. } = position.lots.get(number_of_lot - 1)?;
            assert_eq!(
                (*quantity, *cost),
                (number(words[2])?, number(words[4])?),
                "{line}"
            );
            return Some(());
        }
    };
    assert_eq!(found.round_dp(2), number(words[2])?, "{line}");
    Some(())
}

#[test]
fn worked_examples_of_others_are_reproduced() {
    let text = include_str!("fixtures/cases/worked_examples.txt");
    let examples: Vec<&str> = text.split("== ").skip(1).collect();
    assert!(examples.len() > 10, "only {} examples", examples.len());
    examples.into_iter().for_each(run);
}

/// As the first of them, and what is sold afterwards.
#[test]
fn a_split_in_the_middle_keeps_each_lot() {
    check(
        RULES,
        "asset XYZ EUR
         2020-01-01 deposit 3000 EUR
         2020-01-02 buy 100 XYZ for 1000 EUR
         2020-02-03 buy 100 XYZ for 1200 EUR
         2020-03-02 split XYZ 2:1
         2020-04-01 sell 300 XYZ for 1800 EUR",
        "XYZ 100 cost 600 (600) [2020-02-03 100 600] realized 200 base 200
         cash 2600 EUR
         flow 2020-01-01 3000",
    );
}
