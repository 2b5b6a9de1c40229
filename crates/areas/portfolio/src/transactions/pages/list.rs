//! The list of transactions and its filter.

use axum::extract::State;
use identity::Viewer;
use ledger::TransactionKind;
use market::InstrumentId;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Page, PageQuery, Problem, Query,
    components::{self as ui, Field, FieldKind},
};

use super::{FilterQuery, LIST, TransactionView, store};
use crate::{
    portfolios::{Portfolio, PortfolioId},
    scope::{self, Scope, empty_is_none},
};

/// The filter as the form sends it: empty fields mean nothing was chosen.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default, deserialize_with = "empty_is_none")]
    portfolio: Option<PortfolioId>,
    #[serde(default, rename = "type", deserialize_with = "empty_is_none")]
    kind: Option<TransactionKind>,
    #[serde(default, deserialize_with = "empty_is_none")]
    from: Option<jiff::civil::Date>,
    #[serde(default, deserialize_with = "empty_is_none")]
    to: Option<jiff::civil::Date>,
    #[serde(default, deserialize_with = "empty_is_none")]
    instrument: Option<InstrumentId>,
    #[serde(default, deserialize_with = "empty_is_none")]
    import_id: Option<uuid::Uuid>,
    #[serde(default)]
    q: String,
    #[serde(default, deserialize_with = "empty_is_none")]
    known_on: Option<jiff::civil::Date>,
    cursor: Option<String>,
}

impl ListQuery {
    fn filter(&self) -> FilterQuery {
        FilterQuery {
            portfolio_id: self.portfolio,
            instrument_id: self.instrument,
            kind: self.kind,
            from: self.from,
            to: self.to,
            import_id: self.import_id,
            q: Some(self.q.clone()),
            known_on: self.known_on,
        }
    }

    fn scope(&self) -> Scope {
        Scope::known(self.portfolio, self.known_on)
    }

    /// What else stands in the address of the page.
    fn rest(&self) -> Vec<(&'static str, String)> {
        let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
        [
            ("type", self.kind.map(|kind| kind.as_str().to_owned())),
            ("from", day(self.from)),
            ("to", day(self.to)),
            ("instrument", self.instrument.map(|id| id.to_string())),
            ("import_id", self.import_id.map(|id| id.to_string())),
            ("q", Some(self.q.clone()).filter(|q| !q.is_empty())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// This filter as a query string for another address.
    fn query(&self, portfolio_key: &str) -> String {
        let mut query = web::QueryString::new();
        query.push(portfolio_key, self.portfolio.map(|id| id.0));
        query.push("type", self.kind.map(TransactionKind::as_str));
        query.push("from", self.from);
        query.push("to", self.to);
        let instrument_key = if portfolio_key == "portfolio" {
            "instrument"
        } else {
            "instrument_id"
        };
        query.push(instrument_key, self.instrument.map(|id| id.0));
        query.push("import_id", self.import_id);
        query.push("q", Some(&self.q).filter(|q| !q.is_empty()));
        query.push("known_on", self.known_on);
        query.finish()
    }
}

pub(super) async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<ListQuery>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let page_query = PageQuery {
        cursor: query.cursor.clone(),
        limit: Some(100),
    };
    let mut tx = app.db.read(viewer.user_id).await?;
    let limit = page_query.limit();
    let rows = store::list(&mut tx, &query.filter().into(), page_query.after()?, limit).await?;
    drop(tx);
    let page = Page::of(rows, limit, |row| (row.date, row.id.0));
    let chrome = &viewer.chrome;
    let next = page.next_cursor.as_deref().map(|cursor| {
        let filter = query.query("portfolio");
        let separator = if filter.is_empty() { "?" } else { "&" };
        format!("/portfolio/transactions{filter}{separator}cursor={cursor}")
    });
    let csv = format!(
        "/api/v1/portfolio/transactions.csv{}",
        query.query("portfolio_id")
    );
    let is_filtered = query.portfolio.is_some() || !query.rest().is_empty();
    let scope = query.scope();
    let main = html! {
        (ui::page_head("Transactions", html! {
            (ui::link_button("Import", "/portfolio/imports/new", false))
            (ui::link_button("Add transaction", "/portfolio/transactions/new", true))
        }))
        (scope.knowledge(LIST, &query.rest()))
        (filter_form(&query, &portfolios))
        @if page.items.is_empty() && !is_filtered && query.known_on.is_some() {
            (scope.nothing_known(LIST))
        } @else if page.items.is_empty() && !is_filtered {
            (ui::empty_state(
                "No transactions yet",
                "Import an export of your broker, or add the first one by hand.",
                ("Add a transaction", "/portfolio/transactions/new"),
                Some(("Import a file", "/portfolio/imports/new")),
            ))
        } @else if page.items.is_empty() {
            (ui::empty_state(
                "Nothing matches",
                "No transaction fits this filter.",
                ("Show all", &Scope::known(None, query.known_on).href(LIST, None)),
                None,
            ))
        } @else {
            (ui::card_with(
                "Newest first",
                html! { a href=(Scope::known(None, query.known_on).href("/portfolio/transactions/deleted", None)) { "Deleted" } " " a href=(csv) download { "CSV" } },
                html! {
                    (table(chrome, &page.items, &portfolios, query.known_on))
                    (ui::pagination(next.as_deref()))
                },
            ))
        }
    };
    Ok(web::page(chrome, "Transactions", main))
}

fn filter_form(query: &ListQuery, portfolios: &[Portfolio]) -> Markup {
    let ids: Vec<String> = portfolios.iter().map(|p| p.id.0.to_string()).collect();
    let mut portfolio_options = vec![("", "All portfolios")];
    portfolio_options.extend(
        ids.iter()
            .zip(portfolios)
            .map(|(id, p)| (id.as_str(), p.name.as_str())),
    );
    let mut kinds = vec![("", "All types")];
    kinds.extend(TransactionKind::ALL.map(|kind| (kind.as_str(), kind_label(kind))));
    let chosen = query
        .portfolio
        .map_or_else(String::new, |id| id.0.to_string());
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |d| d.to_string());
    let (from, to) = (day(query.from), day(query.to));
    let field = |label, name, value, kind| Field {
        label,
        name,
        value,
        kind,
        required: true,
        ..Field::default()
    };
    html! {
        form.filters method="get" action="/portfolio/transactions" role="search" aria-label="Filter transactions" {
            @if let Some(day) = query.known_on { input type="hidden" name="known_on" value=(day); }
            (ui::select_field(&field("Portfolio", "portfolio", &chosen, FieldKind::Text), &portfolio_options))
            (ui::select_field(&field("Type", "type", query.kind.map_or("", TransactionKind::as_str), FieldKind::Text), &kinds))
            (ui::text_field(&Field { required: false, ..field("From", "from", &from, FieldKind::Date) }))
            (ui::text_field(&Field { required: false, ..field("To", "to", &to, FieldKind::Date) }))
            (ui::text_field(&Field { required: false, ..field("Symbol, name or note", "q", &query.q, FieldKind::Search) }))
            (ui::submit_quiet("Filter"))
        }
    }
}

/// The word of a type for people.
pub(crate) fn kind_label(kind: TransactionKind) -> &'static str {
    match kind {
        TransactionKind::Buy => "Buy",
        TransactionKind::Sell => "Sell",
        TransactionKind::Short => "Short",
        TransactionKind::Cover => "Cover",
        TransactionKind::Dividend => "Dividend",
        TransactionKind::ReinvestedDividend => "Reinvested dividend",
        TransactionKind::StockDividend => "Stock dividend",
        TransactionKind::ReturnOfCapital => "Return of capital",
        TransactionKind::Interest => "Interest",
        TransactionKind::Deposit => "Deposit",
        TransactionKind::Withdrawal => "Withdrawal",
        TransactionKind::Conversion => "Conversion",
        TransactionKind::TransferIn => "Transfer in",
        TransactionKind::TransferOut => "Transfer out",
        TransactionKind::Fee => "Fee",
        TransactionKind::Tax => "Tax",
        TransactionKind::Split => "Split",
        TransactionKind::SpinOff => "Spin-off",
        TransactionKind::Merger => "Merger",
        TransactionKind::SymbolChange => "Symbol change",
        TransactionKind::Exercise => "Exercise",
        TransactionKind::Assignment => "Assignment",
        TransactionKind::Expiry => "Expiry",
    }
}

/// Transactions as a table, with links to edit and delete; as they were known on a day, to what
/// became of them.
pub(crate) fn table(
    chrome: &Chrome,
    rows: &[TransactionView],
    portfolios: &[Portfolio],
    known_on: Option<jiff::civil::Date>,
) -> Markup {
    let of = |id: PortfolioId| portfolios.iter().find(|portfolio| portfolio.id == id);
    html! {
        div.table-scroll role="region" aria-label="Transactions" tabindex="0" {
            table.data.cards {
                caption.visually-hidden { "Transactions, newest first" }
                thead {
                    tr {
                        (ui::th("Date")) (ui::th("Type")) (ui::th("Instrument")) (ui::th_num("Quantity"))
                        (ui::th_num("Price")) (ui::th_num("Amount")) (ui::th_num("Fees")) (ui::th_num("Taxes"))
                        (ui::th("Portfolio")) (ui::th("Note")) (ui::th(""))
                    }
                }
                tbody { @for row in rows { (table_row(chrome, row, of(row.portfolio_id), known_on)) } }
            }
        }
    }
}

fn table_row(
    chrome: &Chrome,
    row: &TransactionView,
    portfolio: Option<&Portfolio>,
    known_on: Option<jiff::civil::Date>,
) -> Markup {
    // The sample is not added to one's own holdings: what it holds is seen in its own portfolio.
    let simulated = portfolio.filter(|p| p.is_simulated).map(|p| p.id);
    let scope = Scope::known(simulated, known_on);
    let history = format!("/portfolio/transactions/{}/history", row.id.0);
    let unless_zero = |n: rust_decimal::Decimal| {
        html! { @if !n.is_zero() { (ui::amount(chrome, n, row.currency)) } }
    };
    html! {
        tr {
            (ui::td("Date", ui::date(chrome, row.date)))
            (ui::td("Type", html! { (ui::badge(kind_label(row.kind))) }))
            (ui::td("Instrument", html! {
                @if let (Some(id), Some(symbol)) = (row.instrument_id, &row.symbol) {
                    a href=(scope.holding_href(id)) { (symbol) }
                    " " span.hint { (row.instrument_name.as_deref().unwrap_or("")) }
                }
                @if let (Some(id), Some(symbol)) = (row.target_instrument_id, &row.target_symbol) {
                    " → " a href=(scope.holding_href(id)) { (symbol) }
                }
            }))
            (ui::td_num("Quantity", html! {
                @if let Some(quantity) = row.quantity { (ui::quantity(chrome, quantity)) }
                @if let Some(ratio) = &row.ratio { (ratio) }
            }))
            (ui::td_num("Price", html! {
                @if let Some(price) = row.price { (ui::price(chrome, price, row.currency)) }
            }))
            (ui::td_num("Amount", unless_zero(row.amount)))
            (ui::td_num("Fees", unless_zero(row.fees)))
            (ui::td_num("Taxes", unless_zero(row.taxes)))
            (ui::td("Portfolio", html! { (portfolio.map_or("", |p| &p.name)) }))
            (ui::td("Note", html! { (row.note.as_deref().unwrap_or("")) }))
            td.row-actions {
                // What was known then may be gone by now.
                @if known_on.is_none() { a href=(format!("/portfolio/transactions/{}/edit", row.id.0)) { "Edit" } " " }
                a href=(Scope::known(None, known_on).href(&history, None)) { "History" }
                @if known_on.is_none() { " " a href=(format!("/portfolio/transactions/{}/delete", row.id.0)) { "Delete" } }
            }
        }
    }
}
