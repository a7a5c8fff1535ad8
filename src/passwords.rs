//! Passwords: Argon2id, kept as PHC strings.
//!
//! Hashing is slow on purpose, so it runs beside the event loop, a few at a time, and a name that
//! does not exist costs as much as one that does.

use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Argon2, PasswordHash};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::hub::ports::Fault;
use crate::limits::{HASHING_MAX, HASHING_WAITING_MAX};

/// Those who are being hashed.
static HASHING: Semaphore = Semaphore::const_new(HASHING_MAX);
/// Those who are being hashed or wait for it.
static WAITING: Semaphore = Semaphore::const_new(HASHING_MAX + HASHING_WAITING_MAX);

/// Passwords that were compared with a hash.
static COMPARED: AtomicU64 = AtomicU64::new(0);

/// A hash of the same cost as every other, which no password has.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
                       $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Random bytes of a salt.
const SALT_BYTES: usize = 16;

/// Hashes a password into a PHC string.
///
/// # Errors
/// [`Fault::Busy`] when too many wait already.
pub async fn hash(password: String) -> Result<String, Fault> {
    let hashing = move || {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| Fault::Store(error.to_string()))?;
        let salt = SaltString::encode_b64(&salt).map_err(|error| fault(&error))?;
        let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| fault(&error))
    };
    beside(hashing).await?
}

/// Whether the password is the one that the PHC string was made of. Without a string (no such
/// account, or none with a password) it is not, after as much work.
///
/// # Errors
/// [`Fault::Busy`] when too many wait already.
pub async fn verify(hash: Option<String>, password: String) -> Result<bool, Fault> {
    beside(move || {
        let is_real = hash.is_some();
        let known = hash.as_deref().unwrap_or(NOBODYS);
        let parsed = PasswordHash::new(known).map_err(|error| fault(&error))?;
        COMPARED.fetch_add(1, Ordering::Relaxed);
        let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(is_real && is_right)
    })
    .await?
}

/// Passwords that were compared with a hash since the start, be it nobody's.
#[must_use]
pub fn compared() -> u64 {
    COMPARED.load(Ordering::Relaxed)
}

/// Runs the work beside the event loop when its turn comes.
async fn beside<A: Send + 'static>(work: impl FnOnce() -> A + Send + 'static) -> Result<A, Fault> {
    let place: SemaphorePermit<'static> = WAITING.try_acquire().map_err(|_| Fault::Busy)?;
    let turn = HASHING.acquire().await.map_err(|_| Fault::Busy)?;
    // The permits go along: whoever stops waiting for the answer does not end the work.
    let done = tokio::task::spawn_blocking(move || {
        let (_place, _turn) = (place, turn);
        work()
    });
    done.await.map_err(|error| Fault::Store(error.to_string()))
}

fn fault(error: &argon2::password_hash::Error) -> Fault {
    Fault::Store(format!("a password cannot be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};

    use super::{NOBODYS, hash, verify};

    #[tokio::test]
    async fn a_password_is_verified_against_its_own_hash() {
        let made = hash("p@ssword".into()).await.unwrap();
        assert!(made.starts_with("$argon2id$"), "{made}");
        assert_ne!(made, hash("p@ssword".into()).await.unwrap(), "salts differ");
        assert!(verify(Some(made.clone()), "p@ssword".into()).await.unwrap());
        assert!(!verify(Some(made), "p@ssworD".into()).await.unwrap());
        assert!(verify(Some("plain".into()), "plain".into()).await.is_err());
    }

    #[tokio::test]
    async fn nobody_has_a_password() {
        assert!(!verify(None, String::new()).await.unwrap());
        assert!(!verify(None, "p@ssword".into()).await.unwrap());
    }

    #[test]
    fn nobodys_hash_costs_what_every_other_costs() {
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        let (theirs, ours) = (Params::try_from(&nobodys).unwrap(), Argon2::default());
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(costs(&theirs), costs(ours.params()));
        assert_eq!(Algorithm::try_from(nobodys.algorithm).unwrap(), Algorithm::Argon2id);
        assert_eq!(nobodys.version, Some(Version::default().into()));
        assert_eq!(nobodys.hash.unwrap().len(), Params::DEFAULT_OUTPUT_LEN);
    }
}
