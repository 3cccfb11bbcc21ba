//! Stand-in until the scanner's is merged.

use serde::{Deserialize, Serialize};

/// A sketch of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch(pub Vec<u64>);
