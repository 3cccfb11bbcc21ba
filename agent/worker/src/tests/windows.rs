//! What a worker may do on Windows.
#![allow(unsafe_code)]

use std::fs::{self, File, OpenOptions};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::Path;
use std::process::Command;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS, WAIT_OBJECT_0};
use windows_sys::Win32::Security::{
    GetSidSubAuthority, GetTokenInformation, SE_PRIVILEGE_ENABLED, TOKEN_MANDATORY_LABEL, TOKEN_PRIVILEGES,
    TOKEN_QUERY, TokenIntegrityLevel, TokenPrivileges,
};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_BACKUP_SEMANTICS;
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::JobObjects::IsProcessInJob;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows_sys::Win32::System::SystemServices::SECURITY_MANDATORY_LOW_RID;
use windows_sys::Win32::System::Threading::{
    GetProcessHandleCount, OpenProcess, OpenProcessToken, PROCESS_ALL_ACCESS, TerminateProcess, WaitForSingleObject,
};

use super::{LONG, config, inspect, some_file};
use crate::Inspector;
use crate::cage::{self, Cage};
use crate::channel::Inherited;
use crate::child::{self, Hold};

/// What is said of a worker that [`kill`] ended.
pub(super) const KILLED: &str = "exit code: 9";
/// A program that ends without a word.
pub(super) const NO_WORKER: &str = r"C:\windows\system32\hostname.exe";

#[link(name = "ntdll")]
unsafe extern "system" {
    fn NtSuspendProcess(process: HANDLE) -> NTSTATUS;
}

fn process(id: u32) -> Option<OwnedHandle> {
    // SAFETY: the call takes numbers.
    let process = unsafe { OpenProcess(PROCESS_ALL_ACCESS, 0, id) };
    // SAFETY: the call gave it, so the handle is open and nobody else's.
    (!process.is_null()).then(|| unsafe { OwnedHandle::from_raw_handle(process) })
}

pub(super) fn kill(id: u32) {
    let process = process(id).unwrap();
    // SAFETY: the handle is open for the whole call.
    assert_ne!(unsafe { TerminateProcess(process.as_raw_handle(), 9) }, 0);
}

/// Stops a process, so that it answers no more.
pub(super) fn stop(id: u32) {
    let process = process(id).unwrap();
    // SAFETY: the handle is open for the whole call.
    assert_eq!(unsafe { NtSuspendProcess(process.as_raw_handle()) }, 0);
}

pub(super) fn is_there(id: u32) -> bool {
    !has_ended(id)
}

pub(super) fn has_ended(id: u32) -> bool {
    // SAFETY: the handle is open for the whole call.
    process(id).is_none_or(|process| unsafe { WaitForSingleObject(process.as_raw_handle(), 0) } == WAIT_OBJECT_0)
}

pub(super) fn assert_holds_little(id: u32) {
    let process = process(id).unwrap();
    let mut handles = 0;
    // SAFETY: the handle is open for the whole call, and what is written to lives as long.
    let told = unsafe { GetProcessHandleCount(process.as_raw_handle(), &raw mut handles) };
    assert_ne!(told, 0);
    println!("the worker has {handles} handles");
    assert!(handles < 100, "each of the files is closed: {handles}");
}

/// A file system without sparse files has to have the room.
pub(super) fn make_sparse(file: &File) {
    const FSCTL_SET_SPARSE: u32 = 0x900C4;
    let mut returned = 0;
    // SAFETY: the handle is open for the whole call, which takes no buffers.
    unsafe {
        DeviceIoControl(
            file.as_raw_handle(),
            FSCTL_SET_SPARSE,
            null(),
            0,
            null_mut(),
            0,
            &raw mut returned,
            null_mut(),
        )
    };
}

/// What is open for reading and no regular file.
pub(super) fn irregular(folder: &Path) -> Vec<File> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    vec![options.open(folder).unwrap(), File::open("NUL").unwrap()]
}

/// What a process' token says of itself.
fn information(id: u32, class: i32) -> Vec<usize> {
    let process = process(id).unwrap();
    let mut token: HANDLE = null_mut();
    // SAFETY: the handle is open for the whole call, and what is written to lives as long.
    let opened = unsafe { OpenProcessToken(process.as_raw_handle(), TOKEN_QUERY, &raw mut token) };
    assert_ne!(opened, 0);
    // SAFETY: the call gave it, so the handle is open and nobody else's.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let (mut room, mut size) = (vec![0_usize; 512], 0);
    // SAFETY: the handle is open, and the size is that of the room.
    let told = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            class,
            room.as_mut_ptr().cast(),
            4096,
            &raw mut size,
        )
    };
    assert_ne!(told, 0);
    room
}

fn is_wine() -> bool {
    // SAFETY: both names end with 0, and the library is always loaded.
    unsafe {
        GetProcAddress(
            GetModuleHandleA(c"ntdll.dll".as_ptr().cast()),
            c"wine_get_version".as_ptr().cast(),
        )
    }
    .is_some()
}

#[test]
fn the_worker_has_no_rights() {
    let inspector = Inspector::new(config());
    inspect(&inspector, some_file()).unwrap();
    let id = inspector.process().unwrap();

    let label = information(id, TokenIntegrityLevel);
    // SAFETY: the system has laid this structure out here, and a label has one part.
    let integrity = unsafe { *GetSidSubAuthority((*label.as_ptr().cast::<TOKEN_MANDATORY_LABEL>()).Label.Sid, 0) };
    if is_wine() {
        println!("Wine takes a lower integrity and keeps the old one ({integrity:#x}): it is not shown here");
    } else {
        assert!(integrity <= SECURITY_MANDATORY_LOW_RID.cast_unsigned());
    }

    let privileges = information(id, TokenPrivileges);
    let privileges = privileges.as_ptr().cast::<TOKEN_PRIVILEGES>();
    // SAFETY: the system has laid this structure out here, with as many privileges as it says.
    let privileges = unsafe {
        std::slice::from_raw_parts(
            (&raw const (*privileges).Privileges).cast::<windows_sys::Win32::Security::LUID_AND_ATTRIBUTES>(),
            (*privileges).PrivilegeCount as usize,
        )
    };
    let enabled = privileges
        .iter()
        .filter(|privilege| privilege.Attributes & SE_PRIVILEGE_ENABLED != 0);
    // 23 is the one to pass through folders, which everybody has.
    let enabled: Vec<u32> = enabled
        .map(|privilege| privilege.Luid.LowPart)
        .filter(|number| *number != 23)
        .collect();
    assert_eq!(enabled, [0; 0]);

    let mut is_in_job = 0;
    let process = process(id).unwrap();
    // SAFETY: the handle is open for the whole call, and what is written to lives as long.
    let told = unsafe { IsProcessInJob(process.as_raw_handle(), null_mut(), &raw mut is_in_job) };
    assert_ne!(told, 0);
    assert_ne!(is_in_job, 0);
}

/// What an attempt is called, and how it is made; whether it got through.
type Attempt = (&'static str, fn(u16) -> bool);

/// What a captured worker might try; each says whether it could.
const ATTEMPTS: &[Attempt] = &[
    ("open a file", |_| File::open(r"C:\windows\win.ini").is_ok()),
    ("list a folder", |_| fs::read_dir(r"C:\windows").is_ok()),
    ("create a file", |_| {
        File::create(r"C:\users\Public\fileward-escaped").is_ok()
    }),
    ("connect over TCP", |port| {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    }),
    ("send over UDP", |_| UdpSocket::bind("127.0.0.1:0").is_ok()),
    ("start a process", |_| {
        Command::new(r"C:\windows\system32\hostname.exe").spawn().is_ok()
    }),
];

#[test]
#[ignore = "not a test: it is a captured worker that the tests start"]
fn as_captured_worker() {
    let Ok(channel) = Inherited::from_stdin() else {
        eprintln!("started by hand, without a channel: nothing to do");
        return;
    };
    let Ok(cage) = cage::enter() else {
        std::process::exit(3);
    };
    let (port, _) = channel.receive_with_files().unwrap().unwrap();
    let port = String::from_utf8(port).unwrap().parse().unwrap();
    // Where there is no network at all, the standard library panics.
    let could = |attempt: fn(u16) -> bool| std::panic::catch_unwind(|| attempt(port)).unwrap_or(false);
    let done = ATTEMPTS.iter().filter(|(_, attempt)| could(*attempt));
    let done: Vec<&str> = done.map(|(name, _)| *name).collect();
    channel.send(&serde_json::to_vec(&(cage, done)).unwrap(), &[]).unwrap();
    std::process::exit(0);
}

/// What a captured worker could do, in the strictest hold in which it starts.
fn capture() -> (Cage, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let arguments = [
        "tests::system::as_captured_worker",
        "--exact",
        "--ignored",
        "--nocapture",
    ];
    for hold in Hold::ALL {
        let (child, channel) = child::start(&child::own_program(), &arguments.map(Into::into), hold).unwrap();
        let sent = channel.send(port.as_bytes(), &[]);
        if let (Ok(()), Ok(Some(told))) = (sent, channel.receive_within(LONG)) {
            return serde_json::from_slice(&told).unwrap();
        }
        println!("no worker in this hold: {hold:?}, {}", child.end());
    }
    panic!("no captured worker starts");
}

#[test]
fn there_is_no_way_out_of_the_cage() {
    let (cage, done) = capture();
    if is_wine() {
        println!("Wine heeds neither the locks of a token nor the limits of a job: it is not shown here ({done:?})");
        return;
    }
    assert!(cage.has_second_lock);
    assert_eq!(done, [""; 0]);
}
