//! Places that come, go, vanish and come back.

use std::fs;
use std::path::Path;

use fileward_protocol::health::{Degraded, PlaceState, Unavailable};

use super::site::{Site, place};
use crate::watch::Outcome;
use crate::watch::tasks::Task;

#[test]
fn a_place_that_appears_is_swept_and_watched_and_one_that_goes_is_not() {
    let site = Site::watched();
    let other = site.base().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("before.docx"), "one").unwrap();
    site.resurvey(vec![place(site.root()), place(other.clone())]);
    site.until("what was in it is told", |log| log.knows(&other.join("before.docx")));
    fs::write(other.join("after.docx"), "one").unwrap();
    site.until("what comes is told", |log| log.knows(&other.join("after.docx")));
    site.resurvey(vec![place(site.root())]);
    site.until("it is no place any more", |log| log.states.len() == 1);
    site.until_quiet();
    fs::write(other.join("late.docx"), "one").unwrap();
    site.until_quiet();
    site.with(|log| {
        assert!(!log.knows(&other.join("late.docx")));
        assert!(
            log.knows(&other.join("after.docx")),
            "A file that is still there is not gone"
        );
    });
}

#[test]
fn an_anchor_that_changes_brings_a_survey() {
    let site = Site::watched();
    let other = site.base().join("other");
    site.survey(vec![place(site.root()), place(other.clone())]);
    fs::create_dir(&other).unwrap();
    site.until("the new place is known", |log| log.states.len() == 2);
    fs::write(other.join("a.docx"), "one").unwrap();
    site.until("what comes is told", |log| log.knows(&other.join("a.docx")));
}

#[test]
fn a_root_that_is_renamed_and_made_again_is_watched_again() {
    let site = Site::watched();
    let old = site.write("old.docx", "one");
    site.until("the file is told", |log| log.knows(&old));
    fs::rename(site.root(), site.base().join("moved")).unwrap();
    fs::create_dir(site.root()).unwrap();
    let new = site.write("sub/new.docx", "one");
    site.until("what comes is told", |log| log.knows(&new));
    site.until("what was moved away is gone", |log| !log.knows(&old));
    let later = site.write("sub/later.docx", "one");
    site.until("what comes later is told", |log| log.knows(&later));
}

#[test]
fn files_of_a_place_that_vanished_from_the_survey_with_its_folder_are_gone() {
    let site = Site::watched();
    let path = site.write("a/a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    site.survey(Vec::new());
    fs::remove_dir_all(site.root()).unwrap();
    site.until("it is gone", |log| !log.knows(&path));
}

#[test]
fn a_place_without_events_is_polled_and_says_so() {
    let mut site = Site::new();
    let mut silent = place(site.root());
    silent.events = false;
    site.survey(vec![silent]);
    site.start();
    site.until("that is its state", |log| {
        log.states[&site.root()] == PlaceState::Degraded(Degraded::NoEvents)
    });
    let path = site.write("a/a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    fs::remove_file(&path).unwrap();
    site.until("it is gone", |log| !log.knows(&path));
}

#[test]
fn a_file_that_moves_into_a_place_without_events_is_found_there_at_once() {
    let mut site = Site::new();
    site.poll_every = std::time::Duration::from_hours(1);
    let store = site.base().join("store");
    fs::create_dir(&store).unwrap();
    let mut silent = place(store.clone());
    silent.events = false;
    site.survey(vec![place(site.root()), silent]);
    site.start();
    let path = site.write("a.docx", "one");
    site.until("the file is told", |log| log.knows(&path));
    let moved = store.join("a.docx");
    fs::rename(&path, &moved).unwrap();
    site.until("it is told where it is", |log| log.knows(&moved));
    site.until("it is gone where it was", |log| !log.knows(&path));
}

#[test]
fn a_place_within_a_place_has_its_own_files() {
    let mut site = Site::new();
    let inner = site.path("inner");
    fs::create_dir(&inner).unwrap();
    site.survey(vec![place(site.root()), place(inner.clone())]);
    site.start();
    let (outer_file, inner_file) = (site.write("a.docx", "one"), site.write("inner/a.docx", "one"));
    site.until_at_last("both are told", |log| log.knows(&outer_file) && log.knows(&inner_file));
    // The one that stays is watched on, whichever it is.
    site.resurvey(vec![place(inner.clone())]);
    site.until("one place is left", |log| log.states.len() == 1);
    let inner_file = site.write("inner/b.docx", "one");
    site.until_at_last("it is told", |log| log.knows(&inner_file));
    site.resurvey(vec![place(site.root()), place(inner)]);
    site.until("two places", |log| log.states.len() == 2);
    site.resurvey(vec![place(site.root())]);
    site.until("one place is left", |log| log.states.len() == 1);
    let inner_file = site.write("inner/c.docx", "one");
    site.until_at_last("it is told", |log| log.knows(&inner_file));
}

#[test]
fn a_place_whose_folder_was_deleted_while_nobody_watched_leaves_no_files_behind() {
    let mut site = Site::watched();
    let other = site.base().join("other");
    fs::create_dir(&other).unwrap();
    let (gone, kept) = (site.write("a/a.docx", "one"), other.join("a.docx"));
    fs::write(&kept, "one").unwrap();
    site.resurvey(vec![place(site.root()), place(other)]);
    site.until("both are told", |log| log.knows(&gone) && log.knows(&kept));
    site.stop();
    fs::remove_dir_all(site.root()).unwrap();
    site.survey(Vec::new());
    site.start();
    site.with(|log| assert!(!log.knows(&gone) && log.knows(&kept)));
}

#[test]
fn a_sweep_that_could_not_see_all_says_so() {
    let site = Site::watched();
    let root = site.root();
    let tells = |site: &Site, root: &Path, outcome: Outcome| {
        site.until("it is swept", |log| log.swept.contains(&(root.to_path_buf(), outcome)));
    };
    tells(&site, &root, Outcome::Whole);
    site.with(|log| assert!(log.swept.iter().all(|(_, outcome)| *outcome == Outcome::Whole)));
    fs::rename(&root, site.base().join("moved")).unwrap();
    site.watch.as_ref().unwrap().reconcile_all();
    tells(&site, &root, Outcome::Unavailable(Unavailable::Missing));
}

#[test]
fn a_sweep_of_what_is_no_place_any_more_is_told_to_be_over() {
    let site = Site::watched();
    let other = site.base().join("other");
    site.watch.as_ref().unwrap().tasks.add(Task::Place(other.clone()));
    site.until("it is over", |log| {
        log.swept.contains(&(other.clone(), Outcome::GivenUp))
    });
}
