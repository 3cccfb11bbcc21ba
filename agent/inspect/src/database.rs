//! Databases in one file, as exports and programs leave them: the values of their rows.

pub(crate) mod dbf;
pub(crate) mod jet;
pub(crate) mod sqlite;
