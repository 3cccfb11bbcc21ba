//! Tokens that say no.
//!
//! A restricted token is checked twice: as the account it belongs to, whose groups are only there to be denied by, and again
//! as nobody but its restricting identifiers. What passes only one check stays closed. Low integrity closes all writing
//! besides. A process with a token that opens nothing could not even load its libraries, so the first thread begins with
//! another one, restricted too, as the kernel demands; the cage throws that away before the first file.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{GENERIC_ALL, HANDLE};
use windows_sys::Win32::Security::{
    ACL, ACL_REVISION, AddAccessAllowedAce, CreateRestrictedToken, CreateWellKnownSid, DISABLE_MAX_PRIVILEGE,
    DuplicateTokenEx, GetTokenInformation, InitializeAcl, LUID_AND_ATTRIBUTES, PSID, SECURITY_MAX_SID_SIZE,
    SID_AND_ATTRIBUTES, SecurityImpersonation, SetTokenInformation, TOKEN_ALL_ACCESS, TOKEN_DEFAULT_DACL, TOKEN_GROUPS,
    TOKEN_INFORMATION_CLASS, TOKEN_MANDATORY_LABEL, TOKEN_PRIVILEGES, TOKEN_USER, TokenDefaultDacl, TokenGroups,
    TokenImpersonation, TokenIntegrityLevel, TokenPrivileges, TokenUser, WELL_KNOWN_SID_TYPE, WinBuiltinUsersSid,
    WinLowLabelSid, WinNullSid, WinRestrictedCodeSid, WinWorldSid,
};
use windows_sys::Win32::System::SystemServices::{SE_GROUP_INTEGRITY, SE_GROUP_LOGON_ID};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::{Hold, done};

/// The tokens of a worker.
pub(super) struct Tokens {
    pub(super) process: OwnedHandle,
    pub(super) first_thread: Option<OwnedHandle>,
}

impl Tokens {
    /// Makes the tokens of a hold from the service's own.
    pub(super) fn new(hold: Hold) -> io::Result<Self> {
        let own = own_token()?;
        let user = Information::of(&own, TokenUser)?;
        let groups = Information::of(&own, TokenGroups)?;
        let (user, groups) = (user.user(), groups.groups());
        let restricted = well_known(WinRestrictedCodeSid)?;
        let everybody = [well_known(WinWorldSid)?, well_known(WinBuiltinUsersSid)?];
        let make = |deny: &[SID_AND_ATTRIBUTES], restrict: &[SID_AND_ATTRIBUTES]| {
            let token = restrict_token(&own, deny, restrict)?;
            let owners = [user.Sid, restricted.sid()];
            set_default_rights(&token, &owners)?;
            lower_integrity(&token)?;
            io::Result::Ok(token)
        };
        let all: Vec<_> = [user].into_iter().chain(groups.iter().copied()).collect();
        match hold {
            Hold::Locked => {
                let nobody = well_known(WinNullSid)?;
                let same = [all.as_slice(), &[entry(restricted.sid())]].concat();
                Ok(Self {
                    process: make(&all, &[entry(nobody.sid())])?,
                    first_thread: Some(impersonation(&make(&[], &same)?)?),
                })
            }
            Hold::Limited => {
                let kept = [everybody[0].sid(), everybody[1].sid(), restricted.sid()].map(entry);
                let is_kept =
                    |group: &SID_AND_ATTRIBUTES| is_logon(group) || everybody.iter().any(|kept| kept.is(group.Sid));
                let deny: Vec<_> = groups.iter().filter(|group| !is_kept(group)).copied().collect();
                let logon = groups
                    .iter()
                    .filter(|group| is_logon(group))
                    .map(|group| entry(group.Sid));
                let restrict: Vec<_> = kept.into_iter().chain(logon).collect();
                Ok(Self {
                    process: make(&deny, &restrict)?,
                    first_thread: None,
                })
            }
        }
    }
}

fn is_logon(group: &SID_AND_ATTRIBUTES) -> bool {
    group.Attributes & SE_GROUP_LOGON_ID.cast_unsigned() == SE_GROUP_LOGON_ID.cast_unsigned()
}

fn own_token() -> io::Result<OwnedHandle> {
    let mut token: HANDLE = null_mut();
    // SAFETY: the process is this one, and what is written to lives for the whole call.
    done(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &raw mut token) })?;
    // SAFETY: the call succeeded, so the handle is open and nobody else's.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

/// Takes every privilege from a token but the one to pass through folders, makes `deny` count for denials alone, and adds
/// the check against `restrict`.
fn restrict_token(
    token: &OwnedHandle,
    deny: &[SID_AND_ATTRIBUTES],
    restrict: &[SID_AND_ATTRIBUTES],
) -> io::Result<OwnedHandle> {
    // An entry that restricts has no attributes; one that is denied by, none that matter.
    let bare = |entries: &[SID_AND_ATTRIBUTES]| entries.iter().map(|at| entry(at.Sid)).collect::<Vec<_>>();
    let (deny, restrict) = (bare(deny), bare(restrict));
    let count = |entries: &[SID_AND_ATTRIBUTES]| u32::try_from(entries.len()).map_err(io::Error::other);
    let privileges = Information::of(token, TokenPrivileges)?.privileges();
    let mut made: HANDLE = null_mut();
    // SAFETY: the handle is open, and lists and the identifiers in them live for the whole call.
    done(unsafe {
        CreateRestrictedToken(
            token.as_raw_handle(),
            DISABLE_MAX_PRIVILEGE,
            count(&deny)?,
            deny.as_ptr(),
            u32::try_from(privileges.len()).map_err(io::Error::other)?,
            privileges.as_ptr(),
            count(&restrict)?,
            restrict.as_ptr(),
            &raw mut made,
        )
    })?;
    // SAFETY: the call succeeded, so the handle is open and nobody else's.
    Ok(unsafe { OwnedHandle::from_raw_handle(made) })
}

/// Sets who may do what with the things a process makes that it does not say it of: `owners` all, others nothing.
fn set_default_rights(token: &OwnedHandle, owners: &[PSID]) -> io::Result<()> {
    let mut space = vec![0_u64; 64];
    let acl: *mut ACL = space.as_mut_ptr().cast();
    let size = u32::try_from(size_of_val(&*space)).map_err(io::Error::other)?;
    // SAFETY: the space is of that size and aligned as the list is.
    done(unsafe { InitializeAcl(acl, size, ACL_REVISION) })?;
    for owner in owners {
        // SAFETY: the list was initialised, and the identifier lives for the whole call.
        done(unsafe { AddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, *owner) })?;
    }
    set(token, TokenDefaultDacl, &TOKEN_DEFAULT_DACL { DefaultDacl: acl })
}

fn lower_integrity(token: &OwnedHandle) -> io::Result<()> {
    let low = well_known(WinLowLabelSid)?;
    let label = SID_AND_ATTRIBUTES {
        Sid: low.sid(),
        Attributes: SE_GROUP_INTEGRITY.cast_unsigned(),
    };
    set(token, TokenIntegrityLevel, &TOKEN_MANDATORY_LABEL { Label: label })
}

fn impersonation(token: &OwnedHandle) -> io::Result<OwnedHandle> {
    let mut made: HANDLE = null_mut();
    // SAFETY: the handle is open, and what is written to lives for the whole call.
    done(unsafe {
        DuplicateTokenEx(
            token.as_raw_handle(),
            TOKEN_ALL_ACCESS,
            null(),
            SecurityImpersonation,
            TokenImpersonation,
            &raw mut made,
        )
    })?;
    // SAFETY: the call succeeded, so the handle is open and nobody else's.
    Ok(unsafe { OwnedHandle::from_raw_handle(made) })
}

fn set<T>(token: &OwnedHandle, class: TOKEN_INFORMATION_CLASS, value: &T) -> io::Result<()> {
    let size = u32::try_from(size_of::<T>()).map_err(io::Error::other)?;
    // SAFETY: the handle is open, and the value and what it points to live for the whole call.
    done(unsafe { SetTokenInformation(token.as_raw_handle(), class, (&raw const *value).cast::<c_void>(), size) })
}

fn entry(sid: PSID) -> SID_AND_ATTRIBUTES {
    SID_AND_ATTRIBUTES {
        Sid: sid,
        Attributes: 0,
    }
}

/// What a token says of itself, as the system lays it out: aligned, and with pointers into itself.
struct Information(Vec<usize>);

impl Information {
    fn of(token: &OwnedHandle, class: TOKEN_INFORMATION_CLASS) -> io::Result<Self> {
        let mut size = 0;
        // SAFETY: without room, the call only says how much it takes.
        unsafe { GetTokenInformation(token.as_raw_handle(), class, null_mut(), 0, &raw mut size) };
        let mut room = vec![0_usize; (size as usize).div_ceil(size_of::<usize>())];
        // SAFETY: the handle is open, and there is as much room as the call has asked for.
        done(unsafe {
            GetTokenInformation(
                token.as_raw_handle(),
                class,
                room.as_mut_ptr().cast(),
                size,
                &raw mut size,
            )
        })?;
        Ok(Self(room))
    }

    /// The user of [`TokenUser`].
    fn user(&self) -> SID_AND_ATTRIBUTES {
        // SAFETY: the system has laid this structure out here.
        unsafe { (*self.0.as_ptr().cast::<TOKEN_USER>()).User }
    }

    /// The privileges of [`TokenPrivileges`] but the one to pass through folders, which everybody has.
    fn privileges(&self) -> Vec<LUID_AND_ATTRIBUTES> {
        /// `SE_CHANGE_NOTIFY_PRIVILEGE` of ntifs.h.
        const PASS_THROUGH: u32 = 23;
        let privileges = self.0.as_ptr().cast::<TOKEN_PRIVILEGES>();
        // SAFETY: the system has laid this structure out here, with as many privileges as it says.
        let privileges = unsafe {
            let first = (&raw const (*privileges).Privileges).cast::<LUID_AND_ATTRIBUTES>();
            std::slice::from_raw_parts(first, (*privileges).PrivilegeCount as usize)
        };
        let is_taken = |privilege: &&LUID_AND_ATTRIBUTES| privilege.Luid.LowPart != PASS_THROUGH;
        privileges.iter().filter(is_taken).copied().collect()
    }

    /// The groups of [`TokenGroups`] without the label of integrity, which is listed among them.
    fn groups(&self) -> Vec<SID_AND_ATTRIBUTES> {
        let groups = self.0.as_ptr().cast::<TOKEN_GROUPS>();
        // SAFETY: the system has laid this structure out here, with as many groups as it says.
        let groups = unsafe {
            let first = (&raw const (*groups).Groups).cast::<SID_AND_ATTRIBUTES>();
            std::slice::from_raw_parts(first, (*groups).GroupCount as usize)
        };
        let is_label = |group: &SID_AND_ATTRIBUTES| group.Attributes & SE_GROUP_INTEGRITY.cast_unsigned() != 0;
        groups.iter().filter(|group| !is_label(group)).copied().collect()
    }
}

/// An identifier that every PC has.
struct Sid([u32; SECURITY_MAX_SID_SIZE as usize / 4]);

fn well_known(kind: WELL_KNOWN_SID_TYPE) -> io::Result<Sid> {
    let mut sid = Sid([0; SECURITY_MAX_SID_SIZE as usize / 4]);
    let mut size = SECURITY_MAX_SID_SIZE;
    // SAFETY: there is room for the longest one.
    done(unsafe { CreateWellKnownSid(kind, null_mut(), sid.0.as_mut_ptr().cast(), &raw mut size) })?;
    Ok(sid)
}

impl Sid {
    fn sid(&self) -> PSID {
        self.0.as_ptr().cast_mut().cast()
    }

    fn is(&self, other: PSID) -> bool {
        // SAFETY: both are identifiers that the system has made.
        unsafe { windows_sys::Win32::Security::EqualSid(self.sid(), other) != 0 }
    }
}
