//! The real console in a real browser: every role's pages in both languages, wide and narrow, light and dark.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fileward_tests::process::have;
use fileward_tests::{Collector, Device, Policy, company, node, officer};
use serde_json::json;

const ROLES: [&str; 5] = [
    "administrator",
    "security_officer",
    "head_of_department",
    "it_operator",
    "auditor",
];

#[test]
fn every_role_finds_its_pages_readable_reachable_and_whole() {
    let Some(scripts) = node::environment("browser") else {
        return;
    };
    if !have(&["chromium"]) {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no browser (Debian package chromium)");
        return;
    }
    let collector = Collector::start(&Policy::counting());
    tokio::runtime::Runtime::new().unwrap().block_on(fill(&collector));
    try_a_policy(&collector);
    let users: Vec<_> = ROLES
        .iter()
        .map(|role| {
            let more: &[&str] = if *role == "head_of_department" {
                &["--group", company::GROUPS[0]]
            } else {
                &[]
            };
            let password = officer::add(&collector, role, role, more);
            json!({"name": role, "role": role, "password": password})
        })
        .collect();
    // Kept where somebody asks for them, to be looked at and to make the pictures of the documentation.
    let kept = std::env::var_os("FILEWARD_PICTURES").map(PathBuf::from);
    let temporary = tempfile::tempdir().unwrap();
    let pictures = kept.unwrap_or_else(|| temporary.path().to_owned());
    fs::create_dir_all(&pictures).unwrap();
    let asked = json!({
        "console": collector.console_url, "chromium": "/usr/bin/chromium", "pictures": pictures, "users": users,
    });
    let mut browser = Command::new("node")
        .arg(scripts.join("console.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    browser
        .stdin
        .take()
        .unwrap()
        .write_all(asked.to_string().as_bytes())
        .unwrap();
    let output = browser.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(fs::read_dir(&pictures).unwrap().count() > 20, "pages were looked at");
}

/// Another version for one group, so that there is something to compare.
fn try_a_policy(collector: &Collector) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let next = Policy::counting().with("limit = \"50MB\"", "limit = \"20MB\"");
    fs::write(file.path(), next.text()).unwrap();
    let file = file.path().to_str().unwrap();
    let why = "大文件应放进存放处，先请一个组试行";
    collector.run(&["policy", "publish", file, "--why", why, "--group", company::GROUPS[0]]);
}

/// A company with something on every page.
async fn fill(collector: &Collector) {
    for number in 0..12 {
        let more: &[&str] = if number == 11 { &[] } else { &["--auto-approve"] };
        let token = collector.token(&[&["--group", company::group(number)], more].concat());
        let mut device = Device::enrol(&token, company::fingerprint(number)).await;
        if number == 11 {
            continue;
        }
        let from = number as u64 * 40;
        let request = device.prepare((from..from + 40).map(company::finding), Some(company::health(number)));
        device.send(request).await;
    }
}
