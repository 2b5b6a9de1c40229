//! Files that come with requests.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::MultipartError},
    http::{StatusCode, header},
};
use jiff::tz::TimeZone;
use money::Quotation;
use web::{FieldError, Problem, csrf::MAX_BODY_BYTES};

use super::ImportOptions;
use crate::bars::Interval;

/// Where rows came from when the request does not name a file.
pub(crate) const UNNAMED: &str = "upload";
/// Media type of files in columns.
pub(crate) const PARQUET: &str = "application/vnd.apache.parquet";
/// The part of a form that holds the file.
const FILE: &str = "file";

/// A file that came with a request: as its body, or as the part `file` of a form.
pub struct Upload {
    /// What the file holds.
    pub content: Bytes,
    /// Name of the file, where the form told.
    pub file_name: Option<String>,
    /// The other parts of the form.
    pub fields: HashMap<String, String>,
}

/// Files may be larger than the bodies of other requests.
pub(crate) fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_BODY_BYTES)
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("text/csv")
            .to_ascii_lowercase();
        if content_type.starts_with("multipart/form-data") {
            let form = Multipart::from_request(request, state)
                .await
                .map_err(|error| Problem::unreadable(error.body_text()))?;
            return read_form(form).await;
        }
        let is_file = content_type.starts_with("text/")
            || ["application/octet-stream", PARQUET].contains(&content_type.as_str());
        if !is_file {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Unsupported media type",
                "Send the file as 'Content-Type: text/csv', or as the part 'file' of a form.",
            ));
        }
        let content = Bytes::from_request(request, state).await.map_err(|error| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                too_large()
            } else {
                Problem::unreadable(error.body_text())
            }
        })?;
        Ok(Self {
            content,
            file_name: None,
            fields: HashMap::new(),
        })
    }
}

async fn read_form(mut form: Multipart) -> Result<Upload, Problem> {
    let mut file = None;
    let mut fields = HashMap::new();
    while let Some(part) = form.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part
            .file_name()
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        let content = part.bytes().await.map_err(unreadable)?;
        if name == FILE {
            file = Some((content, file_name));
        } else {
            fields.insert(name, String::from_utf8_lossy(&content).trim().to_owned());
        }
    }
    match file {
        Some((content, file_name)) if !content.is_empty() => Ok(Upload {
            content,
            file_name,
            fields,
        }),
        Some(_) => Err(Problem::invalid_field(
            FILE,
            "empty_file",
            "The file is empty.",
        )),
        None => Err(Problem::invalid_field(
            FILE,
            "missing_file",
            "Choose a file.",
        )),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err asks for"
)]
fn unreadable(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        Problem::unreadable(error.body_text())
    }
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body-too-large",
        "File too large",
        "It is larger than what is accepted here. Larger files can be loaded on the server with \
         'bursar import'.",
    )
}

/// Options as a form or a query states them: texts, of which empty ones say nothing.
pub(crate) fn options(
    symbol: Option<&str>,
    exchange: Option<&str>,
    currency: Option<&str>,
    file_name: Option<&str>,
) -> Result<ImportOptions, Vec<FieldError>> {
    let stated = |text: Option<&str>| {
        let text: String = text?.chars().filter(|c| !c.is_control()).collect();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let quotation = stated(currency)
        .map(|code| Quotation::parse(&code))
        .transpose()
        .map_err(|error| {
            vec![FieldError {
                pointer: "currency".into(),
                code: "unknown_currency".into(),
                detail: error.to_string(),
            }]
        })?;
    Ok(ImportOptions {
        symbol: stated(symbol),
        exchange: stated(exchange),
        quotation,
        interval: Interval::Day,
        time_zone: None,
        source: stated(file_name).unwrap_or_else(|| UNNAMED.to_owned()),
    })
}

/// The clock on which a file states its times; none where nothing is said.
pub(crate) fn time_zone(name: &str) -> Result<Option<TimeZone>, FieldError> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(None);
    }
    TimeZone::get(name).map(Some).map_err(|_| FieldError {
        pointer: "time_zone".into(),
        code: "unknown_time_zone".into(),
        detail: format!("“{name:.60}” is no time zone; write America/New_York, for example."),
    })
}
