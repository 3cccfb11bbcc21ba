//! Measuring the database.

use super::Postgres;
use super::unsigned;
use crate::store::Reply;
use crate::store::measure::{Measure, Measured};

impl Measure for Postgres {
    fn measure(&self) -> Reply<Measured> {
        let waiting = self.writers.waiting();
        self.read(move |session| {
            let bytes = session.query_one("SELECT pg_database_size(current_database())", &[], |row| {
                row.get(0).map(unsigned)
            })?;
            Ok(Measured { waiting, bytes })
        })
    }
}
