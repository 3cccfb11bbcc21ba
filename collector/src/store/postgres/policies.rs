//! Policy documents and the serials of bundles.

use fileward_protocol::ids::DeviceId;
use jiff::Timestamp;

use super::session::Row;
use super::value::{At, Id};
use super::{Postgres, Session, audit, registers, signed, unsigned};
use crate::store::audit::Action;
use crate::store::people::UserId;
use crate::store::policies::{
    BundleParts, Draft, MOST_GROUPS, Policies, PolicyRow, Publication, Reach, WHY_LIMIT, is_within,
};
use crate::store::{By, Reply, StoreError};

impl Policies for Postgres {
    fn publish_policy(&self, publication: Publication, by: By) -> Reply<u64> {
        self.write(move |session| publish(session, &publication, &by))
    }

    fn publish_first_policy(&self, document: String, by: By) -> Reply<()> {
        self.write(move |session| {
            if one(session, None)?.is_none() {
                let first = Publication {
                    document: document.clone(),
                    why: FIRST.to_owned(),
                    groups: Vec::new(),
                };
                publish(session, &first, &by)?;
            }
            Ok(())
        })
    }

    fn withdraw_trial(&self, version: u64, why: String, by: By) -> Reply<()> {
        self.write(move |session| withdraw(session, version, &why, &by))
    }

    fn policy(&self, version: Option<u64>) -> Reply<Option<PolicyRow>> {
        self.read(move |session| one(session, version))
    }

    fn policies(&self) -> Reply<Vec<PolicyRow>> {
        self.read(|session| list(session, "TRUE"))
    }

    fn device_groups(&self) -> Reply<Vec<String>> {
        self.read(device_groups)
    }

    fn draft(&self, user: UserId) -> Reply<Option<Draft>> {
        self.read(move |session| {
            session.query_opt(
                "SELECT document, saved_at FROM policy_draft WHERE person = $1",
                &[&user.0],
                |row| {
                    let document = row.get(0)?;
                    let saved_at = row.get::<At>(1)?.0;
                    Ok(Draft { document, saved_at })
                },
            )
        })
    }

    fn keep_draft(&self, user: UserId, draft: Option<Draft>) -> Reply<()> {
        self.write(move |session| {
            let Some(draft) = &draft else {
                session.execute("DELETE FROM policy_draft WHERE person = $1", &[&user.0])?;
                return Ok(());
            };
            session.execute(
                "INSERT INTO policy_draft (person, document, saved_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (person) DO UPDATE SET document = excluded.document, saved_at = excluded.saved_at",
                &[&user.0, &draft.document, &At(draft.saved_at)],
            )?;
            Ok(())
        })
    }

    fn bundle_parts(&self, device: DeviceId) -> Reply<BundleParts> {
        self.read(move |session| {
            let (serial, group) = standing(session, device)?;
            Ok(BundleParts {
                serial,
                policy: of_group(session, group.as_deref())?
                    .ok_or_else(|| StoreError::not_found("policy", "in force"))?,
                group,
                filed: registers::filed(session)?,
            })
        })
    }
}

/// Why the first policy is published.
const FIRST: &str = "The collector's first policy";

/// The groups of a trial; none says that it is none.
const COLUMNS: &str = "version, document, published_at, published_by, why, ended_at, \
     array(SELECT t.grp FROM policy_trial t WHERE t.version = policy.version ORDER BY t.grp)";

/// Versions that were published to everybody.
const FOR_EVERYBODY: &str = "NOT EXISTS (SELECT 1 FROM policy_trial t WHERE t.version = policy.version)";

fn read(row: &Row) -> Result<PolicyRow, StoreError> {
    let groups: Vec<String> = row.get(6)?;
    let ended = row.get::<Option<At>>(5)?.map(|at| at.0);
    Ok(PolicyRow {
        version: unsigned(row.get(0)?),
        document: row.get(1)?,
        published_at: row.get::<At>(2)?.0,
        published_by: row.get(3)?,
        why: row.get(4)?,
        reach: if groups.is_empty() {
            Reach::Everybody
        } else {
            Reach::Trial { groups, ended }
        },
    })
}

fn one(session: &mut Session<'_>, version: Option<u64>) -> Result<Option<PolicyRow>, StoreError> {
    session.query_opt(
        &format!(
            "SELECT {COLUMNS} FROM policy WHERE version = $1 OR ($1 IS NULL AND {FOR_EVERYBODY}) \
             ORDER BY version DESC LIMIT 1"
        ),
        &[&version.map(signed)],
        read,
    )
}

/// Versions under a condition, newest first.
fn list(session: &mut Session<'_>, condition: &str) -> Result<Vec<PolicyRow>, StoreError> {
    session.query(
        &format!("SELECT {COLUMNS} FROM policy WHERE {condition} ORDER BY version DESC"),
        &[],
        read,
    )
}

/// The newest version that reaches a group.
fn of_group(session: &mut Session<'_>, group: Option<&str>) -> Result<Option<PolicyRow>, StoreError> {
    // Trials that last are newer than what everybody has, for that ends them.
    let trials = list(session, &format!("ended_at IS NULL AND NOT {FOR_EVERYBODY}"))?;
    match trials.into_iter().find(|trial| trial.reach.holds_for(group)) {
        Some(trial) => Ok(Some(trial)),
        None => one(session, None),
    }
}

fn publish(session: &mut Session<'_>, publication: &Publication, by: &By) -> Result<u64, StoreError> {
    let why = reason(&publication.why)?;
    let groups = known_groups(session, &publication.groups)?;
    if groups.is_empty() {
        session.execute(
            &format!("UPDATE policy SET ended_at = $1 WHERE ended_at IS NULL AND NOT {FOR_EVERYBODY}"),
            &[&At(by.at)],
        )?;
    }
    let version: i64 = session.query_one(
        "INSERT INTO policy (document, published_at, published_by, why) VALUES ($1, $2, $3, $4) RETURNING version",
        &[&publication.document, &At(by.at), &by.actor.to_string(), &why],
        |row| row.get(0),
    )?;
    session.execute(
        "INSERT INTO policy_trial (version, grp) SELECT $1, unnest($2::text[])",
        &[&version, &groups],
    )?;
    document_changed(session, by.at)?;
    let (action, detail) = if groups.is_empty() {
        (Action::PolicyPublished, why.to_owned())
    } else {
        (Action::PolicyTried, format!("{}: {why}", groups.join(", ")))
    };
    audit::append(session, by, action, version, &detail)?;
    Ok(unsigned(version))
}

fn withdraw(session: &mut Session<'_>, version: u64, why: &str, by: &By) -> Result<(), StoreError> {
    let why = reason(why)?;
    let row = one(session, Some(version))?.ok_or_else(|| StoreError::not_found("policy version", version))?;
    if !row.reach.is_on_trial() {
        return Err(StoreError::Conflict(format!("Version {version} is not on trial")));
    }
    session.execute(
        "UPDATE policy SET ended_at = $1 WHERE version = $2",
        &[&At(by.at), &signed(version)],
    )?;
    document_changed(session, by.at)?;
    audit::append(session, by, Action::TrialWithdrawn, version, why)
}

/// A reason as it is kept.
fn reason(why: &str) -> Result<&str, StoreError> {
    let why = why.trim();
    match why.chars().count() {
        0 => Err(StoreError::Conflict("Say in a sentence why".to_owned())),
        1..=WHY_LIMIT => Ok(why),
        _ => Err(StoreError::Conflict(format!(
            "Say why in at most {WHY_LIMIT} characters"
        ))),
    }
}

/// The groups of a trial, each once. One that reaches nobody is a slip.
fn known_groups(session: &mut Session<'_>, groups: &[String]) -> Result<Vec<String>, StoreError> {
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    if groups.len() > MOST_GROUPS {
        return Err(StoreError::Conflict(format!(
            "A trial is for at most {MOST_GROUPS} groups; publish it to everybody"
        )));
    }
    let known = device_groups(session)?;
    let strange = |group: &&String| !known.iter().any(|inner| is_within(inner, group));
    match groups.iter().find(strange) {
        Some(group) => Err(StoreError::Conflict(format!("No device is in the group \"{group}\""))),
        None => Ok(groups),
    }
}

fn device_groups(session: &mut Session<'_>) -> Result<Vec<String>, StoreError> {
    session.query(
        "SELECT DISTINCT grp FROM device WHERE grp IS NOT NULL AND binding <> 'retired' ORDER BY grp",
        &[],
        |row| row.get(0),
    )
}

/// Gives every device's bundle a new serial.
pub(super) fn document_changed(session: &mut Session<'_>, now: Timestamp) -> Result<(), StoreError> {
    let serial = next_serial(session, now)?;
    session.execute("UPDATE collector SET document_serial = $1", &[&signed(serial)])?;
    Ok(())
}

/// The next serial. It is at least the time in seconds, so that a database restored from a backup, which has forgotten
/// its last serials, does not give out any that devices would refuse as old.
pub(super) fn next_serial(session: &mut Session<'_>, now: Timestamp) -> Result<u64, StoreError> {
    session.query_one(
        "UPDATE collector SET last_serial = greatest(last_serial + 1, $1) RETURNING last_serial",
        &[&now.as_second()],
        |row| row.get(0).map(unsigned),
    )
}

/// A device's bundle serial and group.
fn standing(session: &mut Session<'_>, device: DeviceId) -> Result<(u64, Option<String>), StoreError> {
    let standing = session.query_opt(
        "SELECT greatest(d.group_serial, c.document_serial), d.grp FROM device d, collector c WHERE d.id = $1",
        &[&Id(device.0)],
        |row| Ok((unsigned(row.get(0)?), row.get(1)?)),
    )?;
    standing.ok_or_else(|| StoreError::not_found("device", device))
}
