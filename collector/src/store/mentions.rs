//! Where a person is mentioned. No table holds persons: a PC reports the names of who is signed in, registers and
//! applications hold names as people typed them, and users of the console have names of their own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::applications::Application;
use super::audit::Action;
use super::corrections::CorrectionRow;
use super::devices::DeviceRow;
use super::filings::FilingRow;
use super::people::{UserRow, folded};
use super::{Reply, StoreError};

/// The most names of one person.
pub(crate) const MOST_NAMES: usize = 10;

/// The most things of one kind that are found; whoever finds more has to name the person better.
pub(crate) const MOST_FOUND: usize = 200;

/// The names by which one person is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// Reads names; nothing if there is none, or there are too many.
    pub(crate) fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let texts = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
        let names: Vec<String> = texts.map(folded).collect();
        (1..=MOST_NAMES).contains(&names.len()).then_some(Self(names))
    }

    /// Whether this text is one of them, also where it is a log-in name with its domain.
    pub(crate) fn are(&self, text: &str) -> bool {
        let text = folded(text.trim());
        let bare = text.rsplit_once('\\').map_or(text.as_str(), |(_, name)| name);
        self.0.iter().any(|name| *name == text || name == bare)
    }

    /// How this text mentions them, if it does.
    pub(crate) fn in_text(&self, text: &str) -> Option<Likeness> {
        if self.are(text) {
            return Some(Likeness::Same);
        }
        let text = folded(text);
        let within = self.0.iter().any(|name| text.contains(name.as_str()));
        within.then_some(Likeness::Within)
    }
}

/// How surely a name is the person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// It is one of their names.
    Same,
    /// One of their names stands in it: it can be another person.
    Within,
}

/// Something with how surely it is about the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention<T> {
    /// What.
    pub what: T,
    /// How surely.
    pub likeness: Likeness,
}

/// A device that the person uses or used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UsedDevice {
    /// The device.
    pub row: DeviceRow,
    /// How many others were signed in there, ever.
    pub others: usize,
}

/// All that mentions a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    /// Devices on which they are or were signed in, or that a correction says are theirs; not those of which it says
    /// that they are not.
    pub devices: Vec<UsedDevice>,
    /// What is filed for them.
    pub filings: Vec<Mention<FilingRow>>,
    /// What they applied for.
    pub applications: Vec<Mention<Application>>,
    /// What they wanted corrected.
    pub corrections: Vec<Mention<CorrectionRow>>,
    /// Users of the console with their name.
    pub users: Vec<UserRow>,
}

/// Something in the audit trail that a user did, or that was done to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The line's number.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// Whether they did it themselves.
    pub own: bool,
}

/// Who uses which device: as PCs reported it, and as corrections that were accepted say it is. A device goes by the
/// database's own number.
pub(super) struct Uses<'a> {
    names: &'a Names,
    devices: BTreeMap<i64, Use>,
}

#[derive(Default)]
struct Use {
    theirs: bool,
    others: BTreeSet<String>,
}

impl<'a> Uses<'a> {
    pub(super) const fn new(names: &'a Names) -> Self {
        let devices = BTreeMap::new();
        Self { names, devices }
    }

    /// These were signed in at the same time.
    pub(super) fn reported(&mut self, device: i64, users: &[String]) {
        let entry = self.devices.entry(device).or_default();
        for user in users {
            if self.names.are(user) {
                entry.theirs = true;
            } else {
                entry.others.insert(folded(user));
            }
        }
    }

    /// A correction says so. Corrections come after all reports, in the order in which they were decided.
    pub(super) fn corrected(&mut self, device: i64, not_theirs: &str, theirs: &str) {
        let entry = self.devices.entry(device).or_default();
        if self.names.are(not_theirs) {
            entry.theirs = false;
        }
        entry.others.remove(&folded(not_theirs));
        if self.names.are(theirs) {
            entry.theirs = true;
        }
    }

    /// The person's devices, each with how many others use it.
    pub(super) fn theirs(self) -> impl Iterator<Item = (i64, usize)> {
        let theirs = self.devices.into_iter().filter(|(_, entry)| entry.theirs);
        theirs.map(|(device, entry)| (device, entry.others.len()))
    }
}

/// What to say where too much is found.
pub(super) fn too_many() -> StoreError {
    StoreError::Conflict(format!(
        "More than {MOST_FOUND} things mention this name; name the person more exactly"
    ))
}

/// Those rows that mention the person.
pub(super) fn mentioned<T>(
    rows: Vec<T>,
    likeness: impl Fn(&T) -> Option<Likeness>,
) -> Result<Vec<Mention<T>>, StoreError> {
    let found = rows.into_iter().filter_map(|what| {
        let likeness = likeness(&what)?;
        Some(Mention { what, likeness })
    });
    let found: Vec<_> = found.take(MOST_FOUND + 1).collect();
    if found.len() > MOST_FOUND {
        return Err(too_many());
    }
    Ok(found)
}

/// Finding what is kept of a person.
pub(crate) trait Mentioned {
    /// All that mentions somebody by one of these names.
    fn mentions(&self, names: Names) -> Reply<Mentions>;

    /// What the audit trail has of a user of the console after this line, some at a time, oldest first.
    fn traces(&self, user: String, after: u64) -> Reply<Vec<Trace>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_any_case_and_with_its_domain() {
        let names = Names::new(["员工甲", " Staff.A ", ""]).unwrap();
        for same in ["员工甲", "staff.a", r"EXAMPLE\STAFF.A", " 员工甲 "] {
            assert_eq!(names.in_text(same), Some(Likeness::Same), "{same}");
        }
        assert_eq!(names.in_text("员工甲雷"), Some(Likeness::Within));
        assert!(!names.are(r"staff.a\other"));
        assert_eq!(names.in_text("员工乙"), None);
        assert_eq!(Names::new(["", " "]), None);
        assert_eq!(Names::new(["a"; MOST_NAMES + 1]), None);
    }

    #[test]
    fn a_correction_takes_a_device_from_one_and_gives_it_to_another() {
        let theirs = |name: &str| {
            let names = Names::new([name]).unwrap();
            let mut uses = Uses::new(&names);
            uses.reported(1, &["li".to_owned(), "admin".to_owned()]);
            uses.reported(2, &["li".to_owned()]);
            uses.corrected(2, "LI", "han");
            uses.theirs().collect::<Vec<_>>()
        };
        assert_eq!(theirs("li"), [(1, 1)]);
        assert_eq!(theirs("han"), [(2, 0)]);
        assert_eq!(theirs("admin"), [(1, 1)]);
    }
}
