//! Office documents: packages in zip, legacy ones in compound files, and the properties of both.

mod built_in_password;
mod designs;
mod doc;
mod epub;
mod hwp;
mod hwpx;
mod iwork;
mod layout;
pub(crate) mod legacy;
mod mpp;
pub(crate) mod number;
pub(crate) mod objects;
pub(crate) mod odf;
mod ofd;
pub(crate) mod onenote;
mod ooxml;
pub(crate) mod package;
mod ppt;
mod property_set;
mod protected;
mod publisher;
mod sketch;
mod vsd;
pub(crate) mod xls;
mod xmind;

#[cfg(test)]
mod tests;
