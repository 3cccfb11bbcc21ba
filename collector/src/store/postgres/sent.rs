//! What targets took of a device's findings, counted by the day: letters are many, and nobody reads a line for each.

use fileward_protocol::disclosure::Disclosed;
use jiff::Timestamp;

use super::session::Session;
use super::value::{At, Id, Word};
use super::{audit, disclosures, signed};
use crate::store::audit::Action;
use crate::store::targets::{About, Mark, TargetId};
use crate::store::{By, StoreError};

/// Counts what a target took of findings.
pub(super) fn count(session: &mut Session<'_>, id: TargetId, marks: &[Mark], now: Timestamp) -> Result<(), StoreError> {
    let findings = marks.iter().filter(|mark| mark.about == About::Finding);
    let findings: Vec<i64> = findings.map(|mark| signed(mark.row)).collect();
    session.execute(
        "INSERT INTO sent AS s (day, target, device, at, letters) \
         SELECT $1::text, t.name, f.device, $2::bigint, count(*) FROM target t, unnest($4::bigint[]) AS m (row) \
         JOIN finding f ON f.key = m.row WHERE t.id = $3 GROUP BY t.name, f.device \
         ON CONFLICT (day, target, device) DO UPDATE SET at = excluded.at, letters = s.letters + excluded.letters",
        &[&disclosures::day(now), &At(now), &Id(id.0), &findings],
    )?;
    Ok(())
}

/// Tells what was counted on days that are over: each device the number of targets, the audit trail the letters of each.
pub(super) fn close(session: &mut Session<'_>, by: &By) -> Result<u64, StoreError> {
    let today = disclosures::day(by.at);
    let closed: Vec<(String, String)> = session.query(
        "SELECT day, target, sum(letters)::bigint, count(*) FROM sent WHERE day < $1 GROUP BY day, target \
         ORDER BY day, target",
        &[&today],
        |row| {
            let (day, letters, devices): (String, i64, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
            let detail = format!("{letters} letters about findings of {devices} devices on {day}");
            Ok((row.get(1)?, detail))
        },
    )?;
    if closed.is_empty() {
        return Ok(0);
    }
    for (target, detail) in &closed {
        audit::append(session, by, Action::FindingsSent, target, detail)?;
    }
    let role = disclosures::role(session, by)?;
    session.execute(
        "INSERT INTO disclosure (device, what, at, by, role, count) \
         SELECT device, $1::text, max(at), $2::text, $3::text, count(*) FROM sent WHERE day < $4 \
         GROUP BY day, device ORDER BY day, device",
        &[&Word(Disclosed::Sent), &by.actor.to_string(), &role, &today],
    )?;
    session.execute("DELETE FROM sent WHERE day < $1", &[&today])?;
    Ok(closed.len() as u64)
}
