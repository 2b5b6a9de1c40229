//! The page of an import: the form, and below it what became of the last file.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use web::{
    Chrome, FieldError, Problem,
    components::{
        self as c, Column, DataTable, Field, NoticeKind, card, csrf_field, data_table, error_of,
        file_field, form_errors, notice, submit, td, td_num,
    },
    page,
};

use super::{ImportError, ImportReport};

/// Refusals that a page lists.
const REFUSALS_SHOWN: usize = 200;

/// What tells the page of one kind of file from that of another.
pub struct ImportPage<'p> {
    /// Of whoever looks.
    pub chrome: &'p Chrome,
    /// What is imported.
    pub title: &'p str,
    /// Label and address of what the import fills.
    pub parent: (&'p str, &'p str),
    /// Where the file is sent.
    pub action: &'p str,
    /// Which files are read, in a paragraph or two.
    pub explanation: Markup,
    /// Kinds of files that are offered to choose from.
    pub accept: &'static str,
    /// Fields besides the file.
    pub fields: Markup,
}

/// What became of the file that was sent.
pub enum Outcome {
    /// Every line is taken or refused.
    Done(ImportReport),
    /// Something has to be said beside the file first.
    Refused(Vec<FieldError>),
}

impl Outcome {
    /// A missing symbol or clock can be given beside the file, so it stays on the page; the rest is for
    /// the error page.
    ///
    /// # Errors
    /// The problem of a file of which nothing could be taken.
    pub fn of(result: Result<ImportReport, ImportError>) -> Result<Self, Problem> {
        match result {
            Ok(report) => Ok(Self::Done(report)),
            Err(error) => {
                let cause = match &error {
                    ImportError::Partly { reason, .. } => &**reason,
                    error => error,
                };
                let field = match cause {
                    ImportError::MissingSymbol => "symbol",
                    ImportError::MissingTimeZone { .. } => "time_zone",
                    ImportError::Intraday { .. } => "interval",
                    _ => return Err(error.into()),
                };
                let problem = Problem::from(error);
                Ok(Self::Refused(vec![FieldError {
                    pointer: field.to_owned(),
                    code: problem.code.to_owned(),
                    detail: problem.detail,
                }]))
            }
        }
    }
}

impl ImportPage<'_> {
    /// The page before a file is sent.
    pub fn form(&self, errors: &[FieldError]) -> Markup {
        self.render(errors, &html! {})
    }

    /// The page after one was sent.
    pub fn answer(&self, outcome: &Outcome) -> Response {
        match outcome {
            Outcome::Done(report) => self.render(&[], &result(report)).into_response(),
            Outcome::Refused(errors) => {
                (StatusCode::UNPROCESSABLE_ENTITY, self.form(errors)).into_response()
            }
        }
    }

    fn render(&self, errors: &[FieldError], result: &Markup) -> Markup {
        page(
            self.chrome,
            self.title,
            html! {
                (c::breadcrumb(&[self.parent], self.title))
                (c::page_head(self.title, html! {}))
                (result)
                section.card {
                    (form_errors(errors))
                    div.prose { (self.explanation) }
                    form.stack method="post" action=(self.action) enctype="multipart/form-data" {
                        (csrf_field(self.chrome))
                        (file_field(
                            &Field {
                                label: "File",
                                name: "file",
                                error: error_of(errors, "file"),
                                required: true,
                                ..Field::default()
                            },
                            self.accept,
                        ))
                        (self.fields)
                        div.actions { (submit("Import")) }
                    }
                }
            },
        )
    }
}

fn result(report: &ImportReport) -> Markup {
    let refused = report.rejected.len();
    let kind = if refused > 0 {
        NoticeKind::Warning
    } else {
        NoticeKind::Success
    };
    html! {
        (notice(kind, html! {
            p.notice-title {
                (counted(report.imported, "row", "rows")) " added, "
                @if report.corrected > 0 { (report.corrected) " corrected, " }
                (report.duplicates) " already there, "
                (refused) " refused"
            }
            p { "Import " code { (report.batch_id) } }
            @if let Some(doubted) = report.doubted.filter(|doubted| *doubted > 0) {
                p {
                    (counted(doubted, "bar that was stored looks", "bars that were stored look"))
                    " wrong: see " a href="/market/quarantine" { "what is doubted" } "."
                }
            }
        }))
        @if refused > 0 {
            (card("Refused lines", refusals(report)))
        }
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn refusals(report: &ImportReport) -> Markup {
    let columns = [
        Column::number("line", "Line").fixed(),
        Column::text("message", "What is wrong").fixed(),
        Column::text("code", "Code"),
    ];
    let table = DataTable {
        id: "refusals",
        caption: "Lines that were refused",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for refusal in report.rejected.iter().take(REFUSALS_SHOWN) {
            tr {
                (td_num("Line", html! { (refusal.line) }))
                (td("What is wrong", html! { (refusal.message) }))
                (td("Code", html! { code { (refusal.code) } }))
            }
        }
    };
    html! {
        (data_table(&table, rows, None))
        @if report.rejected.len() > REFUSALS_SHOWN {
            p.hint {
                "The first " (REFUSALS_SHOWN) " of " (report.rejected.len()) " refused lines."
            }
        }
    }
}
