//! Purposes of looks.

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;

use super::value::{At, Hash, Id, Word};
use super::{Postgres, Session, audit, devices};
use crate::store::audit::Action;
use crate::store::looks::{LOOK_LASTS, Look, Looks};
use crate::store::{By, Reply, StoreError};

impl Looks for Postgres {
    fn look(&self, secret_hash: [u8; 32], device: DeviceId, now: Timestamp) -> Reply<Option<Look>> {
        self.read(move |session| {
            session.query_opt(
                "SELECT k.purpose, k.note FROM look k JOIN device d ON d.key = k.device \
                 WHERE k.session = $1 AND d.id = $2 AND k.until > $3",
                &[&Hash(secret_hash), &Id(device.0), &At(now)],
                |row| {
                    let purpose = row.get::<Word<_>>(0)?.0;
                    let note = row.get(1)?;
                    Ok(Look { purpose, note })
                },
            )
        })
    }

    fn begin_look(&self, secret_hash: [u8; 32], device: DeviceId, look: Look, by: By) -> Reply<()> {
        self.write(move |session| begin(session, secret_hash, device, &look, &by))
    }
}

fn begin(
    session: &mut Session<'_>,
    secret_hash: [u8; 32],
    device: DeviceId,
    look: &Look,
    by: &By,
) -> Result<(), StoreError> {
    let key = devices::key(session, device)?;
    session.execute(
        "DELETE FROM look WHERE session = $1 AND until <= $2",
        &[&Hash(secret_hash), &At(by.at)],
    )?;
    session.execute(
        "INSERT INTO look (session, device, purpose, note, until) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (session, device) DO UPDATE SET purpose = excluded.purpose, note = excluded.note, \
         until = excluded.until",
        &[
            &Hash(secret_hash),
            &key,
            &Word(look.purpose),
            &look.note,
            &At(by.at + LOOK_LASTS),
        ],
    )?;
    audit::append(session, by, Action::PurposeGiven, device, &look.to_string())
}
