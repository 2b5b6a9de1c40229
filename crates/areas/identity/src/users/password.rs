//! Argon2id with the parameters that OWASP gives as a minimum: 19 MiB, two passes, one lane. Hashing
//! takes some 50 ms of a core, so it runs on the blocking threads and few at a time.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::Password;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Stored for people without a password; no password fits.
pub(crate) const NO_PASSWORD: &str = "!";

/// Verified in place of a hash that is not there, so that unknown people cost the same time. Salt and
/// hash are arbitrary bytes.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$dW5rbm93bnBlcnNvbg$dGhpcnR5LXR3byBieXRlcyBvZiBubyBwYXNzd29yZCE";

static HASHING: Semaphore = Semaphore::const_new(4);

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
    /// The thread ended before the work.
    #[error("password hashing was interrupted")]
    Interrupted,
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

/// Whether a password fits a stored hash. Takes the same time when there is none.
pub(crate) async fn verify(password: String, stored: Option<String>) -> Result<bool, HashingError> {
    in_turn(move || {
        let stored = stored.filter(|hash| hash != NO_PASSWORD);
        let is_real = stored.is_some();
        let hash = PasswordHash::new(stored.as_deref().unwrap_or(DUMMY))?;
        let fits = argon2id()?
            .verify_password(password.as_bytes(), &hash)
            .is_ok();
        Ok(fits && is_real)
    })
    .await
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
        let dummy = PasswordHash::new(DUMMY).expect("well-formed");
        let params = Params::try_from(&dummy).expect("parameters");
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
        assert_eq!(dummy.hash.expect("hash").len(), 32);
    }
}
