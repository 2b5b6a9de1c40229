//! Days that many exchanges keep, by the names that most of them use.

use crate::rule::{On, Rule};

pub(super) const NEW_YEAR: Rule = Rule::fixed("New Year's Day", 1, 1);
pub(super) const EPIPHANY: Rule = Rule::fixed("Epiphany", 1, 6);
pub(super) const CARNIVAL_MONDAY: Rule = Rule::easter("Carnival Monday", -48);
pub(super) const CARNIVAL_TUESDAY: Rule = Rule::easter("Carnival Tuesday", -47);
pub(super) const MAUNDY_THURSDAY: Rule = Rule::easter("Maundy Thursday", -3);
pub(super) const GOOD_FRIDAY: Rule = Rule::easter("Good Friday", -2);
pub(super) const EASTER_MONDAY: Rule = Rule::easter("Easter Monday", 1);
pub(super) const ASCENSION: Rule = Rule::easter("Ascension Day", 39);
pub(super) const WHIT_MONDAY: Rule = Rule::easter("Whit Monday", 50);
pub(super) const CORPUS_CHRISTI: Rule = Rule::easter("Corpus Christi", 60);
pub(super) const LABOUR_DAY: Rule = Rule::fixed("Labour Day", 5, 1);
pub(super) const ASSUMPTION: Rule = Rule::fixed("Assumption Day", 8, 15);
pub(super) const ALL_SAINTS: Rule = Rule::fixed("All Saints' Day", 11, 1);
pub(super) const IMMACULATE_CONCEPTION: Rule = Rule::fixed("Immaculate Conception", 12, 8);
pub(super) const CHRISTMAS_EVE: Rule = Rule::fixed("Christmas Eve", 12, 24);
pub(super) const CHRISTMAS: Rule = Rule::fixed("Christmas Day", 12, 25);
pub(super) const BOXING_DAY: Rule = Rule::fixed("Boxing Day", 12, 26);
pub(super) const NEW_YEARS_EVE: Rule = Rule::fixed("New Year's Eve", 12, 31);

/// The Monday on or after a day, given as the sixth day after it.
pub(super) const fn monday_up_to(name: &'static str, month: i8, day: i8) -> Rule {
    Rule::new(name, On::UpTo(jiff::civil::Weekday::Monday, month, day))
}
