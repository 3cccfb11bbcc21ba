//! The drives of this session, as the kernel's names tell without touching any of them.

use std::path::PathBuf;

use fileward_ipc::SessionDrive;
use windows_sys::Win32::Storage::FileSystem::QueryDosDeviceW;

use super::wide;
use crate::desktop::target;

/// The drives that the service may not see: letters of shares and VeraCrypt volumes. Of others it is told nothing.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere sessions have no drives of their own")]
pub(crate) fn session_drives() -> Option<Vec<SessionDrive>> {
    let drives = ('A'..='Z').filter_map(|letter| {
        let target = target::of(&device(letter)?)?;
        Some(SessionDrive { letter, target })
    });
    Some(drives.collect())
}

/// A path of the service as this session spells it.
pub(crate) fn in_session(path: PathBuf) -> PathBuf {
    let spelled = |path: &str| target::spelled(path, &session_drives()?);
    path.to_str().and_then(spelled).map_or(path, PathBuf::from)
}

fn device(letter: char) -> Option<String> {
    const LONGEST: u32 = 1024;
    let name = wide(&format!("{letter}:"));
    let mut found = [0; LONGEST as usize];
    // SAFETY: the name ends with a zero, and the buffer is as long as the call is told.
    let length = unsafe { QueryDosDeviceW(name.as_ptr(), found.as_mut_ptr(), LONGEST) };
    let text = found.split(|unit| *unit == 0).next()?;
    (length > 0).then(|| String::from_utf16_lossy(text))
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::Storage::FileSystem::{DDD_RAW_TARGET_PATH, DDD_REMOVE_DEFINITION, DefineDosDeviceW};

    use super::*;

    #[test]
    fn a_letter_of_veracrypt_is_told_and_those_of_disks_are_not() {
        let (name, target) = (wide("Q:"), wide(r"\Device\VeraCryptVolumeQ"));
        let define = |flags| {
            // SAFETY: both texts end with a zero.
            unsafe { DefineDosDeviceW(DDD_RAW_TARGET_PATH | flags, name.as_ptr(), target.as_ptr()) }
        };
        assert_ne!(define(0), 0, "{}", std::io::Error::last_os_error());
        let told = session_drives().unwrap();
        define(DDD_REMOVE_DEFINITION);
        let expected = SessionDrive {
            letter: 'Q',
            target: r"\Device\VeraCryptVolumeQ".to_owned(),
        };
        assert_eq!(told, [expected]);
    }
}
