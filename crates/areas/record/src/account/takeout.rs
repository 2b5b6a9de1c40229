//! Everything that is stored about a person, as one archive: each table as JSON and as CSV. It is
//! written while it is read, so that its size does not matter.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::{Body, Bytes};
use db::{Db, SystemTx, UserId};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use seal::{Place, Sealed, Sealer};
use serde_json::Value;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use zip::{
    ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{
    AccountError,
    store::{self, Row, Table},
};

const README: &str = "\
Everything that this instance of Bursar stores about you: one file for each table, as JSON and as CSV.

Left out are the hashes of passwords and tokens, other secrets, and raw bytes. Amounts are exact decimals;
instants are in UTC. Your transactions in a form that can be imported again are on the page of transactions,
under \"Export\".
";
const WITH_SEALED: &str = "
Phone numbers, tax numbers and keys of data providers are stored encrypted and stand here in clear: keep
this archive safe.
";
const WITHOUT_SEALED: &str = "
Phone numbers, tax numbers and keys of data providers are stored encrypted and are left out, because
an API token does not prove who uses it. Sign in to take them along.
";

/// Exports that run at the same time; each holds a connection.
static EXPORTS: Semaphore = Semaphore::const_new(2);
/// Bytes that are gathered before they are sent.
const CHUNK: usize = 64 * 1024;
/// Chunks that wait to be taken.
const WAITING: usize = 4;
/// A client that takes nothing for so long is given up: it holds a connection.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);

/// The bytes of the archive that were not sent yet.
#[derive(Clone, Default)]
struct Outbox(Arc<Mutex<Vec<u8>>>);

impl Outbox {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Archive = ZipWriter<StreamWriter<Outbox>>;

/// The archive as the body of an answer. When the client goes, the reading ends. Without a sealer it lacks
/// what is stored encrypted.
pub fn stream(db: &Db, sealer: Option<&Sealer>, user: UserId) -> Body {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let mut reading = JoinSet::new();
    let (db, sealer) = (db.clone(), sealer.cloned());
    reading.spawn(async move {
        let to = sender.clone();
        let sent = export(&db, sealer.as_ref(), user, async move |bytes| {
            deliver(&to, Ok(bytes.into())).await
        });
        if let Err(error) = sent.await {
            tracing::warn!(%error, "an export ended early");
            // The client sees that the archive is not whole.
            let broken = io::Error::other("the export ended early");
            _ = deliver(&sender, Err(broken)).await;
        }
    });
    let chunks = stream::unfold((receiver, reading), async |(mut receiver, reading)| {
        let chunk = receiver.recv().await?;
        Some((chunk, (receiver, reading)))
    });
    // Whoever compresses asks once more after the end.
    Body::from_stream(chunks.fuse().boxed())
}

async fn deliver(
    sender: &mpsc::Sender<io::Result<Bytes>>,
    chunk: io::Result<Bytes>,
) -> io::Result<()> {
    sender
        .send_timeout(chunk, TAKEN_WITHIN)
        .await
        .map_err(|_| io::Error::other("nobody takes the export"))
}

/// Writes the archive to a file.
pub async fn write_to(
    db: &Db,
    sealer: &Sealer,
    user: UserId,
    mut file: impl Write + Send,
) -> Result<(), AccountError> {
    // Behind a lock, because the export asks for a function that it may call at any time.
    let file = Mutex::new(&mut file);
    export(db, Some(sealer), user, async |bytes| {
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&bytes)
    })
    .await
}

async fn export<F>(
    db: &Db,
    sealer: Option<&Sealer>,
    user: UserId,
    send: F,
) -> Result<(), AccountError>
where
    F: AsyncFn(Vec<u8>) -> io::Result<()>,
{
    let _turn = EXPORTS.acquire().await.map_err(io::Error::other)?;
    let mut tx = db.system("export what is stored about a person").await?;
    let tables = store::tables(&mut tx).await?;
    let outbox = Outbox::default();
    let mut archive = ZipWriter::new_stream(outbox.clone());
    archive.start_file("README.txt", SimpleFileOptions::default())?;
    archive.write_all(README.as_bytes())?;
    let sealed = sealer.map_or(WITHOUT_SEALED, |_| WITH_SEALED);
    archive.write_all(sealed.as_bytes())?;
    for table in &tables {
        let of = Of {
            table,
            sealer,
            user,
        };
        json(&mut tx, of, &mut archive, &outbox, &send).await?;
        csv(&mut tx, of, &mut archive, &outbox, &send).await?;
    }
    archive.finish()?;
    send(outbox.take()).await?;
    Ok(())
}

/// Whose rows of which table are written.
#[derive(Clone, Copy)]
struct Of<'a> {
    table: &'a Table,
    /// `None` leaves out what is stored encrypted.
    sealer: Option<&'a Sealer>,
    user: UserId,
}

impl Of<'_> {
    /// A row with what is stored encrypted in clear, for whoever may read it.
    fn opened(&self, row: Row) -> Result<Value, AccountError> {
        let mut content = row.content;
        let Some(sealer) = self.sealer else {
            // Raw bytes, as which it is stored, are in no row.
            return Ok(content);
        };
        for (column, bytes) in self.table.sealed.iter().zip(row.sealed) {
            let Some(bytes) = bytes else { continue };
            let place = Place::new(&self.table.name, column, &row.key);
            let text = sealer.open_text(&place, &Sealed::from_bytes(bytes))?;
            if let Some(fields) = content.as_object_mut() {
                fields.insert(column.clone(), Value::String(text));
            }
        }
        Ok(content)
    }
}

async fn json<F>(
    tx: &mut SystemTx,
    of: Of<'_>,
    archive: &mut Archive,
    outbox: &Outbox,
    send: &F,
) -> Result<(), AccountError>
where
    F: AsyncFn(Vec<u8>) -> io::Result<()>,
{
    let name = format!("json/{}.json", of.table.name);
    archive.start_file(name, SimpleFileOptions::default().large_file(true))?;
    archive.write_all(b"[")?;
    let mut rows = std::pin::pin!(store::rows(tx, of.table, of.user));
    let mut separator = "\n";
    while let Some(row) = rows.try_next().await? {
        write!(archive, "{separator}{}", of.opened(row)?)?;
        separator = ",\n";
        if outbox.len() > CHUNK {
            send(outbox.take()).await?;
        }
    }
    archive.write_all(b"\n]\n")?;
    Ok(())
}

async fn csv<F>(
    tx: &mut SystemTx,
    of: Of<'_>,
    archive: &mut Archive,
    outbox: &Outbox,
    send: &F,
) -> Result<(), AccountError>
where
    F: AsyncFn(Vec<u8>) -> io::Result<()>,
{
    let name = format!("csv/{}.csv", of.table.name);
    archive.start_file(name, SimpleFileOptions::default().large_file(true))?;
    archive.write_all(&line(of.table.columns.iter().map(String::as_str))?)?;
    let mut rows = std::pin::pin!(store::rows(tx, of.table, of.user));
    while let Some(row) = rows.try_next().await? {
        let row = of.opened(row)?;
        let cells: Vec<String> = of
            .table
            .columns
            .iter()
            .map(|name| cell(&row, name))
            .collect();
        archive.write_all(&line(cells.iter().map(String::as_str))?)?;
        if outbox.len() > CHUNK {
            send(outbox.take()).await?;
        }
    }
    Ok(())
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, AccountError> {
    let mut line = csv::Writer::from_writer(Vec::new());
    line.write_record(cells)?;
    line.into_inner()
        .map_err(|error| AccountError::Write(error.into_error()))
}

/// What is left out of a row is an empty cell.
fn cell(row: &Value, column: &str) -> String {
    match row.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
