//! What only Windows has: streams, long paths, names without Unicode, sharing modes.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use super::site::Site;
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
    assert_eq!(look(&site.root(), &path), Look::File(opened));
    assert_eq!(look(&site.root(), path.parent().unwrap()), Look::Folder);
    assert_eq!(root.id().unwrap().device, opened.id.device);
    let renamed = site.path("b.docx");
    fs::rename(&path, &renamed).unwrap();
    assert_eq!(root.file(&renamed).unwrap().1, opened);
    assert!(matches!(look(&site.root(), &path), Look::Absent { root: true, device } if device == opened.id.device));
    assert_eq!(device_above(&site.root()), Some(opened.id.device));
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
fn a_path_without_a_prefix_for_long_ones_is_as_good() {
    let site = Site::new();
    let path = site.write("a.docx", "content");
    let short = |path: &Path| {
        let text = path.to_str().unwrap();
        Path::new(text.strip_prefix(r"\\?\").unwrap()).to_path_buf()
    };
    assert!(matches!(look(&short(&site.root()), &short(&path)), Look::File(_)));
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
