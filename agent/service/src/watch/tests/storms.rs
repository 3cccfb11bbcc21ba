//! More at once than the kernel's queue holds.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use super::site::Site;
use super::system::STORM_SHARE;
use crate::watch::Change;

/// Every file in `paths` is told, and none twice.
fn assert_each_told_once(site: &Site, paths: &[PathBuf]) {
    site.with(|log| {
        let mut told: HashMap<&PathBuf, usize> = HashMap::new();
        for (path, change) in &log.told {
            assert!(matches!(change, Change::Settled(_)), "{path:?} is not gone");
            *told.entry(path).or_default() += 1;
        }
        let missed = paths.iter().filter(|path| !told.contains_key(path)).count();
        let doubled = told.values().filter(|times| **times > 1).count();
        println!("{} files, {missed} missed, {doubled} told twice", paths.len());
        assert_eq!((missed, doubled, told.len()), (0, 0, paths.len()));
    });
}

/// Makes `files` files, or this system's share of them, in `folders` new folders, nested two deep, as fast as it can.
fn burst(site: &Site, folders: usize, files: usize) -> Vec<PathBuf> {
    let files = files / STORM_SHARE;
    let mut paths = Vec::with_capacity(files);
    for folder in 0..folders {
        let path = site.path(&format!("{}/{folder}", folder % 14));
        fs::create_dir_all(&path).unwrap();
        for file in 0..files / folders {
            let path = path.join(format!("{file}.docx"));
            fs::write(&path, "content").unwrap();
            paths.push(path);
        }
    }
    paths
}

#[test]
fn of_fifty_thousand_files_in_new_folders_none_is_missed_and_none_told_twice() {
    let site = Site::watched();
    let paths = burst(&site, 200, 50_000);
    site.until_at_last("all are told", |log| log.told.len() >= paths.len());
    site.until_quiet();
    assert_each_told_once(&site, &paths);
}

#[test]
fn hints_that_the_kernel_dropped_are_made_up_for() {
    let site = Site::watched();
    for folder in 0..14 {
        fs::create_dir_all(site.path(&format!("{folder}/{folder}"))).unwrap();
    }
    site.until_quiet();
    let mut paths = Vec::new();
    // Whoever delivers hints has to wait here, and the kernel's queue overflows.
    site.watch
        .as_ref()
        .unwrap()
        .inbox
        .put(|_| paths = burst(&site, 14, 28_000));
    site.until("all are told", |log| log.told.len() >= paths.len());
    site.until("everything was swept", |log| log.swept.len() >= 2);
    site.until_quiet();
    assert_each_told_once(&site, &paths);
}

#[test]
fn a_first_sweep_and_events_of_the_same_files_tell_them_once() {
    let mut site = Site::new();
    let mut paths = burst(&site, 100, 5_000);
    site.start_without_waiting();
    for path in &mut paths {
        let renamed = path.with_extension("pdf");
        fs::rename(&path, &renamed).unwrap();
        *path = renamed;
    }
    site.until("the first sweep is done", |log| log.first_sweep_done);
    site.until_at_last("all are told under their new name", |log| {
        let files = log.files();
        paths.iter().all(|path| files.contains_key(path))
    });
    site.until("none is known under its old name", |log| {
        log.files().len() == paths.len()
    });
    let times = site.with(|log| paths.iter().map(|path| log.count(path)).max());
    assert_eq!(times, Some(1));
}

#[test]
fn files_that_are_renamed_again_and_again_end_under_their_last_name() {
    let site = Site::watched();
    let mut paths = burst(&site, 10, 500);
    for round in 0..20 {
        for path in &mut paths {
            let renamed = path.with_extension(format!("{round}"));
            fs::rename(&path, &renamed).unwrap();
            *path = renamed;
        }
    }
    paths.sort();
    site.until_at_last("only the last names are known", |log| {
        log.files().into_keys().eq(paths.iter().cloned())
    });
}

#[test]
fn folders_that_are_renamed_while_files_are_made_in_them_keep_all_of_them() {
    let site = Site::watched();
    let mut folder = site.path("0");
    fs::create_dir(&folder).unwrap();
    for round in 1..=100 {
        for file in 0..20 {
            fs::write(folder.join(format!("{round}-{file}.docx")), "content").unwrap();
        }
        let renamed = site.path(&round.to_string());
        fs::rename(&folder, &renamed).unwrap();
        folder = renamed;
    }
    let expected = |file: usize| folder.join(format!("{}-{}.docx", 1 + file / 20, file % 20));
    site.until_at_last("all are known in the last folder and nowhere else", |log| {
        let files = log.files();
        files.len() == 2_000 && (0..2_000).all(|file| files.contains_key(&expected(file)))
    });
}

#[test]
fn a_deleted_tree_is_gone_file_by_file() {
    let site = Site::watched();
    let paths = burst(&site, 50, 5_000);
    site.until_at_last("all are told", |log| log.files().len() == paths.len());
    for folder in 0..14 {
        fs::remove_dir_all(site.path(&folder.to_string())).unwrap();
    }
    site.until_at_last("all are gone", |log| log.files().is_empty());
}
