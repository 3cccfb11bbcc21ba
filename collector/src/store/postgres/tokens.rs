//! Enrolment tokens and enrolment.

use fileward_protocol::chain::Head;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::vocabulary::Binding;

use super::session::Session;
use super::value::{At, Hash, Id, Json, Word, clean};
use super::{Postgres, audit, devices, signed};
use crate::fingerprint;
use crate::store::audit::Action;
use crate::store::tokens::{Enrolled, Enrolment, NewToken, Tokens};
use crate::store::{Actor, By, Reply, StoreError};

impl Tokens for Postgres {
    fn add_token(&self, token: NewToken, by: By) -> Reply<()> {
        self.write(move |session| {
            let number: i64 = session.query_one(
                "INSERT INTO token (secret_hash, until, uses, auto_approve, grp) VALUES ($1, $2, $3, $4, $5) \
                 RETURNING key",
                &[
                    &Hash(token.secret_hash),
                    &At(token.until),
                    &i64::from(token.uses),
                    &token.auto_approve,
                    &token.group,
                ],
                |row| row.get(0),
            )?;
            let approve = if token.auto_approve { ", approves at once" } else { "" };
            let detail = format!("{} uses until {}{approve}", token.uses, token.until);
            audit::append(session, &by, Action::TokenCreated, number, &detail)
        })
    }

    fn knows_token(&self, secret_hash: [u8; 32]) -> Reply<bool> {
        self.read(move |session| session.exists("SELECT 1 FROM token WHERE secret_hash = $1", &[&Hash(secret_hash)]))
    }

    fn enrol(&self, enrolment: Enrolment) -> Reply<Enrolled> {
        self.write(move |session| enrol(session, &enrolment))
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

fn enrol(session: &mut Session<'_>, enrolment: &Enrolment) -> Result<Enrolled, StoreError> {
    let Some(token) = token(session, enrolment)? else {
        return Ok(Enrolled::TokenUnknown);
    };
    let known = known(session, enrolment)?;
    if let Some(device) = known.as_ref().filter(|device| device.token == token.key) {
        note(session, device.key, enrolment)?;
        return Ok(Enrolled::Yes(device.id, device.binding));
    }
    if token.expired {
        return Ok(Enrolled::TokenExpired);
    }
    if token.used_up {
        return Ok(Enrolled::TokenUsedUp);
    }
    session.execute("UPDATE token SET used = used + 1 WHERE key = $1", &[&token.key])?;
    let (key, id, binding) = match known {
        Some(device) => {
            session.execute(
                "UPDATE device SET token = $1 WHERE key = $2",
                &[&token.key, &device.key],
            )?;
            (device.key, device.id, device.binding)
        }
        None => add(session, enrolment, &token)?,
    };
    note(session, key, enrolment)?;
    let by = By {
        actor: Actor::Device(id),
        at: enrolment.now,
    };
    audit::append(
        session,
        &by,
        Action::DeviceEnrolled,
        id,
        &format!("token {}", token.key),
    )?;
    if !(token.auto_approve && binding == Binding::Pending) {
        return Ok(Enrolled::Yes(id, binding));
    }
    session.execute("UPDATE device SET binding = 'bound' WHERE key = $1", &[&key])?;
    audit::append(session, &by, Action::DeviceApproved, id, "by its token")?;
    Ok(Enrolled::Yes(id, Binding::Bound))
}

fn token(session: &mut Session<'_>, enrolment: &Enrolment) -> Result<Option<Token>, StoreError> {
    session.query_opt(
        "SELECT key, until <= $2, used >= uses, auto_approve, grp FROM token WHERE secret_hash = $1",
        &[&Hash(enrolment.secret_hash), &At(enrolment.now)],
        |row| {
            Ok(Token {
                key: row.get(0)?,
                expired: row.get(1)?,
                used_up: row.get(2)?,
                auto_approve: row.get(3)?,
                group: row.get(4)?,
            })
        },
    )
}

fn known(session: &mut Session<'_>, enrolment: &Enrolment) -> Result<Option<Known>, StoreError> {
    session.query_opt(
        "SELECT key, id, binding, token FROM device WHERE key_hash = $1 AND binding <> 'retired' ORDER BY key LIMIT 1",
        &[&Hash(enrolment.key_hash)],
        |row| {
            Ok(Known {
                key: row.get(0)?,
                id: DeviceId(row.get::<Id>(1)?.0),
                binding: row.get::<Word<_>>(2)?.0,
                token: row.get(3)?,
            })
        },
    )
}

fn add(
    session: &mut Session<'_>,
    enrolment: &Enrolment,
    token: &Token,
) -> Result<(i64, DeviceId, Binding), StoreError> {
    let id = DeviceId::new();
    let key = session.query_one(
        "INSERT INTO device (id, binding, name, grp, token, key_hash, fingerprint, search, head_hash, roots_serial, \
         last_seen, enrolled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) RETURNING key",
        &[
            &Id(id.0),
            &Word(Binding::Pending),
            &clean(fingerprint::name(&enrolment.fingerprint)),
            &token.group,
            &token.key,
            &Hash(enrolment.key_hash),
            &Json(&enrolment.fingerprint),
            &clean(fingerprint::search_text(&enrolment.fingerprint)),
            &Hash(Head::START.hash.0),
            &signed(enrolment.roots_serial),
            &At(enrolment.now),
        ],
        |row| row.get(0),
    )?;
    Ok((key, id, Binding::Pending))
}

fn note(session: &mut Session<'_>, device: i64, enrolment: &Enrolment) -> Result<(), StoreError> {
    devices::keep_fingerprint(session, device, &enrolment.fingerprint, enrolment.now)?;
    session.execute(
        "UPDATE device SET last_seen = $1, roots_serial = $2 WHERE key = $3",
        &[&At(enrolment.now), &signed(enrolment.roots_serial), &device],
    )?;
    Ok(())
}
