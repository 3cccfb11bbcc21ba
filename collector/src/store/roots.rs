//! The CA's roots. Their private keys are not here but in files.

use jiff::Timestamp;

use super::{By, Reply};

fileward_protocol::words! {
    /// What a root is for.
    pub(crate) enum RootState {
        /// Trusted, but signs nothing yet.
        Standby = "standby",
        /// Signs.
        Active = "active",
        /// Trusted, but signs nothing any more.
        Former = "former",
        /// Trusted no more.
        Retired = "retired",
    }
}

/// A root of the CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RootRow {
    /// Its number, from 1; also in the name of its key file.
    pub id: u32,
    /// What it is for.
    pub state: RootState,
    /// Its certificate, PEM.
    pub certificate: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The roots as they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RootSet {
    /// Counts up with each change.
    pub serial: u64,
    /// Every root but the retired ones, by number.
    pub roots: Vec<RootRow>,
}

/// The CA's roots.
pub(crate) trait Roots {
    /// The roots as they stand.
    fn roots(&self) -> Reply<RootSet>;

    /// Adds a root: active if it is the first, else on standby. Its number must be the next one.
    fn add_root(&self, id: u32, certificate: String, by: By) -> Reply<()>;

    /// Lets another root sign.
    fn activate_root(&self, id: u32, by: By) -> Reply<()>;

    /// Ends the trust in a root that does not sign.
    fn retire_root(&self, id: u32, by: By) -> Reply<()>;

    /// The next number for a root.
    fn next_root(&self) -> Reply<u32>;

    /// How many devices that are not retired have not been given the roots of the current serial.
    fn devices_without_roots(&self) -> Reply<u64>;
}
