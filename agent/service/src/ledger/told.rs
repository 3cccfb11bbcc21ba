//! What was sent about the PC itself, byte for byte: the journal's part beside the reports.

use anyhow::Result;
use fileward_protocol::report::Request;
use jiff::Timestamp;
use rusqlite::params;

use super::columns::{self, Time, count, read_count};
use super::{Entry, Reader};

const FINGERPRINT: &str = "fingerprint";
const HEALTH: &str = "health";

/// A fingerprint or a health, as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Grows with each.
    pub(crate) id: u64,
    /// `fingerprint` or `health`.
    pub(crate) about: String,
    /// When it was sent; for what was repeated unchanged, the last time.
    pub(crate) sent_at: Timestamp,
    /// Its JSON, byte for byte.
    pub(crate) json: String,
}

impl Reader<'_> {
    /// A page of what was sent about the PC, oldest first, after an id.
    pub(crate) fn told(&self, after: u64, limit: u32) -> Result<Vec<Told>> {
        let sql = "SELECT id, about, sent_at, json FROM told WHERE id > ?1 ORDER BY id LIMIT ?2";
        let mut query = self.database.prepare_cached(sql)?;
        let rows = query.query_map(params![count(after), limit], |row| {
            Ok(Told {
                id: read_count(row.get(0)?),
                about: row.get(1)?,
                sent_at: row.get::<_, Time>(2)?.0,
                json: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Entry<'_> {
    /// Keeps what `request` tells of the PC itself: every fingerprint that differs from the one before, and the last
    /// health, so that heartbeats do not pile up.
    pub(crate) fn tells(&self, request: &Request) -> Result<()> {
        if let Some(fingerprint) = &request.fingerprint {
            let json = columns::json(fingerprint)?;
            let sql = "DELETE FROM told WHERE id = (SELECT max(id) FROM told WHERE about = ?1) AND json = ?2";
            self.database.prepare_cached(sql)?.execute([FINGERPRINT, &json])?;
            self.keep_told(FINGERPRINT, &json)?;
        }
        if let Some(health) = &request.health {
            let sql = "DELETE FROM told WHERE about = ?1";
            self.database.prepare_cached(sql)?.execute([HEALTH])?;
            self.keep_told(HEALTH, &columns::json(health)?)?;
        }
        Ok(())
    }

    fn keep_told(&self, about: &str, json: &str) -> Result<()> {
        self.database
            .prepare_cached("INSERT INTO told (about, sent_at, json) VALUES (?1, ?2, ?3)")?
            .execute(params![about, Time(self.now), json])?;
        Ok(())
    }

    /// Forgets what was sent about the PC before `before`, but for the last of each, which the collector holds; says
    /// how many.
    pub(super) fn prune_told(&self, before: Timestamp) -> Result<usize> {
        let sql = "DELETE FROM told WHERE sent_at < ?1 AND id NOT IN (SELECT max(id) FROM told GROUP BY about)";
        Ok(self.database.execute(sql, [Time(before)])?)
    }
}

#[cfg(test)]
mod tests {
    use fileward_protocol::fingerprint::Fingerprint;
    use fileward_protocol::health::Health;

    use super::super::testing::{at, begun, enter};
    use super::super::{Ledger, read_only};
    use super::*;

    fn tell(ledger: &Ledger, second: i64, users: Option<&[&str]>, waiting: Option<u64>) -> Request {
        let request = Request {
            protocol: fileward_protocol::VERSION,
            ledger: ledger.id(),
            boot: uuid::Uuid::nil(),
            sent_at: at(second),
            fingerprint: users.map(|users| Fingerprint {
                host_name: Some("pc-7".into()),
                users: users.iter().map(ToString::to_string).collect(),
                ..Fingerprint::default()
            }),
            health: waiting.map(|queue_waiting| Health {
                policy_version: 1,
                queue_waiting,
                queue_bytes: 0,
                noticed: 0,
                uninspectable: 0,
                unknown_detectors: Vec::new(),
                clock_offset_ms: 0,
                started_at: at(0),
                swept: true,
                places: Vec::new(),
            }),
            after: None,
            reports: Vec::new(),
            decisions_after: 0,
            disclosures_after: None,
        };
        enter(ledger, second, |entry| entry.tells(&request).unwrap());
        request
    }

    fn told(ledger: &Ledger) -> Vec<(String, Timestamp)> {
        let told = ledger.read(|reader| reader.told(0, 100)).unwrap();
        told.into_iter().map(|one| (one.about, one.sent_at)).collect()
    }

    #[test]
    fn what_was_told_is_kept_byte_for_byte_as_the_request_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let sent = serde_json::to_string(&tell(&ledger, 1, Some(&["wang"]), Some(3))).unwrap();
        let kept = read_only(folder.path(), |reader| reader.told(0, 100)).unwrap();
        assert_eq!(kept.len(), 2);
        for one in kept {
            assert!(sent.contains(&format!("\"{}\":{}", one.about, one.json)), "{one:?}");
        }
    }

    #[test]
    fn each_fingerprint_is_kept_once_and_of_health_only_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        tell(&ledger, 1, Some(&["wang"]), Some(1));
        tell(&ledger, 2, Some(&["wang"]), Some(2));
        tell(&ledger, 3, Some(&["li"]), None);
        tell(&ledger, 4, Some(&["wang"]), Some(1));
        let fingerprint = |second| (FINGERPRINT.to_owned(), at(second));
        assert_eq!(
            told(&ledger),
            [
                fingerprint(2),
                fingerprint(3),
                fingerprint(4),
                (HEALTH.to_owned(), at(4))
            ]
        );
    }

    #[test]
    fn pages_follow_one_another() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        tell(&ledger, 1, Some(&["wang"]), Some(1));
        let page = |after| ledger.read(|reader| reader.told(after, 1)).unwrap();
        let first = page(0).remove(0);
        let second = page(first.id).remove(0);
        assert_eq!((first.about.as_str(), second.about.as_str()), (FINGERPRINT, HEALTH));
        assert!(page(second.id).is_empty());
    }

    #[test]
    fn what_was_kept_long_enough_goes_but_for_what_the_collector_holds() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        tell(&ledger, 1, Some(&["wang"]), Some(1));
        tell(&ledger, 2, Some(&["li"]), None);
        assert_eq!(enter(&ledger, 9, |entry| entry.prune_journal(at(5)).unwrap()), 1);
        assert_eq!(
            told(&ledger),
            [(HEALTH.to_owned(), at(1)), (FINGERPRINT.to_owned(), at(2))]
        );
    }
}
