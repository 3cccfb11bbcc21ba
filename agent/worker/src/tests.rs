//! The worker as it runs: a process of its own. The test binary starts itself again as the worker.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Seek as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use fileward_inspect::{Hint, InspectError, Limits, Rules};
use fileward_policy::Facts;

use super::channel::Inherited;
use super::{Failure, Inspector, InspectorConfig, TOGETHER, worker_main};

#[cfg(target_os = "linux")]
#[path = "tests/linux.rs"]
mod system;
#[cfg(windows)]
#[path = "tests/windows.rs"]
mod system;

const CONTENT_KEY: [u8; 32] = [9; 32];
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
    let arguments = ["tests::as_worker", "--exact", "--ignored", "--nocapture"];
    InspectorConfig {
        arguments: arguments.map(Into::into).to_vec(),
        ..InspectorConfig::usual()
    }
}

fn rules() -> Arc<Rules> {
    Arc::new(Rules {
        content_key: CONTENT_KEY,
        ..Rules::default()
    })
}

/// Inspects a file by its bytes alone.
fn inspect(inspector: &Inspector, file: File) -> Result<Facts, Failure> {
    let inspected = inspector.inspect(file, &Hint::default(), &rules());
    inspected.map(|inspected| inspected.facts)
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
    let (rules, mut processes) = (rules(), Vec::new());
    for index in 0..1000 {
        let path = folder.path().join(format!("{index}.csv"));
        fs::write(&path, format!("name,count,price\n示例{index},1,2\n").repeat(100)).unwrap();
        let hint = Hint {
            extension: Some("csv".into()),
        };
        let facts = inspector.inspect(open(&path), &hint, &rules).unwrap().facts;
        let content = *blake3::keyed_hash(&CONTENT_KEY, &fs::read(&path).unwrap()).as_bytes();
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
fn files_of_every_format_go_through_the_caged_worker() {
    let inspector = Inspector::new(config());
    let rules = rules();
    let mut kinds = BTreeSet::new();
    for file in fs::read_dir("../inspect/tests/files/fixtures").unwrap() {
        let path = file.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let hint = Hint::of_name(&path.to_string_lossy());
        let inspected = inspector.inspect(open(&path), &hint, &rules);
        let inspected = inspected.unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
        kinds.insert(inspected.facts.kind.to_string());
    }
    assert!(kinds.len() > 10, "{kinds:?}");
    system::assert_holds_little(inspector.process().unwrap());
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
        inspect(&inspector, some_file()).unwrap();
        let process = inspector.process().unwrap();
        let result = thread::scope(|scope| {
            let file = endless(folder.path());
            // Both handles share one position, which the worker moves.
            let mut position = file.try_clone().unwrap();
            let inspected = scope.spawn(|| inspect(&inspector, file));
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
fn files_that_are_inspected_together_are_each_what_they_are_alone() {
    let folder = tempfile::tempdir().unwrap();
    let inspector = Inspector::new(config());
    let rules = rules();
    let paths: Vec<_> = (0..TOGETHER)
        .map(|number| folder.path().join(format!("{number}.txt")))
        .collect();
    for (number, path) in paths.iter().enumerate() {
        fs::write(path, company(number)).unwrap();
    }
    let files = || paths.iter().map(|path| (open(path), Hint::default()));
    assert_eq!(inspector.inspect_together(Vec::new(), &rules), Ok(Vec::new()));
    let together = inspector.inspect_together(files().collect(), &rules).unwrap();
    let alone = files().map(|(file, hint)| inspector.inspect(file, &hint, &rules));
    for (together, alone) in together.into_iter().zip(alone) {
        assert_eq!(together.unwrap(), alone.unwrap());
    }
}

#[test]
fn a_worker_that_ends_over_one_of_many_files_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let inspector = Inspector::new(config());
    let rules = rules();
    inspect(&inspector, some_file()).unwrap();
    let process = inspector.process().unwrap();
    system::stop(process);
    inspector.set_patience(Duration::ZERO);
    let files = [some_file(), endless(folder.path()), some_file()];
    let files = files.into_iter().map(|file| (file, Hint::default()));
    let result = inspector.inspect_together(files.collect(), &rules);
    assert!(matches!(result, Err(Failure::Killed { .. })), "{result:?}");
    assert!(!system::is_there(process));
    inspector.set_patience(LONG);
    inspect(&inspector, some_file()).unwrap();
}

#[test]
fn a_worker_that_hangs_is_killed() {
    let inspector = Inspector::new(config());
    let file = some_file;
    inspect(&inspector, file()).unwrap();
    let process = inspector.process().unwrap();
    system::stop(process);
    // It never answers, however long or short the wait.
    inspector.set_patience(Duration::ZERO);
    let result = inspect(&inspector, file());
    assert!(
        matches!(&result, Err(Failure::Killed { why }) if why.contains("no answer")),
        "{result:?}"
    );
    assert!(!system::is_there(process));
    inspector.set_patience(LONG);
    inspect(&inspector, file()).unwrap();
}

#[test]
fn a_file_that_takes_too_long_is_a_named_error_and_no_crash() {
    let folder = tempfile::tempdir().unwrap();
    let inspector = Inspector::new(InspectorConfig {
        limits: Limits {
            time: Duration::from_millis(100),
            ..Limits::default()
        },
        slowest_disk: u64::MAX,
        ..config()
    });
    inspector.set_patience(LONG);
    let result = inspect(&inspector, endless(folder.path()));
    assert_eq!(result, Err(Failure::Inspect(InspectError::Timeout(0))));
    assert!(inspector.process().is_some());
}

#[test]
fn a_large_file_has_the_time_that_a_slow_disk_needs() {
    let config = InspectorConfig {
        slowest_disk: 10,
        ..config()
    };
    let usual = config.limits.time;
    let time = |size| config.limits_for(size).time;
    assert_eq!(time(9), usual);
    assert_eq!(time(600), usual + Duration::from_mins(1));
    assert_eq!(time(u64::MAX), usual + Duration::from_mins(10), "and not for ever");
}

#[test]
fn a_worker_that_died_while_idle_is_not_the_next_files_fault() {
    let inspector = Inspector::new(config());
    let file = some_file;
    let facts = inspect(&inspector, file()).unwrap();
    let process = inspector.process().unwrap();
    system::kill(process);
    wait_for("the worker dies", || system::has_ended(process));
    assert_eq!(inspect(&inspector, file()).unwrap(), facts);
}

#[test]
fn an_idle_worker_is_stopped_and_started_again_when_needed() {
    let inspector = Inspector::new(InspectorConfig {
        idle: Duration::from_millis(50),
        ..config()
    });
    for _ in 0..2 {
        inspect(&inspector, some_file()).unwrap();
        wait_for("the worker is stopped", || inspector.process().is_none());
    }
}

#[test]
fn dropping_the_inspector_ends_the_worker() {
    let inspector = Inspector::new(config());
    inspect(&inspector, some_file()).unwrap();
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
        let result = inspect(&inspector, file);
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
        let result = inspect(&inspector, some_file());
        assert!(matches!(result, Err(Failure::Unavailable { .. })), "{result:?}");
    }
}

#[test]
fn a_program_that_is_no_worker_is_unavailable() {
    let inspector = Inspector::new(InspectorConfig {
        program: system::NO_WORKER.into(),
        ..config()
    });
    let result = inspect(&inspector, some_file());
    assert!(matches!(result, Err(Failure::Unavailable { .. })), "{result:?}");
}

/// A company's name; each number gives another.
fn company(number: usize) -> String {
    format!("示例科技{number}有限公司")
}

#[test]
fn a_worker_at_work_gets_other_rules_however_long_they_are() {
    let inspector = Inspector::new(config());
    let mut process = None;
    for names in [0, 1, 5000, 2] {
        let rules = Arc::new(Rules {
            content_key: [u8::try_from(names % 251).unwrap(); 32],
            company_names: (0..names).map(company).collect(),
            ..Rules::default()
        });
        let facts = inspector.inspect(some_file(), &Hint::default(), &rules).unwrap().facts;
        let content = blake3::keyed_hash(&rules.content_key, &fs::read("Cargo.toml").unwrap());
        assert_eq!(facts.content.0, *content.as_bytes(), "{names} names");
        let same = *process.get_or_insert(inspector.process());
        assert_eq!(inspector.process(), same);
    }
}

#[test]
fn a_worker_that_does_not_read_its_rules_holds_up_nobody() {
    let inspector = Inspector::new(config());
    inspect(&inspector, some_file()).unwrap();
    let process = inspector.process().unwrap();
    system::stop(process);
    let rules = Arc::new(Rules {
        company_names: (0..50_000).map(company).collect(),
        ..Rules::default()
    });
    let result = inspector.inspect(some_file(), &Hint::default(), &rules);
    assert!(matches!(result, Err(Failure::Unavailable { .. })), "{result:?}");
    assert!(!system::is_there(process));
}
