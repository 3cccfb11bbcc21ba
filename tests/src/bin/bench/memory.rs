//! The most memory that the real inspect worker ever has resident, over the corpora and over hostile files.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fileward_tests::Policy;
use fileward_tests::corpus::{Corpus, Which};
use fileward_tests::process::program;

use crate::figures::{children, peak, reset_peak};

/// The paths of one command line.
const AT_ONCE: usize = 200;

pub(crate) fn run() {
    for (which, name, aim) in [
        (Which::Full, "the corpora", 64.0),
        (Which::Hostile, "hostile files", 128.0),
    ] {
        let Some(corpus) = Corpus::get(which) else {
            return;
        };
        let paths: Vec<PathBuf> = corpus.entries.iter().map(|entry| corpus.path(entry)).collect();
        let mut peaks = Vec::new();
        for some in paths.chunks(AT_ONCE) {
            peaks.extend(check(some));
        }
        peaks.sort_by_key(|peak| std::cmp::Reverse(peak.kib));
        println!(
            "memory of the inspect worker over {name}, {} files; aim: below {aim} MB",
            peaks.len()
        );
        for found in peaks.iter().take(3) {
            // The worker may have been at the next file already: each of the first is measured again, alone.
            let again = check(&[found.path.clone(), found.path.clone()]);
            let kib = again.iter().map(|peak| peak.kib).max().unwrap_or(found.kib);
            println!("  {:>7.1} MB  {}", mb(kib), shown(&corpus, &found.path));
        }
        let slowest = peaks.iter().max_by_key(|peak| peak.took);
        if let Some(slowest) = slowest {
            println!(
                "  slowest: {:.1} s, {}",
                slowest.took.as_secs_f64(),
                shown(&corpus, &slowest.path)
            );
        }
        for failed in peaks.iter().filter(|peak| peak.error.is_some()) {
            println!(
                "  {}: {}",
                shown(&corpus, &failed.path),
                failed.error.as_deref().unwrap_or_default()
            );
        }
    }
}

fn mb(kib: u64) -> f64 {
    kib as f64 * 1024.0 / 1e6
}

fn shown(corpus: &Corpus, path: &Path) -> String {
    path.strip_prefix(corpus.folder()).unwrap_or(path).display().to_string()
}

/// What one file cost.
struct Peak {
    path: PathBuf,
    kib: u64,
    took: Duration,
    error: Option<String>,
}

/// Lets the agent check files, and looks at its worker after each answer.
fn check(paths: &[PathBuf]) -> Vec<Peak> {
    let policy = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(policy.path(), Policy::quick().text()).expect("the file is writable");
    let mut command = Command::new(program("fileward-agent"));
    command
        .arg("check")
        .args(paths)
        .arg("--policy")
        .arg(policy.path())
        .arg("--json");
    let mut agent = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the agent starts");
    let mut lines = BufReader::new(agent.stdout.take().expect("stdout is piped")).lines();
    let mut peaks = Vec::new();
    for path in paths {
        let start = Instant::now();
        // The peak is read while the agent waits for the answer, too: its worker ends with the last file.
        let kib = watch_until(agent.id(), || lines.next());
        let (line, kib) = kib;
        let answer: serde_json::Value = line
            .and_then(Result::ok)
            .and_then(|line| serde_json::from_str(&line).ok())
            .unwrap_or_default();
        let error = answer["error"]["message"].as_str().map(str::to_owned);
        peaks.push(Peak {
            path: path.clone(),
            kib,
            took: start.elapsed(),
            error,
        });
    }
    let _ = agent.wait();
    peaks
}

/// Takes an answer, while another thread watches the peaks of the agent's children.
fn watch_until<T>(agent: u32, wait: impl FnOnce() -> T) -> (T, u64) {
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let watcher = scope.spawn(move || {
            let mut highest = 0;
            loop {
                let ended =
                    is_done.recv_timeout(Duration::from_millis(2)) != Err(std::sync::mpsc::RecvTimeoutError::Timeout);
                for child in children(agent) {
                    highest = highest.max(peak(child));
                    if ended {
                        reset_peak(child);
                    }
                }
                if ended {
                    return highest;
                }
            }
        });
        let answer = wait();
        drop(done);
        (answer, watcher.join().unwrap_or(0))
    })
}
