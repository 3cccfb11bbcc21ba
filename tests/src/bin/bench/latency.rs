//! How long after a file is saved the employee's notice is recorded, and the collector has it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fileward_tests::documents::csv;
use fileward_tests::{Collector, Pc, Policy};

use crate::figures::{peer, spread};

const SAMPLES: usize = 200;

pub(crate) fn run() {
    println!("latency: {SAMPLES} documents saved one after another on the desktop");
    let policy = Policy::counting().with("desktop = { grace = \"1s\" }", "desktop = { grace = \"0s\" }");
    let collector = Collector::start(&policy);
    let mut pc = Pc::new();
    pc.join(&collector);
    let database = collector.database();
    let (mut notice, mut reported) = (Vec::new(), Vec::new());
    for number in 0..SAMPLES {
        let path = pc.home().join(format!("桌面/样本{number}.csv"));
        std::fs::write(path, csv(number)).expect("the home is writable");
        let saved = Instant::now();
        wait(|| pc.transitions().len() > number);
        notice.push(saved.elapsed());
        wait(|| {
            let count = database.query_row("SELECT count(*) FROM finding", [], |row| row.get::<_, i64>(0));
            count.is_ok_and(|count| usize::try_from(count).is_ok_and(|count| count > number))
        });
        reported.push(saved.elapsed());
    }
    println!("  {:<28} {}", "Fileward, save to notice", spread(&mut notice));
    println!("  {:<28} {}", "Fileward, save to collector", spread(&mut reported));
    if peer("inotifywait", "inotify-tools") {
        println!("  {:<28} {}", "inotifywait, bare event", spread(&mut bare_events()));
    }
}

fn wait(mut until: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !until() {
        assert!(Instant::now() < deadline, "nothing happened for 30 seconds");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The floor: the kernel's event alone, without settling, opening, judging or recording.
fn bare_events() -> Vec<Duration> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut watcher = Command::new("inotifywait");
    watcher
        .args(["-m", "-q", "-e", "close_write", "--format", "%f"])
        .arg(folder.path());
    let mut watcher = watcher.stdout(Stdio::piped()).spawn().expect("inotifywait starts");
    std::thread::sleep(Duration::from_millis(500));
    let mut lines = BufReader::new(watcher.stdout.take().expect("stdout is piped")).lines();
    let mut samples = Vec::new();
    for number in 0..SAMPLES {
        std::fs::write(folder.path().join(format!("{number}.csv")), "a,b\n").expect("the folder is writable");
        let saved = Instant::now();
        lines.next();
        samples.push(saved.elapsed());
    }
    let _ = watcher.kill();
    let _ = watcher.wait();
    samples
}
