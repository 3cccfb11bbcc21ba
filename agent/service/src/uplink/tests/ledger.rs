//! A ledger in memory: what the uplink may rely on, and a record of what it did.

use std::sync::{Mutex, MutexGuard};

use fileward_protocol::bundle::Bundle;
use fileward_protocol::chain::Head;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::health::Health;
use fileward_protocol::ids::LedgerId;
use fileward_protocol::report::{Decision, Request};
use serde_json::json;
use serde_json::value::RawValue;

use crate::uplink::{Contact, Local};

pub(super) struct Ledger {
    id: LedgerId,
    inside: Mutex<Inside>,
}

#[derive(Default)]
pub(super) struct Inside {
    pub(super) head: Option<Head>,
    /// Numbered reports with the head after each; those up to `head` are confirmed.
    pub(super) journal: Vec<Numbered>,
    /// What has no number yet.
    pub(super) waiting: Vec<&'static str>,
    pub(super) reaches_back: bool,
    pub(super) adopted: Vec<Head>,
    pub(super) policies: Vec<Bundle>,
    pub(super) decisions: Vec<Decision>,
    pub(super) disclosures: Vec<Disclosure>,
    pub(super) contacts: Vec<Contact>,
    /// Fingerprints and healths, as JSON.
    pub(super) told: Vec<String>,
    pub(super) broken: bool,
}

pub(super) struct Numbered {
    head: Head,
    what: &'static str,
    report: String,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let inside = Inside {
            head: Some(Head::START),
            reaches_back: true,
            ..Inside::default()
        };
        Self {
            id: LedgerId::new(),
            inside: Mutex::new(inside),
        }
    }

    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    pub(super) fn record(&self, what: &'static str) {
        self.inside().waiting.push(what);
    }

    pub(super) fn last_contact(&self) -> Option<Contact> {
        self.inside().contacts.last().cloned()
    }

    /// Every numbered report, byte for byte.
    pub(super) fn numbered(&self) -> Vec<String> {
        self.inside().journal.iter().map(|one| one.report.clone()).collect()
    }

    /// Whether everything recorded is confirmed.
    pub(super) fn is_done(&self) -> bool {
        let inside = self.inside();
        inside.waiting.is_empty() && inside.head.is_some() && inside.unconfirmed().count() == 0
    }
}

impl Inside {
    fn unconfirmed(&self) -> impl Iterator<Item = &Numbered> {
        let confirmed = self.head.map_or(0, |head| head.seq);
        self.journal.iter().filter(move |one| one.head.seq > confirmed)
    }
}

impl Local for Ledger {
    fn ledger(&self) -> LedgerId {
        self.id
    }

    fn head(&self) -> anyhow::Result<Option<Head>> {
        anyhow::ensure!(!self.inside().broken, "the disk is full");
        Ok(self.inside().head)
    }

    fn adopt(&self, head: Head) -> anyhow::Result<()> {
        let mut inside = self.inside();
        let mut waiting: Vec<_> = inside.unconfirmed().map(|one| one.what).collect();
        waiting.append(&mut inside.waiting);
        inside.waiting = waiting;
        inside.head = Some(head);
        inside.journal.retain(|one| one.head.seq <= head.seq);
        inside.adopted.push(head);
        Ok(())
    }

    fn rewind(&self, head: Head) -> anyhow::Result<bool> {
        let mut inside = self.inside();
        let known = head == Head::START || inside.journal.iter().any(|one| one.head == head);
        if inside.reaches_back && known {
            inside.head = Some(head);
        }
        Ok(inside.reaches_back && known)
    }

    fn next(&self, max_reports: usize, max_bytes: usize) -> anyhow::Result<Vec<Box<RawValue>>> {
        let mut inside = self.inside();
        for what in std::mem::take(&mut inside.waiting) {
            let confirmed = inside.head.unwrap();
            let last = inside.unconfirmed().last().map_or(confirmed, |one| one.head);
            let report = json!({"seq": last.seq + 1, "what": what}).to_string();
            inside.journal.push(Numbered {
                head: last.after(report.as_bytes()),
                what,
                report,
            });
        }
        let mut bytes = 0;
        let reports = inside
            .unconfirmed()
            .map(|one| one.report.clone())
            .take(max_reports)
            .take_while(|report| {
                bytes += report.len();
                bytes <= max_bytes
            });
        Ok(reports.map(|report| RawValue::from_string(report).unwrap()).collect())
    }

    fn tells(&self, request: &Request) -> anyhow::Result<()> {
        let fingerprint = request.fingerprint.as_ref().map(serde_json::to_string);
        let health = request.health.as_ref().map(serde_json::to_string);
        for json in [fingerprint, health].into_iter().flatten() {
            self.inside().told.push(json?);
        }
        Ok(())
    }

    fn acked(&self, head: Head) -> anyhow::Result<()> {
        self.inside().head = Some(head);
        Ok(())
    }

    fn health(&self) -> anyhow::Result<Health> {
        let inside = self.inside();
        Ok(Health {
            policy_version: 0,
            queue_waiting: (inside.waiting.len() + inside.unconfirmed().count()) as u64,
            queue_bytes: 0,
            noticed: 0,
            uninspectable: 0,
            unknown_detectors: Vec::new(),
            clock_offset_ms: 0,
            started_at: "2026-11-21T08:00:00Z".parse().unwrap(),
            swept: true,
            places: Vec::new(),
        })
    }

    fn decisions_after(&self) -> anyhow::Result<u64> {
        Ok(self.inside().decisions.last().map_or(0, |decision| decision.id))
    }

    fn decided(&self, decisions: &[Decision]) -> anyhow::Result<()> {
        self.inside().decisions.extend_from_slice(decisions);
        Ok(())
    }

    fn disclosures_after(&self) -> anyhow::Result<u64> {
        Ok(self.inside().disclosures.last().map_or(0, |told| told.id))
    }

    fn disclosed(&self, disclosures: &[Disclosure]) -> anyhow::Result<()> {
        self.inside().disclosures.extend_from_slice(disclosures);
        Ok(())
    }

    fn policy(&self, bundle: Bundle) -> anyhow::Result<()> {
        self.inside().policies.push(bundle);
        Ok(())
    }

    fn contact(&self, contact: Contact) {
        self.inside().contacts.push(contact);
    }
}
