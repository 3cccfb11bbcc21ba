//! Work on findings.

mod act;
mod exemptions;
mod precision;
mod repeats;

use fileward_protocol::vocabulary::FindingState;
use rusqlite::{Connection, params};

use super::Sqlite;
use crate::store::findings::FindingFilter;
use crate::store::work::{Act, Hindrance, PrecisionRow, RepeatRow, RepeatSort, Which, Work};
use crate::store::{By, Order, Page, Paging, Reply, StoreError};

impl Work for Sqlite {
    fn work(&self, on: Vec<Which>, act: Act, by: By) -> Reply<Vec<Result<(), Hindrance>>> {
        self.write(move |connection| on.iter().map(|which| act::act(connection, *which, &act, &by)).collect())
    }

    fn end_exemptions(&self, by: By) -> Reply<u64> {
        self.write(move |connection| exemptions::end(connection, &by))
    }

    fn repeat(&self, which: Which) -> Reply<u64> {
        self.read(move |connection| repeats::number(connection, which))
    }

    fn repeats(&self, filter: FindingFilter, order: Order<RepeatSort>, paging: Paging) -> Reply<Page<RepeatRow>> {
        self.read(move |connection| repeats::groups(connection, &filter, order, paging))
    }

    fn precision(&self) -> Reply<Vec<PrecisionRow>> {
        self.read(precision::by_rule)
    }
}

/// Forgets what does not hold for a finding that its device moved on: whoever answers again is to be judged again, and
/// what offends again is to be seen to again.
pub(super) fn moved_on(
    connection: &Connection,
    finding: i64,
    before: FindingState,
    state: FindingState,
) -> Result<(), StoreError> {
    let forget = match (before.is_active(), state) {
        (_, FindingState::Justified | FindingState::Dismissed) => "judged = NULL, answer = NULL",
        (false, FindingState::Noticed | FindingState::Open) => {
            "acknowledged_at = NULL, judged = nullif(judged, 'accepted')"
        }
        _ => return Ok(()),
    };
    connection
        .prepare_cached(&format!("UPDATE finding SET {forget} WHERE key = ?"))?
        .execute(params![finding])?;
    Ok(())
}
