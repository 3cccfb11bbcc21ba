//! The record of one person: what mentions them, and which parts of it are given to them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use anyhow::Result;
use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use serde_json::json;

use super::discretion::Discretion;
use super::{Out, device, line};
use crate::store::audit::{Action, AuditEntry};
use crate::store::corrections::About;
use crate::store::mentions::{Likeness, Mention, Mentions, Names};
use crate::store::people::UserRow;
use crate::store::{By, Store, StoreError};
use crate::views;

/// A part of a record that can be given or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// A device with all it told.
    Device(DeviceId),
    /// Something filed.
    Filing(u64),
    /// An application.
    Application(u64),
    /// What somebody wanted corrected.
    Correction(u64),
    /// A user of the console.
    User(i64),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Filing(id) => write!(f, "filing:{id}"),
            Self::Application(id) => write!(f, "application:{id}"),
            Self::Correction(id) => write!(f, "correction:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

/// Text that names no part of a record.
#[derive(Debug, thiserror::Error)]
#[error("write it like device:ID, filing:7, application:7, correction:7 or user:7")]
pub(crate) struct NoPart;

impl FromStr for Part {
    type Err = NoPart;

    fn from_str(text: &str) -> Result<Self, NoPart> {
        let part = match text.split_once(':') {
            Some(("device", id)) => id.parse().ok().map(Self::Device),
            Some(("filing", id)) => id.parse().ok().map(Self::Filing),
            Some(("application", id)) => id.parse().ok().map(Self::Application),
            Some(("correction", id)) => id.parse().ok().map(Self::Correction),
            Some(("user", id)) => id.parse().ok().map(Self::User),
            _ => None,
        };
        part.ok_or(NoPart)
    }
}

/// Somebody, and all that mentions them.
pub(crate) struct Person {
    said: Vec<String>,
    names: Names,
    /// What mentions them.
    pub mentions: Mentions,
}

/// Parts that the trail names one by one; of more it tells the number.
const NAMED: usize = 50;

const ABOUT_ZH: &str = "本文件是服务器保存的、与上述姓名有关的全部内容，每行一个 JSON 对象：您使用或曾使用的设备（登记信息、监看位置、\
    发现及经过、电脑上报的原文、已告知的内容）、以您的名义登记或申请的事项、更正请求，以及您在控制台的账户和操作时间。\
    others 大于 0 的设备还有其他人登录；发现只记录设备，不记录是谁。他人的姓名已略去。审计记录原文、备份和已提供给其他系统的内容不在其中，请向公司查询。";

const ABOUT_EN: &str = "All that the collector keeps about these names, one JSON object a line: devices you use or used \
    (fingerprints, watched places, findings with their history, reports as the PC sent them, what it was told), what is filed \
    or applied for in your name, corrections, and your user of the console with when you did what. Where \"others\" is above 0, \
    other people are signed in on the device as well; a finding names the device, not the person. Names of others are left out. \
    Not in here: the audit trail itself, backups, and what other systems were given; ask the company for these.";

impl Person {
    /// Looks for somebody.
    ///
    /// # Errors
    /// If the database fails, or too much mentions them.
    pub(crate) async fn find(store: &dyn Store, said: Vec<String>, names: Names) -> Result<Self, StoreError> {
        let mentions = store.mentions(names.clone()).await?;
        Ok(Self { said, names, mentions })
    }

    /// Notes that what was found is shown. The names stay out of the trail, which is never deleted.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn note_look(&self, store: &dyn Store, by: By) -> Result<(), StoreError> {
        let entry = AuditEntry {
            by,
            action: Action::PersonSought,
            subject: String::new(),
            detail: format!("{} parts found", self.parts().count()),
        };
        store.append_audit(entry).await
    }

    /// Every part, with how surely it is theirs.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Part, Likeness)> {
        fn of<'a, T>(
            all: &'a [Mention<T>],
            part: impl Fn(&T) -> Part + 'a,
        ) -> impl Iterator<Item = (Part, Likeness)> + 'a {
            all.iter().map(move |one| (part(&one.what), one.likeness))
        }
        let found = &self.mentions;
        let same = |part| (part, Likeness::Same);
        let devices = found.devices.iter().map(move |used| same(Part::Device(used.row.id)));
        devices
            .chain(of(&found.filings, |row| Part::Filing(row.id)))
            .chain(of(&found.applications, |one| Part::Application(one.row.id)))
            .chain(of(&found.corrections, |row| Part::Correction(row.id)))
            .chain(found.users.iter().map(move |user| same(Part::User(user.id.0))))
    }

    /// Gives out these parts of what was found, and tells the users of its devices that it was done.
    ///
    /// # Errors
    /// If the database fails, or a line cannot be written.
    pub(crate) async fn give(
        self,
        store: &dyn Store,
        mut parts: BTreeSet<Part>,
        by: By,
        out: &mut impl Out,
    ) -> Result<()> {
        let found: BTreeSet<Part> = self.parts().map(|(part, _)| part).collect();
        parts.retain(|part| found.contains(part));
        let devices = parts.iter().filter_map(|part| match part {
            Part::Device(id) => Some(*id),
            _ => None,
        });
        let devices = devices.collect();
        let at = by.at;
        let entry = AuditEntry {
            by,
            action: Action::Exported,
            subject: String::new(),
            detail: format!("everything kept about a person: {}", listed(&parts)),
        };
        // Before anything leaves.
        store.exported(entry, devices).await?;
        self.write(store, &parts, at, out).await
    }

    async fn write(self, store: &dyn Store, parts: &BTreeSet<Part>, at: Timestamp, out: &mut impl Out) -> Result<()> {
        let discretion = Discretion::For(&self.names);
        let about = json!({ "names": self.said, "at": at, "zh-CN": ABOUT_ZH, "en": ABOUT_EN });
        line(out, "about", about).await?;
        let Mentions {
            devices,
            filings,
            applications,
            corrections,
            users,
        } = self.mentions;
        for used in devices {
            if parts.contains(&Part::Device(used.row.id)) {
                device::write(store, used.row, Some(used.others), discretion, out).await?;
            }
        }
        for Mention { what: mut row, .. } in filings {
            if parts.contains(&Part::Filing(row.id)) {
                let about = About::Filing(row.id);
                discretion.filing(&mut row);
                line(out, "filing", views::filing::View::from(row)).await?;
                device::corrections(store, about, discretion, out).await?;
            }
        }
        for Mention {
            what: mut application, ..
        } in applications
        {
            if parts.contains(&Part::Application(application.row.id)) {
                discretion.application(&mut application);
                let view = views::filing::ApplicationView::from(application);
                line(out, "application", view).await?;
            }
        }
        for Mention { what: mut row, .. } in corrections {
            // Those about what was given stand there.
            let stands = match row.asked.about {
                About::Device(id) => parts.contains(&Part::Device(id)),
                About::Finding(which) => parts.contains(&Part::Device(which.device)),
                About::Filing(id) => parts.contains(&Part::Filing(id)),
            };
            if parts.contains(&Part::Correction(row.id)) && !stands {
                discretion.correction(&mut row);
                line(out, "correction", views::correction::View::from(row)).await?;
            }
        }
        for row in users {
            if parts.contains(&Part::User(row.id.0)) {
                user(store, row, out).await?;
            }
        }
        Ok(())
    }
}

/// The parts, in words for the trail.
fn listed(parts: &BTreeSet<Part>) -> String {
    let named: Vec<String> = parts.iter().take(NAMED).map(Part::to_string).collect();
    match parts.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// A user of the console: who they are, and of the trail when they did what, and what was done to them.
async fn user(store: &dyn Store, row: UserRow, out: &mut impl Out) -> Result<()> {
    let what = json!({
        "name": row.name,
        "role": row.role,
        "groups": row.groups,
        "disabled": row.disabled,
        "logs_in_with_code": row.has_code,
        "failed_log_ins": row.failed_log_ins,
        "last_log_in": row.last_log_in,
        "created_at": row.created_at,
    });
    line(out, "user", what).await?;
    let mut after = 0;
    loop {
        let traces = store.traces(row.name.clone(), after).await?;
        let Some(last) = traces.last() else { return Ok(()) };
        after = last.id;
        for trace in traces {
            let what = json!({ "at": trace.at, "action": trace.action, "own": trace.own });
            line(out, "trail", what).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_as_it_is_written() {
        for part in [
            Part::Device(DeviceId::new()),
            Part::Filing(1),
            Part::Application(2),
            Part::Correction(3),
            Part::User(4),
        ] {
            assert_eq!(part.to_string().parse::<Part>().unwrap(), part);
        }
        for text in ["", "device:", "filing:x", "finding:1", "user"] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_trail_names_so_many_parts_and_counts_the_rest() {
        let parts: BTreeSet<_> = (0..52).map(Part::Filing).collect();
        assert!(listed(&parts).ends_with("filing:49 and 2 more"));
        assert_eq!(listed(&BTreeSet::from([Part::User(7)])), "user:7");
    }
}
