//! The sections of a policy: their keys, their defaults, and what makes no sense in each.

mod agent;
mod notice;
mod places;
mod rules;
mod titles;
mod work_file;

use std::collections::BTreeSet;
use std::time::Duration;

use super::reader::Reader;
use super::value::{Count, Text, Value};
use crate::effective::{Effective, Grade, Unsure};
use crate::facts::DETECTORS;

/// The one format there is.
pub(super) const FORMAT: u32 = 1;

/// Reads what can stand in a document and, but for `format` and `name`, in a group's exceptions.
pub(super) fn policy(document: &mut Reader<'_>) -> Effective {
    let format = document.optional("format", "The format of this document: 1.");
    if format.map_or(!document.has("format"), |Count(format)| format != FORMAT) {
        document.error("format", "must be 1, the only format this version reads: format = 1");
    }
    let name = document.value("name", "The policy's name, for people.", Text("Policy".to_owned()));
    let effective = Effective {
        name: name.0,
        stores: places::stores(document),
        places: document.section("places", "Where work files do not belong.", places::places),
        work_file: document.section("work_file", "What counts as a work file.", work_file::work_file),
        sensitivity: document.section("sensitivity", "How documents are graded.", work_file::sensitivity),
        rules: document.section("rules", "What is forbidden.", rules::rules),
        notice: document.section("notice", "How the employee is told.", notice::notice),
        report: document.section("report", "What is reported and kept.", notice::report),
        agent: document.section("agent", "The agent itself.", agent::agent),
    };
    refuse_contradictions(document, &effective);
    effective
}

/// Whether a key may be one of a newer Fileward, without which everything else still means what it says: a detector, or
/// something of the agent itself.
pub(super) fn may_be_newer(key: &str) -> bool {
    is_of_unknown_detector(key) || is_of_agent(key)
}

/// Whether a key, such as `agent.colour`, is not known under `agent`.
fn is_of_agent(key: &str) -> bool {
    let of_group = key.split_once("].").filter(|_| key.starts_with("for["));
    let (_, key) = of_group.unwrap_or(("", key));
    key.strip_prefix("agent.")
        .is_some_and(|key| !agent::KEYS.contains(&key))
}

/// Whether what stands under a key, such as `sensitivity.internal.detectors.email`, is for a detector that is not known.
fn is_of_unknown_detector(key: &str) -> bool {
    let mut parts = key.rsplit('.');
    let name = parts.next().unwrap_or_default();
    if parts.next() != Some("detectors") || DETECTORS.contains(&name) {
        return false;
    }
    matches!(
        (parts.next(), parts.next()),
        (Some(_), Some("sensitivity")) | (Some("evidence"), Some("work_file"))
    )
}

/// What no section can see alone.
fn refuse_contradictions(document: &Reader<'_>, policy: &Effective) {
    if nothing_is_a_work_file(policy) {
        document.error_at(
            "work_file.evidence",
            "nothing could ever count as a work file: no evidence is accepted and work_file.when_unsure ignores every \
             file without evidence; accept some evidence, or \"ask\" or \"count\" somewhere",
        );
    }
    let grades = &policy.sensitivity;
    let is_sought = |detector: &String| grades.iter().any(|grade| grade.detectors.contains_key(detector));
    for detector in policy.work_file.evidence.detectors.keys() {
        if !is_sought(detector) {
            let key = format!("work_file.evidence.detectors.{detector}");
            document.error_at(&key, "is looked for only where a grade under [sensitivity] names it");
        }
    }
    let kept = policy.report.keep_closed;
    for (key, grace) in graces(policy) {
        if grace > kept {
            document.error_at(key, format!("is longer than report.keep_closed, {}", written(kept)));
        }
    }
    if let (Some(stale), Some(chat)) = (&policy.rules.stale_chat_cache, &policy.places.chat_cache)
        && stale.after <= chat.grace
    {
        let wrong = format!("must be longer than places.chat_cache.grace, {}", written(chat.grace));
        document.error_at("rules.stale_chat_cache.after", wrong);
    }
}

fn graces(policy: &Effective) -> impl Iterator<Item = (&'static str, Duration)> {
    let places = &policy.places;
    [
        ("places.desktop.grace", &places.desktop),
        ("places.downloads.grace", &places.downloads),
        ("places.chat_cache.grace", &places.chat_cache),
        ("places.personal_cloud.grace", &places.personal_cloud),
    ]
    .into_iter()
    .filter_map(|(key, place)| place.as_ref().map(|place| (key, place.grace)))
}

fn nothing_is_a_work_file(policy: &Effective) -> bool {
    let evidence = &policy.work_file.evidence;
    let grades = &policy.sensitivity;
    let labels = evidence.labels && grades.iter().any(|grade| !grade.labels.is_empty());
    let content = evidence.content && grades.iter().any(Grade::names_content);
    let named = !(evidence.company_names.is_empty()
        && evidence.company_domains.is_empty()
        && evidence.properties.is_empty()
        && evidence.titles.is_empty());
    let unsure = policy.work_file.when_unsure;
    let ignored = [
        unsure.company_apps,
        unsure.personal_apps,
        unsure.desktop,
        unsure.downloads,
        unsure.personal_cloud,
    ]
    .iter()
    .all(|unsure| *unsure == Unsure::Ignore);
    ignored && !(evidence.store_copy || evidence.registered || labels || content || named)
}

const fn days(count: u64) -> Duration {
    Duration::from_hours(count * 24)
}

/// A duration as a policy writes it.
fn written(duration: Duration) -> String {
    duration.written().as_str().unwrap_or_default().to_owned()
}

/// The first text that is there twice, whatever its case.
fn twice<'a>(texts: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let mut seen = BTreeSet::new();
    texts.into_iter().find(|text| !seen.insert(text.to_lowercase()))
}
