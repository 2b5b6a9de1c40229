use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use identity::Viewer;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;
use web::{
    App, FieldError, Form, Path, Problem,
    components::{self as ui, Confirm, Field, FieldKind},
};

use super::{
    super::{
        Error,
        model::{self, Category, CategoryId, CategoryType, Details},
        store,
    },
    LIST,
};
use crate::transactions::form::{number, optional, word};

/// A category as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CategoryForm {
    category_name: String,
    parent_id: String,
    category_type: String,
    category_description: String,
    category_color: String,
    target_allocation_percent: String,
    min_allocation_percent: String,
    max_allocation_percent: String,
    rebalance_threshold: String,
    relative_threshold: String,
}

impl CategoryForm {
    fn empty() -> Self {
        Self {
            category_type: CategoryType::default().as_str().to_owned(),
            category_color: model::DEFAULT_COLOR.to_owned(),
            rebalance_threshold: model::default_threshold().to_string(),
            ..Self::default()
        }
    }

    fn of(category: &Category) -> Self {
        let details = &category.details;
        let number = |n: Option<Decimal>| n.map_or_else(String::new, |n| n.to_string());
        Self {
            category_name: details.category_name.clone(),
            parent_id: details
                .parent_id
                .map_or_else(String::new, |parent| parent.0.to_string()),
            category_type: details.category_type.as_str().to_owned(),
            category_description: details.category_description.clone().unwrap_or_default(),
            category_color: details.category_color.clone(),
            target_allocation_percent: number(details.target_allocation_percent),
            min_allocation_percent: number(details.min_allocation_percent),
            max_allocation_percent: number(details.max_allocation_percent),
            rebalance_threshold: details.rebalance_threshold.to_string(),
            relative_threshold: number(details.relative_threshold),
        }
    }

    fn read(&self) -> Result<Details, Error> {
        let mut errors = Vec::new();
        let above = "Choose one of the categories.";
        let parent_id = optional(&self.parent_id, "parent_id", above, &mut errors);
        let kind = "Choose a kind.";
        let category_type: Option<CategoryType> =
            word(&self.category_type, "category_type", kind, &mut errors);
        let mut percent = |text: &str, pointer: &str| number(text, pointer, &mut errors);
        let details = Details {
            category_name: self.category_name.clone(),
            parent_id,
            category_type: category_type.unwrap_or_default(),
            category_description: Some(self.category_description.clone()),
            category_color: self.category_color.clone(),
            target_allocation_percent: percent(
                &self.target_allocation_percent,
                "target_allocation_percent",
            ),
            min_allocation_percent: percent(&self.min_allocation_percent, "min_allocation_percent"),
            max_allocation_percent: percent(&self.max_allocation_percent, "max_allocation_percent"),
            rebalance_threshold: percent(&self.rebalance_threshold, "rebalance_threshold")
                .unwrap_or_else(model::default_threshold),
            relative_threshold: percent(&self.relative_threshold, "relative_threshold"),
        };
        if errors.is_empty() {
            details.checked().map_err(Error::Invalid)
        } else {
            Err(Error::Invalid(errors))
        }
    }
}

pub(super) async fn new(State(app): State<App>, viewer: Viewer) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let all = store::list(&mut tx).await?;
    Ok(editor(&viewer, &all, None, &CategoryForm::empty(), &[]))
}

pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Form(form): Form<CategoryForm>,
) -> Result<Response, Problem> {
    let outcome = async {
        let new = form.read()?;
        let mut tx = app.db.write(viewer.user_id).await?;
        let id = store::insert(&mut tx, viewer.user_id, &new).await?;
        tx.commit().await?;
        Ok::<_, Error>(id)
    };
    match outcome.await {
        Ok(id) => Ok(Redirect::to(&format!("{LIST}/{}", id.0)).into_response()),
        Err(error) => again(&app, &viewer, None, &form, error).await,
    }
}

pub(super) async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<CategoryId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let category = store::require(&mut tx, id).await?;
    let all = store::list(&mut tx).await?;
    let form = CategoryForm::of(&category);
    Ok(editor(&viewer, &all, Some(id), &form, &[]))
}

pub(super) async fn update(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<CategoryId>,
    Form(form): Form<CategoryForm>,
) -> Result<Response, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    store::lock(&mut tx, id).await?;
    let outcome = async {
        let new = form.read()?;
        store::update(&mut tx, id, &new).await?;
        Ok::<_, Error>(tx.commit().await?)
    };
    match outcome.await {
        Ok(()) => Ok(Redirect::to(&format!("{LIST}/{}", id.0)).into_response()),
        Err(error) => again(&app, &viewer, Some(id), &form, error).await,
    }
}

/// The form again, with what is wrong.
async fn again(
    app: &App,
    viewer: &Viewer,
    edited: Option<CategoryId>,
    form: &CategoryForm,
    error: Error,
) -> Result<Response, Problem> {
    let errors = match error {
        Error::Invalid(errors) => errors,
        Error::NameTaken { .. } => vec![super::super::error::refusal(
            "category_name",
            "name_taken",
            "You have a category of this name already.",
        )],
        other => return Err(other.into()),
    };
    let mut tx = app.db.read(viewer.user_id).await?;
    let all = store::list(&mut tx).await?;
    let page = editor(viewer, &all, edited, form, &errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn editor(
    viewer: &Viewer,
    all: &[Category],
    edited: Option<CategoryId>,
    form: &CategoryForm,
    errors: &[FieldError],
) -> Markup {
    let chrome = &viewer.chrome;
    let (title, action, back) = match edited {
        None => ("New category", format!("{LIST}/new"), LIST.to_owned()),
        Some(id) => (
            "Edit category",
            format!("{LIST}/{}/edit", id.0),
            format!("{LIST}/{}", id.0),
        ),
    };
    let field = |label, name, value, hint| Field {
        label,
        name,
        value,
        hint: Some(hint),
        error: ui::error_of(errors, name),
        ..Field::default()
    };
    let percent = |label, name, value, hint| {
        ui::text_field(&Field {
            kind: FieldKind::Decimal,
            ..field(label, name, value, hint)
        })
    };
    let parents: Vec<(String, &str)> = all
        .iter()
        .filter(|other| other.details.parent_id.is_none() && Some(other.id) != edited)
        .map(|other| (other.id.0.to_string(), other.details.category_name.as_str()))
        .collect();
    let parents: Vec<(&str, &str)> = std::iter::once(("", "None"))
        .chain(parents.iter().map(|(id, name)| (id.as_str(), *name)))
        .collect();
    let kinds = CategoryType::ALL.map(|kind| (kind.as_str(), kind.label()));
    let required = |field: Field<'_>| {
        ui::text_field(&Field {
            required: true,
            ..field
        })
    };
    let main = html! {
        (ui::breadcrumb(&[("Categories", LIST)], title))
        (ui::page_head(title, html! {}))
        form.card method="post" action=(action) {
            (ui::csrf_field(chrome))
            (ui::form_errors(errors))
            div.fields {
                (required(field("Name", "category_name", &form.category_name, "Such as Core, or Play money.")))
                (ui::select_field(&field("Sorts by", "category_type", &form.category_type, "What the category is about."), &kinds))
                (ui::select_field(&field("Part of", "parent_id", &form.parent_id, "A category above this one; there are two levels."), &parents))
                (ui::text_field(&field("Colour", "category_color", &form.category_color, "As # and six digits.")))
                (percent("Target, percent", "target_allocation_percent", &form.target_allocation_percent, "Of everything that you own. Targets of one level add up to at most 100."))
                (percent("Minimum, percent", "min_allocation_percent", &form.min_allocation_percent, "Below it there is too little of it."))
                (percent("Maximum, percent", "max_allocation_percent", &form.max_allocation_percent, "Above it there is too much of it."))
                (percent("Threshold, points", "rebalance_threshold", &form.rebalance_threshold, "Percentage points that it may be away from its target."))
                (percent("Threshold, percent of the target", "relative_threshold", &form.relative_threshold, "The closer of the two thresholds counts."))
            }
            (ui::text_area(&field("Description", "category_description", &form.category_description, "What belongs here."), 2))
            div.actions { (ui::submit("Save")) (ui::link_button("Cancel", &back, false)) }
        }
    };
    web::page(chrome, title, main)
}

pub(super) async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<CategoryId>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let category = store::require(&mut tx, id).await?;
    Ok(ui::confirm_page(
        &viewer.chrome,
        &Confirm {
            title: "Delete this category?",
            text: html! { p { strong { (category.details.category_name) } " is deleted with its rules and assignments. Categories below it move up. No holding changes." } },
            action: &format!("{LIST}/{}/delete", id.0),
            verb: "Delete the category",
            cancel_href: &format!("{LIST}/{}", id.0),
        },
    ))
}

pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<CategoryId>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    store::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Redirect::to(LIST))
}
