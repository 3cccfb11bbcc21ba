//! Records of one device.

use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::ids::DeviceId;

use super::value::{At, Json};
use super::{Postgres, devices, disclosures, signed, unsigned};
use crate::store::Reply;
use crate::store::records::{DeliveryRow, Records};

/// Deliveries at a time: each holds hundreds of reports.
const AT_ONCE: i64 = 20;

impl Records for Postgres {
    fn deliveries(&self, device: DeviceId, after: u64) -> Reply<Vec<DeliveryRow>> {
        self.read(move |session| {
            let device = devices::key(session, device)?;
            session.query(
                "SELECT number, received_at, reports FROM delivery WHERE device = $1 AND number > $2 \
                     ORDER BY number LIMIT $3",
                &[&device, &signed(after), &AT_ONCE],
                |row| {
                    Ok(DeliveryRow {
                        number: unsigned(row.get(0)?),
                        received_at: row.get::<At>(1)?.0,
                        reports: row.get::<Json<_>>(2)?.0,
                    })
                },
            )
        })
    }

    fn disclosures(&self, device: DeviceId, after: u64) -> Reply<Vec<Disclosure>> {
        self.read(move |session| {
            let device = devices::key(session, device)?;
            disclosures::told(session, device, after)
        })
    }
}
