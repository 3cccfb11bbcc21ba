//! Whether a file is a work file, why, and how it is graded.

use fileward_protocol::vocabulary::{Evidence, PlaceKind, Sensitivity};

use crate::effective::{Effective, Grade, Unsure};
use crate::facts::{Facts, TextState};
use crate::pattern;
use crate::subject::{Answer, Subject};
use crate::verdict::{Certainty, WorkFile};
use crate::why::{Spot, Why};

use super::weight;

/// What is claimed of a file before any rule is asked.
pub(super) struct Claim {
    pub(super) work_file: WorkFile,
    pub(super) sensitivity: Sensitivity,
    pub(super) why: Vec<Why>,
    /// Whether its title is that of a private paper, and nothing strong speaks against that.
    pub(super) looks_private: bool,
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
    found.extend(of_company(policy, subject.facts));
    found.extend(title(policy, subject.facts));
    let (accepted, others): (Vec<_>, Vec<_>) = marks.into_iter().partition(|mark| accepted(policy, mark));
    found.extend(accepted.into_iter().map(|mark| (mark.evidence, mark.why)));
    let mut why: Vec<_> = disguise(subject.facts).into_iter().collect();
    if let Some(barred) = barred(policy, subject, &found) {
        why.push(barred);
        return Claim {
            work_file: not_one(),
            sensitivity,
            why,
            looks_private: false,
        };
    }
    let is_weak = found.iter().all(|(_, why)| weight::is_weak(why));
    let private_title = weight::private_title(policy, subject.facts).filter(|_| is_weak);
    let state = if found.is_empty() || private_title.is_some() {
        Certainty::Unsure
    } else {
        Certainty::Yes
    };
    let looks_private = private_title.is_some();
    why.extend(found.iter().map(|(_, why)| why.clone()));
    // They do not make it a work file, but they grade it.
    why.extend(others.into_iter().map(|mark| mark.why));
    why.extend(private_title);
    let mut evidence: Vec<_> = found.into_iter().map(|(evidence, _)| evidence).collect();
    evidence.sort_unstable();
    evidence.dedup();
    let mut claim = Claim {
        work_file: WorkFile { state, evidence },
        sensitivity,
        why,
        looks_private,
    };
    if subject.answer == Some(Answer::Private) && state == Certainty::Yes {
        claim.why.push(Why::PrivateOverruled);
    }
    if sensitivity > Sensitivity::General {
        claim.why.push(Why::Graded { sensitivity });
    }
    if subject.facts.text.state.is_partial() {
        let state = subject.facts.text.state;
        claim.why.push(Why::ReadInPart { state });
    }
    claim
}

/// That its name says it is something else. A damaged file may be what its name says.
fn disguise(facts: &Facts) -> Option<Why> {
    let is_disguised = facts.disguised && facts.text.state != TextState::Malformed;
    is_disguised.then(|| Why::Disguised {
        kind: facts.kind.to_string(),
    })
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
    let detected = has(&[
        Evidence::Registered,
        Evidence::NearCopy,
        Evidence::Label,
        Evidence::Keyword,
        Evidence::Detector,
    ]);
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
fn accepted(policy: &Effective, mark: &Mark) -> bool {
    let rules = &policy.work_file.evidence;
    match &mark.why {
        Why::Label { .. } => rules.labels,
        Why::Detector { detector, count } => {
            rules.content && rules.detectors.get(detector).is_none_or(|least| count >= least)
        }
        _ => rules.content,
    }
}

/// Evidence from around the file.
fn around(policy: &Effective, subject: &Subject<'_>) -> Vec<(Evidence, Why)> {
    let mut found = Vec::new();
    if policy.work_file.evidence.store_copy && subject.store_copy {
        found.push((Evidence::StoreCopy, Why::StoreCopy));
    }
    if policy.work_file.evidence.registered {
        let near = subject.facts.near_copy.map(|percent| Why::NearCopy { percent });
        match near {
            _ if subject.registered => found.push((Evidence::Registered, Why::Registered)),
            Some(why) => found.push((Evidence::NearCopy, why)),
            None => {}
        }
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

/// Evidence that names the company: its names, its domains, and patterns of properties.
fn of_company(policy: &Effective, facts: &Facts) -> Vec<(Evidence, Why)> {
    let rules = &policy.work_file.evidence;
    let in_properties =
        |fits: fn(&str, &str) -> bool| move |part: &&String| facts.properties.texts().any(|text| fits(text, part));
    let in_text = |name: &&String| facts.mentions.contains(name);
    let mut names = rules.company_names.iter();
    let why = |spot| {
        move |name: &String| Why::CompanyName {
            name: name.clone(),
            spot,
        }
    };
    // What stands in properties counts among the text, too.
    let name = names.clone().find(in_properties(pattern::contains_name));
    let name = name.map(why(Spot::Properties));
    let name = name.or_else(|| names.find(in_text).map(why(Spot::Text)));
    let domain = rules
        .company_domains
        .iter()
        .find(in_properties(pattern::contains_domain));
    let domain = domain.map(|domain| Why::Domain { domain: domain.clone() });
    let property = rules.properties.iter().find(|(name, patterns)| {
        let mut values = facts.properties.named(name);
        values.any(|value| patterns.iter().any(|pattern| matches(name, pattern, value)))
    });
    let property = property.map(|(property, _)| Why::Property {
        property: property.clone(),
    });
    [
        (Evidence::CompanyName, name),
        (Evidence::Property, domain),
        (Evidence::Property, property),
    ]
    .into_iter()
    .filter_map(|(evidence, why)| Some((evidence, why?)))
    .collect()
}

/// Evidence by what it calls itself.
fn title(policy: &Effective, facts: &Facts) -> Option<(Evidence, Why)> {
    let mut titles = policy.work_file.evidence.titles.iter();
    let title = titles.find(|title| facts.titles.contains(title))?.clone();
    Some((Evidence::Keyword, Why::Title { title }))
}

fn matches(property: &str, pattern: &str, value: &str) -> bool {
    // A template is written with the folders of the PC it was made on.
    let value = if property == "template" {
        last_component(value)
    } else {
        value
    };
    pattern::text_matches(pattern, value.trim())
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
    let carried = |label: &&String| texts().any(|text| pattern::contains_item(text, label));
    let shown = |label: &&String| facts.labels.contains(label);
    let labels = || grade.labels.iter();
    let why = |spot| {
        move |label: &String| Why::Label {
            label: label.clone(),
            spot,
        }
    };
    let in_properties = labels().find(carried).map(why(Spot::Properties));
    in_properties.or_else(|| labels().find(shown).map(why(Spot::Text)))
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
