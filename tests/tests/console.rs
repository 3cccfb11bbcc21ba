//! The real console in a real browser: every role's pages in both languages, wide and narrow, light and dark.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use fileward_tests::process::have;
use fileward_tests::{Collector, Device, Policy, company, node, officer};
use serde_json::json;

/// Everybody, with their role.
const USERS: [(&str, &str); 5] = [
    ("admin", "administrator"),
    ("security", "security_officer"),
    ("sales-head", "head_of_department"),
    ("it-desk", "it_operator"),
    ("audit", "auditor"),
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
    let collector = Collector::start(&Policy::example());
    tokio::runtime::Runtime::new().unwrap().block_on(fill(&collector));
    try_a_policy(&collector);
    // Nobody listens there: a page shows trouble, too.
    let nowhere = "https://127.0.0.1:1/";
    collector.run(&[
        "integration",
        "add",
        "安全日志平台",
        "--kind",
        "webhook",
        "--address",
        nowhere,
    ]);
    let open = tokio::runtime::Runtime::new().unwrap().block_on(file(&collector));
    let users: Vec<_> = USERS
        .iter()
        .map(|(name, role)| {
            let more: &[&str] = if *role == "head_of_department" {
                &["--group", company::GROUPS[0]]
            } else {
                &[]
            };
            let password = officer::add(&collector, name, role, more);
            json!({"name": name, "role": role, "password": password})
        })
        .collect();
    work(&collector);
    // Kept where somebody asks for them, to be looked at and to make the pictures of the documentation.
    let kept = std::env::var_os("FILEWARD_PICTURES").map(PathBuf::from);
    let temporary = tempfile::tempdir().unwrap();
    let pictures = kept.unwrap_or_else(|| temporary.path().to_owned());
    fs::create_dir_all(&pictures).unwrap();
    let asked = json!({
        "console": collector.console_url, "chromium": "/usr/bin/chromium", "pictures": pictures, "users": users, "open": open,
    });
    let output = node::run(&scripts.join("console.mjs"), &asked);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(fs::read_dir(&pictures).unwrap().count() > 20, "pages were looked at");
    if pictures != temporary.path() {
        let asked = json!({
            "console": collector.console_url, "chromium": "/usr/bin/chromium", "pictures": pictures, "user": users[0],
        });
        assert!(node::run(&scripts.join("pictures.mjs"), &asked).status.success());
    }
}

/// Another version for one group, so that there is something to compare.
fn try_a_policy(collector: &Collector) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let next = Policy::example().with("limit = \"50MB\"", "limit = \"20MB\"");
    fs::write(file.path(), next.text()).unwrap();
    let file = file.path().to_str().unwrap();
    let why = "大文件应放进存放处，先请一个组试行";
    collector.run(&["policy", "publish", file, "--why", why, "--group", company::GROUPS[0]]);
}

/// The first of its devices.
const FIRST: usize = 36;

/// A company with something on every page.
async fn fill(collector: &Collector) {
    for number in FIRST..FIRST + 12 {
        let waits = number == FIRST + 11;
        let more: &[&str] = if waits { &[] } else { &["--auto-approve"] };
        let token = collector.token(&[&["--group", company::group(number)], more].concat());
        let mut device = Device::enrol(&token, company::fingerprint(number)).await;
        if waits {
            continue;
        }
        let from = number as u64 * 40;
        let request = device.prepare((from..from + 40).map(company::finding), Some(company::health(number)));
        device.send(request).await;
        if number == FIRST + 10 {
            collector.run(&["device", "retire", &device.id.to_string()]);
        }
    }
}

/// People at work: most of what employees answered is judged, and somebody sees to what is worst.
fn work(collector: &Collector) {
    let ids = |filter: &[&str]| -> Vec<String> {
        let listed = collector.run(&[&["finding", "list", "--json"], filter].concat());
        let rows: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    for (number, id) in ids(&["--to-judge"]).iter().enumerate().skip(6) {
        let how: &[&str] = match number % 3 {
            0 => &["--refuse", "这是公司的报价，请放到存放处"],
            _ => &["--accept"],
        };
        collector.run(&[&["finding", "answer", id], how].concat());
    }
    for id in ids(&["--state", "open"]) {
        collector.run(&["finding", "acknowledge", &id]);
        collector.run(&["finding", "comment", &id, "--text", "已与部门联系，本周内整改"]);
        collector.run(&["finding", "assign", &id, "--to", "security"]);
    }
}

/// Something in the registers, an application for more, and the pages where anybody who knows their address may look.
async fn file(collector: &Collector) -> [String; 2] {
    let tables = [
        (
            "account",
            "app,account,owner,note,until\n\
             wechat,wxid_sales01,销售部 一组,与客户对接（委员会记录 2026-11）,\n\
             wechat,wxid_sales02,销售部 二组,与客户对接（委员会记录 2026-11）,\n\
             qq,10012345,市场部,展会筹备,2027-03-31\n\
             dingtalk,supply01,采购组,与供应商对账,2027-06-30\n",
        ),
        (
            "group",
            "app,group,owner,purpose,until\nwecom,供应商对接,市场部,展会,2026-01-31\n",
        ),
    ];
    for (kind, table) in tables {
        let file = collector.folder().join(format!("{kind}.csv"));
        fs::write(&file, table).unwrap();
        collector.run(&["register", "import", "--kind", kind, file.to_str().unwrap()]);
    }
    let officer = officer::Officer::new(collector, "keeper", "security_officer", &[]).await;
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48)).strftime("%F");
    let form = format!("group={}&until={until}", company::GROUPS[0]);
    let page = officer.send("/registers/forms", &form).await;
    let secret = page
        .split("/file/")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap();
    let form = format!("/file/{secret}");
    let asked = "kind=limit&person=销售部 一组&app=wechat&name=wxid_sales01&size=200MB&reason=展会资料&until=";
    let sent = officer.post(&form, asked.to_owned()).await;
    let state = sent.headers()["location"].to_str().unwrap().to_owned();
    [form, state]
}
