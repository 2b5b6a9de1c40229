//! What each kind of transaction does, as journals and tables.
use ledger::{CostBasis, Rules};

mod journal;

use journal::{Journal, RULES, check};

const WITHOUT_CASH: Rules = Rules {
    tracks_cash: false,
    ..RULES
};
const AVERAGE: Rules = Rules {
    cost_basis: CostBasis::Average,
    ..WITHOUT_CASH
};

#[test]
fn fees_are_inside_cost_and_deducted_from_proceeds() {
    check(
        RULES,
        "asset ACME EUR
         2024-01-02 deposit 2000 EUR
         2024-01-03 buy 10 ACME for 1000 EUR, fee 5, tax 3
         2024-02-01 sell 4 ACME for 480 EUR, fee 5, tax 10
         2024-02-02 dividend ACME 12 EUR, fee 1, tax 3
         2024-02-03 withdrawal 100 EUR, fee 2
         2024-02-04 interest 1.50 EUR, tax 0.50
         2024-02-05 fee 9 EUR
         2024-02-05 fee ACME on 2 EUR
         2024-02-06 tax ACME on -1 EUR",
        "ACME 6 cost 604.80 (604.80) [2024-01-03 6 604.80] realized 61.80 base 61.80 dividends 12 fees 13 taxes 15
         cash 1354 EUR
         flow 2024-01-02 2000
         flow 2024-02-03 -100
         interest 1.50
         fees 11
         taxes 0.50",
    );
}

#[test]
fn without_cash_every_movement_crosses_the_border() {
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         2024-01-02 deposit 2000 EUR
         2024-01-03 buy 10 ACME for 1000 EUR, fee 5
         2024-02-01 sell 4 ACME for 480 EUR, fee 5
         2024-02-02 dividend ACME 12 EUR, tax 3
         2024-02-04 interest -2 EUR
         2024-02-05 fee 9 EUR
         2024-02-09 withdrawal 100 EUR",
        "ACME 6 cost 603 (603) [2024-01-03 6 603] realized 73 base 73 dividends 12 fees 10 taxes 3
         flow 2024-01-03 1005
         flow 2024-02-01 -475
         flow 2024-02-02 -9
         flow 2024-02-04 2
         flow 2024-02-05 9
         interest -2
         fees 9",
    );
}

#[test]
fn lots_leave_in_the_order_they_came() {
    let journal = "asset ACME EUR
         2024-01-01 buy 10 ACME for 100 EUR
         2024-01-02 buy 10 ACME for 300 EUR
         2024-01-03 sell 15 ACME for 600 EUR";
    check(
        WITHOUT_CASH,
        journal,
        "ACME 5 cost 150 (150) [2024-01-02 5 150] realized 350 base 350
         flow 2024-01-01 100
         flow 2024-01-02 300
         flow 2024-01-03 -600",
    );
    check(
        AVERAGE,
        journal,
        "ACME 5 cost 100 (100) [2024-01-02 5 100] realized 300 base 300
         flow 2024-01-01 100
         flow 2024-01-02 300
         flow 2024-01-03 -600",
    );
}

#[test]
fn average_lots_carry_the_same_cost_per_share() {
    check(
        AVERAGE,
        "asset ACME EUR
         2024-01-01 buy 10 ACME for 100 EUR
         2024-01-02 buy 20 ACME for 500 EUR
         2024-01-03 sell 6 ACME for 180 EUR
         2024-01-04 buy 6 ACME for 240 EUR",
        "ACME 30 cost 720 (720) [2024-01-01 4 96] [2024-01-02 20 480] [2024-01-04 6 144] realized 60 base 60
         flow 2024-01-01 100
         flow 2024-01-02 500
         flow 2024-01-03 -180
         flow 2024-01-04 240",
    );
}

#[test]
fn currencies_meet_at_the_rate_of_their_day() {
    // Bought for 1,010 USD at 1.25 (808 EUR), sold half for 600 USD at 1.20 (500 EUR).
    check(
        RULES,
        "asset ACME USD
         rate 2024-01-01 EUR USD 1.25
         rate 2024-02-01 EUR USD 1.20
         2024-01-02 deposit 2000 USD
         2024-01-03 buy 10 ACME for 1000 USD, fee 10
         2024-02-01 sell 5 ACME for 600 USD",
        "ACME 5 cost 505 (404) [2024-01-03 5 505] realized 95 base 96 fees 8
         cash 1590 USD
         flow 2024-01-02 1600",
    );
}

#[test]
fn the_brokers_rate_wins_where_it_exchanged() {
    check(
        RULES,
        "asset ACME USD
         rate 2024-01-01 EUR USD 1.25
         2024-01-02 deposit 1000 EUR
         2024-01-03 buy 10 ACME for 1000 USD, fee 10, settled EUR 0.79",
        "ACME 10 cost 1010 (797.90) [2024-01-03 10 1010] fees 7.90
         cash 202.10 EUR
         flow 2024-01-02 1000",
    );
    // Quoted in USD, traded in CHF, paid in USD: the same rate makes the cost.
    check(
        RULES,
        "asset ACME USD
         rate 2024-01-01 EUR CHF 1
         2024-01-02 deposit 1200 USD, settled EUR 0.8
         2024-01-03 buy 10 ACME for 1000 CHF, settled USD 1.1",
        "ACME 10 cost 1100 (1000) [2024-01-03 10 1100]
         cash 960 EUR
         cash -1100 USD
         flow 2024-01-02 960
         negative_cash: The USD balance fell below zero on 2024-01-03 and has not recovered; it was lowest on 2024-01-03 with -1100 USD.",
    );
}

#[test]
fn a_missing_rate_leaves_out_the_base_figure_and_says_so() {
    check(
        WITHOUT_CASH,
        "asset ACME USD
         rate 2024-01-05 EUR USD 1.25
         2024-01-02 buy 10 ACME for 1000 USD
         2024-01-06 sell 4 ACME for 500 USD
         2024-01-07 buy 1 ACME for 90 GBP",
        "ACME 7 cost 600 (0) [2024-01-02 6 600] [2024-01-07 1 0] realized 100 base 400
         flow 2024-01-06 -400
         missing_rate: There is no exchange rate from USD to EUR on or before 2024-01-02: the purchase of ACME on 2024-01-02 counts as zero in all EUR figures.
         missing_rate: There is no exchange rate from GBP to EUR on or before 2024-01-07: the purchase of ACME on 2024-01-07 counts as zero in all EUR figures.
         missing_rate: There is no exchange rate from GBP to USD on or before 2024-01-07: the purchase of ACME on 2024-01-07 counts as zero in all USD figures.",
    );
    // A sale that cannot be converted is no loss of its whole cost.
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         2024-01-02 buy 10 ACME for 1000 EUR
         2024-01-06 sell 4 ACME for 500 USD",
        "ACME 6 cost 600 (600) [2024-01-02 6 600]
         flow 2024-01-02 1000
         missing_rate: There is no exchange rate from USD to EUR on or before 2024-01-06: the sale of ACME on 2024-01-06 counts as zero in all EUR figures.",
    );
}

#[test]
fn a_sale_of_more_than_is_held_takes_what_is_there() {
    check(
        RULES,
        "asset ACME EUR
         asset EMCA EUR
         2024-01-02 deposit 1000 EUR
         2024-01-02 buy 6 ACME for 600 EUR
         2024-01-03 sell 10 ACME for 1200 EUR
         2024-01-04 sell 1 EMCA for 50 EUR
         2024-01-05 sell 1 ACME for 100 EUR",
        "ACME 0 cost 0 (0) realized 120 base 120
         EMCA 0 cost 0 (0)
         cash 1750 EUR
         flow 2024-01-02 1000
         oversell: 10 ACME were sold on 2024-01-03 but only 6 were held: only the shares held, with their part of the proceeds, are booked as sold; the cash is booked in full.
         oversell: 1 EMCA were sold on 2024-01-04 but only 0 were held: no gain is booked; the cash is booked in full.
         oversell: 1 ACME were sold on 2024-01-05 but only 0 were held: no gain is booked; the cash is booked in full.",
    );
}

#[test]
fn a_split_multiplies_shares_and_keeps_cost() {
    // Seven for one, as of Apple on 2014-06-09.
    check(
        WITHOUT_CASH,
        "asset AAPL EUR
         2014-06-02 buy 3 AAPL for 1890 EUR
         2014-06-09 split AAPL 7:1
         2014-06-10 sell 7 AAPL for 660 EUR",
        "AAPL 14 cost 1260 (1260) [2014-06-02 14 1260] realized 30 base 30
         flow 2014-06-02 1890
         flow 2014-06-10 -660",
    );
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         2024-01-01 split ACME 2:1",
        "split_without_position: ACME was split on 2024-01-01 when none was held: the split changes nothing.",
    );
}

#[test]
fn thirds_of_shares_close_to_nothing() {
    // 10 shares become 3 1/3; the broker can sell 3.33333333 at most.
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         2024-01-01 buy 5 ACME for 100 EUR
         2024-01-01 buy 5 ACME for 100 EUR
         2024-01-02 split ACME 1:3
         2024-01-03 sell 3.33333333 ACME for 210 EUR",
        "ACME 0 cost 0 (0) realized 10 base 10
         flow 2024-01-01 100
         flow 2024-01-01 100
         flow 2024-01-03 -210",
    );
}

#[test]
fn an_overdraft_is_one_finding_for_each_run() {
    check(
        RULES,
        "2024-01-01 withdrawal 10 EUR
         2024-01-01 deposit 10 EUR
         2024-01-02 withdrawal 5 EUR
         2024-01-03 withdrawal 5 EUR
         2024-01-04 deposit 8 EUR
         2024-01-05 deposit 2 EUR
         2024-01-06 withdrawal 1 EUR",
        "cash -1 EUR
         flow 2024-01-01 10
         flow 2024-01-01 -10
         flow 2024-01-02 -5
         flow 2024-01-03 -5
         flow 2024-01-04 8
         flow 2024-01-05 2
         flow 2024-01-06 -1
         negative_cash: The EUR balance fell below zero on 2024-01-02, until 2024-01-05; it was lowest on 2024-01-03 with -10 EUR.
         negative_cash: The EUR balance fell below zero on 2024-01-06 and has not recovered; it was lowest on 2024-01-06 with -1 EUR.",
    );
}

#[test]
fn what_cannot_be_is_left_out_with_the_reason() {
    check(
        RULES,
        "asset ACME EUR
         2024-01-01 buy 0 ACME for 10 EUR
         2024-01-02 sell 1 ACME for -10 EUR
         2024-01-03 split ACME 0:1
         2024-01-04 deposit 10 USD, settled EUR 0
         2024-01-05 deposit 79228162514264337593543950335 EUR
         2024-01-06 buy 1 ACME for 900000000000000 USD, settled EUR 2",
        "invalid_entry: The purchase of ACME on 2024-01-01 is left out: its quantity is 0, which is not above zero.
         invalid_entry: The sale of ACME on 2024-01-02 is left out: its amount is -10, which is below zero.
         invalid_entry: The split of ACME on 2024-01-03 is left out: its ratio is 0 for 1, and both must be above zero.
         invalid_entry: The deposit of 2024-01-04 is left out: its settlement has an exchange rate of 0, which is not above zero.
         overflow: The deposit of 2024-01-05 is left out: one of its figures is beyond 1000000000000000.
         overflow: The purchase of ACME on 2024-01-06 is left out: one of its figures is beyond 1000000000000000.",
    );
}

#[test]
fn entries_of_a_day_follow_their_moment_then_their_kind() {
    let sorted = |text: &str| {
        let mut entries = Journal::parse(text).portfolios.remove(0);
        ledger::sort(&mut entries);
        let ids = entries.iter().map(|entry| entry.id.as_u128());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(
        sorted(
            "asset A EUR
             2024-01-02 withdrawal 1 EUR
             2024-01-02 tax 1 EUR
             2024-01-02 fee 1 EUR
             2024-01-02 sell 1 A for 1 EUR
             2024-01-02 buy 1 A for 1 EUR
             2024-01-02 dividend A 1 EUR
             2024-01-02 interest 1 EUR
             2024-01-02 deposit 1 EUR
             2024-01-02 split A 2:1
             2024-01-01 withdrawal 1 EUR"
        ),
        [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    );
    assert_eq!(
        sorted(
            "asset A EUR
             2024-01-02 buy 1 A for 1 EUR, at 2024-01-02T15:00:00Z
             2024-01-02 sell 1 A for 1 EUR, at 2024-01-02T14:59:59Z
             2024-01-02 sell 1 A for 1 EUR
             2024-01-02 buy 1 A for 1 EUR, at 2024-01-01T23:00:00Z"
        ),
        [4, 3, 2, 1]
    );
}

#[test]
fn steps_tell_every_day_that_changed() {
    let journal = Journal::parse(
        "asset ACME EUR
         2024-01-01 deposit 100 EUR
         2024-01-02 buy 2 ACME for 20 EUR
         2024-01-02 buy 2 ACME for 30 EUR
         2024-01-05 sell 1 ACME for 9 EUR",
    );
    let books = journal.replay(&RULES).remove(0);
    let shown = |steps: &[(jiff::civil::Date, rust_decimal::Decimal)]| {
        steps
            .iter()
            .map(|(day, level)| format!("{day} {level}"))
            .collect::<Vec<_>>()
    };
    let asset = ledger::AssetIndex(0);
    assert_eq!(
        shown(&books.quantity_steps[&asset]),
        ["2024-01-02 4", "2024-01-05 3"]
    );
    assert_eq!(
        shown(&books.cost_steps[&asset]),
        ["2024-01-02 50", "2024-01-05 40"]
    );
    assert_eq!(
        shown(&books.cash_steps[&money::Currency::EUR]),
        ["2024-01-01 100", "2024-01-02 50", "2024-01-05 59"]
    );
}
