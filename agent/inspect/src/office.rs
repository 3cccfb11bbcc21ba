//! Office documents: packages in zip, legacy ones in compound files, and the properties of both.

mod built_in_password;
pub(crate) mod legacy;
mod odf;
mod ooxml;
pub(crate) mod package;
mod property_set;
mod protected;
