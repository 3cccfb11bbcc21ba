//! Office documents: packages in zip, legacy ones in compound files, and the properties of both.

mod built_in_password;
mod doc;
mod hwp;
pub(crate) mod legacy;
pub(crate) mod objects;
mod odf;
mod ooxml;
pub(crate) mod package;
mod ppt;
mod property_set;
mod protected;
mod xls;
