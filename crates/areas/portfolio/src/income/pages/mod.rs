//! The page of income: sums, the calendar of months, instruments, currencies, payments, projection.

mod calendar;
mod outlook;

use axum::{Extension, Router, extract::State, routing::get};
use identity::Viewer;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, CsvFile, Problem, Query,
    components::{self as ui, Column, DataTable, NoticeKind},
};

use super::{
    export,
    model::{IncomeReport, IncomeSums, Payment},
    trail::Income,
};
use crate::{
    portfolios::PortfolioId,
    scope::{self, Scope, empty_is_none},
    trail::Way,
    transactions::pages::kind_label,
    valuation::{Valuation, Valuations},
};

const PATH: &str = "/portfolio/income";
/// The word for all years in the address.
const ALL_YEARS: &str = "all";
/// Payments on one page; all of them are in the CSV.
const PAYMENTS_SHOWN: usize = 300;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(show))
        .route("/portfolio/income.csv", get(csv))
}

/// What the page shows; lives in the address. Without a year it is the last one with income.
#[derive(Clone, Debug, Default, Deserialize)]
struct Selection {
    #[serde(default, deserialize_with = "empty_is_none")]
    portfolio: Option<PortfolioId>,
    year: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    known_on: Option<Date>,
}

impl Selection {
    fn scope(&self) -> Scope {
        Scope::known(self.portfolio, self.known_on)
    }

    /// What stands in the address besides the scope.
    fn rest(&self) -> Vec<(&'static str, String)> {
        let year = self.year.clone();
        year.map(|year| ("year", year)).into_iter().collect()
    }

    fn year(&self, valuation: &Valuation) -> Option<i16> {
        let paid = valuation.parts.iter().flat_map(|part| &part.books.income);
        let last = paid.map(|paid| paid.date.year()).max();
        match self.year.as_deref() {
            Some(ALL_YEARS) => None,
            text => text.and_then(|year| year.parse().ok()).or(last),
        }
    }

    fn href(&self, path: &str) -> String {
        self.scope().href_with(path, None, &self.rest())
    }
}

async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(selection): Query<Selection>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let scope = selection.scope();
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let report = IncomeReport::new(&valuation, selection.year(&valuation));
    let chrome = &viewer.chrome;
    let way = Way::new(&scope).with("year", report.year);
    let main = html! {
        (ui::page_head_with("Income", scope::marks(&valuation), html! {
            (ui::link_button("Realised gains", &scope.href("/portfolio/gains", None), false))
        }))
        (scope::views(&scope, "/portfolio/income"))
        (scope.selector(PATH, &portfolios, &selection.rest()))
        @if report.years.is_empty() {
            (ui::empty_state(
                "No income yet",
                "Dividends and interest appear here with the tax that was withheld, and what the next twelve months may bring.",
                ("Add a dividend", "/portfolio/transactions/new?type=dividend"),
                Some(("Import a file", "/portfolio/imports/new")),
            ))
        } @else {
            @if valuation.findings.iter().any(|placed| placed.finding.code == "missing_rate") {
                (ui::notice(NoticeKind::Warning, html! { "Amounts without an exchange rate into " (valuation.base) " count as nothing here. Load rates that reach back to their days." }))
            }
            (years(chrome, &selection, &report))
            (headline(chrome, &report, &way))
            (ui::card("Net income by month", calendar::calendar(chrome, &report, &scope)))
            (ui::card("By year", by_year(chrome, &report, &scope)))
            (ui::card("By instrument", instruments(chrome, &report, &scope, &way)))
            (ui::card("By currency of payment", currencies(chrome, &report, &way)))
            (ui::card("Next twelve months: a projection", outlook::outlook(chrome, &report, &scope)))
            (ui::card("Payments", payments(chrome, &report, &selection, &way)))
        }
    };
    Ok(web::page(chrome, "Income", main))
}

fn years(chrome: &Chrome, selection: &Selection, report: &IncomeReport) -> Markup {
    let words: Vec<String> = report.years.iter().map(|y| y.year.to_string()).collect();
    let mut items: Vec<(&str, &str)> = words.iter().map(|w| (w.as_str(), w.as_str())).collect();
    items.push((ALL_YEARS, "All"));
    let current = report
        .year
        .map_or_else(|| ALL_YEARS.to_owned(), |year| year.to_string());
    ui::period_selector(chrome, &current, &items, |year| {
        Selection {
            year: Some(year.to_owned()),
            ..selection.clone()
        }
        .href(PATH)
    })
}

fn headline(chrome: &Chrome, report: &IncomeReport, way: &Way) -> Markup {
    let base = report.currency;
    let totals = &report.totals;
    let amount = |figure, amount| way.to(figure, ui::amount(chrome, amount, base));
    let projection = &report.projection;
    ui::stats(&[
        ui::stat(
            "Net income",
            amount(Income::Net, totals.net),
            html! { "after " (amount(Income::Withheld, totals.withheld)) " of tax and " (amount(Income::Fees, totals.fees)) " of fees" },
        ),
        ui::stat(
            "Dividends",
            amount(Income::Dividends, totals.dividends),
            html! { "gross" },
        ),
        ui::stat(
            "Interest",
            amount(Income::Interest, totals.interest),
            html! {},
        ),
        ui::stat(
            "Returned capital",
            amount(Income::ReturnOfCapital, totals.return_of_capital),
            html! { "no income: it reduced the cost" },
        ),
        ui::stat(
            "Projected",
            amount(Income::ProjectedGross, projection.gross),
            html! { "gross, in the next twelve months" },
        ),
    ])
}

fn sum_columns<'a>() -> [Column<'a>; 6] {
    [
        Column::number("dividends", "Dividends"),
        Column::number("interest", "Interest"),
        Column::number("withheld", "Withheld tax"),
        Column::number("fees", "Fees").hidden(),
        Column::number("net", "Net").fixed(),
        Column::number("capital", "Returned capital").wide(),
    ]
}

fn sum_cells(
    chrome: &Chrome,
    report: &IncomeReport,
    sums: &IncomeSums,
    way: Option<&Way>,
) -> Markup {
    // Without a way they are those of one payment, whose row leads to the transaction.
    let amount = |figure, amount| {
        let shown = ui::amount(chrome, amount, report.currency);
        match way {
            Some(way) => way.to(figure, shown),
            None => shown,
        }
    };
    html! {
        (ui::td_num("Dividends", amount(Income::Dividends, sums.dividends)))
        (ui::td_num("Interest", amount(Income::Interest, sums.interest)))
        (ui::td_num("Withheld tax", amount(Income::Withheld, sums.withheld)))
        (ui::td_num("Fees", amount(Income::Fees, sums.fees)))
        (ui::td_num("Net", amount(Income::Net, sums.net)))
        (ui::td_num("Returned capital", amount(Income::ReturnOfCapital, sums.return_of_capital)))
    }
}

fn by_year(chrome: &Chrome, report: &IncomeReport, scope: &Scope) -> Markup {
    let mut columns = vec![Column::text("year", "Year").fixed()];
    columns.extend(sum_columns());
    let table = DataTable {
        id: "income-years",
        caption: "Income by year",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for year in &report.years {
            tr { td { (year.year) } (sum_cells(chrome, report, &year.sums, Some(&Way::new(scope).with("year", Some(year.year))))) }
        }
    };
    let mut all = IncomeSums::default();
    for year in &report.years {
        all += year.sums;
    }
    let sums =
        html! { tr { td { "Total" } (sum_cells(chrome, report, &all, Some(&Way::new(scope)))) } };
    ui::data_table(&table, rows, Some(sums))
}

fn instruments(chrome: &Chrome, report: &IncomeReport, scope: &Scope, way: &Way) -> Markup {
    let mut columns = vec![
        Column::text("instrument", "Instrument").fixed(),
        Column::number("payments", "Payments").wide(),
    ];
    columns.extend(sum_columns());
    columns.push(Column::number("yield-on-cost", "Yield on cost"));
    columns.push(Column::number("trailing-yield", "Trailing yield"));
    let table = DataTable {
        id: "income-instruments",
        caption: "Income by instrument",
        columns: &columns,
        csv_href: None,
    };
    let share = |ratio: Option<f64>| match ratio {
        Some(ratio) => ui::percent(chrome, ratio),
        None => ui::missing("nothing is held, or its cost or price is not known"),
    };
    let rows = html! {
        @for paid in &report.instruments {
            @let way = way.with("by", Some("instrument")).with("instrument_id", Some(paid.instrument_id));
            tr {
                td { a href=(scope.holding_href(paid.instrument_id)) { (paid.symbol) } " " span.hint { (paid.name) } }
                (ui::td_num("Payments", html! { (paid.payments) }))
                (sum_cells(chrome, report, &paid.sums, Some(&way)))
                (ui::td_num("Yield on cost", way.to(Income::YieldOnCost, share(paid.yield_on_cost))))
                (ui::td_num("Trailing yield", way.to(Income::TrailingYield, share(paid.trailing_yield))))
            }
        }
    };
    html! {
        p.hint { "Yields are gross dividends of the last twelve months per share over the cost and over the last price of a share." }
        (ui::data_table(&table, rows, None))
    }
}

fn currencies(chrome: &Chrome, report: &IncomeReport, way: &Way) -> Markup {
    let columns = [
        Column::text("currency", "Currency").fixed(),
        Column::number("paid", "Gross in it"),
        Column::number("paid-withheld", "Withheld in it"),
        Column::number("net", "Net").fixed(),
    ];
    let table = DataTable {
        id: "income-currencies",
        caption: "Income by the currency of payment",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for paid in &report.currencies {
            @let way = way.group("currency", paid.paid_currency);
            tr {
                td { (paid.paid_currency) }
                (ui::td_num("Gross in it", way.to(Income::Paid, ui::amount(chrome, paid.paid_amount, paid.paid_currency))))
                (ui::td_num("Withheld in it", way.to(Income::PaidWithheld, ui::amount(chrome, paid.paid_withheld, paid.paid_currency))))
                (ui::td_num("Net", way.to(Income::Net, ui::amount(chrome, paid.sums.net, report.currency))))
            }
        }
    };
    let sums = html! {
        tr { td { "Total" } td {} td {} (ui::td_num("Net", way.to(Income::Net, ui::amount(chrome, report.totals.net, report.currency)))) }
    };
    ui::data_table(&table, rows, Some(sums))
}

fn payments(chrome: &Chrome, report: &IncomeReport, selection: &Selection, way: &Way) -> Markup {
    let scope = selection.scope();
    let mut columns = vec![
        Column::text("date", "Date").fixed(),
        Column::text("type", "Type"),
        Column::text("instrument", "Instrument"),
        Column::text("portfolio", "Portfolio").hidden(),
        Column::number("paid", "Paid"),
    ];
    columns.extend(sum_columns());
    let csv = selection.href("/portfolio/income.csv");
    let table = DataTable {
        id: "income",
        caption: "Payments, newest first",
        columns: &columns,
        csv_href: Some(&csv),
    };
    let newest = report.payments.iter().rev().take(PAYMENTS_SHOWN);
    let rows = html! { @for payment in newest { (payment_row(chrome, report, payment, &scope)) } };
    let sums = html! {
        tr { td { "Total" } td {} td {} td {} td {} (sum_cells(chrome, report, &report.totals, Some(way))) }
    };
    html! {
        @if report.payments.len() > PAYMENTS_SHOWN {
            p.hint { "The newest " (PAYMENTS_SHOWN) " of " (report.payments.len()) " payments; the sums and the CSV hold all." }
        }
        (ui::data_table(&table, rows, Some(sums)))
    }
}

fn payment_row(chrome: &Chrome, report: &IncomeReport, paid: &Payment, scope: &Scope) -> Markup {
    let href = scope.transaction_href(paid.transaction_id);
    html! {
        tr {
            td { a href=(href) { (ui::date(chrome, paid.date)) } }
            (ui::td("Type", html! { (ui::badge(kind_label(paid.kind))) }))
            (ui::td("Instrument", html! {
                @if let (Some(id), Some(symbol)) = (paid.instrument_id, &paid.symbol) { a href=(scope.holding_href(id)) { (symbol) } }
            }))
            (ui::td("Portfolio", html! { (paid.portfolio) }))
            (ui::td_num("Paid", ui::amount(chrome, paid.paid_amount, paid.paid_currency)))
            (sum_cells(chrome, report, &paid.sums, None))
        }
    }
}

async fn csv(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(selection): Query<Selection>,
) -> Result<CsvFile, Problem> {
    let valuation = selection.scope().value(&app, &valuations, &viewer).await?;
    let report = IncomeReport::new(&valuation, selection.year(&valuation));
    export::file(&report)
}
