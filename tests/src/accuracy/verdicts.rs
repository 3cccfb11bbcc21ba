//! Whether the whole verdict is right: work documents count, private ones do not, and how many employees are asked about.

use std::collections::BTreeMap;

use fileward_inspect::Examiner;
use fileward_policy::subject::Subject;
use fileward_policy::verdict::Certainty;
use fileward_policy::{Effective, judge};
use fileward_protocol::report::Place;
use fileward_protocol::vocabulary::{App, PlaceKind};
use jiff::Timestamp;

use super::{examine, rules};
use crate::corpus::Corpus;

/// Verdicts, counted.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// Work documents that count, are asked about, are left alone.
    pub work: Outcome,
    /// The same of private documents.
    pub private: Outcome,
    /// The same by what makes a document one or the other.
    pub by_reason: BTreeMap<(String, String), Outcome>,
}

/// What becomes of documents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// They count as work files.
    pub counted: u32,
    /// The employee is asked.
    pub asked: u32,
    /// They are left alone.
    pub left: u32,
}

impl Outcome {
    /// All of them.
    pub fn all(self) -> u32 {
        self.counted + self.asked + self.left
    }
}

impl Verdicts {
    /// The share of the counted that are work documents.
    pub fn precision(&self) -> f64 {
        share(self.work.counted, self.work.counted + self.private.counted)
    }

    /// The share of work documents that count.
    pub fn recall(&self) -> f64 {
        share(self.work.counted, self.work.all())
    }

    /// The share of all documents about which the employee is asked.
    pub fn asked(&self) -> f64 {
        let all = self.work.all() + self.private.all();
        share(self.work.asked + self.private.asked, all)
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        1.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// What a policy says of the documents of a group of a corpus, were they received by a personal chat app.
pub fn judged(corpus: &Corpus, group: &str, policy: &Effective) -> Verdicts {
    let examiner = Examiner::new(rules(policy));
    let now = Timestamp::UNIX_EPOCH;
    let mut verdicts = Verdicts::default();
    for entry in corpus.entries.iter().filter(|entry| entry.group == group) {
        let (Some(work), Ok(facts)) = (&entry.work, examine(&examiner, corpus, entry)) else {
            continue;
        };
        let subject = Subject {
            place: Place {
                kind: PlaceKind::ChatCache,
                app: Some(App::Wechat),
            },
            account: None,
            relative_path: &entry.file,
            facts: &facts,
            store_copy: false,
            registered: false,
            answer: None,
            modified: now,
            registers: None,
            now,
        };
        let verdict = judge(policy, &subject);
        let of_all = if work == "work" {
            &mut verdicts.work
        } else {
            &mut verdicts.private
        };
        let by_reason = verdicts
            .by_reason
            .entry((work.clone(), entry.reason.clone()))
            .or_default();
        for outcome in [of_all, by_reason] {
            match verdict.work_file.state {
                Certainty::Yes => outcome.counted += 1,
                _ if verdict.ask => outcome.asked += 1,
                _ => outcome.left += 1,
            }
        }
    }
    verdicts
}
