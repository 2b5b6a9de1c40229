//! Encryption at rest: a value is sealed before it goes into the database and opened after it came out.
//!
//! ```text
//! let place = Place::new("identity.totp", "secret", [user_id]);
//! let sealed = app.sealer.seal(&place, secret)?;     // store `sealed.as_bytes()` in the column
//! let secret = app.sealer.open(&place, &sealed)?;    // `Sealed::from_bytes(row.secret)`
//! ```
//!
//! The cipher is XChaCha20-Poly1305 with a random nonce. Table, column and primary key of the row are
//! authenticated with the value: copied into another row it does not open. The column's type is
//! `platform.sealed`; what changes the key finds every such column in the catalogue, so a column needs
//! nothing but that type.
#![warn(missing_docs)]

mod key;
mod mask;
mod rotation;
mod sealer;
mod store;

pub use key::{KeyId, KeyInfo, KeyOrigin};
pub use mask::masked;
pub use rotation::{
    KeyUse, Rotated, RotationError, Unreadable, check_keys, ensure_key, key_uses, rotate,
};
pub use sealer::{Place, SealError, Sealed, Sealer};
pub use store::SealedColumn;
