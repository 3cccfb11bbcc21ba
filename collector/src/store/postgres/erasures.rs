//! Deleting devices and users for good.

use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::Binding;

use super::session::Session;
use super::value::{Id, Word};
use super::{Postgres, audit, devices, holds, people};
use crate::store::audit::Action;
use crate::store::corrections::needed;
use crate::store::erasures::{ErasedDevice, ErasedUser, Erasures, NAMED, OF_DEVICE, OF_FINDING, former, held};
use crate::store::people::UserId;
use crate::store::upkeep::Deleted;
use crate::store::work::Worked;
use crate::store::{Actor, By, Reply, StoreError};

impl Erasures for Postgres {
    fn erase_device(&self, id: DeviceId, reason: String, by: By) -> Reply<ErasedDevice> {
        self.delete_for_good(move |session| erase_device(session, id, &reason, &by).map(Deleted::Something))
    }

    fn erase_user(&self, id: UserId, reason: String, by: By) -> Reply<ErasedUser> {
        self.delete_for_good(move |session| erase_user(session, id, &reason, &by).map(Deleted::Something))
    }
}

fn erase_device(session: &mut Session<'_>, id: DeviceId, reason: &str, by: &By) -> Result<ErasedDevice, StoreError> {
    let reason = needed(reason, "why it is deleted")?;
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
    let mut delete = |table: &str, condition: &str| {
        let sql = format!("DELETE FROM {table} WHERE {condition}");
        session.execute(&sql, &[&key])
    };
    let corrections = delete("correction", "device = $1")?;
    for part in OF_FINDING {
        delete(part, "finding IN (SELECT key FROM finding WHERE device = $1)")?;
    }
    for table in OF_DEVICE {
        delete(table, "device = $1")?;
    }
    let erased = ErasedDevice {
        findings: delete("finding", "device = $1")?,
        deliveries: delete("delivery", "device = $1")?,
        events: delete("event", "device = $1")?,
        fingerprints: delete("fingerprint", "device = $1")?,
        disclosures: delete("disclosure", "device = $1")?,
        corrections,
    };
    session.execute("DELETE FROM device WHERE id = $1", &[&Id(id.0)])?;
    audit::append(session, by, Action::DeviceErased, id, &format!("{erased}: {reason}"))?;
    Ok(erased)
}

/// What belongs to a user and to nobody else.
pub(super) const OWNED: [&str; 6] = [
    "session",
    "person_group",
    "second_step",
    "recovery_code",
    "policy_draft",
    "saved_view",
];

fn erase_user(session: &mut Session<'_>, id: UserId, reason: &str, by: &By) -> Result<ErasedUser, StoreError> {
    let reason = needed(reason, "why it is deleted")?;
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
