//! What Prometheus reads of the real collector.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
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
    let Some(python) = python::environment("figures") else {
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
        script.arg("-B").arg(python::scripts("figures").join("openmetrics.py"));
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
    // Enrolment is one request that is over; what reports is still being counted.
    for (sample, count) in [("count", 1.0), ("bucket", 1.0)] {
        let mut labels = json!({ "route": "enrol", "status": "2xx" });
        if sample == "bucket" {
            labels["le"] = "+Inf".into();
        }
        let name = format!("fileward_request_duration_seconds_{sample}");
        assert_eq!(value(&samples, &name, labels), Some(count), "{name}");
    }

    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let text = fetch(address);
    assert!(!text.contains(host.trim()), "no names of devices: {text}");
    pc.stop();
    collector.stop();
}

/// Takes one request and answers that it was taken; its head and its body.
fn take_one(listener: &TcpListener) -> (String, String) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut read = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).unwrap();
        read.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&read);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
                stream.write_all(answer.as_bytes()).unwrap();
                return (head.to_owned(), body.to_owned());
            }
        }
        assert!(count > 0, "it ended too early: {text}");
    }
}

#[test]
fn an_otlp_receiver_understands_the_same_figures() {
    let Some(python) = python::environment("figures") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", receiver.local_addr().unwrap());
    let mut serve = command(
        "fileward-collector",
        &["serve", "--otlp-endpoint", &endpoint, "--data-dir"],
    );
    serve.arg(folder.path());
    for listen in ["--agent-listen", "--console-listen"] {
        serve.args([listen, "127.0.0.1:0"]);
    }
    // What is on this machine is not asked for by way of a proxy.
    serve.env("HTTP_PROXY", "http://127.0.0.1:1");
    let mut collector = Running::start(&mut serve);
    let (head, body) = take_one(&receiver);
    assert!(head.starts_with("POST /v1/metrics HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let file = folder.path().join("otlp.json");
    fs::write(&file, &body).unwrap();
    let mut script = Command::new(python);
    script.arg("-B").arg(python::scripts("figures").join("otlp.py"));
    let ran = script.stdin(File::open(&file).unwrap()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).unwrap();
    let points: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let point = |name: &str, labels: Value| {
        let found = points
            .iter()
            .find(|point| point["name"] == name && point["labels"] == labels);
        found.unwrap_or_else(|| panic!("no {name} in {text}")).clone()
    };
    let taken = point("fileward.intake_requests", json!({ "outcome": "taken" }));
    assert_eq!(
        (&taken["kind"], &taken["value"], &taken["service"]),
        (&json!("sum"), &json!(0), &json!("fileward-collector"))
    );
    let size = point("fileward.database_bytes", json!({}));
    assert_eq!(size["kind"], "gauge");
    assert!(
        size["value"].as_u64().unwrap() > 4096 && size["time"].as_u64().unwrap() > 0,
        "{size}"
    );
    point("fileward.devices", json!({ "binding": "pending" }));
    let seconds = point("fileward.intake_duration_seconds", json!({}));
    let buckets = seconds["buckets"].as_array().unwrap();
    let bounds = seconds["bounds"].as_array().unwrap();
    assert_eq!(
        (&seconds["kind"], &seconds["value"], buckets.len()),
        (&json!("histogram"), &json!(0), bounds.len() + 1)
    );
    collector.stop();
}
