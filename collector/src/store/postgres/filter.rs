//! Conditions of a query, put together from what a filter asks for. Values are always bound, never written into the text.

use postgres::types::ToSql;

use super::session::{Row, Session};
use super::{signed, unsigned};
use crate::store::{Page, Paging, Scope, StoreError};

pub(super) use crate::store::filter::{Select, containing, ordered};

/// A value that is bound.
pub(super) type Value = Box<dyn ToSql + Sync + Send>;

/// Conditions that all must hold.
#[derive(Default)]
pub(super) struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition without a value.
    pub(super) fn and(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }

    /// Adds a condition, if there is a value; every `?` in it stands for the value.
    pub(super) fn and_if<T: ToSql + Sync + Send + 'static>(&mut self, condition: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.values.push(Box::new(value));
            self.and(&condition.replace('?', &format!("${}", self.values.len())));
        }
    }

    /// Adds that a device is in the scope; `condition` has one `?`, the groups as an array.
    pub(super) fn and_within(&mut self, condition: &'static str, scope: &Scope) {
        if let Scope::Groups(groups) = scope {
            self.and_if(condition, Some(groups.clone()));
        }
    }

    /// The conditions as they stand in a query, and their values in order.
    pub(super) fn parts(&self) -> (&str, Vec<&(dyn ToSql + Sync)>) {
        let values = self.values.iter().map(|value| -> &(dyn ToSql + Sync) { &**value });
        (&self.sql, values.collect())
    }

    /// A part of the rows that `select` gives under these conditions, and how many there are in all.
    pub(super) fn page<T>(
        &self,
        session: &mut Session<'_>,
        select: &Select<'_>,
        paging: Paging,
        read: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Page<T>, StoreError> {
        let Select { columns, from, order } = select;
        let (conditions, mut values) = self.parts();
        let total = session.query_one(&format!("SELECT count(*) FROM {from}{conditions}"), &values, |row| {
            row.get(0)
        })?;
        let (limit, offset) = (i64::from(paging.limit), signed(paging.offset));
        values.extend::<[&(dyn ToSql + Sync); 2]>([&limit, &offset]);
        let window = window(values.len());
        let sql = format!("SELECT {columns} FROM {from}{conditions} ORDER BY {order} {window}");
        let rows = session.query(&sql, &values, read)?;
        Ok(Page {
            rows,
            total: unsigned(total),
        })
    }

    /// The same for rows that are put together by the columns in `group`, in one pass: to count them is as much work as to
    /// give them. A part beyond the end knows of no others.
    pub(super) fn page_of_groups<T>(
        &self,
        session: &mut Session<'_>,
        select: &Select<'_>,
        group: &str,
        paging: Paging,
        mut read: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Page<T>, StoreError> {
        let Select { columns, from, order } = select;
        let (conditions, mut values) = self.parts();
        let (limit, offset) = (i64::from(paging.limit), signed(paging.offset));
        values.extend::<[&(dyn ToSql + Sync); 2]>([&limit, &offset]);
        let window = window(values.len());
        let sql = format!(
            "SELECT {columns}, count(*) OVER () FROM {from}{conditions} GROUP BY {group} ORDER BY {order} {window}"
        );
        let mut total = 0;
        let rows = session.query(&sql, &values, |row| {
            total = unsigned(row.last()?);
            read(row)
        })?;
        Ok(Page { rows, total })
    }
}

/// The end of a query whose last two of `values` are the limit and the offset.
fn window(values: usize) -> String {
    format!("LIMIT ${} OFFSET ${values}", values - 1)
}
