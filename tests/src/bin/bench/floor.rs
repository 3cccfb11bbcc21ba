//! What a database alone can write, as `facts/baselines.md` measures it: rows of about 600 bytes, a key, two indexes, durable.

use std::time::Instant;

use postgres::{Client, NoTls};
use rusqlite::{Connection, params};

/// Rows a second in SQLite: so many batches of so many rows, each a transaction.
pub(crate) fn sqlite(batches: u64, rows: u64) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut connection = Connection::open(folder.path().join("floor.db")).expect("a database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             CREATE TABLE row (id INTEGER PRIMARY KEY, agent INTEGER, ts INTEGER, kind TEXT, hash BLOB, body TEXT); \
             CREATE INDEX by_agent ON row (agent, ts); CREATE INDEX by_hash ON row (hash);",
        )
        .expect("a table");
    let body = "x".repeat(600);
    let start = Instant::now();
    for batch in 0..batches {
        let transaction = connection.transaction().expect("a transaction");
        let mut insert = transaction
            .prepare_cached("INSERT INTO row (agent, ts, kind, hash, body) VALUES (?, ?, 'finding', ?, ?)")
            .expect("a statement");
        for row in 0..rows {
            let number = batch * rows + row;
            let hash = blake3::hash(&number.to_le_bytes());
            insert
                .execute(params![
                    (batch % 8).cast_signed(),
                    number.cast_signed(),
                    hash.as_bytes(),
                    body
                ])
                .expect("a row");
        }
        drop(insert);
        transaction.commit().expect("a commit");
    }
    (batches * rows) as f64 / start.elapsed().as_secs_f64()
}

/// The same in PostgreSQL, over one connection, a statement a batch.
pub(crate) fn postgres(address: &str, batches: u64, rows: u64) -> f64 {
    let mut client = Client::connect(address, NoTls).expect("a connection");
    client
        .batch_execute(
            "CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, agent bigint, ts bigint, kind text, \
             hash bytea, body text); \
             CREATE INDEX by_agent ON floor (agent, ts); CREATE INDEX by_hash ON floor (hash);",
        )
        .expect("a table");
    let insert = client
        .prepare(
            "INSERT INTO floor (agent, ts, kind, hash, body) \
             SELECT $1, n.ts, 'finding', n.hash, n.body FROM unnest($2::bigint[], $3::bytea[], $4::text[]) \
             AS n (ts, hash, body)",
        )
        .expect("a statement");
    let bodies = vec!["x".repeat(600); usize::try_from(rows).expect("a few rows")];
    let start = Instant::now();
    for batch in 0..batches {
        let numbers: Vec<i64> = (batch * rows..(batch + 1) * rows).map(u64::cast_signed).collect();
        let hash = |number: &i64| blake3::hash(&number.to_le_bytes()).as_bytes().to_vec();
        let hashes: Vec<Vec<u8>> = numbers.iter().map(hash).collect();
        client
            .execute(&insert, &[&(batch % 8).cast_signed(), &numbers, &hashes, &bodies])
            .expect("a batch");
    }
    (batches * rows) as f64 / start.elapsed().as_secs_f64()
}
