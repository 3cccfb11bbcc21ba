//! The command line: each command is one small file.

pub(crate) mod enrol;
pub(crate) mod service;
pub(crate) mod unenrol;
