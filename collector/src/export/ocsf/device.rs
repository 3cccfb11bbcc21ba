//! A device as Device Inventory Info (5001).

use fileward_protocol::fingerprint::{Adapter, Fingerprint, Os};
use fileward_protocol::vocabulary::Binding;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Class, Numbered, OTHER, base};
use crate::store::devices::DeviceRow;

const CLASS: Class = Class {
    uid: 5001,
    name: "Device Inventory Info",
    category: Numbered(5, "Discovery"),
};

const COLLECT: Numbered = Numbered(2, "Collect");
const INFORMATIONAL: Numbered = Numbered(1, "Informational");

/// The device as it is `now`: what is told of itself is as last heard.
pub(crate) fn event(row: &DeviceRow, now: Timestamp) -> Value {
    let uid = format!("{}/{}", row.id, now.as_microsecond());
    let more = json!({
        "time": now.as_millisecond(),
        "message": format!("{} is {}", row.name, row.binding),
        "device": device(row),
        "unmapped": unmapped(row),
    });
    super::event(base(&CLASS, COLLECT, INFORMATIONAL, &uid), more)
}

fn device(row: &DeviceRow) -> Value {
    let seen = &row.fingerprint;
    json!({
        "uid": row.id,
        "name": row.name,
        "hostname": seen.host_name,
        "type_id": 0,
        "type": "Unknown",
        "vendor_name": seen.vendor,
        "model": seen.model,
        "groups": [{ "name": row.group }],
        "is_managed": row.binding == Binding::Bound,
        "owner": { "name": seen.users.first() },
        "os": os(&seen.os),
        "hw_info": hardware(seen),
        "network_interfaces": seen.adapters.iter().map(interface).collect::<Vec<_>>(),
        "agent_list": [agent(row)],
        "created_time": row.enrolled_at.as_millisecond(),
        "first_seen_time": row.enrolled_at.as_millisecond(),
        "last_seen_time": row.last_seen.as_millisecond(),
    })
}

fn agent(row: &DeviceRow) -> Value {
    let policy = row.health.as_ref().map(|health| health.policy_version);
    json!({
        "name": "Fileward",
        "vendor_name": "Fileward",
        "version": row.fingerprint.agent_version,
        "type_id": 2,
        "type": "Data Loss Prevention",
        "policies": policy.map(|version| [json!({ "name": "Fileward policy", "version": version.to_string() })]),
    })
}

/// `None` while the device has not told it.
fn os(os: &Os) -> Option<Value> {
    // On Linux the name is the distribution's own.
    let kind = match os.name.as_str() {
        "" => return None,
        name if name.starts_with("Windows") => Numbered(100, "Windows"),
        name if name.starts_with("macOS") => Numbered(300, "macOS"),
        _ => Numbered(200, "Linux"),
    };
    Some(json!({
        "name": os.name,
        "type_id": kind.0,
        "type": kind.1,
        "version": os.version,
        "build": os.build,
        "kernel_release": os.kernel,
    }))
}

fn hardware(seen: &Fingerprint) -> Value {
    let kind = match seen.os.arch.as_str() {
        "x86_64" | "x86" | "i686" => Some(Numbered(1, "x86")),
        "aarch64" | "arm" => Some(Numbered(2, "ARM")),
        "" => None,
        other => return json!({ "cpu_architecture_id": OTHER, "cpu_architecture": other }),
    };
    json!({
        "cpu_architecture_id": kind.map(|kind| kind.0),
        "cpu_architecture": kind.map(|kind| kind.1),
        "cpu_bits": kind.map(|_| if seen.os.arch.contains("64") { 64 } else { 32 }),
    })
}

fn interface(adapter: &Adapter) -> Value {
    json!({ "mac": adapter.mac, "type_id": 0, "type": "Unknown" })
}

/// What the schema has no place for; the serial number and the system's UUID among it, which are only known by their hashes.
fn unmapped(row: &DeviceRow) -> Value {
    let seen = &row.fingerprint;
    json!({
        "binding": row.binding,
        "serial_hash": seen.serial,
        "system_uuid_hash": seen.system_uuid,
        "security": seen.security,
        "users": seen.users,
        "places": row.health.as_ref().map(|health| &health.places),
        "open_findings": row.open_findings,
        "clone_suspected": row.clone_suspected_at.map(Timestamp::as_millisecond),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, device_row};

    #[test]
    fn a_device_is_told_with_what_it_told() {
        let event = event(&device_row(), at(0));
        assert_eq!(
            (&event["type_uid"], &event["time"]),
            (&json!(500_102), &json!(1_790_000_000_000_u64))
        );
        let device = &event["device"];
        assert_eq!(
            (&device["name"], &device["os"]["type_id"]),
            (&json!("PC-7"), &json!(200))
        );
        assert_eq!(device["network_interfaces"][0]["mac"], "02:00:00:00:00:01");
        assert_eq!(device["agent_list"][0]["policies"][0]["version"], "3");
        assert_eq!(event["unmapped"]["serial_hash"], "ab".repeat(32));
        assert_eq!(event["unmapped"]["places"][0]["why"], "watch_limit");
    }

    #[test]
    fn a_device_that_waits_for_approval_is_not_managed() {
        let mut row = device_row();
        row.binding = Binding::Pending;
        row.health = None;
        let event = event(&row, at(0));
        assert_eq!(
            (&event["device"]["is_managed"], &event["unmapped"]["binding"]),
            (&json!(false), &json!("pending"))
        );
    }

    #[test]
    fn an_operating_system_is_named_by_its_kind() {
        for (name, kind) in [
            ("Windows 11 Pro", 100),
            ("Debian GNU/Linux", 200),
            ("UOS", 200),
            ("macOS", 300),
        ] {
            let named = Os {
                name: name.to_owned(),
                ..Os::default()
            };
            assert_eq!(os(&named).unwrap()["type_id"], kind, "{name}");
        }
        assert_eq!(os(&Os::default()), None);
    }
}
