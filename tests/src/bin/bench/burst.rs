//! 50,000 files in new folders as fast as possible: how many are missed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fileward_tests::documents::csv;
use fileward_tests::process::within;
use fileward_tests::{Collector, Pc, Policy};

use crate::figures::peer;

const FOLDERS: usize = 200;
const FILES: usize = 250;

pub(crate) fn run() {
    println!(
        "burst: {} files in {FOLDERS} folders made during the burst",
        FOLDERS * FILES
    );
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let start = Instant::now();
    write_all(&pc.folder("下载/突发"));
    let written = start.elapsed();
    let database = collector.database();
    let count = || {
        let count = database.query_row("SELECT count(*) FROM finding", [], |row| row.get::<_, i64>(0));
        usize::try_from(count.unwrap_or(0)).unwrap_or(0)
    };
    within(Duration::from_mins(5), "all at the collector", || {
        (count() >= FOLDERS * FILES).then_some(())
    });
    println!(
        "  {:<28} missed {}   written in {:.1} s, all at the collector after {:.1} s",
        "Fileward",
        FOLDERS * FILES - count().min(FOLDERS * FILES),
        written.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    if peer("inotifywait", "inotify-tools") {
        println!("  {:<28} missed {}", "inotifywait -r", inotifywait());
    }
}

fn write_all(root: &Path) {
    for folder in 0..FOLDERS {
        let folder = root.join(format!("{folder}"));
        std::fs::create_dir_all(&folder).expect("the home is writable");
        for file in 0..FILES {
            std::fs::write(folder.join(format!("{file}.csv")), csv(file)).expect("the home is writable");
        }
    }
}

fn inotifywait() -> usize {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seen = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut watcher = Command::new("inotifywait");
    watcher
        .args(["-m", "-r", "-q", "-e", "close_write", "--format", "%w%f"])
        .arg(folder.path());
    let mut watcher = watcher
        .stdout(Stdio::from(seen.reopen().expect("the file is there")))
        .spawn()
        .expect("inotifywait starts");
    std::thread::sleep(Duration::from_millis(500));
    write_all(folder.path());
    std::thread::sleep(Duration::from_secs(3));
    let _ = watcher.kill();
    let _ = watcher.wait();
    let lines = std::fs::read_to_string(seen.path()).unwrap_or_default().lines().count();
    (FOLDERS * FILES).saturating_sub(lines)
}
