//! Exemptions that end by themselves.

use fileward_protocol::ids::{DeviceId, FindingId};
use rusqlite::{Connection, Row};

use super::act::reopen;
use crate::store::audit::Action;
use crate::store::case;
use crate::store::sqlite::audit;
use crate::store::sqlite::value::{At, Id};
use crate::store::work::Which;
use crate::store::{By, StoreError};

/// The most that end in one transaction, so that reports do not wait for them.
const AT_ONCE: u32 = 500;

/// In both languages: it stands in the history and goes to the PC.
const REASON: &str = "豁免期限已到 / The exemption has ended";

/// Reopens what is exempted no longer than until this moment.
pub(super) fn end(connection: &Connection, by: &By) -> Result<u64, StoreError> {
    let read = |row: &Row<'_>| {
        let which = Which {
            device: DeviceId(row.get::<_, Id>(2)?.0),
            finding: FindingId(row.get::<_, Id>(3)?.0),
        };
        Ok((row.get(0)?, row.get(1)?, which))
    };
    let ended: Vec<(i64, i64, Which)> = connection
        .prepare_cached(
            "SELECT f.key, f.device, d.id, f.id FROM finding f JOIN device d ON d.key = f.device \
             WHERE f.exempt_until <= ? AND f.state = 'exempted' ORDER BY f.exempt_until LIMIT ?",
        )?
        .query_map((At(by.at), AT_ONCE), read)?
        .collect::<Result<_, _>>()?;
    for (key, device, which) in &ended {
        reopen(connection, *key, *device, REASON, by)?;
        audit::append(connection, by, Action::FindingReopened, case::subject(*which), REASON)?;
    }
    Ok(ended.len() as u64)
}
