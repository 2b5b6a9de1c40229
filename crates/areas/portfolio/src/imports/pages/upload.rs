use axum::{
    extract::{
        Multipart, State,
        multipart::{Field as PartOfForm, MultipartError},
    },
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use identity::Viewer;
use maud::{Markup, html};
use web::{
    App, Chrome, Problem, Query,
    components::{self as ui, Field, NoticeKind},
};

use super::{
    super::{
        Upload, receiving,
        spool::{Received, Receiver},
    },
    STEPS, known_formats,
};
use crate::{
    portfolios::{Portfolio, PortfolioId},
    scope::{self, Scope},
};

pub(super) async fn new(
    State(app): State<App>,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<Response, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let Some(first) = portfolios.first() else {
        return Ok(Redirect::to("/portfolio/portfolios/new").into_response());
    };
    let chosen = scope.portfolio.unwrap_or(first.id);
    Ok(form(&viewer.chrome, &portfolios, chosen, None).into_response())
}

fn form(
    chrome: &Chrome,
    portfolios: &[Portfolio],
    chosen: PortfolioId,
    refusal: Option<&Problem>,
) -> Markup {
    let ids: Vec<String> = portfolios.iter().map(|p| p.id.0.to_string()).collect();
    let options: Vec<(&str, &str)> = ids
        .iter()
        .zip(portfolios)
        .map(|(id, p)| (id.as_str(), p.name.as_str()))
        .collect();
    let chosen = chosen.0.to_string();
    let hint = format!(
        "Recognised by its content: {}. Any other CSV asks for its columns next. Nothing is stored in \
         the portfolio before you have seen the preview. Long files are booked in the background.",
        known_formats()
    );
    web::page(
        chrome,
        "Import a file",
        html! {
            (ui::breadcrumb(&[("Imports", "/portfolio/imports")], "Import a file"))
            (ui::page_head("Import a file", html! {}))
            (ui::stepper(&STEPS, 0))
            @if let Some(problem) = refusal {
                (ui::notice(NoticeKind::Problem, html! { p { strong { (problem.title) ". " } (problem.detail) } }))
            }
            form.card method="post" action="/portfolio/imports/new" enctype="multipart/form-data" {
                (ui::csrf_field(chrome))
                (ui::select_field(&Field { label: "Portfolio", name: "portfolio_id", value: &chosen, required: true, ..Field::default() }, &options))
                (ui::file_field(&Field {
                    label: "File",
                    name: "file",
                    required: true,
                    hint: Some(&hint),
                    ..Field::default()
                }, ".csv,.json,.xml,.txt,text/csv,application/json,text/xml"))
                div.actions { (ui::submit("Read the file")) }
            }
        },
    )
}

pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    parts: Multipart,
) -> Result<Response, Problem> {
    let (upload, received) = read(&app, parts).await?;
    let portfolio_id = upload.portfolio_id;
    match receiving::receive_any(&app, viewer.user_id, received, upload).await {
        Ok(id) => Ok(Redirect::to(&format!("/portfolio/imports/{}", id.0)).into_response()),
        Err(error) => {
            let problem = Problem::from(error);
            if problem.status != StatusCode::UNPROCESSABLE_ENTITY {
                return Err(problem);
            }
            let portfolios = scope::portfolios(&app, viewer.user_id).await?;
            let page = form(&viewer.chrome, &portfolios, portfolio_id, Some(&problem));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn read(app: &App, mut parts: Multipart) -> Result<(Upload, Received), Problem> {
    let unreadable = |error: MultipartError| Problem::unreadable(error.body_text());
    let mut portfolio_id = None;
    let mut file = None;
    while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
        match part.name() {
            Some("portfolio_id") => {
                portfolio_id = id(&mut part).await.map_err(unreadable)?;
            }
            Some("file") => {
                let name = part.file_name().unwrap_or("upload").to_owned();
                let mut receiver = Receiver::new(app);
                while let Some(piece) = part.chunk().await.map_err(unreadable)? {
                    receiver = receiver.take(&piece).await?;
                }
                file = Some((name, receiver.finish().await?));
            }
            _ => {}
        }
    }
    let (Some(portfolio_id), Some((file_name, received))) = (portfolio_id, file) else {
        return Err(Problem::unreadable("Choose a portfolio and a file."));
    };
    let upload = Upload {
        portfolio_id,
        file_name,
        content: Vec::new(),
        format: None,
        mapping: None,
    };
    Ok((upload, received))
}

/// The id in a short part; a long one is none.
async fn id(part: &mut PartOfForm<'_>) -> Result<Option<PortfolioId>, MultipartError> {
    const LONGEST: usize = 100;
    let mut text = Vec::new();
    while let Some(piece) = part.chunk().await? {
        let room = LONGEST.saturating_sub(text.len());
        text.extend(piece.into_iter().take(room));
    }
    let text = str::from_utf8(&text).unwrap_or_default();
    Ok(text.trim().parse().ok().map(PortfolioId))
}
