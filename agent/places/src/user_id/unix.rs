//! A number.

use super::UserId;

pub(super) type Id = u32;

pub(super) fn current() -> Id {
    rustix::process::geteuid().as_raw()
}

impl From<u32> for UserId {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl From<UserId> for u32 {
    fn from(user: UserId) -> Self {
        user.0
    }
}
