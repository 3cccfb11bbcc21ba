//! The company's key and the key that signs policy: made once, kept in the data folder.

use anyhow::{Context, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fileward_protocol::ids::CompanyKey;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use crate::folder::Folder;

const COMPANY: &str = "keys/company.key";
const POLICY: &str = "keys/policy.key";

/// Reads the company's key, or makes it.
pub(crate) fn company(folder: &Folder) -> Result<CompanyKey> {
    random(folder, COMPANY).map(CompanyKey::new)
}

/// Reads a key of 32 random bytes, or makes it.
pub(crate) fn random(folder: &Folder, name: &str) -> Result<[u8; 32]> {
    if let Some(bytes) = folder.read(name)? {
        return <[u8; 32]>::try_from(bytes).map_err(|_| damaged(folder, name));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("Failed to get random bytes: {error}"))?;
    folder.write(name, &bytes)?;
    Ok(bytes)
}

/// The key that signs policy bundles.
pub(crate) struct PolicyKey(Ed25519KeyPair);

impl PolicyKey {
    /// Reads the key, or makes it.
    pub(crate) fn load(folder: &Folder) -> Result<Self> {
        let document = if let Some(bytes) = folder.read(POLICY)? {
            bytes
        } else {
            let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
                .map_err(|_| anyhow!("Failed to make the key that signs policy"))?;
            folder.write(POLICY, made.as_ref())?;
            made.as_ref().to_vec()
        };
        let pair = Ed25519KeyPair::from_pkcs8(&document).map_err(|_| damaged(folder, POLICY))?;
        Ok(Self(pair))
    }

    /// Signs, and gives the signature in base64.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.0.sign(message))
    }

    /// The public key in base64.
    pub(crate) fn public(&self) -> String {
        STANDARD.encode(self.0.public_key())
    }
}

fn damaged(folder: &Folder, name: &str) -> anyhow::Error {
    let path = folder.file(name);
    anyhow!("The key {} is damaged; restore it from a backup", path.display())
}

/// Reads a key file that must be there.
pub(crate) fn read_text(folder: &Folder, name: &str) -> Result<String> {
    let path = folder.file(name);
    let bytes = folder
        .read(name)?
        .with_context(|| format!("The key {} is missing; restore it from a backup", path.display()))?;
    String::from_utf8(bytes).map_err(|_| damaged(folder, name))
}
