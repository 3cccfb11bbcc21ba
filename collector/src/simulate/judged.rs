//! One finding judged again, by the same `judge()` that agents use.
//!
//! What is not known of its file is taken both ways. Where both verdicts agree, that is what the policy says; where they
//! do not, it cannot be told.

use fileward_policy::effective::Effective;
use fileward_policy::facts::{Facts, Properties, Text, TextState};
use fileward_policy::subject::{Answer, Protection, Subject};
use fileward_policy::verdict::Verdict;
use fileward_policy::{judge, judge_store};
use fileward_protocol::bundle::{FileLimit, Registers};
use fileward_protocol::ids::{KeyedHash, Pseudonym};
use fileward_protocol::report::{Detection, Finding, Word};
use fileward_protocol::vocabulary::{Evidence, Rule, Severity};
use jiff::{SignedDuration, Timestamp};

use super::known::{Bound, Known};
use super::signs::{Case, Signs};
use crate::store::registers::Filed;

/// What the next policy says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It is a finding by this rule, this bad.
    Finding(Rule, Severity),
    /// The employee is asked whether it is a work file.
    Asked,
    /// It is no finding.
    Nothing,
    /// It cannot be told.
    CannotBeTold,
}

/// Whose account a file came from is not told: this one stands for it.
const ACCOUNT: Pseudonym = Pseudonym(KeyedHash([0; 32]));

/// Judges a finding by the next policy.
pub(super) fn again(finding: &Finding, former: Option<&Effective>, next: &Effective, filed: &Filed) -> Again {
    if former.is_some_and(|former| judge_alike(former, next)) {
        return Again::Finding(finding.rule, finding.severity);
    }
    let Some(file) = &finding.file else {
        return store(former, next);
    };
    let case = Case {
        finding,
        file,
        former,
        next,
        filed,
    };
    let signs = case.signs();
    let mut outcomes = [Bound::Least, Bound::Most]
        .into_iter()
        // A private title can speak for a finding as well as against one.
        .flat_map(|title| [Bound::Least, Bound::Most].map(|bound| outcome(&case, &signs, bound, title)));
    let first = outcomes.next().unwrap_or(Again::CannotBeTold);
    if outcomes.all(|other| other == first) {
        first
    } else {
        Again::CannotBeTold
    }
}

/// Whether two policies say the same of every file: they differ at most in how people are told and what is reported.
fn judge_alike(one: &Effective, other: &Effective) -> bool {
    let places = |policy: &Effective| {
        let places = &policy.places;
        let kinds = [
            &places.desktop,
            &places.downloads,
            &places.chat_cache,
            &places.personal_cloud,
        ];
        (
            kinds.map(|place| place.as_ref().map(|place| place.apps.clone())),
            places.exclude.clone(),
        )
    };
    one.stores == other.stores
        && places(one) == places(other)
        && one.work_file == other.work_file
        && one.sensitivity == other.sensitivity
        && one.rules == other.rules
}

/// A store is found unprotected whatever lies in it. Which store it is is not told.
fn store(former: Option<&Effective>, next: &Effective) -> Again {
    let required = next.stores.iter().any(|store| match store {
        fileward_policy::effective::Store::Folder { require_encryption, .. }
        | fileward_policy::effective::Store::CompanyCloud { require_encryption, .. } => *require_encryption,
    });
    match judge_store(next, required, &Protection::Plain) {
        None => Again::Nothing,
        Some(broken) if former.is_some_and(|former| former.stores == next.stores) => {
            Again::Finding(broken.rule, broken.severity)
        }
        Some(_) => Again::CannotBeTold,
    }
}

fn outcome(case: &Case<'_>, signs: &Signs, bound: Bound, private_title: Bound) -> Again {
    if !signs.looked_at.at(bound) {
        return Again::Nothing;
    }
    let Some(mut facts) = facts(case, signs, bound) else {
        return Again::CannotBeTold;
    };
    if signs.private_title.at(private_title) {
        let mut titles = case.next.work_file.private_titles.iter();
        facts.titles.extend(titles.next().cloned());
    }
    let verdict = verdict(case, signs, bound, &facts);
    match verdict.primary() {
        Some(violation) => Again::Finding(violation.rule, violation.severity),
        None if verdict.ask => Again::Asked,
        None => Again::Nothing,
    }
}

fn verdict(case: &Case<'_>, signs: &Signs, bound: Bound, facts: &Facts) -> Verdict {
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 20);
    let age = case
        .next
        .rules
        .stale_chat_cache
        .as_ref()
        .filter(|_| signs.stale.at(bound));
    let age = age.and_then(|rule| SignedDuration::try_from(rule.after).ok());
    let modified = age.and_then(|age| now.checked_sub(age + SignedDuration::from_secs(1)).ok());
    let registers = Registers {
        accounts: (!signs.unfiled.at(bound)).then_some(ACCOUNT).into_iter().collect(),
        limits: (!signs.oversize.at(bound)).then_some(no_limit()).into_iter().collect(),
        documents: Vec::new(),
        // What is exempted is no finding.
        exemptions: Vec::new(),
    };
    let subject = Subject {
        place: case.finding.place,
        account: case.is_in_chat().then_some(ACCOUNT),
        // The name says nothing that the signs do not say already.
        relative_path: "",
        facts,
        store_copy: signs.store_copy.at(bound),
        registered: signs.registered.at(bound),
        answer: case
            .finding
            .evidence
            .contains(&Evidence::Employee)
            .then_some(Answer::Work),
        modified: modified.unwrap_or(now),
        registers: Some(&registers),
        now,
    };
    judge(case.next, &subject)
}

const fn no_limit() -> FileLimit {
    FileLimit {
        account: ACCOUNT,
        bytes: u64::MAX,
        until: None,
    }
}

/// The file as the next policy would find it. Where a sign is there, the policy's first word stands for the one that is
/// not told.
fn facts(case: &Case<'_>, signs: &Signs, bound: Bound) -> Option<Facts> {
    let evidence = &case.next.work_file.evidence;
    let first = |list: &[String], known: Known| list.first().filter(|_| known.at(bound)).cloned();
    let mut labels = Vec::new();
    let mut detections = Vec::new();
    for (grade, found) in case.next.sensitivity.iter().zip(&signs.grades) {
        labels.extend(first(&grade.labels, found.label));
        for (kind, known) in [("keyword", found.keyword), ("pattern", found.pattern)] {
            if known.at(bound) {
                detections.push((format!("{kind}:{}", found.sensitivity), 1));
            }
        }
    }
    let most = if bound == Bound::Most { u32::MAX } else { 0 };
    detections.extend(
        signs
            .counts
            .iter()
            .map(|(name, count)| (name.clone(), count.unwrap_or(most))),
    );
    let detections: Result<Vec<_>, _> = detections
        .into_iter()
        .map(|(name, count)| Word::new(&name).map(|detector| Detection { detector, count }))
        .collect();
    Some(Facts {
        kind: case.file.kind.clone(),
        media_type: String::new(),
        family: case.file.family,
        size: case.file.size,
        disguised: false,
        encryption: case.file.encryption,
        label: None,
        text: Text {
            state: TextState::Read,
            chars: 0,
        },
        detections: detections.ok()?,
        labels,
        mentions: first(&evidence.company_names, signs.company_name).into_iter().collect(),
        titles: first(&evidence.titles, signs.title).into_iter().collect(),
        near_copy: signs.near_copy.at(bound).then_some(100),
        properties: properties(case.next, signs.property.at(bound)),
        content: case.file.content.unwrap_or(KeyedHash([0; 32])),
    })
}

/// Properties that the policy takes for the company's, or none.
fn properties(policy: &Effective, there: bool) -> Properties {
    let evidence = &policy.work_file.evidence;
    let domain = evidence
        .company_domains
        .first()
        .map(|domain| (String::new(), domain.clone()));
    let pattern = evidence
        .properties
        .iter()
        .find_map(|(name, patterns)| Some((name.clone(), patterns.first()?.replace('*', ""))));
    Properties {
        other: domain.or(pattern).filter(|_| there).into_iter().collect(),
        ..Properties::default()
    }
}
