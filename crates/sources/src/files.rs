//! A file as if it came from a server: its time of change and its size are its `Last-Modified`.

use std::{path::Path, time::UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{Answer, FetchError, ProviderId, Request};

pub(crate) async fn read(
    provider: ProviderId,
    request: &Request,
    path: &Path,
    largest: usize,
) -> Result<Answer, FetchError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => FetchError::NotFound {
            provider,
            symbol: request.subject().to_owned(),
        },
        _ => FetchError::File {
            path: path.display().to_string(),
            source,
        },
    };
    let about = tokio::fs::metadata(path).await.map_err(failed)?;
    if usize::try_from(about.len()).map_or(true, |length| length > largest) {
        return Err(FetchError::TooLarge {
            provider,
            limit: largest,
        });
    }
    let mut headers = HeaderMap::new();
    let changed = about.modified().map_err(failed)?.duration_since(UNIX_EPOCH);
    if let Ok(since) = changed
        && let Ok(text) = HeaderValue::from_str(&format!("{}-{}", since.as_nanos(), about.len()))
    {
        headers.insert(header::LAST_MODIFIED, text);
    }
    Ok(Answer {
        status: StatusCode::OK,
        headers,
        body: Bytes::from(tokio::fs::read(path).await.map_err(failed)?),
    })
}
