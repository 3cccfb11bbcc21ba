//! "Is this a work file?": what is asked, and what was answered. A "no" is remembered by
//! user and content, here and nowhere else.

use std::path::{Path, PathBuf};

use anyhow::Result;
use fileward_places::UserId;
use fileward_policy::subject;
use fileward_protocol::ids::KeyedHash;
use fileward_protocol::report::Place;
use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::columns::{self, Hash, PathColumn, Time, User, Word};
use super::{Entry, Reader};
use crate::watch::FileId;

/// A question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) id: u64,
    pub(crate) path: PathBuf,
    pub(crate) owner: Option<UserId>,
    pub(crate) place: Place,
    pub(crate) content: KeyedHash,
    pub(crate) since: Timestamp,
}

const COLUMNS: &str = "id, path, owner, kind, app, content, since";

fn read(row: &Row<'_>) -> rusqlite::Result<Asked> {
    Ok(Asked {
        id: columns::read_count(row.get(0)?),
        path: row.get::<_, PathColumn>(1)?.0,
        owner: row.get::<_, Option<User>>(2)?.map(|user| user.0),
        place: Place {
            kind: row.get::<_, Word<_>>(3)?.0,
            app: row.get::<_, Option<Word<_>>>(4)?.map(|app| app.0),
        },
        content: row.get::<_, Hash>(5)?.0,
        since: row.get::<_, Time>(6)?.0,
    })
}

impl Reader<'_> {
    /// At most `most` open questions to `owner` (`None`: to everybody), newest first, and how many more there are.
    pub(crate) fn questions(&self, owner: Option<UserId>, most: usize) -> Result<(Vec<Asked>, usize)> {
        self.asked("(?1 IS NULL OR owner = ?1)", owner, most)
    }

    /// Every open question, newest first.
    #[cfg(test)]
    pub(crate) fn all_questions(&self) -> Result<Vec<Asked>> {
        Ok(self.questions(None, usize::MAX)?.0)
    }

    /// At most `most` open questions of which this user has not been told, and how many more there are.
    pub(crate) fn questions_to_notify(&self, owner: UserId, most: usize) -> Result<(Vec<Asked>, usize)> {
        self.asked("notify = 1 AND owner = ?1", Some(owner), most)
    }

    fn asked(&self, condition: &str, owner: Option<UserId>, most: usize) -> Result<(Vec<Asked>, usize)> {
        let sql = format!("SELECT count(*) FROM questions WHERE {condition}");
        let count: usize = self
            .database
            .prepare_cached(&sql)?
            .query_row([owner.map(User)], |row| row.get(0).map(columns::read_length))?;
        let sql = format!("SELECT {COLUMNS} FROM questions WHERE {condition} ORDER BY since DESC, id DESC LIMIT ?2");
        let mut query = self.database.prepare_cached(&sql)?;
        let rows = query.query_map(params![owner.map(User), columns::count(most as u64)], read)?;
        let asked: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
        let more = count.saturating_sub(asked.len());
        Ok((asked, more))
    }

    /// One open question.
    pub(crate) fn question(&self, id: u64) -> Result<Option<Asked>> {
        let sql = format!("SELECT {COLUMNS} FROM questions WHERE id = ?1");
        let mut query = self.database.prepare_cached(&sql)?;
        Ok(query.query_row([columns::count(id)], read).optional()?)
    }

    /// What a user answered about this content.
    pub(crate) fn answer(&self, owner: Option<UserId>, content: KeyedHash) -> Result<Option<subject::Answer>> {
        let mut query = self
            .database
            .prepare_cached("SELECT answer FROM answers WHERE content = ?1 AND owner IS ?2")?;
        let text: Option<String> = query
            .query_row(params![Hash(content), owner.map(User)], |row| row.get(0))
            .optional()?;
        text.as_deref().map(columns::read_json).transpose()
    }
}

impl Entry<'_> {
    /// Asks about a file. The same file asked about again keeps its question; other content makes it new.
    pub(crate) fn ask(
        &self,
        file: FileId,
        path: &Path,
        owner: Option<UserId>,
        place: Place,
        content: KeyedHash,
    ) -> Result<bool> {
        let (inode, device, born) = columns::file(file);
        self.database
            .prepare_cached("DELETE FROM questions WHERE path = ?1 AND (inode, device, born) <> (?2, ?3, ?4)")?
            .execute(params![columns::path(path), inode, device, born])?;
        let changed = self
            .database
            .prepare_cached(
                "INSERT INTO questions (inode, device, born, path, owner, content, kind, app, since, notify) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1) ON CONFLICT (inode, device, born) DO UPDATE SET \
                 path = ?4, owner = ?5, content = ?6, kind = ?7, app = ?8 WHERE (path, content) <> (?4, ?6)",
            )?
            .execute(params![
                inode,
                device,
                born,
                columns::path(path),
                owner.map(User),
                Hash(content),
                place.kind.as_str(),
                place.app.map(fileward_protocol::vocabulary::App::as_str),
                Time(self.now),
            ])?;
        Ok(changed > 0)
    }

    /// Takes back what was asked about a file, or about what lay at its path; says whether something was.
    pub(crate) fn no_question(&self, file: Option<FileId>, path: &Path) -> Result<bool> {
        let mut changed = self
            .database
            .prepare_cached("DELETE FROM questions WHERE path = ?1")?
            .execute([columns::path(path)])?;
        if let Some(file) = file {
            changed += self
                .database
                .prepare_cached("DELETE FROM questions WHERE inode = ?1 AND device = ?2 AND born = ?3")?
                .execute(columns::file(file))?;
        }
        Ok(changed > 0)
    }

    /// Remembers an answer. Every question to the same user about the same content is answered with it.
    pub(crate) fn answer_question(&self, asked: &Asked, answer: subject::Answer) -> Result<()> {
        let (content, owner) = (Hash(asked.content), asked.owner.map(User));
        for table in ["answers", "questions"] {
            let sql = format!("DELETE FROM {table} WHERE content = ?1 AND owner IS ?2");
            self.database.execute(&sql, params![content, owner])?;
        }
        self.database.execute(
            "INSERT INTO answers (content, owner, answer, at) VALUES (?1, ?2, ?3, ?4)",
            params![content, owner, columns::json(&answer)?, Time(self.now)],
        )?;
        Ok(())
    }

    /// Notes that this user has been told of every question.
    pub(crate) fn questions_notified(&self, owner: UserId) -> Result<()> {
        self.database
            .prepare_cached("UPDATE questions SET notify = 0 WHERE notify = 1 AND owner = ?1")?
            .execute([User(owner)])?;
        Ok(())
    }

    /// Notes when a user was shown a toast.
    pub(crate) fn toasted(&self, owner: UserId) -> Result<()> {
        self.database.execute(
            "INSERT INTO toasts VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = ?2",
            params![User(owner), Time(self.now)],
        )?;
        Ok(())
    }
}

impl Reader<'_> {
    /// When a user was last shown a toast.
    pub(crate) fn last_toast(&self, owner: UserId) -> Result<Option<Timestamp>> {
        let mut query = self.database.prepare_cached("SELECT at FROM toasts WHERE owner = ?1")?;
        Ok(query
            .query_row([User(owner)], |row| row.get::<_, Time>(0))
            .optional()?
            .map(|time| time.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{DESKTOP, begun, enter, file_id};
    use super::*;

    #[test]
    fn what_one_user_answers_says_nothing_about_anothers_copy() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let content = KeyedHash([3; 32]);
        let owners = [Some(1000.into()), Some(1001.into()), None];
        for (inode, owner) in (1..).zip(owners) {
            let path = PathBuf::from(format!("/data/{inode}.docx"));
            enter(&ledger, 1, |entry| {
                entry.ask(file_id(inode), &path, owner, DESKTOP, content).unwrap();
            });
        }
        let answers = || owners.map(|owner| ledger.read(|reader| reader.answer(owner, content)).unwrap());
        let waiting = || ledger.read(|reader| reader.all_questions()).unwrap();
        let of = |owner| waiting().into_iter().find(|asked| asked.owner == owner).unwrap();

        let (first, machine) = (of(owners[0]), of(None));
        enter(&ledger, 2, |entry| {
            entry.answer_question(&first, subject::Answer::Private).unwrap();
        });
        assert_eq!(answers(), [Some(subject::Answer::Private), None, None]);
        assert_eq!(waiting().len(), 2);

        for answer in [subject::Answer::Private, subject::Answer::Work] {
            enter(&ledger, 3, |entry| entry.answer_question(&machine, answer).unwrap());
            assert_eq!(answers(), [Some(subject::Answer::Private), None, Some(answer)]);
        }
        assert_eq!(waiting(), [of(owners[1])]);
    }
}
