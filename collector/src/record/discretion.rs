//! Whose names a record may tell. What is given to one person leaves out the names of others: of those who use the same
//! PC, and of those in the company who worked on it.

use fileward_protocol::fingerprint::Fingerprint;

use crate::store::Actor;
use crate::store::applications::Application;
use crate::store::corrections::CorrectionRow;
use crate::store::devices::Change;
use crate::store::filings::FilingRow;
use crate::store::findings::{FindingRow, Happened};
use crate::store::mentions::Names;
use crate::store::work::Worked;

/// Whose names a record may tell.
#[derive(Clone, Copy)]
pub(super) enum Discretion<'a> {
    /// Everybody's: it is for the company.
    None,
    /// One person's alone.
    For(&'a Names),
}

/// What stands for the name of somebody else.
const SOMEBODY: &str = "user";

impl Discretion<'_> {
    fn tells(self, name: &str) -> bool {
        match self {
            Self::None => true,
            Self::For(names) => names.are(name),
        }
    }

    /// Who did something, in words.
    pub(super) fn by(self, who: &mut String) {
        if let Ok(Actor::User(name)) = who.parse()
            && !self.tells(&name)
        {
            SOMEBODY.clone_into(who);
        }
    }

    pub(super) fn fingerprint(self, print: &mut Fingerprint) {
        print.users.retain(|user| self.tells(user));
    }

    pub(super) fn changes(self, changes: &mut [Change]) {
        for change in changes.iter_mut().filter(|change| change.field == "users") {
            for side in [&mut change.from, &mut change.to] {
                let told: Vec<&str> = side.split(", ").filter(|user| self.tells(user)).collect();
                *side = told.join(", ");
            }
        }
    }

    pub(super) fn finding(self, row: &mut FindingRow) {
        row.handling.assignee.take_if(|name| !self.tells(name));
        for step in &mut row.history {
            match &mut step.what {
                Happened::Became(_) => {}
                Happened::Decided { by, .. } => self.by(by),
                Happened::Worked { what, detail, by } => {
                    self.by(by);
                    if *what == Worked::Assigned && !self.tells(detail) {
                        detail.clear();
                    }
                }
            }
        }
    }

    pub(super) fn filing(self, row: &mut FilingRow) {
        self.by(&mut row.filed_by);
    }

    pub(super) fn application(self, application: &mut Application) {
        for step in &mut application.steps {
            self.by(&mut step.by);
        }
    }

    pub(super) fn correction(self, row: &mut CorrectionRow) {
        self.by(&mut row.asked_by);
        if let Some(decided) = &mut row.decided {
            self.by(&mut decided.by);
        }
        let asked = &mut row.asked;
        for name in [&mut asked.person, &mut asked.not_theirs, &mut asked.theirs] {
            if !name.is_empty() && !self.tells(name) {
                SOMEBODY.clone_into(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::FindingState;

    use super::*;
    use crate::store::findings::HistoryRow;
    use crate::testing::{at, finding_row};

    #[test]
    fn what_one_person_gets_tells_no_other_name() {
        let names = Names::new(["li"]).unwrap();
        let discretion = Discretion::For(&names);
        let mut row = finding_row(1, FindingState::Open);
        row.handling.assignee = Some("han".to_owned());
        for (by, detail) in [("user han", "han"), ("user Li", "li"), ("command line", "")] {
            let what = Happened::Worked {
                what: Worked::Assigned,
                detail: detail.to_owned(),
                by: by.to_owned(),
            };
            row.history.push(HistoryRow { at: at(90), what });
        }
        let as_kept = row.clone();
        discretion.finding(&mut row);
        assert_eq!(row.handling.assignee, None);
        let told = row.history.iter().filter_map(|step| match &step.what {
            Happened::Worked { detail, by, .. } => Some((by.as_str(), detail.as_str())),
            _ => None,
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("user", ""), ("user Li", "li"), ("command line", "")]
        );
        let mut print = Fingerprint {
            users: ["li", "han"].map(str::to_owned).to_vec(),
            ..Fingerprint::default()
        };
        discretion.fingerprint(&mut print);
        assert_eq!(print.users, ["li"]);
        let mut changes = [Change {
            field: "users".to_owned(),
            from: "han".to_owned(),
            to: "han, li".to_owned(),
        }];
        discretion.changes(&mut changes);
        assert_eq!((changes[0].from.as_str(), changes[0].to.as_str()), ("", "li"));
        let mut same = as_kept.clone();
        Discretion::None.finding(&mut same);
        assert_eq!(same, as_kept);
    }
}
