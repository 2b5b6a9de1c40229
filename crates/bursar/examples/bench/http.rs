use std::net::SocketAddr;

use axum::Router;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Serves on a free port of loopback until the program ends.
pub(crate) async fn listen(router: Router) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    #[expect(
        clippy::disallowed_methods,
        reason = "the benchmark owns its servers until it exits"
    )]
    tokio::spawn(async move { axum::serve(listener, service).await.expect("served") });
    Ok(address)
}

/// One request on an open connection; the body stands at the end of `buffer`, from the place returned
/// on. `None` unless it is answered with 200.
pub(crate) async fn ask(
    stream: &mut TcpStream,
    request: &str,
    buffer: &mut Vec<u8>,
) -> Option<usize> {
    stream.write_all(request.as_bytes()).await.ok()?;
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end])
            .ok()?
            .to_ascii_lowercase();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))?
            .trim()
            .parse()
            .ok()?;
        if !head.starts_with("http/1.1 200") {
            return None;
        }
        while buffer.len() < end + 4 + length {
            if stream.read_buf(buffer).await.ok()? == 0 {
                return None;
            }
        }
        return Some(end + 4);
    }
}
