//! The administrator's pages about integrations.

use fileward_protocol::vocabulary::{Language, Severity};
use uuid::Uuid;

use super::*;
use crate::deliver::manage::Draft;
use crate::store::Paging;
use crate::store::audit::AuditFilter;
use crate::store::targets::{Form, Mark, Settled, TargetKind, TargetRow, Wanted};

/// Where nobody listens, with something in it that lets in.
const SECRET: &str = "https://127.0.0.1:1/hook?token=t0ken";

impl House {
    /// A webhook that cannot be reached.
    pub(super) async fn add_integration(&self, name: &str) -> Uuid {
        let draft = Draft {
            name: name.to_owned(),
            kind: TargetKind::Webhook,
            address: SECRET.to_owned(),
            key: None,
            wanted: Wanted {
                form: Form::Ocsf,
                from: Severity::Low,
                language: Language::En,
                card: true,
                file_names: false,
                authorities: None,
            },
            everything: true,
        };
        self.console.kept().add(draft, By::command_line()).await.unwrap().id.0
    }

    async fn target(&self) -> TargetRow {
        self.store.targets().await.unwrap().remove(0)
    }

    /// What was done with integrations, oldest first.
    async fn done_with(&self, name: &str) -> Vec<String> {
        let filter = AuditFilter {
            action: None,
            subject: Some(name.to_owned()),
        };
        let rows = self.store.audit(filter, Paging::first(50)).await.unwrap().rows;
        rows.iter().rev().map(|row| row.action.to_string()).collect()
    }
}

#[tokio::test]
async fn an_integration_is_added_tried_halted_and_removed_and_each_stands_in_the_trail() {
    let house = House::new();
    let admin = house.session(Role::Administrator).await;
    let fields = "kind=webhook&name=siem&from=high&form=cef&address=https://127.0.0.1:1/";
    let page = house.send("/integrations/new", &admin, fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let row = house.target().await;
    let wanted = &row.target.wanted;
    assert_eq!(
        (row.target.kind, wanted.form, wanted.from),
        (TargetKind::Webhook, Form::Cef, Severity::High)
    );
    let at = format!("/integrations/{}", row.target.id.0);
    let list = house.get("/integrations", Some(admin.text())).await;
    assert!(list.body.contains(&at) && list.body.contains("siem"), "{}", list.body);

    let tried = house.send(&at, &admin, "what=test").await;
    assert!(tried.body.contains("The test message was not taken:"), "{}", tried.body);
    for (what, halted) in [("pause", true), ("resume", false), ("pause", true)] {
        let page = house.send(&at, &admin, &format!("what={what}")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{what}");
        assert_eq!(house.target().await.paused_at.is_some(), halted, "{what}");
        let page = house.get("/integrations", Some(admin.text())).await;
        assert_eq!(page.body.contains("halted</span>"), halted, "{what}: {}", page.body);
    }
    let page = house.send(&at, &admin, "what=remove").await;
    assert_eq!(page.headers[header::LOCATION], "/integrations");
    assert_eq!(house.store.targets().await.unwrap(), []);
    assert_eq!(house.get(&at, Some(admin.text())).await.status, StatusCode::NOT_FOUND);
    let done = house.done_with("siem").await;
    let all = [
        "integration_added",
        "integration_tested",
        "integration_paused",
        "integration_resumed",
        "integration_paused",
        "integration_removed",
    ];
    assert_eq!(done, all);
}

#[tokio::test]
async fn what_lets_in_is_on_no_page_and_a_key_that_was_made_on_one_alone() {
    let house = House::new();
    let admin = house.session(Role::Administrator).await;
    let wrong = format!("kind=webhook&name=&address={SECRET}&key=whsec_c2VjcmV0");
    let fields = format!("kind=webhook&name=siem&address={SECRET}");
    let refused = house.send("/integrations/new", &admin, &wrong).await;
    assert!(refused.body.contains("1 to 64 visible characters"), "{}", refused.body);
    let made = house.send("/integrations/new", &admin, &fields).await;
    let key = made.body.split("readonly value=\"").nth(1).unwrap();
    let key = key.split('"').next().unwrap();
    assert!(key.starts_with("whsec_"), "{key}");
    let at = format!("/integrations/{}", house.target().await.target.id.0);
    let tried = house.send(&at, &admin, "what=test").await;
    let mut pages = vec![refused, tried];
    for path in ["/integrations", &at, "/audit", "/integrations/new?kind=webhook"] {
        pages.push(house.get(path, Some(admin.text())).await);
    }
    for page in pages {
        for secret in ["t0ken", "whsec_c2VjcmV0", key] {
            assert!(!page.body.contains(secret), "{secret} in {}", page.body);
        }
    }
}

#[tokio::test]
async fn what_was_refused_is_shown_with_why_and_sent_again() {
    let house = House::new();
    let admin = house.session(Role::Administrator).await;
    house.device_with_finding("报价单.docx").await;
    let id = house.add_integration("siem").await;
    let target = house.target().await.target.id;
    let letters = house.store.letters(target, 100).await.unwrap();
    let marks: Vec<Mark> = letters.iter().map(|letter| letter.mark).collect();
    let why = Settled::Refused("it answered with <b>400</b>\u{202e}".to_owned());
    house.store.settle(target, marks, why, Timestamp::now()).await.unwrap();
    let at = format!("/integrations/{id}");
    let page = house.get(&at, Some(admin.text())).await;
    assert!(
        page.body.contains("it answered with &lt;b&gt;400&lt;/b&gt;\u{fffd}"),
        "{}",
        page.body
    );
    assert!(page.body.contains("a line of the audit trail"), "{}", page.body);
    house.send(&at, &admin, "what=retry").await;
    let page = house.get(&at, Some(admin.text())).await;
    assert!(page.body.contains("is sent again"), "{}", page.body);
    assert_eq!(
        house.done_with("siem").await,
        ["integration_added", "integration_retried"]
    );
}

#[tokio::test]
async fn each_kind_asks_for_what_it_needs_and_says_in_both_languages_what_is_wrong() {
    let house = House::new();
    let admin = house.session(Role::Administrator).await;
    for (kind, asks, asks_not) in [
        ("syslog", "name=\"authorities\"", "name=\"key\""),
        ("webhook", "name=\"key\"", "name=\"language\""),
        ("wecom", "name=\"file_names\"", "name=\"key\""),
        ("dingtalk", "name=\"key\"", "name=\"form\""),
        ("nonsense", "name=\"authorities\"", "name=\"key\""),
    ] {
        let page = house
            .get(&format!("/integrations/new?kind={kind}"), Some(admin.text()))
            .await;
        assert!(
            page.body.contains(asks) && !page.body.contains(asks_not),
            "{kind}: {}",
            page.body
        );
    }
    for (fields, says) in [
        ("kind=syslog&name=a&address=siem.example", "needs the certificate"),
        (
            "kind=syslog&name=a&address=siem.example&authorities=none",
            "no certificate",
        ),
        ("kind=webhook&name=a&address=http://a.example", "It cannot be used:"),
        ("kind=wecom&name=a&address=https://a.example&key=k", "leave out the key"),
        ("kind=feishu&name=a&address=", "must be one line"),
    ] {
        let page = house.send("/integrations/new", &admin, fields).await;
        assert!(page.body.contains(says), "{fields}: {}", page.body);
    }
    assert_eq!(house.store.targets().await.unwrap(), []);
    house.add_integration("siem").await;
    let twice = "kind=webhook&name=siem&address=https://a.example";
    let page = house.send("/integrations/new", &admin, twice).await;
    assert!(page.body.contains("already"), "{}", page.body);
}
