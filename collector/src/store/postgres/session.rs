//! One transaction, and the statements that its connection has prepared.

use std::collections::HashMap;

use postgres::types::{FromSql, ToSql};
use postgres::{Client, Statement};

use crate::store::StoreError;

/// The lock that changes hold, one after another. "Fwrd" and a number.
pub(super) const CHANGES: i64 = 0x4677_7264_0000_0001;

/// The lock that is shared by all who give numbers to rows, and is held alone, for a moment, by who reads them in order:
/// what commits later than it was numbered must not be passed.
pub(super) const NUMBERS: i64 = 0x4677_7264_0000_0002;

/// The most statements that a connection keeps prepared.
const STATEMENTS: usize = 256;

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It changes something.
    Change,
    /// It takes a report of one device.
    Report,
    /// It reads.
    Query,
    /// It reads what is numbered, in order.
    Settled,
}

impl Kind {
    /// What begins such a transaction; each text is one round trip.
    pub(super) fn begin(self) -> Vec<String> {
        let numbers = format!("SELECT pg_advisory_xact_lock_shared({NUMBERS})");
        match self {
            Self::Change => vec![format!(
                "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({CHANGES}); {numbers}"
            )],
            Self::Report => vec![format!("BEGIN ISOLATION LEVEL READ COMMITTED; {numbers}")],
            Self::Query => vec!["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned()],
            // What is read is the state at the first statement, which therefore can end the lock.
            Self::Settled => vec![
                format!("SELECT pg_advisory_lock({NUMBERS})"),
                format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_advisory_unlock({NUMBERS})"),
            ],
        }
    }
}

/// A running transaction.
pub(super) struct Session<'a> {
    client: &'a mut Client,
    statements: &'a mut HashMap<String, Statement>,
    kind: Kind,
    must_change: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(client: &'a mut Client, statements: &'a mut HashMap<String, Statement>, kind: Kind) -> Self {
        Self {
            client,
            statements,
            kind,
            must_change: false,
        }
    }

    /// Makes sure that changes wait for this one, before the audit trail is written.
    ///
    /// # Errors
    /// In a report: it then runs again, as a change.
    pub(super) fn must_change(&mut self) -> Result<(), StoreError> {
        if self.kind == Kind::Change {
            return Ok(());
        }
        self.must_change = true;
        Err(StoreError::Database("it must run as a change".into()))
    }

    /// Whether the work said that it must run as a change.
    pub(super) const fn is_to_change(&self) -> bool {
        self.must_change
    }

    /// All rows of a query.
    pub(super) fn query<T>(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        mut read: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let statement = self.prepare(sql)?;
        let rows = self.client.query(&statement, values)?;
        rows.into_iter().map(|row| read(&Row(row))).collect()
    }

    /// The row of a query, if there is one.
    pub(super) fn query_opt<T>(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        read: impl FnOnce(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let statement = self.prepare(sql)?;
        let row = self.client.query_opt(&statement, values)?;
        row.map(|row| read(&Row(row))).transpose()
    }

    /// The one row of a query.
    pub(super) fn query_one<T>(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        read: impl FnOnce(&Row) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let statement = self.prepare(sql)?;
        let row = self.client.query_one(&statement, values)?;
        read(&Row(row))
    }

    /// Changes rows and gives their number. An error ends the whole transaction: what may fail is asked before, or says
    /// `ON CONFLICT`.
    pub(super) fn execute(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        Ok(self.client.execute(&statement, values)?)
    }

    /// Whether the query has rows.
    pub(super) fn exists(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<bool, StoreError> {
        let statement = self.prepare(sql)?;
        Ok(!self.client.query(&statement, values)?.is_empty())
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// A row of a query.
pub(super) struct Row(postgres::Row);

impl Row {
    /// The value of a column.
    pub(super) fn get<'a, T: FromSql<'a>>(&'a self, column: usize) -> Result<T, StoreError> {
        self.0.try_get(column).map_err(|_| StoreError::Unreadable {
            what: format!("column {column} of a query"),
        })
    }

    /// The value of the last column.
    pub(super) fn last<'a, T: FromSql<'a>>(&'a self) -> Result<T, StoreError> {
        self.get(self.0.len().saturating_sub(1))
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        // A text with a zero character: nobody writes one by hand.
        if error.code() == Some(&postgres::error::SqlState::CHARACTER_NOT_IN_REPERTOIRE) {
            return Self::Conflict("A text holds a character that cannot be kept".to_owned());
        }
        Self::Database(error.into())
    }
}
