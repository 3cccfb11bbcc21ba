//! What only Windows has: streams, long paths, names without Unicode, sharing modes.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fileward_places::Place;
use fileward_protocol::health::PlaceState;

use super::site::{Kind, Site, place};
use crate::watch::names::long;
use crate::watch::open::{Entry, Look, Root, device_above, look};

/// Of a storm's files, one in so many is made: what is asked of a file goes through Wine's one server, and takes long.
pub(super) const STORM_SHARE: usize = 10;

/// Whether the system tells of files in a folder that was there before its watch, or was moved into it.
pub(super) fn tells_of_every_folder() -> bool {
    let is_wine = Path::new(r"C:\windows\system32\winepath.exe").exists();
    if is_wine {
        println!(
            "Wine tells nothing of folders that were there before or were moved: a sweep looks for what they hold"
        );
    }
    !is_wine
}

/// Nobody is told which folders a process has open.
pub(super) fn is_held(_folder: &Path) -> Option<bool> {
    None
}

#[test]
fn a_file_listed_is_the_file_opened() {
    let site = Site::new();
    let path = site.write("a/报告.docx", "content");
    let root = Root::open(&site.root()).unwrap();
    let (file, opened) = root.file(&path).unwrap();
    assert_eq!(opened.size, 7);
    let modified = file.metadata().unwrap().modified().unwrap();
    let modified = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    assert_eq!(u128::from(opened.modified.cast_unsigned()), modified);
    let listed = root.list(path.parent().unwrap()).unwrap();
    assert_eq!(listed, [Entry::File("报告.docx".into(), opened)]);
    assert!(root.confirms(&path, &opened));
    assert_eq!(look(&site.root(), &path), Look::File(opened));
    assert_eq!(look(&site.root(), path.parent().unwrap()), Look::Folder);
    assert_eq!(root.id().unwrap().device, opened.id.device);
    let renamed = site.path("b.docx");
    fs::rename(&path, &renamed).unwrap();
    assert_eq!(root.file(&renamed).unwrap().1, opened);
    assert!(root.confirms(&renamed, &opened) && !root.confirms(&path, &opened));
    assert!(matches!(look(&site.root(), &path), Look::Absent { root: true, device } if device == opened.id.device));
    assert_eq!(device_above(&site.root()), Some(opened.id.device));
    fs::write(&renamed, "more content").unwrap();
    assert!(!root.confirms(&renamed, &opened));
    assert!(matches!(
        look(&site.base().join("none"), &site.base().join("none/a")),
        Look::Absent { root: false, .. }
    ));
}

#[test]
fn a_folder_with_many_entries_is_listed_whole() {
    let site = Site::new();
    let name = |number: usize| format!("{number}-{}.docx", "长".repeat(60));
    for number in 0..2_000 {
        site.write(&name(number), "content");
    }
    let listed = Root::open(&site.root()).unwrap().list(&site.root()).unwrap();
    let names: std::collections::BTreeSet<_> = listed
        .into_iter()
        .map(|entry| match entry {
            Entry::File(name, _) => name,
            other => panic!("a file is expected: {other:?}"),
        })
        .collect();
    assert_eq!(names, (0..2_000).map(|number| name(number).into()).collect());
}

#[test]
fn ways_out_of_a_place_and_other_streams_are_not_opened() {
    let site = Site::new();
    site.write("a.docx", "content");
    let root = Root::open(&site.root()).unwrap();
    for name in ["a.docx:hidden", "a.docx::$DATA", "b/../a.docx", "a.docx/b", ".."] {
        // `join` would make sense of some of them.
        let mut path = site.root().into_os_string();
        path.push("\\");
        path.push(name);
        assert!(root.file(Path::new(&path)).is_err(), "{name}");
        assert!(!matches!(look(&site.root(), Path::new(&path)), Look::File(_)), "{name}");
    }
    for path in ["a", r"\a", r"C:a", r"\\.\pipe\a"] {
        assert!(Root::open(Path::new(path)).is_err(), "{path}");
    }
}

#[test]
fn a_path_with_a_prefix_for_long_ones_is_as_good() {
    let site = Site::new();
    let path = site.write("a.docx", "content");
    assert!(matches!(look(&long(&site.root()), &long(&path)), Look::File(_)));
}

#[test]
fn a_file_has_one_path_whatever_case_it_is_called_by() {
    // Without events of its own: what is hinted at is what is said here.
    let mut site = Site::new();
    site.poll_every = Duration::from_hours(1);
    site.survey(vec![Place {
        events: false,
        ..place(site.root())
    }]);
    site.start();
    let path = site.write("msg/file/报告 a.docx", "one");
    let hint = |path: PathBuf| {
        let watch = site.watch.as_ref().unwrap();
        watch.inbox.put(|mail| mail.hints.extend([(path, true)]));
    };
    hint(site.path(r"Msg\File\报告 A.DOCX"));
    site.until("the file is told", |log| log.knows(&path));
    let root = PathBuf::from(site.root().to_str().unwrap().to_uppercase());
    for name in [r"Msg\File\报告 A.DOCX", r"msg\file\报告 a.docx", r"MSG\FILE", "MSG"] {
        hint(root.join(name));
        hint(site.path(name));
    }
    let last = site.write("last.docx", "one");
    hint(last.clone());
    site.until("a later file is told", |log| log.knows(&last));
    std::thread::sleep(Duration::from_secs(3));
    site.assert_told(&[(path, Kind::Settled), (last, Kind::Settled)]);
}

#[test]
fn a_file_that_is_renamed_in_case_alone_is_known_by_its_new_name() {
    let site = Site::watched();
    let old = site.write("a.docx", "one");
    site.until("the file is told", |log| log.knows(&old));
    site.forget_log();
    let new = site.path("A.docx");
    // Wine does nothing when nothing but the case is another.
    fs::rename(&old, site.path("b.docx")).unwrap();
    fs::rename(site.path("b.docx"), &new).unwrap();
    site.until("the old name is gone", |log| log.count(&old) == 1);
    site.assert_told(&[(new, Kind::Settled), (old, Kind::Gone)]);
}

#[test]
fn other_streams_of_a_file_are_no_files() {
    let site = Site::watched();
    let path = site.write("a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    let modified = File::open(&path).unwrap().metadata().unwrap().modified().unwrap();
    let mut stream = path.clone().into_os_string();
    stream.push(":Zone.Identifier");
    // Wine keeps no streams; what NTFS might tell of one is told here in any case.
    let made = fs::write(&stream, "[ZoneTransfer]\r\nZoneId=3\r\n");
    println!("a stream was made: {made:?}");
    // As those do who must not change the file.
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.set_modified(modified).unwrap();
    drop(file);
    let watch = site.watch.as_ref().unwrap();
    let hints = [PathBuf::from(&stream), site.path("a.docx::$DATA"), path.clone()];
    watch
        .inbox
        .put(|mail| mail.hints.extend(hints.map(|path| (path, true))));
    watch.reconcile_all();
    site.until("all is swept", |log| log.swept.len() >= 2);
    site.until_quiet();
    site.assert_told(&[(path, Kind::Settled)]);
}

#[test]
fn paths_longer_than_windows_once_allowed_are_told() {
    let site = Site::watched();
    let folder = ["长路径".repeat(20), "b".repeat(200), "c".repeat(200)].join("/");
    let path = site.write(&format!("{folder}/报告.docx"), "one");
    assert!(path.as_os_str().len() > 500);
    site.until("the file is told", |log| log.knows(&path));
    fs::remove_file(&path).unwrap();
    site.until("its end is told", |log| !log.knows(&path));
}

#[test]
fn a_place_may_lie_deeper_than_windows_once_allowed() {
    let mut site = Site::new();
    let root = site.path(&["长路径".repeat(20), "b".repeat(200)].join(r"\"));
    fs::create_dir_all(&root).unwrap();
    site.survey(vec![place(root.clone())]);
    site.start();
    let path = root.join("报告.docx");
    fs::write(&path, "one").unwrap();
    site.until("the file is told", |log| log.knows(&path));
    site.with(|log| assert_eq!(log.states[&root], PlaceState::Ok));
}

#[test]
fn names_that_are_not_unicode_are_as_good_as_others() {
    let site = Site::watched();
    let mut name: Vec<u16> = "合同.docx".encode_utf16().collect();
    name.insert(1, 0xD800);
    let path = site.root().join(OsString::from_wide(&name));
    if let Err(error) = fs::write(&path, "one") {
        println!("skipped: Wine makes no such files: {error}");
        return;
    }
    site.until("the file is told", |log| log.knows(&path));
    fs::remove_file(&path).unwrap();
    site.until("its end is told", |log| !log.knows(&path));
}

#[test]
fn whoever_has_a_file_for_themselves_is_not_disturbed_and_it_is_told_later() {
    let site = Site::watched();
    let path = site.path("a.docx");
    let mut options = OpenOptions::new();
    let mine: File = options.write(true).create_new(true).share_mode(0).open(&path).unwrap();
    mine.set_len(9).unwrap();
    assert!(matches!(look(&site.root(), &path), Look::File(stat) if stat.size == 9));
    drop(mine);
    site.until("the file is told", |log| log.knows(&path));
}

#[test]
fn watched_files_and_folders_may_be_renamed_and_deleted() {
    let site = Site::watched();
    let path = site.write("a/a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    let root = Root::open(&site.root()).unwrap();
    let (file, _) = root.file(&path).unwrap();
    fs::rename(&path, site.path("a/b.docx")).unwrap();
    fs::remove_file(site.path("a/b.docx")).unwrap();
    drop(file);
    fs::rename(site.path("a"), site.path("b")).unwrap();
    fs::remove_dir(site.path("b")).unwrap();
}
