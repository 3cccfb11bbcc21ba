//! What a simulation counts, and the few findings it shows as examples. Its size is bounded, whatever is walked through.

use std::collections::BTreeMap;

use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::vocabulary::{App, Rule, Severity};

use super::judged::Again;
use crate::store::findings::FindingRow;

fileward_protocol::words! {
    /// What becomes of a finding.
    pub(crate) enum Change {
        /// It stays as it is.
        Stays = "stays",
        /// It stays, more or less bad.
        Severity = "severity",
        /// Another rule names it.
        Rule = "rule",
        /// It is no finding until the employee answers.
        Asked = "asked",
        /// It is no finding.
        Vanishes = "vanishes",
        /// It cannot be told.
        CannotBeTold = "cannot_be_told",
    }
}

impl Change {
    fn of(row: &FindingRow, again: Again) -> Self {
        match again {
            Again::CannotBeTold => Self::CannotBeTold,
            Again::Nothing => Self::Vanishes,
            Again::Asked => Self::Asked,
            Again::Finding(rule, _) if rule != row.finding.rule => Self::Rule,
            Again::Finding(_, severity) if severity != row.finding.severity => Self::Severity,
            Again::Finding(..) => Self::Stays,
        }
    }
}

/// The most examples of each change.
const EXAMPLES: usize = 5;

/// The most groups counted one by one.
const GROUPS: usize = 200;

/// How many findings there are of each change, in the order of [`Change::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts([u64; Change::ALL.len()]);

impl Counts {
    fn add(&mut self, change: Change) {
        self.0[change as usize] += 1;
    }

    /// How many.
    pub(crate) fn of(&self, change: Change) -> u64 {
        self.0[change as usize]
    }

    /// All of them.
    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// A group of devices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// This one.
    Named(String),
    /// None.
    None,
    /// One of those that are too many.
    Others,
}

/// One finding that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Example {
    /// How.
    pub(crate) change: Change,
    /// Its device.
    pub(crate) device: DeviceId,
    /// The device's name.
    pub(crate) device_name: String,
    /// Its id.
    pub(crate) finding: FindingId,
    /// The file's name, where it was sent.
    pub(crate) name: Option<String>,
    /// How it was judged.
    pub(crate) before: (Rule, Severity),
    /// How it would be, where that is a finding.
    pub(crate) after: Option<(Rule, Severity)>,
}

/// All that was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Over all.
    pub(crate) all: Counts,
    /// By the rule that named it.
    pub(crate) rules: BTreeMap<Rule, Counts>,
    /// By the app of its place.
    pub(crate) apps: BTreeMap<Option<App>, Counts>,
    /// By the device's group.
    pub(crate) groups: BTreeMap<Group, Counts>,
    /// A few of those that change.
    pub(crate) examples: Vec<Example>,
}

impl Tally {
    /// Counts a finding.
    pub(super) fn add(&mut self, row: &FindingRow, again: Again) {
        let change = Change::of(row, again);
        self.all.add(change);
        self.rules.entry(row.finding.rule).or_default().add(change);
        self.apps.entry(row.finding.place.app).or_default().add(change);
        let group = self.group(row.group.as_deref());
        self.groups.entry(group).or_default().add(change);
        let shown = self.examples.iter().filter(|example| example.change == change).count();
        if change != Change::Stays && shown < EXAMPLES {
            self.examples.push(example(row, change, again));
        }
    }

    fn group(&self, name: Option<&str>) -> Group {
        let Some(name) = name else { return Group::None };
        let group = Group::Named(name.to_owned());
        if self.groups.contains_key(&group) || self.groups.len() < GROUPS {
            group
        } else {
            Group::Others
        }
    }
}

fn example(row: &FindingRow, change: Change, again: Again) -> Example {
    let name = row.finding.file.as_ref().and_then(|file| file.name.as_ref());
    Example {
        change,
        device: row.device,
        device_name: row.device_name.clone(),
        finding: row.finding.id,
        name: name.map(|name| name.as_str().to_owned()),
        before: (row.finding.rule, row.finding.severity),
        after: match again {
            Again::Finding(rule, severity) => Some((rule, severity)),
            _ => None,
        },
    }
}
