//! What is in an archive, as it is gone through: names become text, files are examined, and it is counted what is encrypted.

use std::io::Read;

use fileward_protocol::report::Encryption;
use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};

use crate::container::zip;
use crate::found::{Found, Inside};
use crate::inside;
use crate::kind;
use crate::source::{Budget, Source, Stop};
use crate::text::{Gap, Part};

/// Goes through one archive.
#[derive(Debug)]
pub(crate) struct Contents<'f> {
    found: &'f mut Found,
    tally: Tally,
}

impl<'f> Contents<'f> {
    pub(crate) fn new(found: &'f mut Found) -> Self {
        Self {
            found,
            tally: Tally::default(),
        }
    }

    /// Takes the name of a file or folder.
    pub(crate) fn name(&mut self, name: &str) -> Result<(), Stop> {
        let text = &mut self.found.text;
        text.part(Part::Property);
        text.push(name)?;
        text.gap(Gap::Paragraph);
        Ok(())
    }

    /// Takes a file that the archive itself has encrypted.
    pub(crate) fn locked(&mut self, method: Option<EncryptionMethod>) {
        self.tally.lock(method);
    }

    /// Takes a file that lies in the archive as it is.
    pub(crate) fn file(&mut self, source: &mut Source<'_>, name: &str) -> Result<(), Stop> {
        if is_bookkeeping(name) {
            return Ok(());
        }
        let result = inside::examine_entry(source, name, self.found);
        self.count(result)
    }

    /// Takes a zip that ends where the source does, whatever it begins with.
    pub(crate) fn zip(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        let result = inside::within(source.budget(), self.found, |found| zip::examine(source, found));
        self.count(result)
    }

    /// Takes a file that is unpacked while it is read.
    pub(crate) fn stream(&mut self, stream: &mut dyn Read, name: &str, budget: &Budget) -> Result<(), Stop> {
        if is_bookkeeping(name) {
            return Ok(());
        }
        let result = inside::examine_stream(stream, name, budget, self.found);
        self.count(result)
    }

    /// Takes a file that cannot be read, for that reason.
    pub(crate) fn unread(&mut self, stop: Stop) -> Result<(), Stop> {
        self.count(Err(stop))
    }

    /// Says that not everything was seen.
    pub(crate) fn stopped(&mut self, stop: &Stop) {
        self.found.stopped(stop);
    }

    /// Fills in how much of it is encrypted.
    pub(crate) fn finish(self) {
        if let Some(encryption) = self.tally.encryption() {
            self.found.encryption = encryption;
        }
    }

    fn count(&mut self, result: Result<Inside, Stop>) -> Result<(), Stop> {
        match self.found.tolerate(result)? {
            Some(inside) => self.tally.count(&inside),
            // What was not seen is not known to be protected.
            None => self.tally.plain(),
        }
        Ok(())
    }
}

/// What systems put beside people's files: it holds nothing of theirs.
fn is_bookkeeping(name: &str) -> bool {
    let own = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("__MACOSX/") || matches!(own, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

/// How many files of an archive are encrypted, by the archive or by themselves. Folders and empty files hold nothing that
/// could be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    encrypted: u64,
    suspected: u64,
    partly: bool,
    plain: u64,
    /// How the archive encrypts, and how what is in it does.
    own: Option<EncryptionMethod>,
    inner: Option<EncryptionMethod>,
}

impl Tally {
    pub(crate) fn lock(&mut self, method: Option<EncryptionMethod>) {
        self.encrypted += 1;
        // The weakest method speaks for all.
        if self.own.is_none() || method == Some(EncryptionMethod::ZipCrypto) {
            self.own = method;
        }
    }

    fn count(&mut self, inside: &Inside) {
        let Encryption { state, method } = inside.encryption;
        match state {
            EncryptionState::Encrypted => self.encrypted += 1,
            EncryptionState::Suspected => self.suspected += 1,
            EncryptionState::Partly => self.partly = true,
            EncryptionState::None if inside.kind == kind::EMPTY => {}
            EncryptionState::None | EncryptionState::Openable => self.plain += 1,
        }
        if !matches!(state, EncryptionState::None | EncryptionState::Openable) {
            self.inner = self.inner.or(method);
        }
    }

    pub(crate) fn plain(&mut self) {
        self.plain += 1;
    }

    /// What the whole is; `None` when nothing is encrypted.
    pub(crate) fn encryption(self) -> Option<Encryption> {
        let state = match (self.encrypted, self.suspected) {
            (0, 0) if !self.partly => return None,
            _ if self.partly || self.encrypted > 0 && self.plain > 0 => EncryptionState::Partly,
            (_, 0) => EncryptionState::Encrypted,
            _ if self.plain > 0 => return None,
            _ => EncryptionState::Suspected,
        };
        Some(Encryption {
            state,
            method: self.own.or(self.inner),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(state: EncryptionState, method: Option<EncryptionMethod>) -> Inside {
        Inside {
            kind: kind::TXT,
            encryption: Encryption { state, method },
        }
    }

    fn state(tally: Tally) -> Option<(EncryptionState, Option<EncryptionMethod>)> {
        tally
            .encryption()
            .map(|encryption| (encryption.state, encryption.method))
    }

    #[test]
    fn an_archive_is_encrypted_when_everything_in_it_is() {
        let locked = inside(EncryptionState::Encrypted, Some(EncryptionMethod::Ooxml));
        let plain = inside(EncryptionState::Openable, Some(EncryptionMethod::Pdf));
        let mut tally = Tally::default();
        assert_eq!(state(tally), None);
        tally.count(&locked);
        assert_eq!(
            state(tally),
            Some((EncryptionState::Encrypted, Some(EncryptionMethod::Ooxml)))
        );
        tally.lock(Some(EncryptionMethod::ZipAes));
        assert_eq!(
            state(tally),
            Some((EncryptionState::Encrypted, Some(EncryptionMethod::ZipAes)))
        );
        tally.lock(Some(EncryptionMethod::ZipCrypto));
        tally.count(&plain);
        assert_eq!(
            state(tally),
            Some((EncryptionState::Partly, Some(EncryptionMethod::ZipCrypto)))
        );
    }

    #[test]
    fn what_is_partly_encrypted_makes_the_whole_so() {
        let mut tally = Tally::default();
        tally.count(&inside(EncryptionState::Partly, Some(EncryptionMethod::ZipAes)));
        tally.lock(Some(EncryptionMethod::SevenZipAes));
        assert_eq!(state(tally).map(|(state, _)| state), Some(EncryptionState::Partly));
    }

    #[test]
    fn noise_beside_plain_files_says_nothing_of_the_whole() {
        let mut tally = Tally::default();
        tally.count(&inside(EncryptionState::Suspected, Some(EncryptionMethod::Container)));
        assert_eq!(state(tally).map(|(state, _)| state), Some(EncryptionState::Suspected));
        tally.count(&inside(EncryptionState::None, None));
        assert_eq!(state(tally), None);
    }
}
