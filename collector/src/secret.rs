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

/// What people type is made of these 32: nothing that looks like something else.
const TYPED: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const GROUPS: usize = 5;
const GROUP: usize = 4;

/// A fresh secret of 100 bits for people to type, such as `7KQF-2MWX-…`.
///
/// # Errors
/// If the system has no randomness.
pub(crate) fn typed() -> anyhow::Result<String> {
    let mut bytes = [0; GROUPS * GROUP];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("Failed to get random bytes: {error}"))?;
    let groups = bytes.chunks_exact(GROUP).map(|group| {
        let letters = group.iter().map(|byte| char::from(TYPED[usize::from(byte % 32)]));
        letters.collect::<String>()
    });
    Ok(groups.collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_to_type_is_five_groups_and_never_the_same() {
        let secret = typed().unwrap();
        assert_eq!(secret.split('-').map(str::len).collect::<Vec<_>>(), [GROUP; GROUPS]);
        assert!(secret.bytes().all(|byte| byte == b'-' || TYPED.contains(&byte)));
        assert_ne!(typed().unwrap(), secret);
    }

    #[test]
    fn a_secret_is_found_again_by_the_hash_of_its_text() {
        let secret = Secret::new().unwrap();
        assert_eq!(hash(secret.text()), secret.hash());
        assert_ne!(Secret::new().unwrap().hash(), secret.hash());
    }
}
