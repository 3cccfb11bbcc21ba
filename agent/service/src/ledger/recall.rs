//! What of the ledger concerns a file that is about to be judged. Most files of a sweep are met for the first time, and one
//! question that says so is much cheaper than to look into every table.

use std::path::Path;

use anyhow::Result;
use fileward_places::UserId;
use fileward_policy::subject::Answer;
use fileward_protocol::ids::KeyedHash;
use rusqlite::params;

use super::Reader;
use super::columns::{self, Hash, User};
use crate::watch::{FileId, baseline};

/// What of the ledger concerns a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recalled {
    /// Whether anything is kept of the file itself, or of another one that lay at its path: a finding, a question, facts
    /// of that other one or of itself elsewhere, or that it killed the worker.
    pub(crate) is_known: bool,
    /// What its owner answered about its content.
    pub(crate) answer: Option<Answer>,
    /// Whether its content lies, or lay, in a store.
    pub(crate) store_copy: bool,
}

pub(super) const RECALL: &str = "SELECT \
    EXISTS (SELECT 1 FROM findings WHERE inode = ?1 AND device = ?2 AND born = ?3) \
    OR EXISTS (SELECT 1 FROM findings WHERE path = ?4) \
    OR EXISTS (SELECT 1 FROM questions WHERE inode = ?1 AND device = ?2 AND born = ?3) \
    OR EXISTS (SELECT 1 FROM questions WHERE path = ?4) \
    OR EXISTS (SELECT 1 FROM poison WHERE inode = ?1 AND device = ?2 AND born = ?3) \
    OR EXISTS (SELECT 1 FROM facts WHERE folder = here.id AND name = ?5 AND (inode, device, born) <> (?1, ?2, ?3)) \
    OR EXISTS (SELECT 1 FROM facts WHERE inode = ?1 AND device = ?2 AND born = ?3 \
               AND (folder, name) IS NOT (here.id, ?5)), \
    (SELECT answer FROM answers WHERE content = ?7 AND owner IS ?8), \
    EXISTS (SELECT 1 FROM store_contents WHERE content = ?7) \
    FROM (SELECT 1) LEFT JOIN baseline_folder AS here ON here.path = ?6";

impl Reader<'_> {
    /// What concerns the file at `path` with this content, of a place of `owner`.
    pub(crate) fn recall(
        &self,
        file: FileId,
        path: &Path,
        content: KeyedHash,
        owner: Option<UserId>,
    ) -> Result<Recalled> {
        let (inode, device, born) = columns::file(file);
        let (folder, name) = baseline::split(path)?;
        let params = params![
            inode,
            device,
            born,
            columns::path(path),
            name,
            folder,
            Hash(content),
            owner.map(User)
        ];
        let mut query = self.database.prepare_cached(RECALL)?;
        let (is_known, answer, store_copy): (bool, Option<String>, bool) =
            query.query_row(params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Recalled {
            is_known,
            answer: answer.as_deref().map(columns::read_json).transpose()?,
            store_copy,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::testing::{DESKTOP, begun, enter, file_id, offence};
    use super::super::{Entry, Finder, Ledger};
    use super::*;
    use crate::watch::Stat;

    const OTHER: KeyedHash = KeyedHash([99; 32]);

    fn path(inode: u64) -> PathBuf {
        offence(inode, 0).path
    }

    fn stat(inode: u64) -> Stat {
        Stat {
            id: file_id(inode),
            size: 5000,
            modified: 1,
        }
    }

    fn is_known(ledger: &Ledger, inode: u64, path: &Path) -> bool {
        let recalled = ledger.read(|reader| reader.recall(file_id(inode), path, OTHER, None));
        recalled.unwrap().is_known
    }

    #[test]
    fn whatever_is_kept_of_a_file_or_of_its_path_makes_it_known() {
        let asked = |entry: &mut Entry<'_>| assert!(entry.ask(file_id(1), &path(1), None, DESKTOP, OTHER).unwrap());
        let offended = |entry: &mut Entry<'_>| entry.offends(&offence(1, 0)).unwrap();
        let kept: [&dyn Fn(&mut Entry<'_>); 2] = [&asked, &offended];
        for keep in kept {
            let folder = tempfile::tempdir().unwrap();
            let ledger = begun(folder.path());
            assert!(!is_known(&ledger, 1, &path(1)));
            enter(&ledger, 1, keep);
            assert!(is_known(&ledger, 1, &path(1)));
            assert!(is_known(&ledger, 1, &path(2)), "it has moved");
            assert!(is_known(&ledger, 2, &path(1)), "another file took its path");
            assert!(!is_known(&ledger, 2, &path(2)));
        }
    }

    #[test]
    fn a_file_is_known_by_facts_only_of_another_one_or_of_itself_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let facts = serde_json::json!({
            "kind": "docx", "media_type": "", "family": "document", "size": 5000, "content": OTHER,
            "encryption": {"state": "none", "method": null}, "text": {"state": "none", "chars": 0},
        });
        let facts = serde_json::from_value(facts).unwrap();
        enter(&ledger, 1, |entry| {
            entry
                .remember(&stat(1), &path(1), &facts, Finder::new(&[]), None)
                .unwrap();
        });
        assert!(!is_known(&ledger, 1, &path(1)));
        assert!(is_known(&ledger, 2, &path(1)));
        assert!(is_known(&ledger, 1, &path(2)));
        enter(&ledger, 2, |entry| entry.takes(file_id(2), &path(1)).unwrap());
        assert!(!is_known(&ledger, 2, &path(1)));
    }

    #[test]
    fn a_file_that_killed_the_worker_is_known_until_it_is_harmless() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        enter(&ledger, 1, |entry| assert_eq!(entry.killed(&stat(1)).unwrap(), 1));
        assert!(is_known(&ledger, 1, &path(1)));
        enter(&ledger, 2, |entry| entry.harmless(file_id(1)).unwrap());
        assert!(!is_known(&ledger, 1, &path(1)));
    }

    #[test]
    fn what_was_answered_and_what_lay_in_a_store_is_recalled_by_content() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let (owner, content) = (Some(1000.into()), KeyedHash([3; 32]));
        enter(&ledger, 1, |entry| {
            entry.ask(file_id(1), &path(1), owner, DESKTOP, content).unwrap();
            let (asked, _) = entry.reader().questions(owner, 1).unwrap();
            entry.answer_question(&asked[0], Answer::Private).unwrap();
            entry.stored(Path::new("/store/1.docx"), OTHER).unwrap();
        });
        let recall = |content, owner| {
            ledger
                .read(|reader| reader.recall(file_id(2), &path(2), content, owner))
                .unwrap()
        };
        let recalled = |answer, store_copy| Recalled {
            is_known: false,
            answer,
            store_copy,
        };
        assert_eq!(recall(content, owner), recalled(Some(Answer::Private), false));
        assert_eq!(recall(content, None), recalled(None, false));
        assert_eq!(recall(OTHER, owner), recalled(None, true));
    }
}
