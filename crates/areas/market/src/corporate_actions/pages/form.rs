//! The form of a corporate action.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::civil::Date;
use ledger::TransactionKind;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;
use web::{
    Chrome, FieldError, IfMatch, Problem,
    components::{
        self as c, Field, FieldKind, csrf_field, error_of, form_errors, link_button, select_field,
        submit, text_field,
    },
    page,
};

use crate::{
    corporate_actions::{
        CorporateAction, CorporateActionId, Error, KINDS,
        input::CorporateActionBody,
        model::{label, ratio_text, refusal},
    },
    instruments::{Instrument, InstrumentId},
};

/// The fields of the form as texts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    /// The version that was opened; empty for a new action.
    version: String,
    r#type: String,
    ex_date: String,
    pay_date: String,
    ratio: String,
    target_symbol: String,
    cost_share: String,
    cash_per_share: String,
    currency: String,
    note: String,
}

impl From<&CorporateAction> for Fields {
    fn from(action: &CorporateAction) -> Self {
        let terms = &action.terms;
        let text = |value: Option<String>| value.unwrap_or_default();
        Self {
            version: action.version.to_string(),
            r#type: terms.kind.as_str().to_owned(),
            ex_date: terms.ex_date.to_string(),
            pay_date: text(terms.pay_date.map(|day| day.to_string())),
            ratio: text(terms.ratio.map(ratio_text)),
            target_symbol: text(action.target_symbol.clone()),
            cost_share: text(terms.cost_share.map(|share| share.to_string())),
            cash_per_share: text(terms.cash.map(|cash| cash.amount.to_string())),
            currency: text(terms.cash.map(|cash| cash.currency.to_string())),
            note: action.note.clone(),
        }
    }
}

impl Fields {
    /// The version that is edited.
    pub(super) fn opened(&self) -> IfMatch {
        IfMatch::of_form(&self.version)
    }

    pub(super) fn body(
        &self,
        instrument: InstrumentId,
    ) -> Result<CorporateActionBody, Vec<FieldError>> {
        let mut errors = Vec::new();
        let kind = self.r#type.parse::<TransactionKind>().ok();
        if kind.is_none() {
            errors.push(refusal("type", "unknown_type", "Choose one of the types."));
        }
        let ex_date = day("ex_date", &self.ex_date, &mut errors);
        if self.ex_date.trim().is_empty() {
            errors.push(refusal("ex_date", "missing_field", "State the ex-date."));
        }
        let pay_date = day("pay_date", &self.pay_date, &mut errors);
        let cost_share = number("cost_share", &self.cost_share, &mut errors);
        let cash_per_share = number("cash_per_share", &self.cash_per_share, &mut errors);
        let (Some(kind), Some(ex_date), true) = (kind, ex_date, errors.is_empty()) else {
            return Err(errors);
        };
        Ok(CorporateActionBody {
            instrument_id: instrument,
            kind,
            ex_date,
            pay_date,
            ratio: Some(self.ratio.clone()),
            target_instrument_id: None,
            target_symbol: Some(self.target_symbol.clone()),
            cost_share,
            cash_per_share,
            currency: Some(self.currency.clone()),
            note: Some(self.note.clone()),
        })
    }
}

fn day(pointer: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<Date> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let day = text.parse().ok();
    if day.is_none() {
        let detail = format!("{text} is no day: write it like 2025-06-30.");
        errors.push(refusal(pointer, "unparsable_date", detail));
    }
    day
}

fn number(pointer: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<Decimal> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let number = text.parse().ok();
    if number.is_none() {
        let detail = format!("{text} is no number: write it like 0.25.");
        errors.push(refusal(pointer, "unparsable_number", detail));
    }
    number
}

/// What the form is about.
pub(super) struct Editor<'e> {
    chrome: &'e Chrome,
    instrument: &'e Instrument,
    title: String,
    action: String,
}

impl<'e> Editor<'e> {
    pub(super) fn adding(chrome: &'e Chrome, instrument: &'e Instrument) -> Self {
        Self {
            chrome,
            instrument,
            title: format!("Add a corporate action of {}", instrument.symbol),
            action: format!(
                "/market/instruments/{}/corporate-actions/new",
                instrument.id
            ),
        }
    }

    pub(super) fn correcting(
        chrome: &'e Chrome,
        instrument: &'e Instrument,
        id: CorporateActionId,
    ) -> Self {
        Self {
            chrome,
            instrument,
            title: format!("Correct a corporate action of {}", instrument.symbol),
            action: format!("/market/corporate-actions/{id}/edit"),
        }
    }

    fn home(&self) -> String {
        format!("/market/instruments/{}", self.instrument.id)
    }

    /// Leads to the instrument, or shows the form again with what is wrong.
    pub(super) fn answer<T>(
        &self,
        outcome: Result<T, Error>,
        fields: &Fields,
    ) -> Result<Response, Problem> {
        let errors = match outcome {
            Ok(_) => return Ok(Redirect::to(&self.home()).into_response()),
            Err(Error::Invalid(errors)) => errors,
            Err(error @ Error::Taken { .. }) => {
                let problem = Problem::from(error);
                vec![refusal("ex_date", problem.code, problem.detail)]
            }
            Err(error) => return Err(error.into()),
        };
        let form = self.form(fields, &errors);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, form).into_response())
    }

    pub(super) fn form(&self, fields: &Fields, errors: &[FieldError]) -> Markup {
        let home = self.home();
        let trail = [
            ("Instruments", "/market/instruments"),
            (self.instrument.symbol.as_str(), home.as_str()),
        ];
        page(
            self.chrome,
            &self.title,
            html! {
                (c::breadcrumb(&trail, &self.title))
                (c::page_head(&self.title, html! {}))
                section.card {
                    (form_errors(errors))
                    form method="post" action=(self.action) {
                        (csrf_field(self.chrome))
                        input type="hidden" name="version" value=(fields.version);
                        div.fields { (inputs(fields, errors)) }
                        div.actions { (submit("Save")) (link_button("Cancel", &home, false)) }
                    }
                }
            },
        )
    }
}

fn inputs(fields: &Fields, errors: &[FieldError]) -> Markup {
    let kinds = KINDS.map(|kind| (kind.as_str(), label(kind)));
    let field = |label, name, value, kind, hint| Field {
        label,
        name,
        value,
        kind,
        hint: Some(hint),
        error: error_of(errors, name),
        ..Field::default()
    };
    let (plain, decimal) = (FieldKind::Text, FieldKind::Decimal);
    html! {
        (select_field(
            &Field { required: true, ..field("Type", "type", &fields.r#type, plain, "What happens to the shares.") },
            &kinds,
        ))
        (text_field(&Field {
            required: true,
            ..field("Ex-date", "ex_date", &fields.ex_date, FieldKind::Date, "The first day without what the action gives.")
        }))
        (text_field(&field("Ratio", "ratio", &fields.ratio, plain, "New shares for old, such as 4:1; of a spin-off, merger or stock dividend, shares received for shares held.")))
        (text_field(&field("Shares received", "target_symbol", &fields.target_symbol, plain, "Symbol of the other instrument, for spin-offs, mergers and symbol changes.")))
        (text_field(&field("Cost share", "cost_share", &fields.cost_share, decimal, "Part of the cost that goes with the shares received, 0 to 1.")))
        (text_field(&field("Cash per share", "cash_per_share", &fields.cash_per_share, decimal, "For dividends, returns of capital and mergers.")))
        (text_field(&field("Currency", "currency", &fields.currency, plain, "Of the cash; the instrument's unless given.")))
        (text_field(&field("Pay date", "pay_date", &fields.pay_date, FieldKind::Date, "When the cash arrives, where that is a later day.")))
        (text_field(&field("Note", "note", &fields.note, plain, "Free text.")))
    }
}
