use std::collections::{BTreeMap, HashMap};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use identity::Viewer;
use ledger::TransactionKind;
use maud::{Markup, html};
use money::Quotation;
use statements::{Columns, DateFormat, DecimalSeparator, Field as Column, Mapping};
use web::{
    App, Chrome, Form, Path, Problem,
    components::{self as ui, Field, NoticeKind},
};

use super::{
    super::{Import, ImportId, mappings, service},
    STEPS,
};
use crate::transactions::pages::kind_label;

const DATE_FORMATS: [(&str, &str, DateFormat); 4] = [
    ("auto", "Find out from the file", DateFormat::Auto),
    ("ymd", "Year, month, day", DateFormat::Ymd),
    ("dmy", "Day, month, year", DateFormat::Dmy),
    ("mdy", "Month, day, year", DateFormat::Mdy),
];
const DECIMAL_SEPARATORS: [(&str, &str, DecimalSeparator); 3] = [
    ("auto", "Find out from the file", DecimalSeparator::Auto),
    ("point", "Point: 1,234.56", DecimalSeparator::Point),
    ("comma", "Comma: 1.234,56", DecimalSeparator::Comma),
];

/// The field for the currency of all lines.
const DEFAULT_CURRENCY: &str = "default_currency";

/// Why a form is shown again, and what was written into it.
type Refusal<'a> = (&'a Problem, &'a HashMap<String, String>);

pub(super) async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
) -> Result<Markup, Problem> {
    let import = service::require(&app, viewer.user_id, id).await?;
    let columns = mappings::columns(&app, viewer.user_id, id).await?;
    let mapping = import
        .mapping
        .clone()
        .unwrap_or_else(|| columns.mapping.clone());
    Ok(form(&viewer.chrome, &import, &columns, &mapping, None))
}

pub(super) async fn update(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<ImportId>,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Problem> {
    let mut columns = mappings::columns(&app, viewer.user_id, id).await?;
    let mapping = read(&fields, &columns);
    let name = fields
        .get("name")
        .map(|name| name.trim())
        .filter(|name| !name.is_empty());
    let outcome = async {
        if let Some(problem) = no_currency(&fields).or_else(|| missing(&mapping)) {
            return Err(problem);
        }
        // Which column holds the types is known only now, and with it which words have to be asked for.
        columns.unknown_types = mappings::unknown_types(&app, viewer.user_id, id, &mapping).await?;
        let problem = unasked(&fields, &columns.unknown_types);
        columns
            .unknown_types
            .extend(mapping.type_words.keys().cloned());
        if let Some(problem) = problem {
            return Err(problem);
        }
        Ok(mappings::apply(&app, viewer.user_id, id, &mapping, name).await?)
    };
    match outcome.await {
        Ok(()) => Ok(Redirect::to(&format!("/portfolio/imports/{}", id.0)).into_response()),
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let import = service::require(&app, viewer.user_id, id).await?;
            let page = form(
                &viewer.chrome,
                &import,
                &columns,
                &mapping,
                Some((&problem, &fields)),
            );
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(problem) => Err(problem),
    }
}

/// A currency of all lines that is none, as a refusal.
fn no_currency(fields: &HashMap<String, String>) -> Option<Problem> {
    let typed = fields.get(DEFAULT_CURRENCY).map(|typed| typed.trim())?;
    (!typed.is_empty() && Quotation::parse(typed).is_err()).then(|| {
        Problem::invalid_field(
            DEFAULT_CURRENCY,
            "invalid_currency",
            "Write the code of a currency in capital letters, such as EUR, or of its hundredth, such as \
             GBX.",
        )
    })
}

/// What the mapping still lacks, as a refusal.
fn missing(mapping: &Mapping) -> Option<Problem> {
    let missing: Vec<&str> = mapping.missing().into_iter().map(label).collect();
    (!missing.is_empty()).then(|| {
        Problem::invalid_field(
            "columns",
            "missing_field",
            format!(
                "Choose a column, or a value for all lines, for: {}.",
                missing.join(", ")
            ),
        )
    })
}

/// Words that the form did not ask for yet, as a refusal; one that was left without a type is the
/// person's decision, and its lines are refused.
fn unasked(fields: &HashMap<String, String>, words: &[String]) -> Option<Problem> {
    let is_new = |word: &&String| !fields.contains_key(&format!("word.{word}"));
    let new: Vec<String> = words
        .iter()
        .filter(is_new)
        .map(|word| format!("“{word}”"))
        .collect();
    (!new.is_empty()).then(|| {
        Problem::invalid_field(
            "word",
            "unknown_type",
            format!(
                "Say below what these words of the file mean, or leave them out: {}.",
                new.join(", ")
            ),
        )
    })
}

fn read(fields: &HashMap<String, String>, columns: &Columns) -> Mapping {
    let text = |key: &str| fields.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
    let chosen: BTreeMap<Column, String> = Column::ALL
        .into_iter()
        .filter_map(|field| {
            let column = text(&format!("column.{}", field.name()))?;
            Some((field, column.to_owned()))
        })
        .collect();
    let type_words = fields
        .iter()
        .filter_map(|(key, kind)| {
            Some((
                key.strip_prefix("word.")?.to_owned(),
                kind.trim().parse().ok()?,
            ))
        })
        .collect();
    let option = |key: &str, words: &[&str]| {
        text(key)
            .and_then(|word| words.iter().position(|known| *known == word))
            .unwrap_or(0)
    };
    Mapping {
        columns: chosen,
        date_format: DATE_FORMATS[option("date_format", &DATE_FORMATS.map(|f| f.0))].2,
        decimal_separator: DECIMAL_SEPARATORS
            [option("decimal_separator", &DECIMAL_SEPARATORS.map(|s| s.0))]
        .2,
        delimiter: Some(columns.delimiter),
        type_words,
        default_currency: text(DEFAULT_CURRENCY).and_then(|code| Quotation::parse(code).ok()),
        default_kind: text("default_kind").and_then(|word| word.parse().ok()),
        ..Mapping::default()
    }
}

fn form(
    chrome: &Chrome,
    import: &Import,
    columns: &Columns,
    mapping: &Mapping,
    refusal: Option<Refusal<'_>>,
) -> Markup {
    let action = format!("/portfolio/imports/{}/mapping", import.id.0);
    web::page(
        chrome,
        "Columns of the file",
        html! {
            (ui::breadcrumb(&[("Imports", "/portfolio/imports")], &import.file_name))
            (ui::page_head("Which column is which?", html! {}))
            (ui::stepper(&STEPS, 1))
            @if let Some((problem, _)) = refusal {
                (ui::notice(NoticeKind::Problem, html! { p { (problem.detail) } }))
            }
            (ui::card("First lines of the file", sample(columns)))
            form.card method="post" action=(action) {
                (ui::csrf_field(chrome))
                (column_fields(columns, mapping))
                (reading_fields(columns, mapping, refusal))
                div.fields {
                    (ui::text_field(&Field {
                        label: "Remember these columns as",
                        name: "name",
                        hint: Some("Files with the same columns are then read without asking."),
                        ..Field::default()
                    }))
                }
                div.actions { (ui::submit("Show the preview")) }
            }
        },
    )
}

fn sample(columns: &Columns) -> Markup {
    html! {
        div.table-scroll role="region" aria-label="First lines" tabindex="0" {
            table.data {
                caption.visually-hidden { "First lines of the file" }
                thead { tr { @for name in &columns.names { (ui::th(name)) } } }
                tbody {
                    @for record in &columns.records { tr { @for cell in record { td { (cell) } } } }
                }
            }
        }
    }
}

fn column_fields(columns: &Columns, mapping: &Mapping) -> Markup {
    let mut options = vec![("", "— not in this file —")];
    options.extend(
        columns
            .names
            .iter()
            .map(|name| (name.as_str(), name.as_str())),
    );
    let choice = |column: &Column| {
        let name = format!("column.{}", column.name());
        let value = mapping.columns.get(column).map_or("", String::as_str);
        ui::select_field(&select(label(*column), &name, value), &options)
    };
    let (usual, rare): (Vec<Column>, Vec<Column>) = Column::ALL
        .into_iter()
        .partition(|column| is_usual(*column));
    html! {
        fieldset {
            legend { "Columns" }
            div.fields { @for column in &usual { (choice(column)) } }
            details open[rare.iter().any(|column| mapping.columns.contains_key(column))] {
                summary { "Columns that few files have" }
                div.fields { @for column in &rare { (choice(column)) } }
            }
        }
    }
}

/// What a column is called above its choice.
fn label(column: Column) -> &'static str {
    match column {
        Column::Date => "Date",
        Column::Type => "Type",
        Column::Symbol => "Symbol",
        Column::Isin => "ISIN",
        Column::Exchange => "Exchange",
        Column::Name => "Name",
        Column::AssetClass => "Asset class",
        Column::Quantity => "Quantity",
        Column::Price => "Price",
        Column::Amount => "Amount",
        Column::Fees => "Fees",
        Column::Taxes => "Taxes",
        Column::Currency => "Currency",
        Column::QuoteCurrency => "Quote currency",
        Column::SettlementCurrency => "Settlement currency",
        Column::FxRate => "Exchange rate",
        Column::Ratio => "Split ratio",
        Column::Account => "Account",
        Column::ExternalId => "Broker's id",
        Column::Note => "Note",
        Column::TargetSymbol => "Symbol received",
        Column::TargetIsin => "ISIN received",
        Column::TargetExchange => "Exchange of what is received",
        Column::TargetName => "Name of what is received",
        Column::TargetAssetClass => "Class of what is received",
        Column::TargetCurrency => "Currency of what is received",
        Column::CostShare => "Cost share",
        Column::AcquiredOn => "Bought on",
        Column::Underlying => "Underlying",
        Column::ExpiresOn => "Expires on",
        Column::Strike => "Strike",
        Column::Right => "Call or put",
        Column::Multiplier => "Multiplier",
    }
}

fn is_usual(column: Column) -> bool {
    use Column as C;
    matches!(
        column,
        C::Date
            | C::Type
            | C::Symbol
            | C::Isin
            | C::Name
            | C::Quantity
            | C::Price
            | C::Amount
            | C::Fees
            | C::Taxes
            | C::Currency
    )
}

fn reading_fields(columns: &Columns, mapping: &Mapping, refusal: Option<Refusal<'_>>) -> Markup {
    let dates = DATE_FORMATS.map(|(word, label, _)| (word, label));
    let date = DATE_FORMATS
        .iter()
        .find(|f| f.2 == mapping.date_format)
        .map_or("auto", |f| f.0);
    let separators = DECIMAL_SEPARATORS.map(|(word, label, _)| (word, label));
    let separator = DECIMAL_SEPARATORS
        .iter()
        .find(|s| s.2 == mapping.decimal_separator)
        .map_or("auto", |s| s.0);
    let mut kinds = vec![("", "— none —")];
    kinds.extend(TransactionKind::ALL.map(|kind| (kind.as_str(), kind_label(kind))));
    let known = mapping
        .default_currency
        .map_or_else(String::new, |c| c.to_string());
    // What was written stays, also when it is refused.
    let written = refusal.and_then(|(_, fields)| fields.get(DEFAULT_CURRENCY));
    let currency = written.unwrap_or(&known);
    let wrong = refusal
        .and_then(|(problem, _)| {
            problem
                .errors
                .iter()
                .find(|e| e.pointer == DEFAULT_CURRENCY)
        })
        .map(|error| error.detail.as_str());
    html! {
        fieldset {
            legend { "How to read them" }
            div.fields {
                (ui::select_field(&select("Dates", "date_format", date), &dates))
                (ui::select_field(&select("Decimal separator", "decimal_separator", separator), &separators))
                (ui::text_field(&Field { label: "Currency of all lines", name: DEFAULT_CURRENCY, value: currency, error: wrong, hint: Some("When the file has no column for it. GBX for pence."), ..Field::default() }))
                (ui::select_field(&select("Type of all lines", "default_kind", mapping.default_kind.map_or("", TransactionKind::as_str)), &kinds))
            }
        }
        @if !columns.unknown_types.is_empty() {
            fieldset {
                legend { "What the file's words mean" }
                div.fields {
                    @for word in &columns.unknown_types {
                        @let name = format!("word.{word}");
                        (ui::select_field(&select(word, &name, mapping.type_words.get(word).map_or("", |k| k.as_str())), &kinds))
                    }
                }
            }
        }
    }
}

fn select<'a>(label: &'a str, name: &'a str, value: &'a str) -> Field<'a> {
    Field {
        label,
        name,
        value,
        required: true,
        ..Field::default()
    }
}
