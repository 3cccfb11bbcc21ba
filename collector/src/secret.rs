//! Secrets handed out once: enrolment tokens, one-time links, session cookies. Only their hashes are kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A fresh secret of 256 bits. Being random, it needs no slow hash.
pub(crate) struct Secret(String);

impl Secret {
    /// Makes a new one.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("Failed to get random bytes: {error}"))?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The text to hand out.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

/// What is kept of a secret whose text somebody shows.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    blake3::derive_key("fileward 2026-11 handed-out secret", text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_again_by_the_hash_of_its_text() {
        let secret = Secret::new().unwrap();
        assert_eq!(hash(secret.text()), secret.hash());
        assert_ne!(Secret::new().unwrap().hash(), secret.hash());
    }
}
