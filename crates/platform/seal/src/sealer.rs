use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use config::{DataDir, DataDirError, Settings};

use super::{
    key::{Key, KeyId, KeyInfo, KeyOrigin, Keyring},
    masked,
};

/// The layout that is written: version, key id, nonce, ciphertext with its tag.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const HEAD_BYTES: usize = 1 + 4 + NONCE_BYTES;

/// A value as it stands in a column of the type `platform.sealed`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// Where a value stands. It opens there and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    table: String,
    column: String,
    row: Vec<String>,
}

/// Seals and opens values. Cheap to clone; the keys are shared.
#[derive(Clone)]
pub struct Sealer {
    ring: Arc<RwLock<Keyring>>,
    /// Where keys are looked for again; nowhere when they were given as they are.
    source: Option<Arc<Source>>,
}

struct Source {
    data_dir: DataDir,
    setting: Option<String>,
}

/// Why a value cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key files cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// Not 32 bytes in base64.
    #[error(
        "{origin} does not hold keys of 32 bytes in base64; make one with: openssl rand -base64 32"
    )]
    MalformedKey {
        /// The setting or file.
        origin: KeyOrigin,
    },
    /// There is no key at all, or none but retired ones.
    #[error(
        "there is no encryption key to seal with; a start makes the first one, or set \
         BURSAR_ENCRYPTION_KEY"
    )]
    NoKey,
    /// Values are sealed with keys that are not here.
    #[error(
        "{values} values in the database are sealed with the encryption keys {}, which are not known \
         here; put them back into the secrets of the data directory, or behind a comma into \
         BURSAR_ENCRYPTION_KEY. If they are lost for good, so are the values: make a new key with \
         openssl rand -base64 32 and put it into BURSAR_ENCRYPTION_KEY",
        names(keys)
    )]
    MissingKeys {
        /// The missing keys.
        keys: Vec<KeyId>,
        /// How many values they seal.
        values: i64,
    },
    /// Sealed with a key that is not here.
    #[error(
        "{place} is sealed with key {key}, which is not known here; put that key back into the secrets \
         of the data directory, or behind a comma into BURSAR_ENCRYPTION_KEY"
    )]
    UnknownKey {
        /// Where the value stands.
        place: String,
        /// The missing key.
        key: KeyId,
    },
    /// Changed, cut, or moved from another place.
    #[error("{place} does not open: the value is damaged or comes from another place")]
    Damaged {
        /// Where the value stands.
        place: String,
    },
    /// Opened, and no text.
    #[error("{place} does not hold text")]
    NotText {
        /// Where the value stands.
        place: String,
    },
}

impl Place {
    /// A column of one row: the table with its schema, and the primary key in the order of its columns.
    /// Keys are written as PostgreSQL writes them as text, so they may be uuids, texts and integers.
    pub fn new(table: &str, column: &str, row: impl IntoIterator<Item = impl ToString>) -> Self {
        Self {
            table: table.to_owned(),
            column: column.to_owned(),
            row: row.into_iter().map(|part| part.to_string()).collect(),
        }
    }

    /// What is authenticated with a value. Every part carries its length, so that no two places read
    /// the same.
    fn associated(&self, key: KeyId) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(key.0);
        let parts = [&self.table, &self.column].into_iter().chain(&self.row);
        for part in parts {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{} of {}",
            self.table,
            self.column,
            self.row.join(", ")
        )
    }
}

impl Sealed {
    /// A value as it was stored.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key it is sealed with; `None` when the value is damaged.
    pub fn key(&self) -> Option<KeyId> {
        match self.0.as_slice() {
            [VERSION, a, b, c, d, ..] => Some(KeyId([*a, *b, *c, *d])),
            _ => None,
        }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

impl Sealer {
    /// The keys of an instance. There may be none yet: [`crate::ensure_key`] makes the first one.
    pub fn open_keys(data_dir: &DataDir, settings: &Settings) -> Result<Self, SealError> {
        let setting = settings.encryption_key.clone();
        let ring = Keyring::read(data_dir, setting.as_deref())?;
        Ok(Self {
            ring: Arc::new(RwLock::new(ring)),
            source: Some(Arc::new(Source {
                data_dir: data_dir.clone(),
                setting,
            })),
        })
    }

    /// One key, for tests of what is sealed with it.
    pub fn with_key(bytes: [u8; 32]) -> Self {
        let ring = Keyring(vec![Key::new(bytes, KeyOrigin::Setting)]);
        Self {
            ring: Arc::new(RwLock::new(ring)),
            source: None,
        }
    }

    /// Seals a value for a place. The key files are looked at each time: a key that was made by another
    /// process is used from then on, so that no value comes after its rotation.
    pub fn seal(&self, place: &Place, plain: &[u8]) -> Result<Sealed, SealError> {
        self.read_again()?;
        let ring = self.ring();
        let key = ring.active().ok_or(SealError::NoKey)?;
        let nonce = rand::random::<[u8; NONCE_BYTES]>();
        let payload = Payload {
            msg: plain,
            aad: &place.associated(key.id),
        };
        let ciphertext = XChaCha20Poly1305::new(&key.bytes.into())
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| damaged(place))?;
        let mut bytes = Vec::with_capacity(HEAD_BYTES + ciphertext.len());
        bytes.push(VERSION);
        bytes.extend(key.id.0);
        bytes.extend(nonce);
        bytes.extend(ciphertext);
        Ok(Sealed(bytes))
    }

    /// Opens a value of a place.
    pub fn open(&self, place: &Place, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let id = sealed.key().ok_or_else(|| damaged(place))?;
        let key = self.key(id)?.ok_or_else(|| SealError::UnknownKey {
            place: place.to_string(),
            key: id,
        })?;
        let (nonce, ciphertext) = sealed
            .0
            .get(5..)
            .and_then(|rest| rest.split_first_chunk::<NONCE_BYTES>())
            .ok_or_else(|| damaged(place))?;
        let payload = Payload {
            msg: ciphertext,
            aad: &place.associated(id),
        };
        XChaCha20Poly1305::new(&key.bytes.into())
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| damaged(place))
    }

    /// Opens a value that is text.
    pub fn open_text(&self, place: &Place, sealed: &Sealed) -> Result<String, SealError> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| SealError::NotText {
            place: place.to_string(),
        })
    }

    /// Opens a value that is text and masks it, for a page.
    pub fn open_masked(&self, place: &Place, sealed: &Sealed) -> Result<String, SealError> {
        Ok(masked(&self.open_text(place, sealed)?))
    }

    /// All known keys; the first one is active, unless all are retired.
    pub fn keys(&self) -> Vec<KeyInfo> {
        let ring = self.ring();
        let active = ring.active().map(|key| key.id);
        let infos = ring.0.iter().enumerate().map(|(at, key)| KeyInfo {
            id: key.id,
            origin: key.origin.clone(),
            is_active: at == 0 && active == Some(key.id),
        });
        infos.collect()
    }

    pub(crate) fn active(&self) -> Result<KeyId, SealError> {
        self.ring()
            .active()
            .map(|key| key.id)
            .ok_or(SealError::NoKey)
    }

    pub(crate) fn data_dir(&self) -> Option<&DataDir> {
        self.source.as_ref().map(|source| &source.data_dir)
    }

    pub(crate) fn read_again(&self) -> Result<(), SealError> {
        if let Some(source) = &self.source {
            let ring = Keyring::read(&source.data_dir, source.setting.as_deref())?;
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        }
        Ok(())
    }

    fn ring(&self) -> Keyring {
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A key by its id; one that came after the start is found too.
    fn key(&self, id: KeyId) -> Result<Option<Key>, SealError> {
        if let Some(key) = self.ring().get(id) {
            return Ok(Some(key.clone()));
        }
        self.read_again()?;
        Ok(self.ring().get(id).cloned())
    }
}

fn names(keys: &[KeyId]) -> String {
    let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
    names.join(", ")
}

fn damaged(place: &Place) -> SealError {
    SealError::Damaged {
        place: place.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(row: &str) -> Place {
        Place::new("identity.profiles", "tax_id", [row])
    }

    #[test]
    fn a_value_opens_where_it_was_sealed_and_nowhere_else() {
        let sealer = Sealer::with_key([7; 32]);
        let sealed = sealer.seal(&place("ann"), b"DE 123").expect("sealed");
        assert_eq!(
            sealer.open(&place("ann"), &sealed).expect("opened"),
            b"DE 123"
        );
        let twin = Place::new("identity.profiles", "phone", ["ann"]);
        let elsewhere = Place::new("identity.profile", "stax_id", ["ann"]);
        for other in [place("eve"), twin, elsewhere] {
            let refused = sealer.open(&other, &sealed).expect_err("moved");
            assert!(matches!(refused, SealError::Damaged { .. }), "{refused}");
            assert!(
                refused.to_string().contains(&other.to_string()),
                "{refused}"
            );
        }
        let pair = Place::new("t", "c", ["a", "b"]);
        let sealed = sealer.seal(&pair, b"x").expect("sealed");
        assert!(sealer.open(&Place::new("t", "c", ["ab"]), &sealed).is_err());
        assert!(
            sealer
                .open(&Place::new("t", "c", ["b", "a"]), &sealed)
                .is_err()
        );
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let sealer = Sealer::with_key([7; 32]);
        let one = sealer.seal(&place("ann"), b"").expect("sealed");
        let other = sealer.seal(&place("ann"), b"").expect("sealed");
        assert_ne!(one, other);
        assert_eq!(one.as_bytes().len(), 45, "an empty value is the shortest");
        assert!(!format!("{sealer:?} {one:?}").contains("07"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealer = Sealer::with_key([7; 32]);
        let sealed = sealer.seal(&place("ann"), b"secret").expect("sealed");
        for at in 0..sealed.as_bytes().len() {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[at] ^= 1;
            assert!(
                sealer.open(&place("ann"), &Sealed(bytes)).is_err(),
                "byte {at}"
            );
        }
        for length in 0..sealed.as_bytes().len() {
            let cut = Sealed(sealed.as_bytes()[..length].to_vec());
            assert!(sealer.open(&place("ann"), &cut).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_the_remedy() {
        let sealed = Sealer::with_key([1; 32])
            .seal(&place("ann"), b"x")
            .expect("sealed");
        let refused = Sealer::with_key([2; 32])
            .open(&place("ann"), &sealed)
            .expect_err("another key")
            .to_string();
        let key = sealed.key().expect("a key").to_string();
        assert!(
            refused.contains(&key) && refused.contains("put that key back"),
            "{refused}"
        );
    }

    #[test]
    fn text_is_opened_as_text_and_masked() {
        let sealer = Sealer::with_key([7; 32]);
        let sealed = sealer
            .seal(&place("ann"), "+49 30 12345678".as_bytes())
            .expect("sealed");
        assert_eq!(
            sealer.open_masked(&place("ann"), &sealed).expect("text"),
            "•••• 5678"
        );
        let bytes = sealer.seal(&place("ann"), &[0xff]).expect("sealed");
        let refused = sealer.open_text(&place("ann"), &bytes).expect_err("bytes");
        assert!(matches!(refused, SealError::NotText { .. }));
    }
}
