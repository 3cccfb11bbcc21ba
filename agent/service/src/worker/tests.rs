//! The worker as it runs: a process of its own. The test binary starts itself again as the worker.

use std::fs::{self, File};
use std::io::Seek as _;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use fileward_inspect::{Hint, InspectError, Limits, Rules};

use super::channel::Inherited;
use super::{Failure, Inspector, InspectorConfig, worker_main};

#[cfg(target_os = "linux")]
#[path = "tests/linux.rs"]
mod system;
#[cfg(windows)]
#[path = "tests/windows.rs"]
mod system;

const RULES: Rules = Rules {
    content_key: [9; 32],
    grades: Vec::new(),
    company_names: Vec::new(),
    sketch_key: None,
};
/// Longer than any machine that runs tests is slow.
const LONG: Duration = Duration::from_hours(1);

#[test]
#[ignore = "not a test: it is the worker that the tests start"]
fn as_worker() {
    if Inherited::from_stdin().is_err() {
        eprintln!("started by hand, without a channel: nothing to do");
        return;
    }
    let is_failure = worker_main() != ExitCode::SUCCESS;
    std::process::exit(is_failure.into());
}

fn config() -> InspectorConfig {
    let arguments = ["worker::tests::as_worker", "--exact", "--ignored", "--nocapture"];
    InspectorConfig {
        arguments: arguments.map(Into::into).to_vec(),
        ..InspectorConfig::new(RULES)
    }
}

fn open(path: &Path) -> File {
    File::open(path).unwrap()
}

/// A file that takes long to read, and no room on the disk.
fn endless(folder: &Path) -> File {
    let path = folder.join("endless");
    let file = File::create(&path).unwrap();
    system::make_sparse(&file);
    file.set_len(4 << 40).unwrap();
    open(&path)
}

/// A file that everybody has: tests run in the folder of their crate.
fn some_file() -> File {
    open(Path::new("Cargo.toml"))
}

/// Waits for something that happens in another process or thread.
fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_mins(1), "{what}: waited in vain");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_thousand_files_go_through_one_worker() {
    let folder = tempfile::tempdir().unwrap();
    let inspector = Inspector::new(config());
    let mut processes = Vec::new();
    for index in 0..1000 {
        let path = folder.path().join(format!("{index}.csv"));
        fs::write(&path, format!("name,count,price\n示例{index},1,2\n").repeat(100)).unwrap();
        let hint = Hint {
            extension: Some("csv".into()),
        };
        let facts = inspector.inspect(open(&path), &hint).unwrap();
        let content = *blake3::keyed_hash(&RULES.content_key, &fs::read(&path).unwrap()).as_bytes();
        assert_eq!((facts.kind.as_str(), facts.content.0), ("csv", content));
        processes.push(inspector.process().unwrap());
    }
    processes.dedup();
    let [process] = processes[..] else {
        panic!("one worker is expected: {processes:?}");
    };
    system::assert_holds_little(process);
}

#[test]
fn a_worker_that_is_killed_over_a_file_is_replaced_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let inspector = Inspector::new(InspectorConfig {
        limits: Limits {
            time: LONG,
            ..Limits::default()
        },
        ..config()
    });
    for _ in 0..3 {
        inspector.inspect(some_file(), &Hint::default()).unwrap();
        let process = inspector.process().unwrap();
        let result = thread::scope(|scope| {
            let file = endless(folder.path());
            // Both handles share one position, which the worker moves.
            let mut position = file.try_clone().unwrap();
            let inspected = scope.spawn(|| inspector.inspect(file, &Hint::default()));
            wait_for("the worker reads", || position.stream_position().unwrap() > 0);
            system::kill(process);
            inspected.join().unwrap()
        });
        let Err(Failure::Killed { why }) = result else {
            panic!("a killed worker is expected: {result:?}");
        };
        assert!(why.contains(system::KILLED), "{why}");
    }
}

#[test]
fn a_worker_that_hangs_is_killed() {
    let inspector = Inspector::new(config());
    let file = some_file;
    inspector.inspect(file(), &Hint::default()).unwrap();
    let process = inspector.process().unwrap();
    system::stop(process);
    // It never answers, however long or short the wait.
    inspector.set_patience(Duration::ZERO);
    let result = inspector.inspect(file(), &Hint::default());
    assert!(
        matches!(&result, Err(Failure::Killed { why }) if why.contains("no answer")),
        "{result:?}"
    );
    assert!(!system::is_there(process));
    inspector.set_patience(LONG);
    inspector.inspect(file(), &Hint::default()).unwrap();
}

#[test]
fn a_file_that_takes_too_long_is_a_named_error_and_no_crash() {
    let folder = tempfile::tempdir().unwrap();
    let inspector = Inspector::new(InspectorConfig {
        limits: Limits {
            time: Duration::from_millis(100),
            ..Limits::default()
        },
        ..config()
    });
    inspector.set_patience(LONG);
    let result = inspector.inspect(endless(folder.path()), &Hint::default());
    assert_eq!(result, Err(Failure::Inspect(InspectError::Timeout(0))));
    assert!(inspector.process().is_some());
}

#[test]
fn a_worker_that_died_while_idle_is_not_the_next_files_fault() {
    let inspector = Inspector::new(config());
    let file = some_file;
    let facts = inspector.inspect(file(), &Hint::default()).unwrap();
    let process = inspector.process().unwrap();
    system::kill(process);
    wait_for("the worker dies", || system::has_ended(process));
    assert_eq!(inspector.inspect(file(), &Hint::default()).unwrap(), facts);
}

#[test]
fn an_idle_worker_is_stopped_and_started_again_when_needed() {
    let inspector = Inspector::new(InspectorConfig {
        idle: Duration::from_millis(50),
        ..config()
    });
    for _ in 0..2 {
        inspector.inspect(some_file(), &Hint::default()).unwrap();
        wait_for("the worker is stopped", || inspector.process().is_none());
    }
}

#[test]
fn dropping_the_inspector_ends_the_worker() {
    let inspector = Inspector::new(config());
    inspector.inspect(some_file(), &Hint::default()).unwrap();
    let process = inspector.process().unwrap();
    drop(inspector);
    assert!(!system::is_there(process));
}

#[test]
fn only_regular_files_opened_for_reading_are_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let inspector = Inspector::new(config());
    let writable = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .unwrap();
    for file in system::irregular(folder.path()).into_iter().chain([writable]) {
        let result = inspector.inspect(file, &Hint::default());
        assert!(
            matches!(result, Err(Failure::Inspect(InspectError::Unreadable(_)))),
            "{result:?}"
        );
    }
    assert_eq!(inspector.process(), None);
}

#[test]
fn a_program_that_does_not_start_is_said_at_once_and_not_tried_for_each_file() {
    let inspector = Inspector::new(InspectorConfig {
        program: "/nonexistent/worker".into(),
        ..config()
    });
    for _ in 0..3 {
        let result = inspector.inspect(some_file(), &Hint::default());
        assert!(matches!(result, Err(Failure::Unavailable { .. })), "{result:?}");
    }
}

#[test]
fn a_program_that_is_no_worker_is_unavailable() {
    let inspector = Inspector::new(InspectorConfig {
        program: system::NO_WORKER.into(),
        ..config()
    });
    let result = inspector.inspect(some_file(), &Hint::default());
    assert!(matches!(result, Err(Failure::Unavailable { .. })), "{result:?}");
}

#[test]
fn a_frame_too_long_is_refused_by_the_sender() {
    let hint = Hint {
        extension: Some("x".repeat(super::wire::MAX_FRAME)),
    };
    assert!(super::wire::encode(&super::wire::Request::Inspect { hint }).is_err());
    let broken = super::wire::decode::<super::wire::Answer>(b"{\"facts\":\"secret\"}");
    assert!(!broken.unwrap_err().contains("secret"));
}
