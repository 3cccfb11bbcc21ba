//! Whether another program of the same user has a file open. Other users' programs do not show themselves in `/proc`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// How a file is used by other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// By none.
    No,
    /// Some have it open for reading.
    Reading,
    /// One at least can write to it.
    Writing,
}

/// How the file is used.
pub(super) fn of(device: u64, inode: u64) -> Use {
    let own = std::process::id().to_string();
    let Ok(processes) = fs::read_dir("/proc") else {
        return Use::No;
    };
    processes
        .flatten()
        .filter(|process| {
            process
                .file_name()
                .as_encoded_bytes()
                .first()
                .is_some_and(u8::is_ascii_digit)
        })
        .filter(|process| process.file_name() != own.as_str())
        .map(|process| by(&process.path(), device, inode))
        .max()
        .unwrap_or(Use::No)
}

fn by(process: &Path, device: u64, inode: u64) -> Use {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else {
        return Use::No;
    };
    let is_it = |path: &Path| fs::metadata(path).is_ok_and(|found| found.dev() == device && found.ino() == inode);
    descriptors
        .flatten()
        .filter(|descriptor| is_it(&descriptor.path()))
        .map(|descriptor| mode(&process.join("fdinfo").join(descriptor.file_name())))
        .max()
        .unwrap_or(Use::No)
}

/// Reads how a descriptor was opened: its flags stand in octal, the access mode in the lowest two bits.
fn mode(info: &Path) -> Use {
    let info = fs::read_to_string(info).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    if flags.is_some_and(|flags| flags & 0b11 == 0) {
        Use::Reading
    } else {
        Use::Writing
    }
}
