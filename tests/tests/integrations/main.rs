//! The real collector tells other systems: a real rsyslog, and servers that check what the platforms' documents demand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authority;
mod platforms;
mod proxy;
mod rsyslog;
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fileward_tests::process::{PATIENCE, command, eventually, output};
use fileward_tests::{Collector, Pc, Policy};
use serde_json::{Value, json};

use authority::Authority;
use platforms::{ROBOTS, hmac_sha256};
use proxy::Proxy;
use rsyslog::Rsyslog;
use server::{Received, Server};

const NAME: &str = "报价\u{202e}单.csv";

/// A file of the collector's folder with this text.
fn file(collector: &Collector, name: &str, text: &str) -> PathBuf {
    let file = collector.folder().join(name);
    fs::write(&file, text).unwrap();
    file
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn add(collector: &Collector, ca: &Path, arguments: &[&str]) -> Value {
    collector.json(&[&["integration", "add", "--ca-file", text(ca)], arguments].concat())
}

fn named(collector: &Collector, name: &str) -> Value {
    let all = collector.json(&["integration", "list"]);
    let all = all.as_array().unwrap();
    all.iter().find(|target| target["name"] == name).unwrap().clone()
}

/// A PC with an open finding.
fn with_finding(collector: &Collector) -> Pc {
    let mut pc = Pc::new();
    pc.join(collector);
    fs::write(pc.home().join("桌面").join(NAME), "品名,数量\n采购合同,2\n".repeat(100)).unwrap();
    eventually("the finding", || collector.finding(NAME, "open"));
    pc
}

#[test]
fn a_real_syslog_server_gets_every_event_also_after_it_was_down() {
    let authority = Authority::new();
    let Some(mut rsyslog) = Rsyslog::new(&authority) else {
        return;
    };
    let collector = Collector::start(&Policy::counting());
    let ca = authority.file(collector.folder());
    let address = format!("localhost:{}", rsyslog.port);
    for (name, form) in [("as ocsf", "ocsf"), ("as cef", "cef")] {
        add(
            &collector,
            &ca,
            &[name, "--kind", "syslog", "--address", &address, "--form", form],
        );
    }
    let _pc = with_finding(&collector);
    eventually("a failure that is told", || {
        named(&collector, "as ocsf")["trouble"].as_str().map(str::to_owned)
    });
    collector.run(&["integration", "retry", "as ocsf"]);
    rsyslog.start();
    let wait = |sign: &str| {
        eventually(sign, || {
            collector.run(&["integration", "retry", "as cef"]);
            rsyslog.messages().into_iter().find(|line| line.contains(sign))
        })
    };
    let cef = wait("|outside_store|");
    assert!(cef.contains(" fname=报价\u{fffd}单.csv "), "{cef}");
    let ocsf = eventually("the finding as OCSF", || {
        let mut lines = rsyslog.messages().into_iter();
        lines.find(|line| line.contains("\"class_uid\":2006"))
    });
    let event: Value = serde_json::from_str(&ocsf[ocsf.find('{').unwrap()..]).unwrap();
    assert_eq!(event["file"]["name"], NAME);
    assert!(!ocsf.contains('\u{202e}'));
    let heads = rsyslog.heads();
    let head = heads.iter().find(|head| head.contains("|finding|")).unwrap();
    let parts: Vec<_> = head.split('|').collect();
    assert_eq!(
        (parts[1], parts[3], parts[4], parts[5], parts[6]),
        ("1", "fileward", "-", "finding", "-"),
        "{head}"
    );
    assert!(
        parts[0].parse::<u8>().is_ok_and(|priority| priority / 8 == 13),
        "{head}"
    );
    eventually("nothing waits", || {
        let target = named(&collector, "as ocsf");
        (target["waiting"] == 0 && target["trouble"].is_null()).then_some(())
    });
    // Each line of the trail once more than needed at most, none of them missing.
    let trail: i64 = collector
        .database()
        .query_row(
            "SELECT count(*) FROM audit WHERE action = 'device_enrolled'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let told = rsyslog.messages();
    let told = told
        .iter()
        .filter(|line| line.contains("\"operation\":\"device_enrolled\""));
    assert!(told.count() >= usize::try_from(trail).unwrap());
}

#[test]
fn a_webhook_gets_signed_events_and_what_it_refuses_can_be_sent_again() {
    let authority = Authority::new();
    let status = Arc::new(AtomicU16::new(503));
    let says = Arc::clone(&status);
    let server = Server::start(&authority, move |_| (says.load(Ordering::SeqCst), String::new()));
    let mut collector = Collector::start(&Policy::counting());
    let ca = authority.file(collector.folder());
    let address = file(
        &collector,
        "address",
        &format!("https://localhost:{}/hook?token=t0ken", server.port),
    );
    let added = add(
        &collector,
        &ca,
        &["siem", "--kind", "webhook", "--address-file", text(&address)],
    );
    let key = added["key"].as_str().unwrap().to_owned();
    assert_eq!(
        named(&collector, "siem")["address"],
        format!("https://localhost:{}/…", server.port)
    );

    let _pc = with_finding(&collector);
    let is_finding = |request: &Received| request.json()["type"] == "fileward.finding";
    eventually("a try that comes to nothing", || {
        (!server.received().is_empty()).then_some(())
    });
    // It dies in the middle, and forgets nothing.
    collector.kill();
    let tries = server.received().len();
    status.store(204, Ordering::SeqCst);
    collector.resume();
    let request = eventually("the finding", || {
        server.received()[tries..]
            .iter()
            .find(|request| is_finding(request))
            .cloned()
    });
    let (id, time) = (&request.headers["webhook-id"], &request.headers["webhook-timestamp"]);
    let secret = STANDARD.decode(key.strip_prefix("whsec_").unwrap()).unwrap();
    let signature = hmac_sha256(&secret, format!("{id}.{time}.{}", request.body).as_bytes());
    assert_eq!(request.headers["webhook-signature"], format!("v1,{signature}"));
    assert_eq!(
        request.headers["content-type"],
        "application/cloudevents+json; charset=utf-8"
    );
    assert_eq!(request.path, "/hook?token=t0ken");
    let event = request.json();
    assert_eq!(
        (&event["specversion"], &event["id"], &event["data"]["class_uid"]),
        (&json!("1.0"), &json!(id), &json!(2006))
    );
    let ids: Vec<_> = server
        .received()
        .iter()
        .map(|request| request.headers["webhook-id"].clone())
        .collect();
    assert!(
        ids.len() > tries && ids[..tries].contains(&ids[tries]),
        "begun again with what was not taken: {ids:?}"
    );

    eventually("nothing waits", || {
        (named(&collector, "siem")["waiting"] == 0).then_some(())
    });
    // A redirect is refused, too: it is not followed anywhere.
    for refused in [400, 302] {
        status.store(refused, Ordering::SeqCst);
        collector.run(&["integration", "retry", "siem"]);
        let failed = eventually("something refused", || {
            let failed = collector.json(&["integration", "failed", "siem"]);
            let reason = format!("it answered with HTTP status {refused}");
            let failed = failed.as_array().unwrap().clone();
            failed.into_iter().find(|row| row["reason"] == reason)
        });
        assert_eq!(failed["about"], "audit");
    }
    status.store(200, Ordering::SeqCst);
    eventually("all that was refused is taken", || {
        collector.run(&["integration", "retry", "siem"]);
        (named(&collector, "siem")["failed"] == 0).then_some(())
    });

    let database = fs::read(collector.folder().join("collector.db")).unwrap();
    let log = fs::read(collector.folder().join("collector.db-wal")).unwrap_or_default();
    for secret in ["t0ken", &key] {
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!holds(&database) && !holds(&log), "the database must not hold {secret}");
    }
    collector.run(&["integration", "remove", "siem"]);
    assert_eq!(collector.json(&["integration", "list"]), json!([]));
    let keys = fs::read_dir(collector.folder().join("keys")).unwrap();
    let left = keys.filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("target-")
    });
    assert_eq!(left.count(), 0, "its secrets are gone, too");
    collector.run(&["verify"]);
}

#[test]
fn a_server_that_is_not_trusted_gets_nothing() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_| (200, String::new()));
    let collector = Collector::start(&Policy::quick());
    let other = Authority::new().file(collector.folder());
    let address = format!("https://localhost:{}/hook", server.port);
    add(
        &collector,
        &other,
        &["siem", "--kind", "webhook", "--address", &address],
    );
    let said = collector.attempt(&["integration", "test", "siem"]);
    assert!(!said.status.success());
    let why = String::from_utf8(said.stderr).unwrap();
    assert!(why.contains("certificate"), "{why}");
    assert!(server.received().is_empty());
}

#[test]
fn groups_hear_of_findings_in_their_language_and_as_their_platform_demands() {
    let authority = Authority::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let server = Server::start(&authority, move |request| {
        let is_feishu = request.path.starts_with("/open-apis/");
        if is_feishu && counted.fetch_add(1, Ordering::SeqCst) == 0 {
            return (200, json!({ "code": 11232, "msg": "frequency limited" }).to_string());
        }
        platforms::answer(request)
    });
    let collector = Collector::start(&Policy::counting());
    let ca = authority.file(collector.folder());
    for (kind, path, key) in ROBOTS {
        let address = file(
            &collector,
            "address",
            &format!("https://localhost:{}{path}", server.port),
        );
        let key = key.map(|key| file(&collector, "key", key));
        let mut common = vec!["--kind", kind, "--address-file", text(&address)];
        common.extend(key.iter().flat_map(|key| ["--key-file", text(key)]));
        let (card, words) = (format!("{kind} card"), format!("{kind} text"));
        add(&collector, &ca, &[&[card.as_str()], &common[..]].concat());
        let more = [words.as_str(), "--text", "--language", "en", "--file-names"];
        add(&collector, &ca, &[&more[..], &common].concat());
    }
    let _pc = with_finding(&collector);
    let device = collector.devices()[0]["name"].as_str().unwrap().to_owned();
    for (kind, ..) in ROBOTS {
        for form in ["card", "text"] {
            eventually(kind, || {
                named(&collector, &format!("{kind} {form}"))["taken_at"]
                    .as_str()
                    .map(str::to_owned)
            });
        }
    }
    assert_eq!(collector.json(&["integration", "failed"]), json!([]));
    let mut bodies: Vec<_> = server.received().into_iter().map(|request| request.body).collect();
    assert_eq!(
        bodies.len(),
        7,
        "one message each, and one that was put off: {bodies:#?}"
    );
    bodies.dedup();
    for body in bodies {
        assert!(!body.contains(&device), "{body}");
        if body.contains("open findings") {
            assert!(
                body.contains("work file outside the store") && body.contains("报价\u{fffd}单.csv"),
                "{body}"
            );
        } else {
            assert!(
                body.contains("工作文件不在规定的存放处") && !body.contains("报价"),
                "{body}"
            );
        }
    }

    // A wrong key is refused, and the reason tells it.
    let address = file(
        &collector,
        "address",
        &format!("https://localhost:{}/robot/send?access_token=t", server.port),
    );
    let key = file(&collector, "key", "SECwrong");
    let more = [
        "wrong",
        "--kind",
        "dingtalk",
        "--address-file",
        text(&address),
        "--key-file",
        text(&key),
    ];
    add(&collector, &ca, &more);
    let said = collector.attempt(&["integration", "test", "wrong"]);
    let why = String::from_utf8(said.stderr).unwrap();
    assert!(why.contains("310000: sign not match"), "{why}");
    assert_eq!(
        collector.run(&["integration", "test", "wecom card"]),
        "wecom card: taken\n"
    );
}

#[test]
fn a_target_that_never_answers_holds_up_nobody_else() {
    let authority = Authority::new();
    let server = Server::start(&authority, |request| {
        if request.path == "/slow" {
            std::thread::sleep(PATIENCE);
        }
        (204, String::new())
    });
    let collector = Collector::start(&Policy::counting());
    let ca = authority.file(collector.folder());
    for name in ["slow", "quick"] {
        let address = format!("https://localhost:{}/{name}", server.port);
        add(&collector, &ca, &[name, "--kind", "webhook", "--address", &address]);
    }
    let pc = with_finding(&collector);
    eventually("all of it at the quick one", || {
        let quick = named(&collector, "quick");
        (quick["taken_at"].is_string() && quick["waiting"] == 0).then_some(())
    });
    pc.wait_until_sent();
    let slow = named(&collector, "slow");
    assert!(
        slow["taken_at"].is_null() && slow["waiting"].as_u64().unwrap() > 0,
        "{slow}"
    );
}

#[test]
fn a_halted_target_is_told_nothing_until_it_goes_on() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_| (204, String::new()));
    let collector = Collector::start(&Policy::counting());
    let ca = authority.file(collector.folder());
    for name in ["halted", "other"] {
        let address = format!("https://localhost:{}/{name}", server.port);
        add(&collector, &ca, &[name, "--kind", "webhook", "--address", &address]);
    }
    collector.run(&["integration", "pause", "halted"]);
    assert!(named(&collector, "halted")["paused_at"].is_string());
    let is_told = |path: &str| {
        let received = server.received();
        let mut findings = received.iter().filter(|one| one.json()["type"] == "fileward.finding");
        findings.any(|one| one.path == path).then_some(())
    };
    let _pc = with_finding(&collector);
    eventually("the other hears of the finding", || is_told("/other"));
    assert_eq!(is_told("/halted"), None);
    collector.run(&["integration", "resume", "halted"]);
    eventually("what waited", || is_told("/halted"));
    eventually("what it took is counted", || {
        let taken = named(&collector, "halted")["taken"].as_u64();
        taken.filter(|taken| *taken > 0)
    });
}

#[test]
fn what_goes_outside_goes_through_the_proxy_of_the_environment() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_| (204, String::new()));
    let proxy = Proxy::start(server.port);
    let collector = Collector::start(&Policy::quick());
    let ca = authority.file(collector.folder());
    let address = "https://siem.example/hook";
    add(&collector, &ca, &["siem", "--kind", "webhook", "--address", address]);
    let mut test = command("fileward-collector", &["integration", "test", "siem", "--data-dir"]);
    test.arg(collector.folder())
        .env("HTTPS_PROXY", format!("http://127.0.0.1:{}", proxy.port));
    assert_eq!(output(&mut test), "siem: taken\n");
    assert_eq!(proxy.asked(), ["siem.example:443"]);
    assert_eq!(server.received()[0].json()["type"], "fileward.audit");
}

#[test]
fn what_cannot_be_meant_is_refused_before_it_is_kept() {
    let collector = Collector::start(&Policy::quick());
    let http = file(&collector, "http", "http://a.example/hook");
    let short = file(&collector, "short", "whsec_c2hvcnQ=");
    for arguments in [
        &["robot", "--kind", "wecom", "--address", "https://a.example/send?key=k"][..],
        &["hook", "--kind", "webhook", "--address-file", text(&http)],
        &[
            "hook",
            "--kind",
            "webhook",
            "--address",
            "https://a.example",
            "--key-file",
            text(&short),
        ],
        &["log", "--kind", "syslog", "--address", "a.example:6514"],
        &[
            "log",
            "--kind",
            "syslog",
            "--address",
            "a.example",
            "--ca-file",
            text(&http),
        ],
        &["\u{202e}", "--kind", "webhook", "--address", "https://a.example"],
    ] {
        let said = collector.attempt(&[&["integration", "add"], arguments].concat());
        assert_eq!(said.status.code(), Some(1), "{arguments:?}");
    }
    assert_eq!(collector.json(&["integration", "list"]), json!([]));
}
