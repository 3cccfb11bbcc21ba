//! The registers, from an employee's application to the PC: who decides, and what the agent makes of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fileward_tests::documents::csv;
use fileward_tests::officer::Officer;
use fileward_tests::process::eventually;
use fileward_tests::{Collector, Pc, Policy};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// WeChat names an account's folder by its id and four digits more.
const FOLDER: &str = "wxid_li_0a1b";
const ACCOUNT: &str = "wxid_li";

/// The rules that a finding breaks.
fn rules(finding: &Value) -> Vec<&str> {
    let also = finding["also"].as_array().into_iter().flatten();
    [&finding["rule"]]
        .into_iter()
        .chain(also)
        .filter_map(Value::as_str)
        .collect()
}

/// The finding of the PC about this file.
fn on_pc(pc: &Pc, name: &str) -> Option<Value> {
    pc.findings()
        .into_iter()
        .find(|finding| finding.to_string().contains(name))
}

/// Opens a form for a group and applies by it; where the application's state is seen.
async fn apply(officer: &Officer, fields: &str) -> String {
    let until = (Timestamp::now() + SignedDuration::from_hours(48)).strftime("%F");
    let page = officer
        .send("/registers/forms", &format!("group=sales&until={until}"))
        .await;
    let secret = page
        .split("/file/")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap();
    let sent = officer.post(&format!("/file/{secret}"), fields.to_owned()).await;
    assert_eq!(sent.status(), 303);
    sent.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_employee_applies_for_and_two_people_decide_reaches_the_pc() {
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let chat = pc.home().join(pc.wechat(FOLDER));
    std::fs::write(chat.join("报价单.csv"), csv(1)).unwrap();
    eventually("the account is not filed", || {
        rules(&on_pc(&pc, "报价单.csv")?)
            .contains(&"unfiled_account")
            .then_some(())
    });

    let head = Officer::new(&collector, "head", "head_of_department", &["--group", "sales"]).await;
    let officer = Officer::new(&collector, "officer", "security_officer", &[]).await;
    let account = format!("kind=account&person=Li&app=wechat&name={ACCOUNT}&reason=clients&until=");
    let state = apply(&officer, &account).await;
    head.send("/applications/1", "decision=approve&note=").await;
    officer.send("/applications/1", "decision=file&note=record+7").await;
    assert!(officer.page(&state).await.contains("record 7"));
    eventually("the account is filed", || {
        let finding = on_pc(&pc, "报价单.csv")?;
        (!rules(&finding).contains(&"unfiled_account")).then_some(())
    });

    let until = (Timestamp::now() + SignedDuration::from_hours(48)).strftime("%F");
    let project = format!("kind=exemption&person=Li&name=2026-11&reason=fair&until={until}");
    apply(&officer, &project).await;
    head.send("/applications/2", "decision=approve&note=").await;
    officer.send("/applications/2", "decision=file&note=").await;
    std::fs::write(chat.join("邀请函.csv"), csv(2)).unwrap();
    eventually("what lies in the project is left alone", || {
        let open = pc.findings().into_iter().filter(|finding| finding["state"] == "open");
        (open.count() == 0).then_some(())
    });
    let entry = collector.run(&["account", "list"]);
    assert!(entry.contains(ACCOUNT) && entry.contains("record 7"), "{entry}");
    let audit: String = {
        let database = collector.database();
        let mut lines = database.prepare("SELECT subject || ' ' || detail FROM audit").unwrap();
        let lines = lines.query_map([], |row| row.get::<_, String>(0)).unwrap();
        lines.map(Result::unwrap).collect()
    };
    assert!(!audit.contains(ACCOUNT), "{audit}");
    collector.run(&["verify"]);
}

#[test]
fn a_register_leaves_by_the_command_line_and_comes_back_whole_or_not_at_all() {
    let collector = Collector::start(&Policy::quick());
    let file = |name: &str| collector.folder().join(name).to_str().unwrap().to_owned();
    let (table, bad, out) = (file("in.csv"), file("bad.csv"), file("out.csv"));
    std::fs::write(
        &table,
        "app,account,size,note\nwechat,wxid_a,200MB,=1+1\nqq,12345,1GB,\n",
    )
    .unwrap();
    std::fs::write(&bad, "app,account,size\nqq,9,1GB\nqq,8,big\n").unwrap();
    let import = |more: &[&str]| collector.attempt(&[&["register", "import", "--kind", "limit"], more].concat());
    let said = String::from_utf8(import(&[&table, "--dry-run"]).stdout).unwrap();
    assert!(said.contains("2 added") && said.contains("dry run"), "{said}");
    assert_eq!(import(&[&table]).status.code(), Some(0));
    let refused = import(&[&bad]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        refused.status.code() == Some(1) && said.contains("line 3, column size"),
        "{said}"
    );
    let listed = collector.run(&["limit", "list"]);
    assert!(listed.contains("209715200") && !listed.contains(" 9 "), "{listed}");
    collector.run(&["register", "export", "--kind", "limit", &out]);
    let written = std::fs::read_to_string(&out).unwrap();
    assert!(written.contains(",'=1+1,"), "{written}");
    let said = String::from_utf8(import(&[&out]).stdout).unwrap();
    assert!(said.contains("0 added, 0 changed, 2 unchanged"), "{said}");
    let again = collector.attempt(&["register", "export", "--kind", "limit", &out]);
    assert_eq!(again.status.code(), Some(1), "nothing is overwritten");
}
