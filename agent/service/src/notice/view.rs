//! What a user is shown of findings, questions, places and the journal.

use std::path::{Path, PathBuf};

use anyhow::Result;
use fileward_ipc::{
    CompanyAct, Item, JournalLine, MOST, More, PlaceView, Question, QuestionId, Status, ToClient, Told,
};
use fileward_places::{Place, Survey, UserId};
use fileward_policy::subject::Protection;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::health::PlaceState;
use fileward_protocol::ids::FindingId;
use fileward_protocol::report::{Body, Report};
use fileward_protocol::vocabulary::{Offer, PlaceKind, Sensitivity};

use super::authorise::{Deed, Peer, may, sees_of};
use super::element;
use crate::ledger::{self, Asked, Numbered, Reader, Record};
use crate::pipeline::Shared;

const PAGE: u32 = 200;

impl Shared {
    /// Open and recent findings, and open questions, of a user.
    pub(super) fn items(&self, peer: Peer) -> Result<ToClient> {
        let after = self.now().checked_sub(element::RECENT)?;
        let owner = sees_of(peer);
        let ((records, findings), (asked, questions)) = self.ledger.read(|reader| {
            let (records, more) = reader.listed(owner, after, MOST)?;
            Ok(((decided(reader, records)?, more), reader.questions(owner, MOST)?))
        })?;
        Ok(self.shown(&records, &asked, More { findings, questions }))
    }

    /// These of a user's findings and questions.
    pub(super) fn named(&self, peer: Peer, findings: &[FindingId], questions: &[QuestionId]) -> Result<ToClient> {
        let sees = |owner| may(peer, Deed::See, owner);
        let (records, asked) = self.ledger.read(|reader| {
            let records = findings.iter().take(MOST).map(|id| reader.finding(*id));
            let records: Vec<_> = records.filter_map(Result::transpose).collect::<Result<_>>()?;
            let records = records.into_iter().filter(|record| sees(record.owner)).collect();
            let asked = questions.iter().take(MOST).map(|id| reader.question(id.0));
            let asked: Vec<_> = asked.filter_map(Result::transpose).collect::<Result<_>>()?;
            Ok((decided(reader, records)?, asked))
        })?;
        let asked: Vec<_> = asked.into_iter().filter(|asked| sees(asked.owner)).collect();
        Ok(self.shown(&records, &asked, More::default()))
    }

    fn shown(&self, records: &[(Record, Option<Disclosure>)], asked: &[Asked], more: More) -> ToClient {
        ToClient::Items {
            findings: records
                .iter()
                .map(|(record, decision)| self.item(record, decision.clone()))
                .collect(),
            questions: asked.iter().map(question).collect(),
            more,
        }
    }

    /// A page of open and recent findings of a user, as scripts read them, and whether more follows.
    pub(super) fn elements(&self, peer: Peer, after: Option<FindingId>) -> Result<(Vec<serde_json::Value>, bool)> {
        let device = self.ledger.owner().device;
        self.ledger
            .read(|reader| element::page(reader, sees_of(peer), device, self.now(), after))
    }

    /// A finding with the decision by which it stands, as its own user may see it.
    pub(super) fn item(&self, record: &Record, decision: Option<Disclosure>) -> Item {
        let finding = &record.finding;
        let path = shown(&record.path);
        let file = finding.file.as_ref();
        let survey = self.survey();
        // A path that JSON cannot hold can be shown, but not be opened by who reads it.
        let movable = file.is_some() && path == record.path;
        let store = record
            .owner
            .filter(|_| movable)
            .and_then(|user| store_of(&survey, user));
        let offers = self.force().policy.notice.offer.clone().into_iter();
        let offers = offers.filter(|offer| match offer {
            Offer::MoveToStore => store.is_some(),
            Offer::PrivateFile => file.is_some(),
            Offer::FalseAlarm | Offer::Justify => true,
        });
        Item {
            finding: finding.id,
            state: finding.state,
            rule: finding.rule,
            also: finding.also.clone(),
            severity: finding.severity,
            place: finding.place.kind,
            app: finding.place.app,
            path,
            kind: file.map(|file| file.kind.to_string()),
            size: file.map_or(0, |file| file.size),
            sensitivity: file.map_or(Sensitivity::General, |file| file.sensitivity),
            evidence: finding.evidence.clone(),
            first_seen: finding.first_seen,
            due: finding.due,
            ended: finding.ended,
            resolution: finding.resolution,
            offers: if finding.state.is_active() {
                offers.collect()
            } else {
                Vec::new()
            },
            store,
            decision,
        }
    }

    /// The places a user may see.
    pub(super) fn place_views(&self, peer: Peer) -> Vec<PlaceView> {
        let statuses = self.statuses();
        let mine = statuses.iter().filter(|status| {
            let owner = status.place.owner.as_ref().map(|user| user.id);
            may(peer, Deed::SeePlace, owner)
        });
        mine.map(|status| place_view(&status.place, status.state)).collect()
    }

    /// A page of the journal, without what concerns other users, and whether more follows.
    pub(super) fn journal_page(&self, peer: Peer, after: u64) -> Result<(Vec<JournalLine>, bool)> {
        self.ledger.read(|reader| {
            let mut after = after;
            loop {
                let page = reader.journal(after, PAGE)?;
                let Some(last) = page.last() else {
                    return Ok((Vec::new(), false));
                };
                after = last.seq;
                let mut lines = Vec::new();
                for sent in page {
                    let report: Report = serde_json::from_str(&sent.report)?;
                    let visible = match &report.body {
                        Body::Finding(finding) => {
                            let owner = reader.finding(finding.id)?.and_then(|record| record.owner);
                            may(peer, Deed::See, owner)
                        }
                        // They say nothing about a person and may add up several: only root and the agent's own user see them.
                        Body::PutRight(_) | Body::Coverage(_) | Body::GivenUp(_) | Body::LedgerRebuilt { .. } => {
                            may(peer, Deed::SeeCounts, None)
                        }
                    };
                    if visible {
                        lines.push(line(sent));
                    }
                }
                if !lines.is_empty() {
                    // What lies between the last line and the end of the page is of others: the next page begins there.
                    let more = !reader.journal(after, 1)?.is_empty();
                    return Ok((lines, more));
                }
            }
        })
    }

    /// A page of what was sent about the PC, and whether more follows. Everybody at the PC may read it: it concerns
    /// them all, and who is logged on is no secret among its users.
    pub(super) fn told_page(&self, after: u64) -> Result<(Vec<Told>, bool)> {
        let page = self.ledger.read(|reader| reader.told(after, PAGE))?;
        let more = page.len() == PAGE as usize;
        Ok((page.into_iter().map(told).collect(), more))
    }

    /// A page of what the company did, without what concerns findings of other users, and whether more follows. What
    /// concerns the device as a whole is everybody's at it.
    pub(super) fn company_page(&self, peer: Peer, after: u64) -> Result<(Vec<CompanyAct>, bool)> {
        self.ledger.read(|reader| {
            let mut after = after;
            loop {
                let page = reader.company(after, PAGE)?;
                let Some(last) = page.last() else {
                    return Ok((Vec::new(), false));
                };
                after = last.id;
                let mut acts = Vec::new();
                for kept in page {
                    let record = kept.act.finding.map(|id| reader.finding(id)).transpose()?.flatten();
                    let owner = record.as_ref().and_then(|record| record.owner);
                    if kept.act.finding.is_none() || may(peer, Deed::See, owner) {
                        acts.push(company_act(kept, record.as_ref()));
                    }
                }
                if !acts.is_empty() {
                    let more = !reader.company(after, 1)?.is_empty();
                    return Ok((acts, more));
                }
            }
        })
    }

    /// How the service is.
    pub(super) fn status(&self) -> Result<Status> {
        let queue = self.ledger.read(|reader| reader.queue())?;
        let contact = self.contact();
        Ok(Status {
            binding: contact.as_ref().map(|contact| contact.binding),
            device: self.ledger.owner().device.map(|device| device.to_string()),
            collector: self.collector.clone(),
            policy_version: self.force().version,
            queue_waiting: queue.waiting,
            queue_bytes: queue.bytes,
            last_contact: contact.as_ref().and_then(|contact| contact.last_contact),
            last_error: contact
                .as_ref()
                .and_then(|contact| contact.trouble.as_ref())
                .map(|trouble| trouble.sentence(self.language)),
            clock_offset_ms: contact.map_or(0, |contact| contact.clock_offset_ms),
            swept: self.is_swept(),
            version: env!("CARGO_PKG_VERSION").into(),
        })
    }
}

/// Findings, each with the decision by which it stands.
pub(super) fn decided(reader: &Reader<'_>, records: Vec<Record>) -> Result<Vec<(Record, Option<Disclosure>)>> {
    let with = |record| {
        let decision = reader.decision_about(&record)?;
        Ok((record, decision))
    };
    records.into_iter().map(with).collect()
}

/// Something the company did, with the file it is about.
pub(crate) fn company_act(kept: ledger::CompanyAct, record: Option<&Record>) -> CompanyAct {
    CompanyAct {
        id: kept.id,
        act: kept.act,
        path: record.map(|record| shown(&record.path)),
    }
}

/// A question, as its own user may see it.
pub(super) fn question(asked: &Asked) -> Question {
    Question {
        question: QuestionId(asked.id),
        path: shown(&asked.path),
        place: asked.place.kind,
        app: asked.place.app,
        since: asked.since,
    }
}

/// A line of the journal.
pub(crate) fn line(sent: Numbered) -> JournalLine {
    JournalLine {
        seq: sent.seq,
        sent_at: sent.sent_at,
        acked_at: sent.acked_at,
        report: sent.report,
    }
}

/// What was sent about the PC.
pub(crate) fn told(sent: ledger::Told) -> Told {
    Told {
        id: sent.id,
        about: sent.about,
        sent_at: sent.sent_at,
        json: sent.json,
    }
}

/// A place, as its own user may see it.
pub(crate) fn place_view(place: &Place, state: PlaceState) -> PlaceView {
    PlaceView {
        kind: place.kind,
        app: place.app,
        root: shown(&place.root),
        user: place.owner.as_ref().map(|user| user.name.clone()),
        found_by: place.found.by.clone(),
        grade: place.found.grade,
        state,
        protection: place.store.as_ref().map(|store| match &store.protection {
            Protection::Encrypted(by) => by.clone(),
            Protection::Plain => "plain".into(),
            Protection::Unknown => "unknown".into(),
        }),
    }
}

/// The first store that exists, is protected and is the user's to write.
fn store_of(survey: &Survey, user: UserId) -> Option<PathBuf> {
    let mut stores = survey.places.iter().filter(|place| {
        let theirs = place.owner.as_ref().is_none_or(|owner| owner.id == user);
        let usable = place.store.as_ref().is_some_and(|store| {
            let protected = !store.require_encryption || matches!(store.protection, Protection::Encrypted(_));
            protected && store.writers.contains(&user)
        });
        let there = !matches!(place.state, PlaceState::Unavailable(_));
        place.kind == PlaceKind::Store && theirs && usable && there
    });
    let store = stores.next()?;
    (shown(&store.root) == store.root).then(|| store.root.clone())
}

/// A path as JSON can hold it.
fn shown(path: &Path) -> PathBuf {
    path.to_string_lossy().into_owned().into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fileward_places::{Found, Store};
    use fileward_protocol::health::Unavailable;

    use super::*;

    const ALICE: u32 = 1000;
    const BOB: u32 = 1001;

    fn store(root: &str, protection: Protection, writers: &[u32]) -> Place {
        Place {
            kind: PlaceKind::Store,
            app: None,
            owner: None,
            root: root.into(),
            account: None,
            found: Found {
                by: "store[0]".into(),
                grade: None,
            },
            state: PlaceState::Ok,
            events: true,
            store: Some(Store {
                require_encryption: true,
                protection,
                writers: writers.iter().map(|user| UserId::from(*user)).collect(),
            }),
        }
    }

    #[test]
    fn a_user_is_offered_the_first_sound_store_that_is_theirs_to_write() {
        let luks = || Protection::Encrypted("luks".into());
        let places = [
            store("/a", Protection::Plain, &[ALICE, BOB]),
            Place {
                state: PlaceState::Unavailable(Unavailable::NotMounted),
                ..store("/b", luks(), &[ALICE, BOB])
            },
            store("/c", luks(), &[BOB]),
            store("/d", luks(), &[ALICE, BOB]),
        ];
        let survey = Survey {
            places: places.map(Arc::new).to_vec(),
            ..Survey::default()
        };
        assert_eq!(store_of(&survey, ALICE.into()), Some("/d".into()));
        assert_eq!(store_of(&survey, BOB.into()), Some("/c".into()));
        assert_eq!(store_of(&survey, 1002.into()), None);
    }
}
