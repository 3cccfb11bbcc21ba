//! Findings.

use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::Finding;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};

use super::filter::{Conditions, Select, containing, ordered};
use super::value::{At, Id, Json, Word};
use super::{Sqlite, devices, unsigned};
use crate::store::findings::{
    EventRow, FindingCount, FindingFilter, FindingRow, FindingSort, Findings, Happened, HistoryRow,
};
use crate::store::ladder::StepName;
use crate::store::work::Handling;
use crate::store::{Page, Paging, Reply, Scope, StoreError};

impl Findings for Sqlite {
    fn finding(&self, device: DeviceId, id: FindingId) -> Reply<Option<FindingRow>> {
        self.read(move |connection| one(connection, "d.id = ? AND f.id = ?", &[&Id(device.0), &Id(id.0)]))
    }

    fn devices_of_finding(&self, id: FindingId) -> Reply<Vec<DeviceId>> {
        self.read(move |connection| {
            let ids = connection
                .prepare_cached("SELECT d.id FROM device d JOIN finding f ON f.device = d.key AND f.id = ?")?
                .query_map([Id(id.0)], |row| Ok(DeviceId(row.get::<_, Id>(0)?.0)))?
                .collect::<Result<_, _>>()?;
            Ok(ids)
        })
    }

    fn findings(&self, filter: FindingFilter, paging: Paging) -> Reply<Page<FindingRow>> {
        self.read(move |connection| list(connection, &filter, paging))
    }

    fn finding_counts(&self, scope: Scope) -> Reply<Vec<FindingCount>> {
        self.read(move |connection| counts(connection, &scope))
    }

    fn events(&self, device: DeviceId, paging: Paging) -> Reply<Page<EventRow>> {
        self.read(move |connection| events(connection, device, paging))
    }
}

const SELECT: &str = "SELECT f.key, d.id, d.name, d.grp, b.body, f.state, f.ended, f.resolution, f.changed_at, \
    f.assignee, f.acknowledged_at, f.exempt_until, f.judged, l.zh_cn, l.en \
    FROM finding f JOIN finding_body b ON b.finding = f.key JOIN device d ON d.key = f.device \
    LEFT JOIN ladder_step l ON l.id = f.ladder_step";

/// The one finding that meets `condition`, with its history.
fn one(
    connection: &Connection,
    condition: &'static str,
    values: &[&dyn ToSql],
) -> Result<Option<FindingRow>, StoreError> {
    let found = connection
        .prepare_cached(&format!("{SELECT} WHERE {condition}"))?
        .query_row(values, read)
        .optional()?;
    let Some((key, mut row)) = found else {
        return Ok(None);
    };
    row.history = history(connection, key)?;
    Ok(Some(row))
}

/// The finding with this number of the database's own, with its history.
pub(super) fn by_key(connection: &Connection, key: i64) -> Result<Option<FindingRow>, StoreError> {
    one(connection, "f.key = ?", &[&key])
}

/// Reads all but the history.
fn read(row: &Row<'_>) -> rusqlite::Result<(i64, FindingRow)> {
    let mut finding: Finding = row.get::<_, Json<_>>(4)?.0;
    finding.state = row.get::<_, Word<_>>(5)?.0;
    finding.ended = row.get::<_, Option<At>>(6)?.map(|at| at.0);
    finding.resolution = row.get::<_, Option<Word<_>>>(7)?.map(|word| word.0);
    let found = FindingRow {
        device: DeviceId(row.get::<_, Id>(1)?.0),
        device_name: row.get(2)?,
        group: row.get(3)?,
        finding,
        changed_at: row.get::<_, At>(8)?.0,
        handling: read_handling(row)?,
        history: Vec::new(),
    };
    Ok((row.get(0)?, found))
}

fn read_handling(row: &Row<'_>) -> rusqlite::Result<Handling> {
    let zh_cn: Option<String> = row.get(13)?;
    let en: Option<String> = row.get(14)?;
    Ok(Handling {
        assignee: row.get(9)?,
        acknowledged_at: row.get::<_, Option<At>>(10)?.map(|at| at.0),
        exempt_until: row.get::<_, Option<At>>(11)?.map(|at| at.0),
        judged: row.get::<_, Option<Word<_>>>(12)?.map(|word| word.0),
        step: zh_cn.zip(en).map(|(zh_cn, en)| StepName { zh_cn, en }),
    })
}

fn history(connection: &Connection, finding: i64) -> Result<Vec<HistoryRow>, StoreError> {
    let mut history: Vec<HistoryRow> = connection
        .prepare_cached("SELECT at, state FROM step WHERE finding = ? ORDER BY seq, number")?
        .query_map([finding], |row| {
            Ok(HistoryRow {
                at: row.get::<_, At>(0)?.0,
                what: Happened::Became(row.get::<_, Word<_>>(1)?.0),
            })
        })?
        .collect::<Result<_, _>>()?;
    let mut works = connection.prepare_cached("SELECT at, what, detail, by FROM work WHERE finding = ? ORDER BY id")?;
    for work in works.query_map([finding], |row| {
        Ok(HistoryRow {
            at: row.get::<_, At>(0)?.0,
            what: Happened::Worked {
                what: row.get::<_, Word<_>>(1)?.0,
                detail: row.get(2)?,
                by: row.get(3)?,
            },
        })
    })? {
        history.push(work?);
    }
    let mut decisions =
        connection.prepare_cached("SELECT at, what, reason, by FROM decision WHERE finding = ? ORDER BY id")?;
    for decision in decisions.query_map([finding], |row| {
        Ok(HistoryRow {
            at: row.get::<_, At>(0)?.0,
            what: Happened::Decided {
                what: row.get::<_, Word<_>>(1)?.0,
                reason: row.get(2)?,
                by: row.get(3)?,
            },
        })
    })? {
        history.push(decision?);
    }
    // Stable: what one side recorded stays in its order.
    history.sort_by_key(|row| row.at);
    Ok(history)
}

/// The conditions that a filter sets on `finding f`.
pub(super) fn conditions(filter: &FindingFilter) -> Conditions {
    let mut conditions = within(&filter.scope);
    conditions.and_if("f.state = ?", filter.state.map(|word| word.to_string()));
    conditions.and_if("f.severity = ?", filter.severity.map(|word| word.to_string()));
    conditions.and_if("f.sensitivity = ?", filter.sensitivity.map(|word| word.to_string()));
    conditions.and_if("f.rule = ?", filter.rule.map(|word| word.to_string()));
    conditions.and_if("f.kind = ?", filter.place.map(|word| word.to_string()));
    conditions.and_if("f.app = ?", filter.app.map(|word| word.to_string()));
    let device = filter.device.map(|id| id.0.as_bytes().to_vec());
    conditions.and_if("f.device = (SELECT key FROM device WHERE id = ?)", device);
    conditions.and_if(
        "f.device IN (SELECT key FROM device WHERE grp = ?)",
        filter.group.clone(),
    );
    conditions.and_if("f.assignee = ?", filter.assignee.clone());
    if filter.to_judge {
        conditions.and("f.judged IS NULL AND f.state IN ('justified', 'dismissed')");
    }
    conditions.and_if_either(
        "(f.search LIKE ? ESCAPE '\\' OR f.device IN (SELECT key FROM device WHERE search LIKE ? ESCAPE '\\'))",
        filter.text.as_deref().map(containing),
    );
    conditions
}

/// The kind of a finding's place and its app, to order by.
pub(super) const PLACE: &str = "f.kind || ' ' || coalesce(f.app, '')";

/// The name of a finding's device, to order by.
pub(super) const DEVICE: &str = "(SELECT name FROM device WHERE key = f.device)";

/// What orders findings that are alike.
const THEN: &str = "f.changed_at DESC, f.key DESC";

fn list(connection: &Connection, filter: &FindingFilter, paging: Paging) -> Result<Page<FindingRow>, StoreError> {
    let conditions = conditions(filter);
    let (column, then) = match filter.order.by {
        FindingSort::Changed => ("f.changed_at", "f.key DESC"),
        FindingSort::Severity => ("instr('low medium high critical', f.severity)", THEN),
        FindingSort::File => ("f.search", THEN),
        FindingSort::Rule => ("f.rule", THEN),
        FindingSort::Place => (PLACE, THEN),
        FindingSort::Device => (DEVICE, THEN),
        FindingSort::State => (
            "instr('open noticed justified dismissed exempted resolved', f.state)",
            THEN,
        ),
    };
    let select = Select {
        columns: "f.key",
        from: "finding f",
        order: &ordered(column, filter.order.direction, then),
    };
    let page: Page<i64> = conditions.page(connection, &select, paging, |row| row.get(0))?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for key in page.rows {
        rows.extend(by_key(connection, key)?);
    }
    Ok(Page {
        rows,
        total: page.total,
    })
}

fn within(scope: &Scope) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and_within(
        "f.device IN (SELECT key FROM device WHERE grp IN (SELECT value FROM json_each(?)))",
        scope,
    );
    conditions
}

fn counts(connection: &Connection, scope: &Scope) -> Result<Vec<FindingCount>, StoreError> {
    let conditions = within(scope);
    let (conditions, values) = conditions.parts();
    let rows = connection
        .prepare_cached(&format!(
            "SELECT f.state, f.severity, count(*) FROM finding f{conditions} GROUP BY f.state, f.severity"
        ))?
        .query_map(params_from_iter(values), |row| {
            Ok(FindingCount {
                state: row.get::<_, Word<_>>(0)?.0,
                severity: row.get::<_, Word<_>>(1)?.0,
                count: unsigned(row.get(2)?),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn events(connection: &Connection, device: DeviceId, paging: Paging) -> Result<Page<EventRow>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("device = ?", Some(devices::key(connection, device)?));
    let select = Select {
        columns: "seq, at, body",
        from: "event",
        order: "seq DESC",
    };
    let read = |row: &Row<'_>| {
        Ok(EventRow {
            device,
            seq: unsigned(row.get(0)?),
            at: row.get::<_, At>(1)?.0,
            body: row.get::<_, Json<_>>(2)?.0,
        })
    };
    Ok(conditions.page(connection, &select, paging, read)?)
}
