//! What only Windows has: attributes, how files are shared, and names in UTF-16.

use std::fs::{self, OpenOptions};
use std::os::windows::fs::{FileTimesExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_READONLY, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
};

use super::testing::are_apart;
use super::{MoveError, numbered, verbatim};
use crate::mover::tests::Scene;

#[test]
fn a_file_is_moved_with_its_name_content_times_and_read_only_attribute() {
    for scene in Scene::all() {
        let path = scene.file("报价单 2026.docx", b"content");
        let time = |seconds| SystemTime::UNIX_EPOCH + Duration::new(seconds, 123_456_000);
        let file = fs::File::options().write(true).open(&path).unwrap();
        let times = fs::FileTimes::new()
            .set_modified(time(1_700_000_000))
            .set_created(time(1_600_000_000));
        file.set_times(times).unwrap();
        let mut permissions = file.metadata().unwrap().permissions();
        let created = file.metadata().unwrap().creation_time();
        drop(file);
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();

        let moved = scene.move_to_store(&path).unwrap();

        assert_eq!(moved.to, scene.stored("报价单 2026.docx"));
        assert!(!moved.in_use && !path.exists());
        let metadata = moved.to.metadata().unwrap();
        assert_eq!(fs::read(&moved.to).unwrap(), b"content");
        assert_eq!(metadata.modified().unwrap(), time(1_700_000_000));
        assert_eq!(metadata.creation_time(), created);
        assert_eq!(
            metadata.file_attributes() & (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN),
            FILE_ATTRIBUTE_READONLY
        );
        let mut permissions = metadata.permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "so that the folder can be removed")]
        permissions.set_readonly(false);
        fs::set_permissions(&moved.to, permissions).unwrap();
    }
}

#[test]
fn links_and_folders_are_refused() {
    for scene in Scene::all() {
        let target = scene.file("target", b"content");
        let link = scene.home.path().join("link");
        let linked = std::os::windows::fs::symlink_file(&target, &link);
        // Wine 8 says that it made one.
        let is_linked = link.symlink_metadata().is_ok_and(|found| found.is_symlink());
        if !is_linked {
            eprintln!("skipped: no link can be made here: {linked:?}");
        }
        let refused = [Some(scene.home.path().to_owned()), is_linked.then_some(link)];
        for path in refused.into_iter().flatten() {
            let refused = scene.move_to_store(&path);
            assert!(matches!(refused, Err(MoveError::NotAFile)), "{path:?}: {refused:?}");
        }
        assert_eq!(fs::read(target).unwrap(), b"content");
        assert!(scene.names_in_store().is_empty());
    }
}

#[test]
fn a_file_that_another_program_has_open_is_moved_as_far_as_nothing_can_be_lost() {
    let (read, write) = (
        FILE_SHARE_READ | FILE_SHARE_DELETE,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
    );
    for scene in Scene::all() {
        let across = are_apart(scene.home.path(), scene.store.path());
        // What is held, how it is shared, whether it can be moved.
        let table = [
            (false, read, true),
            (false, FILE_SHARE_READ, false),
            (true, write, !across),
            (true, read, !across),
            (true, FILE_SHARE_READ, false),
            (true, 0, false),
        ];
        for (writes, share, moves) in table {
            let file = scene.file("a.docx", b"content");
            let mut options = OpenOptions::new();
            let held = options.read(true).write(writes).share_mode(share).open(&file).unwrap();
            let moved = scene.move_to_store(&file);
            drop(held);
            if moves {
                assert!(moved.unwrap().in_use, "the user is told");
            } else {
                assert!(matches!(moved, Err(MoveError::InUse)), "{writes} {share}: {moved:?}");
                assert_eq!(fs::read(&file).unwrap(), b"content");
            }
        }
    }
}

#[test]
fn a_name_is_cut_only_where_utf_16_is_too_long() {
    let long = format!("{}.docx", "长".repeat(250));
    assert_eq!(numbered(long.as_ref(), 1), *long);
    for number in [2, 9999] {
        let made = numbered(long.as_ref(), number).into_string().unwrap();
        assert!(
            made.encode_utf16().count() <= 255 && made.encode_utf16().count() > 245,
            "{made}"
        );
        assert!(made.ends_with(&format!(" ({number}).docx")));
    }
    let short = format!("{}.docx", "长".repeat(200));
    assert_eq!(numbered(short.as_ref(), 2), *short.replace(".docx", " (2).docx"));
}

#[test]
fn paths_of_every_length_and_name_are_taken_as_they_are() {
    let shown = |path: &str| verbatim(Path::new(path)).into_os_string().into_string().unwrap();
    assert_eq!(shown(r"C:\a/b. "), r"\\?\C:\a\b. ");
    assert_eq!(shown(r"V:\"), r"\\?\V:\");
    assert_eq!(shown(r"\\server\share\a"), r"\\?\UNC\server\share\a");
    for kept in [r"\\?\C:\a", r"C:a", r"a\b", r"C:\a\..\b"] {
        assert_eq!(shown(kept), kept);
    }
}
