//! The worker as it runs: a process of its own. The test binary starts itself again as the worker.

use std::fs::{self, File};
use std::io::Seek as _;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use fileward_inspect::{Hint, InspectError, Limits, Rules};
use rustix::process::{Pid, Signal, kill_process};

use super::channel::Channel;
use super::{Failure, Inspector, InspectorConfig, cage, child, worker_main};

const RULES: Rules = Rules { content_key: [9; 32] };
/// Longer than any machine that runs tests is slow.
const LONG: Duration = Duration::from_hours(1);

#[test]
#[ignore = "not a test: it is the worker that the tests start"]
fn as_worker() {
    if Channel::inherited().is_err() {
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
    File::create(&path).unwrap().set_len(4 << 40).unwrap();
    open(&path)
}

/// Waits for something that happens in another process or thread.
fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_mins(1), "{what}: waited in vain");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The state of each of a process's threads, such as `T (stopped)`.
fn threads(process: u32) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let numbers = threads.map(|thread| thread.unwrap().file_name().into_string().unwrap());
    numbers
        .map(|number| status_of(number.parse().unwrap(), "State"))
        .collect()
}

fn status_of(process: u32, field: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(&format!("{field}:")));
    line.unwrap().split_once(':').unwrap().1.trim().to_owned()
}

fn signal(process: u32, signal: Signal) {
    let process = Pid::from_raw(process.try_into().unwrap()).unwrap();
    kill_process(process, signal).unwrap();
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
    let memory: u64 = status_of(process, "VmHWM").split(' ').next().unwrap().parse().unwrap();
    println!("the worker used {memory} KiB at most");
    assert!(memory < 64 << 10);
    let files = fs::read_dir(format!("/proc/{process}/fd")).map(Iterator::count);
    match files {
        Ok(files) => assert_eq!(files, 3, "the channel, and two streams that lead nowhere"),
        Err(_) => println!("not root: the worker's open files cannot be listed"),
    }
}

#[test]
fn the_worker_has_no_rights() {
    let inspector = Inspector::new(config());
    inspector
        .inspect(open(Path::new("/etc/passwd")), &Hint::default())
        .unwrap();
    let process = inspector.process().unwrap();
    assert_eq!(status_of(process, "NoNewPrivs"), "1");
    assert_eq!(status_of(process, "Seccomp"), "2");
    assert_eq!(status_of(process, "CapEff"), "0000000000000000");
    if rustix::process::geteuid().is_root() {
        assert_eq!(status_of(process, "Groups"), "");
        let users = status_of(process, "Uid") + &status_of(process, "Gid");
        assert!(users.split_ascii_whitespace().all(|user| user != "0"), "{users}");
    } else {
        println!("not started as root: the worker stays the same user");
    }
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
        inspector
            .inspect(open(Path::new("/etc/passwd")), &Hint::default())
            .unwrap();
        let process = inspector.process().unwrap();
        let result = thread::scope(|scope| {
            let file = endless(folder.path());
            // Both handles share one position, which the worker moves.
            let mut position = file.try_clone().unwrap();
            let inspected = scope.spawn(|| inspector.inspect(file, &Hint::default()));
            wait_for("the worker reads", || position.stream_position().unwrap() > 0);
            signal(process, Signal::KILL);
            inspected.join().unwrap()
        });
        let Err(Failure::Killed { why }) = result else {
            panic!("a killed worker is expected: {result:?}");
        };
        assert!(why.contains("signal: 9"), "{why}");
    }
}

#[test]
fn a_worker_that_hangs_is_killed() {
    let inspector = Inspector::new(config());
    let file = || open(Path::new("/etc/passwd"));
    inspector.inspect(file(), &Hint::default()).unwrap();
    let process = inspector.process().unwrap();
    signal(process, Signal::STOP);
    wait_for("the worker stops", || {
        threads(process).iter().all(|state| state.starts_with('T'))
    });
    // It never answers, however long or short the wait.
    inspector.set_patience(Duration::ZERO);
    let result = inspector.inspect(file(), &Hint::default());
    assert!(
        matches!(&result, Err(Failure::Killed { why }) if why.contains("no answer")),
        "{result:?}"
    );
    assert!(!Path::new(&format!("/proc/{process}")).exists());
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
    let file = || open(Path::new("/etc/passwd"));
    let facts = inspector.inspect(file(), &Hint::default()).unwrap();
    let process = inspector.process().unwrap();
    signal(process, Signal::KILL);
    // The test harness gives it a second thread; the channel is closed when both are gone.
    wait_for(
        "the worker dies",
        || matches!(&threads(process)[..], [state] if state.starts_with('Z')),
    );
    assert_eq!(inspector.inspect(file(), &Hint::default()).unwrap(), facts);
}

#[test]
fn an_idle_worker_is_stopped_and_started_again_when_needed() {
    let inspector = Inspector::new(InspectorConfig {
        idle: Duration::from_millis(50),
        ..config()
    });
    for _ in 0..2 {
        inspector
            .inspect(open(Path::new("/etc/passwd")), &Hint::default())
            .unwrap();
        wait_for("the worker is stopped", || inspector.process().is_none());
    }
}

#[test]
fn dropping_the_inspector_ends_the_worker() {
    let inspector = Inspector::new(config());
    inspector
        .inspect(open(Path::new("/etc/passwd")), &Hint::default())
        .unwrap();
    let process = inspector.process().unwrap();
    drop(inspector);
    assert!(!Path::new(&format!("/proc/{process}")).exists());
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
    for file in [writable, open(folder.path()), open(Path::new("/dev/null"))] {
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
        let result = inspector.inspect(open(Path::new("/etc/passwd")), &Hint::default());
        assert!(matches!(result, Err(Failure::Unavailable { .. })), "{result:?}");
    }
}

#[test]
fn a_program_that_is_no_worker_is_unavailable() {
    let inspector = Inspector::new(InspectorConfig {
        program: "/bin/true".into(),
        ..config()
    });
    let result = inspector.inspect(open(Path::new("/etc/passwd")), &Hint::default());
    assert!(matches!(result, Err(Failure::Unavailable { .. })), "{result:?}");
}

/// What a captured worker might try. Each is run alone, in a process that has entered the cage.
const ATTEMPTS: &[(&str, fn())] = &[
    ("open a file", || drop(File::open("/etc/passwd"))),
    ("list a folder", || drop(fs::read_dir("/"))),
    ("create a file", || drop(File::create("/tmp/fileward-escaped"))),
    ("remove a file", || drop(fs::remove_file("/tmp/fileward-escaped"))),
    ("connect over TCP", || drop(TcpStream::connect("127.0.0.1:1"))),
    ("send over UDP", || drop(UdpSocket::bind("127.0.0.1:0"))),
    ("connect over a Unix socket", || {
        drop(UnixStream::connect("/run/fileward/agent.sock"));
    }),
    ("start a process", || drop(Command::new("/bin/true").spawn())),
    ("start a thread", || drop(thread::Builder::new().spawn(|| {}))),
    ("signal a process", || {
        let _ = kill_process(Pid::INIT, Signal::TERM);
    }),
    ("raise its limits", || {
        let limit = rustix::process::Rlimit {
            current: None,
            maximum: None,
        };
        let _ = rustix::process::setrlimit(rustix::process::Resource::As, limit);
    }),
    ("make memory executable", || {
        let _ = executable_memory();
    }),
];

#[allow(unsafe_code)]
fn executable_memory() -> rustix::io::Result<*mut std::ffi::c_void> {
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
    let all = ProtFlags::READ | ProtFlags::WRITE | ProtFlags::EXEC;
    // SAFETY: new memory at a place of the kernel's choice touches none that is in use.
    unsafe { mmap_anonymous(std::ptr::null_mut(), 4096, all, MapFlags::PRIVATE) }
}

const ATTEMPT: &str = "FILEWARD_TEST_ATTEMPT";

#[test]
#[ignore = "not a test: it is a captured worker that the tests start"]
fn as_captured_worker() {
    let Ok(attempt) = std::env::var(ATTEMPT) else {
        eprintln!("started by hand, without an attempt: nothing to do");
        return;
    };
    let attempt = ATTEMPTS.iter().find(|(name, _)| *name == attempt);
    let file = File::open("/etc/passwd").unwrap();
    if cage::enter().is_err() {
        std::process::exit(3);
    }
    // Its proper work goes on in the cage.
    let facts = fileward_inspect::inspect(&file, &Hint::default(), &RULES, &Limits::default());
    if let Some((_, attempt)) = attempt {
        attempt();
    }
    std::process::exit(if facts.is_ok() { 0 } else { 4 });
}

fn capture(attempt: &str) -> ExitStatus {
    Command::new(child::own_program())
        .args([
            "worker::tests::as_captured_worker",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(ATTEMPT, attempt)
        .output()
        .unwrap()
        .status
}

#[test]
fn every_way_out_of_the_cage_ends_the_process() {
    assert_eq!(capture("none").code(), Some(0), "inspecting alone works in the cage");
    for (attempt, _) in ATTEMPTS {
        assert_eq!(capture(attempt).signal(), Some(libc::SIGSYS), "{attempt}");
    }
}

#[test]
#[ignore = "not a test: it is a process behind the second lock that the tests start"]
fn as_locked_process() {
    let Ok(port) = std::env::var(ATTEMPT) else {
        eprintln!("started by hand, without an attempt: nothing to do");
        return;
    };
    rustix::thread::set_no_new_privs(true).unwrap();
    let code = match cage::close_file_system() {
        Ok(true) => {
            let denied = |result: std::io::Result<()>| {
                result.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
            };
            let opens = denied(File::open("/etc/passwd").map(drop));
            let lists = denied(fs::read_dir("/").map(drop));
            let creates = denied(File::create("/tmp/fileward-escaped").map(drop));
            let connects = denied(TcpStream::connect(format!("127.0.0.1:{port}")).map(drop));
            i32::from(!(opens && lists && creates && connects))
        }
        Ok(false) => 7,
        Err(_) => 3,
    };
    std::process::exit(code);
}

#[test]
fn the_second_lock_closes_files_and_ports_by_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let status = Command::new(child::own_program())
        .args([
            "worker::tests::as_locked_process",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(ATTEMPT, listener.local_addr().unwrap().port().to_string())
        .output()
        .unwrap()
        .status;
    if status.code() == Some(7) {
        println!("this kernel has no Landlock: nothing was tested");
        return;
    }
    assert_eq!(status.code(), Some(0));
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
