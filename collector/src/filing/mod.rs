//! What is to be filed as people write it – in forms and in tables – and its check, the same for both.

pub(crate) mod draft;
pub(crate) mod size;
pub(crate) mod table;
pub(crate) mod time;

pub(crate) use draft::{Draft, Field};
