//! Formats that hold others: how to find what is inside, and whether it is encrypted.

pub(crate) mod cab;
pub(crate) mod compound;
pub(crate) mod contents;
pub(crate) mod cpio;
pub(crate) mod iso;
pub(crate) mod noise;
pub(crate) mod packed;
pub(crate) mod program;
pub(crate) mod rar;
pub(crate) mod sealed;
pub(crate) mod sevenzip;
pub(crate) mod tar;
pub(crate) mod uuencode;
pub(crate) mod zip;
