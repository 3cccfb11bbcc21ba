//! Records of one device.

use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::ids::DeviceId;
use rusqlite::params;

use super::value::{At, Json};
use super::{Sqlite, devices, disclosures, signed, unsigned};
use crate::store::Reply;
use crate::store::records::{DeliveryRow, Records};

/// Deliveries at a time: each holds hundreds of reports.
const AT_ONCE: u32 = 20;

impl Records for Sqlite {
    fn deliveries(&self, device: DeviceId, after: u64) -> Reply<Vec<DeliveryRow>> {
        self.read(move |connection| {
            let rows = connection
                .prepare_cached(
                    "SELECT number, received_at, reports FROM delivery WHERE device = ? AND number > ? \
                     ORDER BY number LIMIT ?",
                )?
                .query_map(
                    params![devices::key(connection, device)?, signed(after), AT_ONCE],
                    |row| {
                        Ok(DeliveryRow {
                            number: unsigned(row.get(0)?),
                            received_at: row.get::<_, At>(1)?.0,
                            reports: row.get::<_, Json<_>>(2)?.0,
                        })
                    },
                )?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    fn disclosures(&self, device: DeviceId, after: u64) -> Reply<Vec<Disclosure>> {
        self.read(move |connection| disclosures::told(connection, devices::key(connection, device)?, after))
    }
}
