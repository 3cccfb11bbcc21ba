//! Deleting devices and users for good.

use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::Binding;

use super::for_good::Deleted;
use super::session::Session;
use super::value::{Id, Word};
use super::{Postgres, audit, devices, holds, people};
use crate::store::audit::Action;
use crate::store::erasures::{ErasedDevice, ErasedUser, Erasures, NAMED, former};
use crate::store::people::UserId;
use crate::store::work::{TEXT_LIMIT, Worked};
use crate::store::{Actor, By, Reply, StoreError};

impl Erasures for Postgres {
    fn erase_device(&self, id: DeviceId, reason: String, by: By) -> Reply<ErasedDevice> {
        self.delete_for_good(move |session| erase_device(session, id, &reason, &by).map(Deleted::Something))
    }

    fn erase_user(&self, id: UserId, reason: String, by: By) -> Reply<ErasedUser> {
        self.delete_for_good(move |session| erase_user(session, id, &reason, &by).map(Deleted::Something))
    }
}

/// A reason as it is kept.
fn cut(reason: &str) -> Result<String, StoreError> {
    let reason: String = reason.trim().chars().take(TEXT_LIMIT).collect();
    if reason.is_empty() {
        return Err(StoreError::Conflict("Say why it is deleted".to_owned()));
    }
    Ok(reason)
}

fn held(what: &str, case: &str) -> StoreError {
    StoreError::Conflict(format!("{what} is held for the case \"{case}\"; end the hold first"))
}

/// What belongs to a finding and to nothing else.
pub(super) const OF_FINDING: [&str; 4] = ["step", "decision", "work", "finding_body"];

/// What belongs to a device and is not counted.
pub(super) const OF_DEVICE: [&str; 4] = ["former_use", "place", "look", "disclosure_count"];

fn erase_device(session: &mut Session<'_>, id: DeviceId, reason: &str, by: &By) -> Result<ErasedDevice, StoreError> {
    let reason = cut(reason)?;
    let key = devices::key(session, id)?;
    // Locked, so that no report of it is taken meanwhile.
    let retired = session.exists(
        "SELECT 1 FROM device WHERE key = $1 AND binding = $2 FOR UPDATE",
        &[&key, &Word(Binding::Retired)],
    )?;
    if !retired {
        return Err(StoreError::Conflict(format!("Retire the device {id} first")));
    }
    if let Some(case) = holds::of_device(session, key)? {
        return Err(held(&format!("The device {id}"), &case));
    }
    let mut delete_where = |table: &str, condition: &str| {
        let sql = format!("DELETE FROM {table} WHERE {condition}");
        session.execute(&sql, &[&key])
    };
    let corrections = delete_where("correction", "device = $1")?;
    for part in OF_FINDING {
        delete_where(part, "finding IN (SELECT key FROM finding WHERE device = $1)")?;
    }
    let mut delete = |table: &str| delete_where(table, "device = $1");
    for table in OF_DEVICE {
        delete(table)?;
    }
    let erased = ErasedDevice {
        findings: delete("finding")?,
        deliveries: delete("delivery")?,
        events: delete("event")?,
        fingerprints: delete("fingerprint")?,
        disclosures: delete("disclosure")?,
        corrections,
    };
    session.execute("DELETE FROM device WHERE id = $1", &[&Id(id.0)])?;
    audit::append(session, by, Action::DeviceErased, id, &format!("{erased}: {reason}"))?;
    Ok(erased)
}

/// What belongs to a user and to nobody else.
pub(super) const OWNED: [&str; 5] = [
    "session",
    "person_group",
    "second_step",
    "recovery_code",
    "policy_draft",
];

fn erase_user(session: &mut Session<'_>, id: UserId, reason: &str, by: &By) -> Result<ErasedUser, StoreError> {
    let reason = cut(reason)?;
    let user = people::by_id(session, id)?;
    if !user.disabled {
        return Err(StoreError::Conflict(format!("Disable {} first", user.name)));
    }
    if let Some(case) = holds::of_user(session, id.0)? {
        return Err(held(&user.name, &case));
    }
    let (name, number) = (Actor::User(user.name.clone()).to_string(), former(id));
    let mut renamed = 0;
    for (table, column) in NAMED {
        let sql = format!("UPDATE {table} SET {column} = $1 WHERE {column} = $2");
        renamed += session.execute(&sql, &[&number, &name])?;
    }
    renamed += session.execute(
        "UPDATE work SET detail = $1 WHERE what = $2 AND detail = $3",
        &[&number, &Word(Worked::Assigned), &user.name],
    )?;
    let unassigned = session.execute("UPDATE finding SET assignee = NULL WHERE assignee = $1", &[&user.name])?;
    for table in OWNED {
        session.execute(&format!("DELETE FROM {table} WHERE person = $1"), &[&id.0])?;
    }
    session.execute("DELETE FROM person WHERE id = $1", &[&id.0])?;
    let erased = ErasedUser { unassigned, renamed };
    let detail = format!("{number}, {erased}: {reason}");
    audit::append(session, by, Action::UserErased, user.name, &detail)?;
    Ok(erased)
}
