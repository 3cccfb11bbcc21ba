//! Linux: `openat2` refuses links and mounts in the kernel, where nobody can race it.

use std::ffi::{CStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Statx, StatxFlags, makedev, openat2, statx};
use rustix::io::Errno;

use super::{Entry, FolderId, Look};
use crate::watch::sighting::{FileId, Stat};

const NO_LINKS: ResolveFlags = ResolveFlags::NO_SYMLINKS.union(ResolveFlags::NO_MAGICLINKS);
const WITHIN: ResolveFlags = NO_LINKS.union(ResolveFlags::BENEATH).union(ResolveFlags::NO_XDEV);
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const WANTED: StatxFlags = StatxFlags::BASIC_STATS
    .union(StatxFlags::BTIME)
    .union(StatxFlags::MNT_ID);

/// An open folder.
pub(super) struct Folder(OwnedFd);

pub(super) fn root(path: &Path) -> io::Result<Folder> {
    if !path.is_absolute() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let folder = openat2(rustix::fs::CWD, path, FOLDER, Mode::empty(), NO_LINKS)?;
    Ok(Folder(folder))
}

pub(super) fn require() -> io::Result<()> {
    match openat2(rustix::fs::CWD, c"/", FOLDER, Mode::empty(), NO_LINKS) {
        Err(Errno::NOSYS | Errno::PERM) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "the system call openat2 is missing; it takes Linux 5.6 and a service unit without RestrictSUIDSGID",
        )),
        opened => Ok(opened.map(drop)?),
    }
}

impl Folder {
    pub(super) fn id(&self) -> io::Result<FolderId> {
        let stat = stat(&self.0)?;
        Ok(FolderId {
            device: device(&stat),
            inode: stat.stx_ino,
        })
    }

    pub(super) fn file(&self, relative: &Path) -> io::Result<(File, Stat)> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let open = |flags| openat2(&self.0, relative, flags, Mode::empty(), WITHIN);
        // Only the owner and a privileged process may leave the access time alone.
        let file = match open(flags | OFlags::NOATIME) {
            Err(Errno::PERM) => open(flags)?,
            opened => opened?,
        };
        let stat = stat(&file)?;
        if !is(&stat, FileType::RegularFile) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "It is not a regular file"));
        }
        Ok((File::from(file), regular(&stat)))
    }

    pub(super) fn look(&self, relative: &Path) -> Look {
        if relative.as_os_str().is_empty() {
            return Look::Folder;
        }
        match openat2(
            &self.0,
            relative,
            OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
            WITHIN,
        ) {
            Ok(found) => match stat(&found) {
                Ok(stat) if is(&stat, FileType::RegularFile) => Look::File(regular(&stat)),
                Ok(stat) if is(&stat, FileType::Directory) => Look::Folder,
                Ok(stat) => Look::Absent {
                    device: device(&stat),
                    root: true,
                },
                Err(_) => Look::Hidden,
            },
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => self.absent(relative),
            Err(_) => Look::Hidden,
        }
    }

    fn absent(&self, relative: &Path) -> Look {
        for folder in relative.ancestors().skip(1) {
            let found = if folder.as_os_str().is_empty() {
                self.id().map(|id| id.device)
            } else {
                openat2(
                    &self.0,
                    folder,
                    OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
                    Mode::empty(),
                    WITHIN,
                )
                .map_err(io::Error::from)
                .and_then(|found| stat(&found).map(|stat| device(&stat)))
            };
            match found {
                Ok(device) => return Look::Absent { device, root: true },
                Err(error) if is_absent(&error) => {}
                Err(_) => return Look::Hidden,
            }
        }
        Look::Hidden
    }

    /// Names that are found are spelled as they are.
    #[expect(clippy::unused_self, reason = "other systems must ask")]
    pub(super) fn spelling(&self, _relative: &Path) -> Option<PathBuf> {
        None
    }

    /// A listing here looks at each file itself.
    #[expect(clippy::unused_self, reason = "other systems must ask")]
    pub(super) fn confirms(&self, _relative: &Path, _listed: &Stat) -> bool {
        true
    }

    pub(super) fn list(&self, relative: &Path) -> io::Result<Vec<Entry>> {
        let within = if relative.as_os_str().is_empty() {
            self.0.try_clone()?
        } else {
            openat2(&self.0, relative, FOLDER | OFlags::NOFOLLOW, Mode::empty(), WITHIN)?
        };
        let mount = stat(&within)?.stx_mnt_id;
        let mut entries = Vec::new();
        for entry in Dir::read_from(&within)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            match entry.file_type() {
                FileType::RegularFile | FileType::Directory | FileType::Unknown => {
                    entries.extend(look_at(&within, name, mount));
                }
                _ => {}
            }
        }
        Ok(entries)
    }
}

fn look_at(folder: &OwnedFd, name: &CStr, mount: u64) -> Option<Entry> {
    let owned = || OsString::from_vec(name.to_bytes().to_vec());
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    match statx(folder, name, flags, WANTED) {
        Ok(stat) if stat.stx_mnt_id != mount => Some(Entry::Mount(owned())),
        Ok(stat) if is(&stat, FileType::RegularFile) => Some(Entry::File(owned(), regular(&stat))),
        Ok(stat) if is(&stat, FileType::Directory) => Some(Entry::Folder(owned())),
        Ok(_) | Err(Errno::NOENT) => None,
        Err(_) => Some(Entry::Hidden(owned())),
    }
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP)
    )
}

pub(super) fn device_above(path: &Path) -> Option<u64> {
    for folder in path.ancestors().skip(1) {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match openat2(rustix::fs::CWD, folder, flags, Mode::empty(), NO_LINKS) {
            Ok(found) => return stat(&found).ok().map(|stat| device(&stat)),
            Err(error) if is_absent(&error.into()) => {}
            Err(_) => return None,
        }
    }
    None
}

fn stat(open: impl AsFd) -> io::Result<Statx> {
    Ok(statx(open, c"", AtFlags::EMPTY_PATH, WANTED)?)
}

fn is(stat: &Statx, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.stx_mode.into()) == kind
}

fn device(stat: &Statx) -> u64 {
    makedev(stat.stx_dev_major, stat.stx_dev_minor)
}

fn regular(stat: &Statx) -> Stat {
    let nanoseconds = |at: &rustix::fs::StatxTimestamp| {
        at.tv_sec
            .saturating_mul(1_000_000_000)
            .saturating_add(i64::from(at.tv_nsec))
    };
    let born = StatxFlags::from_bits_retain(stat.stx_mask).contains(StatxFlags::BTIME);
    Stat {
        id: FileId {
            device: device(stat),
            inode: stat.stx_ino,
            born: if born { nanoseconds(&stat.stx_btime) } else { 0 },
        },
        size: stat.stx_size,
        modified: nanoseconds(&stat.stx_mtime),
    }
}

#[cfg(test)]
mod tests {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

    use super::*;

    #[test]
    fn where_openat2_is_forbidden_nothing_starts() {
        require().unwrap();
        for errno in [Errno::NOSYS, Errno::PERM] {
            // As systemd's RestrictSUIDSGID does it, for one thread.
            let answer = SeccompAction::Errno(errno.raw_os_error().cast_unsigned());
            let rules = [(libc::SYS_openat2, Vec::new())].into();
            let here = std::env::consts::ARCH.try_into().unwrap();
            let filter = SeccompFilter::new(rules, SeccompAction::Allow, answer, here).unwrap();
            let program: BpfProgram = filter.try_into().unwrap();
            let said = std::thread::spawn(move || {
                seccompiler::apply_filter(&program).unwrap();
                require().unwrap_err().to_string()
            });
            let said = said.join().unwrap();
            assert!(said.contains("openat2") && said.contains("RestrictSUIDSGID"), "{said}");
        }
    }
}
