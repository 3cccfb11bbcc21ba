//! Exemptions that end by themselves.

use fileward_protocol::ids::{DeviceId, FindingId};

use super::act::reopen;
use crate::store::audit::Action;
use crate::store::case;
use crate::store::postgres::audit;
use crate::store::postgres::session::Session;
use crate::store::postgres::value::{At, Id};
use crate::store::work::Which;
use crate::store::{By, StoreError};

/// The most that end in one transaction, so that other changes do not wait for them.
const AT_ONCE: i64 = 500;

/// In both languages: it stands in the history and goes to the PC.
const REASON: &str = "豁免期限已到 / The exemption has ended";

/// Reopens what is exempted no longer than until this moment.
pub(super) fn end(session: &mut Session<'_>, by: &By) -> Result<u64, StoreError> {
    // The devices first, so that no report changes their findings meanwhile.
    session.query(
        "SELECT 1 FROM device WHERE key IN (SELECT device FROM finding WHERE exempt_until <= $1 AND state = 'exempted' \
         ORDER BY exempt_until LIMIT $2) ORDER BY key FOR UPDATE",
        &[&At(by.at), &AT_ONCE],
        |_| Ok(()),
    )?;
    let ended: Vec<(i64, i64, Which)> = session.query(
        "SELECT f.key, f.device, d.id, f.id FROM finding f JOIN device d ON d.key = f.device \
         WHERE f.exempt_until <= $1 AND f.state = 'exempted' ORDER BY f.exempt_until LIMIT $2",
        &[&At(by.at), &AT_ONCE],
        |row| {
            let which = Which {
                device: DeviceId(row.get::<Id>(2)?.0),
                finding: FindingId(row.get::<Id>(3)?.0),
            };
            Ok((row.get(0)?, row.get(1)?, which))
        },
    )?;
    for (key, device, which) in &ended {
        reopen(session, *key, *device, REASON, by)?;
        audit::append(session, by, Action::FindingReopened, case::subject(*which), REASON)?;
    }
    Ok(ended.len() as u64)
}
