//! Parsing on a thread of its own, so that it overlaps with loading and never stalls the runtime.

use std::{
    io::{self, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use statements::{Rejection, Unreadable};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use super::ImportError;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 256 * 1024;
/// Rows that travel together.
const BATCH_ROWS: usize = 8192;
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
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let parser = spawn_blocking(move || {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            reader,
            bytes_read: bytes_read.clone(),
        };
        let mut rows = open(BufReader::with_capacity(BUFFER_BYTES, counted))?;
        loop {
            let batch: Vec<_> = rows.by_ref().take(BATCH_ROWS).collect();
            let is_end = batch.is_empty();
            let bytes_read = bytes_read.load(Ordering::Relaxed);
            // Nobody listens any more when the import was given up.
            if is_end
                || sender
                    .blocking_send(Batch {
                        rows: batch,
                        bytes_read,
                    })
                    .is_err()
            {
                return Ok(());
            }
        }
    });
    Batches { receiver, parser }
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
