//! Policy on its way to devices: the signed bundle.

use fileward_protocol::bundle::{Bundle, FileLimit, Registers, Signed};

use crate::keys::PolicyKey;
use crate::store::policies::BundleParts;

/// Makes and signs the bundle for one device.
pub(crate) fn sign(parts: BundleParts, key: &PolicyKey) -> serde_json::Result<Signed> {
    let mut registers = Registers::default();
    registers.accounts = parts.filed.accounts.iter().map(|row| row.pseudonym).collect();
    registers.limits = parts
        .filed
        .limits
        .iter()
        .map(|row| FileLimit {
            account: row.pseudonym,
            bytes: row.bytes,
            until: row.until,
        })
        .collect();
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
