//! Log files, limited in size and number. `tracing-appender` limits their number alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::device::private;

/// The size at which a new file is begun, in bytes.
const SIZE: u64 = 1024 * 1024;
/// How many full files are kept beside the one that is written.
const KEPT: u32 = 4;

/// `agent.log`, which is written, and `agent.1.log` and so on, the newest first. They are opened when there is something
/// to write.
pub(super) struct Files {
    folder: PathBuf,
    size: u64,
    open: Option<(File, u64)>,
}

impl Files {
    /// Files in a folder that only the service enters.
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            size: SIZE,
            open: None,
        }
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder.join(match number {
            0 => "agent.log".to_owned(),
            number => format!("agent.{number}.log"),
        })
    }

    fn open(&self) -> io::Result<(File, u64)> {
        private::create_folder(&self.folder)?;
        let file = OpenOptions::new().create(true).append(true).open(self.path(0))?;
        let length = file.metadata()?.len();
        Ok((file, length))
    }

    /// Counts every file one further; the last one gives way.
    fn rotate(&mut self) -> io::Result<()> {
        self.open = None;
        for number in (0..KEPT).rev() {
            match fs::rename(self.path(number), self.path(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Write for Files {
    /// Writes one line, whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let (mut file, mut length) = match self.open.take() {
            Some(open) => open,
            None => self.open()?,
        };
        if length >= self.size {
            drop(file);
            // Who reads the file may keep it from being renamed: it then grows until they do not.
            let _ = self.rotate();
            (file, length) = self.open()?;
        }
        file.write_all(line)?;
        self.open = Some((file, length + line.len() as u64));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &Files) -> Vec<String> {
        let entries = fs::read_dir(&files.folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn full_files_are_counted_on_and_the_last_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::in_folder(folder.path().join("logs"));
        files.size = 8;
        for number in 0..20 {
            writeln!(files, "line {number:02}").unwrap();
        }
        assert_eq!(
            names(&files),
            ["agent.1.log", "agent.2.log", "agent.3.log", "agent.4.log", "agent.log"]
        );
        let read = |number| fs::read_to_string(files.path(number)).unwrap();
        assert_eq!(
            (read(0).as_str(), read(1).as_str(), read(4).as_str()),
            ("line 19\n", "line 18\n", "line 15\n")
        );
    }

    #[test]
    fn a_new_start_goes_on_in_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        for line in ["first\n", "second\n"] {
            Files::in_folder(folder.path().join("logs"))
                .write_all(line.as_bytes())
                .unwrap();
        }
        let written = fs::read_to_string(folder.path().join("logs").join("agent.log")).unwrap();
        assert_eq!(written, "first\nsecond\n");
    }
}
