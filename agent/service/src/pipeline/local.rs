//! What the uplink needs of the service.

use anyhow::{Result, anyhow};
use fileward_protocol::bundle::Bundle;
use fileward_protocol::chain::Head;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::health::Health;
use fileward_protocol::ids::LedgerId;
use fileward_protocol::report::{Decision, Request};
use serde_json::value::RawValue;

use super::{Force, Shared};
use crate::uplink::{Contact, Local};

impl Local for Shared {
    fn ledger(&self) -> LedgerId {
        self.ledger.id()
    }

    fn head(&self) -> Result<Option<Head>> {
        self.ledger.read(|reader| reader.head())
    }

    fn adopt(&self, head: Head) -> Result<()> {
        self.ledger.enter(self.now(), |entry| entry.adopt(head))?;
        Ok(())
    }

    fn rewind(&self, head: Head) -> Result<bool> {
        Ok(self.ledger.enter(self.now(), |entry| entry.rewind(head))?.0)
    }

    fn next(&self, max_reports: usize, max_bytes: usize) -> Result<Vec<Box<RawValue>>> {
        Ok(self
            .ledger
            .enter(self.now(), |entry| entry.next(max_reports, max_bytes))?
            .0)
    }

    fn tells(&self, request: &Request) -> Result<()> {
        self.ledger.enter(self.now(), |entry| entry.tells(request))?;
        Ok(())
    }

    fn acked(&self, head: Head) -> Result<()> {
        self.ledger.enter(self.now(), |entry| entry.acked(head))?;
        Ok(())
    }

    fn health(&self) -> Result<Health> {
        self.measure()
    }

    fn decisions_after(&self) -> Result<u64> {
        self.ledger.read(|reader| reader.decisions_after())
    }

    fn decided(&self, decisions: &[Decision]) -> Result<()> {
        let ((), transitions) = self.ledger.enter(self.now(), |entry| entry.decided(decisions))?;
        self.publish(&transitions, false);
        Ok(())
    }

    fn disclosures_after(&self) -> Result<u64> {
        self.ledger.read(|reader| reader.disclosures_after())
    }

    fn disclosed(&self, disclosures: &[Disclosure]) -> Result<()> {
        self.ledger.enter(self.now(), |entry| entry.disclosed(disclosures))?;
        self.bell.ring();
        Ok(())
    }

    fn policy(&self, bundle: Bundle) -> Result<()> {
        let force = Force::bundle(bundle)
            .map_err(|errors| anyhow!("{}", fileward_policy::explain("the collector's policy", &errors)))?;
        self.set_force(force)
    }

    fn contact(&self, contact: Contact) {
        self.set_contact(contact);
    }
}
