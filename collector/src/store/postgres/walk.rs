//! Walks, by the rows' own numbers.

use jiff::Timestamp;

use super::session::{Row, Session};
use super::value::At;
use super::{Postgres, audit, devices, findings, signed, unsigned};
use crate::store::audit::AuditRow;
use crate::store::devices::DeviceRow;
use crate::store::findings::FindingRow;
use crate::store::walk::{Milestone, Stretch, Walk};
use crate::store::{Reply, StoreError};

/// The most rows of one step.
const STEP: usize = 500;

impl Walk for Postgres {
    fn walk_findings(&self, from: Milestone, since: Option<Timestamp>) -> Reply<Stretch<FindingRow>> {
        self.read_settled(move |session| {
            let keys = FINDINGS.step(session, from, since, |row| row.get(0))?;
            let rows = findings::by_keys(session, &keys.rows)?;
            Ok(Stretch { rows, on: keys.on })
        })
    }

    fn walk_devices(&self, from: Milestone, since: Option<Timestamp>) -> Reply<Stretch<DeviceRow>> {
        self.read_settled(move |session| DEVICES.step(session, from, since, devices::read))
    }

    fn walk_audit(&self, from: Milestone, since: Option<Timestamp>) -> Reply<Stretch<AuditRow>> {
        self.read_settled(move |session| AUDIT.step(session, from, since, audit::read))
    }
}

/// What a walk goes through; fixed text, never a value.
struct Way {
    columns: &'static str,
    from: &'static str,
    number: &'static str,
    /// Whether a row changed at `$2` or later.
    changed: &'static str,
}

/// A device that was out of reach tells late what happened long before: then it counts when that was received.
const FINDINGS: Way = Way {
    columns: "f.key",
    from: "finding f",
    number: "f.key",
    changed: "f.changed_at >= $2 OR (SELECT v.received_at FROM delivery v WHERE v.device = f.device AND v.last_seq >= \
        (SELECT max(s.seq) FROM step s WHERE s.finding = f.key) ORDER BY v.last_seq LIMIT 1) >= $2 \
        OR EXISTS (SELECT 1 FROM work w WHERE w.finding = f.key AND w.at >= $2)",
};

const DEVICES: Way = Way {
    columns: devices::COLUMNS,
    from: "device d",
    number: "d.key",
    changed: "d.last_seen >= $2 OR d.enrolled_at >= $2 OR d.id::text IN \
        (SELECT subject FROM audit WHERE at >= $2 AND starts_with(action, 'device_'))",
};

const AUDIT: Way = Way {
    columns: audit::COLUMNS,
    from: "audit",
    number: "id",
    changed: "at >= $2",
};

impl Way {
    fn step<T>(
        &self,
        session: &mut Session<'_>,
        from: Milestone,
        since: Option<Timestamp>,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Stretch<T>, StoreError> {
        let Self {
            columns,
            from: table,
            number,
            changed,
        } = self;
        let sql = format!(
            "SELECT {columns}, {number} FROM {table} WHERE {number} > $1 AND ($2::bigint IS NULL OR {changed}) \
             ORDER BY {number} LIMIT {STEP}"
        );
        let found: Vec<(T, i64)> = session.query(&sql, &[&signed(from.0), &since.map(At)], |row| {
            Ok((read(row)?, row.last()?))
        })?;
        // A step that is not full was the last one.
        let last = (found.len() == STEP).then(|| found.last()).flatten();
        Ok(Stretch {
            on: last.map(|(_, number)| Milestone(unsigned(*number))),
            rows: found.into_iter().map(|(row, _)| row).collect(),
        })
    }
}
