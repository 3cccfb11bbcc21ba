//! Findings.

use std::collections::HashMap;

use fileward_protocol::ids::{DeviceId, FindingId};
use fileward_protocol::report::Finding;
use postgres::types::ToSql;

use super::filter::{Conditions, Select, containing, ordered};
use super::session::{Row, Session};
use super::value::{At, Id, Json, Word};
use super::{Postgres, devices, unsigned};
use crate::store::findings::{
    EventRow, FindingCount, FindingFilter, FindingRow, FindingSort, Findings, Happened, HistoryRow,
};
use crate::store::ladder::StepName;
use crate::store::work::Handling;
use crate::store::{Page, Paging, Reply, Scope, StoreError};

impl Findings for Postgres {
    fn finding(&self, device: DeviceId, id: FindingId) -> Reply<Option<FindingRow>> {
        self.read(move |session| {
            let key = session.query_opt(
                "SELECT f.key FROM finding f JOIN device d ON d.key = f.device WHERE d.id = $1 AND f.id = $2",
                &[&Id(device.0), &Id(id.0)],
                |row| row.get(0),
            )?;
            match key {
                Some(key) => by_key(session, key),
                None => Ok(None),
            }
        })
    }

    fn devices_of_finding(&self, id: FindingId) -> Reply<Vec<DeviceId>> {
        self.read(move |session| {
            session.query(
                "SELECT d.id FROM device d JOIN finding f ON f.device = d.key AND f.id = $1",
                &[&Id(id.0)],
                |row| Ok(DeviceId(row.get::<Id>(0)?.0)),
            )
        })
    }

    fn findings(&self, filter: FindingFilter, paging: Paging) -> Reply<Page<FindingRow>> {
        self.read(move |session| list(session, &filter, paging))
    }

    fn finding_counts(&self, scope: Scope) -> Reply<Vec<FindingCount>> {
        self.read(move |session| counts(session, &scope))
    }

    fn events(&self, device: DeviceId, paging: Paging) -> Reply<Page<EventRow>> {
        self.read(move |session| events(session, device, paging))
    }
}

const SELECT: &str = "SELECT f.key, d.id, d.name, d.grp, b.body, f.state, f.ended, f.resolution, f.changed_at, \
    f.assignee, f.acknowledged_at, f.exempt_until, f.judged, l.zh_cn, l.en \
    FROM unnest($1::bigint[]) WITH ORDINALITY wanted (key, place) JOIN finding f ON f.key = wanted.key \
    JOIN finding_body b ON b.finding = f.key JOIN device d ON d.key = f.device \
    LEFT JOIN ladder_step l ON l.id = f.ladder_step ORDER BY wanted.place";

/// The findings with these numbers of the database's own, in their order, each with its history.
pub(super) fn by_keys(session: &mut Session<'_>, keys: &[i64]) -> Result<Vec<FindingRow>, StoreError> {
    let rows = session.query(SELECT, &[&keys], read)?;
    let mut histories = histories(session, keys)?;
    let with_history = |(key, mut row): (i64, FindingRow)| {
        row.history = histories.remove(&key).unwrap_or_default();
        row
    };
    Ok(rows.into_iter().map(with_history).collect())
}

/// The finding with this number of the database's own, with its history.
pub(super) fn by_key(session: &mut Session<'_>, key: i64) -> Result<Option<FindingRow>, StoreError> {
    Ok(by_keys(session, &[key])?.pop())
}

/// Reads all but the history.
fn read(row: &Row) -> Result<(i64, FindingRow), StoreError> {
    let mut finding: Finding = row.get::<Json<_>>(4)?.0;
    finding.state = row.get::<Word<_>>(5)?.0;
    finding.ended = row.get::<Option<At>>(6)?.map(|at| at.0);
    finding.resolution = row.get::<Option<Word<_>>>(7)?.map(|word| word.0);
    let found = FindingRow {
        device: DeviceId(row.get::<Id>(1)?.0),
        device_name: row.get(2)?,
        group: row.get(3)?,
        finding,
        changed_at: row.get::<At>(8)?.0,
        handling: read_handling(row)?,
        history: Vec::new(),
    };
    Ok((row.get(0)?, found))
}

fn read_handling(row: &Row) -> Result<Handling, StoreError> {
    let zh_cn: Option<String> = row.get(13)?;
    let en: Option<String> = row.get(14)?;
    Ok(Handling {
        assignee: row.get(9)?,
        acknowledged_at: row.get::<Option<At>>(10)?.map(|at| at.0),
        exempt_until: row.get::<Option<At>>(11)?.map(|at| at.0),
        judged: row.get::<Option<Word<_>>>(12)?.map(|word| word.0),
        step: zh_cn.zip(en).map(|(zh_cn, en)| StepName { zh_cn, en }),
    })
}

/// What happened with each of the findings, in the order of time.
fn histories(session: &mut Session<'_>, keys: &[i64]) -> Result<HashMap<i64, Vec<HistoryRow>>, StoreError> {
    let keys: &[&(dyn ToSql + Sync)] = &[&keys];
    let mut rows: Vec<(i64, HistoryRow)> = session.query(
        "SELECT finding, at, state FROM step WHERE finding = ANY($1) ORDER BY finding, seq, number",
        keys,
        |row| at(row, Happened::Became(row.get::<Word<_>>(2)?.0)),
    )?;
    rows.extend(session.query(
        "SELECT finding, at, what, detail, by FROM work WHERE finding = ANY($1) ORDER BY id",
        keys,
        |row| {
            let what = Happened::Worked {
                what: row.get::<Word<_>>(2)?.0,
                detail: row.get(3)?,
                by: row.get(4)?,
            };
            at(row, what)
        },
    )?);
    rows.extend(session.query(
        "SELECT finding, at, what, reason, by FROM decision WHERE finding = ANY($1) ORDER BY id",
        keys,
        |row| {
            let what = Happened::Decided {
                what: row.get::<Word<_>>(2)?.0,
                reason: row.get(3)?,
                by: row.get(4)?,
            };
            at(row, what)
        },
    )?);
    // Stable: what one side recorded stays in its order.
    rows.sort_by_key(|(_, row)| row.at);
    let mut histories: HashMap<i64, Vec<HistoryRow>> = HashMap::new();
    for (key, row) in rows {
        histories.entry(key).or_default().push(row);
    }
    Ok(histories)
}

/// A row that begins with the finding and the time.
fn at(row: &Row, what: Happened) -> Result<(i64, HistoryRow), StoreError> {
    let at = row.get::<At>(1)?.0;
    Ok((row.get(0)?, HistoryRow { at, what }))
}

/// The conditions that a filter sets on `finding f`.
pub(super) fn conditions(filter: &FindingFilter) -> Conditions {
    let mut conditions = within(&filter.scope);
    conditions.and_if("f.state = ?", filter.state.map(Word));
    conditions.and_if("f.severity = ?", filter.severity.map(Word));
    conditions.and_if("f.sensitivity = ?", filter.sensitivity.map(Word));
    conditions.and_if("f.rule = ?", filter.rule.map(Word));
    conditions.and_if("f.kind = ?", filter.place.map(Word));
    conditions.and_if("f.app = ?", filter.app.map(Word));
    conditions.and_if(
        "f.device = (SELECT key FROM device WHERE id = ?)",
        filter.device.map(|id| Id(id.0)),
    );
    conditions.and_if(
        "f.device IN (SELECT key FROM device WHERE grp = ?)",
        filter.group.clone(),
    );
    conditions.and_if("f.assignee = ?", filter.assignee.clone());
    if filter.to_judge {
        conditions.and("f.judged IS NULL AND f.state IN ('justified', 'dismissed')");
    }
    conditions.and_if(
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

fn list(session: &mut Session<'_>, filter: &FindingFilter, paging: Paging) -> Result<Page<FindingRow>, StoreError> {
    let conditions = conditions(filter);
    let (column, then) = match filter.order.by {
        FindingSort::Changed => ("f.changed_at", "f.key DESC"),
        FindingSort::Severity => ("strpos('low medium high critical', f.severity)", THEN),
        FindingSort::File => ("f.search", THEN),
        FindingSort::Rule => ("f.rule", THEN),
        FindingSort::Place => (PLACE, THEN),
        FindingSort::Device => (DEVICE, THEN),
        FindingSort::State => (
            "strpos('open noticed justified dismissed exempted resolved', f.state)",
            THEN,
        ),
    };
    let select = Select {
        columns: "f.key",
        from: "finding f",
        order: &ordered(column, filter.order.direction, then),
    };
    let page: Page<i64> = conditions.page(session, &select, paging, |row| row.get(0))?;
    Ok(Page {
        rows: by_keys(session, &page.rows)?,
        total: page.total,
    })
}

fn within(scope: &Scope) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and_within("f.device IN (SELECT key FROM device WHERE grp = ANY(?))", scope);
    conditions
}

fn counts(session: &mut Session<'_>, scope: &Scope) -> Result<Vec<FindingCount>, StoreError> {
    let conditions = within(scope);
    let (conditions, values) = conditions.parts();
    let sql = format!("SELECT f.state, f.severity, count(*) FROM finding f{conditions} GROUP BY f.state, f.severity");
    session.query(&sql, &values, |row| {
        Ok(FindingCount {
            state: row.get::<Word<_>>(0)?.0,
            severity: row.get::<Word<_>>(1)?.0,
            count: unsigned(row.get(2)?),
        })
    })
}

fn events(session: &mut Session<'_>, device: DeviceId, paging: Paging) -> Result<Page<EventRow>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_if("device = ?", Some(devices::key(session, device)?));
    let select = Select {
        columns: "seq, at, body",
        from: "event",
        order: "seq DESC",
    };
    conditions.page(session, &select, paging, |row| {
        Ok(EventRow {
            device,
            seq: unsigned(row.get(0)?),
            at: row.get::<At>(1)?.0,
            body: row.get::<Json<_>>(2)?.0,
        })
    })
}
