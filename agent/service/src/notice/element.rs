//! A finding as scripts read it: the element of `finding list --json`, and with it the path, which stays on this PC.

use std::cmp::Reverse;

use anyhow::Result;
use fileward_ipc::MOST;
use fileward_places::UserId;
use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::vocabulary::{FindingState, Severity};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::ledger::{Reader, Record, Transition};

/// How long an ended finding stays in a list.
pub(crate) const RECENT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The most that is told of what the company did about one finding: the last of it.
const ACTS: usize = 20;

/// A page of open and recent findings that concern `owner` (`None`: of everybody), by id, and whether more follows.
pub(crate) fn page(
    reader: &Reader<'_>,
    owner: Option<UserId>,
    device: Option<DeviceId>,
    now: Timestamp,
    after: Option<FindingId>,
) -> Result<(Vec<Value>, bool)> {
    let records = reader.page(owner, now.checked_sub(RECENT)?, after, MOST)?;
    let elements = records.iter().map(|record| {
        let id = record.finding.id;
        let mut element = element(record, &reader.history(id)?, device);
        let acts = reader.company_about(id, ACTS)?;
        element["company"] = acts.iter().map(|kept| json!(kept.act)).collect();
        Ok(element)
    });
    Ok((elements.collect::<Result<_>>()?, records.len() == MOST))
}

/// The id of an element.
pub(crate) fn id(element: &Value) -> Option<FindingId> {
    FindingId::deserialize(&element["id"]).ok()
}

/// Brings elements into the order of a list: what waits first, the worst and newest first.
pub(crate) fn sort(elements: &mut [Value]) {
    elements.sort_by_cached_key(|element| {
        let waits = FindingState::deserialize(&element["state"]).is_ok_and(FindingState::is_active);
        let severity = Severity::deserialize(&element["severity"]).ok();
        let first_seen = Timestamp::deserialize(&element["first_seen"]).ok();
        Reverse((waits, severity, first_seen))
    });
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
