//! The move on real files: by rename within a volume, by copy across volumes.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// A folder where the file lies and a store, on one volume or on two.
struct Scene {
    home: TempDir,
    store: TempDir,
}

impl Scene {
    fn same_volume() -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = tempfile::tempdir_in(home.path().parent().unwrap()).unwrap();
        Self { home, store }
    }

    /// `None`, and says so, where the machine has no second volume to write to.
    fn two_volumes() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let store = tempfile::tempdir_in("/dev/shm").ok();
        let other = |store: &TempDir| store.path().metadata().unwrap().dev() != home.path().metadata().unwrap().dev();
        let store = store.filter(other);
        if store.is_none() {
            eprintln!("skipped: /dev/shm is no second volume here");
        }
        Some(Self { store: store?, home })
    }

    fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::same_volume()).chain(Self::two_volumes())
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn stored(&self, name: &str) -> PathBuf {
        self.store.path().join(name)
    }

    fn move_to_store(&self, file: &Path) -> Result<Moved, MoveError> {
        move_to_store(file, self.store.path())
    }

    fn names_in_store(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.store.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn a_file_is_moved_with_its_name_content_permissions_and_time() {
    for scene in Scene::all() {
        let file = scene.file("报价单 2026.docx", b"content");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_000);
        fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(time)
            .unwrap();

        let moved = scene.move_to_store(&file).unwrap();

        assert_eq!(
            moved,
            Moved {
                to: scene.stored("报价单 2026.docx"),
                in_use: false
            }
        );
        let metadata = moved.to.metadata().unwrap();
        assert_eq!(fs::read(&moved.to).unwrap(), b"content");
        assert_eq!(metadata.mode() & 0o777, 0o640);
        assert_eq!(metadata.modified().unwrap(), time);
        assert!(!file.exists());
    }
}

#[test]
fn nothing_in_the_store_is_overwritten() {
    for scene in Scene::all() {
        fs::write(scene.stored("a.docx"), b"first").unwrap();
        fs::create_dir(scene.stored("a (2).docx")).unwrap();
        symlink("nowhere", scene.stored("a (3).docx")).unwrap();
        let moved = scene.move_to_store(&scene.file("a.docx", b"new")).unwrap();
        assert_eq!(moved.to, scene.stored("a (4).docx"));
        assert_eq!(fs::read(scene.stored("a.docx")).unwrap(), b"first");
        assert_eq!(fs::read(moved.to).unwrap(), b"new");
        assert_eq!(scene.names_in_store().len(), 4, "nothing half is left");
    }
}

#[test]
fn links_folders_and_special_files_are_refused() {
    for scene in Scene::all() {
        let target = scene.file("target", b"content");
        let link = scene.home.path().join("link");
        symlink(&target, &link).unwrap();
        let pipe = scene.home.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let socket = scene.home.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [link, pipe, socket, scene.home.path().to_owned()] {
            let refused = scene.move_to_store(&path);
            assert!(matches!(refused, Err(MoveError::NotAFile)), "{path:?}: {refused:?}");
            assert!(path.symlink_metadata().is_ok());
        }
        assert_eq!(fs::read(target).unwrap(), b"content");
        assert!(scene.names_in_store().is_empty());
    }
}

#[test]
fn what_is_not_there_is_named() {
    for scene in Scene::all() {
        let missing = scene.move_to_store(&scene.home.path().join("gone.docx"));
        assert!(matches!(missing, Err(MoveError::Missing)), "{missing:?}");
        let file = scene.file("a.docx", b"content");
        let no_store = move_to_store(&file, &scene.stored("no such folder"));
        assert!(matches!(no_store, Err(MoveError::StoreMissing)), "{no_store:?}");
        let no_folder = move_to_store(&file, &scene.file("a file", b""));
        assert!(matches!(no_folder, Err(MoveError::StoreMissing)), "{no_folder:?}");
        assert_eq!(fs::read(file).unwrap(), b"content");
    }
}

#[test]
fn what_lies_in_the_store_stays_there() {
    let scene = Scene::same_volume();
    let folder = scene.stored("项目");
    fs::create_dir(&folder).unwrap();
    for file in [scene.stored("a.docx"), folder.join("b.docx")] {
        fs::write(&file, b"content").unwrap();
        assert!(matches!(scene.move_to_store(&file), Err(MoveError::AlreadyThere)));
        assert!(file.exists());
    }
}

/// A process that has `file` open in the way `redirection` says.
fn holder(file: &Path, redirection: &str) -> std::process::Child {
    let script = format!("exec 3{redirection}\"$1\"; echo ready; read -r line");
    let mut child = std::process::Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(file)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    child
}

#[test]
fn a_file_that_another_program_writes_is_not_copied_away_from_under_it() {
    for scene in Scene::all() {
        let across = scene.store.path().metadata().unwrap().dev() != scene.home.path().metadata().unwrap().dev();
        for (redirection, writes) in [("<", false), (">>", true)] {
            let file = scene.file("a.docx", b"content");
            let mut child = holder(&file, redirection);
            let moved = scene.move_to_store(&file);
            drop(child.stdin.take());
            child.wait().unwrap();
            if across && writes {
                assert!(matches!(moved, Err(MoveError::InUse)), "{moved:?}");
                assert!(file.exists());
            } else {
                assert!(moved.unwrap().in_use, "the user is told");
            }
        }
    }
}

#[test]
fn what_a_crash_left_half_is_removed_and_what_another_move_writes_is_not() {
    let Some(scene) = Scene::two_volumes() else { return };
    let left = scene.stored(".fileward-00000000000000000000000000000001.part");
    let written = scene.stored(".fileward-00000000000000000000000000000002.part");
    let foreign = scene.stored(".fileward-notes.part");
    for file in [&left, &written, &foreign] {
        fs::write(file, b"half").unwrap();
    }
    let lock = fs::File::open(&written).unwrap();
    lock.try_lock().unwrap();
    scene.move_to_store(&scene.file("a.docx", b"content")).unwrap();
    assert!(!left.exists() && written.exists() && foreign.exists());
}

/// A file system of 256 KiB, or `None` where none can be mounted.
struct SmallVolume {
    folder: TempDir,
}

impl SmallVolume {
    fn mount(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = std::process::Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", options, "fileward-test"])
            .arg(folder.path());
        let mounted = command.output().is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: no right to mount a small volume");
        }
        mounted.then_some(Self { folder })
    }
}

impl Drop for SmallVolume {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.folder.path()).status();
    }
}

#[test]
fn a_full_store_keeps_no_half_copy_and_the_file_stays() {
    let Some(volume) = SmallVolume::mount("size=256k") else {
        return;
    };
    let scene = Scene::same_volume();
    let file = scene.file("large.docx", &vec![7; 1024 * 1024]);
    let full = move_to_store(&file, volume.folder.path());
    assert!(matches!(full, Err(MoveError::StoreFull)), "{full:?}");
    assert_eq!(fs::metadata(&file).unwrap().len(), 1024 * 1024);
    assert_eq!(fs::read_dir(volume.folder.path()).unwrap().count(), 0);
    move_to_store(&scene.file("small.docx", b"content"), volume.folder.path()).unwrap();
}

#[test]
fn a_store_that_may_not_be_written_is_named() {
    let Some(volume) = SmallVolume::mount("size=256k,ro") else {
        return;
    };
    let scene = Scene::same_volume();
    let file = scene.file("a.docx", b"content");
    let refused = move_to_store(&file, volume.folder.path());
    assert!(matches!(refused, Err(MoveError::StoreReadOnly)), "{refused:?}");
    assert!(file.exists());
}

#[test]
fn a_name_of_the_longest_kind_finds_a_place_beside_its_double() {
    for scene in Scene::all() {
        let name = format!("{}.docx", "长".repeat(83));
        fs::write(scene.stored(&name), b"first").unwrap();
        let moved = scene.move_to_store(&scene.file(&name, b"new")).unwrap();
        assert_eq!(fs::read(&moved.to).unwrap(), b"new");
        assert_eq!(moved.to.extension().unwrap(), "docx");
    }
}

#[test]
fn many_moves_of_one_name_at_once_lose_nothing() {
    for scene in Scene::all() {
        let files: Vec<_> = (0..8_u8)
            .map(|number| {
                let folder = scene.home.path().join(number.to_string());
                fs::create_dir(&folder).unwrap();
                fs::write(folder.join("a.docx"), [number]).unwrap();
                folder.join("a.docx")
            })
            .collect();
        std::thread::scope(|scope| {
            for file in &files {
                scope.spawn(|| scene.move_to_store(file).unwrap());
            }
        });
        let mut contents: Vec<_> = scene
            .names_in_store()
            .iter()
            .map(|name| fs::read(scene.stored(name)).unwrap())
            .collect();
        contents.sort();
        assert_eq!(contents, (0..8_u8).map(|number| vec![number]).collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_name_and_content_the_store_gains_exactly_that(
        name in "[^/\\x00]{1,60}",
        content in proptest::collection::vec(any::<u8>(), 0..3000),
        doubles in 0_usize..3,
        across in any::<bool>(),
    ) {
        prop_assume!(name != "." && name != "..");
        let Some(scene) = (if across { Scene::two_volumes() } else { Some(Scene::same_volume()) }) else { return Ok(()) };
        let first = scene.move_to_store(&scene.file(&name, b"earlier")).unwrap();
        prop_assert_eq!(first.to.file_name().unwrap().to_str(), Some(name.as_str()));
        for _ in 0..doubles {
            scene.move_to_store(&scene.file(&name, b"earlier")).unwrap();
        }
        let file = scene.file(&name, &content);
        let moved = scene.move_to_store(&file).unwrap();
        prop_assert!(!file.exists());
        prop_assert_eq!(moved.to.parent(), Some(scene.store.path()));
        prop_assert_eq!(fs::read(&moved.to).unwrap(), content);
        prop_assert_eq!(scene.names_in_store().len(), doubles + 2);
        prop_assert_eq!(fs::read(first.to).unwrap(), b"earlier");
    }
}
