//! The key of what the database keeps and its backup alone must not give away. It lies in the data folder.

use anyhow::{Result, anyhow};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::folder::Folder;
use crate::keys;

/// The key.
pub(crate) struct SealKey([u8; 32]);

impl SealKey {
    /// Reads the key, or makes it.
    pub(crate) fn load(folder: &Folder) -> Result<Self> {
        keys::random(folder, "keys/console.key").map(Self)
    }

    /// Seals a secret for one use and owner; only the same `purpose` opens it.
    pub(crate) fn seal(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|error| anyhow!("Failed to get random bytes: {error}"))?;
        let mut sealed = secret.to_vec();
        self.key()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| anyhow!("Failed to seal a secret"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for this purpose with this key; none if it was not.
    pub(crate) fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut opened = sealed.to_vec();
        let length = self
            .key()
            .ok()?
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut opened)
            .ok()?
            .len();
        opened.truncate(length);
        Some(opened)
    }

    /// A mark on a text that only this key makes.
    pub(crate) fn mark(&self, purpose: &str, text: &str) -> blake3::Hash {
        blake3::keyed_hash(&blake3::derive_key(purpose, &self.0), text.as_bytes())
    }

    fn key(&self) -> Result<LessSafeKey> {
        let bytes = blake3::derive_key("fileward 2026-11 sealed secrets", &self.0);
        UnboundKey::new(&CHACHA20_POLY1305, &bytes)
            .map(LessSafeKey::new)
            .map_err(|_| anyhow!("Failed to use the key of sealed secrets"))
    }
}

#[cfg(test)]
impl SealKey {
    /// A key for tests.
    pub(crate) const fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_purpose_open_what_was_sealed_and_only_whole() {
        let key = SealKey::of([1; 32]);
        let sealed = key.seal("code of 1", b"secret").unwrap();
        assert_eq!(key.open("code of 1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(key.open("code of 2", &sealed), None);
        assert_eq!(SealKey::of([2; 32]).open("code of 1", &sealed), None);
        assert_ne!(key.seal("code of 1", b"secret").unwrap(), sealed);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open("code of 1", &changed), None, "byte {at}");
            assert_eq!(key.open("code of 1", &sealed[..at]), None, "cut at {at}");
        }
    }
}
