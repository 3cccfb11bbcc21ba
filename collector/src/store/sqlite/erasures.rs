//! Deleting devices and users for good.

use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::Binding;
use rusqlite::{Connection, params};

use super::for_good::Deleted;
use super::value::{Id, Word};
use super::{Sqlite, audit, devices, holds, people};
use crate::store::audit::Action;
use crate::store::erasures::{ErasedDevice, ErasedUser, Erasures, former};
use crate::store::people::UserId;
use crate::store::work::{TEXT_LIMIT, Worked};
use crate::store::{Actor, By, Reply, StoreError};

impl Erasures for Sqlite {
    fn erase_device(&self, id: DeviceId, reason: String, by: By) -> Reply<ErasedDevice> {
        self.delete_for_good(move |connection| erase_device(connection, id, &reason, &by).map(Deleted::Something))
    }

    fn erase_user(&self, id: UserId, reason: String, by: By) -> Reply<ErasedUser> {
        self.delete_for_good(move |connection| erase_user(connection, id, &reason, &by).map(Deleted::Something))
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
const OF_FINDING: [&str; 4] = ["step", "decision", "work", "finding_body"];

/// What belongs to a device and is not counted.
const OF_DEVICE: [&str; 4] = ["former_use", "place", "look", "disclosure_count"];

fn erase_device(connection: &Connection, id: DeviceId, reason: &str, by: &By) -> Result<ErasedDevice, StoreError> {
    let reason = cut(reason)?;
    let key = devices::key(connection, id)?;
    let retired = connection
        .prepare("SELECT 1 FROM device WHERE key = ? AND binding = ?")?
        .exists(params![key, Word(Binding::Retired)])?;
    if !retired {
        return Err(StoreError::Conflict(format!("Retire the device {id} first")));
    }
    if let Some(case) = holds::of_device(connection, key)? {
        return Err(held(&format!("The device {id}"), &case));
    }
    let delete = |table: &str| {
        let sql = format!("DELETE FROM {table} WHERE device = ?");
        connection.execute(&sql, [key]).map(|count| count as u64)
    };
    let corrections = delete("correction")?;
    for part in OF_FINDING {
        connection.execute(
            &format!("DELETE FROM {part} WHERE finding IN (SELECT key FROM finding WHERE device = ?)"),
            [key],
        )?;
    }
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
    connection.execute("DELETE FROM device WHERE id = ?", [Id(id.0)])?;
    audit::append(connection, by, Action::DeviceErased, id, &format!("{erased}: {reason}"))?;
    Ok(erased)
}

/// Where the name of whoever did something stands, beside the audit trail.
const NAMED: [(&str, &str); 12] = [
    ("work", "by"),
    ("decision", "by"),
    ("disclosure", "by"),
    ("hold", "by"),
    ("filing", "filed_by"),
    ("filing_form", "created_by"),
    ("application_step", "by"),
    ("correction", "asked_by"),
    ("correction", "decided_by"),
    ("policy", "published_by"),
    ("document", "registered_by"),
    ("api_token", "created_by"),
];

/// What belongs to a user and to nobody else.
const OWNED: [&str; 6] = [
    "session",
    "user_group",
    "second_step",
    "recovery_code",
    "policy_draft",
    "saved_view",
];

fn erase_user(connection: &Connection, id: UserId, reason: &str, by: &By) -> Result<ErasedUser, StoreError> {
    let reason = cut(reason)?;
    let user = people::by_id(connection, id)?;
    if !user.disabled {
        return Err(StoreError::Conflict(format!("Disable {} first", user.name)));
    }
    if let Some(case) = holds::of_user(connection, id.0)? {
        return Err(held(&user.name, &case));
    }
    let (name, number) = (Actor::User(user.name.clone()).to_string(), former(id));
    let mut renamed = 0;
    for (table, column) in NAMED {
        let sql = format!("UPDATE {table} SET {column} = ? WHERE {column} = ?");
        renamed += connection.execute(&sql, params![number, name])?;
    }
    renamed += connection.execute(
        "UPDATE work SET detail = ? WHERE what = ? AND detail = ?",
        params![number, Word(Worked::Assigned), user.name],
    )?;
    let unassigned = connection.execute("UPDATE finding SET assignee = NULL WHERE assignee = ?", [&user.name])?;
    for table in OWNED {
        connection.execute(&format!("DELETE FROM {table} WHERE user = ?"), [id.0])?;
    }
    connection.execute("DELETE FROM user WHERE id = ?", [id.0])?;
    let erased = ErasedUser {
        unassigned: unassigned as u64,
        renamed: renamed as u64,
    };
    let detail = format!("{number}, {erased}: {reason}");
    audit::append(connection, by, Action::UserErased, user.name, &detail)?;
    Ok(erased)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::connection;

    /// The tables whose rows name one of this table.
    fn naming(table: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let connection = connection::open(&folder.path().join("collector.db")).unwrap();
        let mut tables = connection
            .prepare(
                "SELECT DISTINCT t.name FROM sqlite_schema t, pragma_foreign_key_list(t.name) k \
                 WHERE t.type = 'table' AND k.\"table\" = ? ORDER BY t.name",
            )
            .unwrap();
        let names = tables.query_map([table], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    }

    #[test]
    fn every_table_with_something_of_a_device_or_a_user_is_known_here() {
        // A device that is held is not deleted.
        let counted = [
            "finding",
            "delivery",
            "event",
            "fingerprint",
            "disclosure",
            "correction",
            "hold",
        ];
        for table in naming("device") {
            let table = table.as_str();
            let known = counted.contains(&table) || OF_DEVICE.contains(&table) || OF_FINDING.contains(&table);
            assert!(known, "what of a deleted device stays in {table}?");
        }
        for table in naming("finding") {
            let table = table.as_str();
            let known = OF_FINDING.contains(&table) || table == "correction";
            assert!(known, "what of a deleted finding stays in {table}?");
        }
        for table in naming("user") {
            assert!(
                OWNED.contains(&table.as_str()),
                "what of a deleted user stays in {table}?"
            );
        }
    }
}
