//! A place on a volume with a journal: who tells of it, and that it is not held open longer than it must be.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use fileward_protocol::health::{PlaceState, Unavailable};

use super::site::{Site, place};
use super::system;
use crate::watch::journal::testing::{Disk, Disks};

/// A site that is a volume of its own, watched.
fn site() -> (Site, Disk) {
    let mut site = Site::new();
    let disk = volume(&mut site);
    site.start();
    (site, disk)
}

fn volume(site: &mut Site) -> Disk {
    let disk = Disk::new(site.base());
    site.volumes = Arc::new(Disks(vec![disk.clone()]));
    disk
}

/// A site whose folders were let go, since its journal proved itself.
fn proven() -> (Site, Disk) {
    let (site, disk) = site();
    prove(&site, &disk, &site.path("proof.docx"));
    (site, disk)
}

fn prove(site: &Site, disk: &Disk, path: &Path) {
    fs::write(path, "one").unwrap();
    site.until("an event tells of it", |log| log.knows(path));
    // A look at the journal may come between an event and its record.
    until_held(path.parent().unwrap(), false, || {
        fs::write(path, "one").unwrap();
        disk.record(path);
    });
    until_held(&site.base(), false, || {});
}

/// Waits until the OS watches `folder`, or does not.
fn until_held(folder: &Path, held: bool, meanwhile: impl Fn()) {
    for _ in 0..600 {
        match system::is_held(folder) {
            Some(is_held) if is_held == held => return,
            None => {
                println!("skipped: it is not told here whether a folder is held");
                return meanwhile();
            }
            Some(_) => meanwhile(),
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{} is held: {}", folder.display(), !held);
}

#[test]
fn a_place_is_held_until_the_journal_has_proved_itself_and_then_let_go() {
    let (site, disk) = site();
    until_held(&site.root(), true, || {});
    until_held(&site.base(), true, || {});
    prove(&site, &disk, &site.path("proof.docx"));
    site.with(|log| assert_eq!(log.states[&site.root()], PlaceState::Ok));
}

#[test]
fn what_a_proven_journal_names_is_told() {
    let (site, disk) = proven();
    let path = site.write("a.docx", "one");
    disk.record(&path);
    site.until("the file is told", |log| log.knows(&path));
    fs::remove_file(&path).unwrap();
    disk.record(&path);
    site.until("its end is told", |log| !log.knows(&path));
}

#[test]
fn a_folder_that_a_proven_journal_names_is_looked_through() {
    let (site, disk) = proven();
    let path = site.write("new/a/b.docx", "one");
    disk.record(&site.path("new"));
    site.until("the file is told", |log| log.knows(&path));
    fs::rename(site.path("new"), site.path("newer")).unwrap();
    disk.move_folder(&site.path("new"), &site.path("newer"));
    let moved = site.path("newer/a/b.docx");
    site.until("it is told where it is", |log| log.knows(&moved) && !log.knows(&path));
}

#[test]
fn a_journal_that_lost_records_has_its_places_compared_and_watched_again() {
    let (site, disk) = proven();
    let unseen = site.write("unseen.docx", "one");
    disk.lose_records();
    site.until("what nobody told of is found", |log| log.knows(&unseen));
    until_held(&site.root(), true, || {});
    until_held(&site.base(), true, || {});
    let seen = site.write("seen.docx", "one");
    site.until("an event tells of it", |log| log.knows(&seen));
    prove(&site, &disk, &site.path("again.docx"));
}

#[test]
fn a_journal_that_cannot_be_read_any_more_is_replaced_by_events() {
    let (site, disk) = proven();
    let unseen = site.write("unseen.docx", "one");
    disk.has_journal(false);
    site.until("what nobody told of is found", |log| log.knows(&unseen));
    until_held(&site.root(), true, || {});
    let seen = site.write("seen.docx", "one");
    site.until("an event tells of it", |log| log.knows(&seen));
    site.with(|log| assert_eq!(log.states[&site.root()], PlaceState::Ok));
}

#[test]
fn a_folder_above_a_place_that_is_renamed_takes_the_place_away_and_brings_it_back() {
    let mut site = Site::new();
    let disk = volume(&mut site);
    // No anchor is near to them.
    let data = site.base().join("data");
    let (work, elsewhere) = (data.join("work"), data.join("elsewhere"));
    let root = work.join("chat").join("file");
    fs::create_dir_all(&root).unwrap();
    site.survey(vec![place(root.clone())]);
    site.start();
    let path = root.join("a.docx");
    prove(&site, &disk, &path);
    until_held(root.parent().unwrap(), false, || {});
    fs::rename(&work, &elsewhere).unwrap();
    disk.move_folder(&work, &elsewhere);
    let missing = PlaceState::Unavailable(Unavailable::Missing);
    site.until("the place is gone", |log| log.states[&root] == missing);
    site.until("its file is gone", |log| !log.knows(&path));
    fs::rename(&elsewhere, &work).unwrap();
    disk.move_folder(&elsewhere, &work);
    site.until("the place is back", |log| log.states[&root] == PlaceState::Ok);
    site.until("its file is told again", |log| log.knows(&path));
}

#[test]
fn a_root_that_is_replaced_while_nobody_holds_it_is_compared() {
    let (site, disk) = proven();
    let old = site.path("proof.docx");
    fs::rename(site.root(), site.base().join("moved")).unwrap();
    let new = site.write("sub/new.docx", "one");
    disk.move_folder(&site.root(), &site.base().join("moved"));
    disk.record(&site.root());
    site.until("what is in it is told", |log| log.knows(&new) && !log.knows(&old));
}

#[test]
fn a_place_that_appears_beside_a_proven_one_is_swept_and_never_held() {
    let (site, disk) = proven();
    let other = site.base().join("other");
    fs::create_dir(&other).unwrap();
    let before = other.join("before.docx");
    fs::write(&before, "one").unwrap();
    site.resurvey(vec![place(site.root()), place(other.clone())]);
    site.until("what was in it is told", |log| log.knows(&before));
    let after = other.join("after.docx");
    fs::write(&after, "one").unwrap();
    disk.record(&after);
    site.until("what comes is told", |log| log.knows(&after));
    assert_ne!(system::is_held(&other), Some(true));
}
