//! What an employee answers and what the company makes of it, from the tray to the collector and back.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fileward_tests::officer::Officer;
use fileward_tests::process::eventually;
use fileward_tests::{Collector, Employee, Pc, Policy};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

fn words(finding: &Value) -> Vec<&str> {
    let history = finding["history"].as_array().unwrap();
    history.iter().filter_map(|step| step["what"].as_str()).collect()
}

/// Waits until the PC's own finding is in this state.
fn on_pc(pc: &Pc, id: &str, state: &str) {
    eventually(&format!("{state} on the PC"), || {
        let found = pc.findings().into_iter().find(|finding| finding["id"] == id)?;
        (found["state"] == state).then_some(())
    });
}

#[test]
fn an_answer_is_refused_and_an_exemption_ends_by_itself_and_the_pc_hears_of_both() {
    let Some(employee) = Employee::told_of("家书.docx") else {
        return;
    };
    employee.answer_private();
    let (collector, pc, id) = (&employee.collector, &employee.pc, employee.finding.as_str());
    let queue = |arguments: &[&str]| collector.json(&[&["finding", "list"], arguments].concat());
    assert_eq!(queue(&["--to-judge"])[0]["id"], id);

    collector.run(&["finding", "answer", id, "--refuse", "这是报价单"]);
    assert_eq!(queue(&["--to-judge"]).as_array().unwrap().len(), 0);
    on_pc(pc, id, "open");

    let until = (Timestamp::now() + SignedDuration::from_secs(5)).to_string();
    collector.run(&["finding", "exempt", id, "--reason", "展会", "--until", &until]);
    on_pc(pc, id, "exempted");
    on_pc(pc, id, "open");
    let finding = collector.finding("家书.docx", "open").unwrap();
    assert_eq!(finding["exempt_until"], Value::Null);
    collector.run(&["finding", "acknowledge", id]);
    collector.run(&["finding", "comment", id, "--text", "已电话沟通"]);
    pc.wait_until_sent();

    let finding = collector.finding("家书.docx", "open").unwrap();
    let done: Vec<_> = words(&finding)
        .into_iter()
        .filter(|word| !["noticed", "open", "dismissed"].contains(word))
        .collect();
    let all = [
        "answer_refused",
        "reopened",
        "exempted",
        "reopened",
        "acknowledged",
        "commented",
    ];
    // The PC's own steps stand between them; its confirmation of an exemption is one more of the same word.
    let mut done = done;
    done.dedup();
    assert_eq!(done, all, "{finding}");
    collector.run(&["verify"]);
}

#[tokio::test]
async fn the_employee_sees_who_looked_in_which_role_and_for_what_and_why_an_answer_was_refused() {
    let Some(employee) = Employee::told_of("家书.docx") else {
        return;
    };
    employee.answer_private();
    let Employee {
        collector,
        desktop,
        pc,
        device,
        finding: id,
        ..
    } = &employee;

    let officer = Officer::new(collector, "officer-b", "security_officer", &[]).await;
    let page = officer.look_for("incident", "票据 17", device, id).await;
    assert!(page.contains("家书.docx"), "{page}");
    let journal = eventually("the look on the PC", || {
        Some(pc.run(&["journal", "--json"])).filter(|journal| journal.contains("\"looked\""))
    });
    assert!(
        !journal.contains("officer-b"),
        "the name stays at the company: {journal}"
    );
    assert!(!desktop.shown().contains("票据 17"), "a look disturbs nobody");

    collector.run(&["finding", "answer", id, "--refuse", "这是报价单"]);
    eventually("the reason on the screen", || {
        desktop.shown().contains("理由：这是报价单").then_some(())
    });
    desktop.close_all(pc);
    collector.run(&["finding", "exempt", id, "--reason", "展会需要"]);
    eventually("the exception on the screen", || {
        desktop.shown().contains("理由：展会需要").then_some(())
    });
    desktop.click(pc, "查看全部");
    let page = eventually("the page", || desktop.page("company.html"));
    for told in [
        "安全员：查看了“家书.docx”的记录。目的：事件调查（票据 17）。",
        "服务器管理员：“家书.docx”需要重新处理。理由：这是报价单",
        "服务器管理员：同意“家书.docx”作为例外。理由：展会需要",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let mut on_pc = pc.findings().into_iter();
    let on_pc = on_pc.find(|finding| finding["id"] == id.as_str()).unwrap();
    let acts = on_pc["company"].as_array().unwrap();
    let words: Vec<_> = acts.iter().filter_map(|act| act["what"].as_str()).collect();
    assert_eq!(words, ["looked", "reopened", "exempted"]);
}

#[test]
fn what_cannot_be_done_says_why_and_what_is_not_said_is_asked_for() {
    let collector = Collector::start(&Policy::quick());
    let id = "01a21952-0a1d-7396-8e82-3e6240562a06";
    let attempt = |arguments: &[&str]| {
        let said = collector.attempt(&[&["finding"], arguments].concat());
        (said.status.code(), String::from_utf8(said.stderr).unwrap())
    };
    let (code, said) = attempt(&["acknowledge", id]);
    assert!(code == Some(1) && said.contains(id), "{said}");
    for arguments in [
        &["answer", id][..],
        &["answer", id, "--accept", "--refuse", "no"],
        &["exempt", id],
        &["exempt", id, "--reason", "x", "--until", "soon"],
        &["comment", id],
    ] {
        assert_eq!(attempt(arguments).0, Some(2), "{arguments:?}");
    }
}
