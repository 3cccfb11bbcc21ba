//! A journal that a test writes.

use std::cell::Cell;

use super::*;

/// Holds records of a file each, a buffer with one for each step of 100.
struct Written {
    extent: Extent,
    reads: Cell<usize>,
    wrapped: bool,
}

impl Written {
    fn new(first: i64, next: i64) -> Self {
        Self {
            extent: Extent {
                journal: 7,
                first,
                next,
            },
            reads: Cell::new(0),
            wrapped: false,
        }
    }

    /// The names of what something happened to since `last`, and where to go on.
    fn since(&self, last: Option<i64>) -> (Option<i64>, Option<Vec<String>>) {
        let last = last.map(|next| Position { journal: 7, next });
        let (position, paths) = since(self, last, |folder| folder != Path::new("elsewhere")).unwrap();
        let names = |paths: BTreeSet<PathBuf>| paths.iter().map(|path| path.display().to_string()).collect();
        (position.map(|position| position.next), paths.map(names))
    }
}

impl Journal for Written {
    fn extent(&self) -> Result<Extent, Unread> {
        Ok(self.extent)
    }

    fn read(&self, from: Position, buffer: &mut [u8]) -> Result<usize, Unread> {
        self.reads.set(self.reads.get() + 1);
        if self.wrapped {
            return Err(Unread::Gone);
        }
        let name = [u16::from(b'a') + u16::try_from(from.next / 100 % 20).unwrap(), 0];
        let mut record = [0; 64];
        record[0] = 62;
        record[4] = 2;
        record[16] = u8::try_from(from.next / 100 % 3).unwrap();
        record[56..60].copy_from_slice(&[2, 0, 60, 0]);
        record[60..62].copy_from_slice(&name[0].to_le_bytes());
        buffer[..8].copy_from_slice(&(from.next + 100).to_le_bytes());
        buffer[8..72].copy_from_slice(&record);
        Ok(72)
    }

    fn path(&self, folder: Folder) -> Option<PathBuf> {
        match folder {
            Folder::Short(0) => Some("place".into()),
            Folder::Short(1) => Some("elsewhere".into()),
            _ => None,
        }
    }
}

#[test]
fn it_is_read_from_where_it_ended_and_only_places_count() {
    let journal = Written::new(0, 600);
    assert_eq!(
        journal.since(None),
        (Some(600), None),
        "the first sweep sees what was before"
    );
    assert_eq!(journal.since(Some(600)), (Some(600), Some(Vec::new())));
    assert_eq!(journal.reads.get(), 0, "nothing is read while nothing happens");
    // Of 0, 300 the folder is the place's; of 100, 400 it is another; of 200, 500 it is gone.
    let found = [
        format!("place{0}a", std::path::MAIN_SEPARATOR),
        format!("place{0}d", std::path::MAIN_SEPARATOR),
    ];
    assert_eq!(journal.since(Some(0)), (Some(600), Some(found.to_vec())));
}

#[test]
fn a_journal_that_is_another_or_has_lost_records_is_told_from_one_that_goes_on() {
    let now = Extent {
        journal: 7,
        first: 1_000,
        next: 2_000,
    };
    let at = |journal, next| Some(Position { journal, next });
    let begin = Position {
        journal: 7,
        next: 2_000,
    };
    assert_eq!(next(None, now), Next::Begin(begin));
    for fresh in [at(7, 1_000), at(7, 2_000)] {
        assert_eq!(next(fresh, now), Next::Read(fresh.unwrap()));
    }
    for lost in [at(7, 999), at(7, 2_001), at(6, 1_500)] {
        assert_eq!(next(lost, now), Next::Lost(begin), "{lost:?}");
    }
    let mut journal = Written::new(1_000, 2_000);
    assert_eq!(journal.since(Some(900)), (Some(2_000), None));
    // It wrapped between the two questions.
    journal.wrapped = true;
    assert_eq!(journal.since(Some(1_500)), (Some(2_000), None));
}

#[test]
fn more_than_a_look_should_take_is_left_for_the_next() {
    let journal = Written::new(0, 1_000_000);
    let (next, found) = journal.since(Some(0));
    assert_eq!((next, journal.reads.get()), (Some(3_200), BUFFERS));
    assert!(found.is_some());
}
