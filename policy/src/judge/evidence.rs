//! Whether a file is a work file, why, and how it is graded.

use fileward_protocol::vocabulary::{Evidence, PlaceKind, Sensitivity};

use crate::effective::{Effective, Grade, Unsure};
use crate::facts::Facts;
use crate::pattern;
use crate::subject::{Answer, Subject};
use crate::verdict::{Certainty, WorkFile};
use crate::why::Why;

/// What is claimed of a file before any rule is asked.
pub(super) struct Claim {
    pub(super) work_file: WorkFile,
    pub(super) sensitivity: Sensitivity,
    pub(super) why: Vec<Why>,
}

/// A mark in the file that a grade names.
struct Mark {
    sensitivity: Sensitivity,
    evidence: Evidence,
    why: Why,
}

pub(super) fn claim(policy: &Effective, subject: &Subject<'_>) -> Claim {
    let marks = marks(&policy.sensitivity, subject.facts);
    let sensitivity = marks
        .iter()
        .map(|mark| mark.sensitivity)
        .max()
        .unwrap_or(Sensitivity::General);
    let mut found = around(policy, subject);
    found.extend(in_properties(policy, subject.facts));
    found.extend(
        marks
            .into_iter()
            .filter(|mark| accepted(policy, mark.evidence))
            .map(|mark| (mark.evidence, mark.why)),
    );
    let (state, why) = match barred(policy, subject, &found) {
        Some(why) => {
            return Claim {
                work_file: not_one(),
                sensitivity,
                why: vec![why],
            };
        }
        None if found.is_empty() => (Certainty::Unsure, Vec::new()),
        None => (Certainty::Yes, found.iter().map(|(_, why)| why.clone()).collect()),
    };
    let mut evidence: Vec<_> = found.into_iter().map(|(evidence, _)| evidence).collect();
    evidence.sort_unstable();
    evidence.dedup();
    let mut claim = Claim {
        work_file: WorkFile { state, evidence },
        sensitivity,
        why,
    };
    if subject.answer == Some(Answer::Private) && state == Certainty::Yes {
        claim.why.push(Why::PrivateOverruled);
    }
    if sensitivity > Sensitivity::General {
        claim.why.push(Why::Graded { sensitivity });
    }
    claim
}

fn not_one() -> WorkFile {
    WorkFile {
        state: Certainty::No,
        evidence: Vec::new(),
    }
}

/// Why a file is no work file whatever else is known of it.
fn barred(policy: &Effective, subject: &Subject<'_>, found: &[(Evidence, Why)]) -> Option<Why> {
    let facts = subject.facts;
    let has = |wanted: &[Evidence]| found.iter().any(|(evidence, _)| wanted.contains(evidence));
    let work_file = &policy.work_file;
    let detected = has(&[Evidence::Label, Evidence::Keyword, Evidence::Detector]);
    let eligible = work_file.families.contains(&facts.family) || (work_file.also_when_detected && detected);
    if !eligible {
        return Some(Why::OtherFamily { family: facts.family });
    }
    if facts.size < work_file.min_size {
        return Some(Why::TooSmall {
            size: facts.size,
            least: work_file.min_size,
        });
    }
    let hard = has(&[Evidence::StoreCopy, Evidence::Registered, Evidence::Label]);
    (subject.answer == Some(Answer::Private) && !hard).then_some(Why::EmployeeSaysPrivate)
}

/// Whether a grade's mark is accepted as evidence; it grades the file in any case.
fn accepted(policy: &Effective, evidence: Evidence) -> bool {
    let rules = &policy.work_file.evidence;
    if evidence == Evidence::Label {
        rules.labels
    } else {
        rules.content
    }
}

/// Evidence from around the file.
fn around(policy: &Effective, subject: &Subject<'_>) -> Vec<(Evidence, Why)> {
    let mut found = Vec::new();
    if policy.work_file.evidence.store_copy && subject.store_copy {
        found.push((Evidence::StoreCopy, Why::StoreCopy));
    }
    if subject.place.kind == PlaceKind::ChatCache
        && let Some(app) = subject.place.app.filter(|app| app.is_company_chat())
        && policy.work_file.when_unsure.company_apps == Unsure::Count
    {
        found.push((Evidence::CompanyApp, Why::CompanyApp { app }));
    }
    if subject.answer == Some(Answer::Work) {
        found.push((Evidence::Employee, Why::EmployeeSaysWork));
    }
    found
}

/// Evidence from the document's properties: the company's names and patterns.
fn in_properties(policy: &Effective, facts: &Facts) -> Vec<(Evidence, Why)> {
    let rules = &policy.work_file.evidence;
    let properties = &facts.properties;
    let named = rules
        .company_names
        .iter()
        .find(|name| properties.texts().any(|text| pattern::contains_name(text, name)));
    let matched = rules.properties.iter().find(|(name, patterns)| {
        let Some(value) = properties.named(name) else {
            return false;
        };
        // A template is written with the folders of the PC it was made on.
        let value = if name.as_str() == "template" {
            last_component(value)
        } else {
            value
        };
        patterns
            .iter()
            .any(|pattern| pattern::text_matches(pattern, value.trim()))
    });
    let named = named.map(|name| (Evidence::CompanyName, Why::CompanyName { name: name.clone() }));
    let matched = matched.map(|(property, _)| {
        (
            Evidence::Property,
            Why::Property {
                property: property.clone(),
            },
        )
    });
    named.into_iter().chain(matched).collect()
}

fn last_component(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn marks(grades: &[Grade], facts: &Facts) -> Vec<Mark> {
    grades
        .iter()
        .flat_map(|grade| {
            let mark = |evidence| {
                move |why| Mark {
                    sensitivity: grade.sensitivity,
                    evidence,
                    why,
                }
            };
            let label = label(grade, facts).map(mark(Evidence::Label));
            let keyword = keyword(grade, facts).map(mark(Evidence::Keyword));
            let detectors = detectors(grade, facts).map(mark(Evidence::Detector));
            label.into_iter().chain(keyword).chain(detectors).collect::<Vec<_>>()
        })
        .collect()
}

fn label(grade: &Grade, facts: &Facts) -> Option<Why> {
    let texts = || facts.label.as_deref().into_iter().chain(facts.properties.texts());
    let label = grade
        .labels
        .iter()
        .find(|label| texts().any(|text| pattern::contains_item(text, label)))?;
    Some(Why::Label { label: label.clone() })
}

fn keyword(grade: &Grade, facts: &Facts) -> Option<Why> {
    let words = !grade.keywords.is_empty();
    let count = [("keyword", words), ("pattern", !grade.patterns.is_empty())]
        .into_iter()
        .filter(|(_, named)| *named)
        .map(|(kind, _)| count(facts, &format!("{kind}:{}", grade.sensitivity)))
        .fold(0, u32::saturating_add);
    (count > 0).then_some(Why::Keyword { count })
}

fn detectors(grade: &Grade, facts: &Facts) -> impl Iterator<Item = Why> {
    grade.detectors.iter().filter_map(|(detector, least)| {
        let count = count(facts, detector);
        (count >= *least && count > 0).then(|| Why::Detector {
            detector: detector.clone(),
            count,
        })
    })
}

fn count(facts: &Facts, detector: &str) -> u32 {
    let hits = facts
        .detections
        .iter()
        .filter(|detection| detection.detector.as_str() == detector);
    hits.map(|detection| detection.count).fold(0, u32::saturating_add)
}
