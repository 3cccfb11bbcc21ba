//! The move on real files of this OS: by rename within a volume, by copy across volumes.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use super::platform::testing::{NAMES, SECOND_VOLUME, are_apart, held_as_a_part};
use super::{MoveError, Moved, move_to_store};

/// A folder where the file lies and a store, on one volume or on two.
pub(super) struct Scene {
    pub(super) home: TempDir,
    pub(super) store: TempDir,
}

impl Scene {
    pub(super) fn same_volume() -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = tempfile::tempdir_in(home.path().parent().unwrap()).unwrap();
        Self { home, store }
    }

    /// `None`, and says so, where the machine has no second volume to write to.
    pub(super) fn two_volumes() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let store = tempfile::tempdir_in(SECOND_VOLUME)
            .ok()
            .filter(|store| are_apart(home.path(), store.path()));
        if store.is_none() {
            eprintln!("skipped: {SECOND_VOLUME} is no second volume here");
        }
        Some(Self { store: store?, home })
    }

    pub(super) fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::same_volume()).chain(Self::two_volumes())
    }

    pub(super) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub(super) fn stored(&self, name: &str) -> PathBuf {
        self.store.path().join(name)
    }

    pub(super) fn move_to_store(&self, file: &Path) -> Result<Moved, MoveError> {
        move_to_store(file, self.store.path())
    }

    pub(super) fn names_in_store(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.store.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    for scene in Scene::all() {
        fs::write(scene.stored("a.docx"), b"first").unwrap();
        fs::create_dir(scene.stored("a (2).docx")).unwrap();
        let moved = scene.move_to_store(&scene.file("a.docx", b"new")).unwrap();
        assert_eq!(moved.to, scene.stored("a (3).docx"));
        assert_eq!(fs::read(scene.stored("a.docx")).unwrap(), b"first");
        assert_eq!(fs::read(moved.to).unwrap(), b"new");
        assert_eq!(scene.names_in_store().len(), 3, "nothing half is left");
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

#[test]
fn what_a_crash_left_half_is_removed_and_what_another_move_writes_is_not() {
    let Some(scene) = Scene::two_volumes() else { return };
    let left = scene.stored(".fileward-00000000000000000000000000000001.part");
    let written = scene.stored(".fileward-00000000000000000000000000000002.part");
    let foreign = scene.stored(".fileward-notes.part");
    for file in [&left, &written, &foreign] {
        fs::write(file, b"half").unwrap();
    }
    let _held = held_as_a_part(&written);
    scene.move_to_store(&scene.file("a.docx", b"content")).unwrap();
    assert!(!left.exists() && written.exists() && foreign.exists());
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
        name in NAMES,
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
