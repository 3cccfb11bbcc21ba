//! What the service and the worker say to each other. A message is one frame; a long one, such as the rules of a policy
//! with thousands of words, is several.

use std::time::Duration;

use fileward_inspect::{Hint, InspectError, Limits, Rules};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::cage::Cage;
use super::inspector::{Inspected, TOGETHER};

/// The longest frame. Most answers fit into one, and room for it is made for each.
pub(super) const MAX_FRAME: usize = 8 << 10;
/// The longest request. A policy document is smaller.
pub(super) const MAX_REQUEST: usize = 16 << 20;
/// The longest answer: free text in facts is bounded where it is collected, the policy's own words by the policy.
pub(super) const MAX_ANSWER: usize = TOGETHER << 20;
/// How long a frame may wait for room at the other end; only a worker that does not read makes it wait at all.
pub(super) const SENDING: Duration = Duration::from_secs(10);

/// The first byte of a frame that ends its message, and of one that does not.
const LAST: u8 = 0;
const MORE: u8 = 1;

/// From the service to the worker.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    /// What to look for from here on. It comes before the first file, and has no answer.
    Rules(Rules),
    /// Inspect the files that come with this message, at most [`TOGETHER`].
    Inspect(Vec<Inspection>),
}

/// How to inspect a file.
#[derive(Serialize, Deserialize)]
pub(super) struct Inspection {
    pub(super) hint: Hint,
    pub(super) limits: Limits,
}

/// From the worker to the service.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// The worker is in its cage and waits.
    Ready(Cage),
    /// There is no cage, so there is no worker.
    Refused(String),
    /// What the files are, in their order, or why there are no facts.
    Inspected(Vec<Result<Inspected, InspectError>>),
}

/// Writes a message as frames.
///
/// # Errors
/// When it is longer than `longest`.
pub(super) fn encode(message: &impl Serialize, longest: usize) -> Result<Vec<Vec<u8>>, String> {
    let message = serde_json::to_vec(message).map_err(|error| error.to_string())?;
    if message.len() > longest {
        return Err(format!("a message of {} bytes is too long", message.len()));
    }
    let parts = message.chunks(MAX_FRAME - 1);
    let last = parts.len() - 1;
    let frame = |(index, part): (usize, &[u8])| {
        let mark = if index == last { LAST } else { MORE };
        [&[mark], part].concat()
    };
    Ok(parts.enumerate().map(frame).collect())
}

/// A message that is being received.
#[derive(Debug)]
pub(super) struct Incoming {
    longest: usize,
    begun: Vec<u8>,
}

impl Incoming {
    /// One that may be as long as `longest`.
    pub(super) fn new(longest: usize) -> Self {
        Self {
            longest,
            begun: Vec::new(),
        }
    }

    /// Takes the next frame, and gives the message that it ends; the next frame then begins another one.
    ///
    /// # Errors
    /// When it is none, or too long. The reason does not quote it.
    pub(super) fn take<T: DeserializeOwned>(&mut self, frame: &[u8]) -> Result<Option<T>, String> {
        let (mark, part) = frame.split_first().ok_or("an empty frame")?;
        if self.begun.len() + part.len() > self.longest {
            return Err("a message is too long".into());
        }
        match (*mark, self.begun.is_empty()) {
            (LAST, true) => decode(part).map(Some),
            (LAST | MORE, _) => {
                self.begun.extend_from_slice(part);
                if *mark == MORE {
                    return Ok(None);
                }
                decode(&std::mem::take(&mut self.begun)).map(Some)
            }
            _ => Err("a frame of another kind".into()),
        }
    }
}

fn decode<T: DeserializeOwned>(message: &[u8]) -> Result<T, String> {
    serde_json::from_slice(message).map_err(|error| format!("a broken message (column {})", error.column()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(length: usize) -> Request {
        let hint = Hint {
            extension: Some("x".repeat(length)),
        };
        let limits = Limits::default();
        Request::Inspect(vec![Inspection { hint, limits }])
    }

    #[test]
    fn a_message_of_any_length_comes_whole_and_the_next_one_after_it() {
        let mut incoming = Incoming::new(MAX_REQUEST);
        for length in [0, 1, MAX_FRAME, 3 * MAX_FRAME, 0] {
            let frames = encode(&hint(length), MAX_REQUEST).unwrap();
            assert!(frames.iter().all(|frame| frame.len() <= MAX_FRAME));
            assert_eq!(frames.len(), length / MAX_FRAME + 1);
            let take = |frame: &Vec<u8>| incoming.take::<Request>(frame).unwrap();
            let mut received: Vec<_> = frames.iter().map(take).collect();
            let Some(Some(Request::Inspect(inspections))) = received.pop() else {
                panic!("the last frame ends the message");
            };
            assert!(received.iter().all(Option::is_none));
            assert_eq!(inspections[0].hint.extension.as_ref().unwrap().len(), length);
        }
    }

    #[test]
    fn a_message_too_long_is_refused_at_both_ends() {
        let frames = encode(&hint(2 * MAX_FRAME), MAX_REQUEST).unwrap();
        assert!(encode(&hint(2 * MAX_FRAME), MAX_FRAME).is_err());
        let mut incoming = Incoming::new(MAX_FRAME);
        assert!(incoming.take::<Request>(&frames[0]).is_ok());
        assert!(incoming.take::<Request>(&frames[1]).is_err());
    }

    #[test]
    fn what_is_no_message_is_refused_without_being_quoted() {
        for broken in [&b""[..], b"\0", b"\x02{}", b"\0{\"facts\":\"secret\"}"] {
            let why = Incoming::new(MAX_ANSWER).take::<Answer>(broken).unwrap_err();
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
