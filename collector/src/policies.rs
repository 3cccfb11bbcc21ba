//! Policy on its way to devices: the check before publishing, the signed bundle.

use fileward_policy::document;
use fileward_policy::{Policy, PolicyError};
use fileward_protocol::bundle::{Bundle, FileLimit, Registers, Signed};

use crate::keys::PolicyKey;
use crate::store::policies::BundleParts;

/// A document that cannot be published, with every reason.
#[derive(Debug, thiserror::Error)]
#[error("{}", document::explain(.file, .errors).trim_end())]
pub(crate) struct Invalid {
    file: String,
    errors: Vec<PolicyError>,
}

/// Checks a document; `file` is what it is called in errors.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn check(document: &str, file: &str) -> Result<Policy, Invalid> {
    Policy::parse(document).map_err(|errors| Invalid {
        file: file.to_owned(),
        errors,
    })
}

/// Makes and signs the bundle for one device.
pub(crate) fn sign(parts: BundleParts, key: &PolicyKey) -> serde_json::Result<Signed> {
    let limits = parts.filed.limits.iter().map(|row| FileLimit {
        account: row.pseudonym,
        bytes: row.bytes,
        until: row.until,
    });
    let registers = Registers {
        accounts: parts.filed.accounts.iter().map(|row| row.pseudonym).collect(),
        limits: limits.collect(),
        exemptions: parts.filed.exemptions,
        documents: parts.filed.documents.into_iter().map(|row| row.fingerprint).collect(),
    };
    let bundle = serde_json::to_string(&Bundle {
        serial: parts.serial,
        version: parts.policy.version,
        published_at: parts.policy.published_at,
        group: parts.group,
        document: parts.policy.document,
        registers,
    })?;
    Ok(Signed {
        signature: key.sign(bundle.as_bytes()),
        bundle,
    })
}
