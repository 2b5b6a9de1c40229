//! Bodies on their way in: none that is packed, and none that trickles.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Error,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tower_http::timeout::TimeoutBody;

use crate::{Problem, Uploads, csrf};

/// A body that brings nothing for this long is given up.
const SILENCE: Duration = Duration::from_secs(15);

/// What became of a body.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    ended: Arc<AtomicBool>,
    broke_off: Arc<AtomicBool>,
}

impl Watched {
    /// All of it has come.
    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// It stopped coming before its end.
    pub(super) fn broke_off(&self) -> bool {
        self.broke_off.load(Ordering::Relaxed)
    }
}

struct Watching {
    body: Pin<Box<TimeoutBody<Body>>>,
    watched: Watched,
}

/// Puts a limit on the silences of a body and keeps an eye on its end.
pub(super) fn watch(request: Request) -> (Request, Watched) {
    let watched = Watched::default();
    if request.body().is_end_stream() {
        watched.ended.store(true, Ordering::Relaxed);
        return (request, watched);
    }
    let seen = watched.clone();
    let request = request.map(|body| {
        Body::new(Watching {
            body: Box::pin(TimeoutBody::new(SILENCE, body)),
            watched: seen,
        })
    });
    (request, watched)
}

impl HttpBody for Watching {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = self.body.as_mut().poll_frame(context);
        let polled = match polled {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(polled) => polled,
        };
        match &polled {
            Some(Err(_)) => self.watched.broke_off.store(true, Ordering::Relaxed),
            Some(Ok(_)) if !self.body.is_end_stream() => {}
            Some(Ok(_)) | None => self.watched.ended.store(true, Ordering::Relaxed),
        }
        Poll::Ready(polled.map(|frame| frame.map_err(Error::new)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that is neither JSON nor a short form: a file.
pub(super) fn is_file(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    let kind = kind
        .to_str()
        .unwrap_or("")
        .trim_start()
        .to_ascii_lowercase();
    !kind.starts_with("application/json") && !kind.starts_with("application/x-www-form-urlencoded")
}

/// A body that says beforehand that it is too long is not waited for. Whether it is a file that goes to
/// the disk, and may be as large as one, is only known by the handler.
pub(super) fn check_length(headers: &HeaderMap, uploads: &Uploads) -> Result<(), Problem> {
    let limit = if is_file(headers) {
        let largest = usize::try_from(uploads.max_bytes).unwrap_or(usize::MAX);
        largest.max(csrf::MAX_BODY_BYTES)
    } else {
        csrf::MAX_FORM_BYTES
    };
    let told = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if told.is_some_and(|length| length > limit) {
        return Err(csrf::too_large(limit));
    }
    Ok(())
}

/// Packed bodies are not unpacked, so nobody needs to bound what a few bytes become.
pub(super) fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let is_plain = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_plain {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "Unsupported media type",
        "Bodies are taken unpacked only: send this one without Content-Encoding.",
    ))
}
