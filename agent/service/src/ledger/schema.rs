//! The database's schema: forward-only migrations, one file a version, none of which uses live types.

use anyhow::{Context as _, Result, bail};
use rusqlite::{Connection, TransactionBehavior};

/// Marks a database as Fileward's: `FwAg`.
pub(crate) const APPLICATION_ID: i32 = 0x4677_4167;

/// Each brings a database from the version before it to its own. A published one never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
    include_str!("migrations/7.sql"),
];

/// The version of a database's schema; 0 for a new one.
///
/// # Errors
/// When a newer Fileward has written it: what that keeps in it is not known here.
pub(crate) fn version(database: &Connection) -> Result<usize> {
    let newest = MIGRATIONS.len();
    let version: u32 = database
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .context("Failed to read the schema's version")?;
    let version = version as usize;
    if version > newest {
        bail!("it has version {version}, and this build knows up to {newest}; install the newer Fileward again");
    }
    Ok(version)
}

/// Brings a database to the newest schema.
///
/// # Errors
/// When the database was written by a newer version, or a migration fails: then it is as after the one before.
pub(crate) fn migrate(database: &mut Connection) -> Result<()> {
    migrate_by(MIGRATIONS, database)
}

fn migrate_by(migrations: &[&str], database: &mut Connection) -> Result<()> {
    let from = version(database)?;
    for (to, migration) in (1_u32..).zip(migrations).skip(from) {
        let step = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute_batch(migration)
            .with_context(|| format!("Failed to migrate the schema to version {to}"))?;
        step.pragma_update(None, "application_id", APPLICATION_ID)?;
        step.pragma_update(None, "user_version", to)?;
        step.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema_of(database: &Connection) -> Vec<String> {
        let mut query = database
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn a_second_migration_changes_nothing() {
        let mut database = Connection::open_in_memory().unwrap();
        migrate(&mut database).unwrap();
        let before = schema_of(&database);
        migrate(&mut database).unwrap();
        assert_eq!(schema_of(&database), before);
    }

    /// Keeps facts and a baseline row of `/a/b.docx`, as that version did.
    fn keep_a_file(database: &Connection, version: usize) {
        let (path, at) = if version < 7 {
            ("path", "CAST('/a/b.docx' AS BLOB)")
        } else {
            ("folder, name", "9, CAST('b.docx' AS BLOB)")
        };
        let (uid, user) = if version < 3 { (", uid", ", 1000") } else { ("", "") };
        let (finder, eight) = if version < 4 { ("", "") } else { (", finder", ", 8") };
        let rows = format!(
            "INSERT INTO baseline (folder, name, device, inode, born, size, modified, epoch{uid}) \
             VALUES (9, CAST('b.docx' AS BLOB), 1, 2, 3, 4, 5, 1{user}); \
             INSERT INTO facts (device, inode, born, size, modified, content, facts, judge_at, {path}{finder}) \
             VALUES (1, 2, 3, 4, 5, x'00', '{{}}', 6, {at}{eight});"
        );
        database.execute_batch(&rows).unwrap();
    }

    #[test]
    fn a_database_of_every_version_becomes_what_a_new_one_is_and_keeps_its_rows() {
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new).unwrap();
        for version in 1..=MIGRATIONS.len() {
            let mut database = Connection::open_in_memory().unwrap();
            migrate_by(&MIGRATIONS[..version], &mut database).unwrap();
            let rows = "INSERT INTO baseline_folder (id, path) VALUES (9, CAST('/a' AS BLOB));
                INSERT INTO toasts VALUES (1000, 7);
                INSERT INTO answers (content, owner, answer, at) VALUES (x'00', 1000, '\"private\"', 7);";
            database.execute_batch(rows).unwrap();
            keep_a_file(&database, version);
            migrate(&mut database).unwrap();
            assert_eq!(schema_of(&database), schema_of(&new), "from version {version}");
            let rows = database.query_row("SELECT count(*) FROM baseline_folder", [], |row| row.get::<_, u32>(0));
            assert_eq!(rows.unwrap(), 1);
            let facts = "SELECT device, inode, born, size, modified, judge_at, folder FROM facts \
                WHERE name = CAST('b.docx' AS BLOB) AND facts = '{}'";
            let numbers: Vec<i64> = database
                .query_row(facts, [], |row| (0..7).map(|at| row.get(at)).collect())
                .unwrap();
            assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 9]);
            for table in ["toasts", "answers"] {
                let user: String = database
                    .query_row(&format!("SELECT owner FROM {table}"), [], |row| row.get(0))
                    .unwrap();
                assert_eq!(user, "1000");
            }
        }
    }

    #[test]
    fn facts_are_kept_by_the_path_they_had_and_every_name_of_a_file_with_several() {
        let mut database = Connection::open_in_memory().unwrap();
        migrate_by(&MIGRATIONS[..6], &mut database).unwrap();
        let rows = r"INSERT INTO baseline_folder VALUES (1, CAST('/a' AS BLOB)), (2, CAST('/a/a' AS BLOB)),
                (3, CAST('D:\' AS BLOB)), (4, CAST('/' AS BLOB));
            INSERT INTO baseline (folder, name, device, inode, born, size, modified, epoch) VALUES
                (1, CAST('a.docx' AS BLOB), 1, 1, 1, 1, 1, 1), (2, CAST('a.docx' AS BLOB), 1, 1, 1, 1, 1, 1),
                (1, CAST('xa.docx' AS BLOB), 1, 1, 1, 1, 1, 1), (3, CAST('合同.docx' AS BLOB), 1, 2, 1, 1, 1, 1),
                (4, x'ff', 1, 3, 1, 1, 1, 1), (2, CAST('a.docx.old' AS BLOB), 2, 1, 1, 1, 1, 1);
            INSERT INTO facts (device, inode, born, size, modified, path, content, facts) VALUES
                (1, 1, 1, 1, 1, CAST('/a/a/a.docx' AS BLOB), x'00', 'hard links'),
                (1, 2, 1, 1, 1, CAST('D:\合同.docx' AS BLOB), x'00', 'of a drive'),
                (1, 3, 1, 1, 1, x'2fff', x'00', 'no text'),
                (1, 9, 1, 1, 1, CAST('/a/away.docx' AS BLOB), x'00', 'not judged');";
        database.execute_batch(rows).unwrap();
        migrate(&mut database).unwrap();
        let texts = |sql: &str| -> Vec<String> {
            let mut query = database.prepare(sql).unwrap();
            let rows = query.query_map([], |row| row.get(0)).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let kept = "SELECT folder || ' ' || facts FROM facts ORDER BY folder";
        assert_eq!(texts(kept), ["2 hard links", "3 of a drive", "4 no text"]);
        let names = "SELECT folder || ' ' || CAST(name AS TEXT) FROM other_names ORDER BY folder, name";
        assert_eq!(texts(names), ["1 a.docx", "1 xa.docx", "2 a.docx"]);
    }

    #[test]
    fn a_migration_that_fails_leaves_what_the_one_before_made() {
        let mut database = Connection::open_in_memory().unwrap();
        let broken = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
        let error = format!("{:#}", migrate_by(&broken, &mut database).unwrap_err());
        assert!(error.contains("version 2"), "{error}");
        assert_eq!(version(&database).unwrap(), 1);
        assert_eq!(schema_of(&database), ["CREATE TABLE a (x)"]);
    }
}
