//! Contributions: one known portfolio figure by figure, and the law that they sum, to the last
//! decimal, to what the portfolio gained.
#![expect(
    clippy::unwrap_used,
    reason = "the amounts are written or generated within range"
)]

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use money::f64_from_decimal;
use performance::{
    Attribution, ContributionError, Daily, Holding, Mark, Parts, Whole, contributions,
    modified_dietz,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

const EVE: Date = date(2023, 12, 31);
const LAST: Date = date(2024, 1, 31);

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn mark(on: Date, local: &str, rate: &str) -> Mark {
    Mark::close(on, amount(local), amount(rate)).unwrap()
}

/// What a holding is.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    symbol: &'static str,
    class: &'static str,
    currency: &'static str,
}

/// In euros: a share of each of two countries and the cash of both currencies. Dollars are bought
/// nowhere; a dividend of 5 USD arrives, and 100 EUR of shares are bought with 1 EUR of fees from a
/// deposit of 200 EUR.
fn example() -> (Whole, Vec<Holding<Key>>) {
    let mid = date(2024, 1, 15);
    let key = |symbol, class, currency| Key {
        symbol,
        class,
        currency,
    };
    let whole = Whole {
        from: date(2024, 1, 1),
        to: LAST,
        start: amount("290"),
        end: amount("530"),
        flows: vec![(mid, amount("200"))],
    };
    let apple = Holding {
        key: key("APPLE", "share", "USD"),
        marks: vec![
            mark(EVE, "100", "0.9"),
            Mark {
                income: amount("4"),
                ..mark(mid, "110", "0.8")
            },
            mark(LAST, "120", "1"),
        ],
    };
    let siemens = Holding {
        key: key("SIEMENS", "share", "EUR"),
        marks: vec![
            mark(EVE, "200", "1"),
            Mark {
                traded: amount("100"),
                traded_local: amount("100"),
                fees: amount("1"),
                ..mark(mid, "310", "1")
            },
            mark(LAST, "306", "1"),
        ],
    };
    let dollars = Holding {
        key: key("USD", "cash", "USD"),
        marks: vec![
            mark(EVE, "0", "0.9"),
            Mark {
                traded: amount("4"),
                traded_local: amount("5"),
                ..mark(mid, "5", "0.8")
            },
            mark(LAST, "5", "1"),
        ],
    };
    let euros = Holding {
        key: key("EUR", "cash", "EUR"),
        marks: vec![
            mark(EVE, "0", "1"),
            Mark {
                traded: amount("99"),
                traded_local: amount("99"),
                ..mark(mid, "99", "1")
            },
            mark(LAST, "99", "1"),
        ],
    };
    (whole, vec![apple, siemens, dollars, euros])
}

fn parts(total: &str, price: &str, currency: &str, income: &str, fees: &str) -> Parts {
    Parts {
        total: amount(total),
        price: amount(price),
        currency: amount(currency),
        income: amount(income),
        fees: amount(fees),
    }
}

fn attribution() -> Attribution<Key> {
    let (whole, holdings) = example();
    contributions(&whole, &holdings).unwrap()
}

#[test]
fn each_holding_is_divided_into_price_currency_income_and_fees() {
    let found = attribution();
    let parts_of: Vec<Parts> = found
        .contributions
        .iter()
        .map(|found| found.parts)
        .collect();
    // 10 dollars at 0.8 and 10 at 1.0; 100 dollars that lost 0.1 and 110 that won 0.2 each.
    assert_eq!(parts_of[0], parts("34", "18", "12", "4", "0"));
    assert_eq!(parts_of[1], parts("5", "6", "0", "0", "1"));
    // Five dollars from 0.8 to 1.0.
    assert_eq!(parts_of[2], parts("1", "0", "1", "0", "0"));
    assert_eq!(parts_of[3], parts("0", "0", "0", "0", "0"));
    let siemens = &found.contributions[1];
    assert_eq!(
        (siemens.start, siemens.end, siemens.net_flow),
        (amount("200"), amount("306"), amount("101"))
    );
    assert_eq!(
        (found.change, found.sum, found.unexplained),
        (
            amount("40"),
            parts("40", "24", "13", "4", "1"),
            Decimal::ZERO
        )
    );
}

#[test]
fn groups_are_named_by_the_caller() {
    let found = attribution();
    let classes = found.by(|key| key.class).unwrap();
    assert_eq!(classes["share"].parts, parts("39", "24", "12", "4", "1"));
    assert_eq!(classes["cash"].parts, parts("1", "0", "1", "0", "0"));
    let currencies = found.by(|key| key.currency).unwrap();
    assert_eq!(currencies["USD"].parts.total, amount("35"));
    assert_eq!(currencies["EUR"].parts.total, amount("5"));
}

#[test]
fn shares_are_points_of_the_modified_dietz_return() {
    let (whole, _) = example();
    let found = attribution();
    // 200 from the 15th of 31 days on: 17 of them.
    let capital = 290.0 + 200.0 * 17.0 / 31.0;
    assert!((found.average_capital - capital).abs() < 1e-9);
    let mut daily = Daily {
        first: whole.from,
        opening: 290.0,
        value: vec![530.0; 31],
        inflow: vec![0.0; 31],
        outflow: vec![0.0; 31],
        ..Daily::default()
    };
    daily.inflow[14] = 200.0;
    let sum: f64 = found
        .contributions
        .iter()
        .map(|found| found.share.unwrap())
        .sum();
    assert!((sum - modified_dietz(&daily).unwrap()).abs() < 1e-12);
}

#[test]
fn what_the_holdings_do_not_explain_is_told() {
    let (whole, holdings) = example();
    let without_cash = contributions(&whole, &holdings[..2]).unwrap();
    assert_eq!(without_cash.unexplained, amount("1"));
    let none: Attribution<Key> = contributions(&whole, &[]).unwrap();
    assert_eq!(none.unexplained, none.change);
}

#[test]
fn marks_that_do_not_fit_the_period_are_refused() {
    let (whole, holdings) = example();
    let refused = |change: &dyn Fn(&mut Whole, &mut Vec<Mark>)| {
        let (mut whole, mut holding) = (whole.clone(), holdings[0].clone());
        change(&mut whole, &mut holding.marks);
        contributions(&whole, &[holding]).unwrap_err()
    };
    let holding = 0;
    assert_eq!(
        refused(&|_, marks| marks.truncate(2)),
        ContributionError::Ends {
            holding,
            expected: LAST,
            found: Some(date(2024, 1, 15))
        }
    );
    assert_eq!(
        refused(&|_, marks| marks.clear()),
        ContributionError::Ends {
            holding,
            expected: EVE,
            found: None
        }
    );
    assert_eq!(
        refused(&|_, marks| marks.insert(1, marks[1])),
        ContributionError::Order {
            holding,
            on: date(2024, 1, 15)
        }
    );
    assert_eq!(
        refused(&|_, marks| marks[0].fees = Decimal::ONE),
        ContributionError::EarlyFlow { holding, on: EVE }
    );
    assert_eq!(
        refused(&|whole, _| whole.flows.push((EVE, Decimal::ONE))),
        ContributionError::ForeignFlow { on: EVE }
    );
    assert_eq!(
        refused(&|whole, _| whole.to = EVE),
        ContributionError::Reversed {
            from: date(2024, 1, 1),
            to: EVE
        }
    );
    assert_eq!(
        refused(&|_, marks| marks[1].rate = Decimal::MAX),
        ContributionError::OutOfRange
    );
}

/// What happens to a holding on a day: what it is worth in its own currency, the rate, what is
/// bought (or sold) at what rate, income, fees.
type Row = (i64, i64, i64, i64, i64, i64);

fn rows() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let row = (
        0i64..10_000_000_000,
        1_000i64..3_000_000,
        -1_000_000_000i64..1_000_000_000,
        1_000i64..3_000_000,
        0i64..1_000_000,
        0i64..1_000_000,
    );
    prop::collection::vec(prop::collection::vec(row, 2..20), 1..6)
}

/// Holdings of the rows, and cash that pays for all of them and is fed by deposits.
fn books(rows: &[Vec<Row>], deposits: &[i64]) -> (Whole, Vec<Holding<u8>>) {
    let days = rows.iter().map(Vec::len).min().unwrap_or(2);
    let on = |place: usize| EVE + (place as i64).days();
    let six = |number: i64| Decimal::new(number, 6);
    let mut cash = vec![Decimal::ZERO; days];
    let mut holdings = Vec::new();
    for (key, rows) in (0..).zip(rows) {
        let mut marks = Vec::new();
        for (place, (local, rate, traded, dealt, income, fees)) in
            rows.iter().take(days).enumerate()
        {
            let mut mark = Mark::close(on(place), six(*local), six(*rate)).unwrap();
            if place > 0 {
                mark.traded_local = six(*traded);
                mark.traded = six(*traded) * six(*dealt);
                (mark.income, mark.fees) = (six(*income), six(*fees));
                cash[place] += mark.income - mark.traded - mark.fees;
            }
            marks.push(mark);
        }
        holdings.push(Holding { key, marks });
    }
    let mut balance = Decimal::from(1_000);
    let mut flows = Vec::new();
    let mut marks = vec![Mark::close(EVE, balance, Decimal::ONE).unwrap()];
    for (place, paid) in cash.iter().enumerate().skip(1) {
        let deposit = six(deposits[place % deposits.len()]);
        flows.push((on(place), deposit));
        let traded = *paid + deposit;
        balance += traded;
        marks.push(Mark {
            traded,
            traded_local: traded,
            ..Mark::close(on(place), balance, Decimal::ONE).unwrap()
        });
    }
    holdings.push(Holding { key: 99, marks });
    let sum = |end: bool| {
        let edge = |holding: &Holding<u8>| {
            if end {
                *holding.marks.last().unwrap()
            } else {
                holding.marks[0]
            }
        };
        holdings.iter().map(|holding| edge(holding).value).sum()
    };
    let whole = Whole {
        from: on(1),
        to: on(days - 1),
        start: sum(false),
        end: sum(true),
        flows,
    };
    (whole, holdings)
}

proptest! {
    #[test]
    fn contributions_sum_exactly_to_the_change_in_value(
        rows in rows(), deposits in prop::collection::vec(-1_000_000_000i64..1_000_000_000, 1..9),
    ) {
        let (whole, holdings) = books(&rows, &deposits);
        let found = contributions(&whole, &holdings).unwrap();
        prop_assert_eq!(found.unexplained, Decimal::ZERO);
        let external: Decimal = whole.flows.iter().map(|(_, flow)| flow).sum();
        prop_assert_eq!(found.sum.total, whole.end - whole.start - external);
        for contribution in &found.contributions {
            let parts = contribution.parts;
            prop_assert_eq!(parts.total, contribution.end - contribution.start - contribution.net_flow);
            prop_assert_eq!(parts.total, parts.price + parts.currency + parts.income - parts.fees);
        }
        let grouped: Decimal = found.by(|key| key % 2).unwrap().values().map(|group| group.parts.total).sum();
        prop_assert_eq!(grouped, found.change);
        // What is kept in the base currency has no currency gain, and cash no price.
        let cash = found.contributions.last().unwrap().parts;
        prop_assert_eq!((cash.price, cash.currency), (Decimal::ZERO, Decimal::ZERO));
        if found.average_capital > 0.0 {
            let shares: f64 = found.contributions.iter().map(|found| found.share.unwrap()).sum();
            let whole = f64_from_decimal(found.change) / found.average_capital;
            prop_assert!((shares - whole).abs() <= 1e-9 * (1.0 + whole.abs()) * holdings.len() as f64
                || f64_from_decimal(found.change).abs() < 1e-3 * shares.abs());
        }
    }

    #[test]
    fn finer_days_change_the_division_but_not_the_sum(
        values in prop::collection::vec(1i64..1_000_000, 3),
        rates in prop::collection::vec(1i64..10_000, 3),
        steady in any::<bool>(),
    ) {
        let days = [EVE, date(2024, 1, 9), LAST];
        let fine: Vec<Mark> = (0..3).map(|place| {
            let rate = Decimal::new(rates[if steady { 0 } else { place }], 3);
            Mark::close(days[place], values[place].into(), rate).unwrap()
        }).collect();
        let coarse = vec![fine[0], fine[2]];
        let whole = Whole {
            from: date(2024, 1, 1),
            to: LAST,
            start: fine[0].value,
            end: fine[2].value,
            flows: Vec::new(),
        };
        let [fine, coarse] = [fine, coarse].map(|marks| {
            contributions(&whole, &[Holding { key: (), marks }]).unwrap().sum
        });
        prop_assert_eq!(fine.total, coarse.total);
        // A currency that does not move has no part in either.
        if steady {
            prop_assert_eq!((fine.currency, coarse.currency), (Decimal::ZERO, Decimal::ZERO));
            prop_assert_eq!(fine.price, fine.total);
        }
    }
}
