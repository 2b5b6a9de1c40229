//! An HTTP server and a DNS server on this machine that do what they are told.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use outbound::{Names, Policy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
    task::JoinSet,
};

/// What is usual, but quick.
pub(crate) fn policy() -> Policy {
    Policy {
        allow: Vec::new(),
        ports: vec![80, 443],
        names: Names::System,
        max_redirects: 3,
        max_bytes: 100_000,
        connect_within: Duration::from_millis(300),
        answer_within: Duration::from_secs(3),
    }
}

/// A server that answers every path with what stands for it.
pub(crate) struct Http {
    pub(crate) address: SocketAddr,
    hits: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Http {
    /// Listens on an address of this machine. Answers are whole, head included.
    pub(crate) async fn start(ip: Ipv4Addr, answers: Vec<(&'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (hits, heads) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(Mutex::new(Vec::new())),
        );
        let answers: Arc<HashMap<&str, Vec<u8>>> = Arc::new(answers.into_iter().collect());
        let mut tasks = JoinSet::new();
        let (counted, seen) = (hits.clone(), heads.clone());
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let (answers, seen) = (answers.clone(), seen.clone());
                connections.spawn(async move {
                    let mut head = Vec::new();
                    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
                    seen.lock().expect("a lock").push(head);
                    match answers.get(path.as_str()) {
                        // Never answers, and never ends.
                        Some(answer) if answer.is_empty() => std::future::pending().await,
                        // Whoever asked may have gone before the end.
                        Some(answer) => drop(stream.write_all(answer).await),
                        None => drop(
                            stream
                                .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                                .await,
                        ),
                    }
                });
            }
        });
        Self {
            address,
            hits,
            heads,
            _tasks: tasks,
        }
    }

    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("a lock").clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// An answer with a body.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// An answer that leads on.
pub(crate) fn lead_on(status: u16, location: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

/// A DNS server over UDP. A name has a list of answers, given in turn; the last one stays.
pub(crate) struct Dns {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Dns {
    pub(crate) async fn start(names: Vec<(&'static str, Vec<Vec<Ipv4Addr>>)>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let asked = Arc::new(AtomicUsize::new(0));
        let mut turns: HashMap<&str, (usize, Vec<Vec<Ipv4Addr>>)> = names
            .into_iter()
            .map(|(name, answers)| (name, (0, answers)))
            .collect();
        let mut tasks = JoinSet::new();
        let counted = asked.clone();
        tasks.spawn(async move {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                let Some((name, kind, end)) = question(&packet[..length]) else {
                    continue;
                };
                let mut addresses = Vec::new();
                // Type A; there are no others.
                if kind == 1
                    && let Some((turn, answers)) = turns.get_mut(name.as_str())
                {
                    counted.fetch_add(1, Ordering::SeqCst);
                    addresses.clone_from(&answers[(*turn).min(answers.len() - 1)]);
                    *turn += 1;
                }
                let answer = answer(&packet[..end], &addresses);
                // A lost packet is asked for again.
                drop(socket.send_to(&answer, from).await);
            }
        });
        Self {
            address,
            asked,
            _tasks: tasks,
        }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Name, type and end of the only question of a packet.
fn question(packet: &[u8]) -> Option<(String, u16, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(packet.get(at..at + length)?).to_lowercase());
        at += length;
    }
    let kind = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
    Some((labels.join("."), kind, at + 4))
}

/// RFC 1035: the question again, and an A record without lifetime for each address.
fn answer(question: &[u8], addresses: &[Ipv4Addr]) -> Vec<u8> {
    let mut packet = question.to_vec();
    packet[2..4].copy_from_slice(&[0x81, 0x80]);
    let count = u16::try_from(addresses.len()).expect("few").to_be_bytes();
    packet[4..12].copy_from_slice(&[0, 1, count[0], count[1], 0, 0, 0, 0]);
    for address in addresses {
        packet.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        packet.extend_from_slice(&address.octets());
    }
    packet
}

/// A policy that resolves with this server, connects to this port, and excepts these addresses.
pub(crate) fn policy_with(dns: &Dns, port: u16, allow: &[IpAddr]) -> Policy {
    Policy {
        names: Names::Servers(vec![dns.address]),
        ports: vec![port],
        allow: allow.iter().map(|address| (*address).into()).collect(),
        ..policy()
    }
}
