//! Files that are kept: evidence packs and personal exports.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// A file on its way. Only its owner can read it, it has its name once it is whole, and whatever has
/// that name already stays: what breaks off leaves nothing behind that the next try would stumble over.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl NewFile {
    /// Begins a file beside the place where it is to be.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Ok(Self {
            path: path.to_owned(),
            // Created with mode 0600.
            file: NamedTempFile::new_in(folder)?,
        })
    }

    /// Where to write.
    pub fn as_file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives the file its name, once everything is on the disk.
    pub fn keep(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file
            .persist_noclobber(&self.path)
            .map(drop)
            .map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_file_is_there_when_it_is_whole_and_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("pack.zip");
        let broken_off = NewFile::create(&path).expect("begun");
        broken_off.as_file().write_all(b"half").expect("written");
        assert!(!path.exists());
        drop(broken_off);
        assert_eq!(fs::read_dir(folder.path()).expect("a listing").count(), 0);

        let whole = NewFile::create(&path).expect("begun again");
        whole.as_file().write_all(b"whole").expect("written");
        let late = NewFile::create(&path).expect("begun by somebody else");
        whole.keep().expect("kept");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let refused = late.keep().expect_err("the name is taken");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        let refused = NewFile::create(&path).expect_err("the name is taken");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("read"), b"whole");
    }
}
