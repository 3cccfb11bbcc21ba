//! Deleting devices and users for good.

use std::collections::BTreeSet;

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
        let tables = COUNTED.into_iter().chain(OF_FINDING).chain(OF_DEVICE).chain(TOLD);
        self.delete_for_good(tables.chain(["device"]), move |session| {
            erase_device(session, id, &reason, &by).map(Deleted::Something)
        })
    }

    fn erase_user(&self, id: UserId, reason: String, by: By) -> Reply<ErasedUser> {
        let named: BTreeSet<_> = NAMED.into_iter().map(|(table, _)| table).collect();
        let tables = named.into_iter().chain(OWNED).chain(["finding", "person"]);
        self.delete_for_good(tables, move |session| {
            erase_user(session, id, &reason, &by).map(Deleted::Something)
        })
    }
}

/// What belongs to a device and is counted.
const COUNTED: [&str; 6] = [
    "finding",
    "delivery",
    "event",
    "fingerprint",
    "disclosure",
    "correction",
];

/// What names rows of other tables by their numbers.
const TOLD: [&str; 2] = ["change", "dead_letter"];

fn erase_device(session: &mut Session<'_>, id: DeviceId, reason: &str, by: &By) -> Result<ErasedDevice, StoreError> {
    let reason = needed(reason, "why it is deleted")?;
    let key = devices::key(session, id)?;
    let retired = session.exists(
        "SELECT 1 FROM device WHERE key = $1 AND binding = $2",
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
const OWNED: [&str; 6] = [
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

#[cfg(test)]
mod tests {
    use fileward_tests::postgres::Server;

    use super::*;

    /// The tables whose rows name one of another table, by the column that does. Some do so without a foreign key.
    async fn naming(store: &Postgres, column: &'static str) -> Vec<String> {
        let tables = store.read(move |session| {
            session.query(
                "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' \
                 AND column_name = $1::text AND data_type = 'bigint' ORDER BY table_name",
                &[&column],
                |row| row.get(0),
            )
        });
        let tables = tables.await.unwrap();
        assert!(tables.len() > 3, "{tables:?}");
        tables
    }

    #[tokio::test]
    async fn every_table_with_something_of_a_device_or_a_user_is_known_here() {
        let address = tokio::task::spawn_blocking(|| Server::shared().database());
        let store = Postgres::open(address.await.unwrap().parse().unwrap()).await.unwrap();
        for table in naming(&store, "device").await {
            let table = table.as_str();
            // A device that is held is not deleted.
            let known = COUNTED.contains(&table)
                || OF_DEVICE.contains(&table)
                || OF_FINDING.contains(&table)
                || table == "hold";
            assert!(known, "what of a deleted device stays in {table}?");
        }
        for table in naming(&store, "finding").await {
            let table = table.as_str();
            let known = OF_FINDING.contains(&table) || table == "correction";
            assert!(known, "what of a deleted finding stays in {table}?");
        }
        for table in naming(&store, "person").await {
            assert!(
                OWNED.contains(&table.as_str()),
                "what of a deleted user stays in {table}?"
            );
        }
    }
}
