//! Devices.

use fileward_protocol::chain::Head;
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::health::{Health, PlaceHealth};
use fileward_protocol::ids::{DeviceId, KeyedHash, LedgerId};
use fileward_protocol::vocabulary::Binding;
use jiff::Timestamp;

use super::filter::{Conditions, Select, containing};
use super::session::{Row, Session};
use super::value::{At, Hash, Id, Json, Word, clean};
use super::{Postgres, audit, policies, signed, unsigned};
use crate::fingerprint;
use crate::store::audit::Action;
use crate::store::devices::{
    DeviceCounts, DeviceFilter, DeviceRow, DeviceSort, Devices, FingerprintRow, PlaceCount, PlaceFilter, PlaceRow,
};
use crate::store::{By, Page, Paging, Reply, Scope, StoreError};

impl Devices for Postgres {
    fn device(&self, id: DeviceId) -> Reply<Option<DeviceRow>> {
        self.read(move |session| one(session, id))
    }

    fn devices(&self, filter: DeviceFilter, paging: Paging) -> Reply<Page<DeviceRow>> {
        self.read(move |session| list(session, &filter, paging))
    }

    fn device_counts(&self, scope: Scope) -> Reply<DeviceCounts> {
        self.read(move |session| counts(session, &scope))
    }

    fn fingerprints(&self, id: DeviceId) -> Reply<Vec<FingerprintRow>> {
        self.read(move |session| fingerprints(session, id))
    }

    fn places(&self, filter: PlaceFilter, paging: Paging) -> Reply<Page<PlaceRow>> {
        self.read(move |session| places(session, &filter, paging))
    }

    fn place_counts(&self, scope: Scope) -> Reply<Vec<PlaceCount>> {
        self.read(move |session| place_counts(session, &scope))
    }

    fn set_binding(&self, id: DeviceId, binding: Binding, by: By) -> Reply<DeviceRow> {
        self.write(move |session| set_binding(session, id, binding, &by))
    }

    fn set_group(&self, id: DeviceId, group: Option<String>, by: By) -> Reply<()> {
        self.write(move |session| set_group(session, id, group.as_deref(), &by))
    }

    fn note_roots(&self, id: DeviceId, roots_serial: u64) -> Reply<()> {
        self.write(move |session| {
            session.execute(
                "UPDATE device SET roots_serial = $1 WHERE id = $2",
                &[&signed(roots_serial), &Id(id.0)],
            )?;
            Ok(())
        })
    }
}

pub(super) const COLUMNS: &str = "d.id, d.binding, d.name, d.grp, d.key_hash, d.fingerprint, d.health, d.ledger, d.head_seq, \
    d.head_hash, d.last_seen, d.enrolled_at, d.clone_suspected_at, d.roots_serial, \
    (SELECT count(*) FROM finding f WHERE f.device = d.key AND f.state = 'open')";

pub(super) fn read(row: &Row) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        id: DeviceId(row.get::<Id>(0)?.0),
        binding: row.get::<Word<_>>(1)?.0,
        name: row.get(2)?,
        group: row.get(3)?,
        key_hash: row.get::<Hash>(4)?.0,
        fingerprint: row.get::<Json<_>>(5)?.0,
        health: row.get::<Option<Json<_>>>(6)?.map(|json| json.0),
        ledger: row.get::<Option<Id>>(7)?.map(|id| LedgerId(id.0)),
        head: Head {
            seq: unsigned(row.get(8)?),
            hash: KeyedHash(row.get::<Hash>(9)?.0),
        },
        last_seen: row.get::<At>(10)?.0,
        enrolled_at: row.get::<At>(11)?.0,
        clone_suspected_at: row.get::<Option<At>>(12)?.map(|at| at.0),
        roots_serial: unsigned(row.get(13)?),
        open_findings: unsigned(row.get(14)?),
    })
}

fn one(session: &mut Session<'_>, id: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
    session.query_opt(
        &format!("SELECT {COLUMNS} FROM device d WHERE d.id = $1"),
        &[&Id(id.0)],
        read,
    )
}

/// The device with this number of the database's own.
pub(super) fn by_key(session: &mut Session<'_>, key: i64) -> Result<Option<DeviceRow>, StoreError> {
    session.query_opt(
        &format!("SELECT {COLUMNS} FROM device d WHERE d.key = $1"),
        &[&key],
        read,
    )
}

/// The database's own number of a device.
pub(super) fn key(session: &mut Session<'_>, id: DeviceId) -> Result<i64, StoreError> {
    session
        .query_opt("SELECT key FROM device WHERE id = $1", &[&Id(id.0)], |row| row.get(0))?
        .ok_or_else(|| StoreError::not_found("device", id))
}

fn list(session: &mut Session<'_>, filter: &DeviceFilter, paging: Paging) -> Result<Page<DeviceRow>, StoreError> {
    let mut conditions = within(&filter.scope);
    conditions.and_if("d.binding = ?", filter.binding.map(Word));
    conditions.and_if("d.grp = ?", filter.group.clone());
    conditions.and_if("d.agent_version = ?", filter.version.clone());
    conditions.and_if("d.last_seen < ?", filter.silent_since.map(At));
    conditions.and_if("d.search LIKE ? ESCAPE '\\'", filter.text.as_deref().map(containing));
    let order = match (filter.sort, filter.descending) {
        (DeviceSort::Name, false) => "d.name, d.key",
        (DeviceSort::Name, true) => "d.name DESC, d.key DESC",
        (DeviceSort::LastSeen, false) => "d.last_seen, d.key",
        (DeviceSort::LastSeen, true) => "d.last_seen DESC, d.key DESC",
    };
    let select = Select {
        columns: COLUMNS,
        from: "device d",
        order,
    };
    conditions.page(session, &select, paging, read)
}

fn within(scope: &Scope) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and_within("d.grp = ANY(?)", scope);
    conditions
}

fn counts(session: &mut Session<'_>, scope: &Scope) -> Result<DeviceCounts, StoreError> {
    let conditions = within(scope);
    let (conditions, values) = conditions.parts();
    let sql = format!("SELECT d.binding, count(*) FROM device d{conditions} GROUP BY d.binding");
    let rows = session.query(&sql, &values, |row| Ok((row.get::<Word<Binding>>(0)?.0, row.get(1)?)))?;
    let mut counts = DeviceCounts::default();
    for (binding, count) in rows {
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

fn fingerprints(session: &mut Session<'_>, id: DeviceId) -> Result<Vec<FingerprintRow>, StoreError> {
    let device = key(session, id)?;
    session.query(
        "SELECT at, fingerprint, changes FROM fingerprint WHERE device = $1 ORDER BY number DESC",
        &[&device],
        |row| {
            Ok(FingerprintRow {
                at: row.get::<At>(0)?.0,
                fingerprint: row.get::<Json<_>>(1)?.0,
                changes: row.get::<Json<_>>(2)?.0,
            })
        },
    )
}

fn places(session: &mut Session<'_>, filter: &PlaceFilter, paging: Paging) -> Result<Page<PlaceRow>, StoreError> {
    let mut conditions = within(&filter.scope);
    match filter.device {
        Some(id) => conditions.and_if("p.device = ?", Some(key(session, id)?)),
        None => conditions.and("d.binding = 'bound'"),
    }
    if filter.only_faulty {
        conditions.and("p.state <> 'ok'");
    }
    let select = Select {
        columns: "d.id, d.name, p.place, p.since",
        from: "place p JOIN device d ON d.key = p.device",
        order: "p.state = 'ok', d.name, p.device, p.number",
    };
    conditions.page(session, &select, paging, |row| {
        Ok(PlaceRow {
            device: DeviceId(row.get::<Id>(0)?.0),
            device_name: row.get(1)?,
            place: row.get::<Json<_>>(2)?.0,
            since: row.get::<At>(3)?.0,
        })
    })
}

fn place_counts(session: &mut Session<'_>, scope: &Scope) -> Result<Vec<PlaceCount>, StoreError> {
    let mut conditions = within(scope);
    conditions.and("d.binding = 'bound'");
    let (conditions, values) = conditions.parts();
    // Places without an app stand first, as in SQLite.
    let sql = format!(
        "SELECT p.place, count(*) FROM place p JOIN device d ON d.key = p.device{conditions} \
         GROUP BY p.place, p.kind, p.app ORDER BY p.kind, p.app NULLS FIRST, p.place"
    );
    session.query(&sql, &values, |row| {
        let place: PlaceHealth = row.get::<Json<_>>(0)?.0;
        Ok(PlaceCount {
            kind: place.kind,
            app: place.app,
            state: place.state,
            count: unsigned(row.get(1)?),
        })
    })
}

fn set_binding(session: &mut Session<'_>, id: DeviceId, binding: Binding, by: &By) -> Result<DeviceRow, StoreError> {
    let mut device = one(session, id)?.ok_or_else(|| StoreError::not_found("device", id))?;
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
    session.execute(
        "UPDATE device SET binding = $1 WHERE id = $2",
        &[&Word(binding), &Id(id.0)],
    )?;
    audit::append(session, by, action, id, "")?;
    device.binding = binding;
    Ok(device)
}

fn set_group(session: &mut Session<'_>, id: DeviceId, group: Option<&str>, by: &By) -> Result<(), StoreError> {
    let device = key(session, id)?;
    let serial = policies::next_serial(session, by.at)?;
    let changed = session.execute(
        "UPDATE device SET grp = $1, group_serial = $2 WHERE key = $3 AND grp IS DISTINCT FROM $1",
        &[&group, &signed(serial), &device],
    )?;
    if changed > 0 {
        audit::append(session, by, Action::DeviceGroup, id, group.unwrap_or_default())?;
    }
    Ok(())
}

/// Keeps a fingerprint, if it differs from the last one.
pub(super) fn keep_fingerprint(
    session: &mut Session<'_>,
    device: i64,
    new: &Fingerprint,
    now: Timestamp,
) -> Result<(), StoreError> {
    let old: Option<Fingerprint> = session.query_opt(
        "SELECT fingerprint FROM fingerprint WHERE device = $1 ORDER BY number DESC LIMIT 1",
        &[&device],
        |row| Ok(row.get::<Json<_>>(0)?.0),
    )?;
    if old.as_ref() == Some(new) {
        return Ok(());
    }
    let changes = old.map(|old| fingerprint::changes(&old, new)).unwrap_or_default();
    session.execute(
        "INSERT INTO fingerprint (device, at, fingerprint, changes) VALUES ($1, $2, $3, $4)",
        &[&device, &At(now), &Json(new), &Json(changes)],
    )?;
    session.execute(
        "UPDATE device SET fingerprint = $1, name = $2, search = $3, agent_version = $4 WHERE key = $5",
        &[
            &Json(new),
            &clean(fingerprint::name(new)),
            &clean(fingerprint::search_text(new)),
            &clean(new.agent_version.clone()),
            &device,
        ],
    )?;
    Ok(())
}

/// Keeps a device's health and the state of its places. A place keeps its `since` while its state stays.
pub(super) fn keep_health(
    session: &mut Session<'_>,
    device: i64,
    new: &Health,
    now: Timestamp,
) -> Result<(), StoreError> {
    let old: Option<Health> = session.query_one("SELECT health FROM device WHERE key = $1", &[&device], |row| {
        Ok(row.get::<Option<Json<_>>>(0)?.map(|json| json.0))
    })?;
    session.execute("UPDATE device SET health = $1 WHERE key = $2", &[&Json(new), &device])?;
    if old.is_some_and(|old| old.places == new.places) {
        return Ok(());
    }
    let mut known: Vec<(PlaceHealth, Timestamp)> = session.query(
        "DELETE FROM place WHERE device = $1 RETURNING place, since",
        &[&device],
        |row| Ok((row.get::<Json<_>>(0)?.0, row.get::<At>(1)?.0)),
    )?;
    for (number, place) in (0_i64..).zip(&new.places) {
        let same = known.iter().position(|(old, _)| old == place);
        let since = same.map_or(now, |index| known.swap_remove(index).1);
        session.execute(
            "INSERT INTO place (device, number, place, kind, app, state, since) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &device,
                &number,
                &Json(place),
                &Word(place.kind),
                &place.app.map(Word),
                &fingerprint::state_word(place.state),
                &At(since),
            ],
        )?;
    }
    Ok(())
}
