//! An upload on its way in: small ones are held, long ones go to a file in the data directory.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use axum::{body::Body, http::StatusCode};
use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use web::{App, Problem};

use super::{
    Error,
    long::{LONG_BYTES, remove_file},
    preview::off_thread,
};

/// Written to the file at once.
const PIECE: usize = 1024 * 1024;

/// A file that has come in.
pub(super) enum Received {
    Held(Vec<u8>),
    Spooled(Spooled),
}

/// A long file on disk, with what recognises it. It is removed unless an import keeps it.
pub(super) struct Spooled {
    path: PathBuf,
    pub(super) bytes: u64,
    pub(super) hash: [u8; 32],
    is_kept: bool,
}

impl Spooled {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its name in the folder of uploads, which is made of letters and digits.
    pub(super) fn name(&self) -> Option<&str> {
        self.path.file_name().and_then(|name| name.to_str())
    }

    /// An import has noted the name.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        if !self.is_kept {
            remove_file(&self.path);
        }
    }
}

/// Takes pieces of a file in.
pub(super) struct Receiver {
    limit: u64,
    folder: PathBuf,
    /// What is not on disk yet.
    held: Vec<u8>,
    hash: Sha256,
    file: Option<(fs::File, Spooled)>,
    bytes: u64,
}

impl Receiver {
    pub(super) fn new(app: &App) -> Self {
        Self {
            limit: app.uploads.max_bytes,
            folder: app.uploads.folder.to_path_buf(),
            held: Vec::new(),
            hash: Sha256::new(),
            file: None,
            bytes: 0,
        }
    }

    pub(super) async fn take(mut self, piece: &[u8]) -> Result<Self, Problem> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.limit {
            return Err(too_large(self.limit));
        }
        self.held.extend_from_slice(piece);
        let is_long = self.bytes > LONG_BYTES;
        if is_long && (self.file.is_none() || self.held.len() >= PIECE) {
            return self.write().await;
        }
        Ok(self)
    }

    /// Puts on disk what is held.
    async fn write(mut self) -> Result<Self, Problem> {
        let written = off_thread(move || {
            let held = std::mem::take(&mut self.held);
            self.hash.update(&held);
            if self.file.is_none() {
                self.file = Some(create(&self.folder)?);
            }
            if let Some((file, _)) = &mut self.file {
                file.write_all(&held)?;
            }
            Ok::<Self, std::io::Error>(self)
        });
        written
            .await?
            .map_err(|error| Problem::internal(&Error::File(error)))
    }

    pub(super) async fn finish(self) -> Result<Received, Problem> {
        if self.file.is_none() {
            return Ok(Received::Held(self.held));
        }
        let Self {
            file, hash, bytes, ..
        } = self.write().await?;
        let Some((file, mut spooled)) = file else {
            return Ok(Received::Held(Vec::new()));
        };
        off_thread(move || file.sync_all())
            .await?
            .map_err(|error| Problem::internal(&Error::File(error)))?;
        spooled.hash = hash.finalize().into();
        spooled.bytes = bytes;
        Ok(Received::Spooled(spooled))
    }
}

/// What the file at a path is called.
pub fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || "file".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// A new file that only its owner can read.
fn create(folder: &Path) -> std::io::Result<(fs::File, Spooled)> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let path = folder.join(Uuid::now_v7().to_string());
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    let spooled = Spooled {
        path,
        bytes: 0,
        hash: [0; 32],
        is_kept: false,
    };
    Ok((file, spooled))
}

/// Takes the body of a request in.
pub(super) async fn receive(app: &App, body: Body) -> Result<Received, Problem> {
    use axum::body::HttpBody as _;
    let mut receiver = Receiver::new(app);
    if body.size_hint().lower() > receiver.limit {
        return Err(too_large(receiver.limit));
    }
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| Problem::unreadable(error.to_string()))?;
        receiver = receiver.take(&piece).await?;
    }
    receiver.finish().await
}

pub(super) fn too_large(limit: u64) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body-too-large",
        "File too large",
        format!(
            "At most {} MiB are accepted here. Larger files can be imported on the server with \
             'bursar import transactions', or after raising --max-upload-mib.",
            limit / 1024 / 1024
        ),
    )
}
