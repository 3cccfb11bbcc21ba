//! What the collector makes of a device's fingerprint: a name, a text to search, and what changed.

use fileward_protocol::fingerprint::{Adapter, Fingerprint};
use fileward_protocol::health::PlaceState;

use crate::store::devices::Change;

/// What people call the device.
pub(crate) fn name(fingerprint: &Fingerprint) -> String {
    let host = fingerprint.host_name.as_deref().filter(|name| !name.is_empty());
    host.unwrap_or("?").to_owned()
}

/// What a search looks through, in lower case.
pub(crate) fn search_text(fingerprint: &Fingerprint) -> String {
    let mut words: Vec<&str> = Vec::new();
    words.extend(fingerprint.host_name.as_deref());
    words.extend(fingerprint.vendor.as_deref());
    words.extend(fingerprint.model.as_deref());
    words.extend(fingerprint.users.iter().map(String::as_str));
    words.extend(fingerprint.adapters.iter().map(|adapter| adapter.mac.as_str()));
    words.join("\n").to_lowercase()
}

/// The word of a place's state, without its reason.
pub(crate) const fn state_word(state: PlaceState) -> &'static str {
    match state {
        PlaceState::Ok => "ok",
        PlaceState::Degraded(_) => "degraded",
        PlaceState::Unavailable(_) => "unavailable",
    }
}

/// What differs between two fingerprints, field by field.
pub(crate) fn changes(old: &Fingerprint, new: &Fingerprint) -> Vec<Change> {
    let (old, new) = (fields(old), fields(new));
    old.into_iter()
        .zip(new)
        .filter(|((_, from), (_, to))| from != to)
        .map(|((field, from), (_, to))| Change {
            field: field.to_owned(),
            from,
            to,
        })
        .collect()
}

fn fields(fingerprint: &Fingerprint) -> [(&'static str, String); 12] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let adapters = |built_in| {
        let macs: Vec<&str> = fingerprint
            .adapters
            .iter()
            .filter(|adapter| adapter.built_in == built_in)
            .map(|Adapter { mac, .. }| mac.as_str())
            .collect();
        macs.join(", ")
    };
    [
        ("vendor", text(&fingerprint.vendor)),
        ("model", text(&fingerprint.model)),
        (
            "serial",
            fingerprint.serial.map(|hash| hash.to_string()).unwrap_or_default(),
        ),
        ("macs.built_in", adapters(true)),
        ("macs.other", adapters(false)),
        ("os.name", fingerprint.os.name.clone()),
        ("os.version", fingerprint.os.version.clone()),
        ("os.build", fingerprint.os.build.clone()),
        ("os.kernel", fingerprint.os.kernel.clone()),
        ("host_name", text(&fingerprint.host_name)),
        ("users", fingerprint.users.join(", ")),
        ("agent_version", fingerprint.agent_version.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_its_field_and_both_values() {
        let old = Fingerprint {
            model: Some("ThinkPad".to_owned()),
            ..Fingerprint::default()
        };
        let mut new = old.clone();
        new.os.version = "13".to_owned();
        let change = Change {
            field: "os.version".to_owned(),
            from: String::new(),
            to: "13".to_owned(),
        };
        assert_eq!(changes(&old, &new), [change]);
        assert!(changes(&old, &old).is_empty());
    }
}
