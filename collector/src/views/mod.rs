//! What is kept as JSON shows it: with `--json` on the command line, and in records that are given out.

pub(crate) mod correction;
pub(crate) mod device;
pub(crate) mod filing;
pub(crate) mod finding;
