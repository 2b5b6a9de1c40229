use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use identity::Viewer;
use maud::{Markup, html};
use money::{Currency, Quotation};
use web::{
    App, Chrome, CsvFile, FieldError, Page, PageQuery, Problem, Query,
    components::{
        self as c, Column, DataTable, Field, FieldKind, LiveField, data_table, empty_state,
        error_of, form_errors, link_button, page_head_with, pagination, select_field, submit, td,
        td_num, text_field,
    },
    format, page,
};

use super::{
    api::place,
    csv_file,
    model::{After, Question, Screen, Screened, Sort},
    store::{self, Choices},
};
use crate::{
    AssetClass,
    instruments::{
        CapBucket, PeBucket,
        pages::{bare_number, price, volume},
    },
};

const PAGE: &str = "/market/screener";
/// Rows of one file.
const CSV_ROWS: i64 = 200_000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(PAGE, get(show))
        .route("/market/screener.csv", get(download))
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Query(question): Query<Question>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let after = query.after::<After>()?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let choices = store::choices(tx.conn()).await?;
    let chrome = &viewer.chrome;
    let screen = match question.read() {
        Ok(screen) => screen,
        Err(errors) => {
            let answer = render(chrome, &question, &choices, &errors, html! {});
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response());
        }
    };
    let found = store::list(tx.conn(), &screen, after.as_ref(), query.limit()).await?;
    let found = Page::of(found, query.limit(), place);
    let results = results(chrome, &question, &screen, &found);
    Ok(render(chrome, &question, &choices, &[], results).into_response())
}

async fn download(
    State(app): State<App>,
    viewer: Viewer,
    Query(question): Query<Question>,
) -> Result<CsvFile, Problem> {
    let screen = question.read().map_err(Problem::invalid)?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let rows = store::list(tx.conn(), &screen, None, CSV_ROWS).await?;
    csv_file::file(&rows)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
fn render(
    chrome: &Chrome,
    question: &Question,
    choices: &Choices,
    errors: &[FieldError],
    results: Markup,
) -> Markup {
    page(
        chrome,
        "Screener",
        html! {
            (c::breadcrumb(&[("Market", "/market")], "Screener"))
            (page_head_with("Screener", c::live_state(), html! {}))
            section.card {
                (form_errors(errors))
                form.stack method="get" action=(PAGE) {
                    div.fields { (kind_fields(question, choices, errors)) }
                    div.fields { (number_fields(question, errors)) }
                    div.fields { (order_fields(question, errors)) }
                    div.actions {
                        (submit("Show"))
                        (link_button("Start over", PAGE, false))
                    }
                }
            }
            (results)
        },
    )
}

/// A choice of one of some words, or of none.
fn choice<'a>(
    label: &'a str,
    name: &'a str,
    value: Option<&'a str>,
    options: &[(&str, &str)],
    errors: &'a [FieldError],
) -> Markup {
    let mut all = vec![("", "Any")];
    all.extend_from_slice(options);
    select_field(
        &Field {
            label,
            name,
            value: value.unwrap_or_default(),
            error: error_of(errors, name),
            ..Field::default()
        },
        &all,
    )
}

fn kind_fields(question: &Question, choices: &Choices, errors: &[FieldError]) -> Markup {
    let classes = AssetClass::ALL.map(|class| (class.as_str(), class.label()));
    let caps = CapBucket::ALL.map(|bucket| (bucket.as_str(), bucket.label()));
    let pes = PeBucket::ALL.map(|bucket| (bucket.as_str(), bucket.label()));
    let stated = [
        (
            "Exchange",
            "exchange",
            &question.exchange,
            &choices.exchanges,
        ),
        ("Sector", "sector", &question.sector, &choices.sectors),
        (
            "Industry",
            "industry",
            &question.industry,
            &choices.industries,
        ),
        ("Country", "country", &question.country, &choices.countries),
        (
            "Currency",
            "currency",
            &question.currency,
            &choices.currencies,
        ),
    ];
    html! {
        (choice("Class", "asset_class", question.asset_class.as_deref(), &classes, errors))
        @for (label, name, value, known) in stated {
            (stated_choice(label, name, value.as_deref(), known, errors))
        }
        (choice("Market cap", "market_cap", question.market_cap.as_deref(), &caps, errors))
        (choice("P/E ratio", "pe", question.pe.as_deref(), &pes, errors))
    }
}

/// A choice of what instruments state; what an address asks for beyond that stays chosen.
fn stated_choice(
    label: &str,
    name: &str,
    value: Option<&str>,
    known: &[String],
    errors: &[FieldError],
) -> Markup {
    let mut options: Vec<(&str, &str)> = known.iter().map(|one| (&**one, &**one)).collect();
    if let Some(value) = value.filter(|value| !value.is_empty())
        && !known.iter().any(|one| one == value)
    {
        options.push((value, value));
    }
    choice(label, name, value, &options, errors)
}

fn number_fields(question: &Question, errors: &[FieldError]) -> Markup {
    let fields = [
        ("Price from", "min_price", &question.min_price),
        ("Price to", "max_price", &question.max_price),
        ("Change % from", "min_change", &question.min_change),
        ("Change % to", "max_change", &question.max_change),
        ("Volume from", "min_volume", &question.min_volume),
        (
            "Place in 52 weeks from",
            "min_position",
            &question.min_position,
        ),
        (
            "Place in 52 weeks to",
            "max_position",
            &question.max_position,
        ),
    ];
    html! {
        @for (label, name, value) in fields {
            (text_field(&Field {
                label,
                name,
                value: value.as_deref().unwrap_or_default(),
                error: error_of(errors, name),
                kind: FieldKind::Decimal,
                ..Field::default()
            }))
        }
    }
}

fn order_fields(question: &Question, errors: &[FieldError]) -> Markup {
    let sorts = Sort::ALL.map(|sort| (sort.as_str(), sort.label()));
    html! {
        (select_field(&Field {
            label: "Order by",
            name: "sort",
            value: question.sort.as_deref().unwrap_or_default(),
            error: error_of(errors, "sort"),
            ..Field::default()
        }, &sorts))
        (select_field(&Field {
            label: "Direction",
            name: "order",
            value: question.order.as_deref().unwrap_or_default(),
            error: error_of(errors, "order"),
            ..Field::default()
        }, &[("asc", "Smallest first"), ("desc", "Largest first")]))
    }
}

fn results(
    chrome: &Chrome,
    question: &Question,
    screen: &Screen,
    found: &Page<Screened>,
) -> Markup {
    if found.items.is_empty() {
        let (title, reason) = if *screen == Screen::default() {
            (
                "No instruments yet",
                "They appear with the first prices or the first transactions.",
            )
        } else {
            (
                "Nothing fits",
                "No instrument that is traded still answers every part of the question.",
            )
        };
        return empty_state(title, reason, ("Start over", PAGE), None);
    }
    let next = found.next_cursor.as_deref();
    let next = next.map(|cursor| format!("{PAGE}{}", question.query(Some(cursor))));
    html! {
        section.card { (table(chrome, question, &found.items)) }
        (pagination(next.as_deref()))
    }
}

fn table(chrome: &Chrome, question: &Question, rows: &[Screened]) -> Markup {
    let columns = [
        Column::text("symbol", "Symbol").fixed(),
        Column::text("name", "Name"),
        Column::text("exchange", "Exchange").wide(),
        Column::text("sector", "Sector").wide(),
        Column::text("industry", "Industry").hidden(),
        Column::text("country", "Country").wide(),
        Column::number("cap", "Market cap").wide(),
        Column::number("pe", "P/E").wide(),
        Column::number("price", "Price").fixed(),
        Column::number("change", "Change %").fixed(),
        Column::number("volume", "Volume"),
        Column::number("position", "52 weeks"),
    ];
    let href = format!("/market/screener.csv{}", question.query(None));
    let table = DataTable {
        id: "screened",
        caption: "Instruments that answer the question",
        columns: &columns,
        csv_href: Some(&href),
    };
    let rows = html! { @for row in rows { (table_row(chrome, row)) } };
    data_table(&table, rows, None)
}

fn table_row(chrome: &Chrome, row: &Screened) -> Markup {
    let currency = row.currency.as_deref();
    let currency = currency.and_then(|code| Currency::new(code).ok());
    let exchange = row.mic.as_deref().unwrap_or(&row.exchange);
    html! {
        tr {
            (td("Symbol", html! {
                a href=(format!("/market/instruments/{}", row.instrument_id)) { (row.symbol) }
                @if row.is_simulated { " " (c::simulated_mark()) }
            }))
            (td("Name", html! { (row.name) }))
            (td("Exchange", html! { (exchange) }))
            (td("Sector", text(row.sector.as_deref())))
            (td("Industry", text(row.industry.as_deref())))
            (td("Country", text(row.country.as_deref())))
            (td_num("Market cap", market_cap(chrome, row.market_cap)))
            (td_num("P/E", known(row.pe_ratio, |ratio| bare_number(chrome, ratio, 1))))
            (td_num("Price", c::live(row.instrument_id, LiveField::Price, known(row.price, |close| {
                price(chrome, close, currency.map(Quotation::major))
            }))))
            (td_num("Change %", c::live(row.instrument_id, LiveField::Percent, known(row.change_percent, |percent| {
                c::signed_percent(chrome, percent / 100.0)
            }))))
            (td_num("Volume", volume(chrome, row.volume)))
            (td_num("52 weeks", known(row.position_52w, |place| c::percent(chrome, place / 100.0))))
        }
    }
}

fn text(value: Option<&str>) -> Markup {
    value.map_or_else(|| c::missing("not known"), |text| html! { (text) })
}

fn known(value: Option<f64>, figure: impl Fn(f64) -> Markup) -> Markup {
    value.map_or_else(|| c::missing("not known"), figure)
}

fn market_cap(chrome: &Chrome, cap: Option<f64>) -> Markup {
    match cap.and_then(money::decimal_from_f64) {
        Some(exact) => html! {
            data.price value=(exact) {
                (format::money(&chrome.formats, exact.round(), Currency::USD))
            }
        },
        None => c::missing("not known"),
    }
}
