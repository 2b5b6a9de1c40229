//! A liability is shares that are owed: Ghostfolio's case of a loan, where the reference data is
//! present, and one of our own.
#![expect(
    clippy::unwrap_used,
    reason = "a case that cannot be read is a failed test"
)]

use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Rules, replay};
use money::{Currency, FxTable};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

mod reference;

const LOAN: AssetIndex = AssetIndex(0);

fn books(currency: Currency, events: &[(&str, Event)]) -> Books {
    let entries: Vec<Entry> = events
        .iter()
        .zip(1u128..)
        .map(|((date, event), id)| Entry {
            id: Uuid::from_u128(id),
            date: date.parse().unwrap(),
            executed_at: None,
            event: *event,
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            currency,
            settlement: None,
            lots: Vec::new(),
        })
        .collect();
    let rules = Rules {
        base: currency,
        cost_basis: CostBasis::Fifo,
        tracks_cash: true,
    };
    replay(
        &entries,
        &[Asset::new("LOAN", currency)],
        &FxTable::new(),
        &rules,
    )
}

/// Borrowing `quantity` units of a loan.
fn borrowed(quantity: Decimal, amount: Decimal) -> Event {
    Event::Short {
        asset: LOAN,
        quantity,
        amount,
    }
}

#[test]
fn a_published_liability_is_what_is_owed() {
    let reference = reference::roots().into_iter().skip(1);
    for root in reference {
        let file = reference::json(&root.join("cases/ghostfolio_portfolio_calculator.json"));
        let of_kind = |case: &&Value| {
            case["calculators"][0]["activities"][0]["type"].as_str() == Some("LIABILITY")
        };
        let cases: Vec<&Value> = file["cases"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of_kind)
            .collect();
        assert!(!cases.is_empty(), "no case of a liability");
        for case in cases {
            liability(case);
        }
    }
}

fn liability(case: &Value) {
    let calculator = &case["calculators"][0];
    let activity = &calculator["activities"][0];
    let figure = |key: &str| -> Decimal { activity[key].to_string().parse().unwrap() };
    let currency = calculator["currency"].as_str().unwrap().parse().unwrap();
    let quantity = figure("quantity");
    let amount = quantity * figure("unitPriceInAssetProfileCurrency");
    let date = activity["date"].as_str().unwrap();
    let books = books(currency, &[(date, borrowed(quantity, amount))]);
    let expected = case["expectations"][0]["expected"].as_str().unwrap();
    assert_eq!(-books.positions[&LOAN].cost_base, expected.parse().unwrap());
    assert_eq!(books.cash[&currency], amount);
}

/// A thousand is repaid, and thirty of interest: what is owed shrinks by the thousand alone, and
/// nothing is gained.
#[test]
fn a_loan_shrinks_by_what_is_repaid() {
    let repaid = Event::Cover {
        asset: LOAN,
        quantity: Decimal::ONE_THOUSAND,
        amount: Decimal::ONE_THOUSAND,
    };
    let interest = Event::Interest {
        amount: Decimal::from(-30),
    };
    let loan = Decimal::from(3_000);
    let events = [
        ("2023-01-01", borrowed(loan, loan)),
        ("2023-02-01", interest),
        ("2023-02-01", repaid),
    ];
    let books = books(Currency::USD, &events);
    let position = &books.positions[&LOAN];
    assert_eq!(
        (position.quantity, position.cost),
        ((-2_000).into(), (-2_000).into())
    );
    assert_eq!(position.realized, Decimal::ZERO);
    assert_eq!(books.cash[&Currency::USD], Decimal::from(1_970));
    assert_eq!(books.interest_base, Decimal::from(-30));
}
