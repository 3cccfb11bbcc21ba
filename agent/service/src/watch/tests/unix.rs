//! What only Unix has: links, special files, names of any bytes, folders that are gone at once though they are watched.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use fileward_protocol::health::{PlaceState, Unavailable};
use rustix::fs::inotify::{CreateFlags, Reader, WatchFlags, add_watch, init};

use super::site::Site;

/// Of a storm's files, one in so many is made.
pub(super) const STORM_SHARE: usize = 1;

/// Whether the system tells of files in a folder that was there before its watch, or was moved into it.
pub(super) fn tells_of_every_folder() -> bool {
    true
}

/// Whether the OS watches `folder` for this process, if that can be told.
pub(super) fn is_held(folder: &Path) -> Option<bool> {
    let inode = format!(" ino:{:x} ", fs::metadata(folder).unwrap().ino());
    let open = fs::read_dir("/proc/self/fdinfo").ok()?.flatten();
    let mut watches = open.filter_map(|file| fs::read_to_string(file.path()).ok());
    Some(watches.any(|watches| watches.contains(&inode)))
}

#[test]
fn links_and_special_files_are_not_told() {
    let mut site = Site::new();
    let outside = site.base().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret.docx"), "outside").unwrap();
    let make = |site: &Site, folder: &str| {
        fs::create_dir(site.path(folder)).unwrap();
        symlink(outside.join("secret.docx"), site.path(folder).join("link.docx")).unwrap();
        symlink(&outside, site.path(folder).join("link")).unwrap();
        symlink(site.root(), site.path(folder).join("loop")).unwrap();
        let fifo = site.path(folder).join("fifo.docx");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        site.write(&format!("{folder}/a.docx"), "told")
    };
    let before = make(&site, "before");
    site.start();
    let after = make(&site, "after");
    site.until("the others are told", |log| log.knows(&before) && log.knows(&after));
    site.until_quiet();
    site.watch.as_ref().unwrap().reconcile_all();
    site.until("all is swept", |log| log.swept.len() >= 2);
    let told: Vec<_> = site.with(|log| log.files().into_keys().collect());
    assert_eq!(told, [after, before]);
}

#[test]
fn names_that_are_not_unicode_are_as_good_as_others() {
    let site = Site::watched();
    let path = site.root().join(std::ffi::OsStr::from_bytes(b"\xba\xcf\xcd\xac.docx"));
    fs::write(&path, "one").unwrap();
    site.until("the file is told", |log| log.knows(&path));
    fs::remove_file(&path).unwrap();
    site.until("its end is told", |log| !log.knows(&path));
}

#[test]
fn files_of_a_deleted_root_are_gone_and_it_is_watched_when_it_is_back() {
    let site = Site::watched();
    let path = site.write("a/a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    fs::remove_dir_all(site.root()).unwrap();
    site.until("it is gone", |log| !log.knows(&path));
    site.until("that is its state", |log| {
        log.states[&site.root()] == PlaceState::Unavailable(Unavailable::Missing)
    });
    let path = site.write("b/b.docx", "one");
    site.until("what comes is told", |log| log.knows(&path));
    site.until("all is well", |log| log.states[&site.root()] == PlaceState::Ok);
}

#[test]
fn a_sweep_opens_only_what_may_still_be_written() {
    let mut site = Site::new();
    let age = |name: &str, age| {
        let path = site.write(name, "one");
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        path
    };
    let resting = age("resting.docx", Duration::from_hours(1));
    let recent = age("recent.docx", Duration::from_secs(5));
    let opens = init(CreateFlags::NONBLOCK).unwrap();
    add_watch(&opens, site.root(), WatchFlags::OPEN).unwrap();
    site.start();
    site.until("both are told", |log| log.knows(&resting) && log.knows(&recent));
    let (mut room, mut opened) = ([MaybeUninit::uninit(); 4096], BTreeSet::new());
    let mut events = Reader::new(opens, &mut room);
    while let Ok(event) = events.next() {
        // The folder itself has no name.
        opened.extend(event.file_name().map(|name| name.to_str().unwrap().to_owned()));
    }
    assert_eq!(opened, BTreeSet::from(["recent.docx".to_owned()]));
}
