//! Work on findings.

mod act;
mod exemptions;
mod precision;
mod repeats;

use super::Postgres;
use crate::store::findings::FindingFilter;
use crate::store::work::{Act, Hindrance, PrecisionRow, RepeatRow, RepeatSort, Which, Work};
use crate::store::{By, Order, Page, Paging, Reply};

impl Work for Postgres {
    fn work(&self, on: Vec<Which>, act: Act, by: By) -> Reply<Vec<Result<(), Hindrance>>> {
        self.write(move |session| on.iter().map(|which| act::act(session, *which, &act, &by)).collect())
    }

    fn end_exemptions(&self, by: By) -> Reply<u64> {
        self.write(move |session| exemptions::end(session, &by))
    }

    fn repeat(&self, which: Which) -> Reply<u64> {
        self.read(move |session| repeats::number(session, which))
    }

    fn repeats(&self, filter: FindingFilter, order: Order<RepeatSort>, paging: Paging) -> Reply<Page<RepeatRow>> {
        self.read(move |session| repeats::groups(session, &filter, order, paging))
    }

    fn precision(&self) -> Reply<Vec<PrecisionRow>> {
        self.read(precision::by_rule)
    }
}
