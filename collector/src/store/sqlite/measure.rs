//! Measuring the database.

use std::fs;
use std::path::Path;

use super::Sqlite;
use crate::store::measure::{Measure, Measured};
use crate::store::{Reply, StoreError};

impl Measure for Sqlite {
    fn measure(&self) -> Reply<Measured> {
        let waiting = self.writer.waiting();
        let path = self.path.clone();
        Box::pin(async move {
            let log = path.with_extension("db-wal");
            let sizes = tokio::task::spawn_blocking(move || size(&path) + size(&log));
            let bytes = sizes.await.map_err(|error| StoreError::Database(error.into()))?;
            Ok(Measured { waiting, bytes })
        })
    }
}

/// The size of a file; none is as good as an empty one.
fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
