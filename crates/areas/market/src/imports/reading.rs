//! Parsing on a thread of its own, so that it overlaps with loading and never stalls the runtime.

use std::{
    io::{self, BufRead as _, BufReader, Read, Seek as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use statements::{BarRow, Rejection, Unreadable};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use super::ImportError;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 256 * 1024;
/// Rows that travel together.
const BATCH_ROWS: usize = 8192;
/// Bytes of a file in columns at most: it is laid aside before it is read.
const LARGEST_COLUMNS: u64 = 16 * 1024 * 1024 * 1024;
/// Batches that wait for the writer at most; the parser waits when it is ahead.
const BATCHES_AHEAD: usize = 4;

/// Rows as they were read, in the order of the file.
pub(crate) struct Batch<T> {
    pub(crate) rows: Vec<Result<T, Rejection>>,
    /// Bytes of the file that were read when the batch was full.
    pub(crate) bytes_read: u64,
}

/// The batches of a file that is being read.
pub(crate) struct Batches<T> {
    receiver: mpsc::Receiver<Batch<T>>,
    parser: JoinHandle<Result<(), Unreadable>>,
}

impl<T> Batches<T> {
    /// The next batch, `None` at the end of the file.
    pub(crate) async fn next(&mut self) -> Result<Option<Batch<T>>, ImportError> {
        if let Some(batch) = self.receiver.recv().await {
            return Ok(Some(batch));
        }
        // The channel closes at the end, but also when the parser gave up or died.
        (&mut self.parser)
            .await
            .map_err(|_| ImportError::Interrupted)??;
        Ok(None)
    }
}

/// What the parsers read from.
pub(crate) type Source<R> = BufReader<Counted<R>>;

/// Reads a file to its end. `open` makes the reader of rows out of the bytes.
pub(crate) fn read<R, T, I>(
    reader: R,
    open: impl FnOnce(Source<R>) -> Result<I, Unreadable> + Send + 'static,
) -> Batches<T>
where
    R: Read + Send + 'static,
    T: Send + 'static,
    I: Iterator<Item = Result<T, Rejection>>,
{
    spawn(reader, |source, sender, bytes_read| {
        send(open(source)?, &sender, &bytes_read);
        Ok(())
    })
}

/// Reads a file of bars to its end: CSV, or Parquet, which its first bytes tell. A file in columns is read
/// from its end, so it is laid into a file of its own first, which goes with its handle.
pub(crate) fn read_bars<R: Read + Send + 'static>(reader: R) -> Batches<BarRow> {
    spawn(reader, |mut source, sender, bytes_read| {
        let failed = |error: io::Error| Unreadable::Io(error.to_string());
        if statements::is_parquet(source.fill_buf().map_err(failed)?) {
            let mut columns = tempfile::tempfile().map_err(failed)?;
            let mut limited = source.take(LARGEST_COLUMNS + 1);
            if io::copy(&mut limited, &mut columns).map_err(failed)? > LARGEST_COLUMNS {
                return Err(Unreadable::Parquet {
                    place: "its size".to_owned(),
                    reason: "it is larger than 16 GiB: write several files".to_owned(),
                });
            }
            columns.rewind().map_err(failed)?;
            send(statements::parquet_bars(columns)?, &sender, &bytes_read);
        } else {
            send(statements::bars(source)?, &sender, &bytes_read);
        }
        Ok(())
    })
}

fn spawn<R, T>(
    reader: R,
    run: impl FnOnce(Source<R>, mpsc::Sender<Batch<T>>, Arc<AtomicU64>) -> Result<(), Unreadable>
    + Send
    + 'static,
) -> Batches<T>
where
    R: Read + Send + 'static,
    T: Send + 'static,
{
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let parser = spawn_blocking(move || {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            reader,
            bytes_read: bytes_read.clone(),
        };
        let source = BufReader::with_capacity(BUFFER_BYTES, counted);
        run(source, sender, bytes_read)
    });
    Batches { receiver, parser }
}

/// Until the end, or until nobody listens any more because the import was given up.
fn send<T>(
    mut rows: impl Iterator<Item = Result<T, Rejection>>,
    sender: &mpsc::Sender<Batch<T>>,
    bytes_read: &AtomicU64,
) {
    loop {
        let batch = Batch {
            rows: rows.by_ref().take(BATCH_ROWS).collect(),
            bytes_read: bytes_read.load(Ordering::Relaxed),
        };
        if batch.rows.is_empty() || sender.blocking_send(batch).is_err() {
            return;
        }
    }
}

/// A reader that counts what it gives.
pub(crate) struct Counted<R> {
    reader: R,
    bytes_read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
