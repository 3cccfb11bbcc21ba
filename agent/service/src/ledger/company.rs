//! What the company did about this PC's records, kept for its users to see: who looked, and what came of it.

use anyhow::Result;
use fileward_places::UserId;
use fileward_protocol::disclosure::{Disclosed, Disclosure, OpenWord};
use fileward_protocol::ids::FindingId;
use fileward_protocol::report::{Decided, Decision};
use fileward_protocol::vocabulary::FindingState;
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::columns::{self, Time, User, count, read_count};
use super::{Entry, Reader, Record, meta};

/// The most characters of a text that are kept.
const TEXT_LIMIT: usize = 500;

const DECISION: &str = "decision";
const DISCLOSURE: &str = "disclosure";

/// Something the company did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CompanyAct {
    /// Grows with each that this PC hears of.
    pub(crate) id: u64,
    /// What it was.
    pub(crate) act: Disclosure,
}

impl Reader<'_> {
    /// The last disclosure kept.
    pub(crate) fn disclosures_after(&self) -> Result<u64> {
        let text = self.meta(meta::key::DISCLOSURES)?;
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// A page of what the company did, in the order in which this PC heard of it, after an id.
    pub(crate) fn company(&self, after: u64, limit: u32) -> Result<Vec<CompanyAct>> {
        self.acts("id > ?1 ORDER BY id LIMIT ?2", params![count(after), limit])
    }

    /// What the company did about a finding, oldest first; the last `most` of it.
    pub(crate) fn company_about(&self, finding: FindingId, most: usize) -> Result<Vec<CompanyAct>> {
        let mut acts = self.acts(
            "finding = ?1 ORDER BY id DESC LIMIT ?2",
            params![finding.0.as_bytes(), count(most as u64)],
        )?;
        acts.reverse();
        Ok(acts)
    }

    /// The company's decision by which a finding stands as it does.
    pub(crate) fn decision_about(&self, record: &Record) -> Result<Option<Disclosure>> {
        let sql = "SELECT id, act FROM company WHERE finding = ?1 AND stream = ?2 ORDER BY id DESC LIMIT 1";
        let id = record.finding.id;
        let raw = self
            .database
            .prepare_cached(sql)?
            .query_row(params![id.0.as_bytes(), DECISION], raw)
            .optional()?;
        let last = raw.map(read).transpose()?;
        let stands = |act: &Disclosure| match act.what.known() {
            Some(Disclosed::Exempted) => record.finding.state == FindingState::Exempted,
            Some(Disclosed::Reopened) => record.finding.state.is_active(),
            _ => false,
        };
        Ok(last.map(|last| last.act).filter(stands))
    }

    /// At most `most` of what concerns findings of this user and they were not told of.
    pub(crate) fn company_to_notify(&self, owner: UserId, most: usize) -> Result<Vec<CompanyAct>> {
        self.acts(
            "notify = 1 AND finding IN (SELECT id FROM findings WHERE owner = ?1) ORDER BY id LIMIT ?2",
            params![User(owner), count(most as u64)],
        )
    }

    fn acts(&self, condition: &str, params: impl rusqlite::Params) -> Result<Vec<CompanyAct>> {
        let sql = format!("SELECT id, act FROM company WHERE {condition}");
        let mut query = self.database.prepare_cached(&sql)?;
        let rows = query.query_map(params, raw)?;
        rows.map(|row| read(row?)).collect()
    }
}

fn raw(row: &Row<'_>) -> rusqlite::Result<(i64, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn read((id, act): (i64, String)) -> Result<CompanyAct> {
    Ok(CompanyAct {
        id: read_count(id),
        act: columns::read_json(&act)?,
    })
}

impl Entry<'_> {
    /// Keeps what the company did and is not kept yet.
    pub(crate) fn disclosed(&self, disclosures: &[Disclosure]) -> Result<()> {
        let mut last = self.reader().disclosures_after()?;
        for told in disclosures.iter().filter(|told| told.id > last) {
            // A look is in the list alone: nobody is to be disturbed by it.
            let notify = told.what.known() == Some(&Disclosed::Escalated);
            self.keep_act(DISCLOSURE, told, notify)?;
        }
        last = disclosures.iter().map(|told| told.id).fold(last, u64::max);
        self.set_meta(meta::key::DISCLOSURES, &last.to_string())
    }

    /// Keeps a decision beside the disclosures. `moved`: whether the finding is another one by it.
    pub(super) fn keep_decision(&self, decision: &Decision, moved: bool) -> Result<()> {
        let what = match decision.what {
            Decided::Exempted => Disclosed::Exempted,
            Decided::Reopened => Disclosed::Reopened,
        };
        let act = Disclosure {
            id: decision.id,
            at: decision.at.unwrap_or(self.now),
            what: OpenWord::Known(what),
            role: decision.role.clone(),
            finding: Some(decision.finding),
            purpose: None,
            text: Some(decision.reason.clone()),
            step: None,
            count: None,
        };
        // What is open again has a notice of its own.
        self.keep_act(DECISION, &act, moved && decision.what == Decided::Exempted)
    }

    fn keep_act(&self, stream: &str, act: &Disclosure, notify: bool) -> Result<()> {
        let mut act = act.clone();
        act.text = act.text.as_deref().map(cut);
        if let Some(step) = &mut act.step {
            (step.zh_cn, step.en) = (cut(&step.zh_cn), cut(&step.en));
        }
        let owned = match act.finding {
            Some(finding) => self
                .reader()
                .finding(finding)?
                .is_some_and(|record| record.owner.is_some()),
            None => false,
        };
        self.database
            .prepare_cached(
                "INSERT OR IGNORE INTO company (stream, number, at, finding, notify, act) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                stream,
                count(act.id),
                Time(act.at),
                act.finding.map(|finding| finding.0.as_bytes().to_vec()),
                notify && owned,
                columns::json(&act)?
            ])?;
        Ok(())
    }

    /// Notes that this user has been told of everything about their findings.
    pub(crate) fn company_notified(&self, owner: UserId) -> Result<()> {
        let sql = "UPDATE company SET notify = 0 \
                   WHERE notify = 1 AND finding IN (SELECT id FROM findings WHERE owner = ?1)";
        self.database.prepare_cached(sql)?.execute([User(owner)])?;
        Ok(())
    }

    /// Forgets some of what the company did before `before`; says how much.
    pub(super) fn prune_company(&self, before: Timestamp) -> Result<usize> {
        let sql = "DELETE FROM company WHERE id IN (SELECT id FROM company WHERE at < ?1 ORDER BY id LIMIT 200)";
        Ok(self.database.execute(sql, [Time(before)])?)
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, begun, enter, file_id, offence};
    use super::super::{Answer, Ledger};
    use super::*;

    const ALICE: u32 = 1000;

    fn opened(ledger: &Ledger, inode: u64) -> FindingId {
        enter(ledger, 1, |entry| entry.offends(&offence(inode, 0)).unwrap());
        let finding = ledger.read(|reader| reader.finding_of(file_id(inode))).unwrap();
        finding.unwrap().finding.id
    }

    fn told(id: u64, what: &str, finding: Option<FindingId>) -> Disclosure {
        Disclosure {
            id,
            at: at(3),
            what: what.parse().unwrap(),
            role: None,
            finding,
            purpose: None,
            text: None,
            step: None,
            count: None,
        }
    }

    fn words(ledger: &Ledger) -> Vec<String> {
        let acts = ledger.read(|reader| reader.company(0, 100)).unwrap();
        acts.iter().map(|one| one.act.what.to_string()).collect()
    }

    fn to_notify(ledger: &Ledger) -> Vec<String> {
        let acts = ledger.read(|reader| reader.company_to_notify(ALICE.into(), 9)).unwrap();
        acts.iter().map(|one| one.act.what.to_string()).collect()
    }

    #[test]
    fn what_the_company_did_is_kept_once_and_what_is_not_understood_as_it_came() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let acts = [told(4, "looked", None), told(7, "archived", None)];
        for second in [2, 3] {
            enter(&ledger, second, |entry| entry.disclosed(&acts).unwrap());
        }
        assert_eq!(words(&ledger), ["looked", "archived"]);
        assert_eq!(ledger.read(|reader| reader.disclosures_after()).unwrap(), 7);
        enter(&ledger, 4, |entry| entry.disclosed(&[]).unwrap());
        assert_eq!(ledger.read(|reader| reader.disclosures_after()).unwrap(), 7);
    }

    #[test]
    fn a_user_is_told_of_exceptions_and_steps_about_their_findings_and_not_of_looks() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let ours = opened(&ledger, 1);
        let unknown = FindingId(uuid::Uuid::nil());
        let acts = [
            told(1, "looked", Some(ours)),
            told(2, "looked", None),
            told(3, "escalated", Some(ours)),
            told(4, "escalated", Some(unknown)),
            told(5, "acknowledged", Some(ours)),
        ];
        enter(&ledger, 2, |entry| entry.disclosed(&acts).unwrap());
        assert_eq!(to_notify(&ledger), ["escalated"]);
        let decision = decision(1, ours, Decided::Exempted);
        enter(&ledger, 3, |entry| {
            entry.decided(std::slice::from_ref(&decision)).unwrap();
        });
        assert_eq!(to_notify(&ledger), ["escalated", "exempted"]);
        assert_eq!(
            ledger.read(|reader| reader.company_to_notify(1001.into(), 9)).unwrap(),
            []
        );
        enter(&ledger, 4, |entry| entry.company_notified(ALICE.into()).unwrap());
        assert!(to_notify(&ledger).is_empty());
    }

    fn decision(id: u64, finding: FindingId, what: Decided) -> Decision {
        Decision {
            id,
            finding,
            what,
            reason: "Because\u{7}.".into(),
            at: Some(at(2)),
            role: None,
        }
    }

    #[test]
    fn a_finding_has_the_reason_of_the_decision_by_which_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let id = opened(&ledger, 1);
        let reason = || {
            let stands = |reader: &Reader<'_>| reader.decision_about(&reader.finding(id)?.unwrap());
            let stands = ledger.read(stands).unwrap();
            stands.map(|act| (act.what.to_string(), act.text.unwrap()))
        };
        assert_eq!(reason(), None);
        enter(&ledger, 2, |entry| {
            entry.answered(id, Answer::PrivateFile, None).unwrap()
        });
        let both = [decision(1, id, Decided::Reopened), decision(2, id, Decided::Exempted)];
        enter(&ledger, 3, |entry| entry.decided(&both[..1]).unwrap());
        assert_eq!(reason(), Some(("reopened".to_owned(), "Because.".to_owned())));
        enter(&ledger, 4, |entry| {
            entry.answered(id, Answer::FalseAlarm, None).unwrap()
        });
        assert_eq!(reason(), None, "it was answered since");
        enter(&ledger, 5, |entry| entry.decided(&both).unwrap());
        assert_eq!(reason().unwrap().0, "exempted");
        assert_eq!(words(&ledger), ["reopened", "exempted"]);
    }

    #[test]
    fn a_long_text_is_cut_and_old_acts_go() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let long = Disclosure {
            text: Some("长".repeat(2000)),
            ..told(1, "looked", None)
        };
        enter(&ledger, 2, |entry| entry.disclosed(&[long]).unwrap());
        let kept = ledger.read(|reader| reader.company(0, 9)).unwrap();
        assert_eq!(kept[0].act.text.as_ref().unwrap().chars().count(), TEXT_LIMIT);
        assert_eq!(enter(&ledger, 9, |entry| entry.prune_journal(at(3)).unwrap()), 0);
        assert_eq!(enter(&ledger, 9, |entry| entry.prune_journal(at(4)).unwrap()), 1);
        assert!(words(&ledger).is_empty());
    }
}
