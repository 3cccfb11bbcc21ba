//! What is kept as JSON shows it: with `--json` on the command line, in records that are given out, and, in parts, to programs.

pub(crate) mod correction;
pub(crate) mod device;
pub(crate) mod filing;
pub(crate) mod finding;
pub(crate) mod parts;
