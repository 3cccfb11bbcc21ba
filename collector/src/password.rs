//! Passwords: Argon2id, and what a password must be.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// The fewest characters a password may have.
pub(crate) const SHORTEST: usize = 12;

/// A password that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPassword {
    /// Too short.
    #[error("a password needs at least {SHORTEST} characters")]
    TooShort,
    /// So long that it could only be meant to keep the collector busy.
    #[error("a password has at most 1024 bytes")]
    TooLong,
    /// The hash could not be made.
    #[error("the password could not be hashed")]
    Hash,
}

/// Checks a new password and gives its hash as a PHC string. Takes tens of milliseconds and 19 MB.
///
/// # Errors
/// If the password is not taken.
pub(crate) fn hash(password: &str) -> Result<String, BadPassword> {
    if password.chars().count() < SHORTEST {
        return Err(BadPassword::TooShort);
    }
    if password.len() > 1024 {
        return Err(BadPassword::TooLong);
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|_| BadPassword::Hash)
}

/// Whether `password` is the one that was hashed. Where there is no hash, [`NOBODY`] takes the same time, so that nobody
/// learns which names exist.
pub(crate) fn verify(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    password.len() <= 1024 && Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// The hash of a random password that nobody knows, with the parameters of [`Argon2::default`].
pub(crate) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$8FJ9zIT5xC6Nq1kYv3mXo0a2bR7dLwEuHsTgPcVjKfA";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_password_is_known_again_and_no_other() {
        let hash = hash("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("correct horse battery", &hash));
        assert!(!verify("correct horse batterz", &hash));
    }

    #[test]
    fn short_passwords_are_not_taken() {
        assert_eq!(hash("短"), Err(BadPassword::TooShort));
        assert_eq!(hash(&"x".repeat(2000)), Err(BadPassword::TooLong));
    }

    #[test]
    fn the_hash_of_nobody_takes_the_work_of_any_other() {
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(NOBODY), cost(&hash("correct horse battery").unwrap()));
        assert!(!verify("anything at all", NOBODY));
    }
}
