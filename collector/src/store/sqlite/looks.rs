//! Purposes of looks.

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::value::{At, Id, Word};
use super::{Sqlite, audit, devices};
use crate::store::audit::Action;
use crate::store::looks::{LOOK_LASTS, Look, Looks};
use crate::store::{By, Reply, StoreError};

impl Looks for Sqlite {
    fn look(&self, session: [u8; 32], device: DeviceId, now: Timestamp) -> Reply<Option<Look>> {
        self.read(move |connection| {
            let look = connection
                .prepare_cached(
                    "SELECT k.purpose, k.note FROM look k JOIN device d ON d.key = k.device \
                     WHERE k.session = ? AND d.id = ? AND k.until > ?",
                )?
                .query_row(params![session, Id(device.0), At(now)], |row| {
                    let purpose = row.get::<_, Word<_>>(0)?.0;
                    let note = row.get(1)?;
                    Ok(Look { purpose, note })
                })
                .optional()?;
            Ok(look)
        })
    }

    fn begin_look(&self, session: [u8; 32], device: DeviceId, look: Look, by: By) -> Reply<()> {
        self.write(move |connection| begin(connection, session, device, &look, &by))
    }
}

fn begin(connection: &Connection, session: [u8; 32], device: DeviceId, look: &Look, by: &By) -> Result<(), StoreError> {
    let key = devices::key(connection, device)?;
    connection
        .prepare_cached("DELETE FROM look WHERE session = ? AND until <= ?")?
        .execute(params![session, At(by.at)])?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO look (session, device, purpose, note, until) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![
            session,
            key,
            Word(look.purpose),
            look.note,
            At(by.at + LOOK_LASTS)
        ])?;
    audit::append(connection, by, Action::PurposeGiven, device, &look.to_string())
}
