//! The life of a finding, as a pure function: what is, and what happened, give what is next and who is told.
//!
//! ```text
//!            grace over            file right
//!  noticed ─────────────▶ open ──────────────▶ resolved
//!     │                    │                      │ offends again: noticed or open
//!     │ answer             │ answer, decision     ▼
//!     └────────────────────┴─────▶ justified, exempted, dismissed
//!                                     offends worse with other content: noticed or open
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use fileward_protocol::ids::KeyedHash;
use fileward_protocol::report::Decided;
use fileward_protocol::vocabulary::{FindingState, Resolution, Rule, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a finding is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) state: FindingState,
    /// When it began to offend, this time.
    pub(crate) since: Timestamp,
    /// When its grace ends.
    pub(crate) due: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) resolution: Option<Resolution>,
    /// Whether the company was told of this time it offends.
    pub(crate) told: bool,
    /// What was accepted, while it is justified, exempted or dismissed.
    pub(crate) settled: Option<Charge>,
}

/// What a file is charged with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) severity: Severity,
    pub(crate) rules: BTreeSet<Rule>,
    pub(crate) content: Option<KeyedHash>,
}

impl Charge {
    /// Whether this goes beyond what was accepted: other content, and a higher severity or another rule.
    fn exceeds(&self, settled: &Self) -> bool {
        self.content != settled.content && (self.severity > settled.severity || !self.rules.is_subset(&settled.rules))
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input<'a> {
    /// It was judged, and something is wrong.
    Offends { charge: &'a Charge, grace: Duration },
    /// It is right, and why.
    Fits(Resolution),
    /// The clock moved on.
    Clock,
    /// The employee answered; `charge` is what it stands for.
    Answered { answer: Answer, charge: &'a Charge },
    /// The company decided.
    Decided { what: Decided, charge: &'a Charge },
}

/// What an employee can answer to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    PrivateFile,
    FalseAlarm,
    Justify,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tell {
    /// Nobody outside this PC.
    Nobody,
    /// The company, if what it sees of the finding differs.
    IfChanged,
    /// The company.
    Company,
    /// The company, as a count alone: it ended while grace ran, and nothing was told yet.
    Count,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) life: Life,
    pub(crate) tell: Tell,
}

/// Says what follows for a finding; `None` when nothing does. `full` is the policy's `during_grace = "full"`.
pub(crate) fn step(life: Option<&Life>, input: Input<'_>, now: Timestamp, full: bool) -> Option<Next> {
    match (life, input) {
        (None, Input::Offends { grace, .. }) => Some(begin(grace, now, full)),
        (None, _) => None,
        (Some(life), Input::Offends { charge, grace }) => match life.state {
            FindingState::Noticed | FindingState::Open => Some(go_on(life, grace, now, full)),
            FindingState::Resolved => Some(begin(grace, now, full)),
            FindingState::Justified | FindingState::Exempted | FindingState::Dismissed => life
                .settled
                .as_ref()
                .is_none_or(|settled| charge.exceeds(settled))
                .then(|| begin(grace, now, full)),
        },
        (Some(life), Input::Fits(resolution)) => life.state.is_active().then(|| Next {
            life: end(life, FindingState::Resolved, resolution, None, now),
            tell: if life.told { Tell::Company } else { Tell::Count },
        }),
        (Some(life), Input::Clock) => (life.state == FindingState::Noticed && life.due <= now).then(|| open(life)),
        (Some(life), Input::Answered { answer, charge }) => life
            .state
            .is_active()
            .then(|| answered(life, answer, charge, now, full)),
        (Some(life), Input::Decided { what, charge }) => match (what, life.state) {
            (Decided::Exempted, FindingState::Exempted) => None,
            (Decided::Exempted, _) => Some(exempt(life, charge, now)),
            (Decided::Reopened, FindingState::Justified | FindingState::Exempted | FindingState::Dismissed) => {
                Some(open(life))
            }
            (Decided::Reopened, _) => None,
        },
    }
}

fn begin(grace: Duration, now: Timestamp, full: bool) -> Next {
    let due = after(now, grace);
    let state = if due <= now {
        FindingState::Open
    } else {
        FindingState::Noticed
    };
    let told = full || state == FindingState::Open;
    Next {
        life: Life {
            state,
            since: now,
            due,
            ended: None,
            resolution: None,
            told,
            settled: None,
        },
        tell: if told { Tell::Company } else { Tell::Nobody },
    }
}

fn go_on(life: &Life, grace: Duration, now: Timestamp, full: bool) -> Next {
    if life.state == FindingState::Open {
        return Next {
            life: life.clone(),
            tell: Tell::IfChanged,
        };
    }
    let mut life = Life {
        due: after(life.since, grace),
        ..life.clone()
    };
    if life.due <= now {
        return open(&life);
    }
    let tell = match (life.told, full) {
        (true, _) => Tell::IfChanged,
        (false, true) => Tell::Company,
        (false, false) => Tell::Nobody,
    };
    life.told |= full;
    Next { life, tell }
}

fn open(life: &Life) -> Next {
    Next {
        life: Life {
            state: FindingState::Open,
            ended: None,
            resolution: None,
            told: true,
            settled: None,
            ..life.clone()
        },
        tell: Tell::Company,
    }
}

fn answered(life: &Life, answer: Answer, charge: &Charge, now: Timestamp, full: bool) -> Next {
    let (state, resolution) = match answer {
        Answer::PrivateFile => (FindingState::Dismissed, Resolution::PrivateFile),
        Answer::FalseAlarm => (FindingState::Dismissed, Resolution::FalseAlarm),
        Answer::Justify => (FindingState::Justified, Resolution::Justification),
    };
    // A reason is given to be read. That a file is no work file must not be what makes it known.
    let told = life.told || full || answer == Answer::Justify;
    Next {
        life: Life {
            told,
            ..end(life, state, resolution, Some(charge.clone()), now)
        },
        tell: if told { Tell::Company } else { Tell::Count },
    }
}

fn exempt(life: &Life, charge: &Charge, now: Timestamp) -> Next {
    let settled = Some(charge.clone());
    Next {
        life: Life {
            told: true,
            ..end(life, FindingState::Exempted, Resolution::Exemption, settled, now)
        },
        tell: Tell::Company,
    }
}

fn end(life: &Life, state: FindingState, resolution: Resolution, settled: Option<Charge>, now: Timestamp) -> Life {
    Life {
        state,
        ended: Some(now),
        resolution: Some(resolution),
        settled,
        ..life.clone()
    }
}

/// A grace beyond the calendar's end never ends.
fn after(time: Timestamp, grace: Duration) -> Timestamp {
    time.checked_add(grace).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn charge(severity: Severity, rules: &[Rule], content: u8) -> Charge {
        Charge {
            severity,
            rules: rules.iter().copied().collect(),
            content: Some(KeyedHash([content; 32])),
        }
    }

    fn mild() -> Charge {
        charge(Severity::Low, &[Rule::OutsideStore], 1)
    }

    fn offends(life: Option<&Life>, charge: &Charge, grace: u64, now: i64) -> Option<Next> {
        let grace = Duration::from_secs(grace);
        step(life, Input::Offends { charge, grace }, at(now), false)
    }

    fn answered(life: &Life, answer: Answer, now: i64) -> Option<Next> {
        step(
            Some(life),
            Input::Answered {
                answer,
                charge: &mild(),
            },
            at(now),
            false,
        )
    }

    #[test]
    fn what_is_put_right_in_time_is_only_counted() {
        let noticed = offends(None, &mild(), 60, 0).unwrap();
        assert_eq!(
            (noticed.life.state, noticed.tell),
            (FindingState::Noticed, Tell::Nobody)
        );
        let right = step(
            Some(&noticed.life),
            Input::Fits(Resolution::MovedToStore),
            at(59),
            false,
        )
        .unwrap();
        assert_eq!((right.life.state, right.tell), (FindingState::Resolved, Tell::Count));
    }

    #[test]
    fn a_finding_opens_when_grace_is_over_and_not_before() {
        let noticed = offends(None, &mild(), 60, 0).unwrap().life;
        assert_eq!(step(Some(&noticed), Input::Clock, at(59), false), None);
        let open = step(Some(&noticed), Input::Clock, at(60), false).unwrap();
        assert_eq!((open.life.state, open.tell), (FindingState::Open, Tell::Company));
        let right = step(Some(&open.life), Input::Fits(Resolution::Deleted), at(70), false).unwrap();
        assert_eq!((right.life.state, right.tell), (FindingState::Resolved, Tell::Company));
    }

    #[test]
    fn a_rule_without_grace_opens_at_once() {
        let open = offends(None, &mild(), 0, 0).unwrap();
        assert_eq!((open.life.state, open.tell), (FindingState::Open, Tell::Company));
    }

    #[test]
    fn changing_the_file_does_not_begin_grace_again() {
        let noticed = offends(None, &mild(), 60, 0).unwrap().life;
        let later = offends(
            Some(&noticed),
            &charge(Severity::High, &[Rule::OutsideStore], 2),
            60,
            30,
        )
        .unwrap();
        assert_eq!(later.life.due, at(60));
        let shorter = offends(Some(&noticed), &mild(), 20, 30).unwrap();
        assert_eq!(shorter.life.state, FindingState::Open);
    }

    #[test]
    fn reported_from_the_first_moment_means_reported_when_put_right() {
        let (charge, grace) = (mild(), Duration::from_mins(1));
        let noticed = step(None, Input::Offends { charge: &charge, grace }, at(0), true).unwrap();
        assert_eq!(
            (noticed.life.state, noticed.tell),
            (FindingState::Noticed, Tell::Company)
        );
        let right = step(Some(&noticed.life), Input::Fits(Resolution::Encrypted), at(5), true).unwrap();
        assert_eq!(right.tell, Tell::Company);
    }

    #[test]
    fn an_answered_finding_comes_back_only_when_other_content_makes_it_worse() {
        for answer in [Answer::PrivateFile, Answer::FalseAlarm, Answer::Justify] {
            let noticed = offends(None, &mild(), 60, 0).unwrap().life;
            let settled = answered(&noticed, answer, 1).unwrap();
            let life = Some(&settled.life);
            assert_eq!(
                offends(life, &charge(Severity::Critical, &[Rule::OutsideStore], 1), 0, 2),
                None
            );
            assert_eq!(
                offends(life, &charge(Severity::Low, &[Rule::OutsideStore], 2), 0, 2),
                None
            );
            let worse = charge(Severity::High, &[Rule::OutsideStore], 2);
            assert_eq!(offends(life, &worse, 60, 2).unwrap().life.state, FindingState::Noticed);
            let other = charge(Severity::Low, &[Rule::OutsideStore, Rule::UnfiledAccount], 2);
            assert_eq!(offends(life, &other, 0, 2).unwrap().life.state, FindingState::Open);
        }
    }

    #[test]
    fn what_is_called_private_or_a_false_alarm_in_time_is_only_counted() {
        let noticed = offends(None, &mild(), 60, 0).unwrap().life;
        let (open, charge) = (offends(None, &mild(), 0, 0).unwrap().life, mild());
        for (answer, in_time) in [
            (Answer::PrivateFile, Tell::Count),
            (Answer::FalseAlarm, Tell::Count),
            (Answer::Justify, Tell::Company),
        ] {
            assert_eq!(answered(&noticed, answer, 1).unwrap().tell, in_time);
            assert_eq!(answered(&open, answer, 1).unwrap().tell, Tell::Company);
            let charge = &charge;
            let reported = step(Some(&noticed), Input::Answered { answer, charge }, at(1), true).unwrap();
            assert_eq!((reported.tell, reported.life.told), (Tell::Company, true));
        }
    }

    #[test]
    fn an_ended_finding_takes_no_answer() {
        let open = offends(None, &mild(), 0, 0).unwrap().life;
        let ended = step(Some(&open), Input::Fits(Resolution::Deleted), at(1), false)
            .unwrap()
            .life;
        assert_eq!(answered(&ended, Answer::PrivateFile, 2), None);
    }

    #[test]
    fn the_company_can_make_an_exception_and_take_it_back() {
        let open = offends(None, &mild(), 0, 0).unwrap().life;
        let charge = mild();
        let decide = |life: &Life, what, now| {
            let charge = &charge;
            step(Some(life), Input::Decided { what, charge }, at(now), false)
        };
        let exempted = decide(&open, Decided::Exempted, 1).unwrap();
        assert_eq!(
            (exempted.life.state, exempted.tell),
            (FindingState::Exempted, Tell::Company)
        );
        assert_eq!(decide(&exempted.life, Decided::Exempted, 2), None);
        let reopened = decide(&exempted.life, Decided::Reopened, 3).unwrap();
        assert_eq!((reopened.life.state, reopened.life.ended), (FindingState::Open, None));
        assert_eq!(decide(&reopened.life, Decided::Reopened, 4), None);
    }

    #[derive(Clone, Debug)]
    enum Happening {
        Offends(Charge, u64),
        Fits(Resolution),
        Clock,
        Answered(Answer),
        Decided(Decided),
    }

    fn happening() -> impl Strategy<Value = Happening> {
        let severity = prop::sample::select(Severity::ALL);
        let rules = prop::collection::btree_set(prop::sample::select(Rule::ALL), 1..3);
        let charge = (severity, rules, 0..3_u8).prop_map(|(severity, rules, content)| Charge {
            severity,
            rules,
            content: Some(KeyedHash([content; 32])),
        });
        prop_oneof![
            4 => (charge, prop::sample::select(vec![0_u64, 10, 100])).prop_map(|(c, g)| Happening::Offends(c, g)),
            2 => prop::sample::select(vec![Resolution::Deleted, Resolution::MovedToStore]).prop_map(Happening::Fits),
            2 => Just(Happening::Clock),
            1 => prop::sample::select(vec![Answer::PrivateFile, Answer::FalseAlarm, Answer::Justify]).prop_map(Happening::Answered),
            1 => prop::sample::select(Decided::ALL).prop_map(Happening::Decided),
        ]
    }

    proptest! {
        /// The company's picture is what it was last told. It may lag behind only while grace runs, or
        /// when what grace covered was put right or dismissed, which it learns as a count.
        #[test]
        fn the_company_knows_every_state_that_is_not_covered_by_grace(
            story in prop::collection::vec((0..40_i64, happening()), 1..40),
            full: bool,
        ) {
            let mut life: Option<Life> = None;
            let mut known: Option<FindingState> = None;
            let mut now = 0;
            let mut last = mild();
            for (wait, happening) in story {
                now += wait;
                let input = match &happening {
                    Happening::Offends(charge, grace) => {
                        last = charge.clone();
                        Input::Offends { charge, grace: Duration::from_secs(*grace) }
                    }
                    Happening::Fits(resolution) => Input::Fits(*resolution),
                    Happening::Clock => Input::Clock,
                    Happening::Answered(answer) => Input::Answered { answer: *answer, charge: &last },
                    Happening::Decided(what) => Input::Decided { what: *what, charge: &last },
                };
                let Some(next) = step(life.as_ref(), input, at(now), full) else { continue };
                match next.tell {
                    Tell::Company => known = Some(next.life.state),
                    Tell::Count => {
                        prop_assert_eq!(life.as_ref().map(|life| life.state), Some(FindingState::Noticed));
                        let ended = [FindingState::Resolved, FindingState::Dismissed];
                        prop_assert!(ended.contains(&next.life.state));
                        prop_assert!(!next.life.told && !full);
                    }
                    Tell::IfChanged => prop_assert_eq!(known, Some(next.life.state)),
                    Tell::Nobody => prop_assert_eq!(next.life.state, FindingState::Noticed),
                }
                match next.life.state {
                    FindingState::Noticed => prop_assert!(next.life.due > at(now)),
                    state if next.life.told => prop_assert_eq!(known, Some(state)),
                    _ => {
                        prop_assert_eq!(next.tell, Tell::Count);
                        prop_assert!(known.is_none_or(|known| !known.is_active()));
                    }
                }
                prop_assert_eq!(next.life.ended.is_some(), !next.life.state.is_active());
                prop_assert_eq!(next.life.ended.is_some(), next.life.resolution.is_some());
                life = Some(next.life);
            }
        }
    }
}
