//! Whatever is done in whatever order, what was told is in the end what is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;

use super::site::Site;

#[derive(Clone, Debug)]
enum Operation {
    Write(usize, String),
    Append(usize),
    Delete(usize),
    Rename(usize, usize),
    MakeFolder(usize),
    RenameFolder(usize, usize),
    DeleteFolder(usize),
    Pause(u64),
}

const FOLDERS: [&str; 6] = ["", "a", "b", "a/c", "a/c/d", "b/e"];

fn file(number: usize) -> PathBuf {
    Path::new(FOLDERS[number % FOLDERS.len()]).join(format!("{}.docx", number / FOLDERS.len() % 3))
}

fn folder(number: usize) -> PathBuf {
    FOLDERS[1 + number % (FOLDERS.len() - 1)].into()
}

fn operation() -> impl Strategy<Value = Operation> {
    let number = 0..100_usize;
    prop_oneof![
        4 => (number.clone(), "[a-z]{1,8}").prop_map(|(at, content)| Operation::Write(at, content)),
        2 => number.clone().prop_map(Operation::Append),
        2 => number.clone().prop_map(Operation::Delete),
        3 => (number.clone(), number.clone()).prop_map(|(from, to)| Operation::Rename(from, to)),
        3 => number.clone().prop_map(Operation::MakeFolder),
        3 => (number.clone(), number.clone()).prop_map(|(from, to)| Operation::RenameFolder(from, to)),
        1 => number.prop_map(Operation::DeleteFolder),
        2 => (0..400_u64).prop_map(Operation::Pause),
    ]
}

/// Does it, or fails to, as the folder happens to be.
fn apply(root: &Path, operation: &Operation) -> std::io::Result<()> {
    match operation {
        Operation::Write(at, content) => fs::write(root.join(file(*at)), content),
        Operation::Append(at) => fs::OpenOptions::new()
            .append(true)
            .open(root.join(file(*at)))
            .and_then(|mut open| std::io::Write::write_all(&mut open, b"more")),
        Operation::Delete(at) => fs::remove_file(root.join(file(*at))),
        Operation::Rename(from, to) => fs::rename(root.join(file(*from)), root.join(file(*to))),
        Operation::MakeFolder(at) => fs::create_dir_all(root.join(folder(*at))),
        Operation::RenameFolder(from, to) => fs::rename(root.join(folder(*from)), root.join(folder(*to))),
        Operation::DeleteFolder(at) => fs::remove_dir_all(root.join(folder(*at))),
        Operation::Pause(milliseconds) => {
            std::thread::sleep(Duration::from_millis(*milliseconds));
            Ok(())
        }
    }
}

/// The files below `folder` and their sizes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(tree(&entry.path()));
        } else {
            files.insert(entry.path(), entry.metadata().unwrap().len());
        }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn what_was_told_is_what_is_there(operations in prop::collection::vec(operation(), 1..120)) {
        let site = Site::watched();
        for operation in &operations {
            // Many operations find nothing to work on; what matters is the tree they leave.
            drop(apply(&site.root(), operation));
        }
        let expected = tree(&site.root());
        site.until_at_last("the tree as told is the tree as it is", |log| {
            log.files().into_iter().map(|(path, stat)| (path, stat.size)).eq(expected.clone())
        });
    }
}
