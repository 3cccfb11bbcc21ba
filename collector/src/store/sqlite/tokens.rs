//! Enrolment tokens and enrolment.

use fileward_protocol::chain::Head;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::Binding;
use rusqlite::{Connection, OptionalExtension, params};

use super::value::{At, Id, Json, Word};
use super::{Sqlite, audit, devices, signed};
use crate::fingerprint;
use crate::store::audit::Action;
use crate::store::tokens::{Enrolled, Enrolment, NewToken, Tokens};
use crate::store::{Actor, By, Reply, StoreError};

impl Tokens for Sqlite {
    fn add_token(&self, token: NewToken, by: By) -> Reply<()> {
        self.write(move |connection| {
            connection.execute(
                "INSERT INTO token (secret_hash, until, uses, auto_approve, grp) VALUES (?, ?, ?, ?, ?)",
                params![
                    token.secret_hash,
                    At(token.until),
                    token.uses,
                    token.auto_approve,
                    token.group
                ],
            )?;
            let number = connection.last_insert_rowid();
            let approve = if token.auto_approve { ", approves at once" } else { "" };
            let detail = format!("{} uses until {}{approve}", token.uses, token.until);
            audit::append(connection, &by, Action::TokenCreated, number, &detail)
        })
    }

    fn knows_token(&self, secret_hash: [u8; 32]) -> Reply<bool> {
        self.read(move |connection| {
            let known = connection
                .prepare_cached("SELECT 1 FROM token WHERE secret_hash = ?")?
                .exists([secret_hash])?;
            Ok(known)
        })
    }

    fn enrol(&self, enrolment: Enrolment) -> Reply<Enrolled> {
        self.write(move |connection| enrol(connection, &enrolment))
    }
}

struct Token {
    key: i64,
    expired: bool,
    used_up: bool,
    auto_approve: bool,
    group: Option<String>,
}

/// A device with this key that is not retired.
struct Known {
    key: i64,
    id: DeviceId,
    binding: Binding,
    token: i64,
}

fn enrol(connection: &Connection, enrolment: &Enrolment) -> Result<Enrolled, StoreError> {
    let Some(token) = token(connection, enrolment)? else {
        return Ok(Enrolled::TokenUnknown);
    };
    let known = known(connection, enrolment)?;
    if let Some(device) = known.as_ref().filter(|device| device.token == token.key) {
        note(connection, device.key, enrolment)?;
        return Ok(Enrolled::Yes(device.id, device.binding));
    }
    if token.expired {
        return Ok(Enrolled::TokenExpired);
    }
    if token.used_up {
        return Ok(Enrolled::TokenUsedUp);
    }
    connection.execute("UPDATE token SET used = used + 1 WHERE key = ?", [token.key])?;
    let (key, id, binding) = match known {
        Some(device) => {
            connection.execute("UPDATE device SET token = ? WHERE key = ?", [token.key, device.key])?;
            (device.key, device.id, device.binding)
        }
        None => add(connection, enrolment, &token)?,
    };
    note(connection, key, enrolment)?;
    let by = By {
        actor: Actor::Device(id),
        at: enrolment.now,
    };
    audit::append(
        connection,
        &by,
        Action::DeviceEnrolled,
        id,
        &format!("token {}", token.key),
    )?;
    if !(token.auto_approve && binding == Binding::Pending) {
        return Ok(Enrolled::Yes(id, binding));
    }
    connection.execute("UPDATE device SET binding = 'bound' WHERE key = ?", [key])?;
    audit::append(connection, &by, Action::DeviceApproved, id, "by its token")?;
    Ok(Enrolled::Yes(id, Binding::Bound))
}

fn token(connection: &Connection, enrolment: &Enrolment) -> Result<Option<Token>, StoreError> {
    let token = connection
        .prepare_cached("SELECT key, until <= ?2, used >= uses, auto_approve, grp FROM token WHERE secret_hash = ?1")?
        .query_row(params![enrolment.secret_hash, At(enrolment.now)], |row| {
            Ok(Token {
                key: row.get(0)?,
                expired: row.get(1)?,
                used_up: row.get(2)?,
                auto_approve: row.get(3)?,
                group: row.get(4)?,
            })
        })
        .optional()?;
    Ok(token)
}

fn known(connection: &Connection, enrolment: &Enrolment) -> Result<Option<Known>, StoreError> {
    let known = connection
        .prepare_cached("SELECT key, id, binding, token FROM device WHERE key_hash = ? AND binding <> 'retired'")?
        .query_row([enrolment.key_hash], |row| {
            Ok(Known {
                key: row.get(0)?,
                id: DeviceId(row.get::<_, Id>(1)?.0),
                binding: row.get::<_, Word<_>>(2)?.0,
                token: row.get(3)?,
            })
        })
        .optional()?;
    Ok(known)
}

fn add(connection: &Connection, enrolment: &Enrolment, token: &Token) -> Result<(i64, DeviceId, Binding), StoreError> {
    let id = DeviceId::new();
    connection.execute(
        "INSERT INTO device (id, binding, name, grp, token, key_hash, fingerprint, search, head_hash, roots_serial, \
         last_seen, enrolled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            Id(id.0),
            Word(Binding::Pending),
            fingerprint::name(&enrolment.fingerprint),
            token.group,
            token.key,
            enrolment.key_hash,
            Json(&enrolment.fingerprint),
            fingerprint::search_text(&enrolment.fingerprint),
            Head::START.hash.0,
            signed(enrolment.roots_serial),
            At(enrolment.now),
            At(enrolment.now)
        ],
    )?;
    Ok((connection.last_insert_rowid(), id, Binding::Pending))
}

fn note(connection: &Connection, device: i64, enrolment: &Enrolment) -> Result<(), StoreError> {
    devices::keep_fingerprint(connection, device, &enrolment.fingerprint, enrolment.now)?;
    connection.execute(
        "UPDATE device SET last_seen = ?, roots_serial = ? WHERE key = ?",
        params![At(enrolment.now), signed(enrolment.roots_serial), device],
    )?;
    Ok(())
}
