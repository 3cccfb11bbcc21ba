//! The collector under load: reports a second beside what the database alone can write, and pages with much behind them.

use std::time::{Duration, Instant};

use fileward_tests::officer::Officer;
use fileward_tests::postgres::{Disk, Server};
use fileward_tests::{Collector, Device, Policy, company};
use jiff::Timestamp;
use rusqlite::params;
use tokio::runtime::Runtime;

use crate::figures::{peak, spread};
use crate::floor;

/// Devices that report, the requests of each, and the reports of one: what agents send after a time without a network.
const BULK: (usize, u64, u64) = (8, 25, 500);

/// The same for one report at a time: what agents send all day.
const SINGLE: (usize, u64, u64) = (64, 30, 1);

/// What is behind the pages.
const DEVICES: usize = 20_000;

/// How often each page is asked for.
const LOOKS: usize = 12;

pub(crate) fn run() {
    println!("collector: {DEVICES} devices in the end; client, server and database share the machine");
    println!("SQLite:");
    let floor = floor::sqlite(BULK.1 * BULK.0 as u64, BULK.2);
    let collector = Collector::start(&Policy::counting());
    measure(&collector, "SQLite", floor, multiply_in_sqlite);

    println!("PostgreSQL:");
    let server = Server::start(Disk::Durable);
    let floor = floor::postgres(&server.database(), BULK.1 * BULK.0 as u64, BULK.2);
    let collector = Collector::start_in(&Policy::counting(), &server);
    measure(&collector, "PostgreSQL", floor, |collector| {
        multiply_in_postgres(collector, &server);
    });
}

fn measure(collector: &Collector, database: &str, floor: f64, multiply: impl FnOnce(&Collector)) {
    let runtime = Runtime::new().expect("a runtime");
    let findings = BULK.0 as u64 * BULK.1 * BULK.2;
    let alone = format!("{database} alone, {} a transaction", BULK.2);
    println!("  {alone:<34} {floor:>8.0} rows/s");
    let (bulk, mut each) = runtime.block_on(reports(collector, BULK, 0));
    println!(
        "  {:<34} {bulk:>8.0} findings/s   {:.0} % of {database} alone",
        "500 findings a request",
        bulk / floor * 100.0
    );
    println!("  {:<34} {}", "", spread(&mut each));
    let (single, mut each) = runtime.block_on(reports(collector, SINGLE, findings));
    println!("  {:<34} {single:>8.0} findings/s", "1 finding a request, 64 devices");
    println!("  {:<34} {}", "", spread(&mut each));
    multiply(collector);
    runtime.block_on(pages(collector));
    println!(
        "  {:<34} {:>8.1} MB",
        "its most memory",
        peak(collector.pid()) as f64 / 1024.0
    );
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
fn multiply_in_sqlite(collector: &Collector) {
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

/// The same in PostgreSQL.
fn multiply_in_postgres(collector: &Collector, server: &Server) {
    let settings = std::fs::read(collector.folder().join("settings.json")).expect("the collector has settings");
    let settings: serde_json::Value = serde_json::from_slice(&settings).expect("they are JSON");
    let address = settings["database"].as_str().expect("they name the database");
    let name = address.rsplit('/').next().expect("its address ends with its name");
    let columns = server.ask(
        name,
        "SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE table_name = 'device' \
         AND column_name NOT IN ('key', 'id', 'name', 'search', 'last_seen')",
    );
    server.ask(
        name,
        &format!(
            "INSERT INTO device (id, name, search, last_seen, {columns}) \
             SELECT gen_random_uuid(), 'PC-' || n, 'pc-' || n, {} - n::bigint * 100000000, {columns} \
             FROM generate_series(1, {DEVICES}) n JOIN device ON device.key = 1 + n % {}",
            Timestamp::now().as_microsecond(),
            BULK.0
        ),
    );
    // As its own upkeep would have done by then.
    server.ask(name, "ANALYZE");
}

/// How long pages take, and how large they are; the aims are 200 ms and 100 KB.
async fn pages(collector: &Collector) {
    let officer = Officer::new(collector, "officer", "security_officer", &[]).await;
    for path in [
        "/",
        "/?days=364",
        "/findings",
        "/findings?state=open&sort=severity",
        "/findings?text=%E5%90%88%E5%90%8C",
        "/findings?offset=90000",
        "/devices",
        "/devices?text=PC-199",
        "/places",
    ] {
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
