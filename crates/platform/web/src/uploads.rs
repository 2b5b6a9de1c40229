//! Large uploads on their way in: how many come at the same time, and how slowly each may.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream::BoxStream};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use crate::{Problem, csrf};

/// Uploads larger than a form that arrive at the same time; others wait.
static PLACES: Semaphore = Semaphore::const_new(4);
/// So long one waits for a place.
const PLACE_WITHIN: Duration = Duration::from_secs(20);
/// When to come back without having got one.
const RETRY_AFTER_S: u32 = 60;
/// The beginning, up to the token, must have come within this time.
const BEGINNING_WITHIN: Duration = Duration::from_secs(30);
/// What an upload has to keep up.
const PACE: Pace = Pace {
    bytes: 1024 * 1024,
    within: Duration::from_mins(1),
};
const TOO_LATE: &str = "The beginning of the file did not arrive within 30 seconds. Try again over a faster connection.";
const TOO_SLOW: &str = "Less than 1 MiB arrived in a minute. Try again over a faster connection.";

/// Each time that so many bytes have come, there is time again for as many. What the server takes to write
/// them down does not count.
#[derive(Clone, Copy)]
struct Pace {
    bytes: u64,
    within: Duration,
}

/// The pieces of a body.
pub(crate) type Pieces = BoxStream<'static, Result<Bytes, std::io::Error>>;

/// A place among the uploads that arrive, for a body that is larger than a form or does not tell its
/// length. To be asked for only once it is known that the sender may send: places are few.
pub(crate) async fn place_for(
    headers: &HeaderMap,
    form_bytes: usize,
) -> Result<Option<SemaphorePermit<'static>>, Problem> {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if length.is_some_and(|length| length <= form_bytes) {
        return Ok(None);
    }
    place(&PLACES, PLACE_WITHIN).await.map(Some)
}

async fn place(places: &Semaphore, within: Duration) -> Result<SemaphorePermit<'_>, Problem> {
    match timeout(within, places.acquire()).await {
        Ok(place) => place.map_err(|closed| Problem::internal(&closed)),
        Err(_) => Err(Problem {
            retry_after_s: Some(RETRY_AFTER_S),
            ..Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "uploads-busy",
                "Other files are arriving",
                "As many large files are arriving as are taken at a time. Try again in a minute.",
            )
        }),
    }
}

/// The pieces of a body.
pub(crate) fn pieces(body: Body) -> Pieces {
    body.into_data_stream()
        .map_err(std::io::Error::other)
        .boxed()
}

/// Reads a form up to its token, at most about so many bytes and only for a while. Returns the token
/// with what was read.
pub(crate) async fn token_ahead(
    pieces: &mut Pieces,
    most: usize,
    content_type: &str,
) -> Result<(Option<String>, Vec<u8>), Problem> {
    ahead(pieces, (most, BEGINNING_WITHIN), content_type).await
}

async fn ahead(
    pieces: &mut Pieces,
    (most, within): (usize, Duration),
    content_type: &str,
) -> Result<(Option<String>, Vec<u8>), Problem> {
    let mut ahead: Vec<u8> = Vec::new();
    let reading = async {
        let mut looked_at = 0;
        loop {
            let piece = if ahead.len() < most {
                pieces.try_next().await?
            } else {
                None
            };
            let is_end = piece.is_none();
            ahead.extend_from_slice(piece.as_deref().unwrap_or_default());
            // Each look begins at the beginning: looking after every small piece would take the square of
            // their number.
            if is_end || ahead.len() >= 2 * looked_at {
                looked_at = ahead.len();
                // A piece may be as large as the whole file, which the reader of a form would refuse.
                let form = Bytes::copy_from_slice(ahead.get(..most).unwrap_or(&ahead));
                if let Some(token) = csrf::multipart_field(content_type, &form).await {
                    return Ok(Some(token));
                }
            }
            if is_end {
                return Ok::<_, std::io::Error>(None);
            }
        }
    };
    let token = timeout(within, reading)
        .await
        .map_err(|_| Problem::unreadable(TOO_LATE))?
        .map_err(|error| Problem::unreadable(error.to_string()))?;
    Ok((token, ahead))
}

/// What was read ahead and the rest, which fails as soon as it comes too slowly.
pub(crate) fn joined(ahead: Vec<u8>, pieces: Pieces) -> Body {
    let whole = futures::stream::iter([Ok(Bytes::from(ahead))]).chain(paced(pieces, PACE));
    Body::from_stream(whole)
}

/// The same pieces; an error once they come too slowly.
fn paced(
    pieces: Pieces,
    pace: Pace,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let start = Some((pieces, pace, pace.within, 0));
    futures::stream::unfold(start, async |state| {
        let (mut pieces, pace, mut left, mut came) = state?;
        let asked = Instant::now();
        let Ok(piece) = timeout(left, pieces.try_next()).await else {
            return Some((Err(std::io::Error::other(TOO_SLOW)), None));
        };
        left = left.saturating_sub(asked.elapsed());
        match piece {
            Ok(piece) => piece.map(|piece| {
                came += piece.len() as u64;
                if came >= pace.bytes {
                    (left, came) = (pace.within, 0);
                }
                (Ok(piece), Some((pieces, pace, left, came)))
            }),
            Err(error) => Some((Err(error), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Pace = Pace {
        bytes: 100,
        within: Duration::from_millis(300),
    };
    const FORM: &str = "multipart/form-data; boundary=b";

    /// So many pieces of a size, one after each pause.
    fn trickle(count: usize, size: usize, pause: Duration) -> Pieces {
        futures::stream::iter(0..count)
            .then(move |_| async move {
                tokio::time::sleep(pause).await;
                Ok(Bytes::from(vec![b'x'; size]))
            })
            .boxed()
    }

    async fn bytes_of(pieces: Pieces) -> (usize, Option<String>) {
        let mut paced = Box::pin(paced(pieces, FAST));
        let mut bytes = 0;
        while let Some(piece) = paced.next().await {
            match piece {
                Ok(piece) => bytes += piece.len(),
                Err(error) => return (bytes, Some(error.to_string())),
            }
        }
        (bytes, None)
    }

    #[tokio::test]
    async fn a_byte_now_and_then_keeps_no_place() {
        let (bytes, error) = bytes_of(trickle(1_000, 1, Duration::from_millis(20))).await;
        assert!(bytes < 20, "{bytes} bytes were waited for");
        assert!(error.is_some_and(|error| error.contains("1 MiB")));
        let slow = trickle(20, 100, Duration::from_millis(20));
        assert_eq!(bytes_of(slow).await, (2_000, None));
    }

    #[tokio::test]
    async fn what_the_server_takes_does_not_count() {
        let mut paced = Box::pin(paced(trickle(4, 10, Duration::from_millis(1)), FAST));
        while let Some(piece) = paced.next().await {
            assert!(piece.is_ok());
            tokio::time::sleep(FAST.within).await;
        }
    }

    #[tokio::test]
    async fn a_place_is_waited_for_no_longer_than_told() {
        let places = Semaphore::new(1);
        let within = Duration::from_millis(10);
        let held = place(&places, within).await.unwrap();
        let refused = place(&places, within).await.unwrap_err();
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.retry_after_s, Some(RETRY_AFTER_S));
        drop(held);
        assert!(place(&places, within).await.is_ok());
    }

    #[tokio::test]
    async fn a_token_that_does_not_come_is_not_waited_for() {
        let limits = (64 * 1024, Duration::from_millis(100));
        let mut silent = trickle(1_000, 10, Duration::from_millis(10));
        let refused = ahead(&mut silent, limits, FORM).await.unwrap_err();
        assert!(refused.detail.contains("beginning"), "{}", refused.detail);
        let mut long = trickle(1_000, 1024, Duration::ZERO);
        let patient = (64 * 1024, Duration::from_mins(1));
        let (token, read) = ahead(&mut long, patient, FORM).await.unwrap();
        assert_eq!((token, read.len()), (None, 64 * 1024));
        let body =
            "--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\nsecret\r\n--b--\r\n";
        let mut brief = pieces(Body::from(body));
        let (token, read) = ahead(&mut brief, patient, FORM).await.unwrap();
        assert_eq!((token.as_deref(), read.len()), (Some("secret"), body.len()));
        let mut bytewise = futures::stream::iter(body.bytes())
            .map(|byte| Ok(Bytes::from(vec![byte])))
            .boxed();
        let (token, read) = ahead(&mut bytewise, patient, FORM).await.unwrap();
        assert_eq!(token.as_deref(), Some("secret"));
        assert!(read.len() <= body.len());
    }
}
