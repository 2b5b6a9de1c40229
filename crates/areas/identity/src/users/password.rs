//! Argon2id with the parameters that OWASP gives as a minimum: 19 MiB, two passes, one lane. Hashing
//! takes some 50 ms of a core, so it runs on the blocking threads, and on half of the cores at most:
//! however many people sign in, the other requests go on being answered.
//!
//! Hashes of bcrypt can be imported. They verify, and are replaced at the next sign-in.

use std::{fmt, sync::LazyLock, thread::available_parallelism};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash as Phc},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::Password;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// An imported hash that costs more would hold a core for too long.
const MAX_MEMORY_KIB: u32 = 262_144;
const MAX_PASSES: u32 = 16;
const MAX_BCRYPT_COST: u32 = 14;

/// Stored for people without a password; no password fits.
pub(crate) const NO_PASSWORD: &str = "!";

/// Verified in place of a hash that is not there, so that unknown people cost the same time. Salt and
/// hash are arbitrary bytes.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$dW5rbm93bnBlcnNvbg$dGhpcnR5LXR3byBieXRlcyBvZiBubyBwYXNzd29yZCE";
/// The salt of the work that evens out bcrypt; its result is thrown away.
const DUMMY_SALT: [u8; 16] = *b"nobody's account";

static HASHING: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = available_parallelism().map_or(1, usize::from);
    Semaphore::new((cores / 2).max(1))
});

/// A hash that another system made.
#[derive(Clone)]
pub struct PasswordHash(String);

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// The algorithm refused.
    #[error("password hashing failed: {0}")]
    Argon2(#[from] argon2::Error),
    /// The hasher refused.
    #[error("password hashing failed: {0}")]
    Format(#[from] password_hash::Error),
    /// A stored hash is damaged.
    #[error("a stored password hash cannot be read: {0}")]
    Stored(#[from] password_hash::phc::Error),
    /// A stored hash of bcrypt is damaged.
    #[error("a stored password hash cannot be read: {0}")]
    Bcrypt(#[from] bcrypt::BcryptError),
    /// A hash that was to be imported is not of a known form.
    #[error(
        "the password hash is neither Argon2 ($argon2id$…) nor bcrypt ($2a$, $2b$, $2y$), or costs more \
         than {MAX_MEMORY_KIB} KiB, {MAX_PASSES} passes or bcrypt's {MAX_BCRYPT_COST}"
    )]
    Unknown,
    /// The thread ended before the work.
    #[error("password hashing was interrupted")]
    Interrupted,
}

impl PasswordHash {
    /// Takes a hash that can be verified with bounded work.
    pub fn parse(text: &str) -> Result<Self, HashingError> {
        let text = text.trim();
        let is_known = if is_bcrypt(text) {
            text.is_ascii()
                && text
                    .parse::<bcrypt::HashParts>()
                    .is_ok_and(|parts| (4..=MAX_BCRYPT_COST).contains(&parts.get_cost()))
        } else {
            text.starts_with("$argon2") && is_bounded(text)
        };
        if is_known {
            Ok(Self(text.to_owned()))
        } else {
            Err(HashingError::Unknown)
        }
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn is_bounded(text: &str) -> bool {
    let Ok(hash) = Phc::new(text) else {
        return false;
    };
    hash.hash.is_some()
        && Params::try_from(&hash)
            .is_ok_and(|params| params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES)
}

fn is_bcrypt(hash: &str) -> bool {
    ["$2a$", "$2b$", "$2y$"]
        .iter()
        .any(|prefix| hash.starts_with(prefix))
}

/// Whether a stored hash that was verified is to be replaced by a newer one.
pub(crate) fn is_outdated(stored: &str) -> bool {
    let Ok(hash) = Phc::new(stored) else {
        return true;
    };
    let is_current = hash.algorithm.as_str() == "argon2id"
        && hash.version == Some(Version::V0x13.into())
        && Params::try_from(&hash)
            .is_ok_and(|params| params.m_cost() >= MEMORY_KIB && params.t_cost() >= PASSES);
    !is_current
}

fn argon2id() -> Result<Argon2<'static>, HashingError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

pub(crate) async fn hash(password: Password) -> Result<String, HashingError> {
    in_turn(move || {
        let hash = argon2id()?.hash_password(password.into_text().as_bytes())?;
        Ok(hash.to_string())
    })
    .await
}

/// The hash of a password that was verified, whatever today's rules say about it.
pub(crate) async fn rehash(verified: String) -> Result<String, HashingError> {
    in_turn(move || {
        let hash = argon2id()?.hash_password(verified.as_bytes())?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password fits a stored hash. Takes the same time when there is none.
pub(crate) async fn verify(password: String, stored: Option<String>) -> Result<bool, HashingError> {
    verify_evenly(password, stored, None).await
}

/// The same where some hashes are of bcrypt, the dearest of them with the given cost: whoever signs in
/// costs one Argon2 and one bcrypt of that cost, so that time does not tell whose hash was imported.
pub(crate) async fn verify_evenly(
    password: String,
    stored: Option<String>,
    bcrypt_cost: Option<u32>,
) -> Result<bool, HashingError> {
    in_turn(move || {
        let stored = stored.filter(|hash| hash != NO_PASSWORD);
        let (of_bcrypt, of_argon2) = match stored {
            Some(hash) if is_bcrypt(&hash) => (Some(hash), None),
            other => (None, other),
        };
        let fits_argon2 = {
            let hash = Phc::new(of_argon2.as_deref().unwrap_or(DUMMY))?;
            let fits = argon2id()?
                .verify_password(password.as_bytes(), &hash)
                .is_ok();
            fits && of_argon2.is_some()
        };
        let fits_bcrypt = verify_bcrypt(&password, of_bcrypt.as_deref(), bcrypt_cost)?;
        Ok(fits_argon2 || fits_bcrypt)
    })
    .await
}

/// Costs 2^`cost` rounds whether there is a hash of that cost, of a lower one, or none.
fn verify_bcrypt(
    password: &str,
    stored: Option<&str>,
    cost: Option<u32>,
) -> Result<bool, HashingError> {
    let waste = |cost| bcrypt::hash_with_salt(password, cost, DUMMY_SALT).map(drop);
    let Some(stored) = stored else {
        cost.map(waste).transpose()?;
        return Ok(false);
    };
    let fits = bcrypt::verify(password, stored)?;
    // 2^c + (2^c + 2^(c+1) + … + 2^(cost-1)) = 2^cost
    let own_cost = stored.parse::<bcrypt::HashParts>()?.get_cost();
    for cost in own_cost..cost.unwrap_or(0) {
        waste(cost)?;
    }
    Ok(fits)
}

async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashingError> + Send + 'static,
) -> Result<T, HashingError> {
    let _turn = HASHING
        .acquire()
        .await
        .map_err(|_| HashingError::Interrupted)?;
    spawn_blocking(work)
        .await
        .map_err(|_| HashingError::Interrupted)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text, "ann@example.org").expect("strong enough")
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_alone() {
        let stored = hash(password("correct horse battery")).await.expect("hash");
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        let verify = |text: &str, hash: &str| verify(text.to_owned(), Some(hash.to_owned()));
        assert!(
            verify("correct horse battery", &stored)
                .await
                .expect("verify")
        );
        assert!(
            !verify("correct horse batterz", &stored)
                .await
                .expect("verify")
        );
        assert!(!verify("", NO_PASSWORD).await.expect("verify"));
        assert!(!verify("!", NO_PASSWORD).await.expect("verify"));
    }

    #[test]
    fn the_dummy_costs_what_a_hash_costs() {
        let dummy = Phc::new(DUMMY).expect("well-formed");
        let params = Params::try_from(&dummy).expect("parameters");
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
        assert_eq!(dummy.hash.expect("hash").len(), 32);
    }

    /// Of the password "correct horse battery", made by bcrypt with cost 4.
    fn imported(version: &str) -> String {
        let hash = bcrypt::hash("correct horse battery", 4).expect("hash");
        hash.replacen("$2b$", version, 1)
    }

    #[tokio::test]
    async fn hashes_of_bcrypt_verify_and_are_outdated() {
        for version in ["$2a$", "$2b$", "$2y$"] {
            let stored = imported(version);
            let hash = PasswordHash::parse(&stored).expect("known");
            assert_eq!(hash.into_text(), stored);
            assert!(is_outdated(&stored));
            for cost in [None, Some(4), Some(6)] {
                let fits = async |text: &str| {
                    let verified = verify_evenly(text.to_owned(), Some(stored.clone()), cost).await;
                    verified.expect("verify")
                };
                assert!(fits("correct horse battery").await, "{version} {cost:?}");
                assert!(!fits("correct horse batterz").await, "{version} {cost:?}");
            }
        }
        assert!(
            !verify_evenly("x".to_owned(), None, Some(4))
                .await
                .expect("verify")
        );
    }

    #[tokio::test]
    async fn weaker_parameters_are_outdated_and_ours_are_not() {
        let current = hash(password("correct horse battery")).await.expect("hash");
        assert!(!is_outdated(&current));
        for (algorithm, memory, passes) in [
            (Algorithm::Argon2id, 8_192, 2),
            (Algorithm::Argon2id, MEMORY_KIB, 1),
            (Algorithm::Argon2i, MEMORY_KIB, 2),
        ] {
            let params = Params::new(memory, passes, 1, None).expect("parameters");
            let older = Argon2::new(algorithm, Version::V0x13, params)
                .hash_password(b"correct horse battery")
                .expect("hash")
                .to_string();
            assert!(is_outdated(&older), "{older}");
            let fits = verify("correct horse battery".to_owned(), Some(older.clone())).await;
            assert!(fits.expect("verify"), "{older}");
        }
    }

    #[test]
    fn hashes_of_unknown_form_or_cost_are_not_imported() {
        let dear = imported("$2b$").replacen("$04$", "$31$", 1);
        for text in [
            "",
            "!",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "$2x$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
            "$2b$04$short",
            "$argon2id$v=19$m=19456,t=2,p=1$dW5rbm93bnBlcnNvbg",
            "$argon2id$v=19$m=4194304,t=2,p=1$dW5rbm93bnBlcnNvbg$dGhpcnR5LXR3byBieXRlcyBvZiBubyBwYXNzd29yZCE",
            &dear,
        ] {
            assert!(PasswordHash::parse(text).is_err(), "{text}");
        }
        assert!(PasswordHash::parse(DUMMY).is_ok());
    }
}
