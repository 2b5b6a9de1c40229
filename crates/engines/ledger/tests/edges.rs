//! Corporate actions, transfers and options where something is missing, owed, or in another currency.

use ledger::{CostBasis, Rules};

mod journal;

use journal::{RULES, check};

const WITHOUT_CASH: Rules = Rules {
    tracks_cash: false,
    ..RULES
};

#[test]
fn what_cannot_be_is_left_out_with_the_reason() {
    check(
        RULES,
        "asset ACME EUR
         asset PART EUR
         asset USA USD
         asset ACME-C50 EUR 100 call ACME 50
         asset ACME-C0 EUR 0 call ACME 50
         asset USA-C50 EUR 100 call USA 50
         2024-01-01 conversion 10 EUR
         2024-01-02 conversion 10 EUR, settled EUR 1
         2024-01-03 spin_off ACME into PART 1:4, share 1.2
         2024-01-04 merger ACME into ACME 1:1
         2024-01-05 symbol_change ACME into ACME
         2024-01-06 exercise 1 ACME
         2024-01-07 exercise 1 ACME-C0
         2024-01-08 exercise 1 USA-C50
         2024-01-09 transfer_in 0 ACME for 10 EUR
         2024-01-10 spin_off ACME into PART 0:4, share 0.2",
        "invalid_entry: The conversion of 2024-01-01 is left out: it does not say which other currency was received.
         invalid_entry: The conversion of 2024-01-02 is left out: it does not say which other currency was received.
         invalid_entry: The spin-off of ACME on 2024-01-03 is left out: its cost share is 1.2, which is not from 0 to 1.
         invalid_entry: The merger of ACME on 2024-01-04 is left out: it makes an instrument into itself.
         invalid_entry: The symbol change of ACME on 2024-01-05 is left out: it makes an instrument into itself.
         invalid_entry: The exercise of ACME on 2024-01-06 is left out: its instrument is no option.
         invalid_entry: The exercise of ACME-C0 on 2024-01-07 is left out: its option stands for 0 shares, which is not above zero.
         invalid_entry: The exercise of USA-C50 on 2024-01-08 is left out: its option is quoted in EUR, which cannot be settled in USD.
         invalid_entry: The transfer in of ACME on 2024-01-09 is left out: its quantity is 0, which is not above zero.
         invalid_entry: The spin-off of ACME on 2024-01-10 is left out: its ratio is 0 for 4, and both must be above zero.",
    );
}

#[test]
fn what_changes_nothing_says_so() {
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         asset PART EUR
         asset ACME-C50 EUR 100 call ACME 50
         2024-01-03 spin_off ACME into PART 1:4, share 0.2
         2024-01-04 merger ACME into PART 1:1
         2024-01-05 symbol_change ACME into PART
         2024-01-06 return_of_capital ACME 5 EUR
         2024-01-07 cover 2 ACME for 10 EUR
         2024-01-08 transfer_out 3 ACME
         2024-01-09 expiry 1 ACME-C50",
        "ACME 0 cost 0 (0)
         ACME-C50 0 cost 0 (0)
         flow 2024-01-06 -5
         flow 2024-01-07 10
         without_position: The spin-off of ACME on 2024-01-03 came when no ACME was held: it changes no lot.
         without_position: The merger of ACME on 2024-01-04 came when no ACME was held: it changes no lot.
         without_position: The symbol change of ACME on 2024-01-05 came when no ACME was held: it changes no lot.
         without_position: The return of capital of ACME on 2024-01-06 came when no ACME was held: it changes no lot.
         exceeds_position: The covering purchase of ACME on 2024-01-07 states 2 ACME, but only 0 were short on 2024-01-07: the gain is booked for these alone; cash is booked in full.
         exceeds_position: The transfer out of ACME on 2024-01-08 states 3 ACME, but only 0 were held on 2024-01-08: it is booked for these alone; cash is booked in full.
         exceeds_position: The expiry of ACME-C50 on 2024-01-09 states 1 ACME-C50, but only 0 were held on 2024-01-09: it is booked for these alone; cash is booked in full.",
    );
}

/// What arrives counts, though the premium of what was not there is unknown.
#[test]
fn an_option_that_is_not_there_still_delivers() {
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         asset ACME-C50 EUR 100 call ACME 50
         2024-01-02 buy 1 ACME-C50 for 300 EUR
         2024-03-15 exercise 2 ACME-C50",
        "ACME 200 cost 10300 (10300) [2024-03-15 200 10300]
         ACME-C50 0 cost 0 (0)
         flow 2024-01-02 300
         flow 2024-03-15 10000
         exceeds_position: The exercise of ACME-C50 on 2024-03-15 states 2 ACME-C50, but only 1 were held on 2024-03-15: the shares count in full, but with the premium of these alone; cash is booked in full.",
    );
}

#[test]
fn a_short_seller_bears_corporate_actions() {
    // Owed shares grow, a spin-off is owed too, what is paid comes off what they brought.
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         asset PART EUR
         2024-01-02 short 10 ACME for 1000 EUR
         2024-01-03 stock_dividend 2 ACME
         2024-01-04 spin_off ACME into PART 1:4, share 0.25
         2024-01-05 return_of_capital ACME -150 EUR",
        "ACME -12 cost -600 (-600) [2024-01-02 -12 -600]
         PART -3 cost -250 (-250) [2024-01-02 -3 -250]
         flow 2024-01-02 -1000
         flow 2024-01-05 150",
    );
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         asset NEXT EUR
         2024-01-02 short 10 ACME for 1000 EUR
         2024-01-03 merger ACME into NEXT 1:2 for -200 EUR, share 0.75",
        "ACME 0 cost 0 (0) realized 50 base 50
         NEXT -5 cost -750 (-750) [2024-01-02 -5 -750]
         flow 2024-01-02 -1000
         flow 2024-01-03 200",
    );
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         2024-01-02 short 10 ACME for 1000 EUR
         2024-01-03 merger ACME for -1200 EUR",
        "ACME 0 cost 0 (0) realized -200 base -200
         flow 2024-01-02 -1000
         flow 2024-01-03 1200",
    );
}

/// In another currency the cost is restated at the rate of the purchase, as in the base currency.
#[test]
fn a_merger_into_another_currency_restates_the_cost() {
    let journal = "asset ACME USD
         asset NEXT EUR
         asset LAST GBP
         rate 2024-01-01 EUR USD 1.25
         rate 2024-01-01 EUR GBP 0.8
         rate 2024-02-01 EUR USD 1
         2024-01-02 buy 10 ACME for 1000 USD
         2024-02-01 merger ACME into NEXT 1:1
         2024-02-02 spin_off NEXT into LAST 1:1, share 0.5";
    check(
        WITHOUT_CASH,
        journal,
        "ACME 0 cost 0 (0)
         NEXT 10 cost 400 (400) [2024-01-02 10 400]
         LAST 10 cost 320 (400) [2024-01-02 10 320]
         flow 2024-01-02 800",
    );
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         asset LAST GBP
         2024-01-02 buy 10 ACME for 1000 EUR
         2024-02-01 merger ACME into LAST 1:1",
        "ACME 0 cost 0 (0)
         LAST 10 cost 0 (1000) [2024-01-02 10 0]
         flow 2024-01-02 1000
         missing_rate: There is no exchange rate from EUR to GBP on or before 2024-01-02: the merger of ACME on 2024-02-01 counts as zero in all GBP figures.",
    );
}

/// Nothing is nothing in every currency.
#[test]
fn an_entry_without_amounts_needs_no_rate() {
    check(
        RULES,
        "asset ACME USD
         asset ACME-C50 USD 100 call ACME 50
         2024-01-02 buy 1 ACME-C50 for 300 USD, settled EUR 0.9
         2024-01-03 split ACME-C50 2:1
         2024-03-15 expiry 2 ACME-C50",
        "ACME-C50 0 cost 0 (0) realized -300 base -270
         cash -270 EUR
         negative_cash: The EUR balance fell below zero on 2024-01-02 and has not recovered; it was lowest on 2024-01-02 with -270 EUR.",
    );
}

#[test]
fn both_sides_of_a_transfer_must_agree() {
    let start = "asset ACME EUR
         asset PART EUR
         portfolio old
         2024-01-02 buy 10 ACME for 1000 EUR
         2024-01-03 transfer_out 4 ACME, link one";
    // Another number.
    check(
        WITHOUT_CASH,
        &format!("{start}\n portfolio new\n 2024-01-03 transfer_in 5 ACME, link one"),
        "portfolio old
         ACME 6 cost 600 (600) [2024-01-02 6 600]
         flow 2024-01-02 1000
         transfer 2024-01-03 -4 ACME cost -400
         portfolio new
         ACME 4 cost 400 (400) [2024-01-02 4 400]
         transfer 2024-01-03 4 ACME cost 400
         unmatched_transfer: The transfer in of ACME on 2024-01-03 states 5 ACME, but 4 left the other portfolio: the lots that left are booked.",
    );
    // Another instrument.
    check(
        WITHOUT_CASH,
        &format!("{start}\n portfolio new\n 2024-01-03 transfer_in 4 PART for 90 EUR, link one"),
        "portfolio old
         ACME 6 cost 600 (600) [2024-01-02 6 600]
         flow 2024-01-02 1000
         transfer 2024-01-03 -4 ACME cost -400
         portfolio new
         PART 4 cost 90 (90) [2024-01-03 4 90]
         transfer 2024-01-03 4 PART cost 90
         unmatched_transfer: The transfer in of PART on 2024-01-03 has no transfer out that it continues: its 4 PART count with the cost that it states.",
    );
    // What never left.
    check(
        WITHOUT_CASH,
        "asset ACME EUR
         portfolio old
         2024-01-03 transfer_out 4 ACME, link one
         portfolio new
         2024-01-03 transfer_in 4 ACME for 90 EUR, link one
         2024-01-04 transfer_in 4 ACME",
        "portfolio old
         ACME 0 cost 0 (0)
         exceeds_position: The transfer out of ACME on 2024-01-03 states 4 ACME, but only 0 were held on 2024-01-03: it is booked for these alone; cash is booked in full.
         portfolio new
         ACME 8 cost 90 (90) [2024-01-03 4 90] [2024-01-04 4 0]
         transfer 2024-01-03 4 ACME cost 90
         transfer 2024-01-04 4 ACME cost 0
         unmatched_transfer: The transfer in of ACME on 2024-01-03 has no transfer out that it continues: its 4 ACME count with the cost that it states.
         missing_cost: The transfer in of ACME on 2024-01-04 does not say what the shares cost: they count as free, and all they are worth as gain.",
    );
    // Two departures with one link.
    check(
        WITHOUT_CASH,
        &format!(
            "{start}\n 2024-01-03 transfer_out 2 ACME, link one\n portfolio new\n 2024-01-04 transfer_in 6 ACME, link one"
        ),
        "portfolio old
         ACME 4 cost 400 (400) [2024-01-02 4 400]
         flow 2024-01-02 1000
         transfer 2024-01-03 -4 ACME cost -400
         transfer 2024-01-03 -2 ACME cost -200
         portfolio new
         ACME 6 cost 600 (600) [2024-01-02 4 400] [2024-01-02 2 200]
         transfer 2024-01-04 6 ACME cost 600",
    );
}

#[test]
fn the_dearest_shares_go_first_of_equals_the_oldest() {
    check(
        Rules {
            cost_basis: CostBasis::Hifo,
            ..WITHOUT_CASH
        },
        "asset ACME EUR
         2024-01-01 buy 3 ACME for 30 EUR
         2024-01-02 buy 5 ACME for 100 EUR
         2024-01-03 buy 4 ACME for 80 EUR
         2024-01-04 buy 1 ACME for 5 EUR
         2024-02-01 sell 6 ACME for 300 EUR
         2024-02-02 buy 2 ACME for 24 EUR
         2024-02-03 sell 4 ACME for 200 EUR",
        "ACME 5 cost 47 (47) [2024-01-01 3 30] [2024-01-04 1 5] [2024-02-02 1 12] realized 308 base 308
         flow 2024-01-01 30
         flow 2024-01-02 100
         flow 2024-01-03 80
         flow 2024-01-04 5
         flow 2024-02-01 -300
         flow 2024-02-02 24
         flow 2024-02-03 -200",
    );
}
