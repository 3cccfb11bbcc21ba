//! The collector under load: reports a second beside what the database alone can write, and pages with much behind them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fileward_tests::officer::{self, Officer};
use fileward_tests::{Collector, Device, Policy, company, node};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::figures::{peak, peer, spread};

/// Devices that report, the requests of each, and the reports of one: what agents send after a time without a network.
const BULK: (usize, u64, u64) = (8, 25, 500);

/// The same for one report at a time: what agents send all day.
const SINGLE: (usize, u64, u64) = (64, 30, 1);

/// What is behind the pages.
const DEVICES: usize = 20_000;

/// How often each page is asked for.
const LOOKS: usize = 12;

pub(crate) fn run() {
    let runtime = Runtime::new().expect("a runtime");
    let findings = BULK.0 as u64 * BULK.1 * BULK.2;
    println!("collector: SQLite, {findings} findings and {DEVICES} devices; client and server share the machine");
    let floor = floor(findings);
    println!("  {:<34} {floor:>8.0} rows/s", "SQLite alone, 500 a transaction");
    let collector = Collector::start(&Policy::counting());
    let (bulk, mut each) = runtime.block_on(reports(&collector, BULK, 0));
    println!(
        "  {:<34} {bulk:>8.0} findings/s   {:.0} % of SQLite alone",
        "500 findings a request",
        bulk / floor * 100.0
    );
    println!("  {:<34} {}", "", spread(&mut each));
    let (single, mut each) = runtime.block_on(reports(&collector, SINGLE, findings));
    println!("  {:<34} {single:>8.0} findings/s", "1 finding a request, 64 devices");
    println!("  {:<34} {}", "", spread(&mut each));
    multiply(&collector);
    runtime.block_on(pages(&collector));
    paints(&collector);
    println!(
        "  {:<34} {:>8.1} MB",
        "its most memory",
        peak(collector.pid()) as f64 / 1024.0
    );
}

/// Rows a second that SQLite writes as `facts/baselines.md` measures it: about 600 bytes, a key, two indexes, durable.
fn floor(rows: u64) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut connection = Connection::open(folder.path().join("floor.db")).expect("a database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             CREATE TABLE row (id INTEGER PRIMARY KEY, agent INTEGER, ts INTEGER, kind TEXT, hash BLOB, body TEXT); \
             CREATE INDEX by_agent ON row (agent, ts); CREATE INDEX by_hash ON row (hash);",
        )
        .expect("a table");
    let body = "x".repeat(600);
    let start = Instant::now();
    for batch in 0..rows / BULK.2 {
        let transaction = connection.transaction().expect("a transaction");
        let mut insert = transaction
            .prepare_cached("INSERT INTO row (agent, ts, kind, hash, body) VALUES (?, ?, 'finding', ?, ?)")
            .expect("a statement");
        for row in 0..BULK.2 {
            let number = batch * BULK.2 + row;
            let hash = blake3::hash(&number.to_le_bytes());
            insert
                .execute(params![
                    (batch % 8).cast_signed(),
                    number.cast_signed(),
                    hash.as_bytes(),
                    body
                ])
                .expect("a row");
        }
        drop(insert);
        transaction.commit().expect("a commit");
    }
    rows as f64 / start.elapsed().as_secs_f64()
}

/// Findings a second, and how long each request took.
async fn reports(
    collector: &Collector,
    (devices, requests, reports): (usize, u64, u64),
    first: u64,
) -> (f64, Vec<Duration>) {
    let mut senders = Vec::new();
    for number in 0..devices {
        let token = collector.token(&["--auto-approve", "--group", company::group(number)]);
        let mut device = Device::enrol(&token, company::fingerprint(number)).await;
        let hello = device.prepare([], Some(company::health(number)));
        device.send(hello).await;
        let from = first + number as u64 * requests * reports;
        let prepared: Vec<Vec<u8>> = (0..requests)
            .map(|request| {
                let from = from + request * reports;
                device.prepare((from..from + reports).map(company::finding), None)
            })
            .collect();
        senders.push((device, prepared));
    }
    let start = Instant::now();
    let tasks: Vec<_> = senders
        .into_iter()
        .map(|(device, prepared)| tokio::spawn(send(device, prepared)))
        .collect();
    let mut each = Vec::new();
    for task in tasks {
        each.extend(task.await.expect("every report is taken"));
    }
    let all = devices as u64 * requests * reports;
    (all as f64 / start.elapsed().as_secs_f64(), each)
}

async fn send(device: Device, prepared: Vec<Vec<u8>>) -> Vec<Duration> {
    let mut each = Vec::with_capacity(prepared.len());
    for request in prepared {
        let start = Instant::now();
        device.send(request).await;
        each.push(start.elapsed());
    }
    each
}

/// Makes the devices that enrolled into many more, of which nobody hears again.
fn multiply(collector: &Collector) {
    let connection = collector.writable_database();
    let columns: Vec<String> = connection
        .prepare("SELECT name FROM pragma_table_info('device') WHERE name NOT IN ('key', 'id', 'name', 'search', 'last_seen')")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .expect("the columns of device");
    let columns = columns.join(", ");
    let copied = connection
        .execute(
            &format!(
                "INSERT INTO device (id, name, search, last_seen, {columns}) \
                 WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1) \
                 SELECT randomblob(16), 'PC-' || n, 'pc-' || n, ?2 - n * 100000000, {columns} \
                 FROM number JOIN device ON device.key = 1 + n % ?3"
            ),
            params![
                DEVICES.cast_signed(),
                Timestamp::now().as_microsecond(),
                BULK.0.cast_signed()
            ],
        )
        .expect("more devices");
    assert_eq!(copied, DEVICES);
}

/// Pages with much behind them.
const PAGES: [&str; 14] = [
    "/",
    "/?days=364",
    "/findings",
    "/findings?state=open&sort=severity",
    "/findings?sort=file",
    "/findings?sort=device",
    "/findings?by=repeat",
    "/findings?text=%E5%90%88%E5%90%8C",
    "/findings?offset=90000",
    "/devices",
    "/devices?sort=open",
    "/devices?sort=model",
    "/devices?text=PC-199",
    "/places",
];

/// How long it takes in a browser until something of a page is seen; the aim is 200 ms.
fn paints(collector: &Collector) {
    let Some(scripts) = node::environment("browser") else {
        return;
    };
    if !peer("chromium", "chromium") {
        return;
    }
    let password = officer::add(collector, "browser", "security_officer", &[]);
    let asked = json!({
        "console": collector.console_url, "chromium": "/usr/bin/chromium", "paths": PAGES, "looks": LOOKS,
        "user": {"name": "browser", "password": password},
    });
    let output = node::run(&scripts.join("paint.mjs"), &asked);
    let seen: BTreeMap<String, Vec<f64>> = serde_json::from_slice(&output.stdout).expect("the times of each page");
    println!("  first contentful paint in Chromium");
    for path in PAGES {
        let mut each: Vec<_> = seen[path].iter().map(|ms| Duration::from_secs_f64(ms / 1e3)).collect();
        println!("  {path:<34} {}", spread(&mut each));
    }
}

/// How long pages take, and how large they are; the aims are 200 ms and 100 KB.
async fn pages(collector: &Collector) {
    let officer = Officer::new(collector, "officer", "security_officer", &[]).await;
    for path in PAGES {
        let mut each = Vec::new();
        let mut size = 0;
        for _ in 0..LOOKS {
            let start = Instant::now();
            size = officer.look(path).await;
            each.push(start.elapsed());
        }
        println!("  {path:<34} {}   {:>4} KB", spread(&mut each), size.div_ceil(1024));
    }
}
