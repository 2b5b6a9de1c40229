//! One ledger: its years, the days below zero, its periods and its movements.

use axum::{Extension, extract::State};
use identity::Viewer;
use jiff::civil::{Date, date};
use maud::{Markup, html};
use money::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;
use web::{
    App, Chrome, Page, PageQuery, Path, Problem, Query,
    components::{self as ui, NoticeKind},
};

use super::{
    super::trail::Cash,
    super::{
        ledger::CashLedger,
        model::{Interval, Movement, PeriodSums, Stretch},
        service,
    },
    PATH, path,
};
use crate::{
    portfolios::{Portfolio, PortfolioId},
    scope::{self, Scope},
    trail::Way,
    transactions::pages::kind_label,
    valuation::Valuations,
};

/// The word for all years in the address.
const ALL_YEARS: &str = "all";
/// Movements on one page.
const ROWS: u16 = 100;

/// What is shown; lives in the address. Without a year it is the last one in which something moved.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Selection {
    year: Option<String>,
    #[serde(default, deserialize_with = "scope::empty_is_none")]
    known_on: Option<Date>,
    cursor: Option<String>,
}

/// A ledger and the part of it that is shown.
struct View<'a> {
    chrome: &'a Chrome,
    portfolio: &'a Portfolio,
    ledger: &'a CashLedger,
    /// `None`: all years.
    year: Option<i16>,
    scope: Scope,
}

impl View<'_> {
    fn range(&self) -> (Option<Date>, Option<Date>) {
        let day = |month, day| self.year.map(|year| date(year, month, day));
        (day(1, 1), day(12, 31))
    }

    fn path(&self) -> String {
        path(self.portfolio.id, self.ledger.currency)
    }

    fn rest(&self) -> Vec<(&'static str, String)> {
        let year = self
            .year
            .map_or_else(|| ALL_YEARS.to_owned(), |year| year.to_string());
        vec![("year", year)]
    }

    fn money(&self, amount: Decimal) -> Markup {
        ui::amount(self.chrome, amount, self.ledger.currency)
    }

    /// The way to the trails of figures of some days.
    fn way(&self, (from, to): (Option<Date>, Option<Date>)) -> Way {
        Way::new(&Scope::known(Some(self.portfolio.id), self.scope.known_on))
            .with("of", Some(self.ledger.currency))
            .with("from", from)
            .with("to", to)
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Path((portfolio_id, currency)): Path<(PortfolioId, Currency)>,
    Query(selection): Query<Selection>,
) -> Result<Markup, Problem> {
    let which = (portfolio_id, currency);
    let page = PageQuery {
        cursor: selection.cursor.clone(),
        limit: Some(ROWS),
    };
    let after = page.after()?;
    let known_on = selection.known_on;
    let (valuation, ledger) = service::ledger(&app, &valuations, &viewer, which, known_on).await?;
    let portfolio = valuation
        .portfolios
        .first()
        .ok_or_else(|| Problem::not_found("portfolio"))?;
    let last = ledger.steps.last().map(|step| step.date.year());
    let year = match selection.year.as_deref() {
        Some(ALL_YEARS) => None,
        text => text
            .and_then(|year| year.parse().ok())
            .filter(|year| (1..=9998).contains(year))
            .or(last),
    };
    let view = View {
        chrome: &viewer.chrome,
        portfolio,
        ledger: &ledger,
        year,
        scope: Scope::known(None, known_on),
    };
    let rows = ledger.page(view.range(), after, page.limit());
    let rows = Page::of(rows, page.limit(), |row| (row.date, row.transaction));
    let told = service::told(&app, &viewer, &valuation, currency, &rows.items).await?;
    let title = format!("Cash in {currency}");
    let back = Scope::known(Some(portfolio_id), known_on).href(PATH, None);
    let main = html! {
        (ui::breadcrumb(&[("Cash", &back)], &format!("{} · {currency}", portfolio.name)))
        (ui::page_head_with(&title, scope::marks(&valuation), html! {
            (ui::link_button("Add deposit", &format!("/portfolio/transactions/new?type=deposit&portfolio={}", portfolio_id.0), false))
        }))
        (view.scope.knowledge(&view.path(), &view.rest()))
        @if ledger.steps.is_empty() {
            (view.scope.nothing_known(&view.path()))
        } @else {
            (years(&view))
            (negative(&view))
            (figures(&view))
            @let heading = if year.is_some() { "Months" } else { "Years" };
            (ui::card(heading, periods(&view, heading)))
            (ui::card_with("Movements, the newest first", csv_link(&view), html! {
                (movements(&view, &told))
                (ui::pagination(next(&view, rows.next_cursor).as_deref()))
            }))
        }
    };
    Ok(web::page(&viewer.chrome, &title, main))
}

fn next(view: &View<'_>, cursor: Option<String>) -> Option<String> {
    let mut rest = view.rest();
    rest.push(("cursor", cursor?));
    Some(view.scope.href_with(&view.path(), None, &rest))
}

fn csv_link(view: &View<'_>) -> Markup {
    let (from, to) = view.range();
    let mut rest = Vec::new();
    rest.extend(from.map(|day| ("from", day.to_string())));
    rest.extend(to.map(|day| ("to", day.to_string())));
    let file = format!(
        "/api/v1/portfolio/portfolios/{}/cash/{}/ledger.csv",
        view.portfolio.id.0, view.ledger.currency
    );
    let file = view.scope.href_with(&file, None, &rest);
    html! { a href=(file) download { "CSV" } }
}

fn years(view: &View<'_>) -> Markup {
    let mut found: Vec<String> = Vec::new();
    for step in view.ledger.steps.iter().rev() {
        let year = step.date.year().to_string();
        if found.last() != Some(&year) {
            found.push(year);
        }
    }
    let mut items: Vec<(&str, &str)> = found.iter().map(|y| (y.as_str(), y.as_str())).collect();
    items.push((ALL_YEARS, "All"));
    let current = view
        .year
        .map_or_else(|| ALL_YEARS.to_owned(), |year| year.to_string());
    ui::period_selector(view.chrome, &current, &items, |year| {
        let rest = [("year", year.to_owned())];
        view.scope.href_with(&view.path(), None, &rest)
    })
}

/// Days below zero, each with its finding.
fn negative(view: &View<'_>) -> Markup {
    let (from, to) = view.range();
    let shown: Vec<&Stretch> = view
        .ledger
        .negative
        .iter()
        .filter(|one| to.is_none_or(|to| one.from <= to))
        .filter(|one| one.until.zip(from).is_none_or(|(until, from)| until > from))
        .collect();
    html! {
        @if !shown.is_empty() {
            (ui::notice(NoticeKind::Warning, html! {
                p { strong { "The balance was below zero." } " Something that came in is missing, or was recorded too late." }
                ul {
                    @for one in shown {
                        li {
                            "From " (ui::date(view.chrome, one.from)) " "
                            @match one.until {
                                Some(day) => { "until " (ui::date(view.chrome, day)) },
                                None => "until now",
                            }
                            ", lowest on " (ui::date(view.chrome, one.lowest_on)) " with " (view.money(one.lowest))
                            @if let Some(finding) = &one.finding {
                                " · " a href=(finding_href(view, finding)) { @if one.is_accepted { "Accepted finding" } @else { "Mend or accept it" } }
                            }
                        }
                    }
                }
            }))
        }
    }
}

fn finding_href(view: &View<'_>, finding: &str) -> String {
    let scope = Scope::known(Some(view.portfolio.id), view.scope.known_on);
    let page = scope.href("/portfolio/health", None);
    format!("{page}#{}", crate::health::anchor(finding))
}

fn figures(view: &View<'_>) -> Markup {
    let (from, to) = view.range();
    let rows = view.ledger.between(from, to);
    let way = view.way((from, to));
    let opening = from.map_or(Decimal::ZERO, |day| view.ledger.balance_before(day));
    let closing = rows.last().map_or(opening, |movement| movement.balance);
    let came_in: Decimal = rows.iter().map(|m| m.amount.max(Decimal::ZERO)).sum();
    let went_out: Decimal = rows.iter().map(|m| m.amount.min(Decimal::ZERO)).sum();
    let ended = rows.last().map(|movement| movement.date);
    let back_dated = rows
        .iter()
        .filter(|movement| movement.is_back_dated)
        .count();
    ui::stats(&[
        ui::stat(
            "Closing balance",
            way.to(Cash::Balance, view.money(closing)),
            html! { @if let Some(day) = ended { "after " (ui::date(view.chrome, day)) } },
        ),
        ui::stat(
            "Opening balance",
            way.to(Cash::Opening, view.money(opening)),
            html! {},
        ),
        ui::stat(
            "Came in",
            way.to(Cash::CameIn, view.money(came_in)),
            html! {},
        ),
        ui::stat(
            "Went out",
            way.to(Cash::WentOut, view.money(-went_out)),
            html! {},
        ),
        ui::stat(
            "Back-dated",
            html! { (back_dated) },
            html! { "recorded after later movements" },
        ),
    ])
}

fn periods(view: &View<'_>, heading: &str) -> Markup {
    let (from, to) = view.range();
    let interval = if view.year.is_some() {
        Interval::Month
    } else {
        Interval::Year
    };
    let mut rows = view.ledger.periods(interval, from, to);
    rows.reverse();
    ui::table_scroll(
        heading,
        html! {
            table.data.cards {
                caption.visually-hidden { "Opening and closing balance, the newest first" }
                thead { tr { (ui::th("Period")) (ui::th_num("Opening")) (ui::th_num("Came in")) (ui::th_num("Went out")) (ui::th_num("Closing")) } }
                tbody { @for row in &rows { (period_row(view, interval, row)) } }
            }
        },
    )
}

fn period_row(view: &View<'_>, interval: Interval, row: &PeriodSums) -> Markup {
    let name = match interval {
        Interval::Month => row.from.strftime("%B %Y").to_string(),
        Interval::Year => row.from.year().to_string(),
    };
    let way = view.way((Some(row.from), Some(row.to)));
    html! {
        tr {
            (ui::td("Period", html! { (name) }))
            (ui::td_num("Opening", way.to(Cash::Opening, view.money(row.opening))))
            (ui::td_num("Came in", way.to(Cash::CameIn, view.money(row.came_in))))
            (ui::td_num("Went out", way.to(Cash::WentOut, view.money(row.went_out))))
            (ui::td_num("Closing", way.to(Cash::Balance, view.money(row.closing))))
        }
    }
}

fn movements(view: &View<'_>, rows: &[Movement]) -> Markup {
    if rows.is_empty() {
        return html! { p.hint { "Nothing moved." } };
    }
    ui::table_scroll(
        "Movements",
        html! {
            table.data.cards {
                caption.visually-hidden { "Movements of the balance, the newest first" }
                thead { tr {
                    (ui::th("Date")) (ui::th("Type")) (ui::th("About")) (ui::th_num("Amount"))
                    (ui::th_num("Balance")) (ui::th("Recorded"))
                } }
                tbody { @for row in rows { (movement_row(view, row)) } }
            }
        },
    )
}

fn movement_row(view: &View<'_>, row: &Movement) -> Markup {
    let currency = view.ledger.currency;
    let scope = Scope::known(Some(view.portfolio.id), view.scope.known_on);
    html! {
        tr {
            (ui::td("Date", html! { a href=(scope.transaction_href(row.transaction_id)) { (ui::date(view.chrome, row.date)) } }))
            (ui::td("Type", html! { (ui::badge(kind_label(row.kind))) }))
            (ui::td("About", html! {
                @if let (Some(id), Some(symbol)) = (row.instrument_id, &row.symbol) { a href=(scope.holding_href(id)) { (symbol) } " " }
                @if let Some(note) = &row.note { span.hint { (note) } }
            }))
            (ui::td_num("Amount", ui::amount(view.chrome, row.amount, currency)))
            (ui::td_num("Balance", html! {
                @if row.is_negative { (ui::badge("below zero")) " " }
                (view.way((None, None)).with("transaction_id", Some(row.transaction_id)).to(Cash::Balance, view.money(row.balance)))
            }))
            (ui::td("Recorded", html! {
                @if let Some(at) = row.recorded_at { (ui::instant(view.chrome, at)) }
                @if row.is_back_dated {
                    " " span title="Later movements had been recorded before it, so it changed balances that were known." { (ui::badge("back-dated")) }
                }
            }))
        }
    }
}
