//! The components as they stand together.

use jiff::ToSpan;
use maud::{Markup, html};
use money::Currency;
use rust_decimal::Decimal;
use web::{
    Chrome, FieldError, Problem, bare_page,
    components::{
        self as ui, Check, CheckState, Column, Confirm, DataTable, Field, FieldKind, NoticeKind,
    },
    error_page, page,
};

use crate::samples;

const EUR: Currency = Currency::EUR;
const PERIODS: [(&str, &str); 8] = [
    ("1d", "1D"),
    ("1w", "1W"),
    ("1m", "1M"),
    ("3m", "3M"),
    ("ytd", "YTD"),
    ("1y", "1Y"),
    ("5y", "5Y"),
    ("all", "All"),
];

fn total() -> Decimal {
    samples::holdings()
        .iter()
        .map(samples::Holding::value)
        .sum()
}

pub(crate) fn dashboard(chrome: &Chrome) -> Markup {
    let change = Decimal::new(1_284_377, 2);
    let main = html! {
        (ui::page_head("Dashboard", html! {
            (ui::link_button("Add transaction", "/portfolio/transactions/new", false))
            (ui::link_button("Import", "/portfolio/imports/new", true))
        }))
        section.card {
            (ui::stats(&[
                ui::stat("Value", ui::amount(chrome, total(), EUR), html! {
                    (ui::signed_amount(chrome, change, EUR)) "  "
                    (ui::signed_percent(chrome, 0.0541)) " in 1 year"
                }),
                ui::stat("Net invested", ui::amount(chrome, Decimal::new(25_000_000, 2), EUR), html! {}),
                ui::stat("Time-weighted return", ui::signed_percent(chrome, 0.0874), html! { "a year" }),
                ui::stat("Largest drawdown", ui::signed_percent(chrome, -0.1132), html! { "Mar to May" }),
                ui::stat("Cash", ui::amount(chrome, Decimal::new(1_824_050, 2), EUR), html! { "3 currencies" }),
            ]))
            (ui::period_selector(chrome, "1y", &PERIODS, |key| format!("/?period={key}")))
            (ui::value_chart(chrome, "value", &samples::value_series(365)))
        }
        (ui::grid(&[
            ui::card_with("Allocation", html! { a href="/portfolio/holdings" { "Holdings" } },
                ui::donut(chrome, "allocation", "Sectors", EUR, &samples::allocation())),
            ui::card("Top movers", movers(chrome)),
        ]))
    };
    page(chrome, "Dashboard", main)
}

fn movers(chrome: &Chrome) -> Markup {
    let mut rows = samples::holdings();
    rows.sort_by(|a, b| b.day.abs().total_cmp(&a.day.abs()));
    html! {
        table.data {
            caption.visually-hidden { "Top movers" }
            thead {
                tr { (ui::th("Holding")) th.num.wide-only scope="col" { "30 days" } (ui::th_num("Change")) (ui::th_num("Effect")) }
            }
            tbody {
                @for row in rows.iter().take(7) {
                    tr {
                        th scope="row" { a href="/portfolio/holdings/1" { (row.symbol) } small { (row.name) } }
                        td.num.wide-only { (ui::sparkline(&row.course)) }
                        td.num { (ui::signed_percent(chrome, row.day)) }
                        td.num {
                            (ui::signed_amount(chrome, row.value() * Decimal::try_from(row.day).unwrap_or_default(), EUR))
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn holdings(chrome: &Chrome) -> Markup {
    let chrome = &Chrome {
        path: "/portfolio/holdings".to_owned(),
        ..chrome.clone()
    };
    let main = html! {
        (ui::page_head("Holdings", html! {
            (ui::period_selector(chrome, "1d", &PERIODS, |key| format!("?period={key}")))
        }))
        (ui::tabs(&[("Table", "#table"), ("Treemap", "#treemap")], "#table"))
        section.card { (ui::treemap(chrome, "treemap", "Holdings by value", EUR, &samples::tiles())) }
        section.card { (holdings_table(chrome)) }
        (ui::pagination(Some("?cursor=next")))
    };
    page(chrome, "Holdings", main)
}

fn holdings_table(chrome: &Chrome) -> Markup {
    let columns = [
        Column::text("holding", "Holding").fixed(),
        Column::text("sector", "Sector"),
        Column::number("trend", "30 days"),
        Column::number("quantity", "Quantity"),
        Column::number("price", "Price"),
        Column::number("value", "Value").fixed(),
        Column::number("day", "Change"),
        Column::number("gain", "Unrealised gain"),
        Column::number("cost", "Cost").hidden(),
    ];
    let table = DataTable {
        id: "holdings",
        caption: "Holdings",
        columns: &columns,
        csv_href: Some("/portfolio/holdings.csv"),
    };
    let rows = samples::holdings();
    let cost: Decimal = rows.iter().map(|row| row.cost).sum();
    let body = html! { @for row in &rows { (holding_row(chrome, row)) } };
    let totals = html! {
        tr {
            th scope="row" { "Total" }
            td {}
            td {}
            td {}
            td {}
            (ui::td_num("Value", ui::amount(chrome, total(), EUR)))
            (ui::td_num("Change", ui::signed_percent(chrome, 0.0042)))
            (ui::td_num("Unrealised gain", ui::signed_amount(chrome, total() - cost, EUR)))
            (ui::td_num("Cost", ui::amount(chrome, cost, EUR)))
        }
    };
    ui::data_table(&table, body, Some(totals))
}

fn holding_row(chrome: &Chrome, row: &samples::Holding) -> Markup {
    let as_of = samples::today() - row.age_days.days();
    html! {
        tr {
            th scope="row" data-label="Holding" {
                a href="/portfolio/holdings/1" { (row.symbol) }
                small { (row.name) }
            }
            (ui::td("Sector", html! { (row.sector) }))
            (ui::td_num("30 days", ui::sparkline(&row.course)))
            (ui::td_num("Quantity", ui::quantity(chrome, row.quantity)))
            (ui::td_num("Price", html! {
                (ui::stale_mark(chrome, as_of, samples::today())) " "
                (ui::price(chrome, row.price, EUR))
            }))
            (ui::td_num("Value", ui::amount(chrome, row.value(), EUR)))
            (ui::td_num("Change", ui::signed_percent(chrome, row.day)))
            (ui::td_num("Unrealised gain", ui::signed_amount(chrome, row.gain(), EUR)))
            (ui::td_num("Cost", ui::amount(chrome, row.cost, EUR)))
        }
    }
}

pub(crate) fn holding(chrome: &Chrome) -> Markup {
    let chrome = &Chrome {
        path: "/portfolio/holdings/1".to_owned(),
        ..chrome.clone()
    };
    let main = html! {
        (ui::breadcrumb(&[("Holdings", "/portfolio/holdings")], "BRSK"))
        (ui::page_head_with("Brisk Semiconductor", html! { (ui::badge("Stock")) (ui::simulated_mark()) }, html! {
            (ui::period_selector(chrome, "1y", &PERIODS, |key| format!("?period={key}")))
        }))
        (ui::main_aside(
            html! {
                section.card { (ui::price_chart(chrome, "price", &samples::price_series(365))) }
            },
            html! {
                (ui::card("Position", html! {
                    (ui::stats(&[
                        ui::stat("Value", ui::amount(chrome, Decimal::new(2_638_720, 2), EUR),
                            ui::signed_amount(chrome, Decimal::new(-102_872, 2), EUR)),
                        ui::stat("Quantity", ui::quantity(chrome, Decimal::new(64_125, 3)), html! {}),
                        ui::stat("Average cost", ui::price(chrome, Decimal::new(25_156, 2), EUR), html! {}),
                        ui::stat("Dividends", ui::missing("none were paid"), html! {}),
                    ]))
                    p { (ui::definition("Money-weighted return", "The yearly rate at which all payments \
                        into and out of the holding grow to its value of today.")) ": "
                        (ui::percent(chrome, 0.0712)) }
                }))
            },
        ))
    };
    page(chrome, "Brisk Semiconductor", main)
}

fn errors() -> Vec<FieldError> {
    let error = |pointer: &str, detail: &str| FieldError {
        pointer: pointer.to_owned(),
        code: "invalid".to_owned(),
        detail: detail.to_owned(),
    };
    vec![
        error("quantity", "The quantity must be greater than zero."),
        error("date", "The date lies in the future."),
    ]
}

pub(crate) fn form(chrome: &Chrome) -> Markup {
    let errors = errors();
    let main = html! {
        (ui::breadcrumb(&[("Transactions", "/portfolio/transactions")], "New"))
        (ui::page_head("New transaction", html! {}))
        (ui::stepper(&["Upload", "Map columns", "Check", "Import"], 2))
        form.card.form method="post" enctype="multipart/form-data" {
            (ui::csrf_field(chrome))
            (ui::form_errors(&errors))
            (ui::select_field(
                &Field { label: "Type", name: "type", value: "buy", required: true, ..Field::default() },
                &[("buy", "Buy"), ("sell", "Sell"), ("dividend", "Dividend")],
            ))
            div.fields {
                (ui::text_field(&Field {
                    label: "Date", name: "date", value: "2027-01-05", kind: FieldKind::Date, required: true,
                    error: ui::error_of(&errors, "date"), ..Field::default()
                }))
                (ui::text_field(&Field {
                    label: "Quantity", name: "quantity", value: "-3", kind: FieldKind::Decimal, required: true,
                    error: ui::error_of(&errors, "quantity"), hint: Some("Up to eight decimals."), ..Field::default()
                }))
                (ui::text_field(&Field {
                    label: "Price", name: "price", kind: FieldKind::Decimal, placeholder: Some("0.00"), ..Field::default()
                }))
            }
            (ui::text_area(&Field { label: "Note", name: "note", ..Field::default() }, 3))
            (ui::checkbox("Settle in the base currency", "settle", true, Some("At the rate of the day.")))
            (ui::file_field(
                &Field { label: "Statement", name: "file", hint: Some("CSV, JSON or XML, at most 64 MiB."), ..Field::default() },
                ".csv,.json,.xml",
            ))
            div.actions { (ui::submit("Save")) (ui::link_button("Cancel", "/", false)) }
        }
    };
    page(chrome, "New transaction", main)
}

pub(crate) fn states(chrome: &Chrome) -> Markup {
    let main = html! {
        (ui::page_head("States", html! { (ui::submit_quiet("Quiet")) (ui::submit_danger("Remove")) }))
        (ui::empty_state("No holdings yet", "Import a file from your broker, or look at a filled sample first.",
            ("Import a file", "/portfolio/imports/new"), Some(("Explore the demo", "/demo"))))
        (ui::notice(NoticeKind::Info, html! { "Prices are updated after the close." }))
        (ui::notice(NoticeKind::Success, html! { "248 transactions imported, 3 were there already." }))
        (ui::notice(NoticeKind::Warning, html! { "The sale of 14 Mar 2025 sells more than was held. " a href="/x" { "Look at it" } }))
        (ui::notice(NoticeKind::Problem, html! { "The file could not be read: line 12 has 7 columns, the heading has 9." }))
        (ui::grid(&[
            ui::card("No value", ui::value_chart(chrome, "none", &samples::value_series(0))),
            ui::card("One day", ui::value_chart(chrome, "one", &samples::value_series(1))),
            ui::card("One part", ui::donut(chrome, "single", "Cash", EUR, &[ui::Slice::new("Cash", 12.0)])),
            ui::card("No part", ui::donut(chrome, "no-part", "Cash", EUR, &[])),
        ]))
    };
    page(chrome, "States", main)
}

pub(crate) fn confirm(chrome: &Chrome) -> Markup {
    ui::confirm_page(
        chrome,
        &Confirm {
            title: "Delete this transaction?",
            text: html! {
                p { "Buy of 40 BRSK on 14 March 2025 for " (ui::amount(chrome, Decimal::new(368_400, 2), EUR)) "." }
                p { "Later sales of these shares will be matched with other lots. This cannot be undone." }
            },
            action: "/portfolio/transactions/1/delete",
            verb: "Delete the transaction",
            cancel_href: "/portfolio/transactions/1",
        },
    )
}

pub(crate) fn error(chrome: &Chrome) -> Markup {
    error_page(
        chrome,
        &Problem::not_found("portfolio"),
        Some("0193-sample"),
    )
}

pub(crate) fn sign_in(chrome: &Chrome) -> Markup {
    let check = |name: &str, state, text: &str| Check {
        name: name.to_owned(),
        state,
        text: text.to_owned(),
    };
    bare_page(
        chrome,
        "Sign in",
        html! {
            h1 { "Sign in" }
            form method="post" {
                (ui::csrf_field(chrome))
                (ui::text_field(&Field {
                    label: "E-mail", name: "email", kind: FieldKind::Email, required: true,
                    autocomplete: Some("username"), autofocus: true, ..Field::default()
                }))
                (ui::text_field(&Field {
                    label: "Password", name: "password", kind: FieldKind::Password, required: true,
                    autocomplete: Some("current-password"), ..Field::default()
                }))
                div.actions { (ui::submit("Sign in")) }
            }
            hr;
            (ui::check_strip(&[
                check("Database", CheckState::Ok, "PostgreSQL 15, private cluster"),
                check("Clock", CheckState::Ok, "UTC, 0.1 s apart"),
                check("Mail", CheckState::Warn, "No server is set; messages stay in Bursar."),
                check("Prices", CheckState::Fail, "The source did not answer for 3 days."),
            ]))
        },
    )
}
