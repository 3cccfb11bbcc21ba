//! What a worker may do on Linux, and what it is killed for.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread;

use fileward_inspect::{Examiner, Hint, Limits, Rules};
use rustix::process::{Pid, Signal, kill_process};

use super::{config, inspect, open, rules, some_file, wait_for};
use crate::{Inspector, cage, child};

/// What is said of a worker that [`kill`] ended.
pub(super) const KILLED: &str = "signal: 9";
/// A program that ends without a word.
pub(super) const NO_WORKER: &str = "/bin/true";

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

fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(process.try_into().unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

pub(super) fn kill(process: u32) {
    send(process, Signal::KILL);
}

/// Stops a process, so that it answers no more.
pub(super) fn stop(process: u32) {
    send(process, Signal::STOP);
    wait_for("the worker stops", || {
        threads(process).iter().all(|state| state.starts_with('T'))
    });
}

/// Whether there is such a process, be it that nobody has asked yet how it ended.
pub(super) fn is_there(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

/// The test harness gives it a second thread; the channel is closed when both are gone.
pub(super) fn has_ended(process: u32) -> bool {
    matches!(&threads(process)[..], [state] if state.starts_with('Z'))
}

pub(super) fn assert_holds_little(process: u32) {
    let memory: u64 = status_of(process, "VmHWM").split(' ').next().unwrap().parse().unwrap();
    println!("the worker used {memory} KiB at most");
    assert!(memory < 64 << 10);
    let files = fs::read_dir(format!("/proc/{process}/fd")).map(Iterator::count);
    match files {
        Ok(files) => assert_eq!(files, 3, "the channel, and two streams that lead nowhere"),
        Err(_) => println!("not root: the worker's open files cannot be listed"),
    }
}

/// Every file is sparse that has nothing written in it.
pub(super) fn make_sparse(_: &File) {}

/// What is open for reading and no regular file.
pub(super) fn irregular(folder: &Path) -> Vec<File> {
    vec![open(folder), open(Path::new("/dev/null"))]
}

#[test]
fn the_worker_has_no_rights() {
    let inspector = Inspector::new(config());
    inspect(&inspector, some_file()).unwrap();
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
    ("take more memory than any file needs", || {
        std::hint::black_box(vec![1_u8; 128 << 20]);
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
    let facts = Examiner::new(Rules::clone(&rules())).inspect(&file, &Hint::default(), &Limits::default());
    if let Some((_, attempt)) = attempt {
        attempt();
    }
    std::process::exit(if facts.is_ok() { 0 } else { 4 });
}

fn capture(attempt: &str) -> ExitStatus {
    Command::new(child::own_program())
        .args([
            "tests::system::as_captured_worker",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(ATTEMPT, attempt)
        // As a worker is started: other arenas than the first ask the system before they shrink.
        .env("MALLOC_ARENA_MAX", "1")
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
            "tests::system::as_locked_process",
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
