//! Turns OS events, which are only hints, into settled [`Sighting`]s; baseline and reconcile are the truth.

pub(crate) mod baseline;
pub(crate) mod open;
pub(crate) mod sighting;

pub(crate) use sighting::{Change, FileId, Sighting, Stat};
