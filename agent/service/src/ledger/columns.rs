//! How the ledger's types are written in columns.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result};
use fileward_places::UserId;
use fileward_protocol::ids::KeyedHash;
use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::watch::{FileId, names};

/// A path, as the OS's own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathColumn(pub(crate) PathBuf);

impl FromSql for PathColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(names::name(value.as_blob()?.to_vec()).into()))
    }
}

/// The bytes of a path.
pub(crate) fn path(path: &Path) -> &[u8] {
    names::bytes(path.as_os_str())
}

/// A time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Timestamp);

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Timestamp::from_millisecond(value.as_i64()?)
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_millisecond().into())
    }
}

/// One of the protocol's fixed words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<T>(pub(crate) T);

impl<T: FromStr> FromSql for Word<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(FromSqlError::other)
    }
}

/// A user, as text: a number on Unix, a SID on Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User(pub(crate) UserId);

impl FromSql for User {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(FromSqlError::other)
    }
}

impl ToSql for User {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

/// A keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hash(pub(crate) KeyedHash);

impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(|bytes| Self(KeyedHash(bytes)))
    }
}

impl ToSql for Hash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0.0)))
    }
}

/// A file's identity in three columns: inode, device, birth time. SQLite has no unsigned numbers: the bits count.
pub(crate) fn file(id: FileId) -> (i64, i64, i64) {
    (id.inode.cast_signed(), id.device.cast_signed(), id.born)
}

/// Reads what [`file()`] wrote, from three columns in a row.
pub(crate) fn read_file(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Option<FileId>> {
    let Some(inode) = row.get::<_, Option<i64>>(first)? else {
        return Ok(None);
    };
    Ok(Some(FileId {
        inode: inode.cast_unsigned(),
        device: row.get::<_, i64>(first + 1)?.cast_unsigned(),
        born: row.get(first + 2)?,
    }))
}

/// Cuts a time to what a column holds, so that what was written equals what is read.
pub(crate) fn whole_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// A size or count for a column.
pub(crate) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A size or count from a column.
pub(crate) fn read_count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A number of rows.
pub(crate) fn read_length(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// JSON for a column.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).context("Failed to write JSON for the ledger")
}

/// JSON from a column.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).context("Failed to read JSON from the ledger")
}
