//! Checking what devices delivered.

use fileward_protocol::chain::Head;
use fileward_protocol::ids::KeyedHash;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::postgres::session::{Row, Session};
use crate::store::postgres::unsigned;
use crate::store::postgres::value::{Hash, Id, Json};

/// The most deliveries that are read at once.
const AT_ONCE: i64 = 20;

/// A device, as far as its chain goes.
struct Chain {
    key: i64,
    id: Uuid,
    head: Head,
}

/// A stored delivery: its number, the head before it, and its reports.
type Part = (i64, Head, Vec<Box<RawValue>>);

/// Checks every device's stored deliveries: each follows the one before, and the last leads to the device's head.
pub(in crate::store::postgres) fn verify(
    session: &mut Session<'_>,
    faults: &mut Vec<String>,
) -> Result<(u64, u64), StoreError> {
    let chains = session.query(
        "SELECT key, id, head_seq, head_hash FROM device ORDER BY key",
        &[],
        read_chain,
    )?;
    let mut reports = 0;
    for chain in &chains {
        reports += verify_one(session, chain, faults)?;
    }
    Ok((chains.len() as u64, reports))
}

fn read_chain(row: &Row) -> Result<Chain, StoreError> {
    Ok(Chain {
        key: row.get(0)?,
        id: row.get::<Id>(1)?.0,
        head: Head {
            seq: unsigned(row.get(2)?),
            hash: KeyedHash(row.get::<Hash>(3)?.0),
        },
    })
}

/// Checks one device and gives the number of its reports.
fn verify_one(session: &mut Session<'_>, chain: &Chain, faults: &mut Vec<String>) -> Result<u64, StoreError> {
    let id = chain.id;
    let (mut after, mut count) = (0, 0);
    let mut head: Option<Head> = None;
    loop {
        let parts = parts(session, chain.key, after)?;
        let Some((last, ..)) = parts.last() else { break };
        after = *last;
        for (_, before, reports) in parts {
            if head.is_some_and(|head| head != before) {
                faults.push(format!(
                    "device {id}: reports before number {} are missing or changed",
                    before.seq + 1
                ));
            }
            count += reports.len() as u64;
            head = Some(
                reports
                    .iter()
                    .fold(before, |head, raw| head.after(raw.get().as_bytes())),
            );
        }
    }
    if head.is_some_and(|head| head != chain.head) {
        faults.push(format!(
            "device {id}: its reports do not lead to its last number {}",
            chain.head.seq
        ));
    }
    Ok(count)
}

fn parts(session: &mut Session<'_>, device: i64, after: i64) -> Result<Vec<Part>, StoreError> {
    session.query(
        "SELECT last_seq, first_seq, before_hash, reports FROM delivery WHERE device = $1 AND last_seq > $2 \
         ORDER BY last_seq LIMIT $3",
        &[&device, &after, &AT_ONCE],
        |row| {
            let before = Head {
                seq: unsigned(row.get(1)?).saturating_sub(1),
                hash: KeyedHash(row.get::<Hash>(2)?.0),
            };
            Ok((row.get(0)?, before, row.get::<Json<_>>(3)?.0))
        },
    )
}
