//! Linux: a read lease tells of writers, two clocks tell of suspends.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::fd::AsRawFd;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::Writer;

/// `F_SETSIG` of `fcntl`, which the libc crate leaves out.
const F_SETSIG: libc::c_int = 10;

/// Tells whether somebody has `file` open for writing.
///
/// The kernel grants a read lease only while nobody has, and only to the file's owner or to a process with
/// `CAP_LEASE`; network and FUSE file systems may know no leases. The lease is given back at once.
pub(crate) fn writer(file: &File) -> Writer {
    let descriptor = file.as_raw_fd();
    // Somebody who opens the file for writing while the lease lasts makes the kernel signal its holder. The default
    // signal, SIGIO, would end this process; SIGURG is ignored unless somebody asks for it.
    // SAFETY: F_SETSIG takes an integer and changes only this open file description.
    if unsafe { libc::fcntl(descriptor, F_SETSIG, libc::SIGURG) } < 0 {
        return Writer::Unknown;
    }
    // SAFETY: F_SETLEASE takes an integer; the descriptor is open for the whole call.
    if unsafe { libc::fcntl(descriptor, libc::F_SETLEASE, libc::F_RDLCK) } < 0 {
        return match rustix::io::Errno::from_io_error(&std::io::Error::last_os_error()) {
            Some(rustix::io::Errno::AGAIN) => Writer::Busy,
            _ => Writer::Unknown,
        };
    }
    // Should this fail, closing the file ends the lease.
    // SAFETY: F_SETLEASE takes an integer; the descriptor is open for the whole call.
    unsafe { libc::fcntl(descriptor, libc::F_SETLEASE, libc::F_UNLCK) };
    Writer::None
}

/// Makes the calling thread give way to all others, in CPU and (as the kernel derives it from there) in IO.
pub(crate) fn calm_thread() {
    const NICE: i32 = 15;
    // On Linux a thread's id is a valid target, and only that thread is meant. Without the right to do it, the thread
    // runs as it is.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

/// How long the PC has been suspended since it was started.
pub(crate) fn suspended() -> Duration {
    let since_boot = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
    since_boot(ClockId::Boottime).saturating_sub(since_boot(ClockId::Monotonic))
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    #[test]
    fn a_writer_is_seen_until_it_closes_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.docx");
        let writing = File::create(&path).unwrap();
        let reading = File::open(&path).unwrap();
        let before = writer(&reading);
        if before == Writer::Unknown {
            println!("skipped: this file system has no leases");
            return;
        }
        assert_eq!(before, Writer::Busy);
        drop(writing);
        assert_eq!(writer(&reading), Writer::None);
        drop(OpenOptions::new().append(true).open(&path).unwrap());
        assert_eq!(writer(&reading), Writer::None);
    }

    #[test]
    fn asking_harms_neither_this_process_nor_a_writer_who_comes_at_that_moment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.docx");
        File::create(&path).unwrap();
        let reading = File::open(&path).unwrap();
        let opener = std::thread::spawn(move || {
            for _ in 0..20_000 {
                OpenOptions::new().append(true).open(&path).unwrap();
            }
        });
        while !opener.is_finished() {
            writer(&reading);
        }
        opener.join().unwrap();
    }
}
