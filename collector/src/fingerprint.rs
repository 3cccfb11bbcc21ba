//! What the collector makes of a device's fingerprint: a name, a text to search, and what changed.

use fileward_protocol::fingerprint::{Adapter, Fingerprint};
use fileward_protocol::health::PlaceState;
use fileward_protocol::ids::KeyedHash;

use crate::store::devices::Change;

/// The most characters of one text in a fingerprint, and the most entries of one list.
const TEXT: usize = 256;
const LIST: usize = 64;

/// The fingerprint without what no real one has: control characters, endless texts and lists.
pub(crate) fn bounded(mut fingerprint: Fingerprint) -> Fingerprint {
    fingerprint.adapters.truncate(LIST);
    fingerprint.users.truncate(LIST);
    let os = &mut fingerprint.os;
    let texts = [
        &mut os.name,
        &mut os.version,
        &mut os.build,
        &mut os.kernel,
        &mut os.arch,
    ]
    .into_iter()
    .chain([&mut fingerprint.agent_version])
    .chain(fingerprint.vendor.as_mut())
    .chain(fingerprint.model.as_mut())
    .chain(fingerprint.host_name.as_mut())
    .chain(&mut fingerprint.users)
    .chain(fingerprint.adapters.iter_mut().map(|adapter| &mut adapter.mac));
    for text in texts {
        *text = text.chars().filter(|c| !c.is_control()).take(TEXT).collect();
    }
    fingerprint
}

/// What people call the device.
pub(crate) fn name(fingerprint: &Fingerprint) -> String {
    let host = fingerprint.host_name.as_deref().filter(|name| !name.is_empty());
    host.unwrap_or("?").to_owned()
}

/// The device's vendor and model, to order by.
pub(crate) fn model(fingerprint: &Fingerprint) -> String {
    let parts = [fingerprint.vendor.as_deref(), fingerprint.model.as_deref()];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

/// The system's name and version, to order by.
pub(crate) fn system(fingerprint: &Fingerprint) -> String {
    [fingerprint.os.name.as_str(), &fingerprint.os.version].join(" ")
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

/// Every field; whatever differs must show here.
fn fields(fingerprint: &Fingerprint) -> [(&'static str, String); 19] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let hash = |value: Option<KeyedHash>| value.map(|hash| hash.to_string()).unwrap_or_default();
    let adapters = |are: fn(&&Adapter) -> bool| {
        let macs: Vec<&str> = fingerprint
            .adapters
            .iter()
            .filter(are)
            .map(|Adapter { mac, .. }| mac.as_str())
            .collect();
        macs.join(", ")
    };
    let security = &fingerprint.security;
    [
        ("vendor", text(&fingerprint.vendor)),
        ("model", text(&fingerprint.model)),
        ("serial", hash(fingerprint.serial)),
        ("system_uuid", hash(fingerprint.system_uuid)),
        ("macs.built_in", adapters(|adapter| adapter.built_in)),
        ("macs.other", adapters(|adapter| !adapter.built_in)),
        ("macs.usb", adapters(|adapter| adapter.usb)),
        ("macs.virtual", adapters(|adapter| adapter.is_virtual)),
        ("security.tpm", security.tpm.to_string()),
        ("security.secure_boot", security.secure_boot.to_string()),
        ("security.system_drive", security.system_drive.to_string()),
        ("os.name", fingerprint.os.name.clone()),
        ("os.version", fingerprint.os.version.clone()),
        ("os.build", fingerprint.os.build.clone()),
        ("os.kernel", fingerprint.os.kernel.clone()),
        ("os.arch", fingerprint.os.arch.clone()),
        ("host_name", text(&fingerprint.host_name)),
        ("users", fingerprint.users.join(", ")),
        ("agent_version", fingerprint.agent_version.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use fileward_protocol::fingerprint::Tpm;

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

    #[test]
    fn what_a_newer_agent_tells_of_the_same_device_is_a_change_of_these_fields_alone() {
        let old = r#"{"serial":null,"adapters":[{"mac":"52:54:00:12:34:56","built_in":true}]}"#;
        let mut new: Fingerprint = serde_json::from_str(old).unwrap();
        let old = new.clone();
        new.adapters[0].is_virtual = true;
        new.security.tpm = Tpm::V2;
        let fields: Vec<_> = changes(&old, &new)
            .into_iter()
            .map(|change| (change.field, change.from, change.to))
            .collect();
        let change = |field: &str, from: &str, to: &str| (field.to_owned(), from.to_owned(), to.to_owned());
        assert_eq!(
            fields,
            [
                change("macs.virtual", "", "52:54:00:12:34:56"),
                change("security.tpm", "unknown", "2.0"),
            ]
        );
    }
}
