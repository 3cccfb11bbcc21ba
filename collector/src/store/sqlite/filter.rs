//! Conditions of a query, put together from what a filter asks for. Values are always bound, never written into the text.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::{signed, unsigned};
use crate::store::{Page, Paging, Scope};

pub(super) use crate::store::filter::{Select, containing, ordered};

/// Conditions that all must hold.
#[derive(Default)]
pub(super) struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition without a value.
    pub(super) fn and(&mut self, condition: &'static str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }

    /// Adds a condition with one `?`, if there is a value.
    pub(super) fn and_if<T: Into<Value>>(&mut self, condition: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.and(condition);
            self.values.push(value.into());
        }
    }

    /// Adds that a device is in the scope; `condition` has one `?`, the groups as a JSON array.
    pub(super) fn and_within(&mut self, condition: &'static str, scope: &Scope) {
        if let Scope::Groups(groups) = scope {
            self.and_if(condition, Some(serde_json::json!(groups).to_string()));
        }
    }

    /// The conditions as they stand in a query, and their values in order.
    pub(super) fn parts(&self) -> (&str, impl Iterator<Item = &Value>) {
        (&self.sql, self.values.iter())
    }

    /// Adds a condition with two `?` that stand for the same, if there is a value.
    pub(super) fn and_if_either<T: Into<Value> + Clone>(&mut self, condition: &'static str, value: Option<T>) {
        if let Some(value) = value {
            self.and_if(condition, Some(value.clone()));
            self.values.push(value.into());
        }
    }

    /// A part of the rows that `select` gives under these conditions, and how many there are in all.
    pub(super) fn page<T>(
        &self,
        connection: &Connection,
        select: &Select<'_>,
        paging: Paging,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Page<T>> {
        let Select { columns, from, order } = select;
        let conditions = &self.sql;
        let total = connection
            .prepare_cached(&format!("SELECT count(*) FROM {from}{conditions}"))?
            .query_row(params_from_iter(&self.values), |row| row.get(0))?;
        let rows = connection
            .prepare_cached(&format!(
                "SELECT {columns} FROM {from}{conditions} ORDER BY {order} LIMIT ? OFFSET ?"
            ))?
            .query_map(params_from_iter(self.values.iter().chain(&window(paging))), read)?
            .collect::<Result<_, _>>()?;
        Ok(Page {
            rows,
            total: unsigned(total),
        })
    }

    /// The same for rows that are put together by the columns in `group`, in one pass: to count them is as much work as to
    /// give them. A part beyond the end knows of no others.
    pub(super) fn page_of_groups<T>(
        &self,
        connection: &Connection,
        select: &Select<'_>,
        group: &str,
        paging: Paging,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Page<T>> {
        let Select { columns, from, order } = select;
        let conditions = &self.sql;
        let mut total = 0;
        let rows = connection
            .prepare_cached(&format!(
                "SELECT {columns}, count(*) OVER () AS total FROM {from}{conditions} GROUP BY {group} \
                 ORDER BY {order} LIMIT ? OFFSET ?"
            ))?
            .query_map(params_from_iter(self.values.iter().chain(&window(paging))), |row| {
                total = unsigned(row.get("total")?);
                read(row)
            })?
            .collect::<Result<_, _>>()?;
        Ok(Page { rows, total })
    }
}

fn window(paging: Paging) -> [Value; 2] {
    [Value::from(i64::from(paging.limit)), Value::from(signed(paging.offset))]
}
