//! The HTTP API of the real collector: what its description says, who may do what, and what is written down of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::{Command, Stdio};

use fileward_tests::process::eventually;
use fileward_tests::program::{Program, token};
use fileward_tests::{Collector, Pc, Policy, python};
use reqwest::Method;
use serde_json::{Value, json};

const NAME: &str = "报价<b>\u{202e}单.csv";

/// A PC with an open finding; device and finding.
fn with_finding(collector: &Collector) -> (Pc, String, String) {
    let mut pc = Pc::new();
    pc.join(collector);
    fs::write(pc.home().join("桌面").join(NAME), "品名,数量\n采购合同,2\n".repeat(100)).unwrap();
    let finding = eventually("the finding", || collector.finding(NAME, "open"));
    let text = |key: &str| finding[key].as_str().unwrap().to_owned();
    let (device, id) = (text("device"), text("id"));
    (pc, device, id)
}

fn trail(collector: &Collector, actor: &str) -> Vec<String> {
    let database = collector.database();
    let mut lines = database
        .prepare("SELECT action || ' ' || subject FROM audit WHERE actor = ? ORDER BY id")
        .unwrap();
    lines
        .query_map([actor], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn each_token_may_do_what_its_scopes_say_and_no_more() {
    let collector = Collector::start(&Policy::quick());
    let program = Program::new(&collector, "/api");
    let nobody = "00000000-0000-4000-8000-000000000000";
    let decision = json!({ "what": "exempted", "reason": "why" });
    let finding = format!("/v1/findings/{nobody}/{nobody}");
    let operations = [
        ("devices:read", "/v1/devices".to_owned()),
        ("devices:read", format!("/v1/devices/{nobody}")),
        ("findings:read", "/v1/findings".to_owned()),
        ("findings:read", finding.clone()),
        ("findings:decide", format!("{finding}/decisions")),
        ("policy:read", "/v1/policy".to_owned()),
        ("registers:read", "/v1/registers".to_owned()),
        ("audit:read", "/v1/audit".to_owned()),
    ];
    let scopes: std::collections::BTreeSet<_> = operations.iter().map(|(scope, _)| *scope).collect();
    let tokens: Vec<_> = scopes
        .into_iter()
        .map(|scope| (scope, token(&collector, scope, &[scope])))
        .collect();
    let ask = |path: &str, token: &str| {
        if path.ends_with("/decisions") {
            program.ask(Method::POST, path, token, Some(&decision))
        } else {
            program.get(path, token)
        }
    };
    for (needs, path) in &operations {
        for bad in ["", "fileward_api_nobody-made-this", &"x".repeat(5000)] {
            let (status, problem) = ask(path, bad);
            assert_eq!(
                (status.as_u16(), &problem["code"]),
                (401, &json!("unauthorized")),
                "{path}"
            );
        }
        for (scope, token) in &tokens {
            let (status, answer) = ask(path, token);
            let expected = match (scope == needs, path.contains(nobody)) {
                (false, _) => 403,
                (true, true) => 404,
                (true, false) => 200,
            };
            assert_eq!(status.as_u16(), expected, "{scope} at {path}: {answer}");
        }
    }
    // The description knows exactly these.
    let (_, description) = program.get("/v1/openapi.json", "");
    let described: Vec<_> = description["paths"].as_object().unwrap().keys().cloned().collect();
    let mut asked: Vec<_> = operations
        .iter()
        .map(|(_, path)| path.replacen(nobody, "{}", 2))
        .collect();
    asked.push("/v1/openapi.json".to_owned());
    asked.sort();
    let mut plain: Vec<_> = described
        .iter()
        .map(|path| path.replace("{device}", "{}").replace("{finding}", "{}"))
        .collect();
    plain.sort();
    assert_eq!(plain, asked);
}

#[test]
fn a_token_ends_when_it_is_revoked_or_too_old_and_is_kept_nowhere() {
    let collector = Collector::start(&Policy::quick());
    let program = Program::new(&collector, "/api");
    let token = token(&collector, "reports", &["policy:read"]);
    assert_eq!(program.get("/v1/policy", &token).0, 200);
    let arguments = [
        "api-token",
        "create",
        "short",
        "--scope",
        "policy:read",
        "--expires",
        "1s",
    ];
    let short = collector.json(&arguments)["token"].as_str().unwrap().to_owned();
    eventually("it is too old", || {
        (program.get("/v1/policy", &short).0 == 401).then_some(())
    });
    let listed = collector.json(&["api-token", "list"]);
    assert_eq!(listed[0]["name"], "reports");
    assert!(listed[0]["used_at"].is_string() && !listed.to_string().contains(&token));
    let database = fs::read(collector.folder().join("collector.db")).unwrap();
    let log = fs::read(collector.folder().join("collector.db-wal")).unwrap_or_default();
    for bytes in [&database, &log] {
        assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()));
    }
    collector.run(&["api-token", "revoke", "reports"]);
    assert_eq!(program.get("/v1/policy", &token).0, 401);
    for arguments in [
        &["api-token", "create", "all", "--scope", "everything"][..],
        &["api-token", "create", "none"],
        &[
            "api-token",
            "create",
            "ever",
            "--scope",
            "policy:read",
            "--expires",
            "soon",
        ],
    ] {
        assert_eq!(collector.attempt(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn what_a_program_reads_and_decides_is_audited_under_its_tokens_name() {
    let collector = Collector::start(&Policy::counting());
    let (_pc, device, id) = with_finding(&collector);
    let program = Program::new(&collector, "/api");
    let reader = token(&collector, "reader", &["findings:read", "devices:read", "audit:read"]);
    let decider = token(&collector, "decider", &["findings:decide"]);

    let (_, page) = program.get("/v1/findings?state=open", &reader);
    assert_eq!(
        (page["items"][0]["file"]["name"].as_str(), &page["next"]),
        (Some(NAME), &Value::Null)
    );
    let (_, none) = program.get("/v1/findings?since=2100-01-01T00:00:00Z", &reader);
    assert_eq!(none["items"], json!([]));
    let path = format!("/v1/findings/{device}/{id}");
    let (_, finding) = program.get(&path, &reader);
    assert_eq!(finding, page["items"][0]);
    let (_, devices) = program.get("/v1/devices?binding=bound", &reader);
    assert_eq!(devices["items"][0]["id"], *device);

    let decision = json!({ "what": "exempted", "reason": "合同已归档" });
    let decide = || program.ask(Method::POST, &format!("{path}/decisions"), &decider, Some(&decision));
    let (status, after) = decide();
    assert_eq!(status, 200, "{after}");
    assert_eq!(after, json!({ "device": device, "finding": id, "state": "exempted" }));
    let (status, problem) = decide();
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("conflict")));
    let (_, finding) = program.get(&path, &reader);
    let last = finding["history"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["by"], &last["reason"]),
        (&json!("token decider"), &decision["reason"])
    );

    let viewed = format!("finding_viewed {device}/{id}");
    assert_eq!(
        trail(&collector, "token reader"),
        [
            "findings_listed ",
            "findings_listed ",
            &viewed,
            "device_viewed ",
            &viewed
        ]
    );
    assert_eq!(
        trail(&collector, "token decider"),
        [format!("finding_exempted {device}/{id}")]
    );
    let (_, audit) = program.get("/v1/audit?action=finding_exempted", &reader);
    assert_eq!(audit["items"][0]["actor"], "token decider");
    collector.run(&["verify"]);
}

#[test]
fn the_api_is_as_its_description_says_whatever_it_is_asked() {
    let collector = Collector::start(&Policy::counting());
    let Some(python) = python::environment("schemathesis") else {
        return;
    };
    let (_pc, device, _) = with_finding(&collector);
    let scopes = [
        "devices:read",
        "findings:read",
        "findings:decide",
        "policy:read",
        "registers:read",
        "audit:read",
    ];
    let token = token(&collector, "schemathesis", &scopes);
    let ran = Command::new(python.with_file_name("schemathesis"))
        .args(["run", &format!("{}/api/v1/openapi.json", collector.console_url)])
        .args([
            "--tls-verify",
            "false",
            "--header",
            &format!("Authorization: Bearer {token}"),
        ])
        .args([
            "--checks",
            "all",
            "--max-examples",
            "25",
            "--max-time",
            "60",
            "--seed",
            "1",
        ])
        .args(["--rate-limit", "1000/m", "--continue-on-failure", "--no-color"])
        .current_dir(collector.folder())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("listFindings") || said.contains("Operations"), "{said}");
    // It was alive all the while, and wrote down all of it.
    assert!(!device.is_empty() && trail(&collector, "token schemathesis").len() > 20);
    collector.run(&["verify"]);
}
