use axum::{Extension, Router, extract::State, routing::get};
use identity::Viewer;
use jiff::civil::Date;
use maud::{Markup, html};
use performance::{ContributionError, Detail, PERIODS, Parts};
use rust_decimal::Decimal;
use serde::Deserialize;
use statements::with_guard;
use web::{
    App, Chrome, CsvFile, Problem, Query, QueryString,
    components::{self as ui, Column, DataTable, NoticeKind},
};

use super::{
    api::out_of_range,
    model::{By, Contributions, Row},
    trail::Contribution,
};
use crate::{
    portfolios::PortfolioId,
    scope::{self, Scope, empty_is_none},
    trail::Way,
    valuation::{Valuation, Valuations},
};

const PAGE: &str = "/portfolio/performance/contribution";
const FILE: &str = "/portfolio/performance/contribution.csv";

pub(crate) fn router() -> Router<App> {
    Router::new().route(PAGE, get(show)).route(FILE, get(csv))
}

/// What is shown; lives in the address.
#[derive(Debug, Deserialize)]
struct View {
    #[serde(default, deserialize_with = "empty_is_none")]
    portfolio: Option<PortfolioId>,
    period: Option<String>,
    by: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    known_on: Option<Date>,
}

impl View {
    fn scope(&self) -> Scope {
        Scope {
            portfolio: self.portfolio,
            period: self.period.clone(),
            known_on: self.known_on,
        }
    }

    /// With the period that the person wants where the address names none.
    fn or_usual(mut self, viewer: &Viewer) -> Self {
        self.period = self.period.or_else(|| scope::usual_period(viewer));
        self
    }

    /// What else stands in the address.
    fn rest(&self) -> Vec<(&'static str, String)> {
        let by = Some(self.by()).filter(|by| *by != By::default());
        by.map(|by| ("by", by.as_str().to_owned()))
            .into_iter()
            .collect()
    }

    fn by(&self) -> By {
        By::named(self.by.as_deref())
    }

    /// The way to the trails of the figures that are shown.
    fn way(&self) -> Way {
        let scope = self.scope();
        Way::new(&scope).with("period", Some(scope.period()))
    }

    fn href(&self, path: &str, period: Option<&str>, by: By) -> String {
        let mut query = QueryString::new();
        query.push("portfolio", self.portfolio.map(|id| id.0));
        let own = self
            .period
            .as_ref()
            .map(|_| self.scope().period().to_string());
        query.push("period", period.map(str::to_owned).or(own));
        query.push("by", (by != By::default()).then(|| by.as_str()));
        query.push("known_on", self.known_on);
        format!("{path}{}", query.finish())
    }
}

/// The contributions of what is shown; `None` where nothing is on record.
fn find(
    valuation: &Valuation,
    scope: &Scope,
    by: By,
) -> Result<Option<(Contributions, Vec<Row>)>, ContributionError> {
    let Some(days) = valuation.days(scope.period()) else {
        return Ok(None);
    };
    let found = Contributions::new(valuation, days, Detail::Currencies)?;
    let rows = found.rows(valuation, by)?;
    Ok(Some((found, rows)))
}

async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(view): Query<View>,
) -> Result<Markup, Problem> {
    let view = view.or_usual(&viewer);
    let (scope, by) = (view.scope(), view.by());
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let found = find(&valuation, &scope, by).map_err(|error| out_of_range(&error))?;
    let chrome = &viewer.chrome;
    let period = scope.period();
    let periods: Vec<(&str, &str)> = PERIODS
        .iter()
        .map(|(key, label, _)| (*key, *label))
        .collect();
    let selector = ui::period_selector(chrome, &period.to_string(), &periods, |key| {
        view.href(PAGE, Some(key), by)
    });
    let main = html! {
        (ui::page_head_with("Contribution", scope::marks(&valuation), html! {}))
        (scope::views(&scope, PAGE))
        (scope.selector(PAGE, &portfolios, &view.rest()))
        @match &found {
            None => {
                @if valuation.daily.is_some() {
                    (ui::notice(NoticeKind::Info, html! {
                        "Nothing is on record in this period. " a href=(view.href(PAGE, Some("all"), by)) { "Show everything" }
                    }))
                } @else if scope.known_on.is_some() {
                    (scope.nothing_known(PAGE))
                } @else {
                    (ui::empty_state(
                        "No transactions yet",
                        "What each holding contributed follows from transactions: import an export of your broker, or add the first one by hand.",
                        ("Import a file", "/portfolio/imports/new"),
                        Some(("Add a transaction", "/portfolio/transactions/new")),
                    ))
                }
            }
            Some((found, rows)) => {
                (warnings(chrome, &valuation, found, &view.way()))
                (figures(chrome, &valuation, found, &view.way()))
                (ui::card_with(
                    &format!("By {} {}", by.label().to_lowercase(), period.phrase()),
                    selector,
                    html! {
                        (tabs(&view))
                        (table(chrome, &valuation, &view, found, rows))
                        (explanation())
                    },
                ))
            }
        }
    };
    Ok(web::page(chrome, "Contribution", main))
}

fn tabs(view: &View) -> Markup {
    let items: Vec<(&str, String)> = By::ALL
        .iter()
        .map(|by| (by.label(), view.href(PAGE, None, *by)))
        .collect();
    let items: Vec<(&str, &str)> = items
        .iter()
        .map(|(label, href)| (*label, href.as_str()))
        .collect();
    ui::tabs(&items, &view.href(PAGE, None, view.by()))
}

/// What makes the figures doubtful, before them.
fn warnings(chrome: &Chrome, valuation: &Valuation, found: &Contributions, way: &Way) -> Markup {
    let unexplained = found.attribution.unexplained;
    html! {
        @if valuation.lacks_rate() {
            (ui::notice(NoticeKind::Warning, html! {
                "An exchange rate is missing, so amounts in that currency count as nothing. The dashboard says which one to import."
            }))
        }
        @if !unexplained.is_zero() {
            (ui::notice(NoticeKind::Warning, html! {
                (way.to(Contribution::Unexplained, ui::signed_amount(chrome, unexplained, valuation.base)))
                " of the change in value belongs to no holding. It is shown below as unexplained."
            }))
        }
    }
}

/// From the value at the start to the value at the end.
fn figures(chrome: &Chrome, valuation: &Valuation, found: &Contributions, way: &Way) -> Markup {
    let base = valuation.base;
    let sum = &found.attribution.sum;
    let share = html! {
        @match (found.share(), found.lacks_share()) {
            (Some(share), _) => { (way.to(Contribution::Share, ui::signed_percent(chrome, share))) " on average capital" }
            (None, reason) => (ui::missing(&reason.unwrap_or_else(|| "nothing was invested".to_owned()))),
        }
    };
    let signed = |figure, amount| way.to(figure, ui::signed_amount(chrome, amount, base));
    let amount = |figure, amount| way.to(figure, ui::amount(chrome, amount, base));
    ui::stats(&[
        ui::stat(
            "Change in value",
            signed(Contribution::Total, found.attribution.change),
            share,
        ),
        ui::stat(
            "Value at the start",
            amount(Contribution::Start, found.start),
            html! { "at the close before " (ui::date(chrome, found.days.from)) },
        ),
        ui::stat(
            "Paid in less taken out",
            amount(Contribution::NetFlow, found.net_flow),
            html! {},
        ),
        ui::stat(
            "Value at the end",
            amount(Contribution::End, found.end),
            html! { "at the close of " (ui::date(chrome, found.days.to)) },
        ),
        ui::stat(
            "Price and currency",
            signed(
                Contribution::PriceAndCurrency,
                sum.price.saturating_add(sum.currency),
            ),
            html! { "currency " (signed(Contribution::Currency, sum.currency)) },
        ),
        ui::stat(
            "Income less fees",
            signed(
                Contribution::IncomeLessFees,
                sum.income.saturating_sub(sum.fees),
            ),
            html! { "fees and taxes " (amount(Contribution::Fees, sum.fees)) },
        ),
    ])
}

fn table(
    chrome: &Chrome,
    valuation: &Valuation,
    view: &View,
    found: &Contributions,
    rows: &[Row],
) -> Markup {
    let by = view.by();
    let columns = [
        Column::text("label", by.label()).fixed(),
        Column::text("bar", "Contribution").wide(),
        Column::number("total", "Total").fixed(),
        Column::number("share", "Share"),
        Column::number("price", "Price"),
        Column::number("currency", "Currency"),
        Column::number("income", "Income"),
        Column::number("fees", "Fees and taxes"),
    ];
    let file = view.href(FILE, None, by);
    let table = DataTable {
        id: "contribution",
        caption: "Contributions to the change in value",
        columns: &columns,
        csv_href: Some(&file),
    };
    let largest = rows.iter().map(|row| row.parts.total.abs()).max();
    let scope = view.scope();
    let way = view.way();
    let cells =
        |parts: Parts, share: Option<f64>, way: &Way| cells(chrome, valuation, (parts, share), way);
    let body = html! {
        @for row in rows {
            tr {
                td {
                    @match row.instrument {
                        Some(id) => a href=(scope.holding_href(id)) { (row.label) },
                        None => (row.label),
                    }
                    @if !row.name.is_empty() { " " span.hint { (row.name) } }
                    @if !row.is_rated { " " (ui::missing("bookings without an exchange rate count as nothing")) }
                }
                (ui::td("Contribution", bar(row.parts.total, largest.unwrap_or_default())))
                (cells(row.parts, row.share, &way.group(by.as_str(), row.key())))
            }
        }
    };
    let sums = html! {
        @if !found.attribution.unexplained.is_zero() {
            tr {
                td { "Unexplained" }
                td {}
                (ui::td_num("Total", way.to(Contribution::Unexplained, ui::signed_amount(chrome, found.attribution.unexplained, valuation.base))))
                td {} td {} td {} td {} td {}
            }
        }
        tr {
            td { "Change in value" }
            td {}
            (cells(Parts { total: found.attribution.change, ..found.attribution.sum }, found.share(), &way))
        }
    };
    ui::data_table(&table, body, Some(sums))
}

fn cells(
    chrome: &Chrome,
    valuation: &Valuation,
    (parts, share): (Parts, Option<f64>),
    way: &Way,
) -> Markup {
    let signed = |figure, amount| way.to(figure, ui::signed_amount(chrome, amount, valuation.base));
    let amount = |figure, amount| way.to(figure, ui::amount(chrome, amount, valuation.base));
    html! {
        (ui::td_num("Total", signed(Contribution::Total, parts.total)))
        (ui::td_num("Share", match share {
            Some(share) => way.to(Contribution::Share, ui::signed_percent(chrome, share)),
            None => ui::missing("there was no capital on average"),
        }))
        (ui::td_num("Price", signed(Contribution::Price, parts.price)))
        (ui::td_num("Currency", signed(Contribution::Currency, parts.currency)))
        (ui::td_num("Income", amount(Contribution::Income, parts.income)))
        (ui::td_num("Fees and taxes", amount(Contribution::Fees, parts.fees)))
    }
}

/// The amount to the right or left of the middle, in proportion to the largest of all; its figure
/// stands beside it.
fn bar(amount: Decimal, largest: Decimal) -> Markup {
    const HALF: f64 = 60.0;
    let part = amount.checked_div(largest).unwrap_or_default();
    let width = money::f64_from_decimal(part.abs()) * HALF;
    let (class, x) = if amount.is_sign_negative() {
        ("loss", HALF - width)
    } else {
        ("gain", HALF)
    };
    html! {
        svg.(class) aria-hidden="true" viewBox="0 0 120 14" width="120" height="14" {
            rect x=(format!("{x:.1}")) y="2" width=(format!("{width:.1}")) height="10" fill="currentcolor" opacity="0.75" {}
            line x1="60" x2="60" y1="0" y2="14" stroke="currentcolor" stroke-width="0.5" opacity="0.6" {}
        }
    }
}

fn explanation() -> Markup {
    ui::definition(
        "How this is computed",
        "A holding's contribution is its value at the end, less its value at the start, less what was \
         put into it, plus what it paid. Contributions add up to the change in value that is not paid \
         in or taken out, to the last decimal. Price is the gain in the holding's own currency, \
         currency is what exchange rates did to it. The share is the contribution over the average \
         capital, so that shares add up to the modified Dietz return.",
    )
}

/// The table as CSV, with exact figures.
async fn csv(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(view): Query<View>,
) -> Result<CsvFile, Problem> {
    let view = view.or_usual(&viewer);
    let (scope, by) = (view.scope(), view.by());
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let found = find(&valuation, &scope, by).map_err(|error| out_of_range(&error))?;
    let bytes = write(&valuation, by, found).map_err(|error| Problem::internal(&error))?;
    Ok(CsvFile {
        name: "contribution.csv".to_owned(),
        bytes,
    })
}

fn write(
    valuation: &Valuation,
    by: By,
    found: Option<(Contributions, Vec<Row>)>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        by.as_str(),
        "name",
        "base_currency",
        "total",
        "share",
        "price_gain",
        "currency_gain",
        "income",
        "fees",
    ])?;
    let mut line = |label: &str, name: &str, parts: Parts, share: Option<f64>| {
        writer.write_record([
            &with_guard(label),
            &with_guard(name),
            valuation.base.as_str(),
            &parts.total.normalize().to_string(),
            &share.map_or_else(String::new, |share| share.to_string()),
            &parts.price.normalize().to_string(),
            &parts.currency.normalize().to_string(),
            &parts.income.normalize().to_string(),
            &parts.fees.normalize().to_string(),
        ])
    };
    if let Some((found, rows)) = found {
        for row in &rows {
            line(&row.label, &row.name, row.parts, row.share)?;
        }
        let unexplained = found.attribution.unexplained;
        if !unexplained.is_zero() {
            let parts = Parts {
                total: unexplained,
                ..Parts::default()
            };
            line("Unexplained", "", parts, None)?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}
