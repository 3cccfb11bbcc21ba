//! Devices.

use fileward_protocol::chain::Head;
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::health::{Health, PlaceHealth};
use fileward_protocol::ids::{DeviceId, KeyedHash, LedgerId};
use fileward_protocol::vocabulary::Binding;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::filter::{Conditions, Select, containing, ordered};
use super::value::{At, Id, Json, Word};
use super::{Sqlite, audit, policies, signed, unsigned};
use crate::fingerprint;
use crate::store::audit::Action;
use crate::store::devices::{
    DeviceCounts, DeviceFilter, DeviceRow, DeviceSort, Devices, FingerprintRow, PlaceCount, PlaceFilter, PlaceRow,
    PlaceSort,
};
use crate::store::{By, Page, Paging, Reply, Scope, StoreError};

impl Devices for Sqlite {
    fn device(&self, id: DeviceId) -> Reply<Option<DeviceRow>> {
        self.read(move |connection| one(connection, id))
    }

    fn devices(&self, filter: DeviceFilter, paging: Paging) -> Reply<Page<DeviceRow>> {
        self.read(move |connection| list(connection, &filter, paging))
    }

    fn device_counts(&self, scope: Scope) -> Reply<DeviceCounts> {
        self.read(move |connection| counts(connection, &scope))
    }

    fn fingerprints(&self, id: DeviceId) -> Reply<Vec<FingerprintRow>> {
        self.read(move |connection| fingerprints(connection, id))
    }

    fn places(&self, filter: PlaceFilter, paging: Paging) -> Reply<Page<PlaceRow>> {
        self.read(move |connection| places(connection, &filter, paging))
    }

    fn place_counts(&self, scope: Scope) -> Reply<Vec<PlaceCount>> {
        self.read(move |connection| place_counts(connection, &scope))
    }

    fn set_binding(&self, id: DeviceId, binding: Binding, by: By) -> Reply<DeviceRow> {
        self.write(move |connection| set_binding(connection, id, binding, &by))
    }

    fn set_group(&self, id: DeviceId, group: Option<String>, by: By) -> Reply<()> {
        self.write(move |connection| set_group(connection, id, group.as_deref(), &by))
    }

    fn note_roots(&self, id: DeviceId, roots_serial: u64) -> Reply<()> {
        self.write(move |connection| {
            connection
                .prepare_cached("UPDATE device SET roots_serial = ? WHERE id = ?")?
                .execute(params![signed(roots_serial), Id(id.0)])?;
            Ok(())
        })
    }
}

pub(super) const COLUMNS: &str = "d.id, d.binding, d.name, d.grp, d.key_hash, d.fingerprint, d.health, d.ledger, d.head_seq, \
    d.head_hash, d.last_seen, d.enrolled_at, d.clone_suspected_at, d.roots_serial, \
    (SELECT count(*) FROM finding f WHERE f.device = d.key AND f.state = 'open')";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<DeviceRow> {
    Ok(DeviceRow {
        id: DeviceId(row.get::<_, Id>(0)?.0),
        binding: row.get::<_, Word<_>>(1)?.0,
        name: row.get(2)?,
        group: row.get(3)?,
        key_hash: row.get(4)?,
        fingerprint: row.get::<_, Json<_>>(5)?.0,
        health: row.get::<_, Option<Json<_>>>(6)?.map(|json| json.0),
        ledger: row.get::<_, Option<Id>>(7)?.map(|id| LedgerId(id.0)),
        head: Head {
            seq: unsigned(row.get(8)?),
            hash: KeyedHash(row.get(9)?),
        },
        last_seen: row.get::<_, At>(10)?.0,
        enrolled_at: row.get::<_, At>(11)?.0,
        clone_suspected_at: row.get::<_, Option<At>>(12)?.map(|at| at.0),
        roots_serial: unsigned(row.get(13)?),
        open_findings: unsigned(row.get(14)?),
    })
}

fn one(connection: &Connection, id: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
    let row = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM device d WHERE d.id = ?"))?
        .query_row([Id(id.0)], read)
        .optional()?;
    Ok(row)
}

/// The device with this number of the database's own.
pub(super) fn by_key(connection: &Connection, key: i64) -> Result<Option<DeviceRow>, StoreError> {
    let row = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM device d WHERE d.key = ?"))?
        .query_row([key], read)
        .optional()?;
    Ok(row)
}

/// The database's own number of a device.
pub(super) fn key(connection: &Connection, id: DeviceId) -> Result<i64, StoreError> {
    connection
        .prepare_cached("SELECT key FROM device WHERE id = ?")?
        .query_row([Id(id.0)], |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::not_found("device", id))
}

/// Devices with the number of their open findings, which are counted once for all of them.
const WITH_OPEN: &str = "device d LEFT JOIN \
    (SELECT device, count(*) AS number FROM finding WHERE state = 'open' GROUP BY device) o ON o.device = d.key";

fn list(connection: &Connection, filter: &DeviceFilter, paging: Paging) -> Result<Page<DeviceRow>, StoreError> {
    let mut conditions = within(&filter.scope);
    conditions.and_if("d.binding = ?", filter.binding.map(|binding| binding.to_string()));
    conditions.and_if("d.grp = ?", filter.group.clone());
    conditions.and_if("d.agent_version = ?", filter.version.clone());
    conditions.and_if("d.last_seen < ?", filter.silent_since.map(Timestamp::as_microsecond));
    conditions.and_if("d.search LIKE ? ESCAPE '\\'", filter.text.as_deref().map(containing));
    let column = match filter.order.by {
        DeviceSort::Name => "d.name",
        DeviceSort::Model => "concat_ws(' ', d.fingerprint ->> '$.vendor', d.fingerprint ->> '$.model')",
        DeviceSort::System => "concat_ws(' ', d.fingerprint ->> '$.os.name', d.fingerprint ->> '$.os.version')",
        DeviceSort::Binding => "instr('pending bound suspended retired', d.binding)",
        DeviceSort::Open => "coalesce(o.number, 0)",
        DeviceSort::LastSeen => "d.last_seen",
    };
    let select = Select {
        columns: COLUMNS,
        from: match filter.order.by {
            DeviceSort::Open => WITH_OPEN,
            _ => "device d",
        },
        order: &ordered(column, filter.order.direction, "d.name, d.key"),
    };
    Ok(conditions.page(connection, &select, paging, read)?)
}

fn within(scope: &Scope) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and_within("d.grp IN (SELECT value FROM json_each(?))", scope);
    conditions
}

fn counts(connection: &Connection, scope: &Scope) -> Result<DeviceCounts, StoreError> {
    let conditions = within(scope);
    let (conditions, values) = conditions.parts();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT d.binding, count(*) FROM device d{conditions} GROUP BY d.binding"
    ))?;
    let mut counts = DeviceCounts::default();
    for row in statement.query_map(params_from_iter(values), |row| {
        Ok((row.get::<_, Word<Binding>>(0)?.0, row.get(1)?))
    })? {
        let (binding, count) = row?;
        let field = match binding {
            Binding::Pending => &mut counts.pending,
            Binding::Bound => &mut counts.bound,
            Binding::Suspended => &mut counts.suspended,
            Binding::Retired => &mut counts.retired,
        };
        *field = unsigned(count);
    }
    Ok(counts)
}

fn fingerprints(connection: &Connection, id: DeviceId) -> Result<Vec<FingerprintRow>, StoreError> {
    let rows = connection
        .prepare_cached("SELECT at, fingerprint, changes FROM fingerprint WHERE device = ? ORDER BY number DESC")?
        .query_map([key(connection, id)?], |row| {
            Ok(FingerprintRow {
                at: row.get::<_, At>(0)?.0,
                fingerprint: row.get::<_, Json<_>>(1)?.0,
                changes: row.get::<_, Json<_>>(2)?.0,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn places(connection: &Connection, filter: &PlaceFilter, paging: Paging) -> Result<Page<PlaceRow>, StoreError> {
    let mut conditions = within(&filter.scope);
    match filter.device {
        Some(id) => conditions.and_if("p.device = ?", Some(key(connection, id)?)),
        None => conditions.and("d.binding = 'bound'"),
    }
    if filter.only_faulty {
        conditions.and("p.state <> 'ok'");
    }
    let column = match filter.order.by {
        PlaceSort::State => "instr('degraded unavailable ok', p.state)",
        PlaceSort::Place => "p.kind || ' ' || coalesce(p.app, '')",
        PlaceSort::Device => "d.name",
        PlaceSort::Since => "p.since",
    };
    let select = Select {
        columns: "d.id, d.name, p.place, p.since",
        from: "place p JOIN device d ON d.key = p.device",
        order: &ordered(column, filter.order.direction, "d.name, p.device, p.number"),
    };
    let read = |row: &Row<'_>| {
        Ok(PlaceRow {
            device: DeviceId(row.get::<_, Id>(0)?.0),
            device_name: row.get(1)?,
            place: row.get::<_, Json<_>>(2)?.0,
            since: row.get::<_, At>(3)?.0,
        })
    };
    Ok(conditions.page(connection, &select, paging, read)?)
}

fn place_counts(connection: &Connection, scope: &Scope) -> Result<Vec<PlaceCount>, StoreError> {
    let mut conditions = within(scope);
    conditions.and("d.binding = 'bound'");
    let (conditions, values) = conditions.parts();
    let rows = connection
        .prepare_cached(&format!(
            "SELECT p.place, count(*) FROM place p JOIN device d ON d.key = p.device{conditions} \
             GROUP BY p.place ORDER BY p.kind, p.app, p.place"
        ))?
        .query_map(params_from_iter(values), |row| {
            let place: PlaceHealth = row.get::<_, Json<_>>(0)?.0;
            Ok(PlaceCount {
                kind: place.kind,
                app: place.app,
                state: place.state,
                count: unsigned(row.get(1)?),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn set_binding(connection: &Connection, id: DeviceId, binding: Binding, by: &By) -> Result<DeviceRow, StoreError> {
    let mut device = one(connection, id)?.ok_or_else(|| StoreError::not_found("device", id))?;
    let action = match (device.binding, binding) {
        (from, to) if from == to => return Ok(device),
        (Binding::Retired, _) => {
            let why = format!("Device {id} is retired for good; enrol it again with a new token");
            return Err(StoreError::Conflict(why));
        }
        (_, Binding::Pending) => return Err(StoreError::Conflict("No device becomes pending again".to_owned())),
        (_, Binding::Bound) => Action::DeviceApproved,
        (_, Binding::Suspended) => Action::DeviceSuspended,
        (_, Binding::Retired) => Action::DeviceRetired,
    };
    connection.execute(
        "UPDATE device SET binding = ? WHERE id = ?",
        params![Word(binding), Id(id.0)],
    )?;
    audit::append(connection, by, action, id, "")?;
    device.binding = binding;
    Ok(device)
}

fn set_group(connection: &Connection, id: DeviceId, group: Option<&str>, by: &By) -> Result<(), StoreError> {
    let device = key(connection, id)?;
    let serial = policies::next_serial(connection, by.at)?;
    let changed = connection.execute(
        "UPDATE device SET grp = ?1, group_serial = ?2 WHERE key = ?3 AND grp IS NOT ?1",
        params![group, signed(serial), device],
    )?;
    if changed > 0 {
        audit::append(connection, by, Action::DeviceGroup, id, group.unwrap_or_default())?;
    }
    Ok(())
}

/// Keeps a fingerprint, if it differs from the last one.
pub(super) fn keep_fingerprint(
    connection: &Connection,
    device: i64,
    new: &Fingerprint,
    now: Timestamp,
) -> Result<(), StoreError> {
    let old: Option<Fingerprint> = connection
        .prepare_cached("SELECT fingerprint FROM fingerprint WHERE device = ? ORDER BY number DESC LIMIT 1")?
        .query_row([device], |row| Ok(row.get::<_, Json<_>>(0)?.0))
        .optional()?;
    if old.as_ref() == Some(new) {
        return Ok(());
    }
    let changes = old.map(|old| fingerprint::changes(&old, new)).unwrap_or_default();
    connection
        .prepare_cached("INSERT INTO fingerprint (device, at, fingerprint, changes) VALUES (?, ?, ?, ?)")?
        .execute(params![device, At(now), Json(new), Json(changes)])?;
    connection
        .prepare_cached("UPDATE device SET fingerprint = ?, name = ?, search = ?, agent_version = ? WHERE key = ?")?
        .execute(params![
            Json(new),
            fingerprint::name(new),
            fingerprint::search_text(new),
            new.agent_version,
            device
        ])?;
    Ok(())
}

/// Keeps a device's health and the state of its places. A place keeps its `since` while its state stays.
pub(super) fn keep_health(
    connection: &Connection,
    device: i64,
    new: &Health,
    now: Timestamp,
) -> Result<(), StoreError> {
    let old: Option<Health> = connection
        .prepare_cached("SELECT health FROM device WHERE key = ?")?
        .query_row([device], |row| Ok(row.get::<_, Option<Json<_>>>(0)?.map(|json| json.0)))?;
    connection
        .prepare_cached("UPDATE device SET health = ? WHERE key = ?")?
        .execute(params![Json(new), device])?;
    if old.is_some_and(|old| old.places == new.places) {
        return Ok(());
    }
    let mut known: Vec<(PlaceHealth, Timestamp)> = connection
        .prepare_cached("SELECT place, since FROM place WHERE device = ?")?
        .query_map([device], |row| {
            Ok((row.get::<_, Json<_>>(0)?.0, row.get::<_, At>(1)?.0))
        })?
        .collect::<Result<_, _>>()?;
    connection
        .prepare_cached("DELETE FROM place WHERE device = ?")?
        .execute([device])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO place (device, number, place, kind, app, state, since) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for (number, place) in (0_i64..).zip(&new.places) {
        let same = known.iter().position(|(old, _)| old == place);
        let since = same.map_or(now, |index| known.swap_remove(index).1);
        let app = place.app.map(Word);
        insert.execute(params![
            device,
            number,
            Json(place),
            Word(place.kind),
            app,
            fingerprint::state_word(place.state),
            At(since)
        ])?;
    }
    Ok(())
}
