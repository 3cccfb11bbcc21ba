//! Journals that a test writes.

use super::reading::{BUFFERS, Next, next};
use super::testing::{Disk, Disks};
use super::*;

/// A disk with the places `disk/one` and `disk/two`, and its journal, taken up.
struct Pc {
    disk: Disk,
    journals: Journals,
}

impl Pc {
    fn new() -> Self {
        let disk = Disk::new("disk");
        let volumes = Disks(vec![disk.clone(), Disk::new("other")]);
        let mut pc = Self {
            disk,
            journals: Journals::new(Arc::new(volumes)),
        };
        pc.survey();
        pc
    }

    fn survey(&mut self) {
        let roots = ["disk/one", "disk/two", "other/three", "share/four"];
        self.journals.take_up(roots.into_iter().map(Path::new));
    }

    fn record(&self, path: &str) {
        self.disk.record(Path::new(path));
    }

    fn look(&mut self) -> Found {
        self.journals.look(|folder| !folder.starts_with("disk/far"))
    }

    /// What a look names; it finds nothing else.
    fn named(&mut self) -> Vec<PathBuf> {
        let found = self.look();
        assert!(found.lost.is_empty() && !found.turned, "{found:?}");
        found.named.into_keys().collect()
    }

    fn prove(&mut self) {
        let path = "disk/one/proof.docx";
        self.journals.told(Path::new(path));
        self.record(path);
        assert!(self.look().turned);
        assert!(self.is_proven());
    }

    fn is_proven(&self) -> bool {
        self.journals.tells_of(Path::new("disk/two/a"))
    }
}

#[test]
fn it_is_read_from_where_it_ended_and_only_folders_near_to_places_count() {
    let mut pc = Pc::new();
    assert_eq!(pc.look(), Found::default());
    assert_eq!(pc.disk.asked(), (0, 0), "nothing is read while nothing happens");
    pc.record("disk/one/a.docx");
    pc.record("disk/far/b.docx");
    pc.record("disk/two/c.docx");
    pc.record("disk/one/a.docx");
    let expected = ["disk/one/a.docx", "disk/two/c.docx"].map(PathBuf::from);
    assert_eq!(pc.named(), expected);
    assert!(pc.named().is_empty());
}

#[test]
fn a_journal_that_is_another_or_has_lost_records_is_told_from_one_that_goes_on() {
    let now = Extent {
        journal: 7,
        first: 1_000,
        next: 2_000,
    };
    for (journal, at, expected) in [
        (7, 1_000, Next::Read),
        (7, 2_000, Next::Read),
        (7, 999, Next::Lost),
        (7, 2_001, Next::Lost),
        (6, 1_500, Next::Lost),
    ] {
        assert_eq!(next(Position { journal, next: at }, now), expected, "{journal} {at}");
    }
}

#[test]
fn more_than_a_look_should_take_is_left_for_the_next_which_comes_soon() {
    let mut pc = Pc::new();
    pc.prove();
    for number in 0..=BUFFERS {
        pc.record(&format!("disk/one/{number}.docx"));
    }
    let found = pc.look();
    assert_eq!((found.named.len(), found.again), (BUFFERS, Some(MORE)));
    let found = pc.look();
    assert_eq!((found.named.len(), found.again), (1, Some(EVERY)));
}

#[test]
fn a_journal_is_proven_once_it_names_what_something_else_told_of() {
    let mut pc = Pc::new();
    let (told, path) = ("disk/one/a.docx", Path::new("disk/one/a.docx"));
    assert_eq!(pc.journals.told(path), Some(EVERY));
    pc.record("disk/one/b.docx");
    assert_eq!(pc.named().len(), 1);
    assert!(!pc.is_proven(), "it named another file");
    pc.record(told);
    pc.named();
    assert!(!pc.is_proven(), "what told of it did so long before");
    pc.journals.told(path);
    pc.record(told);
    let found = pc.look();
    assert!(found.turned && found.lost.is_empty(), "{found:?}");
    assert_eq!(found.again, Some(EVERY));
    for of in ["disk", "disk/one", "disk/two/a"] {
        assert!(pc.journals.tells_of(Path::new(of)), "{of}");
    }
    for of in ["other/three", "share/four"] {
        assert!(!pc.journals.tells_of(Path::new(of)), "{of}");
    }
    assert_eq!(pc.look().again, Some(EVERY), "it goes on");
}

#[test]
fn nothing_is_looked_for_where_no_journal_is_on_trial() {
    let mut journals = Journals::new(Arc::new(Disks(Vec::new())));
    journals.take_up([Path::new("disk/one")].into_iter());
    assert_eq!(journals.told(Path::new("disk/one/a")), None);
    assert_eq!(journals.look(|_| true), Found::default());
    assert!(!journals.tells_of(Path::new("disk/one/a")));
}

#[test]
fn a_proven_journal_that_lost_something_must_prove_itself_again() {
    let damages: [fn(&Disk); 3] = [Disk::lose_records, Disk::replace, |disk| {
        disk.record(Path::new("disk/one/a.docx"));
        disk.is_overtaken(true);
    }];
    for damage in damages {
        let mut pc = Pc::new();
        pc.prove();
        damage(&pc.disk);
        let found = pc.look();
        assert!(found.turned && !pc.is_proven(), "{found:?}");
        assert_eq!(found.lost, BTreeSet::from(["disk".into()]));
        assert_eq!(found.again, None);
        pc.disk.is_overtaken(false);
        pc.record("disk/one/b.docx");
        assert_eq!(pc.named(), [PathBuf::from("disk/one/b.docx")]);
        pc.prove();
    }
}

#[test]
fn a_journal_that_cannot_be_read_is_lost_once_and_taken_up_again_when_it_can() {
    let mut pc = Pc::new();
    pc.prove();
    pc.disk.has_journal(false);
    let found = pc.look();
    assert!(found.turned && !pc.is_proven(), "{found:?}");
    assert_eq!(found.lost, BTreeSet::from(["disk".into()]));
    assert_eq!(pc.look(), Found::default());
    pc.survey();
    pc.disk.has_journal(true);
    pc.record("disk/one/unseen.docx");
    assert!(pc.named().is_empty());
    pc.survey();
    pc.record("disk/one/seen.docx");
    assert_eq!(pc.named(), [PathBuf::from("disk/one/seen.docx")]);
    pc.prove();
}

#[test]
fn a_journal_on_trial_that_lost_something_is_told_as_well() {
    let mut pc = Pc::new();
    pc.disk.lose_records();
    let found = pc.look();
    assert!(!found.turned, "{found:?}");
    assert_eq!(found.lost, BTreeSet::from(["disk".into()]));
}

#[test]
fn where_a_folder_elsewhere_is_is_asked_once_until_a_folder_moves_or_the_places_are_surveyed() {
    let mut pc = Pc::new();
    let resolved = |pc: &mut Pc, path: &str| {
        let before = pc.disk.asked().1;
        pc.record(path);
        let named = pc.named().contains(&path.into());
        (named, pc.disk.asked().1 - before)
    };
    assert_eq!(resolved(&mut pc, "disk/far/a.docx"), (false, 1));
    assert_eq!(resolved(&mut pc, "disk/far/b.docx"), (false, 0));
    pc.survey();
    assert_eq!(resolved(&mut pc, "disk/far/a.docx"), (false, 1));
    pc.disk.move_folder(Path::new("disk/far"), Path::new("disk/one/far"));
    pc.named();
    assert_eq!(resolved(&mut pc, "disk/one/far/a.docx"), (true, 1));
    assert_eq!(
        resolved(&mut pc, "disk/one/far/a.docx"),
        (true, 1),
        "places are asked for each time"
    );
}

#[test]
fn a_volume_without_places_is_forgotten() {
    let mut pc = Pc::new();
    pc.prove();
    pc.journals.take_up([Path::new("other/three")].into_iter());
    assert!(!pc.is_proven());
    pc.disk.lose_records();
    assert_eq!(pc.look(), Found::default());
    pc.survey();
    assert!(!pc.is_proven());
    pc.prove();
}
