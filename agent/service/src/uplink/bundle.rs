//! The signed policy: verified when it comes and again when it is loaded, and never an older one.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fileward_policy::document::Policy;
use fileward_protocol::bundle::{Bundle, Signed};
use ring::signature::{ED25519, UnparsedPublicKey};

use super::link::Link;
use crate::config::Proxy;
use crate::device::clock::Clock;
use crate::device::identity::Enrolment;
use crate::device::private;

const FILE: &str = "policy.json";

/// Why a bundle is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// Its signature does not fit.
    #[error("its signature is not the collector's")]
    Signature,
    /// It is not what it must be.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It is older than one that was accepted before.
    #[error("its serial number {offered} is older than {known}, which was in force before")]
    Older {
        /// Its number.
        offered: u64,
        /// The highest accepted before.
        known: u64,
    },
    /// This agent cannot read the policy document in it.
    #[error("this agent cannot read the policy document: {0}")]
    Document(String),
}

/// A bundle that was verified.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    /// The bundle.
    pub(crate) bundle: Bundle,
    /// How often its policy wants health to be sent.
    pub(crate) heartbeat: Duration,
}

/// Verifies a bundle against the policy key of the enrolment; its serial number must be `at_least` this.
///
/// # Errors
/// Why it is not taken.
pub(crate) fn open(signed: &Signed, policy_key: &str, at_least: u64) -> Result<Accepted, Refused> {
    let key = STANDARD.decode(policy_key).map_err(|_| Refused::Signature)?;
    let signature = STANDARD.decode(&signed.signature).map_err(|_| Refused::Signature)?;
    UnparsedPublicKey::new(&ED25519, key)
        .verify(signed.bundle.as_bytes(), &signature)
        .map_err(|_| Refused::Signature)?;
    let bundle: Bundle =
        serde_json::from_str(&signed.bundle).map_err(|error| Refused::Unreadable(error.to_string()))?;
    if bundle.serial < at_least {
        return Err(Refused::Older {
            offered: bundle.serial,
            known: at_least,
        });
    }
    let policy = Policy::parse_published(&bundle.document).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Refused::Document(errors.join("; "))
    })?;
    let heartbeat = policy.effective(bundle.group.as_deref()).report.heartbeat;
    Ok(Accepted { bundle, heartbeat })
}

/// Keeps a bundle as it came.
pub(crate) fn store(data_dir: &Path, signed: &Signed) -> io::Result<()> {
    private::write(&data_dir.join(FILE), &serde_json::to_vec(signed)?)
}

/// Fetches the first bundle, so that a new device judges by its company's policy from its first moment.
///
/// # Errors
/// A sentence. The first contact of the service fetches it all the same.
pub(crate) async fn fetch_first(
    data_dir: &Path,
    enrolment: Enrolment,
    clock: Arc<Clock>,
    proxy: Option<Proxy>,
) -> Result<Bundle, String> {
    let sentence = |error: &dyn std::error::Error| error.to_string();
    let mut link = Link::new(enrolment, clock, proxy).map_err(|error| sentence(&error))?;
    let reply = link.get("/v1/policy", None).await.map_err(|error| sentence(&error))?;
    let signed: Signed = reply.read().map_err(|error| sentence(&error))?;
    let known = link.enrolment().bundle_serial();
    let accepted = open(&signed, link.enrolment().policy_key(), known).map_err(|error| sentence(&error))?;
    store(data_dir, &signed).map_err(|error| sentence(&error))?;
    link.keep_bundle_serial(accepted.bundle.serial)
        .map_err(|error| sentence(&error))?;
    Ok(accepted.bundle)
}

/// Removes the bundle that was kept.
pub(crate) fn remove(data_dir: &Path) -> io::Result<()> {
    match fs::remove_file(data_dir.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Loads the bundle that was kept, and verifies it again; `None` where there is none.
///
/// # Errors
/// Why the kept one is not taken. The next contact fetches it anew.
pub(crate) fn load(data_dir: &Path, policy_key: &str, at_least: u64) -> Result<Option<Accepted>, Refused> {
    let text = match fs::read(data_dir.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Refused::Unreadable(error.to_string())),
    };
    let signed = serde_json::from_slice(&text).map_err(|error| Refused::Unreadable(error.to_string()))?;
    open(&signed, policy_key, at_least).map(Some)
}
