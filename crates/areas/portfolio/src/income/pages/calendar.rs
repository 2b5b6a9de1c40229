use maud::{Markup, html};
use money::f64_from_decimal;
use rust_decimal::Decimal;
use web::{
    Chrome,
    components::{self as ui},
};

use crate::{
    income::{model::IncomeReport, trail::Income},
    scope::Scope,
    trail::Way,
};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The name of a month, 1 to 12.
pub(super) fn month_name(month: i8) -> &'static str {
    let index = usize::try_from(month).ok().and_then(|m| m.checked_sub(1));
    index
        .and_then(|index| MONTHS.get(index).copied())
        .unwrap_or("?")
}

/// Years below each other and months side by side, the darker the more.
pub(super) fn calendar(chrome: &Chrome, report: &IncomeReport, scope: &Scope) -> Markup {
    let way = Way::new(scope);
    let shown = |way: &Way, net| way.to(Income::Net, ui::amount(chrome, net, report.currency));
    let most = report
        .months
        .iter()
        .map(|month| month.sums.net)
        .max()
        .unwrap_or_default();
    let of = |year: i16, month: i8| {
        let found = report
            .months
            .iter()
            .find(|m| m.year == year && m.month == month);
        found.map(|m| m.sums.net)
    };
    ui::table_scroll(
        "Net income by month",
        html! {
            table.data.calendar {
                caption.visually-hidden { "Net income by month and year" }
                thead {
                    tr {
                        (ui::th("Year"))
                        @for month in MONTHS { (ui::th_num(month)) }
                        (ui::th_num("Year's total"))
                    }
                }
                tbody {
                    @for year in &report.years {
                        tr {
                            th scope="row" { (year.year) }
                            @for month in 1..=12 {
                                @match of(year.year, month) {
                                    Some(net) => td.num.heat style=(heat(net, most)) { (shown(&way.group("month", format!("{}-{month:02}", year.year)), net)) },
                                    None => td.num {},
                                }
                            }
                            td.num { (shown(&way.with("year", Some(year.year)), year.sums.net)) }
                        }
                    }
                }
            }
        },
    )
}

/// How much of the colour a cell takes, 0 to 1; what was paid instead of received takes none.
pub(super) fn heat(amount: Decimal, most: Decimal) -> String {
    let share = amount
        .max(Decimal::ZERO)
        .checked_div(most)
        .unwrap_or_default();
    format!("--heat:{:.3}", f64_from_decimal(share))
}
