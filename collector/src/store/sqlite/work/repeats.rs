//! Findings that are alike: how many there are, and which of them one is.

use fileward_protocol::ids::DeviceId;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::store::findings::FindingFilter;
use crate::store::sqlite::filter::{Select, ordered};
use crate::store::sqlite::findings;
use crate::store::sqlite::unsigned;
use crate::store::sqlite::value::{At, Id, Word};
use crate::store::work::{REPEATS_WITHIN, RepeatRow, RepeatSort, Which};
use crate::store::{Order, Page, Paging, StoreError};

/// Whether a finding was an offence: it still stands, or the employee put it right, and nobody accepted an excuse.
pub(super) const OFFENCE: &str = "f.judged IS NOT 'accepted' AND (f.state = 'open' OR f.state = 'resolved' \
    AND f.resolution IN ('moved_to_store', 'deleted', 'encrypted', 'store_protected'))";

pub(super) fn number(connection: &Connection, which: Which) -> Result<u64, StoreError> {
    let sql = format!(
        "SELECT count(*) FROM finding mine JOIN device d ON d.key = mine.device JOIN finding f \
         ON f.device = mine.device AND f.rule = mine.rule AND f.first_seen > mine.first_seen - ?3 \
         AND (f.first_seen, f.key) <= (mine.first_seen, mine.key) AND (f.key = mine.key OR {OFFENCE}) \
         WHERE d.id = ?1 AND mine.id = ?2"
    );
    let window = i64::try_from(REPEATS_WITHIN.as_micros()).unwrap_or(i64::MAX);
    let number: Option<i64> = connection
        .prepare_cached(&sql)?
        .query_row(params![Id(which.device.0), Id(which.finding.0), window], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(unsigned(number.unwrap_or_default()))
}

pub(super) fn groups(
    connection: &Connection,
    filter: &FindingFilter,
    order: Order<RepeatSort>,
    paging: Paging,
) -> Result<Page<RepeatRow>, StoreError> {
    let conditions = findings::conditions(filter);
    let column = match order.by {
        RepeatSort::Count => "number",
        RepeatSort::Active => "active",
        RepeatSort::Rule => "f.rule",
        RepeatSort::Place => findings::PLACE,
        RepeatSort::Device => findings::DEVICE,
        RepeatSort::First => "first",
        RepeatSort::Last => "last",
    };
    let select = Select {
        columns: "(SELECT id FROM device WHERE key = f.device), (SELECT name FROM device WHERE key = f.device), \
            f.rule, f.kind, f.app, count(*) AS number, sum(f.state IN ('noticed', 'open')) AS active, min(f.first_seen) AS first, \
            max(f.changed_at) AS last",
        from: "finding f",
        order: &ordered(column, order.direction, "last DESC, f.device"),
    };
    let read = |row: &Row<'_>| {
        Ok(RepeatRow {
            device: DeviceId(row.get::<_, Id>(0)?.0),
            device_name: row.get(1)?,
            rule: row.get::<_, Word<_>>(2)?.0,
            place: row.get::<_, Word<_>>(3)?.0,
            app: row.get::<_, Option<Word<_>>>(4)?.map(|word| word.0),
            count: unsigned(row.get(5)?),
            active: unsigned(row.get(6)?),
            first: row.get::<_, At>(7)?.0,
            last: row.get::<_, At>(8)?.0,
        })
    };
    Ok(conditions.page_of_groups(connection, &select, "f.device, f.rule, f.kind, f.app", paging, read)?)
}
