//! The audit trail.

use super::session::Session;
use super::value::{At, Hash, Word};
use super::{signed, unsigned};
use crate::store::audit::{Action, AuditRow, line_hash};
use crate::store::{By, StoreError};

/// Appends a line to the trail.
#[expect(clippy::needless_pass_by_value, reason = "ids, numbers and names are passed alike")]
pub(super) fn append(
    session: &mut Session<'_>,
    by: &By,
    action: Action,
    subject: impl ToString,
    detail: &str,
) -> Result<(), StoreError> {
    session.must_change()?;
    let last = session.query_opt("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", &[], |row| {
        Ok((row.get::<i64>(0)?, row.get::<Hash>(1)?.0))
    })?;
    let (id, before) = last.unwrap_or((0, [0; 32]));
    let mut line = AuditRow {
        id: unsigned(id) + 1,
        at: by.at,
        actor: by.actor.to_string(),
        action,
        subject: subject.to_string(),
        detail: detail.to_owned(),
        hash: [0; 32],
    };
    line.hash = line_hash(&before, &line);
    session.execute(
        "INSERT INTO audit (id, at, actor, action, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &signed(line.id),
            &At(line.at),
            &line.actor,
            &Word(line.action),
            &line.subject,
            &line.detail,
            &Hash(line.hash),
        ],
    )?;
    Ok(())
}
