//! A wall clock of its own for one program, by libfaketime; the clock that only counts up stays the PC's.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A clock that is wrong by as much as the test wants.
#[derive(Debug)]
pub struct Clock {
    library: PathBuf,
    folder: TempDir,
}

impl Clock {
    /// A clock that is off by a shift such as `+3d` or `-400d`. `None`, with a printed reason, where libfaketime is missing.
    pub fn shifted(by: &str) -> Option<Self> {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
        let mut libraries = folders
            .iter()
            .map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"));
        let Some(library) = libraries.find(|path| path.exists()) else {
            eprintln!("SKIPPED: libfaketime is not installed; cargo xtask test names the packages");
            return None;
        };
        let clock = Self {
            library,
            folder: TempDir::new().expect("a temporary folder"),
        };
        clock.shift(by);
        Some(clock)
    }

    /// Sets it, for the running program too.
    pub fn shift(&self, by: &str) {
        let new = self.folder.path().join("new");
        std::fs::write(&new, by).expect("the folder is writable");
        // The program reads it whenever it wants to know the time.
        std::fs::rename(new, self.file()).expect("the folder is writable");
    }

    /// Lets a program go by this clock.
    ///
    /// The library is named to the program itself: `faketime` would stand between the test and what it must end.
    pub fn of<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", self.file())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("shift")
    }
}
