use maud::{Markup, html};

use crate::{chrome::Chrome, problem::FieldError};

/// What a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    #[default]
    Text,
    /// An address.
    Email,
    /// Not echoed.
    Password,
    /// An exact number: a text field with the keypad, because browsers round and localise `number`.
    Decimal,
    /// A whole number.
    Integer,
    /// A day.
    Date,
    /// A search.
    Search,
}

impl FieldKind {
    fn input_type(self) -> &'static str {
        match self {
            Self::Text | Self::Decimal => "text",
            Self::Email => "email",
            Self::Password => "password",
            Self::Integer => "number",
            Self::Date => "date",
            Self::Search => "search",
        }
    }

    fn input_mode(self) -> Option<&'static str> {
        (self == Self::Decimal).then_some("decimal")
    }
}

/// A labelled field. `..Field::default()` leaves out what does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field<'a> {
    /// Shown above the field.
    pub label: &'a str,
    /// Name in the form.
    pub name: &'a str,
    /// Tells it from fields of the same name in other forms of the page.
    pub of: &'a str,
    /// What it holds now.
    pub value: &'a str,
    /// What is wrong with it.
    pub error: Option<&'a str>,
    /// What helps to fill it in.
    pub hint: Option<&'a str>,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub required: bool,
    /// The browser's autofill word, `off` to forbid it.
    pub autocomplete: Option<&'a str>,
    /// An example, shown while it is empty.
    pub placeholder: Option<&'a str>,
    /// Whether the page opens with the cursor here.
    pub autofocus: bool,
}

impl Field<'_> {
    fn id(&self) -> String {
        field_id(&format!("{}{}", self.name, self.of))
    }

    /// The elements that explain the field to a screen reader.
    fn described_by(&self) -> Option<String> {
        let id = self.id();
        let error = self.error.map(|_| format!("{id}-error"));
        let hint = self.hint.map(|_| format!("{id}-hint"));
        match (error, hint) {
            (Some(error), Some(hint)) => Some(format!("{error} {hint}")),
            (error, hint) => error.or(hint),
        }
    }

    fn frame(&self, control: &Markup) -> Markup {
        let id = self.id();
        html! {
            div.field.invalid[self.error.is_some()] {
                label for=(id) {
                    (self.label)
                    @if !self.required { span.optional { " optional" } }
                }
                (control)
                @if let Some(error) = self.error {
                    p.error id=(format!("{id}-error")) { (error) }
                }
                @if let Some(hint) = self.hint {
                    p.hint id=(format!("{id}-hint")) { (hint) }
                }
            }
        }
    }
}

/// The token against forged requests: every form that posts carries it.
pub fn csrf_field(chrome: &Chrome) -> Markup {
    html! { input type="hidden" name="_csrf" value=(chrome.csrf); }
}

/// A field of one line.
pub fn text_field(field: &Field<'_>) -> Markup {
    field.frame(&html! {
        input id=(field.id()) name=(field.name) type=(field.kind.input_type())
            inputmode=[field.kind.input_mode()] value=(field.value) required[field.required]
            autocomplete=[field.autocomplete] placeholder=[field.placeholder]
            autofocus[field.autofocus] aria-invalid=[field.error.map(|_| "true")]
            aria-describedby=[field.described_by()];
    })
}

/// A field of several lines.
pub fn text_area(field: &Field<'_>, rows: u8) -> Markup {
    field.frame(&html! {
        textarea id=(field.id()) name=(field.name) rows=(rows) required[field.required]
            placeholder=[field.placeholder] aria-invalid=[field.error.map(|_| "true")]
            aria-describedby=[field.described_by()] { (field.value) }
    })
}

/// A choice of one; `options` are pairs of value and label, `field.value` is the chosen one.
pub fn select_field(field: &Field<'_>, options: &[(&str, &str)]) -> Markup {
    // A browser sends no form in which a required list shows its empty option.
    let required = field.required && options.iter().all(|(value, _)| !value.is_empty());
    field.frame(&html! {
        select id=(field.id()) name=(field.name) required[required]
            autocomplete=[field.autocomplete] aria-invalid=[field.error.map(|_| "true")]
            aria-describedby=[field.described_by()] {
            @for (value, label) in options {
                option value=(value) selected[*value == field.value] { (label) }
            }
        }
    })
}

/// A yes or no; sends `true` when ticked and nothing otherwise.
pub fn checkbox(label: &str, name: &str, checked: bool, hint: Option<&str>) -> Markup {
    let id = field_id(name);
    let described_by = hint.map(|_| format!("{id}-hint"));
    html! {
        div.field.checkbox {
            input id=(id) name=(name) type="checkbox" value="true" checked[checked]
                aria-describedby=[&described_by];
            label for=(id) { (label) }
            @if let (Some(hint), Some(hint_id)) = (hint, &described_by) {
                p.hint id=(hint_id) { (hint) }
            }
        }
    }
}

/// A file to upload, by choosing or by dropping; `accept` as in HTML (`.csv,.json`). The form needs
/// `enctype="multipart/form-data"` and [`csrf_field`] before the file.
pub fn file_field(field: &Field<'_>, accept: &str) -> Markup {
    field.frame(&html! {
        div.drop data-drop {
            input id=(field.id()) name=(field.name) type="file" accept=(accept)
                required[field.required] aria-invalid=[field.error.map(|_| "true")]
                aria-describedby=[field.described_by()];
            p.drop-text aria-hidden="true" { "or drop it here" }
        }
    })
}

/// The button that sends the form.
pub fn submit(label: &str) -> Markup {
    html! { button.button.primary type="submit" { (label) } }
}

/// The button that sends a form which removes something.
pub fn submit_danger(label: &str) -> Markup {
    html! { button.button.danger type="submit" { (label) } }
}

/// A button that sends a small form beside other things.
pub fn submit_quiet(label: &str) -> Markup {
    html! { button.button.quiet type="submit" { (label) } }
}

/// All errors of a form on top of it, each leading to its field.
pub fn form_errors(errors: &[FieldError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.notice.problem role="alert" {
                p.notice-title {
                    @if errors.len() == 1 { "One thing needs to be changed" }
                    @else { (errors.len()) " things need to be changed" }
                }
                ul {
                    @for error in errors {
                        li { a href=(format!("#{}", field_id(field_name(error)))) { (error.detail) } }
                    }
                }
            }
        }
    }
}

/// The error of one field, by its form name or JSON pointer.
pub fn error_of<'e>(errors: &'e [FieldError], name: &str) -> Option<&'e str> {
    errors
        .iter()
        .find(|error| field_name(error) == name)
        .map(|error| error.detail.as_str())
}

fn field_name(error: &FieldError) -> &str {
    error.pointer.trim_start_matches('/')
}

fn field_id(name: &str) -> String {
    format!(
        "field-{}",
        name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
    )
}
