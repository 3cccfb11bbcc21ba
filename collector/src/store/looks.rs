//! For what purpose somebody looks at an employee's findings. It is asked once for a session and a device, holds for a
//! while, and stands in the audit trail.

pub(crate) use fileward_protocol::disclosure::Purpose;
use fileward_protocol::ids::DeviceId;
use jiff::{SignedDuration, Timestamp};

use super::{By, Reply};

/// How long a purpose holds.
pub(crate) const LOOK_LASTS: SignedDuration = SignedDuration::from_mins(30);

/// A purpose with what was said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// The purpose.
    pub purpose: Purpose,
    /// More about it, in words; may be empty.
    pub note: String,
}

impl std::fmt::Display for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.note.as_str() {
            "" => write!(f, "purpose: {}", self.purpose),
            note => write!(f, "purpose: {}, {note}", self.purpose),
        }
    }
}

/// Purposes of looks.
pub(crate) trait Looks {
    /// The purpose that somebody gave in this session for this device, while it holds.
    fn look(&self, session: [u8; 32], device: DeviceId, now: Timestamp) -> Reply<Option<Look>>;

    /// Remembers a purpose; it holds for [`LOOK_LASTS`].
    fn begin_look(&self, session: [u8; 32], device: DeviceId, look: Look, by: By) -> Reply<()>;
}
