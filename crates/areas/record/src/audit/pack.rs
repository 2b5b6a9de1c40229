use std::{
    fs::File,
    io::{self, Read as _, Write},
    path::Path,
};

use db::{Db, SystemTx, UserId};
use futures::TryStreamExt as _;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{
    AuditError, Head,
    model::{Known, Link, hex},
    store,
};
use crate::NewFile;

const AT_A_TIME: i64 = 2_000;
const HEADS: &str = "heads.json";
const README: &str = include_str!("README.txt");

/// What a pack holds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Pack {
    /// Chains.
    pub chains: usize,
    /// Links of all chains.
    pub links: u64,
    /// Former and later rows of critical tables.
    pub audit_rows: u64,
}

/// A file within the archive, hashed while it is written.
struct Entry<'z, 'p> {
    zip: &'z mut ZipWriter<&'p File>,
    hash: Sha256,
}

impl Write for Entry<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.zip.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

/// An archive on its way, with the hashes of what is in it.
struct Archive<'p> {
    path: &'p Path,
    zip: ZipWriter<&'p File>,
    sums: String,
}

/// Writes an evidence pack: links, heads and audit rows, of one person or of everybody, with hashes of
/// its files and what is needed to check it without Bursar. An existing file is not overwritten, and a pack
/// that breaks off leaves none behind.
pub async fn export(db: &Db, user: Option<UserId>, path: &Path) -> Result<Pack, AuditError> {
    let failed = |source| AuditError::File {
        path: path.to_owned(),
        source,
    };
    let file = NewFile::create(path).map_err(failed)?;
    let user = user.map(Uuid::from);
    let mut tx = db.system("export the evidence").await?;
    store::allow_long_reads(&mut tx).await?;
    let mut archive = Archive {
        path,
        zip: ZipWriter::new(file.as_file()),
        sums: String::new(),
    };
    archive.add("README.txt", |out| out.write_all(README.as_bytes()))?;
    let chains = store::chains(&mut tx, user).await?;
    let mut pack = Pack::default();
    let mut heads = Vec::new();
    for known in &chains {
        heads.extend(store::head(&mut tx, known.user_id, &known.chain).await?);
    }
    pack.chains = heads.len();
    archive.add(HEADS, |out| {
        serde_json::to_writer_pretty(out, &heads).map_err(io::Error::from)
    })?;
    pack.links = links(&mut tx, &chains, &mut archive).await?;
    pack.audit_rows = audit_rows(&mut tx, user, &mut archive).await?;
    archive.finish()?;
    file.keep().map_err(failed)?;
    Ok(pack)
}

/// The heads that an earlier pack vouches for.
pub fn heads_of(path: &Path) -> Result<Vec<Head>, AuditError> {
    let failed = |source| AuditError::Archive {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(|source| failed(source.into()))?;
    let mut archive = ZipArchive::new(file).map_err(failed)?;
    let mut text = String::new();
    archive
        .by_name(HEADS)
        .map_err(failed)?
        .read_to_string(&mut text)
        .map_err(|source| failed(source.into()))?;
    serde_json::from_str(&text).map_err(|source| AuditError::NoPack {
        path: path.to_owned(),
        source,
    })
}

async fn links(
    tx: &mut SystemTx,
    chains: &[Known],
    archive: &mut Archive<'_>,
) -> Result<u64, AuditError> {
    let path = archive.path.to_owned();
    let mut out = csv::Writer::from_writer(archive.begin("chain.csv")?);
    out.write_record([
        "user_id",
        "chain",
        "seq",
        "table",
        "operation",
        "row",
        "at",
        "content_hash",
        "hash",
        "content",
    ])?;
    let mut count = 0;
    for Known { user_id, chain, .. } in chains {
        let mut after = 0;
        loop {
            let batch = store::links(tx, *user_id, chain, after, AT_A_TIME).await?;
            let Some(last) = batch.last() else { break };
            after = last.seq;
            for link in &batch {
                out.write_record(record(*user_id, chain, link))?;
                count += 1;
            }
        }
    }
    let entry = out.into_inner().map_err(|error| AuditError::File {
        path,
        source: error.into_error(),
    })?;
    let hash = hex(&entry.hash.finalize());
    archive.sum("chain.csv", &hash);
    Ok(count)
}

fn record(user_id: Uuid, chain: &str, link: &Link) -> [String; 10] {
    [
        user_id.to_string(),
        chain.to_owned(),
        link.seq.to_string(),
        link.table_name.clone(),
        link.operation.clone(),
        link.row_id.clone(),
        link.at.clone(),
        hex(&link.content_hash),
        hex(&link.hash),
        link.content.clone().unwrap_or_default(),
    ]
}

/// One JSON object a line.
async fn audit_rows(
    tx: &mut SystemTx,
    user: Option<Uuid>,
    archive: &mut Archive<'_>,
) -> Result<u64, AuditError> {
    let path = archive.path.to_owned();
    let failed = |source| AuditError::File {
        path: path.clone(),
        source,
    };
    let mut out = archive.begin("audit.jsonl")?;
    let mut count = 0;
    let mut rows = std::pin::pin!(store::audit_rows(tx, user));
    while let Some(row) = rows.try_next().await? {
        writeln!(out, "{row}").map_err(failed)?;
        count += 1;
    }
    let hash = hex(&out.hash.finalize());
    archive.sum("audit.jsonl", &hash);
    Ok(count)
}

impl<'p> Archive<'p> {
    fn begin(&mut self, name: &str) -> Result<Entry<'_, 'p>, AuditError> {
        // Larger than 4 GiB is possible.
        let options = SimpleFileOptions::default().large_file(true);
        self.zip
            .start_file(name, options)
            .map_err(|source| AuditError::Archive {
                path: self.path.to_owned(),
                source,
            })?;
        Ok(Entry {
            zip: &mut self.zip,
            hash: Sha256::new(),
        })
    }

    fn add(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Entry<'_, 'p>) -> io::Result<()>,
    ) -> Result<(), AuditError> {
        let path = self.path.to_owned();
        let mut entry = self.begin(name)?;
        write(&mut entry).map_err(|source| AuditError::File { path, source })?;
        let hash = hex(&entry.hash.finalize());
        self.sum(name, &hash);
        Ok(())
    }

    fn sum(&mut self, name: &str, hash: &str) {
        for part in [hash, "  ", name, "\n"] {
            self.sums.push_str(part);
        }
    }

    fn finish(mut self) -> Result<(), AuditError> {
        let sums = std::mem::take(&mut self.sums);
        let mut entry = self.begin("SHA256SUMS")?;
        entry
            .write_all(sums.as_bytes())
            .map_err(|source| AuditError::File {
                path: self.path.to_owned(),
                source,
            })?;
        let written = self.zip.finish();
        written.map(drop).map_err(|source| AuditError::Archive {
            path: self.path.to_owned(),
            source,
        })
    }
}
