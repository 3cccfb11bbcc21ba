//! What Prometheus reads of the real collector.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use fileward_tests::process::{Running, command, eventually, output};
use fileward_tests::{Pc, python};
use serde_json::{Value, json};
use tempfile::TempDir;

fn run(folder: &Path, arguments: &[&str]) -> String {
    output(command("fileward-collector", arguments).arg("--data-dir").arg(folder))
}

/// What is at an address, without its head.
fn fetch(address: &str) -> String {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("application/openmetrics-text; version=1.0.0"), "{head}");
    body.to_owned()
}

#[test]
fn prometheus_reads_how_the_collector_does_and_nothing_about_anybody() {
    let Some(python) = python::environment("openmetrics") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let mut serve = command("fileward-collector", &["serve", "--data-dir"]);
    serve.arg(folder.path());
    for listen in ["--agent-listen", "--console-listen", "--metrics-listen"] {
        serve.args([listen, "127.0.0.1:0"]);
    }
    let mut collector = Running::start(&mut serve);
    let ready = collector.line("ready ");
    let address = ready
        .split_whitespace()
        .find_map(|word| word.strip_prefix("metrics="))
        .unwrap();
    let name = "sales \"siem\"\\";
    let hook = "https://127.0.0.1:1/";
    run(
        folder.path(),
        &["integration", "add", name, "--kind", "webhook", "--address", hook],
    );
    let enrolment = run(folder.path(), &["token", "create", "--auto-approve"]);
    let mut pc = Pc::new();
    pc.enrol(enrolment.trim());
    pc.start();
    let read = || {
        let file = folder.path().join("metrics.txt");
        fs::write(&file, fetch(address)).unwrap();
        let mut script = Command::new(&python);
        script.arg("-B").arg(python::scripts("openmetrics").join("read.py"));
        let ran = script.stdin(File::open(&file).unwrap()).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let text = String::from_utf8(ran.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect::<Vec<Value>>()
    };
    let value = |samples: &[Value], name: &str, labels: Value| {
        let sample = samples
            .iter()
            .find(|sample| sample["name"] == name && sample["labels"] == labels);
        sample.and_then(|sample| sample["value"].as_f64())
    };
    let samples = eventually("a request of the PC, and a try to deliver", || {
        let samples = read();
        let taken = value(
            &samples,
            "fileward_intake_requests_total",
            json!({ "outcome": "taken" }),
        );
        let tried = json!({ "integration": name, "outcome": "unreached" });
        let tried = value(&samples, "fileward_deliveries_total", tried);
        (taken.is_some_and(|count| count > 0.0) && tried.is_some_and(|count| count > 0.0)).then_some(samples)
    });
    assert_eq!(
        value(&samples, "fileward_devices", json!({ "binding": "bound" })),
        Some(1.0)
    );
    assert_eq!(
        value(&samples, "fileward_devices", json!({ "binding": "retired" })),
        Some(0.0)
    );
    assert!(value(&samples, "fileward_database_bytes", json!({})).unwrap() > 4096.0);
    assert_eq!(
        value(
            &samples,
            "fileward_build_info",
            json!({ "version": env!("CARGO_PKG_VERSION") })
        ),
        Some(1.0)
    );
    let waiting = value(&samples, "fileward_deliveries_waiting", json!({ "integration": name }));
    assert!(waiting.unwrap() > 0.0);
    let seconds = value(&samples, "fileward_intake_duration_seconds_count", json!({}));
    assert!(seconds.unwrap() >= 1.0);

    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let text = fetch(address);
    assert!(!text.contains(host.trim()), "no names of devices: {text}");
    pc.stop();
    collector.stop();
}
