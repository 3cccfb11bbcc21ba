//! What makes this device itself: its keys, its clock, its boot and its fingerprint; one leaf per OS.

pub(crate) mod boot;
pub(crate) mod certificate;
pub(crate) mod clock;
pub(crate) mod enrolling;
pub(crate) mod fingerprint;
pub(crate) mod identity;
pub(crate) mod private;
mod secret;
