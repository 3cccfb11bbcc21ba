//! Work on findings through the console.

use fileward_protocol::report::{Body as ReportBody, Finding, Justification};
use fileward_protocol::vocabulary::{Binding, FindingState, Resolution};

use super::super::access::may;
use super::*;
use crate::store::Paging;
use crate::store::audit::{Action, AuditFilter, AuditRow};
use crate::store::findings::FindingRow;
use crate::testing::{finding, number};

impl House {
    /// Posts a form with the session's own token.
    pub(super) async fn post(&self, path: &str, session: &Secret, fields: &str) -> Page {
        let form = format!("{fields}&token={}", own_token(session));
        self.ask(Method::POST, path, Some(session.text()), &form).await
    }

    /// Says for what the session looks at this device's findings.
    pub(super) async fn give_purpose(&self, session: &Secret, device: DeviceId) {
        let path = format!("/devices/{device}/purpose");
        let given = self.post(&path, session, "purpose=handling&note=").await;
        assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    }

    pub(super) async fn trail(&self, action: Action) -> Vec<AuditRow> {
        let filter = AuditFilter {
            action: Some(action),
            subject: None,
            ..AuditFilter::default()
        };
        self.store.audit(filter, Paging::first(100)).await.unwrap().rows
    }

    /// A device that reported these findings.
    pub(super) async fn device_with(&self, findings: Vec<Finding>) -> DeviceId {
        let secret = Secret::new().unwrap();
        let now = Timestamp::now();
        let token = NewToken {
            secret_hash: secret.hash(),
            until: now + SignedDuration::from_hours(1),
            uses: 1,
            auto_approve: true,
            group: Some("sales".to_owned()),
        };
        self.store.add_token(token, By::command_line()).await.unwrap();
        let enrolment = Enrolment {
            secret_hash: secret.hash(),
            key_hash: secret.hash(),
            fingerprint: Fingerprint::default(),
            roots_serial: 1,
            now,
        };
        let Enrolled::Yes(device, Binding::Bound) = self.store.enrol(enrolment).await.unwrap() else {
            panic!("it enrols")
        };
        let bodies = findings
            .into_iter()
            .map(|finding| ReportBody::Finding(Box::new(finding)));
        let request = report::Request {
            protocol: fileward_protocol::VERSION,
            ledger: LedgerId::new(),
            boot: uuid::Uuid::new_v4(),
            sent_at: now,
            fingerprint: None,
            health: None,
            after: Some(Head::START),
            reports: number(Head::START, bodies),
            decisions_after: 0,
            disclosures_after: None,
        };
        let delivery = Delivery::read(request, now).unwrap();
        self.store.take(device, delivery, now).await.unwrap().unwrap();
        device
    }

    async fn row(&self, device: DeviceId, number: u128) -> FindingRow {
        self.store.finding(device, id(number)).await.unwrap().unwrap()
    }
}

fn id(number: u128) -> FindingId {
    finding(number, FindingState::Open).id
}

fn open(number: u128) -> Finding {
    finding(number, FindingState::Open)
}

fn answered(number: u128, words: &str) -> Finding {
    Finding {
        resolution: Some(Resolution::Justification),
        justification: Justification::new(words),
        ..finding(number, FindingState::Justified)
    }
}

pub(super) fn encoded(text: &str) -> String {
    let bytes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    bytes.concat()
}

pub(super) const HOSTILE: &str = "\"><script>alert(1)</script>\u{202e}&amp;";

pub(super) fn is_harmless(page: &Page) -> bool {
    !page.body.contains("<script") && !page.body.contains('\u{202e}')
}

#[tokio::test]
async fn one_employees_findings_are_shown_for_a_purpose_and_not_before() {
    let house = House::new();
    let device = house.device_with(vec![open(1)]).await;
    let session = house.session(Role::SecurityOfficer).await;
    let one = format!("/findings/{device}/{}", id(1));
    let list = format!("/findings?state=open&device={device}");
    for path in [&one, &list] {
        let asked = house.get(path, Some(session.text())).await;
        assert!(asked.body.contains("name=\"purpose\""), "{path}");
        assert!(!asked.body.contains("报价单"), "nothing is shown: {path}");
    }
    for looked in [Action::FindingViewed, Action::FindingsListed] {
        assert!(house.trail(looked).await.is_empty(), "nothing was seen");
    }

    let purpose = format!("/devices/{device}/purpose?state=open");
    let nothing_said = house.post(&purpose, &session, "purpose=other&note=+").await;
    assert_eq!(nothing_said.status, StatusCode::OK, "something else is said in words");
    assert!(nothing_said.body.contains("name=\"purpose\""));
    let on = house.post(&purpose, &session, "purpose=incident&note=17").await;
    assert_eq!(
        on.headers[header::LOCATION],
        format!("/findings?state=open&device={device}").as_str(),
        "the filter is kept"
    );
    let given = house.trail(Action::PurposeGiven).await;
    assert_eq!((given.len(), given[0].detail.as_str()), (1, "purpose: incident, 17"));
    assert_eq!(given[0].subject, device.to_string());

    for path in [&one, &list] {
        assert!(
            house.get(path, Some(session.text())).await.body.contains("报价单"),
            "{path}"
        );
    }
    assert_eq!(
        house.trail(Action::FindingViewed).await[0].detail,
        "purpose: incident, 17"
    );
    let other = house.session(Role::SecurityOfficer).await;
    let asked = house.get(&one, Some(other.text())).await;
    assert!(asked.body.contains("name=\"purpose\""), "each for themselves");
    let to_finding = house
        .post(&purpose, &other, &format!("purpose=audit&note=&finding={}", id(1)))
        .await;
    assert_eq!(to_finding.headers[header::LOCATION], one.as_str());
    let nowhere = format!("/devices/{}/purpose", DeviceId::new());
    let nowhere = house.post(&nowhere, &other, "purpose=audit&note=").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

/// Everything a form can ask for, as somebody fills it in, with the right it needs and what then stands in the history.
const DEEDS: &[(&str, Right, &str)] = &[
    ("what=acknowledge", Right::Work, "acknowledged"),
    ("what=comment&text=called", Right::Work, "commented"),
    ("what=assign&assignee=han", Right::Decide, "assigned"),
    ("what=escalate&step=2&text=", Right::Decide, "escalated"),
    ("what=exempt&text=fair&until=", Right::Decide, "exempted"),
    ("what=reopen&text=over", Right::Decide, "reopened"),
    ("what=accept&text=", Right::Work, "answer_accepted"),
    ("what=refuse&text=no", Right::Work, "answer_refused"),
];

#[tokio::test]
async fn each_deed_is_done_by_those_who_may_and_leaves_its_trace() {
    let house = House::new();
    let han = NewUser {
        name: "han".to_owned(),
        role: Role::SecurityOfficer,
        groups: Vec::new(),
        entry: Entry::Password(String::new()),
    };
    house.store.add_user(han, By::command_line()).await.unwrap();
    for role in Role::ALL {
        let session = house.session_in(*role, &["sales"]).await;
        for (fields, right, word) in DEEDS {
            let before = match *word {
                "answer_accepted" | "answer_refused" | "reopened" => answered(1, "客户急用"),
                _ => open(1),
            };
            let device = house.device_with(vec![before]).await;
            let path = format!("/findings/{device}/{}/work", id(1));
            let strange = house
                .ask(Method::POST, &path, Some(session.text()), &format!("{fields}&token=0"))
                .await;
            assert_eq!(strange.status, StatusCode::FORBIDDEN, "{role} {fields}");
            let done = house.post(&path, &session, fields).await;
            let wanted = if may(*role, *right) {
                StatusCode::SEE_OTHER
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(done.status, wanted, "{role} {fields}: {}", done.body);
            let row = house.row(device, 1).await;
            let is_there = row.history.iter().any(|step| step.what.word() == *word);
            assert_eq!(is_there, may(*role, *right), "{role} {fields}");
        }
    }
}

#[tokio::test]
async fn what_hinders_is_said_and_what_is_unknown_is_not_done() {
    let house = House::new();
    let device = house.device_with(vec![finding(1, FindingState::Resolved)]).await;
    let session = house.session(Role::SecurityOfficer).await;
    let path = format!("/findings/{device}/{}/work", id(1));
    for (fields, said) in [
        ("what=exempt&text=fair&until=", "It is resolved"),
        ("what=acknowledge", "It is not open"),
        ("what=comment&text=+", "text is needed"),
        ("what=assign&assignee=nobody", "There is no such user"),
        ("what=exempt&text=fair&until=2026-02-30", "must lie ahead"),
        ("what=escalate&step=x", "no such step"),
        ("what=delete", "no such action"),
        ("", "no such action"),
    ] {
        let page = house.post(&path, &session, fields).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{fields}");
        assert!(page.body.contains(said), "{fields}: {}", page.body);
    }
    let nowhere = format!("/findings/{device}/{}/work", id(2));
    let nowhere = house.post(&nowhere, &session, "what=acknowledge").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_suggests_the_step_for_the_repeat_and_offers_what_can_be_done() {
    let house = House::new();
    let device = house
        .device_with(vec![open(1), open(2), open(3), answered(4, "x")])
        .await;
    let session = house.session(Role::SecurityOfficer).await;
    house.give_purpose(&session, device).await;
    let page = async |number| {
        let path = format!("/findings/{device}/{}", id(number));
        house.get(&path, Some(session.text())).await.body
    };
    let third = page(3).await;
    assert!(third.contains("selected>Warning (suggested)<"), "{third}");
    let work = format!("/findings/{device}/{}/work", id(3));
    house.post(&work, &session, "what=escalate&step=2&text=").await;
    let escalated = page(3).await;
    assert!(
        !escalated.contains("(suggested)") && escalated.contains("<dd>Warning</dd>"),
        "{escalated}"
    );
    assert!(third.contains("value=\"acknowledge\"") && !third.contains("value=\"reopen\""));
    let answer = page(4).await;
    assert!(answer.contains("value=\"accept\"") && answer.contains("value=\"refuse\""));
    assert!(!answer.contains("value=\"acknowledge\""));
}

#[tokio::test]
async fn many_findings_are_worked_on_at_once_and_each_that_was_not_is_named() {
    let house = House::new();
    let device = house
        .device_with(vec![open(1), open(2), finding(3, FindingState::Resolved)])
        .await;
    let session = house.session(Role::SecurityOfficer).await;
    let list = house.get("/findings", Some(session.text())).await;
    let boxes = format!("name=\"finding\" value=\"{device}/{}\"", id(3));
    assert!(list.body.contains(&boxes), "{}", list.body);
    assert!(!list.body.contains("value=\"escalate\""), "that is decided one by one");
    let select = |numbers: &[u128]| {
        let boxes = numbers
            .iter()
            .map(|number| format!("&finding={device}/{}", id(*number)));
        boxes.collect::<String>()
    };
    let ask = async |fields: &str, numbers: &[u128]| {
        let fields = format!("{fields}{}", select(numbers));
        house.post("/findings/selected", &session, &fields).await
    };
    let done = ask("what=exempt&text=fair&until=", &[1, 2, 3]).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(
        done.body.contains("done: <b>2</b>") && done.body.contains("not done: <b>1</b>"),
        "{}",
        done.body
    );
    assert!(done.body.contains(&id(3).to_string()) && done.body.contains("It is resolved"));
    for number in [1, 2] {
        assert_eq!(house.row(device, number).await.finding.state, FindingState::Exempted);
    }
    assert_eq!(house.trail(Action::FindingExempted).await.len(), 2, "a line for each");
    for (fields, numbers) in [
        ("what=escalate&step=1", &[1][..]),
        ("what=accept", &[1]),
        ("what=acknowledge", &[]),
        ("what=acknowledge", &[1; 51]),
    ] {
        assert_eq!(ask(fields, numbers).await.status, StatusCode::CONFLICT, "{fields}");
    }
    assert_eq!(ask("what=acknowledge", &[1, 9]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn answers_wait_until_they_are_judged() {
    let house = House::new();
    let device = house
        .device_with(vec![answered(1, "客户急用"), answered(2, HOSTILE), open(3)])
        .await;
    let session = house.session(Role::SecurityOfficer).await;
    let queue = house.get("/answers", Some(session.text())).await;
    assert!(queue.body.contains("客户急用") && is_harmless(&queue), "{}", queue.body);
    assert_eq!(queue.body.matches("<article").count(), 2);
    let judge = async |number: u128, fields: &str| {
        let path = format!("/findings/{device}/{}/work", id(number));
        house.post(&path, &session, &format!("{fields}&back=answers")).await
    };
    let done = judge(1, "what=accept&text=").await;
    assert_eq!(done.headers[header::LOCATION], "/answers");
    judge(2, "what=refuse&text=no").await;
    let queue = house.get("/answers", Some(session.text())).await;
    assert!(!queue.body.contains("<article"));
    assert_eq!(house.row(device, 1).await.finding.state, FindingState::Justified);
    assert_eq!(house.row(device, 2).await.finding.state, FindingState::Open);
    assert_eq!(
        judge(2, "what=accept&text=").await.status,
        StatusCode::CONFLICT,
        "judged once"
    );

    let rules = house.get("/rules", Some(session.text())).await;
    assert!(
        rules.body.contains("<b>100 %</b> <span class=\"small\">2/2</span>"),
        "{}",
        rules.body
    );
}

#[tokio::test]
async fn what_people_write_is_text_and_nothing_else() {
    let house = House::new();
    let device = house.device_with(vec![open(1)]).await;
    let session = house.session(Role::SecurityOfficer).await;
    let text = encoded(HOSTILE);
    house
        .post(
            &format!("/devices/{device}/purpose"),
            &session,
            &format!("purpose=other&note={text}"),
        )
        .await;
    let work = format!("/findings/{device}/{}/work", id(1));
    for what in ["comment", "exempt", "reopen", "escalate&step=1"] {
        let done = house.post(&work, &session, &format!("what={what}&text={text}")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{what}");
    }
    let ladder = format!("zh_cn={text}&en={text}&from_repeat=1");
    house.post("/ladder", &session, &ladder).await;
    let step = house.store.ladder().await.unwrap()[0].id;
    house
        .post(&work, &session, &format!("what=escalate&step={step}&text="))
        .await;
    for path in [&format!("/findings/{device}/{}", id(1)), "/ladder"] {
        let page = house.get(path, Some(session.text())).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(is_harmless(&page), "{path}: {}", page.body);
    }
    // What the visitor typed stands in its field again, as they typed it.
    let list = format!("/findings?by=repeat&assignee={text}&text={text}&state={text}&device={device}");
    let list = house.get(&list, Some(session.text())).await;
    assert!(list.status == StatusCode::OK && !list.body.contains("<script"));
    let auditor = house.session(Role::Auditor).await;
    assert!(is_harmless(&house.get("/audit", Some(auditor.text())).await));
}

#[tokio::test]
async fn a_ladder_that_is_none_is_not_taken_and_stays_in_the_form() {
    let house = House::new();
    let session = house.session(Role::SecurityOfficer).await;
    let bad = house
        .post(
            "/ladder",
            &session,
            "zh_cn=a&en=Talk&from_repeat=3&zh_cn=b&en=b&from_repeat=2",
        )
        .await;
    assert_eq!(bad.status, StatusCode::OK);
    assert!(
        bad.body.contains("role=\"alert\"") && bad.body.contains("value=\"Talk\""),
        "{}",
        bad.body
    );
    assert_eq!(house.store.ladder().await.unwrap().len(), 3, "the former one stays");
    let good = "zh_cn=a&en=Talk&from_repeat=2&zh_cn=&en=&from_repeat=&zh_cn=b&en=b&from_repeat=4";
    let good = house.post("/ladder", &session, good).await;
    assert_eq!(good.status, StatusCode::SEE_OTHER);
    let page = house.get("/ladder", Some(session.text())).await;
    assert!(page.body.contains("value=\"Talk\"") && !page.body.contains("Warning"));
}

#[tokio::test]
async fn what_is_alike_is_one_row_that_leads_to_all_of_it() {
    let house = House::new();
    let device = house.device_with(vec![open(1), open(2)]).await;
    let session = house.session(Role::SecurityOfficer).await;
    let page = house.get("/findings?by=repeat&state=open", Some(session.text())).await;
    let link =
        format!("/findings?state=open&amp;rule=outside_store&amp;place=chat_cache&amp;app=wechat&amp;device={device}");
    assert!(page.body.contains(&format!("href=\"{link}\">2</a>")), "{}", page.body);
    house.give_purpose(&session, device).await;
    let list = house.get(&link.replace("&amp;", "&"), Some(session.text())).await;
    assert_eq!(list.body.matches("type=\"checkbox\"").count(), 2);
}
