use std::sync::Arc;

use axum::{Extension, extract::State};
use identity::Viewer;
use jiff::civil::Date;
use ledger::CostBasis;
use maud::{Markup, html};
use rust_decimal::Decimal;
use web::{
    App, Chrome, CsvFile, Problem, Query,
    components::{self as ui, Column, DataTable, Field, FieldKind, NoticeKind},
};

use super::{ALL_YEARS, Selection};
use crate::{
    gains::{
        export,
        model::{GainLine, GainsReport, Question},
        service,
        sums::{GainSums, Term},
        trail::{Gains, line_key, loss_key},
        wash_sales::WashSale,
    },
    portfolios::pages::cost_basis_label,
    scope::{self, Scope},
    trail::Way,
    transactions::pages::kind_label,
    valuation::{Valuation, Valuations},
};

const PATH: &str = "/portfolio/gains";
/// Lines on one page; all of them are in the CSV.
const LINES_SHOWN: usize = 200;

async fn report(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    selection: &Selection,
) -> Result<(Arc<Valuation>, GainsReport), Problem> {
    let (scope, method) = (selection.scope(), selection.method);
    let valuation = service::value(app, valuations, viewer, &scope, method).await?;
    let sales = valuation.parts.iter().flat_map(|p| &p.books.realizations);
    let last_year = sales.map(|sale| sale.sold_on.year()).max();
    let report = GainsReport::new(&valuation, selection.question(last_year));
    Ok((valuation, report))
}

pub(super) async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(selection): Query<Selection>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let (valuation, report) = report(&app, &valuations, &viewer, &selection).await?;
    let way = &selection.way(Question {
        year: report.year,
        long_term_months: report.long_term_months,
        cost_basis: report.cost_basis,
    });
    let chrome = &viewer.chrome;
    let scope = selection.scope();
    let main = html! {
        (ui::page_head_with("Realised gains", scope::marks(&valuation), html! {
            (ui::link_button("Compare cost bases", &scope.href("/portfolio/gains/methods", None), false))
            (ui::link_button("Income", &scope.href("/portfolio/income", None), false))
        }))
        (scope::views(&scope, "/portfolio/gains"))
        (scope.selector(PATH, &portfolios, &selection.rest()))
        @if report.years.is_empty() {
            (ui::empty_state(
                "Nothing has been sold yet",
                "A gain is realised when shares are sold, an option ends, or a company is bought for cash. What is held has an unrealised gain: see the holdings.",
                ("Holdings", "/portfolio/holdings"),
                Some(("Add a transaction", "/portfolio/transactions/new")),
            ))
        } @else {
            (years(chrome, &selection, &report))
            (choice(&selection, &report))
            @if valuation.findings.iter().any(|placed| placed.finding.code == "missing_rate") {
                (ui::notice(NoticeKind::Warning, html! { "Amounts without an exchange rate into " (valuation.base) " count as nothing here. Load rates that reach back to their days." }))
            }
            (headline(chrome, &report, way))
            @if !report.wash_sales.is_empty() { (replaced(chrome, &report, (&scope, way))) }
            (ui::card("By holding period", terms(chrome, &report, way)))
            (ui::card("By instrument", instruments(chrome, &report, &scope, way)))
            (ui::card(&heading(&report), lines(chrome, &report, &selection, (&scope, way))))
        }
    };
    Ok(web::page(chrome, "Realised gains", main))
}

fn heading(report: &GainsReport) -> String {
    match report.year {
        Some(year) => format!("Sales of {year}"),
        None => "All sales".to_owned(),
    }
}

fn years(chrome: &Chrome, selection: &Selection, report: &GainsReport) -> Markup {
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

/// Method and threshold; a form that only reads.
fn choice(selection: &Selection, report: &GainsReport) -> Markup {
    let mut methods = vec![("", "As set")];
    methods.extend(CostBasis::ALL.map(|method| (method.as_str(), cost_basis_label(method))));
    let method = selection.method.map_or("", CostBasis::as_str);
    let months = report.long_term_months.to_string();
    let field = |label, name, value, kind| Field {
        label,
        name,
        value,
        kind,
        ..Field::default()
    };
    html! {
        form.filters method="get" action=(PATH) aria-label="Cost basis and holding period" {
            @if let Some(id) = selection.portfolio { input type="hidden" name="portfolio" value=(id.0); }
            @if let Some(year) = &selection.year { input type="hidden" name="year" value=(year); }
            @if let Some(day) = selection.known_on { input type="hidden" name="known_on" value=(day); }
            (ui::select_field(&Field { required: true, ..field("Cost basis", "method", method, FieldKind::Text) }, &methods))
            (ui::text_field(&Field { required: true, ..field("Long-term after months", "months", &months, FieldKind::Decimal) }))
            (ui::submit_quiet("Show"))
        }
    }
}

fn headline(chrome: &Chrome, report: &GainsReport, way: &Way) -> Markup {
    let base = report.currency;
    let totals = &report.totals;
    let of = |term: Term| {
        let found = report.terms.iter().find(|t| t.term == term);
        found.map_or(Decimal::ZERO, |t| t.sums.gain)
    };
    let signed = |figure, amount| way.to(figure, ui::signed_amount(chrome, amount, base));
    let amount = |figure, amount| way.to(figure, ui::amount(chrome, amount, base));
    let of_term = |one: Term| {
        let gain = ui::signed_amount(chrome, of(one), base);
        way.group("term", one.as_str()).to(Gains::Gain, gain)
    };
    ui::stats(&[
        ui::stat(
            "Realised gain",
            signed(Gains::Gain, totals.gain),
            html! { "proceeds " (amount(Gains::Proceeds, totals.proceeds)) ", cost " (amount(Gains::Cost, totals.cost)) },
        ),
        ui::stat(
            "Price gain",
            signed(Gains::PriceGain, totals.price_gain),
            html! {},
        ),
        ui::stat(
            "Currency gain",
            signed(Gains::CurrencyGain, totals.currency_gain),
            html! { "made by exchange rates" },
        ),
        ui::stat(
            "Long-term",
            of_term(Term::Long),
            html! { "held over " (report.long_term_months) " months" },
        ),
        ui::stat(
            "Short-term",
            of_term(Term::Short),
            html! { "charges of all " (amount(Gains::Charges, totals.charges)) },
        ),
    ])
}

fn replaced(chrome: &Chrome, report: &GainsReport, ways: (&Scope, &Way)) -> Markup {
    let shown = &report.wash_sales[..report.wash_sales.len().min(LINES_SHOWN)];
    let (_, way) = ways;
    let loss: Decimal = report.wash_sales.iter().map(|flag| flag.loss).sum();
    html! {
        (ui::notice(NoticeKind::Warning, html! {
            "Losses of " (way.to(Gains::WashLoss, ui::amount(chrome, loss, report.currency)))
            " stand beside a purchase of the same instrument within thirty days. Many tax laws defer such a loss. This is information and no tax advice; no figure is changed by it."
        }))
        (ui::card("Bought again close to a loss", html! {
            div.table-scroll role="region" aria-label="Losses with a replacement" tabindex="0" {
                table.data.cards {
                    caption.visually-hidden { "Losses with a replacement purchase" }
                    thead { tr {
                        (ui::th("Instrument")) (ui::th("Sold at a loss")) (ui::th("Bought again"))
                        (ui::th_num("Shares")) (ui::th_num("Loss concerned"))
                    } }
                    tbody {
                        @for of_sale in shown.chunk_by(|a, b| a.sale == b.sale) {
                            @for (at, flag) in of_sale.iter().enumerate() { (replacement(chrome, report, flag, (at == 0, ways))) }
                        }
                    }
                }
            }
        }))
    }
}

/// A sale has a place to link to: its first row.
fn replacement(
    chrome: &Chrome,
    report: &GainsReport,
    flag: &WashSale,
    (is_first, (scope, way)): (bool, (&Scope, &Way)),
) -> Markup {
    let way = way.group("wash_sale", loss_key(flag));
    let link = |id, day| html! { a href=(scope.transaction_href(id)) { (ui::date(chrome, day)) } };
    let id = is_first.then(|| sale_anchor(flag.sale));
    html! {
        tr id=[id] {
            (ui::td("Instrument", html! { span title=(flag.message) { (flag.symbol) } }))
            (ui::td("Sold at a loss", link(flag.sale, flag.sold_on)))
            (ui::td("Bought again", link(flag.replacement, flag.replaced_on)))
            (ui::td_num("Shares", ui::quantity(chrome, flag.quantity)))
            (ui::td_num("Loss concerned", way.to(Gains::WashLoss, ui::amount(chrome, flag.loss, report.currency))))
        }
    }
}

fn sale_anchor(sale: uuid::Uuid) -> String {
    format!("sale-{sale}")
}

/// The report at a sale that made a loss with a replacement.
pub(crate) fn sale_href(scope: &Scope, sale: uuid::Uuid, sold_on: Date) -> String {
    let year = [("year", sold_on.year().to_string())];
    let page = Scope::known(scope.portfolio, scope.known_on).href_with(PATH, None, &year);
    format!("{page}#{}", sale_anchor(sale))
}

fn sum_columns<'a>() -> [Column<'a>; 6] {
    [
        Column::number("proceeds", "Proceeds").wide(),
        Column::number("cost", "Cost").wide(),
        Column::number("gain", "Gain").fixed(),
        Column::number("price-gain", "Price gain"),
        Column::number("currency-gain", "Currency gain"),
        Column::number("charges", "Charges").hidden(),
    ]
}

fn sum_cells(chrome: &Chrome, report: &GainsReport, sums: &GainSums, way: &Way) -> Markup {
    let base = report.currency;
    let money = |figure, amount| way.to(figure, ui::amount(chrome, amount, base));
    let signed = |figure, amount| way.to(figure, ui::signed_amount(chrome, amount, base));
    html! {
        (ui::td_num("Proceeds", money(Gains::Proceeds, sums.proceeds)))
        (ui::td_num("Cost", money(Gains::Cost, sums.cost)))
        (ui::td_num("Gain", signed(Gains::Gain, sums.gain)))
        (ui::td_num("Price gain", signed(Gains::PriceGain, sums.price_gain)))
        (ui::td_num("Currency gain", signed(Gains::CurrencyGain, sums.currency_gain)))
        (ui::td_num("Charges", money(Gains::Charges, sums.charges)))
    }
}

pub(super) fn term_label(term: Term) -> &'static str {
    match term {
        Term::Short => "Short-term",
        Term::Long => "Long-term",
        Term::Unknown => "Unknown (average cost)",
    }
}

fn terms(chrome: &Chrome, report: &GainsReport, way: &Way) -> Markup {
    let mut columns = vec![
        Column::text("term", "Held").fixed(),
        Column::number("lines", "Sales"),
    ];
    columns.extend(sum_columns());
    let rows = html! {
        @for term in &report.terms {
            tr {
                td { (term_label(term.term)) }
                (ui::td_num("Sales", html! { (term.lines) }))
                (sum_cells(chrome, report, &term.sums, &way.group("term", term.term.as_str())))
            }
        }
    };
    subtotal_table(
        chrome,
        (report, way),
        ("gains-terms", "Gains by holding period"),
        &columns,
        rows,
    )
}

fn instruments(chrome: &Chrome, report: &GainsReport, scope: &Scope, way: &Way) -> Markup {
    let mut columns = vec![
        Column::text("instrument", "Instrument").fixed(),
        Column::number("lines", "Sales"),
    ];
    columns.extend(sum_columns());
    let rows = html! {
        @for instrument in &report.instruments {
            tr {
                td { a href=(scope.holding_href(instrument.instrument_id)) { (instrument.symbol) } " " span.hint { (instrument.name) } }
                (ui::td_num("Sales", html! { (instrument.lines) }))
                (sum_cells(chrome, report, &instrument.sums, &way.with("by", Some("instrument")).with("instrument_id", Some(instrument.instrument_id))))
            }
        }
    };
    subtotal_table(
        chrome,
        (report, way),
        ("gains-instruments", "Gains by instrument"),
        &columns,
        rows,
    )
}

fn subtotal_table(
    chrome: &Chrome,
    (report, way): (&GainsReport, &Way),
    (id, caption): (&str, &str),
    columns: &[Column<'_>],
    rows: Markup,
) -> Markup {
    let table = DataTable {
        id,
        caption,
        columns,
        csv_href: None,
    };
    let sums = html! {
        tr { td { "Total" } (ui::td_num("Sales", html! { (report.lines.len()) })) (sum_cells(chrome, report, &report.totals, way)) }
    };
    ui::data_table(&table, rows, Some(sums))
}

fn lines(
    chrome: &Chrome,
    report: &GainsReport,
    selection: &Selection,
    (scope, way): (&Scope, &Way),
) -> Markup {
    let mut columns = vec![
        Column::text("instrument", "Instrument").fixed(),
        Column::text("sold", "Sold"),
        Column::text("acquired", "Acquired"),
        Column::number("days", "Days"),
        Column::text("term", "Term").wide(),
        Column::text("type", "Type").hidden(),
        Column::text("portfolio", "Portfolio").hidden(),
        Column::number("quantity", "Quantity"),
    ];
    columns.extend(sum_columns());
    let csv = selection.href("/portfolio/gains.csv");
    let table = DataTable {
        id: "gains",
        caption: "Sales, newest first",
        columns: &columns,
        csv_href: Some(&csv),
    };
    let newest = report.lines.iter().rev().take(LINES_SHOWN);
    let rows = html! { @for line in newest { (line_row(chrome, report, line, (scope, way))) } };
    let sums = html! {
        tr { td { "Total" } td {} td {} td {} td {} td {} td {} td {} (sum_cells(chrome, report, &report.totals, way)) }
    };
    html! {
        @if report.lines.len() > LINES_SHOWN {
            p.hint { "The newest " (LINES_SHOWN) " of " (report.lines.len()) " lines; the sums and the CSV hold all." }
        }
        (ui::data_table(&table, rows, Some(sums)))
    }
}

fn line_row(
    chrome: &Chrome,
    report: &GainsReport,
    line: &GainLine,
    (scope, way): (&Scope, &Way),
) -> Markup {
    let way = way.group("line", line_key(report, line));
    let link = |id, day| html! { a href=(scope.transaction_href(id)) { (ui::date(chrome, day)) } };
    html! {
        tr {
            td {
                a href=(scope.holding_href(line.instrument_id)) { (line.symbol) }
                @if line.side == ledger::Side::Short { " " (ui::badge("short")) }
            }
            (ui::td("Sold", link(line.closed_by, line.sold_on)))
            (ui::td("Acquired", match (line.acquired_on, line.opened_by) {
                (Some(day), Some(id)) => link(id, day),
                _ => ui::missing("with average cost no purchase belongs to a sale"),
            }))
            (ui::td_num("Days", html! {
                @match line.days {
                    Some(days) => (days),
                    None => (ui::missing("with average cost no purchase belongs to a sale")),
                }
            }))
            (ui::td("Term", html! { (term_label(line.term)) }))
            (ui::td("Type", html! { (kind_label(line.kind)) }))
            (ui::td("Portfolio", html! { (line.portfolio) }))
            (ui::td_num("Quantity", ui::quantity(chrome, line.quantity)))
            (sum_cells(chrome, report, &line.sums, &way))
        }
    }
}

pub(super) async fn csv(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(selection): Query<Selection>,
) -> Result<CsvFile, Problem> {
    let (_, report) = report(&app, &valuations, &viewer, &selection).await?;
    export::file(&report)
}
