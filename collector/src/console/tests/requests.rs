//! What people ask of their own data, and deleting for good.

use fileward_protocol::vocabulary::Binding;
use serde_json::Value;

use super::*;
use crate::store::Paging;
use crate::store::audit::{Action, AuditFilter, AuditRow};
use crate::store::corrections::{About, Correction, Stage};
use crate::store::filings::FilingFilter;

impl House {
    /// A correction about a device that waits; the first of its number.
    pub(super) async fn ask_correction(&self, device: DeviceId) -> u64 {
        let correction = Correction {
            about: About::Device(device),
            person: "员工乙".to_owned(),
            wrong: "不是我的电脑".to_owned(),
            wanted: "改为员工甲".to_owned(),
            reason: "已交还".to_owned(),
            not_theirs: "han".to_owned(),
            theirs: "li".to_owned(),
        };
        self.store.ask_correction(correction, By::command_line()).await.unwrap()
    }

    async fn last_lines(&self, count: u32) -> Vec<AuditRow> {
        let page = self.store.audit(AuditFilter::default(), Paging::first(count)).await;
        page.unwrap().rows
    }
}

#[tokio::test]
async fn a_person_is_found_and_given_what_was_chosen_without_the_names_of_others() {
    let house = House::new();
    house.fill_registers().await;
    let officer = house.session(Role::SecurityOfficer).await;
    let found = house
        .get("/requests?name=%E4%B9%99%3B+nobody", Some(officer.text()))
        .await;
    assert!(found.body.contains("value=\"application:1\" checked"), "{}", found.body);
    let sought = &house.last_lines(1).await[0];
    assert_eq!(
        (sought.action, sought.detail.as_str()),
        (Action::PersonSought, "1 parts found")
    );
    let chosen = "name=%E4%B9%99&part=application:1&part=filing:1";
    let given = house.send("/requests/person", &officer, chosen).await;
    assert_eq!(
        given.headers[header::CONTENT_TYPE],
        "application/x-ndjson; charset=utf-8"
    );
    let disposition = given.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "no browser shows it as a page");
    let lines: Vec<Value> = given
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["about", "application"],
        "what does not mention them is not given"
    );
    assert_eq!(lines[1]["person"], "乙");
    let exported = &house.last_lines(1).await[0];
    assert_eq!(exported.action, Action::Exported);
    assert!(exported.detail.ends_with(": application:1"), "{}", exported.detail);
    let nothing = house.send("/requests/person", &officer, "name=%E4%B9%99").await;
    assert_eq!(nothing.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_correction_is_written_down_decided_and_stands_beside_what_it_is_about() {
    let house = House::new();
    house.fill_registers().await;
    let filing = house.store.filings(FilingFilter::ALL, Paging::first(1)).await.unwrap();
    let at = format!("/registers/{}", filing.rows[0].id);
    let officer = house.session(Role::SecurityOfficer).await;
    let entry = house.get(&at, Some(officer.text())).await;
    assert!(
        entry.body.contains("/corrections/new?about=filing%3A1"),
        "{}",
        entry.body
    );
    let form = house
        .get("/corrections/new?about=filing%3A1", Some(officer.text()))
        .await;
    assert!(form.body.contains("name=\"theirs\"") && !form.body.contains("name=\"not_theirs\""));
    let fields = "about=filing:1&person=li&wrong=the+owner&wanted=me&reason=mine&theirs=li";
    let asked = house.send("/corrections", &officer, fields).await;
    assert_eq!(asked.headers[header::LOCATION], "/corrections/1");
    let page = house.get("/corrections/1", Some(officer.text())).await;
    assert!(page.body.contains("the owner") && page.body.contains("name=\"answer\""));
    let decided = house
        .send("/corrections/1", &officer, "decision=accept&answer=checked")
        .await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER);
    let again = house
        .send("/corrections/1", &officer, "decision=refuse&answer=no")
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(house.store.correction(1).await.unwrap().unwrap().stage, Stage::Accepted);
    let entry = house.get(&at, Some(officer.text())).await;
    assert!(
        entry.body.contains("<dd>li</dd>") && entry.body.contains("checked"),
        "{}",
        entry.body
    );
    let nowhere = house.get("/corrections/2", Some(officer.text())).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_sees_a_device_sees_an_accepted_correction_and_nothing_of_one_that_waits() {
    let house = House::new();
    let (device, _) = house.device_in(None, "报价单.docx").await;
    let id = house.ask_correction(device).await;
    let operator = house.session(Role::ItOperator).await;
    let at = format!("/devices/{device}");
    let waits = house.get(&at, Some(operator.text())).await;
    assert!(!waits.body.contains("han → li") && !waits.body.contains("/corrections"));
    let officer = house.session(Role::SecurityOfficer).await;
    assert!(house.get(&at, Some(officer.text())).await.body.contains("han → li"));
    let path = format!("/corrections/{id}");
    house.send(&path, &officer, "decision=accept&answer=handed+over").await;
    let accepted = house.get(&at, Some(operator.text())).await;
    assert!(accepted.body.contains("han → li") && accepted.body.contains("handed over"));
}

#[tokio::test]
async fn only_an_administrator_deletes_and_only_what_was_retired_or_disabled() {
    let house = House::new();
    let (device, _) = house.device_in(None, "报价单.docx").await;
    let user = house.user("somebody", Role::Auditor).await;
    let (admin, officer) = (
        house.session(Role::Administrator).await,
        house.session(Role::SecurityOfficer).await,
    );
    let (of_device, of_user) = (format!("/devices/{device}"), format!("/people/{}", user.0));
    for at in [&of_device, &of_user] {
        let shown = house.get(at, Some(admin.text())).await;
        assert!(!shown.body.contains("/erase"), "{at} is in use");
        let refused = house.send(&format!("{at}/erase"), &admin, "reason=sold").await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{at} is in use");
    }
    house
        .store
        .set_binding(device, Binding::Retired, By::command_line())
        .await
        .unwrap();
    house.store.set_disabled(user, true, By::command_line()).await.unwrap();
    let of_officer = house.get(&of_device, Some(officer.text())).await;
    assert!(!of_officer.body.contains("/erase"));
    for (at, back) in [(&of_device, "/devices"), (&of_user, "/people")] {
        assert!(house.get(at, Some(admin.text())).await.body.contains("/erase"), "{at}");
        let path = format!("{at}/erase");
        let nameless = house.send(&path, &admin, "reason=+").await;
        assert_eq!(nameless.status, StatusCode::CONFLICT, "{at} without a reason");
        let done = house.send(&path, &admin, "reason=sold").await;
        assert_eq!(done.headers[header::LOCATION], back);
        assert_eq!(house.get(at, Some(admin.text())).await.status, StatusCode::NOT_FOUND);
    }
    let lines = house.last_lines(2).await;
    let done: Vec<_> = lines.iter().map(|line| line.action).collect();
    assert_eq!(done, [Action::UserErased, Action::DeviceErased]);
    assert!(lines.iter().all(|line| line.detail.ends_with(": sold")));
}
