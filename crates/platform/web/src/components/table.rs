use maud::{Markup, html};

/// A column of a [`DataTable`].
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Names the column in the choice of columns and in the browser's memory.
    pub key: &'a str,
    /// Its heading.
    pub label: &'a str,
    /// Whether it holds figures: set flush right.
    pub numeric: bool,
    /// When it is seen.
    pub visibility: Visibility,
}

/// When a column is seen. Without JavaScript all columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Always; the first column should be.
    Fixed,
    /// Until it is hidden.
    Shown,
    /// Until it is hidden, but on a narrow screen, where rows are cards, only when chosen.
    Wide,
    /// Only when chosen.
    Hidden,
}

impl<'a> Column<'a> {
    /// A column of text that can be hidden.
    pub fn text(key: &'a str, label: &'a str) -> Self {
        Self {
            key,
            label,
            numeric: false,
            visibility: Visibility::Shown,
        }
    }

    /// A column of figures that can be hidden.
    pub fn number(key: &'a str, label: &'a str) -> Self {
        Self {
            numeric: true,
            ..Self::text(key, label)
        }
    }

    /// The same column, never hidden.
    #[must_use]
    pub fn fixed(self) -> Self {
        self.seen(Visibility::Fixed)
    }

    /// The same column, hidden until chosen.
    #[must_use]
    pub fn hidden(self) -> Self {
        self.seen(Visibility::Hidden)
    }

    /// The same column, hidden on a narrow screen until chosen.
    #[must_use]
    pub fn wide(self) -> Self {
        self.seen(Visibility::Wide)
    }

    fn seen(self, visibility: Visibility) -> Self {
        Self { visibility, ..self }
    }
}

/// A table of records: sorted by its headings, with a choice of columns and a link to the same as
/// CSV.
#[derive(Clone, Debug)]
pub struct DataTable<'a> {
    /// Names the table in the page and in the browser's memory.
    pub id: &'a str,
    /// What the table holds, for those who listen.
    pub caption: &'a str,
    /// Columns in order.
    pub columns: &'a [Column<'a>],
    /// Where the same rows are had as CSV.
    pub csv_href: Option<&'a str>,
}

/// The table around `rows` (elements `tr` of [`td`] and [`td_num`]) and a row of totals.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn data_table(table: &DataTable<'_>, rows: Markup, totals: Option<Markup>) -> Markup {
    html! {
        div.table-frame {
            div.table-tools {
                div data-columns-for=(table.id) {}
                @if let Some(href) = table.csv_href {
                    a.tool href=(href) download { "CSV" }
                }
            }
            div.table-scroll role="region" aria-label=(table.caption) tabindex="0" {
                table.data.cards id=(table.id) data-table {
                    caption.visually-hidden { (table.caption) }
                    thead {
                        tr {
                            @for column in table.columns {
                                th scope="col" .num[column.numeric] data-key=(column.key)
                                    data-optional[column.visibility != Visibility::Fixed]
                                    data-hidden[column.visibility == Visibility::Hidden]
                                    data-wide[column.visibility == Visibility::Wide] {
                                    (column.label)
                                }
                            }
                        }
                    }
                    tbody { (rows) }
                    @if let Some(totals) = totals { tfoot { (totals) } }
                }
            }
        }
    }
}

/// The frame of a table that may be wider than its place: scrolls by itself, also from the keyboard.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn table_scroll(label: &str, table: Markup) -> Markup {
    html! {
        div.table-scroll role="region" aria-label=(label) tabindex="0" { (table) }
    }
}

/// A cell of text; `label` is its heading, for the phone layout where rows are cards.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn td(label: &str, content: Markup) -> Markup {
    html! { td data-label=(label) { (content) } }
}

/// A cell of a figure. Sorts by the exact value that the figure components carry.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn td_num(label: &str, content: Markup) -> Markup {
    html! { td.num data-label=(label) { (content) } }
}

/// The heading of a column of text, for tables written by hand.
pub fn th(label: &str) -> Markup {
    html! { th scope="col" { (label) } }
}

/// The heading of a column of figures.
pub fn th_num(label: &str) -> Markup {
    html! { th.num scope="col" { (label) } }
}
