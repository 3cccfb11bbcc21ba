//! What targets took of a device's findings, counted by the day: letters are many, and nobody reads a line for each.

use fileward_protocol::disclosure::Disclosed;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::value::{At, Id, Word};
use super::{audit, disclosures, signed};
use crate::store::audit::Action;
use crate::store::targets::{About, Mark, TargetId};
use crate::store::{By, StoreError};

/// Counts what a target took of findings.
pub(super) fn count(connection: &Connection, id: TargetId, marks: &[Mark], now: Timestamp) -> Result<(), StoreError> {
    let day = disclosures::day(now);
    let mut count = connection.prepare_cached(
        "INSERT INTO sent (day, target, device, at, letters) \
         SELECT ?1, t.name, f.device, ?2, 1 FROM target t, finding f WHERE t.id = ?3 AND f.key = ?4 \
         ON CONFLICT DO UPDATE SET at = ?2, letters = letters + 1",
    )?;
    for mark in marks.iter().filter(|mark| mark.about == About::Finding) {
        count.execute(params![day, At(now), Id(id.0), signed(mark.row)])?;
    }
    Ok(())
}

/// Tells what was counted on days that are over: each device the number of targets, the audit trail the letters of each.
pub(super) fn close(connection: &Connection, by: &By) -> Result<u64, StoreError> {
    let today = disclosures::day(by.at);
    let closed: Vec<(String, String)> = connection
        .prepare_cached(
            "SELECT day, target, sum(letters), count(*) FROM sent WHERE day < ? GROUP BY day, target ORDER BY day, target",
        )?
        .query_map([&today], |row| {
            let (day, letters, devices): (String, i64, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
            let detail = format!("{letters} letters about findings of {devices} devices on {day}");
            Ok((row.get(1)?, detail))
        })?
        .collect::<Result<_, _>>()?;
    if closed.is_empty() {
        return Ok(0);
    }
    for (target, detail) in &closed {
        audit::append(connection, by, Action::FindingsSent, target, detail)?;
    }
    connection.execute(
        "INSERT INTO disclosure (device, what, at, by, role, count) \
         SELECT device, ?, max(at), ?, ?, count(*) FROM sent WHERE day < ? GROUP BY day, device ORDER BY day, device",
        params![
            Word(Disclosed::Sent),
            by.actor.to_string(),
            disclosures::role(connection, by)?,
            today
        ],
    )?;
    connection.execute("DELETE FROM sent WHERE day < ?", [today])?;
    Ok(closed.len() as u64)
}
