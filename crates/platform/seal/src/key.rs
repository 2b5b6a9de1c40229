//! The keys: where they come from, and how one is told from another.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use config::{DataDir, Secret};
use sha2::{Digest as _, Sha256};

use super::SealError;

/// Files of the data directory that hold keys in use; the last one writes.
pub(crate) const FILE_PREFIX: &str = "encryption-";
/// What a file is called once nothing is sealed with its key any more.
pub(crate) const RETIRED_PREFIX: &str = "retired-encryption-";

/// Names a key without telling anything of it: the beginning of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(crate) [u8; 4]);

/// Where a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// The setting `BURSAR_ENCRYPTION_KEY`.
    Setting,
    /// A file below `secrets` in the data directory.
    File(String),
}

/// A key in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name.
    pub id: KeyId,
    /// Where it comes from.
    pub origin: KeyOrigin,
    /// Whether new values are sealed with it.
    pub is_active: bool,
}

#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: KeyId,
    pub(crate) bytes: [u8; 32],
    pub(crate) origin: KeyOrigin,
}

/// All known keys; the first writes.
#[derive(Clone)]
pub(crate) struct Keyring(pub(crate) Vec<Key>);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for KeyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting => f.write_str("BURSAR_ENCRYPTION_KEY"),
            Self::File(name) => write!(f, "secrets/{name}"),
        }
    }
}

impl KeyOrigin {
    fn is_retired(&self) -> bool {
        matches!(self, Self::File(name) if name.starts_with(RETIRED_PREFIX))
    }

    /// The file, while its key is not retired.
    pub(crate) fn live_file(&self) -> Option<&str> {
        match self {
            Self::File(name) if name.starts_with(FILE_PREFIX) => Some(name),
            Self::File(_) | Self::Setting => None,
        }
    }
}

impl Key {
    pub(crate) fn new(bytes: [u8; 32], origin: KeyOrigin) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"bursar encryption key id\0");
        hash.update(bytes);
        let hash: [u8; 32] = hash.finalize().into();
        let [a, b, c, d, ..] = hash;
        Self {
            id: KeyId([a, b, c, d]),
            bytes,
            origin,
        }
    }

    /// Reads base64 of either alphabet, padded or not, as `openssl rand -base64 32` prints it.
    fn parse(text: &str, origin: KeyOrigin) -> Option<Self> {
        let text = text.trim().trim_end_matches('=');
        let text = text.replace('+', "-").replace('/', "_");
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self::new(bytes.try_into().ok()?, origin))
    }

    fn of_file((name, secret): &(String, Secret)) -> Result<Self, SealError> {
        let origin = KeyOrigin::File(name.clone());
        Self::parse(secret.expose(), origin.clone()).ok_or(SealError::MalformedKey { origin })
    }
}

impl Keyring {
    /// Those of the setting, then the files from the newest to the oldest, then the retired ones. There may
    /// be none: whether one may be made, only the database knows.
    pub(crate) fn read(data_dir: &DataDir, setting: Option<&str>) -> Result<Self, SealError> {
        let mut keys = Vec::new();
        for text in setting.into_iter().flat_map(|text| text.split(',')) {
            let origin = KeyOrigin::Setting;
            let key = Key::parse(text, origin.clone()).ok_or(SealError::MalformedKey { origin })?;
            keys.push(key);
        }
        for prefix in [FILE_PREFIX, RETIRED_PREFIX] {
            for file in data_dir.secrets(prefix)?.iter().rev() {
                keys.push(Key::of_file(file)?);
            }
        }
        Ok(Self(keys))
    }

    /// The key that writes: the first one, unless it is retired.
    pub(crate) fn active(&self) -> Option<&Key> {
        self.0.first().filter(|key| !key.origin.is_retired())
    }

    pub(crate) fn get(&self, id: KeyId) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }
}

/// Makes a key file after those that are there, retired or not.
pub(crate) fn make_file(data_dir: &DataDir) -> Result<(), SealError> {
    let mut last = 0;
    for prefix in [FILE_PREFIX, RETIRED_PREFIX] {
        let files = data_dir.secrets(prefix)?.into_iter();
        last = files
            .filter_map(|(name, _)| file_number(&name))
            .fold(last, u32::max);
    }
    data_dir.secret(&format!("{FILE_PREFIX}{:04}", last + 1))?;
    Ok(())
}

/// The number of a key file, retired or not.
pub(crate) fn file_number(name: &str) -> Option<u32> {
    name.rsplit_once('-')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_openssl_prints_them() {
        let standard = "+/+/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let url_safe = "-_-_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let one = Key::parse(standard, KeyOrigin::Setting).expect("a key");
        let other = Key::parse(url_safe, KeyOrigin::Setting).expect("a key");
        assert_eq!(one.bytes, other.bytes);
        assert_eq!(one.id, other.id);
        assert_ne!(one.id, Key::new([0; 32], KeyOrigin::Setting).id);
        for text in ["", "short", "AAAA", &format!("{url_safe}AAAA"), "!!!"] {
            assert!(Key::parse(text, KeyOrigin::Setting).is_none(), "{text}");
        }
    }

    #[test]
    fn an_id_is_written_in_hexadecimal() {
        assert_eq!(KeyId([0, 0xa, 0xff, 0x10]).to_string(), "000aff10");
    }
}
