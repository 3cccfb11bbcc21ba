//! What only Linux has: permissions, special files, mounted volumes, and file systems with fewer means.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::testing::are_apart;
use super::{MoveError, Moved, folder_flags, link_if_free, move_to_store, rename_over_own};
use crate::mover::tests::Scene;

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
fn file_systems_with_fewer_means_overwrite_nothing_either() {
    for means in [link_if_free, rename_over_own] {
        let scene = Scene::same_volume();
        let open = |path: &Path| rustix::fs::open(path, folder_flags(), rustix::fs::Mode::empty()).unwrap();
        let (home, store) = (open(scene.home.path()), open(scene.store.path()));
        scene.file("a.docx", b"new");
        fs::write(scene.stored("a.docx"), b"first").unwrap();
        let taken = means(&home, "a.docx".as_ref(), &store, "a.docx".as_ref());
        assert_eq!(taken, Err(rustix::io::Errno::EXIST));
        assert_eq!(fs::read(scene.stored("a.docx")).unwrap(), b"first");
        means(&home, "a.docx".as_ref(), &store, "b.docx".as_ref()).unwrap();
        assert_eq!(fs::read(scene.stored("b.docx")).unwrap(), b"new");
        assert!(!scene.home.path().join("a.docx").exists());
        let missing = means(&home, "a.docx".as_ref(), &store, "c.docx".as_ref());
        assert_eq!(missing, Err(rustix::io::Errno::NOENT));
        assert_eq!(scene.names_in_store(), ["a.docx", "b.docx"], "no reserved name is left");
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
        let across = are_apart(scene.home.path(), scene.store.path());
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

/// A file system mounted for one test.
struct Volume {
    folder: TempDir,
    _cipher: Option<TempDir>,
}

impl Volume {
    /// A real encrypted folder in user space; `None`, and says so, where there is no gocryptfs.
    fn gocryptfs() -> Option<Self> {
        let (folder, cipher) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let run = |arguments: &[&Path]| {
            let mut command = std::process::Command::new("gocryptfs");
            let command = command
                .args(["-q", "-extpass", "echo", "-extpass", "test"])
                .args(arguments);
            command.output().is_ok_and(|output| output.status.success())
        };
        let init = ["-init", "-scryptn", "10"].map(Path::new);
        let made = run(&[&init[..], &[cipher.path()]].concat()) && run(&[cipher.path(), folder.path()]);
        if !made {
            eprintln!("skipped: gocryptfs is not there or may not mount");
        }
        made.then_some(Self {
            folder,
            _cipher: Some(cipher),
        })
    }

    /// A file system in memory; `None`, and says so, where none can be mounted.
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
        mounted.then_some(Self { folder, _cipher: None })
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.folder.path()).status();
    }
}

#[test]
fn an_encrypted_folder_in_user_space_takes_files_from_without_and_from_within() {
    let Some(volume) = Volume::gocryptfs() else {
        return;
    };
    let scene = Scene::same_volume();
    let [store, inbox] = ["store", "inbox"].map(|name| volume.folder.path().join(name));
    fs::create_dir(&store).unwrap();
    fs::create_dir(&inbox).unwrap();
    let within = inbox.join("报价单.docx");
    fs::write(&within, b"within").unwrap();
    let without = scene.file("报价单.docx", b"without");
    for (file, name) in [(without, "报价单.docx"), (within, "报价单 (2).docx")] {
        let content = fs::read(&file).unwrap();
        let moved = move_to_store(&file, &store).unwrap();
        assert_eq!(moved.to, store.join(name));
        assert_eq!(fs::read(moved.to).unwrap(), content);
        assert!(!file.exists());
    }
    assert_eq!(fs::read_dir(&store).unwrap().count(), 2);
}

#[test]
fn a_full_store_keeps_no_half_copy_and_the_file_stays() {
    let Some(volume) = Volume::mount("size=256k") else {
        return;
    };
    let scene = Scene::same_volume();
    let file = scene.file("large.docx", &vec![7; 1024 * 1024]);
    let full = move_to_store(&file, volume.folder.path());
    assert!(matches!(full, Err(MoveError::StoreFull)), "{full:?}");
    assert_eq!(fs::metadata(&file).unwrap().len(), 1024 * 1024);
    assert_eq!(fs::read_dir(volume.folder.path()).unwrap().count(), 0);
    let small = scene.file("small.docx", b"content");
    // The kernel may give back the room of what was deleted a moment later.
    let moved = (0..100).any(|_| {
        let moved = move_to_store(&small, volume.folder.path()).is_ok();
        if !moved {
            thread::sleep(Duration::from_millis(20));
        }
        moved
    });
    assert!(moved);
}

#[test]
fn a_store_that_may_not_be_written_is_named() {
    let Some(volume) = Volume::mount("size=256k,ro") else {
        return;
    };
    let scene = Scene::same_volume();
    let file = scene.file("a.docx", b"content");
    let refused = move_to_store(&file, volume.folder.path());
    assert!(matches!(refused, Err(MoveError::StoreReadOnly)), "{refused:?}");
    assert!(file.exists());
}
