//! What became of one try.

use std::time::Duration;

/// What became of one try to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken.
    Taken,
    /// Nobody was there to take it: the letter is not at fault, however often that happens.
    Unreached(String),
    /// It was not taken this time; after how long to try again, where that was said.
    Later(String, Option<Duration>),
    /// It will never be taken.
    Refused(String),
}

impl Outcome {
    /// The word for it.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Unreached(_) => "unreached",
            Self::Later(..) => "put_off",
            Self::Refused(_) => "refused",
        }
    }

    /// Why it was not taken.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Taken => None,
            Self::Unreached(reason) | Self::Later(reason, _) | Self::Refused(reason) => Some(reason),
        }
    }
}
