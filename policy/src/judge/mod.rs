//! The decision: what the policy says of a file. A pure function of what is given; it never fails.

mod evidence;
mod rules;
mod weight;

use std::time::Duration;

use fileward_protocol::vocabulary::{App, PlaceKind, Rule, Sensitivity};

use crate::effective::{Effective, Place, Unsure};
use crate::pattern::glob_matches;
use crate::subject::{Protection, Subject};
use crate::verdict::{Certainty, State, Verdict, Violation, WorkFile};
use crate::why::Why;
use evidence::Claim;

/// Says what `policy` says of a file.
pub fn judge(policy: &Effective, subject: &Subject<'_>) -> Verdict {
    let place = match watched(policy, subject) {
        Ok(place) => place,
        Err(why) => return not_looked_at(why),
    };
    let mut claim = evidence::claim(policy, subject);
    let treated = place.map(|_| treated(policy, subject, &mut claim));
    let Claim {
        work_file,
        sensitivity,
        mut why,
        ..
    } = claim;
    let verdict = |state, violations, ask, why| Verdict {
        state,
        work_file,
        sensitivity,
        violations,
        ask,
        why,
    };
    let (Some(place), Some(treated)) = (place, treated) else {
        why.push(Why::InStore);
        return verdict(State::Compliant, Vec::new(), false, why);
    };
    if treated == Unsure::Ignore {
        return verdict(State::Ignored, Vec::new(), false, why);
    }
    if let Some(exempted) = exempted(subject) {
        why.push(exempted);
        return verdict(State::Compliant, Vec::new(), false, why);
    }
    let (violations, reasons) = rules::broken(policy, subject, place, sensitivity);
    if treated == Unsure::Ask {
        // A question whose answer changes nothing is not worth asking.
        let ask = !violations.is_empty();
        return verdict(State::Ignored, Vec::new(), ask, why);
    }
    why.extend(reasons);
    if violations.is_empty() {
        why.push(Why::NothingWrong);
        verdict(State::Compliant, violations, false, why)
    } else {
        verdict(State::Violation, violations, false, why)
    }
}

/// What is done with a file of which so much is claimed, and why where that is not clear.
fn treated(policy: &Effective, subject: &Subject<'_>, claim: &mut Claim) -> Unsure {
    match claim.work_file.state {
        Certainty::Yes => return Unsure::Count,
        Certainty::No => return Unsure::Ignore,
        Certainty::Unsure => {}
    }
    let private = policy.work_file.when_unsure.private_title;
    let private = private.filter(|_| claim.looks_private);
    let unsure = private.unwrap_or_else(|| when_unsure(policy, subject));
    if claim.work_file.evidence.is_empty() {
        claim.why.push(Why::NoEvidence { treated: unsure });
        return unsure;
    }
    // The title alone does not clear it, and what private papers have too does not convict it.
    let treated = if unsure == Unsure::Count { unsure } else { Unsure::Ask };
    claim.why.push(Why::Contested { treated });
    treated
}

/// The exemption by path or project that holds for the file today.
fn exempted(subject: &Subject<'_>) -> Option<Why> {
    let holds = |until: Option<jiff::Timestamp>| until.is_none_or(|until| subject.now <= until);
    let mut filed = subject.registers?.exemptions.iter();
    let found = filed.find(|filed| holds(filed.until) && glob_matches(&filed.pattern, subject.relative_path));
    found.map(|filed| Why::Exempted {
        pattern: filed.pattern.clone(),
    })
}

/// Says whether a store breaks `store_unprotected`.
///
/// A store whose protection cannot be told is not accused: its place shows as not known to be encrypted.
pub fn judge_store(policy: &Effective, require_encryption: bool, protection: &Protection) -> Option<Violation> {
    let severity = policy.rules.store_unprotected?;
    let broken = require_encryption && matches!(protection, Protection::Plain);
    broken.then_some(Violation {
        rule: Rule::StoreUnprotected,
        severity,
        grace: Duration::ZERO,
    })
}

/// The kind of place the file lies in, `None` for a store; or why it is not looked at.
fn watched<'a>(policy: &'a Effective, subject: &Subject<'_>) -> Result<Option<&'a Place>, Why> {
    let places = &policy.places;
    if let Some(pattern) = places.excluding(subject.relative_path) {
        return Err(Why::Excluded {
            pattern: pattern.to_owned(),
        });
    }
    let kind = subject.place.kind;
    let place = match kind {
        PlaceKind::Store => return Ok(None),
        PlaceKind::Desktop => &places.desktop,
        PlaceKind::Downloads => &places.downloads,
        PlaceKind::ChatCache => &places.chat_cache,
        PlaceKind::PersonalCloud => &places.personal_cloud,
    };
    let Some(place) = place else {
        return Err(Why::PlaceOff { place: kind });
    };
    if place.apps.is_empty() || subject.place.app.is_some_and(|app| place.apps.contains(&app)) {
        Ok(Some(place))
    } else {
        Err(Why::AppNotWatched { app: subject.place.app })
    }
}

fn not_looked_at(why: Why) -> Verdict {
    Verdict {
        state: State::Ignored,
        work_file: WorkFile {
            state: Certainty::No,
            evidence: Vec::new(),
        },
        sensitivity: Sensitivity::General,
        violations: Vec::new(),
        ask: false,
        why: vec![why],
    }
}

fn when_unsure(policy: &Effective, subject: &Subject<'_>) -> Unsure {
    let unsure = policy.work_file.when_unsure;
    match subject.place.kind {
        PlaceKind::Desktop => unsure.desktop,
        PlaceKind::Downloads => unsure.downloads,
        PlaceKind::PersonalCloud => unsure.personal_cloud,
        PlaceKind::ChatCache if subject.place.app.is_some_and(App::is_company_chat) => unsure.company_apps,
        PlaceKind::ChatCache => unsure.personal_apps,
        PlaceKind::Store => Unsure::Ignore,
    }
}
