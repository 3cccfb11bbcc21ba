//! The groups that a user is certainly in.

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::Security::{
    GetTokenInformation, SID_AND_ATTRIBUTES, TOKEN_GROUPS, TOKEN_INFORMATION_CLASS, TOKEN_QUERY, TOKEN_USER,
    TokenGroups, TokenUser,
};
use windows_sys::Win32::System::RemoteDesktop::{
    WTS_CURRENT_SERVER_HANDLE, WTS_SESSION_INFOW, WTSEnumerateSessionsW, WTSFreeMemory, WTSQueryUserToken,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use crate::UserId;

/// Everyone, Authenticated Users, Interactive, and the PC's own group Users, which has them all.
const ALWAYS: &[&str] = &["S-1-1-0", "S-1-5-11", "S-1-5-4", "S-1-5-32-545"];

/// `SE_GROUP_USE_FOR_DENY_ONLY` in winnt.h.
const DENY_ONLY: u32 = 0x10;

/// `user` and their groups: those that every user is in, and those of their token where they are logged on.
pub(crate) fn groups(user: UserId) -> Vec<UserId> {
    let mut ids = vec![user];
    ids.extend(ALWAYS.iter().filter_map(|sid| sid.parse::<UserId>().ok()));
    ids.extend(logged_on(user).iter().flat_map(Token::groups));
    ids
}

/// A token of `user`, of this process or of a session. Those of sessions are given to the system alone.
fn logged_on(user: UserId) -> Option<Token> {
    let mut own = std::ptr::null_mut();
    // SAFETY: the pseudo-handle of this process needs no closing; `own` is written if the call succeeds.
    let own = unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut own) != 0 }.then_some(Token(own));
    own.into_iter()
        .chain(sessions().into_iter().filter_map(|session| {
            let mut token = std::ptr::null_mut();
            // SAFETY: `token` is written if the call succeeds.
            unsafe { WTSQueryUserToken(session, &raw mut token) != 0 }.then_some(Token(token))
        }))
        .find(|token| token.user() == Some(user))
}

/// The numbers of all sessions.
fn sessions() -> Vec<u32> {
    let (mut list, mut count): (*mut WTS_SESSION_INFOW, u32) = (std::ptr::null_mut(), 0);
    // SAFETY: both places are our own, and the call fills them together.
    if unsafe { WTSEnumerateSessionsW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &raw mut list, &raw mut count) } == 0
        || list.is_null()
    {
        return Vec::new();
    }
    // SAFETY: the call made a list of `count` sessions.
    let sessions = unsafe { std::slice::from_raw_parts(list, count as usize) };
    let numbers = sessions.iter().map(|session| session.SessionId).collect();
    // SAFETY: the list is the call's own and not used any more.
    unsafe { WTSFreeMemory(list.cast()) };
    numbers
}

/// An open token.
struct Token(HANDLE);

impl Drop for Token {
    fn drop(&mut self) {
        // SAFETY: the token is open and closed only here.
        unsafe { CloseHandle(self.0) };
    }
}

impl Token {
    fn user(&self) -> Option<UserId> {
        let told = self.information(TokenUser)?;
        // SAFETY: the buffer holds a TOKEN_USER, whose SID lies in the same buffer.
        unsafe { UserId::from_sid((*told.as_ptr().cast::<TOKEN_USER>()).User.Sid) }
    }

    /// The groups that grant something; some of an administrator only deny.
    fn groups(&self) -> Vec<UserId> {
        let Some(told) = self.information(TokenGroups) else {
            return Vec::new();
        };
        let list = told.as_ptr().cast::<TOKEN_GROUPS>();
        // SAFETY: the buffer holds a TOKEN_GROUPS with as many groups as it says, whose SIDs lie in the same buffer.
        let groups = unsafe {
            let first = (&raw const (*list).Groups).cast();
            std::slice::from_raw_parts::<SID_AND_ATTRIBUTES>(first, (*list).GroupCount as usize)
        };
        let grants = groups.iter().filter(|group| group.Attributes & DENY_ONLY == 0);
        // SAFETY: see above.
        grants
            .filter_map(|group| unsafe { UserId::from_sid(group.Sid) })
            .collect()
    }

    /// What the system says of the token, aligned for any of its structures.
    fn information(&self, class: TOKEN_INFORMATION_CLASS) -> Option<Vec<u64>> {
        let mut length = 0;
        // SAFETY: without a buffer the call only tells the length.
        unsafe { GetTokenInformation(self.0, class, std::ptr::null_mut(), 0, &raw mut length) };
        let mut buffer = vec![0_u64; (length as usize).div_ceil(8)];
        let size = u32::try_from(buffer.len() * 8).ok()?;
        // SAFETY: the buffer is as long as the call is told.
        let told = unsafe { GetTokenInformation(self.0, class, buffer.as_mut_ptr().cast(), size, &raw mut length) };
        (told != 0 && !buffer.is_empty()).then_some(buffer)
    }
}
