//! What the service and the worker say to each other: one message, one frame.

use fileward_inspect::{Hint, InspectError, Limits, Rules};
use fileward_policy::Facts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::cage::Cage;

/// The longest frame. Free text in [`Facts`] is bounded where it is collected, well below this.
pub(super) const MAX_FRAME: usize = 64 << 10;

/// From the service to the worker.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    /// What to look for from now on. It comes before the first file, and has no answer.
    Rules { rules: Rules, limits: Limits },
    /// Inspect the file that comes with this frame.
    Inspect { hint: Hint },
}

/// From the worker to the service.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// The worker is in its cage and waits.
    Ready(Cage),
    /// There is no cage, so there is no worker.
    Refused(String),
    /// What the file is.
    Facts(Box<Facts>),
    /// Why there are no facts.
    Failed(InspectError),
}

/// Writes a message as a frame.
///
/// # Errors
/// When it is too long for one.
pub(super) fn encode(message: &impl Serialize) -> Result<Vec<u8>, String> {
    let frame = serde_json::to_vec(message).map_err(|error| error.to_string())?;
    if frame.len() > MAX_FRAME {
        return Err(format!("a message of {} bytes is too long", frame.len()));
    }
    Ok(frame)
}

/// Reads a message from a frame.
///
/// # Errors
/// When it is none. The reason does not quote the frame.
pub(super) fn decode<T: DeserializeOwned>(frame: &[u8]) -> Result<T, String> {
    serde_json::from_slice(frame).map_err(|error| format!("a broken message (column {})", error.column()))
}
