//! The company's decisions about findings. One about a finding that is not known waits until it is: a new ledger is
//! told every decision before it has looked at a single file.

use anyhow::Result;
use fileward_protocol::ids::FindingId;
use fileward_protocol::report::{Decided, Decision};
use rusqlite::{OptionalExtension as _, params};

use super::columns::Word;
use super::transition::Input;
use super::{Entry, meta};

impl Entry<'_> {
    /// Applies the company's decisions that are not applied yet.
    pub(crate) fn decided(&mut self, decisions: &[Decision]) -> Result<()> {
        let mut last = self.reader().decisions_after()?;
        for decision in decisions.iter().filter(|decision| decision.id > last) {
            let what = decision.what;
            let before = self.transitions.len();
            match self.reader().finding(decision.finding)? {
                Some(record) => {
                    let charge = record.charge();
                    self.happened(record, |_| Input::Decided { what, charge: &charge })?;
                }
                None => self.decide_later(decision.finding, what)?,
            }
            self.keep_decision(decision, self.transitions.len() > before)?;
        }
        last = decisions.iter().map(|decision| decision.id).fold(last, u64::max);
        self.set_meta(meta::key::DECISIONS, &last.to_string())
    }

    fn decide_later(&self, finding: FindingId, what: Decided) -> Result<()> {
        self.database.execute(
            "INSERT INTO decisions VALUES (?1, ?2) ON CONFLICT DO UPDATE SET what = ?2",
            params![finding.0.as_bytes(), what.as_str()],
        )?;
        Ok(())
    }

    /// Takes what was decided about a finding before it was known.
    pub(super) fn decided_before(&self, finding: FindingId) -> Result<Option<Decided>> {
        let mut take = self
            .database
            .prepare_cached("DELETE FROM decisions WHERE finding = ?1 RETURNING what")?;
        let what = take.query_row([finding.0.as_bytes()], |row| row.get::<_, Word<_>>(0));
        Ok(what.optional()?.map(|what| what.0))
    }
}

#[cfg(test)]
mod tests {
    use fileward_protocol::chain::Head;
    use fileward_protocol::report::Body;
    use fileward_protocol::vocabulary::FindingState;

    use super::super::testing::{begun, enter, file_id, offence, open, reports};
    use super::super::{DATABASE, Ledger};
    use super::*;

    fn finding_of(ledger: &Ledger, inode: u64) -> super::super::Record {
        ledger
            .read(|reader| reader.finding_of(file_id(inode)))
            .unwrap()
            .unwrap()
    }

    fn decide(id: u64, finding: FindingId, what: Decided) -> Decision {
        Decision {
            id,
            finding,
            what,
            reason: "Because.".into(),
            at: None,
            role: None,
        }
    }

    #[test]
    fn a_rebuilt_ledger_exempts_again_what_was_exempted_and_opens_what_was_reopened() {
        let folder = tempfile::tempdir().unwrap();
        let ids: Vec<_> = {
            let ledger = begun(folder.path());
            let offends = |inode| enter(&ledger, 1, |entry| entry.offends(&offence(inode, 0)).unwrap());
            (1..=3).for_each(offends);
            (1..=3).map(|inode| finding_of(&ledger, inode).finding.id).collect()
        };
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("{DATABASE}{suffix}")));
        }
        let ledger = open(folder.path());
        let decisions = [
            decide(1, ids[0], Decided::Exempted),
            decide(2, ids[1], Decided::Exempted),
            decide(3, ids[1], Decided::Reopened),
        ];
        enter(&ledger, 2, |entry| {
            entry.adopt(Head { seq: 9, ..Head::START }).unwrap();
            entry.decided(&decisions).unwrap();
        });
        assert_eq!(ledger.read(|reader| reader.decisions_after()).unwrap(), 3);
        for second in [3, 4] {
            for inode in 1..=3 {
                enter(&ledger, second, |entry| entry.offends(&offence(inode, 0)).unwrap());
            }
        }
        assert_eq!(finding_of(&ledger, 1).finding.id, ids[0]);
        let told: Vec<_> = reports(&ledger)
            .into_iter()
            .filter_map(|report| match report.body {
                Body::Finding(finding) => Some((finding.id, finding.state, finding.before.len())),
                _ => None,
            })
            .collect();
        let expected = [
            (ids[0], FindingState::Exempted, 0),
            (ids[1], FindingState::Open, 0),
            (ids[2], FindingState::Open, 0),
        ];
        assert_eq!(told, expected);
        let owner = offence(1, 0).owner.unwrap();
        let (unseen, _) = ledger.read(|reader| reader.to_notify(owner, 10)).unwrap();
        assert_eq!(unseen.len(), 2, "nobody is bothered with what is exempted");
    }

    #[test]
    fn decisions_are_applied_once() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        enter(&ledger, 1, |entry| entry.offends(&offence(1, 0)).unwrap());
        let finding = ledger
            .read(|reader| reader.finding_of(file_id(1)))
            .unwrap()
            .unwrap()
            .finding
            .id;
        let decide = |id, what| Decision {
            id,
            finding,
            what,
            reason: "Because.".into(),
            at: None,
            role: None,
        };
        let both = [decide(1, Decided::Exempted), decide(2, Decided::Reopened)];
        enter(&ledger, 2, |entry| entry.decided(&both[..1]).unwrap());
        enter(&ledger, 3, |entry| entry.decided(&both).unwrap());
        enter(&ledger, 4, |entry| entry.decided(&both).unwrap());
        let (state, history) = ledger
            .read(|reader| {
                Ok((
                    reader.finding(finding)?.unwrap().finding.state,
                    reader.history(finding)?,
                ))
            })
            .unwrap();
        assert_eq!(state, FindingState::Open);
        let words: Vec<_> = history.iter().map(|(_, what)| what.as_str()).collect();
        assert_eq!(words, ["open", "exempted", "open"]);
        assert_eq!(ledger.read(|reader| reader.decisions_after()).unwrap(), 2);
    }
}
