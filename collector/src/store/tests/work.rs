use fileward_protocol::report::{Body, Decided, Decision, Finding, Justification};
use fileward_protocol::vocabulary::{FindingState, Resolution};

use super::*;
use crate::store::audit::{Action, AuditFilter};
use crate::store::findings::{FindingFilter, FindingRow};
use crate::store::ladder::{NewLadder, NewStep, StepName};
use crate::store::people::{Entry, NewUser, Role};
use crate::store::work::{Act, Hindrance, Judged, LONGEST_EXEMPTION, Which};
use crate::store::{Actor, Paging};
use crate::testing::{at, finding, number};

/// A device with its findings, and what somebody does with them.
pub(super) struct Desk<'a> {
    pub(super) sender: Sender<'a>,
    ack: Head,
}

impl<'a> Desk<'a> {
    pub(super) async fn new(store: &'a dyn Store, findings: impl IntoIterator<Item = Finding>) -> Self {
        let sender = Sender::new(store).await;
        let mut desk = Self {
            sender,
            ack: Head::START,
        };
        desk.report(findings).await;
        desk
    }

    pub(super) async fn report(&mut self, findings: impl IntoIterator<Item = Finding>) {
        let bodies = findings.into_iter().map(|finding| Body::Finding(Box::new(finding)));
        let reports = number(self.ack, bodies);
        self.ack = self.sender.reports(self.ack, &reports).await.unwrap().ack;
    }

    pub(super) fn which(&self, number: u128) -> Which {
        Which {
            device: self.sender.device,
            finding: finding(number, FindingState::Open).id,
        }
    }

    pub(super) async fn act(&self, number: u128, act: Act) -> Result<(), Hindrance> {
        let done = self.sender.store.work(vec![self.which(number)], act, By::user("li"));
        done.await.unwrap()[0]
    }

    async fn row(&self, number: u128) -> FindingRow {
        let Which { device, finding } = self.which(number);
        self.sender.store.finding(device, finding).await.unwrap().unwrap()
    }

    async fn words(&self, number: u128) -> Vec<&'static str> {
        let row = self.row(number).await;
        row.history.iter().map(|row| row.what.word()).collect()
    }

    async fn to_judge(&self) -> u64 {
        let filter = FindingFilter {
            to_judge: true,
            ..FindingFilter::within(crate::store::Scope::Everything)
        };
        self.sender
            .store
            .findings(filter, Paging::first(9))
            .await
            .unwrap()
            .total
    }

    pub(super) async fn decisions(&self) -> Vec<Decision> {
        self.sender.reports(self.ack, &[]).await.unwrap().decisions
    }
}

fn reopen() -> Act {
    let reason = "why".to_owned();
    Act::Reopen { reason }
}

pub(super) fn exempt(until: Option<Timestamp>) -> Act {
    let reason = "why".to_owned();
    Act::Exempt { reason, until }
}

pub(super) fn accept() -> Act {
    let note = String::new();
    Act::Accept { note }
}

pub(super) fn refuse() -> Act {
    let reason = "why".to_owned();
    Act::Refuse { reason }
}

fn escalate(step: i64) -> Act {
    let note = String::new();
    Act::Escalate { step, note }
}

/// A finding that the employee answered.
pub(super) fn answered(number: u128, answer: Resolution) -> Finding {
    let state = match answer {
        Resolution::Justification => FindingState::Justified,
        _ => FindingState::Dismissed,
    };
    Finding {
        resolution: Some(answer),
        justification: Justification::new("客户急用"),
        ..finding(number, state)
    }
}

pub(super) async fn user(store: &dyn Store, name: &str, role: Role) {
    let user = NewUser {
        name: name.to_owned(),
        role,
        groups: Vec::new(),
        entry: Entry::Password(String::new()),
    };
    store.add_user(user, By::command_line()).await.unwrap();
}

pub(super) async fn what_is_done_stands_in_the_finding_its_history_and_the_audit_trail(store: Arc<dyn Store>) {
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    user(&*store, "han", Role::SecurityOfficer).await;
    for act in [
        Act::Acknowledge,
        Act::Comment("  called the employee  ".to_owned()),
        Act::Assign(Some("han".to_owned())),
        escalate(1),
    ] {
        desk.act(1, act).await.unwrap();
    }
    let row = desk.row(1).await;
    assert!(row.handling.acknowledged_at.is_some());
    assert_eq!(row.handling.assignee.as_deref(), Some("han"));
    assert_eq!(row.handling.step.unwrap().en, "Reminder");
    assert_eq!(
        desk.words(1).await,
        ["open", "acknowledged", "commented", "assigned", "escalated"]
    );
    assert_eq!(row.changed_at, at(1), "the state is what it was");
    let Which { device, finding } = desk.which(1);
    let filter = AuditFilter {
        subject: Some(format!("{device}/{finding}")),
        ..AuditFilter::default()
    };
    let trail = store.audit(filter, Paging::first(9)).await.unwrap().rows;
    let told: Vec<_> = trail.iter().map(|row| (row.action, row.detail.as_str())).collect();
    assert_eq!(
        told,
        [
            (Action::FindingEscalated, "提醒 / Reminder"),
            (Action::FindingAssigned, "han"),
            (Action::FindingCommented, ""),
            (Action::FindingAcknowledged, ""),
        ],
        "a comment ends with the finding: it is not in a trail that never ends"
    );
    assert!(trail.iter().all(|row| row.actor == "user li"));
    let mine = FindingFilter {
        assignee: Some("han".to_owned()),
        ..FindingFilter::within(crate::store::Scope::Everything)
    };
    assert_eq!(store.findings(mine, Paging::first(9)).await.unwrap().total, 1);
    desk.act(1, Act::Assign(None)).await.unwrap();
    assert_eq!(desk.row(1).await.handling.assignee, None);
}

pub(super) async fn a_decision_shows_at_once_and_the_device_is_told(store: Arc<dyn Store>) {
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    desk.act(1, exempt(None)).await.unwrap();
    let row = desk.row(1).await;
    assert_eq!(row.finding.state, FindingState::Exempted);
    assert_eq!(row.finding.resolution, Some(Resolution::Exemption));
    desk.act(1, reopen()).await.unwrap();
    let row = desk.row(1).await;
    assert_eq!((row.finding.state, row.finding.ended), (FindingState::Open, None));
    assert_eq!(desk.words(1).await, ["open", "exempted", "reopened"]);
    let decisions = desk.decisions().await;
    let told: Vec<_> = decisions.iter().map(|decision| decision.what).collect();
    assert_eq!(told, [Decided::Exempted, Decided::Reopened]);
    assert_eq!(decisions[0].reason, "why");
}

pub(super) async fn what_hinders_is_named_and_changes_nothing(store: Arc<dyn Store>) {
    let findings = [
        finding(1, FindingState::Open),
        finding(2, FindingState::Resolved),
        answered(3, Resolution::PrivateFile),
        finding(4, FindingState::Open),
    ];
    let desk = Desk::new(&*store, findings).await;
    user(&*store, "auditor", Role::Auditor).await;
    for done in [Act::Acknowledge, escalate(1)] {
        desk.act(1, done).await.unwrap();
    }
    desk.act(3, accept()).await.unwrap();
    desk.act(4, exempt(None)).await.unwrap();
    let now = Timestamp::now();
    let empty = || " \n".to_owned();
    let before = store
        .audit(AuditFilter::default(), Paging::first(1))
        .await
        .unwrap()
        .total;
    for (number, act, hindrance) in [
        (9, Act::Acknowledge, Hindrance::NotThere),
        (1, Act::Acknowledge, Hindrance::Already),
        (2, Act::Acknowledge, Hindrance::NotOpen),
        (1, Act::Comment(empty()), Hindrance::NoText),
        (1, Act::Assign(None), Hindrance::Already),
        (1, Act::Assign(Some("nobody".to_owned())), Hindrance::NoSuchUser),
        (1, Act::Assign(Some("auditor".to_owned())), Hindrance::NoSuchUser),
        (2, exempt(None), Hindrance::Resolved),
        (4, exempt(None), Hindrance::Already),
        (
            1,
            Act::Exempt {
                reason: empty(),
                until: None,
            },
            Hindrance::NoText,
        ),
        (1, exempt(Some(now)), Hindrance::BadDate),
        (1, exempt(Some(now + LONGEST_EXEMPTION * 2)), Hindrance::BadDate),
        (1, reopen(), Hindrance::Already),
        (2, reopen(), Hindrance::Resolved),
        (4, Act::Reopen { reason: empty() }, Hindrance::NoText),
        (1, escalate(1), Hindrance::Already),
        (1, escalate(77), Hindrance::NoSuchStep),
        (3, escalate(1), Hindrance::Excused),
        (4, escalate(1), Hindrance::Excused),
        (1, accept(), Hindrance::NoAnswer),
        (3, refuse(), Hindrance::NoAnswer),
    ] {
        assert_eq!(desk.act(number, act.clone()).await, Err(hindrance), "{number} {act:?}");
    }
    let after = store
        .audit(AuditFilter::default(), Paging::first(1))
        .await
        .unwrap()
        .total;
    assert_eq!(before, after, "nothing happened, nothing is told");
    assert_eq!(desk.words(1).await, ["open", "acknowledged", "escalated"]);
}

pub(super) async fn many_at_once_are_each_for_themselves(store: Arc<dyn Store>) {
    let findings = [1, 3].map(|number| finding(number, FindingState::Open));
    let desk = Desk::new(&*store, findings).await;
    let on = [1, 2, 3].map(|number| desk.which(number)).to_vec();
    let done = store.work(on, Act::Acknowledge, By::user("li")).await.unwrap();
    assert_eq!(done, [Ok(()), Err(Hindrance::NotThere), Ok(())]);
    assert!(desk.row(3).await.handling.acknowledged_at.is_some());
}

pub(super) async fn an_exemption_ends_by_itself(store: Arc<dyn Store>) {
    let findings = [1, 2].map(|number| finding(number, FindingState::Open));
    let desk = Desk::new(&*store, findings).await;
    let soon = Timestamp::now() + SignedDuration::from_hours(1);
    let soon = Timestamp::from_microsecond(soon.as_microsecond()).unwrap();
    desk.act(1, exempt(Some(soon))).await.unwrap();
    desk.act(2, exempt(None)).await.unwrap();
    assert_eq!(desk.row(1).await.handling.exempt_until, Some(soon));
    let by = |at| By {
        actor: Actor::Collector,
        at,
    };
    assert_eq!(
        store
            .end_exemptions(by(soon - SignedDuration::from_secs(1)))
            .await
            .unwrap(),
        0
    );
    assert_eq!(store.end_exemptions(by(soon)).await.unwrap(), 1);
    assert_eq!(store.end_exemptions(by(soon)).await.unwrap(), 0, "once is enough");
    let row = desk.row(1).await;
    assert_eq!(
        (row.finding.state, row.handling.exempt_until),
        (FindingState::Open, None)
    );
    assert_eq!(desk.row(2).await.finding.state, FindingState::Exempted);
    let decisions = desk.decisions().await;
    assert!(decisions[0].reason.contains("until"), "the PC is told until when");
    let last = decisions.last().unwrap();
    assert_eq!((last.what, last.finding), (Decided::Reopened, row.finding.id));
    let trail = store
        .audit(AuditFilter::default(), Paging::first(1))
        .await
        .unwrap()
        .rows;
    assert_eq!(
        (trail[0].action, trail[0].actor.as_str()),
        (Action::FindingReopened, "collector")
    );

    // Another end in place of the first.
    let later = soon + SignedDuration::from_hours(1);
    for until in [Some(soon), Some(later)] {
        desk.act(1, exempt(until)).await.unwrap();
    }
    assert_eq!(store.end_exemptions(by(soon)).await.unwrap(), 0);
    assert_eq!(desk.row(1).await.handling.exempt_until, Some(later));
}

pub(super) async fn an_answer_is_judged_once_and_another_one_again(store: Arc<dyn Store>) {
    let findings = [
        answered(1, Resolution::PrivateFile),
        answered(2, Resolution::Justification),
        finding(3, FindingState::Open),
    ];
    let mut desk = Desk::new(&*store, findings).await;
    assert_eq!(desk.to_judge().await, 2);
    desk.act(2, accept()).await.unwrap();
    let row = desk.row(2).await;
    assert_eq!(
        row.finding.state,
        FindingState::Justified,
        "accepting leaves it as it is"
    );
    assert_eq!(row.handling.judged, Some(Judged::Accepted));
    desk.act(1, refuse()).await.unwrap();
    assert_eq!(desk.row(1).await.finding.state, FindingState::Open);
    assert_eq!(desk.words(1).await, ["dismissed", "answer_refused", "reopened"]);
    assert_eq!(
        desk.decisions().await.len(),
        1,
        "the device is told of the refusal alone"
    );
    assert_eq!(desk.to_judge().await, 0);

    desk.report([answered(1, Resolution::Justification)]).await;
    assert_eq!(desk.to_judge().await, 1, "another answer is another matter");
    desk.act(1, accept()).await.unwrap();

    // Whoever changes their mind reopens what was accepted.
    desk.act(2, reopen()).await.unwrap();
    let row = desk.row(2).await;
    assert_eq!(
        (row.finding.state, row.handling.judged),
        (FindingState::Open, Some(Judged::Refused))
    );
}

pub(super) async fn what_offends_again_is_to_be_seen_to_again(store: Arc<dyn Store>) {
    let mut desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    desk.act(1, Act::Acknowledge).await.unwrap();
    desk.report([finding(1, FindingState::Resolved)]).await;
    assert!(desk.row(1).await.handling.acknowledged_at.is_some());
    desk.report([finding(1, FindingState::Open)]).await;
    assert_eq!(desk.row(1).await.handling.acknowledged_at, None);
    desk.act(1, Act::Acknowledge).await.unwrap();
}

pub(super) async fn another_ladder_rewrites_nothing(store: Arc<dyn Store>) {
    let desk = Desk::new(&*store, [finding(1, FindingState::Open)]).await;
    let before = store.ladder().await.unwrap();
    let names: Vec<_> = before
        .iter()
        .map(|step| (step.step.name.zh_cn.as_str(), step.step.from_repeat))
        .collect();
    assert_eq!(names, [("提醒", 1), ("警告", 3), ("通报批评", 5)]);
    desk.act(1, escalate(before[1].id)).await.unwrap();
    let step = |name: &str, from_repeat| NewStep {
        name: StepName {
            zh_cn: name.to_owned(),
            en: name.to_owned(),
        },
        from_repeat,
    };
    let kept = NewStep {
        from_repeat: 2,
        ..before[0].step.clone()
    };
    let ladder = NewLadder::new(vec![kept, step("谈话", 4)]).unwrap();
    store.set_ladder(ladder, By::user("li")).await.unwrap();
    let after = store.ladder().await.unwrap();
    assert_eq!(after.len(), 2);
    assert_eq!(
        (after[0].id, after[0].step.from_repeat),
        (before[0].id, 2),
        "the same step"
    );
    assert_eq!(desk.row(1).await.handling.step.unwrap().en, "Warning");
    assert_eq!(desk.act(1, escalate(before[2].id)).await, Err(Hindrance::NoSuchStep));
    desk.act(1, escalate(after[1].id)).await.unwrap();
    assert_eq!(desk.row(1).await.handling.step.unwrap().zh_cn, "谈话");
    let trail = store
        .audit(AuditFilter::default(), Paging::first(9))
        .await
        .unwrap()
        .rows;
    let changed = trail.iter().find(|row| row.action == Action::LadderChanged).unwrap();
    assert_eq!(changed.detail, "提醒 / Reminder (2), 谈话 / 谈话 (4)");
}

pub(super) async fn a_purge_takes_the_work_along(store: Arc<dyn Store>) {
    let findings = [finding(1, FindingState::Resolved), finding(2, FindingState::Open)];
    let desk = Desk::new(&*store, findings).await;
    for number in [1, 2] {
        desk.act(number, Act::Comment("x".to_owned())).await.unwrap();
    }
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    assert_eq!(store.purge(later.into(), By::command_line()).await.unwrap().findings, 1);
    assert_eq!(desk.words(2).await, ["open", "commented"]);
}
