//! Whose a file is on Windows, and who may do what with it: its owner and its access control list, read by ourselves.
//!
//! Windows can be asked about a user only with a token, which a user who is logged off has not, and asks a domain
//! controller for the rest, which may be out of reach. So the list is walked with the groups that are certain: those that
//! every user of a PC is in, and those in a token where the user is logged on. Conditional entries are left out.

#![allow(unsafe_code)]

mod groups;

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, GENERIC_ALL, GENERIC_WRITE, LocalFree};
use windows_sys::Win32::Security::Authorization::{GetSecurityInfo, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, INHERIT_ONLY_ACE,
    OWNER_SECURITY_INFORMATION, PSID,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ADD_FILE, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, READ_CONTROL,
};

use crate::UserId;

pub(crate) use groups::groups;

/// The kinds of entries that say what they mean by themselves: `ACCESS_ALLOWED_ACE_TYPE` and `ACCESS_DENIED_ACE_TYPE`.
const ALLOWED: u8 = 0;
const DENIED: u8 = 1;

/// Whose a file or folder is, and who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Security {
    /// The owner; `None` where the file system has none, or it is no user.
    pub(crate) owner: Option<UserId>,
    /// The entries in their order; `None` where everybody may do everything.
    entries: Option<Vec<Entry>>,
}

/// An entry of an access control list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    allowed: bool,
    mask: u32,
    /// Whom it is about; `None` for what can be no user and no group of theirs.
    whom: Option<UserId>,
}

impl Security {
    /// Reads that of `path`; of a link, its own.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .access_mode(READ_CONTROL)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
            .open(path)?;
        Self::of_open(&file)
    }

    /// Reads that of an open file.
    pub(crate) fn of_open(file: &impl AsRawHandle) -> io::Result<Self> {
        let (mut owner, mut list, mut descriptor): (PSID, *mut ACL, _) =
            (std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the handle is open, and the pointers are to places of our own.
        let code = unsafe {
            GetSecurityInfo(
                file.as_raw_handle(),
                SE_FILE_OBJECT,
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                &raw mut owner,
                std::ptr::null_mut(),
                &raw mut list,
                std::ptr::null_mut(),
                &raw mut descriptor,
            )
        };
        if code != ERROR_SUCCESS {
            return Err(io::Error::from_raw_os_error(code.cast_signed()));
        }
        // SAFETY: both are null or point into the descriptor, which is freed only afterwards.
        let security = unsafe {
            Self {
                owner: UserId::from_sid(owner),
                entries: (!list.is_null()).then(|| entries(list)),
            }
        };
        // SAFETY: the descriptor is the call's own allocation, and nothing points into it any more.
        unsafe { LocalFree(descriptor) };
        Ok(security)
    }

    /// Whether a user with these ids, their own and their groups', may make files in this folder.
    pub(crate) fn admits_files_of(&self, ids: &[UserId]) -> bool {
        let Some(entries) = &self.entries else {
            return true;
        };
        // The first entry that speaks of the right decides, as Windows itself walks the list.
        let wanted = FILE_ADD_FILE | GENERIC_WRITE | GENERIC_ALL;
        entries
            .iter()
            .find(|entry| entry.mask & wanted != 0 && entry.whom.is_some_and(|whom| ids.contains(&whom)))
            .is_some_and(|entry| entry.allowed)
    }
}

/// Reads the entries that hold for the object itself.
///
/// # Safety
/// `list` must point to a list of Windows that stays as it is during the call.
unsafe fn entries(list: *const ACL) -> Vec<Entry> {
    // SAFETY: the caller vouches for the list.
    let count = unsafe { (*list).AceCount };
    let mut entries = Vec::new();
    for at in 0..u32::from(count) {
        let mut entry = std::ptr::null_mut();
        // SAFETY: the list has `count` entries, each of which begins with a header.
        let header = unsafe {
            if GetAce(list, at, &raw mut entry) == 0 {
                continue;
            }
            *entry.cast::<ACE_HEADER>()
        };
        let holds = u32::from(header.AceFlags) & INHERIT_ONLY_ACE == 0;
        if !holds || !matches!(header.AceType, ALLOWED | DENIED) {
            continue;
        }
        let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: both kinds have this form: a header, a mask, and a SID that begins at `SidStart`.
        let (mask, whom) = unsafe { ((*entry).Mask, UserId::from_sid((&raw mut (*entry).SidStart).cast())) };
        entries.push(Entry {
            allowed: header.AceType == ALLOWED,
            mask,
            whom,
        });
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> UserId {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_entry_about_a_user_decides() {
        let (zhang, staff, li) = (
            id("S-1-5-21-1-2-3-1001"),
            id("S-1-5-21-1-2-3-2000"),
            id("S-1-5-21-1-2-3-1002"),
        );
        let entry = |allowed, mask, whom| Entry {
            allowed,
            mask,
            whom: Some(whom),
        };
        let security = |entries: Vec<Entry>| Security {
            owner: None,
            entries: Some(entries),
        };
        let denied_first = security(vec![
            entry(false, FILE_ADD_FILE, zhang),
            entry(true, FILE_ADD_FILE, staff),
        ]);
        assert!(!denied_first.admits_files_of(&[zhang, staff]));
        assert!(denied_first.admits_files_of(&[li, staff]));
        assert!(!denied_first.admits_files_of(&[li]));
        // FILE_LIST_DIRECTORY is 1.
        assert!(!security(vec![entry(true, 1, zhang)]).admits_files_of(&[zhang]));
        assert!(security(vec![entry(true, GENERIC_ALL, zhang)]).admits_files_of(&[zhang]));
        assert!(!security(Vec::new()).admits_files_of(&[zhang]));
        let without_list = Security {
            owner: None,
            entries: None,
        };
        assert!(without_list.admits_files_of(&[zhang]));
    }

    #[test]
    fn a_new_folder_belongs_to_who_made_it() {
        let folder = tempfile::tempdir().unwrap();
        let security = Security::of(folder.path()).unwrap();
        assert!(security.owner.is_some());
        assert!(security.admits_files_of(&groups(UserId::current())));
    }
}
