use maud::{Markup, html};
use rust_decimal::Decimal;
use web::{
    Chrome,
    components::{self as ui, Column, DataTable},
};

use super::calendar::{heat, month_name};
use crate::{
    income::{
        model::IncomeReport,
        payers::Frequency,
        projection::{Doubt, ProjectedInstrument, Projection},
        trail::Income,
    },
    scope::Scope,
    trail::Way,
};

/// The projection with its method and its doubts.
pub(super) fn outlook(chrome: &Chrome, report: &IncomeReport, scope: &Scope) -> Markup {
    let projection = &report.projection;
    if projection.instruments.is_empty() {
        return html! { p.hint { "Nothing that is held has paid a dividend in the last twelve months, so there is nothing to repeat." } };
    }
    let base = report.currency;
    let way = Way::new(scope);
    html! {
        p.hint { (projection.method) }
        @if !projection.doubtful_gross.is_zero() {
            p.hint { (way.to(Income::ProjectedDoubtful, ui::amount(chrome, projection.doubtful_gross, base))) " of " (way.to(Income::ProjectedGross, ui::amount(chrome, projection.gross, base))) " comes from instruments with a doubt, which are marked." }
        }
        (months(chrome, report, projection, &way))
        (instruments(chrome, report, projection, scope))
    }
}

fn months(chrome: &Chrome, report: &IncomeReport, projection: &Projection, way: &Way) -> Markup {
    let most = projection.months.iter().map(|m| m.gross).max();
    let most = most.unwrap_or(Decimal::ZERO);
    ui::table_scroll(
        "Projected dividends by month",
        html! {
            table.data.calendar {
                caption.visually-hidden { "Projected gross dividends by month" }
                thead { tr { @for month in &projection.months { (ui::th_num(&format!("{} {}", month_name(month.month), month.year))) } } }
                tbody { tr {
                    @for month in &projection.months {
                        @let way = way.group("month", format!("{}-{:02}", month.year, month.month));
                        td.num.heat style=(heat(month.gross, most)) { (way.to(Income::ProjectedGross, ui::amount(chrome, month.gross, report.currency))) }
                    }
                } }
            }
        },
    )
}

fn instruments(
    chrome: &Chrome,
    report: &IncomeReport,
    projection: &Projection,
    scope: &Scope,
) -> Markup {
    let columns = [
        Column::text("instrument", "Instrument").fixed(),
        Column::text("frequency", "Pays"),
        Column::number("per-share", "Per share, 12 months"),
        Column::number("quantity", "Shares now").wide(),
        Column::number("gross", "Gross").fixed(),
        Column::number("net", "Net"),
        Column::text("doubt", "Doubt"),
    ];
    let table = DataTable {
        id: "income-projection",
        caption: "Projected dividends by instrument",
        columns: &columns,
        csv_href: None,
    };
    let base = report.currency;
    let way = Way::new(scope);
    let rows =
        html! { @for paying in &projection.instruments { (row(chrome, report, paying, scope)) } };
    let sums = html! {
        tr {
            td { "Total" } td {} td {} td {}
            (ui::td_num("Gross", way.to(Income::ProjectedGross, ui::amount(chrome, projection.gross, base))))
            (ui::td_num("Net", way.to(Income::ProjectedNet, ui::amount(chrome, projection.net, base))))
            td {}
        }
    };
    ui::data_table(&table, rows, Some(sums))
}

fn row(
    chrome: &Chrome,
    report: &IncomeReport,
    paying: &ProjectedInstrument,
    scope: &Scope,
) -> Markup {
    let base = report.currency;
    let doubts: Vec<&str> = paying.doubts.iter().map(|doubt| doubt.sentence()).collect();
    let way = Way::new(scope)
        .with("by", Some("instrument"))
        .with("instrument_id", Some(paying.instrument_id));
    let is_irregular = paying.doubts.contains(&Doubt::Irregular);
    html! {
        tr {
            td {
                a href=(scope.holding_href(paying.instrument_id)) { (paying.symbol) } " " span.hint { (paying.name) }
                @if is_irregular { " " (ui::badge("irregular")) }
            }
            (ui::td("Pays", html! { (frequency_label(paying.frequency)) }))
            (ui::td_num("Per share, 12 months", ui::price(chrome, paying.per_share, paying.local_currency)))
            (ui::td_num("Shares now", ui::quantity(chrome, paying.quantity)))
            (ui::td_num("Gross", way.to(Income::ProjectedGross, ui::amount(chrome, paying.gross, base))))
            (ui::td_num("Net", way.to(Income::ProjectedNet, ui::amount(chrome, paying.net, base))))
            (ui::td("Doubt", html! { span.hint { (doubts.join(" ")) } }))
        }
    }
}

fn frequency_label(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Weekly => "weekly",
        Frequency::Monthly => "monthly",
        Frequency::Quarterly => "quarterly",
        Frequency::HalfYearly => "twice a year",
        Frequency::Yearly => "yearly",
        Frequency::Irregular => "irregularly",
        Frequency::Once => "once so far",
    }
}
