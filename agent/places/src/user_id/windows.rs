//! A security identifier (SID): MS-DTYP, section 2.4.2.

#![allow(unsafe_code)]

use std::fmt;
use std::str::FromStr;

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::Security::{
    GetLengthSid, GetTokenInformation, IsValidSid, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::UserId;

/// The most sub-authorities of a SID that is a user's: five for local, domain and Entra accounts. Those of groups,
/// capabilities and app containers may be longer; they own no profile.
const MOST_PARTS: usize = 5;

/// A user's SID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id {
    authority: u64,
    count: u8,
    parts: [u32; MOST_PARTS],
}

/// `S-1-5-18`, the account of the system itself.
const SYSTEM: Id = Id {
    authority: 5,
    count: 1,
    parts: [18, 0, 0, 0, 0],
};

impl UserId {
    /// Reads a SID as Windows lays it out in memory.
    pub fn from_sid_bytes(bytes: &[u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(8)?;
        let [1, count, authority @ ..] = header else {
            return None;
        };
        let authority = authority.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let rest = rest.get(..usize::from(*count) * 4)?;
        let mut parts = [0; MOST_PARTS];
        for (part, bytes) in parts
            .get_mut(..usize::from(*count))?
            .iter_mut()
            .zip(rest.chunks_exact(4))
        {
            *part = u32::from_le_bytes(bytes.try_into().ok()?);
        }
        Some(Self(Id {
            authority,
            count: *count,
            parts,
        }))
    }

    /// Whether it is the account of the system itself, which services run as.
    pub fn is_system(self) -> bool {
        self.0 == SYSTEM
    }

    /// Reads the SID that `sid` points to.
    ///
    /// # Safety
    /// `sid` must be null or point to a SID that stays as it is during the call.
    pub unsafe fn from_sid(sid: PSID) -> Option<Self> {
        // SAFETY: the caller vouches for the pointer, and Windows looks at the SID before its length is used.
        let bytes = unsafe {
            if sid.is_null() || IsValidSid(sid) == 0 {
                return None;
            }
            std::slice::from_raw_parts(sid.cast::<u8>(), GetLengthSid(sid) as usize)
        };
        Self::from_sid_bytes(bytes)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S-1-{}", self.authority)?;
        self.parts
            .iter()
            .take(usize::from(self.count))
            .try_for_each(|part| write!(f, "-{part}"))
    }
}

impl FromStr for Id {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.strip_prefix("S-1-").ok_or(())?.split('-');
        let authority = numbers.next().and_then(|number| number.parse().ok()).ok_or(())?;
        let mut id = Self {
            authority,
            count: 0,
            parts: [0; MOST_PARTS],
        };
        for number in numbers {
            *id.parts.get_mut(usize::from(id.count)).ok_or(())? = number.parse().map_err(|_| ())?;
            id.count += 1;
        }
        Ok(id)
    }
}

/// Tests name users by numbers: each is an account of one PC.
#[cfg(feature = "testing")]
impl From<u32> for UserId {
    fn from(number: u32) -> Self {
        Self(Id {
            authority: 5,
            count: 5,
            parts: [21, 1, 2, 3, number],
        })
    }
}

/// The user of this process; the system's where that cannot be told, for then nothing is shown to anybody else.
pub(super) fn current() -> Id {
    token_user().map_or(SYSTEM, |user| user.0)
}

fn token_user() -> Option<UserId> {
    let mut token: HANDLE = std::ptr::null_mut();
    // SAFETY: the pseudo-handle of this process needs no closing; `token` is written before it is used.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return None;
    }
    let mut buffer = [0_u64; 32];
    let mut length = 0;
    let size = u32::try_from(size_of_val(&buffer)).unwrap_or_default();
    // SAFETY: the buffer is aligned for TOKEN_USER and as long as the call is told.
    let told = unsafe { GetTokenInformation(token, TokenUser, buffer.as_mut_ptr().cast(), size, &raw mut length) } != 0;
    // SAFETY: the token was opened above and is not used any more.
    unsafe { CloseHandle(token) };
    // SAFETY: the call filled the buffer with a TOKEN_USER, whose SID lies in the same buffer.
    told.then(|| unsafe { UserId::from_sid((*buffer.as_ptr().cast::<TOKEN_USER>()).User.Sid) })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_read_and_written() {
        let bytes = [
            1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xe9, 3, 0, 0,
        ];
        let user = UserId::from_sid_bytes(&bytes).unwrap();
        assert_eq!(user.to_string(), "S-1-5-21-1-2-3-1001");
        assert_eq!(user.to_string().parse(), Ok(user));
        assert!("S-1-5-18".parse::<UserId>().unwrap().is_system());
        for broken in ["", "S-1-", "S-1-5-x", "S-2-5-18", "S-1-5-1-2-3-4-5-6"] {
            assert!(broken.parse::<UserId>().is_err(), "{broken}");
        }
        assert_eq!(UserId::from_sid_bytes(&bytes[..20]), None);
    }
}
