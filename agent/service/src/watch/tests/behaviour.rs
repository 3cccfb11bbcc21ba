//! What users and programs do to files, and what the pipeline is to be told.

use std::fs::{self, File};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::site::{Kind, Log, Site};
use crate::watch::Change;

#[test]
fn files_are_told_once_when_they_come_change_and_go() {
    let site = Site::watched();
    let path = site.write("合同.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    site.write("合同.docx", "another");
    site.until("the change is told", |log| log.count(&path) == 2);
    fs::remove_file(&path).unwrap();
    site.until("its end is told", |log| log.count(&path) == 3);
    site.until_quiet();
    assert_eq!(site.with(|log| log.count(&path)), 3);
}

#[test]
fn what_was_there_before_the_start_is_told_by_the_first_sweep_and_not_again_by_the_next() {
    let mut site = Site::new();
    let path = site.write("a/b/c.docx", "one");
    site.start();
    site.until("the file is told", |log| log.knows(&path));
    site.stop();
    site.start();
    assert_eq!(site.with(|log| log.count(&path)), 1);
    site.stop();
    fs::remove_file(&path).unwrap();
    let other = site.write("a/d.docx", "two");
    site.start();
    site.until("what happened meanwhile is told", |log| {
        log.knows(&other) && !log.knows(&path)
    });
}

#[test]
fn what_nobody_changed_for_long_is_told_by_the_sweep_though_somebody_has_it_open() {
    let mut site = Site::new();
    let path = site.write("a.docx", "one");
    let open = || File::options().append(true).open(&path).unwrap();
    open()
        .set_modified(SystemTime::now() - Duration::from_hours(1))
        .unwrap();
    let _writer = open();
    site.start();
    site.with(|log| assert!(log.knows(&path)));
}

#[test]
fn a_renamed_file_is_told_under_its_new_name_before_the_old_one_is_gone() {
    let site = Site::watched();
    let old = site.write("old.docx", "one");
    site.until("the file is told", |log| log.knows(&old));
    site.forget_log();
    let new = site.path("new.docx");
    fs::rename(&old, &new).unwrap();
    site.until("the old name is gone", |log| log.count(&old) == 1);
    site.assert_told(&[(new, Kind::Settled), (old, Kind::Gone)]);
}

#[test]
fn a_renamed_folder_takes_its_files_along() {
    let site = Site::watched();
    let names: Vec<String> = (0..50).map(|number| format!("{}/{number}.docx", number % 5)).collect();
    for name in &names {
        site.write(&format!("old/{name}"), name);
    }
    site.until("all are told", |log| log.files().len() == 50);
    site.forget_log();
    fs::rename(site.path("old"), site.path("new")).unwrap();
    site.until("the old names are gone", |log| log.told.len() == 100);
    site.with(|log| {
        let last_settled = log
            .told
            .iter()
            .rposition(|(_, change)| *change != Change::Gone)
            .unwrap();
        let first_gone = log.told.iter().position(|(_, change)| *change == Change::Gone).unwrap();
        assert!(last_settled < first_gone);
        assert!(names.iter().all(|name| log.knows(&site.path("new").join(name))));
    });
}

#[test]
fn a_file_replaced_by_a_save_is_told_once_and_never_gone() {
    let site = Site::watched();
    let path = site.write("a.xlsx", "one");
    site.until("the file is told", |log| log.knows(&path));
    let before = site.with(|log| log.files()[&path].id);
    site.forget_log();
    // As Excel does it: into another name, the original deleted, the other renamed.
    let scratch = site.write("Cedd4100", "one and two");
    fs::remove_file(&path).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    fs::rename(scratch, &path).unwrap();
    site.until("the save is told", |log| log.knows(&path));
    site.until_quiet();
    site.with(|log| {
        let told: Vec<_> = log.told.iter().filter(|(told, _)| *told == path).collect();
        assert!(
            matches!(told[..], [(_, Change::Settled(stat))] if stat.id != before),
            "{told:?}"
        );
        assert_eq!(log.count(&site.path("Cedd4100")), 0);
    });
}

#[test]
fn a_file_is_not_told_while_somebody_writes_it() {
    let site = Site::watched();
    let path = site.path("download.zip");
    let mut download = File::create(&path).unwrap();
    for _ in 0..3 {
        download.write_all(b"part").unwrap();
        std::thread::sleep(Duration::from_secs(1));
    }
    assert_eq!(site.with(|log| log.count(&path)), 0);
    drop(download);
    site.until("the file is told", |log| log.knows(&path));
    site.with(|log| assert_eq!((log.count(&path), log.files()[&path].size), (1, 12)));
}

#[test]
fn ignored_names_and_empty_files_are_not_told() {
    let mut site = Site::new();
    let make = |site: &Site, folder: &str| {
        site.write(&format!("{folder}/a.crdownload"), "part");
        site.write(&format!("{folder}/~$a.docx"), "lock");
        site.write(&format!("{folder}/empty.docx"), "");
        site.write(&format!("{folder}/(A Document Being Saved By Pages)/a.docx"), "saving");
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
fn a_known_file_that_is_emptied_is_told() {
    let site = Site::watched();
    let path = site.write("a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    fs::write(&path, "").unwrap();
    site.until("it is told empty", |log| log.files()[&path].size == 0);
}

#[test]
fn a_new_policy_has_every_file_told_again() {
    let site = Site::watched();
    let path = site.write("a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    site.epoch.store(1, Ordering::Release);
    site.watch.as_ref().unwrap().reconcile_all();
    site.until("it is told again", |log| log.count(&path) == 2);
    site.watch.as_ref().unwrap().reconcile_all();
    site.until("all is swept", |log| log.swept.len() >= 3);
    assert_eq!(site.with(|log| log.count(&path)), 2);
}

#[test]
fn a_hard_link_is_another_file_and_the_rest_of_one_survives() {
    let site = Site::watched();
    let one = site.write("one.docx", "content");
    let two = site.path("two.docx");
    fs::hard_link(&one, &two).unwrap();
    site.until("both are told", |log| log.knows(&one) && log.knows(&two));
    fs::remove_file(&one).unwrap();
    site.until("one is gone", |log| !log.knows(&one));
    assert!(site.with(|log| log.knows(&two)));
}

#[test]
fn after_a_suspend_everything_is_compared() {
    static SUSPENDED: AtomicU64 = AtomicU64::new(100);
    let mut site = Site::new();
    site.suspended = || Duration::from_secs(SUSPENDED.load(Ordering::Relaxed));
    site.start();
    let sweeps = |log: &Log| log.swept.len();
    let before = site.with(sweeps);
    SUSPENDED.fetch_add(1, Ordering::Relaxed);
    let path = site.write("a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    assert_eq!(site.with(sweeps), before, "so short a time is an error of measuring");
    SUSPENDED.fetch_add(3600, Ordering::Relaxed);
    // Anything that wakes the thread will do; at the latest it is the next survey.
    site.write("b.docx", "one");
    site.until("everything is compared", |log| sweeps(log) > before);
    site.until_quiet();
    assert_eq!(site.with(sweeps), before + 1, "once for each suspend");
}
