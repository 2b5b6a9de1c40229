//! The connections: how many there are, from where, and how slowly they may speak.
//!
//! A connection has a place among all and among those of its address. Its head must have come within a
//! few seconds, so that a client that drips it byte by byte loses the connection and not the server its
//! workers; a reader that has stopped is given up as well. Bodies are watched by [`web::gate`].

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use config::Settings;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;
use web::Gate;

/// The longest head of a request: its line and its headers.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// A reader that takes nothing for this long is given up.
const WRITE_WITHIN: Duration = Duration::from_mins(1);
/// How long to wait when the system has no connection to give, for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(200);

const SLOW_HEAD: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const CROWDED: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n";

/// What connections may do.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    connections: usize,
    per_address: u32,
    head_within: Duration,
    gate: Gate,
}

/// How many connections each address holds.
#[derive(Clone, Debug, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, u32>>>);

/// One of them, given back when dropped.
struct Seat {
    addresses: Addresses,
    address: IpAddr,
}

impl Limits {
    pub(crate) fn new(settings: &Settings, gate: &Gate) -> Self {
        Self {
            connections: settings.max_connections as usize,
            per_address: settings.max_connections_per_address,
            head_within: Duration::from_secs(settings.head_timeout_s.into()),
            gate: gate.clone(),
        }
    }

    /// This machine and the proxies speak for many.
    fn is_exempt(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.gate.trusts(address)
    }
}

impl Addresses {
    /// `None` when the address holds as many as it may.
    fn take(&self, address: IpAddr, most: u32) -> Option<Seat> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat {
            addresses: self.clone(),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self
            .addresses
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

/// Answers until told to stop, then lets what is open come to its end.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let addresses = Addresses::default();
    let tasks = TaskTracker::new();
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        let seat = if limits.is_exempt(address) {
            None
        } else {
            let Some(seat) = addresses.take(address, limits.per_address) else {
                tasks.spawn(say(stream, CROWDED));
                continue;
            };
            Some(seat)
        };
        let (router, stop, head_within) = (router.clone(), stop.clone(), limits.head_within);
        tasks.spawn(async move {
            connection(stream, peer, router, head_within, stop).await;
            drop((seat, place));
        });
    }
    tasks.close();
    tasks.wait().await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head_within: Duration,
    stop: CancellationToken,
) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_WITHIN));
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            // A router is always ready and never fails.
            let response: Result<_, Infallible> = router.oneshot(request.map(Body::new)).await;
            response
        }
    });
    let mut open = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_within)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .with_upgrades();
    let ended = tokio::select! {
        ended = &mut open => ended,
        () = stop.cancelled() => {
            std::pin::Pin::new(&mut open).graceful_shutdown();
            (&mut open).await
        }
    };
    let Err(error) = ended else { return };
    tracing::debug!(%peer, %error, "a connection ended");
    // A connection that was only kept open has nothing in its buffer, and is told nothing.
    if error.is_timeout()
        && let Some(parts) = open.into_parts()
        && !parts.read_buf.is_empty()
    {
        say(parts.io.into_inner(), SLOW_HEAD).await;
    }
}

/// The last word on a connection; whether it is heard does not matter.
async fn say(mut stream: impl tokio::io::AsyncWrite + Unpin, word: &'static [u8]) {
    let said = async {
        stream.write_all(word).await?;
        stream.shutdown().await
    };
    drop(tokio::time::timeout(PAUSE, said).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_so_many_and_gives_them_back() {
        let addresses = Addresses::default();
        let (one, other) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let first = addresses.take(one, 2).expect("a seat");
        let _second = addresses.take(one, 2).expect("a seat");
        assert!(addresses.take(one, 2).is_none());
        let third = addresses.take(other, 2).expect("another address");
        drop(first);
        assert!(addresses.take(one, 2).is_some());
        drop(third);
        assert_eq!(
            addresses.0.lock().expect("a lock").len(),
            1,
            "who is gone is forgotten"
        );
    }
}
