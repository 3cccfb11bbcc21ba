//! What a finding tells of its file, read with the policy under which it was found.
//!
//! A finding carries kinds of evidence and counts, never what was found. So a sign that another policy looks for can be
//! known only as far as both policies look for the same; everything else stays unknown.

use std::collections::BTreeSet;

use fileward_policy::Effective;
use fileward_policy::effective::{Grade, Rules, Unsure};
use fileward_protocol::report::{File, Finding};
use fileward_protocol::vocabulary::{Evidence, PlaceKind, Rule, Sensitivity};

use super::known::Known;
use crate::store::registers::Filed;

/// So few numbers of any kind can stand among private papers.
const FEW: u32 = 10;

/// The signs of one file that the next policy asks for.
pub(super) struct Signs {
    /// Its content lies, or lay, in a store.
    pub(super) store_copy: Known,
    /// It is a registered document.
    pub(super) registered: Known,
    /// It is a near copy of one.
    pub(super) near_copy: Known,
    /// It names the company.
    pub(super) company_name: Known,
    /// It has a property or a domain of the company.
    pub(super) property: Known,
    /// It has the title of a work file.
    pub(super) title: Known,
    /// It has the title of a private paper that the former policy did not know.
    pub(super) private_title: Known,
    /// Labels, keywords and patterns by grade.
    pub(super) grades: Vec<GradeSigns>,
    /// Detectors of the next policy with their counts; none where it was not looked for.
    pub(super) counts: Vec<(String, Option<u32>)>,
    /// Its account is not filed.
    pub(super) unfiled: Known,
    /// Its account has no larger limit that covers it.
    pub(super) oversize: Known,
    /// It is older than the next policy allows.
    pub(super) stale: Known,
    /// The next policy looks at it at all.
    pub(super) looked_at: Known,
}

/// What makes a file sensitive, of one grade.
pub(super) struct GradeSigns {
    pub(super) sensitivity: Sensitivity,
    pub(super) label: Known,
    pub(super) keyword: Known,
    pub(super) pattern: Known,
}

/// A finding with the policies before and after.
pub(super) struct Case<'a> {
    pub(super) finding: &'a Finding,
    pub(super) file: &'a File,
    /// The policy it was found under; none where the collector does not have it.
    pub(super) former: Option<&'a Effective>,
    pub(super) next: &'a Effective,
    pub(super) filed: &'a Filed,
}

/// A list of words of a policy, made ready to be compared.
fn words(list: &[String]) -> BTreeSet<&str> {
    list.iter().map(String::as_str).collect()
}

impl Case<'_> {
    pub(super) fn signs(&self) -> Signs {
        Signs {
            store_copy: self.store_copy(),
            registered: self.registered(),
            near_copy: self.switched(Evidence::NearCopy, |policy| policy.work_file.evidence.registered),
            company_name: self.carried(Some(self.has(Evidence::CompanyName)), |policy| {
                &policy.work_file.evidence.company_names
            }),
            property: self.property(),
            title: self.carried(self.had_title(), |policy| &policy.work_file.evidence.titles),
            private_title: self.private_title(),
            grades: self.next.sensitivity.iter().map(|grade| self.grade(grade)).collect(),
            counts: self.counts(),
            unfiled: self.unfiled(),
            oversize: self.oversize(),
            stale: self.stale(),
            looked_at: self.looked_at(),
        }
    }

    fn has(&self, evidence: Evidence) -> bool {
        self.finding.evidence.contains(&evidence)
    }

    fn broke(&self, rule: Rule) -> bool {
        self.finding.rule == rule || self.finding.also.contains(&rule)
    }

    fn count(&self, detector: &str) -> u32 {
        let hits = self
            .file
            .detections
            .iter()
            .filter(|hit| hit.detector.as_str() == detector);
        hits.map(|hit| hit.count).fold(0, u32::saturating_add)
    }

    /// A sign of a list of words.
    fn carried(&self, found: Option<bool>, list: impl Fn(&Effective) -> &Vec<String>) -> Known {
        let next = words(list(self.next));
        match (self.former, found) {
            (Some(former), Some(found)) => Known::carried(found, &words(list(former)), &next),
            _ if next.is_empty() => Known::No,
            _ => Known::Unknown,
        }
    }

    /// A sign that a policy can only turn on or off.
    fn switched(&self, evidence: Evidence, on: impl Fn(&Effective) -> bool) -> Known {
        if self.has(evidence) {
            return Known::Yes;
        }
        match self.former {
            Some(former) if on(former) => Known::No,
            _ if !on(self.next) => Known::No,
            _ => Known::Unknown,
        }
    }

    fn store_copy(&self) -> Known {
        let same = self.former.is_some_and(|former| former.stores == self.next.stores);
        if same {
            self.switched(Evidence::StoreCopy, |policy| policy.work_file.evidence.store_copy)
        } else if self.next.work_file.evidence.store_copy {
            Known::Unknown
        } else {
            Known::No
        }
    }

    fn registered(&self) -> Known {
        let mut contents = self.filed.documents.iter().map(|row| Some(row.fingerprint.content));
        if self.file.content.is_some() {
            return Known::from(contents.any(|content| content == self.file.content));
        }
        self.switched(Evidence::Registered, |policy| policy.work_file.evidence.registered)
    }

    /// Domains and patterns are compared as a whole: which of them fitted is not told.
    fn property(&self) -> Known {
        let lists = |policy: &Effective| {
            let evidence = &policy.work_file.evidence;
            (evidence.company_domains.clone(), evidence.properties.clone())
        };
        let next = lists(self.next);
        if next.0.is_empty() && next.1.is_empty() {
            return Known::No;
        }
        match self.former {
            Some(former) if lists(former) == next => Known::from(self.has(Evidence::Property)),
            _ => Known::Unknown,
        }
    }

    /// A title counts as a keyword and leaves no count: where keywords were counted too, it cannot be told.
    fn had_title(&self) -> Option<bool> {
        if !self.has(Evidence::Keyword) {
            return Some(false);
        }
        let accepted = self.former.is_some_and(|former| former.work_file.evidence.content);
        let mut hits = self.file.detections.iter();
        let counted = hits.any(|hit| hit.count > 0 && is_of_words(hit.detector.as_str()));
        (!(accepted && counted)).then_some(true)
    }

    /// A private paper was no finding under the former policy, unless something strong spoke against its title.
    fn private_title(&self) -> Known {
        let next = words(&self.next.work_file.private_titles);
        let Some(former) = self.former.filter(|_| !next.is_empty()) else {
            return if next.is_empty() { Known::No } else { Known::Unknown };
        };
        let left_alone = matches!(
            former.work_file.when_unsure.private_title,
            Some(Unsure::Ignore | Unsure::Ask)
        );
        let knew = next.is_subset(&words(&former.work_file.private_titles));
        if left_alone && knew && self.has_weak_evidence_at_most() {
            Known::No
        } else {
            Known::Unknown
        }
    }

    /// Whether nothing can have spoken strongly for it; what the company's name stood in is not told.
    fn has_weak_evidence_at_most(&self) -> bool {
        let few = self
            .file
            .detections
            .iter()
            .all(|hit| hit.count < FEW || is_of_words(hit.detector.as_str()));
        let mut evidence = self.finding.evidence.iter();
        evidence.all(|sign| matches!(sign, Evidence::Keyword) || (few && matches!(sign, Evidence::Detector)))
    }

    fn grade(&self, grade: &Grade) -> GradeSigns {
        let sensitivity = grade.sensitivity;
        let list = |which: fn(&Grade) -> &Vec<String>| {
            move |policy: &Effective| {
                let same = policy.sensitivity.iter().find(|other| other.sensitivity == sensitivity);
                same.map(|grade| which(grade).clone()).unwrap_or_default()
            }
        };
        let known = |found: Option<bool>, which: fn(&Grade) -> &Vec<String>| {
            let list = list(which);
            let next = list(self.next);
            match (self.former, found) {
                (Some(former), Some(found)) => Known::carried(found, &words(&list(former)), &words(&next)),
                _ if next.is_empty() => Known::No,
                _ => Known::Unknown,
            }
        };
        let counted = |kind: &str| Some(self.count(&format!("{kind}:{sensitivity}")) > 0);
        GradeSigns {
            sensitivity,
            label: known(self.had_label(sensitivity), |grade| &grade.labels),
            keyword: known(counted("keyword"), |grade| &grade.keywords),
            pattern: known(counted("pattern"), |grade| &grade.patterns),
        }
    }

    /// Whether a label of this grade was found. Of several grades the finding tells only the highest.
    fn had_label(&self, sensitivity: Sensitivity) -> Option<bool> {
        let former = self.former?;
        let labelled = self.has(Evidence::Label);
        if (former.work_file.evidence.labels && !labelled) || sensitivity > self.file.sensitivity {
            return Some(false);
        }
        let grade = former.sensitivity.iter().find(|grade| grade.sensitivity == sensitivity);
        let Some(grade) = grade.filter(|grade| !grade.labels.is_empty()) else {
            return Some(false);
        };
        let else_graded = self.count(&format!("keyword:{sensitivity}")) > 0
            || self.count(&format!("pattern:{sensitivity}")) > 0
            || grade.detectors.iter().any(|(name, least)| self.count(name) >= *least);
        let with_labels = former.sensitivity.iter().filter(|other| !other.labels.is_empty());
        let only_one = labelled
            && with_labels
                .filter(|other| other.sensitivity <= self.file.sensitivity)
                .count()
                == 1;
        (only_one || (sensitivity == self.file.sensitivity && !else_graded)).then_some(true)
    }

    /// A detector is counted only where a policy names it.
    fn counts(&self) -> Vec<(String, Option<u32>)> {
        let looked_for: BTreeSet<&str> = self.former.into_iter().flat_map(detectors).collect();
        let wanted: BTreeSet<&str> = detectors(self.next).collect();
        let count = |name: &str| match self.count(name) {
            0 if !looked_for.contains(name) => None,
            count => Some(count),
        };
        wanted.into_iter().map(|name| (name.to_owned(), count(name))).collect()
    }

    /// Whether a rule was broken, as long as the former policy asked.
    fn rule(&self, rule: Rule, asked: impl Fn(&Rules) -> bool) -> Known {
        match self.former {
            _ if self.broke(rule) => Known::Yes,
            Some(former) if asked(&former.rules) => Known::No,
            _ => Known::Unknown,
        }
    }

    fn unfiled(&self) -> Known {
        let sensitivity = self.file.sensitivity;
        self.rule(Rule::UnfiledAccount, |rules| {
            rules
                .unfiled_account
                .as_ref()
                .is_some_and(|by| by.contains_key(&sensitivity))
        })
    }

    /// Whether a limit filed for its account leaves it be. Which account is not told.
    fn oversize(&self) -> Known {
        if self.filed.limits.is_empty() || self.broke(Rule::OversizeInChat) {
            return Known::Yes;
        }
        let size = self.file.size;
        let was_let_be = self.former.and_then(|former| former.rules.oversize_in_chat.as_ref());
        match was_let_be {
            Some(rule) if rule.severity.contains_key(&self.file.sensitivity) && size > rule.limit => Known::No,
            _ => Known::Unknown,
        }
    }

    fn stale(&self) -> Known {
        let Some(next) = &self.next.rules.stale_chat_cache else {
            return Known::No;
        };
        let former = self.former.and_then(|former| former.rules.stale_chat_cache.as_ref());
        let Some(former) = former.filter(|rule| rule.severity.contains_key(&self.file.sensitivity)) else {
            return Known::Unknown;
        };
        match self.broke(Rule::StaleChatCache) {
            true if next.after <= former.after => Known::Yes,
            false if next.after >= former.after => Known::No,
            _ => Known::Unknown,
        }
    }

    /// Where a file lies below its place is not told: only what goes by the name alone can be said of a pattern.
    fn looked_at(&self) -> Known {
        let former = self
            .former
            .map(|former| words(&former.places.exclude))
            .unwrap_or_default();
        let added = self.next.places.exclude.iter();
        let added: Vec<&String> = added.filter(|glob| !former.contains(glob.as_str())).collect();
        if added.is_empty() {
            return Known::Yes;
        }
        let by_name = |glob: &&&String| glob.strip_prefix("**/").is_some_and(|rest| !rest.contains('/'));
        let Some(name) = &self.file.name else {
            return Known::Unknown;
        };
        let places = fileward_policy::effective::Places {
            exclude: added.iter().filter(by_name).map(|glob| (*glob).clone()).collect(),
            ..self.next.places.clone()
        };
        if places.excluding(name.as_str()).is_some() {
            Known::No
        } else if added.iter().all(|glob| by_name(&glob)) {
            Known::Yes
        } else {
            Known::Unknown
        }
    }

    /// Whether the file lies in a chat's cache.
    pub(super) fn is_in_chat(&self) -> bool {
        self.finding.place.kind == PlaceKind::ChatCache
    }
}

fn is_of_words(detector: &str) -> bool {
    detector.starts_with("keyword:") || detector.starts_with("pattern:")
}

fn detectors(policy: &Effective) -> impl Iterator<Item = &str> {
    let named = policy.sensitivity.iter().flat_map(|grade| grade.detectors.keys());
    named.map(String::as_str)
}
