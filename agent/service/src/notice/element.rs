//! A finding as scripts read it: the element of `finding list --json`, and with it the path, which stays on this PC.

use anyhow::Result;
use fileward_protocol::ids::DeviceId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::ledger::{Reader, Record, Transition};

/// How long an ended finding stays in a list.
pub(crate) const RECENT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Open and recent findings.
pub(crate) fn recent(
    reader: &Reader<'_>,
    device: Option<DeviceId>,
    now: Timestamp,
    visible: impl Fn(&Record) -> bool,
) -> Result<Vec<Value>> {
    let records = reader.findings(now.checked_sub(RECENT)?)?;
    let visible = records.iter().filter(|record| visible(record));
    let elements = visible.map(|record| {
        let history = reader.history(record.finding.id)?;
        Ok(element(record, &history, device))
    });
    elements.collect()
}

/// A transition, as it is recorded.
pub(crate) fn transition(transition: &Transition, device: Option<DeviceId>) -> Value {
    let mut element = element(&transition.record, &transition.history, device);
    element["at"] = json!(transition.at);
    element["what"] = json!(transition.what);
    element
}

fn element(record: &Record, history: &[(Timestamp, String)], device: Option<DeviceId>) -> Value {
    let finding = &record.finding;
    let file = finding.file.as_ref().map(|file| {
        json!({
            "name": file.name,
            "kind": file.kind,
            "size": file.size,
            "encryption": file.encryption,
            "sensitivity": file.sensitivity,
            "detections": file.detections,
        })
    });
    let history: Vec<_> = history
        .iter()
        .map(|(at, what)| json!({"at": at, "what": what}))
        .collect();
    json!({
        "id": finding.id,
        "device": device,
        "state": finding.state,
        "rule": finding.rule,
        "also": finding.also,
        "severity": finding.severity,
        "place": finding.place,
        "file": file,
        "evidence": finding.evidence,
        "first_seen": finding.first_seen,
        "due": finding.due,
        "resolved": finding.ended,
        "resolution": finding.resolution,
        "history": history,
        "path": record.path.to_string_lossy(),
    })
}
