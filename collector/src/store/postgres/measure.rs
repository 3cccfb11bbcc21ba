//! Measuring the database.

use super::{Postgres, unsigned};
use crate::store::Reply;
use crate::store::measure::{Measure, Measured};

impl Measure for Postgres {
    fn measure(&self) -> Reply<Measured> {
        let waiting = self.writers.waiting();
        self.read(move |session| {
            session.query_one("SELECT pg_database_size(current_database())", &[], |row| {
                Ok(Measured {
                    waiting,
                    bytes: unsigned(row.get(0)?),
                })
            })
        })
    }
}
