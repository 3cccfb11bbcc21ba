//! When places were not watched as they should be. Silence is a fault: each such time is reported once it is over.

use std::path::Path;

use anyhow::Result;
use fileward_protocol::health::PlaceState;
use fileward_protocol::report::{Body, Coverage, Place};
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::Entry;
use super::columns::{self, Time};

impl Entry<'_> {
    /// Notes a place's state. A time of blindness that ends waits for a sweep to look at what happened meanwhile.
    pub(crate) fn place_state(&self, root: &Path, place: Place, state: PlaceState, since: Timestamp) -> Result<()> {
        let mut query = self
            .database
            .prepare_cached("SELECT state, since FROM places WHERE root = ?1")?;
        let former: Option<(String, Time)> = query
            .query_row([columns::path(root)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let former = former
            .map(|(state, since)| Ok::<_, anyhow::Error>((columns::read_json::<PlaceState>(&state)?, since.0)))
            .transpose()?;
        let since = since.min(self.now);
        match former {
            Some((former, _)) if former == state => return Ok(()),
            Some((former, from)) if former != PlaceState::Ok => {
                self.report_gap(root, false)?;
                let coverage = Coverage {
                    place,
                    was: former,
                    from,
                    until: since.max(from),
                    swept: false,
                };
                self.database.execute(
                    "INSERT INTO gaps VALUES (?1, ?2)",
                    params![columns::path(root), columns::json(&coverage)?],
                )?;
            }
            _ => {}
        }
        self.database.execute(
            "INSERT INTO places VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET state = ?2, since = ?3",
            params![columns::path(root), columns::json(&state)?, Time(since)],
        )?;
        Ok(())
    }

    /// Notes that a sweep went through the place with this root, and whether it could look at all of it; places within it
    /// have sweeps of their own.
    pub(crate) fn swept(&self, root: &Path, whole: bool) -> Result<()> {
        self.report_gap(root, whole)
    }

    fn report_gap(&self, root: &Path, swept: bool) -> Result<()> {
        let mut query = self
            .database
            .prepare_cached("SELECT coverage FROM gaps WHERE root = ?1")?;
        let gap: Option<String> = query.query_row([columns::path(root)], |row| row.get(0)).optional()?;
        let Some(gap) = gap else { return Ok(()) };
        let gap: Coverage = columns::read_json(&gap)?;
        self.database
            .execute("DELETE FROM gaps WHERE root = ?1", [columns::path(root)])?;
        self.report(&Body::Coverage(Coverage { swept, ..gap }))
    }
}
